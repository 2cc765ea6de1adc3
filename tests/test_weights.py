"""Patterns that weigh more than others, in `train`: against the judge, for every rule, cost and diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from reference import Reference, Trajectory, mean_curvature, same, train_fixed
from test_derivatives import near, wish
from test_rules import RULES, a_net, close, digits, train

import sn89

Array = np.ndarray
WEIGHTS = np.array([1, 0.5, 3, 0, 1.25, 1, 0.01], np.float32)


class Weighed(Reference):
    """The judge, whose patterns are (image, (desired outputs, weight)): a pattern of weight v has the cost v C."""

    def derivatives(self, w: Array, image: Any, d: Any, newton: bool) -> tuple[float, Array, Array]:
        desired, v = d
        C, g, c = super().derivatives(w, image, desired, newton)
        return v * C, v * g, v * c


def weighed(net: sn89.Net) -> Weighed:
    return Weighed(net.input, net.layers, net.cost, net.squash)


def patterns(X: Array, y: Array, weights: Sequence[float]) -> list[tuple[Array, Any]]:
    return list(zip(X, zip(y, weights, strict=True), strict=True))


def steps(net: sn89.Net, X: Array, y: Array, rule: sn89.Rule, weights: Array) -> Trajectory:
    """What comes of the first k presentations, for every k."""
    start, seen = net.parameters.copy(), []
    for k in range(1, len(X) + 1):
        net.parameters[:] = start
        history = train(net, X[:k], y[:k], rule, sample_weight=weights[:k])
        seen.append((net.parameters.copy(), history.curvature, history.passes[0].cost * weights[:k].sum()))
    w, H, total = map(np.array, zip(*seen, strict=True))
    return Trajectory(w, H, np.diff(total, prepend=0))


@pytest.mark.parametrize(("rule", "judged"), RULES.values(), ids=RULES.keys())
def test_every_weighed_presentation_against_the_judge(rule, judged):
    net, (X, y) = a_net(), digits()
    expected = judged(weighed(net), net.parameters.astype(np.float64), patterns(X, y, WEIGHTS))
    actual = steps(net, X, y, rule, WEIGHTS)
    close("w", actual.w, expected.w)
    close("H", actual.H, expected.H)
    same("costs", actual.costs, expected.costs, atol=1e-5, rtol=1e-5)  # differences of sums


def test_the_curvature_of_1998_is_the_mean_of_the_weighed_ones():
    net, (X, y) = a_net(), digits()
    judge, start = weighed(net), net.parameters.astype(np.float64)
    H = mean_curvature(judge, start, patterns(X, y, WEIGHTS)[:3])
    history = train(net, X, y, sn89.StochasticDiagonalLM(0.01, samples=3), sample_weight=WEIGHTS)
    close("H", history.curvature, H)
    expected = train_fixed(judge, start, patterns(X, y, WEIGHTS), H, epsilon=0.01)
    close("w", net.parameters, expected.w[-1])


COSTS: dict[str, tuple[Any, sn89.Cost]] = {
    "half squared": (sn89.Full("output", 3), sn89.HalfSquaredError()),
    "softmax": (sn89.Full("output", 3, squash=sn89.Linear()), sn89.SoftmaxCrossEntropy()),
    "RBF": (
        sn89.RBF("output", np.random.default_rng(1).normal(size=(3, 4)).tolist()),
        sn89.RBFDiscriminative(5.0),
    ),
}


@pytest.mark.parametrize("rule", [sn89.Newton(0.01, gamma=1), sn89.LevenbergMarquardt(0.01, gamma=1)], ids=repr)
@pytest.mark.parametrize(("output", "cost"), COSTS.values(), ids=COSTS.keys())
def test_every_cost_is_weighed(output, cost, rule):
    """With gamma = 1 the rule's curvature is that of the last pattern, and its step shows the gradient."""
    net = sn89.Net(sn89.Input(3, 3), sn89.Full("A", 4), output, cost=cost, start=sn89.BySqrtFanIn(2.0), seed=3)
    X, d = np.random.default_rng(2).uniform(-1, 1, (1, 3, 3)).astype(np.float32), wish(net)[None]
    start = net.parameters.astype(np.float64)
    C, g, c = weighed(net).derivatives(start, X[0], (d[0], 2.5), newton=rule.diagonal == "newton")
    history = train(net, X, d, rule, sample_weight=[2.5])
    near("curvature", history.curvature, c)
    near("step", net.parameters - start, -0.01 * g / (0.05 + abs(c)), least=1.0)
    assert history.passes[0].cost == pytest.approx(C / 2.5, rel=1e-5)  # the mean, as patterns weigh


@pytest.mark.parametrize("rule", [one for one, _ in RULES.values()] + [sn89.StochasticDiagonalLM(0.01)], ids=repr)
def test_weights_of_one_change_no_bit(rule):
    (X, y), nets = digits(), [a_net(), a_net()]
    plain = train(nets[0], X, y, rule, passes=2)
    ones = train(nets[1], X, y, rule, passes=2, sample_weight=np.ones(len(X)))
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()
    assert plain.curvature.tobytes() == ones.curvature.tobytes()
    assert [one.cost for one in plain.passes] == [one.cost for one in ones.passes]


