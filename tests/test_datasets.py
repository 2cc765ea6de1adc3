"""The data sets: found, fetched, checked, parsed, scaled, drawn.

Nothing here touches the user's cache or the network. What needs the real files takes them from the folder
``$SN89_DATA``, and is skipped if they are not in it.
"""

import bz2
import dataclasses
import gc
import gzip
import hashlib
import importlib
import io
import math
import os
import signal
import subprocess
import sys
import threading
import tracemalloc
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pooch
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sn89 import datasets
from sn89.datasets import DataNotFoundError, Digits, files, formats, glyphs

# requests leaves the sockets of answers that were not read to the end to the garbage collector, which complains.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

# The functions hide the modules of the same names.
usps = importlib.import_module("sn89.datasets.usps")
mnist = importlib.import_module("sn89.datasets.mnist")
synthetic = importlib.import_module("sn89.datasets.synthetic")


def parse_zip(text):
    images, labels = formats.text.table(io.BufferedReader(io.BytesIO(text)), usps.BOUNDS._replace(labels=range(10)))
    return images.reshape(-1, 16, 16), labels


def parse_libsvm(text):
    bounds = usps.BOUNDS._replace(labels=range(1, 11))
    images, labels = formats.text.libsvm(io.BufferedReader(io.BytesIO(text)), bounds)
    return usps.restored(images), labels - 1


def parse_idx(content):
    return formats.idx.read(io.BufferedReader(io.BytesIO(content)), formats.Bounds())[""]


