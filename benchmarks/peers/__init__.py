"""The zip-code net elsewhere: the same arithmetic, to be timed beside ours.

Every peer starts from the parameters of our net. One that learns is timed only if it learns the same (`check` in
compare.py), and the benchmark's tests compare its outputs with ours. One that is not installed is left out with a word.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sn89 import Net

SLOPE, AMPLITUDE = 2 / 3, 1.7159
BACKGROUND = -1.0  # of the borders of width 2
GROUPS = (((0, 8),), ((4, 12),), ((0, 4), (8, 12)))  # the sources that each four maps of H2 see

NAMES = [f"{layer} {part}" for layer in ("H1", "H2", "H3", "output") for part in ("weights", "bias")]


class MissingError(Exception):
    """A peer is not there; what to do about it."""


def parameters(net: Net) -> dict[str, np.ndarray]:
    """Kernels and biases of the zip-code net by the name of their layer, each a copy."""
    found: dict[str, np.ndarray] = {}
    for layer in list(net)[1:]:
        found[f"{layer.name} weights"] = np.array(layer.weights, np.float32)
        found[f"{layer.name} bias"] = np.array(layer.bias, np.float32)
    return found


def flat(arrays: Mapping[str, object]) -> np.ndarray:
    """The same in one vector, in the order of `net.parameters`."""
    return np.concatenate([np.asarray(arrays[name]).ravel() for name in NAMES])
