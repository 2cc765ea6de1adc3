"""``sn89 data``: where the digits are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ..datasets import DataNotFoundError, files, load
from ..datasets.mnist import FILES as MNIST
from ..datasets.mnist import MIRRORS as MNIST_MIRRORS
from ..datasets.mnist import URL as MNIST_URL
from ..datasets.usps import MIRRORS as USPS_MIRRORS
from ..datasets.usps import TEST, TRAIN
from ..datasets.usps import URL as USPS_URL
from .options import columns, json_option, verb
from .saying import print_json, say
from .script import EXPECTED

SETS = {
    "usps": ("USPS", [TRAIN.file, TEST.file], (USPS_URL, *USPS_MIRRORS)),
    "mnist": ("MNIST", [one.file for one in MNIST], (MNIST_URL, *MNIST_MIRRORS)),
}
MADE = {"printed": "printed by sn89, in matplotlib's faces", "synthetic": "drawn by sn89"}


def _find(name: str, fetch: bool) -> list[Path]:
    """The files of a set; none if they are not here."""
    try:
        return files.find(*SETS[name], path=None, download=fetch, again=fetch)
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
    if name not in (*SETS, *MADE):
        try:
            return look_into(name)
        except EXPECTED as error:  # the others are told of all the same
            return {"found": False, "where": name, "error": " ".join(str(error).split())}
    if name in MADE:
        return {"found": True, "where": "made", "files": []}
    paths = _find(name, fetch)
    where = " and ".join(sorted({_place(path.parent) for path in paths})) or None
    return {"found": bool(paths), "where": where, "files": [str(path) for path in paths]}


def _words(name: str, found: dict[str, Any]) -> str:
    if name in MADE:
        return MADE[name]
    if "error" in found:
        return str(found["error"])
    if "notes" in found:
        size = "x".join(map(str, found["image"]))
        return "\n".join([f"{found['name']}: {found['train']:,} + {found['test']:,} images of {size}", *found["notes"]])
    if not found["found"]:
        return f"not here: sn89 data {name} --fetch downloads it"
    folders = dict.fromkeys(str(Path(one).parent) for one in found["files"])
    return f"{', '.join(folders)} ({found['where']})"


def look_into(path: str) -> dict[str, Any]:
    """What digits a file or a folder has."""
    digits = load(path)
    sizes = {"train": len(digits.train[1]), "test": len(digits.test[1])}
    shape = list(digits.train[0].shape[1:])
    return {"found": True, "where": path, "name": digits.name, "image": shape, **sizes, "notes": list(digits.notes)}


def _known(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if value not in (*SETS, *MADE) and not os.path.exists(value):
            raise click.BadParameter(f"{value!r} is neither {', '.join([*SETS, *MADE])} nor a file nor a folder.")
    return values


@verb()
@click.argument("names", metavar="[SET|FOLDER|FILE]...", nargs=-1, callback=_known)
@click.option("--fetch", is_flag=True, help="Download what is missing, or damaged in the cache, into the cache.")
@json_option
@click.pass_context
def data(ctx: click.Context, names: tuple[str, ...], fetch: bool, as_json: bool) -> None:
    """Say where the digits are, and download them.

    They are looked for in the folder SN89_DATA of the environment, then in the user's cache, and else downloaded by the
    verb that needs them; --fetch does it now. Of a folder or file of digits from elsewhere (MNIST's and its like, CSV,
    LIBSVM, .npz, .mat, .h5, packed or not) it says what is in it, and how it is scaled for --data.

    sn89 data
    sn89 data usps --fetch
    sn89 data FashionMNIST/raw
    """
    found = {name: look(name, fetch) for name in names or (*SETS, *MADE)}
    failed = [one["error"] for one in found.values() if "error" in one]
    if len(failed) == len(found):
        raise ValueError("; ".join(failed))
    cache = str(files.cache_folder())
    if as_json:
        print_json({"SN89_DATA": os.environ.get("SN89_DATA"), "cache": cache, "sets": found})
        ctx.exit(1 if failed else 0)
    rows = [(name, _words(name, one)) for name, one in found.items()]
    folders = [("SN89_DATA", os.environ.get("SN89_DATA") or "not set"), ("cache", cache)]
    say(columns([*rows, ("", ""), *folders], left=2))
    ctx.exit(1 if failed else 0)


VERBS = (data,)
