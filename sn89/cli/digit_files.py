"""Files with digits that are given to the command, and what a net looks at in each."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from ..datasets.mnist import SCALES, resize
from ..images import FAINT, PHOTOGRAPH, framed, scaled, size_normalize
from ..ink import Ink
from ..pictures import others_in, pictures_in
from .saying import remark

SIDE, SIZE = 20, 28  # MNIST's digits fill a frame of 20 pixels, in images of 28
FULL, APART, WIDE = 0.7, 0.1, 1.6  # of the height of ink: digits are as high, and as far apart; one is no wider


def pictures_of(*places: Path) -> list[str]:
    """As `pictures.pictures_in`; pictures of kinds that are not read are told of on standard error."""
    if others := [path for place in places for path in others_in(place)]:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        remark(f"left out: {others[0]}{more}, of a kind that is not read: save it as PNG or JPEG")
    return pictures_in(*places)


def files_of(paths: tuple[Path, ...]) -> list[Path]:
    """The files that are named, and of folders every picture in them, by name.

    Raises
    ------
    ValueError
        If there is no picture in a folder.
    """
    found: list[Path] = []
    for path in paths:
        inside = list(map(Path, pictures_of(path))) if path.is_dir() else [path]
        if not inside:
            raise ValueError(f"{path}: there is no picture in this folder")
        found += inside
    return found


def check_one_digit(frame: np.ndarray) -> None:
    """Refuse ink within its frame if it is more than one digit.

    Raises
    ------
    ValueError
        If several pieces as high as digits stand side by side, or if the ink is much wider than one.
    """
    height, width = frame.shape
    strong = frame > FAINT * frame.max()
    columns = strong.any(axis=0)
    ends = np.flatnonzero(np.diff(columns.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    parts: list[list[int]] = []
    for first, end in ends.tolist():
        if parts and first - parts[-1][1] < APART * height:
            parts[-1][1] = end
        else:
            parts.append([first, end])
    high = [np.ptp(np.flatnonzero(strong[:, first:end].any(axis=1))) + 1 for first, end in parts]
    count = sum(one >= FULL * height for one in high)
    if count > 1 or (width > WIDE * height and height >= PHOTOGRAPH):
        several = f"{count} digits side by side" if count > 1 else "more than one digit"
        raise ValueError(f"there seem to be {several} in the picture, where one is read: sn89 read reads several")


def like_usps(picture: np.ndarray, size: int, ink: Ink) -> np.ndarray:
    """The digit's frame fills the image: float32 (size, size), from -1 to 1."""
    check_one_digit(framed(picture, ink))
    return size_normalize(picture, size, ink=ink)


def like_mnist(picture: np.ndarray, size: int, ink: Ink) -> np.ndarray:
    """The digit's frame is 20 of 28 pixels, its centre of mass in the middle; then as `datasets.mnist` has it."""
    frame = framed(picture, ink)
    check_one_digit(frame)
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
