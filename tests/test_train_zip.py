"""The main job, examples/train_zip.py, run as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sn89
from sn89.datasets import DataNotFoundError

SCRIPT = Path(__file__).parents[1] / "examples" / "train_zip.py"
WRITTEN = ["feature_maps.png", "kernels.png", "learning_curve.png", "net.safetensors", "weights.npz"]


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--output", str(folder / "out"), *arguments],
        env={"PYTHONWARNINGS": "error", **os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
    )


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out").iterdir())


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess]:
    """A training where there is neither data nor a network."""
    folder = tmp_path_factory.mktemp("alone")
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    home = dict.fromkeys(("SN89_DATA", "XDG_CACHE_HOME", "HOME"), str(folder))
    return folder, run(folder, "--passes", "1", "--seed", "3", **nowhere, **home)


def test_without_data_and_network_it_finishes_on_synthetic_digits_and_says_so(alone):
    folder, done = alone
    assert done.returncode == 0, done.stderr
    assert written(folder) == WRITTEN
    assert "NOTE: synthetic digits, not the paper's: not comparable with it." in done.stdout
    table = done.stdout.split("\n\n")[-4]
    assert "here, on synthetic digits" in table
    assert "5.0 %" not in table  # no figure of the paper stands beside them
    assert "USPS not found" in done.stderr


def test_weights_can_be_read_back(alone):
    folder, _ = alone
    digits = sn89.datasets.synthetic()
    net, other = sn89.nets.zip_code(seed=3), sn89.nets.zip_code(seed=4)
    sn89.train(net, *digits.train, rule=sn89.LevenbergMarquardt(), passes=1, measure=False)
    with np.load(folder / "out" / "weights.npz") as saved:
        for name, array in other.arrays().items():
            array[...] = saved[name]
    assert other.parameters.tobytes() == net.parameters.tobytes()
    told = sn89.storage.about(folder / "out" / "net.safetensors")["provenance"]
    assert sn89.facts.known_set(told["digits"]) == "synthetic"  # so the command measures it on these
    assert len(told["history"]) == 1


def test_on_usps_it_prints_the_papers_table_for_several_seeds(tmp_path):
    try:
        sn89.datasets.usps(download=False)
    except DataNotFoundError as error:
        pytest.skip(str(error))
    done = run(tmp_path, "--net", "fully_connected", "--passes", "23", "--seed", "1", "2", "--rule", "sgd")
    assert done.returncode == 0, done.stderr
    table = done.stdout.split("\n\n")[-3]
    assert "8.1 %" in table
    assert " to " in table  # the range over the seeds


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--data", "nowhere"], "nowhere (no such folder)"),
        (["--synthetic", "--passes", "0"], "--passes: must be at least 1"),
        (["--synthetic", "--output", __file__], "File exists"),
        (["--synthetic", "--rate", "-1"], "rate must be positive"),
        (["--synthetic", "--seed", "-1"], "seed must be at least 0, not -1"),
    ],
)
def test_bad_options_are_named_in_one_line(tmp_path, arguments, complaint):
    done = run(tmp_path, *arguments)
    assert done.returncode in (1, 2)  # 2 is argparse's own
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
