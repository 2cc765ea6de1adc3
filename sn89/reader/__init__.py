"""Reading mail: from a picture to digits, as the machine of 1989 did, every step a file of its own.

A picture becomes grey levels (`sn89.pictures`), these become ink (``ink``), and ink connected pieces that might be
digits (``pieces``). Pieces form lines (``layout``). Those of a line are joined and cut as the net likes best
(``segment``), each digit normalised as the net is used to (``form``), and what comes of it is a `Reading`
(``reading``). ``recognisers`` has nets to read with, and ``practice`` what they learn from besides digits.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..arguments import whole
from ..ink import Ink
from ..net import Net
from ..pictures import LIMIT, Source, load, pictures_in
from .answering import Answer, Reject, judge_of, lines_in
from .asking import Region, count_of, regions_of
from .form import FRAME_16, MASS_28, Form, form_of
from .lattice import Clock, lattices_of
from .reading import Digit, Reading, annotated, write_png
from .scanning import scan_lines

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


def read(
    image: Source,
    net: Net,
    reject: Reject = None,
    *,
    ink: Ink = "auto",
    form: Form | None = None,
    region: Region | Sequence[Region] | None = None,
    digits: int | tuple[int, int] | None = None,
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
        Digits are rejected whose confidence, from 0 to 1, is less than this: with 0 none is, with 0.99 those that are
        more likely wrong than one time in a hundred, whatever the net. By default as the net's file says
        (`sn89.Confidence`), or 0.9. Or digits that the thresholds of a `sn89.measure.Rejection` reject.
    ink : {"auto", "dark", "light"}
        Whether ink is darker or lighter than paper.
    form : Form, optional
        How digits are normalised; by default that of the papers which fits the net (`form_of`).
    region : (int, int, int, int), or several of these, optional
        Where to read: left, top, width and height in pixels, as x, y, width, height. Several are the boxes of a form:
        each is read by itself, and is one line of the reading, an empty one if there is no digit in it. The whole
        picture by default.
    digits : int or (int, int), optional
        How many digits there are in each line, or from how many to how many. Each line is then read as so many digits
        in one field, whatever the paper between them, and lines that cannot hold as many are left out.
    limit : int
        Pixels that the picture may have.

    Returns
    -------
    Reading
        Without digits if there are none; then its reason says why.

    Raises
    ------
    TypeError, ValueError
        If there is no such picture, or an argument is wrong.
    OSError
        If the file cannot be opened.
    ImportError
        If scikit-image is not installed.
    """
    form, judge, counted = _checked(net, form), judge_of(net, reject), count_of(digits)
    clock = Clock()
    with clock("picture"):
        grey = load(image, whole(limit, "limit", least=1, most=10**10))
    answer = Answer(judge, grey.shape, clock.seconds)
    for left, top, right, bottom in regions_of(region, grey.shape[0], grey.shape[1]):
        found = lattices_of(grey[top:bottom, left:right], net, form, ink, clock)
        if counted and len(lines_in(found, counted)) < len(found.lattices):  # some line seems to hold fewer
            found = lattices_of(grey[top:bottom, left:right], net, form, ink, clock, thorough=True)
        with clock("segmentation"):
            lines = lines_in(found, counted)
        answer.reason = answer.reason or found.reason
        answer.add(lines, (top, left), one_line=region is not None, one_field=counted is not None)
    return answer.reading()


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
