"""What is wrong with a picture, as its renderer sees it; and pictures by every function, of usual nets and odd ones.

python tests/legible.py judge                       # says what is wrong with any of 1,716, in ten minutes
python tests/legible.py plot_kernels dark judge     # of those whose names hold the words
python tests/legible.py plot_kernels dark FOLDER    # draws them, to be looked at
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from itertools import combinations
from itertools import product as every
from pathlib import Path as File
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.cbook import STEP_LOOKUP_MAP
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import sn89
from sn89 import plots
from sn89.history import History, Kept, Pass
from sn89.measure import Measurement
from sn89.plots.figures import LARGEST
from sn89.plots.theme import contrast
from sn89.prune import Pruning, Round

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
    if hardly_seen(words, pixels):  # in letters of a few pixels their own ink may be the commonest: look closer
        wrong += hardly_seen(*drawn(figure, 4 * DPI))
    for ax in figure.axes:
        wrong += [f"data like their ground: {what}" for what in unseen(ax)]
    return wrong + over_data(figure, words)


def over_data(figure, words: list) -> list[str]:
    """Words and legends that lie over lines, marks or bars."""
    boxes = [(text, box.padded(-1)) for text, box, _ in words]
    boxes += [("a legend", ax.get_legend().get_window_extent().padded(-2)) for ax in figure.axes if ax.get_legend()]
    return [
        f"over data: {text!r} in {ax.get_title() or ax.get_ylabel()!r}: {label}"
        for ax in figure.axes
        for label, covers in data(ax)
        for text, box in boxes
        if covers(box)
    ]


def data(ax) -> Iterator[tuple[str, Callable[[Any], bool]]]:
    """The name of everything that is drawn in axes as a line, as marks or as an area, and whether it meets a box."""
    for line in ax.lines:
        points = np.transpose(STEP_LOOKUP_MAP[line.get_drawstyle()](*line.get_data()))
        path = Path(line.get_transform().transform(points))
        if line.get_linestyle() != "None":
            yield line.get_label(), partial(meets, path, ax.bbox, False)
        if line.get_marker() not in ("", "None", None):
            yield line.get_label(), partial(holds, path.vertices, line.get_markersize() / 2 * ax.figure.dpi / 72)
    for patch in ax.patches:
        yield str(patch), partial(meets, patch.get_path().transformed(patch.get_transform()), ax.bbox, True)


def meets(path, seen, filled: bool, box) -> bool:
    """Whether a path, which is seen in one box alone, goes through another."""
    both = Bbox.intersection(box, seen)
    return both is not None and bool(path.intersects_bbox(both, filled=filled))


def holds(points, radius: float, box) -> bool:
    """Whether a box holds a mark, or part of one."""
    return bool(((points > box.min - radius) & (points < box.max + radius)).all(axis=1).any())


def hardly_seen(words: list, pixels: np.ndarray) -> list[str]:
    """Words whose contrast with what is behind them is below 3 to 1."""
    return [f"hardly seen: {text!r}" for text, box, color in words if contrast(color, ground(pixels, box)) < 3]


def drawn(figure, dpi: int = DPI) -> tuple[list, np.ndarray]:
    """Every word that was drawn, with its box and colour; and the pixels."""
    words, draw = [], Text.draw

    def record(text, renderer, *more):
        draw(text, renderer, *more)
        if text.get_visible() and text.get_text().strip():
            words.append((text.get_text(), text.get_window_extent(renderer), text.get_color()))

    with pytest.MonkeyPatch.context() as patch:
        figure.dpi = dpi
        patch.setattr(Text, "draw", record)
        figure.canvas.draw()
    return words, np.asarray(figure.canvas.buffer_rgba())[..., :3] / 255


def overlap(one, other) -> bool:
    """Whether two boxes share more than a rim of a pixel."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    return across > 1.5 and down > 1.5


def ground(pixels: np.ndarray, box) -> np.ndarray:
    """The commonest colour behind words; of small ones the pixels around them belong to others."""
    height = len(pixels)
    rows = slice(max(0, height - int(box.y1)), max(1, height - int(box.y0) + 1))
    columns = slice(max(0, int(box.x0)), max(1, int(box.x1) + 1))
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


