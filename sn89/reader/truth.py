"""The strings that are written in pictures, from a table, from JSON, or from text files beside the pictures.

Tables come with or without a header, separated by commas, semicolons or tabs, with paths of Windows, with amounts of
money, and after a spreadsheet has removed leading zeros. Remarks say how a row was understood, or why it was left out.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ..aliases import Place
from ..counted import counted as in_words
from .asking import Region, count_of

__all__ = ["Truth", "Written", "read_truth"]


LIMIT = 2**26  # bytes of a file
NAMES = {
    "picture": ("picture", "pictures", "image", "images", "file", "filename", "file_name", "path", "name", "img"),
    "text": ("digits", "text", "words", "word", "label", "labels", "truth", "string", "strings", "transcription"),
    "x": ("x", "left"),
    "y": ("y", "top"),
    "width": ("width", "w"),
    "height": ("height", "h"),
}
MORE_TEXT = ("ground_truth", "gt", "code", "zip", "amount", "number", "value", "target", "transcript", "annotation")
BETWEEN = re.compile(
    r"[\s.,;:'`_/\\|()\[\]{}#*=+\-\u2018\u2019\u00b4\u2013\u2014$€£¥₹]|USD|EUR|CHF|GBP|Rs", re.IGNORECASE
)
UNKNOWN = frozenset(("", "?", "-", "n/a", "na", "nan", "none", "null", "###", "illegible"))


@dataclass(frozen=True)
class Written:
    """The digits that are written in a picture, or in a region of it.

    Parameters
    ----------
    picture : str
        The file.
    text : str
        The digits, line after line, from left to right.
    region : (int, int, int, int), optional
        Left, top, width, height.
    boxes : tuple of (int, int, int, int), optional
        Left, top, width, height of each digit, if they are known.
    """

    picture: str
    text: str
    region: Region | None = None
    boxes: tuple[Region, ...] | None = None


@dataclass
class Truth:
    """The strings of some pictures.

    Attributes
    ----------
    written : list of Written
        The strings, each with its picture.
    remarks : list of str
        Sentences about rows that were corrected or left out.
    """

    written: list[Written] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_truth(path: Place, pictures: Sequence[Place], digits: int | tuple[int, int] | None = None) -> Truth:
    """Read which digits are written in pictures, from a table (CSV, TSV), from JSON, or from a folder of text files.

    Parameters
    ----------
    path : path
        A table with a row for each picture, with or without a header: its name, its digits, and perhaps x, y, width and
        height of a region. Or JSON, an object with the digits of each picture as a string or as a list of boxes
        [x, y, width, height, digit]. Or a folder with a text file for each picture, ``NAME.gt.txt`` or ``NAME.txt``.
    pictures : sequence of path
        The pictures. They are known by their path, their name, or their name without the ending.
    digits : int or (int, int), optional
        How many digits each string has, or from how many to how many. Shorter strings get the leading zeros back that a
        spreadsheet has removed.

    Returns
    -------
    Truth

    Raises
    ------
    ValueError
        If nothing in it can be understood; the message says what came and what was expected.
    OSError
        If it cannot be read.
    """
    found, names = Truth(), _Names(pictures)
    if os.path.isdir(path):
        rows = _of_folder(Path(path), pictures)
    else:
        text = _decoded(path)
        rows = _of_json(text, path) if text.lstrip()[:1] in ("{", "[") else _of_table(text, path, names, found.remarks)
    _understood(rows, names, found)
    _with_zeros(found, count_of(digits))
    if not found.written:
        nothing = f"{os.fspath(path)}: nothing in it says what is written in these pictures"
        raise ValueError("; ".join([nothing, *found.remarks[:3]]))
    return found


# ---- Files ----------------------------------------------------------------------------------------------------------


@dataclass
class _Row:
    """A row as it came: its place, a name, and a string or boxes."""

    where: str
    name: str
    text: str | None
    region: Region | None = None
    boxes: tuple[tuple[int, ...], ...] | None = None


def _decoded(path: Place) -> str:
    """The text of a file in any encoding in which programs write tables."""
    with open(path, "rb") as file:
        content = file.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise ValueError(f"{os.fspath(path)}: has more than {LIMIT:,} bytes: a table of strings is shorter")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content:
        raise ValueError(f"{os.fspath(path)}: is not text: give a table (CSV) or JSON, and save a spreadsheet as CSV")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _of_folder(folder: Path, pictures: Sequence[Place]) -> Iterable[_Row]:
    """The text files of a folder, which are named like the pictures."""
    for picture in pictures:
        names = [f"{Path(picture).stem}{ending}" for ending in (".gt.txt", ".txt")]
        for name in [name for name in names if (folder / name).is_file()][:1]:
            yield _Row(name, os.fspath(picture), _decoded(folder / name))


def _of_json(text: str, path: Place) -> Iterable[_Row]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{os.fspath(path)}: begins like JSON but is damaged: {error}") from None
    if isinstance(document, list):
        document = {str(_named(one, "picture")): _named(one, "text") for one in document if isinstance(one, dict)}
    if not isinstance(document, dict):
        raise ValueError(
            f"{os.fspath(path)}: must be a JSON object with the digits or boxes of each picture by its name"
        )
    for name, value in document.items():
        if isinstance(value, list):
            try:
                boxes = tuple(tuple(int(number) for number in box) for box in value)
            except (TypeError, ValueError):
                boxes = ((),)
            yield _Row(f"{name}", name, None, boxes=boxes)
        else:
            yield _Row(f"{name}", name, str(value))


def _named(row: dict[str, Any], what: str) -> Any:
    usual = NAMES[what] + (MORE_TEXT if what == "text" else ())
    return next((row[name] for name in usual if name in row), None)


def _of_table(text: str, path: Place, names: _Names, remarks: list[str]) -> Iterable[_Row]:
    separator = _separator(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows = [row for row in lines if any(one.strip() for one in row)]
    if not rows or max(map(len, rows)) < 2:
        needs = "needs two columns, the picture and its digits, with a comma, semicolon or tab between them"
        raise ValueError(f"{os.fspath(path)}: a table {needs}")
    columns, header = _columns(rows, names)
    texts = [_cell(row, columns, "text", separator) for row in rows[header:]]
    floats = [one for one in texts if one.strip()]
    if floats and all(re.fullmatch(r"\s*\d+\.0\s*", one) for one in floats):
        remarks.append("all strings end in .0, because a program took them for numbers: the .0 was left out")
        texts = [one.strip().removesuffix(".0") for one in texts]
    for number, (row, one) in enumerate(zip(rows[header:], texts, strict=True), header + 1):
        yield _Row(f"row {number}", _cell(row, columns, "picture", separator), one, _region(row, columns))


def _separator(text: str) -> str:
    """The separator of columns: the sign that most lines have, or the rarer one of two."""
    lines = [line for line in text.splitlines() if line.strip()][:200]
    return max(("\t", ";", "|", ","), key=lambda one: sum(one in line for line in lines))


def _columns(rows: list[list[str]], names: _Names) -> tuple[dict[str, int], int]:
    """The column of each value, by the header or by the pictures' names; and how many rows the header has."""
    head = [one.strip().lower().replace(" ", "_") for one in rows[0]]
    columns = {
        what: next((i for name in usual for i, one in enumerate(head) if one == name), -1)
        for what, usual in (NAMES | {"text": NAMES["text"] + MORE_TEXT}).items()
    }
    if columns["picture"] >= 0 and columns["text"] >= 0:
        return columns, 1
    known_there = any(names.find(one) is not None for one in rows[0])
    header = int(not known_there and not any(re.search(r"\d", one) for one in rows[0][1:]))
    width = max(map(len, rows))
    known = [sum(names.find(row[i]) is not None for row in rows if i < len(row)) for i in range(width)]
    picture = known.index(max(known))
    return {**dict.fromkeys(NAMES, -1), "picture": picture, "text": int(picture == 0)}, header