REAL = os.environ.get("SN89_DATA")
URLS = (usps.URL, *usps.MIRRORS, mnist.URL, *mnist.MIRRORS)  # before they are replaced


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache of our own, no folder in the environment, and no network."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(pooch, "os_cache", lambda project: folder)
    monkeypatch.delenv("SN89_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    for module in (usps, mnist):
        monkeypatch.setattr(module, "URL", "http://127.0.0.1:9/")  # nobody listens there
        monkeypatch.setattr(module, "MIRRORS", ())
    return folder


@pytest.fixture
def here(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture
def server():
    """A web server on this machine; it serves what is put in its dictionary ``content``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.requests.append(self.path)
            self.server.accepted.append(self.headers["Accept-Encoding"])
            content = self.server.content.get(self.path.lstrip("/"))
            if callable(content):
                content(self)
            elif content is None:
                self.send_error(404)
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(self.server.length or len(content)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        web.content, web.requests, web.accepted, web.length, web.over = {}, [], [], None, threading.Event()
        web.url = f"http://127.0.0.1:{web.server_port}/"
        threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield web
        web.over.set()
        web.shutdown()


# ---------------------------------------------------------------------------------------- USPS, in the small


def zip_text(images, labels):
    rows = zip(labels, images.reshape(len(images), -1), strict=True)
    return "".join(f"{label} {' '.join(f'{level:g}' for level in row)}\n" for label, row in rows).encode()


def libsvm_text(images, labels, decimals=3):
    """As LIBSVM writes it: zeros are left out."""
    pairs = np.array([f"{i}:%.{decimals}f " for i in range(1, 257)], object)
    rows = zip(labels, images.reshape(len(images), -1), strict=True)
    return "".join(f"{label + 1} {pairs[row != 0].sum()}\n" % tuple(row[row != 0]) for label, row in rows).encode()


def smoothed(images):
    """Smooth digits as LIBSVM's are, by adding up shifted images: not the way the package undoes it."""
    weight = np.exp(-(np.arange(-3, 4) ** 2) / (2 * 0.75**2))
    padded = np.pad(images, ((0, 0), (3, 3), (3, 3)), constant_values=-1.0)
    rows = sum(w * padded[:, i : i + 16] for i, w in enumerate(weight))
    return sum(w * rows[:, :, i : i + 16] for i, w in enumerate(weight)) / weight.sum() ** 2


def some_digits(count, seed):
    rng = np.random.default_rng(seed)
    images = rng.integers(-1000, 1001, (count, 16, 16)) / 1000
    images[rng.random(images.shape) < 0.6] = -1
    images[rng.random(images.shape) < 0.05] = 0
    return images, rng.integers(0, 10, count)


def published(part, images, labels):
    """What usps.TRAIN or usps.TEST would be if these were the digits of the Postal Service."""
    text = zip_text(images, labels)
    float_images = images.astype(np.float32)
    return part._replace(
        file=part.file._replace(known_hash=hashlib.sha256(gzip.compress(text, mtime=0)).hexdigest()),
        counts=tuple(np.bincount(labels, minlength=10).tolist()),
        digits_sha256=hashlib.sha256(usps.digit_bytes((float_images, labels))).hexdigest(),
    )


@pytest.fixture
def small(monkeypatch):
    """A small set that passes for the USPS one: its files, by name, in every form."""
    contents = {}
    for part, name, libsvm, seed in (("TRAIN", "zip.train", "usps", 1), ("TEST", "zip.test", "usps.t", 2)):
        images, labels = some_digits(12, seed)
        monkeypatch.setattr(usps, part, published(getattr(usps, part), images, labels))
        contents[name] = zip_text(images, labels)
        contents[f"{name}.gz"] = gzip.compress(contents[name], mtime=0)
        contents[f"{libsvm}.bz2"] = bz2.compress(libsvm_text(images, labels))
        contents[f"smoothed {libsvm}.bz2"] = bz2.compress(libsvm_text(smoothed(images), labels, 6))
    return contents


def put(folder, contents, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name.removeprefix("smoothed ")).write_bytes(contents[name])


def same(a: Digits, b: Digits) -> bool:
    """Whether two sets are the same to the last bit."""
    pairs = [(x, y) for p, q in zip(a, b, strict=True) for x, y in zip(p, q, strict=True)]
    return all(x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes() for x, y in pairs)


ZIP = ("zip.train.gz", "zip.test.gz")


@pytest.mark.parametrize(
    "names",
    [
        ("zip.train", "zip.test"),
        ("usps.bz2", "usps.t.bz2"),
        ("smoothed usps.bz2", "smoothed usps.t.bz2"),
        ("zip.train.gz", "usps.t.bz2"),
        ("smoothed usps.bz2", "zip.test"),
    ],
)
def test_every_form_gives_the_same_digits(small, here, tmp_path, names):
    put(here, small, *names)
    put(tmp_path / "zip", small, *ZIP)
    assert same(datasets.usps(here), datasets.usps(tmp_path / "zip"))


def test_digits_are_as_promised(small, here):
    put(here, small, *ZIP)
    digits = datasets.usps(str(here))
    (X, y), (Xt, yt) = digits
    images, labels = some_digits(12, 1)
    assert X.dtype == Xt.dtype == np.float32
    assert y.dtype == yt.dtype == np.int64
    assert X.shape == Xt.shape == (12, 16, 16)
    assert X.flags.c_contiguous
    np.testing.assert_array_equal(X, images.astype(np.float32))
    np.testing.assert_array_equal(y, labels)
    assert (digits.name, digits.synthetic) == ("USPS", False)
    assert digits.source == f"zip.train.gz, zip.test.gz in {here}"
    assert repr(digits) == f"<Digits 'USPS': 12 + 12 images of 16x16; {digits.source}>"
    with pytest.raises(dataclasses.FrozenInstanceError):
        digits.name = "mine"
    assert digits != Digits("USPS", *digits, source=digits.source)  # compared by identity, not by pixels


# --------------------------------------------------------------------------------------------- finding files


def test_path_is_the_only_folder_looked_in(small, here, tmp_path, cache, server, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    put(elsewhere, small, *ZIP)
    put(cache, small, *ZIP)
    monkeypatch.setenv("SN89_DATA", str(elsewhere))
    monkeypatch.setattr(usps, "URL", server.url)
    put(here, small, "zip.train.gz")
    with pytest.raises(DataNotFoundError) as caught:
        datasets.usps(here)
    message = str(caught.value)
    assert str(here) in message
    assert "zip.test.gz or zip.test or usps.t.bz2 or usps.t" in message
    assert "zip.train" not in message  # that one is there
    assert str(elsewhere) not in message
    assert server.requests == []


def test_path_that_is_no_folder(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"nowhere \(no such folder\) for zip\.train\.gz or"):
        datasets.usps(tmp_path / "nowhere")
    with pytest.raises(DataNotFoundError, match=r"nowhere \(no such folder\) for train-images-idx3-ubyte\.gz or"):
        datasets.mnist(path=tmp_path / "nowhere")


def test_path_may_begin_at_home(small, here, monkeypatch):
    put(here, small, *ZIP)
    monkeypatch.setenv("HOME", str(here.parent))
    monkeypatch.setenv("USERPROFILE", str(here.parent))
    assert str(here) in datasets.usps("~/here").source


def test_environment_comes_before_the_cache(small, here, cache, monkeypatch):
    put(here, small, *ZIP)
    put(cache, small, *ZIP)
    assert str(cache) in datasets.usps().source
    monkeypatch.setenv("SN89_DATA", str(here))
    assert str(here) in datasets.usps().source


def test_environment_that_lacks_a_file_is_made_up_for_by_the_cache(small, here, cache, monkeypatch):
    put(here, small, "zip.train.gz")
    put(cache, small, "zip.test.gz")
    monkeypatch.setenv("SN89_DATA", str(here))
    assert datasets.usps().source == f"zip.train.gz in {here}; zip.test.gz in {cache}"
    monkeypatch.setenv("SN89_DATA", str(here / "nowhere"))
    with pytest.raises(DataNotFoundError, match=r"nowhere \(no such folder\)"):
        datasets.usps(download=False)


def test_corrupt_file_is_not_passed_over(small, here, cache, monkeypatch):
    put(here, {"zip.train.gz": b"\x1f\x8brubbish", "zip.train": small["zip.train"]}, "zip.train.gz", "zip.train")
    put(cache, small, *ZIP)
    monkeypatch.setenv("SN89_DATA", str(here))
    with pytest.raises(ValueError, match=r"here.zip\.train\.gz: it cannot be decompressed"):
        datasets.usps()


def test_folder_of_the_right_name_is_no_file(small, here):
    (here / "zip.train.gz").mkdir()
    put(here, small, "zip.train", "zip.test")
    assert datasets.usps(here).source == f"zip.train, zip.test in {here}"


def test_error_is_one_of_files_not_found():
    assert issubclass(DataNotFoundError, FileNotFoundError)


# --------------------------------------------------------------------------------------------- fetching files


def test_download_goes_to_the_cache_and_happens_once(small, cache, server, monkeypatch, capsys):
    monkeypatch.setattr(usps, "URL", server.url)
    server.content = small
    digits = datasets.usps()
    assert server.requests == ["/zip.train.gz", "/zip.test.gz"]
    assert "100%" in capsys.readouterr().err  # a progress bar was shown
    assert sorted(p.name for p in cache.iterdir()) == sorted(ZIP)
    assert same(datasets.usps(), digits)
    assert len(server.requests) == 2


def test_only_what_is_missing_is_downloaded(small, here, server, monkeypatch):
    put(here, small, "usps.bz2")
    monkeypatch.setenv("SN89_DATA", str(here))
    monkeypatch.setattr(usps, "URL", server.url)
    server.content = small
    datasets.usps()
    assert server.requests == ["/zip.test.gz"]


def test_nothing_is_downloaded_if_not_allowed(small, cache, server, monkeypatch):
    monkeypatch.setattr(usps, "URL", server.url)
    server.content = small
    with pytest.raises(DataNotFoundError, match=r"cache \(no such folder\).*SN89_DATA"):
        datasets.usps(download=False)
    assert server.requests == []
    assert not cache.exists()


def test_download_of_something_else(small, cache, server, monkeypatch):
    monkeypatch.setattr(usps, "URL", server.url)
    server.content = {"zip.train.gz": small["zip.test.gz"]}
    with pytest.raises(ValueError, match=r"/zip\.train\.gz: the download is not the published file.*expected"):
        datasets.usps()
    assert list(cache.iterdir()) == []


def test_download_as_announced_but_with_other_content(small, server, monkeypatch):
    monkeypatch.setattr(usps, "URL", server.url)
    monkeypatch.setattr(usps, "TRAIN", usps.TRAIN._replace(digits_sha256="0" * 64))
    server.content = small
    with pytest.raises(
        ValueError, match=r"zip\.train\.gz: its content is not the published one: its SHA-256 is .* 0000"
    ):
        datasets.usps()


def test_mirrors_are_tried_in_turn(small, cache, server, monkeypatch):
    """The first is not there, the second has something else."""
    monkeypatch.setattr(usps, "MIRRORS", (f"{server.url}other/", server.url))
    server.content = {**small, **{f"other/{name}": b"a page of a hotel's network" for name in ZIP}}
    datasets.usps()
    assert server.requests == ["/other/zip.train.gz", "/zip.train.gz", "/other/zip.test.gz", "/zip.test.gz"]
    assert sorted(p.name for p in cache.iterdir()) == sorted(ZIP)


def test_all_mirrors_fail(server, monkeypatch):
    monkeypatch.setattr(usps, "MIRRORS", (server.url,))
    with pytest.raises(DataNotFoundError) as caught:
        datasets.usps()
    for url in (usps.URL, server.url):
        assert f"The download from {url}zip.train.gz failed" in str(caught.value)


def test_nothing_is_to_be_packed_on_the_way(small, server, monkeypatch):
    monkeypatch.setattr(usps, "URL", server.url)
    server.content = small
    datasets.usps()
    assert server.accepted == ["identity", "identity"]


def endless(web, head: bytes, more: bytes):
    """An answer of such a head and of what comes after it again and again, until nobody listens or the test is over."""

    def answer(handler):
        with suppress(OSError):
            handler.wfile.write(head)
            while not web.over.wait(0.001):
                handler.wfile.write(more)

    return answer


ENDLESS = {
    "head": (b"HTTP/1.0 200 OK\r\nX: ", b"x", "PATIENCE", "it took more than 0.1 seconds"),
    "body by single bytes": (b"HTTP/1.0 200 OK\r\n\r\n", b"x", "PATIENCE", "it took more than 0.1 seconds"),
    "body": (b"HTTP/1.0 200 OK\r\n\r\n", bytes(2**16), "LARGEST", "it has more than 100 bytes"),
    "length": (
        b"HTTP/1.0 200 OK\r\nContent-Length: " + b"9" * 4999 + b"\r\n\r\n",
        bytes(2**16),
        "LARGEST",
        "more than",
    ),
}


# requests leaves the socket of an answer that was not read to its end to the garbage collector, which complains
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("head", "more", "limit", "words"), ENDLESS.values(), ids=ENDLESS)
def test_a_download_without_end(cache, server, monkeypatch, head, more, limit, words):
    monkeypatch.setattr(usps, "URL", server.url)
    monkeypatch.setattr(files, limit, {"LARGEST": 100, "PATIENCE": 0.1}[limit])
    monkeypatch.setattr(files, "GRACE", 0.01)
    server.content = {"zip.train.gz": endless(server, head, more)}
    with pytest.raises(DataNotFoundError, match=words):
        datasets.usps()
    server.over.set()
    for thread in threading.enumerate():
        if "carry_out" in thread.name:
            thread.join()
    gc.collect()
    assert list(cache.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no way to press Ctrl-C for one thread alone")
def test_ctrl_c_ends_a_download_and_leaves_nothing(cache, server, monkeypatch):
    def answer(handler):
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + bytes(2**20))
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        with suppress(OSError):
            while not server.over.wait(0.001):
                handler.wfile.write(bytes(2**16))

    monkeypatch.setattr(usps, "URL", server.url)
    monkeypatch.setattr(files, "GRACE", 60)  # it takes no longer than the download's next piece
    server.content = {"zip.train.gz": answer}
    with pytest.raises(KeyboardInterrupt):
        datasets.usps()
    assert list(cache.iterdir()) == []


def test_what_a_server_calls_packed_is_not_unpacked(small, server, monkeypatch):
    """Some say so of every file whose name ends in .gz; others would have unpacked it to any size."""
    monkeypatch.setattr(usps, "URL", server.url)
    for name in ZIP:
        head = b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
        server.content[name] = lambda handler, answer=head + small[name]: handler.wfile.write(answer)
    assert len(datasets.usps().train[1]) == 12


def test_the_text_beside_a_redirection_is_not_read(small, cache, server, monkeypatch):
    monkeypatch.setattr(usps, "URL", f"{server.url}old/")
    server.content = dict(small)
    for name in ZIP:
        head = f"HTTP/1.0 302 Found\r\nLocation: {server.url}{name}\r\n\r\n".encode()
        server.content[f"old/{name}"] = endless(server, head, bytes(2**16))
    assert len(datasets.usps().train[1]) == 12
    assert sorted(one.name for one in cache.iterdir()) == sorted(ZIP)


def test_a_corrupt_file_in_the_cache_is_named_and_fetched_again(small, cache, server, monkeypatch):
    put(cache, {ZIP[0]: small[ZIP[0]][:-9], ZIP[1]: small[ZIP[1]]}, *ZIP)
    with pytest.raises(ValueError, match=r"zip.train.gz: it cannot .*; sn89 data usps --fetch downloads it again"):
        datasets.usps()
    server.content = small
    parts = [part.file for part in (usps.TRAIN, usps.TEST)]
    files.find("USPS", parts, [server.url], None, True, again=True)
    assert server.requests == ["/zip.train.gz"]
    assert len(datasets.usps().train[1]) == 12


def test_download_cut_short(small, cache, server, monkeypatch):
    monkeypatch.setattr(usps, "URL", server.url)
    server.content = small
    server.length = 10**6
    with pytest.raises(DataNotFoundError, match=r"The download from http://.*zip\.train\.gz failed"):
        datasets.usps()
    assert list(cache.iterdir()) == []


def test_what_killed_downloads_left_is_removed_by_the_next(small, cache, server, monkeypatch):
    """Pooch's temporary files: old ones are dead, for no download takes so long; new ones may be another's."""
    monkeypatch.setattr(usps, "URL", server.url)
    server.content = small
    cache.mkdir()
    for name, age in (("tmpabcd1234", 3000), ("tmpabcd1235", 10), ("tmpabcd1236.mine", 3000)):
        (cache / name).write_bytes(b"half")
        now = (cache / name).stat().st_mtime
        os.utime(cache / name, (now - age, now - age))
    datasets.usps()
    assert {one.name for one in cache.iterdir()} == {*ZIP, "tmpabcd1235", "tmpabcd1236.mine"}


def unreachable(web, monkeypatch):
    return "http://127.0.0.1:9/"


def missing(web, monkeypatch):
    return web.url


def silent(web, monkeypatch):
    monkeypatch.setattr(files, "TIMEOUT", 0.05)
    web.content = {"zip.train.gz": lambda _: web.over.wait()}  # no answer before the test is over
    return web.url


def malformed(web, monkeypatch):
    return "http://[/"  # what requests raises then is a ValueError too


# requests leaves the socket of an answer that never came to the garbage collector, which complains: let it do so here
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("host", "cause"),
    [
        (unreachable, "ConnectionError"),
        (missing, "HTTPError"),
        (silent, "ReadTimeout"),
        (malformed, "InvalidURL"),
    ],
)
def test_download_that_fails(here, cache, server, monkeypatch, host, cause):
    monkeypatch.setenv("SN89_DATA", str(here))
    monkeypatch.setattr(usps, "URL", host(server, monkeypatch))
    with pytest.raises(DataNotFoundError) as caught:
        datasets.usps()
    assert type(caught.value.__cause__).__name__ == cause
    message = str(caught.value)
    del caught
    gc.collect()
    names = "zip.train.gz or zip.train or usps.bz2 or usps"
    for part in (str(here), str(cache), names, "set SN89_DATA", "pass it as path"):
        assert part in message
    assert f"The download from {usps.URL}zip.train.gz failed" in message


def test_cache_that_cannot_be_written(small, cache, server, monkeypatch):
    monkeypatch.setattr(usps, "URL", server.url)
    server.content = small
    cache.write_text("not a folder")
    with pytest.raises(DataNotFoundError, match="failed"):
        datasets.usps()


def test_addresses_are_secure_folders_and_asked_with_patience():
    for url in URLS:
        assert url.startswith("https://")
        assert url.endswith("/")  # a file's name is put after it
    assert 1 <= files.TIMEOUT <= 30


# -------------------------------------------------------------------------------------------- corrupted files


@pytest.mark.parametrize("name", ["zip.train.gz", "usps.bz2"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c[: len(c) // 2],
        lambda c: c[:-1],
        lambda c: c[:6] + b"rubbish" + c[6:],
        lambda c: c[:200] + b"?" + c[201:],
    ],
    ids=["half", "all but a byte", "rubbish first", "a byte changed"],
)
def test_corrupt_compression(small, here, name, damage):
    put(here, small, "zip.test")
    (here / name).write_bytes(damage(small[name]))
    with pytest.raises(ValueError, match=f"{name}: it cannot be decompressed"):
        datasets.usps(here)


@pytest.mark.parametrize("name", ["zip.train.gz", "zip.train", "usps.bz2"])
def test_empty_file(small, here, name):
    put(here, small, "zip.test")
    empty = {".gz": gzip.compress(b""), ".bz2": bz2.compress(b"")}.get(Path(name).suffix, b"")
    (here / name).write_bytes(empty)
    with pytest.raises(ValueError, match=f"{name}: it is empty"):
        datasets.usps(here)


@pytest.mark.parametrize(
    ("name", "compress"), [("zip.train.gz", gzip.compress), ("usps.bz2", bz2.compress), ("zip.train", bytes)]
)
@pytest.mark.parametrize("line", [b"1", b"1\n", b"1 1:1\n", b" ".join([b"1"] * 257) + b"\n", b"\n"])
def test_decompression_bomb(small, here, name, compress, line):
    """Whatever the lines are, the first one too many ends it."""
    put(here, small, "zip.test")
    (here / name).write_bytes(compress(line * (2**19 // len(line))))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=f"{name}: (line .*|it is empty|it holds more)"):
            datasets.usps(here)
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


def one_pixel_off(images, labels):
    images[3, 5, 7] += 0.001 if images[3, 5, 7] < 0.9 else -0.001
    return images, labels


@pytest.mark.parametrize("name", ["zip.train", "usps.bz2", "smoothed usps.bz2"])
def test_other_digits_than_published(small, here, name):
    images, labels = one_pixel_off(*some_digits(12, 1))
    forged = {
        "zip.test": small["zip.test"],
        "zip.train": zip_text(images, labels),
        "usps.bz2": bz2.compress(libsvm_text(images, labels)),
        "smoothed usps.bz2": bz2.compress(libsvm_text(smoothed(images), labels, 6)),
    }
    put(here, forged, name, "zip.test")
    with pytest.raises(ValueError, match=r"its content is not the published one: its SHA-256 .* expected"):
        datasets.usps(here)


@pytest.mark.parametrize("name", ["zip.train", "usps.bz2"])
def test_digit_too_few(small, here, name):
    images, labels = some_digits(12, 1)
    put(here, small, "zip.test")
    text = zip_text(images[1:], labels[1:]) if name == "zip.train" else libsvm_text(images[1:], labels[1:])
    (here / name).write_bytes(text if name == "zip.train" else bz2.compress(text))
    with pytest.raises(
        ValueError, match=rf"{name}: it has 11 digits, expected 12: \(.*\) of the digits 0 to 9, expected \("
    ):
        datasets.usps(here)


# ------------------------------------------------------------------------------------------- parsing the text

ROW = ["-1"] * 256


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["3", *ROW[1:]], "it has 256 columns, expected 257"),
        (["3", *ROW, "0"], "it has more than 257 columns, expected 257"),
        ([], "it is blank"),
        (["10", *ROW], "label 10 is not one of 0 to 9"),
        (["-1", *ROW], "label -1 is not one of 0 to 9"),
        (["3.5", *ROW], "label 3.5 is not one of 0 to 9"),
        (["nan", *ROW], "label nan is not one of 0 to 9"),
        (["three", *ROW], "'three' is not a number"),
        (["3", *ROW[1:], "nan"], "nan is not a grey level from -1 to 1"),
        (["3", *ROW[1:], "inf"], "inf is not a grey level from -1 to 1"),
        (["3", *ROW[1:], "1.001"], "1.001 is not a grey level from -1 to 1"),
        (["3", *ROW[1:], "-1e9"], r"-1e\+09 is not a grey level from -1 to 1"),
        (["3", "ink" * 9, *ROW[1:]], "'inkinkinkinkinkinkin' is not a number"),
    ],
)
def test_bad_line_of_zip_text(columns, message):
    good = " ".join(["3", *ROW])
    with pytest.raises(ValueError, match=f"line 2: {message}"):
        parse_zip(f"{good}\n{' '.join(columns)}\n{good}\n".encode())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "it is blank"),
        ("0 1:1", "label 0 is not one of 1 to 10"),
        ("11 1:1", "label 11 is not one of 1 to 10"),
        ("1:1 2:1", "'1:1' is not a number"),
        ("1 0:1", "index '0' is not one of 1 to 256"),
        ("1 257:1", "index '257' is not one of 1 to 256"),
        ("1 1.5:1", "index '1.5' is not one of 1 to 256"),
        ("1 x:1", "'x' is not a number"),
        ("1 nan:1", "index 'nan' is not one of 1 to 256"),
        ("1 7:1 7:1", "an index occurs twice"),
        ("1 7", "column . is empty"),
        ("1 7:", "column . is empty"),
        ("1 7:1:2", "'1:2' is not a number"),
        ("1 7:-1.1", "-1.1 is not a grey level"),
        ("1 7:nan", "nan is not a grey level"),
        ("1 " + " ".join(f"{i}:0" for i in range(1, 258)), "index '257' is not one of 1 to 256"),
    ],
)
def test_bad_line_of_libsvm_text(line, message):
    with pytest.raises(ValueError, match=f"line 2: {message}"):
        parse_libsvm(f"1 1:1\n{line}\n1 1:1\n".encode())


