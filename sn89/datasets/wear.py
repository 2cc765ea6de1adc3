"""Wear of pictures of mail: shadows, folds, borders, rules, grids, print beside the code, a camera.

Each kind of wear makes a new `Envelope`, a picture and the truth about it, from one of digits on clean paper.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..arguments import check_seed
from . import paper
from .dials import EASY
from .digits import Part
from .draws import generator
from .mail import Envelope, Floats, Place, box_of, mail
from .strokes import band, uniform

Generator = np.random.Generator
Bytes = NDArray[np.uint8]

LINES = ("POSTAGE PAID", "Return to sender if not delivered", "Mr. and Mrs. Miller", "Park Avenue, Buffalo")
#: Colours of pens and of papers that are about as light, so that nothing of the writing is left in shades of grey.
PENS = (((250, 200, 60), (245, 190, 215)), ((220, 90, 90), (60, 180, 60)), ((100, 140, 250), (235, 110, 40)))
#: Settings of the clean picture for some kinds of wear; the others begin with `EASY`.
SETTINGS = {"grid": replace(EASY, gap=(0.35, 0.6)), "two sizes": replace(EASY, height=(44.0, 60.0))}


def worn(
    part: Part, kind: str, count: int = 1, *, seed: int = 1989, lengths: tuple[int, ...] = (5,)
) -> Iterator[Envelope]:
    """Write zip codes with the digits of a data set, like `mail` with its easy setting, and wear the pictures.

    Parameters
    ----------
    part : (ndarray, ndarray)
        Images and labels, as for `mail`.
    kind : str
        A key of `sn89.datasets.wear.KINDS`: "clean", "border", "turned page", "side light", "shadow", "fold",
        "rotation", "ruled", "squared", "pattern", "grid", "print beside", "two sizes", "coloured" or
        "camera". A coloured picture has the shape (height, width, 3).
    count : int
        Number of pictures.
    seed : int
        The same seed gives the same pictures; all kinds begin with the same digits.
    lengths : sequence of {5, 9}
        Numbers of digits of a code.

    Returns
    -------
    iterator of Envelope
        The pictures, each drawn when it is asked for.

    Raises
    ------
    ImportError
        If scikit-image is not installed.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    envelopes = mail(part, count, SETTINGS.get(kind, EASY), seed=seed, lengths=lengths)
    streams = np.random.SeedSequence([check_seed(seed), 1]).spawn(count)
    return (KINDS[kind](generator(one), envelope) for one, envelope in zip(streams, envelopes, strict=True))


def _grey(envelope: Envelope) -> Floats:
    return envelope.image.astype(np.float64) / 255


def _height(envelope: Envelope) -> float:
    """The median height of a digit, in pixels."""
    return float(np.median([one.box[2] - one.box[0] for one in envelope.digits]))


def _seen(picture: Floats, digits: tuple[Place, ...]) -> Envelope:
    return Envelope(paper.as_bytes(picture), digits)


def _moved(digits: tuple[Place, ...], down: int, right: int) -> tuple[Place, ...]:
    return tuple(one._replace(box=tuple(np.add(one.box, (down, right) * 2).tolist())) for one in digits)


# ---- Around the paper ---------------------------------------------------------------------------------------------


def _clean(rng: Generator, envelope: Envelope) -> Envelope:
    return envelope


def _border(rng: Generator, envelope: Envelope) -> Envelope:
    """Add the bed of a scanner around the paper: black, white or grey, with a different width at each side."""
    high, level = _height(envelope), (0.02, 0.45, 1.0)[int(3 * rng.random())]
    top, bottom, left, right = (round(high * uniform(rng, 0.3, 1.5)) for _ in range(4))
    picture = np.pad(_grey(envelope), ((top, bottom), (left, right)), constant_values=level)
    return _seen(paper.with_noise(rng, picture, 0.01), _moved(envelope.digits, top, left))


