"""Kernels by connection: a row for each source map, a column for each map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..layers import Full, Local
from ..net import Net
from ..netlayer import NetLayer
from .drawing import GAP, Array, bar_beside, largest, new_axes, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .drawing import Sheet

_WIDTH = 8.4  # inches of the widest mosaic
_FEWEST = 60  # units across that it takes to fill them: a few kernels need not be giants


def plot_kernels(net: Net, layer: str, *, ax: Axes | None = None, colorbar: bool = True) -> Axes:
    """The kernels of one layer by connection: a row for each source map, a column for each map.

    A layer with a single source map is shown in one row. Places without a kernel are connections that the table does
    not have. Gray is 0, white the largest weight, black its negative.

    Parameters
    ----------
    net : Net
    layer : str
        A layer with local connections and shared weights.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    colorbar : bool
        Whether to show what the shades stand for.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    KeyError, ValueError
        If there is no such layer, or it has no shared kernels.
    """
    shown = _local(net, layer)
    tiles = kernel_tiles(shown)
    width, height = _inches(tiles)
    ax = new_axes(ax, width + 1.4, height + 0.9)
    image = show(ax, tiles, largest(tiles))
    seen = sum(len(row) for row in shown.table or ())
    ax.set_title(f"{layer}: {seen} kernels of {tiles.shape[2]}x{tiles.shape[3]}", size=10)
    ax.set_xlabel(f"{layer} map", size=8)
    ax.set_ylabel("source map" if len(tiles) > 1 else "", size=8)
    if len(tiles) == 1:
        ax.set_yticks([])
    if colorbar:
        bar_beside(ax, image, "weight", width)
    return ax


def plot_all_kernels(net: Net) -> Figure:
    """Every layer of shared kernels of a net, one above the other, each as `plot_kernels` shows it.

    Layers with maps of a single unit are left out: with hundreds of maps they are full connections by another name.

    Parameters
    ----------
    net : Net

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib.pyplot as plt

    shown = layers_of_kernels(net)
    if not shown:
        raise ValueError(f"{net.name} has no layer with shared kernels")
    figure = plt.figure(figsize=(_WIDTH + 1.4, height_of_kernels(shown, _WIDTH) + 0.4), layout="constrained")
    draw_all_kernels(figure, shown, net)
    figure.suptitle(net.name, size=12)
    return figure


def draw_all_kernels(figure: Sheet, shown: list[NetLayer], net: Net) -> None:
    """The layers one above the other, flush left."""
    heights = [_inches(kernel_tiles(one))[1] for one in shown]
    axes = figure.subplots(len(shown), 1, height_ratios=heights, squeeze=False)
    for layer, ax in zip(shown, axes[:, 0], strict=True):
        plot_kernels(net, layer.name, ax=ax).set_anchor("W")
        ax.set_title(ax.get_title(), size=10, loc="left")
        ax.set_title("")


def height_of_kernels(shown: list[NetLayer], width: float) -> float:
    """Inches that it takes to draw them all as wide as that, with their titles."""
    return sum(_inches(kernel_tiles(one))[1] * width / _WIDTH + 0.75 for one in shown)


def layers_of_kernels(net: Net) -> list[NetLayer]:
    """The layers of planes with shared kernels."""
    shown = [one for one in net if isinstance(one.declaration, Local) and one.declaration.shared]
    return [one for one in shown if one.shape[1:] != (1, 1)]


def kernel_tiles(layer: NetLayer) -> Array:
    """Kernels as (sources, maps, height, width), NaN where a map does not see a source."""
    kernels, table = layer.kernels, layer.table
    assert kernels is not None
    assert table is not None
    tiles = np.full((layer.sources, layer.shape[0], *kernels.shape[1:]), np.nan, np.float32)
    maps = [m for m, row in enumerate(table) for _ in row]
    tiles[[source for row in table for source in row], maps] = kernels
    return tiles


def first_weights(net: Net) -> tuple[NetLayer, Array] | None:
    """The first weights that make pictures, as tiles: shared kernels, or those of units that see the whole input."""
    for layer in net:
        if isinstance(layer.declaration, Local) and layer.declaration.shared:
            tiles = kernel_tiles(layer)
            return layer, _folded(tiles[0], 6) if len(tiles) == 1 else tiles
    layer = net[net.layers[0].name]
    if not isinstance(layer.declaration, Full) or not isinstance(layer.weights, np.ndarray):
        return None
    first = net.input
    return layer, _folded(layer.weights.reshape(layer.units, first.maps, first.height, first.width)[:, 0], 10)


def _folded(images: Array, most: int) -> Array:
    """Images as tiles, at most so many in a row."""
    columns = min(most, len(images))
    tiles = np.full((-(-len(images) // columns) * columns, *images.shape[1:]), np.nan, np.float32)
    tiles[: len(images)] = images
    return tiles.reshape(-1, columns, *images.shape[1:])


def _local(net: Net, name: str) -> NetLayer:
    layer = net[name]
    if not isinstance(layer.declaration, Local) or not layer.declaration.shared:
        raise ValueError(f'layer "{name}" has no kernels to show: it must have local connections with shared weights')
    return layer


def _inches(tiles: Array) -> tuple[float, float]:
    """Width and height of a mosaic, all kernels of a net in about the same size."""
    rows, columns, height, width = tiles.shape
    scale = _WIDTH / max(columns * (width + GAP), _FEWEST)
    return columns * (width + GAP) * scale, rows * (height + GAP) * scale
