"""Compile a file of C for the processor at hand, and load it."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from pathlib import Path

FLAGS = ["-O3", "-march=native", "-ffast-math", "-Wno-psabi", "-fPIC"]


def library(source: Path) -> ctypes.CDLL:
    """The functions of a file of C.

    It is linked without -ffast-math: that would add code that makes denormal numbers 0 for the whole thread, from the
    moment at which the library is loaded.
    """
    built = Path(tempfile.mkdtemp()) / source.with_suffix(".so").name
    subprocess.run(["cc", *FLAGS, "-c", str(source), "-o", str(built.with_suffix(".o"))], check=True)
    subprocess.run(["cc", "-shared", str(built.with_suffix(".o")), "-lm", "-o", str(built)], check=True)
    return ctypes.CDLL(str(built))
