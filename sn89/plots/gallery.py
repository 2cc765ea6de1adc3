"""The digits that a net gets wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..arguments import whole
from ..net import Net
from ..training import evaluate
from .drawing import Array, show_digit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .drawing import Sheet

_ACROSS = 8


def plot_mistakes(net: Net, X: Array, y: Array, *, most: int = 24) -> Figure:
    """A gallery of misclassified images, the surest mistakes first: what each is, what it was taken for, and why.

    Below an image are its two strongest outputs, with their classes; for an RBF layer, its two smallest distances.

    Parameters
    ----------
    net : Net
    X : ndarray of float, shape (n, height, width)
        Images.
    y : ndarray of int, shape (n,)
        Their labels.
    most : int
        How many mistakes to show, if there are so many.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If images and labels do not fit the net or each other.
    """
    import matplotlib.pyplot as plt

    most = whole(most, "most", least=1)
    found = mistakes(net, X, y)
    rows = max(1, -(-min(most, len(found)) // _ACROSS))
    figure = plt.figure(figsize=(9.4, 1.5 * rows + 0.5), layout="constrained")
    draw_mistakes(figure, net, X, y, found[:most], _ACROSS)
    figure.suptitle(f"{net.name}: {_said(len(found), min(most, len(found)), len(y))}", size=11)
    return figure


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


def draw_mistakes(figure: Sheet, net: Net, X: Array, y: Array, shown: Array, across: int) -> None:
    """The images, row by row."""
    axes = figure.subplots(max(1, -(-len(shown) // across)), across, squeeze=False).ravel()
    for ax in axes:
        ax.set_axis_off()
    if not len(shown):
        return
    for ax, i, outputs in zip(axes, shown, net(np.asarray(X)[shown]), strict=False):
        first, second = np.argsort(-net.cost.scores(outputs), kind="stable")[:2]
        ax.set_axis_on()
        show_digit(ax, X[i])
        ax.set_title(f"{y[i]} read as {first}", size=9, color="black", pad=3)
        ax.set_xlabel(f"{first}: {outputs[first]:.2f}   {second}: {outputs[second]:.2f}", size=7, labelpad=2)


def _said(wrong: int, shown: int, total: int) -> str:
    if not wrong:
        return f"none of {total:,} is misclassified"
    return f"{wrong:,} of {total:,} misclassified" + ("" if shown == wrong else f"; the {shown} surest mistakes")
