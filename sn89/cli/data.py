"""``sn89 data``: where the digits are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ..datasets import DataNotFoundError, files
from ..datasets.mnist import FILES as MNIST
from ..datasets.mnist import URL as MNIST_URL
from ..datasets.usps import TEST, TRAIN
from ..datasets.usps import URL as USPS_URL
from .options import columns, json_option, print_json, verb

SETS = {
    "usps": ("USPS", [TRAIN.file, TEST.file], USPS_URL),
    "mnist": ("MNIST", [one.file for one in MNIST], MNIST_URL),
}
MADE = {"printed": "printed by sn89, in matplotlib's faces", "synthetic": "drawn by sn89"}


def _find(name: str, fetch: bool) -> list[Path]:
    """The files of a set; none if they are not here."""
    try:
        return files.find(*SETS[name], path=None, download=fetch)
    except DataNotFoundError:
        if fetch:
            raise
        return []


def _place(folder: Path) -> str:
    """What a folder is to sn89."""
    shared = os.environ.get("SN89_DATA")
    return "SN89_DATA" if shared and folder == Path(shared).expanduser() else "cache"


def look(name: str, fetch: bool) -> dict[str, Any]:
    """What is known of a set."""
    if name in MADE:
        return {"found": True, "where": "made", "files": []}
    paths = _find(name, fetch)
    where = " and ".join(sorted({_place(path.parent) for path in paths})) or None
    return {"found": bool(paths), "where": where, "files": [str(path) for path in paths]}


def _words(name: str, found: dict[str, Any]) -> str:
    if name in MADE:
        return MADE[name]
    if not found["found"]:
        return f"not here: sn89 data {name} --fetch downloads it"
    folders = dict.fromkeys(str(Path(one).parent) for one in found["files"])
    return f"{', '.join(folders)} ({found['where']})"


@verb()
@click.argument("names", metavar="[SET]...", nargs=-1, type=click.Choice([*SETS, *MADE]))
@click.option("--fetch", is_flag=True, help="Download what is missing, into the cache.")
@json_option
def data(names: tuple[str, ...], fetch: bool, as_json: bool) -> None:
    """Say where the digits are, and download them.

    They are looked for in the folder SN89_DATA of the environment, then in the user's cache, and else downloaded by the
    verb that needs them; --fetch does it now.

    sn89 data
    sn89 data usps --fetch
    """
    found = {name: look(name, fetch) for name in names or (*SETS, *MADE)}
    cache = str(files.cache_folder())
    if as_json:
        print_json({"SN89_DATA": os.environ.get("SN89_DATA"), "cache": cache, "sets": found})
        return
    rows = [(name, _words(name, one)) for name, one in found.items()]
    folders = [("SN89_DATA", os.environ.get("SN89_DATA") or "not set"), ("cache", cache)]
    click.echo(columns([*rows, ("", ""), *folders], left=2))


VERBS = (data,)
