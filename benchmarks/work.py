"""The tasks of sn89 that are timed: presentations and evaluations of the papers' nets, each with its multiply-adds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import sn89
from sn89 import Average, Full, Input, Local, Net

PATTERNS = 2048  # a block of presentations or of a batch
TRAIN, TEST = 7291, 2007  # the zip codes of 1989
NETS: dict[str, Callable[[], Net]] = {
    "zip-code net": sn89.nets.zip_code,
    "LeNet-1": sn89.nets.lenet1,
    "LeNet-5": sn89.nets.lenet5,
    "fully connected, 40": sn89.nets.fully_connected,
}


@dataclass(frozen=True)
class Task:
    """A call to time: it does `count` things, each of `multiply_adds`."""

    net: str
    what: str
    call: Callable[[], object]
    count: int
    multiply_adds: int


def forward_work(net: Net) -> list[int]:
    """Multiply-adds of the forward pass, layer by layer: the connections without the biases."""
    work = []
    for layer in net:
        declared = layer.declaration
        biased = isinstance(declared, (Average, Full)) or (isinstance(declared, Local) and declared.bias is not None)
        work.append(layer.connections - biased * layer.units)
    return work[1:]


def pass_work(net: Net) -> tuple[int, int, int]:
    """Multiply-adds of an evaluation, of a first-order and of a second-order presentation.

    A backward pass takes as many for the parameters as the forward one and, above the first layer, as many for the
    units below. Updates are not counted.
    """
    layers = forward_work(net)
    forward, above = sum(layers), sum(layers[1:])
    back = forward + above
    return forward, forward + back, forward + 2 * back


def digits(net: Net, count: int = PATTERNS) -> tuple[np.ndarray, np.ndarray]:
    """Images of the size that the net is for, from a fixed seed: timing does not depend on what they show."""
    rng = np.random.default_rng(1989)
    side = 28 if net.input.height == 32 else 16
    images = rng.uniform(-1, 1, (count, side, side)).astype(np.float32)
    return images, rng.integers(0, net.outputs, count)


def tasks_of(name: str, net: Net) -> list[Task]:
    """First- and second-order presentations, and evaluations in a batch and one at a time."""
    X, y = digits(net)
    patterns, order = net.patterns(X, y), np.arange(PATTERNS, dtype=np.int64)
    # Rates so small that the net stays what it is: states that blow up would time other things.
    first, second = sn89.SGD(1e-9).in_pass(1), sn89.LevenbergMarquardt(1e-9).in_pass(1)
    evaluation, first_order, second_order = pass_work(net)
    single = X[0]
    return [
        Task(name, "first-order presentation", lambda: net.present(first, patterns, order), PATTERNS, first_order),
        Task(name, "second-order presentation", lambda: net.present(second, patterns, order), PATTERNS, second_order),
        Task(name, "evaluation, in a batch", lambda: [net(X) for _ in range(4)], 4 * PATTERNS, evaluation),
        Task(name, "evaluation, one at a time", lambda: [net(single) for _ in range(64)], 64, evaluation),
    ]


def growing(maps: int) -> Net:
    """The shape of the zip-code net, with more or fewer maps and hidden units."""
    return Net(
        Input(16, 16),
        Local("H1", maps=maps, kernel=5, stride=2, pad=2, bias="unit"),
        Local("H2", maps=maps, kernel=5, stride=2, pad=2, bias="unit"),
        Full("H3", 3 * maps),
        Full("output", 10),
    )


def growth() -> list[tuple[Net, Task]]:
    """First-order presentations of nets from 2 thousand to 2 million connections."""
    found = []
    for maps in (1, 2, 4, 8, 16, 32, 64):
        net = growing(maps)
        found.append((net, tasks_of(f"{maps} maps", net)[0]))
    return found


def training(measure: bool) -> Callable[[], object]:
    """23 passes over as many images as the paper trained on, measuring both sets after each, or not."""

    def call() -> object:
        net = sn89.nets.zip_code()
        X, y = digits(net, TRAIN + TEST)
        # SN's rule with steps so small that nothing is learned from the noise that these images are.
        return sn89.train(
            net,
            X[:TRAIN],
            y[:TRAIN],
            rule=sn89.LevenbergMarquardt(1e-9),
            passes=23,
            test=(X[TRAIN:], y[TRAIN:]) if measure else None,
            measure=measure,
            progress=False,
        )

    return call
