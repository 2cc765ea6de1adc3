"""NumPy's files, and zip archives of files of digits."""

import io
import math
import zipfile
import zlib
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .packed import HEADER, Bounds, Stream, Unpacked, numbers, unpacked

MEMBERS = 1000  # files in an archive, at most
NOTES = (".md", ".pdf", ".html", ".json", "readme.txt")  # files that are no digits


def read(stream: Stream, bounds: Bounds) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file, or of all files in an archive, by their names."""
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
                if member.filename.startswith("__MACOSX/") or member.filename.lower().endswith(NOTES):
                    continue
                with archive.open(member) as inside:
                    left = bounds._replace(limit=bounds.limit - size, packed=member.compress_size)
                    plain = io.BufferedReader(Unpacked(inside, 2 * bounds.limit + HEADER))
                    arrays = read_stream(unpacked(plain, left.limit), left)
                name = member.filename.removesuffix(".npy")
                found |= {f"{name}/{inner}" if inner else name: array for inner, array in arrays.items()}
                size = sum(array.nbytes for array in found.values())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise ValueError(f"it is not a whole archive: {error!s:.200}") from None  # the error may hold long names
    return found


#: Files in archives of other formats, which are not read, and what to do.
OTHERS = (
    (
        "data.pkl",
        "it is a file of torch.save, a pickle, which can run any program: open it yourself if you trust it, and write "
        "a file for sn89 with numpy.savez('digits.npz', X=images.numpy(), y=labels.numpy())",
    ),
    ("xl/workbook.xml", "it is an Excel workbook, which sn89 does not read: save the sheet as CSV"),
)


def refusal(stream: Stream) -> str | None:
    """The reason why an archive is not read, if its format is a known one."""
    with zipfile.ZipFile(stream) as archive:
        names = archive.namelist()[:MEMBERS]
    return next((why for end, why in OTHERS for name in names if f"/{name}".endswith(f"/{end}")), None)


def npy_header(stream: Stream) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """The shape, order and type of the array of an .npy file, from its header alone."""
    try:
        version = np.lib.format.read_magic(stream)
        reader = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in reader:
            raise ValueError(f"its version {version} of NumPy's format is not known")
        return reader[version](stream)
    except (ValueError, TypeError, SyntaxError, TokenError, RecursionError, OverflowError, MemoryError) as error:
        why = " ".join(str(error).split())[:200] or "its header takes too much memory"
        raise ValueError(f"it is not the file of a NumPy array: {why}") from None


def read_npy(stream: Stream, bounds: Bounds) -> dict[str, NDArray[Any]]:
    """The array of an .npy file, whose header is checked first. Numbers that are written as text are converted."""
    shape, fortran, kind = npy_header(stream)
    if kind.hasobject:
        raise ValueError(
            "its array holds Python objects, a pickle, which can run any program, so sn89 does not open it: save "
            "numbers with y.astype(int) or y.astype(float)"
        )
    if kind.kind not in "buifUS" or not kind.itemsize:
        raise ValueError(f"its array holds {kind}, expected numbers")
    count = math.prod(int(side) for side in shape)
    size = count * kind.itemsize
    bounds.check(size, f"an array of shape {shape}")
    content = numbers(stream, count, kind)
    if len(content) < size:
        raise ValueError(f"it is cut off: its array has {len(content)} bytes, expected {size}")
    array: NDArray[Any] = content.view(kind).reshape(shape, order="F" if fortran else "C")
    if kind.kind not in "US":
        return {"": array}
    try:
        return {"": array.astype(np.float64)}  # fetch_openml's labels are the text '5'
    except ValueError:
        first = array.ravel()[0]
        raise ValueError(f"its array holds text that is not a number, such as {str(first)[:20]!r}") from None
