"""Where the files of a data set are: find them and fetch them.

Looked in, in this order: the folder the caller names (and then nowhere else); the folder in the environment
variable ``SN89_DATA``; the user's cache; then the network, into that cache.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, TypeAlias

from .digits import DataNotFoundError

Folder: TypeAlias = str | os.PathLike[str]

TIMEOUT = 10  # seconds without an answer, before a download is given up
PATIENCE = 600  # seconds that a download may take altogether
GRACE = 1  # seconds that one that is given up may take to remove what it has brought
CHUNK = 2**16  # bytes at a time
LARGEST = 2**26  # bytes of a download: MNIST's training images have 10 million


#: Where in a folder files may lie, as others put them there.
INSIDE = ("", "raw", "MNIST/raw", "MNIST", "mnist", "USPS", "usps")


class File(NamedTuple):
    """A file that may come under several names; the first one is what a download brings."""

    names: tuple[str, ...]
    known_hash: str  # of the download, as pooch writes it: "sha256" in hexadecimal, or "md5:..."


def find(
    name: str, files: Sequence[File], urls: Sequence[str], path: Folder | None, download: bool, again: bool = False
) -> list[Path]:
    """Find the files of a data set, downloading those that are missing.

    Parameters
    ----------
    name : str
        The data set, for messages.
    files : sequence of File
        What to find.
    urls : sequence of str
        Folders, ending in slashes, to download them from: one after another, until one has the published file.
    path : str or path-like, optional
        The only folder to look in, if it is given; nothing is downloaded then.
    download : bool
        Whether missing files may be downloaded.
    again : bool
        Whether a file in the cache that is not what was downloaded, or is no longer, is downloaded again.

    Returns
    -------
    list of Path
        One for each of ``files``.

    Raises
    ------
    DataNotFoundError
        A file is nowhere, or could not be downloaded.
    ValueError
        What came from the network was not what was published.
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
    """Return the folder where downloads are kept."""
    pooch = _pooch()

    return Path(pooch.os_cache("sn89"))


def _pooch() -> Any:
    """The package pooch, which imports a bar of tqdm's that warns in notebooks without widgets; ours needs none."""
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
    """The first place where it is; an empty file only if there is no other."""
    inside = [(folder / inner, name) for folder in _folders(path) for inner in INSIDE for name in file.names]
    places = [place for folder, name in inside for place in (folder / name, folder / name / name) if place.is_file()]
    return next((place for place in places if place.stat().st_size), places[0] if places else None)


def _is_as_downloaded(place: Path, file: File) -> bool:
    """Whether a file in the cache is what was published; one of another name was put there by somebody."""
    pooch = _pooch()

    kind, _, known = file.known_hash.rpartition(":")
    return place.name != file.names[0] or pooch.file_hash(str(place), kind or "sha256") == known


def _fetch_from(urls: Sequence[str], file: File, why: Callable[[], str]) -> Path:
    """Download a file from the first place that has it as it was published."""
    failed: list[tuple[str, OSError | ValueError]] = []
    for url in urls:
        try:
            return _fetch(url + file.names[0], file.known_hash)
        except (OSError, ValueError) as error:  # every error of requests is an OSError; so is a cache we may not write
            failed.append((url, error))
    try:
        for _, answer in failed:
            if not isinstance(answer, OSError):  # an answer, though not the file that was asked for
                raise answer
        reasons = [
            f"The download from {url}{file.names[0]} failed ({type(one).__name__}{_in_words(one)})."
            for url, one in failed
        ]
        raise DataNotFoundError(" ".join([why(), *reasons])) from failed[0][1]
    finally:
        del failed, answer  # whose tracebacks have these variables, and the sockets of answers


def _in_words(error: OSError | ValueError) -> str:
    """What there is to say of an error of ours; those of requests are long."""
    return f": {error}" if isinstance(error, _TooMuchError) else ""


class _TooMuchError(OSError):
    """A download that is larger, or takes longer, than any of ours."""


class _Download:
    """Reads one file, as pooch asks for it, until it is too large or is given up.

    Nothing else that a server sends is read: neither the text beside a redirection, which may have no end, nor what
    unpacks to more than is sent.
    """

    def __init__(self) -> None:
        from ..notebook import progress_bar

        self.bar = progress_bar(None, True, ncols=79, unit="B", unit_scale=True)
        self.given_up = False

    def __call__(self, url: str, place: str, _: object) -> None:
        """Write what is there at a URL to a place."""
        plain = {"Accept-Encoding": "identity"}  # a .gz file that a server packs again, or unpacks, is another one
        with (
            _session() as session,
            session.get(url, stream=True, timeout=TIMEOUT, headers=plain) as answer,
            open(place, "wb") as file,
        ):
            answer.raise_for_status()
            length, count = answer.headers.get("Content-Length", ""), 0
            self.bar.total = int(length) if length.isdecimal() and len(length) < 20 else None
            for part in answer.iter_content(CHUNK):
                count += len(part)
                if max(count, self.bar.total or 0) > LARGEST:
                    raise _TooMuchError(f"it has more than {LARGEST:,} bytes")
                if self.given_up:
                    return
                file.write(part)
                self.bar.update(len(part))


def _session() -> Any:
    """A session of requests that reads bodies of files alone, as they are sent."""
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
    """Download a file into the cache; pooch moves it there only once it is complete and verified."""
    pooch = _pooch()

    _remove_dead(cache_folder())
    download = _Download()
    name = url.rpartition("/")[2]
    try:
        return _in_time(
            lambda: Path(pooch.retrieve(url, known_hash, name, cache_folder(), downloader=download)), download
        )
    except OSError:  # before ValueError: some errors of requests are both, and say nothing of the content
        raise
    except ValueError as error:
        raise ValueError(f"{url}: what was downloaded is not the published file: {error}") from error
    finally:
        download.bar.close()


def _in_time(work: Callable[[], Path], download: _Download) -> Path:
    """What comes of some work; it goes on in a thread, for a server that sends a byte now and then has no timeout."""
    future: Future[Path] = Future()

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
    finally:  # after Ctrl-C, too
        download.given_up = True
        wait([future], GRACE)


def _remove_dead(folder: Path) -> None:
    """Remove what downloads left that were killed: pooch's temporary files, older than any download can be."""
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
        f"{what} Put these files in a folder, and set SN89_DATA to it or pass it as path; "
        "sn89.datasets.synthetic() draws digits instead."
    )


@contextmanager
def named(path: Path, which: str) -> Iterator[None]:
    """Say of a file in the cache that is not as it should be how it is downloaded again."""
    try:
        yield
    except ValueError as error:
        if path.parent != cache_folder():
            raise
        raise ValueError(f"{error}; sn89 data {which} --fetch downloads it again") from error


def sha256(content: bytes) -> str:
    """The SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def check_sha256(content: bytes, expected: str) -> None:
    """Raise a ValueError unless the content is exactly what was published."""
    found = sha256(content)
    if found != expected:
        raise ValueError(f"its content is not the published one: sha256 {found}, expected {expected}")


def describe(paths: Sequence[Path]) -> str:
    """Say where files are, such as ``"zip.train.gz, zip.test.gz in /data"``."""
    names: dict[Path, list[str]] = {}
    for path in paths:
        names.setdefault(path.parent, []).append(path.name)
    return "; ".join(f"{', '.join(those)} in {folder}" for folder, those in names.items())
