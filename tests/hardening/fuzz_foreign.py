"""Fuzzing the readers of foreign nets: whatever bytes come, a net of finite weights or a ValueError, and nothing else.

Run by ``fuzz.py``.
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
READERS = ("pt", "pickle", "json")
MODULES = ("sn89.foreign", "zipfile", "json")

#: How many numbers each storage has that stands beside a pickle: as in a file of the whole net.
COUNTS = (300, 768, 2400, 192, 5760, 30, 300, 10)


@cache
def _folder_of_storages() -> tuple[tuple[str, bytes], ...]:
    return tuple((f"net/data/{key}", bytes(4 * count)) for key, count in enumerate(COUNTS))


def zipped(pickle: bytes) -> bytes:
    """A file as torch.save writes it, around that pickle: what a fuzzer could not do, for the checksums in it."""
    import zipfile  # only here: what is fuzzed must be imported by main first, to be followed

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (("net/data.pkl", pickle), *_folder_of_storages()):
            archive.writestr(name, content)
    return file.getvalue()


def one_input(data: bytes, reader: str = "pt") -> None:
    """Read `data` as a file of that kind; raises if that ends in anything but a good net or a ValueError."""
    from sn89.foreign.jsonfile import from_text
    from sn89.foreign.pytorch import from_bytes

    try:
        match reader:
            case "pt":
                net = from_bytes(data, "file")
            case "pickle":
                net = from_bytes(zipped(data), "file")
            case "json":
                net = from_text(data, "file")
    except ValueError as error:
        if not str(error).startswith("file: ") or len(str(error)) > 1000:
            raise RuntimeError("a message that does not name the file, or is too long") from error
        return
    parameters = net.parameters
    if len(parameters) != 9760 or not (abs(parameters) < float("inf")).all():
        raise RuntimeError("a net that is none")
