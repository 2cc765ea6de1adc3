"""Whatever picture is given, as grey levels: files and arrays of any depth, judged before memory is taken."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
Place = str | os.PathLike[str]

FORMATS = ("PNG", "JPEG", "TIFF", "PPM")  # Pillow's names; PPM is PGM and PBM too
ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pgm", ".pbm", ".ppm")
LIMIT = 40_000_000  # pixels, about a sheet of letter paper at 600 dots per inch; reading takes some 20 bytes for each
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, AttributeError, EOFError),
    *(OverflowError, struct.error, zlib.error),
)  # what Pillow raises for files that are damaged


def load(image: ArrayLike | Place, limit: int = LIMIT) -> Floats:
    """A picture as grey levels, float32 (height, width), from 0 (black) to 1 (white).

    Parameters
    ----------
    image : array_like or path
        A PNG, JPEG, TIFF (its first page), PGM, PBM or PPM file; or an array (height, width), or (height, width,
        channels) of grey, grey and alpha, RGB, or RGB and alpha. Unsigned integers of 8 and 16 bits go from black to
        white over their whole range, and so do floats from 0 to 1; other numbers from their smallest to their largest.
        What is transparent is white.
    limit : int
        Pixels that a picture may have.

    Returns
    -------
    ndarray of float32, shape (height, width)

    Raises
    ------
    TypeError
        If the array does not hold numbers.
    ValueError
        If the picture has more pixels than the limit, none, an unknown shape, or is not finite; if the file is damaged
        or of another kind. The message names the file.
    OSError
        If the file cannot be opened.
    """
    if isinstance(image, (str, os.PathLike)):
        with open(image, "rb") as file:
            return _read(file, os.fspath(image), limit)
    try:
        array = np.asarray(image)
    except ValueError:
        raise ValueError("a picture must be an array: its rows are not of equal lengths") from None
    return _grey(array, limit)


def pictures_in(*places: Place) -> list[str]:
    """The picture files among these places, and in those of them that are folders, by name.

    Files that are named are taken as they are; of folders, those whose names end as pictures' do.

    Parameters
    ----------
    *places : path
        Files and folders.

    Returns
    -------
    list of str

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    """
    found: list[str] = []
    for place in (os.fspath(one) for one in places):
        if os.path.isdir(place):
            names = sorted(name for name in os.listdir(place) if name.lower().endswith(ENDINGS))
            found += [os.path.join(place, name) for name in names]
        elif os.path.exists(place):
            found.append(place)
        else:
            raise FileNotFoundError(f"there is no file or folder {place}")
    return found


def _judge(height: int, width: int, limit: int, what: str) -> None:
    if height * width > limit:
        raise ValueError(f"{what} has {height} x {width} pixels, more than the limit of {limit:,}")
    if not height * width:
        raise ValueError(f"{what} has no pixels: {height} x {width}")


def _read(file: BinaryIO, name: str, limit: int) -> Floats:
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bombs are judged here, before anything is decoded
        try:
            picture = Image.open(file, formats=FORMATS)
        except Image.DecompressionBombError:
            raise ValueError(f"{name}: the picture has more pixels than the limit of {limit:,}, far more") from None
        except BROKEN:
            raise ValueError(f"{name}: is no picture that can be read: a PNG, JPEG, TIFF or PGM file is") from None
        _judge(picture.height, picture.width, limit, f"{name}: the picture")
        try:
            array = _pixels(picture)
        except BROKEN as error:
            raise ValueError(f"{name}: is damaged: {error}") from None
    return _grey(array, limit)


def _pixels(picture: Any) -> NDArray[Any]:
    """The pixels of a Pillow image as an array that `_grey` knows."""
    if picture.mode in ("P", "PA") or "transparency" in picture.info:
        return np.asarray(picture.convert("RGBA"))
    if picture.mode in ("1", "L", "LA", "RGB", "RGBA", "F") or picture.mode.startswith("I;16"):
        return np.asarray(picture)
    if picture.mode == "I":  # 32 bits, of which 16 are used
        used: NDArray[np.uint16] = np.clip(np.asarray(picture), 0, 65535).astype(np.uint16)
        return used
    return np.asarray(picture.convert("RGB"))


def _grey(array: NDArray[Any], limit: int) -> Floats:
    if array.dtype.kind not in "buif":
        raise TypeError(f"a picture must hold numbers, not {array.dtype}")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 2, 3, 4)):
        raise ValueError(f"a picture must have the shape (height, width) or (height, width, 1 to 4), not {array.shape}")
    _judge(array.shape[0], array.shape[1], limit, "the picture")
    levels = _levels(array)
    if array.ndim == 2:
        return levels
    channels = array.shape[2]
    grey = levels[..., 0] if channels < 3 else levels[..., :3] @ LUMINANCE
    return np.ascontiguousarray(1 - levels[..., -1] * (1 - grey) if channels in (2, 4) else grey)


def _levels(array: NDArray[Any]) -> Floats:
    """Numbers of any kind as float32 from 0 to 1."""
    if array.dtype in (np.uint8, np.uint16):
        return array * np.float32(1 / np.iinfo(array.dtype).max)
    if array.dtype == bool:
        return array.astype(np.float32)
    low, high = float(array.min()), float(array.max())
    if not np.isfinite(low) or not np.isfinite(high):
        raise ValueError("a picture must be finite, not NaN or infinite")
    if array.dtype.kind == "f" and low >= 0 and high <= 1:
        return array.astype(np.float32)
    reach = high / 2 - low / 2  # halves: the difference may be too large for a float
    return ((array / 2 - low / 2) / reach).astype(np.float32) if reach > 0 else np.zeros(array.shape, np.float32)
