"""How a net learned: its errors pass by pass, and the curvature that set its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..measure import Measurement
from ..training import History
from .drawing import PALE, PAPER, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Histories = History | Sequence[History]
Paper = Sequence[Measurement] | None
_COLORS = {"train": PALE, "test": "black"}


def plot_history(history: Histories, *, title: str = "", paper: Paper = None) -> Figure:
    """Learning curves: errors, and mean squared error where the cost is one, on training and test set, pass by pass.

    Parameters
    ----------
    history : History or sequence of History
        Of a training that was measured; or of several with as many passes each, such as other seeds: a thin line for
        each, and a thick one for their mean.
    title : str
        Above the picture.
    paper : (Measurement, Measurement), optional
        The paper's result on training and test set, drawn as marks at the last pass.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no history, nothing was measured, or the numbers of passes differ.
    """
    import matplotlib.pyplot as plt

    history = measured(history)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    draw_errors(left, history, paper)
    draw_costs(right, history, paper)
    left.legend(frameon=False, fontsize=8)
    figure.suptitle(title, size=11)
    return figure


def draw_errors(ax: Axes, history: Histories, paper: Paper = None) -> None:
    """The share of misclassified digits, in per cent."""
    _curves(ax, measured(history), paper, lambda one: 100 * one.error)  # type: ignore[operator]
    ax.set_ylabel("misclassified, %", size=9)
    ax.set_title("Errors", size=10)


def draw_costs(ax: Axes, history: Histories, paper: Paper = None) -> None:
    """Half the mean squared error, or the mean cost where that is none."""
    histories = measured(history)
    squared = histories[0].train[0].half_mse is not None
    _curves(ax, histories, paper, lambda one: one.half_mse if squared else one.cost)
    ax.set_ylabel("half mean squared error" if squared else "mean cost", size=9)
    ax.set_title('Cost (what the papers call "MSE")' if squared else "Cost", size=10)


def measured(history: Any) -> list[History]:
    """One history or several as a list, of as many measured passes each, or an error."""
    histories = [history] if isinstance(history, History) else list(history) if isinstance(history, Sequence) else []
    if not histories or not all(isinstance(one, History) for one in histories):
        raise TypeError(f"history must be a History or a list of them, not {history!r}")
    if any(not one.train or one.train[0].error is None for one in histories):
        raise ValueError("no errors were measured in this training: there is nothing to show")
    passes = {len(one.passes) for one in histories}
    if len(passes) > 1:
        raise ValueError(f"histories must have as many passes each to be shown together, not {sorted(passes)}")
    return histories


def _curves(ax: Axes, histories: list[History], paper: Paper, value: Callable[[Measurement], Any]) -> None:
    """Training set gray, test set black."""
    passes = [one.number for one in histories[0].passes]
    for i, (name, color) in enumerate(_COLORS.items()):
        series = [[value(one) for one in getattr(history, name)] for history in histories]
        if not all(series):
            continue
        if several := len(series) > 1:
            ax.plot(passes, np.transpose(series), color=color, linewidth=0.7, alpha=0.45)
        style: dict[str, Any] = {"linewidth": 2} if several else {"marker": "."}
        label = f"{name}, mean of {len(series)}" if several else name
        ax.plot(passes, np.mean(series, axis=0), color=color, label=label, **style)
        if paper:
            ax.plot(passes[-1], value(paper[i]), label="paper" if i else "_paper, train", **PAPER)
    finish_curves(ax, passes[-1])


def finish_curves(ax: Axes, passes: int) -> None:
    """Logarithmic, as errors fall by powers of ten; a set without any error has none, and is drawn below the edge."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    values = np.concatenate([np.atleast_1d(line.get_ydata()) for line in ax.lines])
    if (values > 0).any():
        ax.set_yscale("log", nonpositive="clip")
        ax.set_ylim(values[values > 0].min() / 1.3, values.max() * 1.3)
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_xlim(0.5, passes + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("passes", size=9)
    quiet(ax)
