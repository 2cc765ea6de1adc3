"""Readers beside trainings: whatever copies a net while another thread trains it gets an error, never a torn copy.

``python tests/hardening/readers.py [--trainings N]`` trains one net again and again, and meanwhile three threads copy
it in all ways, again and again. Every copy must be of the net as it is between two trainings.
"""

from __future__ import annotations

import argparse
import copy
import pickle
import sys
import threading
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import sn89

REFUSED = "this net is at work already, in another thread"


def ways(folder: Path) -> dict[str, object]:
    """How to copy a net; each gives the parameters that it found."""

    def saved(net: sn89.Net) -> np.ndarray:
        path = folder / f"{threading.get_ident()}.safetensors"
        sn89.save(net, path)
        return sn89.load(path).parameters

    return {
        "copy": lambda net: copy.copy(net).parameters,
        "deepcopy": lambda net: copy.deepcopy(net).parameters,
        "pickle": lambda net: pickle.loads(pickle.dumps(net)).parameters,
        "compact": lambda net: sn89.compact(net).parameters,
        "save": saved,
    }


def storm(trainings: int, folder: Path) -> Counter[str]:
    """How many copies were whole, refused and torn."""
    X = np.random.default_rng(1989).uniform(-1, 1, (40, 8, 8)).astype(np.float32)
    y = np.arange(40) % 4
    net = sn89.Net(sn89.Input(8, 8), sn89.Full("H1", 300), sn89.Full("output", 4), seed=1)
    between, over = {net.parameters.tobytes()}, threading.Event()
    found: list[bytes | str] = []

    def read(first: int) -> None:
        several = list(ways(folder).values())
        while not over.is_set():
            first += 1
            try:
                found.append(several[first % len(several)](net).tobytes())
            except Exception as error:
                found.append("refused" if REFUSED in str(error) else "failed")

    def others(*_: object) -> None:
        """Wait until at least one reader has begun and ended."""
        had = len(found)
        while len(found) < had + 4:
            over.wait(0.001)

    readers = [threading.Thread(target=read, args=(i,)) for i in range(3)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for one in readers:
            one.start()
        for _ in range(trainings):
            others()
            sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=3, measure=False, callbacks=[others])
            between.add(net.parameters.tobytes())
    finally:
        over.set()
        for one in readers:
            one.join()
        sys.setswitchinterval(before)
    return Counter(one if isinstance(one, str) else "whole" if one in between else "torn" for one in found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--trainings", type=int, default=200)
    with TemporaryDirectory() as made:
        counted = storm(parser.parse_args().trainings, Path(made))
    print(", ".join(f"{counted[name]:,} copies {name}" for name in ("whole", "refused", "torn", "failed")))
    sys.exit(counted["torn"] + counted["failed"] > 0)
