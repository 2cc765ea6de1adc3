"""Write a net as an ONNX graph for onnxruntime, for other frameworks, or for a viewer such as Netron.

The states of a layer are a tensor with the layer's name, such as "H1"; those of the last layer are "outputs". Tensors
before them are called "H1.weights", "H1.sums" and so on. If a name is taken, a prime is added. The graph uses opset 11
(ONNX 1.6, 2019), which has every operator that a net needs, so that old runtimes read it too.
"""

from __future__ import annotations

import os
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from ..aliases import Array
from ..arguments import check_ending, check_net, truth, whole
from ..atomic import write_whole
from ..compact import compact
from ..costs import RBFDiscriminative
from ..keywords import in_our_words
from ..layers import Average, Dropout, Layer, Local, as_pair
from ..net import Net
from ..netlayer import NetLayer
from ..squash import Squash
from ..table import HEAD, rows
from ..version import __version__

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

_Kind = TypeVar("_Kind", bound=Layer)

OPSET, IR_VERSION = 11, 6  # both of ONNX 1.6, September 2019


@in_our_words({})
def onnx(net: Net, path: str | os.PathLike[str], *, batch: int | None = None, label: bool = True) -> None:
    """Write a net as an ONNX file, which computes the same outputs except for rounding.

    The input "image" is float32 (batch, maps, height, width), scaled as in training and as large as the input planes.
    The outputs are "outputs", float32 (batch, outputs), as ``net(X)`` computes them, and "label", int64 (batch,), as
    ``net.predict(X)`` does. Dropout is left out, because it acts only in training.

    Parameters
    ----------
    net : Net
        The net to write.
    path : path
        The file, usually with the ending ``.onnx``. It is written whole or not at all.
    batch : int, optional
        Number of images in a batch; by default any number.
    label : bool
        Whether the file has the output "label": the class with the largest output, or, with the cost
        `RBFDiscriminative`, with the smallest.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the file has the ending of another format.
    ImportError
        If the package onnx is missing: ``pip install "sn89[onnx]"``.

    Notes
    -----
    A connection table becomes one Conv over all source maps, with zeros where the table has no connection. Where fields
    reach past the edge, Pad adds the background around the planes. For weights that are not shared, Gather collects the
    fields and MatMul multiplies them. An average becomes an AveragePool and a Mul, whose factors are the coefficients
    times the number of units in a block.
    """
    check_net(net)
    truth(label, "label")
    check_ending(path, "an ONNX file", ".onnx")
    size = "batch" if batch is None else whole(batch, "batch", least=1)
    net = compact(net) if net.deleted.any() else copy(net)  # because another thread may train the original
    net._core.check_finite()
    write_whole(path, _model(net, size, label).SerializeToString())


# ---- The graph ------------------------------------------------------------------------------------------------------


