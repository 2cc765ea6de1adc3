"""Pictures of nets, in matplotlib and in gray, as in the papers.

Every function takes what it draws into, if you have it, and returns it; matplotlib is imported only when one is called.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import whole
from .layers import RBF, Local
from .measure import Measurement
from .net import Net
from .netlayer import NetLayer
from .training import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray

_GAP = 1  # units between two tiles
_BETWEEN = "#c8d6e8"  # what shows between tiles: no shade of gray, so that nobody takes it for a state


def _mosaic(tiles: Array) -> Array:
    """Tiles (rows, columns, height, width) in one image, NaN between them and where they are NaN."""
    rows, columns, height, width = tiles.shape
    image = np.full((rows, height + _GAP, columns, width + _GAP), np.nan, np.float32)
    image[:, :height, :, :width] = tiles.transpose(0, 2, 1, 3)
    return image.reshape(rows * (height + _GAP), -1)[:-_GAP, :-_GAP]


def _show(ax: Axes, tiles: Array, limit: float) -> Any:
    """Draws a mosaic in gray from -limit, black, to limit, white; labels count the tiles."""
    import matplotlib

    gray = matplotlib.colormaps["gray"].with_extremes(bad=_BETWEEN)
    image = ax.imshow(_mosaic(tiles), cmap=gray, vmin=-limit, vmax=limit, interpolation="nearest")
    rows, columns, height, width = tiles.shape
    ax.set_xticks([(width + _GAP) * i + (width - 1) / 2 for i in range(columns)], map(str, range(columns)))
    ax.set_yticks([(height + _GAP) * i + (height - 1) / 2 for i in range(rows)], map(str, range(rows)))
    ax.tick_params(length=0, labelsize=7)
    ax.spines[:].set_color(_BETWEEN)  # white units must not run into white paper
    ax.spines[:].set_linewidth(2)
    return image


def _local(net: Net, name: str) -> NetLayer:
    layer = net[name]
    if not isinstance(layer.declaration, Local) or not layer.declaration.shared:
        raise ValueError(f'layer "{name}" has no kernels to show: it must have local connections with shared weights')
    return layer


def _kernel_tiles(layer: NetLayer) -> Array:
    """Kernels as (maps, sources, height, width), NaN where a map does not see a source."""
    kernels, table = layer.kernels, layer.table
    assert kernels is not None
    assert table is not None
    tiles = np.full((layer.shape[0], layer.sources, *kernels.shape[1:]), np.nan, np.float32)
    maps = [m for m, row in enumerate(table) for _ in row]
    tiles[maps, [source for row in table for source in row]] = kernels
    return tiles


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
    """
    shown = _local(net, layer)
    tiles = _kernel_tiles(shown).swapaxes(0, 1)
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=_tile_size(tiles), layout="constrained")
    image = _show(ax, tiles, float(np.nanmax(np.abs(tiles))) or 1.0)
    ax.set_title(f"{layer}: {len(shown.kernels)} kernels of {shown.kernels.shape[1]}x{shown.kernels.shape[2]}", size=10)
    ax.set_xlabel(f"{layer} map", size=8)
    ax.set_ylabel("source map" if len(tiles) > 1 else "", size=8)
    if len(tiles) == 1:
        ax.set_yticks([])
    if colorbar:
        bar = ax.figure.colorbar(image, ax=ax, fraction=0.02, pad=0.01, aspect=5 + 3 * len(tiles))
        bar.ax.tick_params(labelsize=7)
        bar.set_label("weight", size=8)
    return ax


def _tile_size(tiles: Array) -> tuple[float, float]:
    rows, columns, height, width = tiles.shape
    scale = 9 / max(columns * (width + _GAP), 30)
    return columns * (width + _GAP) * scale + 0.8, rows * (height + _GAP) * scale + 0.8


