"""From grey levels to ink: the background's own light taken away, dark or light ink found out, a threshold.

Neural Computation 1(4), 1989, "binarises with an adaptive threshold". What is adaptive here is the background, which is
the mean of the paper around each pixel; the threshold is then one for the whole picture.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..images import INKS, Ink

Floats = NDArray[np.float32]

COARSE = 4  # pixels to one of the coarse picture in which the background is looked for
WINDOWS = (24, 160)  # pixels, half of the window whose mean is the background: from, to
WEAK, STRONG = 0.34, 0.55  # of the ink's contrast: weaker ink is none; ink with nothing stronger in it is none either
FAINTEST = 0.03  # of all grey levels: less contrast is no ink
NOISE = 4.5  # standard deviations of the paper: nor is what does not stand out by that


class Inked(NamedTuple):
    """Where there is ink, (height, width): whether, and how much of the full contrast, from 0 to 1."""

    mask: NDArray[np.bool_]
    strength: Floats


def find_ink(grey: Floats, ink: Ink = "auto") -> Inked | None:
    """Tell ink from paper; None if there is no ink.

    Parameters
    ----------
    grey : ndarray of float32, shape (height, width)
    ink : {"auto", "dark", "light"}
        Whether ink is darker or lighter than paper; "auto" takes what is rarer.
    """
    if ink not in INKS:
        raise ValueError(f'ink must be "auto", "dark" or "light", not {ink!r}')
    if min(grey.shape) < 2 * COARSE:
        return None
    above = _smooth(_relief(grey, ink))
    paper = float(np.median(np.abs(above[::2, ::2]))) * 1.4826
    contrast = _contrast(above, max(FAINTEST, NOISE * paper))
    if contrast is None:
        return None
    strength = np.clip(above * np.float32(1 / contrast), 0, 1)
    weak = above > max(WEAK * contrast, 2.5 * paper)
    return Inked(_with_strong(weak, above > max(STRONG * contrast, NOISE * paper)), strength)


def _resize(picture: Floats, height: int, width: int, average: bool) -> Floats:
    from PIL import Image

    how = Image.Resampling.BOX if average else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(picture).resize((width, height), how))


def _relief(grey: Floats, ink: Ink) -> Floats:
    """How far each pixel is from the paper around it, towards the ink."""
    from scipy.ndimage import uniform_filter

    height, width = grey.shape
    coarse = _resize(grey, -(-height // COARSE), -(-width // COARSE), average=True)
    half = float(np.clip(min(grey.shape) / 3, *WINDOWS))
    window = 2 * round(half / COARSE) + 1
    slope = _plane(coarse)  # a mean is off near the edges where light falls off, but not from an even slope
    coarse = coarse - slope
    off = coarse - uniform_filter(coarse, window, mode="nearest")
    sign = _sign(off, ink)
    spread = max(float(np.abs(off).mean()), 1e-6)
    paper = (sign * off < 0.5 * spread).astype(np.float32)  # ink that is on the other side stands out
    share = uniform_filter(paper, window, mode="nearest")
    ground = uniform_filter(coarse * paper, window, mode="nearest") / np.maximum(share, 1e-3)
    ground = np.where(share > 0.05, ground, coarse) + slope
    return sign * (grey - _resize(ground.astype(np.float32), height, width, average=False))


def _plane(picture: Floats) -> Floats:
    """The plane that is nearest to a picture, by least squares."""
    rows, columns = (np.linspace(-1, 1, side, dtype=np.float32) for side in picture.shape)
    down = float(picture.mean(axis=1) @ rows / max(float(rows @ rows), 1e-9))
    right = float(picture.mean(axis=0) @ columns / max(float(columns @ columns), 1e-9))
    plane: Floats = (picture.mean() + down * rows[:, None] + right * columns).astype(np.float32)
    return plane


def _sign(off: Floats, ink: Ink) -> np.float32:
    """1 for ink lighter than paper, -1 for darker: ink is rarer than paper, and farther from the mean."""
    if ink == "auto":
        return np.float32(1 if float((off.astype(np.float64) ** 3).sum()) > 0 else -1)
    return np.float32(1 if ink == "light" else -1)


def _smooth(relief: Floats) -> Floats:
    from scipy.ndimage import gaussian_filter

    smooth: Floats = gaussian_filter(relief, 0.7, truncate=2.0, mode="nearest")
    return smooth


def _contrast(above: Floats, least: float) -> float | None:
    """How far full ink is from paper: what three quarters of the ink by Otsu's threshold are below."""
    from skimage.filters import threshold_otsu

    counts, edges = np.histogram(above[::2, ::2], 256, (0.0, max(float(above.max()), 1e-6)))
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
