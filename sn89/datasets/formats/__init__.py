"""Files of digits, told apart by their content: what one holds, as arrays with names, within a bound.

Each kind of file has a small reader in this folder. None believes a size that it is told, and none keeps more than
`Bounds.limit` bytes. What the arrays mean, which are images and which labels, is for `sn89.datasets.loading`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from . import idx, matrices, text, zipped
from .bounds import LIMIT, Bounds
from .packed import Stream, opened

__all__ = ["LIMIT", "Arrays", "Bounds", "blame", "idx", "opened", "read", "refusal", "shape_of", "text"]

Arrays = dict[str, NDArray[Any]]
Reader = Callable[[Stream, Bounds], Arrays]

#: What a file begins with, and who reads it. What begins with none of these is text.
READERS: tuple[tuple[bytes, Reader], ...] = (
    (b"\0\0", idx.read),
    (b"PK\3\4", zipped.read),
    (b"\x93NUMPY", zipped.read_npy),
    (b"MATLAB 5.0", matrices.read_mat),
    (b"MATLAB 7.3", matrices.read_h5),
    (b"\x89HDF\r\n\x1a\n", matrices.read_h5),
)

_NPZ = "numpy.savez('digits.npz', X=images, y=labels) makes a file of them that is read"
_PICTURE = "it is a picture: sn89.pictures.load reads one, and a folder of them in folders 0 to 9 is read as digits"

#: What is told from text, and refused.
REFUSED = (
    (b"PAR1", f"it is a parquet file, which is not read: pandas.read_parquet opens it, and {_NPZ}"),
    (b"ARROW1", f"it is an Arrow file, which is not read: datasets.load_from_disk opens its folder, and {_NPZ}"),
    (b"\xff\xff\xff\xff", f"it is an Arrow stream, which is not read: datasets.load_from_disk opens it, and {_NPZ}"),
    (b"\x80", f"it is a pickle, which can run any program and is not opened: open it where you trust it, and {_NPZ}"),
    (b"RDX", "it is a file of R's own: write.csv(digits, 'digits.csv', row.names=FALSE) makes one that is read"),
    (b"# Created by Octave", "it is Octave's own text: save -v7 digits.mat X y makes a file that is read"),
    (b"{", f"it is JSON, which is not read: {_NPZ}"),
    (b"[", f"it is JSON, which is not read: {_NPZ}"),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"7z\xbc\xaf", "it is a 7z archive: unpack it first"),
    (b"Rar!", "it is a RAR archive: unpack it first"),
)


def read(path: Path, bounds: Bounds | None = None) -> Arrays:
    """The arrays of a file, by their names in it; "" is one that has no name.

    Raises
    ------
    ValueError
        If it is not a file of digits, damaged, or larger than the bounds; the message names the file.
    OSError
        If it cannot be opened.
    ImportError
        If reading it needs what is not installed.
    """
    bounds = bounds or Bounds()
    with blame(path), opened(path, bounds.limit) as stream:
        return read_stream(stream, bounds._replace(packed=path.stat().st_size))


def read_stream(stream: Stream, bounds: Bounds) -> Arrays:
    """As `read`, of an open file: what is in an archive is one too."""
    head = stream.peek(20)[:20]
    for magic, why in REFUSED:
        if head.startswith(magic):
            raise ValueError(why)
    if stream.peek(265)[257:262] == b"ustar":
        raise ValueError("it is a tar archive: unpack it first")
    for magic, reader in READERS:
        if head.startswith(magic):
            return reader(stream, bounds)
    return text.read(stream, bounds)


def refusal(path: Path) -> str | None:
    """Why a file is not read though it may hold digits, if it is of a known kind."""
    with suppress(ValueError, OSError), opened(path, LIMIT) as stream:
        head = stream.peek(20)[:20]
        if head.startswith(b"PK"):
            return zipped.refusal(stream)
        return next((why for magic, why in REFUSED if head.startswith(magic)), None)
    return None


def shape_of(path: Path) -> tuple[int, ...] | None:
    """The shape of the one array of an IDX or .npy file, by its header; None of any other."""
    with suppress(ValueError, OSError), opened(path, LIMIT) as stream:
        head = stream.peek(8)[:8]
        if head.startswith(idx.MAGIC[:2]):
            return idx.header(stream)[0]
        if head.startswith(b"\x93NUMPY"):
            return zipped.npy_header(stream)[0]
    return None


@contextmanager
def blame(path: Path) -> Iterator[None]:
    """Name the file in the message of any ValueError raised while it is read."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
