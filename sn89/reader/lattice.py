"""All ways to read a line: its pieces, cut and joined in every way that may be right, each looked at by the net once.

Two batches go through the net for a picture: pieces as they are, then what comes of joining and cutting them. `read`
takes the best path through each lattice (``segment``, ``counting``), `sn89.reader.teach` the best one that agrees with
what is known to be written (``alignment``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..images import Ink
from ..net import Net
from .form import Form
from .ink import find_ink
from .layout import lines_of
from .pieces import RUNS, Piece, cut, find_pieces
from .segment import Classifier, Group, atoms_of, groups_of, is_digit, sureness

Floats = NDArray[np.float32]

NARROW = 0.35  # of a digit's height: pieces that are no wider are not cut even by who is thorough


class Lattice(NamedTuple):
    """One line: its smallest parts from left to right, and every group of neighbours among them."""

    atoms: list[Piece]
    groups: list[Group]


class Found(NamedTuple):
    """What is in a picture: its lattices, line by line, and the usual height of a digit in pixels."""

    lattices: list[Lattice]
    height: float


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
    """From grey levels to lattices; none where there is no ink.

    If they are to be thorough, every piece that is not narrow is cut, even if the net is sure that it is one digit.
    """
    with clock("threshold"):
        inked = find_ink(grey, ink)
    if not inked:
        return Found([], 0.0)
    with clock("pieces"):
        pieces, height = find_pieces(inked.mask)
        lines = lines_of(pieces, height)
    if not lines:
        return Found([], height)
    return Found(_Looking(net, form, inked.strength, height, clock, thorough).lattices(lines), height)


@dataclass
class _Looking:
    """A net that looks at the pieces of one picture."""

    net: Net
    form: Form
    strength: Any
    height: float
    clock: Clock
    thorough: bool

    def __post_init__(self) -> None:
        self.classifier = Classifier(self.net, self.form, self.strength)

    def lattices(self, lines: list[list[Piece]]) -> list[Lattice]:
        """The lattice of each line."""
        first = [[Group(i, i + 1, piece, 0.0) for i, piece in enumerate(line)] for line in lines]
        self._classify([group for line in first for group in line])
        with self.clock("segmentation"):
            known = {id(group.piece): group for line in first for group in line}
            atoms = [self._atoms(line, groups) for line, groups in zip(lines, first, strict=True)]
            groups = [groups_of(one, self.height) for one in atoms]
            fresh = []
            for group in (group for line in groups for group in line):
                if (same := known.get(id(group.piece))) is not None:
                    group.sure, group.image, group.outputs = same.sure, same.image, same.outputs
                else:
                    fresh.append(group)
        self._classify(fresh)
        return [Lattice(*both) for both in zip(atoms, groups, strict=True)]

    def _atoms(self, line: list[Piece], groups: list[Group]) -> list[Piece]:
        if not self.thorough:
            return atoms_of(line, [group.sure for group in groups], self.height)
        narrow = NARROW * self.height
        parts = [cut(piece, self.height, RUNS + 1) if piece.width > narrow else [piece] for piece in line]
        return sorted((atom for some in parts for atom in some), key=lambda one: one.left + one.right)

    def _classify(self, groups: list[Group]) -> None:
        """Let the net see those that are as large as digits."""
        large = [group for group in groups if is_digit(group, self.height)]
        if not large:
            return
        with self.clock("normalisation"):
            images = self.classifier.images([group.piece for group in large])
        with self.clock("classification"):
            outputs = self.net(images)
            sure = sureness(self.net, outputs).tolist()
        for group, image, output, value in zip(large, images, outputs, sure, strict=True):
            group.image, group.outputs, group.sure = image, output, value
