"""``sn89 plot``: draw the pictures of `sn89.plots` into files."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from .. import plots
from ..atomic import is_stream
from ..layers import Local
from ..prune import prune
from .drawing import LINE, PATTERNS, Drawing
from .options import OneOf, check_output, data_option, force_option, output_option, part_option, size_option, verb
from .saying import say
from .sources import named_or_file

if TYPE_CHECKING:
    from ..plots import Picture

FORMATS = (".png", ".pdf", ".svg")
ROUNDS = 6  # of pruning; each deletes three parameters in ten


# ---- A function for each picture ------------------------------------------------------------------------------------


def _report(d: Drawing) -> Picture:
    d.estimate_curvature()
    return plots.plot_report(d.net, d.history, *d.some, image=d.image)


def _digits(d: Drawing) -> Picture:
    X, y = d.some
    each = [int(np.flatnonzero(y == label)[0]) for label in np.unique(y)[:16]]
    return plots.plot_feature_maps(d.net, X[each], label=y[each])


def _states(d: Drawing) -> Picture:
    image, label = d.one
    return plots.plot_feature_maps(d.net, image, label=label)


def _curvature(d: Drawing) -> Picture:
    d.estimate_curvature()
    return plots.plot_curvature(d.net, d.rule)  # type: ignore[arg-type]


def _hinton(d: Drawing) -> Picture:
    layer = d.net[d.layer or d.net.layers[-1].name]
    weights = layer.weights
    if not isinstance(weights, np.ndarray):
        why = "no weights" if weights is None else "maps with different numbers of source maps: use --what kernels"
        raise ValueError(f'layer "{layer.name}" has {why}')
    return plots.plot_hinton(weights if weights.ndim == 2 else weights.reshape(len(weights), -1))


def _table(d: Drawing) -> Picture:
    name = d.named(lambda layer: isinstance(layer.declaration, Local) and bool(layer.declaration.table), "a table")
    return plots.plot_table(d.net, name)


def _field(d: Drawing) -> Picture:
    name = d.named(lambda layer: isinstance(layer.declaration, Local), "local connections")
    _, height, width = d.net[name].shape
    unit = height * width // 2 if d.net[name].flat else (0, height // 2, width // 2)
    return plots.plot_receptive_field(d.net, name, unit, image=d.one[0])


def _kernels(d: Drawing) -> Picture:
    return plots.plot_kernels(d.net, d.layer) if d.layer else plots.plot_all_kernels(d.net)


def _confusion(d: Drawing) -> Picture:
    X, y = d.some
    return plots.plot_confusion(y, d.net.predict(X), classes=d.net.outputs)


def _rejection(d: Drawing) -> Picture:
    X, y = d.some
    return plots.plot_rejection(d.net.cost.scores(d.net(X)), y)


def _history_of_kernels(d: Drawing) -> Picture:
    name = d.named(lambda layer: isinstance(layer.declaration, Local) and layer.declaration.shared, "shared kernels")
    net, kept = d.again
    every = max(1, len(kept.parameters) // 8)
    return plots.plot_kernel_history(net, name, dict(list(kept.parameters.items())[::every]))


def _rates(d: Drawing) -> Picture:
    net, kept = d.again
    return plots.plot_rates(net, d.rule, kept.curvature)  # type: ignore[arg-type]


def _prototypes(d: Drawing) -> Picture:
    image, label = d.one
    return plots.plot_prototypes(d.net, image, label=label)


def _saliency(d: Drawing) -> Picture:
    return plots.plot_saliency(d.net, *d.one, limit="99%")


def _saliencies(d: Drawing) -> Picture:
    X, y = d.digits.train
    return plots.plot_saliencies(d.net, d.net.saliencies(X[:PATTERNS], y[:PATTERNS]))


def _pruning(d: Drawing) -> Picture:
    how = {"delete": 0.3, "rounds": ROUNDS, "retrain": 1, "rule": d.rule, "test": d.digits.test}
    return plots.plot_pruning(prune(copy.deepcopy(d.net), *d.digits.train, **how))  # type: ignore[arg-type]


WHAT: dict[str, tuple[str, Callable[[Drawing], Picture]]] = {
    "report": ("everything on one sheet, A3", _report),
    "kernels": ("the kernels (--layer: of one layer)", _kernels),
    "states": ("the states of all units for one digit (--image)", _states),
    "digits": ("the states of all units for a digit of each class", _digits),
    "learning": ("errors and costs by pass", lambda d: plots.plot_history(d.history, title=d.net.name)),
    "curvature": ("curvature and learning rates, estimated on 500 digits", _curvature),
    "rates": ("learning rates by pass, while a copy is trained again", _rates),
    "growth": ("kernels by pass, while a copy is trained again (--layer)", _history_of_kernels),
    "hinton": ("weights as squares (--layer; default: the output layer)", _hinton),
    "prototypes": ("prototypes of RBF outputs beside their inputs (--image)", _prototypes),
    "table": ("the connection table of a layer (--layer)", _table),
    "field": ("the receptive field of a unit on an image (--layer, --image)", _field),
    "sweep": (f"the net's answers along a line of {LINE} digits (--image)", lambda d: plots.plot_sweep(*d.line)),
    "saliency": ("the pixels on which the cost of an image depends (--image)", _saliency),
    "saliencies": (f"the saliency of each parameter, by {PATTERNS} digits", _saliencies),
    "pruning": (f"cost and errors while a copy is pruned in {ROUNDS} rounds", _pruning),
    "confusion": ("the confusion matrix", _confusion),
    "rejection": ("the error of the rest against the share rejected", _rejection),
    "mistakes": ("the mistakes with the highest confidence", lambda d: plots.plot_mistakes(d.net, *d.some)),
}

_HELP = "\n".join(f"        {name:<12}{words}" for name, (words, _) in WHAT.items())


@verb(
    help=f"""Draw a net: its weights, its states, its mistakes.

    NET is the file of a trained net, or the name of a paper's net for pictures that need no training. Pictures that
    train or prune do so with a copy, so that the file stays as it is.

    sn89 plot zip_code.safetensors                      the report
    sn89 plot zip_code.safetensors --what kernels -o kernels.pdf
    sn89 plot zip_code.safetensors --what states --image 3
    sn89 plot lenet5 --what table

