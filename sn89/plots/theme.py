"""The theme of all pictures: the only place where a colour, a size of type or a width of line is written.

It is read from matplotlib's rcParams, and from the axes drawn on, at the moment of drawing: a picture is legible on
white paper, on dark slides and under any style sheet. It is gray, as in the papers, unless the style says otherwise.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..arguments import positive

if TYPE_CHECKING:
    from matplotlib.axes import Axes as _Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure, SubFigure

Axes: TypeAlias = "_Axes"
Sheet: TypeAlias = "Figure | SubFigure"
OnAxes: TypeAlias = "_Axes | None"  # a new figure if None, and so with `InFigure`
InFigure: TypeAlias = "Figure | SubFigure | None"
Array = np.ndarray
Limit = float | str | None  # of shades: a magnitude, a percentile such as "99%", or the largest magnitude
Shades: TypeAlias = "str | Colormap | None"

VERMILION = "#d55e00"  # the colour-blind distinguish it from gray too
WHITE, BLACK = "#ffffff", "#000000"
TINTS = "#c8d6e8", "#33506f"  # between tiles on light and dark paper: no gray, which would look like a state
MIDDLE = "#8c8c8c"  # white and black squares both stand out on it, by 3.4 and 6.3 to 1
READABLE = 4.5  # contrast of text with its ground (WCAG 2, AA)
CROWDED = 4.2  # points of type for each inch that a picture is wide and high: no more is readable in it
LINES = {"hair": 0.6, "thin": 0.8, "line": 1.5, "thick": 2.0}  # points
MARKS = {"dot": 5.0, "mark": 6.0, "cross": 8.0}


def luminance(color: Any) -> float:
    """Relative luminance, 0 for black to 1 for white, as WCAG 2 defines it."""
    from matplotlib.colors import to_rgb

    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one: Any, other: Any) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@dataclass(frozen=True)
class Theme:
    """Colours, sizes of type in points, and shades for one picture."""

    inches: tuple[float, float]  # the room, width and height: type is never larger than it has room for
    paper: str  # the background of the axes
    ground: str  # that of the figure, behind titles and labels
    ink: str  # data: the style's colour of text, or black or white where that would not be seen
    text: str  # words outside of the axes
    between: str  # between tiles, and where there is nothing
    base: float  # the style's size of type, as far as there is room for it
    title: float
    label: float  # names of axes
    tick: float  # figures along axes, legends
    small: float  # figures in the picture

    @cached_property
    def accent(self) -> str:
        """The one colour: vermilion, or the first of the style's own cycle that is seen on its paper."""
        from matplotlib import rcParams, rcParamsDefault
        from matplotlib.colors import rgb_to_hsv, to_hex, to_rgb

        cycle = rcParams["axes.prop_cycle"].by_key().get("color", [])
        own = [] if cycle == rcParamsDefault["axes.prop_cycle"].by_key()["color"] else cycle
        seen = (to_hex(one) for one in own if contrast(one, self.paper) >= 3 and rgb_to_hsv(to_rgb(one))[1] > 0.3)
        return next(seen, VERMILION if contrast(VERMILION, self.paper) >= 3 else self.ink)

    @property
    def dark(self) -> bool:
        """Whether ink is lighter than paper."""
        return luminance(self.ink) > luminance(self.paper)

    @cached_property
    def pale(self) -> str:
        """A second line, which must still be seen."""
        return self.toned(3.6)

    @cached_property
    def light(self) -> str:
        """Areas beside which the ink stands out."""
        return self.toned(2.1)

    @cached_property
    def faint(self) -> str:
        """Grids, which must not be noticed: the style's, if it draws any."""
        from matplotlib import rcParams
        from matplotlib.colors import to_hex

        return to_hex(rcParams["grid.color"]) if rcParams["axes.grid"] else self.toned(1.2)

    def toned(self, ratio: float) -> str:
        """The mixture of ink and paper with that contrast to the paper."""
        from matplotlib.colors import to_hex, to_rgb

        ink, paper = np.array(to_rgb(self.ink)), np.array(to_rgb(self.paper))
        mixed = paper + np.linspace(0, 1, 256)[:, None] * (ink - paper)
        return to_hex(mixed[min(255, bisect_left(mixed, ratio, key=lambda one: contrast(one, paper)))])

    def on(self, shade: Any) -> str:
        """Ink or paper, whichever is better read on that shade."""
        return max(self.ink, self.paper, key=lambda color: contrast(color, shade))

    def shades(self, cmap: Shades = None) -> Colormap:
        """For weights and states, which have a sign: the colormap given, the style's, or gray; white is positive."""
        import matplotlib

        usual = matplotlib.rcParams["image.cmap"]
        gray = usual == matplotlib.rcParamsDefault["image.cmap"]
        try:
            found = matplotlib.colormaps.get_cmap(cmap if cmap is not None else "gray" if gray else usual)
        except (ValueError, TypeError):
            raise ValueError(
                f"cmap must be a colormap of matplotlib or its name, such as 'gray', not {cmap!r}"
            ) from None
        return found.with_extremes(bad=self.between)

    def counts(self) -> Colormap:
        """For counts: from paper, 0, to ink."""
        from matplotlib.colors import LinearSegmentedColormap

        return LinearSegmentedColormap.from_list("counts", [self.paper, self.ink]).with_extremes(bad=self.between)

    def paper_mark(self) -> dict[str, Any]:
        """The style of the mark of a paper's result."""
        return {"color": self.accent, "marker": "x", "markersize": MARKS["cross"], "markeredgewidth": LINES["thick"],
                "linestyle": "none", "zorder": 3}  # fmt: skip


