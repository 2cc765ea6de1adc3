"""Deleted parameters: they are 0 and stay 0 whatever happens, and what is left learns as the judge says."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from reference import train_fixed
from test_derivatives import judge
from test_rules import COUNT, RULES, a_net, close, digits, steps, train

import sn89

Array = np.ndarray


def deleted_net() -> sn89.Net:
    """A net of every kind of layer, of which one parameter in four is deleted."""
    net = a_net()
    net.delete(np.random.default_rng(1989).random(net.parameters.size) < 0.25)
    return net


@pytest.mark.parametrize(("rule", "judged"), RULES.values(), ids=RULES.keys())
def test_every_presentation_with_deleted_parameters_against_the_judge(rule, judged):
    net, (X, y) = deleted_net(), digits()
    patterns = list(zip(X, y, strict=True))
    expected = judged(judge(net), net.parameters.astype(np.float64), patterns, kept=1.0 - net.deleted)
    actual = steps(net, X, y, rule)
    close("w", actual.w, expected.w)
    close("H", actual.H, expected.H)
    close("costs", actual.costs, expected.costs)
    gone = net.deleted
    for vector in (net.parameters, net.curvature, net.momentum):
        assert not vector[gone].any()
        assert not np.signbit(vector[gone]).any()
    assert ((actual.w[-1] != actual.w[0]) | gone).mean() > 0.5


def test_the_rule_of_1998_with_deleted_parameters_against_the_judge():
    net, (X, y) = deleted_net(), digits()
    patterns = list(zip(X, y, strict=True))
    reference, w = judge(net), net.parameters.astype(np.float64)
    kept = 1.0 - net.deleted
    H = kept * np.mean([reference.curvature(w, image, d, False) for image, d in patterns], axis=0)
    train(net, X, y, sn89.StochasticDiagonalLM(0.01, samples=COUNT))
    course = train_fixed(reference, w, patterns, H, epsilon=0.01, kept=kept)
    close("w", net.parameters, course.w[-1])
    close("H", net.curvature, H)


def test_a_net_of_which_nothing_is_deleted_any_more_learns_as_ever():
    net, other, (X, y) = a_net(), a_net(), digits()
    before = net.parameters.copy()
    net.delete([1, 5])
    net.undelete()
    assert net.parameters[[1, 5]].tolist() == [0, 0]
    net.parameters[:] = before
    for one in (net, other):
        train(one, X, y, sn89.LevenbergMarquardt())
    assert net.parameters.tobytes() == other.parameters.tobytes()


def test_a_deleted_parameter_that_was_written_to_is_0_in_the_first_presentation():
    net, other, (X, y) = deleted_net(), deleted_net(), digits()
    net.parameters[net.deleted] = 3
    for one in (net, other):
        train(one, X, y, sn89.SGD(0.1))
    assert net.parameters.tobytes() == other.parameters.tobytes()


def test_what_is_deleted_is_a_mask_or_numbers_and_adds_up():
    net = a_net()
    n = net.parameters.size
    net.delete(np.arange(n) < 3)
    net.delete([n - 1, 2, -2])
    net.delete(np.array([]))
    assert np.flatnonzero(net.deleted).tolist() == [0, 1, 2, n - 2, n - 1]
    net.undelete([0, n - 1])
    assert np.flatnonzero(net.deleted).tolist() == [1, 2, n - 2]
    net.undelete()
    assert not net.deleted.any()
    net.deleted[:] = True  # a copy
    assert not net.deleted.any()


@pytest.mark.parametrize(
    ("which", "error", "words"),
    [
        (np.ones(3, bool), ValueError, r"must have shape \(\d+,\), not \(3,\)"),
        ([0.5], TypeError, "must be a mask or a list of indices, not float64"),
        (["a"], TypeError, "must be a mask or a list of indices"),
        ([10**6], IndexError, "parameters are 0 to"),
        (None, TypeError, "must be a mask or a list of indices"),
    ],
)
def test_what_cannot_be_deleted(which, error, words):
    net = a_net()
    with pytest.raises(error, match=words):
        net.delete(which)
    assert not net.deleted.any()


def test_counts_are_of_what_is_left_for_every_kind_of_layer():
    """The judge counts connections one by one."""
    net = a_net()
    reference = judge(net)
    random = np.random.default_rng(1)
    net.delete(random.random(net.parameters.size) < 0.4)
    kept = ~net.deleted
    for layer, part in zip(reference.layers, reference.slices, strict=True):
        assert net[layer.name].connections == kept[part][layer.parameter].sum()
        assert net[layer.name].free_parameters == kept[part].sum()
    assert net.free_parameters == kept.sum() < net.parameters.size
    assert f"{net.free_parameters:,} free parameters" in repr(net)
    assert f"{net.free_parameters:,}" in str(net)
    assert f"{net.connections:,}" in str(net)


def test_the_mask_has_the_shapes_of_the_parameters():
    net = sn89.nets.lenet1(seed=1)
    net["H1"].kernels[2, 1, 3] = 77
    net["H1"].bias[1] = 78
    net.delete(np.flatnonzero(net.parameters > 70))
    assert np.argwhere(net["H1"].deleted.kernels).tolist() == [[2, 1, 3]]
    assert np.flatnonzero(net["H1"].deleted.bias).tolist() == [1]
    assert net["H1"].deleted.weights.shape == net["H1"].weights.shape
    assert [one.shape for one in net["H3"].deleted.weights] == [one.shape for one in net["H3"].weights]
    assert not net["output"].deleted.parameters.any()


def test_copies_pickles_and_new_starts_keep_what_is_deleted():
    net = deleted_net()
    for other in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        assert other.deleted.tolist() == net.deleted.tolist()
    before = net.parameters.copy()
    net.restart(seed=5)
    assert not net.parameters[net.deleted].any()
    assert (net.parameters != before)[~net.deleted].all()


def test_a_net_without_parameters_has_none_to_delete():
    net = sn89.Net(sn89.Input(2, 2), sn89.RBF("output", np.zeros((3, 4))))
    net.delete([])
    assert net.deleted.shape == (0,)
    assert net.free_parameters == 0
