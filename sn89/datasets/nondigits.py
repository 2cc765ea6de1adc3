"""Images that are not digits: letters, scribbles, pieces of digits, linked digits, noise, and shapes of photographs.

A net that has seen only digits takes a letter for a digit, with a high confidence. From these images it learns to
reject other things. They are normalised like USPS's digits: the frame fills 16x16 pixels.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..arguments import whole
from ..images import bitmap_normalize
from .digits import Part
from .draws import generators
from .glyphs import SCRIPT, Glyph
from .printed import PRINT, RANGES, SCAN, _bitmaps, _glyph, _scan
from .printed import Glyph as Printed
from .strokes import write_digit
from .synthetic import MOST_POINTS, SIZE, draw

Floats: TypeAlias = NDArray[np.float64]
Random: TypeAlias = np.random.Generator

#: Typefaces of matplotlib for letters and signs.
TYPEFACES = (
    *("DejaVuSans.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf"),
    *("DejaVuSerif.ttf", "DejaVuSerif-Italic.ttf", "DejaVuSerif-Bold.ttf", "STIXGeneral.ttf"),
    *("STIXGeneralItalic.ttf", "STIXGeneralBol.ttf", "STIXGeneralBolIta.ttf"),
)
#: Typefaces that are held out: no recogniser of sn89 has learned from a letter in them.
HELD_OUT = ("cmr10.ttf", "cmti10.ttf", "cmb10.ttf", "cmss10.ttf", "cmtt10.ttf")

#: Letters and signs that do not look like a digit; O, o, Q, D, I, i, l, S, s, Z, z, B and the like are left out.
SIGNS = (
    "ACEFGHJKLMNPRTUVWXY" * 2 + "abcdefghjkmnpqrtuvwxy" * 2 + "&%$#@+=*?<>[]{}~^"
    "ΓΔΘΛΞΠΣΦΨΩαβδεζηθλμπρστφψωБГДЖИЛПУФЦЧШЩЫЭЮЯбвдежлпчшы€£¥§¶∞∂∫∑√≈≠±÷©®"
)

STROKE_POINTS = (3, 7)  # range of the number of points of a scribble's stroke


def nondigits(
    part: Part, count: int = 1000, *, seed: int = 1989, kinds: Sequence[str] | None = None, held_out: bool = False
) -> NDArray[np.float32]:
    """Make images that are not digits, such as letters, scribbles and noise.

    Parameters
    ----------
    part : (ndarray, ndarray)
        Digits for pieces and pairs: images, float (n, height, width), from -1 (paper) to 1 (ink), and labels.
    count : int
        Number of images.
    seed : int
        The same seed gives the same images.
    kinds : sequence of str, optional
        Some of "signs" (printed letters and signs), "script" (letters in strokes of a pen), "scribbles", "pieces" (of
        digits), "linked" (digits), "noise", "textures", "blobs" and "streaks" (poles, edges and branches), in equal
        numbers; all of them by default.
    held_out : bool
        Whether signs are printed in typefaces from which no recogniser of sn89 has learned.

    Returns
    -------
    ndarray of float32, shape (count, 16, 16)
        The images, from -1 (paper) to 1 (ink).
    """
    names = tuple(KINDS) if kinds is None else tuple(kinds)
    if not names or (unknown := set(names) - set(KINDS)):
        raise ValueError(f"kinds must be some of {', '.join(KINDS)}, not {sorted(unknown) if names else kinds!r}")
    count = whole(count, "count", least=1)
    images = np.empty((count, SIZE, SIZE), np.float32)
    for i, rng in enumerate(generators(seed, count)):
        make = KINDS[names[i % len(names)]]
        images[i] = _printed_in(HELD_OUT, rng) if held_out and make is _sign_printed else make(rng, part)
    return images


def _printed_in(faces: Sequence[str], rng: Random) -> Floats:
    """A sign in one of these typefaces, printed and scanned like the digits of `sn89.datasets.printed`."""
    while (found := _sign(faces[int(rng.integers(len(faces)))], SIGNS[int(rng.integers(len(SIGNS)))])) is None:
        pass  # some typefaces lack some signs
    scan = _scan(found, rng.random(len(RANGES)), rng.random((SCAN, SCAN)))
    return _normalised(scan)


def _sign_printed(rng: Random, part: Part) -> Floats:
    return _printed_in(TYPEFACES, rng)


@cache
def _sign(file: str, sign: str) -> Printed | None:
    """A sign of a typeface, measured; None if the typeface lacks it."""
    from pathlib import Path

    import matplotlib
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(Path(matplotlib.get_data_path(), "fonts", "ttf", file)))
    if ord(sign) not in font.get_charmap():
        return None
    (bitmap,) = _bitmaps(font, [ord(sign)], PRINT)
    return _glyph(bitmap)


def _script(rng: Random, part: Part) -> Floats:
    return draw(SCRIPT[int(rng.integers(len(SCRIPT)))], rng)


def _scribble(rng: Random, part: Part) -> Floats:
    """One to three strokes through random points."""
    words, points = [], list[Floats]()
    for _ in range(int(rng.integers(1, 4))):
        more = min(int(rng.integers(*STROKE_POINTS)), MOST_POINTS - len(points))
        if more < 2:
            break
        words.append("".join(chr(ord("a") + len(points) + i) for i in range(more)))
        points += list(rng.random((more, 2)))
    if len(points) < 5:  # so few points look like a 1 or a 7
        return _scribble(rng, part)
    return draw(Glyph(" ".join(words), np.array(points)), rng)


def _piece(rng: Random, part: Part) -> Floats:
    """A part of a digit that was cut in two; not of a 1, whose parts still look like a 1."""
    while part[1][i := int(rng.integers(len(part[0])))] == 1:
        pass
    ink = write_digit(part[0][i], 40)
    angle = rng.random() * 2 * np.pi
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]]
    along = x * np.cos(angle) + y * np.sin(angle)
    return _normalised(ink * (along < float(np.quantile(along[ink > 0.5], 0.3 + 0.3 * rng.random()))))


def _linked(rng: Random, part: Part) -> Floats:
    """Two or three digits side by side, which touch or nearly touch."""
    which = rng.integers(len(part[0]), size=int(rng.integers(2, 4)))
    inks = [write_digit(part[0][i], 36 * (0.8 + 0.4 * rng.random())) for i in which]
    gap = round(36 * (0.2 * rng.random() - 0.12))
    high = max(ink.shape[0] for ink in inks)
    sheet = np.zeros((high + 8, sum(ink.shape[1] for ink in inks) + max(0, gap) * len(inks)))
    left = 0
    for ink in inks:
        top, left = int(rng.integers(high + 8 - ink.shape[0] + 1)), max(0, left)
        place = sheet[top : top + ink.shape[0], left : left + ink.shape[1]]
        np.maximum(place, ink[:, : place.shape[1]], out=place)
        left += ink.shape[1] + gap
    return _normalised(sheet)


def _noise(rng: Random, part: Part) -> Floats:
    """Grain, from fine to cloudy, thresholded or grey."""
    from scipy.ndimage import gaussian_filter

    height, width = rng.integers(16, 48, size=2)
    cloud = gaussian_filter(rng.standard_normal((height, width)), 0.3 + 4 * rng.random() ** 2)
    above = cloud - np.quantile(cloud, 0.2 + 0.6 * rng.random())
    return _normalised(above > 0 if rng.random() < 0.5 else np.maximum(above, 0))


CLOUD = 56  # pixels, height and width of the clouds from which blobs and streaks are cut


def _blob(rng: Random, part: Part) -> Floats:
    """A connected patch of clouds, full or grey, or the rim of one, as in photographs; never an upright bar."""
    from scipy.ndimage import find_objects, label

    cloud = _cloud(rng)
    above = cloud - np.quantile(cloud, rng.uniform(0.5, 0.9)) if rng.random() < 0.7 else 0.4 - np.abs(cloud)
    labels, _ = label(above > 0, np.ones((3, 3)))
    areas = np.bincount(labels.ravel())
    which = int(rng.choice(np.argsort(areas[1:])[-4:])) + 1
    box = find_objects(labels, which)[which - 1]
    mine = labels[box] == which
    high, wide = mine.shape
    if high < 8 or high > 2 * wide or areas[which] < 40:  # a bar looks like a 1
        return _blob(rng, part)
    return _normalised(mine * np.minimum(above[box] + 0.3, 1) if rng.random() < 0.5 else mine)


def _streak(rng: Random, part: Part) -> Floats:
    """A pole, an edge or a branch of any direction, as in photographs: bent, tapered, uneven, its two sides unlike.

    Some could be a 1, but of 1s there are many more: only where a 1 is rare does the net learn that it is none.
    """
    from scipy.ndimage import label
    from scipy.special import expit

    y, x = np.mgrid[-1 : 1 : CLOUD * 1j, -1 : 1 : CLOUD * 1j]
    angle = rng.random() * np.pi if rng.random() < 0.6 else rng.normal(np.pi / 2, 0.3)  # many are upright
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    across -= 0.25 * rng.standard_normal() * along**2 + 0.05 * rng.standard_normal() * _wave(rng, along)
    taper = rng.uniform(-0.8, 0.8) if rng.random() < 0.6 else 0.0
    half = rng.uniform(0.04, 0.35) * (1 + taper * along) * (1 + 0.3 * rng.random() * _wave(rng, along))
    one, other = 0.015 * 10 ** rng.random(2)  # how soft each side is
    ends = (rng.uniform(0.5, 1.4) - np.abs(along - 0.1 * rng.standard_normal())) / rng.uniform(0.02, 0.3)
    ink = expit((half - across) / one) * expit((half + across) / other) * np.clip(ends, 0, 1)
    cloud = 0.5 * rng.random() * _cloud(rng) if rng.random() < 0.7 else 0.0
    ink *= np.clip(1 + rng.uniform(-0.6, 0.6) * along + cloud, 0, 1.3)
    labels, _ = label(ink > rng.uniform(0.3, 0.5), np.ones((3, 3)))
    areas = np.bincount(labels.ravel())[1:]
    if areas.max(initial=0) < 50:
        return _streak(rng, part)
    return _normalised(np.minimum(ink, 1) * (labels == areas.argmax() + 1))


def _wave(rng: Random, along: Floats) -> Floats:
    return np.asarray(np.sin(rng.uniform(2, 9) * along + 2 * np.pi * rng.random()))


def _cloud(rng: Random) -> Floats:
    """Clouds of all sizes in random proportions, stretched in one direction; with mean 0 and deviation 1."""
    down, across = np.fft.fftfreq(CLOUD)[:, None], np.fft.rfftfreq(CLOUD)
    stretch, rough = np.exp(rng.uniform(-0.8, 0.8)), rng.uniform(1.2, 2.4)
    away = np.hypot(down * stretch, across / stretch)
    away[0, 0] = np.inf
    waves = np.fft.rfft2(rng.standard_normal((CLOUD, CLOUD))) / np.maximum(away, 0.03) ** rough
    cloud = np.fft.irfft2(waves, (CLOUD, CLOUD))
    return np.asarray((cloud - cloud.mean()) / cloud.std())


def _texture(rng: Random, part: Part) -> Floats:
    """Stripes, grids, full discs and boxes, slopes of grey and ribbons, as in pieces of photographs."""
    from scipy.ndimage import gaussian_filter

    height, width = rng.integers(20, 48, size=2)
    y, x = np.mgrid[:height, :width]
    angle, period = rng.random() * np.pi, 4 + 10 * rng.random()
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    stripes = np.sin(2 * np.pi * along / period + 6 * rng.random())
    grid = np.maximum(stripes, np.sin(2 * np.pi * across / period))
    slope = along / max(1.0, float(np.ptp(along)))
    cloud = gaussian_filter(rng.standard_normal((height, width)), 3 + 4 * rng.random())
    disc = np.hypot(2 * y / height - 1, (2 * x - width) / max(width, 0.7 * height)) < 1
    kind = (
        disc * (1 + 0.7 * rng.random() * np.clip(cloud / cloud.std(), -1, 1)),
        stripes > 0,
        grid > 0.3,
        slope - slope.min(),
        np.abs(cloud) < 0.4 * cloud.std(),
        np.ones((height, width)),
        cloud > 0,
    )
    ink = np.asarray(kind[int(rng.integers(len(kind)))], float)
    return _normalised(np.maximum(ink + 0.15 * rng.standard_normal(ink.shape) * (ink > 0), 0))


def _normalised(ink: NDArray[np.bool_] | Floats) -> Floats:
    """The ink normalised like USPS's digits; an empty image gets one dot."""
    ink = np.pad(np.asarray(ink, float), 2)
    if not ink.any():
        ink[1:3, 1:3] = 1
    return np.asarray(bitmap_normalize(ink, SIZE, "light"), float)


#: The kinds of images, and the functions that make one.
KINDS: dict[str, Callable[[Random, Part], Floats]] = {
    "signs": _sign_printed,
    "script": _script,
    "scribbles": _scribble,
    "pieces": _piece,
    "linked": _linked,
    "noise": _noise,
    "textures": _texture,
    "blobs": _blob,
    "streaks": _streak,
}
