"""A line of digits, read by a net that is swept over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..net import Net
from ..replicate import scan, strides
from .drawing import count_along, headline, name_axes, show_image, whole_bar
from .figures import Picture, finish, in_figure
from .theme import LINES, Array, Shades, Sheet, Theme, of_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_sweep(net: Net, image: Array, *, cmap: Shades = None, figure: Sheet | None = None) -> Picture:
    """A line of digits as a net reads it that is swept along: the image, and below it every output at every place.

    A place is where the middle of the net stands. The best class of each place is written above the image, in bold
    where it wins clearly: by half of the widest margin on the line or more. Where the image is higher than the net, the
    row of places with the widest margin is shown.

    Parameters
    ----------
    net : Net
        Such as `sn89.nets.lenet1`; `sn89.scan` says which nets can be swept.
    image : ndarray of float, shape (height, width)
        As the net's own images, at least as large as its input.
    cmap : str or matplotlib.colors.Colormap, optional
        Shades of the image; gray, or the style's ``image.cmap``, by default.
    figure : matplotlib.figure.Figure or SubFigure, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError, ValueError
        If the net cannot be swept, or the image is smaller than its input.

    Notes
    -----
    Proc. IEEE 86(11), 1998, section VII: space displacement neural networks.
    """
    image = np.asarray(image)
    scores = scan(net, image)
    if len(scores) < 2:
        raise ValueError(f"{net.name} has a single output: there are no classes to read")
    top = np.sort(scores, axis=0)[-2:]
    row = int((top[1] - top[0]).max(axis=1).argmax())
    margins, best, heat = (top[1] - top[0])[row], scores[:, row].argmax(axis=0), scores[:, row]
    down, right = strides(net)
    places = net.input.width / 2 - 0.5 + right * np.arange(heat.shape[1])

    height, width = image.shape
    inches = min(12.0, max(5.0, 9.0 * width / 120))
    picture = in_figure(figure, inches, min(10.0, inches * 0.8 * height / width + 0.16 * len(heat) + 2.0))
    above, below = picture.sheet.subplots(
        2, 1, sharex=True, height_ratios=(inches * height / width, 0.16 * len(heat) + 0.6)
    )
    show_image(above, image, cmap)
    above.tick_params(labelbottom=False)
    above.set_aspect("auto")
    _write_answers(above, places, best, margins >= margins.max() / 2)
    shown = _draw_scores(below, heat, places, right)
    below.set_xlim(-0.5, width - 0.5)  # all of the image, though the net's middle does not get to its ends
    whole_bar(picture.sheet, shown, [above, below], "score")
    over = f", {down * row} rows from the top" if scores.shape[1] > 1 else ""
    headline(picture.sheet, f"{net.name}, swept along a line{over}")
    return finish(picture, settled=False)


def _write_answers(ax: Axes, places: Array, best: Array, sure: Array) -> None:
    """The best class above each place, as many as there is room for, the sure ones first."""
    theme = of_axes(ax)
    room = theme.tick / 72 * 1.1 / (0.8 * theme.inches[0]) * (ax.get_xlim()[1] - ax.get_xlim()[0])
    taken: list[float] = []
    for certain in (True, False):
        for place, name in zip(places[sure == certain], best[sure == certain], strict=True):
            if all(abs(place - one) >= room * len(str(name)) for one in taken):
                taken.append(place)
                _word(ax, theme, place, str(name), certain)


def _word(ax: Axes, theme: Theme, place: float, words: str, certain: bool) -> None:
    style: dict[str, Any] = {"color": theme.text, "weight": "bold"} if certain else {"color": theme.pale}
    ax.annotate(words, (place, 1), (0, 3), ("data", "axes fraction"), "offset points", ha="center", va="bottom",
                size=theme.tick, **style)  # fmt: skip


def _draw_scores(ax: Axes, heat: Array, places: Array, step: int) -> Any:
    """The scores of every class, a row each, at every place."""
    from matplotlib.ticker import MaxNLocator, ScalarFormatter

    theme, classes = of_axes(ax), len(heat)
    extent = (places[0] - step / 2, places[-1] + step / 2, classes - 0.5, -0.5)
    shown = ax.imshow(heat, cmap=theme.counts(), extent=extent, aspect="auto", interpolation="nearest")
    ax.grid(False)
    count_along(ax.yaxis, classes)
    ax.tick_params(labelsize=theme.tick, length=0)
    ax.tick_params(labelbottom=True)
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.spines[:].set(color=theme.light, linewidth=LINES["hair"])
    name_axes(ax, "column of the image", "class")
    return shown
