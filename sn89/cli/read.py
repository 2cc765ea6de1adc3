"""``sn89 read``: read the strings of digits in pictures of mail."""

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
from ..reader.form import checked
from ..reader.layout import FIELDS
from .digit_files import pictures_of
from .options import Number, OneOf, Share, check_output, file_option, force_option, json_option, verb
from .saying import print_json, remark, say
from .sources import from_file

Regions = list[tuple[int, int, int, int]]


def how_many(ctx: click.Context, parameter: click.Parameter, value: str | None) -> int | tuple[int, int] | None:
    """A number of digits, or the least and the most of a range."""
    if value is None:
        return None
    try:
        numbers = [int(one) for one in value.split("-")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or min(numbers) < 1 or numbers != sorted(numbers):
        raise click.BadParameter(
            f"{value!r} is neither a number of digits from 1 on, such as 5, nor a range of them, such as 4-6."
        )
    return numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])


def _region(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> Regions:
    try:
        found = [tuple(int(one) for one in value.split(",")) for value in values]
    except ValueError:
        found = [()]
    if any(len(one) != 4 for one in found):
        raise click.BadParameter(
            f"{' '.join(values)!r} is not a region: write four whole numbers, as in 120,40,300,60."
        )
    return found  # type: ignore[return-value]


def _boxes(form: Path) -> tuple[list[str], Regions]:
    """The names and boxes of a form, a JSON file."""
    try:
        content = json.loads(form.read_text("utf-8-sig"))
        named = content if isinstance(content, dict) else {str(i): box for i, box in enumerate(content, 1)}
        boxes = [(int(x), int(y), int(w), int(h)) for x, y, w, h in named.values()]
    except (ValueError, TypeError, RecursionError):
        boxes = []
    if not boxes:
        raise ValueError(
            f'{form}: a form must be JSON, boxes by their names, {{"zip": [x, y, width, height], ...}}, or a list of '
            "boxes"
        )
    return list(named), boxes


def recogniser_or_file(path: Path | None) -> Net:
    """The net of a file, or the recogniser that comes with sn89."""
    return recogniser() if path is None else from_file(path).net


def _annotated(target: Path | None, picture: Path, several: bool, force: bool, taken: set[str]) -> Path | None:
    """The file for the picture with its boxes: `target`, or for several pictures a file in the folder `target`.

    No two pictures get the same file: a/1.png goes to 1.png, and b/1.png to 1-2.png.
    """
    if target is None:
        return None
    if not several:
        return check_output(target, force, "--annotate", (".png",))
    if target.suffix.lower() == ".png" or target.is_file():
        raise click.UsageError(f"--annotate must name a folder for several pictures, not the file {target}.")
    target.mkdir(parents=True, exist_ok=True)
    names = (f"{picture.stem}{'' if i == 1 else f'-{i}'}.png" for i in count(1))
    name = next(one for one in names if one.lower() not in taken)
    taken.add(name.lower())
    return check_output(target / name, force, "--annotate")


def _tell(picture: str, reading: Reading, names: list[str], named: bool, quiet: bool) -> None:
    """Print what was read, with the names of the boxes of a form, and remarks about it on standard error."""
    for one in reading.remarks if reading.digits else [reading.reason]:
        remark(f"{picture}: {one}")
    lines = str(reading).split("\n") if reading.lines or names else ["nothing"]
    if names:
        lines = [f"{name}: {line}" for name, line in zip(names, lines, strict=True)]
    for line in [] if quiet else lines:
        say(f"{picture}: {line}" if named else line)


def _opens(file: Path) -> bool:
    """Whether a file is a picture that can be read."""
    try:
        load(file)
    except UNREADABLE:
        return False
    return True


def _pages_of(file: Path, all_pages: bool) -> Iterator[tuple[str, Any]]:
    """The first page of a file, or every page, each with a name for the output."""
    if not all_pages:
        yield str(file), file
        return
    for number, page in enumerate(load_pages(file), 1):
        yield f"{file}, page {number}", page


@verb()
@click.argument("pictures", metavar="PICTURE|FOLDER...", type=click.Path(path_type=Path), nargs=-1, required=True)
@file_option(
    "--net",
    metavar="NET.safetensors",
    help="The net that reads.  [default: the recogniser of sn89, which is trained when it is first used]",
)
@click.option(
    "--reject",
    metavar="X",
    type=Share(),
    help="Reject digits whose confidence, from 0 to 1, is less than this.  [default: the net's own, or 0.9]",
)
@click.option("--ink", type=OneOf(["auto", "dark", "light"]), default="auto", help="Dark or light ink.")
@click.option("--digits", metavar="N|N-M", callback=how_many, help="How many digits each line has, if you know it.")
@click.option(
    "--region",
    "regions",
    metavar="X,Y,WIDTH,HEIGHT",
    multiple=True,
    callback=_region,
    help="Read only in this box, in pixels from the top left corner; repeat it for several.",
)
@click.option(
    "--spacing",
    metavar="X",
    type=Number(0, min_open=True),
    default=FIELDS,
    help="Width of the gap between two strings on a line, in heights of a digit.",
)
@click.option("--all-pages", is_flag=True, help="Read every page of a TIFF file, not only the first one.")
@file_option("--form", metavar="FILE.json", help='Read the boxes of a form: {"zip": [x, y, width, height]}.')
@file_option(
    *("--annotate", "boxes"),
    metavar="OUT",
    help="Draw the result into a PNG file; for several pictures, into a folder.",
)
@file_option(
    "--review",
    metavar="OUT.html",
    help="Write a web page on which you correct doubtful strings and save them for sn89 teach.",
)
@force_option
@json_option
def read(
    pictures: tuple[Path, ...],
    net: Path | None,
    reject: float | None,
    all_pages: bool,
    regions: Regions,
    form: Path | None,
    boxes: Path | None,
    review: Path | None,
    force: bool,
    as_json: bool,
    **layout: Any,
) -> None:
    """Read the digits of envelopes and forms.

    The command prints the strings of each picture line by line; "?" stands for a rejected digit. A picture that cannot
    be read is named and left out, and the exit code is then 1. The confidence of a digit is the probability that it is
    right: with --reject 0.99 at most one accepted digit in a hundred is wrong, if the digits are like those with which
    the net was calibrated.

    sn89 read envelope.png
    sn89 read envelope.png --net zip_code.safetensors --reject 0.99
    sn89 read amounts/ --digits 3-7 --region 40,20,300,60
    sn89 read fax.tif --all-pages
    sn89 read scans/ --form boxes.json --json
    sn89 read scans/ --annotate read/ --review review.html
    """
    if regions and form:
        raise click.UsageError("--region and --form both say where to read: use one of them.")
    if all_pages and (boxes or review):
        raise click.UsageError("--annotate and --review show only the first page: leave out --all-pages.")
    names, where = _boxes(form) if form else ([], regions)
    page = None if review is None else check_output(review, force, "--review", (".html",))
    files = list(map(Path, pictures_of(*pictures)))
    if not files:
        raise ValueError(f"there is no picture in {', '.join(map(str, pictures))}")
    from ..notebook import progress_bar

    reader = recogniser_or_file(net) if net or any(map(_opens, files)) else None  # it is not trained for no picture
    if reader:
        checked(reader, None)
    several, failed, documents, readings = len(files) > 1, 0, [], []
    taken: set[str] = set()
    for file in progress_bar(len(files), None if several else False, iterable=files, unit=" pictures", leave=False):
        target = _annotated(boxes, file, several, force, taken)
        try:
            if reader is None:  # because no file opens: this one says why
                load(file)
                continue
            for name, source in _pages_of(file, all_pages):
                reading = read_picture(source, reader, reject, region=where or None, **layout)
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
