"""Read the arrays in files of digits, whose format is recognised by the content.

Each format has a small reader in this folder. No reader trusts a size in a file, and none keeps more than
`Bounds.limit` bytes. `finding.py` finds the files of a set, and `folders.py` reads folders of pictures.
`sn89.datasets.loading` decides which arrays are images and which are labels.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from . import idx, matrices, text, zipped
from .packed import LIMIT, Bounds, Stream, opened

__all__ = ["LIMIT", "Arrays", "Bounds", "idx", "naming", "opened", "read", "refusal", "shape_of", "text"]

Arrays = dict[str, NDArray[Any]]
Reader = Callable[[Stream, Bounds], Arrays]

#: The first bytes of each format, and its reader. A file that begins with none of these is text.
READERS: tuple[tuple[bytes, Reader], ...] = (
    (b"\0\0", idx.read),
    (b"PK\3\4", zipped.read),
    (b"\x93NUMPY", zipped.read_npy),
    (b"MATLAB 5.0", matrices.read_mat),
    (b"MATLAB 7.3", matrices.read_h5),
    (b"\x89HDF\r\n\x1a\n", matrices.read_h5),
)

_NPZ = "write a file for sn89 with numpy.savez('digits.npz', X=images, y=labels)"
_PICTURE = (
    "it is a picture: sn89.pictures.load reads it; to use pictures as digits, name a folder with folders 0 to 9 of them"
)

#: The first bytes of formats that are not read, and what to do.
REFUSED = (
    (b"PAR1", f"it is a Parquet file, which sn89 does not read: open it with pandas.read_parquet, and {_NPZ}"),
    (b"ARROW1", f"it is an Arrow file, which sn89 does not read: use datasets.load_from_disk, and {_NPZ}"),
    (b"\xff\xff\xff\xff", f"it is an Arrow stream, which sn89 does not read: use datasets.load_from_disk, and {_NPZ}"),
    (b"\x80", f"it is a pickle, which can run any program: open it yourself if you trust it, and {_NPZ}"),
    (b"RDX", "it is a file of R: write a file for sn89 with write.csv(digits, 'digits.csv', row.names=FALSE)"),
    (b"# Created by Octave", "it is text of Octave: write a file for sn89 with save -v7 digits.mat X y"),
    (b"{", f"it is JSON, which sn89 does not read: {_NPZ}"),
    (b"[", f"it is JSON, which sn89 does not read: {_NPZ}"),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"7z\xbc\xaf", "it is a 7z archive: unpack it first"),
    (b"Rar!", "it is a RAR archive: unpack it first"),
)


def read(path: Path, bounds: Bounds | None = None) -> Arrays:
    """The arrays of a file by their names; the name is "" if an array has none.

    A ValueError, which names the file, says if it is damaged, too large, or not a file of digits.
    """
    bounds = bounds or Bounds()
    with naming(path), opened(path, bounds.limit) as stream:
        return read_stream(stream, bounds._replace(packed=path.stat().st_size))


def read_stream(stream: Stream, bounds: Bounds) -> Arrays:
    """The arrays of an open file, which may be a member of an archive."""
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
    """The reason why a file is not read, if its format is a known one that is refused."""
    with suppress(ValueError, OSError), opened(path, LIMIT) as stream:
        head = stream.peek(20)[:20]
        if head.startswith(b"PK"):
            return zipped.refusal(stream)
        return next((why for magic, why in REFUSED if head.startswith(magic)), None)
    return None


def shape_of(path: Path) -> tuple[int, ...] | None:
    """The shape of the array in an IDX or .npy file, from its header; None for any other file."""
    with suppress(ValueError, OSError), opened(path, LIMIT) as stream:
        head = stream.peek(8)[:8]
        if head.startswith(idx.MAGIC[:2]):
            return idx.header(stream)[0]
        if head.startswith(b"\x93NUMPY"):
            return zipped.npy_header(stream)[0]
    return None


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Name the file in the message of any ValueError raised while it is read."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