@pytest.mark.parametrize("parse", [parse_zip, parse_libsvm])
def test_no_text(parse):
    with pytest.raises(ValueError, match="empty"):
        parse(b"")


def test_endless_line_is_not_taken_apart():
    text = b"1 " * 2**19
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="more than 257 columns"):
            parse_zip(text)
        assert tracemalloc.get_traced_memory()[1] < 4 * len(text)  # all its columns would take 20 times
    finally:
        tracemalloc.stop()


def test_levels_left_out_are_zero():
    images, labels = parse_libsvm(b"10 256:0.5 1:-0.25\n")
    assert labels.tolist() == [9]
    assert images.ravel().tolist() == [-0.25, *[0.0] * 254, 0.5]


def test_negative_zeros_are_zeros():
    for parse, line in (
        (parse_zip, " ".join(["6.0000", *["-0.0000"] * 256])),
        (parse_libsvm, "7 1:-0"),
    ):
        images, labels = parse(line.encode())
        assert labels.tolist() == [6]
        assert not np.signbit(images).any()


def test_images_neither_original_nor_smoothed():
    noise = np.random.default_rng(5).uniform(-1, 1, (1, 16, 16))  # rougher than anything smoothed
    with pytest.raises(ValueError, match="neither the original ones nor those that LIBSVM"):
        parse_libsvm(libsvm_text(noise, [3], 6))


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), ink=st.floats(0, 1))
def test_text_of_any_digits_is_parsed_again(seed, ink):
    rng = np.random.default_rng(seed)
    images = np.where(rng.random((2, 16, 16)) < ink, rng.integers(-1000, 1001, (2, 16, 16)), -1000) / 1000
    labels = rng.integers(0, 10, 2)
    texts = {
        "zip": (parse_zip, zip_text(images, labels)),
        "libsvm": (parse_libsvm, libsvm_text(images, labels)),
        "smoothed": (parse_libsvm, libsvm_text(smoothed(images), labels, 6)),
    }
    for parse, text in texts.values():
        found, found_labels = parse(text)
        np.testing.assert_array_equal(found, images.astype(np.float32))
        np.testing.assert_array_equal(found_labels, labels)