{_HELP}
    """
)
@click.argument("name", metavar="NET")
@click.option("--what", type=OneOf(list(WHAT)), metavar="PICTURE", default="report", help="The picture to draw.")
@click.option("--layer", metavar="LAYER", help="The layer to draw, for pictures of one layer.")
@click.option("--image", metavar="N", type=click.IntRange(0), default=0, help="Number of the digit, from 0.")
@part_option
@data_option("those that the net was trained on")
@size_option
@click.option("--dpi", metavar="N", type=click.IntRange(10, 1200), default=110, help="Pixels per inch.")
@output_option("NET_PICTURE.png; the ending sets the format: .png, .pdf or .svg")
@force_option
def plot(
    name: str,
    what: str,
    layer: str | None,
    image: int,
    part: str,
    data: str | None,
    size: str | None,
    dpi: int,
    output: Path | None,
    force: bool,
) -> None:
    """Draw one picture. The help is in the decorator, because it lists the pictures."""
    output = output or Path(f"{Path(name).stem}_{what}.png")
    if output.suffix.lower() not in FORMATS:
        raise click.UsageError(f"the name after -o must end in {', '.join(FORMATS)}, not {output.name!r}.")
    drawing = Drawing(named_or_file(name), data, size, part, image, layer)
    check_output(output, force)
    drawing.check_layer()
    WHAT[what][1](drawing).savefig(output, dpi=dpi)
    if not is_stream(output):
        say(output)
