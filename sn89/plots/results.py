"""The results of a net: the classes that it confuses, the patterns that it rejects, the digits that it misreads."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import measure
from ..arguments import real, whole
from ..net import Net
from ..training import evaluate
from . import drawing
from .figures import Picture, draws, finish, in_figure, on_axes
from .theme import LINES, MARKS, Array, Axes, InFigure, OnAxes, Shades, Sheet, of_axes, of_figure

_DASHES = ("-", "-", "--", ":")  # of nets, which differ by their tones too
_CELL = 0.44  # inches
_SMALLEST = 4.5  # points that a count must have to be written
_ACROSS = 8  # mistakes in a row


@draws
def plot_confusion(labels: Array, predicted: Array, *, classes: int = 10, ax: OnAxes = None) -> Picture:
    """Draw the confusion matrix: the number of digits of one class, a row, that were read as another, a column.

    Errors are shaded by their number. The diagonal, with hundreds of right answers, is set apart and has no shade; on
    the right is each class's own error. Blank places never happened. Where there is no room for figures, a bar explains
    the shades.

    Parameters
    ----------
    labels, predicted : ndarray of int, shape (n,)
        The classes of the patterns, and the net's answers.
    classes : int
        The number of classes.
    """
    counts = measure.confusion(labels, predicted, classes)
    if not counts.any():
        raise ValueError("labels are empty, so there is nothing to draw: give one for each pattern")
    side = min(9.0, max(2.2, _CELL * classes))
    picture = on_axes(ax, side + 1.4, side + 1.0)
    draw_confusion(picture.ax, counts)
    return finish(picture)


def draw_confusion(ax: Axes, counts: Array) -> None:
    """The matrix, with its counts or a bar for them."""
    from matplotlib.colors import ListedColormap

    theme, classes = of_axes(ax), len(counts)
    diagonal = np.eye(classes, dtype=bool)
    errors = np.where(diagonal, 0, counts)
    shown = ax.imshow(errors, cmap=theme.counts(), vmin=0, vmax=1.35 * max(1, errors.max()), interpolation="nearest")
    ax.imshow(np.where(diagonal, 1.0, np.nan), cmap=ListedColormap([theme.between]), interpolation="nearest")
    ax.grid(False)
    drawing.number_ticks(ax.xaxis, classes)
    drawing.number_ticks(ax.yaxis, classes)
    ax.tick_params(length=0, labelsize=theme.tick)
    ax.spines[:].set(visible=True, color=theme.light, linewidth=LINES["hair"])
    drawing.label_axes(ax, "read as; blank: never" if (counts == 0).any() else "read as", "is a")
    wrong, total = errors.sum(), counts.sum()
    drawing.title(ax, f"{wrong:,} of {total:,} misclassified ({100 * wrong / total:.2f} %)")
    if not _write_counts(ax, counts, errors):
        drawing.colorbar_beside(ax, shown, "errors", [0, errors.max()])


def _write_counts(ax: Axes, counts: Array, errors: Array) -> bool:
    """Every count that is not 0 in its place, and on the right the error of each class; whether there is room."""
    theme, shades = of_axes(ax), of_axes(ax).counts()
    width, height = theme.inches
    cell = 72 * min(0.66 * width, height - 4.5 * theme.label / 72) / len(counts)  # points, about
    size = min(theme.tick, 1.45 * cell / max(2, len(str(counts.max()))), 0.8 * cell)
    if size < _SMALLEST:
        return False
    for (row, column), count in np.ndenumerate(counts):
        ground = theme.between if row == column else shades(errors[row, column] / (1.35 * max(1, errors.max())))
        if count:
            ax.text(column, row, f"{count}", ha="center", va="center", size=size, color=theme.on(ground))
    beside: dict[str, Any] = {"ha": "left", "va": "center", "size": size, "color": theme.text}
    foot = (len(counts) - 0.3, len(counts) - 0.5)
    ax.annotate("wrong", foot, (0, -4), textcoords="offset points", annotation_clip=False, **{**beside, "va": "top"})
    for label, (wrong, of) in enumerate(zip(errors.sum(axis=1), counts.sum(axis=1), strict=True)):
        ax.text(len(counts) - 0.3, label, drawing.literal(f"{100 * wrong / of:.1f} %") if of else "none", **beside)
    return True


@draws
def plot_rejection(
    scores: Array | Mapping[str, Array],
    labels: Array,
    *,
    paper: float | None = None,
    error: float = 0.01,
    ax: OnAxes = None,
) -> Picture:
    """Draw the error of the accepted patterns against the share that is rejected, doubtful ones first.

    A dot marks the point where the error of the rest is at most `error`, as `measure.rejection` finds it.

    Neural Computation 1(4), 1989, rejects 12.1 % of the test set for 1 % error on the rest.

    Parameters
    ----------
    scores : ndarray of float, shape (n, classes), or dict of such by name
        The scores of one net, or of up to four nets by their names; the largest score is the answer.
    labels : ndarray of int, shape (n,)
    paper : float, optional
        The share that the paper rejects for that error, 0 to 1: 0.121 for the zip-code net.
    error : float
        The error of the rest that is wanted, 0 to 1.
    """
    nets = dict(scores) if isinstance(scores, Mapping) else {"": scores}
    if not 0 < len(nets) <= len(_DASHES):
        raise ValueError(f"scores must be of one to {len(_DASHES)} nets, not of {len(nets)}")
    for one in nets.values():
        measure.rejection(one, labels, error)  # for its checks, before there is a figure
    check_share(paper, "paper")
    picture = on_axes(ax, 5.2, 3.6)
    draw_rejection(picture.ax, nets, labels, paper, error)
    return finish(picture)


def check_share(share: float | None, name: str) -> None:
    """Refuse a share that is not from 0 to 1."""
    if share is not None and not 0 <= real(share, name) <= 1:
        raise ValueError(f"{name} must be a share from 0 to 1, not {share}")


def draw_rejection(
    ax: Axes, nets: Mapping[str, Array], labels: Array, paper: float | None = None, error: float = 0.01
) -> None:
    """A curve for each net, and the marks."""
    theme, most = drawing.style_axes(ax), paper or 0
    tones = (theme.ink, theme.pale, theme.toned(8), theme.pale)
    for (name, one), tone, dashes in zip(nets.items(), tones, _DASHES, strict=False):
        share, rest = measure.rejection_curve(one, labels)
        mark = measure.rejection(one, labels, error)
        most = max(most, mark.share)
        said = f"{drawing.legend_name(name) + ': ' if name else ''}{100 * mark.share:.1f} % rejected"
        ax.plot(100 * share, 100 * rest, color=tone, linestyle=dashes, drawstyle="steps-post", label=said)
        ax.plot(100 * mark.share, 100 * mark.error, "o", color=tone, markersize=MARKS["mark"], label="_" + said)
    if paper is not None:
        ax.plot(100 * paper, 100 * error, label=f"paper: {100 * paper:.1f} %", **theme.paper_mark())
    style: dict[str, Any] = {"color": theme.pale, "linewidth": LINES["thin"], "linestyle": "--"}
    ax.axhline(100 * error, label=f"{100 * error:g} % error", **style)
    ax.set_xlim(-0.5, min(100, max(10, 250 * most)))
    ax.set_ylim(bottom=0)
    drawing.label_axes(ax, "rejected, %", "error of the rest, %")
    drawing.legend(ax)


@draws
def plot_mistakes(
    net: Net, X: Array, y: Array, *, most: int = 24, cmap: Shades = None, figure: InFigure = None
) -> Picture:
    """Draw the misclassified images, the surest mistakes first: each with its class, the net's answer and the outputs.

    Below an image are its two strongest outputs with their classes, and the output of its true class. For an RBF layer
    they are distances, of which the smallest wins.

    Parameters
    ----------
    net : Net
    X : ndarray of float, shape (n, height, width)
        Images.
    y : ndarray of int, shape (n,)
        The labels of these images.
    most : int
        The number of mistakes that are shown, if there are so many.
    cmap : str or matplotlib.colors.Colormap, optional
        Shades of the images; gray, or the style's ``image.cmap``, by default.
    """
    found = mistakes(net, X, y)
    shown = found[: whole(most, "most", least=1)]
    across = max(1, min(_ACROSS, len(shown)))
    rows = max(1, -(-len(shown) // across))
    picture = in_figure(figure, max(4.0, 1.18 * across), 1.62 * rows + 0.5)
    draw_mistakes(picture.sheet, net, X, y, shown, across, cmap)
    said = f"{len(found):,}" if len(found) else "none"
    said += f" of {len(y):,} misclassified"
    said += f"; the {len(shown)} surest mistakes" if len(shown) < len(found) else ""
    drawing.figure_title(picture.sheet, f"{net.name}: {said}")
    return finish(picture, settled=False)


def mistakes(net: Net, X: Array, y: Array) -> Array:
    """Indices of the misclassified images, those first whose two largest scores differ most; int64."""
    y = np.asarray(y)
    if y.ndim != 1 or np.ndim(X) != (3 if net.input.maps == 1 else 4):
        raise ValueError(f"there must be several images and one label for each, not {np.shape(X)} and {y.shape}")
    if net.outputs < 2:
        raise ValueError(f"{net.name} has a single output: it makes no mistakes of class")
    evaluate(net, X, y)  # for its checks
    scores = net.cost.scores(net(X))
    best, second = -np.sort(-scores, axis=1)[:, :2].T
    wrong = np.flatnonzero(scores.argmax(axis=1) != y)
    return wrong[np.argsort((second - best)[wrong], kind="stable")]


def draw_mistakes(figure: Sheet, net: Net, X: Array, y: Array, shown: Array, across: int, cmap: Shades = None) -> None:
    """The images, row by row; above each its class and the answer, below it the outputs that decided."""
    from matplotlib.ticker import Formatter

    axes = figure.subplots(max(1, -(-len(shown) // across)), across, squeeze=False).ravel()
    theme = of_figure(figure)
    for ax in axes:
        ax.set_axis_off()
    if not len(shown):
        axes[0].text(0.5, 0.5, "nothing to show", size=theme.label, color=theme.on(theme.paper), ha="center")
        return
    for ax, i, outputs in zip(axes, shown, net(np.asarray(X)[shown]), strict=False):
        ax.set_axis_on()
        drawing.show_image(ax, X[i], cmap)
        inches, label = 0.86 * of_axes(ax).inches[0], int(y[i])
        first, second = (int(one) for one in np.argsort(-net.cost.scores(outputs), kind="stable")[:2])
        words = f"{label} read as {first}"
        ax.set_title(words, size=drawing.in_one_line(words, theme.label, inches), pad=3)
        why = Formatter.fix_minus(f"{first}: {outputs[first]:.2f}  {second}: {outputs[second]:.2f}")
        true = Formatter.fix_minus("" if label == second else f"\ntrue {label}: {outputs[label]:.2f}")
        ax.set_xlabel(why + true, size=drawing.in_one_line(why, theme.small, inches), labelpad=2)
