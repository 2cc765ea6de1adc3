"""A net swept over a wider input: the same parameters at every place, and a map of answers instead of one.

Layers of planes work on larger planes without a change. A full connection is a local one whose fields are as large as
the planes below, so that it has one place only; on larger planes it has more (Proc. IEEE 86(11), 1998, section VII,
"space displacement neural networks").
"""

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .aliases import Array
from .arguments import check_net, whole
from .costs import HalfSquaredError, RBFDiscriminative
from .layers import RBF, Average, Dropout, Full, Input, Layer, Local, as_pair
from .squash import Linear


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
                f"{side} must be {least} plus a multiple of {stride}, the distance of two answers: {near} or "
                f"{near + stride}, not {given}"
            )
    layers = list(_layers(net))
    rbf = isinstance(net.layers[-1], RBF)
    wide = type(net)(
        Input(height, width, net.input.background, net.input.maps),
        *layers,
        **net.options | {"cost": HalfSquaredError() if rbf else net.cost, "name": f"{net.name}, {height} x {width}"},
    )
    wide.parameters[...] = np.concatenate([net.parameters, *([_proximities(net)] if rbf else [])])
    wide.delete(np.flatnonzero(net.deleted))
    return wide


def strides(net: Any) -> tuple[int, int]:
    """The distance of two neighbouring answers of a replicated net, in pixels: rows, columns."""
    steps = [as_pair(one.stride) for one in net.layers if isinstance(one, Local)]
    steps += [as_pair(one.size) for one in net.layers if isinstance(one, Average)]
    return math.prod(rows for rows, _ in steps), math.prod(columns for _, columns in steps)


def _check(net: Any) -> None:
    """Refuse a net whose answer would depend on the place."""
    for layer in net.layers:
        if not isinstance(layer, Local):
            continue
        if layer.bias == "unit":
            why = "each of its units has its own bias, which the units of a larger plane would lack"
        elif not layer.shared:
            why = "each of its units has its own kernel, which the units of a larger plane would lack"
        elif any(as_pair(layer.pad)):
            why = "its fields reach past the edge, and inside a larger plane there is no background"
        else:
            continue
        raise ValueError(f'{net.name} cannot be replicated, because of layer "{layer.name}": {why}')
    if any(isinstance(layer, RBF) for layer in net.layers[:-1]):
        raise ValueError(f"{net.name} cannot be replicated: an RBF layer must be the last one")


def _layers(net: Any) -> Iterator[Layer]:
    """The layers; those that form no planes become local connections."""
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
    """Weights and biases of the linear layer in place of RBF outputs: 2 w_i x - |w_i|^2 = |x|^2 - distance."""
    prototypes = net.layers[-1].prototypes.astype(np.float64)
    return np.concatenate([(2 * prototypes).ravel(), -(prototypes**2).sum(axis=1)]).astype(np.float32)


def scan(net: Any, image: Array) -> Array:
    """The scores of a net at every place of an image.

    Each place is a part of the image that is as large as the net's input; neighbouring places are as far apart as the
    strides of all layers together. The scores are those of `Cost.scores` for that part alone, within rounding.

    Parameters
    ----------
    net : Net
        The trained net; it is replicated here.
    image : ndarray of float, shape (height, width)
        An image at least as large as the net's input. Background is added below and to the right if the places do not
        fill it evenly.

    Returns
    -------
    ndarray of float32, shape (classes, rows, columns)
        At every place the class with the largest score is the answer.

    Examples
    --------
    >>> import numpy as np, sn89
    >>> net = sn89.nets.lenet1(seed=1)
    >>> sn89.scan(net, np.full((28, 60), -1.0)).shape  # ten outputs at each place
    (10, 1, 9)
    """
    check_net(net)
    image = np.asarray(image)
    height, width = net.input.height, net.input.width
    if image.ndim != 2 or image.shape[0] < height or image.shape[1] < width:
        raise ValueError(f"an image to scan must be {height} x {width} or larger, not {image.shape}")
    sides = zip(image.shape, (height, width), strides(net), strict=True)
    more = [(0, -(given - least) % stride) for given, least, stride in sides]
    image = np.pad(image, more, constant_values=net.input.background)
    states = list(replicated(net, *image.shape).states(image).values())
    outputs = states[-1]
    if isinstance(net.cost, RBFDiscriminative):
        nearness: Array = outputs - (states[-2].astype(np.float64) ** 2).sum(axis=0).astype(np.float32)
        return nearness
    scores: Array = np.moveaxis(net.cost.scores(np.moveaxis(outputs, 0, -1)), -1, 0)
    return scores
