"""Speed on one core: measure, print a table, and write the same as JSON.

    python benchmarks

Everything is measured in one run on one pinned processor, in blocks that take turns, and given as medians: what counts
are the ratios. The ceiling is what the processor's multiply-adds can do with all operands in registers (`ceiling.c`).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ceiling
import work

import sn89


def pin() -> int | None:
    """Stay on one processor, where the system can be asked for that."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    processor = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {processor})
    return processor


def medians(calls: list[Callable[[], object]], blocks: int) -> list[float]:
    """Median seconds of each call. They take turns, so that a change of the machine's speed meets all of them."""
    for call in calls:
        call()
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(blocks):
        for call, taken in zip(calls, seconds, strict=True):
            started = time.perf_counter()
            call()
            taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in seconds]


def measure_ceiling(blocks: int) -> dict[str, float]:
    """Multiply-adds per second."""
    tasks = ceiling.tasks()
    taken = medians([call for call, _ in tasks.values()], blocks)
    return {name: count / s for (name, (_, count)), s in zip(tasks.items(), taken, strict=True)}


def measure_nets(top: float, blocks: int) -> list[dict]:
    """Microseconds of each thing that a net does, and its share of the ceiling."""
    tasks = [task for name, make in work.NETS.items() for task in work.tasks_of(name, make())]
    taken = medians([task.call for task in tasks], blocks)
    return [
        {
            "net": task.net,
            "what": task.what,
            "microseconds": 1e6 * s / task.count,
            "multiply_adds": task.multiply_adds,
            "share_of_ceiling": task.multiply_adds * task.count / s / top,
        }
        for task, s in zip(tasks, taken, strict=True)
    ]


def measure_growth(blocks: int) -> list[dict]:
    """Nanoseconds per connection of a first-order presentation, as nets grow."""
    pairs = work.growth()
    taken = medians([task.call for _, task in pairs], max(3, blocks // 3))
    return [
        {
            "connections": net.connections,
            "kibibytes_of_parameters": net.free_parameters * 4 / 1024,
            "nanoseconds_per_connection": 1e9 * s / task.count / net.connections,
        }
        for (net, task), s in zip(pairs, taken, strict=True)
    ]


def measure_threads(processors: set[int]) -> list[dict]:
    """So many trainings on as many processors, beside one alone."""

    def run(seed: int) -> None:
        net = sn89.nets.zip_code(seed=seed)
        X, y = work.digits(net)
        sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(1e-9), passes=60, measure=False, progress=False)

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, processors)
    found = []
    for k in range(1, len(processors) + 1):
        with ThreadPoolExecutor(k) as pool:
            (s,) = medians([lambda k=k, pool=pool: list(pool.map(run, range(k)))], 3)
        found.append({"trainings": k, "seconds": s, "efficiency": found[0]["seconds"] / s if found else 1.0})
    return found


def show(result: dict) -> str:
    """The result as a table to read."""
    lines = [f"sn89 {result['version']}, tier {result['tier']}, one processor", ""]
    lines += [f"{name:34}{value / 1e9:8.1f} G multiply-adds/s" for name, value in result["ceiling"].items()]
    lines += ["", f"{'':22}{'':28}{'us':>9}{'multiply-adds':>15}{'of ceiling':>12}"]
    for row in result["nets"]:
        numbers = f"{row['microseconds']:9.2f}{row['multiply_adds']:15,}{100 * row['share_of_ceiling']:10.1f} %"
        lines.append(f"{row['net']:22}{row['what']:28}{numbers}")
    lines += ["", "first-order presentations of the zip-code net's shape, as it grows"]
    for row in result["growth"]:
        size = f"{row['connections']:12,} connections, {row['kibibytes_of_parameters']:8.1f} KiB of parameters"
        lines.append(f"{size}{row['nanoseconds_per_connection']:9.3f} ns per connection")
    lines += ["", "trainings at once"]
    for row in result["threads"]:
        lines.append(f"{row['trainings']:3} {row['seconds']:8.3f} s, efficiency {row['efficiency']:.2f}")
    return "\n".join(lines)


def main() -> None:
    """Measure everything that was asked for."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--blocks", type=int, default=15, help="timings of each thing, of which the median counts")
    parser.add_argument("--json", type=Path, help="also write the result here")
    options = parser.parse_args()
    processors = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}
    pin()
    top = measure_ceiling(options.blocks)
    result = {
        "version": sn89.__version__,
        "tier": sn89.simd,
        "ceiling": top,
        "nets": measure_nets(top["multiply-adds in registers"], options.blocks),
        "growth": measure_growth(options.blocks),
        "threads": measure_threads(processors),
    }
    print(show(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
