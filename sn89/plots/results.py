"""How well a net does: what it confuses, and what it must reject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .. import measure
from ..arguments import real
from .drawing import BETWEEN, PALE, PAPER, Array, new_axes, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHADES = ("black", "0.6", "0.35", "0.75")
_DASHES = ("-", "-", "--", ":")


def plot_confusion(labels: Array, predicted: Array, *, classes: int = 10, ax: Axes | None = None) -> Axes:
    """The confusion matrix: how often a digit of one class, a row, was read as another, a column.

    Errors are shaded by their number. The diagonal, with hundreds of right answers, is set apart and has no shade; on
    the right is each class's own error.

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
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If the two have different lengths, or hold something else than 0 to classes - 1.
    """
    from matplotlib.colors import ListedColormap

    counts = measure.confusion(labels, predicted, classes)
    if not counts.any():
        raise ValueError("there are no labels: nothing to show")
    ax = new_axes(ax, 0.44 * classes + 1.4, 0.44 * classes + 1.0)
    diagonal = np.eye(classes, dtype=bool)
    errors = np.where(diagonal, 0, counts)
    ax.imshow(errors, cmap="gray_r", vmin=0, vmax=1.35 * max(1, errors.max()))
    ax.imshow(np.where(diagonal, 1.0, np.nan), cmap=ListedColormap([BETWEEN]))
    _write_counts(ax, counts, errors)
    ax.set_xticks(range(classes))
    ax.set_yticks(range(classes))
    ax.tick_params(length=0, labelsize=9)
    ax.spines[:].set_color("0.8")
    ax.set_xlabel("read as", size=9)
    ax.set_ylabel("is a", size=9)
    wrong, total = errors.sum(), counts.sum()
    ax.set_title(f"{wrong:,} of {total:,} misclassified ({100 * wrong / total:.2f} %)", size=10)
    return ax


def _write_counts(ax: Axes, counts: Array, errors: Array) -> None:
    """Every count that is not 0 in its place, and on the right the error of each class."""
    for (row, column), count in np.ndenumerate(counts):
        dark = errors[row, column] > 0.6 * errors.max()
        if count:
            ax.text(column, row, f"{count}", ha="center", va="center", size=8, color="white" if dark else "black")
    for label, (wrong, of) in enumerate(zip(errors.sum(axis=1), counts.sum(axis=1), strict=True)):
        share = f"{100 * wrong / of:.1f} %" if of else "-"
        ax.text(len(counts) - 0.2, label, share, ha="left", va="center", size=8, color=PALE)


def plot_rejection(
    scores: Array | Mapping[str, Array],
    labels: Array,
    *,
    paper: float | None = None,
    error: float = 0.01,
    ax: Axes | None = None,
) -> Axes:
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
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If scores and labels do not fit, or there are more than four nets.

    Notes
    -----
    Neural Computation 1(4), 1989, rejects 12.1 % of the test set for 1 % error on the rest.
    """
    nets = dict(scores) if isinstance(scores, Mapping) else {"": scores}
    if not 0 < len(nets) <= len(_SHADES):
        raise ValueError(f"there must be one to {len(_SHADES)} nets, not {len(nets)}")
    found = {name: measure.rejection(one, labels, error) for name, one in nets.items()}
    if paper is not None and not 0 <= real(paper, "paper") <= 1:
        raise ValueError(f"paper must be a share from 0 to 1, not {paper}")
    ax = new_axes(ax, 5.2, 3.6)
    for (name, one), color, dashes in zip(nets.items(), _SHADES, _DASHES, strict=False):
        share, rest = measure.rejection_curve(one, labels)
        mark = found[name]
        said = f"{name + ': ' if name else ''}{100 * mark.share:.1f} % rejected"
        ax.plot(100 * share, 100 * rest, color=color, linestyle=dashes, drawstyle="steps-post", label=said)
        ax.plot(100 * mark.share, 100 * mark.error, "o", color=color, markersize=6, label="_" + said)
    if paper is not None:
        ax.plot(100 * paper, 100 * error, label=f"paper: {100 * paper:.1f} %", **PAPER)
    ax.axhline(100 * error, color=PALE, linewidth=0.8, linestyle="--", label=f"{100 * error:g} % error")
    most = max([paper or 0, *(one.share for one in found.values())])
    ax.set_xlim(-0.5, min(100, max(10, 250 * most)))
    ax.set_ylim(bottom=0)
    ax.set_xlabel("rejected, %", size=9)
    ax.set_ylabel("error of the rest, %", size=9)
    ax.legend(frameon=False, fontsize=8)
    quiet(ax)
    return ax
