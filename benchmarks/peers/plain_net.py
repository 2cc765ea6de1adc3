"""Plain loops in C (`plain.c`), which the compiler turns into vectors for the processor at hand."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import native
import numpy as np

from sn89 import Net

from . import MissingError

SOURCE = Path(__file__).with_name("plain.c")


@cache
def build() -> ctypes.CDLL:
    """Compile and load the loops."""
    if shutil.which("cc") is None:
        raise MissingError("plain loops in C need a compiler named cc, and none is installed")
    loaded, floats = native.library(SOURCE), np.ctypeslib.ndpointer(np.float32, flags="C_CONTIGUOUS")
    loaded.train.argtypes = [floats, floats, floats, ctypes.c_size_t, ctypes.c_float]
    loaded.evaluate.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    loaded.train.restype = loaded.evaluate.restype = None
    return loaded


def trainer(net: Net, X: np.ndarray, targets: np.ndarray, rate: float) -> Callable[[], np.ndarray]:
    """A call that presents every pattern once, one at a time, and returns the parameters."""
    library, parameters = build(), np.array(net.parameters)

    def call() -> np.ndarray:
        library.train(parameters, X, targets, len(X), rate)
        return parameters

    return call


def evaluator(net: Net, X: np.ndarray, batch: int) -> Callable[[], np.ndarray]:
    """A call that gives the outputs for X, so many in a call of the loops, which take one after another."""
    library, parameters, images = build(), np.array(net.parameters), np.ascontiguousarray(X, np.float32)
    outputs = np.empty((len(X), net.outputs), np.float32)

    def call() -> np.ndarray:
        # Plain addresses: to check arrays would take ctypes as long as the net takes for an image.
        of_net, of_images, of_outputs = (array.ctypes.data for array in (parameters, images, outputs))
        for i in range(0, len(images), batch):
            count = min(batch, len(images) - i)
            library.evaluate(of_net, of_images + i * images[0].nbytes, count, of_outputs + i * outputs[0].nbytes)
        return outputs

    return call
