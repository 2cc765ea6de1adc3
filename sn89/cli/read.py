"""``sn89 read``: pictures of mail, read to strings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..pictures import UNREADABLE
from ..reader import Reading, annotate, pictures_in
from ..reader import read as read_picture
from .options import FILE, check_output, force_option, json_option, print_json, remark, verb
from .sources import from_file


def _annotated(target: Path | None, picture: Path, several: bool, force: bool) -> Path | None:
    """Where the picture with its boxes goes: a file, or for several pictures a folder with one for each."""
    if target is None:
        return None
    if not several:
        return check_output(target, force, "--annotate", (".png",))
    target.mkdir(parents=True, exist_ok=True)
    return check_output(target / f"{picture.stem}.png", force, "--annotate")


def _lines(reading: Reading) -> list[str]:
    return str(reading).splitlines() or ["nothing"]


@verb()
@click.argument("pictures", metavar="PICTURE|FOLDER...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--net", "net", metavar="NET.safetensors", type=FILE, required=True, help="The net that reads.")
@click.option(
    "--reject",
    metavar="X",
    type=click.FloatRange(0, 1),
    help="Reject digits whose confidence is less, from 0, which rejects none, to 1.  [default: the net's, or 0.9]",
)
@click.option(
    "--ink", type=click.Choice(["auto", "dark", "light"]), default="auto", show_default=True, help="On paper."
)
@click.option("--annotate", "boxes", metavar="OUT", type=FILE, help="A PNG with what was read; of several, a folder.")
@force_option
@json_option
def read(
    pictures: tuple[Path, ...],
    net: Path,
    reject: float | None,
    ink: Any,
    boxes: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Read the digits of envelopes and forms.

    Prints the strings of each picture, a line for each of its lines; "?" stands for a digit that is rejected. What
    cannot be read is named and left out, with exit code 1 in the end. Confidence is how probable it is that a digit is
    right: with --reject 0.99, whatever the net, one digit in a hundred is wrong at most, of digits like those that the
    net was calibrated on.

    sn89 read envelope.png --net zip_code.safetensors --reject 0.99
    sn89 read scans/ --net zip_code.safetensors --annotate read/
    """
    recogniser, files = from_file(net).net, list(map(Path, pictures_in(*pictures)))
    if not files:
        raise ValueError(f"there is no picture in {', '.join(map(str, pictures))}")
    from tqdm import tqdm

    several, failed, documents = len(files) > 1, 0, []
    for file in tqdm(files, unit=" pictures", disable=None if several else True, leave=False):
        target = _annotated(boxes, file, several, force)
        try:
            reading = read_picture(file, recogniser, reject, ink=ink)
        except UNREADABLE as error:
            remark(f"left out: {error}" if str(file) in str(error) else f"left out: {file}: {error}")
            failed += 1
            continue
        if target:
            annotate(file, reading, target)
        documents.append({"file": str(file), **reading.plain()})
        if not as_json:
            for line in _lines(reading):
                click.echo(f"{file}: {line}" if several else line)
    if as_json:
        print_json({"pictures": documents, "failed": failed})
    if failed:
        raise click.exceptions.Exit(1)


VERBS = (read,)