def plot_all_kernels(net: Net) -> Figure:
    """Every layer of shared kernels of a net, one above the other, each as `plot_kernels` shows it.

    Layers with maps of a single unit are left out: with hundreds of maps they are full connections by another name.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib.pyplot as plt

    shown = [one for one in net if isinstance(one.declaration, Local) and one.declaration.shared]
    shown = [one for one in shown if one.shape[1:] != (1, 1)]
    if not shown:
        raise ValueError(f"{net.name} has no layer with shared kernels")
    heights = [_tile_size(_kernel_tiles(one).swapaxes(0, 1))[1] for one in shown]
    figure, axes = plt.subplots(
        len(shown), 1, figsize=(9.8, sum(heights) + 0.4), height_ratios=heights, layout="constrained", squeeze=False
    )
    for layer, ax in zip(shown, axes[:, 0], strict=True):
        plot_kernels(net, layer.name, ax=ax)
    figure.suptitle(net.name, size=12)
    return figure


def _state_tiles(states: Array) -> Array:
    """States of a layer as tiles (rows, columns, height, width): maps in rows of at most 16, units in one row."""
    if states.ndim == 1 or states.shape[1:] == (1, 1):
        return states.reshape(1, 1, 1, -1)
    maps, height, width = states.shape
    columns = math.ceil(maps / math.ceil(maps / 16))
    tiles = np.full((math.ceil(maps / columns) * columns, height, width), np.nan, np.float32)
    tiles[:maps] = states
    return tiles.reshape(-1, columns, height, width)


def plot_feature_maps(net: Net, image: Array, *, label: int | None = None) -> Figure:
    """One image through every plane of the net, from the input at the top to the outputs at the bottom.

    Parameters
    ----------
    net : Net
    image : ndarray of float, shape (height, width)
        One image.
    label : int, optional
        Its class, for the title.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib.pyplot as plt

    if label is not None:
        whole(label, "label", least=0, most=net.outputs - 1)
    states = net.states(image)
    output = net.layers[-1].name
    tiles = {name: _state_tiles(values) for name, values in states.items() if name != output}
    limit = max(float(np.nanmax(np.abs(one))) for one in tiles.values()) or 1.0
    heights = [_row_height(one) for one in tiles.values()]
    figure, axes = plt.subplots(
        len(tiles) + 1, 1, figsize=(9, sum(heights) + 2.6), height_ratios=[*heights, 1.6], layout="constrained"
    )
    for ax, (name, one) in zip(axes, tiles.items(), strict=False):
        shown = _show(ax, one, limit)
        ax.set(xticks=[], yticks=[], anchor="W")
        ax.set_ylabel(_plane_title(net[name]), rotation=0, ha="right", va="center", size=9)
    bar = figure.colorbar(shown, ax=axes[:-1], fraction=0.02, pad=0.02, aspect=30, panchor=False)
    bar.ax.tick_params(labelsize=8)
    bar.set_label("state", size=9)
    _plot_outputs(axes[-1], net, states[output], label)
    desired = "" if label is None else f" of a {label}"
    figure.suptitle(f"{net.name}: the states of all units for an image{desired}", size=11)
    return figure


def _row_height(tiles: Array) -> float:
    """Inches for a layer in a picture 9 wide: large planes in full, small ones still readable."""
    rows, columns, height, width = tiles.shape
    across = columns * (width + _GAP)
    return max(0.35, min(1.3 * rows, 7 * rows * (height + _GAP) / across))


def _plane_title(layer: NetLayer) -> str:
    if layer.flat:
        return f"{layer.name}\n{layer.units} units"
    maps, height, width = layer.shape
    return f"{layer.name}\n{maps} x {height}x{width}" if maps > 1 else f"{layer.name}\n{height}x{width}"


def _plot_outputs(ax: Axes, net: Net, outputs: Array, label: int | None) -> None:
    """The outputs as bars, the answer dark, the desired class marked."""
    answer = int(net.cost.scores(outputs).argmax())
    ax.bar(range(len(outputs)), outputs, color=["black" if i == answer else "#b0b0b0" for i in range(len(outputs))])
    ax.axhline(0, color="black", linewidth=0.6)
    ax.set_xticks(range(len(outputs)))
    ax.tick_params(labelsize=8)
    ax.set_ylabel(f"{net.layers[-1].name}\n{len(outputs)} units", rotation=0, ha="right", va="center", size=9)
    if label is not None:
        ax.get_xticklabels()[label].set_fontweight("bold")
    right = "" if label is None else ", right" if answer == label else f", wrong: it is a {label}"
    distances = " (distances: the smallest is nearest)" if isinstance(net.layers[-1], RBF) else ""
    ax.set_title(f"answer {answer}{right}{distances}", size=9)
    ax.spines[["top", "right"]].set_visible(False)


def plot_history(history: History, *, title: str = "", paper: Sequence[Measurement] | None = None) -> Figure:
    """Learning curves: errors, and mean squared error where the cost is one, on training and test set, pass by pass.

    Parameters
    ----------
    history : History
        Of a training that was measured.
    title : str
        Above the picture.
    paper : (Measurement, Measurement), optional
        The paper's result on training and test set, drawn as marks at the last pass.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib.pyplot as plt

    if not history.train or history.train[0].error is None:
        raise ValueError("no errors were measured in this training: there is nothing to show")
    squared = history.train[0].half_mse is not None
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    _plot_curves(left, history, paper, lambda measured: 100 * measured.error)
    left.set(ylabel="misclassified, %", title="Errors")
    _plot_curves(right, history, paper, lambda measured: measured.half_mse if squared else measured.cost)
    right.set(
        ylabel="half mean squared error" if squared else "mean cost",
        title='Cost (what the papers call "MSE")' if squared else "Cost",
    )
    left.legend(frameon=False, fontsize=8)
    figure.suptitle(title, size=11)
    return figure


def _plot_curves(ax: Axes, history: History, paper: Sequence[Measurement] | None, value: Any) -> None:
    """Training set gray, test set black, on a logarithmic scale: both fall by powers of ten."""
    from matplotlib.ticker import LogLocator, MaxNLocator

    passes = [one.number for one in history.passes]
    for i, (name, series, color) in enumerate((("train", history.train, "0.55"), ("test", history.test, "black"))):
        if series:
            ax.plot(passes, [value(one) for one in series], color=color, marker=".", label=name)
        if paper and series:
            label = f"paper, {name}"
            ax.plot(passes[-1], value(paper[i]), color=color, marker="x", markersize=8, linestyle="none", label=label)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter("")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("passes")
    ax.grid(which="both", color="0.92")
    ax.spines[["top", "right"]].set_visible(False)
