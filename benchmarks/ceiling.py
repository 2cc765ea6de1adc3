"""The ceiling of one core: multiply-adds per second from registers, and from the first and second cache."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from pathlib import Path

import native
import numpy as np

SOURCE = Path(__file__).with_name("ceiling.c")
ROUNDS = 200_000
CHAINS = 12
REGISTERS = "multiply-adds in registers"
TRIADS = {"triad from L1": 16 * 2**10, "triad from L2": 256 * 2**10}  # bytes of both arrays together


@cache
def build() -> ctypes.CDLL:
    """Compile and load the yardstick."""
    loaded = native.library(SOURCE)
    loaded.multiply_adds.restype = ctypes.c_float
    loaded.multiply_adds.argtypes = [ctypes.c_size_t]
    loaded.all_at_once.restype = ctypes.c_float
    loaded.all_at_once.argtypes = [ctypes.c_size_t]
    pointer = np.ctypeslib.ndpointer(np.float32)
    loaded.triad.argtypes = [pointer, pointer, ctypes.c_float, ctypes.c_size_t, ctypes.c_size_t]
    return loaded


def yardstick() -> Callable[[], object]:
    """A call that takes longer as soon as another program uses the core."""
    library = build()
    return lambda: library.all_at_once(ROUNDS // 4)


def tasks() -> dict[str, tuple[Callable[[], object], int]]:
    """The functions to time, each with the number of multiply-adds of a call."""
    library = build()
    found: dict[str, tuple[Callable[[], object], int]] = {
        REGISTERS: (lambda: library.multiply_adds(ROUNDS), ROUNDS * CHAINS * 8)
    }
    for name, size in TRIADS.items():
        n = size // 8
        x, y, rounds = np.zeros(n, np.float32), np.ones(n, np.float32), 2**24 // n
        found[name] = (lambda x=x, y=y, n=n, rounds=rounds: library.triad(x, y, 1e-9, n, rounds), n * rounds)
    return found
