"""One net, handed on in every way there is: all give the same ten outputs for every test digit."""

from __future__ import annotations

import numpy as np
import pytest
from compiled import Compiled, needs_cc
from in_browser import Opened, browser

import sn89

__all__ = ["browser"]  # a fixture

Array = np.ndarray


@pytest.fixture(scope="module")
def net(digits) -> sn89.Net:
    """Trained, with parameters of three bytes: that is how a page keeps them."""
    net = sn89.nets.zip_code(seed=1)
    sn89.train(net, *digits.train, rule=sn89.LevenbergMarquardt(), passes=5, measure=False, progress=False)
    net.parameters[:] = (net.parameters.view(np.uint32) & 0xFFFFFF00).view(np.float32)
    return net


def in_c(net: sn89.Net, X: Array, folder, browser) -> Array:
    sn89.export.c(net, folder / "zip.c")
    return Compiled([folder / "zip.c"], "-O2")("zip_net", X, 10)[0]


def in_onnx(net: sn89.Net, X: Array, folder, browser) -> Array:
    runtime = pytest.importorskip("onnxruntime")
    sn89.export.onnx(net, folder / "zip.onnx")
    session = runtime.InferenceSession(folder / "zip.onnx", providers=["CPUExecutionProvider"])
    return session.run(["outputs"], {"image": X[:, None]})[0]


def in_the_page(net: sn89.Net, X: Array, folder, browser) -> Array:
    sn89.export.page(net, folder / "zip.html")
    opened = Opened(browser, folder / "zip.html")
    outputs = opened.outputs(X)
    opened.page.close()
    return outputs


def from_its_file(net: sn89.Net, X: Array, folder, browser) -> Array:
    sn89.save(net, folder / "zip.safetensors")
    return sn89.load(folder / "zip.safetensors")(X)


def one_at_a_time(net: sn89.Net, X: Array, folder, browser) -> Array:
    return np.stack([net(image) for image in X])


# How far outputs, from -1.7 to 1.7, may be from ours: sums have other orders, and tanh other roundings.
WAYS = {
    "Python, one at a time": (one_at_a_time, 1e-6),
    "a file": (from_its_file, 0),
    "C": pytest.param(in_c, 2e-6, marks=needs_cc),
    "ONNX": (in_onnx, 2e-6),
    "a page": (in_the_page, 2e-6),
}


@pytest.mark.parametrize(("way", "most"), WAYS.values(), ids=WAYS)
def test_the_same_ten_outputs_for_every_test_digit(way, most, net, digits, tmp_path, request):
    browser = request.getfixturevalue("browser") if way is in_the_page else None
    X, _ = digits.test
    assert len(X) == 2007
    expected, outputs = net(X), way(net, X, tmp_path, browser)
    assert outputs.shape == (2007, 10)
    assert np.abs(outputs - expected).max() <= most
    np.testing.assert_array_equal(outputs.argmax(axis=1), net.predict(X))
