"""Digits as lines of text: a label and grey levels, apart by commas, semicolons or blanks; or in LIBSVM's form.

A table may have a line of names first, which say where the label is; without one the label is the first or the last
column, whichever looks like labels. Lines that begin with ``@`` or ``%`` are the head of an ARFF file. LIBSVM's lines
are a label, then ``index:level`` with indices from 1; levels that are left out are 0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .bounds import Bounds
from .packed import Stream

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]

LINE = 2**20  # bytes of a line: 28x28 levels of 16 decimals take 15,000
NAMES = re.compile(rb"label|labels|class|target|digit|y|gnd", re.IGNORECASE)
BLANK = 100  # lines that may be at the end
MARK = b"\xef\xbb\xbf"  # that some editors put before text


def read(stream: Stream, bounds: Bounds) -> dict[str, NDArray[np.float32] | NDArray[np.int64]]:
    """The images (n, pixels) and the labels of lines of text, of whichever form they are."""
    first = stream.peek(2**12)
    if b"\0" in first:
        raise ValueError("it is no file of digits of a known kind")
    start = next((line for line in first.split(b"\n") if line.strip()), b"")
    images, labels = (libsvm if b":" in start else table)(stream, bounds)
    return {"images": images} if labels is None else {"images": images, "labels": labels}


def lines(stream: Stream) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers from 1; blank ones at the end are left out."""
    blank = number = 0
    while line := stream.readline(LINE + 1):
        number += 1
        if len(line) > LINE:
            raise ValueError(f"line {number}: it has more than {LINE:,} bytes")
        if not line.strip():
            blank = blank or number
            if number - blank >= BLANK:
                raise ValueError(f"line {number}: more than {BLANK} blank lines")
        elif blank:
            raise ValueError(f"line {blank}: a blank line, expected a label and grey levels")
        else:
            yield number, line.removeprefix(MARK) if number == 1 else line


