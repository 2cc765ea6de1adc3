"""The digits that a net gets wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..arguments import whole
from ..net import Net
from ..training import evaluate
from .drawing import headline, in_one_line, show_image
from .figures import Picture, finish, in_figure
from .theme import Array, Shades, Sheet, of_axes, of_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ACROSS = 8


def plot_mistakes(
    net: Net, X: Array, y: Array, *, most: int = 24, cmap: Shades = None, figure: Sheet | None = None
) -> Picture:
    """A gallery of misclassified images, the surest mistakes first: what each is, what it was taken for, and why.

    Below an image are its two strongest outputs with their classes, and the output of its true class; for an RBF layer,
    distances, of which the smallest wins.

    Parameters
    ----------
    net : Net
    X : ndarray of float, shape (n, height, width)
        Images.
    y : ndarray of int, shape (n,)
        Their labels.
    most : int
        How many mistakes to show, if there are so many.
    cmap : str or matplotlib.colors.Colormap, optional
        Shades of the images; gray, or the style's ``image.cmap``, by default.
    figure : matplotlib.figure.Figure or SubFigure, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError, ValueError
        If images and labels do not fit the net or each other.
    """
    most = whole(most, "most", least=1)
    found = mistakes(net, X, y)
    across = max(1, min(_ACROSS, len(found), most))
    rows = max(1, -(-min(most, len(found)) // across))
    picture = in_figure(figure, max(4.0, 1.18 * across), 1.62 * rows + 0.5)
    draw_mistakes(picture.sheet, net, X, y, found[:most], across, cmap)
    headline(picture.sheet, f"{net.name}: {_said(len(found), min(most, len(found)), len(y))}")
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
    top = -np.sort(-scores, axis=1)[:, :2]
    wrong = np.flatnonzero(scores.argmax(axis=1) != y)
    return wrong[np.argsort(-(top[:, 0] - top[:, 1])[wrong], kind="stable")]


def draw_mistakes(figure: Sheet, net: Net, X: Array, y: Array, shown: Array, across: int, cmap: Shades = None) -> None:
    """The images, row by row."""
    axes = figure.subplots(max(1, -(-len(shown) // across)), across, squeeze=False).ravel()
    for ax in axes:
        ax.set_axis_off()
    if not len(shown):
        theme = of_figure(figure)
        axes[0].text(0.5, 0.5, "nothing to show", size=theme.label, color=theme.on(theme.paper), ha="center")
        return
    for ax, i, outputs in zip(axes, shown, net(np.asarray(X)[shown]), strict=False):
        ax.set_axis_on()
        show_image(ax, X[i], cmap)
        _say_why(ax, net, outputs, int(y[i]))


def _say_why(ax: Axes, net: Net, outputs: Array, label: int) -> None:
    """What it is and what it was taken for above, the outputs that decided below."""
    theme, inches = of_figure(ax.figure), 0.86 * of_axes(ax).inches[0]
    first, second = (int(one) for one in np.argsort(-net.cost.scores(outputs), kind="stable")[:2])
    words = f"{label} read as {first}"
    ax.set_title(words, size=in_one_line(words, theme.label, inches), pad=3)
    why = f"{first}: {outputs[first]:.2f}  {second}: {outputs[second]:.2f}"
    size = in_one_line(why, theme.small, inches)
    ax.set_xlabel(why + ("" if label == second else f"\ntrue {label}: {outputs[label]:.2f}"), size=size, labelpad=2)


def _said(wrong: int, shown: int, total: int) -> str:
    if not wrong:
        return f"none of {total:,} is misclassified"
    return f"{wrong:,} of {total:,} misclassified" + ("" if shown == wrong else f"; the {shown} surest mistakes")
