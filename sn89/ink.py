"""From a picture to dark ink on even paper: one way in for `read`, `predict` and `size_normalize`.

What lies around the paper is painted over (``ground``), light or dark ink is found out, the light that the paper throws
back is divided out, and a threshold with hysteresis tells ink from paper. Neural Computation 1(4), 1989, "binarises
with an adaptive threshold"; what is adaptive here is the paper, and the threshold is one for the whole picture.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .ground import coarse, fill_outside, paper_of, plane, without_rim

Floats = NDArray[np.float32]
Ink = Literal["auto", "dark", "light"]
INKS: tuple[Ink, ...] = ("auto", "dark", "light")

SMALLEST = 8  # pixels: pictures that are lower or narrower hold no digit
WEAK, STRONG = 0.34, 0.55  # of the ink's contrast: weaker ink is none; ink with nothing stronger in it is none either
THRESHOLDS = (WEAK, 0.42, 0.5, 0.58)  # that are tried where what is found with the first is doubtful
FAINTEST = 0.03  # of the paper's light: less contrast is no ink
NOISE = 4.5  # standard deviations of the paper: nor is what does not stand out by that
CLEAR = 0.5  # skewness of the levels: less does not tell which is rarer
SECOND_TRY = 2.5  # of these, where nothing was found: patterned paper has a large deviation


class Inked(NamedTuple):
    """Where there is ink, (height, width): whether, and how much of the full contrast, from 0 to 1."""

    mask: NDArray[np.bool_]
    strength: Floats


def find_ink(grey: Floats, ink: Ink = "auto", noise: float = NOISE) -> Inked | None:
    """Tell ink from paper; None if there is no ink.

    Parameters
    ----------
    grey : ndarray of float32, shape (height, width)
        From 0, black, to 1, white.
    ink : {"auto", "dark", "light"}
        Whether ink is darker or lighter than paper; "auto" takes what is rarer.
    noise : float
        How many standard deviations of the paper ink must stand out by.
    """
    return tell_apart(smooth(on_even_paper(grey, ink)), noise) if min(grey.shape) >= SMALLEST else None


def on_even_paper(grey: Floats, ink: Ink = "auto") -> Floats:
    """How much of the paper's light each pixel lacks: 0 for paper, up to 1 for black ink; less than 0 for white specks.

    Parameters
    ----------
    grey : ndarray of float32, shape (height, width)
    ink : {"auto", "dark", "light"}
        As for `find_ink`.
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
    """Ink on even paper with less of its grain: what `tell_apart` wants."""
    from scipy.ndimage import gaussian_filter

    smoothed: Floats = gaussian_filter(relief, 0.7, truncate=2.0, mode="nearest")
    return smoothed


def tell_apart(relief: Floats, noise: float = NOISE, weak: float = WEAK) -> Inked | None:
    """Ink on even paper, by a threshold; None if nothing stands out by so many standard deviations of the paper.

    Parameters
    ----------
    relief : ndarray of float32, shape (height, width)
        Of `on_even_paper`, smoothed.
    noise : float
        How many standard deviations of the paper ink must stand out by.
    weak : float
        The threshold, of the ink's contrast. With a higher one strokes are thinner, and touch each other less.
    """
    paper = float(np.median(np.abs(relief[::2, ::2]))) * 1.4826
    contrast = _contrast(relief, max(FAINTEST, noise * paper))
    if contrast is None:
        return None
    strength = relief * np.float32(1 / contrast)
    np.clip(strength, 0, 1, out=strength)
    strong = STRONG + (weak - WEAK) / 2
    found = relief > max(weak * contrast, 0.55 * noise * paper)
    return Inked(_with_strong(found, relief > max(strong * contrast, noise * paper)), strength)


def is_light(grey: Floats, ink: Ink = "auto") -> bool:
    """Whether ink is lighter than paper: ink is rarer, so the levels reach farther from their mean on its side.

    Where neither is much rarer, the edge of the picture is paper.
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
    """How far full ink is from paper: what three quarters of the ink by Otsu's threshold are below."""
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

    As skimage.filters.apply_hysteresis_threshold, which takes three times as long, a fifth of all of a reading.
    """
    from scipy.ndimage import label

    labels, count = label(weak, np.ones((3, 3)))
    kept = np.zeros(count + 1, bool)
    kept[labels[strong & weak]] = True
    mask: NDArray[np.bool_] = kept[labels]
    return mask
