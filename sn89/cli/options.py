"""What verbs share on the command line: options, remarks, JSON, and files that are not overwritten by accident."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from ..atomic import check_writable, is_stream
from ..rules import ELSEWHERE
from .sources import SETS

DEBUG = "sn89.debug"
#: What other libraries call an option.
WORDS = ELSEWHERE | {"epochs": "passes", "epoch": "passes", "optimizer": "rule", "model": "net", "dataset": "data"}
F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)


def _remember(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[DEBUG] = True


debug_option = click.option(
    "--debug", is_flag=True, expose_value=False, callback=_remember, help="Show the traceback of an error."
)


def as_written(text: str) -> str:
    """Help whose examples and lists, paragraphs that begin with the command or are indented, stay as written."""
    return re.sub(r"\n\n(?=sn89 | {4})", "\n\n\b\n", inspect.cleandoc(text))


class Verb(click.Command):
    """A verb: has --debug too, for who adds it at the end of the line."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **{**named, "help": as_written(named["help"])})
        debug_option(self)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As ever; who writes another library's word for an option is told the one of this."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            word = error.option_name.removeprefix("--").replace("-", "_")
            if word in ("batch", "batch_size"):
                raise click.UsageError("there are no batches: a net learns after every image.", ctx) from None
            here = WORDS.get(word)
            if here and any(f"--{here}" in one.opts for one in self.params):
                raise click.UsageError(f"{error.option_name} is called --{here} here.", ctx) from None
            raise


verb = partial(click.command, cls=Verb)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on standard output, and nothing else there."
)
force_option = click.option("-f", "--force", is_flag=True, help="Replace a file that is there.")


def net_argument(function: F) -> F:
    """The file of a trained net."""
    return click.argument("path", metavar="NET.safetensors", type=FILE)(function)


def output_option(default: str) -> Callable[[F], F]:
    """Where to write; `default` says what the name is else."""
    return click.option("-o", "--output", metavar="FILE", type=FILE, help=f"The file to write.  [default: {default}]")


def _known(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is None or value in SETS or Path(value).exists() or Path(value).suffix:
        return value
    raise click.BadParameter(f"{value!r} is neither {', '.join(SETS)} nor a file nor a folder.")


def data_option(default: str) -> Callable[[F], F]:
    """Which digits; `default` says which else."""
    return click.option(
        "--data",
        metavar="SET|FOLDER|FILE",
        callback=_known,
        help=f"Digits: {', '.join(SETS)}; or a folder or file of digits of any kind (MNIST's, CSV, LIBSVM, .npz, .mat, "
        f".h5; see sn89 data).  [default: {default}]",
    )


size_option = click.option(
    "--size",
    type=click.Choice(["16", "28", "32"]),
    help="Pixels of MNIST's images.  [default: 32 for LeNet-5, else 16]",
)


def only(ctx: click.Context, *names: str) -> None:
    """Refuse options that do not go with the first of these names.

    Raises
    ------
    click.UsageError
        Which names one of them.
    """
    for parameter in ctx.command.params:
        given = ctx.get_parameter_source(str(parameter.name)) == click.core.ParameterSource.COMMANDLINE
        if given and parameter.name not in names:
            raise click.UsageError(f"--{names[0]} decides that: {parameter.opts[-1]} does not go with it.")


def remark(text: str) -> None:
    """A line on standard error."""
    click.echo(text, err=True)


def print_json(document: dict[str, Any]) -> None:
    """The document, on standard output."""
    click.echo(json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False))


#: Endings by which other programs know what is in a file.
ENDINGS = re.compile(
    r"\.(bmp|c|csv|gif|h|html?|jpe?g|jsonl?|np[yz]|onnx|pdf|pkl|png|pth?|py|safetensors|svg|tiff?|txt|webp|zip)"
)


def check_output(path: Path, force: bool, option: str = "-o", endings: tuple[str, ...] = ()) -> Path:
    """The path, if it can be written to, promises nothing else, and holds nothing that would be lost.

    Parameters
    ----------
    path : Path
    force : bool
        Whether a file that is there is replaced.
    option : str
        That names the file.
    endings : tuple of str
        That fit; others that are known promise something else.

    Raises
    ------
    click.UsageError
        If the ending promises something else.
    FileExistsError
        If there is such a file and it is not to be replaced.
    OSError
        If it is a folder, or in none, or nothing can be written there.
    """
    if str(path) == "-":
        path = Path("/dev/stdout")
    if endings and ENDINGS.fullmatch(ending := path.suffix.lower()) and ending not in endings:
        raise click.UsageError(f"what is written is no {ending} file: {option} names one that ends in {endings[0]}.")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: {option} names the file to write")
    if path.exists() and not force and not is_stream(path):
        raise FileExistsError(f"{path} is there already: --force replaces it, {option} gives another name")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}")
    try:
        check_writable(path)
    except OSError as error:
        why = error.strerror or error
        raise type(error)(f"{path} cannot be written: {why} in the folder {path.parent.absolute()}") from None
    return path


def columns(rows: Sequence[tuple[str, ...]], left: int = 1) -> str:
    """Rows of cells under each other: the first `left` columns to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    sides = [str.ljust if i < left else str.rjust for i in range(len(widths))]
    return "\n".join(
        "  ".join(side(cell, width) for side, cell, width in zip(sides, row, widths, strict=True)).rstrip()
        for row in rows
    )
