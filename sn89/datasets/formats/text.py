"""Digits as lines of text: a label and grey levels, apart by commas, semicolons, tabs or blanks; or in LIBSVM's form.

A table may have a line of names first, which say where the label is; without one the label is the first or the last
column, whichever looks like labels. Numbers of the rows, as pandas and R write them, are left out. Between semicolons
or tabs a comma is a decimal point, as in much of Europe. Lines that begin with ``@`` or ``%`` are the head of an ARFF
file. LIBSVM's lines are a label, then ``index:level`` with indices from 1; levels that are left out are 0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from .bounds import Bounds
from .packed import Recoded, Stream

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]

LINE = 2**20  # bytes of a line: 28x28 levels of 16 decimals take 15,000
NAMES = re.compile(rb"(?:labels?|class(?:es)?|targets?|digits?|y|gnd|answers?)(?:[_.]?(?:train|test))?", re.IGNORECASE)
NUMBERED = re.compile(rb"|unnamed: ?\d+|id|index|row\.?names?|no\.?", re.IGNORECASE)  # names of the numbers of rows
PICTURE = re.compile(rb"\.(?:png|jpe?g|bmp|tiff?|gif)$", re.IGNORECASE)
BLANK = 100  # lines that may be at the end
HEAD = 10_000  # lines of remarks that may be at the beginning
MARK = b"\xef\xbb\xbf"  # that some editors put before text
WIDE = (b"\xff\xfe", b"\xfe\xff")  # before text of UTF-16, as Excel saves it
CLASSES = 10
SQUARES = (64, 256, 784)  # pixels of digits in LIBSVM's form, which may leave out the last ones: they are paper


def read(stream: Stream, bounds: Bounds) -> dict[str, Floats | Labels]:
    """The images (n, pixels) and the labels of lines of text, of whichever form they are."""
    first = stream.peek(2**16)
    old = b"\r" in first and b"\n" not in first  # the ends of lines of old Macs, and of Excel's "CSV (Macintosh)"
    if first.startswith(WIDE) or old:
        stream = Recoded.stream(stream, "utf-8" if old else "utf-16")
        first = stream.peek(2**12)
    if b"\0" in first:
        raise ValueError(
            "it is no file of digits of a known kind, which are IDX, text (CSV and LIBSVM's), .npz, .npy, .mat and "
            ".h5: numpy.savez('digits.npz', X=images, y=labels) writes one"
        )
    start = next((line for line in first.split(b"\n") if line.strip() and not line.startswith(b"#")), b"")
    images, labels = (libsvm if re.search(rb"\d:", start) else table)(stream, bounds)
    arrays: dict[str, Floats | Labels] = {"images": images} if images.size else {}
    return arrays if labels is None else {**arrays, "labels": labels}


def lines(stream: Stream, bounds: Bounds) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers from 1; blank ones at the end are left out."""
    blank = number = size = 0
    while line := stream.readline(LINE + 1):
        number, size = number + 1, size + len(line)
        bounds.check_text(size)
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
        i = next(i for i, word in enumerate(words) if not _is_number(word))
        word = words[i][:20].decode("utf-8", "replace")
        why = " but the name of a picture: name the folder" if PICTURE.search(words[i]) else ""
        raise ValueError(f"{word!r} is not a number{why}" if word else f"column {i + 1} is empty") from None


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
    rows, names, split = _Rows(bounds), list[bytes](), _separator(b"")
    columns = 0 if bounds.pixels is None else bounds.pixels + 1
    for number, line in lines(stream, bounds):
        if line[:1] in (b"@", b"%", b"#") and not rows.found:
            if number > HEAD:
                raise ValueError(f"line {number}: more than {HEAD:,} lines of remarks before the first digit")
            continue
        try:
            if not rows.found and not names:
                split = _separator(line)
            words = split(line, columns)
            if not rows.found and not names and bounds.pixels is None and _are_names(words):
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
    if bounds.pixels is not None:
        return numbers[:, 1:], rows.labels(numbers[:, 0], "label")
    if len(names) == columns - 1:
        names = [b"", *names]  # as R's write.table has them
    numbers, names = _without_index(numbers, names if len(names) == columns else [])
    where = _label_column(numbers, names)
    if where is None:
        return numbers, None
    labels = rows.labels(numbers[:, where], "label")
    if where not in (0, numbers.shape[1] - 1):
        return np.delete(numbers, where, axis=1), labels
    return numbers[:, 1:] if where == 0 else numbers[:, :-1], labels


Split = Callable[[bytes, int], list[bytes]]  # a line and how many columns are expected, or 0: one too many is enough


def _blanks(line: bytes, columns: int) -> list[bytes]:
    words = line.split(None, columns or -1)
    return [word.strip(b"\"'") for word in words] if b'"' in line else words


def _commas(line: bytes, columns: int) -> list[bytes]:
    return [word.strip(b"\"' \t") for word in line.strip().split(b",", columns or -1)]


def _semicolons(line: bytes, columns: int, separator: bytes = b";") -> list[bytes]:
    """What is apart by semicolons, or by tabs, may have commas for decimal points."""
    return [word.strip(b"\"' \t") for word in line.strip().replace(b",", b".").split(separator, columns or -1)]


