"""Every picture is legible: under dark and gridded styles, in large type, on small axes, for odd nets.

The renderer is asked where each word came to stand, and what colour it has there: no word may be cut off, stand on
another, or have the colour of its ground; nor may data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations, product

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

import sn89
from sn89 import plots
from sn89.measure import Measurement
from sn89.plots.theme import contrast
from sn89.training import History, Pass

matplotlib.use("Agg")

DPI = 50
LONG = "a net that somebody has given a very long name, as one does in experiments, with its date 2026-11-27"


# -- What a picture must not do --------------------------------------------------------------------------------------


def complaints(figure) -> list[str]:
    """What is wrong with a figure, as its renderer sees it."""
    words, pixels = drawn(figure)
    edge = figure.bbox.padded(1.5)
    wrong = [
        f"cut off: {text!r}" for text, box, _ in words if not (edge.contains(*box.min) and edge.contains(*box.max))
    ]
    for (one, first, _), (other, second, _) in combinations(words, 2):
        if overlap(first, second):
            wrong.append(f"{one!r} stands on {other!r}")
    wrong += [f"hardly seen: {text!r}" for text, box, color in words if contrast(color, ground(pixels, box)) < 3]
    for ax in figure.axes:
        wrong += [f"data like their ground: {what}" for what in unseen(ax)]
    return wrong


def drawn(figure) -> tuple[list, np.ndarray]:
    """Every word that was drawn, with its box and colour; and the pixels."""
    words, draw = [], Text.draw

    def record(text, renderer, *more):
        draw(text, renderer, *more)
        if text.get_visible() and text.get_text().strip():
            words.append((text.get_text(), text.get_window_extent(renderer), text.get_color()))

    with pytest.MonkeyPatch.context() as patch:
        figure.dpi = DPI
        patch.setattr(Text, "draw", record)
        figure.canvas.draw()
    return words, np.asarray(figure.canvas.buffer_rgba())[..., :3] / 255


def overlap(one, other) -> bool:
    """Whether two boxes share more than a rim of a pixel."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    return across > 1.5 and down > 1.5


def ground(pixels: np.ndarray, box) -> np.ndarray:
    """The commonest colour around words."""
    height = len(pixels)
    rows = slice(max(0, height - int(box.y1) - 1), max(1, height - int(box.y0) + 1))
    columns = slice(max(0, int(box.x0) - 1), max(1, int(box.x1) + 1))
    colors, counts = np.unique(pixels[rows, columns].reshape(-1, 3), axis=0, return_counts=True)
    return colors[counts.argmax()] if len(colors) else pixels[0, 0]  # none of a word that is outside


def unseen(ax) -> Iterator[str]:
    """Lines, marks and areas of data whose contrast with the axes' ground is below 3 to 1."""
    paper = ax.get_facecolor()
    for line in ax.lines:
        color = line.get_color() if line.get_linestyle() != "None" else line.get_markeredgecolor()
        if contrast(color, paper) < 3:
            yield f"{line.get_label()} {color}"
    for patch in ax.patches:
        if patch.get_visible() and contrast(patch.get_facecolor(), paper) < 3:
            yield f"{patch}"
    for collection in ax.collections:
        if collection.get_label()[0] != "_" and any(contrast(one, paper) < 3 for one in collection.get_facecolor()):
            yield f"{collection.get_label()}"


# -- What is drawn ---------------------------------------------------------------------------------------------------


