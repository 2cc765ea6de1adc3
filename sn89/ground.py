"""The paper under the ink: where it ends, and how much light it reflects at each place.

Light may fall off to one side, a shadow may have an edge, and the bed of a scanner or a table may be around the page.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .aliases import Floats, Mask

DARKEST = 0.02  # of all grey levels: least level of paper, because it is divided by
WIDEST = (12, 160)  # pixels, from and to: a patch of ink that is so wide and high would pass for paper
LARGE = 2.5  # times the larger of these: higher writing has strokes of such width
SIDE = 200  # pixels, about: the longer side of the picture in which the end of the paper is looked for
STEP = 0.10  # of the range of grey levels: neighbours that differ by less belong to the same surface
GRAIN = 2.0  # of the median step: so do neighbours that differ by less, because the picture has grain
SURFACE, INNER, DETAIL = 0.004, 0.05, 16  # least surface at the edge and inside (of the picture), least detail (pixels)
WRITTEN = 0.002  # of the picture: least writing on a surface; less is grain
PARTING = 0.25  # of the range of grey levels: two surfaces beside a detail that differ by more are not one sheet
BESIDE = 4  # pixels: how near a stroke that crosses the edge of a shadow is to the surface on the other side
RIM, STRAIGHT = 0.1, 0.9  # of a side: greatest width of a rim; and least part of each of its rows that is of one level
LEAST = (0.6, 0.35)  # of the picture: least part that is paper, if it is darker or lighter than the rest
CONVEX = 0.9  # of its convex hull: least area of a sheet


def coarse(grey: Floats, block: int) -> Floats:
    """A smaller picture, whose pixels are the means of blocks; the last blocks may be incomplete."""
    from PIL import Image

    if block == 1:
        return grey
    height, width = (-(-side // block) for side in grey.shape)
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BOX))


def _fine(picture: Floats, shape: tuple[int, int]) -> Floats:
    from PIL import Image

    if picture.shape == shape:
        return picture
    return np.asarray(Image.fromarray(picture).resize(shape[::-1], Image.Resampling.BILINEAR))


def paper_of(grey: Floats) -> Floats:
    """The level of the paper at every pixel, for ink that is darker, also if writing fills the picture."""
    most = 0.4 * min(grey.shape)
    if most > WIDEST[1]:
        factor = round(most / WIDEST[1])
        small = coarse(grey, factor)
        large = _usual_height(small < 0.6 * _paper_within(small, WIDEST[1])) * factor > LARGE * WIDEST[1]
        most = most if large else WIDEST[1]
    return _paper_within(grey, max(most, WIDEST[0]))


def _usual_height(ink: Mask) -> float:
    """The median height of pieces of ink, each weighted by its height; 0 without any."""
    from scipy.ndimage import find_objects, label

    return weighted_median([rows.stop - rows.start for rows, _ in find_objects(label(ink)[0])])


def weighted_median(heights: ArrayLike) -> float:
    """The median of heights, each weighted by itself; 0 without any."""
    ordered = np.sort(heights)
    total = np.cumsum(ordered)
    return float(ordered[np.searchsorted(total, 0.5 * total[-1])]) if len(ordered) else 0.0


def _paper_within(grey: Floats, window: float) -> Floats:
    """The level of the paper for ink that is narrower than a window.

    A closing removes what is darker and narrower than the window. It keeps the edges of shadows, but it is as light as
    the lightest grains of the paper, so the mean of the pixels that are nearly as light follows.
    """
    from scipy.ndimage import grey_closing, uniform_filter

    block = 1 if grey.size < 250_000 else 2 if grey.size < 2_500_000 else 4
    small = coarse(grey, block)
    window = 2 * round(window / block / 2) + 1
    slope = plane(small)  # near the edges a closing is off where light falls off, but not from an even slope
    closed = np.maximum(grey_closing(small - slope, (window, window), mode="nearest") + slope, DARKEST)
    share = small / closed
    spread = max(1.5 * float(np.mean(1 - share)), 1e-3)
    near = (share > 1 - spread).astype(np.float32)
    wide = 2 * window + 1
    level = uniform_filter(share * near, wide, mode="nearest") / np.maximum(
        uniform_filter(near, wide, mode="nearest"), 1e-3
    )
    paper = np.maximum(closed * np.clip(level, 0.5, 1), DARKEST)  # in the small picture, to save memory
    return _fine(paper.astype(np.float32), grey.shape)


def plane(picture: Floats) -> Floats:
    """The plane that is nearest to a picture, by least squares."""
    rows, columns = (np.linspace(-1, 1, side, dtype=np.float32) for side in picture.shape)
    down = float(picture.mean(axis=1) @ rows / max(float(rows @ rows), 1e-9))
    right = float(picture.mean(axis=0) @ columns / max(float(columns @ columns), 1e-9))
    plane: Floats = (picture.mean() + down * rows[:, None] + right * columns).astype(np.float32)
    return plane


def fill_outside(grey: Floats) -> Floats:
    """The picture, in which everything around the paper is painted over with the nearest paper."""
    from scipy.ndimage import binary_dilation, distance_transform_edt, median_filter

    block = max(1, round(max(grey.shape) / SIDE))
    small = coarse(grey, block)
    outside = _outside(small)
    if not outside.any():
        return grey
    outside = binary_dilation(outside, np.ones((3, 3)), iterations=2)
    deeper = binary_dilation(outside, np.ones((3, 3)), iterations=4)  # beyond it, medians are of paper alone
    rows, columns = distance_transform_edt(deeper, return_distances=False, return_indices=True)
    mask = np.repeat(np.repeat(outside, block, axis=0), block, axis=1)[: grey.shape[0], : grey.shape[1]]
    return np.where(mask, _fine(median_filter(small, 9)[rows, columns], grey.shape), grey)


def without_rim(grey: NDArray[Any]) -> NDArray[Any]:
    """The picture, in which a straight rim along several sides, of another level than the paper, is painted over."""
    low, high = np.percentile(grey[::4, ::4], (2, 98))
    paper = float(np.median(grey[::4, ::4]))
    widths = [_rim(side, paper, float(high - low)) for side in (grey, grey[::-1], grey.T, grey.T[::-1])]
    if np.count_nonzero(widths) < 2:  # a bar along one side may belong to a 7 that was cut out closely
        return grey
    top, bottom, left, right = widths
    inner = grey[top : grey.shape[0] - bottom, left : grey.shape[1] - right]
    if float(np.ptp(inner)) < STEP * (high - low):
        return grey  # the rim itself is the drawing
    return np.pad(inner, ((top, bottom), (left, right)), mode="edge")


def _rim(grey: NDArray[Any], paper: float, reach: float) -> int:
    """The number of first rows that have one level each, not the paper's; 0 if they do not end in a step."""
    most = int(RIM * grey.shape[0])
    rows = grey[: most + 3]
    if most < 1 or reach <= 0:
        return 0
    levels = np.median(rows, axis=1)
    even = (np.abs(rows - levels[:, None]) < STEP * reach).mean(axis=1) >= STRAIGHT
    same = even & (np.abs(levels - levels[0]) < PARTING * reach)
    width = int(same.argmin()) if not same.all() else len(same)
    beyond = min(abs(float(level) - float(levels[0])) for level in (levels[width + 1], paper)) if width <= most else 0
    if not width or beyond < 2 * PARTING * reach:
        return 0
    return width + 1  # with the blurred row between


