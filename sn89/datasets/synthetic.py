"""Digits drawn by the package itself, for when no real ones are at hand.

Each digit is a glyph whose points are shaken, then stretched, slanted and turned, and drawn with a thin or a
thick pen. The drawing is normalised as the zip-code paper says (Neural Computation 1989): fitted to 16x16
pixels with its proportions kept, in grey levels from -1 to 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .digits import Digits, Part
from .glyphs import GLYPHS, Glyph, pen_path

Floats = NDArray[np.float64]

SIZE = 16  # pixels, height and width of an image
CHUNK = 1024  # digits drawn at a time, which bounds the memory used

# How often each digit occurs: as in the USPS training set, rounded.
FREQUENCIES = np.array([0.16, 0.14, 0.10, 0.09, 0.09, 0.08, 0.09, 0.09, 0.07, 0.09])

# What varies from digit to digit, evenly between bounds, so that no digit is absurd.
RANGES = np.array(
    [
        (0.50, 1.10),  # width, of the square the glyph is drawn in
        (-0.15, 0.45),  # slant: shift to the right, per unit of height
        (-0.20, 0.20),  # turn, radians
        (0.55, 1.45),  # radius of the pen, pixels
        (0.80, 1.50),  # softness: pixels from full ink to none
        (0.90, 1.00),  # size, of the frame it could fill
        (-0.50, 0.50),  # pixels off the centre, to the right
        (-0.50, 0.50),  # pixels off the centre, downwards
    ]
)
SHAKE = 0.10  # greatest shift of a point of the glyph, along each axis
NOISE = 0.12  # greatest change of a pixel with some ink; ink goes from 0 to 1

# The random numbers one digit takes: for its label, its glyph, RANGES, its points, its pixels.
MOST_POINTS = max(len(glyph.points) for ways in GLYPHS for glyph in ways)
DRAWS = (1, 1, len(RANGES), 2 * MOST_POINTS, SIZE * SIZE)


def synthetic(train: int = 7291, test: int = 2007, *, seed: int = 1989) -> Digits:
    """Draw digits which look like handwriting; by default as many as there are in USPS.

    They are there to try things with: no result on them compares with a paper's. The nearest neighbour in the
    training set gets 3 % of the test set wrong, with the default arguments.

    Parameters
    ----------
    train, test : int
        How many to draw. Fewer of them are the first ones of more, and neither part depends on the other.
    seed : int
        The same one gives the same digits, everywhere.

    Returns
    -------
    Digits
        Images float32 (train, 16, 16) and (test, 16, 16), from -1 (paper) to 1 (ink), in steps of 0.001 as
        in USPS, and labels int64, each digit about as frequent as in USPS.

    Raises
    ------
    ValueError
        A number is not positive or not whole, or the seed is negative.

    Examples
    --------
    >>> import sn89
    >>> digits = sn89.datasets.synthetic(train=200, test=50, seed=7)
    >>> (X, y), (Xt, yt) = digits
    >>> X.shape, y.dtype.name, Xt.shape
    ((200, 16, 16), 'int64', (50, 16, 16))
    """
    _check("train", train, least=1)
    _check("test", test, least=1)
    _check("seed", seed, least=0)
    train_seed, test_seed = np.random.SeedSequence(seed).spawn(2)
    return Digits(
        "synthetic digits",
        _draw(train, train_seed),
        _draw(test, test_seed),
        source=f"drawn by sn89, seed {seed}; not comparable with the paper",
        synthetic=True,
    )


def _check(name: str, value: int, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} must be a whole number, {least} or more, not {value!r}")


def _draw(count: int, seed: np.random.SeedSequence) -> Part:
    rng = np.random.Generator(np.random.PCG64(seed))
    images = np.empty((count, SIZE, SIZE), np.float32)
    labels = np.empty(count, np.int64)
    for start in range(0, count, CHUNK):
        chunk = slice(start, start + CHUNK)
        images[chunk], labels[chunk] = _draw_chunk(rng.random((len(labels[chunk]), sum(DRAWS))))
    return images, labels


def _draw_chunk(draws: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Draw a digit for each row (sum of DRAWS) of random numbers, which are from 0 to 1."""
    which, how, vary, shake, noise = np.split(draws, np.cumsum(DRAWS[:-1]), axis=1)
    labels = np.searchsorted(np.cumsum(FREQUENCIES)[:-1], which[:, 0], side="right")
    ways = np.array([len(ways) for ways in GLYPHS])[labels]
    chosen = (how[:, 0] * ways).astype(int)
    images = np.empty((len(draws), SIZE, SIZE))
    for digit, glyphs in enumerate(GLYPHS):
        for way, glyph in enumerate(glyphs):
            mine = (labels == digit) & (chosen == way)
            images[mine] = _write(glyph, vary[mine], 2 * shake[mine] - 1, 2 * noise[mine] - 1)
    return images, labels


def _write(glyph: Glyph, vary: Floats, shake: Floats, noise: Floats) -> Floats:
    """Write a glyph in many ways: images (n, 16, 16) from -1 to 1.

    ``vary`` (n, len(RANGES)) goes from 0 to 1; ``shake`` (n, 2 MOST_POINTS) and ``noise`` (n, 256) go
    from -1 to 1.
    """
    low, high = RANGES.T
    width, slant, turn, radius, softness, size, right, down = (low + (high - low) * vary).T
    moved = glyph.points + SHAKE * shake.reshape(-1, MOST_POINTS, 2)[:, : len(glyph.points)]
    drawing = pen_path(glyph) @ _transform(moved, width, slant, turn)
    dots = _fit(drawing, SIZE * size - 2 * radius, SIZE / 2 + np.stack([right, down], axis=-1))
    ink = _ink(dots, radius, softness)
    ink += NOISE * noise.reshape(ink.shape) * (ink > 0)
    # Thousandths hide how the last bits were rounded, which differs from machine to machine.
    return np.rint(1000 * np.clip(2 * ink - 1, -1, 1)) / 1000


def _transform(points: Floats, width: Floats, slant: Floats, turn: Floats) -> Floats:
    """Stretch, slant and turn drawings (n, points, 2), in that order."""
    x, y = points[:, :, 0], points[:, :, 1]
    x = x * width[:, None] - y * slant[:, None]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)


def _fit(drawing: Floats, extent: Floats, centre: Floats) -> Floats:
    """Scale drawings (n, dots, 2), keeping proportions, to an extent (n,) around a centre (n, 2)."""
    low, high = drawing.min(axis=1), drawing.max(axis=1)
    scale = extent / (high - low).max(axis=1)
    fitted: Floats = (drawing - ((low + high) / 2)[:, None]) * scale[:, None, None] + centre[:, None]
    return fitted


def _ink(dots: Floats, radius: Floats, softness: Floats) -> Floats:
    """Draw dots (n, dots, 2), in pixels, with a round pen: ink (n, 16, 16) from 0 to 1."""
    pixels = np.arange(SIZE) + 0.5
    across = (dots[:, :, 0, None] - pixels) ** 2
    down = (dots[:, :, 1, None] - pixels) ** 2
    nearest = np.full((len(dots), SIZE, SIZE), np.inf)
    for dot in range(dots.shape[1]):
        np.minimum(nearest, down[:, dot, :, None] + across[:, dot, None, :], out=nearest)
    outside = np.sqrt(nearest) - radius[:, None, None]
    ink: Floats = np.clip(0.5 - outside / softness[:, None, None], 0, 1)
    return ink