def _turned_page(rng: Generator, envelope: Envelope) -> Envelope:
    """Turn the page on the scanner, with black around it."""
    return _turned(envelope, uniform(rng, 2, 6) * (1 if rng.random() < 0.5 else -1), 0.03)


def _rotation(rng: Generator, envelope: Envelope) -> Envelope:
    """Turn the picture by up to 15 degrees, with paper around it."""
    return _turned(envelope, uniform(rng, -15, 15), None)


def _turned(envelope: Envelope, degrees: float, level: float | None) -> Envelope:
    """Turn a picture about its middle, into one large enough; around it is a grey level, or paper."""
    angle, (height, width) = np.deg2rad(degrees), envelope.image.shape
    cos, sin = np.cos(angle), np.sin(angle)
    size = int(abs(sin) * width + abs(cos) * height) + 1, int(abs(cos) * width + abs(sin) * height) + 1
    matrix: Floats = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    middle = matrix @ (width / 2, height / 2, 1)
    matrix[:2, 2] = size[1] / 2 - middle[0], size[0] / 2 - middle[1]
    return _warped(envelope, matrix, size, level)


def _warped(envelope: Envelope, matrix: Floats, shape: tuple[int, int], level: float | None) -> Envelope:
    """Map a picture by a matrix from its points (x, y, 1) to those of a new picture of this shape."""
    from skimage.transform import ProjectiveTransform, warp

    back = ProjectiveTransform(np.linalg.inv(matrix))
    grey = _grey(envelope)
    around = {"mode": "edge"} if level is None else {"mode": "constant", "cval": level}
    picture = warp(grey, back, output_shape=shape, order=1, **around)
    digits = []
    for one in envelope.digits:
        top, left, bottom, right = one.box
        inside = envelope.image[top:bottom, left:right]
        ink = inside < (int(inside.min()) + int(inside.max())) / 2
        digits.append(one._replace(box=box_of(ink, top, left, matrix, shape)))
    return _seen(picture, tuple(digits))


# ---- Light --------------------------------------------------------------------------------------------------------


def _side_light(rng: Generator, envelope: Envelope) -> Envelope:
    """Add light from one side that falls off by 35 to 60 % towards the other."""
    angle, lost = uniform(rng, 0, 2 * np.pi), uniform(rng, 0.35, 0.6)
    rows, columns = (np.linspace(-0.5, 0.5, side) for side in envelope.image.shape)
    along = rows[:, None] * np.sin(angle) + columns * np.cos(angle)
    along = (along - along.min()) / (along.max() - along.min())
    return _seen(_grey(envelope) * (1 - lost * along), envelope.digits)


def _shadow(rng: Generator, envelope: Envelope) -> Envelope:
    """Add the shadow of a hand or a telephone, which takes 35 to 55 % of the light, with a slanted, soft edge."""
    height, width = envelope.image.shape
    lost, place, slope, soft = (uniform(rng, *ends) for ends in ((0.35, 0.55), (0.25, 0.75), (-0.8, 0.8), (1.0, 4.0)))
    rows, columns = np.arange(height)[:, None], np.arange(width)
    away = columns - place * width - slope * (rows - height / 2)
    shadow = 1 / (1 + np.exp(np.clip(-away / soft, -50, 50)))
    return _seen(_grey(envelope) * (1 - lost * (shadow if rng.random() < 0.5 else 1 - shadow)), envelope.digits)


def _fold(rng: Generator, envelope: Envelope) -> Envelope:
    """Fold the paper twice: a crease from top to bottom and one from left to right, dark and light on its sides."""
    picture, high = _grey(envelope), _height(envelope)
    for axis in (0, 1):
        side = picture.shape[1 - axis]
        away = np.arange(side) - side * uniform(rng, 0.2, 0.8)
        wide = high * uniform(rng, 0.02, 0.05)
        crease = 0.25 * np.exp(-((away / wide) ** 2)) - 0.15 * np.exp(-(((away - 3 * wide) / wide) ** 2))
        bent = 0.12 * np.exp(-np.abs(away) / high) * (away > 0)
        picture = picture * (1 - (crease + bent) if axis == 0 else 1 - (crease + bent)[:, None])
    return _seen(picture, envelope.digits)


