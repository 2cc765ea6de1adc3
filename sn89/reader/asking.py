"""The arguments of a reader that need judging: where to read, and how many digits there are."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..arguments import whole

Region = tuple[int, int, int, int]  # left, top, width, height

MOST = 99  # digits of a line whose number is known


def count_of(digits: int | tuple[int, int] | None) -> tuple[int, int] | None:
    """The least and the largest number of digits, checked; None if they are not known."""
    if digits is None:
        return None
    both = digits if isinstance(digits, tuple | list) else (digits, digits)
    if len(both) != 2:
        raise ValueError(f"digits must be a number of digits, or the least and the largest number, not {digits!r}")
    least, most = (whole(one, "digits", least=1, most=MOST) for one in both)
    if least > most:
        raise ValueError(f"digits must be the least and then the largest number, not {least} and {most}")
    return least, most


def regions_of(region: Any, height: int, width: int) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right and bottom of each region, cut off at the edges of the picture."""
    if region is None:
        yield 0, 0, width, height
        return
    try:
        several: Sequence[Any] = [region] if np.ndim(region) == 1 else list(region)
        boxes = [tuple(whole(one, "region", least=-(10**9), most=10**9) for one in box) for box in several]
    except ValueError as error:
        raise ValueError(f"a region must be four whole numbers, x, y, width, height: {error}") from None
    if not boxes or any(len(box) != 4 for box in boxes):
        raise ValueError(f"a region must be four whole numbers, x, y, width, height, or several such, not {region!r}")
    for x, y, w, h in boxes:
        left, top, right, bottom = max(0, x), max(0, y), min(width, x + w), min(height, y + h)
        if w < 1 or h < 1 or left >= right or top >= bottom:
            raise ValueError(
                f"there is nothing to read in the region x {x}, y {y}, width {w}, height {h}: "
                f"the picture is {width} wide and {height} high"
            )
        yield left, top, right, bottom