@cache
def net(kind: str) -> sn89.Net:
    """Nets as they are, and as few have them; trained a little where curvature is asked for."""
    made = {
        "zip": lambda: sn89.nets.zip_code(seed=1),
        "lenet5": lambda: sn89.nets.lenet5(seed=1),
        "one map": lambda: sn89.Net(sn89.Input(9, 9), sn89.Local("A", 1, 3), sn89.Full("out", 3), name=LONG),
        "200 maps": lambda: sn89.Net(
            sn89.Input(8, 8), sn89.Local("A", 200, 5, stride=3), sn89.Local("B", 3, 2), sn89.Full("out", 2)
        ),
        "a line": lambda: sn89.Net(
            sn89.Input(1, 40), sn89.Local("A", 6, (1, 5)), sn89.Dropout("D"), sn89.Full("out", 3)
        ),
        "two planes": lambda: sn89.Net(
            sn89.Input(8, 8, maps=2),
            sn89.Local("a layer with a very long name indeed", 3, 3, table=[(0,), (0, 1), (1,)]),
            sn89.Full("the_outputs_of_this_net", 4),
        ),
        "100 classes": lambda: sn89.Net(sn89.Input(8, 8), sn89.Local("A", 4, 3, shared=False), sn89.Full("out", 100)),
        "deep": lambda: sn89.Net(sn89.Input(6, 6), *(sn89.Full(f"layer {i}", 5) for i in range(12))),
    }[kind]()
    return made


def image(kind: str, n: int | None = None) -> np.ndarray:
    first = net(kind).input
    shape = (first.maps, first.height, first.width) if first.maps > 1 else (first.height, first.width)
    images = np.random.default_rng(3).uniform(-1, 1, (n or 1, *shape)).astype(np.float32)
    return images if n else images[0]


@cache
def trained(kind: str) -> sn89.Net:
    one = net(kind)
    y = np.arange(12) % one.outputs
    sn89.train(one, image(kind, 12), y, rule=RULE, passes=1, measure=False, progress=False)
    return one


RULE = sn89.LevenbergMarquardt()


def history(zero: bool = False) -> History:
    last = 0 if zero else 1
    found = [
        Pass(
            i,
            0.5 / i,
            1.0,
            Measurement(100, (5 - i) * 2 + last, 0.4 / i, 0.2 / i),
            Measurement(50, 20 - i, 0.6 / i, 0.3 / i),
        )
        for i in range(1, 6)
    ]
    return History(RULE, found)


def labels(classes: int, n: int = 2000) -> np.ndarray:
    generator = np.random.default_rng(2)
    y = generator.integers(0, classes, n)
    return np.stack([y, np.where(generator.random(n) < 0.2, generator.integers(0, classes, n), y)])


