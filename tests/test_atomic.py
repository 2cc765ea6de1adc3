"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sn89
from sn89.atomic import check_writable, owned, write_together, write_whole

linux = pytest.mark.skipif(sys.platform != "linux", reason="a disk that is always full")
posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and symbolic links as on POSIX")


def found(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_is_made_and_replaced(tmp_path):
    for content in (b"one", b"two\r\n\x00"):
        write_whole(tmp_path / "file", content)
        assert found(tmp_path) == {"file": content}


def test_a_name_as_long_as_names_may_be(tmp_path):
    write_whole(tmp_path / ("n" * 250), b"content")
    assert found(tmp_path) == {"n" * 250: b"content"}


@posix
def test_permissions_are_those_of_new_files_or_of_the_file_before(tmp_path):
    for umask, mode in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
        path, before = tmp_path / f"{umask}", os.umask(umask)
        try:
            write_whole(path, b"")
            assert stat.S_IMODE(path.stat().st_mode) == mode
            path.chmod(0o640)
            write_whole(path, b"")
        finally:
            os.umask(before)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


@posix
def test_a_symbolic_link_stays_one(tmp_path):
    (tmp_path / "there").mkdir()
    for name, target in (("link", "there/file"), ("to a link", "link")):
        (tmp_path / name).symlink_to(target)
        write_whole(tmp_path / name, name.encode())
        assert (tmp_path / name).is_symlink()
        assert found(tmp_path / "there") == {"file": name.encode()}


def test_what_fails_leaves_nothing_behind(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError, match="folder is a folder, not a file"):
        write_together({tmp_path / "file": b"new", tmp_path / "folder": b"new"})
    with pytest.raises(FileNotFoundError, match="nowhere"):
        write_together({tmp_path / "file": b"new", tmp_path / "nowhere" / "file": b"new"})
    with pytest.raises(TypeError, match="bytes-like"):
        write_together({tmp_path / "file": b"new", tmp_path / "other": "text"})
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("before", [{}, {"a": b"old a", "c": b"old c"}], ids=["new", "replaced"])
@pytest.mark.parametrize("fails", [1, 2, 3])
def test_if_one_cannot_take_its_place_none_does(tmp_path, monkeypatch, before, fails):
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)
    calls, replace = [], os.replace

    def failing(part, target):
        calls.append(target)
        if len(calls) == fails:
            raise PermissionError("no")
        replace(part, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(PermissionError, match="no"):
        write_together({tmp_path / name: b"new" for name in "abc"})
    assert found(tmp_path) == before
    assert len(calls) == fails


def test_all_is_on_disk_before_anything_takes_its_place(tmp_path, monkeypatch):
    seen, sync, replace = [], os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda number: (seen.append("sync"), sync(number)))
    monkeypatch.setattr(os, "replace", lambda part, target: (seen.append("replace"), replace(part, target)))
    write_together({tmp_path / "a": b"a", tmp_path / "b": b"b"})
    assert seen == ["sync", "sync", "replace", "replace"] + ["sync"] * (os.name == "posix")  # and the folder


# ---- What is no file, and what cannot be written ---------------------------------------------------------------------


@posix
def test_a_device_is_written_into_and_never_replaced(tmp_path):
    before = os.stat("/dev/null")
    write_whole("/dev/null", b"gone")
    (tmp_path / "link").symlink_to("/dev/null")
    write_together({tmp_path / "link": b"gone", tmp_path / "file": b"content"})
    assert os.stat("/dev/null").st_rdev == before.st_rdev
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"content"


@posix
def test_a_pipe_with_a_name_is_written_into(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="nobody reads from this pipe"):
        write_whole(tmp_path / "pipe", b"content")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(tmp_path / "pipe", b"content")
        assert os.read(reader, 100) == b"content"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)


@posix
def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the names of sockets are short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
        with pytest.raises(OSError, match="it is a socket, which cannot be written to as a file"):
            write_whole("socket", b"content")
        assert stat.S_ISSOCK(os.stat("socket").st_mode)


NET = sn89.Net(sn89.Input(8, 8), sn89.Full("output", 10), seed=1)
DIGITS = np.eye(10, 64).reshape(10, 8, 8), np.arange(10)
GOES_ON = "it is not a regular file, so it cannot be continued"
ONCE = "nobody reads from this pipe"


def checkpointed(path):
    sn89.train(NET, *DIGITS, rule=sn89.SGD(0.01), passes=1, progress=False, checkpoint=path)


