"""Trainings that end early, and nets that are put back to their best pass."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sn89
from sn89 import EarlyStopping, KeepBest, storage
from sn89.checkpoint import history_in
from sn89.history import Pass
from sn89.measure import Measurement
from sn89.record import history_of, recorded
from sn89.stopping import held_out

Array = np.ndarray
RANDOM = np.random.default_rng(1989)
X, Y = RANDOM.uniform(-1, 1, (60, 8, 8)), RANDOM.integers(0, 4, 60)
TEST = RANDOM.uniform(-1, 1, (40, 8, 8)), RANDOM.integers(0, 4, 40)


def small() -> sn89.Net:
    return sn89.Net(sn89.Input(8, 8), sn89.Full("hidden", 6), sn89.Dropout("D", 0.2), sn89.Full("output", 4), seed=1)


def learn(net: sn89.Net, passes: int = 12, **options: Any) -> sn89.History:
    how = {"rule": sn89.LevenbergMarquardt(0.002), "test": TEST, "progress": False, "order": "shuffle"}
    return sn89.train(net, X, Y, passes=passes, **{**how, **options})


def bits(net: sn89.Net, history: sn89.History) -> tuple[Any, ...]:
    """All that a training brings, but for the time it took."""
    vectors = (net.parameters, net.curvature, net.momentum, history.state.curvature, history.state.momentum)
    passes = [replace(one, seconds=0.0) for one in history.passes]
    kept = history.kept and (history.kept.number, history.kept.why, history.kept.net.parameters.tobytes())
    return [one.tobytes() for one in vectors], history.state.presented, passes, history.ended, kept


def told(*figures: float, figure: str = "error") -> sn89.History:
    """A history of such test errors, of 1000 patterns each, or costs."""
    history = sn89.History(sn89.SGD(0.01), state=sn89.RuleState(0, np.zeros(1), np.zeros(1)))
    for number, value in enumerate(figures, 1):
        wrong, cost = (round(1000 * value), 1.0) if figure == "error" else (0, value)
        history.passes.append(Pass(number, 1.0, 1.0, test=Measurement(1000, wrong, cost)))
    return history


def ends_after(stop: EarlyStopping, *figures: float) -> int | None:
    """The pass after which such figures end a training."""
    for n in range(1, len(figures) + 1):
        if stop(small(), told(*figures[:n], figure=stop.figure)):
            return n
    return None


# ---- when it ends ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "figures", "expected"),
    [
        ({"patience": 1}, [0.5, 0.4, 0.4, 0.3], 3),
        ({"patience": 2}, [0.5, 0.4, 0.41, 0.39, 0.4, 0.39], 6),
        ({"patience": 3}, [0.5, 0.4, 0.3, 0.2], None),
        ({"patience": 3}, [0.1, 0.2, 0.3, 0.4], 4),
        ({"patience": 2, "least": 0.05}, [0.5, 0.48, 0.46, 0.1], 3),
        ({"patience": 3, "least": 0.05}, [0.5, 0.48, 0.46, 0.44, 0.43, 0.42, 0.41], 7),  # 0.44 is 0.06 below 0.5
        ({"patience": 2, "figure": "cost"}, [3.0, 2.0, 2.5, 2.0], 4),
    ],
)
def test_patience_counts_passes_without_an_improvement(options, figures, expected):
    assert ends_after(EarlyStopping(**options), *figures) == expected


def test_a_value_serves_many_trainings():
    stop = EarlyStopping(patience=2)
    first, again = learn(small(), callbacks=[stop]), learn(small(), callbacks=[stop])
    assert len(first.passes) == len(again.passes) < 12
    assert first.passes[3:] != []


def test_a_callback_that_returns_true_ends_the_training():
    net, other = small(), small()
    history = learn(net, callbacks=[lambda net, history: len(history.passes) == 3])
    assert len(history.passes) == 3
    assert history.ended == "a callback ended it"
    plain = learn(other, passes=3)
    assert plain.ended is None
    assert bits(net, replace(history, ended=None)) == bits(other, plain)


@pytest.mark.parametrize("answer", [None, 1, "yes", np.float32(1), [1], np.array([1, 2])])
def test_only_true_ends_a_training(answer):
    assert len(learn(small(), passes=2, callbacks=[lambda net, history: answer]).passes) == 2


def test_every_callback_is_asked_though_one_ended_the_training():
    asked = []
    learn(small(), callbacks=[lambda *_: np.bool_(True), lambda *_: asked.append(1)])
    assert asked == [1]


# ---- what is kept ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("callback", [KeepBest(), EarlyStopping(patience=3), KeepBest(figure="cost", on="train")])
def test_net_state_and_history_are_those_of_the_best_pass(callback):
    net = small()
    history = learn(net, callbacks=[callback])
    figures = [getattr(getattr(one, callback.on), callback.figure) for one in history.passes]
    best = int(np.argmin(figures))
    assert history.kept.number == best + 1
    assert history.final is history.passes[best]
    assert f"{callback.on} {callback.figure}" in history.kept.why
    assert sn89.evaluate(net, *TEST) == history.final.test
    other = small()
    plain = learn(other, passes=best + 1)
    assert bits(net, history)[:2] == bits(other, plain)[:2]
    assert f"kept pass {best + 1}: " in str(history)


def test_training_goes_on_from_the_kept_pass():
    nets = small(), small()
    first = learn(nets[0], callbacks=[KeepBest()])
    learn(nets[0], passes=2, state=first.state)
    learn(nets[1], passes=first.kept.number + 2)
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


def test_the_last_pass_may_be_kept():
    net, other = small(), small()
    history = learn(net, callbacks=[EarlyStopping(patience=3, keep="last")])
    assert history.kept is None
    assert history.final is history.passes[-1]
    assert "was not improved in 3 passes" in history.ended
    plain = learn(other, passes=len(history.passes))
    assert bits(net, history)[:2] == bits(other, plain)[:2]


def test_what_is_looked_at_is_measured_and_nothing_else():
    history = learn(small(), passes=2, measure=False, callbacks=[KeepBest()])
    assert (len(history.test), len(history.train)) == (2, 0)
    history = learn(small(), passes=2, measure=False, callbacks=[KeepBest(on="train")])
    assert (len(history.test), len(history.train)) == (0, 2)
    history = learn(small(), passes=2, measure=False, callbacks=[KeepBest(on=0.25)])
    assert (len(history.test), len(history.train), len(history.held_out)) == (0, 0, 2)


def test_a_net_with_one_output_is_judged_by_its_cost():
    net = sn89.Net(sn89.Input(8, 8), sn89.Full("output", 1), seed=1)
    how = {"rule": sn89.SGD(0.01), "passes": 3, "progress": False}
    y = X.mean(axis=(1, 2))[:, None]
    assert sn89.train(net, X, y, callbacks=[KeepBest(on=0.2, figure="cost")], **how).kept
    with pytest.raises(ValueError, match='no error: give the callback figure="cost"'):
        sn89.train(net, X, y, callbacks=[KeepBest(on=0.2)], **how)


def test_a_history_of_it_can_be_pickled():
    history = learn(small(), callbacks=[EarlyStopping(patience=2)])
    again = pickle.loads(pickle.dumps(history))
    assert str(again) == str(history)
    assert again.kept.net.parameters.tobytes() == history.kept.net.parameters.tobytes()


def test_a_file_of_it_tells_what_was_kept_and_why_it_ended(tmp_path):
    net = small()
    history = learn(net, callbacks=[EarlyStopping(patience=2, on=0.25, figure="cost")])
    sn89.save(net, tmp_path / "net.safetensors", history=history)
    again = history_of(storage.about(tmp_path / "net.safetensors")["provenance"])
    assert str(again) == str(history)
    assert again.final == history.final
    assert again.held_out == history.held_out
    assert (again.kept.net, again.kept.state) == (None, None)  # the net is that of the file
    assert again.final is not again.passes[-1]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"kept": 7}, "why a pass was kept must be text"),
        ({"ended": ["so"]}, "the reason why the training ended must be text"),
    ],
)
def test_a_file_that_tells_of_an_end_that_cannot_be_is_refused(told, words):
    provenance = recorded(learn(small(), passes=2))
    assert history_of(provenance).kept is None
    with pytest.raises(ValueError, match=words):
        history_of(provenance | {"history": [*provenance["history"][:-1], provenance["history"][-1] | told]})


def test_own_words_beside_a_history_are_not_taken_for_it(tmp_path):
    net, path, own = small(), tmp_path / "net.safetensors", {"kept": "in the archive", "ended": "in May"}
    history = learn(net, passes=2)
    sn89.save(net, path, history=history, provenance=own)
    told = storage.about(path)["provenance"]
    assert {name: told[name] for name in own} == own
    assert str(history_of(told)) == str(history)
    with pytest.raises(
        ValueError, match="provenance has the entry 'passes', which the history writes too: choose another"
    ):
        sn89.save(net, path, history=history, provenance={"passes": 2})


def test_a_net_that_is_not_the_kept_one_is_not_said_to_be(tmp_path):
    """After Ctrl-C the net is as the last presentation left it."""

    def interrupt(net: sn89.Net, history: sn89.History) -> None:
        if history.kept and history.kept.number < len(history.passes):
            raise KeyboardInterrupt

    net = small()
    with pytest.raises(KeyboardInterrupt) as stop:
        learn(net, passes=50, callbacks=[KeepBest(), interrupt])
    sn89.save(net, tmp_path / "net.safetensors", history=stop.value.history)
    again = history_of(storage.about(tmp_path / "net.safetensors")["provenance"])
    assert again.final is again.passes[-1]


def test_a_checkpoint_tells_it_too(tmp_path):
    path = tmp_path / "kept.safetensors"
    history = learn(small(), checkpoint=path, callbacks=[EarlyStopping(patience=2)])
    assert str(history_in(storage.read(path))) == str(history)


# ---- a share that is held out ----------------------------------------------------------------------------------------


def test_a_share_of_every_class_is_held_out():
    classes = np.repeat([0, 1, 2, 7], [100, 50, 7, 1])
    RANDOM.shuffle(classes)
    apart = held_out(classes, 0.1, seed=3)
    assert apart.sum() == 16
    assert [int(apart[classes == k].sum()) for k in (0, 1, 2)] == [10, 5, 1]
    assert not apart[classes == 7].any()  # there is one only, to learn from
    np.testing.assert_array_equal(held_out(classes, 0.1, seed=3), apart)
    assert not np.array_equal(held_out(classes, 0.1, seed=4), apart)
    assert held_out(np.zeros(10), 0.999, seed=0).sum() == 9


def test_what_is_held_out_is_the_same_with_any_numpy():
    assert np.flatnonzero(held_out(np.arange(20) % 2, 0.2, seed=1989)).tolist() == [2, 5, 10, 19]


def test_nothing_is_learned_from_what_is_held_out():
    net, other = small(), small()
    history = learn(net, passes=3, callbacks=[KeepBest(on=0.25)], order="given", sample_weight=np.arange(60))
    apart = held_out(Y, 0.25, seed=0)
    how = {"rule": sn89.LevenbergMarquardt(0.002), "passes": history.kept.number, "progress": False}
    plain = sn89.train(other, X[~apart], Y[~apart], sample_weight=np.arange(60)[~apart], **how)
    assert net.parameters.tobytes() == other.parameters.tobytes()
    assert [one.cost for one in plain.passes] == [one.cost for one in history.passes][: len(plain.passes)]
    assert history.final.train == sn89.evaluate(other, X[~apart], Y[~apart])
    assert history.final.held_out == sn89.evaluate(other, X[apart], Y[apart])
    assert "held out" in str(history.passes[0])


# ---- with checkpoints ------------------------------------------------------------------------------------------------

STOPS = {
    "best of all": KeepBest(),
    "stopped": EarlyStopping(patience=3),
    "stopped, held out": EarlyStopping(patience=5, on=0.2, figure="cost"),
    "stopped, last": EarlyStopping(patience=3, keep="last"),
    "function": lambda net, history: len(history.passes) == 5,
}
each_stop = pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS)


class KilledError(Exception):
    """What ends a training in the middle."""


@each_stop
@pytest.mark.parametrize("after", [1, 4, 5])
def test_a_training_that_was_interrupted_ends_as_one_that_was_not(tmp_path, stop, after):
    expected = small()
    history = learn(expected, callbacks=[stop])
    assert len(history.passes) > 4

    def kill(net: sn89.Net, history: sn89.History) -> None:
        if len(history.passes) == after:
            raise KilledError

    path = tmp_path / "kept.safetensors"
    with pytest.raises(KilledError):
        learn(small(), checkpoint=path, callbacks=[kill, stop])  # before the other could say anything
    net = small()
    again = learn(net, checkpoint=path, resume=True, callbacks=[stop])
    assert bits(net, again) == bits(expected, history)
    assert sn89.load(path).parameters.tobytes() == net.parameters.tobytes()


@each_stop
def test_a_training_that_was_ended_stays_ended(tmp_path, stop):
    path = tmp_path / "kept.safetensors"
    expected, net = small(), small()
    history = learn(expected, checkpoint=path, callbacks=[stop])
    assert sn89.load(path).parameters.tobytes() == expected.parameters.tobytes()
    again = learn(net, checkpoint=path, resume=True, callbacks=[stop])
    assert bits(net, again) == bits(expected, history)


def test_more_patience_goes_on(tmp_path):
    """What was kept does not stand in the way: the training goes on from its last pass."""
    path, nets = tmp_path / "kept.safetensors", (small(), small())
    first = learn(small(), checkpoint=path, callbacks=[EarlyStopping(patience=2)])
    again = learn(nets[0], checkpoint=path, resume=True, callbacks=[EarlyStopping(patience=6)])
    assert len(again.passes) > len(first.passes)
    assert bits(nets[0], again) == bits(nets[1], learn(nets[1], callbacks=[EarlyStopping(patience=6)]))


def test_more_passes_go_on_from_the_last_and_not_from_the_best(tmp_path):
    path, nets = tmp_path / "kept.safetensors", (small(), small())
    assert learn(small(), passes=8, checkpoint=path, callbacks=[KeepBest()]).kept.number < 8
    again = learn(nets[0], checkpoint=path, resume=True, callbacks=[KeepBest()])
    assert bits(nets[0], again) == bits(nets[1], learn(nets[1], callbacks=[KeepBest()]))


def test_what_was_not_measured_cannot_be_looked_at(tmp_path):
    path = tmp_path / "kept.safetensors"
    learn(small(), passes=2, checkpoint=path, measure=False)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="KeepBest needs the test error, which pass 1 does not have"):
        learn(small(), checkpoint=path, resume=True, callbacks=[KeepBest()])
    assert path.read_bytes() == before


def test_another_share_is_another_training(tmp_path):
    path = tmp_path / "kept.safetensors"
    learn(small(), passes=2, checkpoint=path, callbacks=[KeepBest(on=0.2)])
    for callbacks, now in (([], "none"), ([KeepBest(on=0.3)], "0.3")):
        with pytest.raises(ValueError, match=f"the share that is held out was 0.2, but now it is {now}"):
            learn(small(), checkpoint=path, resume=True, callbacks=callbacks)


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ([99, "why"], "kept must be at most 2"),
        ([0, "why"], "kept must be at least 1"),
        (["1", "why"], "kept must be a whole number"),
        ([1, 2], "why a pass was kept must be text"),
        (7, "not a checkpoint of this training"),
    ],
)
def test_a_checkpoint_that_keeps_what_cannot_be_is_refused(tmp_path: Path, monkeypatch, kept, words):
    path, real = tmp_path / "kept.safetensors", sn89.storage.write

    def write(path: Path, net: sn89.Net, about: dict[str, Any], others: dict[str, Array]) -> None:
        real(path, net, {**about, "training": {**about["training"], "kept": kept}}, others)

    with monkeypatch.context() as patch:
        patch.setattr(sn89.storage, "write", write)
        learn(small(), passes=2, checkpoint=path, callbacks=[KeepBest()])
    with pytest.raises(ValueError, match=words):
        learn(small(), checkpoint=path, resume=True, callbacks=[KeepBest()])


# ---- interrupted -----------------------------------------------------------------------------------------------------


def test_an_interrupted_training_hands_its_history_out():
    def ctrl_c(net: sn89.Net, history: sn89.History) -> None:
        if len(history.passes) == 6:
            raise KeyboardInterrupt

    net = small()
    with pytest.raises(KeyboardInterrupt) as caught:
        learn(net, callbacks=[KeepBest(), ctrl_c])
    history = caught.value.history
    assert len(history.passes) == 6
    assert history.state.presented == 360  # the net is where it was interrupted,
    assert history.kept.number < 6  # and the best so far is at hand
    assert sn89.evaluate(history.kept.net, *TEST) == history.final.test
    learn(net, passes=6, state=history.state)
    expected = small()
    learn(expected)
    assert net.parameters.tobytes() == expected.parameters.tobytes()


def test_within_a_pass_too(monkeypatch):
    real = sn89.Net.present

    def present(self: sn89.Net, step: Any, patterns: Any, order: Array, tick: Any, **how: Any) -> Any:
        so_far = how["so_far"]
        if how["presented"] < 120:
            return real(self, step, patterns, order, tick, **how)
        real(self, step, patterns, order[:20], tick, **how)
        assert so_far.count == 20
        raise KeyboardInterrupt

    monkeypatch.setattr(sn89.Net, "present", present)
    net = small()
    with pytest.raises(KeyboardInterrupt) as caught:
        learn(net)
    history = caught.value.history
    assert len(history.passes) == 2
    assert history.state.presented == 140
    np.testing.assert_array_equal(history.state.curvature, net.curvature)


def test_what_diverges_hands_its_history_out():
    net = sn89.nets.fully_connected(squash=sn89.Linear(), seed=1)
    digits = sn89.datasets.synthetic(train=100, test=10)
    with pytest.raises(sn89.DivergedError) as caught:
        sn89.train(net, *digits.train, rule=sn89.SGD((1e-4, 1e3)), passes=2, progress=False)
    assert len(caught.value.history.passes) == 1


# ---- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"on": "validation"}, ValueError, 'on must be "test", "train" or a share'),
        ({"on": 0}, ValueError, "a share between 0 and 1"),
        ({"on": 1.5}, ValueError, "a share between 0 and 1"),
        ({"on": None}, TypeError, "must be a number"),
        ({"figure": "accuracy"}, ValueError, 'figure must be "error" or "cost"'),
        ({"patience": 0}, ValueError, "patience must be at least 1"),
        ({"patience": 2.5}, TypeError, "patience must be a whole number"),
        ({"least": -0.1}, ValueError, "least must not be negative"),
        ({"keep": "first"}, ValueError, 'keep must be "best" or "last"'),
    ],
)
def test_values_that_cannot_be(options, error, words):
    with pytest.raises(error, match=words):
        EarlyStopping(**options)


@pytest.mark.parametrize(
    ("callbacks", "options", "words"),
    [
        ([KeepBest()], {"test": None}, r'KeepBest\(on="test"\) needs the test set'),
        ([KeepBest(), EarlyStopping()], {}, "only one callback may keep the best pass"),
        ([KeepBest(on=0.1), EarlyStopping(on=0.2, keep="last")], {}, "must hold out the same share"),
        ([KeepBest(on=0.001)], {}, "60 patterns are too few to hold out a share of 0.001"),
    ],
)
def test_callbacks_that_cannot_be_together(callbacks, options, words):
    net = small()
    before = copy.copy(net).parameters
    with pytest.raises(ValueError, match=words):
        learn(net, callbacks=callbacks, **options)
    np.testing.assert_array_equal(net.parameters, before)


def test_a_class_is_no_callback():
    with pytest.raises(TypeError, match=r"not the class EarlyStopping: write EarlyStopping\(\)"):
        learn(small(), callbacks=[EarlyStopping])
