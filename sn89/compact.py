"""compact(): remove kernels and maps that are wholly deleted, which leaves a smaller net."""

import copy
from dataclasses import replace

import numpy as np

from .aliases import Array
from .arguments import check_net
from .layers import Full, Layer, Local, all_to_all
from .net import Net
from .netlayer import NetLayer


def compact(net: Net) -> Net:
    """Make a smaller net without the parts that are wholly deleted.

    Its outputs are the same except for rounding. A kernel whose weights are all deleted is removed from the connection
    table, unless it is the only one of its map. A map (feature map), or a unit of a full layer, is removed with
    everything below that only it reads, if no layer above reads it. Input and outputs stay. Other deleted parameters
    stay deleted.

    Parameters
    ----------
    net : Net
        The net, which is not changed.

    Returns
    -------
    Net
        The smaller net with copies of parameters, curvature and momentum; a copy of `net` if there is nothing to
        remove.

    Examples
    --------
    >>> import numpy as np, sn89
    >>> net = sn89.nets.lenet1(seed=1)
    >>> net.delete(np.arange(26))  # the first map of H1: 25 weights, and a bias of the next
    >>> sn89.compact(net).connections <= net.connections
    True
    """
    check_net(net)
    net = copy.copy(net)  # because another thread may train the original meanwhile
    numbers = net.layers_of(np.arange(net.parameters.size))
    layers, chosen = list[Layer](), list[Array]()
    kept = np.arange(net.outputs)  # maps of the layer that stay
    for i in range(len(net.layers), 0, -1):
        layer, below = numbers[net.layers[i - 1].name], numbers["input" if i == 1 else net.layers[i - 2].name]
        read = np.arange(below.shape[0]) if i == 1 else _read(layer, kept, below)
        declaration, of_layer = _smaller(layer, kept, read, below)
        layers.insert(0, declaration)
        chosen.insert(0, of_layer)
        kept = read
    smaller = type(net)(net.input, *layers, **net.options)
    which = np.concatenate(chosen)
    smaller.parameters[:] = net.parameters[which]
    smaller.set_state(net.curvature[which], net.momentum[which])
    smaller.delete(net.deleted[which])
    smaller.confidence, smaller.image_shape, smaller.levels = net.confidence, net.image_shape, net.levels
    return smaller


def _edges(layer: NetLayer, kept: Array) -> list[list[tuple[int, int]]]:
    """For each kept map a list of (source map, number of kernel) of the kernels that are not wholly deleted.

    A map without such kernels keeps its first one. Its source is then one that another map reads, so that no source
    stays for it alone.
    """
    assert layer.table is not None
    assert layer.kernels is not None
    first = np.cumsum([0, *map(len, layer.table)])
    gone = np.logical_and.reduce(np.asarray(layer.deleted.kernels).reshape(first[-1], -1), axis=1)
    rows = [[(s, int(first[m]) + k) for k, s in enumerate(layer.table[m]) if not gone[first[m] + k]] for m in kept]
    anyone = min((source for row in rows for source, _ in row), default=0)
    return [row or [(anyone, int(first[m]))] for m, row in zip(kept, rows, strict=True)]


def _read(layer: NetLayer, kept: Array, below: NetLayer) -> Array:
    """The maps below that the kept maps of a layer read, at least one."""
    match layer.declaration:
        case Local():
            return np.unique([source for row in _edges(layer, kept) for source, _ in row])
        case Full():
            gone = layer.deleted.weights.reshape(layer.units, below.shape[0], -1)[kept]  # type: ignore[union-attr]
            return np.flatnonzero(~gone.all(axis=(0, 2))) if not gone.all() else np.arange(1)
    return np.arange(below.shape[0]) if layer.kind == "rbf" else kept


def _smaller(layer: NetLayer, kept: Array, read: Array, below: NetLayer) -> tuple[Layer, Array]:
    """The declaration of a layer with only the kept maps, above the maps `read`, and the numbers of its parameters."""
    declaration, bias = layer.declaration, _numbers(layer.bias, kept)
    assert isinstance(declaration, Layer)
    match declaration:
        case Local():
            assert layer.kernels is not None
            edges = _edges(layer, kept)
            kernels = [number for row in edges for _, number in row]
            rows = [[source for source, _ in row] for row in edges]
            table = tuple(tuple(np.searchsorted(read, row).tolist()) for row in rows)  # sources by their new numbers
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
