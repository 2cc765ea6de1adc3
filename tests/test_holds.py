"""Who may read or change a net while a thread trains it, and calls that fail: they change nothing."""

from __future__ import annotations

import copy
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hardening import readers

import sn89

(X, y), (Xt, yt) = sn89.datasets.synthetic(60, 20)
RULE = sn89.LevenbergMarquardt()


def small(seed: int = 1) -> sn89.Net:
    return sn89.nets.lenet1(seed=seed)


def told(net: sn89.Net) -> tuple[Any, ...]:
    """All that a failed call must leave as it was."""
    vectors = net.parameters, net.curvature, net.momentum, net.deleted
    return *(one.tobytes() for one in vectors), net.confidence, net.levels, net.image_shape


@pytest.fixture
def trained() -> sn89.Net:
    net = small()
    sn89.train(net, X, y, rule=RULE, passes=1, measure=False)
    net.delete([3, 5])
    return net


# ---- Readers beside a training --------------------------------------------------------------------------------------

READERS: dict[str, Callable[[sn89.Net, Path], Any]] = {
    "save": lambda net, folder: sn89.save(net, folder / "a.safetensors"),
    "copy": lambda net, _: copy.copy(net),
    "deepcopy": lambda net, _: copy.deepcopy(net),
    "pickle": lambda net, _: pickle.dumps(net),
    "call": lambda net, _: net(Xt),
    "predict": lambda net, _: net.predict(Xt[0]),
    "confident": lambda net, _: net.confident(Xt),
    "evaluate": lambda net, _: sn89.evaluate(net, Xt, yt),
    "states": lambda net, _: net.states(Xt[0]),
    "derivatives": lambda net, _: net.derivatives(Xt[0], yt[0]),
    "input gradient": lambda net, _: net.input_gradient(Xt[0], 3),
    "saliencies": lambda net, _: net.saliencies(Xt, yt),
    "compact": lambda net, _: sn89.compact(net),
    "replicate": lambda net, _: net.replicate(28, 32),
    "C": lambda net, folder: sn89.export.c(net, folder / "a.c"),
    "page": lambda net, folder: sn89.export.page(net, folder / "a.html"),
    "kernels": lambda net, _: sn89.plots.plot_all_kernels(net),
    "feature maps": lambda net, _: sn89.plots.plot_feature_maps(net, Xt[0]),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_net_that_another_thread_trains_is_not_read(tmp_path, trained, reader):
    """While the training waits between two passes, in a callback: so no reader can come too early or too late."""
    begun, over, found = threading.Event(), threading.Event(), []

    def wait(*_: object) -> None:
        begun.set()
        over.wait()

    def train() -> None:
        found.append(sn89.train(trained, X, y, rule=RULE, passes=1, measure=False, callbacks=[wait], progress=False))

    thread = threading.Thread(target=train)
    thread.start()
    begun.wait()
    try:
        with pytest.raises(RuntimeError, match="this net is at work already, in another thread"):
            READERS[reader](trained, tmp_path)
        assert trained.parameters.shape == (2578,)  # the live view stays open
        assert not list(tmp_path.iterdir())
    finally:
        over.set()
        thread.join()
    assert len(found[0].passes) == 1
    READERS[reader](trained, tmp_path)


@pytest.mark.parametrize("reader", READERS)
def test_a_callback_may_read_the_net_that_it_is_called_with(tmp_path, trained, reader):
    seen = []
    sn89.train(
        *(trained, X, y),
        rule=RULE,
        passes=1,
        measure=False,
        callbacks=[lambda net, _: seen.append(READERS[reader](net, tmp_path))],
    )
    assert len(seen) == 1


# ---- Calls that fail ------------------------------------------------------------------------------------------------


def patterns_of(net: sn89.Net) -> Any:
    return net.patterns(X, y)


FAILING: dict[str, tuple[Callable[[sn89.Net], Any], type[BaseException]]] = {
    "a checkpoint nowhere": (
        lambda net: sn89.train(net, X, y, rule=RULE, passes=1, checkpoint="/nowhere/x.safetensors"),
        OSError,
    ),
    "a state of another net": (
        lambda net: sn89.train(
            *(net, X, y), rule=RULE, passes=1, state=sn89.RuleState(0, net.curvature.copy(), np.zeros(3, np.float32))
        ),
        ValueError,
    ),
    "a momentum of another shape": (lambda net: net.set_state(np.ones_like(net.curvature), np.ones(3)), ValueError),
    "a curvature that is not finite": (lambda net: net.set_state(np.inf), ValueError),
    "an order that names no pattern": (
        lambda net: net.estimate_curvature("newton", patterns_of(net), np.array([0, 99])),
        ValueError,
    ),
    "a diagonal that there is not": (
        lambda net: net.estimate_curvature("other", patterns_of(net), np.array([0])),
        ValueError,
    ),
    "a training that diverges at once": (
        lambda net: sn89.train(
            *(net, X / 2, y), rule=sn89.SGD(3e38), passes=2, sample_weight=np.full(len(X), 1e3), measure=False
        ),
        sn89.DivergedError,
    ),
    "a number that has lines": (lambda net: setattr(net, "image_shape", np.full((40, 2), object())), TypeError),
    "a seed below 0": (lambda net: net.restart(-1), ValueError),
    "parameters that are not there": (lambda net: net.delete([1, 10**6]), IndexError),
    "more deleted than there are": (lambda net: sn89.prune(net, X, y, delete=10**6), ValueError),
}


@pytest.mark.parametrize("call", FAILING)
def test_a_call_that_fails_leaves_the_net_as_it_was(trained, call):
    act, error = FAILING[call]
    before = told(trained)
    with pytest.raises(error) as failed:
        act(trained)
    assert told(trained) == before
    assert "\n" not in str(failed.value)


def test_a_round_of_pruning_is_whole_or_not_at_all(trained, monkeypatch):
    before = told(trained)

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sys.modules["sn89.prune"], "train", interrupt)
        with pytest.raises(KeyboardInterrupt):
            sn89.prune(trained, X, y, delete=10, retrain=1, rule=RULE)
    assert told(trained) == before
    with pytest.raises(KeyboardInterrupt):
        sn89.prune(trained, X, y, delete=10, rounds=2, callbacks=[interrupt])
    assert trained.deleted.sum() == 12  # the first round is over


