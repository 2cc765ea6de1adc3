"""The learning rules: what they do to the parameters, presentation by presentation and pass by pass."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from reference import (
    Pattern,
    Reference,
    Trajectory,
    mean_curvature,
    same,
    train_adamw,
    train_fixed,
    train_running,
    train_sgd,
)
from test_derivatives import judge

import sn89

Array = np.ndarray

# ---- trajectories ----------------------------------------------------------------------------------------

# Every kind of layer with parameters, with and without sharing.
LAYERS = (
    sn89.Local("A", 3, (2, 3), pad=1, bias="unit"),
    sn89.Average("B", (1, 2)),
    sn89.Local("C", 2, 2, 2, bias="map", table=((0, 2), (1,)), shared=False),
    sn89.Full("output", 3),
)
COUNT = 7  # patterns


def a_net() -> sn89.Net:
    return sn89.Net(sn89.Input(5, 6), *LAYERS, start=sn89.BySqrtFanIn(1.5), seed=1989)


def digits() -> tuple[Array, Array]:
    """Images, and desired outputs."""
    random = np.random.default_rng(1989)
    return random.uniform(-1, 1, (COUNT, 5, 6)).astype(np.float32), random.normal(size=(COUNT, 3)).astype(np.float32)


def train(net: sn89.Net, X: Array, y: Array, rule: sn89.Rule, **options: Any) -> sn89.History:
    return sn89.train(net, X, y, rule=rule, **{"passes": 1, "measure": False, "progress": False, **options})


def steps(net: sn89.Net, X: Array, y: Array, rule: sn89.Rule) -> Trajectory:
    """One pass, a presentation at a time, each training handing its state on to the next."""
    state, seen = None, []
    for image, d in zip(X, y, strict=True):
        history = train(net, image[None], d[None], rule, state=state)
        state = history.state
        seen.append((net.parameters.copy(), history.curvature, history.passes[0].cost))
    return Trajectory(*map(np.array, zip(*seen, strict=True)))


def close(name: str, actual: Array, expected: Array) -> None:
    """After some tens of presentations.

    The numbers are of order 1, and each step is off by some roundings of 6e-8, which pile up over the steps.
    """
    same(name, actual, expected, atol=2e-6, rtol=2e-6)


Judged = Callable[[Reference, Array, list[Pattern]], Trajectory]
RULES: dict[str, tuple[sn89.Rule, Judged]] = {
    "sgd": (sn89.SGD(0.05), lambda *what, **kept: train_sgd(*what, **kept, rate=0.05)),
    "adamw": (
        sn89.AdamW(0.01),
        lambda *what, **kept: train_adamw(*what, **kept, rate=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01),
    ),
    "adamw, other constants": (
        sn89.AdamW(0.02, betas=(0.5, 0.8), eps=0.01, weight_decay=0.3),
        lambda *what, **kept: train_adamw(*what, **kept, rate=0.02, betas=(0.5, 0.8), eps=0.01, weight_decay=0.3),
    ),
    "adamw without memory": (
        sn89.AdamW(0.02, betas=(0, 0), eps=0.3, weight_decay=0),
        lambda *what, **kept: train_adamw(*what, **kept, rate=0.02, betas=(0, 0), eps=0.3, weight_decay=0),
    ),
    "newton": (
        sn89.Newton(),
        lambda *what, **kept: train_running(*what, **kept, newton=True, epsilon=0.0005, mu=0.05, gamma=0.05),
    ),
    "newton, other constants": (
        sn89.Newton(0.02, mu=0.3, gamma=0.4),
        lambda *what, **kept: train_running(*what, **kept, newton=True, epsilon=0.02, mu=0.3, gamma=0.4),
    ),
    "levenberg-marquardt": (
        sn89.LevenbergMarquardt(),
        lambda *what, **kept: train_running(*what, **kept, newton=False, epsilon=0.0005, mu=0.05, gamma=0.05),
    ),
    "levenberg-marquardt, other constants": (
        sn89.LevenbergMarquardt(0.02, mu=0.3, gamma=0.4),
        lambda *what, **kept: train_running(*what, **kept, newton=False, epsilon=0.02, mu=0.3, gamma=0.4),
    ),
    "levenberg-marquardt without memory": (
        sn89.LevenbergMarquardt(0.02, mu=0.3, gamma=1),
        lambda *what, **kept: train_running(*what, **kept, newton=False, epsilon=0.02, mu=0.3, gamma=1),
    ),
}
rules = pytest.mark.parametrize(("rule", "judged"), RULES.values(), ids=RULES.keys())
RUNNING = [sn89.Newton(0.01), sn89.LevenbergMarquardt(0.01)]


@rules
def test_every_presentation_against_the_judge(rule, judged):
    net, (X, y) = a_net(), digits()
    expected = judged(judge(net), net.parameters.astype(np.float64), list(zip(X, y, strict=True)))
    moved = np.abs(expected.w[-1] - net.parameters).max()
    actual = steps(net, X, y, rule)
    close("w", actual.w, expected.w)
    assert moved > 1e-3  # much more than the tolerance
    close("H", actual.H, expected.H)
    close("costs", actual.costs, expected.costs)


@pytest.mark.parametrize("side", [8, 9], ids="a side of {}".format)
@pytest.mark.parametrize("maps", [1, 2, 3])
@pytest.mark.parametrize("rule", ["sgd", "levenberg-marquardt"])
def test_many_taps_for_one_two_and_three_maps(rule, maps, side):
    """300 taps a map, of which the core takes 256 at a time, for two maps if there are; of 2 and of 4 vectors."""
    net = sn89.Net(sn89.Input(side, side, maps=12), sn89.Local("A", maps, 5), sn89.Full("output", 3), seed=1989)
    X = np.random.default_rng(1989).uniform(-1, 1, (COUNT, 12, side, side)).astype(np.float32)
    rule, judged = RULES[rule]
    expected = judged(judge(net), net.parameters.astype(np.float64), list(zip(X, digits()[1], strict=True)))
    actual = steps(net, X, digits()[1], rule)
    close("w", actual.w, expected.w)
    close("H", actual.H, expected.H)


@rules
def test_passes_in_one_go_against_the_judge(rule, judged):
    """The curvature goes on from pass to pass, and so does the order."""
    net, (X, y) = a_net(), digits()
    expected = judged(judge(net), net.parameters.astype(np.float64), 4 * list(zip(X, y, strict=True)))
    seen: list[Array] = []
    history = train(net, X, y, rule, passes=4, callbacks=[lambda net, history: seen.append(net.parameters.copy())])
    assert [one.number for one in history.passes] == [1, 2, 3, 4]
    close("w", seen, expected.w[COUNT - 1 :: COUNT])
    close("H", history.curvature, expected.H[-1])
    close("costs", [one.cost for one in history.passes], expected.costs.reshape(4, COUNT).mean(axis=1))


@pytest.mark.parametrize(
    "cost", [sn89.HalfSquaredError(0.7, -0.6), sn89.SoftmaxCrossEntropy(), sn89.RBFDiscriminative(0.5)], ids=str
)
@rules
@pytest.mark.filterwarnings("ignore:the cost is SoftmaxCrossEntropy:sn89.TrainingWarning")
def test_labels_stand_for_their_rows_of_desired_outputs(rule, judged, cost):
    nets = [sn89.Net(sn89.Input(5, 6), *LAYERS, cost=cost, seed=1) for _ in range(2)]
    X, labels = digits()[0], np.arange(COUNT) % 3
    rows = np.eye(3) if not isinstance(cost, sn89.HalfSquaredError) else 1.3 * np.eye(3) - 0.6
    train(nets[0], X, labels, rule)
    train(nets[1], X, rows[labels].astype(np.float32), rule)
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()
    start = sn89.Net(sn89.Input(5, 6), *LAYERS, seed=1).parameters
    course = judged(judge(nets[0]), start, list(zip(X, rows[labels], strict=True)))
    close("w", nets[0].parameters, course.w[-1])


def test_newton_and_levenberg_marquardt_part_ways():
    """Newton's curvature may be negative; what is divided by may not."""
    (X, y), curvatures = digits(), []
    for rule in RUNNING:
        net = a_net()
        curvatures.append(train(net, X, y, rule).curvature)
    assert curvatures[0].min() < 0 <= curvatures[1].min()


