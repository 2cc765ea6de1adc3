"""compact(): the smaller net that is left where whole kernels and maps are deleted."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .arguments import not_a_net
from .layers import Full, Layer, Local, all_to_all
from .net import Net
from .netlayer import NetLayer

__all__ = ["compact"]

Array = np.ndarray


def compact(net: Net) -> Net:
    """The net without what is wholly deleted: a smaller net with the same answers, but for roundings.

    Kernels of which every weight is deleted leave the connection table, unless they are a map's last: a map must have
    one. Maps, and units of full layers, to which no connection leads from above are left out, with all that leads to
    them. Input and outputs stay. Single deleted parameters stay deleted.

    Parameters
    ----------
    net : Net
        It is not changed.

    Returns
    -------
    Net
        With copies of the parameters, the curvature and the momentum; a copy of the net if there is nothing to leave
        out.

    Examples
    --------
    >>> import numpy as np, sn89
    >>> net = sn89.nets.lenet1(seed=1)
    >>> net.delete(np.arange(26))  # the first map of H1: 25 weights, and a bias of the next
    >>> sn89.compact(net).connections <= net.connections
    True
    """
    if not isinstance(net, Net):
        raise TypeError(not_a_net(net))
    net = copy.copy(net)  # which no other thread trains meanwhile
    numbers = net.layers_of(np.arange(net.parameters.size))
    layers, chosen = list[Layer](), list[Array]()
    kept = np.arange(net.outputs)  # maps of the layer that are there in the smaller net
    for i in range(len(net.layers), 0, -1):
        layer, below = numbers[net.layers[i - 1].name], numbers["input" if i == 1 else net.layers[i - 2].name]
        read = np.arange(below.shape[0]) if i == 1 else _read(layer, kept, below)
        declaration, of_layer = _smaller(layer, kept, read, below)
        layers.insert(0, declaration)
        chosen.insert(0, of_layer)
        kept = read
    smaller = type(net)(
        net.input, *layers, squash=net.squash, cost=net.cost, start=net.start, seed=net.seed, name=net.name
    )
    which = np.concatenate(chosen)
    smaller.parameters[:] = net.parameters[which]
    smaller.set_state(net.curvature[which], net.momentum[which])
    smaller.delete(net.deleted[which])
    smaller.confidence, smaller.image_shape, smaller.levels = net.confidence, net.image_shape, net.levels
    return smaller


def _edges(layer: NetLayer, kept: Array) -> list[list[tuple[int, int]]]:
    """For every kept map the source and the number of each of its kernels that is not wholly deleted.

    A map of which all are has its first one, deleted as it is, from a source that another map reads: none stays for it.
    """
    assert layer.table is not None
    assert layer.kernels is not None
    first = np.cumsum([0, *map(len, layer.table)])
    gone = np.logical_and.reduce(np.asarray(layer.deleted.kernels).reshape(first[-1], -1), axis=1)
    rows = [[(s, int(first[m]) + k) for k, s in enumerate(layer.table[m]) if not gone[first[m] + k]] for m in kept]
    anyone = min((source for row in rows for source, _ in row), default=0)
    return [row or [(anyone, int(first[m]))] for m, row in zip(kept, rows, strict=True)]


def _read(layer: NetLayer, kept: Array, below: NetLayer) -> Array:
    """The maps below that the kept maps of a layer read; at least one."""
    match layer.declaration:
        case Local():
            return np.unique([source for row in _edges(layer, kept) for source, _ in row])
        case Full():
            gone = layer.deleted.weights.reshape(layer.units, below.shape[0], -1)[kept]  # type: ignore[union-attr]
            return np.flatnonzero(~gone.all(axis=(0, 2))) if not gone.all() else np.arange(1)
    return np.arange(below.shape[0]) if layer.kind == "rbf" else kept


def _smaller(layer: NetLayer, kept: Array, read: Array, below: NetLayer) -> tuple[Layer, Array]:
    """A layer of the kept maps above those that they read: its declaration, and the numbers of its parameters."""
    declaration, bias = layer.declaration, _numbers(layer.bias, kept)
    assert isinstance(declaration, Layer)
    match declaration:
        case Local():
            assert layer.kernels is not None
            edges = _edges(layer, kept)
            kernels = [number for row in edges for _, number in row]
            rows = [[source for source, _ in row] for row in edges]
            table = _renumbered(rows, read)
            whole = table == all_to_all(len(read), len(kept)) and declaration.table is None
            declaration = replace(declaration, maps=len(kept), table=None if whole else table)
            return declaration, np.concatenate([layer.kernels[kernels].ravel(), bias])
        case Full():
            weights = np.asarray(layer.weights).reshape(layer.units, below.shape[0], -1)[np.ix_(kept, read)]
            return replace(declaration, units=len(kept)), np.concatenate([weights.ravel(), bias])
    weights = layer.weights if layer.kind == "average" else None
    return declaration, np.concatenate([_numbers(weights, kept), bias])  # type: ignore[arg-type]


def _numbers(array: Array | None, kept: Array) -> Array:
    return np.zeros(0, np.int64) if array is None else array[kept].ravel()


def _renumbered(rows: Sequence[Sequence[int]], read: Array) -> tuple[tuple[int, ...], ...]:
    """Rows of a table with the places of their sources among those that are read."""
    return tuple(tuple(np.searchsorted(read, row).tolist()) for row in rows)
