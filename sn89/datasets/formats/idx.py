"""MNIST's own format, IDX: arrays of bytes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .bounds import Bounds
from .packed import Stream

MAGIC = b"\0\0\x08"  # of bytes in IDX format; how many dimensions follows


def read(stream: Stream, bounds: Bounds) -> dict[str, NDArray[np.uint8]]:
    """Read an array of unsigned bytes in MNIST's IDX format.

    Two zero bytes, the type (8), the number of dimensions, the dimensions as big-endian 32-bit numbers, and the
    elements.

    Raises
    ------
    ValueError
        If the header is wrong, tells of more than the limit, or there are more or less elements than it says.
    """
    head = stream.read(4)
    if len(head) < 4 or head[:3] != MAGIC or not 1 <= head[3] <= 4:
        raise ValueError(f"not bytes in IDX format: begins with {head!r}, expected {MAGIC!r} and 1 to 4")
    sizes = stream.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise ValueError(f"the IDX header is cut off: {4 + len(sizes)} bytes, expected {4 + 4 * head[3]}")
    shape = np.frombuffer(sizes, ">u4").tolist()
    expected = math.prod(shape)  # of Python's integers, which do not overflow
    bounds.check(expected, f"an array of shape {shape}")
    content = stream.read(expected + 1)
    if len(content) != expected:
        found = "more" if len(content) > expected else f"{len(content)}"
        raise ValueError(f"{found} bytes after the header, expected {expected} for {shape}")
    return {"": np.frombuffer(content, np.uint8).reshape(shape)}
