"""Warnings about trainings that can hardly succeed, or that have failed, with advice that usually helps.

Impossible input is an error, and is refused elsewhere.
"""

import warnings

import numpy as np

from .aliases import Array, Range
from .checks import are_one_hot, check_images, check_targets
from .costs import HalfSquaredError, SoftmaxCrossEntropy
from .facts import astray, paper_elsewhere
from .history import History
from .net import Net

LARGE = 16.0  # root mean square of inputs above which their range is wrong; bytes of digits have about 80
FEW = 2000  # presentations that may be too few to learn anything
MANY_ROWS = 100  # rows of desired outputs that nobody writes by hand
LOOKED_AT = 256  # images that are enough to judge by


class TrainingWarning(UserWarning):
    """A training can hardly succeed, or has led nowhere; the message says why, and what usually helps."""


def _warn(sentence: str) -> None:
    warnings.warn(sentence, TrainingWarning, stacklevel=5)  # the caller of `train`, which is wrapped once


def _some(X: Array) -> Array:
    """Some of the images, evenly spread over all."""
    return X[:: -(-len(X) // LOOKED_AT)]


def doubts_before(net: Net, X: Array, y: Array, levels: Range | None = None, test: Array | None = None) -> None:
    """Warn about the net, the patterns of `train` (which are valid) and the test images, before anything is learned."""
    images, labels = _some(np.asarray(X)), np.asarray(y)
    if _large(images):
        _warn(
            f"inputs go from {images.min():g} to {images.max():g}, and nets learn from about -1 to 1: "
            'scale them, bytes of light ink by X / 127.5 - 1 (NetClassifier: scale="auto", or a scaler before it)'
        )
    elif other := net._astray(X):
        _warn(f"{net.name} goes on with other images: {other}")
    elif net.levels is None and (other := paper_elsewhere(net.input.background, images)):
        _warn(other)
    if test is not None and levels is not None and (other := astray(levels, net.input.background, np.asarray(test))):
        _warn(f"the test images are scaled otherwise: {other}")
    if net.outputs > 1 and (other := _rows_for_labels(labels, *net.cost.targets(2)[0])):
        _warn(other)
    squash = net._squashes[-1]
    if isinstance(net.cost, SoftmaxCrossEntropy) and squash.kind == "tanh" and squash.constants[2] == 0:
        _warn(
            f"the cost is SoftmaxCrossEntropy, and {squash} bounds the states of the last layer, so that no "
            "probability can come near 1: give that layer squash=sn89.Linear()"
        )
    classes = np.unique(labels) if labels.ndim == 1 else np.array([])
    if net.outputs > 2 and np.array_equal(classes, np.arange(1, net.outputs)):
        _warn(
            f"labels are 1 to {net.outputs - 1}, and none is 0, but labels count from 0 here, so that the net's first "
            f"output is never desired: give y - 1 and a net with {net.outputs - 1} outputs"
        )


def doubts_after(net: Net, X: Array, y: Array, weights: Array | None, history: History, order: str) -> None:
    """Warn if the training has led nowhere, so that the net is no better than one answer for all patterns."""
    count = len(y)
    if not history.passes or len(history.passes) * count < FEW:
        return
    rows, target = check_targets(y, count, net.outputs, net.cost)
    share = np.ones(count) if weights is None else np.asarray(weights, np.float64)
    share = share / share.sum()
    constant = _cost_of_one_answer(net, rows[target], share)
    in_classes = order == "given" and _class_after_class(y)  # then costs while learning are low
    if constant < 1e-6 or (history.final.cost < 0.9 * constant and not in_classes):
        return
    outputs, costs = net.outputs_and_costs(net.patterns(X, y))
    cost = float(share @ costs)
    if net.outputs == 1:
        nowhere = cost >= constant
        found = f"the mean cost is {cost:.2e}, and one answer for all patterns would have {constant:.2e}"
    else:
        classes = rows.argmax(axis=1)[target]
        error = float(share @ (net.cost.scores(outputs).argmax(axis=1) != classes))
        chance = 1 - float(np.bincount(classes, share).max())
        nowhere = error >= chance or (cost >= constant and error > 0.75 * chance)
        found = (
            f"the net gets {100 * error:.1f} % of its training patterns wrong, and one answer for all of them "
            f"{100 * chance:.1f} %"
        )
    if nowhere:
        _warn(f"the training has led nowhere: {found}. {_advice(net, X, y, history, order)}")


def _large(images: Array) -> bool:
    return float(np.sqrt(np.mean(np.square(images, dtype=np.float64)))) > LARGE


def _class_after_class(y: Array) -> bool:
    labels = np.asarray(y)
    return labels.ndim == 1 and (labels[1:] != labels[:-1]).sum() < len(labels) / 10


def _cost_of_one_answer(net: Net, desired: Array, share: Array) -> float:
    """The mean cost of the best outputs that are the same for all patterns: a variance, or an entropy."""
    mean = share @ desired
    if isinstance(net.cost, HalfSquaredError):
        return float(share @ np.square(desired - mean).sum(axis=1)) / 2
    return float(-(mean[mean > 0] * np.log(mean[mean > 0])).sum())


def _advice(net: Net, X: Array, y: Array, history: History, order: str) -> str:
    """The most certain cause of a failed training, as a sentence."""
    if order == "given" and _class_after_class(y):
        return 'The patterns come class after class: order="shuffle" mixes them'
    name, flat = _most_saturated(net, check_images(_some(np.asarray(X)), net.input))
    if flat > 0.5:
        cause = "inputs that large do" if _large(_some(np.asarray(X))) else "a learning rate that is too large does"
        return (
            f"{100 * flat:.0f} % of the states of layer {name!r} are at the ends of their squashing function, where "
            f"nothing is learned: {cause} that{'' if cause.startswith('in') else '; try a tenth of it'}"
        )
    first, last = history.passes[0].cost, history.final.cost
    if abs(first - last) < 0.1 * first:
        return (
            f"The cost went from {first:.2e} to {last:.2e} only: the learning rate may be too small, or too large; "
            "or these labels may belong to other images"
        )
    return f"But the cost still falls, from {first:.2e} to {last:.2e}: more passes or a larger learning rate may help"


def _most_saturated(net: Net, images: Array) -> tuple[str, float]:
    """The layer with the largest share of states within 2 % of the bounds of a tanh, and that share."""
    found = ("", 0.0)
    states = [net.states(image[0] if net.input.maps == 1 else image) for image in images[:50]]
    for layer, squash in zip(net.layers, net._squashes, strict=True):
        if squash.kind == "tanh":
            bound = 0.98 * squash.constants[0]
            share = float(np.mean([abs(one[layer.name]) > bound for one in states]))
            found = max(found, (layer.name, share), key=lambda one: one[1])
    return found


def _rows_for_labels(y: Array, high: float, low: float) -> str:
    """A sentence about rows of 0 and 1, as Keras has labels, if the cost desires other values for a class.

    Rows of whole numbers are certainly labels. A few rows of floats are desired outputs; many are probably labels.
    """
    if (high, low) == (1, 0) or not are_one_hot(y):
        return ""
    meant = f"{high:g} of the class's output and {low:g} of all others"
    if y.dtype.kind != "f":
        return (
            f"y has rows of 0 and 1, which are taken for labels, so {meant} is desired. Give y.argmax(axis=1), which "
            "means the same. If 0 and 1 are desired, give floating point, or the net cost=sn89.HalfSquaredError(low=0)"
        )
    if len(y) < MANY_ROWS:
        return ""
    return (
        f"y has rows of 0 and 1 in floating point, so these are the desired outputs. If they are labels, give "
        f"y.argmax(axis=1), so that {meant} is desired; if not, give the net cost=sn89.HalfSquaredError(low=0)"
    )
