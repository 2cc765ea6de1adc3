"""How long Ctrl-C waits: the longest time from the signal to KeyboardInterrupt while large things are worked on.

``python tests/hardening/interrupts.py`` presses it eight times, evenly, in each.
"""

from __future__ import annotations

import copy
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import sn89
from sn89.facts import astray, facts

TIMES = 8


def longest(work: Callable[[], object]) -> tuple[float, float, int]:
    """Seconds that the work takes and that an interruption of it took at most, and how many interrupted it.

    A timer of the system presses Ctrl-C: a thread could not while the work keeps the interpreter to itself.
    """
    began = time.perf_counter()
    work()
    whole, waits = time.perf_counter() - began, []
    for i in range(TIMES):
        due = time.perf_counter() + whole * (i + 0.5) / TIMES
        try:
            signal.setitimer(signal.ITIMER_REAL, due - time.perf_counter())
            work()
            signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            waits.append(time.perf_counter() - due)
    return whole, max(waits, default=0.0), len(waits)


def works(folder: Path) -> dict[str, Callable[[], object]]:
    random = np.random.default_rng(1989)
    X = random.uniform(-1, 1, (60_000, 28, 28))
    images = X.astype(np.float32)
    net, layers = sn89.nets.lenet5(seed=1), (sn89.Input(32, 32), sn89.Full("H1", 15_000), sn89.Full("output", 10))
    patterns, large = net.patterns(images, random.integers(0, 10, len(X))), sn89.Net(*layers)
    return {
        "60,000 images hashed": patterns.digest,
        "60,000 images checked": lambda: net.patterns(X),
        "60,000 images judged": lambda: facts(images, np.zeros(len(X), int)),
        "60,000 images compared": lambda: astray((-9.0, 9.0), -1.0, images),
        "15,525,010 parameters built": lambda: sn89.Net(*layers),
        "15,525,010 parameters written": lambda: sn89.save(large, folder / "large.safetensors"),
        "15,525,010 parameters copied": lambda: copy.copy(large),
    }


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    with TemporaryDirectory() as made, suppress(KeyboardInterrupt):
        for name, work in works(Path(made)).items():
            whole, most, count = longest(work)
            print(f"{name:30} {whole:.2f} s; interrupted {count} times, after {1000 * most:.0f} ms at most", flush=True)
