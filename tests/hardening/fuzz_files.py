"""Fuzzing the readers of sn89's own files and of the digits: whatever bytes come, something whole or a ValueError.

Run by ``fuzz.py``.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

READERS = ("net", "metadata", "idx", "zip", "libsvm", "gz", "bz2", "picture")
MODULES = (
    "sn89.storage",
    "sn89.declaration",
    "sn89.layers",
    "sn89.datasets",
    "sn89.pictures",
    "PIL",
    "gzip",
    "bz2",
    "json",
)


@cache
def _folder() -> Path:
    """In memory, where there is such a place."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))


def written(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


def with_metadata(text: bytes) -> bytes:
    """A file of arrays for a small net, and this text where its declaration should be."""
    import numpy as np
    from safetensors.numpy import save

    names = {"H1.weights": (2, 1, 3, 3), "H1.bias": (2,), "output.weights": (3, 8), "output.bias": (3,)}
    arrays = {name: np.zeros(shape, np.float32) for name, shape in names.items()}
    return save({**arrays, "RBF.prototypes": np.ones((2, 3), np.float32)}, {"sn89": text.decode("utf-8", "replace")})


def load(path: Path) -> None:
    import numpy as np

    from sn89.storage import load

    if not np.isfinite(load(path, limit=2**22).parameters).all():
        raise RuntimeError("a net that is not finite")


def digits(images: object, labels: object) -> None:
    import numpy as np

    if images.shape != (len(labels), 16, 16) or not (abs(images) <= 1).all() or not np.isin(labels, range(10)).all():
        raise RuntimeError("digits that are none")


def grey(path: Path) -> None:
    import numpy as np

    from sn89.reader import load

    levels = load(path, limit=2**20)
    if levels.ndim != 2 or not np.isfinite(levels).all() or levels.min() < 0 or levels.max() > 1:
        raise RuntimeError("a picture that is none")


def one_input(data: bytes, reader: str) -> None:
    """Read `data` as a file of that kind; raises if that ends in anything but something good or a ValueError."""
    from sn89.datasets import formats
    from sn89.datasets.usps import BOUNDS

    try:
        match reader:
            case "net":
                load(written("net", data))
            case "metadata":
                load(written("net", with_metadata(data)))
            case "idx":
                formats.read(written("digits.idx", data), formats.Bounds(2**22))
            case "zip" | "libsvm":
                found = formats.read(written(f"digits.{reader}", data), BOUNDS._replace(digits=1000))
                if "labels" in found:
                    digits(found["images"].reshape(-1, 16, 16), found["labels"] % 10)
            case "picture":
                grey(written("picture", data))
            case "gz" | "bz2":
                formats.read(written(f"digits.{reader}", data), formats.Bounds(2**22))
    except ValueError as error:
        if len(str(error)) > 2000:
            raise RuntimeError("a message that is too long") from error