# -- Nets and what else is drawn -------------------------------------------------------------------------------------

RULE = sn89.LevenbergMarquardt()
NAMED = "a layer with a very long name indeed"
Input, Local, Full, Net = sn89.Input, sn89.Local, sn89.Full, sn89.Net

#: Nets as they are, and as few have them.
NETS: dict[str, Callable[[], Net]] = {
    "zip code": lambda: sn89.nets.zip_code(seed=1),
    "lenet5": lambda: sn89.nets.lenet5(seed=1),
    "one map": lambda: Net(Input(9, 9), Local("A", 1, 3), Full("out", 3), name=LONG),
    "200 maps": lambda: Net(Input(8, 8), Local("A", 200, 5, stride=3), Local("B", 3, 2), Full("out", 2)),
    "one unit": lambda: Net(Input(3, 3), Local("A", 1, 3), Full("out", 1)),
    "a line": lambda: Net(Input(1, 40), Local("A", 6, (1, 5)), sn89.Dropout("D"), Full("out", 3)),
    "two planes": lambda: Net(
        Input(8, 8, maps=2), Local(NAMED, 3, 3, table=[(0,), (0, 1), (1,)]), Full("the_outputs_of_this_net", 4)
    ),
    "five planes": lambda: Net(Input(6, 9, maps=5), Local("A", 2, 3), sn89.Dropout("D"), Full("out", 10)),
    "unshared, 100 classes": lambda: Net(Input(8, 8), Local("A", 4, 3, shared=False), Full("out", 100)),
    "deep": lambda: Net(Input(6, 6), *(Full(f"layer {i}", 5) for i in range(12))),
    "replicated": lambda: Net(Input(6, 6), Local("A", 3, 3), sn89.Average("S"), Full("out", 4)).replicate(6, 40),
    "pruned": lambda: sn89.nets.zip_code(seed=2),
    "rbf": lambda: Net(
        Input(4, 4), Full("F", 6), sn89.RBF("out", np.where(noise(3, 6) > 0, 1.0, -1.0)), cost=sn89.RBFDiscriminative()
    ),
}


