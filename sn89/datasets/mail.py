"""Pictures of zip codes, written with the digits of a data set, to test readers of mail.

Each picture shows one or several codes of five or nine digits on paper, as a camera takes them. It comes with the
truth: the box and label of every digit, and its line and field. The difficulty, from 0 (`EASY`) to 1 (`HARD`), sets
everything that makes reading hard.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arguments import whole
from . import paper
from .dials import EASY, HARD, MEDIUM, SETTINGS, Setting, setting_of
from .digits import Part
from .draws import generators
from .strokes import broken, uniform, write_digit

__all__ = ["EASY", "HARD", "MEDIUM", "SETTINGS", "Envelope", "Place", "Setting", "mail"]

Floats = NDArray[np.float64]
Box = tuple[int, int, int, int]


class Place(NamedTuple):
    """The truth about one digit."""

    box: Box  # top, left, bottom and right in pixels; the last two lie outside
    label: int
    index: int  # type: ignore[assignment]  # of its image in the data set; it hides tuple.index
    line: int  # numbers of its line and of its field in the picture
    field: int


@dataclass(frozen=True, eq=False)
class Envelope:
    """A picture, grey levels uint8 (height, width), and its digits in the order of reading."""

    image: NDArray[np.uint8]
    digits: tuple[Place, ...]

    @property
    def strings(self) -> list[str]:
        """The digits in each field."""
        return ["".join(str(one.label) for one in some) for _, some in groupby(self.digits, lambda one: one.field)]


def mail(
    part: Part,
    count: int = 1,
    setting: str | float | Setting = "easy",
    *,
    seed: int = 1989,
    lengths: Sequence[int] = (5, 9),
    lines: int = 1,
) -> Iterator[Envelope]:
    """Write zip codes with the digits of a data set, and take pictures of them one by one.

    A code of nine is written as five digits, a dash and four digits: two fields. No digit is used twice before all have
    been used.

    Parameters
    ----------
    part : (ndarray, ndarray)
        Images, float (n, height, width), from -1 (paper) to 1 (ink), and labels: ``usps().test``, ``mnist().test``.
    count : int
        Number of pictures.
    setting : {"easy", "medium", "hard"}, float or Setting
        How hard the pictures are to read: a name, a difficulty from 0 to 1, or single dials.
    seed : int
        The same seed gives the same pictures with the same versions of NumPy, SciPy, scikit-image and the JPEG library.
        Other versions may change a few grey levels.
    lengths : sequence of {5, 9}
        Numbers of digits of a code, which are equally frequent.
    lines : int
        Number of codes in a picture, one on each line.

    Yields
    ------
    Envelope
        A picture and the truth about it.

    Raises
    ------
    ImportError
        If scikit-image is not installed.
    """
    setting = setting_of(setting)
    count, lines = whole(count, "count", least=1), whole(lines, "lines", least=1, most=1000)
    order, *streams = generators(seed, count + 1)
    if not isinstance(lengths, Sequence) or not lengths or any(length not in (5, 9) for length in lengths):
        raise ValueError(f"lengths must be a sequence of 5 and 9, not {lengths!r}")
    X, y = _checked(part)
    try:
        import skimage  # noqa: F401
    except ImportError:
        raise ImportError('pictures of mail need scikit-image: pip install "sn89[reader]"') from None
    supply = _supply(order, len(X))
    return (_picture(X, y, supply, rng, setting, lengths, lines) for rng in streams)


def _checked(part: Part) -> Part:
    images, labels = part
    X, y = np.asarray(images), np.asarray(labels)
    if X.ndim != 3 or y.shape != X.shape[:1] or not len(X) or X.dtype.kind != "f" or y.dtype.kind not in "iu":
        raise ValueError(
            "digits must be floats of shape (n, height, width) and n labels, "
            f"not {X.dtype} {X.shape} and {y.dtype} {y.shape}"
        )
    if not (np.abs(X) <= 1).all() or not ((y >= 0) & (y <= 9)).all():
        raise ValueError("digits must be from -1 (paper) to 1 (ink), and labels from 0 to 9")
    return X, y


def _supply(rng: np.random.Generator, count: int) -> Iterator[int]:
    """Indices of digits: all of them in random order, again and again."""
    while True:
        yield from np.argsort(rng.random(count), kind="stable").tolist()


class _Written(NamedTuple):
    """The ink of a digit, its top and left end, and the truth about it."""

    ink: Floats
    top: int
    left: int
    label: int
    index: int  # type: ignore[assignment]  # it hides tuple.index
    line: int
    field: int


def _line(
    X: Any, y: Any, supply: Iterator[int], rng: np.random.Generator, s: Setting, height: float, length: int, line: int
) -> tuple[list[_Written], list[Box]]:
    """One code from left to right with its middle at row 0, and the box of its dash, if there is one."""
    code: list[_Written] = []
    dashes: list[Box] = []
    slant = uniform(rng, -s.slant, s.slant)
    after = 0.0  # further room before the next digit, besides the gap
    for i in range(length):
        index = next(supply)
        tall = height * uniform(rng, 1 - s.uneven, 1 + s.uneven)
        ink = write_digit(
            X[index], tall, slant + uniform(rng, -s.slant, s.slant) / 2, np.deg2rad(uniform(rng, -s.turn, s.turn))
        )
        parted, touching, gap = rng.random() < s.broken, rng.random() < s.touching, height * uniform(rng, *s.gap)
        if parted:
            ink = broken(ink, rng, height)
        top = round(height * uniform(rng, -s.baseline, s.baseline) - ink.shape[0] / 2)
        if touching and after == 0:
            gap = -max(1.0, 0.04 * height)
        left = round(_edge(code, ink, top, height, gap < 0) + gap + after) if code else 0
        code.append(_Written(ink, top, left, int(y[index]), index, line, 2 * line + (i >= 5)))
        after = 0.0
        if length == 9 and i == 4:
            end, wide = left + ink.shape[1], height * uniform(rng, 0.3, 0.5)
            after = height * uniform(rng, 0.25, 0.45) + wide
            start, thick = end + int(height * 0.25), max(2, round(0.08 * height))
            dashes.append((0, start, thick, start + round(wide)))
            after += max(0.0, end - _edge(code, ink, top, height, False) + 0.25 * height)
    return code, dashes


def _edge(code: list[_Written], ink: Floats, top: int, height: float, exact: bool) -> float:
    """The column at which a digit must begin so that its ink just meets that of the digits before it."""
    reach = 1 if exact else max(2, round(0.08 * height))  # rows of so small a distance count as beside each other
    first = np.where((ink > 0.5).any(axis=1), (ink > 0.5).argmax(axis=1), 10**6)
    best = -(10.0**6)
    for before in code[-2:]:
        strong = before.ink > 0.5
        last = np.where(strong.any(axis=1), strong.shape[1] - strong[:, ::-1].argmax(axis=1), -(10**6))
        for shift in range(-reach, reach + 1):
            offset = before.top - top + shift
            a, b = max(0, -offset), min(len(last), len(first) - offset)
            if b > a:
                best = max(best, float((before.left + last[a:b] - first[a + offset : b + offset]).max()))
        if best < -(10**5):  # there is no ink at the same height
            best = float(before.left + before.ink.shape[1])
    return best


def _picture(
    X: Any,
    y: Any,
    supply: Iterator[int],
    rng: np.random.Generator,
    s: Setting,
    lengths: Sequence[int],
    lines: int,
) -> Envelope:
    height = uniform(rng, *s.height)
    margin, pitch = round(height * uniform(rng, 0.6, 1.2)), round(height * uniform(rng, 1.7, 2.1))
    rows = []
    for line in range(lines):
        rows.append(_line(X, y, supply, rng, s, height, lengths[int(rng.random() * len(lengths))], line))
    ends = [max(one.left + one.ink.shape[1] for one in code) for code, _ in rows]
    shape = (pitch * (lines - 1) + round(1.4 * height) + 2 * margin, max(ends) + 2 * margin)
    ink, placed = np.zeros(shape), []
    for line, (code, dashes) in enumerate(rows):
        down = margin + round(0.7 * height) + pitch * line
        placed += [one._replace(top=one.top + down, left=one.left + margin) for one in code]
        for top, left, bottom, right in dashes:
            ink[top + down : bottom + down, left + margin : right + margin] = 1
    for one in placed:
        paste(ink, one.ink, one.top, one.left)
    marks = _marks(rng, s, shape, height, [margin + round(0.7 * height) + pitch * line for line in range(lines)])
    corners = s.skew * shape[1] * (2 * rng.random((4, 2)) - 1)
    matrix = np.eye(3)
    if s.skew:
        ink, matrix = paper.tilt(ink, corners)
    boxes = (box_of(one.ink > 0.5, one.top, one.left, matrix, shape) for one in placed)
    truth = (Place(box, one.label, one.index, one.line, one.field) for box, one in zip(boxes, placed, strict=True))
    return Envelope(_photograph(rng, s, ink, marks), tuple(truth))


def paste(ink: Floats, digit: Floats, top: int, left: int) -> None:
    """Add the ink of a digit to that of a picture."""
    part = ink[top : top + digit.shape[0], left : left + digit.shape[1]]
    np.maximum(part, digit, out=part)


def _marks(rng: np.random.Generator, s: Setting, shape: tuple[int, int], height: float, middles: list[int]) -> Floats:
    """Ruled lines and a postmark, as ink."""
    marks = np.zeros(shape)
    for middle in middles:
        ruled, row, slope, thick = rng.random(4) * (1, 0.5, 0.02, 0.05) + (0, 0.45, -0.01, 0.03)
        if ruled < s.rules:
            marks = np.maximum(marks, 0.8 * paper.rule(shape, middle + row * height, slope, max(1.2, thick * height)))
    stamped, down, right, radius, turn = rng.random(5)
    if stamped < s.marks:
        centre = ((0.1 + 0.8 * down) * shape[0], (right * 0.5 - 0.1) * shape[1])
        took = 0.6 + 0.4 * paper.cloud(rng, shape, 9.0)
        marks = np.maximum(
            marks, 0.55 * took * paper.postmark(shape, centre, height * (0.8 + 0.5 * radius), 0.6 * turn - 0.3)
        )
    return np.clip(marks, 0, 1)


def _photograph(rng: np.random.Generator, s: Setting, ink: Floats, marks: Floats) -> NDArray[np.uint8]:
    """The grey levels of a photograph of paper with this ink and these marks."""
    contrast, white, blur = uniform(rng, *s.contrast), uniform(rng, 0.86, 0.97), uniform(rng, 0.0, s.blur)
    flow = 1 + 0.12 * paper.cloud(rng, ink.shape, 14.0)  # ink flows unevenly from the pen
    dark = np.maximum(ink * contrast * np.minimum(flow, 1.05), marks * 0.75 * contrast)
    sheet = white + s.texture * paper.texture(rng, ink.shape)
    seen = paper.blurred((sheet - dark) * (1 - s.light * paper.shading(rng, ink.shape)), blur)
    picture = paper.as_bytes(paper.with_noise(rng, seen, s.noise))
    quality = round(uniform(rng, s.quality, 95)) if s.quality < 100 else 100
    return picture if quality >= 100 else paper.through_jpeg(picture, quality)


def box_of(ink: NDArray[np.bool_], top: int, left: int, matrix: Floats, shape: tuple[int, int]) -> Box:
    """The box of ink at (top, left) in a picture of this shape, after `matrix` has moved its points (x, y, 1)."""
    rows, columns = np.nonzero(ink)
    x, y, w = matrix @ np.stack([columns + left + 0.5, rows + top + 0.5, np.ones(len(rows))])
    x, y = np.clip(x / w, 0, shape[1]), np.clip(y / w, 0, shape[0])
    return int(y.min()), int(x.min()), int(np.ceil(y.max())), int(np.ceil(x.max()))
