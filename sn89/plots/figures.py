"""The figures that pictures are drawn in, and the `Picture` that every plotting function returns.

A new figure is registered with pyplot once it is whole, so that ``plt.show()`` opens a window and ``plt.savefig()``
saves the last picture; a call that fails leaves nothing behind. Because pyplot keeps every figure that it knows, only
the last `KEPT` of ours stay registered. A figure that a notebook has shown as a result is taken out, because the
notebook would show it a second time.
"""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeVar

from ..atomic import write_whole
from ..docstrings import with_end
from ..keywords import in_our_words
from ..notebook import in_notebook
from .theme import InFigure, OnAxes, Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
else:
    Axes = Figure = Any

KEPT = 10  # figures of ours that pyplot knows at a time, where they are not windows
SMALLEST, LARGEST = 1.6, 16.6  # inches of either side of a new figure
WINDOWLESS = {"agg", "cairo", "pdf", "pgf", "ps", "svg", "template"}

WHERE = {"ax": "matplotlib.axes.Axes", "figure": "matplotlib.figure.Figure or SubFigure"}  # last arguments
END = """{} : {}, optional
    Where to draw; a new figure by default.

Returns
-------
Picture"""

_registered: deque[Figure] = deque()
F = TypeVar("F", bound=Callable[..., Any])


def draws(function: F) -> F:
    """A decorator of functions that draw: how a wrong call is answered, and the end of their docstrings."""
    last = list(signature(function).parameters)[-1]
    if function.__doc__:  # python -OO removes it
        function.__doc__ = with_end(function.__doc__, END.format(last, WHERE[last]))
    return in_our_words({})(function)


