"""Ranges of images: found or given, and scaled to -1 to 1, which nets learn from."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from .aliases import Array, Range
from .arguments import real

Scale = Literal["auto"] | Sequence[float] | None

_SAY = "give scale=(lowest, highest), or put a scaler before"


def range_of(X: Array, scale: Scale) -> Range | None:
    """The range that X is to be scaled from: the given one, or with "auto" the usual range that X fits into.

    "auto" raises a ValueError if X fits into no usual range. None means that nothing is scaled.
    """
    if scale is None:
        return None
    if isinstance(scale, str) and scale == "auto":
        return _found(X)
    if isinstance(scale, str) or not isinstance(scale, Sequence | np.ndarray) or len(scale) != 2:
        raise ValueError(f'scale must be "auto", (lowest, highest) or None, not {scale!r}')
    low, high = (real(one, "scale") for one in scale)
    if not low < high:
        raise ValueError(f"scale must be (lowest, highest), not {scale!r}")
    return low, high


def _found(X: Array) -> Range:
    low, high = float(X.min()), float(X.max())
    if -1 <= low < 0 and high <= 1:
        return -1.0, 1.0
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    if low >= 0 and high == 16 and (np.round(X) == X).all():
        return 0.0, 16.0  # scikit-learn's digits
    if low >= 0 and 128 < high <= 255:
        return 0.0, 255.0
    raise ValueError(f'scale="auto" does not know the range of X, which goes from {low:g} to {high:g}: {_SAY}')


def scaled(X: Array, range: Range) -> Array:
    """X scaled from that range to -1 to 1; a ValueError if X clearly has another range."""
    low, high = range
    least, most, room = float(X.min()), float(X.max()), (high - low) / 2
    fractions = high - low > 10 and least >= 0 and 0 < most <= 1 and (np.round(X) != X).any()
    if least < low - room or most > high + room or fractions:
        raise ValueError(
            f"X goes from {least:g} to {most:g}, and the scale in use is that of {low:g} to {high:g}: {_SAY}"
        )
    brought: Array = (X - X.dtype.type(low)) * X.dtype.type(2 / (high - low)) - X.dtype.type(1)
    return brought
