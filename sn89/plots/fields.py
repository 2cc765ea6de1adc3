"""Receptive fields: which input units a unit sees, through all layers between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import whole
from ..checks import check_images, is_single
from ..layers import RBF, Average, Full, Local
from ..net import Net
from ..netlayer import NetLayer
from .drawing import GAP, mosaic, name_axes, short, show_image, title
from .figures import Picture, finish, on_axes
from .theme import LINES, Array, Shades, of_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Unit = int | Sequence[int]


def receptive_field(net: Net, layer: str, unit: Unit) -> Array:
    """How many paths of connections lead from each unit of the input to one unit: 0 where it does not see.

    It follows from the declaration alone, whatever the weights are.

    Parameters
    ----------
    net : Net
    layer : str
        Any layer, or "input".
    unit : (map, row, column), or int
        Which of its units; one number where the units form no planes.

    Returns
    -------
    ndarray of float64, shape (maps, height, width) of the input
        Whole numbers, as long as they are below 2**53.

    Raises
    ------
    KeyError, TypeError, ValueError
        If there is no such layer or unit.
    """
    names = [one.name for one in net]
    at = _unit(net[layer], unit)
    paths = np.zeros(net[layer].shape)
    paths.reshape(-1)[at] = 1
    for i in range(names.index(layer), 0, -1):
        paths = _down(net[names[i]], net[names[i - 1]].shape, paths)
    return paths


def plot_receptive_field(
    net: Net,
    layer: str,
    unit: Unit,
    *,
    image: Array | None = None,
    cmap: Shades = None,
    ax: Axes | None = None,
) -> Picture:
    """Which input units a unit sees, as shades of how many paths lead there; or outlined on an image.

    Several input planes stand side by side.

    Parameters
    ----------
    net : Net
    layer : str
    unit : (map, row, column), or int
        Which unit of the layer; one number where the units form no planes.
    image : ndarray of float, shape (height, width), optional
        What the field is outlined on.
    cmap : str or matplotlib.colors.Colormap, optional
        Shades of the image; gray, or the style's ``image.cmap``, by default.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    KeyError, TypeError, ValueError
        If there is no such layer or unit, or the image does not fit.
    """
    field = receptive_field(net, layer, unit)
    planes = None if image is None else _planes(net, image)
    maps, height, width = field.shape
    total = maps * (width + GAP)
    inches = min(9.0, 3.6 * maps)
    picture = on_axes(ax, inches, min(9.0, inches * height / total + 0.8))
    ax, theme = picture.ax, of_axes(picture.ax)
    if planes is None:
        paths = np.where(field > 0, field, np.nan)
        most = max(1.0, field.max())
        ax.imshow(
            mosaic(paths[None]), cmap=theme.counts(), vmin=-0.15 * most, vmax=1.25 * most, interpolation="nearest"
        )
        ax.grid(False)
    else:
        show_image(ax, planes, cmap)
    _outline(ax, np.nan_to_num(mosaic(field[None] > 0)) > 0, theme.accent)
    ax.set(xlim=(-0.8, total - GAP - 0.2), ylim=(height - 0.2, -0.8), aspect="equal")
    ax.spines[:].set_visible(False)
    _number_pixels(ax, maps, width, height)
    ax.tick_params(length=0, labelsize=theme.tick)
    name = unit if np.ndim(unit) == 0 else tuple(map(int, unit))  # type: ignore[arg-type]
    seen = f"{np.count_nonzero(field)} of {field.size} inputs"
    title(ax, f"{short(layer)}, unit {name}: " + (f"paths to {seen}" if planes is None else f"sees {seen}"))
    few, many = int(field[field > 0].min(initial=field.max())), int(field.max())
    told = f"; {few} to {many} paths, more are darker" if few < many else ""
    told = told.replace("darker", "lighter") if theme.dark else told
    across = "column" if maps == 1 else "input plane"
    name_axes(ax, across + (told if planes is None else ""), "row")
    return finish(picture)


def _number_pixels(ax: Axes, maps: int, width: int, height: int) -> None:
    """Figures along rows, and along columns of a single plane; planes side by side are numbered instead."""
    from .drawing import count_along

    count_along(ax.yaxis, height)
    if maps == 1:
        count_along(ax.xaxis, width)
    else:
        count_along(ax.xaxis, maps, width + GAP, (width - 1) / 2)


def _down(layer: NetLayer, below: tuple[int, int, int], paths: Array) -> Array:
    """Paths to the units of a layer, (maps, height, width), as paths to the units of the layer below."""
    match layer.declaration:
        case Local() as told:
            return _through_kernels(layer, told, below, paths)
        case Average():
            return np.kron(paths, np.ones((1, below[1] // layer.shape[1], below[2] // layer.shape[2])))
        case Full() | RBF():
            return np.full(below, paths.sum())
    return paths.reshape(below)  # dropout


def _through_kernels(layer: NetLayer, told: Any, below: tuple[int, int, int], paths: Array) -> Array:
    """Each unit hands its paths to all places of its kernel; those past the edge read the background."""
    maps, height, width = below
    (down, across), (top, left) = told.stride, told.pad
    rows, columns = down * (layer.shape[1] - 1) + 1, across * (layer.shape[2] - 1) + 1  # that one tap reads
    bordered = np.zeros((maps, height + 2 * top, width + 2 * left))
    for m, sources in enumerate(layer.table or ()):
        for i, j in np.ndindex(told.kernel):
            bordered[list(sources), i : i + rows : down, j : j + columns : across] += paths[m]
    return bordered[:, top : top + height, left : left + width]


def _unit(layer: NetLayer, unit: Unit) -> int:
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


def _planes(net: Net, image: Array) -> Array:
    """The input planes with the image in their centre."""
    if not is_single(image, net.input):
        raise ValueError(f"image must be a single one, not an array of shape {np.shape(image)}")
    check_images(image, net.input)
    return net.states(image)["input"]


def _outline(ax: Axes, field: Array, color: str) -> None:
    """A line around the field, along the edges of its pixels."""
    from matplotlib.collections import LineCollection

    padded = np.pad(field, 1)
    lines = []
    for row, column in np.argwhere(padded[1:] != padded[:-1]):
        lines.append([(column - 1.5, row - 0.5), (column - 0.5, row - 0.5)])
    for row, column in np.argwhere(padded[:, 1:] != padded[:, :-1]):
        lines.append([(column - 0.5, row - 1.5), (column - 0.5, row - 0.5)])
    ax.add_collection(LineCollection(lines, colors=color, linewidths=LINES["thick"], capstyle="projecting"))
