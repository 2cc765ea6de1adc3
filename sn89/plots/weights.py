"""Weights as pictures: kernels by connection, kernels over the passes, Hinton diagrams."""

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np

from ..arguments import whole
from ..layers import Full, Local
from ..net import Net
from ..netlayer import NetLayer
from . import drawing
from .figures import Picture, draws, finish, in_figure, on_axes
from .theme import BLACK, MIDDLE, WHITE, Array, Axes, InFigure, Limit, OnAxes, Shades, Sheet, limit_of, of_axes

_WIDTH, _HEIGHT = 8.4, 9.0  # inches of the widest and the highest mosaic
_FEWEST = 60  # units across that it takes to fill them: a few kernels need not be giants
_WORDS, _LOW = 0.85, 0.6  # inches of a title and the names of axes; of a mosaic that its bar's name is too high for
_ACROSS = 24  # kernels of one source map in a row; layers with more have several rows
_FULL = 0.92  # side of the largest square of a Hinton diagram: neighbours must not touch


@draws
def plot_kernels(
    net: Net,
    layer: str | None = None,
    *,
    limit: Limit = None,
    cmap: Shades = None,
    colorbar: bool = True,
    ax: OnAxes = None,
) -> Picture:
    """Draw the kernels of one layer by connection: a row for each source map, a column for each map.

    A layer with a single source map is shown in rows of up to 24 maps. Places without a kernel are connections that the
    table does not have. Gray is 0, white the largest weight, black its negative. Deleted weights are struck out.

    Parameters
    ----------
    net : Net
    layer : str, optional
        A layer with local connections and shared weights; the lowest one by default.
    limit : float or str, optional
        The magnitude that is white or black: a number, or a percentile of the magnitudes such as "99%", so that one
        large weight does not gray all others; the largest by default.
    cmap : str or matplotlib.colors.Colormap, optional
        Shades from -limit to limit; gray, or the style's ``image.cmap``, by default.
    colorbar : bool
        Whether to show the values of the shades.

    Examples
    --------
    >>> import sn89
    >>> sn89.plots.plot_kernels(sn89.nets.zip_code(seed=1), "H2").savefig("kernels.png")
    """
    net = copy(net)  # which no other thread trains meanwhile
    shown = _with_kernels(net, layer)
    width, height = _inches(_tiles(shown))
    picture = on_axes(ax, max(4.0, width + 1.9), height + 0.9)
    _draw_kernels(picture.ax, net, shown, limit, cmap, colorbar)
    return finish(picture)


@draws
def plot_all_kernels(net: Net, *, limit: Limit = None, cmap: Shades = None, figure: InFigure = None) -> Picture:
    """Draw every layer of shared kernels of a net, one above the other, each as `plot_kernels` shows it.

    Layers with maps of a single unit are left out: with hundreds of maps they are full connections by another name.

    Parameters
    ----------
    net : Net
    limit, cmap : optional
        As for `plot_kernels`.
    """
    net = copy(net)  # which no other thread trains meanwhile
    shown = layers_of_kernels(net)
    if not shown:
        raise ValueError(f"{net.name} has no layer with shared kernels")
    widest = max(4.0, *(_inches(_tiles(one))[0] for one in shown))
    picture = in_figure(figure, widest + 1.4, sum(heights_of_kernels(shown)) + 0.4)
    draw_all_kernels(picture.sheet, shown, net, limit, cmap)
    drawing.figure_title(picture.sheet, net.name)
    return finish(picture)


