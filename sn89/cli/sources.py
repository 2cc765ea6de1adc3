"""What verbs read: nets, by the names of the papers' or from files, and digits, by name, folder or file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from .. import datasets, recipes, storage
from ..checkpoint import history_in
from ..checks import check_images, check_targets
from ..datasets.digits import DataNotFoundError, Digits, Part
from ..datasets.mnist import SCALES, ink_of
from ..facts import facts, known_set, others, otherwise_scaled, scale
from ..history import History
from ..images import LARGEST
from ..layers import Input
from ..net import Net
from ..record import digits_of, history_of, with_history
from .saying import remark

#: The papers' nets, each with how and on which set it was trained.
RECIPES = {
    "zip_code": (recipes.ZIP_1989, "usps"),
    "fully_connected": (recipes.FULL_1989, "usps"),
    "lenet1": (recipes.LENET1_1989, "usps+printed"),
    "lenet1_softmax": (recipes.TUTORIAL, "usps"),
    "lenet5": (recipes.LENET5, "mnist"),
}

SETS: dict[str, Callable[[str | None, int], Digits]] = {
    "usps": lambda folder, size: datasets.usps(folder),
    "mnist": lambda folder, size: datasets.mnist(size, folder),
    "printed": lambda folder, size: datasets.printed(),
    "usps+printed": lambda folder, size: recipes.handwritten_and_printed(folder),
    "synthetic": lambda folder, size: datasets.synthetic(),
}

PUBLISHED = ("usps", "mnist")  # sets of which there are files

LENET5_PAPER = SCALES[32][0]


@dataclass(frozen=True)
class Source:
    """A net, and what it is known by.

    Attributes
    ----------
    net : Net
    name : str
        Of the paper's net, or the stem of the file.
    recipe : str
        Which of `RECIPES` it was trained by, or else the one whose digits it takes.
    set : str or None
        Of `SETS`, the digits it is for; "npz" if they were in files of another set; None if that is not known.
    size : int
        Height and width of these digits.
    provenance : dict
        What the file tells of where it comes from; empty if nothing.
    history : History, optional
        Of its training, if the file tells of it.
    """

    net: Net
    name: str
    recipe: str
    set: str | None
    size: int
    provenance: dict[str, Any]
    history: History | None = None


def papers_net(name: str, seed: int = 1) -> Source:
    """One of the papers' nets, untrained."""
    recipe, digits = RECIPES[name]
    net = recipe.net(seed=seed)
    return Source(net, name, name, digits, _usual_size(net.input), {})


def from_file(path: Path) -> Source:
    """The net of a file. What the file tells besides is believed only where it can be so."""
    if not os.path.lexists(path):
        raise FileNotFoundError(_no_file(path))
    stored = storage.read(path)
    net, told = stored.net, stored.about.get("provenance")
    provenance = told if isinstance(told, dict) else {}
    history = _history(path, stored, provenance)
    if history and "history" not in provenance:  # of a checkpoint
        provenance = with_history(provenance, history)
    digits, usual, recipe = digits_of(provenance), _usual_size(net.input), provenance.get("recipe")
    if not isinstance(recipe, str) or recipe not in RECIPES:
        recipe = "lenet5" if usual == 32 else "zip_code"
    which = digits.get("set")
    if not isinstance(which, str) or which not in (*SETS, "npz"):
        which = known_set(digits)
    return Source(net, path.stem, recipe, which, _size(digits) or usual, provenance, history)


def _no_file(path: Path) -> str:
    """What is said of the file of a net that is not there."""
    beside = path.with_name(f"{path.name}.safetensors")
    if beside.exists():
        return f"there is no file {path}; did you mean {beside}?"
    if str(path) in RECIPES:
        return f"{path} is one of the papers' nets, and not trained yet: sn89 train --net {path} writes {beside}"
    if near := _near(path):
        return f"there is no file {path}; did you mean {near}?"
    return f"there is no file {path}: give the file of a net, as sn89 train writes it"


def _near(path: Path) -> Path | None:
    """A file of a net beside it that is called nearly so."""
    with suppress(OSError):
        there = [one.stem for one in path.parent.iterdir() if one.suffix == ".safetensors"]
        found = get_close_matches(path.name.removesuffix(".safetensors"), there, 1)
        return path.with_name(f"{found[0]}.safetensors") if found else None
    return None


def _size(digits: Mapping[str, Any]) -> int | None:
    """Height and width of the digits that a file tells of, if they are square."""
    shape = digits.get("shape", [digits.get("size")] * 2)
    if not isinstance(shape, list) or len(shape) != 2 or shape[0] != shape[1]:
        return None
    side = shape[0]
    return side if isinstance(side, int) and not isinstance(side, bool) and 1 <= side <= LARGEST else None


def _history(path: Path, stored: storage.Stored, provenance: Mapping[str, Any]) -> History | None:
    """Of a net's own file, or of a checkpoint; of what cannot be so, none."""
    with suppress(ValueError, TypeError):
        return history_in(stored) or history_of(provenance)
    return None


