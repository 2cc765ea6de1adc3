"""Floats below 2^-126 are 0 for the core while it computes, and for nobody else.

How much time that saves is measured by tests/hardening/denormals.py.
"""

from __future__ import annotations

import platform
from collections.abc import Callable

import numpy as np
import pytest

import sn89

Array = np.ndarray

#: Whether the core flushes denormals on this processor.
FLUSHES = platform.machine().lower() in {"x86_64", "amd64", "aarch64", "arm64"}
pytestmark = pytest.mark.skipif(not FLUSHES, reason="the core flushes denormals on x86-64 and 64-bit ARM only")

TINY = np.float32(1e-39)
SMALLEST = np.float32(2.0**-126)  # of the normal ones


def a_net(*layers: sn89.Layer, **options: object) -> sn89.Net:
    """Four inputs, and what is above them; one linear unit each by default."""
    layers = layers or (sn89.Local("copy", 1, 1, bias=None),)
    return sn89.Net(sn89.Input(1, 4, background=0.0), *layers, **{"squash": sn89.Linear(), "seed": 1989, **options})


def images(value: float, count: int = 1) -> Array:
    return np.full((count, 1, 4), value, np.float32)


def train(net: sn89.Net, X: Array, y: Array, rule: sn89.Rule, passes: int = 1) -> sn89.History:
    return sn89.train(net, X, y, rule=rule, passes=passes, measure=False, progress=False)


def test_numpy_has_them():
    """Else nothing here would show anything."""
    assert TINY != 0
    assert TINY * np.float32(1) != 0


def test_forward_one_image_and_many():
    net = a_net()
    net.parameters[:] = 1
    for count in (1, 3, 8):
        np.testing.assert_array_equal(net(images(TINY, count)), 0)
        np.testing.assert_array_equal(net(images(SMALLEST, count)), SMALLEST)
    net.parameters[:] = 0.5  # and a result that is one
    for count in (1, 3):
        np.testing.assert_array_equal(net(images(SMALLEST, count)), 0)


def test_the_cost():
    """Half the square of 1e-20 is a denormal."""
    net = a_net(sn89.Full("output", 1))
    net.parameters[:] = 0
    assert np.float32(1e-20) ** 2 / 2 != 0
    assert net.derivatives(images(0)[0], np.array([1e-20], np.float32)).cost == 0


def test_gradient_and_curvature():
    net = a_net(sn89.Full("output", 1))
    net.parameters[:] = 0
    found = net.derivatives(images(1e-20)[0], np.array([1e-20], np.float32))
    weights = slice(0, 4)
    np.testing.assert_array_equal(found.gradient[weights], 0)  # (0 - 1e-20) 1e-20
    np.testing.assert_array_equal(found.curvature[weights], 0)  # 1e-20^2
    assert found.gradient[4] == -np.float32(1e-20)


def go_on(net: sn89.Net, rule: sn89.Rule, count: int, x: float = 0) -> sn89.RuleState:
    """What a rule has in mind after `count` equal images, if all of it was 1 before, but for the bias."""
    before = np.array([1, 1, 1, 1, 0], np.float32)
    state, y = sn89.RuleState(1, before, before), np.zeros((count, 1), np.float32)
    return sn89.train(net, images(x, count), y, rule=rule, passes=1, measure=False, progress=False, state=state).state


def test_the_momentum_of_dead_weights_ends_at_0():
    """It would stay among the denormals for good: 0.9 of the smallest one is rounded to the smallest one."""
    net = a_net(sn89.Full("output", 1))
    net.parameters[:] = 0
    stays = np.float32(1)
    for _ in range(2000):
        stays = np.float32(0.9) * stays
    assert stays != 0
    state = go_on(net, sn89.AdamW(1e-3, betas=(0.9, 0.9)), 2000)
    np.testing.assert_array_equal(state.momentum, 0)
    np.testing.assert_array_equal(state.curvature, 0)


@pytest.mark.parametrize("rule", [sn89.Newton(1e-3), sn89.LevenbergMarquardt(1e-3)], ids=["newton", "lm"])
def test_the_running_curvature_of_dead_weights_ends_at_0(rule):
    net = a_net(sn89.Full("output", 1))
    net.parameters[:] = 0
    state = go_on(net, rule, 4000)
    np.testing.assert_array_equal(state.curvature[:4], 0)
    assert state.curvature[4] == pytest.approx(1)  # the bias is alive


def test_the_measured_curvature():
    net = a_net(sn89.Full("output", 1))
    state = go_on(net, sn89.StochasticDiagonalLM(1e-3, samples=1), 1, x=1e-20)
    np.testing.assert_array_equal(state.curvature[:4], 0)
    assert state.curvature[4] == 1


CALLS: dict[str, Callable[[sn89.Net, Array, Array], object]] = {
    "evaluate one": lambda net, X, y: net(X[:1]),
    "evaluate many": lambda net, X, y: net(X),
    "evaluate with costs": lambda net, X, y: sn89.evaluate(net, X, y),
    "states": lambda net, X, y: net.states(X[0]),
    "derivatives": lambda net, X, y: net.derivatives(X[0], y[0]),
    "distorted": lambda net, X, y: net.distorted(X, sn89.Distortion(shift=1), seed=1),
    "train": lambda net, X, y: train(net, X, y, sn89.SGD(0.01)),
    "train, measured curvature": lambda net, X, y: train(net, X, y, sn89.StochasticDiagonalLM(0.01, samples=3)),
    "train that fails": lambda net, X, y: train_to_infinity(net, X, y),
}


def train_to_infinity(net: sn89.Net, X: Array, y: Array) -> None:
    net.parameters[:] = 3e38
    with pytest.raises(sn89.DivergedError, match="at presentation 1 of 9"):
        train(net, X, y, sn89.SGD(0.01))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_the_caller_has_his_denormals_again(call):
    net = a_net(sn89.Full("output", 2))
    X, y = images(1, 9), np.zeros((9, 2), np.float32)
    call(net, X, y)
    many = np.full(64, TINY)  # NumPy takes vectors for many and a scalar for one
    assert TINY * np.float32(1) != 0
    assert (many * np.float32(0.5) != 0).all()