def _outside(small: Floats) -> Mask:
    """Where a picture shows no paper: even surfaces at its edge without writing, with written paper beyond a step.

    Steps of the grey level separate surfaces, and rough places between these are details. A detail between two levels,
    such as the edge of a page or of a shadow, separates two surfaces; any other is writing on them.
    """
    from scipy.ndimage import binary_fill_holes, grey_dilation, grey_erosion, label

    low, high = np.percentile(small, (2, 98))
    steps = grey_dilation(small, (3, 3)) - grey_erosion(small, (3, 3))
    rough = steps > max(STEP * (high - low), GRAIN * float(np.median(steps)))
    surfaces = label(~rough)[0]
    surfaces = _large(surfaces, np.where(_at_edge(surfaces), SURFACE, INNER) * small.size)
    details = _large(label(rough, np.ones((3, 3)))[0], DETAIL)
    levels, areas = _levels_beside(small, surfaces, details)
    if not levels.size:
        return np.zeros(small.shape, bool)
    reach = np.nanmax(levels, axis=0) - np.nanmin(levels, axis=0)
    parting, touching = reach > PARTING * (high - low), np.isfinite(levels)
    written = (touching & ~parting) @ areas >= WRITTEN * small.size
    beyond = touching & parting & (touching & written[:, None]).any(axis=0)  # written paper is beyond that detail
    empty = _at_edge(surfaces)[1:] & beyond.any(axis=1) & ~written
    if not empty.any():
        return np.zeros(small.shape, bool)
    # Specks of dust around the paper are sheets of their own.
    sheets = label(~np.append(False, empty)[surfaces], np.ones((3, 3)))[0]
    outside: Mask = ~binary_fill_holes(np.isin(sheets, np.unique(sheets[np.append(False, written)[surfaces]])))
    if not outside.any():
        return outside
    around, paper = float(np.median(small[outside])), float(np.median(small[~outside]))
    written_across = _beyond_both(small, outside, around, paper, STEP * (high - low)) >= WRITTEN * small.size
    fits = not written_across and _is_sheet(~outside, LEAST[paper > around])
    return outside if fits else np.zeros(small.shape, bool)


