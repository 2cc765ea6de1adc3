"""A sweep on a Dask cluster of three workers: two are killed while they train, and a fourth one joins late.

    python tests/hardening/cluster.py --runs 200

All lines must be there, with the bits of one process, and the late worker must have trained: half of the runs wait for
that, so it would never end else. Then runs that exit, end their worker, raise what cannot be printed and return what
cannot be written, each among others: each must be one failed line, and be tried once more when the sweep is called
again.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

import sn89
from sn89 import sweep

AMONG = 6  # runs of which one is odd
ODD = 3  # which one
FIRST, DOOMED = (
    (0, 1, 2),
    (0, 1),
)  # workers that are there at the beginning, and those that are killed at their first run


def trained(seed: int) -> dict[str, Any]:
    """The bits of a small net, trained a little."""
    random = np.random.default_rng(seed)
    net = sn89.Net(sn89.Input(4, 4), sn89.Full("H1", 4), sn89.Full("output", 2), seed=seed)
    X, y = random.uniform(-1, 1, (20, 4, 4)).astype(np.float32), random.integers(0, 2, 20)
    sn89.train(net, X, y, rule=sn89.SGD(0.01), passes=2, measure=False, progress=False)
    return {"bits": net.parameters.tobytes().hex()}


def disturbed(seed: int, many: int) -> dict[str, Any]:
    """The same; a doomed worker's first run waits to be killed, and half of the runs for one on the late worker."""
    from distributed import Event, Variable, get_worker

    try:
        worker = get_worker().name
    except ValueError:  # in no cluster, or in a process of its own
        return trained(seed) | {"worker": None}
    if worker in DOOMED and not Event(f"killed {worker}").is_set():
        Variable(f"under way {worker}").set(os.getpid())
        Event("never").wait()
    if worker not in FIRST:
        Event("late worker at work").set()
    elif seed > many // 2:
        Event("late worker at work").wait()
    return trained(seed) | {"worker": worker}


class UnprintableError(Exception):
    """An error that cannot be printed."""

    def __str__(self) -> str:
        raise RuntimeError("there are no words")


def _raise(error: BaseException) -> None:
    raise error


def _nested() -> list[Any]:
    made: list[Any] = []
    for _ in range(900):
        made = [made]
    return made


#: What a run may do, and the kind of failure that stands in its line. The first ones end no process.
ODDITIES = {
    "exits": (lambda: sys.exit("enough"), "SystemExit"),
    "interrupts": (lambda: _raise(KeyboardInterrupt()), "KeyboardInterrupt"),
    "unprintable": (lambda: _raise(UnprintableError()), "UnprintableError"),
    "surrogate": (lambda: _raise(SystemExit("\udcff")), "SystemExit"),
    "long": (lambda: 10**5000, "ValueError"),
    "nested": (_nested, "ValueError"),
    "array": (lambda: np.zeros(3), "TypeError"),
    "leaves": (lambda: os._exit(0), "KilledWorker"),
    "killed": (lambda: os.kill(os.getpid(), signal.SIGKILL), "KilledWorker"),
}
ENDS = ("leaves", "killed")


def odd(seed: int, what: str) -> dict[str, Any]:
    """A run that is well, unless it is the odd one."""
    return {"y": ODDITIES[what][0]() if seed == ODD else seed}


def _told(name: str, client: Any, going_on: Future[Any]) -> Any:
    """What a worker has put into a variable; an error if the sweep has ended without."""
    from distributed import Variable

    while True:
        try:
            return Variable(name, client).get(timeout="1s")
        except TimeoutError:
            if going_on.done():
                raise RuntimeError(f"the sweep ended with {going_on.exception() or going_on.result()}") from None


def check_disturbed(cluster: Any, client: Any, runs: int, out: Path) -> list[str]:
    """Kill two workers during a sweep and let one join, for which half of the runs wait: what is wrong."""
    from distributed import Event

    client.wait_for_workers(3)
    with ThreadPoolExecutor(1) as pool:
        going_on = pool.submit(
            sweep.run, disturbed, {"many": [runs]}, seeds=runs, out=out, backend="dask", progress=False
        )
        for worker in DOOMED:
            process = _told(f"under way {worker}", client, going_on)
            Event(f"killed {worker}", client).set()  # the one that takes its place has its name
            os.kill(process, signal.SIGKILL)
        cluster.scale(4)
        found = going_on.result()
    alone = [trained(seed)["bits"] for seed in range(1, runs + 1)]
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    wrong = [f"run {one['seed']} failed: {one['failure']}: {one.get('message')}" for one in found.failed]
    if sorted(one["seed"] for one in lines) != list(range(1, runs + 1)):
        wrong.append(f"{len(lines)} lines of {runs} runs")
    if [one.get("bits") for one in found] != alone:
        wrong.append("other bits")
    return wrong


def check_odd(what: str, backend: str, folder: Path, workers: int | None = None) -> list[str]:
    """Sweep twice over some runs, one of which is odd: what is wrong."""
    wrong, out = [], folder / f"{backend} {what}.jsonl"
    for call in (1, 2):
        how = {"backend": backend, "workers": workers, "progress": False}
        found = sweep.run(odd, {"what": [what]}, seeds=AMONG, out=out, **how)
        str(found).encode()  # as it is printed
        if [(one["seed"], one["failure"]) for one in found.failed] != [(ODD, ODDITIES[what][1])]:
            wrong.append(f"{what}: failed were {found.failed}")
        if (lines := out.read_bytes().count(b"\n")) != AMONG + call - 1:
            wrong.append(f"{what}: {lines} lines after call {call}")
    return wrong


def main() -> int:
    from distributed import Client, LocalCluster

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200, help="of the sweep that is disturbed (%(default)s)")
    given = parser.parse_args()
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # which tells of every worker that is lost
    wrong = []
    local = LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name, local as cluster, Client(cluster) as client:
        folder = Path(name)
        wrong += check_disturbed(cluster, client, given.runs, folder / "disturbed.jsonl")
        print(f"{given.runs} trainings, two of three workers killed, one late: {wrong or 'all lines, the same bits'}")
        for what in ODDITIES:
            wrong += check_odd(what, "dask", folder)
        for what in ENDS:
            wrong += check_odd(what, "processes", folder, 1)
        for what in ODDITIES.keys() - {*ENDS}:
            wrong += check_odd(what, "threads", folder, 2)
    print(f"{len(ODDITIES)} kinds of odd runs: {wrong or 'each is one failed line'}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
