"""Which files are those of one set of digits: found in a folder, or beside the one that is named."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from . import formats
from .digits import DataNotFoundError

Sets = dict[tuple[Path, str], list[Path]]

DEPTH = 3  # folders below the one that is named, as in torchvision's MNIST/raw
UNTOLD = {"", "raw", "gzip", "data"}  # folders whose names tell nothing of the digits in them
ENTRIES = 20_000  # of folders that are looked through
TEST = re.compile(r"test|t10k|tst|valid|(?:^|[/_.-])[xy]_?te?$|(?:^|/)[xy]t$|\.t(?:es)?(?:$|[/.])", re.IGNORECASE)
#: Folders of the parts of a set.
PARTS = re.compile(r"train(?:ing)?|test(?:ing)?|val(?:id(?:ation)?)?", re.IGNORECASE)
#: What the names of a set's files have besides the set's own.
ROLES = re.compile(
    r"(?<=\.)(?:tra|tes)$|train|test|t10k|tst|images?|imgs?|labels?|targets?|idx\d|ubyte|(?<=\.)t(?=$|\.)|"
    r"(?:^|(?<=[-_. ]))[xy](?=$|[-_. ]|tr|te|val)|(?:(?<=train)|(?<=test))[xy](?=$|[-_. ])|[-_. ]",
    re.IGNORECASE,
)
PACKED = re.compile(r"\.(?:gz|bz2|xz)$", re.IGNORECASE)
ARRAYS = {".npz", ".npy", ".mat", ".h5", ".hdf5", ".idx"}
TABLES = {".csv", ".tsv", ".tab", ".arff", ".libsvm", ".svm"}
OTHERS = {"", ".gz", ".bz2", ".xz", ".zip", ".txt", ".data"}
ENDINGS = ARRAYS | TABLES | OTHERS
ENDING = re.compile(r"\.(?:zip|np[yz]|mat|h5|hdf5|idx|csv|tsv|tab|txt|arff|libsvm|svm)$", re.IGNORECASE)
DIGITS = re.compile(r"ubyte|^(?:zip|usps|mnist|optdigits)\b|\.(?:train|test|tra|tes|t|scale)$", re.IGNORECASE)


def files_of(path: Path) -> list[Path]:
    """The files of the one set that is meant by a file, which is one of them, or by a folder.

    Raises
    ------
    DataNotFoundError
        If there is no such file or folder, or nothing in the folder.
    ValueError
        If a folder has several sets.
    """
    if path.is_dir():
        sets = sets_in(path)
        if len(sets) > 1:
            names = ", ".join(sorted(str(one[0].relative_to(path)) for one in sets.values()))
            raise ValueError(
                f"{path}: there are several sets of digits in this folder: {names}: name one of their files"
            )
        if not sets:
            raise DataNotFoundError(_nothing_in(path))
        return next(iter(sets.values()))
    if not path.exists():
        raise DataNotFoundError(f"{path}: there is no such file or folder")
    place, key = _place(path)
    beside = [one for one in _candidates(_inside(place)) if one != path]
    mine = [path, *(one for one in beside if _place(one) == (place, key))]
    return _without_doubles(mine) if len(mine) > 1 else [path, *_mates(path, beside)]


def is_table(path: Path) -> bool:
    """Whether a file may be a table of names of pictures, by its name."""
    return path.suffix.lower() in (".csv", ".tsv", ".txt")


def common_name(paths: list[Path]) -> str:
    """What to call a set of some files: of one, its name; else what their names, or their folders, have in common."""
    if len(paths) == 1:
        return paths[0].name
    folders = [one.name for one in (paths[0].parent, *paths[0].parent.parents) if one.name.lower() not in UNTOLD]
    return _key(paths[0]) or next(iter(folders), "digits")


def role(path: Path) -> str:
    """The name of a file as far as it may tell which part of a set it is."""
    name = PACKED.sub("", path.name)
    return f"{path.parent.name}/{name}" if PARTS.fullmatch(path.parent.name) else name


def is_test(name: str) -> bool:
    """Whether a name is that of test digits."""
    return bool(TEST.search(name))


def _nothing_in(folder: Path) -> str:
    """What to say of a folder without digits: what is there instead."""
    files = sorted(one for one in folder.iterdir() if one.is_file())[:100]
    for one in files:
        if why := formats.refusal(one):
            return f"{folder}: there are no files of digits in this folder; {one.name}: {why}"
    names = ", ".join(one.name for one in files[:3]) + ", ..." * (len(files) > 3)
    more = f"; it has {names}: name the file itself if that is one" if files else ""
    return f"{folder}: there are no files of digits in this folder, nor in folders below it{more}"


def sets_in(folder: Path) -> Sets:
    """All sets of a folder; of folders below it if it has none itself."""
    level, seen = [folder], 0
    for _ in range(DEPTH + 1):
        inside = [one for place in level for one in sorted(place.iterdir())]
        seen += len(inside)
        if seen > ENTRIES:
            raise ValueError(f"{folder}: there are more than {ENTRIES:,} files in this folder: name the one of digits")
        sets: Sets = {}
        for one in _candidates(inside):
            sets.setdefault(_place(one), []).append(one)
        if sets:
            return _joined({key: _without_doubles(those) for key, those in sets.items()})
        level = [one for one in inside if one.is_dir() and not one.name.startswith(".")]
    return {}


def _joined(sets: Sets) -> Sets:
    """The sets; as one if each is nothing but images or labels, whatever they are called: they belong together."""
    shapes = [{len(formats.shape_of(one) or ()) > 1 for one in those} for those in sets.values()]
    arrays = all(formats.shape_of(one) for those in sets.values() for one in those)
    if len(sets) < 2 or not arrays or any(len(one) > 1 for one in shapes):
        return sets
    return {next(iter(sets)): [one for those in sets.values() for one in those]}


def _mates(path: Path, beside: Iterable[Path]) -> list[Path]:
    """The labels of images, or the images of labels, by their count, if only one other file can be that."""
    if not (mine := formats.shape_of(path)):
        return []
    shapes = [(one, formats.shape_of(one)) for one in beside]
    found = [one for one, shape in shapes if shape and shape[0] == mine[0] and (len(shape) > 1) != (len(mine) > 1)]
    return found if len(found) == 1 else []


def _candidates(paths: Iterable[Path]) -> list[Path]:
    return sorted(one for one in paths if _is_candidate(one))


def _inside(folder: Path) -> list[Path]:
    """What is in a folder, in those of its parts, and in Kaggle's, which have the names of the files in them."""
    found = list[Path]()
    for one in folder.iterdir():
        if PARTS.fullmatch(one.name) and one.is_dir():
            found += one.iterdir()
        found.append(one / one.name if (one / one.name).is_file() else one)
    return found


