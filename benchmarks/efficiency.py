"""How well a sweep uses several processors: the time with one worker, over that with k and over k.

    python benchmarks/efficiency.py                 # 24 trainings of the zip-code net, 3 passes each, 2 threads

One worker and k take turns, so that a change of the machine's speed meets both, and the median of the rounds counts.
Other programs at work make it less: the load before each round, of which the sweep's own is a part, is beside it. What
they do not change is, on Linux, how much of their time the k workers were running or ready to run: the rest they waited
for one another, which is for the GIL.
"""

from __future__ import annotations

import argparse
import os
import statistics
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import sn89
from sn89.recipes import ZIP_1989
from sn89.sweep.workers import processors


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=24, help="trainings in a sweep (%(default)s)")
    parser.add_argument("--passes", type=int, default=3, help="passes of each (%(default)s)")
    parser.add_argument("--workers", type=int, default=processors(), help="k (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="how often both are timed (%(default)s)")
    return parser.parse_args()


def ready() -> float | None:
    """Seconds that this thread has been running, or waiting for a processor; only Linux tells."""
    told = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
    return sum(map(int, told.read_text(encoding="utf-8").split()[:2])) / 1e9 if told.exists() else None


@dataclass(frozen=True)
class Timed:
    """A training that tells how long its thread was ready, too."""

    digits: sn89.datasets.Digits
    passes: int

    def train(self, seed: int) -> dict[str, float | None]:
        """Train once, as a sweep does with the recipe."""
        began = ready()
        net, _ = replace(ZIP_1989, passes=self.passes).train(self.digits.train, seed)
        wrong = [sn89.evaluate(net, *part).wrong for part in self.digits]
        return {"wrong": wrong[1], "ready": None if began is None else ready() - began}


def sweep(options: argparse.Namespace, digits: sn89.datasets.Digits, workers: int) -> tuple[float, float | None]:
    """Seconds that it takes, and the share of their time in which its workers were ready."""
    started = time.perf_counter()
    runs = sn89.sweep.run(Timed(digits, options.passes).train, seeds=options.runs, workers=workers, progress=False)
    taken = time.perf_counter() - started
    if runs[0]["ready"] is None:
        return taken, None
    return taken, sum(one["ready"] for one in runs) / sum(one["seconds"] for one in runs)


def main() -> None:
    """Time both in turn, print each round and the median."""
    options, found = arguments(), []
    digits = sn89.datasets.usps()
    for _ in range(options.rounds):
        load = f"load {os.getloadavg()[0]:.1f}   " if hasattr(os, "getloadavg") else ""
        (one, _), (many, share) = (sweep(options, digits, workers) for workers in (1, options.workers))
        found.append(one / many / options.workers)
        words = f"{load}1 worker {one:.2f} s   {options.workers} workers {many:.2f} s   efficiency {found[-1]:.3f}"
        print(words + ("" if share is None else f"   running or ready {share:.3f}"), flush=True)
    print(f"efficiency of {options.workers} workers, median of {options.rounds}: {statistics.median(found):.3f}")


if __name__ == "__main__":
    main()