class _Graph:
    """Nodes and constants, in the order in which they were added."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.taken = {"image", "outputs", "label"}

    def new(self, name: str) -> str:
        while name in self.taken:
            name += "'"
        self.taken.add(name)
        return name

    def constant(self, name: str, value: Any, about: str = "", dtype: type = np.float32) -> str:
        """Add a constant, and return its name."""
        from onnx import numpy_helper

        made = numpy_helper.from_array(np.asarray(value, dtype), self.new(name))
        made.doc_string = about
        self.constants.append(made)
        return made.name

    def node(self, kind: str, name: str, *inputs: str, **attributes: Any) -> str:
        """Add a node, and return the name of its output, which is also its own name."""
        from onnx import helper

        name = self.new(name)
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def call_last(self, name: str) -> str:
        """Rename the last node and its output."""
        self.nodes[-1].name = self.nodes[-1].output[0] = name = self.new(name)
        return name


class _Units(NamedTuple):
    """The input of a layer: a tensor (batch, units) if it is flat, else (batch, maps, height, width)."""

    name: str
    shape: tuple[int, int, int]
    flat: bool = False

    def as_row(self, graph: _Graph, name: str) -> str:
        return self.name if self.flat else graph.node("Flatten", f"{name}.inputs", self.name)

    def as_planes(self, graph: _Graph, name: str) -> str:
        return graph.node("Unsqueeze", f"{name}.inputs", self.name, axes=[2, 3]) if self.flat else self.name


def _model(net: Net, batch: str | int, label: bool) -> ModelProto:
    try:
        import onnx
    except ImportError:
        raise ImportError('sn89.export.onnx needs the package onnx: pip install "sn89[onnx]"') from None
    helper, kind = onnx.helper, onnx.TensorProto
    graph, text = _graph(net, label), str(net)
    outputs = [helper.make_tensor_value_info("outputs", kind.FLOAT, [batch, net.outputs])]
    outputs += [helper.make_tensor_value_info("label", kind.INT64, [batch])] if label else []
    image = helper.make_tensor_value_info("image", kind.FLOAT, [batch, *net["input"].shape])
    described = helper.make_graph(graph.nodes, net.name or "net", [image], outputs, graph.constants, text)
    about = {"producer_name": "sn89", "producer_version": __version__, "doc_string": text, "ir_version": IR_VERSION}
    model: ModelProto = helper.make_model(described, opset_imports=[helper.make_opsetid("", OPSET)], **about)
    counts = {name: str(getattr(net, name)) for name in ("units", "connections", "free_parameters")}
    helper.set_model_props(model, {"name": net.name, **counts, "cost": repr(net.cost)})
    model = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)  # so that viewers show shapes
    onnx.checker.check_model(model, full_check=True)
    return model


def _graph(net: Net, label: bool) -> _Graph:
    graph, layers = _Graph(), list(net)
    x = _Units("image", layers[0].shape)
    for layer, squash, cells in zip(layers[1:], net._squashes, rows(layers)[1:-1], strict=True):
        if not isinstance(layer.declaration, Dropout):
            x = _layer(graph, layer, x, squash, cells)
    graph.taken -= {"outputs", "label"}
    if x.flat:
        graph.nodes[-1].output[0] = "outputs"
    else:
        graph.node("Flatten", "outputs", x.name)
    if label:
        kind = "ArgMin" if isinstance(net.cost, RBFDiscriminative) else "ArgMax"
        graph.node(kind, "label", "outputs", axis=1, keepdims=0)
    return graph


def _layer(graph: _Graph, layer: NetLayer, x: _Units, squash: Squash, cells: tuple[str, ...]) -> _Units:
    """Add the nodes of a layer. The documentation of each node is the layer's row in the table of the net."""
    words = [f"{head}: {cell}" for head, cell in zip(HEAD, cells, strict=True) if cell != "-"]
    first = len(graph.nodes)
    _squash(graph, layer.name, _KINDS[layer.kind](graph, layer, x), squash)
    for node in graph.nodes[first:]:
        node.doc_string = "; ".join([*words, f"squash: {squash}"])
    return _Units(graph.call_last(layer.name), layer.shape, layer.flat)


# ---- Layers: each function returns the name of the tensor with the total inputs -------------------------------------


def _local(graph: _Graph, layer: NetLayer, x: _Units) -> str:
    local, name = _of(Local, layer), layer.name
    kernel, stride, pad = map(as_pair, (local.kernel, local.stride, local.pad))
    planes = x.as_planes(graph, name)
    if any(pad):
        pads = graph.constant(f"{name}.pad", [0, 0, *pad] * 2, dtype=np.int64)
        background = graph.constant(f"{name}.background", local.background)
        planes = graph.node("Pad", f"{name}.padded", planes, pads, background, mode="constant")
    if not local.shared:
        return _add(graph, layer, _unshared(graph, layer, x, planes))
    weights = graph.constant(f"{name}.weights", _dense(layer), "0 where a map does not see a source map")
    bias = [graph.constant(f"{name}.bias", layer.bias)] if local.bias == "map" else []
    sums = graph.node("Conv", f"{name}.sums", planes, weights, *bias, kernel_shape=kernel, strides=stride)
    return _add(graph, layer, sums) if local.bias == "unit" else sums


def _of(kind: type[_Kind], layer: NetLayer) -> _Kind:
    """The declaration of a layer, which has this kind."""
    assert isinstance(layer.declaration, kind)
    return layer.declaration


def _dense(layer: NetLayer) -> Array:
    """The kernel of each map on each source map, zero without connection: (maps, sources, height, width, ...)."""
    kernels, table = layer.kernels, layer.table
    assert kernels is not None
    assert table is not None
    dense, first = np.zeros((layer.shape[0], layer.sources, *kernels.shape[1:]), np.float32), 0
    for map_, row in enumerate(table):
        dense[map_, row] = kernels[first : first + len(row)]
        first += len(row)
    return dense


