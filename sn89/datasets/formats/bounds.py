"""What a file of digits may hold."""

from __future__ import annotations

import math
from typing import NamedTuple

LIMIT = 2**28  # bytes of content: five times MNIST's training images
PACKING = 100  # times as long as it is packed text may be: MNIST's CSV is eight times so, digits of two levels thirty
SHORT = 2**22  # bytes of text that need no judgement
ROW = 2**12  # bytes that a digit of a file of text is taken to need, at least: they bound how many there are


class Bounds(NamedTuple):
    """What is expected of a file, as far as it is known.

    Parameters
    ----------
    limit : int
        Bytes that its arrays may take.
    pixels : int, optional
        Of an image.
    low, high : float
        Range of grey levels.
    labels : range
        Range of labels.
    digits : int, optional
        How many there may be.
    packed : int, optional
        Bytes that the file itself has, by which the work is bounded that text makes.
    """

    limit: int = LIMIT
    pixels: int | None = None
    low: float = -math.inf
    high: float = math.inf
    labels: range = range(1000)
    digits: int | None = None
    packed: int | None = None

    @property
    def lines(self) -> int:
        """How many digits a file of text may have."""
        return self.limit // ROW if self.digits is None else self.digits

    def check(self, size: int, what: str) -> None:
        """Raise a ValueError if so many bytes are too many."""
        if size > self.limit:
            raise ValueError(f"{what} has {size:,} bytes, more than the limit of {self.limit:,}")

    def check_text(self, size: int) -> None:
        """Raise a ValueError if so many bytes of text are more than the file can honestly hold."""
        if self.packed is not None and size > SHORT + PACKING * self.packed:
            raise ValueError(f"its text is more than {PACKING} times as long as the file, which no digits are")
