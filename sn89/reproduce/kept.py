"""What the jobs of a reproduction brought, kept in a folder: it goes on where it was interrupted.

Something that was kept is taken for the result of a job only if all that it came of is the same: the job itself, its
digits, and every file of the package, the core among them. So no table mixes what different versions brought.
"""

from __future__ import annotations

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
    """Let the jobs that are run meanwhile keep what they bring in a folder; None: nowhere."""
    token = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(token)


def folder() -> Path | None:
    """Where results are kept."""
    return _folder.get()


def place(folder: Path, told: dict[str, Any]) -> Path:
    """The file of a job, without a suffix, by what it is."""
    text = json.dumps({"sources": _sources(), **told}, sort_keys=True)
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
