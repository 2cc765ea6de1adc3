"""Parts that several pictures share: mosaics of tiles, bars of shades, words that fit, quiet axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .theme import LINES, Array, Axes, Limit, Shades, Sheet, Theme, limit_of, of_axes, of_figure

if TYPE_CHECKING:
    from matplotlib.artist import Artist

    from ..net import Net

DASHES = ("-", "--", ":", "-.")
GAP = 1  # units between two tiles
LONGEST = 16  # letters of a name beside a row
LINES_OF_TITLE = 3
_TEX = {one: rf"\{one}" for one in "$%#&_{}"} | {
    one: rf"\text{name}{{}}" for one, name in {"\\": "backslash", "~": "asciitilde", "^": "asciicircum"}.items()
}
_LONG = 4  # the width of a picture of one image by its height, at most
_ONE_COLUMN, _LEGEND = 6, 0.5  # names in one column; the part of the height of axes that a legend takes at most


# -- Tiles -----------------------------------------------------------------------------------------------------------


def mosaic(tiles: Array) -> Array:
    """Tiles (rows, columns, height, width) in one image, NaN between them and where they are NaN."""
    rows, columns, height, width = tiles.shape
    image = np.full((rows, height + GAP, columns, width + GAP), np.nan, np.float32)
    image[:, :height, :, :width] = tiles.transpose(0, 2, 1, 3)
    return image.reshape(rows * (height + GAP), -1)[:-GAP, :-GAP]


def tiled(images: Array, columns: int) -> Array:
    """Images (n, height, width) as tiles, at most so many in a row, NaN where the last row is not full."""
    columns = min(columns, len(images))
    tiles = np.full((-(-len(images) // columns) * columns, *images.shape[1:]), np.nan, np.float32)
    tiles[: len(images)] = images
    return tiles.reshape(-1, columns, *images.shape[1:])


def ratio(tiles: Array) -> float:
    """Height of a mosaic by its width."""
    rows, columns, height, width = tiles.shape
    return float(rows * (height + GAP)) / float(columns * (width + GAP))


def show(ax: Axes, tiles: Array, limit: Limit = None, cmap: Shades = None, numbered: bool = True) -> Any:
    """Draw a mosaic, black for -limit and white for limit; labels count the tiles, as many as there is room for."""
    theme, rows, columns = of_axes(ax), *tiles.shape[:2]
    most = limit_of(limit, tiles)
    shown = ax.imshow(mosaic(tiles), cmap=theme.shades(cmap), vmin=-most, vmax=most, interpolation="nearest")
    ax.grid(False)
    for axis, count, size in ((ax.xaxis, columns, tiles.shape[3]), (ax.yaxis, rows, tiles.shape[2])):
        number_ticks(axis, count if numbered else 0, size + GAP, (size - 1) / 2)
    ax.tick_params(length=0, labelsize=theme.tick)
    ax.spines[:].set(visible=True, color=theme.between, linewidth=LINES["thick"])  # white units on white paper
    return shown


def show_image(ax: Axes, image: Array, cmap: Shades = None) -> Any:
    """Draw one image, its own smallest value black, its largest white, without ticks; its planes are side by side.

    A signal of one row is drawn higher than it is, because nobody would see it.
    """
    tiles = np.asarray(image)
    tiles = tiles[(None,) * (4 - tiles.ndim)]
    shown = show(ax, tiles, cmap=cmap, numbered=False)
    height, width = shown.get_array().shape
    if width > _LONG * height:
        ax.set_aspect(width / (_LONG * height))
    shown.set_clim(float(tiles.min()), float(tiles.max()))
    ax.spines[:].set_visible(False)
    return shown


def strike_out(ax: Axes, deleted: Array) -> None:
    """Strike out the places of a mosaic of tiles, (rows, columns, height, width), where `deleted` is true."""
    from matplotlib.collections import LineCollection

    row, column, i, j = np.nonzero(deleted)
    x, y = column * (deleted.shape[3] + GAP) + j, row * (deleted.shape[2] + GAP) + i
    strokes = np.stack([np.stack([x - 0.4, y + 0.4], -1), np.stack([x + 0.4, y - 0.4], -1)], 1)
    if len(strokes):
        ax.add_collection(LineCollection(list(strokes), colors=of_axes(ax).accent, linewidths=LINES["thin"]))


# -- Figures along axes ----------------------------------------------------------------------------------------------


def ticks(places: Callable[[Any], Any]) -> Any:
    """Ticks at the places that a function finds for an axis, each time that the axis is drawn."""
    from matplotlib.ticker import Locator

    class Places(Locator):
        def __call__(self) -> Any:
            return places(self.axis)

        def tick_values(self, vmin: float, vmax: float) -> Any:
            return self()

    return Places()


def number_ticks(axis: Any, count: int, step: float = 1, first: float = 0) -> None:
    """Number things along an axis from 0: all, or every 2nd, 5th, 10th, as there is room when it is drawn."""
    from matplotlib.ticker import FuncFormatter

    def places(axis: Any) -> Array:
        room = max(1, axis.get_tick_space())
        every = next(n * 10**k for k in range(9) for n in (1, 2, 5) if count <= room * n * 10**k)
        return first + step * np.arange(0, count, every)

    axis.set_major_locator(ticks(places))
    axis.set_major_formatter(FuncFormatter(lambda place, _: f"{(place - first) / step:.0f}"))


# -- Bars of shades --------------------------------------------------------------------------------------------------


def colorbar_beside(ax: Axes, image: Any, label: str, marks: Sequence[float] | None = None) -> None:
    """A thin bar of shades beside a picture, as high as it, with figures at its ends and middle, or at the marks."""
    from matplotlib.ticker import Formatter

    theme = of_axes(ax)
    width, height = theme.inches
    rows, columns = image.get_array().shape
    wide = min(0.8 * width, 0.7 * height * columns / rows)  # inches of the picture, about
    beside = ax.inset_axes((1 + 0.08 / wide, 0, 0.11 / wide, 1))
    high = wide * rows / columns > theme.label * len(label) * 0.7 / 72
    if high:
        _colorbar(ax.figure, theme, image, label, marks, cax=beside)
    else:  # then there is no room beside it, but below
        _colorbar(ax.figure, theme, image, "", [], cax=beside)
        low, most = image.get_clim()
        ends = Formatter.fix_minus(f"{low:.2g}\nto {most:.2g}")
        beside.set_xlabel(f"{label}\n{ends}", size=theme.tick, loc="left")


def shared_colorbar(figure: Sheet, image: Any, axes: Any, label: str) -> None:
    """One bar of shades for several axes."""
    _colorbar(figure, of_figure(figure), image, label, ax=list(np.ravel(axes)), fraction=0.02, pad=0.02, aspect=30,
         panchor=False)  # fmt: skip


def _colorbar(
    figure: Any, theme: Theme, image: Any, label: str, marks: Sequence[float] | None = None, **where: Any
) -> None:
    """A bar of shades with its name and small figures; it is pointed where there is more than it shows."""
    low, high = image.get_clim()
    values, rim = image.get_array(), 1e-6 * (high - low)
    below, above = bool((values < low - rim).any()), bool((values > high + rim).any())
    extend = "both" if below and above else "min" if below else "max" if above else "neither"
    places, form = ticks(_ends) if marks is None else marks, "{x:.2g}" if high < 100 > -low else "{x:.0f}"
    bar = figure.colorbar(image, format=form, extend=extend, ticks=places, **where)
    bar.ax.tick_params(labelsize=theme.tick)
    bar.outline.set(color=theme.light, linewidth=LINES["hair"])
    bar.set_label(label, size=theme.label)


def _ends(axis: Any) -> Array:
    """Both ends of an axis and its middle, or the ends alone, as there is room."""
    low, high = sorted(axis.get_view_interval())
    return np.linspace(low, high, 3 if axis.get_tick_space() >= 2 else 2)


# -- Words -----------------------------------------------------------------------------------------------------------


def title(ax: Axes, words: str, where: str = "center") -> None:
    """A title in lines and a size that fit above the axes, on a fifth of their height."""
    theme = of_axes(ax)
    lines = int(0.2 * 72 * theme.inches[1] / theme.title)
    words, size = fitted(words, theme.title, 0.74 * theme.inches[0], min(max(1, lines), LINES_OF_TITLE))
    ax.set_title(literal(words), size=size, loc=where, pad=4 + 0.6 * theme.tick)  # type: ignore[arg-type]


def figure_title(figure: Sheet, words: str) -> None:
    """A title over a figure in lines and a size that fit."""
    theme = of_figure(figure)
    words, size = fitted(words, 1.1 * theme.title, 0.95 * theme.inches[0])
    figure.suptitle(literal(words), size=size)


def label_axes(ax: Axes, x: str = "", y: str = "") -> None:
    """Name the axes, in lines that fit; an axis keeps its name if the new one is empty."""
    theme = of_axes(ax)
    for words, setter, inches in ((x, ax.set_xlabel, theme.inches[0]), (y, ax.set_ylabel, theme.inches[1])):
        if words:
            lines, size = fitted(words, theme.label, 0.9 * inches)
            setter(literal(lines), size=size)


def label_row(ax: Axes, words: str) -> None:
    """The name of a row of pictures, on its left; long names are cut."""
    theme, lines = of_figure(ax.figure), [short(line) for line in words.split("\n")]
    left = max(0.3, 1 - 5 * theme.base / 72 / theme.inches[1])  # beside what titles and figures take of the height
    size = min(theme.label, 0.62 * 72 * left * of_axes(ax).inches[1] / len(lines))
    ax.set_ylabel(literal("\n".join(lines)), rotation=0, ha="right", va="center", size=size)


def literal(words: str) -> str:
    """Words as they are written: matplotlib would take a name with dollars for a formula, and TeX for commands."""
    import matplotlib

    if matplotlib.rcParams["text.usetex"]:
        return "".join(_TEX.get(one, one) for one in words)
    return words.replace("$", r"\$")


def legend_name(name: str) -> str:
    """A name that fits in a legend, which leaves out those that begin with an underscore."""
    return short(f" {name}" if name.startswith("_") else name)


def short(name: str, most: int = LONGEST) -> str:
    """A name that fits beside something: its middle is left out if it is long."""
    return name if len(name) <= most else f"{name[: most // 2]}…{name[-(most - most // 2 - 1) :]}"


def fitted(words: str, size: float, inches: float, most: int = LINES_OF_TITLE) -> tuple[str, float]:
    """Words in so many lines of so many inches at most, and their size: smaller, if they are many, cut if too many."""
    import textwrap

    for share in (1.0, 0.9, 0.8, 0.7):
        letters = max(6, int(0.95 * inches * 72 * max(1, len(words)) / max(1.0, _width(words, share * size))))
        lines = [piece for line in words.split("\n") for piece in textwrap.wrap(line, letters) or [""]]
        if len(lines) <= most and (share <= 0.8 or all(len(one) <= letters for one in words.split())):
            return "\n".join(lines), share * size
    return "\n".join([*lines[: most - 1], short(" ".join(lines[most - 1 :]), letters)]), share * size


def in_one_line(words: str, size: float, inches: float) -> float:
    """The size that words may have to fit in one line."""
    return size * min(1.0, inches * 72 / _width(words, size))


def _width(words: str, size: float) -> float:
    """Points that words take in the style's font, in one line."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    plain = words.replace("\n", " ")
    return float(text_to_path.get_text_width_height_descent(plain, FontProperties(size=size), ismath=False)[0])