TOKENS = st.one_of(
    st.sampled_from(["nan", "-inf", "1e400", "1_0", "0x1", "", "\n", "1:1", "256:1", "::", "\0", "٣", "-0", "9"]),
    st.floats().map(repr),
    st.text(max_size=5),
)


@settings(max_examples=200)
@given(token=TOKENS, where=st.integers(0, 256), parse=st.sampled_from([parse_zip, parse_libsvm]))
def test_hostile_text_is_refused_or_gives_digits(token, where, parse):
    zip_columns = ["3", *["0.25"] * 256]
    libsvm_columns = ["3", *(f"{i}:0.25" for i in range(1, 257))]
    columns = zip_columns if parse is parse_zip else libsvm_columns
    columns[where] = token
    try:
        images, labels = parse(" ".join(columns).encode())
    except ValueError:
        return
    assert images.shape == (len(labels), 16, 16)
    assert np.abs(images).max() <= 1  # which no nan is
    assert set(labels.tolist()) <= set(range(10))


@settings(max_examples=100)
@given(text=st.binary(max_size=300), parse=st.sampled_from([parse_zip, parse_idx]))
def test_any_bytes_are_refused(text, parse):
    with pytest.raises(ValueError, match=r"line \d|empty|IDX|header|more than the limit"):
        parse(text)