# ---- rates -----------------------------------------------------------------------------------------------


def rule_with(kind: type[sn89.Rule], rate: Any) -> sn89.Rule:
    """A rule of that kind with a learning rate, whatever it calls it."""
    return kind(rate)  # type: ignore[call-arg]


KINDS = [sn89.SGD, sn89.Newton, sn89.LevenbergMarquardt, sn89.StochasticDiagonalLM, sn89.AdamW]
kinds = pytest.mark.parametrize("kind", KINDS)


@kinds
def test_there_may_be_a_rate_for_each_pass_of_which_the_last_goes_on(kind):
    """As many trainings of one pass, each with the next rate and the state of the one before."""
    net, apart, (X, y), state = a_net(), a_net(), digits(), None
    train(net, X, y, rule_with(kind, (0.03, 0.01, 0.02)), passes=5)
    for rate in (0.03, 0.01, 0.02, 0.02, 0.02):
        state = train(apart, X, y, rule_with(kind, rate), state=state).state
    assert net.parameters.tobytes() == apart.parameters.tobytes()
    assert net.curvature.tobytes() == apart.curvature.tobytes()
    train(apart, X, y, rule_with(kind, 0.03))
    assert net.parameters.tobytes() != apart.parameters.tobytes()


@kinds
def test_rates_are_kept_as_given(kind):
    assert rule_with(kind, 0.25).rates == (0.25,)
    assert rule_with(kind, 1).rates == (1.0,)
    assert rule_with(kind, [0.5, 0.25]).rates == (0.5, 0.25)
    assert rule_with(kind, [0.5, 0.25]) == rule_with(kind, (0.5, 0.25))
    assert rule_with(kind, np.float32(0.25)).rates == (0.25,)


