"""Every reader of files says no before it takes much memory, whatever a small file claims."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="memory is not limited here")

from hardening import bombs


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the memory taken is read from /proc")
def test_every_reader_refuses_bombs_within_400_megabytes_and_two_seconds_of_the_processor(tmp_path):
    done = subprocess.run([sys.executable, bombs.__file__, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(told) == sum(one.is_file() for one in tmp_path.rglob("*")) >= len(bombs.BOMBS) - 2
    for name, took, words in told:
        assert words.startswith("refused: "), f"{name}: {words}"
        assert float(took.split()[0]) <= 2, f"{name}: {took}"
