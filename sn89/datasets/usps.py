"""The zip-code digits that the United States Postal Service gave to the paper's authors (USPS).

They are published in two forms of text, one line for each digit:

``zip.train``, ``zip.test``
    A label, then 256 grey levels with three decimals (Hastie, Tibshirani and Friedman, *The Elements of
    Statistical Learning*).
``usps``, ``usps.t``
    A label plus 1, then ``index:level`` with indices from 1 (LIBSVM). Here the images have been smoothed, by
    a Gaussian of standard deviation 0.75 pixel, which is not what the papers' networks saw. It is undone:
    the published six decimals suffice to find the three of the original again, exactly.

Both end up as the very same digits; checksums see to it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import files
from .digits import Digits, Part

URL = "https://hastie.su.domains/ElemStatLearn/datasets/"
SIZE = 16  # pixels, height and width of an image
PIXELS = SIZE * SIZE


class Published(NamedTuple):
    """What is known of one part of the set."""

    file: files.File
    counts: tuple[int, ...]  # of the digits 0 to 9
    text_sha256: str  # of zip.train or zip.test, decompressed
    digits_sha256: str  # of digit_bytes


TRAIN = Published(
    files.File(
        ("zip.train.gz", "zip.train", "usps.bz2"),
        "66ebf231ab51f2cf6ac1a892d0f98ccffee1079d7a5db638c1f11f366046ca16",
    ),
    (1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644),
    "abc9f5c75b997cabe66b5d01727d5a681c69298e1641a8d37b55433a52129dc0",
    "290c4d1ea145d5c071f0522ecda9699e7f85aee1505162c366dc9d9e19d139be",
)
TEST = Published(
    files.File(
        ("zip.test.gz", "zip.test", "usps.t.bz2"),
        "8dacc3c6e136af6c3488de9e5113a7daf140c8c2f1f0b61c54ee02f03f1a962f",
    ),
    (359, 264, 198, 166, 200, 160, 170, 147, 166, 177),
    "6bde17b4f1cd68e0630cd2751d6495b5795d9165ab2dc4a0be8b7002b732f4cc",
    "c52f8edcfea9f62338538ede4f9808a383fb021cd192cfeb0bcda307e5c2130e",
)


def usps(path: files.Folder | None = None, *, download: bool = True) -> Digits:
    """Load the USPS zip-code digits: 7291 to train on and 2007 to test on.

    The files are ``zip.train.gz`` or ``zip.train`` or LIBSVM's ``usps.bz2``, and ``zip.test.gz`` or
    ``zip.test`` or ``usps.t.bz2``. They are looked for in `path`, or else in the folder ``$SN89_DATA``, then
    in the user's cache, and at last downloaded into that cache.

    Parameters
    ----------
    path : str or path-like, optional
        The only folder to look in.
    download : bool
        Whether files found nowhere may be downloaded. Nothing is when `path` is given.

    Returns
    -------
    Digits
        Images float32 (7291, 16, 16) and (2007, 16, 16), from -1 (paper) to 1 (ink), and labels int64.

    Raises
    ------
    DataNotFoundError
        A file is nowhere, or could not be downloaded.
    ValueError
        A file is corrupt, or not the published one.

    References
    ----------
    LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural Computation 1 (1989).
    """
    parts = (TRAIN, TEST)
    paths = files.find("USPS", [part.file for part in parts], URL, path, download)
    train, test = (_load(place, part) for place, part in zip(paths, parts, strict=True))
    return Digits("USPS", train, test, files.describe(paths))


def _load(path: Path, published: Published) -> Part:
    with files.blame(path):
        text = files.read(path)
        if path.name.startswith("usps"):
            part = parse_libsvm(text)
            check_counts(part[1], published.counts)
            files.check_sha256(digit_bytes(part), published.digits_sha256)
        else:
            part = parse_zip(text)
            check_counts(part[1], published.counts)
            files.check_sha256(text, published.text_sha256)
    return part


def parse_zip(text: bytes) -> Part:
    """Parse digits in the form of ``zip.train``: on each line a label and 256 grey levels.

    Raises
    ------
    ValueError
        A line is not of this form (the message numbers it), or there is none.
    """
    images, labels = _parse(text, _zip_line)
    return images.astype(np.float32), labels


def parse_libsvm(text: bytes) -> Part:
    """Parse digits in LIBSVM's form, smoothed as published, or not.

    On each line there is a label plus 1, then ``index:level`` with indices from 1 to 256; levels left out
    are 0.

    Raises
    ------
    ValueError
        A line is not of this form (the message numbers it), or there is none.
    """
    images, labels = _parse(text, _libsvm_line)
    if np.abs(images - np.round(images, 3)).max() > 1e-5:  # more than the three decimals of the original
        images = np.round(_unsmooth(images), 3)
        if np.abs(images).max() > 1:
            raise ValueError("the images are neither the original ones nor smoothed as LIBSVM's are")
    return np.round(images, 3).astype(np.float32) + np.float32(0), labels  # + 0: no negative zeros


def check_counts(labels: NDArray[np.int64], expected: tuple[int, ...]) -> None:
    """Raise a ValueError unless there are as many of each digit as expected."""
    found = tuple(np.bincount(labels, minlength=10).tolist())
    if found != expected:
        raise ValueError(f"{len(labels)} digits, {found} of each, expected {sum(expected)}, {expected}")


def digit_bytes(part: Part) -> bytes:
    """Return the digits in bytes, whatever text they came from: labels, then levels in thousandths.

    This, and not the text, is what is checked for LIBSVM's form: ``zip.train`` has negative zeros, 170
    of them, which no other form keeps.
    """
    images, labels = part
    return labels.astype(np.uint8).tobytes() + np.rint(1000 * images).astype(">i2").tobytes()


def _parse(
    text: bytes, parse_line: Callable[[bytes], tuple[int, list[float]]]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    images, labels = [], []
    for number, line in enumerate(io.BytesIO(text), 1):
        try:
            label, pixels = parse_line(line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        labels.append(label)
        images.append(np.array(pixels))
    if not labels:
        raise ValueError("it is empty: there is no digit in it")
    return np.stack(images).reshape(-1, SIZE, SIZE), np.array(labels, np.int64)


def _zip_line(line: bytes) -> tuple[int, list[float]]:
    columns = line.split(maxsplit=PIXELS + 1)  # not more, however long the line is
    if len(columns) != PIXELS + 1:
        found = len(columns) if len(columns) <= PIXELS else f"more than {PIXELS + 1}"
        raise ValueError(f"{found} columns, expected {PIXELS + 1}: a label and {PIXELS} grey levels")
    return _label(columns[0], 0), list(map(_level, columns[1:]))


def _libsvm_line(line: bytes) -> tuple[int, list[float]]:
    columns = line.split(maxsplit=PIXELS + 1)
    if not columns:
        raise ValueError("a blank line, expected a label and grey levels")
    pixels: dict[int, float] = {}
    for column in columns[1:]:
        index, _, level = column.partition(b":")
        where = _index(index)
        if where in pixels:
            raise ValueError(f"index {where + 1} occurs twice")
        pixels[where] = _level(level)
    return _label(columns[0], 1), [pixels.get(where, 0.0) for where in range(PIXELS)]


def _number(token: bytes) -> float:
    try:
        return float(token)
    except ValueError:
        return math.nan


@lru_cache(2**12)  # zip.train has 1.9 million levels, but only some 2000 different ones
def _level(token: bytes) -> float:
    level = _number(token)
    if not -1 <= level <= 1:
        raise ValueError(f"{token[:20]!r} is not a grey level from -1 to 1")
    return level + 0.0  # turns a negative zero into a positive one


def _label(token: bytes, zero: int) -> int:
    label = _number(token) - zero
    if label not in range(10):
        raise ValueError(f"label {token[:20]!r} is not one of {zero} to {zero + 9}")
    return int(label)


@lru_cache(2**9)
def _index(token: bytes) -> int:
    index = _number(token) - 1
    if index not in range(PIXELS):
        raise ValueError(f"index {token[:20]!r} is not one of 1 to {PIXELS}")
    return int(index)


def _smoothing() -> NDArray[np.float64]:
    """Return the matrix (16, 16) which LIBSVM's images were smoothed with, along rows and columns alike.

    A Gaussian of standard deviation 0.75 pixel cut off beyond 3, and paper outside the image. Found by
    comparing the first digits of ``usps.t`` with those of ``zip.test``: they agree to within 1e-6.
    """
    offset = np.subtract.outer(np.arange(SIZE), np.arange(SIZE))
    gauss = np.where(np.abs(offset) <= 3, np.exp(-(offset**2) / (2 * 0.75**2)), 0.0)
    smoothing: NDArray[np.float64] = gauss / gauss[SIZE // 2].sum()  # a row that reaches no edge
    return smoothing


def _unsmooth(images: NDArray[np.float64]) -> NDArray[np.float64]:
    """Undo the smoothing. An error of 1e-6 in a level becomes one of 7e-5 at most."""
    inverse = np.linalg.inv(_smoothing())
    restored: NDArray[np.float64] = inverse @ (images + 1) @ inverse.T - 1
    return restored
