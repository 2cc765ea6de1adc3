"""``sn89 data``: say where the digits are, and download them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ..datasets import DataNotFoundError, files, load
from ..datasets.mnist import find as find_mnist
from ..datasets.usps import find as find_usps
from .options import columns, json_option, known, verb
from .saying import print_json, say
from .script import EXPECTED

SETS = {"usps": find_usps, "mnist": find_mnist}
MADE = {"printed": "printed by sn89 in the typefaces of matplotlib", "synthetic": "drawn by sn89"}


def _place(folder: Path) -> str:
    """The name of a folder that is searched for published sets."""
    shared = os.environ.get("SN89_DATA")
    return "SN89_DATA" if shared and folder == Path(shared).expanduser() else "cache"


def look(name: str, fetch: bool) -> dict[str, Any]:
    """Where a set is, or the content of a folder or file of digits; as a document for --json."""
    if name in MADE:
        return {"found": True, "where": "made", "files": []}
    if name not in SETS:
        try:
            digits = load(name)
        except EXPECTED as error:  # the other sets are reported all the same
            return {"found": False, "where": name, "error": " ".join(str(error).split())}
        sizes = {"train": len(digits.train[1]), "test": len(digits.test[1])}
        image = list(digits.train[0].shape[1:])
        return {"found": True, "where": name, "name": digits.name, "image": image, **sizes, "notes": list(digits.notes)}
    try:
        paths = SETS[name](None, fetch, again=fetch)
    except DataNotFoundError:
        if fetch:
            raise
        paths = []
    where = " and ".join(sorted({_place(path.parent) for path in paths})) or None
    return {"found": bool(paths), "where": where, "files": [str(path) for path in paths]}


def _words(name: str, found: dict[str, Any]) -> str:
    """The same in words."""
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


@verb()
@click.argument("names", metavar="[SET|FOLDER|FILE]...", nargs=-1, callback=known(*SETS, *MADE))
@click.option("--fetch", is_flag=True, help="Download files that are missing, or damaged in the cache, into the cache.")
@json_option
@click.pass_context
def data(ctx: click.Context, names: tuple[str, ...], fetch: bool, as_json: bool) -> None:
    """Say where the digits are, and download them.

    USPS and MNIST are looked for in the folder that the environment variable SN89_DATA names, then in the user's cache.
    If they are in neither, the command that needs them downloads them; --fetch downloads them now. If you name a folder
    or file of other digits (in the format of MNIST, CSV, LIBSVM, .npz, .mat or .h5, compressed or not), the command
    prints what it holds and how --data would scale it.

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
