"""Bounds for the content of a file of digits."""

from __future__ import annotations

import math
from typing import NamedTuple

LIMIT = 2**28  # bytes of content: five times MNIST's training images
PACKING = 100  # largest ratio of text to the compressed file; MNIST's CSV has 8, digits of two levels have 30
SHORT = 2**22  # bytes of text that are allowed in any case
ROW = 2**12  # bytes that a digit of a text file is assumed to take, which bounds the number of digits


class Bounds(NamedTuple):
    """Bounds for a file, and what is known of its content."""

    limit: int = LIMIT  # bytes that its arrays may take
    pixels: int | None = None  # of an image
    low: float = -math.inf  # the range of grey levels
    high: float = math.inf
    labels: range = range(1000)
    digits: int | None = None  # largest number of digits
    packed: int | None = None  # size of the file itself in bytes, which bounds the work for its text

    @property
    def lines(self) -> int:
        """Largest number of digits in a text file."""
        return self.limit // ROW if self.digits is None else self.digits

    def check(self, size: int, what: str) -> None:
        """Raise a ValueError if `what` has more bytes than allowed."""
        if size > self.limit:
            raise ValueError(f"{what} has {size:,} bytes, more than the limit of {self.limit:,}")

    def check_text(self, size: int) -> None:
        """Raise a ValueError if text has more bytes than digits in a file of this size can have."""
        if self.packed is not None and size > SHORT + PACKING * self.packed:
            raise ValueError(f"its text is more than {PACKING} times as long as the file, so it does not hold digits")