def of_axes(ax: Axes) -> Theme:
    """The theme for axes, with the room of their place in the figure."""
    assert ax.figure is not None
    return _theme(ax.figure, ax.get_facecolor(), room(ax))


def of_figure(figure: Sheet) -> Theme:
    """The theme for words on a whole figure or part of one."""
    return _theme(figure, None, room(figure))


def _theme(figure: Any, paper: Any, inches: tuple[float, float]) -> Theme:
    """The style's colours and sizes for axes of this background, or of the style's, in a figure."""
    from matplotlib import rcParams

    style: Any = rcParams
    ground = _seen(figure.get_facecolor(), style["figure.facecolor"])
    paper = _seen(style["axes.facecolor"] if paper is None else paper, ground)
    ink, text = (legible(style["text.color"], behind) for behind in (paper, ground))
    base = float(max(4.0, min(style["font.size"], CROWDED * np.sqrt(max(0.1, inches[0] * inches[1])))))
    shares = {"axes.titlesize": 1.0, "axes.labelsize": 0.9, "xtick.labelsize": 0.8}
    title, label, tick = (  # a size that the style gives in points shrinks with its type
        share * base if isinstance(style[key], str) else float(style[key] * base / style["font.size"])
        for key, share in shares.items()
    )
    between = TINTS[luminance(ground) < 0.2]
    return Theme(inches, paper, ground, ink, text, between, base, title, label, tick, small=0.75 * base)


def room(where: Any) -> tuple[float, float]:
    """Inches that axes, with their labels, or a part of a figure can take."""
    dots = where.figure.dpi
    place = where.get_subplotspec() if hasattr(where, "get_subplotspec") else None
    if place is None:
        return float(where.bbox.width / dots), float(where.bbox.height / dots)
    grid, box = place.get_gridspec(), where.figure.bbox
    across, down = (
        sum(ratios[i] for i in span) / sum(ratios)  # the part of all columns or rows that the axes cover
        for ratios, span in ((grid.get_width_ratios(), place.colspan), (grid.get_height_ratios(), place.rowspan))
    )
    return float(box.width / dots * across), float(box.height / dots * down)


def limit_of(limit: Limit, *arrays: Array) -> float:
    """The magnitude that is white: as given, a percentile of the magnitudes, or the largest; 1 where all are 0."""
    if limit is not None and not isinstance(limit, str):
        return positive(limit, "limit")
    share = 100.0 if limit is None else _percentile(limit)
    magnitudes = np.abs(np.concatenate([np.ravel(one[np.isfinite(one)]) for one in arrays]))
    if not magnitudes.size:
        return 1.0
    return float(np.percentile(magnitudes, share)) or float(magnitudes.max()) or 1.0


def _percentile(limit: str) -> float:
    try:
        share = float(limit.removesuffix("%"))
    except ValueError:
        share = -1.0
    if not limit.endswith("%") or not 0 < share <= 100:
        raise ValueError(f"limit must be a positive number, or a percentile such as '99%', not {limit!r}")
    return share


def legible(color: Any, ground: Any) -> str:
    """The colour, or black or white where it would not be read on that ground."""
    from matplotlib.colors import to_hex

    if contrast(color, ground) >= READABLE:
        return to_hex(color)
    return max(BLACK, WHITE, key=lambda one: contrast(one, ground))


def _seen(color: Any, behind: Any) -> str:
    """The colour as it is seen over another, which counts as white where it is transparent itself."""
    from matplotlib.colors import to_hex, to_rgba

    *rgb, alpha = to_rgba(color)
    *under, opaque = to_rgba(behind)
    back = np.array(under) * opaque + (1 - opaque)
    mixed: Any = np.array(rgb) * alpha + back * (1 - alpha)
    return to_hex(mixed)
