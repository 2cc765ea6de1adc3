"""The inputs of verbs: nets by the names of the papers' or from files, digits by name, folder or file."""

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

#: The papers' nets, each with its recipe and the set on which it was trained.
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


@dataclass(frozen=True)
class Source:
    """A net, and where it comes from."""

    net: Net
    name: str  # of the paper's net, or of the file without its ending
    recipe: str  # the key of RECIPES for its training, or else of one that takes the same digits
    set: str | None  # the key of SETS for its digits; "npz" if they came from other files; None if unknown
    size: int  # height and width of these digits
    provenance: dict[str, Any]
    history: History | None = None


def papers_net(name: str, seed: int = 1) -> Source:
    """One of the papers' nets, untrained."""
    recipe, digits = RECIPES[name]
    net = recipe.net(seed=seed)
    return Source(net, name, name, digits, _usual_size(net.input), {})


def from_file(path: Path) -> Source:
    """The net of a file. Facts about its digits and its training that cannot be true are ignored."""
    beside = path.with_name(f"{path.name}.safetensors")
    if str(path) in RECIPES and not os.path.lexists(path) and not beside.exists():
        raise FileNotFoundError(
            f"{path} is a paper's net that has not been trained yet: sn89 train --net {path} writes {beside}"
        )
    stored = storage.read(path)
    net, recorded = stored.net, stored.about.get("provenance")
    provenance, history = recorded if isinstance(recorded, dict) else {}, None
    with suppress(ValueError, TypeError):
        history = history_in(stored) or history_of(provenance)
    if history and "history" not in provenance:  # a checkpoint
        provenance = with_history(provenance, history)
    digits, usual, recipe = digits_of(provenance), _usual_size(net.input), provenance.get("recipe")
    if not isinstance(recipe, str) or recipe not in RECIPES:
        recipe = "lenet5" if usual == 32 else "zip_code"
    which = digits.get("set")
    if not isinstance(which, str) or which not in (*SETS, "npz"):
        which = known_set(digits)
    return Source(net, path.stem, recipe, which, _size(digits) or usual, provenance, history)


def _size(digits: Mapping[str, Any]) -> int | None:
    """Height and width of the digits in a provenance, if they are square."""
    shape = digits.get("shape", [digits.get("size")] * 2)
    if not isinstance(shape, list) or len(shape) != 2 or shape[0] != shape[1]:
        return None
    side = shape[0]
    return side if isinstance(side, int) and not isinstance(side, bool) and 1 <= side <= LARGEST else None


def named_or_file(name: str, seed: int = 1) -> Source:
    """A paper's net by its name, or the net of a file."""
    if name in RECIPES:
        return papers_net(name, seed)
    if not os.path.lexists(name) and not name.endswith(".safetensors"):
        beside, near = Path(f"{name}.safetensors"), get_close_matches(name, RECIPES, 1)
        likely = str(beside) if beside.exists() else near[0] if near else storage.near_net(name)
        meant = f"; did you mean {likely}?" if likely else ""
        raise ValueError(
            f"there is no net and no file {name!r}: give one of the papers' nets, {', '.join(RECIPES)}, or a file"
            f"{meant}"
        )
    return from_file(Path(name))


def _usual_size(plane: Input) -> int:
    """Height and width of the digits for a net with these input planes, unless its file says otherwise."""
    if plane.background == SCALES[32][0] and plane.height == 32:  # LeNet-5
        return 32
    return min(16, plane.height, plane.width)


