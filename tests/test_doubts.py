"""Warnings of trainings that can hardly succeed: once, with what was seen, and none without a reason."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import sn89
from sn89 import SGD, LevenbergMarquardt, TrainingWarning
from sn89.facts import facts, otherwise_scaled

Array = np.ndarray


@pytest.fixture(scope="module")
def few() -> tuple[Array, Array]:
    return sn89.datasets.synthetic(train=600, test=10, seed=2).train


def net(**options: Any) -> sn89.Net:
    return sn89.nets.fully_connected(hidden=12, **{"seed": 1, **options})


def learn(net: sn89.Net, X: Array, y: Array, **options: Any) -> list[str]:
    """What is warned of."""
    how = {"rule": LevenbergMarquardt(), "passes": 4, "progress": False, **options}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sn89.train(net, X, y, **how)
    assert {one.category for one in caught} <= {TrainingWarning}
    assert all(one.filename == __file__ for one in caught)  # they point to who called
    return [str(one.message) for one in caught]


# ---- before ----------------------------------------------------------------------------------------------------------


def test_bytes_are_seen(few):
    X, y = few
    (said,) = learn(net(), (X + 1) * 127.5, y)
    assert "inputs go from 0 to 255" in said
    assert "X / 127.5 - 1" in said


def test_squashed_outputs_of_a_softmax_cost_are_seen(few):
    (said,) = learn(net(cost=sn89.SoftmaxCrossEntropy()), *few)
    assert "SoftmaxCrossEntropy" in said
    assert "squash=sn89.Linear()" in said


def test_labels_that_begin_with_1_are_seen(few):
    X, y = few
    layers = sn89.Full("hidden", 12), sn89.Full("output", 11)
    (said,) = learn(sn89.Net(sn89.Input(16, 16), *layers, seed=1), X, y + 1)
    assert "labels are 1 to 10, and none is 0" in said


def test_labels_from_1_to_10_of_ten_outputs_are_an_error_that_says_so(few):
    X, y = few
    with pytest.raises(ValueError, match=r"labels must be 0 to 9; label \d+ is 10\. They begin with 1, so give y - 1"):
        learn(net(), X, y + 1)


# ---- after -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", [True, False])
@pytest.mark.parametrize("rule", [LevenbergMarquardt(0.05), SGD(1.0), sn89.AdamW(0.3)], ids=repr)
def test_a_rate_that_saturates_the_net_is_seen(few, rule, measure):
    (said,) = learn(net(), *few, rule=rule, measure=measure)
    assert "led nowhere" in said
    assert "% of the states of layer" in said
    assert "try a tenth of it" in said


@pytest.mark.parametrize("rule", [LevenbergMarquardt(1e-7), SGD(1e-6)], ids=repr)
def test_a_rate_that_moves_nothing_is_seen(few, rule):
    (said,) = learn(net(), *few, rule=rule)
    assert "led nowhere" in said
    assert "learning rate may be too small" in said


def test_digits_class_after_class_are_seen(few):
    X, y = few
    order = np.argsort(y, kind="stable")
    (said,) = learn(net(), X[order], y[order], rule=SGD(0.05))
    assert 'order="shuffle"' in said
    assert learn(net(), X[order], y[order], order="shuffle") == []


def test_one_output_that_learns_nothing_is_seen(few):
    X = few[0]
    y = X.mean(axis=(1, 2))[:, None]
    one = sn89.Net(sn89.Input(16, 16), sn89.Full("output", 1), seed=1)
    (said,) = learn(one, X, y, rule=SGD(1e-9))
    assert "the mean cost is" in said


def test_rare_classes_that_weigh_are_no_reason(few):
    """Nine of ten are of one class; a balanced training gets more of those wrong than one that always says it."""
    X, y = few[0], (np.arange(600) % 10 == 0).astype(int)
    noise = np.random.default_rng(3).normal(size=X.shape)
    two = sn89.Net(sn89.Input(16, 16), sn89.Full("output", 2), seed=1)
    assert learn(two, noise + 0.03 * np.where(y, 1, -1)[:, None, None], y, class_weight="balanced", passes=1) == []
    assert sn89.evaluate(two, noise, y).error > 0.1


# ---- no false alarm --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "made",
    [sn89.nets.zip_code, sn89.nets.lenet1, sn89.nets.lenet1_softmax, sn89.nets.fully_connected],
    ids=lambda made: made.__name__,
)
def test_the_papers_nets_give_no_reason(few, made):
    assert learn(made(seed=1), *few, passes=4) == []


def test_few_presentations_are_no_reason(few):
    X, y = few
    assert learn(net(), X[:100], y[:100], rule=SGD(1e-9), passes=19) == []


def test_patterns_of_one_kind_are_no_reason(few):
    assert learn(net(), few[0], np.full(600, 3), rule=SGD(0.01)) == []


def test_once_is_enough(few):
    """Trainings in a loop warn once, as Python does by default."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            sn89.train(net(), *few, rule=SGD(1e-9), passes=4, progress=False)
    assert len(caught) == 1