def named_or_file(name: str, seed: int = 1) -> Source:
    """A paper's net by its name, or the net of a file.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if name in RECIPES:
        return papers_net(name, seed)
    if not os.path.lexists(name) and not name.endswith(".safetensors"):
        beside, near = Path(f"{name}.safetensors"), get_close_matches(name, RECIPES, 1)
        likely = str(beside) if beside.exists() else near[0] if near else _near(Path(name))
        meant = f"; did you mean {likely}?" if likely else ""
        raise ValueError(
            f"there is no net {name!r}: the papers' are {', '.join(RECIPES)}; any other is a file, and there is none "
            f"of that name{meant}"
        )
    return from_file(Path(name))


def _usual_size(plane: Input) -> int:
    """Height and width of the digits for a net of which nothing else is known."""
    if plane.background == LENET5_PAPER and plane.height == 32:
        return 32
    return min(16, plane.height, plane.width)


# ---- Digits -----------------------------------------------------------------------------------------------------


def find_digits(source: Source, data: str | None, size: str | None = None) -> tuple[str, Digits]:
    """The set's name, and the digits for a net: those that were asked for, or that it learned from.

    That they are scaled otherwise than what the net learned from is said on standard error.

    Raises
    ------
    DataNotFoundError
        If they are nowhere.
    ValueError, TypeError
        If it is not known which they are, if they do not fit the net, or a file is not what it should be.
    """
    told = digits_of(source.provenance)
    if data is None or data in SETS:
        which, digits = _of_set(source, data or source.set, None, size, told)
    elif inside := _in_folder(data, source.set):
        which, digits = _of_set(source, inside, data, size, told)
    else:
        which, digits = "npz", _of_files(source, data, size)
        _check_labels(source.net, digits, data)
    X = digits.train[0]
    if size is not None and X.shape[-2:] != (int(size), int(size)):
        raise ValueError(
            f"--size is for images of 28x28, as MNIST's: those of {digits.name} have {X.shape[-2]}x{X.shape[-1]} and "
            "stay so: leave it out"
        )
    check_paper(source.net, digits)
    found = facts(*digits.train)
    if data is None and (other := others(told, found)):
        raise ValueError(
            f"{source.name} learned from {digits.name}, but not from these: {other}; say by --data on which it is to be"
        )
    if other := otherwise_scaled(told, found):
        remark(f"sn89: {source.name}: {other}")
        source.net.levels = None  # so that nothing says it again
    return which, digits


def _of_set(
    source: Source, which: str | None, folder: str | None, size: str | None, told: Mapping[str, Any]
) -> tuple[str, Digits]:
    """A set by its name, from a folder if one is named; as large and scaled as the net has learned from."""
    if which is None:
        raise ValueError(
            f"{source.name} does not tell which digits it learned from: name them, --data {', --data '.join(SETS)}"
        )
    if which == "npz":
        raise ValueError(f"{source.name} learned from digits of a file: name it, --data FILE")
    same = which == source.set and size is None
    side = int(size) if size else source.size if same else _usual_size(source.net.input)
    levels = scale(told) if same and which == "mnist" and side != 16 else None
    if levels and side in SCALES:
        return which, datasets.mnist(side, folder, scale=levels)
    return which, SETS[which](folder, side if side in SCALES else 16)


def _in_folder(data: str, first: str | None) -> str | None:
    """Which set has its published files in a folder, if one has: rather the one that the net learned from."""
    if not os.path.isdir(data):
        return None
    for name in dict.fromkeys((first, *PUBLISHED)):
        if name in (*PUBLISHED, "usps+printed"):
            with suppress(DataNotFoundError):
                SETS[name](data, 16)
                return name
    return None


def _of_files(source: Source, data: str, size: str | None) -> Digits:
    """Whatever digits a folder or a file has, with the levels of the papers' nets: the net's background is paper.

    What was found, and how it was scaled, is said on standard error.
    """
    paper, side = source.net.input.background, int(size) if size else source.size
    try:
        digits = datasets.load(data, size=side if side in SCALES else 16, scale=(paper, ink_of(paper)))
    except (ValueError, TypeError) as error:
        if os.path.basename(os.path.normpath(data)) in str(error):
            raise
        raise type(error)(f"{data}: {error}") from None
    if not click.get_current_context().params.get("quiet"):
        remark(f"sn89: {digits.name}: {'; '.join(digits.notes)}")
    return digits


def _check_labels(net: Net, digits: Digits, data: str) -> None:
    """Refuse images and labels of a file that are not for this net."""
    for X, y in (digits.train, digits.test):
        if len(X):
            try:
                check_images(X[:1], net.input)
                check_targets(y, len(y), net.outputs, net.cost)
            except (ValueError, TypeError) as error:
                raise type(error)(f"{data} does not fit {net.name}: {error}") from None


def check_paper(net: Net, digits: Digits) -> None:
    """Refuse images with another paper than the background that would surround them.

    Raises
    ------
    ValueError
        Which says so.
    """
    X, plane = digits.train[0], net.input
    if X.ndim in (3, 4) and (X.shape[-2] > plane.height or X.shape[-1] > plane.width):
        raise ValueError(
            f"{digits.name} of {X.shape[-2]}x{X.shape[-1]} pixels are larger than the {plane.height}x{plane.width} of "
            f"the input of {net.name}: give smaller ones (of MNIST: --size 16)"
        )
    smaller = X.ndim in (3, 4) and (X.shape[-2] < plane.height or X.shape[-1] < plane.width)
    if smaller and len(X) and abs(float(X.min()) - plane.background) > 1e-3:
        raise ValueError(
            f"{digits.name} of {X.shape[-2]}x{X.shape[-1]} pixels do not fit {net.name}: its input has "
            f"{plane.height}x{plane.width}, and the margin would be filled with {plane.background:g}, where the paper "
            f"of these images is {X.min():g}; give images of {plane.height}x{plane.width} (of MNIST: --size 32)"
        )


def part_of(digits: Digits, part: str) -> Part:
    """The training or the test digits.

    Raises
    ------
    ValueError
        If a file has no test digits.
    """
    X, y = digits.train if part == "train" else digits.test
    if not len(X):
        raise ValueError(f"{digits.name} has no test digits: --part train takes the others")
    return X, y
