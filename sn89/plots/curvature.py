"""The curvature and the learning rates that follow from it: the difference between second-order rules and others."""

from collections.abc import Mapping
from copy import copy

import numpy as np

from ..arguments import whole
from ..net import Net
from ..rules import LevenbergMarquardt, StochasticDiagonalLM
from . import drawing
from .figures import Picture, draws, finish, in_figure
from .learning import whole_passes
from .theme import LINES, MARKS, Array, Axes, InFigure, of_axes

SecondOrder = LevenbergMarquardt | StochasticDiagonalLM

_BINS = 90
_KEY = "by layer; the line is the median"
_LEAST = 1e-9  # of the largest value: what is smaller is as good as 0
_AT = 0.9  # a rate of at least this part of the ceiling counts as at the ceiling
_MARKS = ("o", "s", "^", "D", "v", "P")


@draws
def plot_curvature(net: Net, rule: SecondOrder, *, number: int | None = None, figure: InFigure = None) -> Picture:
    """Draw the curvature of every parameter, and its effective learning rate ``rate / (mu + |H|)``, layer by layer.

    Each layer is a distribution on a logarithmic scale, as high as its fullest bin, with its median marked. Where the
    curvature is below mu, mu alone sets the step: no rate is above rate / mu. Both are marked too.

    For LeNet-5 the paper reports rates from 7e-5 to 0.016 (Proc. IEEE 86(11), 1998, appendix C).

    Parameters
    ----------
    net : Net
        Trained: the picture shows ``net.curvature``, as it is after the last presentation.
    rule : LevenbergMarquardt, Newton or StochasticDiagonalLM
        The rule that it was trained with, for its rate (in the picture the papers' epsilon) and mu.
    number : int, optional
        The pass, from 1, whose rate is shown; the last one of the rule's schedule by default.
    """
    net = copy(net)  # which no other thread trains meanwhile
    _check(rule)
    if not net.curvature.any():
        raise ValueError(f"{net.name} has no curvature yet: train it with {type(rule).__name__} first")
    found = by_layer(net, net.curvature)
    picture = in_figure(figure, 9, min(12.0, 0.62 * len(found) + 1.7))
    left, right = picture.sheet.subplots(1, 2, sharey=True)
    _ridges(left, found)
    _limit(left, rule.mu, rf"$\mu$ = {rule.mu:g}")
    drawing.label_axes(left, f"curvature |H|\n{_KEY}")
    draw_rates(right, found, rule, number)
    drawing.figure_title(picture.sheet, f"{net.name}: curvature and learning rates of its parameters")
    return finish(picture, settled=False)


@draws
def plot_rates(net: Net, rule: SecondOrder, curvature: Mapping[int, Array], *, figure: InFigure = None) -> Picture:
    """Draw the effective learning rates of a second-order rule pass by pass, ``rate / (mu + |H|)``, layer by layer.

    On the left is each layer's median. On the right is the share of its parameters whose rate is at its ceiling, rate /
    mu, or less than a tenth below it: mu alone sets their step, not the curvature.

    Parameters
    ----------
    net : Net
    rule : LevenbergMarquardt, Newton or StochasticDiagonalLM
        The rule that it was trained with.
    curvature : dict of ndarray by pass, each of shape (parameters,)
        Copies of ``net.curvature`` as it was after some passes, such as `sn89.watch.Snapshots` keeps.
    """
    _check(rule)
    passes, ceilings = [], []
    medians: dict[str, list[float]] = {}
    shares: dict[str, list[float]] = {}
    for number, vector in sorted(drawing.by_pass(curvature, net, "curvature").items()):
        rate = _rate(rule, number)
        passes.append(number)
        ceilings.append(rate / rule.mu)
        for name, values in by_layer(net, vector).items():
            rates = rate / (rule.mu + values)
            medians.setdefault(name, []).append(float(np.median(rates)))
            shares.setdefault(name, []).append(100 * float((rates >= _AT * ceilings[-1]).mean()))
    picture = in_figure(figure, 9, 3.8)
    left, right = picture.sheet.subplots(1, 2)
    _lines(left, passes, medians)
    accent = of_axes(left).accent
    left.plot(passes, ceilings, color=accent, linestyle="--", linewidth=LINES["thin"], label="ceiling, rate / mu")
    left.set_yscale("log")
    drawing.label_axes(left, "passes", "effective learning rate")
    drawing.title(left, "Median of each layer")
    _lines(right, passes, shares)
    right.set_ylim(-4, 104)
    drawing.label_axes(right, "passes", "at the ceiling, %")
    drawing.title(right, "Share of parameters at their ceiling")
    drawing.legend_below(picture.sheet, *left.get_legend_handles_labels())
    drawing.figure_title(picture.sheet, f"{net.name}: learning rates of its parameters, pass by pass")
    return finish(picture)


