"""From float32 to int8: weights, states and squashing functions of a trained net in whole numbers.

A state x is q times its layer's step, with q from -127 to 127; a weight is so by its map's step. So the total input of
a unit is a whole number times the product of two steps, and int32 holds it exactly. The squashing function is a table
of int16, with 256 steps between which one interpolates. Steps of states come from what a net does with some images.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..layers import Local, as_pair
from ..net import Net
from ..squash import Linear, ReLU, Squash
from .steps import Step

Array = np.ndarray

LARGEST = 127  # of an int8; -128 is not used
LARGEST_BIAS = 2**30  # which leaves as much to the weights
LARGEST_FACTOR = 2**30
FLAT = 4.0  # tanh(4) = 0.9993: further out, an int8 sees no difference


@dataclass(frozen=True)
class Quantised:
    """One step in whole numbers.

    Attributes
    ----------
    weights : ndarray of int8
        In the shape of the step's.
    biases : ndarray of int32, or int16 if all of the net are so small, or None
    background : int
        The state past the edges, as an int8.
    factors : ndarray of int32, shape (maps,)
        Of each map: the total input times this, over ``2**shift``, plus 2**15, is a place in the table, in 256ths.
    shift : int
    table : ndarray of int16, shape (257,)
        The squashing function: states in 256ths of an int8's step.
    step : float
        What an int8 state counts.
    """

    weights: Array
    biases: Array | None
    background: int
    factors: Array
    shift: int
    table: Array
    step: float


def quantise(net: Net, steps: list[Step], X: Array, *, framed: bool) -> tuple[float, list[Quantised]]:
    """The step of the input's states, and all steps of the net in whole numbers.

    Parameters
    ----------
    net : Net
    steps : list of Step
        What it does.
    X : ndarray of float, shape (n, height, width)
        Images as the net will see them, from which the ranges of the states are found.
    framed : bool
        Whether images are smaller than the input, so that it shows its background.

    Raises
    ------
    TypeError, ValueError
        If the images do not fit the net, or int32 might not hold a sum.
    """
    seen = _largest_states(net, X)
    largest = [seen["input"], *(seen.get(step.name, seen["input"]) for step in steps)]
    if framed:
        largest[0] = max(largest[0], abs(net.input.background))
    for i, step in enumerate(steps):
        largest[i] = max(largest[i], _also_read(step))
    if isinstance(steps[-1].squash, (Linear, ReLU)):
        largest[-1] *= 2  # outputs have 16 bits: one of them for images that reach further than those here
    counts = [float(np.float32(one / LARGEST)) or 1.0 for one in largest]
    pairs = zip(steps, counts[:-1], counts[1:], strict=True)
    return counts[0], _narrow([_quantise(step, below, above) for step, below, above in pairs])


def _narrow(steps: list[Quantised]) -> list[Quantised]:
    """With biases of int16, if those of all steps are small enough."""
    found = [step.biases for step in steps if step.biases is not None]
    if any(np.abs(biases).max() >= 2**15 for biases in found):
        return steps
    return [step if step.biases is None else replace(step, biases=step.biases.astype(np.int16)) for step in steps]


def _largest_states(net: Net, X: Array) -> dict[str, float]:
    """The largest state of each layer, in size."""
    X = np.asarray(X)
    net.patterns(X)  # says what is wrong with them
    largest = dict.fromkeys((layer.name for layer in net), 0.0)
    for image in X.reshape(-1, *X.shape[-2 if net.input.maps == 1 else -3 :]):
        for name, states in net.states(image).items():
            largest[name] = max(largest[name], float(np.abs(states).max()))
    return largest


def _also_read(step: Step) -> float:
    """The largest number, in size, that is no state but shares the step of those below: background or prototypes."""
    if step.kind == "rbf":
        return float(np.abs(step.weights).max())
    local = step.geometry
    return abs(local.background) if isinstance(local, Local) and any(as_pair(local.pad)) else 0.0


def _quantise(step: Step, below: float, above: float) -> Quantised:
    """`below` and `above` are what an int8 state counts there."""
    room = (2 * LARGEST) ** 2 if step.kind == "rbf" else LARGEST**2
    most = (2**31 - 1 - LARGEST_BIAS) // room
    if step.inputs > most:
        raise ValueError(
            f'int8: a unit of layer "{step.name}" has {step.inputs:,} inputs; of its kind int32 holds sums of {most:,}'
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
    """What an int8 weight of each map counts; not so little that a bias would not fit into int32."""
    largest, bias = np.zeros((2, step.above[0]))
    np.maximum.at(largest, step.owners(), np.abs(step.weights).ravel())
    if step.biases is not None:
        bias = np.abs(step.biases.reshape(len(bias), -1)).max(axis=1).astype(np.float64)
    counts = np.maximum(largest / LARGEST, bias / (below * LARGEST_BIAS))
    return np.where(counts > 0, counts, 1.0)


def _factors(ratios: Array) -> tuple[Array, int]:
    """Ratios as whole numbers over a power of two: as precise as the largest allows, within 64 bits."""
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
    """The total input at which the table ends: states have come to the largest there, or tanh is flat."""
    if isinstance(squash, (Linear, ReLU)):
        return largest
    amplitude, slope, linear = squash.constants
    return max(FLAT / slope, (largest - amplitude) / linear if linear else 0.0)


def _table(squash: Squash, reach: float, step: float) -> Array:
    a = reach * np.arange(-128, 129) / 128
    limit = 256 * LARGEST
    return np.clip(np.rint(256 * squashed(squash, a) / step), -limit, limit).astype(np.int16)
