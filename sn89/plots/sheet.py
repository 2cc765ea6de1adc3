"""The report: a net, its training and its results on one sheet, to be pinned on a wall."""

from typing import Any

import numpy as np

from ..arguments import whole
from ..counted import counted
from ..keywords import in_our_words
from ..measure import Measurement, confusion
from ..net import Net
from ..rules import Rule, in_words
from ..table import HEAD, WORDS, rows
from ..training import History, evaluate
from .curvature import SecondOrder, by_layer, draw_rates
from .drawing import colorbar_beside, fitted, legend_below, literal, ratio, short, show
from .figures import Picture, finish, new_figure
from .learning import Paper, draw_costs, draw_errors, measured
from .results import check_share, draw_confusion, draw_mistakes, draw_rejection, mistakes
from .states import draw_states, row_heights
from .theme import LINES, Array, Axes, Limit, Shades, Sheet, of_axes, of_figure
from .weights import draw_all_kernels, first_weights, heights_of_kernels, layers_of_kernels

_A3 = (16.54, 11.69)  # inches, landscape
_MISTAKES = 14
_LARGEST_TYPE = 10.0  # points
_BODY, _WEIGHTS = 8.9, 4.6  # inches: height of the body, width of kernels
_STATES = (3.6, 6.8)  # inches for the planes of one digit


@in_our_words({})
def plot_report(
    net: Net,
    history: History,
    X: Array,
    y: Array,
    *,
    image: int = 0,
    paper: Paper = None,
    rejected: float | None = None,
    limit: Limit = None,
    cmap: Shades = None,
) -> Picture:
    """Draw one A3 sheet: the net's table, kernels, a digit's states, learning curves, confusion, rejection, mistakes.

    Type has at most 10 points, whatever the style asks for: larger type would not leave room for all of it.

    Parameters
    ----------
    net : Net
        A trained net.
    history : History
        The value that `train` returned for this net, with measurements.
    X : ndarray of float, shape (n, height, width)
        The images of the test.
    y : ndarray of int, shape (n,)
        The labels of these images.
    image : int
        The number of the image, from 0, that is shown on its way through the net.
    paper : (Measurement, Measurement) or (Measurement, Measurement, int), optional
        The paper's result on training and test set, and its pass, as for `plot_history`.
    rejected : float, optional
        The share that the paper rejects for 1 % error on the rest, 0 to 1.
    limit, cmap : optional
        Shades of weights and states, as for `plot_kernels`; the colormap is that of the images too.

    Returns
    -------
    Picture
        A picture of 16.5 by 11.7 inches: ``plot_report(...).savefig("report.pdf")``.
    """
    import matplotlib
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    if not isinstance(history, History):
        raise TypeError(f"history must be a History, which sn89.train returns, not {history!r:.60}")
    measured(history)
    wrong, y = mistakes(net, X, y), np.asarray(y)
    image = whole(image, "image", least=0, most=len(y) - 1)
    check_share(rejected, "rejected")
    scores = net.cost.scores(net(X))

    margins = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06, rect=(0.02, 0.02, 0.96, 0.96))
    figure = new_figure(*_A3, layout=margins)
    with matplotlib.rc_context(_type()):
        head, body, foot = figure.subfigures(3, 1, height_ratios=(0.75, _BODY, 1.9), squeeze=False)[:, 0]
        _head(head, net, history, evaluate(net, X, y))
        left, middle, right = body.subfigures(1, 3, width_ratios=(5.6, 5.0, 5.6), wspace=0.02)

        _draw_net(left, net, history.rule, len(history.passes), limit, cmap)
        _title(middle, f"Image {image}, a {y[image]}, on its way")
        states = net.states(np.asarray(X)[image])
        draw_states(middle, net, states, int(y[image]), _across(net, states), _STATES[0], limit, cmap)

        curves, confused, doubts = right.subfigures(3, 1, height_ratios=(2.4, 4.4, 2.2))
        _curves(curves, history, paper)
        _title(confused, "Confusion")
        draw_confusion(confused.subplots(), confusion(y, scores.argmax(axis=1), net.outputs))
        _title(doubts, "Rejection")
        draw_rejection(doubts.subplots(), {"": scores}, y, paper=rejected)

        _title(foot, "Its surest mistakes" if len(wrong) else "It makes no mistakes", x=0.003)
        draw_mistakes(foot, net, X, y, wrong[:_MISTAKES], _MISTAKES, cmap)
    return finish(Picture(figure, figure, own=True), settled=False)