# -- Axes ------------------------------------------------------------------------------------------------------------


def style_axes(ax: Axes, grid: bool = True) -> Theme:
    """Axes for curves: no frame on top and on the right, small type, a faint grid."""
    theme = of_axes(ax)
    ax.tick_params(labelsize=theme.tick)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(False, which="both")
    if grid:
        ax.set_axisbelow(True)
        ax.grid(True, which="both", color=theme.faint, linewidth=LINES["thin"])
    return theme


def legend(ax: Axes, where: Any = "best", keys: Mapping[str, Artist] | None = None) -> None:
    """A legend of these keys by their names, or of everything in the axes that has a label: frameless, in small type.

    Its names are cut to fit; many stand in two columns.
    """
    theme = of_axes(ax)
    width, height = theme.inches
    handles, labels = ax.get_legend_handles_labels() if keys is None else (list(keys.values()), list(keys))
    columns = 1 if len(labels) <= _ONE_COLUMN else 2
    names = [literal(fitted(one, theme.tick, 0.5 * width / columns)[0]) for one in labels]
    lines = sum(one.count("\n") + 1 for one in names) / columns
    size = min(theme.tick, 6 * height, _LEGEND * 72 * height / max(1.0, 1.6 * lines))
    ink = theme.on(theme.paper)
    ax.legend(handles, names, frameon=False, fontsize=size, ncols=columns, loc=where, labelcolor=ink)


