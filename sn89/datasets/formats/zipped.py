"""NumPy's files, and archives of files of digits."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bounds import Bounds
from .packed import HEADER, Stream, Unpacked, unpacked

MEMBERS = 1000  # of an archive


def read(stream: Stream, bounds: Bounds) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file, or those of all files in an archive, by their names in it."""
    from . import read_stream

    found: dict[str, NDArray[Any]] = {}
    size = 0
    try:
        with zipfile.ZipFile(stream) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and one.file_size]
            if len(members) > MEMBERS:
                raise ValueError(f"it is an archive of more than {MEMBERS} files")
            for member in members:
                if _is_no_digits(member.filename):
                    continue
                with archive.open(member) as inside:
                    left = bounds._replace(limit=bounds.limit - size)
                    plain = io.BufferedReader(Unpacked(inside, 2 * bounds.limit + HEADER))
                    with unpacked(plain, left.limit) as content:
                        arrays = read_stream(content, left)
                name = member.filename.removesuffix(".npy")
                found |= {f"{name}/{inner}" if inner else name: array for inner, array in arrays.items()}
                size = sum(array.nbytes for array in found.values())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise ValueError(f"it is no whole archive: {error}") from None
    return found


def _is_no_digits(name: str) -> bool:
    """What archives have besides: notes, and what a Macintosh leaves."""
    return name.startswith("__MACOSX/") or name.lower().endswith((".md", ".pdf", ".html", ".json", "readme.txt"))


def read_npy(stream: Stream, bounds: Bounds) -> dict[str, NDArray[Any]]:
    """The array of an .npy file, whose header is judged first."""
    try:
        version = np.lib.format.read_magic(stream)
        reader = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in reader:
            raise ValueError(f"its version {version} of NumPy's format is not known")
        shape, fortran, kind = reader[version](stream)
    except (ValueError, TypeError, SyntaxError, RecursionError, OverflowError, MemoryError) as error:
        raise ValueError(f"it is no file of a NumPy array: {str(error)[:200]}") from None
    if kind.hasobject or kind.kind not in "buif":
        raise ValueError(f"its array holds {kind}, expected numbers")
    count = 1
    for side in shape:
        count *= int(side)
    bounds.check(count * kind.itemsize, f"an array of shape {shape}")
    content = stream.read(count * kind.itemsize)
    if len(content) < count * kind.itemsize:
        raise ValueError(f"it is cut off: {len(content)} bytes of its array, expected {count * kind.itemsize}")
    return {"": np.frombuffer(content, kind).reshape(shape, order="F" if fortran else "C")}
