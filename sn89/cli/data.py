"""``sn89 data``: say where the digits are, and download them."""

import os
from pathlib import Path
from typing import Any

import click

from ..datasets import DataNotFoundError, files, load
from ..datasets.mnist import find as find_mnist
from ..datasets.usps import find as find_usps
from ..printable import columns
from .options import json_option, known, verb
from .saying import result
from .script import EXPECTED

SETS = {"usps": find_usps, "mnist": find_mnist}
MADE = {"printed": "printed by sn89 in the typefaces of matplotlib", "synthetic": "drawn by sn89"}


def look(name: str, fetch: bool) -> tuple[dict[str, Any], str]:
    """Where a set is, or the content of a folder or file of digits: as a document and in words."""
    if name in MADE:
        return {"found": True, "where": "made", "files": []}, MADE[name]
    if name not in SETS:
        try:
            digits = load(name)
        except EXPECTED as error:  # the other sets are reported all the same
            words = " ".join(str(error).split())
            return {"found": False, "where": name, "error": words}, words
        counts = {"train": len(digits.train[1]), "test": len(digits.test[1])}
        image, notes = list(digits.train[0].shape[1:]), list(digits.notes)
        head = f"{digits.name}: {counts['train']:,} + {counts['test']:,} images of {'x'.join(map(str, image))}"
        document = {"found": True, "where": name, "name": digits.name, "image": image, **counts, "notes": notes}
        return document, "\n".join([head, *notes])
    try:
        paths = SETS[name](None, fetch, again=fetch)
    except DataNotFoundError:
        if fetch:
            raise
        return {"found": False, "where": None, "files": []}, f"not here: sn89 data {name} --fetch downloads it"
    folders, shared = dict.fromkeys(path.parent for path in paths), os.environ.get("SN89_DATA")
    named = Path(shared).expanduser() if shared else None
    where = " and ".join(sorted({"SN89_DATA" if folder == named else "cache" for folder in folders}))
    document = {"found": True, "where": where, "files": [str(path) for path in paths]}
    return document, f"{', '.join(map(str, folders))} ({where})"


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
    failed = [words for document, words in found.values() if "error" in document]
    if len(failed) == len(found):
        raise ValueError("; ".join(failed))
    shared, cache = os.environ.get("SN89_DATA"), str(files.cache_folder())
    rows = [*((name, words) for name, (_, words) in found.items()), ("", "")]
    table = columns([*rows, ("SN89_DATA", shared or "not set"), ("cache", cache)], left=2)
    sets = {name: document for name, (document, _) in found.items()}
    result(as_json, {"SN89_DATA": shared, "cache": cache, "sets": sets}, table)
    ctx.exit(1 if failed else 0)