def _cell(row: list[str], columns: dict[str, int], what: str, separator: str) -> str:
    """A cell of a row. The last column goes on if an amount like 2,250 was written without quotes."""
    i = columns[what]
    if i >= len(row):
        return ""
    last = what == "text" and separator == "," and i > columns["picture"] and columns["x"] < 0
    return "".join(row[i:]) if last and all(re.fullmatch(r"[\d\s.]*", one) for one in row[i + 1 :]) else row[i]


def _region(row: list[str], columns: dict[str, int]) -> Region | None:
    try:
        x, y, width, height = (
            round(float(row[columns[one]])) for one in ("x", "y", "width", "height") if columns[one] >= 0
        )
    except (ValueError, IndexError, OverflowError):
        return None
    return x, y, width, height


# ---- Names and strings ----------------------------------------------------------------------------------------------


class _Names:
    """Pictures by all names that they may have in a table."""

    def __init__(self, pictures: Sequence[Place]) -> None:
        self.by_name: dict[str, list[str]] = {}
        for picture in [os.fspath(one) for one in pictures]:
            plain = picture.replace("\\", "/")
            for name in {plain, PurePosixPath(plain).name, PurePosixPath(plain).stem}:
                self.by_name.setdefault(name.lower(), []).append(picture)

    def find(self, name: str) -> str | list[str] | None:
        """The picture of this name; a list if there are several, None if there is none."""
        parts = name.strip().strip("\"'").replace("\\", "/").lower().split("/")
        for first in range(len(parts)):
            ending = "/".join(parts[first:])
            if not ending:
                return None
            found = self.by_name.get(ending, [])
            found = found or [one for one in self.by_name.get(parts[-1], []) if _ends(one, ending)]
            if found:
                return found[0] if len(found) == 1 else found
        return None


