"""The zip-code digits that the United States Postal Service gave to the paper's authors (USPS).

They are published in two text formats, with one line for each digit:

``zip.train``, ``zip.test``
    A label, then 256 grey levels with three decimals (Hastie, Tibshirani and Friedman, *The Elements of
    Statistical Learning*).
``usps``, ``usps.t``
    A label plus 1, then ``index:level`` with indices from 1 (LIBSVM). These images have been smoothed by a Gaussian of
    standard deviation 0.75 pixel, unlike those that the papers' nets saw. The smoothing is undone; the six published
    decimals are enough to find the three of the original exactly.

Both give exactly the same digits, which checksums verify.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import files, formats
from .digits import Digits, Part

URL = "https://hastie.su.domains/ElemStatLearn/datasets/"
MIRRORS = ("https://web.stanford.edu/~hastie/ElemStatLearn/datasets/",)  # the same files, tried if the first URL fails
SIZE = 16  # pixels, height and width of an image

#: Bounds for the levels and labels of a file; labels are the digits, or larger by 1 in LIBSVM's format.
BOUNDS = formats.Bounds(2**26, SIZE * SIZE, -1.0, 1.0, range(11))


class Published(NamedTuple):
    """A published part of the set."""

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
    """Load the USPS zip-code digits: 7291 for training and 2007 for testing.

    The files are ``zip.train.gz`` or ``zip.train`` or LIBSVM's ``usps.bz2`` or ``usps``, and ``zip.test.gz`` or
    ``zip.test`` or ``usps.t.bz2`` or ``usps.t``; `load` reads files with other names. They are looked for in `path` if
    it is given, or else in the folder ``$SN89_DATA``, in the user's cache, and on the network, from which they are
    downloaded into the cache.

    Parameters
    ----------
    path : str or path-like, optional
        The only folder to search.
    download : bool
        Whether files that are found nowhere may be downloaded. Nothing is downloaded if `path` is given.

    Returns
    -------
    Digits
        Images float32 (7291, 16, 16) and (2007, 16, 16), from -1 (paper) to 1 (ink), and labels int64.

    Raises
    ------
    DataNotFoundError
        If a file is found nowhere, or cannot be downloaded.
    ValueError
        If a file is damaged or not the published one.

    References
    ----------
    LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural Computation 1 (1989).
    """
    paths = find(path, download)
    train, test = (_load(place, part) for place, part in zip(paths, (TRAIN, TEST), strict=True))
    return Digits("USPS", train, test, files.describe(paths))


def find(path: files.Folder | None, download: bool, again: bool = False) -> list[Path]:
    """The published files, as `files.find` finds and downloads them."""
    return files.find("USPS", [TRAIN.file, TEST.file], (URL, *MIRRORS), path, download, again)


def _load(path: Path, published: Published) -> Part:
    with files.named(path, "usps"):
        arrays = formats.read(path, BOUNDS._replace(digits=sum(published.counts)))
    with files.named(path, "usps"), formats.naming(path):
        if "labels" not in arrays:
            raise ValueError("it is not a text file, expected lines of a label and 256 grey levels")
        labels = arrays["labels"]
        part = restored(arrays["images"]), labels - 1 if labels.max() == 10 else labels
        found = tuple(np.bincount(part[1], minlength=10).tolist())
        if found != (expected := published.counts):
            counts = f"{found} of the digits 0 to 9, expected {expected}"
            raise ValueError(f"it has {len(labels)} digits, expected {sum(expected)}: {counts}")
        files.check_sha256(digit_bytes(part), published.digits_sha256)
    return part


def are_published(parts: list[Part]) -> bool:
    """Whether these are the published digits for training and testing."""
    return all(
        X.shape == (sum(one.counts), SIZE, SIZE)
        and np.abs(X).max() <= 1
        and files.sha256(digit_bytes((X, y))) == one.digits_sha256
        for (X, y), one in zip(parts, (TRAIN, TEST), strict=True)
    )


def restored(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """The original images (n, 16, 16) with three decimals, from these or from images that LIBSVM has smoothed."""
    levels = images.reshape(-1, SIZE, SIZE).astype(np.float64)
    if np.abs(levels - np.round(levels, 3)).max() > 1e-5:  # they have more decimals than the original
        inverse = np.linalg.inv(_smoothing())  # an error of 1e-6 in a level becomes at most 7e-5
        levels = np.round(inverse @ (levels + 1) @ inverse.T - 1, 3)
        if np.abs(levels).max() > 1:
            raise ValueError("the images are neither the original ones nor those that LIBSVM has smoothed")
    return np.round(levels, 3).astype(np.float32) + np.float32(0)  # + 0: no negative zeros


def digit_bytes(part: Part) -> bytes:
    """The digits as bytes for a checksum: labels, then levels in thousandths.

    The text itself has no checksum here, because ``zip.train`` has 170 negative zeros, which other formats do not keep,
    and because ends of lines differ.
    """
    images, labels = part
    return labels.astype(np.uint8).tobytes() + np.rint(1000 * images).astype(">i2").tobytes()


def _smoothing() -> NDArray[np.float64]:
    """The matrix (16, 16) with which LIBSVM's images were smoothed along rows and along columns.

    It is a Gaussian of standard deviation 0.75 pixel, cut off beyond 3, with paper outside the image. It was found by
    comparing the first digits of ``usps.t`` with those of ``zip.test``, with which it agrees to within 1e-6.
    """
    offset = np.subtract.outer(np.arange(SIZE), np.arange(SIZE))
    gauss = np.where(np.abs(offset) <= 3, np.exp(-(offset**2) / (2 * 0.75**2)), 0.0)
    return np.asarray(gauss / gauss[SIZE // 2].sum())  # by a row that reaches no edge


def smoothed(images: NDArray[np.float32]) -> NDArray[np.float64]:
    """Smooth original images (n, 16, 16) in the same way as LIBSVM's."""
    matrix = _smoothing()
    return np.asarray(matrix @ (images.astype(np.float64) + 1) @ matrix.T - 1)
