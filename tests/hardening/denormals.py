"""How much longer presentations full of denormals take: ``python tests/hardening/denormals.py``.

Each case takes turns with the ordinary one. Printed are the least processor times, which other programs disturb
least, and their ratio, which should be below 1.1.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

import sn89

COUNT, BLOCKS = 400, 25
rng = np.random.default_rng(1989)
X, Y = rng.uniform(-1, 1, (COUNT, 16, 16)).astype(np.float32), rng.integers(0, 10, COUNT)

Case = Callable[[], float]


def presenting(rule: sn89.Rule, scale: float = 1, images: float = 1, remembered: float = 0) -> Case:
    """Microseconds per presentation, with parameters, images, curvature and momentum of these sizes."""
    net = sn89.nets.zip_code(seed=1, squash=sn89.ScaledTanh())
    start = net.parameters * np.float32(scale)
    inputs = (X * np.float64(images)).astype(np.float32)
    old = np.full(net.parameters.shape, remembered, np.float32)

    def once() -> float:
        net.parameters[:] = start
        state = sn89.RuleState(1, old, old)
        started = time.thread_time()
        sn89.train(net, inputs, Y, rule=rule, passes=1, measure=False, progress=False, state=state)
        return (time.thread_time() - started) / COUNT * 1e6

    return once


def evaluating(images: float) -> Case:
    net = sn89.nets.zip_code(seed=1)
    net.parameters[:] *= 1 if images == 1 else images
    inputs = (X * np.float64(images)).astype(np.float32)

    def once() -> float:
        started = time.thread_time()
        net(inputs)
        return (time.thread_time() - started) / COUNT * 1e6

    return once


SLOW = 1e-6  # a learning rate that leaves things as small as they are
CASES: dict[str, tuple[Case, Case]] = {
    "images of 1e-39, first order": (presenting(sn89.SGD(SLOW)), presenting(sn89.SGD(SLOW), images=1e-39)),
    "images of 1e-39, second order": (
        presenting(sn89.LevenbergMarquardt(SLOW)),
        presenting(sn89.LevenbergMarquardt(SLOW), images=1e-39),
    ),
    "parameters of 1e-38, first order": (presenting(sn89.SGD(1e-30)), presenting(sn89.SGD(1e-30), scale=1e-38)),
    "images and parameters of 1e-20, first order": (
        presenting(sn89.SGD(1e-30)),
        presenting(sn89.SGD(1e-30), images=1e-20, scale=1e-20),
    ),
    "images and parameters of 1e-20, second order": (
        presenting(sn89.LevenbergMarquardt(1e-30)),
        presenting(sn89.LevenbergMarquardt(1e-30), images=1e-20, scale=1e-20),
    ),
    "curvature of dead weights": (
        presenting(sn89.LevenbergMarquardt(SLOW), images=0),
        presenting(sn89.LevenbergMarquardt(SLOW), images=0, remembered=1e-39),
    ),
    "AdamW, moments of dead weights": (
        presenting(sn89.AdamW(SLOW), images=0, remembered=0),
        presenting(sn89.AdamW(SLOW), images=0, remembered=1e-39),
    ),
    "evaluation, images and parameters of 1e-20": (evaluating(1), evaluating(1e-20)),
}


def main() -> int:
    """Prints a line for each case; 1 if one takes more than a tenth longer."""
    worst = 0.0
    for name, (ordinary, denormal) in CASES.items():
        times = [(ordinary(), denormal()) for _ in range(BLOCKS)]
        usual, slow = map(min, zip(*times, strict=True))
        worst = max(worst, slow / usual)
        print(f"{name:45} {usual:7.2f} -> {slow:7.2f} us  x {slow / usual:.2f}")
    return int(worst > 1.1)


if __name__ == "__main__":
    sys.exit(main())
