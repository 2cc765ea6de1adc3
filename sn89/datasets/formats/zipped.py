"""NumPy's files, and archives of files of digits."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bounds import Bounds
from .packed import HEADER, Stream, Unpacked, numbers, unpacked

MEMBERS = 1000  # of an archive


def read(stream: Stream, bounds: Bounds) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file, or those of all files in an archive, by their names in it."""
    from . import read_stream

    found: dict[str, NDArray[Any]] = {}
    size = 0
    try:
        if why := refusal(stream):
            raise ValueError(why)
        stream.seek(0)
        with zipfile.ZipFile(stream) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and one.file_size]
            if len(members) > MEMBERS:
                raise ValueError(f"it is an archive of more than {MEMBERS} files: unpack it first")
            for member in members:
                if _is_no_digits(member.filename):
                    continue
                with archive.open(member) as inside:
                    left = bounds._replace(limit=bounds.limit - size, packed=member.compress_size)
                    plain = io.BufferedReader(Unpacked(inside, 2 * bounds.limit + HEADER))
                    with unpacked(plain, left.limit) as content:
                        arrays = read_stream(content, left)
                name = member.filename.removesuffix(".npy")
                found |= {f"{name}/{inner}" if inner else name: array for inner, array in arrays.items()}
                size = sum(array.nbytes for array in found.values())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise ValueError(f"it is no whole archive: {error!s:.200}") from None  # which may hold names of any length
    return found


def _is_no_digits(name: str) -> bool:
    """What archives have besides: notes, and what a Macintosh leaves."""
    return name.startswith("__MACOSX/") or name.lower().endswith((".md", ".pdf", ".html", ".json", "readme.txt"))


#: Members by which archives are known that hold no files of digits, and what they are.
OTHERS = (
    (
        "data.pkl",
        "it is a file of torch.save, a pickle, which can run any program and is not opened: "
        "numpy.savez('digits.npz', X=images.numpy(), y=labels.numpy()) makes one that is read",
    ),
    ("xl/workbook.xml", "it is an Excel workbook, which is not read: save the sheet as CSV"),
)


def refusal(stream: Stream) -> str | None:
    """Why an archive is none of files of digits, if it is of a known kind."""
    with zipfile.ZipFile(stream) as archive:
        names = archive.namelist()[:MEMBERS]
    return next((why for end, why in OTHERS for name in names if f"/{name}".endswith(f"/{end}")), None)


def npy_header(stream: Stream) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and kind of the array of an .npy file: nothing else of it is read.

    Raises
    ------
    ValueError
        If it is no such header.
    """
    try:
        version = np.lib.format.read_magic(stream)
        reader = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in reader:
            raise ValueError(f"its version {version} of NumPy's format is not known")
        return reader[version](stream)
    except (ValueError, TypeError, SyntaxError, TokenError, RecursionError, OverflowError, MemoryError) as error:
        why = " ".join(str(error).split())[:200] or "its head takes too much memory"
        raise ValueError(f"it is no file of a NumPy array: {why}") from None


def read_npy(stream: Stream, bounds: Bounds) -> dict[str, NDArray[Any]]:
    """The array of an .npy file, whose header is judged first; numbers that are written as text are numbers."""
    shape, fortran, kind = npy_header(stream)
    if kind.hasobject:
        raise ValueError(
            "its array holds objects of Python's, a pickle, which can run any program and is not opened: "
            "y.astype(int), or float, saves numbers"
        )
    if kind.kind not in "buifUS" or not kind.itemsize:
        raise ValueError(f"its array holds {kind}, expected numbers")
    count = math.prod(int(side) for side in shape)
    size = count * kind.itemsize
    bounds.check(size, f"an array of shape {shape}")
    content = numbers(stream, count, kind)
    if len(content) < size:
        raise ValueError(f"it is cut off: {len(content)} bytes of its array, expected {size}")
    array: NDArray[Any] = content.view(kind).reshape(shape, order="F" if fortran else "C")
    if kind.kind not in "US":
        return {"": array}
    try:
        return {"": array.astype(np.float64)}  # fetch_openml's labels are the text '5'
    except ValueError:
        first = array.ravel()[0]
        raise ValueError(f"its array holds text that is no number, such as {str(first)[:20]!r}") from None
