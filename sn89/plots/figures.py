"""Figures that pictures are drawn in: what every function here returns, and who shows it.

pyplot is told of a new figure, so that ``plt.show()`` opens a window and ``plt.savefig()`` saves what was drawn last.
But it holds on to all that it knows. So it is told of no more than `KEPT` of ours at a time, and a notebook that has
shown a picture as a result is not let to show it once more.
"""

from __future__ import annotations

import io
import os
from collections import deque
from typing import TYPE_CHECKING, Any

from ..atomic import write_whole
from ..notebook import in_notebook
from .theme import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
else:
    Axes = Figure = Any

KEPT = 10  # figures of ours that pyplot knows at a time, where they are not windows
SMALLEST, LARGEST = 1.6, 16.6  # inches of either side of a new figure
WINDOWLESS = {"agg", "cairo", "pdf", "pgf", "ps", "svg", "template"}

_told: deque[Figure] = deque()


class Picture:
    """A picture that was drawn: in a figure of its own, or where you asked for it.

    As the result of a notebook's cell it shows itself; ``plt.show()`` opens its window, ``plt.savefig("it.png")`` and
    ``picture.savefig("it.png")`` write it. Whatever else matplotlib can do is done with `figure`, `axes` and `ax`.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure that it is in.
    where : matplotlib.axes.Axes, Figure or SubFigure
        What was drawn on.
    own : bool
        Whether the figure was made for it; the functions here are told by ``ax=`` and ``figure=``.
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
        """All axes that were drawn on, bars of shades among them."""
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
            Its ending says the form: .png, .pdf, .svg. Without one it gets that of the style's ``savefig.format``.
        **options
            As of matplotlib's ``Figure.savefig``: ``dpi=200``, ``transparent=True``.

        Raises
        ------
        ValueError
            If there is no such form of pictures.
        OSError
            If the file cannot be written; what was there before is there still.
        """
        if not isinstance(path, (str, os.PathLike)):
            self.figure.savefig(path, **options)
            return
        name, form = os.fspath(path), options.pop("format", None)
        if form is None:
            form = os.path.splitext(name)[1][1:] or default_form()
            name = name if os.path.splitext(name)[1] else f"{name}.{form}"
        known = sorted(self.figure.canvas.get_supported_filetypes())
        if str(form).lower() not in known:
            raise ValueError(f"{name}: a picture ends in {', '.join(f'.{one}' for one in known)}, not in .{form}")
        write_whole(name, self._drawn(form, **options))

    def _drawn(self, form: str, **options: Any) -> bytes:
        content = io.BytesIO()
        self.figure.savefig(content, format=form, **options)
        return content.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any] | tuple[Any, Any]:
        """For notebooks: the picture as their settings want it, unless a window or matplotlib shows it anyway."""
        if not self._own or has_window():
            return {"text/plain": repr(self)}
        _forget(self.figure)
        data, told = _as_ipython_does(self.figure, include, exclude)
        if not any(kind.startswith("image/") for kind in data):
            data = {"image/png": self._drawn("png")}
        return {**data, "text/plain": repr(self)}, told

    def __repr__(self) -> str:
        width, height = self.figure.get_size_inches()
        return f"<picture of {len(self.axes)} axes in a figure of {width:.1f} x {height:.1f} inches>"


def on_axes(ax: Axes | None, width: float, height: float) -> Picture:
    """A picture on the axes given, or on those of a new figure of about so many inches."""
    from matplotlib.axes import Axes as AnyAxes

    if ax is None:
        figure = new_figure(*_with_room_for_type(width, height))
        return Picture(figure, figure.subplots(), own=True)
    if not isinstance(ax, AnyAxes):
        raise TypeError(
            f"ax must be axes of matplotlib, such as plt.gca() or one of plt.subplots()[1], not {_kind(ax)}"
        )
    if ax.name != "rectilinear":
        raise TypeError(f"ax must be plain axes of two dimensions, not {ax.name} ones")
    around = ax.get_figure()
    if around is None:
        raise ValueError("ax is in no figure any more: it was removed or cleared; make new axes")
    return Picture(around.figure, ax, own=False)


