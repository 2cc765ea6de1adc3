"""Quantise a trained net: weights, states and squashing functions as integers in place of float32.

A state is an integer from -127 to 127 times the step of its layer, and a weight is one times the step of its map. So
the total input of a unit is an integer times the product of two steps, which int32 holds exactly. The squashing
function is an int16 table of 256 intervals with linear interpolation. The steps of states are found from some images.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..aliases import Array
from ..layers import Local, as_pair
from ..net import Net
from ..squash import Linear, ReLU, Squash
from .steps import Step

LARGEST = 127  # of an int8; -128 is not used
LARGEST_BIAS = 2**30  # leaves half of int32 to the weighted sum
LARGEST_FACTOR = 2**30
FLAT = 4.0  # tanh(4) = 0.9993; an int8 cannot show any larger value


@dataclass(frozen=True)
class Quantised:
    """A layer as integers."""

    weights: Array  # int8, in the shape of the step's weights
    biases: Array | None  # int32, or int16 if all biases of the net are small enough
    background: int  # the state past the edges, as an int8
    factors: Array  # int32 (maps,): (total input * factor >> shift) + 2**15 is a place in the table, in 256ths
    shift: int
    table: Array  # int16 (257,), the squashing function: states in 256ths of an int8's step
    step: float  # of an int8 state


def quantise(net: Net, steps: list[Step], X: Array, *, framed: bool) -> tuple[float, list[Quantised]]:
    """The step of the input's states, and all layers as integers.

    The ranges of states are found from the images `X`, float (n, height, width). If images are smaller than the input
    (`framed`), its background counts too. A ValueError says if an int32 might not hold a sum.
    """
    seen = _largest_states(net, X)
    largest = [seen["input"], *(seen.get(step.name, seen["input"]) for step in steps)]
    if framed:
        largest[0] = max(largest[0], abs(net.input.background))
    for i, step in enumerate(steps):
        largest[i] = max(largest[i], _also_read(step))
    if isinstance(steps[-1].squash, (Linear, ReLU)):
        largest[-1] *= 2  # outputs have 16 bits, so one can be spent on larger outputs than those for X
    counts = [float(np.float32(one / LARGEST)) or 1.0 for one in largest]
    pairs = zip(steps, counts[:-1], counts[1:], strict=True)
    return counts[0], _narrow([_quantise(step, below, above) for step, below, above in pairs])


def _narrow(steps: list[Quantised]) -> list[Quantised]:
    """The same with int16 biases, if those of all layers are small enough."""
    found = [step.biases for step in steps if step.biases is not None]
    if any(np.abs(biases).max() >= 2**15 for biases in found):
        return steps
    return [step if step.biases is None else replace(step, biases=step.biases.astype(np.int16)) for step in steps]


def _largest_states(net: Net, X: Array) -> dict[str, float]:
    """The largest absolute state of each layer."""
    X = np.asarray(X)
    net.patterns(X)  # raises an error if the images do not fit
    largest = dict.fromkeys((layer.name for layer in net), 0.0)
    for image in X.reshape(-1, *X.shape[-2 if net.input.maps == 1 else -3 :]):
        for name, states in net.states(image).items():
            largest[name] = max(largest[name], float(np.abs(states).max()))
    return largest


def _also_read(step: Step) -> float:
    """The largest absolute background or prototype, which share the step of the states below."""
    if step.kind == "rbf":
        return float(np.abs(step.weights).max())
    local = step.geometry
    return abs(local.background) if isinstance(local, Local) and any(as_pair(local.pad)) else 0.0


def _quantise(step: Step, below: float, above: float) -> Quantised:
    """A layer as integers; `below` and `above` are the steps of the states there."""
    room = (2 * LARGEST) ** 2 if step.kind == "rbf" else LARGEST**2
    most = (2**31 - 1 - LARGEST_BIAS) // room
    if step.inputs > most:
        raise ValueError(
            f'int8: a unit of layer "{step.name}" has {step.inputs:,} inputs, but an int32 sum holds at most {most:,} '
            "of this kind: write the net in floats"
        )
    if step.kind == "rbf":
        counts, weights = np.full(step.above[0], below), _rounded(step.weights / below)
    else:
        counts = _weight_steps(step, below)
        weights = _rounded(step.weights.ravel() / counts[step.owners()]).reshape(step.weights.shape)
    biases = None
    if step.biases is not None:
        by_map = step.biases.reshape(step.above[0], -1) / (counts * below)[:, None]
        biases = np.rint(by_map).astype(np.int32).reshape(step.biases.shape)
    background = step.geometry.background if isinstance(step.geometry, Local) else 0.0
    reach = _reach(step.squash, above * LARGEST)
    factors, shift = _factors(counts * below * 2**15 / reach)
    return Quantised(
        weights, biases, int(_rounded(background / below)), factors, shift, _table(step.squash, reach, above), above
    )


def _rounded(numbers: Array | float) -> Array:
    return np.clip(np.rint(numbers), -LARGEST, LARGEST).astype(np.int8)


def _weight_steps(step: Step, below: float) -> Array:
    """The step of the weights of each map, large enough that the bias fits into int32."""
    largest, bias = np.zeros((2, step.above[0]))
    np.maximum.at(largest, step.owners(), np.abs(step.weights).ravel())
    if step.biases is not None:
        bias = np.abs(step.biases.reshape(len(bias), -1)).max(axis=1).astype(np.float64)
    counts = np.maximum(largest / LARGEST, bias / (below * LARGEST_BIAS))
    return np.where(counts > 0, counts, 1.0)


def _factors(ratios: Array) -> tuple[Array, int]:
    """Ratios as integers over a power of two, as precise as 64 bits allow for the largest one."""
    shift = int(np.clip(30 - np.ceil(np.log2(ratios.max())), 0, 46))
    return np.minimum(np.rint(ratios * 2.0**shift), LARGEST_FACTOR).astype(np.int32), shift


def squashed(squash: Squash, a: Array) -> Array:
    """f(a) in float64."""
    match squash:
        case Linear():
            return a
        case ReLU():
            positive: Array = np.maximum(a, 0)
            return positive
    amplitude, slope, linear = squash.constants
    return amplitude * np.tanh(slope * a) + linear * a


def _reach(squash: Squash, largest: float) -> float:
    """The total input at which the table ends, because the state is the largest there or tanh is flat."""
    if isinstance(squash, (Linear, ReLU)):
        return largest
    amplitude, slope, linear = squash.constants
    return max(FLAT / slope, (largest - amplitude) / linear if linear else 0.0)


def _table(squash: Squash, reach: float, step: float) -> Array:
    a = reach * np.arange(-128, 129) / 128
    limit = 256 * LARGEST
    return np.clip(np.rint(256 * squashed(squash, a) / step), -limit, limit).astype(np.int16)
