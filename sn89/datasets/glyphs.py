"""Several ways to write each digit, and letters and signs, as strokes of a pen."""

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

#: Digits as people write them outside the United States; each line is used equally often. Nearly all ones in USPS and
#: MNIST are bare strokes, and few sevens are crossed. In Europe and in Latin America a one has an upstroke, often as
#: long as its stem, and a seven has a bar. A recogniser that has never seen these takes the one for a 7, a 4 or a 9.
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

#: Letters as a pen writes them, in a few strokes.
SCRIPT: tuple[Glyph, ...] = (
    glyph("ab ac de", "50,0 5,100 95,100 22,62 78,62"),  # A
    glyph("abcde", "88,15 50,0 12,50 50,100 90,85"),  # C
    glyph("ab ac de bf", "12,0 12,100 85,0 12,48 70,48 88,100"),  # E
    glyph("ab ac de", "12,0 12,100 85,0 12,45 70,45"),  # F
    glyph("ab cd ef", "10,0 10,100 90,0 90,100 10,50 90,50"),  # H
    glyph("ab cd de", "12,0 12,100 85,0 12,55 88,100"),  # K
    glyph("ab bc", "15,0 15,100 85,100"),  # L
    glyph("ab bc cd de", "5,100 15,0 50,70 85,0 95,100"),  # M
    glyph("ab bc cd", "10,100 10,0 90,100 90,0"),  # N
    glyph("ab acde", "15,0 15,100 85,20 50,52 15,52"),  # P
    glyph("ab acde ef", "15,0 15,100 85,22 55,50 15,52 90,100"),  # R
    glyph("ab cd", "5,0 95,0 50,0 50,100"),  # T
    glyph("abcde", "10,0 12,70 50,100 88,70 90,0"),  # U
    glyph("ab bc", "8,0 50,100 92,0"),  # V
    glyph("ab bc cd de", "2,0 25,100 50,30 75,100 98,0"),  # W
    glyph("ab cd", "8,0 92,100 92,0 8,100"),  # X
    glyph("ab cb bd", "8,0 50,50 92,0 50,100"),  # Y
    glyph("abcdea ef", "80,30 45,5 10,50 45,98 80,60 88,100"),  # a
    glyph("ab bcdeb", "15,0 15,60 55,40 80,70 50,100"),  # b
    glyph("abcdea ef", "78,60 45,40 10,70 45,100 78,0 80,100"),  # d
    glyph("abcdef", "12,50 88,48 55,5 12,50 50,100 90,85"),  # e
    glyph("abcd ef", "85,8 55,2 45,30 42,100 15,42 80,42"),  # f
    glyph("ab cdef", "15,0 15,100 15,55 50,38 80,60 80,100"),  # h
    glyph("ab cd ce", "15,0 15,100 15,65 75,38 80,100"),  # k
    glyph("ab cde efg", "5,20 5,100 5,35 28,18 48,100 72,18 95,100"),  # m
    glyph("ab acde", "12,10 12,100 48,8 85,30 88,100"),  # n
    glyph("ab acded", "15,10 15,100 55,8 85,35 50,62"),  # p
    glyph("ab acd", "20,10 20,100 45,20 88,12"),  # r
    glyph("abcd ef", "45,0 42,75 60,100 85,88 12,30 82,30"),  # t
    glyph("abcd de", "10,8 14,78 48,98 85,70 88,5"),  # u
    glyph("abc cde", "5,10 28,98 50,25 72,98 95,8"),  # w
    glyph("ab bc", "10,5 48,60 90,5"),  # v
    glyph("ab cd", "50,5 50,95 5,50 95,50"),  # +
    glyph("ab cd ef gh", "35,0 25,100 75,0 65,100 5,33 98,33 2,68 95,68"),  # #
    glyph("abcdefgh", "85,95 30,25 50,2 68,22 15,70 30,98 60,92 92,55"),  # &
)
