"""Speed on one core: measure, print a table, and write the same as JSON.

    python benchmarks

Everything is measured in one run on one pinned processor, in blocks that take turns, and given as medians of the third
of them that was disturbed least (`blocks.py`): what counts are the ratios. The ceiling is what the processor's
multiply-adds can do with all operands in registers (`ceiling.c`).
Plain loops in C are measured beside sn89, and JAX, PyTorch, onnxruntime and Node.js if they are installed:
pip install ".[benchmarks]".
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ceiling
import compare
import work
from blocks import Blocks, Call, pin
from peers import MissingError

import sn89


def measure_nets(blocks: Blocks) -> tuple[dict[str, float], list[dict]]:
    """The ceiling in multiply-adds per second; microseconds of each thing that a net does, and its share of that.

    They take turns, too: what slows the processor down for a while slows both.
    """
    ceilings = ceiling.tasks()
    tasks = [task for name, make in work.NETS.items() for task in work.tasks_of(name, make())]
    taken = blocks.medians([call for call, _ in ceilings.values()] + [task.call for task in tasks])
    tops = {name: count / s for (name, (_, count)), s in zip(ceilings.items(), taken, strict=False)}
    return tops, [
        {
            "net": task.net,
            "what": task.what,
            "microseconds": 1e6 * s / task.count,
            "multiply_adds": task.multiply_adds,
            "share_of_ceiling": task.multiply_adds * task.count / s / tops[ceiling.REGISTERS],
        }
        for task, s in zip(tasks, taken[len(ceilings) :], strict=True)
    ]


def measure_training(blocks: Blocks) -> dict[str, float]:
    """Seconds of 23 passes over the zip-code net, and what measuring both sets after each adds to a pass."""
    call, count = ceiling.tasks()[ceiling.REGISTERS]
    calls = [call, work.training(True), work.training(False)]
    top, with_measuring, without = blocks.medians(calls, max(9, blocks.blocks // 3))
    return {
        "seconds": with_measuring,
        "seconds_at_50_G": with_measuring * count / top / 50e9,
        "measuring_share_of_a_pass": (with_measuring - without) / without,
    }


def measure_peers(blocks: Blocks) -> tuple[list[dict], list[str]]:
    """The zip-code net elsewhere: microseconds per pattern, and how many times ours. And who is not here."""
    tasks, missing = compare.tasks()
    taken = blocks.medians([task.call for task in tasks], max(9, blocks.blocks // 3))
    found = [
        {"who": task.net, "what": task.what, "microseconds": 1e6 * s / task.count}
        for task, s in zip(tasks, taken, strict=True)
    ]
    try:
        loops = compare.with_node(blocks.blocks)
        found += [{"who": "Node.js loops", "what": what, "microseconds": t} for what, t in loops.items()]
    except MissingError as missed:
        missing.append(str(missed))
    ours = {row["what"]: row["microseconds"] for row in found if row["who"] == "sn89"}
    return [row | {"times_ours": row["microseconds"] / ours[row["what"]]} for row in found], missing


def measure_growth(blocks: Blocks) -> list[dict]:
    """Nanoseconds per connection of a first-order presentation, as nets grow."""
    pairs = work.growth()
    taken = blocks.medians([task.call for _, task in pairs], max(9, blocks.blocks // 3))
    return [
        {
            "connections": net.connections,
            "connections_per_unit": net.connections / sum(layer.units for layer in list(net)[1:]),
            "kibibytes_of_parameters": net.free_parameters * 4 / 1024,
            "nanoseconds_per_connection": 1e9 * s / task.count / net.connections,
        }
        for (net, task), s in zip(pairs, taken, strict=True)
    ]


def waited(call: Call) -> float:
    """Seconds from beginning to end."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


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
            s = statistics.median(waited(lambda k=k, pool=pool: list(pool.map(run, range(k)))) for _ in range(3))
        found.append({"trainings": k, "seconds": s, "efficiency": found[0]["seconds"] / s if found else 1.0})
    return found


def show(result: dict) -> str:
    """The result as a table to read."""
    lines = [f"sn89 {result['version']}, tier {result['tier']}, one processor"]
    lines += [f"beside the blocks that count a yardstick took {100 * result['slowed']:.0f} % longer than at best", ""]
    lines += [f"{name:34}{value / 1e9:8.1f} G multiply-adds/s" for name, value in result["ceiling"].items()]
    lines += ["", f"{'':22}{'':28}{'us':>9}{'multiply-adds':>15}{'of ceiling':>12}"]
    for row in result["nets"]:
        numbers = f"{row['microseconds']:9.2f}{row['multiply_adds']:15,}{100 * row['share_of_ceiling']:10.1f} %"
        lines.append(f"{row['net']:22}{row['what']:28}{numbers}")
    lines += ["", "23 passes of the zip-code net, train and test set measured after each"]
    training = result["training"]
    seconds = f"{training['seconds']:.2f} s; {training['seconds_at_50_G']:.2f} s if the ceiling were 50 G"
    lines.append(f"{seconds}; measuring adds {100 * training['measuring_share_of_a_pass']:.0f} % to a pass")
    lines += ["", "the zip-code net beside the strongest other program in each thing, one thread"]
    lines += [
        f"{row['what']:28}{row['times_ours']:6.1f} times ours: {row['who']}"
        for row in compare.strongest(result["peers"])
    ]
    lines += ["", "and beside all", f"{'':22}{'':28}{'us':>9}{'times ours':>15}"]
    for row in result["peers"]:
        lines.append(f"{row['who']:22}{row['what']:28}{row['microseconds']:9.2f}{row['times_ours']:15.1f}")
    lines += [f"left out: {word}" for word in result["missing"]]
    lines += ["", "first-order presentations of the zip-code net's shape, as it grows"]
    for row in result["growth"]:
        size = f"{row['connections']:12,} connections, {row['connections_per_unit']:4.0f} for a unit,"
        size += f" {row['kibibytes_of_parameters']:8.1f} KiB of parameters"
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
    parser.add_argument("--blocks", type=int, default=60, help="timings of each thing, of which a third counts")
    parser.add_argument("--json", type=Path, help="also write the result here")
    options = parser.parse_args()
    # True of these trainings, and meant: with steps of next to nothing states stay what they are, and so does the time.
    warnings.filterwarnings("ignore", "the training has led nowhere", sn89.TrainingWarning)
    processors = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}
    pin()
    blocks = Blocks(ceiling.yardstick(), options.blocks)
    ceilings, nets = measure_nets(blocks)
    peers, missing = measure_peers(blocks)
    result = {
        "version": sn89.__version__,
        "tier": sn89.simd,
        "ceiling": ceilings,
        "nets": nets,
        "training": measure_training(blocks),
        "peers": peers,
        "missing": missing,
        "growth": measure_growth(blocks),
        "slowed": blocks.slowed(),
        "threads": measure_threads(processors),
    }
    print(show(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