def _tabs(line: bytes, columns: int) -> list[bytes]:
    return _semicolons(line, columns, b"\t")


def _separator(line: bytes) -> Split:
    """How the lines of a table are to be split, by the first of them."""
    line = line.strip()
    if b";" in line:
        return _semicolons
    if b"\t" in line and (b" " not in line or re.search(rb"[^\W\d]", line)):
        return _tabs
    return _commas if b"," in line else _blanks


def _are_names(words: list[bytes]) -> bool:
    """Whether the first line has names and not numbers; those that pandas gives count from 0."""
    counted = len(words) > 4 and [b"%d" % i for i in range(len(words))] == words
    return counted or not all(map(_is_number, words))


def _without_index(numbers: Floats, names: list[bytes]) -> tuple[Floats, list[bytes]]:
    """A table without the columns before all others that only number its rows, as pandas and R write them."""
    while numbers.shape[1] > 1:
        first = numbers[:, 0]
        counts = len(first) > 2 and first[0] in (0, 1) and bool((np.diff(first) == 1).all())
        if names and NUMBERED.fullmatch(names[0]) is None:
            break
        if not names and not (counts and (len(first) > CLASSES or not is_square(numbers.shape[1] - 1))):
            break
        numbers, names = numbers[:, 1:], names[1:]
    return numbers, names


def _label_column(numbers: Floats, names: list[bytes]) -> int | None:
    """Where the label is: where a name says so, else in the first or last column; None if there is none."""
    columns = numbers.shape[1]
    named = [i for i, name in enumerate(names) if NAMES.fullmatch(name)]
    if len(named) == 1:
        if columns > 1 and not is_square(columns - 1):
            raise ValueError(
                f"beside the label, which is column {names[named[0]].decode('utf-8', 'replace')!r}, it has "
                f"{columns - 1} columns, which are not the pixels of a square image{_others(names)}"
            )
        return named[0]
    if columns == 1:
        return 0
    if is_square(columns):
        return None
    if not is_square(columns - 1):
        raise ValueError(f"it has {columns} columns, expected a label and the pixels of a square image{_others(names)}")
    first, last = (_like_labels(numbers[:, i]) for i in (0, -1))
    return 0 if first >= last else columns - 1


def _others(names: list[bytes]) -> str:
    """Which few columns have names of their own, where the others are numbered: they may be too many."""
    alone = [name.decode("utf-8", "replace")[:30] for name in names if not re.search(rb"\d", name)]
    alone = [name for name in alone if not NAMES.fullmatch(name.encode())]
    return f": leave out {', '.join(map(repr, alone))}" if 0 < len(alone) <= 5 else ""


def _like_labels(column: Floats) -> tuple[bool, int]:
    """How much a column looks like labels: ten classes at most, counted from 0 or 1, come before many different levels;
    then the one with more different values, since an image's corners are mostly paper.
    """
    different = _different_labels(column)
    return different > 1 and bool(column.max() <= CLASSES), different


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
    rows, most, where, from_0 = _Rows(bounds), bounds.pixels or 2**16, list[NDArray[np.int32]](), False
    least = 1 if bounds.pixels else 0
    for number, line in lines(stream, bounds):
        line, _, note = line.partition(b"#")
        if not line.strip():  # a remark, as scikit-learn writes it
            from_0 = from_0 or b"zero-based" in note
            continue
        try:
            row, indices = _sparse(line, least, most, bounds)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        rows.add(number, row)
        where.append(indices)
    if not rows.found:
        raise ValueError("it is empty: there is no digit in it")
    labels = rows.labels(np.array([row[0] for row in rows.found]), "label")
    if from_0 or min(int(one.min()) for one in where) < 0:
        where = [one + 1 for one in where]
    last = max(int(one.max()) for one in where)
    pixels = bounds.pixels or next((most for most in SQUARES if last < most), (math.isqrt(last) + 1) ** 2)
    bounds.check(4 * pixels * len(where), "its images")
    images = np.zeros((len(where), pixels), np.float32)
    for image, row, indices in zip(images, rows.found, where, strict=True):
        image[indices] = row[1:] + np.float32(0)  # no negative zeros
    return images, labels


def _sparse(line: bytes, least: int, most: int, bounds: Bounds) -> tuple[Floats, NDArray[np.int32]]:
    """The label and the levels of a line, and which pixels these are of, from 0."""
    words = line.split(maxsplit=most + 1)
    if len(words) < 2:
        raise ValueError("a label without any level")
    pairs = [word.partition(b":") for word in words[1 : most + 2]]
    row = _numbers([words[0], *(level for _, _, level in pairs)])
    _check_levels(row[1:], bounds)
    indices = _numbers([index for index, _, _ in pairs])
    wrong = ~((indices >= least) & (indices <= most) & (indices == np.rint(indices)))
    if wrong.any():
        index = pairs[wrong.argmax()][0][:20].decode("utf-8", "replace")
        raise ValueError(f"index {index!r} is not one of {least} to {most}")
    if len(np.unique(indices)) < len(indices):
        raise ValueError("an index occurs twice")
    return row, indices.astype(np.int32) - 1