def find_digits(source: Source, data: str | None, size: str | None = None) -> tuple[str, Digits]:
    """The name of a set, and its digits for a net: those that --data names, or else those that it learned from.

    A line on standard error says if they are scaled otherwise than the digits that the net learned from.
    """
    recorded = digits_of(source.provenance)
    if data is None or data in SETS:
        which, digits = _of_set(source, data or source.set, None, size, recorded)
    elif inside := _in_folder(data, source.set):
        which, digits = _of_set(source, inside, data, size, recorded)
    else:
        which, digits = "npz", _of_files(source, data, size)
        _check_labels(source.net, digits, data)
    X = digits.train[0]
    if size is not None and X.shape[-2:] != (int(size), int(size)):
        raise ValueError(
            f"--size resizes images of 28x28, such as MNIST's, but those of {digits.name} have "
            f"{X.shape[-2]}x{X.shape[-1]} pixels: leave out --size"
        )
    check_paper(source.net, digits)
    if which != "npz":
        _check_labels(source.net, digits, digits.name)
    found = facts(*digits.train)
    if data is None and (other := others(recorded, found)):
        raise ValueError(
            f"{source.name} learned from {digits.name}, but not from these digits: {other}; name the digits with --data"
        )
    if other := otherwise_scaled(recorded, found):
        remark(f"sn89: {source.name}: {other}")
        source.net.levels = None  # so that the net does not warn again
    return which, digits


def _of_set(
    source: Source, which: str | None, folder: str | None, size: str | None, recorded: Mapping[str, Any]
) -> tuple[str, Digits]:
    """A set by its name, from a folder if one is given, of the size and scale that the net learned from."""
    if which is None:
        raise ValueError(
            f"{source.name} does not say which digits it learned from: name them with --data {', --data '.join(SETS)}"
        )
    if which == "npz":
        raise ValueError(f"{source.name} learned from digits in a file: name that file with --data FILE")
    same = which == source.set and size is None
    side = int(size) if size else source.size if same else _usual_size(source.net.input)
    levels = scale(recorded) if same and which == "mnist" and side != 16 else None
    if levels and side in SCALES:
        return which, datasets.mnist(side, folder, scale=levels)
    return which, SETS[which](folder, side if side in SCALES else 16)


def _in_folder(data: str, first: str | None) -> str | None:
    """The set whose published files are in a folder, if there is one; the one that the net learned from comes first."""
    if not os.path.isdir(data):
        return None
    for name in dict.fromkeys((first, *PUBLISHED)):
        if name in (*PUBLISHED, "usps+printed"):
            with suppress(DataNotFoundError):
                SETS[name](data, 16)
                return name
    return None


def _of_files(source: Source, data: str, size: str | None) -> Digits:
    """The digits of a folder or file, scaled so that paper has the level of the net's background.

    A line on standard error says what was found and how it was scaled.
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
    """Raise an error if images or labels do not fit the net."""
    for X, y in (digits.train, digits.test):
        if len(X):
            try:
                check_images(X[:1], net.input)
                check_targets(y, len(y), net.outputs, net.cost)
            except (ValueError, TypeError) as error:
                raise type(error)(f"{data} does not fit {net.name}: {error}") from None


def check_paper(net: Net, digits: Digits) -> None:
    """Raise a ValueError if images are too large, or would get a margin of another level than their paper."""
    X, plane = digits.train[0], net.input
    if X.ndim not in (3, 4):
        return
    height, width = X.shape[-2:]
    if height > plane.height or width > plane.width:
        raise ValueError(
            f"the images of {digits.name} have {height}x{width} pixels, but the input of {net.name} has only "
            f"{plane.height}x{plane.width}: give smaller images (for MNIST: --size 16)"
        )
    smaller = height < plane.height or width < plane.width
    if smaller and len(X) and abs(float(X.min()) - plane.background) > 1e-3:
        raise ValueError(
            f"the images of {digits.name} have {height}x{width} pixels and the input of {net.name} has "
            f"{plane.height}x{plane.width}: the margin would have the level {plane.background:g}, but the paper of the "
            f"images has {X.min():g}; give images of {plane.height}x{plane.width} (for MNIST: --size 32)"
        )


def part_of(digits: Digits, part: str) -> Part:
    """The training or the test digits; there must be some."""
    X, y = digits.train if part == "train" else digits.test
    if not len(X):
        raise ValueError(f"{digits.name} has no test digits: use the training digits with --part train")
    return X, y
