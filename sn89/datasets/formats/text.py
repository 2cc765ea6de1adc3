"""Digits as lines of text: tables of a label and grey levels, or LIBSVM's format.

The columns of a table are separated by commas, semicolons, tabs or blanks. If there is a line of names, it says where
the label is; otherwise the label is the first or the last column, whichever looks more like labels. Row numbers, which
pandas and R write, are ignored. Between semicolons or tabs a comma is a decimal point, as in much of Europe. Lines that
begin with ``@`` or ``%`` are the head of an ARFF file. A line in LIBSVM's format is a label, then ``index:level`` with
indices from 1; missing levels are 0.

pandas and scikit-learn read such files too, but without a bound for the memory that they take.
"""

import io
import math
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ...aliases import Floats
from .packed import CHUNK, Bounds, Recoded, Stream

Labels = NDArray[np.int64]

LINE = 2**20  # bytes of a line; 28x28 levels with 16 decimals take 15,000
NAMES = re.compile(rb"(?:labels?|class(?:es)?|targets?|digits?|y|gnd|answers?)(?:[_.]?(?:train|test))?", re.IGNORECASE)
NUMBERED = re.compile(rb"|unnamed: ?\d+|id|index|row\.?names?|no\.?", re.IGNORECASE)  # names of columns of row numbers
PICTURE = re.compile(rb"\.(?:png|jpe?g|bmp|tiff?|gif)$", re.IGNORECASE)
BLANK = 100  # blank lines at the end, at most
HEAD = 10_000  # lines of remarks at the beginning, at most
MARK = b"\xef\xbb\xbf"  # some editors begin text with this
WIDE = (b"\xff\xfe", b"\xfe\xff")  # the beginning of UTF-16 text, as Excel saves it
CLASSES = 10
SQUARES = (64, 256, 784)  # usual numbers of pixels in LIBSVM's format, whose last pixels may be missing


def read(stream: Stream, bounds: Bounds) -> dict[str, Floats | Labels]:
    """The images (n, pixels) and the labels in lines of text."""
    first = stream.peek(2**16)
    old = b"\r" in first and b"\n" not in first  # line ends of old Macs, and of Excel's "CSV (Macintosh)"
    if first.startswith(WIDE) or old:
        stream = io.BufferedReader(Recoded(stream, "utf-8" if old else "utf-16"), CHUNK)
        first = stream.peek(2**12)
    if b"\0" in first:
        raise ValueError(
            "its format is not known; sn89 reads IDX, text (CSV and LIBSVM), .npz, .npy, .mat and .h5: write a file "
            "with numpy.savez('digits.npz', X=images, y=labels)"
        )
    start = next((line for line in first.split(b"\n") if line.strip() and not line.startswith(b"#")), b"")
    images, labels = (libsvm if re.search(rb"\d:", start) else table)(stream, bounds)
    arrays: dict[str, Floats | Labels] = {"images": images} if images.size else {}
    return arrays if labels is None else {**arrays, "labels": labels}


def lines(stream: Stream, bounds: Bounds) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers from 1, without blank lines at the end."""
    blank = number = size = 0
    while line := stream.readline(LINE + 1):
        number, size = number + 1, size + len(line)
        bounds.check_text(size)
        if len(line) > LINE:
            raise ValueError(f"line {number}: it has more than {LINE:,} bytes")
        if not line.strip():
            blank = blank or number
            if number - blank >= BLANK:
                raise ValueError(f"line {number}: there are more than {BLANK} blank lines")
        elif blank:
            raise ValueError(f"line {blank}: it is blank, expected a label and grey levels")
        else:
            yield number, line.removeprefix(MARK) if number == 1 else line


class _Rows:
    """The numbers of each line, within the bounds for their size and number."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds, self.numbers, self.found, self.size = bounds, list[int](), list[NDArray[np.float32]](), 0

    def add(self, number: int, row: Floats) -> None:
        self.size += row.nbytes
        self.bounds.check(self.size, f"line {number}: all up to it")
        if len(self.found) == self.bounds.lines:
            raise ValueError(f"line {number}: there are more digits than the limit of {self.bounds.lines:,}")
        self.numbers.append(number)
        self.found.append(row)

    def check_any(self) -> None:
        if not self.found:
            raise ValueError("it is empty: there is no digit in it")

    def stacked(self) -> Floats:
        """All rows as one array without negative zeros; each row is freed as it is copied."""
        self.check_any()
        together = np.empty((len(self.found), len(self.found[0])), np.float32)
        self.found.reverse()
        for row in together:
            np.add(self.found.pop(), np.float32(0), out=row)
        return together

    def labels(self, values: Floats) -> Labels:
        """Labels as int64, which must be whole numbers in the range."""
        whole = np.isfinite(values) & (values == np.rint(values))
        least, most = self.bounds.labels[0], self.bounds.labels[-1]
        wrong = ~(whole & (values >= least) & (values <= most))
        if wrong.any():
            i = int(wrong.argmax())
            raise ValueError(f"line {self.numbers[i]}: label {values[i]:g} is not one of {least} to {most}")
        return values.astype(np.int64)


def _numbers(words: list[bytes]) -> Floats:
    try:
        with np.errstate(over="ignore"):  # an infinite level is refused later
            return np.array(list(map(float, words))).astype(np.float32)
    except (ValueError, OverflowError):
        i = next(i for i, word in enumerate(words) if not _is_number(word))
        word = words[i][:20].decode("utf-8", "replace")
        why = " but the name of a picture: give the folder of pictures" if PICTURE.search(words[i]) else ""
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


