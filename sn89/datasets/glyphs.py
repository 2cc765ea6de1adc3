"""Several ways to write each digit, as strokes of a pen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DOT_SPACING = 1 / 44  # between the dots of a stroke, for a digit 1 high: 0.4 pixel once in 16x16


class Glyph(NamedTuple):
    """One way to write a digit.

    Each word of `strokes` is a stroke: a smooth curve through the points that its letters name; the points are called
    a, b, c and so on. A stroke that ends where it began is closed smoothly. A corner lies where one word ends and the
    next begins. Points are x, y within a unit square, with y downwards.
    """

    strokes: str
    points: NDArray[np.float64]


def glyph(strokes: str, points: str) -> Glyph:
    """Make a glyph from its strokes and its points, x,y in hundredths of the square."""
    return Glyph(strokes, np.array([point.split(",") for point in points.split()], dtype=float) / 100)


def pen_path(shape: Glyph) -> NDArray[np.float64]:
    """The matrix (dots, points) that maps the points of a glyph to dots along its strokes.

    The curves are Catmull-Rom splines. They are linear in the points, so that one matrix draws every distorted copy.
    """
    one_hot = np.eye(len(shape.points))
    blocks = []
    for word in shape.strokes.split():
        knots = one_hot[[ord(letter) - ord("a") for letter in word]]
        if word[0] == word[-1]:
            before, after = knots[-2], knots[1]
        else:  # continue straight beyond the ends
            before, after = 2 * knots[0] - knots[1], 2 * knots[-1] - knots[-2]
        knots = np.vstack([before, knots, after])
        for p0, p1, p2, p3 in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
            length = float(np.hypot(*((p2 - p1) @ shape.points)))
            t = np.linspace(0, 1, max(2, round(length / DOT_SPACING)))[:, None]
            bend = t * ((p2 - p0) + t * ((2 * p0 - 5 * p1 + 4 * p2 - p3) + t * (3 * (p1 - p2) + p3 - p0)))
            blocks.append(p1 + bend / 2)
    return np.vstack(blocks)


# GLYPHS[digit] are the ways to write a digit, which are used equally often.
GLYPHS: tuple[tuple[Glyph, ...], ...] = (
    (  # 0: round; its ends crossing at the top
        glyph("abcdefa", "50,0 15,22 12,72 50,100 86,75 88,25"),
        glyph("abcdefgh", "70,10 40,0 13,30 15,75 48,100 82,80 88,30 50,0"),
    ),
    (  # 1: bare, twice as often; with a flag; with a flag and a foot
        glyph("abc", "50,0 50,50 50,100"),
        glyph("abc", "50,0 50,50 50,100"),
        glyph("ab bcd", "36,20 54,0 54,50 54,100"),
        glyph("ab bcd edf", "33,20 54,0 54,50 54,100 30,100 80,100"),
    ),
    (  # 2: with a corner; with a loop
        glyph("abcdef fgh", "12,25 35,2 70,5 82,30 55,65 10,100 50,96 95,97"),
        glyph("abcdefghi", "15,20 42,0 75,15 68,50 38,88 10,96 15,75 50,85 100,98"),
    ),
    (  # 3: round; flat on top
        glyph("abcd defgh", "14,14 45,0 80,20 40,46 80,58 82,85 45,100 8,88"),
        glyph("ab bc cdefg", "12,3 82,0 42,40 80,50 85,82 45,100 8,90"),
    ),
    (  # 4: open; closed; open and round
        glyph("ab bc de", "20,0 10,55 98,52 72,5 68,100"),
        glyph("ab bc ad", "70,0 5,64 100,62 68,100"),
        glyph("abcd efg", "20,0 12,40 45,52 82,40 85,2 76,50 68,100"),
    ),
    (  # 5: with a bar; in one stroke
        glyph("ab bcdef gh", "25,2 18,45 50,36 85,60 62,96 8,92 28,4 90,0"),
        glyph("abcdefg", "88,0 36,6 25,36 62,46 80,75 50,100 8,88"),
    ),
    (  # 6: with a curved back; with a straight one
        glyph("abcdefg", "72,0 35,25 12,70 42,100 82,82 62,54 20,76"),
        glyph("abcdefg", "50,0 22,42 12,80 42,100 80,80 55,58 16,84"),
    ),
    (  # 7: plain; with a bar; with a hook
        glyph("ab bcd", "8,5 90,0 58,45 40,100"),
        glyph("ab bcd ef", "8,5 90,0 58,45 40,100 28,52 85,46"),
        glyph("ab bc cde", "6,28 12,4 90,2 58,50 45,100"),
    ),
    (  # 8: in one stroke; two loops; open at the top
        glyph("abcdefcga", "50,0 22,20 50,47 84,78 50,100 15,78 78,20"),
        glyph("abcda cefgc", "50,0 22,22 50,46 78,22 15,74 50,100 85,74"),
        glyph("abcdefghi", "85,12 42,0 20,20 50,48 84,78 48,100 15,78 50,46 90,5"),
    ),
    (  # 9: with a stem, leaning; with a stem, upright; with a curved tail
        glyph("abcde efg", "82,12 45,0 14,26 42,50 80,28 76,60 66,100"),
        glyph("abcde efg", "80,15 45,0 15,25 42,50 80,20 80,62 66,100"),
        glyph("abcdefgh", "80,20 45,0 15,24 40,48 80,24 78,70 50,100 12,90"),
    ),
)