# ---- On the paper -------------------------------------------------------------------------------------------------


def _ruled(rng: Generator, envelope: Envelope) -> Envelope:
    """Add ruled lines under the writing, which cross some of it."""
    high = _height(envelope)
    pitch, thick = high * uniform(rng, 1.1, 1.6), high * uniform(rng, 0.03, 0.06)
    lines = _lines(envelope.image.shape[0], pitch, thick, rng.random())
    return _marked(envelope, uniform(rng, 0.2, 0.5) * lines[:, None])


def _squared(rng: Generator, envelope: Envelope) -> Envelope:
    """Add the faint lines of squared paper, two or three squares to a digit."""
    height, width = envelope.image.shape
    pitch, thick = _height(envelope) * uniform(rng, 0.3, 0.5), uniform(rng, 1.0, 1.6)
    rows, columns = (_lines(side, pitch, thick, rng.random()) for side in (height, width))
    return _marked(envelope, uniform(rng, 0.1, 0.25) * np.maximum(rows[:, None], columns))


def _pattern(rng: Generator, envelope: Envelope) -> Envelope:
    """Add the faint, close waves that are printed on cheques."""
    high = _height(envelope)
    rows, columns = np.arange(envelope.image.shape[0])[:, None], np.arange(envelope.image.shape[1])
    picture = np.zeros(envelope.image.shape)
    for _ in range(2):
        pitch, wave, reach = (high * uniform(rng, *ends) for ends in ((0.12, 0.22), (0.8, 2.0), (0.1, 0.3)))
        slope = uniform(rng, -0.6, 0.6)
        place = rows + slope * columns + reach * np.sin(2 * np.pi * columns / wave)
        picture = np.maximum(picture, np.clip(np.cos(2 * np.pi * place / pitch) * 2 - 1, 0, 1))
    return _marked(envelope, uniform(rng, 0.1, 0.22) * picture)


def _lines(side: int, pitch: float, thick: float, phase: float) -> Floats:
    """The ink of parallel lines, along one axis."""
    return band(np.abs((np.arange(side) / pitch + phase) % 1 - 0.5) * pitch, thick)


def _marked(envelope: Envelope, marks: Floats) -> Envelope:
    """Add marks from 0 to 1 (black) to the paper; ink over them does not change."""
    grey = _grey(envelope)
    return _seen(np.minimum(grey, np.median(grey) - marks), envelope.digits)


def _grid(rng: Generator, envelope: Envelope) -> Envelope:
    """Add a box around each digit, as on forms, with lines as dark as the writing."""
    height, width = envelope.image.shape
    high = _height(envelope)
    boxes = np.array([one.box for one in envelope.digits])
    walls = [(a + b) / 2 for a, b in zip(boxes[:-1, 3], boxes[1:, 1], strict=True)]
    walls = [boxes[0, 1] - 0.25 * high, *walls, boxes[-1, 3] + 0.25 * high]
    top, bottom = boxes[:, 0].min() - 0.22 * high, boxes[:, 2].max() + 0.22 * high
    thick = max(1.5, high * uniform(rng, 0.03, 0.07))
    rows, columns = np.arange(height) + 0.5, np.arange(width) + 0.5
    level, upright = (
        band(np.abs(np.subtract.outer(along, places)).min(axis=1), thick)
        for along, places in ((rows, (top, bottom)), (columns, walls))
    )
    level = level[:, None] * ((columns > walls[0]) & (columns < walls[-1]))
    upright = upright * ((rows > top - thick / 2) & (rows < bottom + thick / 2))[:, None]
    return _marked(envelope, uniform(rng, 0.5, 0.7) * np.maximum(level, upright))