def _beyond_both(small: Floats, outside: Mask, around: float, paper: float, least: float) -> int:
    """The number of pixels beside the outside that are darker, or lighter, than both levels.

    They are writing across the edge of a shadow. The edge of a page lies between the levels on its two sides.
    """
    from scipy.ndimage import binary_dilation

    beside = binary_dilation(outside, iterations=BESIDE) & ~outside
    off = np.abs(small - np.clip(small, min(around, paper), max(around, paper)))
    return int(np.count_nonzero(beside & (off > least)))


def _is_sheet(inside: Mask, least: float) -> bool:
    """Whether the rest is large and has no bays, as a sheet of paper; a bold digit has bays."""
    from skimage.morphology import convex_hull_image

    return bool(inside.mean() > least and inside.sum() > CONVEX * convex_hull_image(inside).sum())


def _at_edge(labels: NDArray[np.int32]) -> Mask:
    """Whether each label touches the edge of the picture."""
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.isin(np.arange(int(labels.max()) + 1), edge)


def _large(labels: NDArray[np.int32], least: NDArray[np.float64] | float) -> NDArray[np.int32]:
    """Labels of the regions that have at least so many pixels, numbered again."""
    kept = np.bincount(labels.ravel()) >= least
    kept[0] = False
    numbers: NDArray[np.int32] = (np.cumsum(kept) * kept).astype(np.int32)[labels]
    return numbers


def _levels_beside(
    small: Floats, surfaces: NDArray[np.int32], details: NDArray[np.int32]
) -> tuple[Floats, NDArray[np.int64]]:
    """The mean level of each surface (row) beside each detail (column), NaN where they do not touch; areas of details.

    Details that touch no surface are left out.
    """
    from scipy.ndimage import grey_dilation

    shape = int(surfaces.max()) + 1, int(details.max()) + 1
    beside = grey_dilation(details, (3, 3))
    key = (surfaces * shape[1] + beside)[(surfaces > 0) & (beside > 0)]
    sums, counts = (
        np.bincount(key, weights, shape[0] * shape[1]).reshape(shape)[1:, 1:]
        for weights in (small[(surfaces > 0) & (beside > 0)], None)
    )
    used = counts.any(axis=0)
    levels: Floats = (sums[:, used] / np.where(counts[:, used] > 0, counts[:, used], np.nan)).astype(np.float32)
    return levels, np.bincount(details.ravel(), minlength=shape[1])[1:][used]
