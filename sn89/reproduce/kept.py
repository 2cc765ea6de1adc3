"""Results of the trainings of a reproduction, kept in a folder, from which an interrupted reproduction goes on.

A kept result is used only if everything that it depends on is the same: the training itself, its digits, and every file
of the package, the core included. So no table mixes the results of different versions.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from ..datasets.digits import Digits

_folder: ContextVar[Path | None] = ContextVar("folder", default=None)


@contextmanager
def kept_in(folder: Path | None) -> Iterator[None]:
    """Keep the results of all jobs that run in this block in a folder; None keeps nothing."""
    token = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(token)


def folder() -> Path | None:
    """The folder that results are kept in."""
    return _folder.get()


def place(folder: Path, job: dict[str, Any]) -> Path:
    """The file of a job, without a suffix; its name is a digest of the job."""
    text = json.dumps({"sources": _sources(), **job}, sort_keys=True)
    return folder / hashlib.sha256(text.encode()).hexdigest()[:32]


def digest(digits: Digits) -> str:
    """SHA-256 of the images and labels, in hexadecimal."""
    sha = hashlib.sha256()
    for array in (*digits.train, *digits.test):
        sha.update(repr((array.shape, str(array.dtype))).encode())
        sha.update(array.tobytes())
    return sha.hexdigest()


@cache
def _sources() -> str:
    """SHA-256 of all code of the package."""
    package, sha = Path(__file__).parent.parent, hashlib.sha256()
    for file in sorted(package.rglob("*")):
        if file.suffix in (".py", ".so", ".pyd"):
            sha.update(str(file.relative_to(package)).encode())
            sha.update(file.read_bytes())
    return sha.hexdigest()
