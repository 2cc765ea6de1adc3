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

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import files, formats
from .digits import Digits, Part

URL = "https://hastie.su.domains/ElemStatLearn/datasets/"
MIRRORS = ("https://web.stanford.edu/~hastie/ElemStatLearn/datasets/",)  # the same files, if the first is not there
SIZE = 16  # pixels, height and width of an image

#: What is expected of a file: levels and labels, which are the digits or, in LIBSVM's form, larger by 1.
BOUNDS = formats.Bounds(2**26, SIZE * SIZE, -1.0, 1.0, range(11))


class Published(NamedTuple):
    """What is known of one part of the set."""

    file: files.File
    counts: tuple[int, ...]  # of the digits 0 to 9
    digits_sha256: str  # of digit_bytes


TRAIN = Published(
    files.File(
        ("zip.train.gz", "zip.train", "usps.bz2", "usps"),
        "66ebf231ab51f2cf6ac1a892d0f98ccffee1079d7a5db638c1f11f366046ca16",
    ),
    (1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644),
    "290c4d1ea145d5c071f0522ecda9699e7f85aee1505162c366dc9d9e19d139be",
)
TEST = Published(
    files.File(
        ("zip.test.gz", "zip.test", "usps.t.bz2", "usps.t"),
        "8dacc3c6e136af6c3488de9e5113a7daf140c8c2f1f0b61c54ee02f03f1a962f",
    ),
    (359, 264, 198, 166, 200, 160, 170, 147, 166, 177),
    "c52f8edcfea9f62338538ede4f9808a383fb021cd192cfeb0bcda307e5c2130e",
)


def usps(path: files.Folder | None = None, *, download: bool = True) -> Digits:
    """Load the USPS zip-code digits: 7291 to train on and 2007 to test on.

    The files are ``zip.train.gz`` or ``zip.train`` or LIBSVM's ``usps.bz2`` or ``usps``, and ``zip.test.gz`` or
    ``zip.test`` or ``usps.t.bz2`` or ``usps.t``; `load` reads digits under any other name. They are looked for in
    `path`, or else in the folder ``$SN89_DATA``, then in the user's cache, and at last downloaded into that cache.

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
    paths = files.find("USPS", [part.file for part in parts], (URL, *MIRRORS), path, download)
    train, test = (_load(place, part) for place, part in zip(paths, parts, strict=True))
    return Digits("USPS", train, test, files.describe(paths))


def _load(path: Path, published: Published) -> Part:
    with files.named(path, "usps"):
        arrays = formats.read(path, BOUNDS._replace(digits=sum(published.counts)))
    with files.named(path, "usps"), formats.blame(path):
        if "labels" not in arrays:
            raise ValueError("it is no file of text, expected lines of a label and 256 grey levels")
        labels = arrays["labels"]
        part = restored(arrays["images"]), labels - 1 if labels.max() == 10 else labels
        check_counts(part[1], published.counts)
        files.check_sha256(digit_bytes(part), published.digits_sha256)
    return part


def are_published(parts: list[Part]) -> bool:
    """Whether these are the published digits, to train on and to test on."""
    return all(
        X.shape == (sum(one.counts), SIZE, SIZE)
        and np.abs(X).max() <= 1
        and files.sha256(digit_bytes((X, y))) == one.digits_sha256
        for (X, y), one in zip(parts, (TRAIN, TEST), strict=True)
    )


def restored(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Images (n, 16, 16) with the three decimals of the original, whether they have been smoothed or not.

    Raises
    ------
    ValueError
        If they are neither the original ones nor smoothed as LIBSVM's are.
    """
    levels = images.reshape(-1, SIZE, SIZE).astype(np.float64)
    if np.abs(levels - np.round(levels, 3)).max() > 1e-5:  # more than the three decimals of the original
        levels = np.round(_unsmooth(levels), 3)
        if np.abs(levels).max() > 1:
            raise ValueError("the images are neither the original ones nor smoothed as LIBSVM's are")
    return np.round(levels, 3).astype(np.float32) + np.float32(0)  # + 0: no negative zeros


def check_counts(labels: NDArray[np.int64], expected: tuple[int, ...]) -> None:
    """Raise a ValueError unless there are as many of each digit as expected."""
    found = tuple(np.bincount(labels, minlength=10).tolist())
    if found != expected:
        raise ValueError(f"{len(labels)} digits, {found} of each, expected {sum(expected)}, {expected}")


def digit_bytes(part: Part) -> bytes:
    """Return the digits in bytes, whatever text they came from: labels, then levels in thousandths.

    This, and not the text, is what is checked: ``zip.train`` has negative zeros, 170 of them, which no other form
    keeps, and lines may end in one way or another.
    """
    images, labels = part
    return labels.astype(np.uint8).tobytes() + np.rint(1000 * images).astype(">i2").tobytes()


def _smoothing() -> NDArray[np.float64]:
    """Return the matrix (16, 16) which LIBSVM's images were smoothed with, along rows and columns alike.

    A Gaussian of standard deviation 0.75 pixel cut off beyond 3, and paper outside the image. Found by
    comparing the first digits of ``usps.t`` with those of ``zip.test``: they agree to within 1e-6.
    """
    offset = np.subtract.outer(np.arange(SIZE), np.arange(SIZE))
    gauss = np.where(np.abs(offset) <= 3, np.exp(-(offset**2) / (2 * 0.75**2)), 0.0)
    smoothing: NDArray[np.float64] = gauss / gauss[SIZE // 2].sum()  # a row that reaches no edge
    return smoothing


def smoothed(images: NDArray[np.float32]) -> NDArray[np.float64]:
    """Smooth original images (n, 16, 16) as LIBSVM's are."""
    matrix = _smoothing()
    found: NDArray[np.float64] = matrix @ (images.astype(np.float64) + 1) @ matrix.T - 1
    return found


def _unsmooth(images: NDArray[np.float64]) -> NDArray[np.float64]:
    """Undo the smoothing. An error of 1e-6 in a level becomes one of 7e-5 at most."""
    inverse = np.linalg.inv(_smoothing())
    restored: NDArray[np.float64] = inverse @ (images + 1) @ inverse.T - 1
    return restored
