"""``sn89 plot``: draw the pictures of `sn89.plots` into files."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from .. import plots
from ..atomic import is_stream
from ..datasets.digits import Digits, Part
from ..history import History
from ..layers import Local
from ..net import Net
from ..prune import prune
from ..rules import LevenbergMarquardt, StochasticDiagonalLM
from ..training import train
from ..watch import Snapshots
from .options import OneOf, check_output, data_option, force_option, output_option, part_option, size_option, verb
from .saying import say, suggestion
from .sources import RECIPES, Source, find_digits, named_or_file, part_of

if TYPE_CHECKING:
    from ..plots import Picture

FORMATS = (".png", ".pdf", ".svg")
LINE = 8  # digits in a line
PATTERNS = 500  # digits on which curvature is estimated
ROUNDS = 6  # of pruning; each deletes three parameters in ten


@dataclass
class Drawing:
    """A net and the options of the command; its digits and its history are found when a picture needs them."""

    source: Source
    data: str | None
    size: str | None
    part: str
    image: int
    layer: str | None

    def __post_init__(self) -> None:
        self.net, recipe = self.source.net, RECIPES[self.source.recipe][0]
        self.rule: Any = self.source.history.rule if self.source.history else recipe.rule
        self.passes = len(self.source.history.passes) if self.source.history else recipe.passes

    @cached_property
    def digits(self) -> Digits:
        """The digits."""
        return find_digits(self.source, self.data, self.size)[1]

    @property
    def some(self) -> Part:
        """The training or the test digits, as --part says."""
        return part_of(self.digits, self.part)

    @property
    def one(self) -> tuple[np.ndarray, int]:
        """The image with the number --image, and its label."""
        X, y = self.some
        if self.image >= len(X):
            raise ValueError(f"--image must be 0 to {len(X) - 1}, not {self.image}")
        return X[self.image], int(y[self.image])

    @property
    def history(self) -> History:
        """The history of the training."""
        name = self.source.name
        if self.source.history is None and not os.path.lexists(name) and name in RECIPES:
            beside = f"{name}.safetensors"
            there = f"did you mean {beside}?" if os.path.exists(beside) else f"sn89 train --net {name} trains it"
            raise ValueError(f"{name} is a paper's net that has not been trained yet; {there}")
        if self.source.history is None:
            raise ValueError(
                f"{name} holds no history of its training: sn89 train and sn89.save(..., history=...) write one"
            )
        return self.source.history

    def check_layer(self) -> None:
        """Raise a ValueError if the net has no layer with the name --layer."""
        names = [layer.name for layer in self.net]
        if self.layer is not None and self.layer not in names:
            near = suggestion(self.layer, names)
            raise ValueError(f"{self.net.name} has no layer {self.layer!r}; its layers are {', '.join(names)}{near}")

    def local(self, what: str, kind: Callable[[Local], Any] = lambda layer: True) -> str:
        """The name --layer, or else of the first layer of local connections of a kind."""
        found = (one.name for one in self.net if isinstance(one.declaration, Local) and kind(one.declaration))
        if name := self.layer or next(found, None):
            return name
        raise ValueError(f"{self.net.name} has no layer with {what}")

    @property
    def line(self) -> np.ndarray:
        """A line of digits that begins with number --image and is at least as high as the net's input."""
        self.one  # noqa: B018  # raises an error if there is no such digit
        plane, X = self.net.input, self.some[0]
        missing = [max(0, side - size) for side, size in zip((plane.height, plane.width), X.shape[-2:], strict=True)]
        line = np.concatenate(list(X[self.image : self.image + LINE]), axis=-1)
        return np.pad(line, [(one // 2, one - one // 2) for one in missing], constant_values=plane.background)

    @cached_property
    def again(self) -> tuple[Net, Snapshots]:
        """A new net like this one, trained in the same way, with copies of its state after each pass."""
        net = copy.deepcopy(self.net)
        net.restart()
        kept = Snapshots(net)
        train(net, *self.digits.train, rule=self.rule, passes=self.passes, measure=False, callbacks=[kept])
        return net, kept

    @property
    def curved(self) -> Net:
        """The net with curvature, estimated on training digits, because the file of a net does not hold it."""
        if not self.net.curvature.any() and isinstance(self.rule, LevenbergMarquardt | StochasticDiagonalLM):
            X, y = self.digits.train
            patterns = self.net.patterns(X[:PATTERNS], y[:PATTERNS])
            self.net.estimate_curvature(self.rule.diagonal, patterns, np.arange(patterns.count, dtype=np.int64))
        return self.net


def _digits(d: Drawing) -> Picture:
    X, y = d.some
    each = [int(np.flatnonzero(y == label)[0]) for label in np.unique(y)[:16]]
    return plots.plot_feature_maps(d.net, X[each], label=y[each])


def _hinton(d: Drawing) -> Picture:
    layer = d.net[d.layer or d.net.layers[-1].name]
    weights = layer.weights
    if not isinstance(weights, np.ndarray):
        why = "no weights" if weights is None else "maps with different numbers of source maps: use --what kernels"
        raise ValueError(f'layer "{layer.name}" has {why}')
    return plots.plot_hinton(weights if weights.ndim == 2 else weights.reshape(len(weights), -1))


def _field(d: Drawing) -> Picture:
    name = d.local("local connections")
    _, height, width = d.net[name].shape
    unit = height * width // 2 if d.net[name].flat else (0, height // 2, width // 2)
    return plots.plot_receptive_field(d.net, name, unit, image=d.one[0])


def _growth(d: Drawing) -> Picture:
    name, (net, kept) = d.local("shared kernels", lambda layer: layer.shared), d.again
    every = max(1, len(kept.parameters) // 8)
    return plots.plot_kernel_history(net, name, dict(list(kept.parameters.items())[::every]))


def _saliencies(d: Drawing) -> Picture:
    X, y = d.digits.train
    return plots.plot_saliencies(d.net, d.net.saliencies(X[:PATTERNS], y[:PATTERNS]))


def _pruning(d: Drawing) -> Picture:
    how: dict[str, Any] = {"delete": 0.3, "rounds": ROUNDS, "retrain": 1, "rule": d.rule, "test": d.digits.test}
    return plots.plot_pruning(prune(copy.deepcopy(d.net), *d.digits.train, **how))


DRAW: dict[str, Callable[[Drawing], Picture]] = {
    "report": lambda d: plots.plot_report(d.curved, d.history, *d.some, image=d.image),
    "kernels": lambda d: plots.plot_kernels(d.net, d.layer) if d.layer else plots.plot_all_kernels(d.net),
    "states": lambda d: plots.plot_feature_maps(d.net, d.one[0], label=d.one[1]),
    "digits": _digits,
    "learning": lambda d: plots.plot_history(d.history, title=d.net.name),
    "curvature": lambda d: plots.plot_curvature(d.curved, d.rule),
    "rates": lambda d: plots.plot_rates(d.again[0], d.rule, d.again[1].curvature),
    "growth": _growth,
    "hinton": _hinton,
    "prototypes": lambda d: plots.plot_prototypes(d.net, d.one[0], label=d.one[1]),
    "table": lambda d: plots.plot_table(d.net, d.local("a table", lambda layer: layer.table)),
    "field": _field,
    "sweep": lambda d: plots.plot_sweep(d.net, d.line),
    "saliency": lambda d: plots.plot_saliency(d.net, *d.one, limit="99%"),
    "saliencies": _saliencies,
    "pruning": _pruning,
    "confusion": lambda d: plots.plot_confusion(d.some[1], d.net.predict(d.some[0]), classes=d.net.outputs),
    "rejection": lambda d: plots.plot_rejection(d.net.cost.scores(d.net(d.some[0])), d.some[1]),
    "mistakes": lambda d: plots.plot_mistakes(d.net, *d.some),
}


@verb(
    help=f"""Draw a net: its weights, its states, its mistakes.

    NET is the file of a trained net, or the name of a paper's net for pictures that need no training. Pictures that
    train or prune do so with a copy, so that the file stays as it is.

    sn89 plot zip_code.safetensors                      the report
    sn89 plot zip_code.safetensors --what kernels -o kernels.pdf
    sn89 plot zip_code.safetensors --what states --image 3
    sn89 plot lenet5 --what table

        report      everything on one sheet, A3
        kernels     the kernels (--layer: of one layer)
        states      the states of all units for one digit (--image)
        digits      the states of all units for a digit of each class
        learning    errors and costs by pass
        curvature   curvature and learning rates, estimated on {PATTERNS} digits
        rates       learning rates by pass, while a copy is trained again
        growth      kernels by pass, while a copy is trained again (--layer)
        hinton      weights as squares (--layer; default: the output layer)
        prototypes  prototypes of RBF outputs beside their inputs (--image)
        table       the connection table of a layer (--layer)
        field       the receptive field of a unit on an image (--layer, --image)
        sweep       the net's answers along a line of {LINE} digits (--image)
        saliency    the pixels on which the cost of an image depends (--image)
        saliencies  the saliency of each parameter, by {PATTERNS} digits
        pruning     cost and errors while a copy is pruned in {ROUNDS} rounds
        confusion   the confusion matrix
        rejection   the error of the rest against the share rejected
        mistakes    the mistakes with the highest confidence
    """
)
@click.argument("name", metavar="NET")
@click.option("--what", type=OneOf(list(DRAW)), metavar="PICTURE", default="report", help="The picture to draw.")
@click.option("--layer", metavar="LAYER", help="The layer to draw, for pictures of one layer.")
@click.option("--image", metavar="N", type=click.IntRange(0), default=0, help="Number of the digit, from 0.")
@part_option
@data_option("those that the net was trained on")
@size_option
@click.option("--dpi", metavar="N", type=click.IntRange(10, 1200), default=110, help="Pixels per inch.")
@output_option("NET_PICTURE.png; the ending sets the format: .png, .pdf or .svg")
@force_option
def plot(name: str, what: str, dpi: int, output: Path | None, force: bool, **chosen: Any) -> None:
    """Draw one picture. The help is in the decorator, because it names numbers of digits and rounds."""
    output = output or Path(f"{Path(name).stem}_{what}.png")
    if output.suffix.lower() not in FORMATS:
        raise click.UsageError(f"the name after -o must end in {', '.join(FORMATS)}, not {output.name!r}.")
    drawing = Drawing(named_or_file(name), **chosen)
    check_output(output, force)
    drawing.check_layer()
    DRAW[what](drawing).savefig(output, dpi=dpi)
    if not is_stream(output):
        say(output)
