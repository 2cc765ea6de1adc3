"""The connection table as a picture, as the papers print it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..layers import Local
from ..net import Net
from .drawing import GRID, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_table(net: Net, layer: str, *, ax: Axes | None = None) -> Axes:
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
    matplotlib.axes.Axes

    Raises
    ------
    KeyError, ValueError
        If there is no such layer, or it has no table.

    Notes
    -----
    Table 1 of NIPS 2, 1989; table I of Proc. IEEE 86(11), 1998.
    """
    shown = net[layer]
    if not isinstance(shown.declaration, Local) or shown.table is None:
        raise ValueError(f'layer "{layer}" has no connection table: it must have local connections')
    maps, sources = shown.shape[0], shown.sources
    ax = new_axes(ax, 0.26 * maps + 0.9, 0.26 * sources + 1.2)
    for m, row in enumerate(shown.table):
        ax.plot([m] * len(row), row, "x", color="black", markersize=7, markeredgewidth=1.4)
    ax.set(xlim=(-0.5, maps - 0.5), ylim=(sources - 0.5, -0.5), aspect="equal")
    ax.set_xticks([m - 0.5 for m in range(1, maps)], minor=True)
    ax.set_yticks([s - 0.5 for s in range(1, sources)], minor=True)
    ax.set_xticks(range(maps))
    ax.set_yticks(range(sources))
    ax.grid(which="minor", color=GRID)
    ax.tick_params(which="both", length=0, labelsize=8)
    ax.tick_params(labelbottom=False, labeltop=True)
    ax.spines[:].set_color("0.7")
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(f"{layer} map", size=9)
    below = net[_below(net, layer)]
    ax.set_ylabel(f"{below.name} map", size=9)
    seen = sum(len(row) for row in shown.table)
    said = f"{seen} of {maps * sources} pairs of maps are connected"
    ax.annotate(said, (0.5, 0), (0, -6), "axes fraction", "offset points", ha="center", va="top", size=9)
    return ax


def _below(net: Net, layer: str) -> str:
    """The name of the layer below."""
    names = [one.name for one in net]
    return names[names.index(layer) - 1]
