"""The MNIST digits, at their own size, at that of the zip-code nets, or at that of LeNet-5."""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import files, formats
from .digits import Digits

URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"
MIRRORS = ("https://storage.googleapis.com/cvdf-datasets/mnist/",)  # the same files, tried if the first URL fails
SIZE = 28  # pixels, height and width of a published image
CHUNK = 4096  # images scaled at a time, which bounds the memory used

# Paper and ink. LeNet-5's make the mean of the inputs about 0 and their variance about 1
# (LeCun et al., Proceedings of the IEEE 86 (1998), section II.B).
SCALES = {28: (-1.0, 1.0), 16: (-1.0, 1.0), 32: (-0.1, 1.175)}


def ink_of(paper: float) -> float:
    """The level of ink in images of the papers' nets whose paper has this level."""
    return dict(SCALES.values()).get(paper, 1.0)


class Published(NamedTuple):
    """A published file."""

    name: str
    known_hash: str  # of the download
    sha256: str  # of the content
    shape: tuple[int, ...]

    @property
    def file(self) -> files.File:
        """The file, compressed or not, under its own name or with a dot as in older archives."""
        names = (self.name, self.name.replace("-idx", ".idx"))
        return files.File(tuple(f"{name}{ending}" for name in names for ending in (".gz", "")), self.known_hash)


FILES = (
    Published(
        "train-images-idx3-ubyte",
        "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        (60000, SIZE, SIZE),
    ),
    Published(
        "train-labels-idx1-ubyte",
        "md5:d53e105ee54ea40749a09fcbcd1e9432",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        (60000,),
    ),
    Published(
        "t10k-images-idx3-ubyte",
        "md5:9fb629c4189551a2d022fa330f9573f3",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        (10000, SIZE, SIZE),
    ),
    Published(
        "t10k-labels-idx1-ubyte",
        "md5:ec29112dd5afa0611ce80d1b7f02629c",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        (10000,),
    ),
)


def mnist(
    size: int = 28,
    path: files.Folder | None = None,
    *,
    scale: tuple[float, float] | None = None,
    download: bool = True,
) -> Digits:
    """Load the MNIST digits: 60000 for training and 10000 for testing.

    The files have their usual names, ``train-images-idx3-ubyte.gz`` and so on, with or without ``.gz``; `load` reads
    files with other names. They are looked for in `path` if it is given, or else in the folder ``$SN89_DATA``, in the
    user's cache, and on the network, from which they are downloaded into the cache.

    Parameters
    ----------
    size : {28, 16, 32}
        Height and width of the images, in pixels. 28 is the published size; for 16 the images are interpolated linearly
        along both axes; for 32 they get a margin of 2, as for LeNet-5.
    path : str or path-like, optional
        The only folder to search.
    scale : (float, float), optional
        Levels of paper and of ink. The default is (-1, 1), or LeNet-5's (-0.1, 1.175) if `size` is 32.
    download : bool
        Whether files that are found nowhere may be downloaded. Nothing is downloaded if `path` is given.

    Returns
    -------
    Digits
        Images float32 (60000, size, size) and (10000, size, size), and labels int64.

    Raises
    ------
    DataNotFoundError
        If a file is found nowhere, or cannot be downloaded.
    ValueError
        If a file is damaged or not the published one, or `size` or `scale` is wrong.
    """
    if size not in tuple(SCALES):
        raise ValueError(f"size must be 28, 16 or 32, not {size!r}")
    size = int(size)
    low, high = check_scale(SCALES[size] if scale is None else scale)
    paths = find(path, download)
    x, y, xt, yt = (_load(place, published) for place, published in zip(paths, FILES, strict=True))
    train = resize(x, size, low, high), y.astype(np.int64)
    test = resize(xt, size, low, high), yt.astype(np.int64)
    return Digits("MNIST", train, test, files.describe(paths))


def find(path: files.Folder | None, download: bool, again: bool = False) -> list[Path]:
    """The published files, as `files.find` finds and downloads them."""
    return files.find("MNIST", [one.file for one in FILES], (URL, *MIRRORS), path, download, again)


def check_scale(scale: tuple[float, float]) -> tuple[float, float]:
    """The levels of paper and ink as floats; they must be two finite numbers, the first less than the second."""
    try:
        low, high = (float(value) for value in scale)
    except (TypeError, ValueError):
        low = high = math.nan
    limit = float(np.finfo(np.float32).max)
    if not -limit <= low < high <= limit:
        raise ValueError(f"scale must be two finite numbers, low < high, not {scale!r}")
    return low, high


def _load(path: Path, published: Published) -> NDArray[np.uint8]:
    with files.named(path, "mnist"):
        arrays = formats.read(path, formats.Bounds(math.prod(published.shape)))
    with files.named(path, "mnist"), formats.naming(path):
        array = arrays.get("")
        if array is None or array.shape != published.shape:
            found = "it has no array in IDX format" if array is None else f"its shape is {array.shape}"
            raise ValueError(f"{found}, expected {published.shape}")
        files.check_sha256(idx_bytes(array), published.sha256)
    return array


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """The bytes of an array in IDX format, whose checksums are known for the published files."""
    return formats.idx.MAGIC + bytes([array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def are_published(arrays: list[NDArray[np.uint8]]) -> bool:
    """Whether these are the published images and labels for training and testing."""
    return all(
        one.shape == known.shape and files.sha256(idx_bytes(one)) == known.sha256
        for one, known in zip(arrays, FILES, strict=True)
    )


def resize(images: NDArray[np.uint8], size: int, low: float, high: float) -> NDArray[np.float32]:
    """Resize images (n, 28, 28) to 28, 16 or 32 pixels, and scale them from 0 and 255 to low and high.

    The result is float32 (n, size, size), the same on every machine: levels are exact whole numbers until a table turns
    them into floats, so that rounding cannot leave the range.
    """
    scaled = np.empty((len(images), size, size), np.float32)
    steps = 64 if size == 16 else 1  # of a grey level, because interpolation has weights of 1/8 along each axis
    table = np.linspace(low, high, 255 * steps + 1).astype(np.float32)
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK]
        if size == 16:
            weights = (8 * interpolation(SIZE, size)).astype(np.float32)
            chunk = (weights @ chunk.astype(np.float32) @ weights.T).astype(np.uint16)
        elif size == 32:
            chunk = np.pad(chunk, ((0, 0), (2, 2), (2, 2)))
        scaled[start : start + CHUNK] = table[chunk]
    return scaled


def interpolation(source: int, size: int) -> NDArray[np.float64]:
    """The matrix (size, source) of linear interpolation between the centres of pixels.

    Pixel i of the result is sampled at (i + 1/2) source/size - 1/2 in the source, without smoothing.
    """
    where = np.clip((np.arange(size) + 0.5) * source / size - 0.5, 0, source - 1)
    return np.asarray(np.maximum(0, 1 - np.abs(where[:, None] - np.arange(source))))
