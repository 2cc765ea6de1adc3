"""RBF units: the patterns that they wait for, beside what they get."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import whole
from ..checks import is_single
from ..layers import RBF
from ..net import Net
from .drawing import headline, in_one_line, literal, show, whole_bar
from .figures import Picture, finish, in_figure
from .theme import Array, Shades, Sheet, of_axes, of_figure

_ACROSS = 6
_BITMAP = (12, 7)  # rows and columns of LeNet-5's 84


def plot_prototypes(
    net: Net,
    image: Array | None = None,
    *,
    label: int | None = None,
    shape: tuple[int, int] | None = None,
    cmap: Shades = None,
    figure: Sheet | None = None,
) -> Picture:
    """The prototypes of a net's RBF outputs; with an image, beside the states that are compared with them.

    Each prototype is a bitmap of its class, as LeNet-5's authors drew them, and bears its distance: the sum of the
    squared differences between the states below and the prototype. The smallest is the answer.

    Parameters
    ----------
    net : Net
        Whose last layer is `RBF`, such as ``sn89.nets.lenet5()``.
    image : ndarray of float, shape (height, width), optional
        An image, whose states come first; none by default.
    label : int, optional
        Its class, which is marked.
    shape : (int, int), optional
        Rows and columns of a bitmap; (12, 7) for 84 inputs, else about square.
    cmap : str or matplotlib.colors.Colormap, optional
        Shades of states and prototypes; gray, or the style's ``image.cmap``, by default.
    figure : matplotlib.figure.Figure or SubFigure, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError, ValueError
        If the net has no RBF outputs, the image does not fit, or the bitmaps are not of that shape.
    """
    prototypes = _prototypes(net)
    label = None if label is None else whole(label, "label", least=0, most=net.outputs - 1)
    rows, columns = _shape(shape, prototypes.shape[1])
    tiles = [one.reshape(1, 1, rows, columns) for one in prototypes]
    names = [str(i) for i in range(len(tiles))]
    if image is not None:
        if not is_single(image, net.input):
            raise ValueError(f"image must be a single one, not an array of shape {np.shape(image)}")
        states = list(net.states(image).values())
        names = [f"{i}: {distance:.1f}" for i, distance in enumerate(states[-1])]
        tiles.insert(0, states[-2].reshape(1, 1, rows, columns))
        names.insert(0, f"states of {[one.name for one in net][-2]}")
    answer = None if image is None else int(states[-1].argmin())
    return _draw(net, tiles, names, answer, label, cmap, figure)


def _draw(
    net: Net,
    tiles: list[Array],
    names: list[str],
    answer: int | None,
    label: int | None,
    cmap: Shades,
    figure: Sheet | None,
) -> Picture:
    across = min(_ACROSS, len(tiles))
    down = -(-len(tiles) // across)
    ratio = tiles[0].shape[2] / tiles[0].shape[3]
    picture = in_figure(figure, 1.35 * across + 0.8, min(14.0, down * (1.2 * ratio + 0.45) + 0.6))
    axes = picture.sheet.subplots(down, across, squeeze=False).ravel()
    most = max(float(np.abs(one).max()) for one in tiles)
    first = len(tiles) - len(_prototypes(net))
    for ax in axes[len(tiles) :]:
        ax.set_axis_off()
    for i, (ax, tile, name) in enumerate(zip(axes, tiles, names, strict=False)):
        shown = show(ax, tile, most, cmap, numbered=False)
        size = in_one_line(name, of_figure(picture.sheet).label, 0.72 * of_axes(ax).inches[0])
        ax.set_title(literal(name), size=size)
        _mark(ax, answer == i - first, label == i - first)
    whole_bar(picture.sheet, shown, axes[: len(tiles)], "state")
    told = "" if answer is None else f", {names[first + answer].partition(':')[0]} is nearest"
    headline(picture.sheet, f"{net.name}: prototypes{told}")
    return finish(picture, settled=False)


def _mark(ax: Any, answer: bool, label: bool) -> None:
    """The nearest in bold; the true class's with a frame of the accent."""
    theme = of_axes(ax)
    if answer:
        ax.title.set_fontweight("bold")
    if label:
        ax.spines[:].set_color(theme.accent)


def _prototypes(net: Net) -> Array:
    last = net.layers[-1]
    if not isinstance(last, RBF):
        raise ValueError(f"{net.name} has no prototypes: its last layer must be RBF, and is {type(last).__name__}")
    return np.asarray(last.prototypes)


def _shape(shape: Any, size: int) -> tuple[int, int]:
    """Rows and columns of a bitmap of so many pixels."""
    if shape is None:
        if size == _BITMAP[0] * _BITMAP[1]:
            return _BITMAP
        rows = next(rows for rows in range(int(np.sqrt(size)), 0, -1) if size % rows == 0)
        return size // rows, rows
    if np.shape(shape) != (2,) or int(np.prod(shape)) != size:
        raise ValueError(f"shape must be (rows, columns) of {size} pixels together, not {shape!r}")
    return int(shape[0]), int(shape[1])
