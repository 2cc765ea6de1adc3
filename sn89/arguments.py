"""What a number given by a user must be, said once: each function returns it in its normal form or raises.

Every message begins with `what` it is that was given.
"""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

_LARGEST = 2**31 - 1  # of an int in C
LARGEST_SEED = 2**64 - 1
LARGEST_COUNT = 2**62  # of presentations: more than ever will be


def whole(value: object, what: str, least: int | None = None, most: int = _LARGEST) -> int:
    """A whole number, no bool, from `least` to `most`."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{what} must be a whole number, not {value!r}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{what} must be a whole number, not {value!r}") from None
    if least is not None and number < least:
        raise ValueError(f"{what} must be at least {least}, not {number}")
    if abs(number) > most:
        raise ValueError(f"{what} must be at most {most}, not {number}")
    return number


def pair(value: object, what: str) -> tuple[int, int]:
    """A (vertical, horizontal) pair of whole numbers, from one number or two."""
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        if len(value) != 2:
            raise ValueError(f"{what} must be one number or (height, width), not {value!r}")
        return whole(value[0], what), whole(value[1], what)
    number = whole(value, what)
    return number, number


def real(value: object, what: str) -> float:
    """A number, no bool, that float32 can hold."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"{what} must be a number, not {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    with np.errstate(over="ignore", under="ignore"):
        held = np.float32(number)
    if not np.isfinite(held):
        raise ValueError(f"{what} must be finite in float32, not {number:g}")
    if number != 0 and held == 0:
        raise ValueError(f"{what} must not vanish in float32, as {number:g} does")
    return number


def positive(value: object, what: str) -> float:
    """A number above 0 that float32 can hold."""
    number = real(value, what)
    if number <= 0:
        raise ValueError(f"{what} must be positive, not {number:g}")
    return number


def instance(value: object, base: type, what: str) -> Any:
    """One of the values that are made of `base`, which by itself is none."""
    if not isinstance(value, base) or type(value) is base:
        known: list[type] = base.__subclasses__()
        kinds = [f"sn89.{one.__name__}" for one in known if one.__module__.startswith("sn89.")]
        meant = f"; did you mean {value.__name__}()?" if isinstance(value, type) and value in known else ""
        raise TypeError(f"{what} must be a {base.__name__}, one of {', '.join(kinds)}, not {value!r}{meant}")
    return value