def noise(*shape: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


@cache
def net(kind: str) -> Net:
    made = NETS[kind]()
    if kind == "pruned":
        made.delete(np.random.default_rng(1).choice(made.parameters.size, 4000, replace=False))
    return made


@cache
def trained(kind: str) -> Net:
    """The net after a few digits, so that it has a curvature."""
    one = NETS[kind]()
    y = np.arange(12) % one.outputs
    sn89.train(one, image(kind, 12), y, rule=RULE, passes=1, measure=False, progress=False)
    return one


def image(kind: str, n: int = 0) -> np.ndarray:
    """Noise for a net: one image, or so many."""
    first = net(kind).input
    shape = (first.maps, first.height, first.width) if first.maps > 1 else (first.height, first.width)
    return noise(n, *shape) if n else noise(*shape)


def history(zero: bool = False, passes: int = 5, **more: Any) -> History:
    last = 0 if zero else 1
    found = [
        Pass(
            i,
            0.5 / i,
            1.0,
            Measurement(100, (passes - i) * 2 + last, 0.4 / i, 0.2 / i),
            Measurement(50, 20 - 15 * i // passes, 0.6 / i, 0.3 / i),
        )
        for i in range(1, passes + 1)
    ]
    return History(RULE, found, **more)


def pruning(by: str = "saliency") -> Pruning:
    def measured(wrong: float, of: int) -> Measurement:
        return Measurement(of, round(wrong), wrong / of)

    def done(i: int) -> Round:
        return Round(i, 100, 9000 - 1000 * i, 0.1 * i, 0.5 + 0.1 * i, 1.1 * i, measured(i, 50), measured(2 * i, 50))

    return Pruning(by, [done(i) for i in range(1, 5)])  # type: ignore[arg-type]


def labels(classes: int, n: int = 2000) -> np.ndarray:
    generator = np.random.default_rng(2)
    y = generator.integers(0, classes, n)
    return np.stack([y, np.where(generator.random(n) < 0.2, generator.integers(0, classes, n), y)])


def scores(classes: int = 4, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(1)
    return generator.normal(size=(n, classes)), generator.integers(0, classes, n)


def vectors(kind: str, passes: tuple[int, ...] = (1, 10, 23)) -> dict[int, np.ndarray]:
    values = np.abs(np.random.default_rng(5).normal(size=(len(passes), net(kind).parameters.size)))
    return dict(zip(passes, values.astype(np.float32), strict=True))


# -- The pictures ----------------------------------------------------------------------------------------------------

Draw = Callable[[Any], plots.Picture]  # on axes, in a figure, or where it likes: None


def of(kinds: tuple[str, ...], draw: Callable[[str, Any], plots.Picture]) -> dict[str, Draw]:
    """A picture of each of some nets."""
    return {kind: partial(draw, kind) for kind in kinds}


def of_layers(kinds: dict[str, str], draw: Callable[[str, str, Any], plots.Picture]) -> dict[str, Draw]:
    """A picture of a layer of each of some nets; kinds are told apart by what follows a colon."""
    return {kind: partial(draw, kind.partition(":")[0], layer) for kind, layer in kinds.items()}


KERNELS = {
    "zip code": "H2", "zip code:12 maps": "H1", "lenet5": "C3", "lenet5:C1": "C1", "one map": "A", "200 maps": "A",
    "200 maps:200 sources": "B", "one unit": "A", "a line": "A", "two planes": NAMED, "five planes": "A",
    "replicated": "A", "pruned": "H2",
}  # fmt: skip
FIELDS: dict[str, tuple[str, Any]] = {
    "zip code": ("H2", (0, 2, 2)), "zip code:H3": ("H3", 4), "lenet5": ("C3", (3, 5, 5)), "200 maps": ("B", (0, 0, 0)),
    "one unit": ("out", 0), "a line": ("A", (0, 0, 9)), "two planes": (NAMED, (1, 1, 1)),
    "five planes": ("A", (0, 1, 1)), "unshared, 100 classes": ("A", (3, 5, 5)), "replicated": ("S", (0, 1, 9)),
}  # fmt: skip
WHOLE = tuple(NETS)  # any net
CLASSES = tuple(kind for kind in NETS if kind not in ("one unit", "replicated"))  # those that answer one of several
LEARNED = ("zip code", "200 maps", "a line", "two planes", "five planes", "deep", "unshared, 100 classes")
PAPER = (Measurement(100, 1, 0.1, 0.1), Measurement(50, 2, 0.1, 0.1))
EARLY = history(passes=12, kept=Kept(8, "fewest errors"), ended="no better for 4 passes")

#: On axes: by function and what is drawn, from the axes to a picture.
ON_AXES: dict[str, dict[str, Draw]] = {
    "plot_kernels": of_layers(KERNELS, lambda kind, layer, ax: plots.plot_kernels(net(kind), layer, ax=ax)),
    "plot_table": of_layers(
        {**KERNELS, "unshared, 100 classes": "A"}, lambda kind, layer, ax: plots.plot_table(net(kind), layer, ax=ax)
    ),
    "plot_hinton": {
        "outputs": lambda ax: plots.plot_hinton(net("zip code")["output"].weights, ax=ax),
        "one": lambda ax: plots.plot_hinton([0.3], ax=ax),
        "300": lambda ax: plots.plot_hinton(noise(300), ax=ax),
        "a column": lambda ax: plots.plot_hinton(noise(84, 2), ax=ax),
        "a matrix": lambda ax: plots.plot_hinton(noise(100, 200), limit="90%", ax=ax),
    },
    "plot_receptive_field": {
        **of_layers(FIELDS, lambda kind, at, ax: plots.plot_receptive_field(net(kind), *at, ax=ax)),
        **of_layers(
            {f"{kind}:on an image" if ":" not in kind else f"{kind} on an image": at for kind, at in FIELDS.items()},
            lambda kind, at, ax: plots.plot_receptive_field(net(kind), *at, image=image(kind), ax=ax),
        ),
    },
    "plot_confusion": {
        f"{n} classes": lambda ax, n=n: plots.plot_confusion(*labels(n), classes=n, ax=ax) for n in (2, 3, 10, 30, 100)
    }
    | {"many digits": lambda ax: plots.plot_confusion(*labels(10, 60000), ax=ax)},
    "plot_saliencies": of(
        CLASSES, lambda kind, ax: plots.plot_saliencies(net(kind), vectors(kind)[1] ** 2 / 1000, ax=ax)
    ),
    "plot_rejection": {
        "one net": lambda ax: plots.plot_rejection(*scores(), paper=0.121, ax=ax),
        "long name": lambda ax: plots.plot_rejection({LONG: scores()[0], "b": -scores()[0]}, scores()[1], ax=ax),
        "four": lambda ax: plots.plot_rejection(
            {str(i): i * scores()[0] + scores()[0][::-1] for i in range(4)}, scores()[1], paper=0.1, ax=ax
        ),
    },
}
#: In figures.
IN_FIGURE: dict[str, dict[str, Draw]] = {
    "plot_all_kernels": of(
        tuple(dict.fromkeys(kind.partition(":")[0] for kind in KERNELS if kind != "one unit")),
        lambda kind, f: plots.plot_all_kernels(net(kind), figure=f),
    ),
    "plot_kernel_history": of_layers(
        KERNELS, lambda kind, layer, f: plots.plot_kernel_history(net(kind), layer, vectors(kind), figure=f)
    ),
    "plot_feature_maps": {
        **of(WHOLE, lambda kind, f: plots.plot_feature_maps(net(kind), image(kind), label=0, figure=f)),
        **{
            f"{kind}, side by side": lambda f, kind=kind: plots.plot_feature_maps(
                net(kind), image(kind, 4), label=[0] * 4, figure=f
            )
            for kind in CLASSES
        },
        "10 digits": lambda f: plots.plot_feature_maps(net("zip code"), image("zip code", 10), figure=f),
    },
    "plot_history": {
        "with a paper": lambda f: plots.plot_history(history(), title=LONG, paper=(*PAPER, 23), figure=f),
        "with a paper at the end": lambda f: plots.plot_history(history(), paper=PAPER, figure=f),
        "down to 0": lambda f: plots.plot_history(history(zero=True), figure=f),
        "several": lambda f: plots.plot_history([history(), history(zero=True)], figure=f),
        "one pass": lambda f: plots.plot_history(history(passes=1), figure=f),
        "300 passes": lambda f: plots.plot_history(history(passes=300), figure=f),
        "stopped and kept": lambda f: plots.plot_history(EARLY, paper=(*PAPER, 10), figure=f),
    },
    "plot_curvature": of(LEARNED, lambda kind, f: plots.plot_curvature(trained(kind), RULE, figure=f)),
    "plot_rates": of(LEARNED, lambda kind, f: plots.plot_rates(net(kind), RULE, vectors(kind), figure=f)),
    "plot_mistakes": {
        **of(
            CLASSES,
            lambda kind, f: plots.plot_mistakes(
                net(kind), image(kind, 14), np.arange(14) % net(kind).outputs, figure=f
            ),
        ),
        "none": lambda f: plots.plot_mistakes(
            net("zip code"), image("zip code", 3), net("zip code").predict(image("zip code", 3)), figure=f
        ),
    },
    "plot_prototypes": {
        **of(("lenet5", "rbf"), lambda kind, f: plots.plot_prototypes(net(kind), image(kind), label=2, figure=f)),
        "without an image": lambda f: plots.plot_prototypes(net("lenet5"), figure=f),
    },
    "plot_saliency": of(
        tuple(kind for kind in NETS if kind != "replicated"),
        lambda kind, f: plots.plot_saliency(net(kind), image(kind), 0, figure=f),
    ),
    "plot_sweep": {
        "lenet5": lambda f: plots.plot_sweep(net("lenet5"), np.tile(image("lenet5"), 4)[:, :100], figure=f),
        "a long line": lambda f: plots.plot_sweep(net("lenet5"), np.tile(image("lenet5"), 20), figure=f),
        "no room to move": lambda f: plots.plot_sweep(net("lenet5"), image("lenet5"), figure=f),
        "one map": lambda f: plots.plot_sweep(net("one map"), noise(20, 40), figure=f),
        "a line": lambda f: plots.plot_sweep(net("a line"), noise(1, 90), figure=f),
    },
    "plot_pruning": {
        "one": lambda f: plots.plot_pruning(pruning(), figure=f),
        "three": lambda f: plots.plot_pruning([pruning(by) for by in ("saliency", "magnitude", "random")], figure=f),
    },
}
#: Sheets that make their own figure.
OWN: dict[str, dict[str, Draw]] = {
    "plot_report": of(
        tuple(kind for kind in CLASSES if kind not in ("lenet5", "200 maps")),
        lambda kind, _: plots.plot_report(
            trained(kind), history(), image(kind, 12), np.arange(12) % net(kind).outputs, paper=PAPER, rejected=0.1
        ),
    )
}
FUNCTIONS = {**ON_AXES, **IN_FIGURE, **OWN}

#: Matplotlib's sheets and sizes of type.
STYLES: dict[str, list[Any]] = {
    "default": [],
    "dark": ["dark_background"],
    "grid": ["ggplot"],
    "large type": [{"font.size": 18}],
}
#: Inches; None where a picture makes a figure itself.
SIZES: dict[str, tuple[float, float] | None] = {"own": None, "6x4": (6, 4), "3x2": (3, 2)}


def sizes(function: str) -> tuple[str, ...]:
    """What a function can be given: axes from 3 by 2 inches up, a figure, or nothing."""
    return ("own", "6x4", "3x2") if function in ON_AXES else ("own", "6x4") if function in IN_FIGURE else ("own",)


@contextmanager
def made(function: str, what: str, style: str, size: str) -> Iterator[plots.Picture]:
    """A picture, drawn as a stranger would; its figure is closed in the end."""
    inches = SIZES[size]
    with plt.style.context(["default", *STYLES[style]]):
        where = None
        if inches and function in ON_AXES:
            where = plt.subplots(figsize=inches)[1]
        elif inches:
            where = plt.figure(figsize=inches, layout="constrained")
        try:
            yield FUNCTIONS[function][what](where)
        finally:
            plt.close("all")


def product(*words: str) -> Iterator[tuple[str, str, str, str]]:
    """Every function, picture, style and size: those whose names hold all the words."""
    for function, pictures in FUNCTIONS.items():
        for one in every(pictures, STYLES, sizes(function)):
            name = ", ".join((function, *one))
            if all(word in name for word in words):
                yield (function, *one)


def judge(words: list[str]) -> int:
    """Say what is wrong with each picture; how many are bad."""
    bad, asked = 0, list(product(*words))
    for one in asked:
        try:
            with warnings.catch_warnings(), made(*one) as picture:
                warnings.simplefilter("error")
                wrong = complaints(picture.figure)
                if max(picture.figure.get_size_inches()) > LARGEST:
                    wrong.append(f"too large: {picture.figure.get_size_inches()} inches")
        except Exception as error:  # what a stranger would see is one more fault
            wrong = [repr(error)]
        if wrong:
            bad += 1
            print(" | ".join(one), *wrong, sep="\n    ", flush=True)
    print(f"{len(asked)} pictures, {bad} bad")
    return bad


def draw(words: list[str], folder: File) -> None:
    """The pictures in files, to be looked at."""
    folder.mkdir(exist_ok=True)
    for one in product(*words):
        with made(*one) as picture:
            picture.savefig(folder / (", ".join(one).replace(":", " ") + ".png"), dpi=80)


def main() -> None:
    """Judge pictures, or draw them: those whose names hold the words."""
    matplotlib.use("Agg")
    *words, last = sys.argv[1:]
    if last != "judge":
        draw(words, File(last))
    elif judge(words):
        sys.exit(1)


if __name__ == "__main__":
    main()
