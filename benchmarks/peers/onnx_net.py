"""onnxruntime, one thread: the net as a graph of standard operators."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sn89 import Net

from . import AMPLITUDE, BACKGROUND, GROUPS, SLOPE, MissingError, parameters

try:
    import onnx
    import onnxruntime
    from onnx import helper, numpy_helper
except ImportError:
    onnx = None


class Graph:
    """Nodes and constants, in the order in which they were added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: object, dtype: type = np.float32) -> str:
        """The name of a new constant."""
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def node(self, kind: str, *inputs: str, **attributes: object) -> str:
        """The name of what a new node gives."""
        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def squashed(self, a: str, bias: np.ndarray) -> str:
        """A tanh(S (a + bias))."""
        scaled = self.node("Mul", self.node("Add", a, self.constant(bias)), self.constant(SLOPE))
        return self.node("Mul", self.node("Tanh", scaled), self.constant(AMPLITUDE))

    def bordered(self, x: str) -> str:
        """Two rows and columns of background around every plane."""
        return self.node("Pad", x, self.constant([0, 0, 2, 2, 0, 0, 2, 2], np.int64), self.constant(BACKGROUND))

    def maps(self, x: str, first: int, end: int) -> str:
        """Some of the maps of x."""
        return self.node("Slice", x, *(self.constant([i], np.int64) for i in (first, end, 1)))


def model(net: Net) -> bytes:
    """The zip-code net, with the parameters of ours: images (n, 1, 16, 16) to outputs (n, 10)."""
    given, graph = parameters(net), Graph()
    x = graph.node("Conv", graph.bordered("x"), graph.constant(given["H1 weights"]), strides=[2, 2])
    x = graph.bordered(graph.squashed(x, given["H1 bias"]))
    maps = []
    for group, parts in enumerate(GROUPS):
        seen = [graph.maps(x, first, end) for first, end in parts]
        source = seen[0] if len(seen) == 1 else graph.node("Concat", *seen, axis=1)
        kernels = graph.constant(given["H2 weights"][4 * group : 4 * group + 4])
        maps.append(graph.node("Conv", source, kernels, strides=[2, 2]))
    x = graph.squashed(graph.node("Concat", *maps, axis=1), given["H2 bias"])
    x = graph.node("Flatten", x)
    for layer in ("H3", "output"):
        x = graph.squashed(graph.node("MatMul", x, graph.constant(given[f"{layer} weights"].T)), given[f"{layer} bias"])
    kind = onnx.TensorProto.FLOAT
    described = helper.make_graph(
        graph.nodes,
        "zip",
        [helper.make_tensor_value_info("x", kind, ["n", 1, 16, 16])],
        [helper.make_tensor_value_info(x, kind, ["n", 10])],
        graph.constants,
    )
    made = helper.make_model(described, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(made)
    return made.SerializeToString()


def evaluator(net: Net, X: np.ndarray, batch: int) -> Callable[[], np.ndarray]:
    """A call that gives the outputs for X, so many at a time."""
    if onnx is None:
        raise MissingError("onnxruntime is not installed (pip install onnx onnxruntime)")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model(net), options, providers=["CPUExecutionProvider"])
    images = X[:, None]

    def call() -> np.ndarray:
        parts = [session.run(None, {"x": images[i : i + batch]})[0] for i in range(0, len(images), batch)]
        return np.concatenate(parts)

    return call
