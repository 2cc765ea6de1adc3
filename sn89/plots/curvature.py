"""The curvature and the learning rates that come of it: what makes the second-order rules different."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..arguments import whole
from ..net import Net
from ..rules import LevenbergMarquardt, StochasticDiagonalLM
from .drawing import ACCENT, PALE, Array, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SecondOrder = LevenbergMarquardt | StochasticDiagonalLM

_BINS = 90
_LEAST = 1e-9  # of the largest value: what is smaller is as good as 0


def plot_curvature(net: Net, rule: SecondOrder, *, number: int | None = None) -> Figure:
    """The curvature of every parameter, and its effective learning rate ``rate / (mu + |H|)``, layer by layer.

    Each layer is a distribution on a logarithmic scale, as high as its fullest bin, with its median marked. Where the
    curvature is below mu, mu alone sets the step: no rate is above rate / mu. Both are marked too.

    Parameters
    ----------
    net : Net
        Trained: it shows ``net.curvature``, the state after the last presentation.
    rule : LevenbergMarquardt, Newton or StochasticDiagonalLM
        The rule that it was trained with, for its rate (in the picture the papers' epsilon) and mu.
    number : int, optional
        The pass, from 1, whose rate is meant; the last one of the rule's schedule by default.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the rule has no curvature, or the net none yet.

    Notes
    -----
    Neural Computation 1(4), 1989; Proc. IEEE 86(11), 1998, appendix C, which reports 7e-5 to 0.016 for LeNet-5.
    """
    import matplotlib.pyplot as plt

    found = _checked(net, rule)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 0.62 * len(found) + 1.7), layout="constrained", sharey=True)
    _ridges(left, found)
    _limit(left, rule.mu, rf"$\mu$ = {rule.mu:g}")
    left.set_xlabel("curvature |H|", size=9)
    draw_rates(right, found, rule, number)
    figure.suptitle(f"{net.name}: curvature and learning rates of its parameters", size=11)
    return figure


def draw_rates(ax: Axes, curvature: dict[str, Array], rule: SecondOrder, number: int | None = None) -> None:
    """The effective learning rates by layer, and the largest that there can be."""
    number = len(rule.rates) if number is None else whole(number, "number", least=1)
    rate = rule.rates[min(number, len(rule.rates)) - 1]
    _ridges(ax, {name: rate / (rule.mu + values) for name, values in curvature.items()})
    _limit(ax, rate / rule.mu, rf"$\epsilon\,/\,\mu$ = {rate / rule.mu:.2g}")
    ax.set_xlabel(r"effective learning rate $\epsilon\,/\,(\mu + |H|)$", size=9)


def _checked(net: Net, rule: object) -> dict[str, Array]:
    """The curvature by layer, if the rule has one and the net too."""
    if not isinstance(rule, SecondOrder):
        raise TypeError(f"rule must be LevenbergMarquardt, Newton or StochasticDiagonalLM, not {rule!r}")
    if not net.curvature.any():
        raise ValueError(f"{net.name} has no curvature yet: train it with {type(rule).__name__} first")
    return curvature_by_layer(net)


def curvature_by_layer(net: Net) -> dict[str, Array]:
    """|H| of the parameters of each layer that has any."""
    layers = [layer for layer in net if layer.free_parameters]
    ends = np.cumsum([layer.free_parameters for layer in layers])
    parts = np.split(np.abs(net.curvature).astype(np.float64), ends[:-1])
    return {layer.name: part for layer, part in zip(layers, parts, strict=True)}


def _ridges(ax: Axes, values: dict[str, Array]) -> None:
    """A histogram for each layer, the first on top; zeros have no place on the scale and are counted."""
    from matplotlib.ticker import LogLocator, NullFormatter

    everything = np.concatenate(list(values.values()))
    least = _LEAST * everything.max()
    low, high = np.log10(everything[everything > least].min()), np.log10(everything.max())
    low, high = low - 0.03 * (high - low) - 0.01, high + 0.03 * (high - low) + 0.01
    edges = np.logspace(low, high, _BINS + 1)
    for place, (name, one) in enumerate(values.items()):
        counts = np.histogram(one, edges)[0]
        base, median = -place, np.median(one)
        ax.stairs(
            base + 0.85 * counts / max(1, counts.max()), edges, baseline=base, fill=True, color="0.72", label=name
        )
        if median > least:
            ax.plot([median] * 2, [base, base + 0.85], color="black", linewidth=1.5)
            _median(ax, median, base + 0.85, right=np.log10(median) < (low + high) / 2)
        if zeros := int((one <= least).sum()):
            ax.annotate(f"{zeros:,} are 0", (0, base + 0.6), xycoords=("axes fraction", "data"), size=7, color=PALE)
    ax.set_xscale("log")
    ax.set_yticks([-i + 0.42 for i in range(len(values))], [f"{name}\n{one.size:,}" for name, one in values.items()])
    ax.set_ylim(-len(values) + 0.95, 1.35)
    ax.xaxis.set_major_locator(LogLocator(numticks=12))
    ax.xaxis.set_minor_formatter(NullFormatter())
    quiet(ax, grid=False)
    ax.grid(axis="x", color="0.92")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _median(ax: Axes, value: float, top: float, right: bool) -> None:
    """The median in figures, on the side where there is room."""
    text = ax.annotate(f"{value:.2g}", (value, top - 0.08), (4 if right else -4, 0), textcoords="offset points")
    text.set(ha="left" if right else "right", va="center", size=7.5)
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5})


def _limit(ax: Axes, value: float, name: str) -> None:
    ax.axvline(value, color=ACCENT, linewidth=1, linestyle="--")
    ax.annotate(name, (value, 1), (-4, -1), xycoords=("data", "axes fraction"), textcoords="offset points",
                size=8, color=ACCENT, ha="right", va="top")  # fmt: skip
