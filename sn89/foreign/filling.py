"""What all foreign nets share: the zip-code net that they fill, the check of what it is filled with, and the limits."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Iterable, Mapping

import numpy as np

from .. import nets
from ..net import Net
from ..squash import Tanh

Array = np.ndarray
Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]

LARGEST_FILE = 2**21  # bytes: the 9,760 parameters take 40,000, and some 400,000 as indented text

_SHORT = reprlib.Repr()
_SHORT.maxstring = 60


#: Bytes of a number of each kind, by the names that safetensors has for them.
SIZES = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8}


def as_float32(content: bytes, kind: str, order: str = "<") -> Array:
    """Numbers of one of the kinds in `SIZES`, read-only; float32 is not copied. Those of BF16 are halves of float32."""
    if kind == "BF16":
        halves = np.frombuffer(content, f"{order}u2").astype(np.uint32) << 16
        numbers: Array = halves.view(np.float32)
    else:
        numbers = np.frombuffer(content, f"{order}f{SIZES[kind]}")
        if kind != "F32":
            with np.errstate(over="ignore", under="ignore", invalid="ignore"):
                numbers = numbers.astype(np.float32)
    numbers.flags.writeable = False
    return numbers


def empty(name: str) -> Net:
    """The zip-code net as the reproductions build it: plain tanh, and half the squared error."""
    return nets.zip_code(squash=Tanh(), name=name)


def fill(net: Net, arrays: Mapping[str, Array]) -> Net:
    """Set every parameter of a net to an array of the same name as in ``net.arrays()``, of its shape."""
    for name, own in net.arrays().items():
        own[...] = arrays[name]
    return net


def check_names(given: Iterable[object], expected: Iterable[str], what: str) -> None:
    """Raise a ValueError unless the names are those expected, in any order."""
    given, expected = list(given), list(expected)
    missing = [name for name in expected if name not in given]
    unknown = [name for name in given if name not in expected]
    if missing:
        found = ", ".join(str(short(name)) for name in given[:8]) + (", ..." if len(given) > 8 else "")
        raise ValueError(
            f"{what}: {', '.join(missing)} missing; there must be {', '.join(expected)}; found: {found or 'nothing'}"
        )
    if unknown:
        raise ValueError(f"{what}: {short(unknown[0])} is not known; there must be {', '.join(expected)}, and no more")


def finite(value: object, shape: tuple[int, ...], what: str) -> Array:
    """`value` as a float32 array of that shape, of finite numbers."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # the last by a tensor that keeps its gradient
        raise ValueError(f"{what} must be an array of shape {shape}, which this is not: {error}") from None
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{what} must be of real numbers, not of {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"{what} must be of shape {shape}, not {array.shape}")
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        array = array.astype(np.float32)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{what} must be finite in float32, and is not at {where}")
    return array


def contents(path: Path) -> bytes:
    """All bytes of a file, if they are no more than `LARGEST_FILE`."""
    with open(path, "rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise ValueError(f"{os.fsdecode(path)}: more than {LARGEST_FILE:,} bytes, far more than a zip-code net takes")
    return data


def short(value: object) -> str:
    """The value as a message shows it, however long it is."""
    return _SHORT.repr(value)
