"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

PathLike = str | os.PathLike[str]


def write_whole(path: PathLike, content: bytes) -> None:
    """Write a file so that whoever opens it, at any moment, finds what was there before or all of the new content.

    The content goes to another file in the same folder, down to the disk, which is then renamed. A process that is
    killed meanwhile leaves at most that other file, whose name ends in ``.part``.

    Parameters
    ----------
    path : path
        Where; of a symbolic link, what it leads to. A file that is replaced keeps its permissions.
    content : bytes
        What.

    Raises
    ------
    OSError
        If it cannot be written; what was there is as it was, and nothing is left behind.
    """
    write_together({path: content})


def write_together(contents: Mapping[PathLike, bytes]) -> None:
    """Write several files as `write_whole` does: all of them, or none.

    They take their places one right after another; should one fail at that, those before it are put back.
    """
    targets = [Path(os.path.realpath(path)) for path in contents]
    parts = [target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.part") for target in targets]
    try:
        for target, part, content in zip(targets, parts, contents.values(), strict=True):
            if target.is_dir():
                raise IsADirectoryError(f"{target} is a folder, not a file")
            if not target.parent.is_dir():
                raise FileNotFoundError(f"{target} cannot be written: there is no folder {target.parent}")
            _write(part, content, target)
        _place(parts, targets)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    for folder in {target.parent for target in targets}:
        _sync(folder)


def _write(part: Path, content: bytes, target: Path) -> None:
    with open(part, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if target.exists():
        shutil.copymode(target, part)


def _place(parts: list[Path], targets: list[Path]) -> None:
    """Give the parts their names. One file needs no copy of what was there before: nothing comes after it."""
    before = [target.read_bytes() if target.exists() else None for target in targets[:-1]]
    for i, (part, target) in enumerate(zip(parts, targets, strict=True)):
        try:
            os.replace(part, target)
        except OSError:
            for placed, content in zip(targets[:i], before, strict=False):
                placed.unlink() if content is None else placed.write_bytes(content)
            raise


def _sync(folder: Path) -> None:
    """A rename is on the disk once its folder is; Windows knows no such thing."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