def test_the_constants_are_those_of_sn_and_of_the_papers():
    for rule in (sn89.Newton(), sn89.LevenbergMarquardt()):
        assert (rule.rate, rule.mu, rule.gamma) == (0.0005, 0.05, 0.05)
    rule = sn89.StochasticDiagonalLM()
    assert (rule.mu, rule.samples) == (0.02, 500)
    rates = [rule.in_pass(number)[2] for number in range(1, 21)]
    assert rates == [0.0005] * 2 + [0.0002] * 3 + [0.0001] * 3 + [0.00005] * 4 + [0.00001] * 8


# ---- the form of 1998 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("samples", [1, 3, COUNT, 500])
def test_the_curvature_of_1998_is_estimated_before_each_pass_and_stays(samples):
    """On the first few patterns, or on all if there are fewer."""
    net, (X, y) = a_net(), digits()
    reference, patterns = judge(net), list(zip(X, y, strict=True))
    rates, w = (0.01, 0.003, 0.003), net.parameters.astype(np.float64)
    estimates, expected, costs = [], [], []
    for rate in rates:
        estimates.append(mean_curvature(reference, w, patterns[:samples]))
        course = train_fixed(reference, w, patterns, estimates[-1], epsilon=rate, mu=0.1)
        w = course.w[-1]
        expected.append(w)
        costs.append(course.costs.mean())
    seen: list[tuple[Array, Array]] = []
    history = train(
        net,
        X,
        y,
        sn89.StochasticDiagonalLM(rates[:2], mu=0.1, samples=samples),
        passes=3,
        callbacks=[lambda net, history: seen.append((net.parameters.copy(), history.curvature))],
    )
    close("w", [parameters for parameters, _ in seen], expected)
    close("H", [curvature for _, curvature in seen], estimates)
    close("costs", [one.cost for one in history.passes], costs)
    assert np.abs(estimates[0] - estimates[2]).max() > 1e-3


def test_the_curvature_of_1998_is_estimated_on_the_first_of_the_shuffled_patterns():
    net, (X, y) = a_net(), digits()
    reference, w = judge(net), net.parameters.astype(np.float64)
    order = presented(passes=1, order="shuffle", seed=5)[0]
    history = train(net, X, y, sn89.StochasticDiagonalLM(0.001, samples=2), order="shuffle", seed=5)
    close("H", history.curvature, mean_curvature(reference, w, [(X[i], y[i]) for i in order[:2]]))
    assert list(order[:2]) != [0, 1]


# ---- order -----------------------------------------------------------------------------------------------


def presented(count: int = COUNT, **options: Any) -> list[list[int]]:
    """In which order the patterns of each pass came.

    Pattern k lights unit k alone and wants 1. From 0 on, the rule makes weight k rate (1 - b), with b the bias, which
    grows from one presentation to the next: so the weights stand in the order of the patterns, the largest first.
    """
    net = sn89.Net(sn89.Input(1, count), sn89.Full("output", 1, squash=sn89.Linear()))
    orders = []

    def look(net: sn89.Net, history: sn89.History) -> None:
        weights = net["output"].weights[0]
        np.testing.assert_allclose(np.sort(weights)[::-1], 0.1 * 0.9 ** np.arange(count), rtol=1e-5)
        orders.append(np.argsort(-weights).tolist())
        net.parameters[:] = 0

    net.parameters[:] = 0
    X = np.eye(count, dtype=np.float32)[:, None]
    train(net, X, np.ones((count, 1), np.float32), sn89.SGD(0.1), callbacks=[look], **options)
    return orders


