"""Reading without segmentation: a net is replicated over a whole line, and digits are where it is sure.

The lines are found and scaled to the net's height, and no digit is cut out. The net sees every column of the line
(Proc. IEEE 86(11), 1998, section VII, "recognition without segmentation").
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..aliases import Floats
from ..datasets.mail import Envelope
from ..ink import Ink, find_ink
from ..net import Net
from ..pictures import LIMIT, Source, load
from ..replicate import scan, strides
from .form import Form, form_of
from .layout import lines_of
from .pieces import Piece, find_pieces
from .segment import sure_scores

SURE = 0.6  # from 0 to 1: where the net is less sure there is no digit
APART = 0.45  # heights of a digit: least distance of two digits


class Seen(NamedTuple):
    """A digit: the column of its middle in the picture, its label, and how sure the net is, from 0 to 1."""

    column: float
    label: int
    sure: float


def scan_lines(
    image: Source,
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
    image : array_like or path
        The picture, as for `read`.
    net : Net
        A net that can be replicated, such as LeNet-1 or LeNet-5.
    sure : float
        How sure the net must be of a digit, from 0 to 1.
    ink : {"auto", "dark", "light"}
        As for `read`.
    form : Form, optional
        As for `read`.
    limit : int
        As for `read`.

    Returns
    -------
    list of list of Seen
        The digits of each line, from left to right.

    Raises
    ------
    TypeError, ValueError, OSError
        As for `read`, and if the net cannot be replicated.
    """
    form = form_of(net) if form is None else form
    strips = strips_of(load(image, limit), net, form, ink)
    return [_decode(*_scores(strip.plane, net), strip, sure, APART * form.side) for strip in strips]


class Strip(NamedTuple):
    """A line scaled for the net, with as much paper at both ends as the net's input is wide.

    One pixel of ``plane`` is ``scale`` pixels of the picture; ``box`` is the line's top, left, bottom and right there.
    """

    plane: Floats
    scale: float
    box: tuple[int, int, int, int]


def strips_of(grey: Floats, net: Net, form: Form, ink: Ink = "auto") -> list[Strip]:
    """All lines of a picture, scaled so that digits are as high as those that the net has learned."""
    inked = find_ink(grey, ink)
    if inked is None:
        return []
    strength = inked.strength * inked.mask
    return [_strip(strength, line.pieces, line.height, form, net) for line in lines_of(find_pieces(inked.mask))]


def _strip(strength: Floats, line: list[Piece], height: float, form: Form, net: Net) -> Strip:
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
    plane = form.paper + (form.ink - form.paper) * np.minimum(plane / max(float(small.max()), 1e-6), 1)
    return Strip(plane.astype(np.float32), 1 / scale, (top, left, bottom, right))


def _scores(plane: Floats, net: Net) -> tuple[Floats, Floats, Floats]:
    """The scores of every column, (columns, classes), how sure the net is, and the column's place in the line."""
    step, found, places = strides(net)[1], [], []
    for shift in range(step):
        part = scan(net, plane[:, shift:])[:, 0].T
        found.append(part)
        places.append(shift + step * np.arange(len(part)) - net.input.width / 2)
    columns = np.concatenate(places)
    order = np.argsort(columns, kind="stable")
    scores = np.concatenate(found)[order]
    return scores, sure_scores(net, scores), columns[order]


def _decode(scores: Floats, sure: Floats, columns: Floats, strip: Strip, least: float, apart: float) -> list[Seen]:
    """The surest columns, none close to a surer one, from left to right."""
    left, seen = sure.copy(), []
    while left.max() >= least:
        best = int(left.argmax())
        column = strip.box[1] + strip.scale * float(columns[best])
        seen.append(Seen(column, int(scores[best].argmax()), float(sure[best])))
        left[np.abs(columns - columns[best]) < apart] = -1
    return sorted(seen)


def windows(envelopes: Iterable[Envelope], net: Net, form: Form) -> tuple[Floats, NDArray[np.int64]]:
    """The images that a net sees as it is swept over lines: digits with their neighbours, and the gaps between them.

    Images are float32 (n, height, width); labels are int64 (n,), -1 for a gap.
    """
    images, labels = [], []
    for envelope in envelopes:
        for strip in strips_of(np.asarray(envelope.image, np.float32) / np.float32(255), net, form):
            for place, label in _targets(strip, envelope, form):
                first = round(place + net.input.width / 2)
                if 0 <= first <= strip.plane.shape[1] - net.input.width:
                    images.append(strip.plane[:, first : first + net.input.width])
                    labels.append(label)
    if not images:
        raise ValueError("there is nothing to practise on: no line of digits was found in these pictures")
    return np.stack(images), np.array(labels, np.int64)


def _targets(strip: Strip, envelope: Envelope, form: Form) -> list[tuple[float, int]]:
    """Columns of a strip with labels: at and beside the middle of each digit, and in the gaps between digits."""
    top, left, bottom, _ = strip.box
    mine = [one for one in envelope.digits if top <= (one.box[0] + one.box[2]) / 2 <= bottom]
    middles = [((one.box[1] + one.box[3]) / 2 - left) / strip.scale for one in mine]
    found = [(middle + off, one.label) for middle, one in zip(middles, mine, strict=True) for off in (-1.5, 0.0, 1.5)]
    gaps = [(a, b) for a, b in pairwise(middles) if b - a > 0.5 * form.side]
    return found + [(a + share * (b - a), -1) for a, b in gaps for share in (0.4, 0.6)]