def in_figure(figure: Sheet | None, width: float, height: float) -> Picture:
    """A picture of several axes, in the figure or part of a figure given, or in a new one of about so many inches."""
    from matplotlib.figure import FigureBase

    if figure is None:
        new = new_figure(*_with_room_for_type(width, height))
        return Picture(new, new, own=True)
    if not isinstance(figure, FigureBase):
        raise TypeError(f"figure must be a figure of matplotlib, such as plt.figure(), not {_kind(figure)}")
    if figure.axes:
        raise ValueError(f"figure must be empty, but has {len(figure.axes)} axes: give a new one or a part of it")
    return Picture(figure.figure, figure, own=False)


def new_figure(width: float, height: float, layout: Any = "constrained") -> Figure:
    """A figure that pyplot knows, while it is one of the last few; its size is bounded."""
    import threading

    import matplotlib

    inches = min(max(SMALLEST, width), LARGEST), min(max(SMALLEST, height), LARGEST)
    if threading.current_thread() is not threading.main_thread():
        return bare_figure(*inches)  # windows belong to the main thread
    import matplotlib.pyplot as plt

    key = "figure.max_open_warning"  # of ours there are never too many
    style: Any = matplotlib.rcParams
    most, style[key] = (
        style[key],
        0,
    )  # no rc_context: it would undo what a backend sets that is loaded by the first figure
    try:
        figure = plt.figure(figsize=inches, layout=layout)
    finally:
        style[key] = most
    if not plt.isinteractive():
        _told.append(figure)
        while len(_told) > KEPT:
            _forget(_told.popleft())
    return figure


def _with_room_for_type(width: float, height: float) -> tuple[float, float]:
    """Inches for a style of larger type: six lines of what it is larger by."""
    import matplotlib

    more = max(0.0, matplotlib.rcParams["font.size"] - 10) * 6 / 72
    return width + more, height + more


def bare_figure(width: float, height: float) -> Figure:
    """A figure that nobody knows of."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def default_form() -> str:
    """The style's form of files."""
    import matplotlib

    return str(matplotlib.rcParams["savefig.format"])


def has_window() -> bool:
    """Whether what pyplot knows is shown in windows or widgets: then it is shown already."""
    import matplotlib

    backend = matplotlib.get_backend().lower()
    return backend not in WINDOWLESS and "inline" not in backend


def settle(picture: Picture) -> Picture:
    """Make room for words.

    On given axes, once and only if some would be cut off, where nobody else lays the figure out. Pictures of a fixed
    ratio need a second round, also in figures that have a layout, which is carried out once more when they are drawn.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure, engine = picture.figure, picture.figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    for _ in range(2):
        if any(_cut_off(ax, figure) for ax in picture.axes):
            (engine or ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08)).execute(figure)
    return picture


def _cut_off(ax: Axes, figure: Figure) -> bool:
    box, edge = ax.get_tightbbox(), figure.bbox
    return box is not None and (box.x0 < edge.x0 or box.y0 < edge.y0 or box.x1 > edge.x1 or box.y1 > edge.y1)


def _forget(figure: Figure) -> None:
    """Let pyplot know no more of it; the figure itself stays as it is."""
    import matplotlib.pyplot as plt

    plt.close(figure)


def _as_ipython_does(figure: Figure, include: Any, exclude: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What IPython makes of a figure, by the user's settings (PNG, SVG, retina)."""
    if not in_notebook():
        return {}, {}
    from IPython import get_ipython

    data, told = get_ipython().display_formatter.format(figure, include, exclude)
    return data, told


def _kind(given: Any) -> str:
    return f"{type(given).__name__}" + (f" of {len(given)}" if hasattr(given, "__len__") else "")
