"""The connection table as a picture, as the papers print it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..layers import Local
from ..net import Net
from .drawing import count_along, fitted, name_axes, short
from .figures import Picture, finish, on_axes
from .kernels import below
from .theme import LINES, MARKS, of_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CELL = 0.26  # inches


def plot_table(net: Net, layer: str, *, ax: Axes | None = None) -> Picture:
    """Which source maps each map of a layer sees: a row for each source map, a column for each map, X where it does.

    Parameters
    ----------
    net : Net
    layer : str
        A layer with local connections.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    KeyError, TypeError, ValueError
        If there is no such layer, or it has no table.

    Notes
    -----
    Table 1 of NIPS 2, 1989; table I of Proc. IEEE 86(11), 1998.
    """
    shown = net[layer]
    if not isinstance(shown.declaration, Local) or shown.table is None:
        raise ValueError(f'layer "{layer}" has no connection table: it must have local connections')
    maps, sources = shown.shape[0], shown.sources
    cell = min(_CELL, 9.0 / maps, 9.0 / sources)
    picture = on_axes(ax, max(2.6, cell * maps + 0.9), cell * sources + 1.2)
    ax, theme = picture.ax, of_axes(picture.ax)
    room = 0.7 * min(theme.inches[0] / maps, 0.75 * theme.inches[1] / sources) * 72  # points of a cell, about
    size = min(MARKS["cross"], max(0.5, 0.6 * room))
    for m, row in enumerate(shown.table):
        ax.plot(
            [m] * len(row), row, "x", color=theme.ink, markersize=size, markeredgewidth=min(LINES["line"], size / 4)
        )
    ax.set(xlim=(-0.5, maps - 0.5), ylim=(sources - 0.5, -0.5), aspect="equal")
    ax.grid(False)
    if room > 4:
        style: dict[str, Any] = {"color": theme.faint, "linewidth": LINES["thin"], "zorder": 0}
        ax.vlines(np.arange(0.5, maps - 1), -0.5, sources - 0.5, **style)
        ax.hlines(np.arange(0.5, sources - 1), -0.5, maps - 0.5, **style)
    count_along(ax.xaxis, maps)
    count_along(ax.yaxis, sources)
    ax.tick_params(length=0, labelsize=theme.tick, labelbottom=False, labeltop=True)
    ax.spines[:].set(visible=True, color=theme.light, linewidth=LINES["thin"])
    ax.xaxis.set_label_position("top")
    name_axes(ax, f"map of {short(layer)}", f"map of {short(below(net, layer))}")
    seen = sum(len(row) for row in shown.table)
    words, size = fitted(f"X: connected, {seen} of {maps * sources} pairs of maps", theme.tick, theme.inches[0])
    ax.annotate(words, (0.5, 0), (0, -6), "axes fraction", "offset points", ha="center", va="top", size=size)
    return finish(picture)
