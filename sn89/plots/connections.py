"""Connections as pictures: the table of a layer, and the receptive field of a unit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arguments import whole
from ..layers import RBF, Average, Full, Local
from ..net import Net
from ..netlayer import NetLayer
from .drawing import GAP, fitted, label_axes, layer_below, mosaic, number_ticks, short, show_image, title
from .figures import Picture, draws, finish, on_axes
from .theme import LINES, MARKS, Array, Axes, OnAxes, Shades, of_axes

Unit = int | Sequence[int]

_CELL = 0.26  # inches


@draws
def plot_table(net: Net, layer: str, *, ax: OnAxes = None) -> Picture:
    """Draw the connection table of a layer: an X where a map, a column, sees a map of the layer below, a row.

    The papers print such tables: NIPS 2, 1989, table 1; Proc. IEEE 86(11), 1998, table I.

    Parameters
    ----------
    net : Net
    layer : str
        A layer with local connections.
    """
    shown = net[layer]
    if not isinstance(shown.declaration, Local) or shown.table is None:
        raise ValueError(f'layer "{layer}" has no connection table: it must have local connections')
    maps, sources = shown.shape[0], shown.sources
    cell = min(_CELL, 9.0 / maps, 9.0 / sources)
    picture = on_axes(ax, max(2.6, cell * maps + 0.9), cell * sources + 1.2)
    ax, theme = picture.ax, of_axes(picture.ax)
    room = 0.7 * min(theme.inches[0] / maps, 0.75 * theme.inches[1] / sources) * 72  # points of a cell, about
    size = min(MARKS["cross"], max(0.5, 0.6 * room))
    crosses: dict[str, Any] = {"markersize": size, "markeredgewidth": min(LINES["line"], size / 4)}
    for m, row in enumerate(shown.table):
        ax.plot([m] * len(row), row, "x", color=theme.ink, **crosses)
    ax.set(xlim=(-0.5, maps - 0.5), ylim=(sources - 0.5, -0.5), aspect="equal")
    ax.grid(False)
    if room > 4:
        style: dict[str, Any] = {"color": theme.faint, "linewidth": LINES["thin"], "zorder": 0}
        ax.vlines(np.arange(0.5, maps - 1), -0.5, sources - 0.5, **style)
        ax.hlines(np.arange(0.5, sources - 1), -0.5, maps - 0.5, **style)
    number_ticks(ax.xaxis, maps)
    number_ticks(ax.yaxis, sources)
    ax.tick_params(length=0, labelsize=theme.tick, labelbottom=False, labeltop=True)
    ax.spines[:].set(visible=True, color=theme.light, linewidth=LINES["thin"])
    ax.xaxis.set_label_position("top")
    label_axes(ax, f"map of {short(layer)}", f"map of {short(layer_below(net, layer))}")
    seen = sum(map(len, shown.table))
    words, size = fitted(f"X: connected, {seen} of {maps * sources} pairs of maps", theme.tick, theme.inches[0])
    ax.annotate(words, (0.5, 0), (0, -6), "axes fraction", "offset points", ha="center", va="top", size=size)
    return finish(picture)


def receptive_field(net: Net, layer: str, unit: Unit) -> Array:
    """Count the paths of connections from each unit of the input to one unit: 0 where the unit does not see.

    The declaration of the net decides, whatever its weights are.

    Parameters
    ----------
    net : Net
    layer : str
        Any layer, or "input".
    unit : (map, row, column), or int
        A unit of the layer; one number where the units form no planes.

    Returns
    -------
    ndarray of float64, shape (maps, height, width) of the input
        Whole numbers, exact below 2**53.

    Raises
    ------
    KeyError, TypeError, ValueError
        If there is no such layer or unit.
    """
    names = [one.name for one in net]
    paths = np.zeros(net[layer].shape)
    paths.reshape(-1)[_number(net[layer], unit)] = 1
    for i in range(names.index(layer), 0, -1):
        paths = _down(net[names[i]], net[names[i - 1]].shape, paths)
    return paths


@draws
def plot_receptive_field(
    net: Net,
    layer: str,
    unit: Unit,
    *,
    image: Array | None = None,
    cmap: Shades = None,
    ax: OnAxes = None,
) -> Picture:
    """Draw the input units that a unit sees, shaded by the number of paths, or outlined on an image.

    Several input planes stand side by side.

    Parameters
    ----------
    net : Net
    layer : str
    unit : (map, row, column), or int
        A unit of the layer; one number where the units form no planes.
    image : ndarray of float, shape (height, width), optional
        The image that the field is outlined on.
    cmap : str or matplotlib.colors.Colormap, optional
        Shades of the image; gray, or the style's ``image.cmap``, by default.
    """
    field = receptive_field(net, layer, unit)
    planes = None if image is None else net.states(image)["input"]
    maps, height, width = field.shape
    total = maps * (width + GAP)
    inches = min(9.0, 3.6 * maps)
    picture = on_axes(ax, inches, min(9.0, inches * height / total + 0.8))
    ax, theme = picture.ax, of_axes(picture.ax)
    few, many = int(field[field > 0].min(initial=field.max())), int(field.max())
    if planes is None:
        paths, most = mosaic(np.where(field > 0, field, np.nan)[None]), max(1, many)
        ax.imshow(paths, cmap=theme.counts(), vmin=-0.15 * most, vmax=1.25 * most, interpolation="nearest")
        ax.grid(False)
    else:
        show_image(ax, planes, cmap)
    _outline(ax, np.nan_to_num(mosaic(field[None] > 0)) > 0, theme.accent)
    ax.set(xlim=(-0.8, total - GAP - 0.2), ylim=(height - 0.2, -0.8), aspect="equal")
    ax.spines[:].set_visible(False)
    number_ticks(ax.yaxis, height)
    if maps == 1:
        number_ticks(ax.xaxis, width)
    else:  # planes side by side are numbered, and not their columns
        number_ticks(ax.xaxis, maps, width + GAP, (width - 1) / 2)
    ax.tick_params(length=0, labelsize=theme.tick)
    name = unit if np.ndim(unit) == 0 else tuple(map(int, unit))  # type: ignore[arg-type]
    seen = f"{np.count_nonzero(field)} of {field.size} inputs"
    title(ax, f"{short(layer)}, unit {name}: " + (f"paths to {seen}" if planes is None else f"sees {seen}"))
    across = "column" if maps == 1 else "input plane"
    if planes is None and few < many:
        across += f"; {few} to {many} paths, more are {'lighter' if theme.dark else 'darker'}"
    label_axes(ax, across, "row")
    return finish(picture)


def _down(layer: NetLayer, below: tuple[int, int, int], paths: Array) -> Array:
    """Paths to the units of a layer, (maps, height, width), as paths to the units of the layer below."""
    match layer.declaration:
        case Local() as local:
            return _through_kernels(layer, local, below, paths)
        case Average():
            return np.kron(paths, np.ones((1, below[1] // layer.shape[1], below[2] // layer.shape[2])))
        case Full() | RBF():
            return np.full(below, paths.sum())
    return paths.reshape(below)  # dropout


def _through_kernels(layer: NetLayer, local: Any, below: tuple[int, int, int], paths: Array) -> Array:
    """Add the paths of each unit to all places of its kernel; places past the edge read the background."""
    maps, height, width = below
    (down, across), (top, left) = local.stride, local.pad
    rows, columns = down * (layer.shape[1] - 1) + 1, across * (layer.shape[2] - 1) + 1  # that one tap reads
    bordered = np.zeros((maps, height + 2 * top, width + 2 * left))
    for m, sources in enumerate(layer.table or ()):
        for i, j in np.ndindex(local.kernel):
            bordered[list(sources), i : i + rows : down, j : j + columns : across] += paths[m]
    return bordered[:, top : top + height, left : left + width]


def _number(layer: NetLayer, unit: Unit) -> int:
    """The number of a unit in its layer."""
    if isinstance(unit, (int, np.integer)) or np.ndim(unit) == 0:
        if not layer.flat:
            raise ValueError(f'unit of layer "{layer.name}" must be (map, row, column), not {unit!r}')
        return whole(unit, "unit", least=0, most=layer.units - 1)
    if len(unit) != 3:
        raise ValueError(f"unit must be (map, row, column), not {unit!r}")
    where = [
        whole(value, f"unit: {name}", least=0, most=size - 1)
        for value, name, size in zip(unit, ("map", "row", "column"), layer.shape, strict=True)
    ]
    return int(np.ravel_multi_index(where, layer.shape))


def _outline(ax: Axes, field: Array, color: str) -> None:
    """A line around the field, along the edges of its pixels."""
    from matplotlib.collections import LineCollection

    padded = np.pad(field, 1)
    across, down = np.argwhere(padded[1:] != padded[:-1]), np.argwhere(padded[:, 1:] != padded[:, :-1])
    lines = [[(column - 1.5, row - 0.5), (column - 0.5, row - 0.5)] for row, column in across]
    lines += [[(column - 0.5, row - 1.5), (column - 0.5, row - 0.5)] for row, column in down]
    ax.add_collection(LineCollection(lines, colors=color, linewidths=LINES["thick"], capstyle="projecting"))