def _ends(path: str, ending: str) -> bool:
    return f"/{path}".replace("\\", "/").lower().endswith(f"/{ending}")


def _understood(rows: Iterable[_Row], names: _Names, found: Truth) -> None:
    """Add the rows that name a picture and its digits, and remarks about the others."""
    unknown, empty, told = [], 0, dict[tuple[str, Region | None], Written]()
    for row in rows:
        picture = names.find(row.name) if row.name else None
        if not isinstance(picture, str):
            if picture:
                found.remarks.append(f"{row.where}: left out: {row.name!r:.60} may be {' or '.join(picture[:3])}")
            else:
                unknown.append(row.name)
            continue
        try:
            one = _written(row, picture)
        except ValueError as error:
            found.remarks.append(f"{row.where}: left out: {error}")
            continue
        if one is None:
            empty += 1
            continue
        before = told.setdefault((picture, one.region), one)
        if before.text != one.text:
            found.remarks.append(
                f"{row.where}: left out: {row.name!r:.60} was {before.text} before and is {one.text} here"
            )
    found.written += told.values()
    if unknown:
        found.remarks.append(f"{len(unknown)} named in it are not among the pictures, such as {unknown[0]!r:.60}")
    if empty:
        found.remarks.append(f"{empty} left out, because it does not say what is written in them")


def _written(row: _Row, picture: str) -> Written | None:
    if row.boxes is not None:
        if any(len(box) != 5 or box[2] < 1 or box[3] < 1 or not 0 <= box[4] <= 9 for box in row.boxes):
            raise ValueError("a box must be [x, y, width, height, digit]")
        boxes = tuple((box[0], box[1], box[2], box[3]) for box in row.boxes)
        return Written(picture, "".join(str(box[4]) for box in row.boxes), None, boxes) if boxes else None
    assert row.text is not None
    text = row.text.strip()
    if text.lower() in UNKNOWN:
        return None
    if re.fullmatch(r"[\d.,]+[eE]\+?\d+", text):
        raise ValueError(f"{text!r} is a number that a spreadsheet has rounded")
    plain = BETWEEN.sub("", text)
    digits = "".join(str(unicodedata.digit(one, -1)) for one in plain)
    if not plain or not plain.isdigit() or len(digits) != len(plain):
        raise ValueError(f"{text!r:.60} is not a string of digits")
    return Written(picture, digits, row.region)


def _with_zeros(found: Truth, counted: tuple[int, int] | None) -> None:
    """Give strings their leading zeros back if the number of digits is known; otherwise remark on short ones."""
    lengths = Counter(len(one.text) for one in found.written)
    if counted is None:
        usual, count = lengths.most_common(1)[0] if lengths else (0, 0)
        short = sum(n for length, n in lengths.items() if length < usual)
        if short and count >= 0.8 * len(found.written) > 4:
            found.remarks.append(
                f"{in_words(count, 'string')} have {in_words(usual, 'digit')} and {short} fewer: if a spreadsheet took "
                f"leading zeros away, --digits {usual} (digits={usual}) brings them back"
            )
        return
    least, most = counted
    padded, kept = 0, []
    for one in found.written:
        if len(one.text) > most:
            found.remarks.append(
                f"{os.path.basename(one.picture)}: left out: {one.text} has more than {in_words(most, 'digit')}"
            )
            continue
        if len(one.text) < least and one.boxes is None:
            padded += 1
            one = Written(one.picture, one.text.zfill(least), one.region)
        kept.append(one)
    found.written = kept
    if padded:
        found.remarks.append(
            f"{in_words(padded, 'string')} had fewer than {in_words(least, 'digit')} and got leading zeros, which "
            "spreadsheets take away"
        )
