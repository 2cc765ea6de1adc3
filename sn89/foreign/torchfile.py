"""The files that ``torch.save`` writes: a zip with a pickle that describes the tensors, and the bytes of each storage.

Every size is checked before it is used, `sn89.foreign.pickled` reads the pickle without running anything, and the
tensors are views of the file's bytes. So reading a file never takes more memory than a few times its size.
"""

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np

from .filling import SIZES, Array, as_float32, short
from .pickled import Storage, Tensor, tensors_of

LARGEST_PICKLE = 2**14  # bytes; the net's has 700, and the smallest object takes one byte there and about 70 in memory
LARGEST_ENTRIES = 1000  # entries of the zip; the net's has 14
_DIMENSIONS = 8
_ORDERS = {b"little": "<", b"big": ">"}

# Errors that zipfile raises for damaged files, besides ValueError.
_BAD_ZIP = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, OverflowError, struct.error)


def tensors(data: bytes, what: str) -> dict[str, Array]:
    """All tensors of a dict that ``torch.save`` wrote, as read-only float32 arrays by name.

    If the file is damaged, has another form or holds other tensors than floats, a ValueError calls it `what`.
    """
    try:
        archive = _Archive(data)
        named = tensors_of(archive.read("data.pkl", LARGEST_PICKLE))
        return {name: _array(name, tensor, archive.storage) for name, tensor in named.items()}
    except (ValueError, zlib.error, *_BAD_ZIP) as error:
        raise ValueError(f"{what}: the file cannot be read as PyTorch tensors: {str(error)[:300]}") from None


class _Archive:
    """The entries of the zip, which are all in one folder and not compressed."""

    def __init__(self, data: bytes) -> None:
        if not data.startswith(b"PK"):
            raise ValueError("it is not a zip file, which torch.save has written since PyTorch 1.6")
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        self._entries = {entry.filename: entry for entry in self._zip.infolist()}
        self._check(len(data))
        folders = [name[: -len("data.pkl")] for name in self._entries if name.endswith("/data.pkl")]
        if len(folders) != 1:
            raise ValueError(f"there must be one data.pkl in it, not {len(folders)}")
        self._folder = folders[0]
        order = self.read("byteorder", 16) if self.has("byteorder") else b"little"
        if order not in _ORDERS:
            raise ValueError(f"byteorder must be little or big, not {short(order)}")
        self._order = _ORDERS[order]
        self._storages: dict[str, Array] = {}

    def _check(self, size: int) -> None:
        entries = self._zip.infolist()
        if len(entries) > LARGEST_ENTRIES:
            raise ValueError(f"it has {len(entries):,} entries; at most {LARGEST_ENTRIES:,} are read")
        if len(self._entries) < len(entries):
            raise ValueError("two of its entries have the same name")
        for entry in entries:
            if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
                raise ValueError(f"its entry {short(entry.filename)} is packed, which torch.save never does")
        if sum(entry.file_size for entry in entries) > size:
            raise ValueError("its entries are larger together than the file")

    def has(self, name: str) -> bool:
        return self._folder + name in self._entries

    def read(self, name: str, largest: int) -> bytes:
        """The content of an entry of the folder, at most `largest` bytes."""
        if not self.has(name):
            raise ValueError(f"it has no {short(name)}")
        entry = self._entries[self._folder + name]
        if entry.file_size > largest:
            raise ValueError(f"its {short(name)} has {entry.file_size:,} bytes, more than {largest:,}")
        content = self._zip.read(entry)
        if len(content) != entry.file_size:
            raise ValueError(f"its {short(name)} has {len(content):,} bytes, not {entry.file_size:,}")
        return content

    def storage(self, storage: Storage) -> Array:
        """The numbers of a storage, which are read once."""
        if storage.key not in self._storages:
            size = SIZES[storage.kind] * storage.length
            content = self.read(f"data/{storage.key}", size)
            if len(content) != size:
                raise ValueError(f"its data/{storage.key} has {len(content):,} bytes, not {size:,}")
            self._storages[storage.key] = as_float32(content, storage.kind, self._order)
        numbers = self._storages[storage.key]
        if len(numbers) != storage.length:
            raise ValueError(
                f"its pickle gives data/{storage.key} two lengths, {len(numbers):,} and {storage.length:,} numbers"
            )
        return numbers


def _array(name: str, tensor: Tensor, read: Callable[[Storage], Array]) -> Array:
    """A tensor as a view of its storage. It must lie within the storage and be no larger."""
    count, shape, strides, what = tensor.storage.length, tensor.shape, tensor.strides, short(name)
    if len(shape) != len(strides) or len(shape) > _DIMENSIONS:
        raise ValueError(f"{what} has {len(shape)} sizes and {len(strides)} strides; at most {_DIMENSIONS} are read")
    if not all(1 <= size <= count for size in shape) or not all(0 <= stride <= count for stride in strides):
        raise ValueError(f"{what} has sizes or strides that its storage of {count:,} numbers is too small for")
    last = tensor.offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if math.prod(shape) > count or not 0 <= tensor.offset <= last < count:
        raise ValueError(f"{what} does not lie within its storage of {count:,} numbers")
    numbers = read(tensor.storage)[tensor.offset :]
    steps = tuple(4 * stride for stride in strides)
    return np.lib.stride_tricks.as_strided(numbers, shape, steps, writeable=False)
