"""MNIST's own format, IDX: arrays of numbers."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .packed import Bounds, Stream, numbers

MAGIC = b"\0\0\x08"  # the first bytes of an array of bytes; the number of dimensions follows
KINDS = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}  # by the third byte; QMNIST's labels have 12


def header(stream: Stream) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """The shape and type of the array, from the header alone.

    It has two zero bytes, the type, the number of dimensions, and the dimensions as big-endian 32-bit numbers.
    """
    head = stream.read(4)
    if len(head) < 4 or head[:2] != MAGIC[:2] or head[2] not in KINDS or not 1 <= head[3] <= 4:
        raise ValueError(
            f"it is not in IDX format: it begins with {head!r}, expected {MAGIC!r} and the number of dimensions, 1 to 4"
        )
    sizes = stream.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise ValueError(f"the IDX header is cut off: it has {4 + len(sizes)} bytes, expected {4 + 4 * head[3]}")
    return tuple(np.frombuffer(sizes, ">u4").tolist()), np.dtype(KINDS[head[2]])


def read(stream: Stream, bounds: Bounds) -> dict[str, NDArray[Any]]:
    """Read an array in MNIST's IDX format: a header and the elements, of which there must be the right number."""
    shape, kind = header(stream)
    expected = math.prod(shape) * kind.itemsize  # Python's integers do not overflow
    bounds.check(expected, f"an array of shape {list(shape)}")
    content = numbers(stream, math.prod(shape), kind)
    if len(content) != expected or stream.read(1):
        found = "more" if len(content) == expected else f"{len(content)}"
        raise ValueError(f"there are {found} bytes after the header, expected {expected} for {list(shape)}")
    return {"": content.view(kind).reshape(shape)}
