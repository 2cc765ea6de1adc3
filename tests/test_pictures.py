"""examples/pictures.py, run as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "examples" / "pictures.py"
PICTURES = {
    *("confusion", "curvature", "digit", "digits", "fields", "hinton", "kernels", "learning", "mistakes"),
    *("rejection", "report", "watch", "lenet1_kernels", "lenet1_table", "lenet5_table", "zip_table"),
}


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--output", str(folder / "out"), *arguments],
        env={"PYTHONWARNINGS": "error", **os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
    )


@pytest.mark.thorough
def test_without_data_and_network_every_picture_is_drawn_of_synthetic_digits(tmp_path):
    nowhere = "http://127.0.0.1:9"
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), nowhere)
    folders = {name: str(tmp_path) for name in ("SN89_DATA", "XDG_CACHE_HOME", "HOME")}
    done = run(tmp_path, "--passes", "1", **proxies, **folders)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{name}.png" for name in PICTURES}
    assert "NOTE: synthetic digits, not the paper's: not comparable with it." in done.stdout
    assert "USPS not found" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--data", "nowhere"], "nowhere (no such folder)"),
        (["--synthetic", "--passes", "0"], "--passes: must be at least 1"),
        (["--synthetic", "--output", __file__], "File exists"),
    ],
)
def test_bad_options_are_named_in_one_line(tmp_path, arguments, complaint):
    done = run(tmp_path, *arguments)
    assert done.returncode in (1, 2)  # 2 is argparse's own
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