def _unshared(graph: _Graph, layer: NetLayer, x: _Units, planes: str) -> str:
    """The total inputs of weights that are not shared: each place of the maps has a matrix (inputs, maps)."""
    name, (maps, height, width) = layer.name, layer.shape
    flat = graph.node("Flatten", f"{name}.flat", planes)
    taps = graph.constant(f"{name}.fields", _fields(layer, x), "(places, 1, inputs): the field of a place", np.int64)
    fields = graph.node("Gather", f"{name}.gathered", flat, taps, axis=1)
    matrices = _dense(layer).reshape(maps, -1, height * width).transpose(2, 1, 0)
    about = "(places, inputs, maps); 0 where a map does not see a source map"
    products = graph.node("MatMul", f"{name}.products", fields, graph.constant(f"{name}.weights", matrices, about))
    by_map = graph.node("Transpose", f"{name}.by_map", products, perm=[0, 3, 1, 2])  # from (batch, places, 1, maps)
    shape = graph.constant(f"{name}.shape", [0, *layer.shape], "0 keeps the batch", np.int64)
    return graph.node("Reshape", f"{name}.sums", by_map, shape)


def _fields(layer: NetLayer, x: _Units) -> Array:
    """The indices of the field of each place in the padded planes, (places, 1, inputs)."""
    local, (sources, height, width) = _of(Local, layer), x.shape
    kernel, (down, across), pad = map(as_pair, (local.kernel, local.stride, local.pad))
    height, width = height + 2 * pad[0], width + 2 * pad[1]
    units = np.arange(sources * height * width).reshape(sources, height, width)
    windows = np.lib.stride_tricks.sliding_window_view(units, kernel, axis=(1, 2))
    windows = windows[:, ::down, ::across]  # (sources, rows, columns, kernel's height, width)
    return windows.transpose(1, 2, 0, 3, 4).reshape(layer.shape[1] * layer.shape[2], 1, -1)


def _add(graph: _Graph, layer: NetLayer, sums: str) -> str:
    """Add the biases, one per map or one per unit, if there are any."""
    if layer.bias is None:
        return sums
    bias = layer.bias.reshape(len(layer.bias), *layer.bias.shape[1:] or (1, 1))
    return graph.node("Add", f"{layer.name}.biased", sums, graph.constant(f"{layer.name}.bias", bias))


def _average(graph: _Graph, layer: NetLayer, x: _Units) -> str:
    name, size, coefficients = layer.name, as_pair(_of(Average, layer).size), layer.weights
    assert isinstance(coefficients, np.ndarray)
    means = graph.node("AveragePool", f"{name}.means", x.as_planes(graph, name), kernel_shape=size, strides=size)
    units = size[0] * size[1]
    about = f"{units} times the coefficients, because the sum of a block is {units} times its mean"
    weights = graph.constant(f"{name}.weights", units * coefficients.reshape(-1, 1, 1), about)
    return _add(graph, layer, graph.node("Mul", f"{name}.sums", means, weights))


def _full(graph: _Graph, layer: NetLayer, x: _Units) -> str:
    weights, bias = (graph.constant(f"{layer.name}.{one}", getattr(layer, one)) for one in ("weights", "bias"))
    return graph.node("Gemm", f"{layer.name}.sums", x.as_row(graph, layer.name), weights, bias, transB=1)


def _rbf(graph: _Graph, layer: NetLayer, x: _Units) -> str:
    prototypes = graph.constant(f"{layer.name}.prototypes", layer.weights)
    row = graph.node("Unsqueeze", f"{layer.name}.row", x.as_row(graph, layer.name), axes=[1])
    differences = graph.node("Sub", f"{layer.name}.differences", row, prototypes)
    return graph.node("ReduceSumSquare", f"{layer.name}.distances", differences, axes=[2], keepdims=0)


_KINDS = {"local": _local, "average": _average, "full": _full, "rbf": _rbf}


def _squash(graph: _Graph, name: str, sums: str, squash: Squash) -> str:
    """Add nodes from the total inputs a to the states f(a) = A tanh(S a) + D a, without factors of 1."""
    if squash.kind == "linear":
        return sums
    if squash.kind == "relu":
        return graph.node("Relu", f"{name}.squashed", sums)
    amplitude, slope, linear = squash.constants
    scaled = _times(graph, name, "slope", sums, slope)
    squashed = _times(graph, name, "amplitude", graph.node("Tanh", f"{name}.tanh", scaled), amplitude)
    if linear == 0:
        return squashed
    return graph.node("Add", f"{name}.squashed", squashed, _times(graph, name, "linear", sums, linear))


def _times(graph: _Graph, name: str, what: str, x: str, factor: float) -> str:
    if factor == 1:
        return x
    return graph.node("Mul", f"{name}.times_{what}", x, graph.constant(f"{name}.{what}", factor))