def table(stream: Stream, bounds: Bounds) -> tuple[Floats, Labels | None]:
    """The images (n, pixels) of a table, and its labels or None; the error for a bad line gives its number."""
    rows, names, separator = _Rows(bounds), list[bytes](), _separator(b"")
    columns = 0 if bounds.pixels is None else bounds.pixels + 1
    for number, line in lines(stream, bounds):
        if line[:1] in (b"@", b"%", b"#") and not rows.found:
            if number > HEAD:
                raise ValueError(f"line {number}: more than {HEAD:,} lines of remarks before the first digit")
            continue
        try:
            if not rows.found and not names:
                separator = _separator(line)
            words = _split(line, separator, columns)
            if not rows.found and not names and bounds.pixels is None and _are_names(words):
                names = words
                continue
            columns = columns or len(words)
            if len(words) != columns:
                found = len(words) if len(words) < columns else f"more than {columns}"
                raise ValueError(f"it has {found} columns, expected {columns}: a label and {columns - 1} grey levels")
            row = _numbers(words)
            _check_levels(row if bounds.pixels is None else row[1:], bounds)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        rows.add(number, row)
    numbers = rows.stacked()
    if bounds.pixels is not None:
        return numbers[:, 1:], rows.labels(numbers[:, 0])
    if len(names) == columns - 1:
        names = [b"", *names]  # R's write.table gives no name to the row numbers
    numbers, names = _without_index(numbers, names if len(names) == columns else [])
    where = _label_column(numbers, names)
    if where is None:
        return numbers, None
    labels = rows.labels(numbers[:, where])
    if where not in (0, numbers.shape[1] - 1):
        return np.delete(numbers, where, axis=1), labels
    return numbers[:, 1:] if where == 0 else numbers[:, :-1], labels


def _split(line: bytes, separator: bytes | None, columns: int) -> list[bytes]:
    """The words of a line between separators or blanks, at most one more than expected, if `columns` is not 0."""
    if separator in (b";", b"\t"):
        line = line.replace(b",", b".")  # commas are decimal points
    words = line.strip().split(separator, columns or -1)
    return words if separator is None and b'"' not in line else [word.strip(b"\"' \t") for word in words]


def _separator(line: bytes) -> bytes | None:
    """The separator of columns in a table, found in its first line; None for blanks."""
    line = line.strip()
    if b";" in line:
        return b";"
    if b"\t" in line and (b" " not in line or re.search(rb"[^\W\d]", line)):
        return b"\t"
    return b"," if b"," in line else None


def _are_names(words: list[bytes]) -> bool:
    """Whether the first line has names and not numbers; the names of pandas may be numbers from 0."""
    counted = len(words) > 4 and [b"%d" % i for i in range(len(words))] == words
    return counted or not all(map(_is_number, words))


def _without_index(numbers: Floats, names: list[bytes]) -> tuple[Floats, list[bytes]]:
    """A table without first columns that only number its rows, as pandas and R write them."""
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
    """The column of the label: the one with such a name, else the first or last one; None if there is none."""
    columns = numbers.shape[1]
    named = [i for i, name in enumerate(names) if NAMES.fullmatch(name)]
    if len(named) == 1:
        if columns > 1 and not is_square(columns - 1):
            raise ValueError(
                f"besides the label in column {names[named[0]].decode('utf-8', 'replace')!r} it has {columns - 1} "
                f"columns, which are not the pixels of a square image{_others(names)}"
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
    """Advice to leave out the few columns whose names have no number, unlike those of pixels."""
    alone = [name.decode("utf-8", "replace")[:30] for name in names if not re.search(rb"\d", name)]
    alone = [name for name in alone if not NAMES.fullmatch(name.encode())]
    return f": leave out {', '.join(map(repr, alone))}" if 0 < len(alone) <= 5 else ""


def _like_labels(column: Floats) -> tuple[bool, int]:
    """A measure of how much a column looks like labels.

    A column of at most ten classes from 0 or 1 on comes before one of many levels. Among such columns the one with more
    different values comes first, because the corners of images are mostly paper.
    """
    if (column < 0).any() or (column > 255).any() or (column != np.rint(column)).any():
        return False, 0
    different = len(np.unique(column))
    return different > 1 and bool(column.max() <= CLASSES), different


def is_square(pixels: int) -> bool:
    """Whether a square image may have this number of pixels."""
    return pixels >= 4 and math.isqrt(pixels) ** 2 == pixels


def libsvm(stream: Stream, bounds: Bounds) -> tuple[Floats, Labels]:
    """The images (n, pixels) and labels in LIBSVM's format; the error for a bad line gives its number."""
    rows, most, where, from_0 = _Rows(bounds), bounds.pixels or 2**16, list[NDArray[np.int32]](), False
    least = 1 if bounds.pixels else 0
    for number, line in lines(stream, bounds):
        line, _, note = line.partition(b"#")
        if not line.strip():  # a remark of scikit-learn
            from_0 = from_0 or b"zero-based" in note
            continue
        try:
            row, indices = _sparse(line, least, most, bounds)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        rows.add(number, row)
        where.append(indices)
    rows.check_any()
    labels = rows.labels(np.array([row[0] for row in rows.found]))
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
    """The label and the levels of a line, and the numbers of their pixels, from 0."""
    words = line.split(maxsplit=most + 1)
    if len(words) < 2:
        raise ValueError("it has a label but no level")
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