def test_a_warning_that_is_made_an_error_loses_nothing(few, tmp_path):
    trained, path = net(), tmp_path / "kept.safetensors"
    before = trained.parameters.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(TrainingWarning):
            sn89.train(trained, *few, rule=SGD(1e-9), passes=4, progress=False, checkpoint=path)
    assert not np.array_equal(trained.parameters, before)
    assert sn89.load(path).parameters.tobytes() == trained.parameters.tobytes()


# ---- images of another scale than what was learned from -------------------------------------------------------------


@pytest.fixture(scope="module")
def taught():
    """A net that learned from these images of -1 to 1."""
    rng = np.random.default_rng(1989)
    X = np.where(rng.random((40, 8, 8)) < 0.3, 1.0, -1.0) * rng.uniform(0.9, 1, (40, 1, 1))
    X[:, 0], X[0, 1] = -1, 1
    y = rng.integers(0, 4, 40)
    net = sn89.Net(sn89.Input(8, 8), sn89.Full("output", 4), seed=1)
    sn89.train(net, X, y, rule=sn89.SGD(0.01), passes=1, progress=False)
    assert net.levels == (-1, 1)
    return net, X, y


def otherwise(net, path, how):
    """The net again, as it is after being copied, pickled or written."""
    if how == "file":
        return sn89.load(path)
    return pickle.loads(pickle.dumps(net)) if how == "pickle" else copy.copy(net)


@pytest.mark.parametrize("how", ["copy", "pickle", "file"])
@pytest.mark.parametrize("scaled", [lambda X: (X + 1) / 2, lambda X: 127.5 * (X + 1), lambda X: X + 1])
def test_images_of_another_scale_are_told_of_once(taught, tmp_path, how, scaled):
    net, X, y = taught
    history = sn89.History(sn89.SGD(0.01), digits=facts(X, y))
    sn89.save(net, tmp_path / "net.safetensors", history=history)
    again = otherwise(net, tmp_path / "net.safetensors", how)
    with pytest.warns(
        sn89.ScaleWarning, match="learned from images with levels from -1 to 1, but these have levels from 0 to "
    ) as found:
        again.predict(scaled(X))
    assert [one.filename for one in found] == [__file__]
    again.predict(scaled(X))  # once is enough: warnings are errors here
    sn89.evaluate(again, scaled(X), y)
    with pytest.warns(sn89.ScaleWarning):
        sn89.evaluate(otherwise(net, tmp_path / "net.safetensors", how), scaled(X), y)


@pytest.mark.parametrize("ask", [lambda net, X: net(X), lambda net, X: net.confident(X)])
def test_whoever_asks_the_net_is_told_of_another_scale(taught, ask):
    net, X, _ = taught
    net = copy.copy(net)
    with pytest.warns(sn89.ScaleWarning, match="these have levels from 0 to ") as found:
        ask(net, (X + 1) / 2)
    assert [one.filename for one in found] == [__file__]
    ask(net, (X + 1) / 2)


