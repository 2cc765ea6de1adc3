"""The one writer of results: files that are there whole or not at all, and what is no file.

A device, a pipe or a socket is never replaced: the first two are written into, a socket is refused.
"""

from __future__ import annotations

import errno
import glob
import os
import re
import secrets
import shutil
import socket
import stat
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PureWindowsPath
from typing import IO

if sys.platform == "win32":
    from msvcrt import LK_NBLCK, locking

    BEYOND = 2**31 - 2  # bytes: no file of ours is so long, and nobody may read there what is locked

    def _lock(file: IO[bytes]) -> None:
        here = file.tell()
        file.seek(BEYOND)
        try:
            locking(file.fileno(), LK_NBLCK, 1)
        finally:
            file.seek(here)

else:
    from fcntl import LOCK_EX, LOCK_NB, flock

    def _lock(file: IO[bytes]) -> None:
        flock(file, LOCK_EX | LOCK_NB)


def lock(file: IO[bytes]) -> bool:
    """Lock an open file until it is closed; False if another process has it."""
    try:
        _lock(file)
    except (BlockingIOError, PermissionError):  # the second on Windows
        return False
    return True


PathLike = str | os.PathLike[str]

WINDOWS = os.name == "nt"
# Names that are devices there whatever their ending, and what names may not have: "net:1" is a stream hidden in net.
RESERVED = re.compile(
    r'(?!\.\.$)((con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9¹²³]) *(\..*)?|.*[<>:"|?*\x00-\x1f].*|.*[. ])', re.I
)

PIECE = 2**22  # bytes that go down to the disk in one step
ROOM = 2**12  # bytes that a folder must have room for, before a result is worked for


def write_whole(path: PathLike, content: bytes | memoryview) -> None:
    """Write a file so that whoever opens it, at any moment, finds what was there before or all of the new content.

    The content goes to another file in the same folder, down to the disk, which is then renamed. A process that is
    killed meanwhile leaves at most that other file, whose name ends in ``.part``; the next one to write the same file
    on that machine removes it.

    Parameters
    ----------
    path : path
        Where; of a symbolic link, what it leads to. A file that is replaced keeps its permissions. A device or a pipe
        is written into.
    content : bytes
        What.

    Raises
    ------
    OSError
        If it cannot be written; what was there is as it was, and nothing is left behind. The message names the path as
        it was given.
    """
    write_together({path: content})


def write_together(contents: Mapping[PathLike, bytes | memoryview]) -> None:
    """Write several files as `write_whole` does: all of them, or none.

    They take their places one right after another; should one fail at that, those before it are put back.
    """
    streams = [path for path in contents if is_stream(path)]
    paths = [path for path in contents if path not in streams]
    targets = [_target_of(path) for path in paths]
    parts = [_part_of(target) for target in targets]
    try:
        for path, target, part in zip(paths, targets, parts, strict=True):
            with named(path):
                _remove_dead(target)
                _write(part, contents[path], target)
        for path in streams:
            with named(path):
                _write_into(path, contents[path])
        _place(parts, targets)
    finally:
        for part in parts:
            with suppress(OSError):  # a name that is too long was never there
                part.unlink(missing_ok=True)
    for folder in {target.parent for target in targets}:
        _sync(folder)


def check_writable(path: PathLike, room: int = ROOM) -> None:
    """Raise the error that writing a file would end with, before there is anything to lose.

    Parameters
    ----------
    path : path
    room : int
        Bytes that the file will have at least, as far as that is known.

    Raises
    ------
    OSError
        If it is a folder, or in none; if the folder cannot be written or its disk is full; if the name is too long.
    """
    if is_stream(path):
        return
    part = _part_of(_target_of(path))
    try:
        with named(path):
            _write(part, bytes(room), part)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def is_stream(path: PathLike) -> bool:
    """Whether something is there that is neither a regular file nor a folder, or that a process has open already."""
    path = os.fspath(path)  # a number would be that of an open file
    try:
        kind = os.stat(path).st_mode
    except (OSError, ValueError):  # the second for names that no file can have
        return False
    opened = os.path.abspath(path).startswith(("/dev/fd/", "/dev/std", "/proc/"))
    return not stat.S_ISDIR(kind) and (opened or not stat.S_ISREG(kind))


