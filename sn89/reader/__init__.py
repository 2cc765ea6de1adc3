"""Reading mail: from a picture to digits, as the machine of 1989 did, every step in a file of its own.

A picture becomes grey levels (`sn89.pictures`), these become ink (`sn89.ink`), and ink becomes connected pieces that
may be digits (``pieces``). Pieces form lines (``layout``). Those of a line are joined and cut as the net likes best
(``segment``), each digit is normalised for the net (``form``), and the result is a `Reading` (``reading``).
``recognisers`` has nets to read with, and ``practice`` makes what they learn from besides digits.
"""

import os

from ..pictures import LIMIT, Source, load, pictures_in
from .answering import read
from .form import FRAME_16, MASS_28, Form, form_of
from .reading import Digit, Reading, annotated, write_png
from .ready import recogniser, train_recogniser
from .review import review
from .scanning import scan_lines
from .teaching import Score, Taught, aligned, teach
from .truth import Truth, Written, read_truth

__all__ = [
    "FRAME_16",
    "LIMIT",
    "MASS_28",
    "Digit",
    "Form",
    "Reading",
    "Score",
    "Taught",
    "Truth",
    "Written",
    "aligned",
    "annotate",
    "form_of",
    "load",
    "pictures_in",
    "read",
    "read_truth",
    "recogniser",
    "review",
    "scan_lines",
    "teach",
    "train_recogniser",
]


def annotate(image: Source, reading: Reading, path: str | os.PathLike[str], limit: int = LIMIT) -> None:
    """Write a picture as a PNG file with the boxes, labels and confidences of its digits, rejected ones in orange.

    Parameters
    ----------
    image : array_like or path
        The picture that was read.
    reading : Reading
        Its reading.
    path : path
        Where to write. The file is written whole or not at all.
    limit : int
        As for `read`.
    """
    write_png(annotated(load(image, limit), reading), path)
