"""The effective learning rates while a net learns, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..net import Net
from .curvature import SecondOrder, by_layer, second_order
from .drawing import entry, headline, legend, name_axes, quiet, title
from .figures import Picture, finish, in_figure
from .learning import whole_passes
from .theme import LINES, MARKS, Array, Sheet, of_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_AT = 0.9  # a rate of so much of the ceiling, or more, is at it
_DASHES = ("-", "--", ":", "-.")
_MARKS = ("o", "s", "^", "D", "v", "P")
_MOST = len(_MARKS)


def plot_rates(net: Net, rule: SecondOrder, curvature: Mapping[int, Array], *, figure: Sheet | None = None) -> Picture:
    """The effective learning rates of a second-order rule pass by pass, ``rate / (mu + |H|)``, layer by layer.

    On the left each layer's median. On the right the share of its parameters whose rate is at its ceiling, rate / mu,
    or less than a tenth below it: mu alone sets their step, not the curvature.

    Parameters
    ----------
    net : Net
    rule : LevenbergMarquardt, Newton or StochasticDiagonalLM
        The rule that it was trained with.
    curvature : dict of ndarray by pass, each of shape (parameters,)
        Copies of ``net.curvature`` as it was after some passes, such as `sn89.watch.Snapshots` keeps.
    figure : matplotlib.figure.Figure or SubFigure, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError, ValueError
        If the rule has no curvature, or the vectors are not of this net.
    """
    second_order(rule)
    passes, rates, ceilings = _rates(net, rule, curvature)
    picture = in_figure(figure, 9, 3.8)
    left, right = picture.sheet.subplots(1, 2)
    medians = {name: [float(np.median(one)) for one in each] for name, each in rates.items()}
    shares = {
        name: [100 * float((one >= _AT * most).mean()) for one, most in zip(each, ceilings, strict=True)]
        for name, each in rates.items()
    }
    _lines(left, passes, medians)
    theme = of_axes(left)
    left.plot(passes, ceilings, color=theme.accent, linestyle="--", linewidth=LINES["thin"], label="ceiling, rate / mu")
    left.set_yscale("log")
    name_axes(left, "passes", "effective learning rate")
    title(left, "Median of each layer")
    _lines(right, passes, shares)
    right.set_ylim(-4, 104)
    name_axes(right, "passes", "at the ceiling, %")
    title(right, "Share of parameters at their ceiling")
    legend(left)
    headline(picture.sheet, f"{net.name}: how large steps were")
    return finish(picture)


def _rates(
    net: Net, rule: SecondOrder, curvature: Mapping[int, Array]
) -> tuple[list[int], dict[str, list[Array]], Array]:
    """The passes, the rates of each layer in each of them, and the ceilings."""
    if not isinstance(curvature, Mapping) or not curvature:
        raise TypeError("curvature must be a dict of vectors by pass, such as Snapshots().curvature, with one at least")
    found: dict[str, list[Array]] = {}
    passes, ceilings = sorted(curvature), []
    for number in passes:
        rate = rule.rates[min(max(1, number), len(rule.rates)) - 1]
        ceilings.append(rate / rule.mu)
        vector = np.asarray(curvature[number])
        if vector.shape != net.parameters.shape:
            raise ValueError(f"curvature of pass {number} must have shape {net.parameters.shape}, not {vector.shape}")
        for name, values in by_layer(net, vector).items():
            found.setdefault(name, []).append(rate / (rule.mu + values))
    return passes, found, np.array(ceilings)


def _lines(ax: Axes, passes: list[int], values: dict[str, list[float]]) -> None:
    """A line for each layer, told apart by its marks; of very many, the first and the last ones."""
    theme: Any = quiet(ax)
    names = list(values)
    shown = names if len(names) <= _MOST else [*names[: _MOST // 2], *names[-(_MOST // 2) :]]
    for i, name in enumerate(shown):
        color = (theme.ink, theme.pale)[i % 2]
        ax.plot(passes, values[name], color=color, linestyle=_DASHES[i // 2 % len(_DASHES)], linewidth=LINES["line"],
                marker=_MARKS[i], markersize=MARKS["dot"] - 1, label=entry(name))  # fmt: skip
    ax.xaxis.set_major_locator(whole_passes(max(passes)))
    ax.set_xlim(min(passes) - 0.5, max(passes) + 0.5)
