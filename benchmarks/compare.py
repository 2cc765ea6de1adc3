"""The zip-code net in sn89 and elsewhere, as tasks that take turns."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from peers import MissingError, jax_net, node_net, onnx_net, plain_net, torch_net
from work import PATTERNS, TRAIN, Task, digits, pass_work

import sn89
from sn89 import Net, _core

RATE = 1e-6
SOME = 32  # patterns that a framework is asked to train on in a block: it takes milliseconds for each
SIZE = 256  # of a batch
NETS = 8  # that learn side by side
TRAINING, SEVERAL = "training, one at a time", f"the same, {NETS} nets"
ONE, BATCH, ALL = "one at a time", f"batches of {SIZE}", f"all {TRAIN:,}"
CHECKED, LARGEST_DIFFERENCE = 100, 1e-4  # presentations, and of a parameter after them

Trainer = Callable[[Net, np.ndarray, np.ndarray, float], Callable[[], np.ndarray]]


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


def check(name: str, trainer: Trainer) -> None:
    """Refuse a peer that computes another presentation than ours, by the parameters after a hundred of them."""
    net = sn89.nets.zip_code()
    X, y = digits(net, CHECKED)
    found = trainer(net, X, targets_of(y), 0.01)()
    net.present(sn89.SGD(0.01).in_pass(1), net.patterns(X, y), np.arange(CHECKED, dtype=np.int64))
    difference = float(abs(found - net.parameters).max())
    if not difference <= LARGEST_DIFFERENCE:
        raise RuntimeError(
            f"{name} learns otherwise: after {CHECKED} presentations a parameter differs by {difference:.2g}, "
            f"more than {LARGEST_DIFFERENCE:g}; mend the peer before it is timed"
        )


def own(name: str, net: Net) -> list[Task]:
    """The tasks of the peers, done by sn89."""
    X, y = digits(net, TRAIN)
    some, order = net.patterns(X[:PATTERNS], y[:PATTERNS]), np.arange(PATTERNS, dtype=np.int64)
    rule, (evaluation, presentation, _) = sn89.SGD(RATE).in_pass(1), pass_work(net)
    return [
        Task(name, TRAINING, lambda: net.present(rule, some, order), PATTERNS, presentation),
        Task(name, SEVERAL, lambda: net.present(rule, some, order), PATTERNS, presentation),
        Task(name, ONE, lambda: [net(image) for image in X[:SIZE]], SIZE, evaluation),
        Task(name, BATCH, lambda: [net(X[i : i + SIZE]) for i in range(0, PATTERNS, SIZE)], PATTERNS, evaluation),
        Task(name, ALL, lambda: net(X), TRAIN, evaluation),
    ]


def with_torch() -> list[Task]:
    """Training and evaluation by PyTorch."""
    net = sn89.nets.zip_code()
    X, y = digits(net, TRAIN)
    evaluation, presentation, _ = pass_work(net)
    check("PyTorch", torch_net.trainer)
    trainer = torch_net.trainer(net, X[:SOME], targets_of(y[:SOME]), RATE)
    return [
        Task("PyTorch", TRAINING, trainer, SOME, presentation),
        Task("PyTorch", ONE, torch_net.evaluator(net, X[:SIZE], 1), SIZE, evaluation),
        Task("PyTorch", BATCH, torch_net.evaluator(net, X[:PATTERNS], SIZE), PATTERNS, evaluation),
        Task("PyTorch", ALL, torch_net.evaluator(net, X, TRAIN), TRAIN, evaluation),
    ]


def with_compiled_torch() -> list[Task]:
    """Training by what `torch.compile` makes of the module."""
    net, name = sn89.nets.zip_code(), "PyTorch, compiled"
    X, y = digits(net, SOME)
    check(name, torch_net.compiled_trainer)
    trainer = torch_net.compiled_trainer(net, X, targets_of(y), RATE)
    return [Task(name, TRAINING, trainer, SOME, pass_work(net)[1])]


def with_jax() -> list[Task]:
    """Training and evaluation by JAX."""
    net = sn89.nets.zip_code()
    X, y = digits(net, TRAIN)
    wanted, (evaluation, presentation, _) = targets_of(y), pass_work(net)
    check("JAX", jax_net.trainer)
    check("JAX, several nets", partial(jax_net.trainer, nets=NETS))
    one = jax_net.trainer(net, X[:PATTERNS], wanted[:PATTERNS], RATE)
    some = PATTERNS // NETS
    several = jax_net.trainer(net, X[:some], wanted[:some], RATE, NETS)
    return [
        Task("JAX", TRAINING, one, PATTERNS, presentation),
        Task("JAX", SEVERAL, several, PATTERNS, presentation),
        Task("JAX", ONE, jax_net.evaluator(net, X[:SIZE], 1), SIZE, evaluation),
        Task("JAX", BATCH, jax_net.evaluator(net, X[:PATTERNS], SIZE), PATTERNS, evaluation),
        Task("JAX", ALL, jax_net.evaluator(net, X, TRAIN), TRAIN, evaluation),
    ]


def with_plain() -> list[Task]:
    """Training and evaluation by plain loops in C."""
    net, name = sn89.nets.zip_code(), "plain loops in C"
    X, y = digits(net, PATTERNS)
    evaluation, presentation, _ = pass_work(net)
    check(name, plain_net.trainer)
    return [
        Task(name, TRAINING, plain_net.trainer(net, X, targets_of(y), RATE), PATTERNS, presentation),
        Task(name, ONE, plain_net.evaluator(net, X[:SIZE], 1), SIZE, evaluation),
        Task(name, BATCH, plain_net.evaluator(net, X, SIZE), PATTERNS, evaluation),
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
    makers: list[Callable[[], list[Task]]] = [with_plain, with_jax, with_torch, with_compiled_torch, with_onnx]
    found = own("sn89", sn89.nets.zip_code())
    if sn89.simd != "portable":
        found += own("sn89, portable", built_for("portable"))
    missing = {}  # in order, each word once
    for make in makers:
        try:
            found += make()
        except MissingError as missed:
            missing[str(missed)] = None
    return found, list(missing)


def with_node(blocks: int) -> dict[str, float]:
    """Microseconds of straightforward loops in Node.js, which times itself: what it does by its name."""
    net = sn89.nets.zip_code()
    X, y = digits(net, SIZE)
    check("Node.js loops", lambda *given: lambda: node_net.run(*given, blocks=1).parameters)
    report = node_net.run(net, X, targets_of(y), RATE, blocks)
    return {TRAINING: report.training, ONE: report.evaluation}


def strongest(peers: list[dict]) -> list[dict]:
    """The fastest of the others in each thing."""
    others = [row for row in peers if not row["who"].startswith("sn89")]
    kinds = dict.fromkeys(row["what"] for row in others)
    return [min((row for row in others if row["what"] == what), key=lambda row: row["microseconds"]) for what in kinds]