def test_patterns_are_presented_in_the_order_given():
    assert presented(30, passes=3) == [list(range(30))] * 3


def test_shuffled_patterns_are_each_presented_once_in_a_new_order_every_pass():
    orders = presented(30, passes=4, order="shuffle")
    assert all(sorted(order) == list(range(30)) for order in orders)
    assert all(one != other for one, other in pairwise([list(range(30)), *orders]))


def test_the_seed_decides_how_patterns_are_shuffled():
    first = presented(30, passes=3, order="shuffle", seed=1)
    assert presented(30, passes=3, order="shuffle", seed=1) == first
    assert presented(30, passes=2, order="shuffle", seed=1) == first[:2]
    others = presented(30, passes=3, order="shuffle", seed=2)
    assert all(one != other for one in first for other in others)


def test_every_place_is_as_likely():
    """Of 300 shuffles of 4 patterns, each pattern is in each place 75 times, give or take 7.5; 5 times that is far."""
    orders = np.array(presented(4, passes=300, order="shuffle"))
    places = np.stack([(orders == k).sum(axis=0) for k in range(4)])
    assert np.abs(places - 75).max() < 5 * 7.5


# ---- going on --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule", [sn89.SGD(0.01), *RUNNING, sn89.StochasticDiagonalLM(0.01, samples=3), sn89.AdamW(0.01)], ids=str
)
def test_a_state_handed_on_goes_on_as_one_longer_training(rule):
    whole, parts, (X, y) = a_net(), a_net(), digits()
    at_once = train(whole, X, y, rule, passes=5)
    first = train(parts, X, y, rule, passes=2)
    rest = train(parts, X, y, rule, passes=3, state=first.state)
    assert parts.parameters.tobytes() == whole.parameters.tobytes()
    assert rest.curvature.tobytes() == at_once.curvature.tobytes() == whole.curvature.tobytes()
    assert rest.state.momentum.tobytes() == at_once.state.momentum.tobytes() == whole.momentum.tobytes()
    assert rest.state.presented == at_once.state.presented == 5 * COUNT
    costs = [one.cost for one in first.passes + rest.passes]
    assert costs == [one.cost for one in at_once.passes]


@pytest.mark.parametrize("order", ["given", "shuffle"])
@pytest.mark.parametrize(
    "rule",
    [sn89.SGD((0.01, 0.02, 0.03)), sn89.Newton((0.01, 0.001)), sn89.AdamW((0.01, 0.02, 0.03, 0.04))],
    ids=["sgd", "newton", "adamw"],
)
def test_with_its_state_rates_and_orders_go_on_too(rule, order):
    whole, parts, (X, y) = a_net(), a_net(), digits()
    train(whole, X, y, rule, passes=4, order=order, seed=3)
    state = train(parts, X, y, rule, passes=1, order=order, seed=3).state
    state = train(parts, X, y, rule, passes=2, order=order, seed=3, state=state).state
    train(parts, X, y, rule, passes=1, order=order, seed=3, state=state)
    assert parts.parameters.tobytes() == whole.parameters.tobytes()


def test_adamw_does_not_go_on_from_newtons_negative_curvature():
    net, (X, y) = a_net(), digits()
    state = train(net, X, y, sn89.Newton(0.01)).state
    assert (state.curvature < 0).any()
    before = net.parameters.tobytes()
    with pytest.raises(ValueError, match=r"state\.curvature must not be negative for AdamW"):
        train(net, X, y, sn89.AdamW(), state=state)
    assert net.parameters.tobytes() == before


@pytest.mark.parametrize("rule", RUNNING, ids=str)
def test_a_curvature_that_is_not_handed_on_starts_at_0(rule):
    """Also if the net still holds the one of a former training."""
    net, fresh, (X, y) = a_net(), a_net(), digits()
    train(net, X, y, rule)
    fresh.parameters[:] = net.parameters
    assert net.curvature.any()
    assert not fresh.curvature.any()
    ends = [train(one, X, y, rule).curvature.tobytes() for one in (net, fresh)]
    assert ends[0] == ends[1]
    assert net.parameters.tobytes() == fresh.parameters.tobytes()


