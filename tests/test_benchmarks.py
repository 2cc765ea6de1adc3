"""The benchmark: its multiply-adds, counted by hand, its blocks, and that the peers do the same arithmetic."""

from __future__ import annotations

import shutil

import blocks
import ceiling
import compare
import numpy as np
import pytest
import work
from peers import MissingError, jax_net, node_net, onnx_net, plain_net, torch_net

import sn89


@pytest.mark.parametrize(
    ("make", "evaluation", "first_order", "second_order"),
    [
        (sn89.nets.zip_code, 63_660, 171_780, 279_900),
        (sn89.nets.fully_connected, 10_640, 21_680, 32_720),  # 256 x 40 and 40 x 10; the second has units below to tell
        (sn89.nets.lenet1, 94_592, 226_176, 357_760),  # 98,442 connections less 3,850 biases; 57,600 in H1
    ],
)
def test_multiply_adds_are_connections_without_biases(make, evaluation, first_order, second_order):
    net = make()
    assert work.pass_work(net) == (evaluation, first_order, second_order)
    assert sum(work.forward_work(net)) == evaluation


def test_every_task_can_be_done():
    for name, make in work.NETS.items():
        for task in work.tasks_of(name, make()):
            task.call()
            assert task.count > 0


# ---- blocks ---------------------------------------------------------------------------------------------------------


def test_the_third_of_the_blocks_counts_beside_which_the_yardstick_was_fastest():
    timed = blocks.Blocks(lambda: None, 9)
    taken = [(1.5, 9.0), (1.0, 5.0), (1.4, 8.0), (1.1, 7.0), (1.2, 6.0), (2.0, 1.0), (1.3, 4.0), (3.0, 2.0), (1.6, 3.0)]
    assert timed.of_quiet(taken) == 6.0  # of 5, 7 and 6
    assert timed.slowed() == pytest.approx(0.1)


def test_every_call_takes_its_turn_with_a_yardstick_before_and_after_it():
    said = []
    timed = blocks.Blocks(lambda: said.append("yardstick"), 2)
    assert len(timed.medians([lambda: said.append("a"), lambda: said.append("b")])) == 2
    assert said == ["a", "b"] + 2 * ["yardstick", "a", "yardstick", "yardstick", "b", "yardstick"]


# ---- the peers do the same arithmetic -----------------------------------------------------------------------------

RATE = 0.01


@pytest.fixture
def zip_net():
    net = sn89.nets.zip_code()
    X, y = work.digits(net, 20)
    return net, X, y


def present(net, X, y):
    net.present(sn89.SGD(RATE).in_pass(1), net.patterns(X, y), np.arange(len(X), dtype=np.int64))
    return net(X)


@pytest.mark.parametrize("batch", [1, 8, 20])
@pytest.mark.parametrize(("package", "peer"), [("torch", torch_net), ("jax", jax_net), (None, plain_net)])
def test_a_peer_gives_our_outputs_before_and_after_learning(zip_net, package, peer, batch):
    if package:
        pytest.importorskip(package)
    net, X, y = zip_net
    np.testing.assert_allclose(peer.evaluator(net, X, batch)(), net(X), atol=1e-6)
    learned = peer.trainer(net, X, compare.targets_of(y), RATE)()
    present(net, X, y)
    np.testing.assert_allclose(learned, net.parameters, atol=1e-5)
    np.testing.assert_allclose(peer.evaluator(net, X, batch)(), net(X), atol=1e-5)


def test_several_nets_in_jax_learn_what_each_learns_alone(zip_net):
    pytest.importorskip("jax")
    net, X, y = zip_net
    learned = jax_net.trainer(net, X, compare.targets_of(y), RATE, nets=3)()
    present(net, X, y)
    np.testing.assert_allclose(learned, net.parameters, atol=1e-5)


def test_a_peer_that_learns_otherwise_is_not_timed():
    compare.check("plain loops in C", plain_net.trainer)
    with pytest.raises(
        RuntimeError, match=r"^other loops learns otherwise: .* a parameter differs by .*, more than 0.0001"
    ):
        compare.check("other loops", lambda net, X, targets, rate: plain_net.trainer(net, X, -targets, rate))


def test_the_strongest_of_the_others_is_named_first():
    rows = [("sn89", 1.0), ("JAX", 9.0), ("plain loops in C", 6.0), ("sn89, portable", 3.0)]
    peers = [{"who": who, "what": "training", "microseconds": us} for who, us in rows]
    assert compare.strongest(peers) == [peers[2]]


@pytest.mark.parametrize("batch", [1, 8, 20])
def test_onnxruntime_gives_our_outputs(zip_net, batch):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    net, X, _ = zip_net
    np.testing.assert_allclose(onnx_net.evaluator(net, X, batch)(), net(X), atol=1e-6)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_loops_in_node_give_our_outputs_after_learning(zip_net):
    net, X, y = zip_net
    report = node_net.run(net, X, compare.targets_of(y), RATE, 3)
    np.testing.assert_allclose(report.outputs, present(net, X, y), atol=1e-5)
    np.testing.assert_allclose(report.parameters, net.parameters, atol=1e-5)
    assert min(report.training, report.evaluation) > 0


def test_a_net_can_be_built_for_the_portable_kernels(zip_net):
    net, X, _ = zip_net
    before = sn89._core.simd
    portable = compare.built_for("portable")
    assert sn89._core.simd == before
    np.testing.assert_allclose(portable(X), net(X), atol=1e-6)
    assert before == "portable" or portable(X).tobytes() != net(X).tobytes()


def test_a_peer_that_is_missing_is_left_out_with_a_word(monkeypatch):
    monkeypatch.setattr(jax_net, "jax", None)
    monkeypatch.setattr(torch_net, "torch", None)
    monkeypatch.setattr(onnx_net, "onnx", None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(plain_net, "build", plain_net.build.__wrapped__)
    tasks, missing = compare.tasks()
    assert {task.net for task in tasks} <= {"sn89", "sn89, portable"}
    assert [word.split()[0] for word in missing] == ["plain", "JAX", "PyTorch", "onnxruntime"]
    assert all("pip install" in word or "none is installed" in word for word in missing)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no compiler")
def test_peers_in_c_leave_denormal_numbers_as_they_are():
    plain_net.build()
    ceiling.build()
    assert np.float32(1e-40) * np.float32(1) != 0


def test_node_that_is_missing_is_named(monkeypatch, zip_net):
    net, X, y = zip_net
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(MissingError, match=r"Node\.js"):
        node_net.run(net, X, compare.targets_of(y), RATE, 3)
