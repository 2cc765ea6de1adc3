"""Open files as streams, which are decompressed whatever their names are, and the bounds for their content."""

import bz2
import codecs
import gzip
import io
import lzma
import math
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Stream: TypeAlias = "io.BufferedReader[Any]"

HEADER = 2**16  # bytes that a file may have in addition to twice its arrays
CHUNK = 2**16
DICTIONARY = 2**27  # bytes of memory to decompress xz; "xz -9" needs half of that, but a file may ask for 4 GB
LIMIT = 2**28  # bytes of content: five times MNIST's training images
PACKING = 100  # largest ratio of text to the compressed file; MNIST's CSV has 8, digits of two levels have 30
SHORT = 2**22  # bytes of text that are allowed in any case
ROW = 2**12  # bytes that a digit of a text file is assumed to take, which bounds the number of digits


class Bounds(NamedTuple):
    """Bounds for a file, and what is known of its content."""

    limit: int = LIMIT  # bytes that its arrays may take
    pixels: int | None = None  # of an image
    low: float = -math.inf  # the range of grey levels
    high: float = math.inf
    labels: range = range(1000)
    digits: int | None = None  # largest number of digits
    packed: int | None = None  # size of the file itself in bytes, which bounds the work for its text

    @property
    def lines(self) -> int:
        """Largest number of digits in a text file."""
        return self.limit // ROW if self.digits is None else self.digits

    def check(self, size: int, what: str) -> None:
        """Raise a ValueError if `what` has more bytes than allowed."""
        if size > self.limit:
            raise ValueError(f"{what} has {size:,} bytes, more than the limit of {self.limit:,}")

    def check_text(self, size: int) -> None:
        """Raise a ValueError if text has more bytes than digits in a file of this size can have."""
        if self.packed is not None and size > SHORT + PACKING * self.packed:
            raise ValueError(f"its text is more than {PACKING} times as long as the file, so it does not hold digits")


class Xz:
    """The decompressed content of an xz file. `lzma.open` would take as much memory as the file asks for."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.inner = stream, self._begun()

    def read(self, most: int) -> bytes:
        """At most so many bytes, or none at the end."""
        part = b""
        while not part:
            if self.inner.eof:  # zeros and another stream may follow
                packed = self.inner.unused_data.lstrip(b"\0") or self.stream.read(CHUNK).lstrip(b"\0")
                if not packed:
                    break
                self.inner = self._begun()
            else:
                packed = self.stream.read(CHUNK) if self.inner.needs_input else b""
                if self.inner.needs_input and not packed:
                    raise EOFError("it is cut off")
            part = self.inner.decompress(packed, most)
        return part

    @staticmethod
    def _begun() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=DICTIONARY)


OPENERS = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", Xz))


class Unpacked(io.RawIOBase):
    """The decompressed content of a stream, up to a limit; any fault is a ValueError."""

    def __init__(self, stream: Any, limit: int) -> None:
        self.stream, self.limit, self.read_so_far = stream, limit, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            part = self.stream.read(len(buffer))
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise ValueError(f"it cannot be decompressed: {error}") from error
        self.read_so_far += len(part)
        if self.read_so_far > self.limit:
            raise ValueError(f"its content is longer than the limit of {self.limit:,} bytes")
        buffer[: len(part)] = part
        return len(part)


class Recoded(io.RawIOBase):
    """Text with another encoding or the line ends of old Macs, as UTF-8 with a line feed after each line."""

    def __init__(self, stream: Stream, encoding: str) -> None:
        self.inside, self.decoder = stream, codecs.getincrementaldecoder(encoding)("replace")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = b""
        while not part and (more := self.inside.read(len(buffer) // 4)):  # a character may need twice the bytes
            part = self.decoder.decode(more).replace("\r\n", "\n").replace("\r", "\n").encode()
        buffer[: len(part)] = part
        return len(part)


def numbers(stream: Stream, count: int, kind: np.dtype[Any]) -> NDArray[Any]:
    """Read `count` numbers, or fewer if the stream ends. Memory is taken once and filled as they come."""
    content = np.empty(count * kind.itemsize, np.uint8)
    left = content.data
    while left and (read := stream.readinto(left[:CHUNK])):
        left = left[read:]
    return content[: len(content) - len(left)]


@contextmanager
def opened(path: Path, limit: int) -> Iterator[Stream]:
    """Open a file for reading. It may hold more than twice the limit, because text is longer than an array."""
    with open(path, "rb", CHUNK, opener=_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is not a regular file: digits are read from files")
        yield unpacked(file, limit)


def unpacked(file: IO[bytes], limit: int) -> Stream:
    """The content of an open file, decompressed if it is compressed."""
    stream = file if isinstance(file, io.BufferedReader) else io.BufferedReader(file, CHUNK)  # type: ignore[type-var]
    head = stream.peek(6)
    for magic, opener in OPENERS:
        if head.startswith(magic):
            return io.BufferedReader(Unpacked(opener(stream), 2 * limit + HEADER), CHUNK)
    return stream


def _without_waiting(path: str, flags: int) -> int:
    """Open a pipe without waiting for its writer, so that it can be refused."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
