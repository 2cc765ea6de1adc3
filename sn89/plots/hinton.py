"""Hinton diagrams, as SN drew weights: white and black squares on gray, their area the magnitude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .drawing import Array, largest, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GROUND = "0.6"
_FULL = 0.92  # side of the largest square: neighbours must not touch


def plot_hinton(weights: Any, *, ax: Axes | None = None) -> Axes:
    """A Hinton diagram: a square for each weight, white if positive, black if negative, its area the magnitude.

    Parameters
    ----------
    weights : array_like, shape (columns,) or (rows, columns)
        Such as ``net["output"].weights``, or one kernel. The largest magnitude fills its place.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If the weights are not finite numbers in one or two dimensions.

    Notes
    -----
    Rumelhart, Hinton and Williams, Nature 323, 533-536, 1986, figure 4.
    """
    from matplotlib.collections import PolyCollection
    from matplotlib.ticker import MaxNLocator, NullLocator

    values = _checked(weights)
    rows, columns = values.shape
    width = min(9.0, max(2.0, 0.3 * columns))
    ax = new_axes(ax, width + 0.4, width * rows / columns + 0.5)
    for color, sign in (("white", 1), ("black", -1)):
        squares = _squares(sign * values / largest(values))
        ax.add_collection(PolyCollection(list(squares), facecolor=color, edgecolor="none", label=color))
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), aspect="equal", facecolor=_GROUND)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True) if rows > 1 else NullLocator())
    ax.tick_params(length=0, labelsize=7)
    ax.spines[:].set_visible(False)
    return ax


def _squares(values: Array) -> Array:
    """The corners (n, 4, 2) of a square for each positive value, of that area where 1 is the largest."""
    row, column = np.nonzero(values > 0)
    half = _FULL / 2 * np.sqrt(values[row, column])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    squares: Array = np.stack([column, row], axis=-1)[:, None] + half[:, None, None] * corners
    return squares


def _checked(weights: Any) -> Array:
    values = np.asarray(weights)
    if not (np.issubdtype(values.dtype, np.floating) or np.issubdtype(values.dtype, np.integer)):
        raise TypeError(f"weights must be numbers, not {values.dtype}")
    if values.ndim not in (1, 2) or not values.size:
        raise ValueError(f"weights must have shape (columns,) or (rows, columns), not {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("weights must be finite, not NaN or infinite")
    return np.atleast_2d(values).astype(np.float64)
