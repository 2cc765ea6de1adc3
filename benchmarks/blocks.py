"""Blocks of timings that take turns on one processor, and those of them in which the processor was ours."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

QUIET = 3  # one block of so many counts

Call = Callable[[], object]


def pin() -> int | None:
    """Stay on one processor, where the system can be asked for that."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    processor = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {processor})
    return processor


def seconds_of(call: Call) -> float:
    """How long processors work on it, in this process: what others do on them meanwhile does not count."""
    started = time.process_time()
    call()
    return time.process_time() - started


@dataclass
class Blocks:
    """Times calls in blocks that take turns, so that a change of the machine's speed meets all of them.

    A rented processor is often half a core, and slower by a third while the neighbour works on the other half, which no
    clock tells. So before and after every block a yardstick is timed that needs all of a core (`all_at_once` in
    ceiling.c), and the third of the blocks beside which it was fastest counts. How long the yardsticks beside those
    took is kept, too.
    """

    yardstick: Call
    blocks: int
    yardsticks: list[float] = field(default_factory=list)

    def medians(self, calls: list[Call], blocks: int | None = None) -> list[float]:
        """Median seconds of each call over the blocks that count."""
        for call in calls:
            call()
        taken: list[list[tuple[float, float]]] = [[] for _ in calls]
        for _ in range(blocks or self.blocks):
            for call, of_call in zip(calls, taken, strict=True):
                before, spent, after = (seconds_of(timed) for timed in (self.yardstick, call, self.yardstick))
                of_call.append((max(before, after), spent))
        return [self.of_quiet(of_call) for of_call in taken]

    def of_quiet(self, taken: list[tuple[float, float]]) -> float:
        """The median of those that count of blocks, of each its yardstick and its own seconds; keeps the yardsticks."""
        quiet = sorted(taken)[: -(-len(taken) // QUIET)]
        self.yardsticks += [yardstick for yardstick, _ in quiet]
        return statistics.median(spent for _, spent in quiet)

    def slowed(self) -> float:
        """How much longer than its fastest the yardstick took beside the blocks that count: their median share."""
        return statistics.median(self.yardsticks) / min(self.yardsticks) - 1
