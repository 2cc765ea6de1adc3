"""``sn89 read``: pictures of mail, read to strings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import click

from ..counted import counted
from ..net import Net
from ..pictures import UNREADABLE, load, load_pages
from ..reader import Reading, annotate, recogniser
from ..reader import read as read_picture
from ..reader.layout import FIELDS
from .digit_files import pictures_of
from .options import FILE, check_output, force_option, json_option, verb
from .saying import print_json, remark, say
from .sources import from_file

Regions = list[tuple[int, int, int, int]]


def how_many(ctx: click.Context, parameter: click.Parameter, value: str | None) -> int | tuple[int, int] | None:
    """A number of digits, or from how many to how many."""
    if value is None:
        return None
    try:
        numbers = [int(one) for one in value.split("-")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2):
        raise click.BadParameter(
            f"{value!r} is neither a number of digits, such as 5, nor a range of them, such as 4-6."
        )
    if min(numbers) < 1 or numbers != sorted(numbers):
        raise click.BadParameter(f"{value!r} goes from many to few, or to none: a range is from few to many, as 3-7.")
    return numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])


def _region(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> Regions:
    try:
        found = [tuple(int(one) for one in value.split(",")) for value in values]
    except ValueError:
        found = [()]
    if any(len(one) != 4 for one in found):
        raise click.BadParameter(f"{' '.join(values)!r} is no region: four whole numbers are, as in 120,40,300,60.")
    return found  # type: ignore[return-value]


def _boxes(form: Path) -> tuple[list[str], Regions]:
    """The names and boxes of a form.

    Raises
    ------
    ValueError, OSError
        If the file is something else.
    """
    try:
        told = json.loads(form.read_text("utf-8-sig"))
        named = told if isinstance(told, dict) else {str(i): box for i, box in enumerate(told, 1)}
        boxes = [(int(x), int(y), int(w), int(h)) for x, y, w, h in named.values()]
    except (ValueError, TypeError, RecursionError):
        boxes = []
    if not boxes:
        raise ValueError(
            f'{form}: a form is JSON, boxes by their names, {{"zip": [x, y, width, height], ...}}, or a list of boxes'
        )
    return list(named), boxes


def recogniser_or_file(path: Path | None) -> Net:
    """The net of a file, or the recogniser that comes with sn89."""
    return recogniser() if path is None else from_file(path).net


def _annotated(target: Path | None, picture: Path, several: bool, force: bool, taken: set[str]) -> Path | None:
    """Where the picture with its boxes goes: a file, or for several pictures a folder with one for each, whose name no
    other one has taken, a/1.png being 1.png and b/1.png then 1-2.png.
    """
    if target is None:
        return None
    if not several:
        return check_output(target, force, "--annotate", (".png",))
    if target.suffix.lower() == ".png" or target.is_file():
        raise click.UsageError(f"--annotate names a folder where there are several pictures, not the file {target}.")
    target.mkdir(parents=True, exist_ok=True)
    names = (f"{picture.stem}{'' if i == 1 else f'-{i}'}.png" for i in count(1))
    name = next(one for one in names if one.lower() not in taken)
    taken.add(name.lower())
    return check_output(target / name, force, "--annotate")


def _lines(reading: Reading, names: list[str]) -> list[str]:
    """The lines of a reading; those of a form with the names of its boxes."""
    if names:
        return [f"{name}: {line}" for name, line in zip(names, str(reading).split("\n"), strict=True)]
    return str(reading).split("\n") if reading.lines else ["nothing"]


def _tell(picture: str, reading: Reading, names: list[str], named: bool, quiet: bool) -> None:
    """Print what was read, and say on standard error what is to be known of it."""
    for one in reading.remarks if reading.digits else [reading.reason]:
        remark(f"{picture}: {one}")
    for line in [] if quiet else _lines(reading, names):
        say(f"{picture}: {line}" if named else line)


def _pages_of(file: Path, all_pages: bool) -> Iterator[tuple[str, Any]]:
    """What is to be read in a file, and what it is called: the first page, or every one by its number."""
    if not all_pages:
        yield str(file), file
        return
    for number, page in enumerate(load_pages(file), 1):
        yield f"{file}, page {number}", page


@verb()
@click.argument("pictures", metavar="PICTURE|FOLDER...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--net",
    metavar="NET.safetensors",
    type=FILE,
    help="The net that reads.  [default: the recogniser of sn89, which is trained the first time]",
)
@click.option(
    "--reject",
    metavar="X",
    type=click.FloatRange(0, 1),
    help="Reject digits whose confidence is less, from 0, which rejects none, to 1.  [default: the net's, or 0.9]",
)
@click.option(
    "--ink", type=click.Choice(["auto", "dark", "light"]), default="auto", show_default=True, help="On paper."
)
@click.option("--digits", metavar="N|N-M", callback=how_many, help="How many digits each line has, if that is known.")
@click.option(
    "--region",
    "regions",
    metavar="X,Y,WIDTH,HEIGHT",
    multiple=True,
    callback=_region,
    help="Read only there, in pixels from the top left corner; may be given again.",
)
@click.option(
    "--spacing",
    metavar="X",
    type=click.FloatRange(0, min_open=True),
    default=FIELDS,
    show_default=True,
    help="How much paper parts two strings of a line, in heights of a digit.",
)
@click.option("--all-pages", is_flag=True, help="Read every page of a TIFF file, not only the first one.")
@click.option(
    "--form", metavar="FILE.json", type=FILE, help='Read the boxes of a form: {"zip": [x, y, width, height]}.'
)
@click.option("--annotate", "boxes", metavar="OUT", type=FILE, help="A PNG with what was read; of several, a folder.")
@click.option(
    "--review",
    metavar="OUT.html",
    type=FILE,
    help="A page to correct what is doubtful on, and to save it for sn89 teach.",
)
@force_option
@json_option
def read(
    pictures: tuple[Path, ...],
    net: Path | None,
    reject: float | None,
    ink: Any,
    digits: int | tuple[int, int] | None,
    spacing: float,
    all_pages: bool,
    regions: Regions,
    form: Path | None,
    boxes: Path | None,
    review: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Read the digits of envelopes and forms.

    Prints the strings of each picture, a line for each of its lines; "?" stands for a digit that is rejected. What
    cannot be read is named and left out, with exit code 1 in the end. Confidence is how probable it is that a digit is
    right: with --reject 0.99, whatever the net, one digit in a hundred is wrong at most, of digits like those that the
    net was calibrated on.

    sn89 read envelope.png
    sn89 read envelope.png --net zip_code.safetensors --reject 0.99
    sn89 read amounts/ --digits 3-7 --region 40,20,300,60
    sn89 read fax.tif --all-pages
    sn89 read scans/ --form boxes.json --json
    sn89 read scans/ --annotate read/ --review review.html
    """
    if regions and form:
        raise click.UsageError("--region and --form both say where to read: one of them will do.")
    if all_pages and (boxes or review):
        raise click.UsageError("--annotate and --review show the first page: they do not go with --all-pages.")
    names, where = _boxes(form) if form else ([], regions)
    page = None if review is None else check_output(review, force, "--review", (".html",))
    files = list(map(Path, pictures_of(*pictures)))
    if not files:
        raise ValueError(f"there is no picture in {', '.join(map(str, pictures))}")
    from ..notebook import progress_bar

    reader = None if net is None else recogniser_or_file(net)
    several, failed, documents, readings = len(files) > 1, 0, [], []
    taken: set[str] = set()
    for file in progress_bar(len(files), None if several else False, iterable=files, unit=" pictures", leave=False):
        target = _annotated(boxes, file, several, force, taken)
        try:
            if reader is None:
                load(file)  # a recogniser is trained only for what can be opened
                reader = recogniser_or_file(net)
            for name, source in _pages_of(file, all_pages):
                reading = read_picture(
                    source, reader, reject, ink=ink, region=where or None, digits=digits, spacing=spacing
                )
                _tell(name, reading, names, several or all_pages, as_json)
                documents.append({"file": name, **reading.plain()})
        except UNREADABLE as error:
            remark(f"left out: {error}" if str(file) in str(error) else f"left out: {file}: {error}")
            failed += 1
            continue
        if target:
            annotate(file, reading, target)
        if page:
            readings.append((file, reading))
    if page:
        from ..reader.review import review as write_review

        strings = write_review(((str(file), load(file), reading) for file, reading in readings), page)
        remark(f"{page}: {counted(strings, 'string')} to review in a browser")
    if as_json:
        print_json({"pictures": documents, "failed": failed})
    if failed:
        raise click.exceptions.Exit(1)


VERBS = (read,)
