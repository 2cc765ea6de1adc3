"""Reading mail: from a picture to digits, as the machine of 1989 did, every step a file of its own.

A picture becomes grey levels (`sn89.pictures`), these become ink (``ink``), and ink connected pieces that might be
digits (``pieces``). Pieces form lines (``layout``). Those of a line are joined and cut as the net likes best
(``segment``), each digit normalised as the net is used to (``form``), and what comes of it is a `Reading`
(``reading``). ``recognisers`` has nets to read with, and ``practice`` what they learn from besides digits.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..arguments import real, whole
from ..images import Ink
from ..measure import Rejection
from ..net import Net
from ..pictures import LIMIT, Source, load, pictures_in
from .form import FRAME_16, MASS_28, Form, form_of
from .ink import find_ink
from .layout import fields_of, is_dash, lines_of
from .pieces import Piece, find_pieces
from .reading import Digit, Reading, annotated, write_png
from .scanning import scan_lines
from .segment import Classifier, Group, atoms_of, best_path, groups_of, is_digit, sureness

__all__ = [
    "FRAME_16",
    "LIMIT",
    "MASS_28",
    "Digit",
    "Form",
    "Reading",
    "annotate",
    "form_of",
    "load",
    "pictures_in",
    "read",
    "scan_lines",
]

Reject = float | Rejection | None


def read(
    image: Source,
    net: Net,
    reject: Reject = None,
    *,
    ink: Ink = "auto",
    form: Form | None = None,
    limit: int = LIMIT,
) -> Reading:
    """Read the digits of a picture.

    Parameters
    ----------
    image : array_like, path, bytes, file or Pillow image
        Grey or colour, of any depth, or a file of any kind that `sn89.pictures.picture` opens.
    net : Net
        A trained net of ten outputs.
    reject : float or Rejection, optional
        Digits are rejected whose two largest scores do not differ by more than this (Neural Computation 1(4), 1989);
        or those that the thresholds of a `sn89.measure.Rejection` reject. None are by default.
    ink : {"auto", "dark", "light"}
        Whether ink is darker or lighter than paper.
    form : Form, optional
        How digits are normalised; by default that of the papers which fits the net (`form_of`).
    limit : int
        Pixels that the picture may have.

    Returns
    -------
    Reading
        Without digits if there are none.

    Raises
    ------
    TypeError, ValueError
        If there is no such picture, or an argument is wrong.
    OSError
        If the file cannot be opened.
    ImportError
        If scikit-image is not installed.
    """
    form, thresholds = _checked(net, form), _thresholds(reject)
    clock = _Clock()
    with clock("picture"):
        grey = load(image, whole(limit, "limit", least=1, most=10**10))
    with clock("threshold"):
        inked = find_ink(grey, ink)
    with clock("pieces"):
        pieces, height = find_pieces(inked.mask) if inked else ([], 0.0)
        lines = lines_of(pieces, height)
    found = _Reader(net, form, inked.strength, height, clock).lines(lines) if inked and lines else []
    return _reading(found, net, thresholds, height, grey.shape, clock.seconds)


def annotate(image: Source, reading: Reading, path: str | os.PathLike[str], limit: int = LIMIT) -> None:
    """Write a picture as a PNG file with what was read in it: boxes, labels, confidences; rejected ones in orange.

    Parameters
    ----------
    image : array_like or path
        What was read.
    reading : Reading
        What came of it.
    path : path
        Where to write. The file is written whole or not at all.
    limit : int
        As for `read`.
    """
    write_png(annotated(load(image, limit), reading), path)


def _checked(net: Net, form: Form | None) -> Form:
    try:
        import skimage  # noqa: F401
    except ImportError:
        raise ImportError("reading pictures needs scikit-image: pip install 'sn89[reader]'") from None
    if not isinstance(net, Net):
        raise TypeError(f"net must be a Net, not {net!r}")
    if net.outputs != 10:
        raise ValueError(f"net must have ten outputs, one for each digit, not {net.outputs}")
    if not isinstance(form, Form | None):
        raise TypeError(f"form must be a Form, such as sn89.reader.FRAME_16, not {form!r}")
    form = form_of(net) if form is None else form
    if form.size > min(net.input.height, net.input.width):
        raise ValueError(f"digits of {form.size} x {form.size} pixels do not fit the net's input, {net.input}")
    return form


def _thresholds(reject: Reject) -> Rejection:
    if isinstance(reject, Rejection):
        return reject
    return Rejection(0, 0, 0, -np.inf if reject is None else real(reject, "reject"))


class _Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - started


class _Reader:
    """The steps from lines of pieces to lines of groups, with two batches for the net."""

    def __init__(self, net: Net, form: Form, strength: Any, height: float, clock: _Clock) -> None:
        self.classifier, self.height, self.clock = Classifier(net, form, strength), height, clock

    def lines(self, lines: list[list[Piece]]) -> list[list[Group]]:
        """The groups of each line, from left to right: digits, and fragments that are none."""
        first = [[Group(i, i + 1, piece, 0.0) for i, piece in enumerate(line)] for line in lines]
        self._classify([group for line in first for group in line])
        with self.clock("segmentation"):
            known = {id(group.piece): group for line in first for group in line}
            atoms = [
                atoms_of(line, [group.sure for group in groups], self.height)
                for line, groups in zip(lines, first, strict=True)
            ]
            groups = [groups_of(one, self.height) for one in atoms]
            fresh = []
            for group in (group for line in groups for group in line):
                if (same := known.get(id(group.piece))) is not None:
                    group.sure, group.image, group.outputs = same.sure, same.image, same.outputs
                else:
                    fresh.append(group)
        self._classify(fresh)
        with self.clock("segmentation"):
            return [best_path(*both) for both in zip(atoms, groups, strict=True)]

    def _classify(self, groups: list[Group]) -> None:
        """Let the net see those that are as large as digits."""
        large = [group for group in groups if is_digit(group, self.height)]
        if not large:
            return
        with self.clock("normalisation"):
            images = self.classifier.images([group.piece for group in large])
        with self.clock("classification"):
            outputs = self.classifier.net(images)
            sure = sureness(self.classifier.net, outputs).tolist()
        for group, image, output, value in zip(large, images, outputs, sure, strict=True):
            group.image, group.outputs, group.sure = image, output, value


def _reading(
    lines: list[list[Group]], net: Net, thresholds: Rejection, height: float, shape: Any, seconds: dict[str, float]
) -> Reading:
    digits: list[Digit] = []
    fields: list[tuple[int, ...]] = []
    by_line: list[tuple[int, ...]] = []
    for line in lines:
        found = [group for group in line if group.outputs is not None]
        pieces = [group.piece for group in found]
        others = [group.piece for group in line if group.outputs is None]
        dashes = [one for one in others if is_dash(one, pieces, height)]
        mine = [tuple(len(digits) + i for i in one) for one in fields_of(pieces, dashes, height)]
        by_line.append(tuple(range(len(fields), len(fields) + len(mine))))
        fields += mine
        digits += [_digit(group, net, thresholds) for group in found]
    return Reading(tuple(digits), tuple(fields), tuple(by_line), shape, seconds)


def _digit(group: Group, net: Net, thresholds: Rejection) -> Digit:
    assert group.image is not None
    assert group.outputs is not None
    scores = net.cost.scores(group.outputs)
    second, first = np.sort(scores)[-2:].astype(float).tolist()
    reason = _doubt(first, second, thresholds)
    box = group.piece.box
    return Digit(box, group.image, int(scores.argmax()), group.outputs, first - second, not reason, reason)


def _doubt(first: float, second: float, thresholds: Rejection) -> str:
    """Why a digit with these two largest scores is rejected; nothing if it is not."""
    apart = first - second
    if not apart > thresholds.difference:
        return f"doubtful: its two largest scores differ by {apart:.3g}, not by more than {thresholds.difference:.3g}"
    if not first > thresholds.first:
        return f"doubtful: its largest score is {first:.3g}, not above {thresholds.first:.3g}"
    if not second < thresholds.second:
        return f"doubtful: its second score is {second:.3g}, not below {thresholds.second:.3g}"
    return ""
