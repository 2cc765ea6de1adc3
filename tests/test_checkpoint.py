"""Checkpoints: a training that was interrupted, however, ends as one that nobody disturbed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import sn89
from sn89 import SGD, AdamW, Average, Dropout, Full, Input, LevenbergMarquardt, Local, Net, Newton, StochasticDiagonalLM

KILL = Path(__file__).parent / "hardening" / "kill.py"
RANDOM = np.random.default_rng(1989)
X, Y = RANDOM.uniform(-1, 1, (60, 8, 8)), RANDOM.integers(0, 4, 60)
TEST = RANDOM.uniform(-1, 1, (20, 8, 8)), RANDOM.integers(0, 4, 20)

TASKS = {
    "SGD": {"rule": SGD((0.02, 0.01, 0.005))},
    "Newton, shuffled": {"rule": Newton(0.002), "order": "shuffle", "seed": 3},
    "1998, shuffled": {"rule": StochasticDiagonalLM((0.002, 0.001), samples=7), "order": "shuffle"},
    "AdamW, distorted": {"rule": AdamW(0.001), "distortion": sn89.Distortion(shift=1, scale=0.1)},
}
each_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


class StopError(Exception):
    """What a callback raises to interrupt a training."""


def small(seed: int = 1) -> Net:
    local = Local("H1", maps=2, kernel=3, stride=2, pad=1, bias="unit")
    return Net(Input(8, 8), local, Average("H2", 2), Dropout("D", 0.2), Full("output", 4), seed=seed)


def learn(net: Net, passes: int = 5, **options) -> sn89.History:
    return sn89.train(net, X, Y, passes=passes, **{"progress": False, "test": TEST, "rule": SGD(0.01), **options})


def outcome(net: Net, history: sn89.History) -> tuple:
    vectors = (net.parameters, net.curvature, net.momentum, history.state.curvature, history.state.momentum)
    passes = [(one.number, one.cost, one.train, one.test) for one in history.passes]
    return [one.tobytes() for one in vectors], history.state.presented, passes


def undisturbed(passes: int = 5, **task) -> tuple:
    net = small()
    return outcome(net, learn(net, passes, **task))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "training.safetensors"


def interrupted_at(path: Path, presentations: int, **task) -> None:
    """A training that Ctrl-C ends within a pass, after so many presentations."""
    net = small()
    real, presented = Net.present, 0

    def present(self, step, patterns, order, tick, **how):
        def counted(now):
            nonlocal presented
            presented += now
            tick(now)
            if presented >= presentations:
                raise KeyboardInterrupt

        return real(self, step, patterns, order, counted, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Net, "present", present)
        with pytest.raises(KeyboardInterrupt):
            learn(net, checkpoint=path, **task)
    assert sn89.load(path).parameters.tobytes() == net.parameters.tobytes()


# ---- going on ------------------------------------------------------------------------------------------------------


@each_task
@pytest.mark.parametrize("presentations", [1, 60, 100, 290])
def test_a_training_interrupted_by_ctrl_c_goes_on_to_the_same_bits(path, task, presentations):
    interrupted_at(path, presentations, **task)
    net = small()
    net.parameters[:] = 0  # all comes of the file
    history = learn(net, checkpoint=path, resume=True, **task)
    assert outcome(net, history) == undisturbed(**task)


@each_task
def test_a_training_that_a_callback_ended_goes_on(path, task):
    def stop(net, history):
        if len(history.passes) == 3:
            raise StopError

    with pytest.raises(StopError):
        learn(small(), checkpoint=path, callbacks=[stop], **task)
    net, numbers = small(), []
    history = learn(net, checkpoint=path, resume=True, callbacks=[lambda net, h: numbers.append(len(h.passes))], **task)
    assert numbers == [3, 4, 5]  # after the third pass they had not all been called
    assert outcome(net, history) == undisturbed(**task)


@pytest.mark.parametrize("moment", ["measuring", "between the passes"])
def test_ctrl_c_between_two_steps_of_a_pass_loses_nothing(path, monkeypatch, moment):
    """As a signal would come in Python's own code, and not in the core."""

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        place = {"measuring": "_measure", "between the passes": "_say"}[moment]
        patch.setattr(sn89.training, place, interrupt)
        with pytest.raises(KeyboardInterrupt):
            learn(small(), checkpoint=path, rule=Newton(0.002))
    net = small()
    assert outcome(net, learn(net, checkpoint=path, resume=True, rule=Newton(0.002))) == undisturbed(rule=Newton(0.002))


