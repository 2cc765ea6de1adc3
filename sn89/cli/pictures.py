"""From the file of a picture to what a net looks at."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..datasets.mnist import SCALES, resize
from ..images import Ink, framed, scaled, size_normalize

if TYPE_CHECKING:
    from PIL.Image import Image

LIMIT = 64 * 10**6  # pixels of a picture: a digit needs no more
SUFFIXES = {".png", ".jpg", ".jpeg", ".pgm", ".pbm", ".ppm", ".pnm", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
SIDE, SIZE = 20, 28  # MNIST's digits fill a frame of 20 pixels, in images of 28


def files_of(paths: tuple[Path, ...]) -> list[Path]:
    """The files that are named, and of folders every picture in them, by name.

    Raises
    ------
    ValueError
        If there is no picture in a folder.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES and one.is_file())
        if not inside:
            raise ValueError(f"{path}: there is no picture in this folder")
        found += inside
    return found


def read(path: Path) -> np.ndarray:
    """The grey levels of a picture, (height, width); what is transparent is white.

    Raises
    ------
    OSError, ValueError
        If it cannot be read.
    """
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is odd but can be read; what is too large is an error below
            with Image.open(path) as picture:
                if picture.width * picture.height > LIMIT:
                    raise ValueError(f"it has {picture.width}x{picture.height} pixels, more than {LIMIT:,}")
                return _grey(ImageOps.exif_transpose(picture))
    except (SyntaxError, EOFError, Image.DecompressionBombError) as error:  # of some broken files
        raise ValueError(f"it is no whole picture: {error}") from None


def _grey(picture: Image) -> np.ndarray:
    """The levels of an open picture."""
    from PIL import Image

    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.float64)
    if "A" in picture.getbands() or "transparency" in picture.info:
        colours = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", colours.size, "white"), colours)
    return np.asarray(picture.convert("L"))


def like_usps(picture: np.ndarray, size: int, ink: Ink) -> np.ndarray:
    """The digit's frame fills the image: float32 (size, size), from -1 to 1."""
    return size_normalize(picture, size, ink=ink)


def like_mnist(picture: np.ndarray, size: int, ink: Ink) -> np.ndarray:
    """The digit's frame is 20 of 28 pixels, its centre of mass in the middle; then as `datasets.mnist` has it."""
    frame = framed(picture, ink)
    scale = SIDE / max(frame.shape)
    height, width = (math.ceil(side * scale - 1e-9) for side in frame.shape)  # a digit of that size stays as it is
    drawn = scaled(frame, (height, width), scale)
    levels = np.zeros((1, SIZE, SIZE), np.uint8)
    levels[0, _place(drawn.sum(axis=1)), _place(drawn.sum(axis=0))] = np.rint(255 * drawn / drawn.max())
    resized: np.ndarray = resize(levels, size, *SCALES[size])[0]
    return resized


def _place(mass: np.ndarray) -> slice:
    """Where the frame lies along one side: MNIST's centres of mass are all from 14 to 15 pixels off the edge."""
    centre = float(((np.arange(len(mass)) + 0.5) * mass).sum() / mass.sum())
    first = min(max(math.ceil(SIZE / 2 - centre), 0), SIZE - len(mass))
    return slice(first, first + len(mass))