def _write_into(path: PathLike, content: bytes | memoryview) -> None:
    """Write into a device or a pipe. A pipe that nobody reads, or a socket, is refused."""
    if stat.S_ISSOCK(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "it is a socket, which cannot be written to as a file", os.fspath(path))
    waiting = getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, os.O_WRONLY | waiting)
    except OSError as error:
        if error.errno == errno.ENXIO and stat.S_ISFIFO(os.stat(path).st_mode):
            raise OSError(errno.ENXIO, "nobody reads from this pipe", os.fspath(path)) from None
        raise
    with open(handle, "wb") as file:
        if waiting:
            os.set_blocking(handle, True)
        file.write(content)


@contextmanager
def named(path: PathLike) -> Iterator[None]:
    """Errors name the path that was given, and neither none nor that of the part."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename == os.fspath(path):
            raise
        raise type(error)(error.errno, error.strerror, os.fspath(path)) from None


def _target_of(path: PathLike) -> Path:
    """The file that is meant, wherever symbolic links lead; an error if there can be none."""
    name = os.fspath(path)
    if not name or "\0" in name:
        raise OSError(errno.EINVAL, "no file can have this name", name)
    with named(path):
        target = Path(os.path.realpath(path))
        _judge(path, target)
    return target


def _judge(path: PathLike, target: Path) -> None:
    windows = PureWindowsPath(path)
    if WINDOWS and any(RESERVED.fullmatch(part) for part in windows.parts if part != windows.anchor):
        raise OSError(errno.EINVAL, "Windows does not allow this name, choose another", os.fspath(path))
    if target.is_dir():
        raise IsADirectoryError(f"{path} is a folder, not a file")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be written: there is no folder {target.parent}")
    with suppress(FileNotFoundError):
        os.lstat(target)  # too long a name is told now


def check_regular(path: PathLike) -> None:
    """Raise an OSError if a file from which something is to go on is a device, a pipe or a socket."""
    if is_stream(path):
        raise OSError(errno.EINVAL, "it is no regular file, and from another one nothing can go on", os.fspath(path))


@contextmanager
def owned(path: PathLike, what: str) -> Iterator[None]:
    """Have a file that is written again and again for oneself.

    The lock is a file beside it, ``.NAME.lock``, removed at the end; that of a process that died counts for nothing.

    Raises
    ------
    BlockingIOError
        If another one has it: `what` it is that does, as in "another training".
    OSError
        If nothing can be written there.
    """
    check_writable(path)
    check_regular(path)
    target = Path(os.path.realpath(path))
    place = target.with_name(f"{_stem_of(target)}.lock")
    with named(path):
        file = _locked(place)
    if file is None:
        raise BlockingIOError(f"{path}: {what} is at work on this file")
    with file:
        try:
            yield
        finally:
            if os.name == "nt":
                file.close()  # what is open cannot be removed there
            with suppress(PermissionError):  # and another one may have opened it meanwhile
                place.unlink(missing_ok=True)


def _locked(place: Path) -> IO[bytes] | None:
    """The file of a lock, locked; None if it is another's."""
    while True:
        file = open(place, "ab")  # noqa: SIM115
        try:
            if not lock(file):
                file.close()
                return None
            if os.path.exists(place) and os.path.samestat(os.fstat(file.fileno()), os.stat(place)):
                return file
        except FileNotFoundError:
            pass
        file.close()  # its owner had just removed it: a new one is needed


# ---- Parts ----------------------------------------------------------------------------------------------------------


def _stem_of(target: Path) -> str:
    """What the parts of a file begin with: short enough for any name, and with this machine's name in it."""
    name = os.fsencode(target.name)[:80].decode("utf-8", "ignore")
    return f".{name}.{zlib.crc32(os.fsencode(target.name + socket.gethostname())):08x}"


def _part_of(target: Path) -> Path:
    return target.with_name(f"{_stem_of(target)}.{os.getpid()}.{secrets.token_hex(8)}.part")


def _remove_dead(target: Path) -> None:
    """Remove parts of this file whose writers are no more, on this machine."""
    if os.name != "posix":
        return  # no process can be asked there whether it lives without harm
    for name in glob.iglob(f"{glob.escape(_stem_of(target))}.*.part", root_dir=target.parent, include_hidden=True):
        writer = name.split(".")[-3]
        if writer.isdecimal() and not _lives(int(writer)):
            (target.parent / name).unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _write(part: Path, content: bytes | memoryview, target: Path) -> None:
    with open(part, "xb") as file:
        for i in range(0, max(1, len(content)), PIECE):  # Ctrl-C is heard between them
            file.write(content[i : i + PIECE])
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