def test_ctrl_c_at_any_step_of_turning_to_the_next_pass_loses_nothing():
    """`Progress.next` in pieces: after each of them a checkpoint tells of the end of the pass, or of the next one."""
    from sn89.checkpoint import Progress
    from sn89.history import Pass

    class Stopping(Progress):
        def __setattr__(self, name, value):
            if getattr(self, "steps", None) == 0:
                raise KeyboardInterrupt
            super().__setattr__(name, value)
            if "steps" in self.__dict__ and name != "steps":
                self.__dict__["steps"] -= 1

    for steps in range(3):
        so_far = Stopping(sn89.History(SGD(0.1), [Pass(1, 1.0, 1.0)]), presented=sn89._core.Presented(60, 2.0))
        so_far.__dict__["steps"] = steps
        with pytest.raises(KeyboardInterrupt):
            so_far.next()
        assert so_far.current == len(so_far.history.passes)  # of the pass that is in the history already


def test_a_finished_training_can_be_made_longer(path):
    learn(small(), passes=2, checkpoint=path)
    net = small()
    assert outcome(net, learn(net, passes=5, checkpoint=path, resume=True)) == undisturbed(rule=SGD(0.01))


def test_a_finished_training_is_not_trained_again(path):
    first = outcome(net := small(), learn(net, checkpoint=path))
    before = path.read_bytes()
    net = small(seed=1)
    assert outcome(net, learn(net, checkpoint=path, resume=True)) == first
    assert path.read_bytes() == before


def test_what_went_on_from_a_state_goes_on_from_a_checkpoint(path):
    rule = Newton((0.002, 0.001, 0.0005))
    whole = outcome(net := small(), learn(net, 5, rule=rule, order="shuffle"))

    net = small()
    state = learn(net, 2, rule=rule, order="shuffle").state
    passes = []

    def stop(net, history):
        passes.append(1)
        if len(passes) == 2:
            raise StopError

    options = {"rule": rule, "order": "shuffle", "checkpoint": path}
    with pytest.raises(StopError):
        learn(net, 3, state=state, callbacks=[stop], **options)
    net = small()
    history = learn(net, 3, resume=True, **options)
    assert outcome(net, history)[:2] == whole[:2]


def test_resuming_without_a_file_begins(path):
    net = small()
    assert outcome(net, learn(net, checkpoint=path, resume=True)) == undisturbed(rule=SGD(0.01))
    assert path.exists()


def test_a_checkpoint_is_a_file_of_the_net(path):
    net = small()
    learn(net, checkpoint=path, rule=LevenbergMarquardt())
    back = sn89.load(path)
    assert back.parameters.tobytes() == net.parameters.tobytes()
    assert back.curvature.tobytes() == net.curvature.tobytes()
    assert net.curvature.any()


def test_it_is_written_as_often_as_asked_for(path, monkeypatch):
    written = []
    monkeypatch.setattr(sn89.storage, "write_whole", lambda path, content: written.append(content))
    learn(small(), checkpoint=path, checkpoint_interval=1000)
    assert len(written) == 2  # at the beginning, and at the end
    learn(small(), checkpoint=path, checkpoint_interval=0)
    assert len(written) > 2 + 5
    assert len(set(written)) > 5


def test_writing_takes_no_part_in_the_training(path):
    net = small()
    history = learn(net, checkpoint=path, checkpoint_interval=0, rule=Newton(0.002))
    assert outcome(net, history) == undisturbed(rule=Newton(0.002))


def test_200_passes_are_kept_with_all_their_figures(path):
    net = small()
    history = learn(net, 200, checkpoint=path)
    again = learn(small(), 200, checkpoint=path, resume=True)
    assert again.passes == history.passes
    unmeasured = learn(small(), 3, checkpoint=path.with_name("other"), measure=False)
    assert learn(small(), 3, checkpoint=path.with_name("other"), measure=False, resume=True).passes == unmeasured.passes


# ---- killed ---------------------------------------------------------------------------------------------------------