def test_the_curvature_of_a_history_is_a_copy():
    net, (X, y) = a_net(), digits()
    history = train(net, X, y, RUNNING[1])
    kept = history.curvature.copy()
    train(net, X, y, RUNNING[1])
    np.testing.assert_array_equal(history.curvature, kept)


# ---- rules that are none ---------------------------------------------------------------------------------


@kinds
@pytest.mark.parametrize(
    ("rate", "error", "complaint"),
    [
        (0, ValueError, "positive"),
        (-0.1, ValueError, "positive"),
        (float("nan"), ValueError, "finite"),
        (float("inf"), ValueError, "finite"),
        ((), ValueError, "positive"),
        ((0.1, 0.0), ValueError, "positive"),
        ((0.1, float("nan")), ValueError, "finite"),
        ((0.1, None), TypeError, "number"),
        (None, TypeError, "number"),
        (True, TypeError, "number"),
        ("0.1", TypeError, "number"),
        (1j, TypeError, "number"),
    ],
    ids=str,
)
def test_rates_that_are_none_are_refused(kind, rate, error, complaint):
    with pytest.raises(error, match=f"^{kind.__name__}: rate must be .*{complaint}"):
        rule_with(kind, rate)


@pytest.mark.parametrize("kind", KINDS[1:4])
@pytest.mark.parametrize(
    ("mu", "error"),
    [(0, ValueError), (-1, ValueError), (float("inf"), ValueError), ("1", TypeError), (True, TypeError)],
)
def test_mu_is_positive_and_finite(kind, mu, error):
    with pytest.raises(error, match=f"^{kind.__name__}: mu must be"):
        kind(mu=mu)


@pytest.mark.parametrize("kind", KINDS[1:3])
@pytest.mark.parametrize(
    ("gamma", "error"),
    [(0, ValueError), (-0.5, ValueError), (1.01, ValueError), (float("nan"), ValueError), (None, TypeError)],
)
def test_gamma_is_above_0_and_at_most_1(kind, gamma, error):
    assert kind(gamma=1).gamma == 1
    with pytest.raises(error, match=f"^{kind.__name__}: gamma must be"):
        kind(gamma=gamma)


@pytest.mark.parametrize(
    ("samples", "error"), [(0, ValueError), (-1, ValueError), (1.0, TypeError), (True, TypeError), ("1", TypeError)]
)
def test_samples_is_a_positive_whole_number(samples, error):
    with pytest.raises(error, match=r"^StochasticDiagonalLM: samples must be"):
        sn89.StochasticDiagonalLM(samples=samples)


@kinds
def test_rules_are_values(kind):
    """They compare by what they say, and nothing changes them."""
    assert rule_with(kind, 0.1) == rule_with(kind, 0.1) != rule_with(kind, 0.2)
    with pytest.raises(AttributeError):
        rule_with(kind, 0.1).mu = 3.0  # type: ignore[attr-defined]
    assert len({rule_with(kind, 0.1) for kind in KINDS}) == len(KINDS)


WORDS = [(kind, word) for kind in KINDS for word in ("epsilon", "lr", "learning_rate", "eta")]


@pytest.mark.parametrize(("kind", "word"), WORDS, ids=str)
def test_other_words_for_the_rate_are_refused_with_ours(kind, word):
    ours = "eps" if (kind, word) == (sn89.AdamW, "epsilon") else "rate"
    told = f"^{kind.__name__}: {word} is called {ours} here$"
    for use in (lambda: kind(**{word: 0.1}), lambda: replace(kind(), **{word: 0.1})):
        with pytest.raises(TypeError, match=told):
            use()
    with pytest.raises(AttributeError, match=told):
        getattr(kind(), word)
    assert not hasattr(kind(), word)


@kinds
def test_every_rule_has_a_rate_by_name_and_by_default(kind):
    assert kind(rate=0.1) == kind(0.1)
    assert next(iter(signature(kind).parameters)) == "rate"
    assert kind().rate == {sn89.SGD: 0.0015, sn89.AdamW: 0.0003}.get(kind, kind.rate)
    for copied in (copy.deepcopy(kind()), pickle.loads(pickle.dumps(kind()))):
        assert copied == kind()


def test_rates_may_come_as_an_array():
    assert sn89.SGD(np.array([0.5, 0.25])) == sn89.SGD([0.5, 0.25])
    assert sn89.LevenbergMarquardt(np.array(0.5)) == sn89.LevenbergMarquardt(0.5)
