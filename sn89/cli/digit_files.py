"""Pictures of single digits, and the image that a net is given of each."""

import math
from pathlib import Path

import numpy as np

from ..datasets.mnist import SCALES, resize
from ..images import FAINT, PHOTOGRAPH, framed, scaled, size_normalize
from ..ink import Ink
from ..pictures import others_in, pictures_in
from .saying import remark

SIDE, SIZE = 20, 28  # MNIST's digits fill a frame of 20 pixels, in images of 28
# Shares of the height of ink: a digit is at least so high, digits are so far apart, and no digit is so wide.
FULL, APART, WIDE = 0.7, 0.1, 1.6


def pictures_of(*places: Path) -> list[str]:
    """Like `pictures.pictures_in`, and name pictures of unknown formats on standard error."""
    if others := [path for place in places for path in others_in(place)]:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        remark(f"left out: {others[0]}{more}, because sn89 does not read this format: save it as PNG or JPEG")
    return pictures_in(*places)


def files_of(paths: tuple[Path, ...]) -> list[Path]:
    """The given files, and in place of each folder the pictures in it, which must be at least one."""
    found: list[Path] = []
    for path in paths:
        inside = list(map(Path, pictures_of(path))) if path.is_dir() else [path]
        if not inside:
            raise ValueError(f"{path}: there is no picture in this folder")
        found += inside
    return found


def check_one_digit(frame: np.ndarray) -> None:
    """Raise a ValueError if the ink (height, width) in its frame looks like more than one digit.

    It does if several pieces as high as digits stand side by side, or if it is much wider than a digit.
    """
    height, width = frame.shape
    strong = frame > FAINT * frame.max()
    columns = strong.any(axis=0)
    edges = np.flatnonzero(np.diff(columns.astype(np.int8), prepend=0, append=0))
    apart = edges[2::2] - edges[1:-1:2] >= APART * height  # neighbours; those that are closer make one part
    parts = zip(edges[::2][np.r_[True, apart]], edges[1::2][np.r_[apart, True]], strict=True)
    high = [np.ptp(np.flatnonzero(strong[:, first:end].any(axis=1))) + 1 for first, end in parts]
    count = sum(one >= FULL * height for one in high)
    if count > 1 or (width > WIDE * height and height >= PHOTOGRAPH):
        several = f"{count} digits side by side" if count > 1 else "more than one digit"
        raise ValueError(f"the picture seems to show {several}, but only one is expected: sn89 read reads several")


def like_usps(picture: np.ndarray, size: int, ink: Ink) -> np.ndarray:
    """An image in which the digit fills the frame, as in USPS: float32 (size, size), from -1 to 1."""
    check_one_digit(framed(picture, ink))
    return size_normalize(picture, size, ink=ink)


def like_mnist(picture: np.ndarray, size: int, ink: Ink) -> np.ndarray:
    """An image as in MNIST: the digit 20 of 28 pixels high or wide, its centre of mass in the middle; then resized."""
    frame = framed(picture, ink)
    check_one_digit(frame)
    scale = SIDE / max(frame.shape)
    height, width = (math.ceil(side * scale - 1e-9) for side in frame.shape)  # a digit of that size is not resized
    drawn = scaled(frame, (height, width), scale)
    levels = np.zeros((1, SIZE, SIZE), np.uint8)
    levels[0, _place(drawn.sum(axis=1)), _place(drawn.sum(axis=0))] = np.rint(255 * drawn / drawn.max())
    return np.asarray(resize(levels, size, *SCALES[size])[0])


def _place(mass: np.ndarray) -> slice:
    """The place of the frame along one side: the centres of mass in MNIST are 14 to 15 pixels from the edge."""
    centre = float(((np.arange(len(mass)) + 0.5) * mass).sum() / mass.sum())
    first = min(max(math.ceil(SIZE / 2 - centre), 0), SIZE - len(mass))
    return slice(first, first + len(mass))
