"""Node.js, straightforward loops (`loops.js`)."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sn89 import Net

from . import MissingError, parameters

SCRIPT = Path(__file__).with_name("loops.js")


@dataclass(frozen=True)
class Report:
    """The answer of the loops: parameters and outputs (n, 10) after one pass, and microseconds per pattern, medians."""

    parameters: np.ndarray
    outputs: np.ndarray
    training: float
    evaluation: float


def run(net: Net, X: np.ndarray, targets: np.ndarray, rate: float, blocks: int) -> Report:
    """Train and evaluate in a process of its own, on the processor that this one is pinned to."""
    node = shutil.which("node")
    if node is None:
        raise MissingError("Node.js is not installed")
    given = {
        "parameters": {name: value.ravel().tolist() for name, value in parameters(net).items()},
        "images": X.reshape(len(X), -1).tolist(),
        "targets": targets.tolist(),
        "rate": rate,
        "blocks": blocks,
    }
    done = subprocess.run([node, str(SCRIPT)], input=json.dumps(given), capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    learned, outputs = (np.array(said[name], np.float32) for name in ("parameters", "outputs"))
    return Report(learned, outputs, said["training"], said["evaluation"])
