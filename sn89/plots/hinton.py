"""Hinton diagrams, as SN drew weights: white and black squares on gray, their area the magnitude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .drawing import count_along, name_axes
from .figures import Picture, finish, on_axes
from .theme import BLACK, MIDDLE, WHITE, Array, Limit, limit_of, of_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FULL = 0.92  # side of the largest square: neighbours must not touch


def plot_hinton(weights: Any, *, limit: Limit = None, ax: Axes | None = None) -> Picture:
    """A Hinton diagram: a square for each weight, white if positive, black if negative, its area the magnitude.

    Parameters
    ----------
    weights : array_like, shape (columns,) or (rows, columns)
        Such as ``net["output"].weights``, or one kernel.
    limit : float or str, optional
        The magnitude whose square fills its place: a number, or a percentile of the magnitudes such as "99%"; larger
        ones fill it too. The largest magnitude by default.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError, ValueError
        If the weights are not finite numbers in one or two dimensions.

    Notes
    -----
    Rumelhart, Hinton and Williams, Nature 323, 533-536, 1986, figure 4.
    """
    from matplotlib.collections import PolyCollection

    values = _checked(weights)
    most = limit_of(limit, values)
    rows, columns = values.shape
    width = min(9.0, max(2.4, 0.3 * columns), 9.0 * columns / rows)
    picture = on_axes(ax, max(2.4, width) + 0.4, width * rows / columns + 0.9)
    ax = picture.ax
    for color, sign in ((WHITE, 1), (BLACK, -1)):
        squares = _squares(np.clip(sign * values / most, 0, 1))
        name = "positive" if sign > 0 else "negative"
        ax.add_collection(PolyCollection(list(squares), facecolor=color, edgecolor="none", label=name))
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), aspect="equal", facecolor=MIDDLE)
    ax.grid(False)
    count_along(ax.xaxis, columns)
    count_along(ax.yaxis, rows if rows > 1 else 0)
    ax.tick_params(length=0, labelsize=of_axes(ax).tick)
    ax.spines[:].set_visible(False)
    key = f"white: positive, black: negative; a full square is {most:.2g}"
    name_axes(ax, f"column\n{key}", "row" if rows > 1 else "")
    return finish(picture)


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
