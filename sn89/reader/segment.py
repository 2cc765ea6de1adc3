"""Which pieces make a digit: whole ones, several joined, or parts of one that was cut, as the net judges them.

Every way to group the pieces of a line, from left to right, is a path. Each group on it is normalised and classified,
and the path wins on which most of the ink belongs to groups that the net is sure of (Proc. IEEE 86(11), 1998, sections
V.A and VI, "heuristic over-segmentation"). All paths have the same ink, so none wins by having more or fewer digits.
"""

from dataclasses import dataclass
from itertools import chain

import numpy as np

from ..aliases import Floats
from ..costs import HalfSquaredError, RBFDiscriminative
from ..net import Net
from .layout import FULL, is_dash
from .pieces import RUNS, Piece, cut_wide, in_order, join

SURE = 0.80  # a piece of which the net is so sure is not cut, unless it is wide
LOST = 0.30  # a piece of which the net is less sure may be cut through two strokes
UNSURE_WIDTH, SURE_WIDTH = 0.70, 1.10  # of a digit's height: the net is unsure or sure, and narrower pieces are not cut
WIDEST = 1.35  # of a digit's height: no group of several pieces is wider
CLOSE, CLOSER = 0.30, 0.04  # of a digit's height: largest gap between fragments of a digit, and between larger parts
HIGHEST = 0.35  # of a digit's height: one piece of a digit must be so high
CUT_OFF = 0.62  # of a digit's height: a piece that was cut off must be so high to be a digit
WHOLE, JOINED = 0.10, -0.04  # bonus for a group that is one whole piece, or several
FRAGMENT = 0.40  # sureness of a fragment that belongs to no digit
PIECES = 4  # in a group, at most
NONE = 0.25  # confidence below which a group is more likely no digit at all
WORDS = 0.5  # share of a field or of a long line that must be no digits for it to be none: words, signs, pictures


def sure_scores(net: Net, scores: Floats) -> Floats:
    """How sure a net is, from 0 to 1, by the difference of its two largest scores (n, classes)."""
    top = np.sort(scores, axis=1)[:, -2:]
    sure: Floats = np.clip((top[:, 1] - top[:, 0]) / _full(net), 0, 1)
    return sure


def _full(net: Net) -> float:
    """The difference at which a net is as sure as can be; chosen on pictures of training digits."""
    if isinstance(net.cost, HalfSquaredError):
        return (net.cost.high - net.cost.low) / 2
    if isinstance(net.cost, RBFDiscriminative):
        return 8.0  # of some 80 between two of LeNet-5's prototypes
    return 1.0


@dataclass(eq=False)
class Group:
    """Neighbouring pieces of a line as one digit: the first and the one after the last, and what the net says."""

    first: int
    end: int
    piece: Piece
    bonus: float
    sure: float = FRAGMENT
    image: Floats | None = None
    outputs: Floats | None = None


def atoms_of(line: list[Piece], sure: list[float], height: float) -> list[Piece]:
    """The pieces of a line, where those that may be several touching digits are cut."""
    parts = (
        cut_wide([piece], SURE_WIDTH if value >= SURE else UNSURE_WIDTH, height, RUNS if value >= LOST else RUNS + 1)
        for piece, value in zip(line, sure, strict=True)
    )
    return in_order(chain.from_iterable(parts))


def groups_of(atoms: list[Piece], height: float) -> list[Group]:
    """All groups of neighbouring pieces that might be a digit, and every single piece."""
    groups, dashes = [], [is_dash(atom, atoms, height) for atom in atoms]
    for first, piece in enumerate(atoms):
        groups.append(Group(first, first + 1, piece, WHOLE if piece.whole else 0.0))
        left, right, highest, any_whole = piece.left, piece.right, piece.height, piece.whole
        for i in range(first + 1, min(first + PIECES, len(atoms))):
            added = atoms[i]
            small = min(highest, added.height) < 0.75 * height
            cut_apart = not (added.whole or atoms[i - 1].whole)
            gap = added.left - right
            if dashes[first] or dashes[i] or gap > (CLOSE if small or cut_apart else CLOSER) * height:
                break
            left, right = min(left, added.left), max(right, added.right)
            highest, any_whole = max(highest, added.height), any_whole or added.whole
            if right - left > WIDEST * height:
                break
            if highest >= HIGHEST * height:
                groups.append(Group(first, i + 1, join(atoms[first : i + 1]), JOINED if any_whole else 0.0))
    return groups


def is_digit(group: Group, height: float) -> bool:
    """Whether a group is as large as digits are; what was cut off has to be larger."""
    return group.piece.height >= (FULL if group.piece.whole else CUT_OFF) * height


def best_path(atoms: list[Piece], groups: list[Group]) -> list[Group]:
    """The groups that hold every piece once and have the most ink, each weighted by how sure the net is of it."""
    ink = np.append(0, np.cumsum([int(atom.mask.sum()) for atom in atoms])).astype(float)
    value, last = np.full(len(atoms) + 1, -np.inf), dict[int, Group]()
    value[0] = 0
    for group in sorted(groups, key=lambda one: one.end):
        total = value[group.first] + (ink[group.end] - ink[group.first]) * (group.sure + group.bonus)
        if total > value[group.end]:
            value[group.end], last[group.end] = total, group
    path, end = list[Group](), len(atoms)
    while end:
        path.append(last[end])
        end = last[end].first
    return path[::-1]