def _type() -> Any:
    """The style's sizes of type, made smaller together where they are too large for the sheet."""
    import matplotlib

    style: Any = matplotlib.rcParams
    share = min(1.0, _LARGEST_TYPE / style["font.size"])
    sizes = {key: style[key] for key in ("font.size", "axes.titlesize", "axes.labelsize", "xtick.labelsize")}
    return {key: size * share for key, size in sizes.items() if not isinstance(size, str)}


def _title(figure: Sheet, text: str, x: float = 0.01) -> None:
    figure.suptitle(literal(text), size=1.1 * of_figure(figure).title, weight="bold", x=x, ha="left")


def _across(net: Net, states: dict[str, Array]) -> int:
    """The number of planes side by side with which all of them fit."""
    width, height = _STATES
    fits = (across for across in (4, 6, 8, 12) if sum(row_heights(net, states, across, width)) <= height)
    return next(fits, 16)


def _head(figure: Sheet, net: Net, history: History, test: Measurement) -> None:
    """The net's name, its training and its results."""
    theme, passes = of_figure(figure), counted(len(history.passes), "pass", "passes")
    name, size = fitted(net.name, 2 * theme.base, 0.82 * theme.inches[0], 1)  # bold type is wider
    figure.suptitle(literal(name), size=size, x=0.005, ha="left", weight="bold")
    words = [in_words(history.rule), f"{passes} in {history.seconds:.1f} s of learning"]
    words += [f"train: {history.final.train or history.train[-1]}", f"test: {test}"]
    line, size = fitted("   ·   ".join(words), theme.base, 0.95 * theme.inches[0])
    figure.text(0.006, 0.12, literal(line), size=size)


def _draw_net(figure: Sheet, net: Net, rule: Rule, passes: int, limit: Limit, cmap: Shades) -> None:
    """The table, the weights, and the learning rates if there is room for them."""
    shown, first = layers_of_kernels(net), first_weights(net)
    table = 0.3 * (len(net.layers) + 4)
    weights = sum(heights_of_kernels(shown, _WEIGHTS)) if shown else _WEIGHTS * ratio(first[1]) + 0.5 if first else 0.0
    room = _BODY - table - weights
    if not isinstance(rule, SecondOrder) or not net.curvature.any() or room < 2:
        room = 0.0
    heights = [height for height in (table, weights, room) if height]
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    _title(parts[0], "The net")
    _table(parts[0].subplots(), net)
    if shown:
        _title(parts[1], "Its kernels")
        draw_all_kernels(parts[1], shown, net, limit, cmap)
    elif first:
        layer, tiles = first
        _title(parts[1], f"Weights from the input to {layer.name}")
        ax = parts[1].subplots()
        colorbar_beside(ax, show(ax, tiles, limit, cmap, numbered=False), "weight")
        ax.set_anchor("NW")
    if room:
        _title(parts[-1], "Its learning rates")
        draw_rates(parts[-1].subplots(), by_layer(net, net.curvature), rule, passes)  # type: ignore[arg-type]


def _table(ax: Axes, net: Net) -> None:
    """The table that print(net) shows."""
    theme, lines = of_axes(ax), [[short(cell, 24) for cell in row] for row in (HEAD, *rows(list(net)))]
    size = min(0.73 * theme.base, 0.7 * 72 * theme.inches[1] / (len(lines) + 1))
    heads = [len(name) if i < WORDS else max(map(len, name.split())) for i, name in enumerate(HEAD)]
    widths = [max([heads[i], *(len(row[i]) for row in lines[1:])]) + 3 for i in range(len(HEAD))]
    edges = np.append(0, np.cumsum(widths))
    for r, row in enumerate(lines):
        for i, cell in enumerate(row):
            x, side = (edges[i], "left") if i < WORDS else (edges[i + 1] - 1, "right")
            text = cell.replace(" ", "\n", 1) if r == 0 and len(cell) > widths[i] else cell
            color = theme.pale if r == 0 else theme.text
            ax.text(x, r, literal(text), ha=side, va="bottom" if r == 0 else "center", size=size, color=color)
    for y in (0.45, len(lines) - 1.55):
        ax.axhline(y, color=theme.pale, linewidth=LINES["hair"])
    ax.set(xlim=(0, edges[-1]), ylim=(len(lines) - 0.5, -1.0))
    ax.set_axis_off()


def _curves(figure: Sheet, history: History, paper: Paper) -> None:
    """Errors and costs side by side; the labels say enough, titles need not."""
    _title(figure, "Learning")
    errors, costs = figure.subplots(1, 2)
    draw_errors(errors, history, paper)
    draw_costs(costs, history, paper)
    for ax in (errors, costs):
        ax.set_title("")
    legend_below(figure, *errors.get_legend_handles_labels())
