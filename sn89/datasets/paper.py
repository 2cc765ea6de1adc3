"""The looks of paper in the mail and under a camera: texture, rules, postmarks, light, blur, noise, JPEG.

Pictures are float64 arrays (height, width); ink goes from 0 to 1, grey levels from 0 (black) to 1.
"""

import io

import numpy as np
from numpy.typing import NDArray

from ..pictures import picture as opened
from .strokes import band

Floats = NDArray[np.float64]


def cloud(rng: np.random.Generator, shape: tuple[int, int], grain: float) -> Floats:
    """Soft noise (height, width), from about -1 to 1, with spots about `grain` pixels wide."""
    from scipy.ndimage import map_coordinates

    height, width = (int(side / grain) + 4 for side in shape)
    coarse = 2 * rng.random((height, width)) - 1
    rows, columns = (np.arange(side) / grain + 1 for side in shape)
    where = np.meshgrid(rows, columns, indexing="ij")
    found: Floats = map_coordinates(coarse, where, order=1, mode="nearest")
    return found


def texture(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Fibres and spots of paper, from about -1 to 1."""
    return 0.5 * cloud(rng, shape, 1.7) + 0.3 * cloud(rng, shape, 6.0) + 0.2 * cloud(rng, shape, 30.0)


def shading(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """The share of light that is missing, from 0 to about 1: light that falls off to one side, with a soft shadow."""
    angle, edge, soft = rng.random(3) * (2 * np.pi, 1.0, 0.2) + (0, 0, 0.05)
    rows, columns = (np.linspace(-0.5, 0.5, side) for side in shape)
    along = rows[:, None] * np.sin(angle) + columns * np.cos(angle)
    shadow = 1 / (1 + np.exp(-(along + 0.5 - edge) / soft))
    slope: Floats = 0.6 * (along + 0.7) / 1.4 + 0.4 * shadow
    return slope


def rule(shape: tuple[int, int], row: float, slope: float, thick: float) -> Floats:
    """A ruled line across the whole picture, as ink."""
    rows, columns = np.arange(shape[0])[:, None], np.arange(shape[1])
    return band(np.abs(rows - row - slope * (columns - shape[1] / 2)), thick)


def postmark(shape: tuple[int, int], centre: tuple[float, float], radius: float, turn: float) -> Floats:
    """Two rings, and wavy bars to the right of them, as ink."""
    rows, columns = np.arange(shape[0])[:, None] - centre[0], np.arange(shape[1]) - centre[1]
    y, x = rows * np.cos(turn) - columns * np.sin(turn), rows * np.sin(turn) + columns * np.cos(turn)
    away = np.hypot(x, y)
    ink = np.clip(1.6 - np.abs(away - radius), 0, 1) + np.clip(1.1 - np.abs(away - 0.62 * radius), 0, 1)
    wave = y + 0.06 * radius * np.sin(4 * x / radius)
    bars = np.abs((wave / (0.4 * radius) + 0.5) % 1 - 0.5) * 0.4 * radius
    ink += np.clip(1.4 - bars, 0, 1) * (x > 1.05 * radius) * (x < 3.2 * radius) * (np.abs(wave) < 0.9 * radius)
    inked: Floats = np.minimum(ink, 1)
    return inked


def tilt(ink: Floats, corners: Floats) -> tuple[Floats, Floats]:
    """Move the corners of a picture by `corners` (4, 2), pixels to the right and down.

    The second result is the 3x3 matrix that maps points (x, y, 1) of the old picture to those of the new one.
    """
    from skimage.transform import ProjectiveTransform, warp

    height, width = ink.shape
    square = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    move = ProjectiveTransform.from_estimate(square, square + corners)
    return warp(ink, move.inverse, order=1, mode="constant", cval=0.0), np.asarray(move.params)


def blurred(picture: Floats, sigma: float) -> Floats:
    """The picture blurred by a Gaussian whose standard deviation is `sigma` pixels."""
    from scipy.ndimage import gaussian_filter

    return picture if sigma <= 0 else gaussian_filter(picture, sigma, truncate=3.0, mode="nearest")


def with_noise(rng: np.random.Generator, picture: Floats, noise: float) -> Floats:
    """The picture with a sensor's noise of standard deviation `noise`: the sum of four even draws, nearly normal."""
    draws = rng.random((4, *picture.shape)).sum(axis=0) - 2
    grained: Floats = picture + noise * np.sqrt(3.0) * draws
    return grained


def as_bytes(picture: Floats) -> NDArray[np.uint8]:
    """The picture with levels from 0 to 255."""
    return np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)


def through_jpeg(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """The picture after it was compressed as JPEG and read again."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return opened(file.getvalue()).pixels
