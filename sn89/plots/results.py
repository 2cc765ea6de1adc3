"""How well a net does: what it confuses, and what it must reject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import measure
from ..arguments import real
from .drawing import bar_beside, count_along, entry, legend, literal, name_axes, quiet, title
from .figures import Picture, finish, on_axes
from .theme import LINES, MARKS, Array, of_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DASHES = ("-", "-", "--", ":")
_CELL = 0.44  # inches
_SMALLEST = 4.5  # points that a count must have to be written


def plot_confusion(labels: Array, predicted: Array, *, classes: int = 10, ax: Axes | None = None) -> Picture:
    """The confusion matrix: how often a digit of one class, a row, was read as another, a column.

    Errors are shaded by their number. The diagonal, with hundreds of right answers, is set apart and has no shade; on
    the right is each class's own error. Blank places never happened. Where there is no room for figures, a bar says
    what the shades stand for.

    Parameters
    ----------
    labels, predicted : ndarray of int, shape (n,)
        What the patterns are, and what they were taken for.
    classes : int
        How many there are.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError, ValueError
        If the two have different lengths, or hold something else than 0 to classes - 1.
    """
    counts = measure.confusion(labels, predicted, classes)
    if not counts.any():
        raise ValueError("there are no labels: nothing to show")
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
    count_along(ax.xaxis, classes)
    count_along(ax.yaxis, classes)
    ax.tick_params(length=0, labelsize=theme.tick)
    ax.spines[:].set(visible=True, color=theme.light, linewidth=LINES["hair"])
    name_axes(ax, "read as; blank: never" if (counts == 0).any() else "read as", "is a")
    wrong, total = errors.sum(), counts.sum()
    title(ax, f"{wrong:,} of {total:,} misclassified ({100 * wrong / total:.2f} %)")
    if not _write_counts(ax, counts, errors):
        bar_beside(ax, shown, "errors", [0, errors.max()])


def _write_counts(ax: Axes, counts: Array, errors: Array) -> bool:
    """Every count that is not 0 in its place, and on the right the error of each class; whether there is room."""
    theme = of_axes(ax)
    width, height = theme.inches
    cell = 72 * min(0.66 * width, height - 4.5 * theme.label / 72) / len(counts)  # points, about
    size = min(theme.tick, 1.45 * cell / max(2, len(str(counts.max()))), 0.8 * cell)
    if size < _SMALLEST:
        return False
    shades = theme.counts()
    for (row, column), count in np.ndenumerate(counts):
        ground = theme.between if row == column else shades(errors[row, column] / (1.35 * max(1, errors.max())))
        if count:
            ax.text(column, row, f"{count}", ha="center", va="center", size=size, color=theme.on(ground))
    beside: dict[str, Any] = {"ha": "left", "va": "center", "size": size, "color": theme.text}
    foot = (len(counts) - 0.3, len(counts) - 0.5)
    ax.annotate("wrong", foot, (0, -4), textcoords="offset points", annotation_clip=False, **{**beside, "va": "top"})
    for label, (wrong, of) in enumerate(zip(errors.sum(axis=1), counts.sum(axis=1), strict=True)):
        ax.text(len(counts) - 0.3, label, literal(f"{100 * wrong / of:.1f} %") if of else "none", **beside)
    return True


def plot_rejection(
    scores: Array | Mapping[str, Array],
    labels: Array,
    *,
    paper: float | None = None,
    error: float = 0.01,
    ax: Axes | None = None,
) -> Picture:
    """The error of the accepted patterns against the share that is rejected, doubtful ones first.

    The point where the error of the rest is at most `error` is marked, as `measure.rejection` finds it.

    Parameters
    ----------
    scores : ndarray of float, shape (n, classes), or dict of such by name
        Of one net, or of up to four by their names; the largest score is the answer.
    labels : ndarray of int, shape (n,)
    paper : float, optional
        The share that the paper rejects for that error, 0 to 1: 0.121 for the zip-code net.
    error : float
        The error of the rest that is wanted, 0 to 1.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError, ValueError
        If scores and labels do not fit, or there are more than four nets.

    Notes
    -----
    Neural Computation 1(4), 1989, rejects 12.1 % of the test set for 1 % error on the rest.
    """
    nets = _checked(scores, labels, paper, error)
    picture = on_axes(ax, 5.2, 3.6)
    draw_rejection(picture.ax, nets, labels, paper, error)
    return finish(picture)


def _checked(scores: Any, labels: Array, paper: float | None, error: float) -> dict[str, Array]:
    """The scores by the names of the nets, if all of it can be drawn."""
    nets = dict(scores) if isinstance(scores, Mapping) else {"": scores}
    if not 0 < len(nets) <= len(_DASHES):
        raise ValueError(f"there must be one to {len(_DASHES)} nets, not {len(nets)}")
    for one in nets.values():
        measure.rejection(one, labels, error)
    if paper is not None and not 0 <= real(paper, "paper") <= 1:
        raise ValueError(f"paper must be a share from 0 to 1, not {paper}")
    return nets


def draw_rejection(
    ax: Axes, nets: Mapping[str, Array], labels: Array, paper: float | None = None, error: float = 0.01
) -> None:
    """A curve for each net, and the marks."""
    theme, found = quiet(ax), {name: measure.rejection(one, labels, error) for name, one in nets.items()}
    for (name, one), tone, dashes in zip(
        nets.items(), (theme.ink, theme.pale, theme.toned(8), theme.pale), _DASHES, strict=False
    ):
        share, rest = measure.rejection_curve(one, labels)
        mark = found[name]
        said = f"{entry(name) + ': ' if name else ''}{100 * mark.share:.1f} % rejected"
        ax.plot(100 * share, 100 * rest, color=tone, linestyle=dashes, drawstyle="steps-post", label=said)
        ax.plot(100 * mark.share, 100 * mark.error, "o", color=tone, markersize=MARKS["mark"], label="_" + said)
    if paper is not None:
        ax.plot(100 * paper, 100 * error, label=f"paper: {100 * paper:.1f} %", **theme.paper_mark())
    style: dict[str, Any] = {"color": theme.pale, "linewidth": LINES["thin"], "linestyle": "--"}
    ax.axhline(100 * error, label=f"{100 * error:g} % error", **style)
    most = max([paper or 0, *(one.share for one in found.values())])
    ax.set_xlim(-0.5, min(100, max(10, 250 * most)))
    ax.set_ylim(bottom=0)
    name_axes(ax, "rejected, %", "error of the rest, %")
    legend(ax)
