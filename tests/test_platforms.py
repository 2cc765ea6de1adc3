"""Compilers and interpreters of other platforms, as far as this machine can stand in for them.

``tests/test_bits.py`` compares the numbers; docs/platforms.md says what was run where.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sn89
from sn89 import _core

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "csrc").glob("*.c"))
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wno-sign-conversion", "-Werror"]
COMPILERS = {
    "gcc": ["gcc", "-std=c11", *STRICT],
    "clang 14": ["clang-14", "-std=c11", *STRICT],
    "clang 19": ["clang-19", "-std=c11", *STRICT],
    # Microsoft's headers cannot be had here: those in tests/platforms/microsoft declare what the core asks of them.
    "clang-cl": [
        *("clang-14", "--driver-mode=cl", "--target=x86_64-pc-windows-msvc", "/std:c11", "/fp:precise", "/W4", "/WX"),
        *("-Wno-unused-command-line-argument", "-imsvc", str(ROOT / "tests/platforms/microsoft"), "/c", "-Xclang"),
    ],
}


@pytest.mark.parametrize("name", COMPILERS)
def test_compilers_have_nothing_to_say_of_the_core(name):
    command = COMPILERS[name]
    if not shutil.which(command[0]):
        pytest.skip(f"needs the command {command[0]}")
    for source in SOURCES:
        # By its name alone: clang-cl would take a path that begins with a slash for an option.
        words = [*command, "-fsyntax-only", source.name]
        done = subprocess.run(words, cwd=source.parent, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def test_the_core_needs_no_numpy_and_no_package_around_it():
    """Each rule has the bits that it has everywhere; those of the tier without a fused multiply-add are others."""
    program, folder = ROOT / "tests" / "platforms" / "bare.py", Path(_core.__file__).parent
    printed = {}
    for tier in {sn89.simd, "fmaf", "portable"}:
        environment = os.environ | {"SN89_SIMD": tier}
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(program), str(folder)], capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stderr
        printed[tier] = done.stdout
    assert "500 presentations, 9760 parameters" in printed["fmaf"]
    assert printed["portable"] != printed["fmaf"]
    assert printed[sn89.simd] in (printed["fmaf"], printed["portable"])


def test_the_package_asks_nothing_of_posix_and_names_the_encoding_of_text(tmp_path):
    """A stand-in for Windows: declare, train, go on from a checkpoint, save, load and export."""
    program = ROOT / "tests" / "platforms" / "windows.py"
    words = [sys.executable, "-X", "warn_default_encoding", "-W", "ignore::EncodingWarning", str(program)]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["training", "zip.c", "zip.h", "zip.html", "zip.safetensors"]