def legend_below(sheet: Sheet, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    """A legend below all axes of a figure or part of one, in as many columns as there is room for."""
    theme = of_figure(sheet)
    width, height = theme.inches
    size = min(theme.tick, 3.6 * height)
    wide = 0.55 * size * (6 + max(map(len, labels)))  # points of the longest name, after its line
    names, columns = [literal(one) for one in labels], min(len(labels), max(1, int(72 * width / wide)))
    sheet.legend(handles, names, loc="outside lower center", frameon=False, fontsize=size, labelcolor=theme.text,
                 ncols=columns)  # fmt: skip


# -- Nets ------------------------------------------------------------------------------------------------------------


def layer_below(net: Net, layer: str) -> str:
    """The name of the layer below."""
    names = [one.name for one in net]
    return names[names.index(layer) - 1]


def by_pass(vectors: Any, net: Net, what: str) -> dict[int, Array]:
    """Vectors of all parameters by pass, such as `Snapshots` keeps, if they are of this net."""
    if not isinstance(vectors, Mapping) or not vectors:
        raise TypeError(f"{what} must be a dict of vectors by pass, such as Snapshots().{what}, with one at least")
    found = {passes: np.asarray(one) for passes, one in vectors.items()}
    for passes, one in found.items():
        if one.shape != net.parameters.shape:
            raise ValueError(f"{what} of pass {passes} must have shape {net.parameters.shape}, not {one.shape}")
    return found
