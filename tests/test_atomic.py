"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
import sys

import pytest

from sn89.atomic import write_together, write_whole

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
