"""Answers as pictures: the prototypes of RBF units, the gradient of an image, a line of digits that a net reads."""

from typing import Any

import numpy as np

from ..arguments import whole
from ..layers import RBF
from ..net import Net
from ..replicate import scan, strides
from . import drawing
from .figures import Picture, draws, finish, in_figure
from .theme import LINES, Array, Axes, InFigure, Limit, Shades, limit_of, of_axes, of_figure

_ACROSS = 6  # prototypes in a row
_BITMAP = (12, 7)  # rows and columns of LeNet-5's 84


@draws
def plot_prototypes(
    net: Net,
    image: Array | None = None,
    *,
    label: int | None = None,
    shape: tuple[int, int] | None = None,
    limit: Limit = None,
    cmap: Shades = None,
    figure: InFigure = None,
) -> Picture:
    """Draw the prototypes of a net's RBF outputs; with an image, beside the states that are compared with them.

    Each prototype is a bitmap of its class, as LeNet-5's authors drew them. With an image it bears its distance: the
    sum of the squared differences between the states below and the prototype. The smallest distance is the answer.

    Parameters
    ----------
    net : Net
        A net whose last layer is `RBF`, such as ``sn89.nets.lenet5()``.
    image : ndarray of float, shape (height, width), optional
        An image, whose states come first; none by default.
    label : int, optional
        The class of the image, whose prototype gets a frame.
    shape : (int, int), optional
        Rows and columns of a bitmap; (12, 7) for 84 inputs, else about square.
    limit, cmap : optional
        Shades of states and prototypes, as for `plot_kernels`.
    """
    last, answer, heading = net.layers[-1], -1, f"{net.name}: prototypes"
    if not isinstance(last, RBF):
        raise ValueError(f"{net.name} has no prototypes: its last layer must be RBF, and is {type(last).__name__}")
    bitmaps = list(np.asarray(last.prototypes))
    names, classes = [str(i) for i in range(net.outputs)], list(range(net.outputs))
    if label is not None:
        label = whole(label, "label", least=0, most=net.outputs - 1)
    if image is not None:
        *_, (below, states), (_, distances) = net.states(image).items()
        answer = int(distances.argmin())
        heading += f"; {answer} is nearest (in bold)"
        names = [f"states of {below}", *(f"{i}: {distance:.1f}" for i, distance in enumerate(distances))]
        bitmaps, classes = [states.ravel(), *bitmaps], [-2, *classes]
    rows, columns = _shape(shape, bitmaps[0].size)
    most = limit_of(limit, *bitmaps)
    across = min(_ACROSS, len(bitmaps))
    down = -(-len(bitmaps) // across)
    picture = in_figure(figure, 1.35 * across + 0.8, min(14.0, down * (1.2 * rows / columns + 0.45) + 0.6))
    axes = picture.sheet.subplots(down, across, squeeze=False).ravel()
    for ax in axes[len(bitmaps) :]:
        ax.set_axis_off()
    for ax, bitmap, name, one in zip(axes, bitmaps, names, classes, strict=False):
        shown = drawing.show(ax, bitmap.reshape(1, 1, rows, columns), most, cmap, numbered=False)
        size = drawing.in_one_line(name, of_figure(picture.sheet).label, 0.72 * of_axes(ax).inches[0])
        ax.set_title(drawing.literal(name), size=size, weight="bold" if one == answer else "normal")
        if one == label:
            ax.spines[:].set_color(of_axes(ax).accent)
    drawing.shared_colorbar(picture.sheet, shown, axes[: len(bitmaps)], "state")
    drawing.figure_title(picture.sheet, heading + ("" if label is None else f"; {label} is right (in a frame)"))
    return finish(picture, settled=False)


@draws
def plot_saliency(
    net: Net,
    image: Array,
    label: int,
    *,
    limit: Limit = None,
    cmap: Shades = None,
    figure: InFigure = None,
) -> Picture:
    """Draw an image, and beside it the gradient of its cost with respect to every input unit.

    White is where a larger state would raise the cost, black where it would lower it, and gray where nothing depends on
    it.

    Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", 2013, draw the same of larger nets.

    Parameters
    ----------
    net : Net
    image : ndarray of float, shape (height, width)
        One image, or (maps, height, width) where the input has several planes, which stand side by side.
    label : int
        The desired class, for which the cost is computed.
    limit, cmap : optional
        Shades of the gradient, as for `plot_kernels`; the colormap is that of the image too.
    """
    label = whole(label, "label", least=0, most=net.outputs - 1)
    plane = net.states(image)["input"]
    maps, height, width = plane.shape
    inches = min(5.0, 3.2 * maps)
    picture = in_figure(figure, 2 * inches + 1.2, inches * height / (maps * width) + 1.5)
    left, right = picture.sheet.subplots(1, 2)
    drawing.show_image(left, plane, cmap)
    drawing.title(left, f"a {label}, read as {int(net.predict(image))}")
    shown = drawing.show(right, net.input_gradient(image, label).reshape(1, *plane.shape), limit, cmap, numbered=False)
    drawing.title(right, "gradient of its cost")
    drawing.label_axes(right, "white: more would cost more")
    drawing.colorbar_beside(right, shown, "gradient")
    drawing.figure_title(picture.sheet, net.name)
    return finish(picture)


@draws
def plot_sweep(net: Net, image: Array, *, limit: Limit = None, cmap: Shades = None, figure: InFigure = None) -> Picture:
    """Draw a line of digits, and below it every output of a net that is swept along it, at every place.

    A place is where the middle of the net stands. The best class of each place is written above the image, in bold
    where it wins clearly: by half of the widest margin on the line or more. Where the image is higher than the net, the
    row of places with the widest margin is shown.

    Proc. IEEE 86(11), 1998, section VII, calls such nets space displacement neural networks.

    Parameters
    ----------
    net : Net
        Such as `sn89.nets.lenet1`; `sn89.scan` says which nets can be swept.
    image : ndarray of float, shape (height, width)
        Scaled as the net's own images, at least as large as its input.
    limit, cmap : optional
        Shades of the outputs, as for `plot_kernels`; the colormap is that of the image too. The outputs of RBF units
        are distances: the shortest is white, the longest black.
    """
    image = np.asarray(image)
    scores = scan(net, image)
    if len(scores) < 2:
        raise ValueError(f"{net.name} has a single output: there are no classes to read")
    best, second = -np.sort(-scores, axis=0)[:2]
    row = int((best - second).max(axis=1).argmax())
    heat, margins = scores[:, row], (best - second)[row]
    down, right = strides(net)
    places = net.input.width / 2 - 0.5 + right * np.arange(heat.shape[1])

    height, width = image.shape
    inches = min(12.0, max(5.0, 9.0 * width / 120))
    picture = in_figure(figure, inches, min(10.0, inches * 0.8 * height / width + 0.16 * len(heat) + 2.0))
    above, below = picture.sheet.subplots(
        2, 1, sharex=True, height_ratios=(inches * height / width, 0.16 * len(heat) + 0.6)
    )
    drawing.show_image(above, image, cmap)
    above.tick_params(labelbottom=False)
    above.set_aspect("auto")
    _write_answers(above, places, heat.argmax(axis=0), margins >= margins.max() / 2)
    shown = _draw_outputs(below, heat, places, right, limit, cmap)
    below.set_xlim(-0.5, width - 0.5)  # all of the image, though the net's middle does not get to its ends
    drawing.shared_colorbar(picture.sheet, shown, [above, below], "output" if heat.max() > 0 else "minus the distance")
    over = f", {down * row} rows from the top" if scores.shape[1] > 1 else ""
    drawing.figure_title(picture.sheet, f"{net.name}, swept along a line{over}")
    return finish(picture, settled=False)


def _write_answers(ax: Axes, places: Array, best: Array, sure: Array) -> None:
    """The best class above each place, as many as there is room for, the sure ones first."""
    theme = of_axes(ax)
    room = theme.tick / 72 * 1.1 / (0.8 * theme.inches[0]) * (ax.get_xlim()[1] - ax.get_xlim()[0])
    taken: list[float] = []
    for certain in (True, False):
        style: dict[str, Any] = {"color": theme.text, "weight": "bold"} if certain else {"color": theme.pale}
        for place, name in zip(places[sure == certain], best[sure == certain].astype(str), strict=True):
            if all(abs(place - one) >= room * len(name) for one in taken):
                taken.append(place)
                ax.annotate(name, (place, 1), (0, 3), ("data", "axes fraction"), "offset points", ha="center",
                            va="bottom", size=theme.tick, **style)  # fmt: skip


def _draw_outputs(ax: Axes, heat: Array, places: Array, step: int, limit: Limit, cmap: Shades) -> Any:
    """The outputs of every class, a row each, at every place."""
    from matplotlib.ticker import MaxNLocator, ScalarFormatter

    theme, classes = of_axes(ax), len(heat)
    most = limit_of(limit, heat)
    low, high = (-most, most) if heat.max() > 0 else (heat.min(), heat.max())
    extent = (places[0] - step / 2, places[-1] + step / 2, classes - 0.5, -0.5)
    shown = ax.imshow(
        heat, cmap=theme.shades(cmap), vmin=low, vmax=high, extent=extent, aspect="auto", interpolation="nearest"
    )
    ax.set_facecolor(theme.between)
    ax.grid(False)
    drawing.number_ticks(ax.yaxis, classes)
    ax.tick_params(labelsize=theme.tick, length=0, labelbottom=True)
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.spines[:].set(color=theme.between, linewidth=LINES["hair"])
    drawing.label_axes(ax, "column of the image\nabove: the best class, in bold where it wins clearly", "class")
    return shown


def _shape(shape: Any, size: int) -> tuple[int, int]:
    """Rows and columns of a bitmap of so many pixels."""
    if shape is None:
        if size == _BITMAP[0] * _BITMAP[1]:
            return _BITMAP
        rows = next(rows for rows in range(int(np.sqrt(size)), 0, -1) if size % rows == 0)
        return size // rows, rows
    if np.shape(shape) != (2,) or int(np.prod(shape)) != size:
        raise ValueError(f"shape must be (rows, columns) whose product is {size}, the inputs of a unit, not {shape!r}")
    return int(shape[0]), int(shape[1])