# -------------------------------------------------------------------------------------------------- real USPS


def real(*names):
    missing = [name for name in names if not (REAL and (Path(REAL) / name).is_file())]
    return pytest.mark.skipif(bool(missing), reason=f"no {', '.join(missing)} in $SN89_DATA ({REAL})")


@pytest.fixture(scope="module")
def real_usps():
    return datasets.usps(REAL)


@real(*ZIP)
def test_real_usps(real_usps):
    (X, y), (Xt, yt) = real_usps
    assert (X.shape, Xt.shape) == ((7291, 16, 16), (2007, 16, 16))
    assert (X.dtype, y.dtype) == (np.float32, np.int64)
    assert X.flags.c_contiguous
    assert (X.min(), X.max(), Xt.min(), Xt.max()) == (-1, 1, -1, 1)
    assert y[:5].tolist() == [6, 5, 4, 7, 3]
    assert yt[:5].tolist() == [9, 6, 3, 6, 6]
    assert X[0, 0, 6:11].tolist() == np.float32([-1, -0.631, 0.862, -0.167, -1]).tolist()
    assert np.bincount(y).tolist() == list(usps.TRAIN.counts)
    # Right way up: the bar at the top of a mean 7 is its darkest row but for none below.
    assert X[y == 7].mean(0)[1].mean() > X[y == 7].mean(0)[14].mean()


