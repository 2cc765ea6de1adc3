"""ONNX: what onnxruntime makes of the file is what the net gives; and what a viewer reads there."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_derivatives import COSTS, GEOMETRIES, PROTOTYPES, RETINA, SQUASHES, STACKS, TABLE, nets

import sn89
from sn89 import export
from sn89.datasets import DataNotFoundError

onnx, onnxruntime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
ReferenceEvaluator = pytest.importorskip("onnx.reference").ReferenceEvaluator
numpy_helper = onnx.numpy_helper
Array = np.ndarray


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def images(net: sn89.Net, count: int = 5) -> Array:
    """Random images, (n, maps, height, width)."""
    return np.random.default_rng(1989).uniform(-1, 1, (count, *net["input"].shape)).astype(np.float32)


def answers(net: sn89.Net, X: Array) -> tuple[Array, Array]:
    """Outputs and labels by the package, of images (n, maps, height, width)."""
    X = X[:, 0] if net.input.maps == 1 else X
    return net(X), net.predict(X)


def agree(net: sn89.Net, path: Path, X: Array | None = None) -> None:
    """In onnxruntime the file gives the outputs of the net, and the label of each image that is no tie.

    Outputs may differ by 1e-5, and by 1e-5 of themselves where they are above 1: float32 has no more at the distances
    of an RBF layer.
    """
    export.onnx(net, path)
    X = images(net) if X is None else X
    outputs, labels = session(path).run(None, {"image": X})
    expected, predicted = answers(net, X)
    assert (outputs.dtype, labels.dtype) == (np.float32, np.int64)
    assert outputs.shape == expected.shape
    assert labels.shape == predicted.shape
    assert (abs(outputs - expected) <= 1e-5 * np.maximum(1, abs(expected))).all()
    if net.outputs > 1:
        best = np.sort(net.cost.scores(expected.astype(np.float64)))[:, -2:]
        clear = best[:, 1] - best[:, 0] > 1e-4 * abs(best[:, 1])
        np.testing.assert_array_equal(labels[clear], predicted[clear])


def alive(net: sn89.Net, seed: int = 1989) -> sn89.Net:
    """With random parameters under which units are neither idle nor saturated."""
    net.start = sn89.BySqrtFanIn(1.5)
    net.restart(seed)
    return net


# ---- trained nets, on real digits --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def usps():
    try:
        return sn89.datasets.usps(download=False)
    except DataNotFoundError:
        return sn89.datasets.synthetic(train=2000)


@pytest.fixture(scope="module")
def mnist(usps):
    """Enough of MNIST, as LeNet-5 takes it."""
    try:
        digits = sn89.datasets.mnist(32, download=False)
    except DataNotFoundError:
        (X, y), (Xt, yt) = usps
        return (0.64 * X + 0.54, y), (0.64 * Xt + 0.54, yt)
    return tuple((X[:2000], y[:2000]) for X, y in digits)


def centred(net: sn89.Net, X: Array) -> Array:
    """Images as the net lays them on its input plane, (n, 1, height, width)."""
    rest = net.input.height - X.shape[1]
    margin = (rest // 2, rest - rest // 2)
    return np.pad(X, ((0, 0), margin, margin), constant_values=net.input.background)[:, None].astype(np.float32)


@pytest.mark.parametrize("make", [sn89.nets.zip_code, sn89.nets.lenet1])
def test_all_test_digits_by_a_trained_net(make, usps, tmp_path):
    net = make(seed=1)
    sn89.train(net, *usps.train, rule=sn89.LevenbergMarquardt(), passes=3, measure=False, progress=False)
    X, y = usps.test
    assert (net.predict(X) != y).mean() < 0.15
    agree(net, tmp_path / "net.onnx", centred(net, X))


def test_mnist_by_a_trained_lenet5(mnist, tmp_path):
    net = sn89.nets.lenet5(seed=1)
    train, (X, y) = mnist
    sn89.train(net, *train, rule=sn89.StochasticDiagonalLM(), passes=4, measure=False, progress=False)
    assert (net.predict(X) != y).mean() < 0.15
    agree(net, tmp_path / "net.onnx", centred(net, X))


# ---- everything that can be declared -------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [None, TABLE], ids=["all to all", "table"])
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "not shared"])
@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES.keys())
def test_local_connections(geometry, shared, table, tmp_path):
    local = sn89.Local("fields", 3, **geometry, table=table, shared=shared)
    agree(alive(sn89.Net(sn89.Input(7, 9, maps=3), local)), tmp_path / "net.onnx")


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "not shared"])
@pytest.mark.parametrize("bias", ["unit", "map", None])
def test_biases(bias, shared, tmp_path):
    local = sn89.Local("fields", 3, (2, 3), stride=(1, 2), pad=(0, 1), bias=bias, shared=shared)
    agree(alive(sn89.Net(sn89.Input(7, 9, maps=2), local)), tmp_path / "net.onnx")


MORE: dict[str, list[Any]] = {
    "local connections on a row of units": [sn89.Full("A", 3), sn89.Local("B", 3, 3, pad=1, table=TABLE)],
    "and not shared": [sn89.Full("A", 3), sn89.Local("B", 3, (1, 2), pad=1, table=TABLE, shared=False)],
    "average on a row of units": [sn89.Full("A", 3), sn89.Dropout("B"), sn89.Average("C", 1)],
    "dropout alone": [sn89.Dropout("A")],
    "rbf on planes": [sn89.RBF("A", np.arange(360).reshape(2, 180) / 360)],
    "rbf on rbf": [sn89.Full("A", 4), sn89.RBF("B", PROTOTYPES), sn89.RBF("C", [[1.0, 2.0, 0.5]])],
}


@pytest.mark.parametrize("squash", SQUASHES.values(), ids=SQUASHES.keys())
@pytest.mark.parametrize("stack", [*STACKS.values(), *MORE.values()], ids=[*STACKS, *MORE])
def test_every_kind_of_layer_with_every_squashing_function(stack, squash, tmp_path):
    agree(alive(sn89.Net(RETINA, *stack, squash=squash)), tmp_path / "net.onnx")


@pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS.keys())
def test_the_label_is_what_the_cost_wants(cost, tmp_path):
    net = alive(sn89.Net(RETINA, sn89.Full("A", 4), cost=cost))
    agree(net, tmp_path / "net.onnx", images(net, 100))


@settings(max_examples=100, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nets(), st.integers(0, 2**64 - 1))
def test_nets_at_random(tmp_path, net, seed):
    agree(alive(net, seed), tmp_path / "net.onnx")


@pytest.mark.parametrize("stack", ["deep", "local not shared as output", "averages", "rbf"])
def test_another_runtime_reads_it_too(stack, tmp_path):
    """The reference implementation of the standard itself."""
    net = alive(sn89.Net(RETINA, *STACKS[stack]))
    export.onnx(net, tmp_path / "net.onnx")
    X = images(net)
    outputs, labels = ReferenceEvaluator(onnx.load(tmp_path / "net.onnx")).run(None, {"image": X})
    expected, predicted = answers(net, X)
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(labels, predicted)


# ---- what the file says --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zip_code():
    return sn89.nets.zip_code(seed=1)


@pytest.fixture(scope="module")
def model(zip_code, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "zip.onnx"
    export.onnx(zip_code, path)
    assert [one.name for one in path.parent.iterdir()] == ["zip.onnx"]
    return onnx.load(path)


def test_the_graph_reads_as_the_net(model, zip_code):
    onnx.checker.check_model(model, full_check=True)
    assert [(node.name, node.op_type) for node in model.graph.node] == [
        *[("H1.padded", "Pad"), ("H1.sums", "Conv"), ("H1.biased", "Add")],
        *[("H1.times_slope", "Mul"), ("H1.tanh", "Tanh"), ("H1", "Mul")],
        *[("H2.padded", "Pad"), ("H2.sums", "Conv"), ("H2.biased", "Add")],
        *[("H2.times_slope", "Mul"), ("H2.tanh", "Tanh"), ("H2", "Mul")],
        *[("H3.inputs", "Flatten"), ("H3.sums", "Gemm")],
        *[("H3.times_slope", "Mul"), ("H3.tanh", "Tanh"), ("H3", "Mul")],
        *[("output.sums", "Gemm"), ("output.times_slope", "Mul"), ("output.tanh", "Tanh"), ("output", "Mul")],
        ("label", "ArgMax"),
    ]
    assert model.graph.node[7].doc_string == (
        "layer: H2; planes: 12; size: 4x4; a unit's inputs: 5x5 on 8 of 12, stride 2; bias: per unit; units: 192; "
        "connections: 38,592; free parameters: 2,592; squash: ScaledTanh(amplitude=1.7159, slope=0.6666666666666666)"
    )
    shapes = {
        value.name: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim] for value in shown(model)
    }
    assert shapes["image"] == ["batch", 1, 16, 16]
    assert shapes["H2"] == ["batch", 12, 4, 4]
    assert shapes["outputs"] == ["batch", 10]
    assert shapes["label"] == ["batch"]


def shown(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    return [*model.graph.input, *model.graph.value_info, *model.graph.output]


def test_the_file_tells_what_it_is(model, zip_code):
    assert (model.producer_name, model.producer_version) == ("sn89", sn89.__version__)
    assert (model.ir_version, [(one.domain, one.version) for one in model.opset_import]) == (6, [("", 11)])
    assert model.doc_string == model.graph.doc_string == str(zip_code)
    assert model.graph.name == zip_code.name
    assert {one.key: one.value for one in model.metadata_props} == {
        "name": "zip-code net (1989)",
        "units": "1256",
        "connections": "64660",
        "free_parameters": "9760",
        "cost": "HalfSquaredError(high=1.0, low=-1.0)",
    }


def test_parameters_are_there_by_name_to_the_bit(model, zip_code):
    constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    for name, array in zip_code.arrays().items():
        if name != "H2.weights":
            np.testing.assert_array_equal(constants[name], array)
    dense = np.zeros((12, 12, 5, 5), np.float32)
    for map_, row in enumerate(sn89.nets.EIGHT_OF_TWELVE):
        for source, kernel in zip(row, zip_code["H2"].weights[map_], strict=True):
            dense[map_, source] = kernel
    np.testing.assert_array_equal(constants["H2.weights"], dense)


def test_a_file_keeps_its_parameters_while_the_net_learns(tmp_path):
    net = sn89.nets.fully_connected(seed=1)
    X, path = images(net), tmp_path / "net.onnx"
    before = net(X[:, 0])
    export.onnx(net, path)
    net.parameters[:] = 0
    np.testing.assert_allclose(session(path).run(["outputs"], {"image": X})[0], before, atol=1e-5)


def test_names_that_are_taken_get_a_prime(tmp_path):
    """Layers may have any names, those of other tensors too."""
    names = ["image", "label", "outputs", "image.weights", "x" * 300, "é ∑", "outputs'"]
    net = sn89.Net(sn89.Input(4, 4), *(sn89.Local(name, 2, 2, pad=1) for name in names), sn89.Full("image.bias", 2))
    agree(alive(net), tmp_path / "net.onnx")
    nodes = [node.name for node in onnx.load(tmp_path / "net.onnx").graph.node]
    assert len(set(nodes)) == len(nodes)
    assert {"image'", "label'", "outputs'", "image.weights'", "outputs''", "image.bias'"} <= set(nodes)


def test_a_net_without_a_name(tmp_path):
    agree(sn89.nets.fully_connected(name=""), tmp_path / "net.onnx")


@pytest.mark.parametrize("count", [1, 3, 8])
def test_any_number_of_images_at_once(count, zip_code, tmp_path):
    agree(zip_code, tmp_path / "net.onnx", images(zip_code, count))


def test_a_fixed_number_of_images_and_no_label(zip_code, tmp_path):
    path = tmp_path / "net.onnx"
    export.onnx(zip_code, path, batch=4, label=False)
    run = session(path)
    assert [(one.name, one.shape) for one in run.get_outputs()] == [("outputs", [4, 10])]
    assert run.get_inputs()[0].shape == [4, 1, 16, 16]
    X = images(zip_code, 4)
    np.testing.assert_allclose(run.run(None, {"image": X})[0], zip_code(X[:, 0]), atol=1e-5)


# ---- what cannot be ------------------------------------------------------------------------------------------------

NET = sn89.nets.fully_connected(hidden=2)
BAD = {
    "no net": (("zip",), {}, TypeError, "net must be a Net, not 'zip'"),
    "no images": ((NET,), {"batch": 0}, ValueError, "batch must be at least 1, not 0"),
    "half an image": ((NET,), {"batch": 0.5}, TypeError, "batch must be a whole number, not 0.5"),
    "a word for label": ((NET,), {"label": "yes"}, TypeError, "label must be True or False, not 'yes'"),
}


@pytest.fixture
def path(tmp_path):
    """A file that must stay as it is, alone in its folder."""
    path = tmp_path / "net.onnx"
    path.write_text("the file before")
    yield path
    assert [one.name for one in tmp_path.iterdir()] == ["net.onnx"]
    assert path.read_text() == "the file before"


@pytest.mark.parametrize(("given", "options", "kind", "words"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_written_is_refused(given, options, kind, words, path):
    with pytest.raises(kind, match=words):
        export.onnx(*given, path, **options)


def test_without_the_package_one_error_names_the_extra(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r'needs the package onnx: pip install "sn89\[onnx\]"'):
        export.onnx(NET, path)


def test_a_full_disk_leaves_the_file_before(path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        export.onnx(NET, path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        export.onnx(NET, tmp_path / "nowhere" / "net.onnx")


def test_a_number_for_a_path():
    with pytest.raises(TypeError, match="PathLike"):
        export.onnx(NET, 5)
