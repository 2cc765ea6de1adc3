"""Digits on their way through the net: the states of all units, layer by layer."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arguments import whole
from ..checks import check_images, is_single
from ..counted import counted
from ..layers import RBF
from ..net import Net
from ..netlayer import NetLayer
from . import drawing
from .figures import Picture, draws, finish, in_figure
from .theme import LINES, Array, Axes, InFigure, Limit, Shades, Sheet, Theme, limit_of, of_axes, of_figure

States = dict[str, Array]

_MOST = 16  # columns that can still be read
_HIGHEST = 13.0  # inches of all layers together
_BLOCK = 3.2  # inches of one layer


@draws
def plot_feature_maps(
    net: Net,
    image: Array,
    *,
    label: int | Sequence[int] | Array | None = None,
    limit: Limit = None,
    cmap: Shades = None,
    figure: InFigure = None,
) -> Picture:
    """Draw one image, or several, on the way through every plane of the net: the input on top, the outputs below.

    Outputs are bars; those of a replicated net, which answers at many places, are planes as all others.

    Parameters
    ----------
    net : Net
    image : ndarray of float, shape (height, width) or (n, height, width)
        One image; or up to 16, each shown in a column of its own.
    label : int, or sequence of n int, optional
        The class of the image, or of each image, for the titles; a wrong answer is marked.
    limit, cmap : optional
        Shades of the states, as for `plot_kernels`.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> sn89.plots.plot_feature_maps(net, Xt[0], label=yt[0]).savefig("digit.png")
    """
    if is_single(image, net.input):
        desired = None if label is None else _label(label, net)
        states = net.states(image)
        picture = in_figure(figure, 9, min(_HIGHEST, sum(row_heights(net, states))) + 2.6)
        draw_states(picture.sheet, net, states, desired, limit=limit, cmap=cmap)
        of = "" if desired is None else f" of a {desired}"
        drawing.figure_title(picture.sheet, f"{net.name}: the states of all units for an image{of}")
        return finish(picture, settled=False)
    if not _one_answer(net):
        raise ValueError(f"{net.name} gives an answer at many places: show it one image at a time")
    images, labels = _several(net, image, label)
    all_states = [net.states(one) for one in images]
    width = min(1.3, 9.2 / len(images))
    heights = [width * drawing.ratio(one) for one in _rows(net, all_states[0], None).values()]
    share = min(1.0, _HIGHEST / sum(heights))
    width, heights = share * width, [share * one for one in heights]
    picture = in_figure(figure, max(4.6, width * len(images) + 1.4), sum(heights) + width + 1.0)
    _draw_columns(picture.sheet, net, all_states, labels, [*heights, max(0.4, 0.8 * width)], limit, cmap)
    above = ", the class above," if labels else ""
    drawing.figure_title(picture.sheet, f"{net.name}: the states of all units{above} and the answer below")
    return finish(picture, settled=False)


# -- One image: a layer is a row of planes -------------------------------------------------------------------------


def draw_states(
    figure: Sheet,
    net: Net,
    states: States,
    label: int | None,
    across: int = 16,
    width: float = 7,
    limit: Limit = None,
    cmap: Shades = None,
) -> None:
    """The planes of one image, `across` side by side on so many inches, the input on top, outputs at the bottom."""
    tiles = _rows(net, states, across)
    heights, most = row_heights(net, states, across, width), limit_of(limit, *tiles.values())
    bars = [1.5] if _one_answer(net) else []
    axes = figure.subplots(len(tiles) + len(bars), 1, height_ratios=[*heights, *bars])
    for ax, (name, one) in zip(axes, tiles.items(), strict=False):
        shown = drawing.show(ax, one, most, cmap, numbered=False)
        ax.set(anchor="W", aspect="auto" if _is_strip(one) else "equal")
        drawing.label_row(ax, _title_of(net[name]))
    drawing.shared_colorbar(figure, shown, axes[: len(tiles)], "state")
    if bars:
        _draw_outputs(axes[-1], net, states[net.layers[-1].name], label)


def update_states(
    figure: Sheet, net: Net, states: States, label: int | None, across: int = 16, limit: Limit = None
) -> None:
    """Show other states in the axes that `draw_states` has made."""
    tiles = _rows(net, states, across)
    most = limit_of(limit, *tiles.values())
    for ax, one in zip(figure.axes, tiles.values(), strict=False):
        ax.images[0].set_data(drawing.mosaic(one))
        ax.images[0].set_clim(-most, most)
    if not _one_answer(net):
        return
    ax, outputs = figure.axes[len(tiles)], states[net.layers[-1].name]
    answer, theme = _title_answer(ax, net, outputs, label), of_axes(ax)
    for i, (bar, height) in enumerate(zip(ax.patches, outputs, strict=True)):
        bar.set(height=height, color=theme.ink if i == answer else theme.pale)
    ax.relim()
    ax.autoscale_view()


def row_heights(net: Net, states: States, across: int = 16, width: float = 7) -> list[float]:
    """Inches for each layer but the outputs: large planes in full, small ones still readable."""
    return [
        0.3 if _is_strip(tiles) else max(0.35, min(1.3 * len(tiles), _BLOCK, width * drawing.ratio(tiles)))
        for tiles in _rows(net, states, across).values()
    ]


def _draw_outputs(ax: Axes, net: Net, outputs: Array, label: int | None) -> None:
    """The outputs as bars, the answer in ink, the desired class marked."""
    theme = _bars(ax, outputs, _title_answer(ax, net, outputs, label))
    drawing.number_ticks(ax.xaxis, len(outputs))
    ax.tick_params(labelsize=theme.tick)
    drawing.label_row(ax, f"{net.layers[-1].name}\n{counted(len(outputs), 'unit')}")
    if len(outputs) > 1:
        drawing.label_axes(ax, "class" if label is None else "class; the desired one is marked")
    if label is not None:
        ax.plot(label, 0, "^", transform=ax.get_xaxis_transform(), color=theme.accent, clip_on=False, zorder=4)


def _title_answer(ax: Axes, net: Net, outputs: Array, label: int | None) -> int:
    """The answer, which is written above the outputs."""
    answer = int(net.cost.scores(outputs).argmax())
    right = "" if label is None else ", right" if answer == label else f", wrong: it is a {label}"
    distances = " (distances: the smallest is nearest)" if isinstance(net.layers[-1], RBF) else ""
    drawing.title(ax, f"answer {answer}{right}{distances}" if len(outputs) > 1 else f"output {outputs[0]:.2f}")
    return answer


def _is_strip(tiles: Array) -> bool:
    """Whether there is a single row of units."""
    return bool(tiles.shape[0] * tiles.shape[2] == 1)


# -- Several images: a column for each, a layer as compact as it goes ----------------------------------------------


def _draw_columns(
    figure: Sheet,
    net: Net,
    states: list[States],
    labels: list[int] | None,
    heights: list[float],
    limit: Limit,
    cmap: Shades,
) -> None:
    """A column for each image, the input on top; in each, the maps of a layer stand together in a block."""
    columns = [_rows(net, one, None) for one in states]
    most = limit_of(limit, *(tiles for column in columns for tiles in column.values()))
    axes = figure.subplots(len(heights), len(columns), height_ratios=heights, squeeze=False)
    size = of_figure(figure).title
    for i, column in enumerate(columns):
        for ax, (name, tiles) in zip(axes[:, i], column.items(), strict=False):
            shown = drawing.show(ax, tiles, most, cmap, numbered=False)
            if i == 0:
                drawing.label_row(ax, _title_of(net[name]))
        label = labels[i] if labels else None
        _column_outputs(axes[-1, i], net, states[i][net.layers[-1].name], label, size)
        if label is not None:
            axes[0, i].set_title(str(label), size=size)
    limits = np.array([ax.get_ylim() for ax in axes[-1]])  # outputs that stand side by side must compare
    for ax in axes[-1]:
        ax.set_ylim(limits.min(), limits.max())
    drawing.label_row(axes[-1, 0], _title_of(net[net.layers[-1].name]))
    drawing.shared_colorbar(figure, shown, axes[:-1], "state")


def _column_outputs(ax: Axes, net: Net, outputs: Array, label: int | None, size: float) -> None:
    """The outputs as small bars with the answer below them, coloured if it is wrong."""
    answer = int(net.cost.scores(outputs).argmax())
    theme = _bars(ax, outputs, answer)
    ax.set(xticks=[], yticks=[])
    ax.spines[["left", "bottom"]].set_visible(False)
    wrong = label is not None and answer != label
    color, weight = (theme.accent, "bold") if wrong else (theme.text, "normal")
    ax.set_xlabel(str(answer), size=size, color=color, weight=weight)


def _several(net: Net, images: Array, labels: Any) -> tuple[Array, list[int] | None]:
    """Images in their checked form, and as many labels, if there are any."""
    checked = check_images(images, net.input)
    if len(checked) > _MOST:
        raise ValueError(f"at most {_MOST} images can be shown side by side, not {len(checked)}")
    if labels is not None and np.shape(labels) != (len(checked),):
        raise ValueError(f"there must be one label for each of {len(checked)} images, not {np.shape(labels)}")
    planes = checked[:, 0] if net.input.maps == 1 else checked
    return planes, None if labels is None else [_label(one, net) for one in labels]


# -- Both ----------------------------------------------------------------------------------------------------------


def _bars(ax: Axes, outputs: Array, answer: int) -> Theme:
    theme = of_axes(ax)
    ax.bar(range(len(outputs)), outputs, color=[theme.ink if i == answer else theme.pale for i in range(len(outputs))])
    ax.axhline(0, color=theme.ink, linewidth=LINES["hair"])
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(False)
    return theme


def _title_of(layer: NetLayer) -> str:
    if layer.flat:
        return f"{layer.name}\n{counted(layer.units, 'unit')}"
    maps, height, width = layer.shape
    return f"{layer.name}\n{maps} x {height}x{width}" if maps > 1 else f"{layer.name}\n{height}x{width}"


def _rows(net: Net, states: States, across: int | None) -> dict[str, Array]:
    """All layers but the outputs as tiles (rows, columns, height, width): maps in rows of `across`, units in one.

    Without `across` each layer is a block: maps in about a square, units in one three times as wide as high.
    """
    output = net.layers[-1].name if _one_answer(net) else ""
    return {name: _tiles(values, across) for name, values in states.items() if name != output}


def _tiles(states: Array, across: int | None) -> Array:
    """A layer as `_rows` shows it, NaN where the last row is not full."""
    if states.ndim == 1 or states.shape[1:] == (1, 1):  # units, which stand side by side without gaps
        columns = states.size if across else math.ceil(math.sqrt(3 * states.size))
        units = drawing.tiled(states.reshape(-1, 1, 1), columns)
        return units.reshape(1, 1, -1, columns)
    maps, height, width = map(int, states.shape)
    if across is None:
        return drawing.tiled(states, math.ceil(math.sqrt(maps)))
    across = max(across, math.ceil(math.sqrt(maps * 7 * height / width / _BLOCK)))  # more, if rows would be too many
    return drawing.tiled(states, math.ceil(maps / math.ceil(maps / across)))


def _one_answer(net: Net) -> bool:
    """Whether the net gives one answer, and not one for each place of a wide image."""
    return bool(np.prod(net[net.layers[-1].name].shape[1:]) == 1)


def _label(label: Any, net: Net) -> int:
    return whole(label, "label", least=0, most=net.outputs - 1)