def _place(path: Path) -> tuple[Path, str]:
    """Where a set's files lie together, and what their names have in common."""
    parent = path.parent
    return parent.parent if parent.name == path.name or PARTS.fullmatch(parent.name) else parent, _key(path)


def _is_candidate(path: Path) -> bool:
    """Whether a file may be one of digits, by its name or its first bytes: what it is, is told by its content."""
    plain = PACKED.sub("", path.name)
    ending = Path(plain).suffix.lower()
    named = bool(DIGITS.search(plain)) or (plain != path.name and not ending)
    known = ending in ENDINGS - {"", ".txt", ".data"} or named
    if not path.is_file() or path.stat().st_size == 0:  # an empty one beside a good one is none
        return False
    return known or bool(not ending and formats.shape_of(path))


def _key(path: Path) -> str:
    """What the names of all files of a set have in common."""
    name = ENDING.sub("", PACKED.sub("", path.name))
    return ROLES.sub("", re.sub(r"\.t$", "", name)).lower()


def _without_doubles(paths: list[Path]) -> list[Path]:
    """One of each file that is there packed and unpacked, as torchvision leaves it."""
    names = ((f"{one.parent}/{PACKED.sub('', one.name).replace('.', '-')}", one) for one in reversed(paths))
    return list(dict(names).values())[::-1]
