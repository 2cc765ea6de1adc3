"""A page on which a person corrects doubtful digits with the keyboard, and saves the table that `teach` learns from."""

import base64
import io
import json
import os
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

import numpy as np

from ..aliases import Floats
from ..atomic import write_whole
from .reading import Digit, Reading

__all__ = ["review"]

Read = tuple[str, Floats, Reading]

AROUND = 0.6  # of a digit's height: how much paper is shown around a string
HIGH, WIDE = 110, 900  # pixels of a string on the page, at most
SMALL = 90  # pixels: less high ones are shown larger


def review(read: Iterable[Read], path: str | os.PathLike[str]) -> int:
    """Write one HTML page, which fetches nothing, with every string that was read, the most doubtful first.

    Parameters
    ----------
    read : iterable of (str, ndarray, Reading)
        The name of each picture, its grey levels from 0 to 1, and its reading.
    path : path
        Where to write. The file is written whole or not at all.

    Returns
    -------
    int
        The number of strings on the page.
    """
    strings = [one for each in read for one in _strings(*each)]
    strings.sort(key=lambda one: one.pop("doubt"))
    page = files("sn89.reader").joinpath("review.html").read_text("utf-8")
    told = json.dumps(strings, separators=(",", ":")).replace("<", "\\u003c")
    write_whole(path, page.replace("__STRINGS__", told).encode())
    return len(strings)


def _strings(name: str, grey: Floats, reading: Reading) -> Iterable[dict[str, Any]]:
    """The strings of a picture as the page needs them; the whole picture if nothing was found in it."""
    for indices, text in zip(reading.fields, reading.strings, strict=True):
        digits = [reading.digits[i] for i in indices]
        yield _string(name, grey, digits, text)
    if not reading.fields:
        yield _string(name, grey, [], "")


def _string(name: str, grey: Floats, digits: list[Digit], text: str) -> dict[str, Any]:
    top, left, bottom, right = _around(digits, grey.shape[0], grey.shape[1])
    high, wide = bottom - top, right - left
    scale = min(WIDE / wide, HIGH / high if high > HIGH else max(1.0, SMALL / high))
    size = max(1, round(wide * scale)), max(1, round(high * scale))
    boxes = []
    for digit in digits:
        above, before, below, after = digit.box
        place = (before - left) / wide, (above - top) / high, (after - before) / wide, (below - above) / high
        boxes.append(
            {
                "box": [round(one, 4) for one in place],
                "label": digit.label,
                "confidence": f"{digit.confidence:.2f}",
                "doubtful": not digit.accepted,
            }
        )
    return {
        "picture": name,
        "text": text,
        "region": [left, top, wide, high] if digits else None,
        "image": _image(grey[top:bottom, left:right], size),
        "size": size,
        "digits": boxes,
        "doubt": min((digit.confidence for digit in digits), default=0.0),
    }


def _around(digits: list[Digit], height: int, width: int) -> tuple[int, int, int, int]:
    """The box of a string with some paper around it; the whole picture if there are no digits."""
    if not digits:
        return 0, 0, height, width
    boxes = np.array([digit.box for digit in digits])
    room = int(AROUND * np.median(boxes[:, 2] - boxes[:, 0])) + 2
    top, left = (max(0, int(boxes[:, i].min()) - room) for i in (0, 1))
    return top, left, min(height, int(boxes[:, 2].max()) + room), min(width, int(boxes[:, 3].max()) + room)


def _image(grey: Floats, size: tuple[int, int]) -> str:
    """A part of a picture as a data URL."""
    from PIL import Image

    content = io.BytesIO()
    picture = Image.fromarray(np.rint(255 * np.clip(grey, 0, 1)).astype(np.uint8))
    picture.resize(size, Image.Resampling.BICUBIC).save(content, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()
