"""MATLAB's files and HDF5. Their sizes are checked before scipy and h5py read them."""

import io
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .packed import Bounds, Stream

HEAD = 128  # bytes of the header of a MATLAB file
COMPRESSED = 15  # type of a compressed element
OBJECTS = 1000  # objects of an HDF5 file, at most
CHUNK = 2**16


@contextmanager
def _damaged(kind: str) -> Iterator[None]:
    """Turn any error of a library, which a damaged file may cause, into a ValueError."""
    try:
        yield
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(f"it is not a whole {kind} file: {str(error)[:200]}") from None


def read_mat(stream: Stream, bounds: Bounds) -> dict[str, NDArray[Any]]:
    """The numeric arrays of a MATLAB file."""
    try:
        from scipy.io import loadmat, whosmat
    except ImportError:
        raise ImportError('files of digits by MATLAB need scipy: pip install "sn89[data]"') from None
    stream = _seekable(stream, bounds)
    _check_mat(stream, bounds)
    with _damaged("MATLAB"):
        numeric = [(name, shape) for name, shape, kind in whosmat(stream) if kind not in ("struct", "cell", "object")]
        if not numeric:
            raise ValueError(
                "it has no numeric arrays but only structures, which sn89 does not read: "
                "save('digits.mat', '-struct', 'name') in MATLAB saves their fields as arrays"
            )
        for name, shape in numeric:
            bounds.check(int(np.prod([float(side) for side in shape])), f"{name} of shape {shape}")
        stream.seek(0)
        arrays = loadmat(stream, variable_names=[name for name, _ in numeric])
    return {name: arrays[name] for name, _ in numeric if arrays[name].dtype.kind in "buif"}


def _check_mat(stream: Stream, bounds: Bounds) -> None:
    """Decompress every element once, to check that together they are within the limit."""
    start = stream.read(HEAD)
    order = "big" if start[126:128] == b"MI" else "little"
    size = 0
    while len(tag := stream.read(8)) == 8:
        kind, length = (int.from_bytes(tag[i : i + 4], order) for i in (0, 4))  # type: ignore[arg-type]
        packed = zlib.decompressobj() if kind == COMPRESSED else None
        while length and (part := stream.read(min(length, CHUNK))):
            length -= len(part)
            while part:
                if packed is None:
                    size, part = size + len(part), b""
                    continue
                try:
                    size += len(packed.decompress(part, CHUNK))
                except zlib.error as error:
                    raise ValueError(f"it is not a whole MATLAB file: {error}") from None
                part = packed.unconsumed_tail
                bounds.check(size, "its content")
    stream.seek(0)


def _seekable(stream: Stream, bounds: Bounds) -> Stream:
    """The stream, or if it cannot seek, as in an archive or gzip file, a temporary file with its content."""
    if stream.seekable():
        return stream
    size, file = 0, tempfile.TemporaryFile()  # noqa: SIM115 - it stays open as long as the stream
    while part := stream.read(CHUNK):
        size += len(part)
        bounds.check(size, "it")
        file.write(part)
    file.seek(0)
    return io.BufferedReader(file, CHUNK)


def read_h5(stream: Stream, bounds: Bounds) -> dict[str, NDArray[Any]]:
    """The numeric arrays of an HDF5 file, by their paths in it."""
    try:
        import h5py
    except ImportError:
        raise ImportError('HDF5 files of digits need h5py: pip install "sn89[data]"') from None
    found: dict[str, NDArray[Any]] = {}
    stream, size = _seekable(stream, bounds), 0
    with _damaged("HDF5"), h5py.File(stream, "r") as file:
        for name, one in _datasets(h5py, file):
            if one.dtype.kind not in "buif":
                continue
            chunk = int(np.prod(one.chunks)) if one.chunks else 0
            bounds.check(max(chunk * one.dtype.itemsize, size + one.nbytes), f"{name} of shape {one.shape}")
            found[name] = one[()]
            size += one.nbytes
    return found


def _datasets(h5py: Any, file: Any) -> list[tuple[str, Any]]:
    """All datasets in the file itself. Links and datasets that lead to other files are ignored."""
    found, groups, seen = [], [("", file)], 0
    while groups:
        path, group = groups.pop()
        for name in group:
            seen += 1
            if seen > OBJECTS:
                raise ValueError(f"it has more than {OBJECTS} objects")
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            one = group[name]
            where = f"{path}/{name}".strip("/")
            if isinstance(one, h5py.Group):
                groups.append((where, one))
            elif isinstance(one, h5py.Dataset) and one.external is None and not one.is_virtual:
                found.append((where, one))
    return sorted(found, key=lambda pair: pair[0])
