"""Find the files of one set of digits, in a folder or beside a file that is named."""

import re
from collections.abc import Iterable
from pathlib import Path

from ..digits import DataNotFoundError
from . import refusal, shape_of

Sets = dict[tuple[Path, str], list[Path]]

DEPTH = 3  # levels of folders below the named one that are searched, as in torchvision's MNIST/raw
UNTOLD = {"", "raw", "gzip", "data"}  # names of folders that do not describe the digits in them
ENTRIES = 20_000  # entries of folders that are searched
TEST = re.compile(r"test|t10k|tst|valid|(?:^|[/_.-])[xy]_?te?$|(?:^|/)[xy]t$|\.t(?:es)?(?:$|[/.])", re.IGNORECASE)
#: Names of folders for the parts of a set.
PARTS = re.compile(r"train(?:ing)?|test(?:ing)?|val(?:id(?:ation)?)?", re.IGNORECASE)
#: Parts of file names that are not the name of the set.
ROLES = re.compile(
    r"(?<=\.)(?:tra|tes)$|train|test|t10k|tst|images?|imgs?|labels?|targets?|idx\d|ubyte|(?<=\.)t(?=$|\.)|"
    r"(?:^|(?<=[-_. ]))[xy](?=$|[-_. ]|tr|te|val)|(?:(?<=train)|(?<=test))[xy](?=$|[-_. ])|[-_. ]",
    re.IGNORECASE,
)
PACKED = re.compile(r"\.(?:gz|bz2|xz)$", re.IGNORECASE)
ENDING = re.compile(r"\.(?:zip|np[yz]|mat|h5|hdf5|idx|csv|tsv|tab|txt|arff|libsvm|svm)$", re.IGNORECASE)
DIGITS = re.compile(r"ubyte|^(?:zip|usps|mnist|optdigits)\b|\.(?:train|test|tra|tes|t|scale)$", re.IGNORECASE)


def files_of(path: Path) -> list[Path]:
    """The files of the set to which a file belongs, or of the only set in a folder.

    A DataNotFoundError says if there is none, a ValueError if a folder has several sets.
    """
    if path.is_dir():
        sets = sets_in(path)
        if len(sets) > 1:
            names = ", ".join(sorted(str(one[0].relative_to(path)) for one in sets.values()))
            raise ValueError(f"{path}: this folder has several sets of digits, {names}: name one of these files")
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
    """Whether a file may be a table of names of pictures, to judge by its name."""
    return path.suffix.lower() in (".csv", ".tsv", ".txt")


def common_name(paths: list[Path]) -> str:
    """A name for a set: that of its only file, or else the part that the names of its files or folders share."""
    if len(paths) == 1:
        return paths[0].name
    folders = [one.name for one in (paths[0].parent, *paths[0].parent.parents) if one.name.lower() not in UNTOLD]
    return _key(paths[0]) or next(iter(folders), "digits")


def role(path: Path) -> str:
    """The name of a file, with its folder if that is a part of a set, by which its part is recognised."""
    name = PACKED.sub("", path.name)
    return f"{path.parent.name}/{name}" if PARTS.fullmatch(path.parent.name) else name


def is_test(name: str) -> bool:
    """Whether a name is that of test digits."""
    return bool(TEST.search(name))


def _nothing_in(folder: Path) -> str:
    """The message for a folder without digits, which names the files there."""
    files = sorted(one for one in folder.iterdir() if one.is_file())[:100]
    for one in files:
        if why := refusal(one):
            return f"{folder}: there are no files of digits in this folder; {one.name}: {why}"
    names = ", ".join(one.name for one in files[:3]) + ", ..." * (len(files) > 3)
    more = f"; it has {names}: if one of them holds digits, name the file itself" if files else ""
    return f"{folder}: there are no files of digits in this folder, nor in folders below it{more}"


def sets_in(folder: Path) -> Sets:
    """All sets in a folder, or in folders below it if it has none itself."""
    level, seen = [folder], 0
    for _ in range(DEPTH + 1):
        inside = [one for place in level for one in sorted(place.iterdir())]
        seen += len(inside)
        if seen > ENTRIES:
            raise ValueError(f"{folder}: there are more than {ENTRIES:,} files in this folder: name the file of digits")
        sets: Sets = {}
        for one in _candidates(inside):
            sets.setdefault(_place(one), []).append(one)
        if sets:
            return _joined({key: _without_doubles(those) for key, those in sets.items()})
        level = [one for one in inside if one.is_dir() and not one.name.startswith(".")]
    return {}


def _joined(sets: Sets) -> Sets:
    """The sets, joined into one if each holds only images or only labels, because then they belong together."""
    shapes = [{len(shape_of(one) or ()) > 1 for one in those} for those in sets.values()]
    arrays = all(shape_of(one) for those in sets.values() for one in those)
    if len(sets) < 2 or not arrays or any(len(one) > 1 for one in shapes):
        return sets
    return {next(iter(sets)): [one for those in sets.values() for one in those]}


def _mates(path: Path, beside: Iterable[Path]) -> list[Path]:
    """The file with the labels of images, or with the images of labels, if only one other file has the same count."""
    if not (mine := shape_of(path)):
        return []
    shapes = [(one, shape_of(one)) for one in beside]
    found = [one for one, shape in shapes if shape and shape[0] == mine[0] and (len(shape) > 1) != (len(mine) > 1)]
    return found if len(found) == 1 else []


def _candidates(paths: Iterable[Path]) -> list[Path]:
    return sorted(one for one in paths if _is_candidate(one))


def _inside(folder: Path) -> list[Path]:
    """The entries of a folder, of folders for parts in it, and of Kaggle's folders, which have the names of files."""
    found = list[Path]()
    for one in folder.iterdir():
        if PARTS.fullmatch(one.name) and one.is_dir():
            found += one.iterdir()
        found.append(one / one.name if (one / one.name).is_file() else one)
    return found


def _place(path: Path) -> tuple[Path, str]:
    """The folder in which the files of a set lie together, and the common part of their names."""
    parent = path.parent
    return parent.parent if parent.name == path.name or PARTS.fullmatch(parent.name) else parent, _key(path)


def _is_candidate(path: Path) -> bool:
    """Whether a file may hold digits, to judge by its name or its first bytes; reading it decides."""
    plain = PACKED.sub("", path.name)
    ending = Path(plain).suffix.lower()
    known = bool(ENDING.search(plain)) and ending != ".txt"
    if not path.is_file() or path.stat().st_size == 0:  # an empty file may lie beside a good one
        return False
    if known or DIGITS.search(plain):
        return True
    return not ending and (plain != path.name or bool(shape_of(path)))


def _key(path: Path) -> str:
    """The part of a file's name that all files of its set share."""
    name = ENDING.sub("", PACKED.sub("", path.name))
    return ROLES.sub("", re.sub(r"\.t$", "", name)).lower()


def _without_doubles(paths: list[Path]) -> list[Path]:
    """One file of each that is there both compressed and not, as torchvision leaves them."""
    names = ((f"{one.parent}/{PACKED.sub('', one.name).replace('.', '-')}", one) for one in reversed(paths))
    return list(dict(names).values())[::-1]
