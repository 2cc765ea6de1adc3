"""Kernels by connection: a row for each source map, a column for each map; and how they came to be, pass by pass."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING

import numpy as np

from ..layers import Full, Local
from ..net import Net
from ..netlayer import NetLayer
from .drawing import GAP, bar_beside, folded, headline, name_axes, name_row, short, show, strike, title, whole_bar
from .figures import Picture, finish, in_figure, on_axes
from .theme import Array, Limit, Shades, Sheet, limit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 8.4, 9.0  # inches of the widest and the highest mosaic
_FEWEST = 60  # units across that it takes to fill them: a few kernels need not be giants
_WORDS, _LOW = 0.85, 0.6  # inches of a title and the names of axes; of a mosaic that its bar's name is too high for
_ACROSS = 24  # kernels of one source map in a row; layers with more have several rows


def plot_kernels(
    net: Net,
    layer: str,
    *,
    limit: Limit = None,
    cmap: Shades = None,
    colorbar: bool = True,
    ax: Axes | None = None,
) -> Picture:
    """The kernels of one layer by connection: a row for each source map, a column for each map.

    A layer with a single source map is shown in rows of up to 24 maps. Places without a kernel are connections that the
    table does not have. Gray is 0, white the largest weight, black its negative. Deleted weights are struck out.

    Parameters
    ----------
    net : Net
    layer : str
        A layer with local connections and shared weights.
    limit : float or str, optional
        The magnitude that is white or black: a number, or a percentile of the magnitudes such as "99%", so that one
        large weight does not gray all others; the largest by default.
    cmap : str or matplotlib.colors.Colormap, optional
        Shades from -limit to limit; gray, or the style's ``image.cmap``, by default.
    colorbar : bool
        Whether to show what the shades stand for.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    KeyError, TypeError, ValueError
        If there is no such layer, or it has no shared kernels.
    """
    net = copy(net)  # which no other thread trains meanwhile
    shown = _local(net, layer)
    width, height = _inches(_by_row(shown))
    picture = on_axes(ax, max(4.0, width + 1.9), height + 0.9)
    _draw_kernels(picture.ax, net, shown, limit, cmap, colorbar)
    return finish(picture)


def _draw_kernels(
    ax: Axes, net: Net, layer: NetLayer, limit: Limit, cmap: Shades, colorbar: bool = True, where: str = "center"
) -> None:
    """The kernels of a layer, their number above them."""
    tiles, deleted = _by_row(layer), np.nan_to_num(_by_row(layer.deleted)) > 0
    alone, name = layer.sources == 1, short(layer.name)
    in_rows = alone and len(tiles) > 1
    image = show(ax, tiles, limit, cmap, numbered=not in_rows)
    strike(ax, deleted)
    seen = sum(len(row) for row in layer.table or ())
    words = f"{name}: {seen} kernel{'s' if seen > 1 else ''} of {tiles.shape[2]}x{tiles.shape[3]}"
    words += "; blank: not connected" if seen < layer.shape[0] * layer.sources else ""
    title(ax, words + ("; struck out: deleted" if deleted.any() else ""), where)
    if alone:
        ax.set_yticks([])
    across = f"maps of {name}, {_ACROSS} in a row" if in_rows else f"map of {name}"
    name_axes(ax, across, "" if alone else f"map of {short(below(net, layer.name))}")
    if where == "left" and tiles.shape[1] == 1:  # words wider than a single kernel begin where it does
        ax.xaxis.label.set(x=0, ha="left")
    if colorbar:
        bar_beside(ax, image, "weight")


def plot_all_kernels(net: Net, *, limit: Limit = None, cmap: Shades = None, figure: Sheet | None = None) -> Picture:
    """Every layer of shared kernels of a net, one above the other, each as `plot_kernels` shows it.

    Layers with maps of a single unit are left out: with hundreds of maps they are full connections by another name.

    Parameters
    ----------
    net : Net
    limit, cmap : optional
        As of `plot_kernels`.
    figure : matplotlib.figure.Figure or SubFigure, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError, ValueError
        If the net has no layer with shared kernels.
    """
    net = copy(net)  # which no other thread trains meanwhile
    shown = layers_of_kernels(net)
    if not shown:
        raise ValueError(f"{net.name} has no layer with shared kernels")
    widest = max(4.0, *(_inches(_by_row(one))[0] for one in shown))
    picture = in_figure(figure, widest + 1.4, height_of_kernels(shown, _WIDTH) + 0.4)
    draw_all_kernels(picture.sheet, shown, net, limit, cmap)
    headline(picture.sheet, net.name)
    return finish(picture)


def draw_all_kernels(figure: Sheet, shown: list[NetLayer], net: Net, limit: Limit = None, cmap: Shades = None) -> None:
    """The layers one above the other, flush left."""
    heights = [_height(one, _WIDTH) for one in shown]
    axes = figure.subplots(len(shown), 1, height_ratios=heights, squeeze=False)
    for layer, ax in zip(shown, axes[:, 0], strict=True):
        _draw_kernels(ax, net, layer, limit, cmap, where="left")
        ax.set_anchor("W")


def plot_kernel_history(
    net: Net,
    layer: str,
    parameters: Mapping[int, Array],
    *,
    most: int = 24,
    limit: Limit = None,
    cmap: Shades = None,
    figure: Sheet | None = None,
) -> Picture:
    """The kernels of one layer pass by pass, a row for each pass, all on one scale.

    Parameters
    ----------
    net : Net
    layer : str
        A layer with local connections and shared weights.
    parameters : dict of ndarray by pass, each of shape (parameters,)
        Copies of ``net.parameters`` as they were after some passes, such as `sn89.watch.Snapshots` keeps.
    most : int
        How many kernels to show, if there are so many: the first ones.
    limit, cmap : optional
        As of `plot_kernels`; one limit for all passes.
    figure : matplotlib.figure.Figure or SubFigure, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    KeyError, TypeError, ValueError
        If there is no such layer, or parameters are not of this net.
    """
    from ..arguments import whole

    shown, most = _local(net, layer), whole(most, "most", least=1)
    kernels = [_kernels_in(shown, net, vector)[:most] for vector in _checked(parameters, net).values()]
    scale, number = limit_of(limit, *kernels), len(kernels[0])
    tiles = [folded(one, number) for one in kernels]
    width, height = _inches(tiles[0])
    picture = in_figure(figure, width + 2.0, (height + 0.08) * len(tiles) + 0.9)
    axes = picture.sheet.subplots(len(tiles), 1, squeeze=False)[:, 0]
    for ax, passes, one in zip(axes, parameters, tiles, strict=True):
        image = show(ax, one, scale, cmap, numbered=False)
        name_row(ax, "start" if passes == 0 else f"pass {passes}")
    total = sum(len(row) for row in shown.table or ())
    name_axes(axes[-1], f"kernel of {layer}" + (f", the first {number} of {total}" if number < total else ""))
    whole_bar(picture.sheet, image, axes, "weight")
    headline(picture.sheet, f"{net.name}: kernels of {layer} while it learned")
    return finish(picture, settled=False)


def height_of_kernels(shown: list[NetLayer], width: float) -> float:
    """Inches that it takes to draw them all as wide as that, with their titles."""
    return sum(_height(one, width) for one in shown)


def _height(layer: NetLayer, width: float) -> float:
    """Inches for one layer: its mosaic and the words around it; those of the bar stand below it, if it is low."""
    mosaic = _inches(_by_row(layer))[1] * width / _WIDTH
    return max(0.2, mosaic) + (_WORDS if mosaic > _LOW else 1.5 * _WORDS)


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
            return layer, folded(tiles[0], 6) if len(tiles) == 1 else tiles
    layer = net[net.layers[0].name]
    if not isinstance(layer.declaration, Full) or not isinstance(layer.weights, np.ndarray):
        return None
    first = net.input
    return layer, folded(layer.weights.reshape(layer.units, first.maps, first.height, first.width)[:, 0], 10)


def _by_row(layer: NetLayer) -> Array:
    """As `kernel_tiles`; those of a single source in rows of `_ACROSS`."""
    tiles = kernel_tiles(layer)
    return folded(tiles[0], _ACROSS) if len(tiles) == 1 else tiles


def _kernels_in(layer: NetLayer, net: Net, vector: Array) -> Array:
    """The kernels of a layer in a vector of all parameters, in the order of its table."""
    kernels = layer.kernels
    assert kernels is not None
    return vector[layer.first : layer.first + kernels.size].reshape(kernels.shape)


def _checked(parameters: Mapping[int, Array], net: Net) -> dict[int, Array]:
    """The vectors by pass, if they are of this net."""
    if not isinstance(parameters, Mapping) or not parameters:
        raise TypeError(
            "parameters must be a dict of vectors by pass, such as Snapshots().parameters, with one at least"
        )
    found = {passes: np.asarray(one) for passes, one in parameters.items()}
    for passes, one in found.items():
        if one.shape != net.parameters.shape:
            raise ValueError(f"parameters of pass {passes} must have shape {net.parameters.shape}, not {one.shape}")
    return found


def below(net: Net, layer: str) -> str:
    """The name of the layer below."""
    names = [one.name for one in net]
    return names[names.index(layer) - 1]


def _local(net: Net, name: str) -> NetLayer:
    layer = net[name]
    if not isinstance(layer.declaration, Local) or not layer.declaration.shared:
        raise ValueError(f'layer "{name}" has no kernels to show: it must have local connections with shared weights')
    return layer


def _inches(tiles: Array) -> tuple[float, float]:
    """Width and height of a mosaic, all kernels of a net in about the same size, none beyond what fits a page."""
    rows, columns, height, width = tiles.shape
    scale = _WIDTH / max(columns * (width + GAP), _FEWEST)
    scale = min(scale, _HEIGHT / (rows * (height + GAP)))
    return columns * (width + GAP) * scale, rows * (height + GAP) * scale
