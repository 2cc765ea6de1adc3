"""Digits of a data set enlarged to the strokes of a pen."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A random number between two others."""
    return low + (high - low) * float(rng.random())


def write_digit(image: NDArray[np.floating], height: float, slant: float = 0.0, turn: float = 0.0) -> Floats:
    """Enlarge an image of a digit, from -1 (paper) to 1 (ink), to the strokes of a pen: ink from 0 to 1, cut out.

    `height` is the number of pixels for the longer side of the ink, `slant` a shift to the right per unit of height,
    and `turn` an angle in radians, counter-clockwise. The image is interpolated by cubic splines. Ink is where it is
    above a level, which is lower where strokes are thin and grey; edges are a pixel wide.
    """
    from scipy.ndimage import map_coordinates, maximum_filter, uniform_filter

    grey = np.pad((np.asarray(image, float) + 1) / 2, 3)
    rows, columns = (np.flatnonzero((grey > 0.2).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise ValueError("the image of a digit has no ink, because all its pixels are nearly -1")
    extent = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    scale = height / extent
    half = int(1.1 * height) + 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1] / scale
    y, x = y * np.cos(turn) + x * np.sin(turn), x * np.cos(turn) - y * np.sin(turn)
    where = np.stack([y + (rows[0] + rows[-1]) / 2, x + slant * y + (columns[0] + columns[-1]) / 2])
    level = 0.5 * (0.3 + 0.7 * uniform_filter(maximum_filter(grey, 3), 3))
    above = map_coordinates(grey, where, order=3) - map_coordinates(level, where, order=1)
    return cropped(np.clip(above * max(4.0, 1.6 * scale) + 0.5, 0, 1))


def cropped(ink: Floats) -> Floats:
    """Ink cut out of its paper."""
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def band(away: Floats, width: float) -> Floats:
    """The ink of a line of this width, at these distances from its middle in pixels; its edges are a pixel wide."""
    return np.clip(width / 2 - away + 0.5, 0, 1)


def broken(ink: Floats, rng: np.random.Generator, height: float) -> Floats:
    """The ink with a straight gap through a random place of a stroke."""
    rows, columns = np.nonzero(ink > 0.5)
    which = int(rng.random() * len(rows))
    angle, width = rng.random() * np.pi, height * uniform(rng, 0.05, 0.10)
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]]
    y, x = y - rows[which], x - columns[which]
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    gap = band(np.abs(across), width) * (np.abs(along) < 0.2 * height)
    parted: Floats = ink * (1 - gap)
    return parted
