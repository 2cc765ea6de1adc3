"""Digits drawn by the package itself, for use when there are no real ones.

Each digit is a glyph whose points are shaken. It is then stretched, slanted and turned, and drawn with a thin or a
thick pen. The drawing is normalised as in the zip-code paper (Neural Computation 1989): fitted to 16x16 pixels without
a change of its proportions, in grey levels from -1 to 1.
"""

import numpy as np
from numpy.typing import NDArray

from ..arguments import whole
from .digits import Digits, Part
from .draws import generators
from .glyphs import GLYPHS, HANDS, Glyph, pen_path

Floats = NDArray[np.float64]

SIZE = 16  # pixels, height and width of an image
CHUNK = 1024  # digits drawn at a time, which bounds the memory used

# The share of each digit, as in the USPS training set, rounded.
FREQUENCIES = np.array([0.16, 0.14, 0.10, 0.09, 0.09, 0.08, 0.09, 0.09, 0.07, 0.09])

# Values that vary evenly between bounds from digit to digit.
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

# The random numbers for a digit: for its label, its glyph, RANGES, its points, its pixels.
MOST_POINTS = max(len(glyph.points) for ways in GLYPHS for glyph in ways)
DRAWS = (1, 1, len(RANGES), 2 * MOST_POINTS, SIZE * SIZE)


def synthetic(train: int = 7291, test: int = 2007, *, seed: int = 1989) -> Digits:
    """Draw digits that look like handwriting, by default as many as in USPS.

    They are for trying things; results on them cannot be compared with a paper's. With the default arguments the
    nearest neighbour in the training set gets 3 % of the test set wrong.

    Parameters
    ----------
    train, test : int
        Numbers of digits. A smaller number gives the first digits of a larger one, and neither part depends on the
        other.
    seed : int
        The same seed gives the same digits on every machine.

    Returns
    -------
    Digits
        Images float32 (train, 16, 16) and (test, 16, 16), from -1 (paper) to 1 (ink), in steps of 0.001 as in USPS, and
        labels int64. Each digit is about as frequent as in USPS.

    Examples
    --------
    >>> import sn89
    >>> digits = sn89.datasets.synthetic(train=200, test=50, seed=7)
    >>> (X, y), (Xt, yt) = digits
    >>> X.shape, y.dtype.name, Xt.shape
    ((200, 16, 16), 'int64', (50, 16, 16))
    """
    train, test = whole(train, "train", least=1), whole(test, "test", least=1)
    first, second = generators(seed, 2)
    return Digits(
        "synthetic digits",
        _draw(train, first),
        _draw(test, second),
        source=f"drawn by sn89, seed {seed}; not comparable with the paper",
        synthetic=True,
    )


def elsewhere(count: int, *, seed: int = 1989) -> Part:
    """Draw `count` digits as people write them outside the United States; the same seed gives the same digits.

    The images are float32 (count, 16, 16) from -1 (paper) to 1 (ink), the labels int64 (count,).
    """
    count = whole(count, "count", least=1)
    images, labels = np.empty((count, SIZE, SIZE), np.float32), np.empty(count, np.int64)
    for i, rng in enumerate(generators(seed, count)):
        labels[i], shape = HANDS[i % len(HANDS)]
        images[i] = draw(shape, rng)
    return images, labels


def draw(shape: Glyph, rng: np.random.Generator) -> Floats:
    """Draw a glyph once: float64 (16, 16)."""
    vary, points = rng.random((1, len(RANGES))), 2 * rng.random((1, 2 * max(64, len(shape.points)))) - 1
    shake = points[:, : 2 * MOST_POINTS]
    return np.asarray(_write(shape, vary, shake, 2 * rng.random((1, SIZE * SIZE)) - 1)[0])


def _draw(count: int, rng: np.random.Generator) -> Part:
    images = np.empty((count, SIZE, SIZE), np.float32)
    labels = np.empty(count, np.int64)
    for start in range(0, count, CHUNK):
        chunk = slice(start, start + CHUNK)
        images[chunk], labels[chunk] = _draw_chunk(rng.random((len(labels[chunk]), sum(DRAWS))))
    return images, labels


def _draw_chunk(draws: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Draw a digit for each row (sum of DRAWS) of random numbers from 0 to 1."""
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
    """Draw a glyph in many ways: images (n, 16, 16) from -1 to 1.

    `vary` (n, len(RANGES)) goes from 0 to 1; `shake` (n, 2 MOST_POINTS) and `noise` (n, 256) go from -1 to 1.
    """
    low, high = RANGES.T
    width, slant, turn, radius, softness, size, right, down = (low + (high - low) * vary).T
    moved = glyph.points + SHAKE * shake.reshape(-1, MOST_POINTS, 2)[:, : len(glyph.points)]
    drawing = pen_path(glyph) @ _transform(moved, width, slant, turn)
    dots = _fit(drawing, SIZE * size - 2 * radius, SIZE / 2 + np.stack([right, down], axis=-1))
    ink = _ink(dots, radius, softness)
    ink += NOISE * noise.reshape(ink.shape) * (ink > 0)
    # Rounding to thousandths makes all machines agree.
    return np.rint(1000 * np.clip(2 * ink - 1, -1, 1)) / 1000


def _transform(points: Floats, width: Floats, slant: Floats, turn: Floats) -> Floats:
    """Stretch, slant and turn drawings (n, points, 2), in that order."""
    x, y = points[:, :, 0], points[:, :, 1]
    x = x * width[:, None] - y * slant[:, None]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)


def _fit(drawing: Floats, extent: Floats, centre: Floats) -> Floats:
    """Scale drawings (n, dots, 2) in proportion to an extent (n,) around a centre (n, 2)."""
    low, high = drawing.min(axis=1), drawing.max(axis=1)
    scale = extent / (high - low).max(axis=1)
    fitted: Floats = (drawing - ((low + high) / 2)[:, None]) * scale[:, None, None] + centre[:, None]
    return fitted


def _ink(dots: Floats, radius: Floats, softness: Floats) -> Floats:
    """Draw dots (n, dots, 2) with a round pen: ink (n, 16, 16) from 0 to 1. All lengths are in pixels."""
    pixels = np.arange(SIZE) + 0.5
    across = (dots[:, :, 0, None] - pixels) ** 2
    down = (dots[:, :, 1, None] - pixels) ** 2
    nearest = np.full((len(dots), SIZE, SIZE), np.inf)
    for dot in range(dots.shape[1]):
        np.minimum(nearest, down[:, dot, :, None] + across[:, dot, None, :], out=nearest)
    outside = np.sqrt(nearest) - radius[:, None, None]
    ink: Floats = np.clip(0.5 - outside / softness[:, None, None], 0, 1)
    return ink
