"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file so that whoever opens it, at any moment, finds the old content or the new one and nothing between.

    The content goes to another file in the same folder, down to the disk, which is then renamed. A process that is
    killed meanwhile leaves at most that other file, whose name ends in ``.part``. Of a symbolic link the file that it
    points to is written.

    Raises
    ------
    OSError
        If it cannot be written; a file that was there is as it was.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, part)
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync(target.parent)


def _sync(folder: Path) -> None:
    """A rename is on the disk once its folder is; Windows knows no such thing."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
