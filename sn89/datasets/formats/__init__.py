"""Files of digits, told apart by their content: what one holds, as arrays with names, within a bound.

Each kind of file has a small reader in this folder. None believes a size that it is told, and none keeps more than
`Bounds.limit` bytes. What the arrays mean, which are images and which labels, is for `sn89.datasets.loading`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from . import idx, matrices, text, zipped
from .bounds import LIMIT, Bounds
from .packed import Stream, opened

__all__ = ["LIMIT", "Arrays", "Bounds", "blame", "idx", "opened", "read", "text"]

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

#: What is told from text, and refused.
REFUSED = (
    (b"PAR1", "it is a parquet file, which is not read: pandas.read_parquet and numpy.savez make an .npz file of it"),
    (b"\x80", "it is a pickle, which can run any program and is not opened: numpy.savez makes an .npz file of arrays"),
    (b"\x89PNG", "it is a picture: sn89.pictures.load reads one"),
    (b"\xff\xd8\xff", "it is a picture: sn89.pictures.load reads one"),
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
        return read_stream(stream, bounds)


def read_stream(stream: Stream, bounds: Bounds) -> Arrays:
    """As `read`, of an open file: what is in an archive is one too."""
    head = stream.peek(16)[:16]
    for magic, why in REFUSED:
        if head.startswith(magic):
            raise ValueError(why)
    if stream.peek(265)[257:262] == b"ustar":
        raise ValueError("it is a tar archive: unpack it first")
    for magic, reader in READERS:
        if head.startswith(magic):
            return reader(stream, bounds)
    return text.read(stream, bounds)


@contextmanager
def blame(path: Path) -> Iterator[None]:
    """Name the file in the message of any ValueError raised while it is read."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
