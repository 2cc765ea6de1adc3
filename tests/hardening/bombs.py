"""Small files that say they are large, for every reader: each must end in an error within a bound of memory.

``python tests/hardening/bombs.py FOLDER`` makes them there, if it is empty, and prints a line for each: the processor
time to the error, and the error.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import resource
import struct
import sys
import time
import zipfile
import zlib
from importlib import import_module
from pathlib import Path

MEMORY = 400 * 10**6  # bytes that a reader may take before it says no


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def png(side: int) -> bytes:
    """A picture that claims a size."""

    def chunk(kind: bytes, told: bytes) -> bytes:
        return struct.pack(">I", len(told)) + kind + told + struct.pack(">I", zlib.crc32(kind + told))

    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def npy(shape: tuple[int, ...]) -> bytes:
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head


def mat(size: int) -> bytes:
    """A MATLAB file of one array of zeros, compressed."""
    words = struct.pack("<II", 6, 8) + struct.pack("<II", 6, 0)  # array flags: doubles
    words += struct.pack("<II", 5, 8) + struct.pack("<II", size // 8, 1)  # dimensions
    words += struct.pack("<II", 1, 1) + b"X" + bytes(7) + struct.pack("<II", 9, size)
    packer = zlib.compressobj(9)
    body = packer.compress(struct.pack("<II", 14, len(words) + size) + words)
    body += b"".join(packer.compress(bytes(2**20)) for _ in range(size // 2**20)) + packer.flush()
    head = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"
    return head + struct.pack("<II", 15, len(body)) + body


def h5(**how: object) -> bytes:
    """An HDF5 file whose array is mostly not there."""
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.create_dataset("X", **how)
    return content.getvalue()


def xz() -> bytes:
    """A file of xz that asks for a dictionary of 4 GB."""
    made = bytearray(lzma.compress(b"1,1\n" * 100))
    begin, end = 12, 12 + 4 * made[12]  # of the head of its first block, but for the checksum
    made[made.index(0x21, begin) + 2] = 40
    made[end : end + 4] = struct.pack("<I", zlib.crc32(made[begin:end]))
    return bytes(made)


def flat(side: int) -> bytes:
    """A picture that is as large as it says, and empty."""
    raw = zlib.compress(bytes((side + 1) * side), 9)
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", raw), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(told)) + kind + told + struct.pack(">I", zlib.crc32(kind + told)) for kind, told in chunks
    )


def safetensors(header: bytes, size: int | None = None) -> bytes:
    return struct.pack("<Q", len(header) if size is None else size) + header


ROW = b" ".join([b"1"] * 257) + b"\n"
BOMBS = {
    "usps/usps.bz2": lambda: bz2.compress(b"1\n" * 2**18),
    "usps/zip.train.gz": lambda: gzip.compress(ROW * 2**13),
    "usps/zip.train": lambda: ROW * 2**13,
    "mnist/train-images-idx3-ubyte.gz": lambda: gzip.compress(
        b"\0\0\x08\3\0\0\xea\x60\0\0\0\x1c\0\0\0\x1c" + bytes(2**26)
    ),
    "mnist/train-images-idx3-ubyte": lambda: b"\0\0\x08\3" + b"\xff" * 12,
    "load/labels.bz2": lambda: bz2.compress(b"1\n" * 2**18),
    "load/sparse.bz2": lambda: bz2.compress(b"1 65536:1\n" * 2**14),
    "load/rows.csv.gz": lambda: gzip.compress(b"1,1,1,1,1\n" * 2**17),
    "load/line.csv.gz": lambda: gzip.compress(b"1," * 2**22),
    "load/blank.csv.gz": lambda: gzip.compress(b"\n" * 2**20),
    "load/remarks.csv.gz": lambda: gzip.compress(b"#\n" * 2**26),
    "load/dictionary.csv.xz": xz,
    "load/head.npy": lambda: b"\x93NUMPY\2\0" + struct.pack("<I", 2**30),
    "load/brackets.npy": lambda: b"\x93NUMPY\2\0" + struct.pack("<I", 9000) + b"(" * 9000,
    "load/idx": lambda: b"\0\0\x08\3" + b"\x7f" * 12,
    "load/one.npy": lambda: npy((2**40,)),
    "load/one.npz": lambda: zipped("X.npy", npy((2**31,))),
    "load/many.zip": lambda: zipped("train.csv", gzip.compress(b"1,1,1,1,1\n" * 2**17)),
    "load/wide.csv.gz": lambda: gzip.compress(b",".join([b"1"] * 785) + b"\n" + (b"1," * 784 + b"1\n") * 2**14),
    "load/utf16.csv.gz": lambda: gzip.compress(b"\xff\xfe" + b"1\0,\0" * 2**23),
    "load/packed.npy.gz": lambda: gzip.compress(npy((2**26,)) + bytes(2**16)),
    "load/zeros.mat": lambda: mat(2**28 + 2**20),
    "load/zeros.mat.gz": lambda: gzip.compress(b"MATLAB 5.0".ljust(126) + b"IM" + bytes(2**28)),
    "load/filled.h5": lambda: h5(shape=(2**27,), dtype="f8"),
    "load/chunk.h5": lambda: h5(shape=(2**10, 2**10), dtype="f8", chunks=(2**10, 2**10), maxshape=(None, 2**10)),
    "load/torch.pt": lambda: zipped("archive/data.pkl", bytes(2**16)),
    "load/members.zip": lambda: zipped("X.npy", npy((2**25,)) + bytes(2**16)),
    "pictures/0/one.png": lambda: flat(2100),
    "picture/one.png": lambda: png(9000),
    "picture/huge.png": lambda: png(60000),
    "picture/remark.ppm": lambda: b"P6 #" + bytes([46]) * 10**7 + b"\n9 9 255\n",
    "picture/one.pgm": lambda: b"P5 16000 16000 255\n",
    "picture/one.bmp": lambda: b"BM" + struct.pack("<IHHIIiiHHIIiiII", 80, 0, 0, 54, 40, 16000, 16000, 1, 24, *[0] * 6),
    "picture/one.webp": lambda: (
        b"RIFF" + struct.pack("<I", 40) + b"WEBPVP8X" + struct.pack("<II", 10, 0) + b"\xfe\x3f\0" * 2 + bytes(40)
    ),
    "net/header": lambda: safetensors(b"{}", 2**40),
    "net/nested": lambda: safetensors(b'{"__metadata__":{"sn89":"' + b"[" * 10**6 + b'"}}'),
    "net/shape": lambda: safetensors(
        b'{"H1.weights":{"dtype":"F32","shape":[4000000000],"data_offsets":[0,16000000000]}}'
    ),
}


def write(folder: Path) -> None:
    """All of them, each in a folder of its own."""
    for name, content in BOMBS.items():
        path = folder / name.replace("/", "/" + name.replace("/", "-") + "/", 1)
        path.parent.mkdir(parents=True)
        try:
            path.write_bytes(content())
        except ImportError:  # without h5py nothing reads such a file
            path.parent.rmdir()


def read(kind: str, path: Path) -> object:
    """Read a file as what it is said to be."""
    import sn89

    match kind:
        case "usps":
            usps = import_module("sn89.datasets.usps")
            return usps._load(path, usps.TRAIN)
        case "mnist":
            mnist = import_module("sn89.datasets.mnist")
            return mnist._load(path, mnist.FILES[0])
        case "load":
            return sn89.datasets.load(path)
        case "pictures":
            return sn89.datasets.load(path.parent.parent)
        case "picture":
            return sn89.pictures.load(path)
    return sn89.load(path)


def main(folder: Path) -> None:
    """Read all of them, in no more memory than they may have besides what the libraries take."""
    from contextlib import suppress

    import safetensors.numpy  # noqa: F401
    from PIL import Image

    with suppress(ImportError):
        import h5py  # noqa: F401
        import scipy.io  # noqa: F401

    import sn89  # noqa: F401

    Image.init()
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        began = time.process_time()
        try:
            found = f"was read: {read(path.relative_to(folder).parts[0], path)!r}"
        except ValueError as error:
            found = f"refused: {error}"
        except MemoryError:
            found = "took too much memory"
        took = time.process_time() - began
        print(f"{path.relative_to(folder)}\t{took:.2f} s\t{found}".splitlines()[0][:300])


if __name__ == "__main__":
    if not any(Path(sys.argv[1]).iterdir()):
        write(Path(sys.argv[1]))
    main(Path(sys.argv[1]))
