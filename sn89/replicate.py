"""A net swept over a wider input: the same parameters at every place, and a map of answers instead of one.

What a layer of planes computes does not depend on where its units are, so it needs no change on larger planes. A layer
in full connection is one whose fields are as large as the planes below, of which there is one place only: on larger
planes there are more (Proc. IEEE 86(11), 1998, section VII, "space displacement neural networks").
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .arguments import not_a_net, whole
from .costs import HalfSquaredError, RBFDiscriminative
from .layers import RBF, Average, Dropout, Full, Input, Layer, Local, Pair, as_pair
from .squash import Linear

Array = np.ndarray


def replicated(net: Any, height: int, width: int) -> Any:
    """See `sn89.Net.replicate`."""
    height = whole(height, "height", least=net.input.height)
    width = whole(width, "width", least=net.input.width)
    _check(net)
    net = copy.copy(net)  # which no other thread trains meanwhile
    for side, given, least, stride in zip(
        ("height", "width"), (height, width), (net.input.height, net.input.width), strides(net), strict=True
    ):
        if (given - least) % stride:
            near = least + (given - least) // stride * stride
            raise ValueError(
                f"{side} must be {least} and so many times {stride}, which is how far apart two answers are: "
                f"{near} or {near + stride}, not {given}"
            )
    layers = list(_layers(net))
    rbf = isinstance(net.layers[-1], RBF)
    wide = type(net)(
        Input(height, width, net.input.background, net.input.maps),
        *layers,
        squash=net.squash,
        cost=HalfSquaredError() if rbf else net.cost,
        start=net.start,
        seed=net.seed,
        name=f"{net.name}, {height} x {width}",
    )
    wide.parameters[...] = np.concatenate([net.parameters, *([_proximities(net)] if rbf else [])])
    wide.delete(np.flatnonzero(net.deleted))
    return wide


def strides(net: Any) -> tuple[int, int]:
    """How far apart, in pixels, two neighbouring answers of a replicated net are: rows, columns."""
    steps = [as_pair(step) for step in map(_step, net.layers) if step is not None]
    return math.prod(rows for rows, _ in steps), math.prod(columns for _, columns in steps)


def _step(layer: Layer) -> int | Pair | None:
    """How far apart what two neighbouring units of a layer see is; None for layers that do not thin out."""
    if isinstance(layer, Local):
        return layer.stride
    return layer.size if isinstance(layer, Average) else None


def _check(net: Any) -> None:
    """Whether the net's answer is the same wherever it looks."""
    for layer in net.layers:
        if not isinstance(layer, Local):
            continue
        if layer.bias == "unit":
            why = "each of its units has a bias of its own, and there is none for the units of a larger plane"
        elif not layer.shared:
            why = "each of its units has a kernel of its own, and there is none for the units of a larger plane"
        elif any(as_pair(layer.pad)):
            why = "its fields reach past the edge, to a background that is not there in the midst of a larger plane"
        else:
            continue
        raise ValueError(f'{net.name} cannot be replicated: layer "{layer.name}" would change, for {why}')
    if any(isinstance(layer, RBF) for layer in net.layers[:-1]):
        raise ValueError(f"{net.name} cannot be replicated: an RBF layer is not its last")


def _layers(net: Any) -> Iterator[Layer]:
    """The layers with those that form no planes as local connections."""
    sizes = [layer.shape[1:] for layer in net]
    flat = [layer.flat for layer in net]
    for i, layer in enumerate(net.layers):
        field = (1, 1) if flat[i] else sizes[i]
        if isinstance(layer, Full):
            yield Local(layer.name, maps=layer.units, kernel=field, squash=layer.squash)
        elif isinstance(layer, RBF):
            yield Local(layer.name, maps=len(layer.prototypes), kernel=field, squash=Linear())
        elif isinstance(layer, (Local, Average, Dropout)):
            yield layer


def _proximities(net: Any) -> Array:
    """Weights and biases of what stands for RBF outputs: 2 w_i x - |w_i|^2, which is |x|^2 less the distance."""
    prototypes = net.layers[-1].prototypes.astype(np.float64)
    return np.concatenate([(2 * prototypes).ravel(), -(prototypes**2).sum(axis=1)]).astype(np.float32)


def scan(net: Any, image: Array) -> Array:
    """The scores of a net wherever it can look in an image: float32 (classes, rows, columns), larger for more alike.

    Row r and column c are of the part of the image that begins r and c times `strides` down and to the right, and that
    is as large as the net's input. They are what `Cost.scores` makes of the net's outputs for that part alone, within
    rounding.

    Parameters
    ----------
    net : Net
        The net as it was trained; it is replicated here.
    image : ndarray of float, shape (height, width)
        At least as large as the net's input. Where its size does not come out even, background is added below and to
        the right.

    Returns
    -------
    ndarray of float32, shape (classes, rows, columns)

    Raises
    ------
    ValueError
        If the net cannot be replicated, or the image is smaller than its input.

    Examples
    --------
    >>> import numpy as np, sn89
    >>> net = sn89.nets.lenet1(seed=1)
    >>> sn89.scan(net, np.full((28, 60), -1.0)).shape  # ten outputs at each place
    (10, 1, 9)
    """
    from .net import Net

    if not isinstance(net, Net):
        raise TypeError(not_a_net(net))
    image = np.asarray(image)
    if image.ndim != 2 or image.shape[0] < net.input.height or image.shape[1] < net.input.width:
        raise ValueError(
            f"an image to scan must be {net.input.height} x {net.input.width} or larger, not {image.shape}"
        )
    sides = zip(image.shape, (net.input.height, net.input.width), strides(net), strict=True)
    more = [(0, -(given - least) % stride) for given, least, stride in sides]
    image = np.pad(image, more, constant_values=net.input.background)
    states = list(replicated(net, *image.shape).states(image).values())
    outputs = states[-1]
    if isinstance(net.cost, RBFDiscriminative):
        nearness: Array = outputs - (states[-2].astype(np.float64) ** 2).sum(axis=0).astype(np.float32)
        return nearness
    scores: Array = np.moveaxis(net.cost.scores(np.moveaxis(outputs, 0, -1)), -1, 0)
    return scores