@pytest.mark.thorough
@real(*ZIP)
@pytest.mark.parametrize("smooth", [False, True])
def test_real_usps_in_the_form_of_libsvm(real_usps, here, smooth):
    for (images, labels), name in zip(real_usps, ("usps.bz2", "usps.t.bz2"), strict=True):
        exact = np.round(images.astype(float), 3)
        text = libsvm_text(smoothed(exact), labels, 6) if smooth else libsvm_text(exact, labels)
        (here / name).write_bytes(bz2.compress(text, 1))
    assert same(datasets.usps(here), real_usps)


@real(*ZIP)
def test_libsvm_digits_are_the_smoothed_ones(real_usps):
    # The first image of usps.t as published by LIBSVM: its first two rows.
    rows = """-0.999999 -0.999928 -0.997885 -0.973729 -0.855772 -0.597416 -0.289254 0.001891
              0.199196 0.292162 0.058410 -0.398885 -0.782804 -0.958667 -0.997106 -0.999930
              -0.999966 -0.998471 -0.974300 -0.818158 -0.377626 0.178453 0.461835 0.486627
              0.456419 0.458590 0.441035 0.277677 -0.271572 -0.794389 -0.976394 -0.998986"""
    published = np.array(rows.split(), float).reshape(2, 16)
    original = real_usps.test[0][:1].astype(float)
    matrix = usps._smoothing()
    for images in (smoothed(original), matrix @ (original + 1) @ matrix.T - 1):
        np.testing.assert_allclose(images[0, :2], published, atol=1e-6, rtol=0)


@real(*ZIP)
def test_real_usps_with_a_pixel_changed(here):
    train, test = (gzip.decompress((Path(REAL) / name).read_bytes()) for name in ZIP)
    (here / "zip.train").write_bytes(train.replace(b" 0.8620 ", b" 0.8610 ", 1))
    (here / "zip.test").write_bytes(test)
    with pytest.raises(ValueError, match=rf"zip\.train: its content .*expected {usps.TRAIN.digits_sha256}"):
        datasets.usps(here)


@real(*ZIP)
def test_real_usps_downloaded(server, monkeypatch, cache):
    server.content = {name: (Path(REAL) / name).read_bytes() for name in ZIP}
    monkeypatch.setattr(usps, "URL", server.url)
    assert datasets.usps().source == f"zip.train.gz, zip.test.gz in {cache}"


# ------------------------------------------------------------------------------------------------------ MNIST


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def small_mnist(monkeypatch):
    """A small set that passes for MNIST: its files by name, compressed, and its arrays."""
    rng = np.random.default_rng(3)
    shapes = ((6, 28, 28), (6,), (4, 28, 28), (4,))
    arrays = [rng.integers(0, 256 if len(shape) == 3 else 10, shape).astype(np.uint8) for shape in shapes]
    arrays[0].flat[:2] = 0, 255
    contents, entries = {}, []
    for entry, array in zip(mnist.FILES, arrays, strict=True):
        content = contents[f"{entry.name}.gz"] = gzip.compress(idx(array), mtime=0)
        md5, sha256 = hashlib.md5(content).hexdigest(), hashlib.sha256(idx(array)).hexdigest()
        entries.append(entry._replace(known_hash=f"md5:{md5}", sha256=sha256, shape=array.shape))
    monkeypatch.setattr(mnist, "FILES", tuple(entries))
    return contents, arrays


def test_mnist_is_downloaded_once(small_mnist, server, cache, monkeypatch):
    contents, (x, y, xt, yt) = small_mnist
    server.content = contents
    monkeypatch.setattr(mnist, "URL", server.url)
    digits = datasets.mnist()
    (X, labels), (Xt, test_labels) = digits
    assert (digits.name, digits.synthetic) == ("MNIST", False)
    assert digits.source.endswith(f"t10k-labels-idx1-ubyte.gz in {cache}")
    assert X.dtype == np.float32
    assert labels.dtype == np.int64
    np.testing.assert_allclose(X, x / 127.5 - 1, atol=1e-7)
    np.testing.assert_allclose(Xt, xt / 127.5 - 1, atol=1e-7)
    assert (labels.tolist(), test_labels.tolist()) == (y.tolist(), yt.tolist())
    assert same(datasets.mnist(), digits)
    assert len(server.requests) == 4


def test_mnist_downloaded_is_something_else(small_mnist, server, monkeypatch):
    contents, _ = small_mnist
    server.content = dict.fromkeys(contents, b"a page of a hotel's network")
    monkeypatch.setattr(mnist, "URL", server.url)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz: the download is not the published"):
        datasets.mnist()


def test_mnist_without_a_network(capsys):
    with pytest.raises(DataNotFoundError, match="SN89_DATA") as caught:
        datasets.mnist()
    cause = caught.value.__cause__
    assert isinstance(cause, OSError)
    assert (cause.__cause__, cause.__context__, cause.__traceback__) == (None, None, None)  # they fill two screens
    assert "0.00B" not in capsys.readouterr().err  # a bar of nothing


