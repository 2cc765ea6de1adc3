"""Write result files whole or not at all.

A device or a pipe is written into and never replaced; a socket is refused.
"""

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

from .aliases import Place

if sys.platform == "win32":
    from msvcrt import LK_NBLCK, locking

    BEYOND = 2**31 - 2  # a byte past the end of every file of ours, because nobody can read a locked byte on Windows

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
    """Lock an open file until it is closed. The answer is False if another process has locked it."""
    try:
        _lock(file)
    except (BlockingIOError, PermissionError):  # PermissionError on Windows
        return False
    return True


WINDOWS = os.name == "nt"
# On Windows these names are devices whatever their ending, and these characters are not allowed.
RESERVED = re.compile(
    r'(?!\.\.$)((con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9¹²³]) *(\..*)?|.*[<>:"|?*\x00-\x1f].*|.*[. ])', re.I
)

PIECE = 2**22  # bytes written to the disk in one step
ROOM = 2**12  # bytes for which a folder must have room before a long computation begins


def write_whole(path: Place, content: bytes | memoryview) -> None:
    """Write a file so that every reader finds either the old content or all of the new one.

    The content is written and synchronised to a temporary file in the same folder, which is then renamed. A process
    that is killed leaves at most this file, whose name ends in ``.part``; the next writer of the same file on the
    machine removes it. Of a symbolic link the target is written. A replaced file keeps its permissions. If an OSError
    is raised, the old file is unchanged and nothing is left behind; the message names the path as it was given.
    """
    write_together({path: content})


def write_together(contents: Mapping[Place, bytes | memoryview]) -> None:
    """Write several files as `write_whole` does: all of them, or none.

    The temporary files are renamed one right after another; if one cannot be, the old files are put back.
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
            with suppress(OSError):  # a name that is too long
                part.unlink(missing_ok=True)
    for folder in {target.parent for target in targets}:
        _sync(folder)


def check_writable(path: Place, room: int = ROOM) -> None:
    """Raise the OSError with which writing a file of `room` bytes would fail, before a long computation begins."""
    if is_stream(path):
        return
    part = _part_of(_target_of(path))
    try:
        with named(path):
            _write(part, bytes(room), part)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def is_stream(path: Place) -> bool:
    """Whether a path is a device, a pipe, a socket or an open stream, and neither a regular file nor a folder."""
    path = os.fspath(path)  # os.stat would take a number for an open file
    try:
        kind = os.stat(path).st_mode
    except (OSError, ValueError):  # ValueError for names that no file can have
        return False
    opened = os.path.abspath(path).startswith(("/dev/fd/", "/dev/std", "/proc/"))
    return not stat.S_ISDIR(kind) and (opened or not stat.S_ISREG(kind))


def _write_into(path: Place, content: bytes | memoryview) -> None:
    """Write into a device or a pipe; raise an OSError for a socket, or for a pipe that nobody reads."""
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
def named(path: Place) -> Iterator[None]:
    """Let an OSError name the path that was given, not that of a temporary file."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename == os.fspath(path):
            raise
        raise type(error)(error.errno, error.strerror, os.fspath(path)) from None


def _target_of(path: Place) -> Path:
    """The file to which symbolic links lead; an OSError if no such file can be written."""
    name = os.fspath(path)
    if not name or "\0" in name:
        raise OSError(errno.EINVAL, "no file can have this name", name)
    windows = PureWindowsPath(path)
    if WINDOWS and any(RESERVED.fullmatch(part) for part in windows.parts if part != windows.anchor):
        raise OSError(errno.EINVAL, "Windows does not allow this name, choose another", name)
    with named(path):
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise IsADirectoryError(f"{path} is a folder, not a file")
        if not target.parent.is_dir():
            raise FileNotFoundError(f"{path} cannot be written: there is no folder {target.parent}")
        with suppress(FileNotFoundError):
            os.lstat(target)  # fails if the name is too long
    return target


def check_regular(path: Place) -> None:
    """Raise an OSError if a file that is to be continued is a device, a pipe or a socket."""
    if is_stream(path):
        raise OSError(errno.EINVAL, "it is not a regular file, so it cannot be continued", os.fspath(path))


@contextmanager
def owned(path: Place, what: str) -> Iterator[None]:
    """Reserve a file that will be written repeatedly, so that no other process writes it.

    The lock is a file ``.NAME.lock`` beside it, which is removed at the end; the lock of a dead process does not count.
    If another process has the lock, BlockingIOError says that `what`, such as "another training", uses the file.
    """
    check_writable(path)
    check_regular(path)
    target = Path(os.path.realpath(path))
    place = target.with_name(f"{_stem_of(target)}.lock")
    with named(path):
        file = _locked(place)
    if file is None:
        raise BlockingIOError(f"{path}: {what} is using this file")
    with file:
        try:
            yield
        finally:
            if os.name == "nt":
                file.close()  # Windows cannot remove an open file
            with suppress(PermissionError):  # another process may have opened it meanwhile
                place.unlink(missing_ok=True)


def _locked(place: Path) -> IO[bytes] | None:
    """The file of a lock, locked; None if another process has locked it."""
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
        file.close()  # its owner has just removed it, so a new file is needed


def _stem_of(target: Path) -> str:
    """The beginning of the names of a file's temporary files, short enough for any system and different by machine."""
    name = os.fsencode(target.name)[:80].decode("utf-8", "ignore")
    return f".{name}.{zlib.crc32(os.fsencode(target.name + socket.gethostname())):08x}"


def _part_of(target: Path) -> Path:
    return target.with_name(f"{_stem_of(target)}.{os.getpid()}.{secrets.token_hex(8)}.part")


def _remove_dead(target: Path) -> None:
    """Remove temporary files of this file whose writers on this machine are dead."""
    if os.name != "posix":
        return  # Windows cannot be asked safely whether a process lives
    for name in glob.iglob(f"{glob.escape(_stem_of(target))}.*.part", root_dir=target.parent, include_hidden=True):
        writer = name.split(".")[-3]
        if writer.isdecimal() and not _lives(int(writer)):
            (target.parent / name).unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it belongs to somebody else
        pass
    return True


def _write(part: Path, content: bytes | memoryview, target: Path) -> None:
    with open(part, "xb") as file:
        for i in range(0, max(1, len(content)), PIECE):  # Python reacts to Ctrl-C between the pieces
            file.write(content[i : i + PIECE])
            file.flush()
            os.fsync(file.fileno())
    if target.exists():
        shutil.copymode(target, part)


def _place(parts: list[Path], targets: list[Path]) -> None:
    """Rename the temporary files. The old content of the last one needs no copy, because nothing follows it."""
    before = [target.read_bytes() if target.exists() else None for target in targets[:-1]]
    for i, (part, target) in enumerate(zip(parts, targets, strict=True)):
        try:
            os.replace(part, target)
        except OSError:
            for placed, content in zip(targets[:i], before, strict=False):
                placed.unlink() if content is None else placed.write_bytes(content)
            raise


def _sync(folder: Path) -> None:
    """Write a folder to the disk, and with it the new names of its files; Windows has no such operation."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
