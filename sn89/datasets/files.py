"""Find the files of a data set, and download them.

If the caller names a folder, only this one is searched. Otherwise these are tried in order: the folder in the
environment variable ``SN89_DATA``, the user's cache, and the network, from which files are downloaded into the cache.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, TypeAlias

from .digits import DataNotFoundError

Folder: TypeAlias = str | os.PathLike[str]

TIMEOUT = 10  # seconds without an answer after which a download is given up
PATIENCE = 600  # seconds that a download may take altogether
GRACE = 1  # seconds for a download that is given up to remove its file
CHUNK = 2**16  # bytes read at once
LARGEST = 2**26  # bytes of a download; MNIST's training images have 10 million


#: Folders within a folder in which other programs put files.
INSIDE = ("", "raw", "MNIST/raw", "MNIST", "mnist", "USPS", "usps")


class File(NamedTuple):
    """A file under any of several names; a download has the first one."""

    names: tuple[str, ...]
    known_hash: str  # of the download, as pooch writes it: a SHA-256 in hexadecimal, or "md5:..."


def find(
    name: str, files: Sequence[File], urls: Sequence[str], path: Folder | None, download: bool, again: bool = False
) -> list[Path]:
    """Find the files of the data set `name`, only in the folder `path` if it is given, and download missing ones.

    The folders `urls`, which end in slashes, are tried one after another. With `again` a file in the cache that is
    damaged is downloaded again. The error is a DataNotFoundError if a file is found nowhere, or a ValueError if a
    download is not the published file.
    """
    found = []
    for file in files:
        place = _look(file, path)
        if place is None or (again and place.parent == cache_folder() and not _is_as_downloaded(place, file)):
            if path is not None or not download:
                raise DataNotFoundError(_not_found(name, files, path))
            place = _fetch_from(urls, file, lambda: _not_found(name, files, path))
        found.append(place)
    return found


def cache_folder() -> Path:
    """The folder for downloads."""
    return Path(_pooch().os_cache("sn89"))


def _pooch() -> Any:
    """The package pooch, imported without tqdm's warning about missing widgets in notebooks, which we do not use."""
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "IProgress not found")
        import pooch
    return pooch


def _folders(path: Folder | None) -> Iterator[Path]:
    if path is not None:
        yield Path(path).expanduser()
        return
    if shared := os.environ.get("SN89_DATA"):
        yield Path(shared).expanduser()
    yield cache_folder()


def _look(file: File, path: Folder | None) -> Path | None:
    """The first place of a file; an empty file counts only if there is no other."""
    inside = [(folder / inner, name) for folder in _folders(path) for inner in INSIDE for name in file.names]
    places = [place for folder, name in inside for place in (folder / name, folder / name / name) if place.is_file()]
    return next((place for place in places if place.stat().st_size), places[0] if places else None)


def _is_as_downloaded(place: Path, file: File) -> bool:
    """Whether a file in the cache is the published one; a file with another name is the user's own."""
    kind, _, known = file.known_hash.rpartition(":")
    return place.name != file.names[0] or _pooch().file_hash(str(place), kind or "sha256") == known


def _fetch_from(urls: Sequence[str], file: File, why: Callable[[], str]) -> Path:
    """Download a file from the first URL that has the published one."""
    failed: list[tuple[str, OSError | ValueError]] = []
    for url in urls:
        try:
            return _fetch(url + file.names[0], file.known_hash)
        except (OSError, ValueError) as error:  # errors of requests and of the cache are OSErrors
            failed.append((url, error))
    try:
        for _, answer in failed:
            if not isinstance(answer, OSError):  # there was an answer, but not the published file
                raise answer
        reasons = [
            f"The download from {url}{file.names[0]} failed ({type(one).__name__}{_in_words(one)})."
            for url, one in failed
        ]
        raise DataNotFoundError(" ".join([why(), *reasons])) from _alone(failed[0][1])
    finally:
        del failed, answer  # because their tracebacks hold sockets