def test_mnist_uncompressed(small_mnist, here):
    contents, _ = small_mnist
    for name, content in contents.items():
        (here / name.removesuffix(".gz")).write_bytes(gzip.decompress(content))
    assert datasets.mnist(path=here).source.startswith("train-images-idx3-ubyte, train-labels-idx1-ubyte, ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"\0\0\x08", "it is not in IDX format"),
        (b"\0\0\x0d\1\0\0\0\1\0\0\0\0", r"its shape is \(1,\), expected"),  # floats
        (b"\0\0\x08\0\0", "it is not in IDX format"),
        (b"\0\0\x08\5" + bytes(20), "it is not in IDX format"),
        (b"\0\0\x08\3\0\0\0\1", "the IDX header is cut off: it has 8 bytes, expected 16"),
        (b"\0\0\x08\1\0\0\0\2\7", "there are 1 bytes after the header, expected 2"),
        (b"\0\0\x08\1\0\0\0\2\7\7\7", "there are more bytes after the header, expected 2"),
        (b"\0\0\x08\3" + b"\xff" * 12, f"an array of shape .* has {(2**32 - 1) ** 3:,} bytes, more than the limit"),
        (b"\0\0\x08\2\x80\0\0\0\0\0\0\2", f"an array of shape .* has {2**32:,} bytes, more than the limit"),
        (idx(np.zeros((6, 28, 27))), r"its shape is \(6, 28, 27\), expected \(6, 28, 28\)"),
        (idx(np.zeros((6, 28, 28))), "its content is not the published one: its SHA-256"),
    ],
)
def test_bad_idx_file(small_mnist, here, content, message):
    contents, _ = small_mnist
    put(here, contents, *contents)
    (here / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=rf"train-images-idx3-ubyte\.gz: {message}"):
        datasets.mnist(path=here)


@given(shape=st.lists(st.integers(0, 5), min_size=1, max_size=3), seed=st.integers(0, 1000))
def test_idx_round_trip(shape, seed):
    array = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    found = parse_idx(idx(array))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, array)


@given(header=st.binary(max_size=20), claimed=st.integers(1, 3))
def test_idx_header_never_claims_what_is_not_there(header, claimed):
    content = bytes([0, 0, 8, claimed]) + header
    try:
        found = parse_idx(content)
    except ValueError:
        return
    assert found.ndim == claimed
    assert found.size == len(content) - 4 - 4 * claimed


@pytest.mark.parametrize("size", [0, 27, "28", None, True, [28], 28.5])
def test_bad_size(size):
    with pytest.raises(ValueError, match="size must be 28, 16 or 32, not"):
        datasets.mnist(size)


@pytest.mark.parametrize("scale", [(1, -1), (0, 0), (0, math.inf), (math.nan, 1), (0,), (0, 1, 2), 3, "ab", (0, 1e39)])
def test_bad_scale(scale):
    with pytest.raises(ValueError, match="scale must be two finite numbers, low < high, not"):
        datasets.mnist(scale=scale)


def test_default_scales(small_mnist, here):
    contents, (x, *_) = small_mnist
    put(here, contents, *contents)
    for size, low, high in ((28, -1.0, 1.0), (32, -0.1, 1.175)):
        images = datasets.mnist(size, here).train[0]
        assert (images.min(), images.max()) == (np.float32(low), np.float32(high))
    images = datasets.mnist(28, here, scale=(0, 255)).train[0]
    np.testing.assert_array_equal(images, x)


def test_size_32_is_centred(small_mnist, here):
    contents, (x, *_) = small_mnist
    put(here, contents, *contents)
    images = datasets.mnist(32, here, scale=(0, 255)).train[0]
    assert images.shape == (6, 32, 32)
    np.testing.assert_array_equal(images[:, 2:30, 2:30], x)
    images[:, 2:30, 2:30] = 0
    assert not images.any()


def bilinear(image, row, column):
    """Interpolate at one place, the plain way."""
    i, j = int(row), int(column)
    a, b = row - i, column - j
    top = (1 - b) * image[i, j] + b * image[i, j + 1]
    bottom = (1 - b) * image[i + 1, j] + b * image[i + 1, j + 1]
    return (1 - a) * top + a * bottom


def test_size_16_is_interpolated(small_mnist, here):
    contents, (x, *_) = small_mnist
    put(here, contents, *contents)
    images = datasets.mnist(16, here, scale=(0, 255)).train[0]
    assert images.shape == (6, 16, 16)
    where = [(i + 0.5) * 28 / 16 - 0.5 for i in range(16)]
    expected = [[[bilinear(image, r, c) for c in where] for r in where] for image in x.astype(float)]
    np.testing.assert_allclose(images, expected, atol=1e-4)


@given(source=st.integers(1, 40), size=st.integers(1, 40))
def test_interpolation_is_a_weighted_mean(source, size):
    weights = mnist.interpolation(source, size)
    assert weights.shape == (size, source)
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(1), 1)
    if size == source:
        np.testing.assert_array_equal(weights, np.eye(size))


@pytest.mark.parametrize("size", [28, 16, 32])
@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (-0.1, 1.175), (0.1, 0.3)])
def test_resize_never_leaves_the_range(size, low, high, monkeypatch):
    monkeypatch.setattr(mnist, "CHUNK", 2)  # three chunks, the last one short
    white = np.full((5, 28, 28), 255, np.uint8)
    images = mnist.resize(white, size, low, high)
    assert images.dtype == np.float32
    assert images.max() == np.float32(high)
    inside = images[:, 2:-2, 2:-2] if size == 32 else images
    assert inside.min() == np.float32(high)
    assert set(np.unique(mnist.resize(0 * white, size, low, high))) == {np.float32(low)}


MNIST = [f"{entry.name}.gz" for entry in mnist.FILES]


@real(*MNIST)
@pytest.mark.parametrize(("size", "mean"), [(28, -0.7387), (16, -0.7387), (32, 0.0275)])
def test_real_mnist(size, mean):
    (X, y), (Xt, yt) = datasets.mnist(size, REAL)
    assert (X.shape, Xt.shape) == ((60000, size, size), (10000, size, size))
    assert (X.dtype, y.dtype) == (np.float32, np.int64)
    assert X.flags.c_contiguous
    assert y[:5].tolist() == [5, 0, 4, 1, 9]
    assert yt[:5].tolist() == [7, 2, 1, 0, 4]
    assert X.mean(dtype=float) == pytest.approx(mean, abs=2e-3)


# -------------------------------------------------------------------------------------------------- synthetic


