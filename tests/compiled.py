"""Exported nets compiled by the C compilers that there are, as strictly as they can."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

Array = np.ndarray
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wno-sign-conversion", "-Werror"]
BARE = ["-ffreestanding", "-nostdlib"]
COMPILERS = [name for name in ("cc", "clang") if shutil.which(name)]
needs_cc = pytest.mark.skipif("cc" not in COMPILERS, reason="there is no C compiler cc")


def run(*command: str | Path, **options) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


class Compiled:
    """Exported nets in one library, by the names of their functions."""

    def __init__(self, sources: Iterable[Path], *options: str, cc: str = "cc") -> None:
        sources = list(sources)
        library = sources[0].with_suffix(f".{cc}.so")
        run(cc, *STRICT, *BARE, *options, "-shared", "-fPIC", *sources, "-o", library)
        self.functions = ctypes.CDLL(str(library))

    def __call__(self, name: str, X: Array, outputs: int) -> tuple[Array, Array]:
        """Outputs and classes of images, one of them or an array of several."""
        found, classes = np.full((len(X), outputs), np.nan, np.float32), np.empty(len(X), np.int64)
        for i, image in enumerate(np.ascontiguousarray(X, np.float32)):
            at = ctypes.c_void_p(image.ctypes.data)
            self.functions[name](at, ctypes.c_void_p(found[i].ctypes.data))
            classes[i] = self.functions[f"{name}_classify"](at)
        return found, classes
