"""Kills a training again and again at random moments, goes on from its checkpoint each time, and compares.

    python tests/hardening/kill.py --kills 200

Each of the trainings is a process of its own that SIGKILL ends; nothing of it can be tidied up. The file is written
every few milliseconds, so that some of them are killed while they write. After each kill the file must load; in the end
its parameters, curvature, momentum and history must be those of a training that nobody disturbed.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import sn89

RULES = (
    {"rule": sn89.Newton(), "order": "shuffle"},
    {"rule": sn89.StochasticDiagonalLM((0.0005, 0.0002)), "order": "shuffle"},
    {"rule": sn89.AdamW(), "distortion": sn89.Distortion(shift=1, rotation=5)},
)
ENDLESS = 10**6  # passes, of a training that only a kill ends


def digits(count: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Images that need not be learned well, only long."""
    random = np.random.default_rng(1989)
    return random.uniform(-1, 1, (count, 16, 16)).astype(np.float32), random.integers(0, 10, count)


def training(
    how: dict, passes: int, path: Path, interval: float = 60, begin: Callable[[], None] = lambda: None
) -> tuple[sn89.Net, sn89.History]:
    net = sn89.nets.zip_code(seed=1989)
    X, y = digits()
    options = {"checkpoint": path, "checkpoint_interval": interval, "resume": True, "progress": False}
    begin()
    return net, sn89.train(net, X, y, passes=passes, seed=4, **how, **options)


def one_life(which: int, path: Path, seconds: float) -> None:
    """Train in a process that is killed some seconds after it began to: it never comes to its end."""
    with subprocess.Popen([sys.executable, __file__, "--life", str(which), str(path)], stdout=subprocess.PIPE) as life:
        life.stdout.readline()  # it begins
        try:
            life.wait(seconds)
            raise RuntimeError("a training ended by itself, see above")
        except subprocess.TimeoutExpired:
            life.kill()


def outcome(net: sn89.Net, history: sn89.History) -> tuple:
    """All that must be the same."""
    vectors = (net.parameters, net.curvature, net.momentum)
    return (*(one.tobytes() for one in vectors), *((one.number, one.cost, one.train) for one in history.passes))


def disturbed(which: int, more: int, kills: int, folder: Path, chance: random.Random) -> tuple[bool, str]:
    """Whether it ended, `more` passes after the last kill, as the undisturbed one, and where it was killed."""
    how = RULES[which]
    path, places = folder / "disturbed", {(0, 0)}
    for _ in range(kills):
        one_life(which, path, chance.uniform(0, 0.15))
        if path.exists():
            found = sn89.storage.read(path)
            places.add((len(found.arrays["passes"]), found.about["training"]["presented"]))
    cut = len(list(folder.glob(".*.part")))
    passes = max(places)[0] + 1 + more
    where = f"at {len(places)} places of {passes} passes, {cut} times while writing"
    return outcome(*training(how, passes, path)) == outcome(*training(how, passes, folder / "undisturbed")), where


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="of all trainings together")
    parser.add_argument("--passes", type=int, default=2, help="of each training after its last kill")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--life", nargs=2, metavar=("RULE", "PATH"), help="be one of the trainings")
    given = parser.parse_args()
    if given.life:
        which, path = int(given.life[0]), Path(given.life[1])
        training(RULES[which], ENDLESS, path, interval=0.01, begin=lambda: print("it begins", flush=True))
        return 0
    chance, good = random.Random(given.seed), True
    for which, how in enumerate(RULES):
        share = given.kills * (which + 1) // len(RULES) - given.kills * which // len(RULES)
        with tempfile.TemporaryDirectory() as folder:
            same, where = disturbed(which, given.passes, share, Path(folder), chance)
        words = "the same bytes" if same else "OTHER BYTES"
        print(f"{how['rule']}: killed {share} times, {where}; {words}", flush=True)
        good = good and same
    print(f"{given.kills} kills: {'every training ended as if undisturbed' if good else 'FAILED'}")
    return not good


if __name__ == "__main__":
    sys.exit(main())