def swept_once(seed):
    return {"seed_again": seed}


def swept(path):
    sn89.sweep.run(swept_once, seeds=1, out=path, progress=False)


WRITERS = {
    "net": (lambda path: sn89.save(NET, path), ONCE),
    "net.onnx": (lambda path: sn89.export.onnx(NET, path), ONCE),
    "net.c": (lambda path: sn89.export.c(NET, path), ONCE),
    "net.html": (lambda path: sn89.export.page(NET, path, size=8), ONCE),
    "checkpoint": (checkpointed, GOES_ON),
    "sweep.jsonl": (swept, GOES_ON),
}


@posix
@pytest.mark.parametrize("name", WRITERS)
def test_no_writer_replaces_a_pipe_a_device_or_a_socket(tmp_path, monkeypatch, name):
    write, words = WRITERS[name]
    if name == "net.onnx":
        pytest.importorskip("onnx")
    monkeypatch.chdir(tmp_path)
    os.mkfifo(name)
    with pytest.raises(OSError, match=words):
        write(name)
    assert stat.S_ISFIFO(os.stat(name).st_mode)
    os.unlink(name)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(name)
        with pytest.raises(OSError, match=GOES_ON if words == GOES_ON else "it is a socket, which cannot be written"):
            write(name)
        assert stat.S_ISSOCK(os.stat(name).st_mode)
    os.unlink(name)
    os.symlink("/dev/null", name)
    if words == GOES_ON:
        with pytest.raises(OSError, match=words):
            write(name)
    else:
        write(name)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert {one.name for one in tmp_path.iterdir()} <= {name, "net.h"}


def test_a_lock_is_the_first_ones_and_what_windows_says_of_it_is_understood(tmp_path, monkeypatch):
    """There a lock that is another's is a PermissionError; where the file is open it cannot be removed."""
    with owned(tmp_path / "file", "another one"), pytest.raises(BlockingIOError, match="another one is using"):
        owned(tmp_path / "file", "another one").__enter__()

    def refuse(*told, **how):
        raise PermissionError

    monkeypatch.setattr("sn89.atomic._lock", refuse)
    with pytest.raises(BlockingIOError, match="file: another one is using this file"):
        owned(tmp_path / "file", "another one").__enter__()
    monkeypatch.undo()
    monkeypatch.setattr("sn89.atomic.Path.unlink", refuse)
    with owned(tmp_path / "file", "another one"):
        pass


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (
            lambda name: sn89.save(NET, f"{name}.png"),
            r"a safetensors file is written, so .* \.safetensors, not 'it.png'",
        ),
        (
            lambda name: sn89.export.onnx(NET, f"{name}.npz"),
            r"an ONNX file is written, so .* \.onnx, not 'it.npz'",
        ),
        (
            lambda name: sn89.export.page(NET, f"{name}.png"),
            r"a web page is written, so .* \.html, not 'it.png'",
        ),
        (
            lambda name: sn89.export.page(NET, size=8).save(f"{name}.pdf"),
            r"a web page is written, so .* \.html, not 'it.pdf'",
        ),
        (
            lambda name: sn89.export.c(NET, f"{name}.py"),
            r"the name of a C file must end in \.c, not 'it.py'",
        ),
    ],
)
def test_a_name_that_promises_something_else_is_refused(tmp_path, monkeypatch, write, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=words):
        write("it")
    assert not list(tmp_path.iterdir())