@pytest.fixture(scope="module")
def drawn():
    return datasets.synthetic()


def test_synthetic_digits_are_as_promised(drawn):
    assert (drawn.name, drawn.synthetic) == ("synthetic digits", True)
    assert drawn.source == "drawn by sn89, seed 1989; not comparable with the paper"
    for (images, labels), count in zip(drawn, (7291, 2007), strict=True):
        assert images.shape == (count, 16, 16)
        assert labels.shape == (count,)
        assert (images.dtype, labels.dtype) == (np.float32, np.int64)
        assert images.flags.c_contiguous
        assert (images.min(), images.max()) == (-1, 1)
        np.testing.assert_allclose(np.bincount(labels) / count, synthetic.FREQUENCIES, atol=0.03)


def test_synthetic_digits_fill_the_frame_with_ink(drawn):
    ink = drawn.train[0] > 0
    assert ink.any(axis=(1, 2)).all()
    rows, columns = ink.any(axis=2), ink.any(axis=1)
    extent = np.maximum(*(16 - a.argmax(1) - a[:, ::-1].argmax(1) for a in (rows, columns)))
    assert extent.min() >= 12
    paper = (drawn.train[0] == -1).mean(axis=(1, 2))
    assert paper.min() > 0.2
    assert 0.55 < paper.mean() < 0.7  # 0.59 in USPS


def test_synthetic_digits_are_readable_but_not_trivial(drawn):
    (X, y), (Xt, yt) = ((images.reshape(len(images), -1), labels) for images, labels in drawn)
    nearest = ((X**2).sum(1) - 2 * Xt @ X.T).argmin(1)
    assert 0.01 < (y[nearest] != yt).mean() < 0.05


def test_same_seed_same_digits_everywhere():
    few = datasets.synthetic(100, 50)
    content = b"".join(np.rint(1000 * images).astype("<i2").tobytes() for images, _ in few)
    assert hashlib.sha256(content).hexdigest() == "4454e0ce88814e1786d8c6fadc5231a56fbe7b292d54c816ce284f0a4768c9cc"
    assert few.train[1][:8].tolist() == [2, 0, 4, 6, 0, 5, 9, 9]
    thousandths = np.rint(1000 * few.train[0].astype(float))
    np.testing.assert_array_equal(few.train[0], (thousandths / 1000).astype(np.float32))


def test_fewer_digits_are_the_first_of_more(drawn, monkeypatch):
    few = datasets.synthetic(30, 2000)
    np.testing.assert_array_equal(few.train[0], drawn.train[0][:30])
    np.testing.assert_array_equal(few.test[0], drawn.test[0][:2000])
    np.testing.assert_array_equal(few.test[1], drawn.test[1][:2000])
    monkeypatch.setattr(synthetic, "CHUNK", 7)
    np.testing.assert_array_equal(datasets.synthetic(30, 1).train[0], few.train[0])


def test_other_seeds_and_parts_give_other_digits():
    a, b = datasets.synthetic(20, 20), datasets.synthetic(20, 20, seed=0)
    images = np.concatenate([a.train[0], a.test[0], b.train[0], b.test[0]])
    assert len(np.unique(images, axis=0)) == 80
    assert "seed 0;" in b.source


@pytest.mark.parametrize("argument", ["train", "test"])
@pytest.mark.parametrize("value", [0, -1, 2.5, "10", None, True])
def test_bad_number_of_synthetic_digits(argument, value):
    with pytest.raises((TypeError, ValueError), match=f"{argument} must be .*, not {value!r}"):
        datasets.synthetic(**{argument: value})


@pytest.mark.parametrize("seed", [-1, 0.5, None, "1989"])
def test_bad_seed(seed):
    with pytest.raises((TypeError, ValueError), match=f"seed must be .*, not {seed!r}"):
        datasets.synthetic(1, 1, seed=seed)


def test_numbers_may_come_from_numpy():
    assert same(datasets.synthetic(np.int32(2), np.int64(3), seed=np.int64(4)), datasets.synthetic(2, 3, seed=4))


ALL_GLYPHS = [glyph for ways in glyphs.GLYPHS for glyph in ways]


def test_there_is_a_way_to_write_every_digit():
    assert len(glyphs.GLYPHS) == len(synthetic.FREQUENCIES) == 10
    assert synthetic.FREQUENCIES.sum() == pytest.approx(1)
    assert all(glyphs.GLYPHS)


@pytest.mark.parametrize("glyph", ALL_GLYPHS, ids=lambda glyph: glyph.strokes)
def test_pen_goes_through_the_points(glyph):
    path = glyphs.pen_path(glyph)
    np.testing.assert_allclose(path.sum(1), 1)  # so that a moved glyph is a moved drawing
    dots = path @ glyph.points
    letters = {ord(letter) - ord("a") for letter in glyph.strokes.replace(" ", "")}
    assert letters == set(range(len(glyph.points)))  # every point is used
    for point in glyph.points:
        assert np.hypot(*(dots - point).T).min() < 1e-9
    steps = np.hypot(*np.diff(dots, axis=0).T)
    jumps = len(glyph.strokes.split()) - 1  # the pen is lifted between strokes
    assert np.sort(steps)[: len(steps) - jumps].max() < 1.9 * glyphs.DOT_SPACING


def test_closed_stroke_has_no_corner():
    square = glyphs.glyph("abcda", "0,0 100,0 100,100 0,100")
    dots = glyphs.pen_path(square) @ square.points
    first, last = dots[1] - dots[0], dots[-1] - dots[-2]
    assert first @ last / np.hypot(*first) / np.hypot(*last) > 0.95


# ----------------------------------------------------------------------------------------------------- import


def test_importing_is_light(tmp_path):
    heavy = "{'pooch', 'tqdm', 'requests'}"
    code = f"import sys, sn89.datasets; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_public_names():
    assert set(datasets.__all__) == {
        "DataNotFoundError",
        "Digits",
        "load",
        "mail",
        "mnist",
        "nondigits",
        "printed",
        "synthetic",
        "usps",
        "worn",
    }
    assert all(callable(getattr(datasets, name)) for name in datasets.__all__)