@draws
def plot_kernel_history(
    net: Net,
    layer: str,
    parameters: Mapping[int, Array],
    *,
    most: int = 24,
    limit: Limit = None,
    cmap: Shades = None,
    figure: InFigure = None,
) -> Picture:
    """Draw the kernels of one layer pass by pass, a row for each pass, all on one scale.

    Parameters
    ----------
    net : Net
    layer : str
        A layer with local connections and shared weights.
    parameters : dict of ndarray by pass, each of shape (parameters,)
        Copies of ``net.parameters`` as they were after some passes, such as `sn89.watch.Snapshots` keeps.
    most : int
        The number of kernels that are shown, the first ones, if there are so many.
    limit, cmap : optional
        As for `plot_kernels`; one limit for all passes.
    """
    shown, most = _with_kernels(net, layer), whole(most, "most", least=1)
    vectors = drawing.by_pass(parameters, net, "parameters")
    kernels = [np.asarray(net.layers_of(vector)[layer].kernels)[:most] for vector in vectors.values()]
    scale, number = limit_of(limit, *kernels), len(kernels[0])
    tiles = [drawing.tiled(one, number) for one in kernels]
    width, height = _inches(tiles[0])
    picture = in_figure(figure, width + 2.0, (height + 0.08) * len(tiles) + 0.9)
    axes = picture.sheet.subplots(len(tiles), 1, squeeze=False)[:, 0]
    for ax, passes, one in zip(axes, vectors, tiles, strict=True):
        image = drawing.show(ax, one, scale, cmap, numbered=False)
        drawing.label_row(ax, "start" if passes == 0 else f"pass {passes}")
    total = sum(map(len, shown.table or ()))
    drawing.label_axes(axes[-1], f"kernel of {layer}" + (f", the first {number} of {total}" if number < total else ""))
    drawing.shared_colorbar(picture.sheet, image, axes, "weight")
    drawing.figure_title(picture.sheet, f"{net.name}: kernels of {layer} while it learned")
    return finish(picture, settled=False)


@draws
def plot_hinton(weights: Any, *, limit: Limit = None, ax: OnAxes = None) -> Picture:
    """Draw a Hinton diagram: a square for each weight, white if positive, black if negative, its area the magnitude.

    Figure 4 of Rumelhart, Hinton and Williams, Nature 323, 533-536, 1986, is such a diagram.

    Parameters
    ----------
    weights : array_like, shape (columns,) or (rows, columns)
        Such as ``net["output"].weights``, or one kernel.
    limit : float or str, optional
        The magnitude whose square fills its place: a number, or a percentile of the magnitudes such as "99%"; larger
        ones fill it too. The largest magnitude by default.
    """
    from matplotlib.collections import PolyCollection

    values = _matrix(weights)
    most = limit_of(limit, values)
    rows, columns = values.shape
    width = min(9.0, max(2.4, 0.3 * columns), 9.0 * columns / rows)
    picture = on_axes(ax, max(2.4, width) + 0.4, width * rows / columns + 0.9)
    ax = picture.ax
    for name, color, sign in (("positive", WHITE, 1), ("negative", BLACK, -1)):
        squares = _squares(np.clip(sign * values / most, 0, 1))
        ax.add_collection(PolyCollection(list(squares), facecolor=color, edgecolor="none", label=name))
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), aspect="equal", facecolor=MIDDLE)
    ax.grid(False)
    drawing.number_ticks(ax.xaxis, columns)
    drawing.number_ticks(ax.yaxis, rows if rows > 1 else 0)
    ax.tick_params(length=0, labelsize=of_axes(ax).tick)
    ax.spines[:].set_visible(False)
    key = f"white: positive, black: negative; a full square is {most:.2g}"
    drawing.label_axes(ax, f"column\n{key}", "row" if rows > 1 else "")
    return finish(picture)


def layers_of_kernels(net: Net) -> list[NetLayer]:
    """The layers of planes with shared kernels."""
    return [one for one in net if _is_shared(one) and one.shape[1:] != (1, 1)]


def first_weights(net: Net) -> tuple[NetLayer, Array] | None:
    """The first weights that make pictures, as tiles: shared kernels, or those of units that see the whole input."""
    if layer := next(filter(_is_shared, net), None):
        return layer, _tiles(layer, across=6)
    layer = net[net.layers[0].name]
    if not isinstance(layer.declaration, Full) or not isinstance(layer.weights, np.ndarray):
        return None
    first = net.input
    return layer, drawing.tiled(layer.weights.reshape(layer.units, first.maps, first.height, first.width)[:, 0], 10)


def draw_all_kernels(figure: Sheet, shown: list[NetLayer], net: Net, limit: Limit = None, cmap: Shades = None) -> None:
    """The layers one above the other, flush left."""
    axes = figure.subplots(len(shown), 1, height_ratios=heights_of_kernels(shown), squeeze=False)
    for layer, ax in zip(shown, axes[:, 0], strict=True):
        _draw_kernels(ax, net, layer, limit, cmap, where="left")
        ax.set_anchor("W")


