"""The computation of a net as steps: its layers as plain numbers, for other formats."""

import re
from dataclasses import dataclass

import numpy as np

from ..aliases import Array
from ..layers import Average, Local
from ..net import Net
from ..netlayer import NetLayer
from ..squash import Linear, Squash

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Step:
    """A layer that computes something, that is, any layer but dropout."""

    kind: str
    name: str
    identifier: str  # the name as an identifier in ASCII, different from all others
    below: Shape  # maps, height and width of the layer below
    above: Shape  # and of the layer itself
    weights: Array  # `kernels` or `weights` of the NetLayer; those of a map lie together
    biases: Array | None  # (maps,), (units,) or (maps, height, width)
    squash: Squash
    geometry: Local | Average | None  # the declaration, if it has a kernel or a block
    inputs: int  # largest number of inputs of a unit, without the bias

    def owners(self) -> Array:
        """The number of the map to which each weight belongs, (weights,)."""
        maps = self.above[0]
        fans = [1] * maps
        if isinstance(self.geometry, Local) and self.geometry.table is not None:
            fans = [len(row) for row in self.geometry.table]
        return np.repeat(np.arange(maps), np.array(fans) * (self.weights.size // sum(fans)))


def steps(net: Net) -> list[Step]:
    """The steps of a net, at least one; a ValueError if a parameter is not finite."""
    layers, identifiers = list(net), _identifiers([layer.name for layer in net])
    found, below = [], layers[0].shape
    for layer, identifier, squash in zip(layers[1:], identifiers[1:], net._squashes, strict=True):
        if layer.kind == "dropout":
            continue
        for array in (layer.weights, layer.bias):
            if array is not None and not all(np.isfinite(part).all() for part in array):
                raise ValueError(f'layer "{layer.name}" has parameters that are not finite')
        found.append(_step(layer, identifier, squash, below))
        below = layer.shape
    if not found:  # a net that has only dropout: averages over blocks of one unit, which are the units themselves
        once, zeros = np.ones(below[0], np.float32), np.zeros(below[0], np.float32)
        found = [Step("average", "output", "output", below, below, once, zeros, Linear(), Average("output", 1), 1)]
    return found


def _step(layer: NetLayer, identifier: str, squash: Squash, below: Shape) -> Step:
    declared = layer.declaration
    weights = layer.kernels if isinstance(declared, Local) else layer.weights
    assert isinstance(weights, np.ndarray)  # only the weights of local connections may be a list
    return Step(
        kind=layer.kind,
        name=layer.name,
        identifier=identifier,
        below=below,
        above=layer.shape,
        weights=weights,
        biases=layer.bias,
        squash=squash,
        geometry=declared if isinstance(declared, (Local, Average)) else None,
        inputs=_inputs(layer, below),
    )


def _inputs(layer: NetLayer, below: Shape) -> int:
    match layer.declaration:
        case Local() as local:
            return max(map(len, layer.table or ())) * int(np.prod(local.kernel))
        case Average() as average:
            return int(np.prod(average.size))
    return int(np.prod(below))


def _identifiers(names: list[str]) -> list[str]:
    """Names as identifiers of programming languages, different from each other even without regard to capitals."""
    found: list[str] = []
    for name in names:
        word = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")[:40]
        word = word if word[:1].isalpha() else f"layer{word}"
        while word.lower() in [one.lower() for one in found]:
            word += "x"
        found.append(word)
    return found
