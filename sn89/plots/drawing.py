"""What the pictures share: mosaics of gray tiles, quiet axes, and the one colour beside gray."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    Sheet: TypeAlias = Figure | SubFigure

Array = np.ndarray

GAP = 1  # units between two tiles
BETWEEN = "#c8d6e8"  # what shows between tiles: no shade of gray, so that nobody takes it for a state
ACCENT = "#d55e00"  # vermilion, told from gray by the colour-blind too
PALE = "0.55"
GRID = "0.92"
PAPER: dict[str, Any] = {  # how the mark of a paper's result looks
    "color": ACCENT,
    "marker": "x",
    "markersize": 8,
    "markeredgewidth": 2,
    "linestyle": "none",
    "zorder": 3,
}


def mosaic(tiles: Array) -> Array:
    """Tiles (rows, columns, height, width) in one image, NaN between them and where they are NaN."""
    rows, columns, height, width = tiles.shape
    image = np.full((rows, height + GAP, columns, width + GAP), np.nan, np.float32)
    image[:, :height, :, :width] = tiles.transpose(0, 2, 1, 3)
    return image.reshape(rows * (height + GAP), -1)[:-GAP, :-GAP]


def show(ax: Axes, tiles: Array, limit: float) -> Any:
    """Draw a mosaic in gray from -limit, black, to limit, white; labels count the tiles."""
    import matplotlib

    gray = matplotlib.colormaps["gray"].with_extremes(bad=BETWEEN)
    image = ax.imshow(mosaic(tiles), cmap=gray, vmin=-limit, vmax=limit, interpolation="nearest")
    rows, columns, height, width = tiles.shape
    ax.set_xticks([(width + GAP) * i + (width - 1) / 2 for i in range(columns)], map(str, range(columns)))
    ax.set_yticks([(height + GAP) * i + (height - 1) / 2 for i in range(rows)], map(str, range(rows)))
    ax.tick_params(length=0, labelsize=7)
    ax.spines[:].set_color(BETWEEN)  # white units must not run into white paper
    ax.spines[:].set_linewidth(2)
    return image


def show_digit(ax: Axes, image: Array) -> Any:
    """One image in gray, its own smallest value black, its largest white, without ticks; planes are added up."""
    plane = np.asarray(image) if np.ndim(image) == 2 else np.sum(image, axis=0)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax.imshow(plane, cmap="gray", interpolation="nearest")


def largest(*arrays: Array) -> float:
    """The largest magnitude in the arrays, NaN left out; 1 where all are 0: a limit for shades."""
    return max(float(np.nanmax(np.abs(one))) for one in arrays) or 1.0


def ratio(tiles: Array) -> float:
    """Height of a mosaic by its width."""
    rows, columns, height, width = tiles.shape
    return float(rows * (height + GAP)) / float(columns * (width + GAP))


def new_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The axes given, or those of a new figure of so many inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def quiet(ax: Axes, grid: bool = True) -> None:
    """Axes for curves: no frame on top and on the right, small type, a faint grid."""
    ax.tick_params(labelsize=8)
    ax.spines[["top", "right"]].set_visible(False)
    if grid:
        ax.set_axisbelow(True)
        ax.grid(which="both", color=GRID)


def bar_beside(ax: Axes, image: Any, label: str, inches: float) -> None:
    """A thin bar of shades beside a picture that is `inches` wide, as high as it, with figures at ends and middle."""
    from matplotlib.ticker import LinearLocator

    beside = ax.inset_axes((1 + 0.1 / inches, 0, 0.12 / inches, 1))
    bar = ax.figure.colorbar(image, cax=beside, ticks=LinearLocator(3), format="{x:.2g}")
    bar.ax.tick_params(labelsize=7)
    bar.outline.set(color="0.7", linewidth=0.6)
    bar.set_label(label, size=8)