def scores(classes: int = 4, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(1)
    return generator.normal(size=(n, classes)), generator.integers(0, classes, n)


def vectors(kind: str) -> dict[int, np.ndarray]:
    values = np.abs(np.random.default_rng(5).normal(size=(3, net(kind).free_parameters)))
    return dict(zip((1, 10, 23), values, strict=True))


#: On one axes: from the axes to a picture.
ON_AXES: dict[str, Callable] = {
    "kernels of 12 maps": lambda ax: plots.plot_kernels(net("zip"), "H1", ax=ax),
    "kernels of a table": lambda ax: plots.plot_kernels(net("lenet5"), "C3", limit="99%", ax=ax),
    "kernels of one map": lambda ax: plots.plot_kernels(net("one map"), "A", ax=ax),
    "kernels of 200 maps": lambda ax: plots.plot_kernels(net("200 maps"), "A", ax=ax),
    "kernels of 200 sources": lambda ax: plots.plot_kernels(net("200 maps"), "B", ax=ax),
    "kernels of a line": lambda ax: plots.plot_kernels(net("a line"), "A", ax=ax),
    "kernels of a long name": lambda ax: plots.plot_kernels(net("two planes"), net("two planes").layers[0].name, ax=ax),
    "table": lambda ax: plots.plot_table(net("lenet5"), "C3", ax=ax),
    "table of 200": lambda ax: plots.plot_table(net("200 maps"), "B", ax=ax),
    "table of one": lambda ax: plots.plot_table(net("one map"), "A", ax=ax),
    "table, not shared": lambda ax: plots.plot_table(net("100 classes"), "A", ax=ax),
    "hinton": lambda ax: plots.plot_hinton(net("zip")["output"].weights, ax=ax),
    "hinton of one": lambda ax: plots.plot_hinton([0.3], ax=ax),
    "hinton of 300": lambda ax: plots.plot_hinton(np.random.default_rng(1).normal(size=300), ax=ax),
    "hinton of a column": lambda ax: plots.plot_hinton(np.random.default_rng(1).normal(size=(84, 2)), ax=ax),
    "field": lambda ax: plots.plot_receptive_field(net("zip"), "H2", (0, 2, 2), ax=ax),
    "field on an image": lambda ax: plots.plot_receptive_field(net("zip"), "H1", (0, 4, 4), image=image("zip"), ax=ax),
    "field in two planes": lambda ax: plots.plot_receptive_field(
        net("two planes"), net("two planes").layers[0].name, (0, 1, 1), image=image("two planes"), ax=ax
    ),
    "field in a line": lambda ax: plots.plot_receptive_field(net("a line"), "A", (0, 0, 9), ax=ax),
    "confusion": lambda ax: plots.plot_confusion(*labels(10), ax=ax),
    "confusion of 3": lambda ax: plots.plot_confusion(*labels(3), classes=3, ax=ax),
    "confusion of 100": lambda ax: plots.plot_confusion(*labels(100), classes=100, ax=ax),
    "saliencies": lambda ax: plots.plot_saliencies(net("zip"), np.arange(9760) / 9760, ax=ax),
    "rejection": lambda ax: plots.plot_rejection({LONG: scores()[0], "b": -scores()[0]}, scores()[1], paper=0.1, ax=ax),
}
#: On a figure.
IN_FIGURE: dict[str, Callable] = {
    "all kernels": lambda f: plots.plot_all_kernels(net("zip"), figure=f),
    "all kernels, long name": lambda f: plots.plot_all_kernels(net("one map"), figure=f),
    "kernels by pass": lambda f: plots.plot_kernel_history(net("zip"), "H1", vectors("zip"), figure=f),
    "states": lambda f: plots.plot_feature_maps(net("zip"), image("zip"), label=3, figure=f),
    "states of 200 maps": lambda f: plots.plot_feature_maps(net("200 maps"), image("200 maps"), figure=f),
    "states of a line": lambda f: plots.plot_feature_maps(net("a line"), image("a line"), label=2, figure=f),
    "states of 100 classes": lambda f: plots.plot_feature_maps(
        net("100 classes"), image("100 classes"), label=9, figure=f
    ),
    "states of two planes": lambda f: plots.plot_feature_maps(net("two planes"), image("two planes"), figure=f),
    "columns": lambda f: plots.plot_feature_maps(net("zip"), image("zip", 4), label=range(4), figure=f),
    "columns of two planes": lambda f: plots.plot_feature_maps(net("two planes"), image("two planes", 3), figure=f),
    "history": lambda f: plots.plot_history(history(), title=LONG, paper=[Measurement(9, 1, 0.1, 0.1)] * 2, figure=f),
    "history down to 0": lambda f: plots.plot_history(history(zero=True), figure=f),
    "histories": lambda f: plots.plot_history([history(), history(zero=True)], figure=f),
    "curvature": lambda f: plots.plot_curvature(trained("zip"), RULE, figure=f),
    "curvature, deep": lambda f: plots.plot_curvature(trained("deep"), RULE, figure=f),
    "rates": lambda f: plots.plot_rates(net("zip"), RULE, vectors("zip"), figure=f),
    "rates, deep": lambda f: plots.plot_rates(net("deep"), RULE, vectors("deep"), figure=f),
    "mistakes": lambda f: plots.plot_mistakes(net("zip"), image("zip", 14), np.arange(14) % 10, figure=f),
    "mistakes, two planes": lambda f: plots.plot_mistakes(
        net("two planes"), image("two planes", 6), np.arange(6) % 4, figure=f
    ),
    "prototypes": lambda f: plots.plot_prototypes(net("lenet5"), image("lenet5"), label=3, figure=f),
    "saliency": lambda f: plots.plot_saliency(net("zip"), image("zip"), 3, figure=f),
    "saliency of two planes": lambda f: plots.plot_saliency(net("two planes"), image("two planes"), 1, figure=f),
    "a line of digits": lambda f: plots.plot_sweep(net("lenet5"), np.tile(image("lenet5"), 4)[:, :100], figure=f),
}
#: The picture of each function with a usual net: as it makes itself a figure, too. The others, with the odd nets, and
#: what has no other, are drawn where they are given little room and large type.
USUAL = ("kernels of 12 maps", "table", "hinton", "field", "confusion", "saliencies", "rejection")
USUAL_OF_MANY = (
    "all kernels", "kernels by pass", "states", "columns", "history", "curvature", "rates", "mistakes", "prototypes",
    "saliency", "a line of digits",
)  # fmt: skip
WITHOUT_ODD_NETS = ("saliencies", "rejection", "kernels by pass", "prototypes", "a line of digits")
#: Style, size of type, inches of the axes' figure.
STYLES = {
    "dark, large type": ("dark_background", 18, (3, 2)),
    "grid, large type": ("ggplot", 18, (6, 4)),
}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def styled(style: str) -> tuple[float, float]:
    """Matplotlib under one of the styles, until the test is over; and inches."""
    sheet, size, inches = STYLES[style]
    plt.style.use(sheet)
    plt.rcParams["font.size"] = size
    return inches


@pytest.fixture
def _any_style():
    with plt.rc_context():
        yield


def odd(pictures: dict[str, Callable], usual: tuple[str, ...]) -> list[str]:
    return [name for name in pictures if name not in usual or name in WITHOUT_ODD_NETS]


@pytest.mark.usefixtures("_any_style")
@pytest.mark.parametrize(
    ("style", "name"),
    [*product(["dark, large type"], odd(ON_AXES, USUAL)), *product(["grid, large type"], USUAL)],
)
def test_a_picture_on_axes_is_legible(style, name):
    figure, ax = plt.subplots(figsize=styled(style))
    picture = ON_AXES[name](ax)
    assert picture.ax is ax
    assert picture.figure is figure
    assert not complaints(figure)


@pytest.mark.usefixtures("_any_style")
@pytest.mark.parametrize("name", odd(IN_FIGURE, USUAL_OF_MANY))
def test_a_picture_of_many_axes_is_legible(name):
    figure = plt.figure(figsize=styled("grid, large type"), layout="constrained")
    picture = IN_FIGURE[name](figure)
    assert picture.figure is figure
    assert not complaints(figure)


@pytest.mark.usefixtures("_any_style")
@pytest.mark.parametrize("name", USUAL)
def test_a_picture_is_legible_in_its_own_figure(name):
    assert not complaints(ON_AXES[name](None).figure)


@pytest.mark.usefixtures("_any_style")
@pytest.mark.parametrize("name", USUAL_OF_MANY)
def test_a_picture_of_many_axes_is_legible_in_its_own_figure(name):
    plt.style.use("dark_background")
    assert not complaints(IN_FIGURE[name](None).figure)


@pytest.mark.parametrize("name", ["states of 200 maps", "states of 100 classes", "curvature, deep"])
def test_no_net_makes_a_figure_too_large_to_be_looked_at(name):
    assert max(IN_FIGURE[name](None).figure.get_size_inches()) < 17


def test_what_cannot_be_read_is_found():
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.set(xticks=[], yticks=[])
    ax.plot([0, 1], color="0.9", label="pale")
    ax.text(0.2, 0.2, "yellow", color="yellow")
    ax.text(0.5, 0.5, "one")
    ax.text(0.5, 0.5, "other")
    ax.text(0.9, 0.9, "a word that goes on and on")
    ax.bar([0], [1], color="0.95")
    found = complaints(figure)
    assert [one.split(":")[0].split(" Rect")[0] for one in found] == [
        "cut off",
        "'one' stands on 'other'",
        "hardly seen",
        "data like their ground",
        "data like their ground",
    ]
