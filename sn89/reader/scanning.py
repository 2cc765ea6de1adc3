"""Reading without segmentation: a net replicated over a whole line, and the places where it is sure.

The lines are found and brought to the net's height; no digit is cut out. The net looks at every column of the line
(Proc. IEEE 86(11), 1998, section VII, "recognition without segmentation").
"""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..images import Ink
from ..net import Net
from ..replicate import scan, strides
from .form import Form, form_of
from .ink import find_ink
from .layout import lines_of
from .picture import LIMIT, load
from .pieces import find_pieces
from .segment import sure_scores

Floats = NDArray[np.float32]

SURE = 0.5  # of 1: where the net is less sure there is no digit
APART = 0.45  # heights of a digit: two digits are not closer than that


class Seen(NamedTuple):
    """A digit that was seen: the column of its middle in the picture, its label, and how sure the net is, 0 to 1."""

    column: float
    label: int
    sure: float


def scan_lines(
    image: ArrayLike | str | os.PathLike[str],
    net: Net,
    sure: float = SURE,
    *,
    ink: Ink = "auto",
    form: Form | None = None,
    limit: int = LIMIT,
) -> list[list[Seen]]:
    """Read the lines of a picture without segmentation.

    Parameters
    ----------
    image, ink, form, limit
        As for `read`.
    net : Net
        One that can be replicated: LeNet-1, LeNet-5.
    sure : float
        How sure the net must be of a digit, from 0 to 1.

    Returns
    -------
    list of list of Seen
        Of each line the digits from left to right.

    Raises
    ------
    TypeError, ValueError, OSError
        As for `read`; and if the net cannot be replicated.
    """
    form = form_of(net) if form is None else form
    inked = find_ink(load(image, limit), ink)
    if inked is None:
        return []
    pieces, height = find_pieces(inked.mask)
    strength = inked.strength * inked.mask
    return [
        _decode(
            *_scores(_line(strength, line, height, form, net), net),
            height / form.side,
            min(one.left for one in line),
            sure,
            APART * form.side,
        )
        for line in lines_of(pieces, height)
    ]


def _line(strength: Floats, line: list, height: float, form: Form, net: Net) -> Floats:
    """The ink of a line as the net wants it, so high that a digit is as high as it has learned, with room beside it."""
    from PIL import Image

    top, bottom = min(one.top for one in line), max(one.bottom for one in line)
    left, right = min(one.left for one in line), max(one.right for one in line)
    scale = form.side / height
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    small = np.asarray(Image.fromarray(strength[top:bottom, left:right]).resize(size, Image.Resampling.BOX))
    middle = round((float(np.median([one.middle for one in line])) - top) * scale)
    plane = np.zeros((net.input.height, small.shape[1] + 2 * net.input.width), np.float32)
    first = net.input.height // 2 - middle  # row of the plane where the line's first one is
    rows = slice(max(0, first), min(len(plane), first + len(small)))
    plane[rows, net.input.width : -net.input.width] = small[rows.start - first : rows.stop - first]
    return form.paper + (form.ink - form.paper) * np.minimum(plane / max(float(small.max()), 1e-6), 1)


def _scores(plane: Floats, net: Net) -> tuple[Floats, Floats, Floats]:
    """Of every column the scores (columns, classes), how sure the net is, and where in the line that is, in pixels."""
    step, found, places = strides(net)[1], [], []
    for shift in range(step):
        part = scan(net, plane[:, shift:])[:, 0].T
        found.append(part)
        places.append(shift + step * np.arange(len(part)) - net.input.width / 2)
    columns = np.concatenate(places)
    order = np.argsort(columns, kind="stable")
    scores = np.concatenate(found)[order]
    return scores, sure_scores(net, scores), columns[order]


def _decode(
    scores: Floats, sure: Floats, columns: Floats, scale: float, start: int, least: float, apart: float
) -> list[Seen]:
    """The surest columns, none close to a surer one, from left to right."""
    left, seen = sure.copy(), []
    while left.max() >= least:
        best = int(left.argmax())
        seen.append(Seen(start + scale * float(columns[best]), int(scores[best].argmax()), float(sure[best])))
        left[np.abs(columns - columns[best]) < apart] = -1
    return sorted(seen)
