"""Confidence: one scale from 0 to 1 for every net and cost, kept with the net in its file."""

from __future__ import annotations

import copy
import pickle
import struct

import numpy as np
import pytest

import sn89
from sn89.confidence import USUAL, Confidence, fit, usual

RNG = np.random.default_rng(5)
COSTS = {
    "squared": (sn89.HalfSquaredError(), sn89.Full("output", 10)),
    "other targets": (sn89.HalfSquaredError(high=0.8, low=-0.8), sn89.Full("output", 10)),
    "softmax": (sn89.SoftmaxCrossEntropy(), sn89.Full("output", 10, squash=sn89.Linear())),
    "distances": (sn89.RBFDiscriminative(), sn89.RBF("output", np.where(RNG.random((10, 12)) < 0.5, -1.0, 1.0))),
}


def off(sure, right, parts=10):
    """How far confidence is from the share that is right, on average over parts of equal size."""
    order = np.argsort(sure)
    return np.mean([abs(sure[one].mean() - right[one].mean()) for one in np.array_split(order, parts)])


@pytest.fixture(scope="module")
def noisy(digits):
    """Digits that are hard to read, to learn from, to calibrate on, and to judge by."""
    (X, y), _ = digits
    X = (X[:6000] + RNG.normal(0, 0.9, X[:6000].shape)).astype(np.float32)
    return [(X[a:b], y[a:b]) for a, b in ((0, 2000), (2000, 4000), (4000, 6000))]


@pytest.fixture(scope="module", params=COSTS)
def net(request, noisy):
    cost, output = COSTS[request.param]
    net = sn89.Net(sn89.Input(16, 16, background=-1.0), sn89.Full("hidden", 12), output, cost=cost, seed=1)
    rule = sn89.StochasticDiagonalLM() if request.param == "distances" else sn89.LevenbergMarquardt()
    sn89.train(net, *noisy[0], rule=rule, passes=4, order="shuffle", measure=False, progress=False)
    return net


def test_it_is_the_share_of_answers_that_are_right_whatever_the_cost(net, noisy):
    sn89.calibrate(net, *noisy[1], source="noisy digits")
    X, y = noisy[2]
    sure, right = net.confident(X), net.predict(X) == y
    assert 0.3 < right.mean() < 0.97
    assert ((sure >= 0) & (sure <= 1)).all()
    assert off(sure, right) < 0.04
    accepted = sure >= 0.9
    assert accepted.sum() > 100
    assert right[accepted].mean() > 0.9
    assert off(np.full(len(y), 0.5) + 0 * sure, right) > 0.04  # what is not calibrated is told apart


def test_it_does_not_contradict_the_net(net, noisy):
    outputs = net(noisy[2][0])
    assert (net.cost.evidence(outputs).argmax(axis=1) == net.cost.scores(outputs).argmax(axis=1)).all()
    one = net.confident(noisy[2][0][0])
    assert np.ndim(one) == 0
    assert one == pytest.approx(net.confident(noisy[2][0][:1])[0], abs=1e-5)


def test_it_goes_with_the_net_into_its_file_and_into_copies(net, noisy, tmp_path):
    pytest.importorskip("safetensors")
    told = sn89.calibrate(net, *noisy[1], reject=0.95, source="noisy digits")
    sn89.save(net, tmp_path / "net.safetensors")
    for same in (sn89.load(tmp_path / "net.safetensors"), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert same.confidence == told
        assert (same.confidence.reject, same.confidence.source) == (0.95, "noisy digits")
    assert sn89.storage.about(tmp_path / "net.safetensors")["confidence"] == told.plain()


def test_training_on_takes_it_away(noisy):
    net = sn89.Net(sn89.Input(16, 16, background=-1.0), sn89.Full("output", 10))
    sn89.calibrate(net, *noisy[1])
    sn89.train(net, noisy[0][0][:50], noisy[0][1][:50], rule=sn89.SGD(0.01), passes=1, measure=False, progress=False)
    assert net.confidence is None
    sn89.calibrate(net, *noisy[1])
    net.restart()
    assert net.confidence is None


def test_it_never_falls_as_evidence_grows():
    labels = RNG.integers(0, 10, 400)
    for evidence in (RNG.normal(size=(400, 10)), -np.eye(10)[labels] + 0.1 * RNG.normal(size=(400, 10))):
        found = fit(evidence, labels)
        assert found.first >= 0
        assert found.apart >= 0


def test_answers_that_are_all_right_or_all_wrong_can_be_fitted():
    evidence = RNG.normal(size=(200, 10))
    surely, never = fit(evidence, evidence.argmax(axis=1)), fit(evidence, np.full(200, -1))
    assert surely(evidence).min() > 0.97
    assert never(evidence).max() < 0.03
    assert fit(np.zeros((50, 10)), np.zeros(50, int))(np.zeros(10)) > 0.9


def test_what_is_no_digit_lowers_it(net, noisy):
    X, y = noisy[1]
    noise = RNG.normal(0, 1, (500, 16, 16)).astype(np.float32)
    among_digits = sn89.calibrate(net, X, y)
    among_noise = sn89.calibrate(net, np.concatenate([X, noise]), np.append(y, np.full(500, -1)))
    evidence = net.cost.evidence(net(noise))
    assert among_noise(evidence).mean() < among_digits(evidence).mean()


def test_without_its_own_a_net_has_what_is_usual_for_its_cost(noisy):
    for kind, _, source in USUAL:
        net = sn89.Net(
            sn89.Input(16, 16),
            sn89.Full("output", 10),
            cost=kind() if kind is not sn89.RBFDiscriminative else sn89.HalfSquaredError(),
        )
        assert net.confidence is None
        assert np.array_equal(net.confident(noisy[0][0][:5]), usual(net.cost)(net.cost.evidence(net(noisy[0][0][:5]))))
        assert source in usual(kind()).source


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: fit(np.zeros((5, 10)), np.zeros(5, int)), "20 patterns at least, not 5"),
        (lambda: fit(np.zeros((30, 10)), np.zeros(4, int)), r"labels \(n,\), not \(30, 10\) and \(4,\)"),
        (lambda: fit(np.zeros((30, 1)), np.zeros(30, int)), r"shape \(n, classes\)"),
        (lambda: Confidence(0, -1, 1), "first must not be negative, not -1"),
        (lambda: Confidence(0, 1, float("nan")), "apart must be finite"),
        (lambda: Confidence(0, 1, 1, reject=1.5), "reject must be from 0 to 1, not 1.5"),
        (lambda: Confidence(0, 1, 1, source=3), "source must be a string, not 3"),
    ],
)
def test_what_is_wrong_is_said(made, words):
    with pytest.raises((TypeError, ValueError), match=words):
        made()


@pytest.mark.parametrize("nonsense", [[], {"is": "isotonic"}, {"is": "logistic", "bias": 0}, "logistic"])
def test_nonsense_in_a_file_is_refused_by_name(nonsense, tmp_path):
    pytest.importorskip("safetensors")
    import json

    net = sn89.Net(sn89.Input(4, 4), sn89.Full("output", 10))
    net.confidence = usual(net.cost)
    path = tmp_path / "net.safetensors"
    sn89.save(net, path)
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    told = json.loads(header["__metadata__"]["sn89"])
    header["__metadata__"]["sn89"] = json.dumps({**told, "confidence": nonsense})
    changed = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(changed)) + changed + content[8 + length :])
    with pytest.raises(ValueError, match=r"net\.safetensors: a confidence must be a dictionary with"):
        sn89.load(path)