def test_another_usual_range_whose_paper_is_near_is_told_of():
    """LeNet-5's paper is -0.1, that of images from 0 to 1 is 0: too near for the ends alone to tell."""
    X = np.zeros((40, 32, 32), np.float32)
    X[:, 8:24, 10:20] = np.random.default_rng(1).random((40, 16, 10))
    X[0, 8, 10] = 1
    y, how = np.arange(40) % 10, {"rule": sn89.SGD(1e-5), "passes": 1, "progress": False}
    with pytest.warns(sn89.TrainingWarning, match=r"0 to 1, but .* expects -0.1 \(paper\) to 1.175 .*: use X \* 1.275"):
        sn89.train(sn89.nets.lenet5(seed=1), X, y, **how)
    net = sn89.nets.lenet5(seed=1)
    sn89.train(net, X * 1.275 - 0.1, y, **how)
    net.predict((X * 1.275 - 0.1)[5:9])  # a few, none of the darkest ink
    with pytest.warns(
        sn89.ScaleWarning,
        match="it learned from images with levels from -0.1 to 1.175, but these have levels from 0 to 1",
    ):
        net.predict(X)


def test_a_few_digits_without_the_darkest_ink_are_of_the_same_scale():
    """So eval of a net of a subset says nothing of it."""
    whole, few = {"lowest": -1.0, "highest": 1.0}, {"lowest": -1.0, "highest": 0.9}
    assert otherwise_scaled(few, whole) is None
    assert otherwise_scaled({"lowest": 0.0, "highest": 0.9}, whole) is not None


def test_training_and_its_test_set_are_told_of_too(taught):
    net, X, y = taught
    how = {"rule": sn89.SGD(0.01), "passes": 1, "progress": False}
    with pytest.warns(
        sn89.TrainingWarning, match=r"net goes on with other images: it learned from images with levels from -1 to"
    ):
        sn89.train(copy.copy(net), (X + 1) / 2, y, **how)
    with pytest.warns(
        sn89.TrainingWarning, match="the test images are scaled otherwise: .* these have levels from 0 to 1"
    ):
        sn89.train(copy.copy(net), X, y, test=((X + 1) / 2, y), **how)


@pytest.mark.parametrize(
    "change",
    [
        lambda X: X,
        lambda X: X[:1] * 0,  # one image alone is anything
        lambda X: np.minimum(X, -0.2),  # pale ink
        lambda X: np.maximum(X, -0.6),  # grey paper
        lambda X: -X,
        lambda X: X + np.random.default_rng(1).normal(0, 0.25, X.shape),
        lambda X: np.full_like(X, -1.0),
    ],
)
def test_dark_pale_and_noisy_images_are_not(taught, change):
    """Warnings are errors here."""
    net, X, y = taught
    images = change(X)
    copy.copy(net).predict(images)
    copy.copy(net).predict(images[0])
    sn89.evaluate(copy.copy(net), images, y[: len(images)])


def test_a_net_of_dark_ink_knows_its_paper(taught):
    _, X, y = taught
    net = sn89.Net(sn89.Input(8, 8, background=1.0), sn89.Full("output", 4), seed=1)
    sn89.train(net, -X, y, rule=sn89.SGD(0.01), passes=1, progress=False)
    net.predict(np.maximum(-X, 0))  # pale ink on white paper
    with pytest.warns(sn89.ScaleWarning):
        net.predict((-X - 1) / 2)


def test_features_without_paper_may_come_in_any_part():
    """The high half of standardised features is of the same scale."""
    X, y = np.random.default_rng(3).normal(0, 1.2, (60, 8, 8)), np.arange(60) % 4
    net = sn89.Net(sn89.Input(8, 8), sn89.Full("output", 4), seed=1)
    sn89.train(net, X, y, rule=sn89.SGD(0.01), passes=1, progress=False)
    net.predict(np.abs(X))


def test_a_net_that_begins_anew_remembers_no_scale(taught):
    net, X, _ = taught
    again = copy.copy(net)
    again.restart()
    again.predict((X + 1) / 2)
