"""Practice for a reader's net: the pieces of pictures as the reader cuts them, well and badly.

A net that has seen digits alone is as sure of half a digit as of a whole one. The reader's own pieces of pictures whose
truth is known teach it both: pieces that are digits have their labels, and for the others no class is desired.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..aliases import Floats
from ..costs import Cost, HalfSquaredError
from ..datasets.mail import Box, Envelope
from ..ink import NOISE, THRESHOLDS, on_even_paper, smooth, tell_apart
from .form import FRAME_16, Form
from .layout import lines_of
from .pieces import Piece, cut_wide, find_pieces, in_order
from .segment import UNSURE_WIDTH, groups_of, is_digit

GOOD, BAD = 0.80, 0.60  # overlap of boxes, from 0 to 1: least with a digit, and largest of a piece that is none


def overlap(one: Box, other: Box) -> float:
    """The area that two boxes share, divided by the area that they cover together."""
    high, wide = (min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1))
    if high <= 0 or wide <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return high * wide / (areas - high * wide)


def practice(
    envelopes: Iterable[Envelope], form: Form = FRAME_16, thoroughly: bool = False
) -> tuple[Floats, NDArray[np.int64]]:
    """All pieces of pictures that might be digits, as images (n, size, size), and their labels, -1 for no digit.

    The reader's thresholds between ink and paper take turns from picture to picture; `thoroughly` uses all of them for
    every picture.
    """
    images, labels = [], []
    for number, envelope in enumerate(envelopes):
        relief = smooth(on_even_paper(np.asarray(envelope.image, np.float32) / np.float32(255)))
        for weak in THRESHOLDS if thoroughly else THRESHOLDS[number % len(THRESHOLDS) :][:1]:
            inked = tell_apart(relief, NOISE, weak)
            if inked is None:
                continue
            for piece in _candidates(find_pieces(inked.mask)):
                label = _label(piece.box, envelope)
                if label is not None:
                    images.append(form(piece.ink(inked.strength)))
                    labels.append(label)
    if not images:
        raise ValueError("there is nothing to practise on: no piece as large as a digit was found in these pictures")
    return np.stack(images), np.array(labels, np.int64)


def _candidates(pieces: list[Piece]) -> list[Piece]:
    """Every piece, and every group of pieces and of their parts, that the reader may show its net."""
    found: dict[Box, Piece] = {}
    for line in lines_of(pieces):
        height = line.height
        for atoms in (in_order(line.pieces), cut_wide(line.pieces, UNSURE_WIDTH, height)):
            found |= {group.piece.box: group.piece for group in groups_of(atoms, height) if is_digit(group, height)}
    return list(found.values())


def _label(box: Box, envelope: Envelope) -> int | None:
    """The digit in a box: -1 if there is none, None if it cannot be said."""
    overlaps = [overlap(box, digit.box) for digit in envelope.digits]
    best = int(np.argmax(overlaps))
    if overlaps[best] >= GOOD:
        return envelope.digits[best].label
    return -1 if overlaps[best] < BAD else None


def desired(labels: NDArray[np.int64], cost: Cost, classes: int = 10) -> Floats:
    """Rows of desired outputs, (n, classes), for labels, which are -1 for no class.

    For no class, every output is desired to be low if the error is squared; otherwise all classes are equally likely.
    """
    level = cost.low if isinstance(cost, HalfSquaredError) else 1 / classes
    none = np.full(classes, level, np.float32)
    rows: Floats = np.concatenate([cost.targets(classes), none[None]])[labels]
    return rows
