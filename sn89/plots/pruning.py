"""Optimal Brain Damage as pictures: the saliencies of parameters, and the costs and errors while they are deleted."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..net import Net
from ..prune import Pruning
from .curvature import by_layer
from .drawing import DASHES, label_axes, legend, legend_below, legend_name, style_axes, title
from .figures import Picture, draws, finish, in_figure, on_axes
from .theme import LINES, MARKS, Array, Axes, InFigure, OnAxes, Sheet, of_axes


@draws
def plot_saliencies(net: Net, saliencies: Array, *, ax: OnAxes = None) -> Picture:
    """Draw the saliencies of each layer in their order, and their sum over all layers, the predicted rise of the cost.

    Parameters
    ----------
    net : Net
    saliencies : ndarray, shape (parameters,)
        The saliencies that `Net.saliencies` gave. Those that are not positive, and those of deleted parameters, are
        left out.
    """
    layers = {name: np.sort(one[one > 0]) for name, one in by_layer(net, np.maximum(saliencies, 0)).items()}
    everything = np.sort(np.concatenate(list(layers.values())))
    if not everything.size:
        raise ValueError("no saliency is positive, so there is nothing to draw: compute them after training")
    picture = on_axes(ax, 7, 4.2)
    ax, theme = picture.ax, style_axes(picture.ax)
    lines = [
        (values, DASHES[i % len(DASHES)], theme.ink if i < len(DASHES) else theme.pale, legend_name(name))
        for i, (name, values) in enumerate(layers.items())
    ]
    for values, style, color, name in [*lines, (np.cumsum(everything), "-", theme.accent, "sum of the least")]:
        ax.plot(np.arange(1, values.size + 1), values, style, color=color, linewidth=LINES["line"], label=name)
    ax.set(xscale="log", yscale="log")
    label_axes(ax, "parameters, the least first", "saliency")
    title(ax, f"{net.name}: saliencies")
    legend(ax, "lower right")
    return finish(picture)


@draws
def plot_pruning(prunings: Pruning | Sequence[Pruning], *, figure: InFigure = None) -> Picture:
    """Draw cost and errors against the number of parameters that are left, round by round.

    On the left is the mean cost of the training set: before any training in the round, at its end, and as predicted for
    the first. On the right are the errors on training and test set at the end of each round. Each order of deletion has
    its own kind of line, which the legend below explains.

    Parameters
    ----------
    prunings : Pruning or sequence of Pruning
        What `prune` returned for one net, deleted in one order or in several.
    """
    from matplotlib.ticker import LogLocator, NullFormatter

    several = [prunings] if isinstance(prunings, Pruning) else list(prunings) if isinstance(prunings, Sequence) else []
    if not several or not all(isinstance(one, Pruning) for one in several):
        raise TypeError(f"prunings must be a Pruning or a list of them, not {prunings!r}")
    if not all(one.rounds for one in several):
        raise ValueError("a pruning has no rounds, so there is nothing to draw: sn89.prune with rounds=1 or more")
    picture = in_figure(figure, 9, 3.8)
    left, right = picture.sheet.subplots(1, 2)
    for one, style in zip(several, DASHES * len(several), strict=False):
        _costs(left, one, style)
        _errors(right, one, style)
    for ax, name in ((left, "mean cost, training set"), (right, "misclassified after a round, %")):
        style_axes(ax)
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=8))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.invert_xaxis()
        label_axes(ax, "parameters left", name)
    title(left, "Cost")
    title(right, "Errors")
    _legends(picture.sheet, left, right, several)
    return finish(picture)


def _words(one: Pruning) -> str:
    return "at random" if one.by == "random" else f"by {one.by}"


def _costs(ax: Axes, one: Pruning, style: str) -> None:
    theme, left = of_axes(ax), [done.left for done in one.rounds]
    ax.plot(left, [done.after for done in one.rounds], style, color=theme.pale, linewidth=LINES["thin"],
            label=f"{_words(one)}, just deleted")  # fmt: skip
    ax.plot(left, [done.train.cost for done in one.rounds], style, color=theme.ink, linewidth=LINES["line"],
            label=f"{_words(one)}, end of round")  # fmt: skip
    if one.by == "saliency":
        ax.plot(left, [done.before + done.predicted for done in one.rounds], "x", color=theme.accent,
                markersize=MARKS["mark"], label=f"{_words(one)}, predicted")  # fmt: skip


def _errors(ax: Axes, one: Pruning, style: str) -> None:
    theme, left = of_axes(ax), [done.left for done in one.rounds]
    for name, color in (("train", theme.pale), ("test", theme.ink)):
        found = [getattr(done, name) for done in one.rounds]
        if all(measured is not None and measured.error is not None for measured in found):
            ax.plot(left, [100 * measured.error for measured in found], style, color=color, linewidth=LINES["line"],
                    label=f"{_words(one)}, {name}")  # fmt: skip


def _legends(sheet: Sheet, left: Axes, right: Axes, several: list[Pruning]) -> None:
    """The meaning of each colour, in the axes; and below them the kind of line of each order of deletion."""
    for ax in (left, right):
        keys: dict[str, Any] = {}
        for line in ax.lines:
            keys.setdefault(str(line.get_label()).partition(", ")[2], line)
        legend(ax, keys=keys)
    ends = [line for line in left.lines if str(line.get_label()).endswith("end of round")]
    legend_below(sheet, ends, [_words(one) for one in several])
