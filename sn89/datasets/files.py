"""Where the files of a data set are: find them and fetch them.

Looked in, in this order: the folder the caller names (and then nowhere else); the folder in the environment
variable ``SN89_DATA``; the user's cache; then the network, into that cache.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from .digits import DataNotFoundError

Folder: TypeAlias = str | os.PathLike[str]

TIMEOUT = 10  # seconds without an answer, before a download is given up


#: Where in a folder files may lie, as others put them there.
INSIDE = ("", "raw", "MNIST/raw", "MNIST", "mnist", "USPS", "usps")


class File(NamedTuple):
    """A file that may come under several names; the first one is what a download brings."""

    names: tuple[str, ...]
    known_hash: str  # of the download, as pooch writes it: "sha256" in hexadecimal, or "md5:..."


def find(name: str, files: Sequence[File], url: str, path: Folder | None, download: bool) -> list[Path]:
    """Find the files of a data set, downloading those that are missing.

    Parameters
    ----------
    name : str
        The data set, for messages.
    files : sequence of File
        What to find.
    url : str
        The folder, ending in a slash, to download them from.
    path : str or path-like, optional
        The only folder to look in, if it is given; nothing is downloaded then.
    download : bool
        Whether missing files may be downloaded.

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
        if place is None:
            if path is not None or not download:
                raise DataNotFoundError(_not_found(name, files, path))
            try:
                place = _fetch(url + file.names[0], file.known_hash)
            except OSError as error:  # every error of requests is one; so is a cache we may not write
                reason = f"The download from {url}{file.names[0]} failed ({type(error).__name__})."
                raise DataNotFoundError(f"{_not_found(name, files, path)} {reason}") from error
        found.append(place)
    return found


def cache_folder() -> Path:
    """Return the folder where downloads are kept."""
    import pooch

    return Path(pooch.os_cache("sn89"))


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


def _fetch(url: str, known_hash: str) -> Path:
    """Download a file into the cache; pooch moves it there only once it is complete and verified."""
    import pooch

    downloader = pooch.HTTPDownloader(progressbar=True, chunk_size=2**16, timeout=TIMEOUT)
    name = url.rpartition("/")[2]
    try:
        return Path(pooch.retrieve(url, known_hash, name, cache_folder(), downloader=downloader))
    except OSError:  # before ValueError: some errors of requests are both, and say nothing of the content
        raise
    except ValueError as error:
        raise ValueError(f"{url}: what was downloaded is not the published file: {error}") from error


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
