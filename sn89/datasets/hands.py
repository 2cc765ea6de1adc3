"""Digits as people write them outside the United States, drawn with a pen like those of `synthetic`.

Nearly all ones in USPS and MNIST are bare strokes, and few sevens are crossed. In Europe and in Latin America a one has
an upstroke, often as long as its stem, and a seven has a bar. A recogniser that has never seen these takes the one for
a 7, a 4 or a 9.
"""

from __future__ import annotations

import numpy as np

from ..arguments import whole
from .digits import Part
from .draws import generators
from .glyphs import Glyph, glyph
from .synthetic import MOST_POINTS, RANGES, SIZE, _write

__all__ = ["HANDS", "draw", "elsewhere"]

#: Digits with ways to write them; each line is used equally often.
HANDS: tuple[tuple[int, Glyph], ...] = (
    (1, glyph("ab bcd", "5,55 55,0 55,50 52,100")),
    (1, glyph("ab bcd", "0,78 60,0 58,50 55,100")),
    (1, glyph("ab bcd", "12,38 52,0 50,50 47,100")),
    (1, glyph("ab bcd", "0,95 62,0 64,50 66,100")),
    (1, glyph("ab bcd", "5,55 55,0 55,50 52,100")),
    (1, glyph("ab bcd", "0,78 60,0 58,50 55,100")),
    (7, glyph("ab bc de", "10,5 90,5 40,100 25,52 85,48")),
    (7, glyph("abc cd ef", "5,20 12,3 90,4 40,100 20,50 80,50")),
    (7, glyph("ab bc de", "10,5 90,5 40,100 25,52 85,48")),
    (7, glyph("abc cd ef", "5,20 12,3 90,4 40,100 20,50 80,50")),
    (2, glyph("abcdefgh", "15,20 42,0 75,15 65,48 25,95 8,80 40,76 95,92")),
    (2, glyph("abcdefgh", "20,30 35,3 72,8 70,40 22,92 5,78 30,70 100,100")),
    (9, glyph("abcdea efg", "80,30 45,2 12,28 40,52 78,15 76,65 30,100")),
    (9, glyph("abcdea ef", "82,20 48,0 12,22 42,45 82,12 50,100")),
    (4, glyph("ab bc de", "30,0 8,62 95,58 66,30 58,100")),
    (4, glyph("ab bc de", "15,0 12,45 90,45 88,5 86,100")),
    (0, glyph("abcdefgh", "55,20 30,12 10,50 35,98 80,75 88,28 60,2 30,25")),
    (0, glyph("abcdefgh", "55,20 30,12 10,50 35,98 80,75 88,28 60,2 30,25")),
    (8, glyph("abcdefgh", "85,12 45,0 20,22 50,48 82,75 48,100 15,75 75,18")),
    (6, glyph("abcdefgd", "75,0 30,35 12,70 45,100 80,75 50,52 18,78")),
    (5, glyph("ab bcde fg", "30,5 22,48 75,55 65,92 10,95 30,5 95,2")),
    (3, glyph("abcdefg", "10,12 50,0 78,20 42,45 85,70 48,100 5,82")),
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


def draw(shape: Glyph, rng: np.random.Generator) -> np.ndarray:
    """Draw a glyph in the same way as `sn89.datasets.synthetic`: float64 (16, 16)."""
    vary, points = rng.random((1, len(RANGES))), 2 * rng.random((1, 2 * max(64, len(shape.points)))) - 1
    shake = points[:, : 2 * MOST_POINTS]
    return np.asarray(_write(shape, vary, shake, 2 * rng.random((1, SIZE * SIZE)) - 1)[0])