class Picture:
    """A picture that was drawn: in a figure of its own, or where you asked for it.

    As the result of a notebook's cell it shows itself; ``plt.show()`` opens its window, ``plt.savefig("it.png")`` and
    ``picture.savefig("it.png")`` write it. Whatever else matplotlib can do is done with `figure`, `axes` and `ax`.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure that it is in.
    where : matplotlib.axes.Axes, Figure or SubFigure
        The axes, or the part of the figure, that it covers.
    own : bool
        Whether the figure was made for it, and not given as ``ax=`` or ``figure=``.
    """

    def __init__(self, figure: Figure, where: Any, own: bool) -> None:
        self.figure = figure
        self._where, self._own, self._one = where, own, not hasattr(where, "subfigures")

    @property
    def sheet(self) -> Sheet:
        """The figure, or the part of it that was given to draw in."""
        return self.figure if self._one else self._where

    @property
    def axes(self) -> list[Axes]:
        """All axes of the picture, those of colour bars included."""
        return [self._where] if self._one else list(self._where.axes)

    @property
    def ax(self) -> Axes:
        """The axes, where there is one; the first, where there are several."""
        return self.axes[0]

    def savefig(self, path: Any, **options: Any) -> None:
        """Write the figure to a file, whole or not at all.

        Parameters
        ----------
        path : str, path or file object
            The ending chooses the format: .png, .pdf, .svg. Without an ending it is the style's ``savefig.format``.
        **options
            As for matplotlib's ``Figure.savefig``, such as ``dpi=200`` or ``transparent=True``.

        Raises
        ------
        ValueError
            If matplotlib cannot write this format.
        OSError
            If the file cannot be written; a file that was there before is unchanged.
        """
        import matplotlib

        if not isinstance(path, (str, os.PathLike)):
            self.figure.savefig(path, **options)
            return
        name, form = os.fspath(path), options.pop("format", None)
        if form is None:
            form = os.path.splitext(name)[1][1:] or matplotlib.rcParams["savefig.format"]
            name = name if os.path.splitext(name)[1] else f"{name}.{form}"
        known = sorted(self.figure.canvas.get_supported_filetypes())
        if str(form).lower() not in known:
            raise ValueError(f"{name}: a picture ends in {', '.join(f'.{one}' for one in known)}, not in .{form}")
        write_whole(name, self._content(form, **options))

    def _content(self, form: str, **options: Any) -> bytes:
        content = io.BytesIO()
        self.figure.savefig(content, format=form, **options)
        return content.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any] | tuple[Any, Any]:
        """For notebooks: the picture as their settings want it, unless a window or matplotlib shows it anyway."""
        if not self._own or has_window():
            return {"text/plain": repr(self)}
        import matplotlib.pyplot as plt

        plt.close(self.figure)
        data: dict[str, Any] = {}
        metadata: dict[str, Any] = {}
        if in_notebook():  # in the forms that the user has set in IPython (PNG, SVG, retina)
            from IPython import get_ipython

            data, metadata = get_ipython().display_formatter.format(self.figure, include, exclude)
        if not any(kind.startswith("image/") for kind in data):
            data = {"image/png": self._content("png")}
        return {**data, "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        width, height = self.figure.get_size_inches()
        return f"<picture of {len(self.axes)} axes in a figure of {width:.1f} x {height:.1f} inches>"


def on_axes(ax: OnAxes, width: float, height: float) -> Picture:
    """A picture on the axes given, or on those of a new figure of about so many inches."""
    from matplotlib.axes import Axes as AnyAxes

    if ax is None:
        figure = new_figure(*_with_room_for_type(width, height))
        return Picture(figure, figure.subplots(), own=True)
    if not isinstance(ax, AnyAxes):
        given = f"{type(ax).__name__}" + (f" of {len(ax)}" if hasattr(ax, "__len__") else "")
        raise TypeError(f"ax must be axes of matplotlib, such as plt.gca() or one of plt.subplots()[1], not {given}")
    if ax.name != "rectilinear":
        raise TypeError(f"ax must be plain axes of two dimensions, not {ax.name} ones")
    around = ax.get_figure()
    if around is None:
        raise ValueError("ax is in no figure any more: it was removed or cleared; make new axes")
    return Picture(around.figure, ax, own=False)


def in_figure(figure: InFigure, width: float, height: float) -> Picture:
    """A picture of several axes, in the figure or part of a figure given, or in a new one of about so many inches."""
    from matplotlib.figure import FigureBase

    if figure is None:
        new = new_figure(*_with_room_for_type(width, height))
        return Picture(new, new, own=True)
    if not isinstance(figure, FigureBase):
        raise TypeError(f"figure must be a figure of matplotlib, such as plt.figure(), not {type(figure).__name__}")
    if figure.axes:
        raise ValueError(f"figure must be empty, but has {len(figure.axes)} axes: give a new one or a part of it")
    return Picture(figure.figure, figure, own=False)


def new_figure(width: float, height: float, layout: Any = "constrained") -> Figure:
    """A figure that pyplot does not know; its size is bounded."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    inches = min(max(SMALLEST, width), LARGEST), min(max(SMALLEST, height), LARGEST)
    figure = Figure(figsize=inches, layout=layout)
    FigureCanvasAgg(figure)  # measures words as most windows do
    return figure


def _with_room_for_type(width: float, height: float) -> tuple[float, float]:
    """Inches for a style of larger type: six lines more of what exceeds 10 points."""
    import matplotlib

    more = max(0.0, matplotlib.rcParams["font.size"] - 10) * 6 / 72
    return width + more, height + more


def finish(picture: Picture, settled: bool = True) -> Picture:
    """The picture as it is returned: with room for its words, and its figure registered with pyplot if it is new."""
    import threading

    if settled:
        _settle(picture)
    if picture._own and threading.current_thread() is threading.main_thread():  # windows belong to the main thread
        import matplotlib.pyplot as plt

        register(picture.figure)
        if not plt.isinteractive():
            _registered.append(picture.figure)
        while len(_registered) > KEPT:
            plt.close(_registered.popleft())
    return picture


def register(figure: Figure) -> None:
    """Make a figure that pyplot does not know its current one."""
    import matplotlib
    import matplotlib.pyplot as plt

    key = "figure.max_open_warning"  # of ours there are never too many
    style: Any = matplotlib.rcParams
    most, style[key] = style[key], 0  # no rc_context: it would undo what a backend sets when the first figure loads it
    try:
        plt.figure(FigureClass=lambda **_: figure)  # type: ignore[arg-type]
    finally:
        style[key] = most


def _settle(picture: Picture) -> None:
    """Make room for words that would be cut off, and put legends that hide a curve beside the axes.

    A figure without a layout of its own is laid out once, here. Pictures of a fixed ratio need a second round.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure, own = picture.figure, picture.figure.get_layout_engine()
    engine = own or ConstrainedLayoutEngine(w_pad=0.14, h_pad=0.08)
    if own or not picture._one:
        engine.execute(figure)
    for _ in range(2):
        for ax in picture.axes:
            legend = ax.get_legend()
            if legend is not None and _covers(legend, ax):
                legend.set(loc="upper left", bbox_to_anchor=(1, 1))
        if any(_cut_off(ax, figure) for ax in picture.axes):
            engine.execute(figure)


def _covers(legend: Any, ax: Axes) -> bool:
    """Whether a legend hides a part of a curve, or nearly: at other resolutions it has another size."""
    box = legend.get_window_extent().padded(2.2 / 72 * legend.figure.dpi)
    paths = [one.get_transform().transform_path(one.get_path()) for one in ax.lines]
    return any(path.intersects_bbox(box, filled=False) or box.count_contains(path.vertices) for path in paths)


def _cut_off(ax: Axes, figure: Figure) -> bool:
    box, edge = ax.get_tightbbox(), figure.bbox
    return box is not None and (box.x0 < edge.x0 or box.y0 < edge.y0 or box.x1 > edge.x1 or box.y1 > edge.y1)


def has_window() -> bool:
    """Whether pyplot shows its figures in windows or widgets: then a picture is shown already."""
    import matplotlib

    backend = matplotlib.get_backend().lower()
    return backend not in WINDOWLESS and "inline" not in backend