def test_ctrl_c_in_a_pass_that_diverges_leaves_finite_parameters(tmp_path, monkeypatch):
    """The parameters are infinite already when the interruption comes, and the training goes on from its checkpoint."""
    net, kept = small(), {"checkpoint": tmp_path / "c.safetensors", "checkpoint_interval": 1e9}
    before = net.parameters.tobytes()
    present = sn89.Net.present

    def interrupted(net: sn89.Net, *args: Any, **how: Any) -> None:
        present(net, args[0], args[1], args[2][:7], **how)
        net.parameters[:] = np.inf
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sn89.Net, "present", interrupted)
        with pytest.raises(KeyboardInterrupt) as stopped:
            sn89.train(net, X, y, rule=RULE, passes=1, measure=False, **kept)
    assert net.parameters.tobytes() == before
    assert stopped.value.history.state.presented == 0
    sn89.train(net, X, y, rule=RULE, passes=1, measure=False, resume=True, **kept)
    other = small()
    sn89.train(other, X, y, rule=RULE, passes=1, measure=False)
    assert net.parameters.tobytes() == other.parameters.tobytes()


# ---- Parameters that are not finite ---------------------------------------------------------------------------------

REFUSING = {
    name: READERS[name]
    for name in READERS
    if name not in ("copy", "deepcopy", "pickle", "compact", "replicate", "kernels")
}
REFUSING["train"] = lambda net, _: sn89.train(net, X, y, rule=RULE, passes=1)
REFUSING["prune"] = lambda net, _: sn89.prune(net, X, y, delete=3)
REFUSING["ONNX"] = lambda net, folder: sn89.export.onnx(net, folder / "a.onnx")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("what", REFUSING)
def test_parameters_that_are_not_finite_are_refused_and_nothing_is_written(tmp_path, what, bad):
    if what == "ONNX":
        pytest.importorskip("onnx")
    net = small()
    net.parameters[7] = bad
    with pytest.raises(ValueError, match="finite"):
        REFUSING[what](net, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_smaller_net_knows_the_scale_of_its_images(trained):
    assert sn89.compact(trained).levels == trained.levels


def test_no_copy_is_torn_that_is_taken_beside_trainings(tmp_path):
    """A few of the trainings of ``python tests/hardening/readers.py``, which by itself makes 200."""
    counts = readers.storm(8, tmp_path)
    assert counts["torn"] == counts["failed"] == 0
    assert counts["whole"] >= 8
    assert counts["refused"] >= 24


def test_parameters_of_an_estimator_are_set_together_or_not_at_all():
    pytest.importorskip("sklearn")
    from sn89.estimator import NetClassifier

    one = NetClassifier(passes=3)
    before = dict(vars(one))
    for wrong in ({"passes": 9, "rule__nonsense": 1}, {"passes": 9, "nonsense": 1}):
        with pytest.raises(ValueError, match="nonsense"):
            one.set_params(**wrong)
        assert vars(one) == before


# ---- Ctrl-C while arrays are looked at and files are written --------------------------------------------------------


def press(steps: list[int]) -> None:
    """Ctrl-C in the second of many steps."""
    steps.append(1)
    if len(steps) == 2:
        signal.raise_signal(signal.SIGINT)


def checked(monkeypatch: Any, steps: list[int], folder: Path) -> None:
    """Images on their way in: one step is one piece of them."""
    real = sn89.checks.pieces

    def pieces(images: np.ndarray) -> Any:
        for part in real(images):
            press(steps)
            yield part

    monkeypatch.setattr(sn89.checks, "PIECE", 256)
    monkeypatch.setattr(sn89.checks, "pieces", pieces)
    small().patterns(X, y)


def judged(monkeypatch: Any, steps: list[int], folder: Path) -> None:
    """What is remembered of them."""
    real = sn89.checks.pieces
    monkeypatch.setattr(sn89.checks, "PIECE", 256)
    monkeypatch.setattr(sn89.facts, "pieces", lambda images: (press(steps) or part for part in real(images)))
    sn89.facts.facts(X, y)


def hashed(monkeypatch: Any, steps: list[int], folder: Path) -> None:
    """Their digest, of pieces of 4 MB."""

    class Hash:
        def update(self, part: Any) -> None:
            if len(part) >= 2**20:
                press(steps)

        def hexdigest(self) -> str:
            return ""

    monkeypatch.setattr(sn89._core, "sha256", Hash)
    small().patterns(np.zeros((40_000, 16, 16), np.float32)).digest()  # 41 MB


def written(monkeypatch: Any, steps: list[int], folder: Path) -> None:
    """A file on its way down to the disk."""
    monkeypatch.setattr(sn89.atomic, "PIECE", 1000)
    monkeypatch.setattr(sn89.atomic.os, "fsync", lambda _: press(steps))
    sn89.save(small(), folder / "a.safetensors")


def composed(monkeypatch: Any, steps: list[int], folder: Path) -> None:
    """Its content."""
    real = sn89.checks.pieces
    monkeypatch.setattr(sn89.checks, "PIECE", 10)
    monkeypatch.setattr(sn89.storage, "pieces", lambda numbers: (press(steps) or part for part in real(numbers)))
    sn89.save(small(), folder / "a.safetensors")


@pytest.mark.skipif(sys.platform == "win32", reason="no way to press Ctrl-C for one child alone")
@pytest.mark.parametrize("work", [checked, judged, hashed, composed, written])
def test_ctrl_c_is_heard_between_two_pieces(monkeypatch, tmp_path, work):
    steps: list[int] = []
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        work(patched, steps, tmp_path)
    assert len(steps) == 2
    assert not list(tmp_path.iterdir())
