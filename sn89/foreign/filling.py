"""Shared by all foreign nets: the zip-code net that their parameters fill, checks of these, and limits."""

import os
import reprlib
from collections.abc import Iterable, Mapping
from itertools import islice

import numpy as np

from ..net import Net

Array = np.ndarray
Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]

LARGEST_FILE = 2**21  # bytes; the 9,760 parameters take 40,000, or about 400,000 as indented text

_SHORT = reprlib.Repr()
_SHORT.maxstring = 60

#: Bytes of a number of each kind, by its name in safetensors.
SIZES = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8}


def as_float32(content: bytes, kind: str, order: str = "<") -> Array:
    """The numbers of one of the kinds in `SIZES` as a read-only array; float32 is not copied."""
    if kind == "BF16":  # the upper half of a float32
        halves = np.frombuffer(content, f"{order}u2").astype(np.uint32) << 16
        numbers: Array = halves.view(np.float32)
    else:
        numbers = np.frombuffer(content, f"{order}f{SIZES[kind]}")
        if kind != "F32":
            with np.errstate(over="ignore", under="ignore", invalid="ignore"):
                numbers = numbers.astype(np.float32)
    numbers.flags.writeable = False
    return numbers


def fill(net: Net, arrays: Mapping[str, Array]) -> Net:
    """Set the parameters of a net to arrays with the names and shapes of ``net.arrays()``."""
    for name, own in net.arrays().items():
        own[...] = arrays[name]
    return net


def listed(names: Iterable[object]) -> str:
    """The first of these names, as a message lists them."""
    first = [str(short(name)) for name in islice(names, 9)]
    return ", ".join([*first[:8], *("..." for _ in first[8:])])


def check_names(given: Iterable[object], expected: Iterable[str], what: str) -> None:
    """Raise a ValueError unless the given names are the expected ones, in any order."""
    given, expected = list(given), list(expected)
    missing = [name for name in expected if name not in given]
    unknown = [name for name in given if name not in expected]
    if missing:
        found = listed(given) or "nothing"
        raise ValueError(f"{what}: {', '.join(missing)} missing; there must be {', '.join(expected)}; found: {found}")
    if unknown:
        raise ValueError(f"{what}: {short(unknown[0])} is not known; there must be {', '.join(expected)}, and no more")


def finite(value: object, shape: tuple[int, ...], what: str) -> Array:
    """`value` as a float32 array of this shape, with finite numbers."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # RuntimeError from a tensor that requires a gradient
        raise ValueError(f"{what} must be an array of shape {shape}: {error}") from None
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{what} must hold real numbers, not {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"{what} must have the shape {shape}, not {array.shape}")
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        array = array.astype(np.float32)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{what} must be finite in float32, but it is not at {where}")
    return array


def contents(path: Path) -> bytes:
    """The bytes of a file, at most `LARGEST_FILE`."""
    with open(path, "rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise ValueError(
            f"{os.fsdecode(path)}: the file has more than {LARGEST_FILE:,} bytes, far more than a zip-code net takes"
        )
    return data


def short(value: object) -> str:
    """The `repr` of a value, shortened for a message."""
    return _SHORT.repr(value)