# ---- Beside the writing -------------------------------------------------------------------------------------------


def _print_beside(rng: Generator, envelope: Envelope) -> Envelope:
    """Add lines of small print above the code, as on envelopes."""
    from PIL import Image, ImageDraw, ImageFont

    high, width = _height(envelope), envelope.image.shape[1]
    size, level = max(9, round(high * uniform(rng, 0.3, 0.5))), int(np.median(envelope.image))
    sheet = Image.new("L", (width, round(1.5 * size * len(LINES))), level)
    for i, line in enumerate(LINES):
        place = round(0.5 * high), round(1.5 * size * i + 0.4 * size)
        ImageDraw.Draw(sheet).text(place, line, round(0.25 * level), ImageFont.load_default(size))
    return _below(np.asarray(sheet), envelope.digits[:0], envelope.image, envelope.digits)


def _two_sizes(rng: Generator, envelope: Envelope) -> Envelope:
    """Add the same code below, at less than half the size."""
    share = uniform(rng, 0.4, 0.5)
    shape = round(envelope.image.shape[0] * share), round(envelope.image.shape[1] * share)
    small = _warped(envelope, np.diag([share, share, 1.0]), shape, None)
    second = tuple(one._replace(line=one.line + 1, field=one.field + 2) for one in small.digits)
    return _below(envelope.image, envelope.digits, small.image, second)


def _below(first: Bytes, mine: tuple[Place, ...], second: Bytes, others: tuple[Place, ...]) -> Envelope:
    """Join two pictures, the second below the first."""
    width, level = max(first.shape[1], second.shape[1]), int(np.median(second))
    padded = [np.pad(one, ((0, 0), (0, width - one.shape[1])), constant_values=level) for one in (first, second)]
    return Envelope(np.concatenate(padded), mine + _moved(others, first.shape[0], 0))


def _coloured(rng: Generator, envelope: Envelope) -> Envelope:
    """Write with a coloured pen on coloured paper that is as light."""
    ink, sheet = np.array(PENS[int(len(PENS) * rng.random())]) / 255
    grey = _grey(envelope)
    bare = np.clip(grey / np.median(grey), 0, 1)[..., None]
    return _seen(paper.with_noise(rng, ink + (sheet - ink) * bare, 0.01), envelope.digits)


def _camera(rng: Generator, envelope: Envelope) -> Envelope:
    """Photograph the paper on a table by hand: askew, darker in the corners, blurred, noisy, as JPEG."""
    from skimage.transform import ProjectiveTransform

    height, width = envelope.image.shape
    around = round(_height(envelope) * uniform(rng, 0.3, 0.8))
    square = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    corners = square + around + 0.04 * width * (2 * rng.random((4, 2)) - 1)
    shape = height + 2 * around, width + 2 * around
    matrix = np.asarray(ProjectiveTransform.from_estimate(square, corners).params)
    seen = _warped(envelope, matrix, shape, uniform(rng, 0.15, 0.35))
    rows, columns = (np.linspace(-1, 1, side) for side in shape)
    dark = 1 - 0.3 * (rows[:, None] ** 2 + columns**2) / 2
    picture = paper.with_noise(rng, paper.blurred(_grey(seen) * dark, uniform(rng, 0.3, 0.9)), 0.02)
    return Envelope(paper.through_jpeg(paper.as_bytes(picture), round(uniform(rng, 50, 90))), seen.digits)


_WORKS = (
    *(_clean, _border, _turned_page, _side_light, _shadow, _fold, _rotation),
    *(_ruled, _squared, _pattern, _grid, _print_beside, _two_sizes, _coloured, _camera),
)
#: The kinds of wear by their names, "turned page" for `_turned_page`.
KINDS: dict[str, Callable[[Generator, Envelope], Envelope]] = {
    work.__name__.replace("_", " ").strip(): work for work in _WORKS
}