def draw_rates(ax: Axes, curvature: dict[str, Array], rule: SecondOrder, number: int | None = None) -> None:
    """The effective learning rates by layer, and the largest that there can be."""
    rate = rule.rates[-1] if number is None else _rate(rule, whole(number, "number", least=1))
    _ridges(ax, {name: rate / (rule.mu + values) for name, values in curvature.items()})
    _limit(ax, rate / rule.mu, rf"$\epsilon\,/\,\mu$ = {rate / rule.mu:.2g}")
    drawing.label_axes(ax, f"effective learning rate\n{_KEY}")


def by_layer(net: Net, vector: Array) -> dict[str, Array]:
    """The magnitudes in a vector of all parameters, for each layer that has any."""
    layers = net.layers_of(np.abs(vector).astype(np.float64)).values()
    return {layer.name: layer.parameters for layer in layers if layer.parameters.size}


def _check(rule: object) -> None:
    if not isinstance(rule, SecondOrder):
        raise TypeError(f"rule must be LevenbergMarquardt, Newton or StochasticDiagonalLM, not {rule!r}")


def _rate(rule: SecondOrder, number: int) -> float:
    """The rate of a pass by the rule's schedule; before the first pass it is that of the first."""
    return rule.rates[min(max(1, number), len(rule.rates)) - 1]


def _ridges(ax: Axes, values: dict[str, Array]) -> None:
    """A histogram for each layer, the first on top; zeros have no place on the scale and are counted beside it."""
    from matplotlib.ticker import LogLocator, NullFormatter

    theme, everything = drawing.style_axes(ax, grid=False), np.concatenate(list(values.values()))
    lines = theme.inches[1] * 72 / (len(values) + 2) / (1.3 * theme.tick)  # of words for which a row has room
    least = _LEAST * everything.max()
    low, high = np.log10(everything[everything > least].min()), np.log10(everything.max())
    low, high = low - 0.03 * (high - low) - 0.01, high + 0.03 * (high - low) + 0.01
    edges = np.logspace(low, high, _BINS + 1)
    for place, (name, one) in enumerate(values.items()):
        counts = np.histogram(one, edges)[0]
        base, median, zeros = -place, np.median(one), int((one <= least).sum())
        heights = base + 0.85 * counts / max(1, counts.max())
        ax.stairs(heights, edges, baseline=base, fill=True, color=theme.pale, label=name)
        said = [f"{zeros:,} are 0"] if zeros else []
        if median > least:
            ax.plot([median] * 2, [base, base + 0.85], color=theme.ink, linewidth=LINES["line"])
            said.insert(0, f"{median:.2g}")
        if lines >= 1:
            _beside(ax, "\n".join(said[: int(lines)]), base + 0.42)
    if lines >= 1.5:
        _beside(ax, "median", 1.15)
    ax.set_xscale("log")
    two, short = lines >= 2, drawing.short
    names = [f"{short(name)}\n{one.size:,}" if two else short(name, 12) for name, one in values.items()]
    ax.set_yticks([-i + 0.42 for i in range(len(values))], list(map(drawing.literal, names)))
    ax.set_ylim(-len(values) + 0.95, 1.35)
    ax.xaxis.set_major_locator(LogLocator(numticks=6))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.grid(True, axis="x", color=theme.faint, linewidth=LINES["thin"])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _beside(ax: Axes, words: str, height: float) -> None:
    """Words on the right of the axes, at the height of a row."""
    theme = of_axes(ax)
    ax.annotate(words, (1, height), (4, 0), ("axes fraction", "data"), "offset points", ha="left", va="center",
                size=theme.small, color=theme.text, annotation_clip=False)  # fmt: skip


def _limit(ax: Axes, value: float, name: str) -> None:
    """A dashed line at a value, with its name."""
    theme = of_axes(ax)
    ax.axvline(value, color=theme.accent, linewidth=LINES["thin"], linestyle="--")
    ax.annotate(name, (value, 1), (-4, -1), xycoords=("data", "axes fraction"), textcoords="offset points",
                size=theme.tick, color=theme.accent, ha="right", va="top")  # fmt: skip


def _lines(ax: Axes, passes: list[int], values: dict[str, list[float]]) -> None:
    """A line for each layer, told apart by its marks; of very many, the first and the last ones."""
    theme, names, most = drawing.style_axes(ax), list(values), len(_MARKS)
    shown = names if len(names) <= most else [*names[: most // 2], *names[-most // 2 :]]
    for i, name in enumerate(shown):
        color, dashes = (theme.ink, theme.pale)[i % 2], drawing.DASHES[i // 2]
        ax.plot(passes, values[name], color=color, linestyle=dashes, linewidth=LINES["line"],
                marker=_MARKS[i], markersize=MARKS["dot"] - 1, label=drawing.legend_name(name))  # fmt: skip
    ax.xaxis.set_major_locator(whole_passes(max(passes)))
    ax.set_xlim(min(passes) - 0.5, max(passes) + 0.5)