def heights_of_kernels(shown: list[NetLayer], width: float = _WIDTH) -> list[float]:
    """Inches for each layer: its mosaic, at that width, and the words around it; a low one has its bar's below it."""
    mosaics = [_inches(_tiles(one))[1] * width / _WIDTH for one in shown]
    return [max(0.2, one) + (_WORDS if one > _LOW else 1.5 * _WORDS) for one in mosaics]


def _draw_kernels(
    ax: Axes, net: Net, layer: NetLayer, limit: Limit, cmap: Shades, colorbar: bool = True, where: str = "center"
) -> None:
    """The kernels of a layer, their number above them."""
    tiles, deleted = _tiles(layer), np.nan_to_num(_tiles(layer.deleted)) > 0
    alone, name = layer.sources == 1, drawing.short(layer.name)
    in_rows = alone and len(tiles) > 1
    image = drawing.show(ax, tiles, limit, cmap, numbered=not in_rows)
    drawing.strike_out(ax, deleted)
    seen = sum(map(len, layer.table or ()))
    words = f"{name}: {seen} kernel{'s' if seen > 1 else ''} of {tiles.shape[2]}x{tiles.shape[3]}"
    words += "; blank: not connected" if seen < layer.shape[0] * layer.sources else ""
    drawing.title(ax, words + ("; struck out: deleted" if deleted.any() else ""), where)
    if alone:
        ax.set_yticks([])
    across = f"maps of {name}, {_ACROSS} in a row" if in_rows else f"map of {name}"
    drawing.label_axes(ax, across, "" if alone else f"map of {drawing.short(drawing.layer_below(net, layer.name))}")
    if where == "left" and tiles.shape[1] == 1:  # words wider than a single kernel begin where it does
        ax.xaxis.label.set(x=0, ha="left")
    if colorbar:
        drawing.colorbar_beside(ax, image, "weight")


def _is_shared(layer: NetLayer) -> bool:
    return isinstance(layer.declaration, Local) and layer.declaration.shared


def _with_kernels(net: Net, name: str | None) -> NetLayer:
    if name is None:
        name = next((one for one in net if _is_shared(one)), net[net.layers[0].name]).name
    if not _is_shared(net[name]):
        raise ValueError(f'layer "{name}" has no kernels to show: it must have local connections with shared weights')
    return net[name]


def _tiles(layer: NetLayer, across: int = _ACROSS) -> Array:
    """Kernels as (sources, maps, height, width), NaN where a map does not see a source; of one source in rows."""
    kernels, table = layer.kernels, layer.table or ()
    assert kernels is not None
    tiles = np.full((layer.sources, layer.shape[0], *kernels.shape[1:]), np.nan, np.float32)
    maps = [m for m, row in enumerate(table) for _ in row]
    tiles[[source for row in table for source in row], maps] = kernels
    return drawing.tiled(tiles[0], across) if layer.sources == 1 else tiles


def _inches(tiles: Array) -> tuple[float, float]:
    """Width and height of a mosaic, all kernels of a net in about the same size, none beyond what fits a page."""
    rows, columns, height, width = tiles.shape
    scale = _WIDTH / max(columns * (width + drawing.GAP), _FEWEST)
    scale = min(scale, _HEIGHT / (rows * (height + drawing.GAP)))
    return columns * (width + drawing.GAP) * scale, rows * (height + drawing.GAP) * scale


def _squares(values: Array) -> Array:
    """The corners (n, 4, 2) of a square for each positive value, of that area where 1 is the largest."""
    row, column = np.nonzero(values > 0)
    half = _FULL / 2 * np.sqrt(values[row, column])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    return np.asarray(np.stack([column, row], axis=-1)[:, None] + half[:, None, None] * corners)


def _matrix(weights: Any) -> Array:
    values = np.asarray(weights)
    if values.dtype.kind not in "iuf":
        raise TypeError(f"weights must be numbers, not {values.dtype}")
    if values.ndim not in (1, 2) or not values.size:
        raise ValueError(f"weights must have shape (columns,) or (rows, columns), not {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("weights must be finite, not NaN or infinite")
    return np.atleast_2d(values).astype(np.float64)