def _alone(error: OSError | ValueError) -> OSError | ValueError:
    """An error without the calls and the errors that led to it: those of requests fill two screens."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _in_words(error: OSError | ValueError) -> str:
    """The message of an error of ours; those of requests are left out, because they are long."""
    return f": {error}" if isinstance(error, _TooMuchError) else ""


class _TooMuchError(OSError):
    """A download is too large or takes too long."""


class _Download:
    """A downloader for pooch, which reads a file until it is too large or is given up.

    It does not read the text of a redirection, which may have no end, and does not decompress anything.
    """

    def __init__(self) -> None:
        self.bar: Any = None  # until there is an answer
        self.given_up = False

    def __call__(self, url: str, place: str, _: object) -> None:
        """Download a URL to a file."""
        from ..notebook import progress_bar

        plain = {"Accept-Encoding": "identity"}  # so that the server neither compresses nor decompresses a .gz file
        with (
            _session() as session,
            session.get(url, stream=True, timeout=TIMEOUT, headers=plain) as answer,
            open(place, "wb") as file,
        ):
            answer.raise_for_status()
            length, count = answer.headers.get("Content-Length", ""), 0
            total = int(length) if length.isdecimal() and len(length) < 20 else None
            self.bar = progress_bar(total, True, ncols=79, unit="B", unit_scale=True)
            for part in answer.iter_content(CHUNK):
                count += len(part)
                if max(count, total or 0) > LARGEST:
                    raise _TooMuchError(f"it has more than {LARGEST:,} bytes")
                if self.given_up:
                    return
                file.write(part)
                self.bar.update(len(part))


def _session() -> Any:
    """A session of requests that reads only the bodies of files, as they are sent."""
    import requests

    class Adapter(requests.adapters.HTTPAdapter):
        def build_response(self, request: Any, answer: Any) -> Any:
            answer.headers.discard("Content-Encoding")
            if answer.get_redirect_location():
                answer.close()
            return super().build_response(request, answer)

    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, Adapter())
    return session


def _fetch(url: str, known_hash: str) -> Path:
    """Download a file into the cache; pooch moves it there only when it is complete and verified."""
    pooch, download, name = _pooch(), _Download(), url.rpartition("/")[2]
    _remove_dead(cache_folder())
    try:
        fetch = partial(pooch.retrieve, url, known_hash, name, cache_folder(), downloader=download)
        return Path(_in_time(fetch, download))
    except OSError:  # some errors of requests are both an OSError and a ValueError
        raise
    except ValueError as error:
        raise ValueError(f"{url}: the download is not the published file: {error}") from error
    finally:
        if download.bar is not None:
            download.bar.close()


def _in_time(work: Callable[[], str], download: _Download) -> str:
    """Do some work in a thread, because a server that sends a byte now and then never reaches a timeout."""
    future: Future[str] = Future()

    def carry_out() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=carry_out, daemon=True).start()
    try:
        if not wait([future], PATIENCE).done:
            raise _TooMuchError(f"it took more than {PATIENCE} seconds")
        return future.result()
    finally:  # also after Ctrl-C
        download.given_up = True
        wait([future], GRACE)


def _remove_dead(folder: Path) -> None:
    """Remove pooch's temporary files of downloads that were killed: those that are older than any download can be."""
    with suppress(OSError):
        for one in folder.glob("tmp????????"):
            if one.is_file() and time.time() - one.stat().st_mtime > 2 * PATIENCE:
                one.unlink(missing_ok=True)


def _not_found(name: str, files: Sequence[File], path: Folder | None) -> str:
    wanted = "; for ".join(" or ".join(file.names) for file in files if _look(file, path) is None)
    folders = [str(folder) if folder.is_dir() else f"{folder} (no such folder)" for folder in _folders(path)]
    what = f"{name} not found: looked in {', '.join(folders)} for {wanted}."
    if path is not None:
        return what
    return (
        f"{what} Put these files into a folder and set SN89_DATA to it, or pass it as path; "
        "sn89.datasets.synthetic() draws digits instead."
    )


@contextmanager
def named(path: Path, which: str) -> Iterator[None]:
    """Let the error for a damaged file in the cache say how to download it again."""
    try:
        yield
    except ValueError as error:
        if path.parent != cache_folder():
            raise
        raise ValueError(f"{error}; sn89 data {which} --fetch downloads it again") from error


def sha256(content: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def check_sha256(content: bytes, expected: str) -> None:
    """Raise a ValueError unless the content is exactly the published one."""
    if (found := sha256(content)) != expected:
        raise ValueError(f"its content is not the published one: its SHA-256 is {found}, expected {expected}")


def describe(paths: Sequence[Path]) -> str:
    """The names and folders of files in words, such as ``"zip.train.gz, zip.test.gz in /data"``."""
    names: dict[Path, list[str]] = {}
    for path in paths:
        names.setdefault(path.parent, []).append(path.name)
    return "; ".join(f"{', '.join(those)} in {folder}" for folder, those in names.items())