class _Rows:
    """What was read of each line, counted: the first line too many ends it."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds, self.numbers, self.found, self.size = bounds, list[int](), list[NDArray[np.float32]](), 0

    def add(self, number: int, row: Floats) -> None:
        self.size += row.nbytes
        self.bounds.check(self.size, f"line {number}: all up to it")
        if len(self.found) == self.bounds.lines:
            raise ValueError(f"line {number}: there are more digits than {self.bounds.lines:,}, the most there may be")
        self.numbers.append(number)
        self.found.append(row)

    def stacked(self) -> Floats:
        """All rows as one array, which takes their places: there is no negative zero in it."""
        together = np.empty((len(self.found), len(self.found[0])), np.float32)
        self.found.reverse()
        for row in together:
            np.add(self.found.pop(), np.float32(0), out=row)
        return together

    def labels(self, values: Floats, words: str) -> Labels:
        """Labels that are whole numbers and in the range."""
        whole = np.isfinite(values) & (values == np.rint(values))
        least, most = self.bounds.labels[0], self.bounds.labels[-1]
        wrong = ~(whole & (values >= least) & (values <= most))
        if wrong.any():
            i = int(wrong.argmax())
            raise ValueError(f"line {self.numbers[i]}: {words} {values[i]:g} is not one of {least} to {most}")
        return values.astype(np.int64)


def _numbers(words: list[bytes]) -> Floats:
    try:
        with np.errstate(over="ignore"):  # infinity is refused as a level
            return np.array(list(map(float, words))).astype(np.float32)
    except (ValueError, OverflowError):
        raise ValueError(f"{next(word for word in words if not _is_number(word))[:20]!r} is not a number") from None


def _is_number(word: bytes) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _check_levels(levels: Floats, bounds: Bounds) -> None:
    inside = (levels >= bounds.low) & (levels <= bounds.high) & np.isfinite(levels)
    if not inside.all():
        between = "" if math.isinf(bounds.low) else f" from {bounds.low:g} to {bounds.high:g}"
        raise ValueError(f"{levels[inside.argmin()]:g} is not a grey level{between}")


# ---- Tables ---------------------------------------------------------------------------------------------------------


def table(stream: Stream, bounds: Bounds) -> tuple[Floats, Labels | None]:
    """Digits of a table: images (n, pixels), and labels, None if it has none.

    Raises
    ------
    ValueError
        If a line is not of this form (the message numbers it), or there is none.
    """
    rows, names = _Rows(bounds), list[bytes]()
    columns = 0 if bounds.pixels is None else bounds.pixels + 1
    for number, line in lines(stream):
        if line[:1] in (b"@", b"%") and not rows.found:
            continue
        try:
            words = _words(line, columns)
            if not rows.found and not names and bounds.pixels is None and not all(map(_is_number, words)):
                names = words
                continue
            columns = columns or len(words)
            if len(words) != columns:
                found = len(words) if len(words) < columns else f"more than {columns}"
                raise ValueError(f"{found} columns, expected {columns}: a label and {columns - 1} grey levels")
            row = _numbers(words)
            _check_levels(row if bounds.pixels is None else row[1:], bounds)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        rows.add(number, row)
    if not rows.found:
        raise ValueError("it is empty: there is no digit in it")
    numbers = rows.stacked()
    where = 0 if bounds.pixels is not None else _label_column(numbers, names)
    if where is None:
        return numbers, None
    labels = rows.labels(numbers[:, where], "label")
    if where not in (0, numbers.shape[1] - 1):
        return np.delete(numbers, where, axis=1), labels
    return numbers[:, 1:] if where == 0 else numbers[:, :-1], labels


def _words(line: bytes, columns: int) -> list[bytes]:
    """The columns of a line, but no more than one too many, however long it is."""
    line = line.strip()
    separator = b"," if b"," in line else b";" if b";" in line else None
    words = line.split(separator, columns or -1)
    return [word.strip(b"\"' \t") for word in words] if separator else words


def _label_column(numbers: Floats, names: list[bytes]) -> int | None:
    """Where the label is: where a name says so, else in the first or last column; None if there is none."""
    named = [i for i, name in enumerate(names) if NAMES.fullmatch(name)]
    if len(named) == 1 and len(names) == numbers.shape[1]:
        return named[0]
    if is_square(numbers.shape[1]):
        return None
    if not is_square(numbers.shape[1] - 1):
        raise ValueError(f"it has {numbers.shape[1]} columns, expected a label and the pixels of a square image")
    first, last = (_like_labels(numbers[:, i]) for i in (0, -1))
    return 0 if first >= last else numbers.shape[1] - 1


def _like_labels(column: Floats) -> tuple[bool, int]:
    """How much a column looks like labels: ten classes at most, counted from 0 or 1, come before many different levels;
    then the one with more different values, since an image's corners are mostly paper.
    """
    different = _different_labels(column)
    return different > 1 and bool(column.max() <= 10), different


def _different_labels(column: Floats) -> int:
    """How many labels a column would have; 0 if these are none."""
    if (column < 0).any() or (column > 255).any() or (column != np.rint(column)).any():
        return 0
    return len(np.unique(column))


def is_square(pixels: int) -> bool:
    """Whether a square image may have so many pixels."""
    return pixels >= 4 and math.isqrt(pixels) ** 2 == pixels


# ---- LIBSVM's form --------------------------------------------------------------------------------------------------


def libsvm(stream: Stream, bounds: Bounds) -> tuple[Floats, Labels]:
    """Digits of lines of a label and ``index:level``, which leave out levels of 0.

    Raises
    ------
    ValueError
        If a line is not of this form (the message numbers it), or there is none.
    """
    rows, most, where = _Rows(bounds), bounds.pixels or 2**16, list[NDArray[np.int32]]()
    for number, line in lines(stream):
        try:
            row, indices = _sparse(line, most, bounds)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        rows.add(number, row)
        where.append(indices)
    if not rows.found:
        raise ValueError("it is empty: there is no digit in it")
    labels = rows.labels(np.array([row[0] for row in rows.found]), "label")
    pixels = bounds.pixels or (math.isqrt(max(int(one.max()) for one in where)) + 1) ** 2
    bounds.check(4 * pixels * len(where), "its images")
    images = np.zeros((len(where), pixels), np.float32)
    for image, row, indices in zip(images, rows.found, where, strict=True):
        image[indices] = row[1:] + np.float32(0)  # no negative zeros
    return images, labels


def _sparse(line: bytes, most: int, bounds: Bounds) -> tuple[Floats, NDArray[np.int32]]:
    """The label and the levels of a line, and which pixels these are of, from 0."""
    words = line.split(maxsplit=most + 1)
    if len(words) < 2:
        raise ValueError("a label without any level")
    pairs = [word.partition(b":") for word in words[1 : most + 2]]
    row = _numbers([words[0], *(level for _, _, level in pairs)])
    _check_levels(row[1:], bounds)
    indices = _numbers([index for index, _, _ in pairs])
    wrong = ~((indices >= 1) & (indices <= most) & (indices == np.rint(indices)))
    if wrong.any():
        raise ValueError(f"index {pairs[wrong.argmax()][0][:20]!r} is not one of 1 to {most}")
    if len(np.unique(indices)) < len(indices):
        raise ValueError("an index occurs twice")
    return row, indices.astype(np.int32) - 1