def test_what_weighs_nothing_teaches_nothing():
    """But a running curvature forgets by it."""
    net, (X, y) = a_net(), digits()
    first = train(net, X[:1], y[:1], sn89.LevenbergMarquardt(0.02))
    before = net.parameters.copy()
    after = train(net, X, y, sn89.LevenbergMarquardt(0.02), sample_weight=[0] * 6 + [1e-30], state=first.state)
    np.testing.assert_array_equal(net.parameters, before)
    np.testing.assert_allclose(after.curvature, first.curvature * 0.95**7, rtol=1e-5)


def test_measurements_count_every_pattern_alike():
    net, (X, y) = a_net(), digits()
    history = train(net, X, y, sn89.SGD(0.01), sample_weight=WEIGHTS, measure=True)
    assert history.train == [sn89.evaluate(net, X, y)]


# ---- classes ---------------------------------------------------------------------------------------------------------

LABELS = np.array([0, 0, 0, 0, 2, 2, 1])


def by_class(net: sn89.Net, **options: Any) -> Array:
    X, _ = digits()
    train(net, X, LABELS, sn89.SGD(0.05), **options)
    return net.parameters


@pytest.mark.parametrize(
    ("options", "weights"),
    [
        ({"class_weight": "balanced"}, np.array([7 / 12] * 4 + [7 / 6] * 2 + [7 / 3])),
        ({"class_weight": {1: 3, 2: 0.5}}, np.array([1, 1, 1, 1, 0.5, 0.5, 3])),
        ({"class_weight": [1, 3, 0.5]}, np.array([1, 1, 1, 1, 0.5, 0.5, 3])),
        ({"class_weight": {2: 0.5}, "sample_weight": WEIGHTS}, WEIGHTS * [1, 1, 1, 1, 0.5, 0.5, 1]),
        ({"class_weight": {}}, np.ones(7)),
    ],
    ids=["balanced", "some", "list", "times their own", "none"],
)
def test_classes_weigh(options, weights):
    np.testing.assert_array_equal(by_class(a_net(), **options), by_class(a_net(), sample_weight=weights))


def test_the_rare_class_is_found_when_classes_are_balanced():
    """Two heaps that overlap, one of 950 and one of 50: unweighed, what lies between them goes to the larger one."""
    random = np.random.default_rng(5)
    y = (np.arange(1000) % 20 == 0).astype(int)
    X = (random.normal(size=(1000, 1, 2)) * 0.5 + 0.4 * np.where(y, 1, -1)[:, None, None]).astype(np.float32)

    def missed(**options: Any) -> int:
        output = sn89.Full("output", 2, squash=sn89.Linear())
        net = sn89.Net(sn89.Input(1, 2), output, cost=sn89.SoftmaxCrossEntropy())
        sn89.train(net, X, y, rule=sn89.SGD(0.01), passes=10, measure=False, **options)
        return int((net.predict(X[y == 1]) != 1).sum())

    assert missed(class_weight="balanced") < missed() / 2


# ---- what is refused -------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "negative": ({"sample_weight": [1] * 6 + [-1]}, ValueError, "not negative; weight 6 is -1"),
    "NaN": ({"sample_weight": [np.nan] + [1] * 6}, ValueError, "weight 0 is nan"),
    "too large": ({"sample_weight": [1e300] + [1] * 6}, ValueError, "finite in float32"),
    "none": ({"sample_weight": np.zeros(7)}, ValueError, "must not all be zero"),
    "too few": ({"sample_weight": [1] * 6}, ValueError, r"for each of 7 images, not \(6,\)"),
    "table": ({"sample_weight": np.ones((7, 1))}, ValueError, r"not \(7, 1\)"),
    "words": ({"sample_weight": ["1"] * 7}, TypeError, "must be numbers"),
    "class": ({"class_weight": {3: 1}}, ValueError, "names the class 3, and labels are 0 to 2"),
    "class as text": ({"class_weight": {"2": 1}}, ValueError, "names the class '2'"),
    "class negative": ({"class_weight": {0: -2}}, ValueError, "not negative"),
    "word": ({"class_weight": "even"}, ValueError, "must be \"balanced\", or the weights .* not 'even'"),
    "short list": ({"class_weight": [1, 2]}, ValueError, "a weight for each of 3 classes, not 2"),
    "number": ({"class_weight": 2}, TypeError, 'must be "balanced", or the weights of the classes'),
}


@pytest.mark.parametrize(("options", "error", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_weights_that_cannot_be_are_refused(options, error, words):
    net = a_net()
    before = net.parameters.copy()
    with pytest.raises(error, match=words):
        by_class(net, **options)
    np.testing.assert_array_equal(net.parameters, before)


def test_classes_cannot_weigh_where_there_are_none():
    X, y = digits()
    with pytest.raises(ValueError, match="class_weight needs labels"):
        train(a_net(), X, y, sn89.SGD(0.05), class_weight="balanced")


def test_weights_that_change_while_learning_are_not_read_again():
    (X, y), weights, nets = digits(), WEIGHTS.copy(), [a_net(), a_net()]
    train(nets[0], X, y, sn89.SGD(0.05), passes=2, sample_weight=WEIGHTS)

    def spoil(net: sn89.Net, history: sn89.History) -> None:
        weights[:] = 9

    train(nets[1], X, y, sn89.SGD(0.05), passes=2, sample_weight=weights, callbacks=[spoil])
    np.testing.assert_array_equal(nets[0].parameters, nets[1].parameters)
