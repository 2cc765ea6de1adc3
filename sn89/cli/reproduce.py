"""``sn89 reproduce``: print the papers' tables beside ours."""

from pathlib import Path

import click

from ..reproduce import NAMES
from ..reproduce import reproduce as carry_out
from .options import OneOf, count_option, file_option, force_option, verb
from .saying import remark, say

_HELP = "\n".join(f"        {name:<11}{words}" for name, words in NAMES.items())


def _check(folder: Path, names: list[str], force: bool) -> None:
    """Raise an error now if the tables could not be written after an hour of training."""
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file: -o must name the folder for the tables")
    files = (folder / f"{name}{ending}" for name in names for ending in (".md", ".json"))
    if not force and (there := next((one for one in files if one.exists()), None)):
        raise FileExistsError(f"{there} exists already: --force replaces it, -o gives another folder")


@verb(
    help=f"""Train what a paper trained, and print its table beside ours.

    Several seeds are trained at once, on all processors. The tables are also written to a folder, as Markdown and JSON.
    "all" reproduces every table, in about two hours on two cores. If you interrupt the command and start it again, it
    goes on from the nets that it has kept in the folder "trained" there.

    sn89 reproduce zip1989 --seeds 3
    sn89 reproduce tutorial left_open -o tables

{_HELP}
    """
)
@click.argument("names", metavar="NAME...", type=OneOf([*NAMES, "all"]), nargs=-1, required=True)
@count_option("--seeds", help="Trainings of each kind.  [default: 5 or 10; 3 for lenet5]")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="Look for the files of USPS and MNIST only in this folder.",
)
@file_option(*("-o", "--output"), metavar="FOLDER", default=Path("reproduced"), help="Folder for the tables.")
@force_option
def reproduce(names: tuple[str, ...], seeds: int | None, data: Path | None, output: Path, force: bool) -> None:
    """Reproduce, write and print each table. The help is in the decorator, because it lists the names."""
    wanted = list(NAMES) if "all" in names else list(dict.fromkeys(names))
    _check(output, wanted, force)
    for name in wanted:
        report = carry_out(name, seeds, data, output / "trained")
        report.write(output)  # before printing, because not every terminal can print all letters
        say(report.markdown())
    remark(f"Markdown and JSON are in {output}/")
