"""All ways to read a line: its pieces, cut and joined in every way that may be right, each judged by the net once.

The net sees two batches for each picture: pieces as they are, then all that comes of joining and cutting them. `read`
takes the best path through each lattice (``segment``, ``counting``), `sn89.reader.teach` the best one that spells the
known string.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..aliases import Floats
from ..ink import NOISE, SECOND_TRY, SMALLEST, THRESHOLDS, WEAK, Ink, on_even_paper, smooth, tell_apart
from ..net import Net
from .form import Form
from .layout import Line, lines_of
from .pieces import RUNS, Piece, cut_wide, find_pieces
from .segment import NONE, WORDS, Group, atoms_of, best_path, groups_of, is_digit, sure_scores

TRIES = (*((NOISE, weak) for weak in THRESHOLDS), (SECOND_TRY, WEAK))  # by which ink is told from paper
CERTAIN = 0.95  # mean sureness of a picture's digits, beyond which no other threshold is tried
FEW = 200  # nor is one where there are more digits
NO_PIECE = "there is ink, but no piece of it has the size and shape of a digit"
LETTER = 0.9  # of a digit's height: a wider piece may be several digits
NARROW = 0.35  # of a digit's height: narrower pieces are never cut
PRINT = 12  # pieces: a line of so many is print if most of them are no digits and are as narrow as one letter


class Lattice(NamedTuple):
    """One line: its smallest parts from left to right, all groups of neighbours, and the height of its digits."""

    atoms: list[Piece]
    groups: list[Group]
    height: float


class Found(NamedTuple):
    """The lattices of a picture, line by line; or the reason why no digit was found."""

    lattices: list[Lattice]
    reason: str = ""


class Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - started


def lattices_of(grey: Floats, net: Net, form: Form, ink: Ink, clock: Clock, thorough: bool = False) -> Found:
    """The lattices of a picture, by the threshold between ink and paper at which the net is surest.

    Other thresholds than the first are tried only where the net is in doubt. `thorough` cuts every piece that is not
    narrow, even if the net is sure that it is one digit.
    """
    best, surest = Found([], _why_nothing(grey.shape)), -1.0
    for found in tries(grey, net, form, ink, clock, thorough):
        with clock("segmentation"):
            digits, sure = _sure_of(found)
        if sure > surest:
            best, surest = found, sure
        if digits > FEW or sure >= CERTAIN:
            break
    return best


def _sure_of(found: Found) -> tuple[int, float]:
    """How many digits there are, and how sure the net is of them on average; 0 if there are none."""
    paths = [best_path(one.atoms, one.groups) for one in found.lattices]
    sure = [group.sure for path in paths for group in path if group.outputs is not None]
    return len(sure), float(np.mean(sure)) if sure else 0.0


def tries(grey: Floats, net: Net, form: Form, ink: Ink, clock: Clock, thorough: bool = False) -> Iterator[Found]:
    """What is found with each threshold between ink and paper; the next one is tried only when it is asked for."""
    if min(grey.shape) < SMALLEST:
        return
    with clock("threshold"):
        relief = smooth(on_even_paper(grey, ink))
    for noise, weak in TRIES:
        with clock("threshold"):
            inked = tell_apart(relief, noise, weak)
        if inked:
            with clock("pieces"):
                lines = lines_of(find_pieces(inked.mask))
            found = _Looking(net, form, inked.strength, clock, thorough).lattices(lines)
            del inked  # before the next one is made: a picture is large
            digits = any(group.outputs is not None for one in found for group in one.groups)
            yield Found(found if digits else [], "" if digits else NO_PIECE)


def _why_nothing(shape: tuple[int, ...]) -> str:
    height, width = shape
    if min(shape) < SMALLEST:
        return f"there are {height} x {width} pixels, and a digit needs {SMALLEST} in both directions"
    return "nothing stands out from the paper: the picture is even, or its grain is as strong as its ink"


@dataclass
class _Looking:
    """A net and the picture whose pieces it judges."""

    net: Net
    form: Form
    strength: Any
    clock: Clock
    thorough: bool

    def lattices(self, lines: list[Line]) -> list[Lattice]:
        """The lattice of each line."""
        heights = [line.height for line in lines]
        first = [[Group(i, i + 1, piece, 0.0) for i, piece in enumerate(line.pieces)] for line in lines]
        self._classify(first, heights)
        with self.clock("segmentation"):
            known = {id(group.piece): group for line in first for group in line}
            atoms = [self._atoms(line, groups) for line, groups in zip(lines, first, strict=True)]
            groups = [groups_of(one, height) for one, height in zip(atoms, heights, strict=True)]
            for group in (one for line in groups for one in line if id(one.piece) in known):
                same = known[id(group.piece)]
                group.sure, group.image, group.outputs = same.sure, same.image, same.outputs
            fresh = [[one for one in line if id(one.piece) not in known] for line in groups]
        self._classify(fresh, heights)
        return [Lattice(*both) for both in zip(atoms, groups, heights, strict=True)]

    def _atoms(self, line: Line, groups: list[Group]) -> list[Piece]:
        if self.thorough:
            return cut_wide(line.pieces, NARROW, line.height, RUNS + 1)
        if self._is_print(groups, line.height):
            return line.pieces
        return atoms_of(line.pieces, [group.sure for group in groups], line.height)

    def _is_print(self, groups: list[Group], height: float) -> bool:
        """Whether a line is print. Its letters are not cut, which would take a third of the time of a page.

        Linked digits are no digit to the net, either, but they are wider than a letter.
        """
        outputs = [group.outputs for group in groups if group.outputs is not None]
        if len(outputs) < PRINT:
            return False
        narrow = [group.piece.width <= LETTER * height for group in groups if group.outputs is not None]
        return bool(np.mean(narrow & (self.net.confident_of(np.stack(outputs)) < NONE)) > WORDS)

    def _classify(self, lines: list[list[Group]], heights: list[float]) -> None:
        """Show the net those groups that are as large as digits of their line."""
        both = zip(lines, heights, strict=True)
        large = [group for line, height in both for group in line if is_digit(group, height)]
        if not large:
            return
        with self.clock("normalisation"):
            images = np.stack([self.form(group.piece.ink(self.strength)) for group in large])
        with self.clock("classification"):
            outputs = self.net(images)
            sure = sure_scores(self.net, self.net.cost.scores(outputs)).tolist()
        for group, image, output, value in zip(large, images, outputs, sure, strict=True):
            group.image, group.outputs, group.sure = image, output, value
