"""Pictures in folders: a folder for each digit, or a table with the digit of each picture."""

import csv
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .finding import PARTS, is_table, is_test
from .text import NAMES

Known = list[tuple[Path, int]]  # pictures and their labels

MOST = 200_000  # files of a folder, more than twice those of MNIST
LARGEST = 2**22  # pixels of a picture; a digit has about a thousandth of that
TABLE = 2**24  # bytes of a table of names and labels
DEPTH = 3  # levels of folders below the named one
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGIT = re.compile(r"0*\d{1,3}")


def read(folder: Path, limit: int, notes: list[str], others: bool = False) -> dict[str, NDArray[Any]] | None:
    """The pictures of a folder as arrays of bytes, and their labels; None if there are none.

    The folder has a folder for each digit, named 0 to 9 or zero to nine, perhaps within folders train and test; or it
    has pictures and a table ``labels.csv`` of their names and labels. The images take at most `limit` bytes. Remarks
    are added to `notes`. `others` says that other files may hold digits, so that pictures without labels are ignored.
    """
    found = list(_pictures(folder, 0, [MOST], others))
    if not found:
        return None
    if known := _by_folder(folder, found):
        notes.append("pictures in a folder for each digit, taken from each in turn")
    elif known := _by_table(folder, found):
        notes.append("pictures and a table of their labels")
    elif others:
        return None
    else:
        raise ValueError(
            f"{folder}: there are {len(found):,} pictures in this folder, such as {found[0].relative_to(folder)}, but "
            "no labels: put the pictures into folders named 0 to 9, or add a file labels.csv with a line such as "
            "img.png,7 for each"
        )
    arrays = {}
    for part, those in known.items():
        if those:
            arrays[f"{part}/images"] = _levels([path for path, _ in those], folder, limit)
            arrays[f"{part}/labels"] = np.array([label for _, label in those])
    return arrays


def _pictures(folder: Path, depth: int, left: list[int], others: bool) -> Iterator[Path]:
    """All pictures in a folder and in folders below it, recognised by their endings."""
    from ...pictures import ENDINGS

    below = []
    with os.scandir(folder) as entries:
        for one in entries:
            left[0] -= 1
            if left[0] < 0 and others:
                return
            if left[0] < 0:
                raise ValueError(f"{folder}: there are more than {MOST:,} files in this folder")
            if one.is_dir() and not one.name.startswith((".", "__MACOSX")):
                below.append(one.name)
            elif one.name.lower().endswith(ENDINGS) and not one.name.startswith(".") and one.is_file():
                yield folder / one.name
    for name in sorted(below) if depth < DEPTH else ():
        yield from _pictures(folder / name, depth + 1, left, others)


def _by_folder(folder: Path, found: list[Path]) -> dict[str, Known] | None:
    """Pictures in folders named by digits; None if there are none. It is an error if only some are."""
    parts: dict[str, dict[int, list[Path]]] = {"train": {}, "test": {}}
    others = set()
    for one in sorted(found):
        *above, name = one.relative_to(folder).parts[:-1] or ("",)
        word = name.lower()
        label = int(name) if DIGIT.fullmatch(name) else WORDS.index(word) if word in WORDS else None
        if label is None:
            others.add(name)
            continue
        part = "test" if any(map(_is_test_folder, above)) else "train"
        parts[part].setdefault(label, []).append(one)
    if not parts["train"] and not parts["test"]:
        return None
    if others:
        raise ValueError(
            f"{folder}: some folders of pictures in it are named by a digit, but {min(others)!r} is not: name it 0 to "
            "9, or remove it"
        )
    return {part: _in_turn(those) for part, those in parts.items()}


def _is_test_folder(name: str) -> bool:
    return is_test(name) or (bool(PARTS.fullmatch(name)) and name.lower().startswith("val"))


def _in_turn(classes: dict[int, list[Path]]) -> Known:
    """The first picture of each class, then the second ones, and so on, because a training presents them in order."""
    numbered = [(i, label, path) for label, those in classes.items() for i, path in enumerate(those)]
    return [(path, label) for _, label, path in sorted(numbered)]


def _by_table(folder: Path, found: list[Path]) -> dict[str, Known] | None:
    """Pictures with labels in a table beside them. Only pictures in the folder are looked up."""
    named: dict[str, Path] = {}
    for one in found:
        inside = one.relative_to(folder)
        named |= dict.fromkeys((one.stem, one.name, inside.as_posix(), inside.with_suffix("").as_posix()), one)
    parts: dict[str, Known] = {"train": [], "test": []}
    for table in sorted(one for one in folder.iterdir() if is_table(one)):
        if table.is_file() and table.stat().st_size <= TABLE and (known := _labelled(table, named)):
            parts["test" if is_test(table.stem) else "train"] += known
    return parts if any(parts.values()) else None


def _labelled(table: Path, named: dict[str, Path]) -> Known:
    """The pictures and labels in a table; none if the table is about something else."""
    text = table.read_bytes()
    lines = text.decode("utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    separator = next((one for one in "\t;," if one in lines.partition("\n")[0]), " ")
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(lines), delimiter=separator) if row]
    width = len(rows[0]) if rows else 0
    rows = [row for row in rows if len(row) == width]
    names = [name.encode() for name in rows[0]] if rows else []
    where = next((i for i in range(width) if any(_key(row[i]) in named for row in rows[:3])), None)
    if where is None:
        return []
    digits = [i for i in range(width) if i != where and all(DIGIT.fullmatch(row[i]) for row in rows[1:] or rows)]
    called = [i for i in digits if NAMES.fullmatch(names[i])]
    digits = called if len(called) == 1 else digits[-1:]
    if not digits:
        raise ValueError(f"{table}: it names pictures but has no column of labels, which are whole numbers such as 7")
    known = [row for row in rows if DIGIT.fullmatch(row[digits[0]])]
    missing = next((row[where] for row in known if _key(row[where]) not in named), None)
    if missing is not None:
        raise ValueError(f"{table}: it names a picture {missing!r:.80} that is not in its folder or in folders below")
    return [(named[_key(row[where])], int(row[digits[0]])) for row in known]


def _key(name: str) -> str:
    return name.replace("\\", "/").removeprefix("./")


def _levels(paths: list[Path], folder: Path, limit: int) -> NDArray[np.uint8]:
    """Pictures, which must have one size, as bytes from black to white."""
    from ...pictures import load

    first = load(paths[0], min(limit, LARGEST))
    if first.size * len(paths) > limit:
        raise ValueError(
            f"{folder}: {len(paths):,} pictures of {first.shape[0]}x{first.shape[1]} take more than the limit of "
            f"{limit:,} bytes"
        )
    levels = np.empty((len(paths), *first.shape), np.uint8)
    for path, image in zip(paths, levels, strict=True):
        one = load(path, max(first.size, 2**16))
        if one.shape != first.shape:
            sizes = " and ".join(f"{'x'.join(map(str, shape))}" for shape in (first.shape, one.shape))
            raise ValueError(
                f"{folder}: the pictures {paths[0].relative_to(folder)} and {path.relative_to(folder)} have different "
                f"sizes, {sizes}: bring all to one size first; sn89.size_normalize does that with one picture"
            )
        image[...] = np.rint(255 * one)
    return levels
