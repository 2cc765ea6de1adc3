"""Digits on their way through the net: the states of all units, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import whole
from ..checks import check_images, is_single
from ..layers import RBF
from ..net import Net
from ..netlayer import NetLayer
from .drawing import ACCENT, Array, largest, mosaic, ratio, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .drawing import Sheet

_MOST = 16  # columns that can still be read
_LIGHT = "#b0b0b0"


def plot_feature_maps(net: Net, image: Array, *, label: int | Sequence[int] | Array | None = None) -> Figure:
    """One image, or several, through every plane of the net, from the input at the top to the outputs at the bottom.

    Parameters
    ----------
    net : Net
    image : ndarray of float, shape (height, width) or (n, height, width)
        One image; or up to 16, each shown in a column of its own.
    label : int, or sequence of n int, optional
        Its class, or theirs, for titles; a wrong answer is marked.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the images do not fit the net, are more than 16, or have not a label each.
    """
    import matplotlib.pyplot as plt

    if is_single(image, net.input):
        of = None if label is None else _label(label, net)
        states = net.states(image)
        heights = row_heights(net, states)
        figure = plt.figure(figsize=(9, sum(heights) + 2.6), layout="constrained")
        draw_states(figure, net, states, of)
        desired = "" if of is None else f" of a {of}"
        figure.suptitle(f"{net.name}: the states of all units for an image{desired}", size=11)
        return figure
    images, labels = _several(net, image, label)
    all_states = [net.states(one) for one in images]
    width = min(1.3, 9.2 / len(images))
    heights = [width * ratio(one) for one in _compact_tiles(net, all_states[0]).values()]
    inches = (max(4.6, width * len(images) + 1.4), sum(heights) + width + 1.0)
    figure = plt.figure(figsize=inches, layout="constrained")
    draw_columns(figure, net, all_states, labels, heights=[*heights, 0.8 * width])
    figure.suptitle(f"{net.name}: the states of all units, and the answers", size=11)
    return figure


# -- One image: a layer is a row of planes -------------------------------------------------------------------------


def draw_states(
    figure: Sheet, net: Net, states: dict[str, Array], label: int | None, across: int = 16, width: float = 7
) -> None:
    """The planes of one image, `across` side by side on so many inches, the input on top, outputs at the bottom."""
    tiles = _rows_of_tiles(net, states, across)
    heights, limit = row_heights(net, states, across, width), largest(*tiles.values())
    axes = figure.subplots(len(tiles) + 1, 1, height_ratios=[*heights, 1.5])
    for ax, (name, one) in zip(axes, tiles.items(), strict=False):
        shown = show(ax, one, limit)
        ax.set(xticks=[], yticks=[], anchor="W", aspect="auto" if _is_strip(one) else "equal")
        ax.set_ylabel(_plane_title(net[name]), rotation=0, ha="right", va="center", size=9)
    bar = figure.colorbar(shown, ax=axes[:-1], fraction=0.02, pad=0.02, aspect=30, panchor=False)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set(color="0.7", linewidth=0.6)
    bar.set_label("state", size=9)
    draw_outputs(axes[-1], net, states[net.layers[-1].name], label)


def update_states(figure: Sheet, net: Net, states: dict[str, Array], label: int | None, across: int = 16) -> None:
    """Other states in what `draw_states` has drawn, with no axes made anew."""
    tiles = _rows_of_tiles(net, states, across)
    limit = largest(*tiles.values())
    for ax, one in zip(figure.axes, tiles.values(), strict=False):
        ax.images[0].set_data(mosaic(one))
        ax.images[0].set_clim(-limit, limit)
    ax, outputs = figure.axes[len(tiles)], states[net.layers[-1].name]
    answer = _title_answer(ax, net, outputs, label)
    for i, (bar, height) in enumerate(zip(ax.patches, outputs, strict=True)):
        bar.set(height=height, color="black" if i == answer else _LIGHT)
    ax.relim()
    ax.autoscale_view()


def draw_outputs(ax: Axes, net: Net, outputs: Array, label: int | None) -> None:
    """The outputs as bars, the answer dark, the desired class marked."""
    _bars(ax, outputs, _title_answer(ax, net, outputs, label))
    ax.set_xticks(range(len(outputs)))
    ax.tick_params(labelsize=8)
    ax.set_ylabel(f"{net.layers[-1].name}\n{len(outputs)} units", rotation=0, ha="right", va="center", size=9)
    if label is not None:
        ax.get_xticklabels()[label].set_fontweight("bold")


def _title_answer(ax: Axes, net: Net, outputs: Array, label: int | None) -> int:
    """The answer, which it writes above the outputs."""
    answer = int(net.cost.scores(outputs).argmax())
    right = "" if label is None else ", right" if answer == label else f", wrong: it is a {label}"
    distances = " (distances: the smallest is nearest)" if isinstance(net.layers[-1], RBF) else ""
    ax.set_title(f"answer {answer}{right}{distances}", size=9)
    return answer


def _bars(ax: Axes, outputs: Array, answer: int) -> None:
    ax.bar(range(len(outputs)), outputs, color=["black" if i == answer else _LIGHT for i in range(len(outputs))])
    ax.axhline(0, color="black", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)


def row_heights(net: Net, states: dict[str, Array], across: int = 16, width: float = 7) -> list[float]:
    """Inches for each layer but the outputs: large planes in full, small ones still readable."""
    return [
        0.3 if _is_strip(tiles) else max(0.35, min(1.3 * len(tiles), width * ratio(tiles)))
        for tiles in _rows_of_tiles(net, states, across).values()
    ]


def _rows_of_tiles(net: Net, states: dict[str, Array], across: int) -> dict[str, Array]:
    """All layers but the outputs as tiles (rows, columns, height, width): maps in rows of `across`, units in one."""
    output = net.layers[-1].name
    return {name: _tiles(values, _in_rows(values, across)) for name, values in states.items() if name != output}


def _in_rows(states: Array, across: int) -> int:
    """How many maps stand side by side."""
    return states.size if _pointlike(states) else math.ceil(len(states) / math.ceil(len(states) / across))


def _is_strip(tiles: Array) -> bool:
    """Whether there is a single row of units."""
    return bool(tiles.shape[0] * tiles.shape[2] == 1)


def _plane_title(layer: NetLayer) -> str:
    if layer.flat:
        return f"{layer.name}\n{layer.units} units"
    maps, height, width = layer.shape
    return f"{layer.name}\n{maps} x {height}x{width}" if maps > 1 else f"{layer.name}\n{height}x{width}"


# -- Several images: a column for each, a layer as compact as it goes ----------------------------------------------


def draw_columns(
    figure: Sheet, net: Net, states: list[dict[str, Array]], labels: list[int] | None, heights: list[float]
) -> None:
    """A column for each image, the input on top; in each, the maps of a layer stand together in a block."""
    columns = [_compact_tiles(net, one) for one in states]
    limit = largest(*(tiles for column in columns for tiles in column.values()))
    axes = figure.subplots(len(heights), len(columns), height_ratios=heights, squeeze=False)
    for i, column in enumerate(columns):
        for ax, (name, tiles) in zip(axes[:, i], column.items(), strict=False):
            shown = show(ax, tiles, limit)
            ax.set(xticks=[], yticks=[])
            if i == 0:
                ax.set_ylabel(_plane_title(net[name]), rotation=0, ha="right", va="center", size=9)
        _column_outputs(axes[-1, i], net, states[i][net.layers[-1].name], labels[i] if labels else None)
        if labels:
            axes[0, i].set_title(str(labels[i]), size=10)
    _same_scale(axes[-1])
    axes[-1, 0].set_ylabel(_plane_title(net[net.layers[-1].name]), rotation=0, ha="right", va="center", size=9)
    bar = figure.colorbar(shown, ax=axes[:-1], fraction=0.02, pad=0.01, aspect=30, panchor=False)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set(color="0.7", linewidth=0.6)
    bar.set_label("state", size=9)


def _column_outputs(ax: Axes, net: Net, outputs: Array, label: int | None) -> None:
    """The outputs as small bars with the answer below them, coloured if it is wrong."""
    answer = int(net.cost.scores(outputs).argmax())
    _bars(ax, outputs, answer)
    ax.set(xticks=[], yticks=[])
    ax.spines[["left", "bottom"]].set_visible(False)
    wrong = label is not None and answer != label
    ax.set_xlabel(str(answer), size=10, color=ACCENT if wrong else "black", weight="bold" if wrong else "normal")


def _same_scale(axes: Any) -> None:
    """Outputs that stand side by side must compare."""
    limits = [ax.get_ylim() for ax in axes]
    for ax in axes:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))


def _compact_tiles(net: Net, states: dict[str, Array]) -> dict[str, Array]:
    """As `_rows_of_tiles`, each layer in a block: maps in about a square, units in one three times as wide as high."""
    output = net.layers[-1].name
    return {
        name: _tiles(values, math.ceil(math.sqrt(3 * values.size if _pointlike(values) else len(values))))
        for name, values in states.items()
        if name != output
    }


# -- Both ----------------------------------------------------------------------------------------------------------


def _pointlike(states: Array) -> bool:
    """Whether there are units and no planes: they stand side by side without gaps."""
    return states.ndim == 1 or states.shape[1:] == (1, 1)


def _tiles(states: Array, columns: int) -> Array:
    """States of a layer as tiles (rows, columns, height, width), NaN where the last row is not full."""
    planes = states.reshape(-1, 1, 1) if _pointlike(states) else states
    columns = min(columns, len(planes))
    tiles = np.full((math.ceil(len(planes) / columns) * columns, *planes.shape[1:]), np.nan, np.float32)
    tiles[: len(planes)] = planes
    if _pointlike(states):
        return tiles.reshape(1, 1, -1, columns)
    return tiles.reshape(-1, columns, *planes.shape[1:])


def _label(label: Any, net: Net) -> int:
    return whole(label, "label", least=0, most=net.outputs - 1)


def _several(net: Net, images: Array, labels: Any) -> tuple[Array, list[int] | None]:
    """Images in their checked form, and as many labels, if there are any."""
    checked = check_images(images, net.input)
    if len(checked) > _MOST:
        raise ValueError(f"at most {_MOST} images can be shown side by side, not {len(checked)}")
    if labels is not None and np.shape(labels) != (len(checked),):
        raise ValueError(f"there must be one label for each of {len(checked)} images, not {np.shape(labels)}")
    planes = checked[:, 0] if net.input.maps == 1 else checked
    return planes, None if labels is None else [_label(one, net) for one in labels]
