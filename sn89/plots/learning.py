"""Learning curves: errors and costs, pass by pass."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..arguments import whole
from ..measure import Measurement
from ..training import History
from .drawing import figure_title, label_axes, legend_below, style_axes, ticks, title
from .figures import Picture, draws, finish, in_figure
from .theme import LINES, MARKS, Axes, InFigure, of_axes

Histories = History | Sequence[History]
Paper = tuple[Measurement, Measurement] | tuple[Measurement, Measurement, int] | None


@draws
def plot_history(history: Histories, *, title: str = "", paper: Paper = None, figure: InFigure = None) -> Picture:
    """Draw learning curves: errors and half mean squared error, or cost, on training and test set, pass by pass.

    Both scales are logarithmic. A value of 0 has no place on them: it is marked at the foot, beside a 0. A ring is
    around the pass that `sn89.KeepBest` or `sn89.EarlyStopping` kept.

    Parameters
    ----------
    history : History or sequence of History
        The history of a training with measurements. If several histories with the same number of passes are given,
        such as other seeds, each is a thin line, and their mean is a thick one.
    title : str
        The words above the picture.
    paper : (Measurement, Measurement) or (Measurement, Measurement, int), optional
        The paper's result on training and test set, and the pass after which the paper measured it: 23 for the zip-code
        net of 1989, 30 for the nets of 1990, 20 for LeNet-5. They are drawn as marks at that pass, or at the last one
        if no pass is given. The pass is marked on the axis too.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> history = sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=3, test=(Xt, yt))
    >>> sn89.plots.plot_history(history).savefig("history.png")
    """
    history = measured(history)
    picture = in_figure(figure, 9, 3.6)
    left, right = picture.sheet.subplots(1, 2)
    draw_errors(left, history, paper)
    draw_costs(right, history, paper)
    legend_below(picture.sheet, *left.get_legend_handles_labels())
    figure_title(picture.sheet, title)
    return finish(picture)


def draw_errors(ax: Axes, history: Histories, paper: Paper = None) -> None:
    """The share of misclassified digits, in per cent."""
    _curves(ax, measured(history), paper, lambda one: 100 * one.error)  # type: ignore[operator]
    label_axes(ax, "passes", "misclassified, %")
    title(ax, "Errors")


def draw_costs(ax: Axes, history: Histories, paper: Paper = None) -> None:
    """Half the mean squared error, or the mean cost where the cost is another."""
    histories = measured(history)
    squared = histories[0].train[0].half_mse is not None
    _curves(ax, histories, paper, lambda one: one.half_mse if squared else one.cost)
    label_axes(ax, "passes", "half mean squared error" if squared else "mean cost")
    title(ax, 'Cost (what the papers call "MSE")' if squared else "Cost")


def measured(history: Any) -> list[History]:
    """One history or several as a list, of as many measured passes each, or an error."""
    histories = [history] if isinstance(history, History) else list(history) if isinstance(history, Sequence) else []
    if not histories or not all(isinstance(one, History) for one in histories):
        raise TypeError(f"history must be a History or a list of them, not {history!r}: sn89.train returns a History")
    if not all(one.passes for one in histories):
        raise ValueError("there was no pass of training yet, so there is nothing to draw: train with passes=1 or more")
    if any(not one.train or one.train[0].error is None for one in histories):
        raise ValueError(
            "this training measured no errors after its passes, so there are no curves to draw: train with "
            "measure=True (sn89 train without --no-measure). The cost while learning is in history.passes"
        )
    passes = {len(one.passes) for one in histories}
    if len(passes) > 1:
        raise ValueError(f"histories must have as many passes each to be shown together, not {sorted(passes)}")
    return histories


def _curves(ax: Axes, histories: list[History], paper: Paper, value: Callable[[Measurement], Any]) -> None:
    """The training set pale, the test set in ink."""
    theme, first = of_axes(ax), histories[0]
    passes, several = [one.number for one in first.passes], len(histories) > 1
    results, published = _published(paper)
    for name, color in (("train", theme.pale), ("test", theme.ink)):
        series = [[value(one) for one in getattr(history, name)] for history in histories]
        if not all(series):
            continue
        style: dict[str, Any] = {"linewidth": LINES["line"], "marker": ".", "markersize": MARKS["dot"], "label": name}
        if several:
            ax.plot(passes, np.transpose(series), color=color, linewidth=LINES["hair"])
            style = {"linewidth": LINES["thick"], "marker": "" if len(passes) > 1 else "."}
            style["label"] = f"{name}, mean of {len(series)}"
        ax.plot(passes, np.mean(series, axis=0), color=color, **style)
        if first.kept and not several:
            number = first.kept.number
            label = "_kept" if name == "train" and first.test else f"kept, pass {number}"
            ax.plot(number, series[0][number - 1], "o", color=color, label=label, fillstyle="none",
                    markersize=MARKS["cross"])  # fmt: skip
        if results:
            label = "_paper, train" if name == "train" else f"paper, pass {published}" if published else "paper"
            ax.plot(published or passes[-1], value(results[name]), label=label, **theme.paper_mark())
    finish_curves(ax, max(passes[-1], published))
    if published:
        ax.plot(published, 0, "^", transform=ax.get_xaxis_transform(), color=theme.accent, clip_on=False, zorder=4,
                markersize=MARKS["mark"], label="_paper's pass")  # fmt: skip


def _published(paper: Any) -> tuple[dict[str, Measurement], int]:
    """The results on training and test set, if there are any, and their pass, or 0."""
    if paper is None:
        return {}, 0
    results, more = tuple(paper)[:2], tuple(paper)[2:]
    if len(results) < 2 or len(more) > 1 or not all(isinstance(one, Measurement) for one in results):
        raise TypeError(f"paper must be two Measurements, of training and test set, and maybe a pass, not {paper!r}")
    number = whole(more[0], "the paper's pass", least=1) if more else 0
    return dict(zip(("train", "test"), results, strict=True)), number


def finish_curves(ax: Axes, passes: int) -> None:
    """Make the scale logarithmic, as errors fall by powers of ten; an error of 0 is marked at the foot."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    theme = style_axes(ax)
    lines = [(line, np.atleast_1d(line.get_xdata()), np.atleast_1d(line.get_ydata())) for line in ax.lines]
    values = np.concatenate([y for _, _, y in lines])
    values = values[np.isfinite(values)]
    if (values > 0).any():
        ax.set_yscale("log", nonpositive="mask")
        low, high = values[values > 0].min(), values.max()
        zero = bool((values == 0).any())
        foot = low / (1.8 if zero else 1.3)
        ax.set_ylim(foot, high * 1.3)
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=8))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}" if value > 0.99 * low else ""))
        ax.yaxis.set_minor_formatter(NullFormatter())
        for line, x, y in (one for one in lines if (one[2] == 0).any()):
            ax.plot(x[y == 0], np.full((y == 0).sum(), foot), "v", color=line.get_color(), clip_on=False,
                    markersize=MARKS["mark"], label="_none")  # fmt: skip
        if zero:
            ax.annotate("0", (0, 0), (-3, 0), "axes fraction", "offset points", ha="right", va="center",
                        size=theme.tick)  # fmt: skip
    elif values.size:
        ax.set_ylim(-0.05, 1)
    ax.set_xlim(0.5, passes + 0.5)
    ax.xaxis.set_major_locator(whole_passes(passes))
    label_axes(ax, "passes")


def whole_passes(passes: int) -> Any:
    """Figures at whole passes, the last among them, which takes the place of one too near."""
    from matplotlib.ticker import MaxNLocator

    usual = MaxNLocator(nbins="auto", integer=True)

    def places(axis: Any) -> list[float]:
        usual.set_axis(axis)
        marks = [one for one in usual() if 1 <= one <= passes and one == int(one)]
        step = marks[1] - marks[0] if len(marks) > 1 else 1
        return [one for one in marks if passes - one >= 0.6 * step] + [passes]

    return ticks(places)
