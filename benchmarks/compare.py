"""The zip-code net in sn89 and elsewhere, as tasks that take turns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from peers import MissingError, node_net, onnx_net, torch_net
from work import PATTERNS, TRAIN, Task, digits, pass_work

import sn89
from sn89 import Net, _core

RATE = 1e-6
SOME = 32  # patterns that a framework is asked to train on in a block: it takes milliseconds for each
SIZE = 256  # of a batch
TRAINING, ONE, BATCH, ALL = "training, one at a time", "one at a time", f"batches of {SIZE}", f"all {TRAIN:,}"


def built_for(tier: str) -> Net:
    """The zip-code net on another tier of kernels than the best one."""
    chosen = _core.simd
    _core.simd = tier
    try:
        return sn89.nets.zip_code()
    finally:
        _core.simd = chosen


def targets_of(y: np.ndarray) -> np.ndarray:
    """Rows of desired outputs, (n, 10)."""
    return np.where(np.arange(10) == y[:, None], 1, -1).astype(np.float32)


def own(name: str, net: Net) -> list[Task]:
    """What the peers are asked, of ours."""
    X, y = digits(net, TRAIN)
    some, order = net.patterns(X[:PATTERNS], y[:PATTERNS]), np.arange(PATTERNS, dtype=np.int64)
    rule, (evaluation, presentation, _) = sn89.SGD(RATE).in_pass(1), pass_work(net)
    return [
        Task(name, TRAINING, lambda: net.present(rule, some, order), PATTERNS, presentation),
        Task(name, ONE, lambda: [net(image) for image in X[:SIZE]], SIZE, evaluation),
        Task(name, BATCH, lambda: [net(X[i : i + SIZE]) for i in range(0, PATTERNS, SIZE)], PATTERNS, evaluation),
        Task(name, ALL, lambda: net(X), TRAIN, evaluation),
    ]


def with_torch() -> list[Task]:
    """Training and evaluation by PyTorch."""
    net = sn89.nets.zip_code()
    X, y = digits(net, TRAIN)
    evaluation, presentation, _ = pass_work(net)
    trainer = torch_net.trainer(net, X[:SOME], targets_of(y[:SOME]), RATE)
    return [
        Task("PyTorch", TRAINING, trainer, SOME, presentation),
        Task("PyTorch", ONE, torch_net.evaluator(net, X[:SIZE], 1), SIZE, evaluation),
        Task("PyTorch", BATCH, torch_net.evaluator(net, X[:PATTERNS], SIZE), PATTERNS, evaluation),
        Task("PyTorch", ALL, torch_net.evaluator(net, X, TRAIN), TRAIN, evaluation),
    ]


def with_onnx() -> list[Task]:
    """Evaluation by onnxruntime."""
    net = sn89.nets.zip_code()
    X, _ = digits(net, TRAIN)
    evaluation = pass_work(net)[0]
    return [
        Task("onnxruntime", ONE, onnx_net.evaluator(net, X[:SIZE], 1), SIZE, evaluation),
        Task("onnxruntime", BATCH, onnx_net.evaluator(net, X[:PATTERNS], SIZE), PATTERNS, evaluation),
        Task("onnxruntime", ALL, onnx_net.evaluator(net, X, TRAIN), TRAIN, evaluation),
    ]


def tasks() -> tuple[list[Task], list[str]]:
    """Ours first, then every peer that is there; and a word on each that is not."""
    makers: list[Callable[[], list[Task]]] = [with_torch, with_onnx]
    found = own("sn89", sn89.nets.zip_code())
    if sn89.simd != "portable":
        found += own("sn89, portable", built_for("portable"))
    missing = []
    for make in makers:
        try:
            found += make()
        except MissingError as missed:
            missing.append(str(missed))
    return found, missing


def with_node(blocks: int) -> dict[str, float]:
    """Microseconds of straightforward loops in Node.js, which times itself: what it does by its name."""
    net = sn89.nets.zip_code()
    X, y = digits(net, SIZE)
    report = node_net.run(net, X, targets_of(y), RATE, blocks)
    return {TRAINING: report.training, ONE: report.evaluation}
