"""From a picture to dark ink on even paper: the one way in for `read`, `predict` and `size_normalize`.

Everything around the paper is painted over (``ground``), light or dark ink is found out, the picture is divided by the
level of its paper, and a threshold with hysteresis tells ink from paper. Neural Computation 1(4), 1989, "binarises with
an adaptive threshold"; here the paper adapts, and one threshold serves the whole picture.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .aliases import Floats
from .ground import coarse, fill_outside, paper_of, plane, without_rim

Ink = Literal["auto", "dark", "light"]
INKS: tuple[Ink, ...] = ("auto", "dark", "light")

SMALLEST = 8  # pixels: a lower or narrower picture holds no digit
WEAK, STRONG = 0.34, 0.55  # of the ink's contrast: least ink, and least ink that a connected piece must have somewhere
THRESHOLDS = (WEAK, 0.42, 0.5, 0.58)  # tried one after another where the net is in doubt
FAINTEST = 0.03  # of the paper's level: least contrast of ink
NOISE = 4.5  # standard deviations of the paper: least contrast of ink
SECOND_TRY = 2.5  # of the same, where nothing was found: patterned paper has a large deviation
CLEAR = 0.5  # skewness of the levels that tells whether dark or light pixels are rarer


class Inked(NamedTuple):
    """The ink of a picture, (height, width): where it is, and how much of the full contrast it has, from 0 to 1."""

    mask: NDArray[np.bool_]
    strength: Floats


def find_ink(grey: Floats, ink: Ink = "auto", noise: float = NOISE) -> Inked | None:
    """Tell ink from paper in grey levels from 0 (black) to 1 (white); None if there is no ink.

    `ink` says whether ink is darker or lighter than paper; "auto" takes the rarer of both. `noise` is the least
    contrast of ink, in standard deviations of the paper.
    """
    return tell_apart(smooth(on_even_paper(grey, ink)), noise) if min(grey.shape) >= SMALLEST else None


def on_even_paper(grey: Floats, ink: Ink = "auto") -> Floats:
    """The part of the paper's level that each pixel lacks: 0 for paper, 1 for black ink, below 0 for white specks.

    The arguments are those of `find_ink`.
    """
    if ink not in INKS:
        raise ValueError(f'ink must be "auto", "dark" or "light", not {ink!r}')
    grey = fill_outside(without_rim(grey))
    if is_light(grey, ink):
        grey = 1 - grey
    relief: Floats = grey / paper_of(grey)
    np.subtract(1, relief, out=relief)  # in place: a picture is large
    return relief


def smooth(relief: Floats) -> Floats:
    """Ink on even paper with less grain, for `tell_apart`."""
    from scipy.ndimage import gaussian_filter

    smoothed: Floats = gaussian_filter(relief, 0.7, truncate=2.0, mode="nearest")
    return smoothed


def tell_apart(relief: Floats, noise: float = NOISE, weak: float = WEAK) -> Inked | None:
    """Tell ink from even, smoothed paper by a threshold; None if there is no ink.

    `noise` is as for `find_ink`. `weak` is the threshold, as a part of the ink's contrast: with a higher one, strokes
    are thinner and touch each other less.
    """
    paper = _deviation(relief[::2, ::2])
    contrast = _contrast(relief, max(FAINTEST, noise * paper))
    if contrast is None:
        return None
    strength = relief * np.float32(1 / contrast)
    np.clip(strength, 0, 1, out=strength)
    strong = STRONG + (weak - WEAK) / 2
    found = relief > max(weak * contrast, 0.55 * noise * paper)
    return Inked(_with_strong(found, relief > max(strong * contrast, noise * paper)), strength)


def clearness(grey: Floats) -> float:
    """The contrast of the ink as a multiple of the least that ink must have; 0 if there is no ink."""
    if min(grey.shape) < SMALLEST:
        return 0.0
    grey = 1 - grey if is_light(grey) else grey
    relief: Floats = 1 - grey / paper_of(grey)
    least = max(FAINTEST, NOISE * _deviation(relief))
    return (_contrast(relief, least) or 0.0) / least


def _deviation(relief: Floats) -> float:
    """The standard deviation of the paper, by the median, which ink does not change much."""
    return float(np.median(np.abs(relief))) * 1.4826


def is_light(grey: Floats, ink: Ink = "auto") -> bool:
    """Whether ink is lighter than paper. Ink is rarer, so the levels reach farther from their mean on its side.

    If neither is much rarer, the edge of the picture is taken for paper.
    """
    from scipy.ndimage import uniform_filter

    if ink != "auto":
        return ink == "light"
    small = coarse(grey, 4 if min(grey.shape) >= 64 else 2)
    small = small - plane(small)  # a mean is off near the edges where light falls off, but not from an even slope
    window = 2 * round(float(np.clip(min(small.shape) / 3, 6, 40))) + 1
    off = (small - uniform_filter(small, window, mode="nearest")).astype(np.float64)
    skew = float((off**3).mean()) / max(float((off**2).mean()) ** 1.5, 1e-12)
    if abs(skew) >= CLEAR:
        return bool(skew > 0)
    edge = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    return bool(np.median(edge) < (float(small.min()) + float(small.max())) / 2)


def _contrast(relief: Floats, least: float) -> float | None:
    """The contrast of full ink: the third quartile of the ink by Otsu's threshold; None if it is less than `least`."""
    from skimage.filters import threshold_otsu

    counts, edges = np.histogram(relief[::2, ::2], 256, (0.0, max(float(relief.max()), 1e-6)))
    middles = (edges[1:] + edges[:-1]) / 2
    counts[middles < least / 4] = 0  # paper, of which there is much more
    if not counts.any():
        return None
    split = threshold_otsu(hist=(counts, middles)) if np.count_nonzero(counts) > 1 else middles[counts.argmax()]
    inked = np.where(middles >= split, counts, 0)
    contrast = float(middles[np.searchsorted(np.cumsum(inked), 0.75 * inked.sum())])
    return contrast if contrast >= least else None


def _with_strong(weak: NDArray[np.bool_], strong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Hysteresis: connected ink of which some is strong.

    skimage.filters.apply_hysteresis_threshold does the same in three times the time, a fifth of a whole reading.
    """
    from scipy.ndimage import label

    labels, count = label(weak, np.ones((3, 3)))
    kept = np.zeros(count + 1, bool)
    kept[labels[strong & weak]] = True
    mask: NDArray[np.bool_] = kept[labels]
    return mask