def test_trainings_that_are_killed_go_on_to_the_same_bits():
    """A few of the kills of ``python tests/hardening/kill.py``, which by itself makes 200."""
    command = [sys.executable, str(KILL), "--kills", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 kills: every training ended as if undisturbed" in done.stdout


CTRL_C = """
import signal, sys, sn89, numpy as np
signal.signal(signal.SIGINT, signal.default_int_handler)
X = np.random.default_rng(1).uniform(-1, 1, (2000, 16, 16))
say = lambda net, history: len(history.passes) == 1 and print("a pass is over", flush=True)
sn89.train(sn89.nets.zip_code(), X, np.arange(2000) % 10, rule=sn89.Newton(), passes=10**6, checkpoint=sys.argv[1],
           checkpoint_interval=10**6, progress=False, measure=False, callbacks=[say])
"""


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_a_real_ctrl_c_leaves_a_checkpoint(path):
    with subprocess.Popen(
        [sys.executable, "-c", CTRL_C, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout.readline() == b"a pass is over\n"
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate()
    assert errors.rstrip().endswith(b"KeyboardInterrupt")
    training = sn89.storage.about(path)["training"]
    passes = sn89.storage.read(path).arrays["passes"]
    assert 2000 <= len(passes) * 2000 + training["presented"] < 2000 * 10**6
    assert sn89.load(path).parameters.tobytes() != sn89.nets.zip_code().parameters.tobytes()


def test_a_checkpoint_that_calls_the_rate_epsilon_is_gone_on_from(path):
    """As files did before the learning rate of every rule was called rate."""
    rule = Newton((0.001, 0.0005))
    interrupted_at(path, 20, rule=rule)
    with safetensors.safe_open(path, "np") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dictionary
        told = json.loads(file.metadata()["sn89"])
    assert "rate" in told["task"]["rule"]
    told["task"]["rule"]["epsilon"] = told["task"]["rule"].pop("rate")
    path.write_bytes(safetensors.numpy.save(arrays, {"sn89": json.dumps(told)}))
    net = small()
    assert outcome(net, learn(net, checkpoint=path, resume=True, rule=rule)) == undisturbed(rule=rule)


# ---- refused --------------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_not_written_over(path):
    learn(small(), checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="go on from it with resume=True, or remove it"):
        learn(small(), checkpoint=path)
    assert path.read_bytes() == before


OTHERS = {
    "rule": (
        {"rule": SGD(0.02)},
        r": the rule's rate was 0\.01, but now it is 0\.02\. Use the same as before to go on",
    ),
    "kind of rule": (
        {"rule": Newton()},
        r"the rule was SGD\(rate=0.01\), but now it is Newton\(rate=0.0005, ",
    ),
    "order": ({"order": "shuffle"}, "order was 'given', but now it is 'shuffle'"),
    "seed": ({"seed": 9}, "seed was 0, but now it is 9"),
    "distortion": (
        {"distortion": sn89.Distortion(shift=1)},
        r"the distortion was none, but now it is Distortion\(shift=1.0",
    ),
    "weights": ({"sample_weight": [2] * len(X)}, "training: the weights of the images are different. Use"),
    "a share": ({"callbacks": [sn89.KeepBest(on=0.2)]}, "the share that is held out was none, but now it is 0.2"),
    "number of passes": ({"passes": 2}, "this training is already in pass 5, but passes is 2"),
}


@pytest.mark.parametrize(("options", "words"), OTHERS.values(), ids=OTHERS)
def test_another_training_is_refused(path, options, words):
    learn(small(), checkpoint=path)
    net, before = small(), path.read_bytes()
    start = net.parameters.tobytes()
    with pytest.raises(ValueError, match=words) as caught:
        learn(net, **{"checkpoint": path, "resume": True, **options})
    assert str(path) in str(caught.value)
    assert net.parameters.tobytes() == start
    assert path.read_bytes() == before


def test_other_patterns_another_net_and_no_checkpoint_are_refused(path):
    learn(small(), checkpoint=path)
    with pytest.raises(ValueError, match="the net's seed was 1, but now it is 2"):
        learn(small(seed=2), checkpoint=path, resume=True)
    deeper = sn89.Net(Input(8, 8), Full("hidden", 3), Full("output", 4), seed=1)
    with pytest.raises(ValueError, match=r"the net's layers were \d, but now they are \d"):
        learn(deeper, checkpoint=path, resume=True)
    others = {
        "the images are different, or in another order": (X[::-1], Y),
        "the labels are different, or in another order": (X, Y[::-1]),
        f"it learned from {len(X)} images, but now there are 20": (X[:20], Y[:20]),
        "it learned from images of 8x8, but now they have 6x6": (X[:, 1:-1, 1:-1], Y),
        "the lowest level of the images was ": (X + 0.5, Y),
    }
    for words, (images, labels) in others.items():
        with pytest.raises(ValueError, match=f": {words}"):
            sn89.train(small(), images, labels, rule=SGD(0.01), passes=5, checkpoint=path, resume=True)
    sn89.save(small(), path)
    with pytest.raises(ValueError, match="it is the file of a net, not a checkpoint from which"):
        learn(small(), checkpoint=path, resume=True)
    path.write_bytes(b"half")
    with pytest.raises(ValueError, match="it is not a safetensors file of a net"):
        learn(small(), checkpoint=path, resume=True)


def test_what_cannot_be_is_said_before_anything_is_learned(path, tmp_path):
    net = small()
    start = net.parameters.tobytes()
    with pytest.raises(ValueError, match="resume=True needs a checkpoint"):
        learn(net, resume=True)
    with pytest.raises(FileNotFoundError):
        learn(net, checkpoint=tmp_path / "nowhere" / "file")
    with pytest.raises(ValueError, match="checkpoint_interval must not be negative, not -1"):
        learn(net, checkpoint=path, checkpoint_interval=-1)
    with pytest.raises(TypeError, match="checkpoint_interval must be a number"):
        learn(net, checkpoint=path, checkpoint_interval="1")
    assert net.parameters.tobytes() == start
    assert not path.exists()


SPOILT = {
    "presented": {"presented": 61},
    "a negative number": {"presented": -1},
    "a fraction": {"presented": 0.5},
    "before": {"before": -1},
    "a cost of words": {"cost": "much"},
    "seconds of words": {"seconds": "many"},
}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_figures_that_cannot_be_are_refused(path, monkeypatch, spoilt):
    real = sn89.storage.write

    def write(path, net, told, others):
        real(path, net, {**told, "training": {**told["training"], **spoilt}}, others)

    with monkeypatch.context() as patch:
        patch.setattr(sn89.storage, "write", write)
        learn(small(), checkpoint=path)
    with pytest.raises(ValueError, match="it is not a checkpoint of this training"):
        learn(small(), checkpoint=path, resume=True)


@pytest.mark.parametrize(
    ("told", "passes", "words"),
    [
        ({"task": "none"}, np.zeros((0, 10)), "its entry task must be an object, not 'none'"),
        ({"training": 3}, np.zeros((0, 10)), "its entry training must be an object, not 3"),
        ({"provenance": ["x"]}, np.zeros((0, 10)), r"its entry provenance must be an object, not \['x'\]"),
        ({}, np.zeros((2, 9)), r"its passes must be an array of 14 columns, not of shape \(2, 9\)"),
        ({}, np.full((1, 10), np.inf), "it is not a checkpoint of this training"),
    ],
)
def test_a_checkpoint_of_another_form_is_refused(path, monkeypatch, told, passes, words):
    real = sn89.storage.write
    with monkeypatch.context() as patch:
        spoilt = {"passes": passes}
        patch.setattr(
            sn89.storage, "write", lambda path, net, was, others: real(path, net, was | told, others | spoilt)
        )
        learn(small(), checkpoint=path)
    with pytest.raises(ValueError, match=words):
        learn(small(), checkpoint=path, resume=True)


def test_a_training_that_diverges_leaves_the_last_finite_checkpoint(path):
    net = small()
    with pytest.raises(sn89.DivergedError, match=r"diverged in pass 1, .* with SGD\(rate=3e\+38\)"):
        learn(net, checkpoint=path, checkpoint_interval=0, rule=SGD(3e38))
    assert np.isfinite(net.parameters).all()
    assert np.isfinite(sn89.load(path).parameters).all()


def test_a_training_that_diverges_after_a_checkpoint_within_a_pass_is_as_in_the_checkpoint(path, monkeypatch):
    interrupted_at(path, 20, rule=SGD(0.01))
    net, real, kept = small(), Net.present, sn89.load(path).parameters.tobytes()

    def present(self, *arguments, **options):
        self.parameters[0] = np.inf
        return real(self, *arguments, **options)

    monkeypatch.setattr(Net, "present", present)
    with pytest.raises(sn89.DivergedError, match="the net is as it was in the checkpoint"):
        learn(net, checkpoint=path, resume=True, rule=SGD(0.01))
    assert net.parameters.tobytes() == kept
    assert sn89.load(path).parameters.tobytes() == kept


# ---- one net, one thread ---------------------------------------------------------------------------------------------


def test_a_net_belongs_to_its_training_also_between_the_passes():
    net, caught, answers = small(), [], []

    def disturb():
        for act in (lambda: net(X[0]), lambda: learn(net), lambda: net.restart()):
            try:
                act()
            except RuntimeError as error:
                caught.append(str(error))

    def callback(net, history):
        thread = threading.Thread(target=disturb)
        thread.start()
        thread.join()
        answers.append(net.predict(X).shape)  # its own thread may use it

    history = learn(net, 2, callbacks=[callback])
    assert caught == ["this net is at work already, in another thread; give each thread its own"] * 6
    assert answers == [(60,)] * 2
    assert outcome(net, history) == undisturbed(2)


def test_a_net_can_be_used_by_others_after_its_training_failed():
    net = small()
    with pytest.raises(sn89.DivergedError):
        learn(net, rule=SGD(3e38))
    results = []
    thread = threading.Thread(target=lambda: results.append(net.predict(X).shape))
    thread.start()
    thread.join()
    assert results == [(60,)]


def test_many_threads_that_want_one_net_are_refused_or_served_and_nothing_else():
    net, expected = small(), small()(X).tobytes()
    wrong, refused, served = [], [], []

    def want():
        for _ in range(200):
            try:
                served.append(1)
                if net(X).tobytes() != expected:
                    wrong.append(1)
            except RuntimeError:
                refused.append(1)

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(served) == 1600
    assert len(refused) < 1600


# ---- Bounds, and one training at a time ------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["given", "shuffle"])
def test_passes_made_before_cost_nothing(path, order, monkeypatch):
    """However many presentations a state tells of, their random bits are jumped over and not drawn."""
    drawn = []
    bits = np.random.PCG64

    class Counted(bits):
        def random_raw(self, size):
            drawn.append(size)
            return super().random_raw(size)

    monkeypatch.setattr(np.random, "PCG64", Counted)
    net = small()
    state = sn89.rules.RuleState(10**12 * len(X), np.zeros(net.parameters.shape), np.zeros(net.parameters.shape))
    learn(net, 1, order=order, state=state)
    assert sum(drawn) == (len(X) if order == "shuffle" else 0)


def test_more_passes_than_are_asked_for_are_refused_before_they_are_made(path, monkeypatch):
    learn(small(), checkpoint=path)
    monkeypatch.setattr("sn89.checkpoint._passes", lambda table: pytest.fail("the passes were made"))
    with pytest.raises(ValueError, match="this training is already in pass 5, but passes is 2"):
        sn89.train(small(), X, Y, rule=SGD(0.01), passes=2, checkpoint=path, resume=True, progress=False)


def test_a_net_larger_than_the_limit_of_files_goes_on(path, monkeypatch):
    monkeypatch.setattr(sn89.storage, "LIMIT", 100)
    learn(small(), checkpoint=path)
    learn(small(), checkpoint=path, resume=True)


def test_a_second_training_with_the_same_checkpoint_is_told(path, tmp_path):
    told = []

    def second(net, history):
        before = small()
        with pytest.raises(BlockingIOError, match="another training is using this file") as caught:
            learn(before, checkpoint=path, resume=True)
        assert np.array_equal(before.parameters, small().parameters)
        told.append(str(caught.value))

    sn89.train(small(), X, Y, rule=SGD(0.01), passes=1, checkpoint=path, callbacks=[second], progress=False)
    assert len(told) == 1
    assert [one.name for one in tmp_path.iterdir()] == [path.name]  # the lock is gone
    learn(small(seed=1), checkpoint=tmp_path / "other")


def test_the_lock_of_a_process_that_died_counts_for_nothing(path, tmp_path):
    script = (
        "import os, signal, sys\nfrom sn89.atomic import owned\n"
        "with owned(sys.argv[1], 'another'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    learn(small(), checkpoint=path)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_relative_path_is_resolved_once(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)

    def leave(net, history):
        os.chdir(tmp_path / "elsewhere")

    sn89.train(small(), X, Y, rule=SGD(0.01), passes=2, checkpoint="run", callbacks=[leave], progress=False)
    assert (tmp_path / "run").exists()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_checkpoint_that_cannot_be_written_leaves_the_net_as_it_was(tmp_path):
    net = small()
    before = net.parameters.copy(), net.curvature.copy(), net.momentum.copy(), net.confidence
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        learn(net, checkpoint=tmp_path / "nowhere" / "run")
    for vector, old in zip((net.parameters, net.curvature, net.momentum), before, strict=False):
        assert np.array_equal(vector, old)