@posix
def test_standard_output_that_goes_to_a_file_is_added_to(tmp_path):
    script = "from sn89.atomic import write_whole; write_whole('/dev/stdout', b'content')"
    with open(tmp_path / "file", "ab") as file:
        file.write(b"before ")
        file.flush()
        subprocess.run([sys.executable, "-c", script], stdout=file, check=True)
    assert (tmp_path / "file").read_bytes().endswith(b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@posix
def test_parts_of_the_dead_are_removed_by_the_next_writer(tmp_path):
    """And of nobody else: not those of another file, nor of a process that lives."""
    script = (
        "import os, signal, sys; os.fsync = lambda number: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from sn89.atomic import write_whole; write_whole(sys.argv[1], b'content')"
    )
    for name in ("one", "one.two"):
        subprocess.run([sys.executable, "-c", script, tmp_path / name], check=False)
    (left,) = (path for path in tmp_path.iterdir() if path.name.startswith(".one.two."))
    alive = tmp_path / left.name.replace(left.name.split(".")[-3], str(os.getppid()))
    alive.write_bytes(b"")
    assert len(list(tmp_path.iterdir())) == 3
    write_whole(tmp_path / "one", b"content")
    assert {path.name for path in tmp_path.iterdir()} == {"one", left.name, alive.name}
    write_whole(tmp_path / "one.two", b"content")
    assert {path.name for path in tmp_path.iterdir()} == {"one", "one.two", alive.name}


@pytest.mark.parametrize("name", ["n" * 300, "\N{SNOWMAN}" * 90])
def test_a_name_that_is_too_long(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    for write in (check_writable, lambda path: write_whole(path, b"")):
        with pytest.raises(OSError) as caught:  # noqa: PT011
            write(name)
        assert name in str(caught.value)  # as it was given
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("", OSError, "no file can have this name: ''"),
        ("a\0b", OSError, "no file can have this name"),
        ("/", OSError, "is a folder, not a file"),
        (3, TypeError, "PathLike"),  # and no open file of that number
        pytest.param("/dev/full", OSError, "No space left on device: '/dev/full'", marks=linux),
    ],
)
def test_what_is_no_name_of_a_file(tmp_path, monkeypatch, name, kind, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind, match=words):
        write_whole(name, b"content")
    if name != "/dev/full":
        with pytest.raises(kind, match=words):
            check_writable(name)
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_is_named_as_it_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("other").write_bytes(b"of something else")
    how = {"rule": sn89.SGD(0.01), "passes": 1, "progress": False}
    for name, kind, words in (
        ("folder", IsADirectoryError, "^folder is a folder"),
        ("nowhere/file", FileNotFoundError, "^nowhere.file cannot be written"),
        ("other", ValueError, "^other: it is not a safetensors file"),
    ):
        with pytest.raises(kind, match=words):
            sn89.train(NET, *DIGITS, checkpoint=name, resume=True, **how)
    with owned("other", "something"), pytest.raises(BlockingIOError, match=r"^other: another training is using"):
        sn89.train(NET, *DIGITS, checkpoint="other", resume=True, **how)


@posix
@pytest.mark.parametrize("read", [sn89.load, sn89.storage.about])
def test_a_net_is_read_from_a_file_and_nothing_else(tmp_path, read):
    """A pipe that nobody writes to would be waited for; the number of an open file would close it."""
    os.mkfifo(tmp_path / "pipe")
    for name in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ValueError, match=f"{name}: it is not a regular file"):
            read(name)
    with open(__file__, "rb") as file:
        with pytest.raises(TypeError, match="int"):
            read(file.fileno())
        os.fstat(file.fileno())


def test_a_name_of_many_bytes(tmp_path):
    name = "\N{SNOWMAN}" * 80
    write_whole(tmp_path / name, b"content")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_cannot_be_written_is_told_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError, match=r"^folder is a folder"):
        check_writable("folder")
    with pytest.raises(FileNotFoundError, match=r"^nowhere.file cannot be written: there is no folder"):
        check_writable("nowhere/file")

    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device", "part")

    check_writable("file")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device: 'file'"):
        check_writable("file")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize(
    "name",
    [
        "aux.safetensors",
        "CON",
        "nul.tar.gz",
        "com1.c",
        "LPT¹",
        "prn .c",
        "net:1.h5",
        "a?.png",
        "net.",
        "net ",
        "aux/net",
    ],
)
def test_names_that_windows_reserves_are_refused_there_and_nowhere_else(tmp_path, monkeypatch, name):
    (tmp_path / "aux").mkdir()
    write_whole(tmp_path / name, b"before")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sn89.atomic.WINDOWS", True)
    for write in (check_writable, lambda path: write_whole(path, b"after")):
        with pytest.raises(OSError, match=r"Windows does not allow this name, choose another: '" + re.escape(name)):
            write(name)
    assert Path(name).read_bytes() == b"before"
    assert len(list(tmp_path.rglob("*"))) == 2  # the folder and the file


@pytest.mark.parametrize("name", ["auxiliary.c", "com10", "a.aux", "console.h", ".net", "zip code.png", "../n", "./n"])
def test_names_that_windows_allows(tmp_path, monkeypatch, name):
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    monkeypatch.setattr("sn89.atomic.WINDOWS", True)
    write_whole(name, b"content")
    assert Path(name).read_bytes() == b"content"
