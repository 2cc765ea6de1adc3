"""The package against the original SN: the same start, the same patterns, the same numbers (`golden/README.md`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from reference import same

import sn89

Array = np.ndarray
RULES = {
    "sgd": lambda told: sn89.SGD(float(told["sgd_epsilon"])),
    "newtonx": lambda told: sn89.Newton(*(float(told[key]) for key in ("newtonx_epsilon", "mu", "gamma"))),
    "lm": lambda told: sn89.LevenbergMarquardt(*(float(told[key]) for key in ("lm_epsilon", "mu", "gamma"))),
}
rules = pytest.mark.parametrize("rule", RULES)


@cache
def golden(name: str) -> dict[str, Array]:
    with np.load(Path(__file__).parent / "golden" / f"{name}.npz") as file:
        return dict(file)


class Course(NamedTuple):
    """What happened, one row for each presentation."""

    w: Array
    curvature: Array
    costs: Array


def trained(net: sn89.Net, told: dict[str, Array], rule: str, X: Array, y: Array) -> Course:
    """From SN's start through all patterns, one training each, so that every cost is seen."""
    net.parameters[:] = told["init"]
    state, course = None, []
    for i in range(len(X)):
        history = sn89.train(
            net,
            X[i : i + 1],
            y[i : i + 1],
            rule=RULES[rule](told),
            passes=1,
            measure=False,
            progress=False,
            state=state,
        )
        state = history.state
        course.append((net.parameters.copy(), history.curvature, history.passes[0].cost))
    return Course(*map(np.array, zip(*course, strict=True)))


def squash(told: dict[str, Array]) -> sn89.ScaledTanh:
    return sn89.ScaledTanh(float(told["f_A"]), float(told["f_B"]))


def agree(course: Course, told: dict[str, Array], rule: str) -> None:
    """Weights within 1e-6 and curvatures within 1e-5.

    Both sides round to float32, each with its own order of summation. Numbers are of order 1, so that one rounding is
    6e-8 of weights, which move by small steps, and a few of a curvature, the sum of many squares.
    """
    times = [int(key.removeprefix(f"{rule}_w")) for key in told if key.startswith(f"{rule}_w")]
    assert times[-1] == len(course.w) == 50
    for t in times:
        same(f"w after {t}", course.w[t - 1], told[f"{rule}_w{t}"], atol=1e-6, rtol=0)
        if rule != "sgd":
            same(f"curvature of {t}", course.curvature[t - 1], told[f"{rule}_hess{t}"], atol=1e-5, rtol=0)
    same("costs", course.costs, told[f"{rule}_costs"], atol=1e-6, rtol=1e-5)
    moved = np.abs(told[f"{rule}_w50"] - told["init"]).max()
    assert moved > 0.01, "had nothing been learned, the weights would agree as well"


@rules
def test_the_zip_code_net_learns_as_in_the_original(rule):
    try:
        (X, y), _ = sn89.datasets.usps(download=False)
    except sn89.datasets.DataNotFoundError:
        pytest.skip("needs the USPS digits: set SN89_DATA to a folder with zip.train.gz and zip.test.gz")
    told = golden("zip")
    agree(trained(sn89.nets.zip_code(squash=squash(told)), told, rule, X[:50], y[:50]), told, rule)


@rules
def test_an_autoencoder_learns_as_in_the_original(rule):
    told = golden("autoenc")
    net = sn89.Net(sn89.Input(1, 4), sn89.Full("H", 2), sn89.Full("output", 4), squash=squash(told))
    agree(trained(net, told, rule, told["patterns"][:, None], told["patterns"]), told, rule)


@rules
def test_one_training_gives_the_bits_of_fifty(rule):
    """Of an autoencoder, each going on from the one before."""
    told = golden("autoenc")
    nets = [
        sn89.Net(sn89.Input(1, 4), sn89.Full("H", 2), sn89.Full("output", 4), squash=squash(told)) for _ in range(2)
    ]
    X, y = told["patterns"][:, None], told["patterns"]
    course = trained(nets[0], told, rule, X, y)
    nets[1].parameters[:] = told["init"]
    history = sn89.train(nets[1], X, y, rule=RULES[rule](told), passes=1, measure=False, progress=False)
    assert nets[1].parameters.tobytes() == course.w[-1].tobytes()
    assert history.curvature.tobytes() == course.curvature[-1].tobytes()
    np.testing.assert_allclose(history.passes[0].cost, course.costs.mean(), rtol=1e-12)
