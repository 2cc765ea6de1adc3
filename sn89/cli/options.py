"""Options that several verbs have, help for words of other libraries, and the check of output files."""

import inspect
import math
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from ..arguments import promises_else
from ..atomic import ROOM, check_writable, is_stream
from ..keywords import phrases
from ..rules import ELSEWHERE
from .saying import suggestion
from .sources import SETS

DEBUG = "sn89.debug"
#: Options of other libraries, and the option here that each stands for.
WORDS = ELSEWHERE | phrases("""
epochs epoch n_epochs max_iter iterations: passes
optimizer optim solver: rule
model network arch weights load: net
dataset data_dir datadir train_data input: data
early_stopping early_stop n_iter_no_change: patience
validation_split validation_fraction val_split monitor: on
save_best save_best_only restore_best_weights: keep
random_state random_seed: seed
out save save_to output_file dest: output
jobs n_jobs threads num_workers: workers
shuffle: order
overwrite yes: force
silent no_progress: quiet
ckpt checkpoint_path: checkpoint
grid param params: vary
""")
#: Options of other libraries for which there is none here, and the reason.
NONE = phrases("""
batch batch_size: there are no batches, because a net learns after every image.
gpu device cuda: sn89 computes on the processor alone.
loss activation dropout: it belongs to the net, which is declared in Python: sn89.Net.
momentum weight_decay betas: rules have their usual constants here; Python sets them.
verbose: progress is shown unless --quiet is given.
test: --data brings test digits too; sn89 eval measures a net on others.
""")
F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)


class Share(click.ParamType):  # type: ignore[type-arg]  # older versions of click have no argument there
    """A number from 0 to `whole`. "10%" is a tenth of `whole`."""

    name = "share"

    def __init__(self, whole: float = 1.0, most: float | None = None) -> None:
        self.whole = whole
        self.most = whole if most is None else most

    def convert(self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None) -> float:
        """Convert the text of the option to the number."""
        text = str(value).strip()
        try:
            share = float(text.removesuffix("%")) * (self.whole / 100 if text.endswith("%") else 1)
        except ValueError:
            share = math.nan
        if not 0 <= share <= self.most:
            self.fail(f"{text!r} is not a number from 0 to {self.most:g}.", parameter, ctx)
        return share


class Number(click.FloatRange):
    """A finite number in a range."""

    def convert(self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None) -> float:
        """Convert the text of the option to the number."""
        number: float = super().convert(value, parameter, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", parameter, ctx)
        return number


class OneOf(click.Choice):  # type: ignore[type-arg]  # older versions of click have no argument there
    """One of several words; the error for another word names the one that may be meant."""

    def convert(self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Check that the word is one of them."""
        try:
            return super().convert(value, parameter, ctx)
        except click.BadParameter as error:
            self.fail(f"{error.message.rstrip('.')}{suggestion(str(value), self.choices) or '.'}", parameter, ctx)


def _remember(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[DEBUG] = True


debug_option = click.option(
    "--debug", is_flag=True, expose_value=False, callback=_remember, help="Show the traceback of an error."
)


def as_written(text: str) -> str:
    """The help text, in which click leaves paragraphs that are indented or begin with the command as they are."""
    return re.sub(r"\n\n(?=sn89 | {4})", "\n\n\b\n", inspect.cleandoc(text))


class Verb(click.Command):
    """A verb of the command. It takes --debug too, so that it may stand at the end of the line."""

    def __init__(self, *given: Any, **named: Any) -> None:  # with python -OO the help is None
        named |= {"context_settings": {"show_default": True}, "help": as_written(named["help"] or "")}
        super().__init__(*given, **named)
        debug_option(self)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does; the error for an option of another library names the one that is meant."""
        before = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            word = error.option_name.removeprefix("--").replace("-", "_")
            here, there = WORDS.get(word), {option for one in self.params for option in one.opts}
            if here and f"--{here}" in there:
                raise click.UsageError(f"{error.option_name} is called --{here} here.", ctx) from None
            if error.option_name in ("-o", "--output"):
                raise click.UsageError(f"sn89 {self.name} writes no file: redirect its output with >.", ctx) from None
            if word in NONE and "--rule" in there:
                raise click.UsageError(f"there is no {error.option_name}: {NONE[word]}", ctx) from None
            raise
        except click.UsageError as error:
            if not isinstance(error, click.MissingParameter) and "unexpected extra argument" not in error.message:
                raise
            words = " ".join(self.make_parser(ctx).parse_args(list(before))[1])
            if not words:
                raise
            message = f"there is one argument too many, {words!r}; {self._place(words)}"
            raise click.UsageError(message, ctx) from None

    def _place(self, words: str) -> str:
        """The end of the message about superfluous words: the option to which they belong, or where to find it."""
        options = [one.opts[0] for one in self.params if isinstance(one.type, OneOf) and words in one.type.choices]
        options += ["--net" for one in self.params if "--net" in one.opts]
        return f"did you mean {options[0]} {words}?" if options else f"sn89 {self.name} --help shows its arguments."


verb = partial(click.command, cls=Verb)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on standard output, and nothing else."
)
force_option = click.option("-f", "--force", is_flag=True, help="Replace an existing file.")
file_option = partial(click.option, type=FILE)
count_option = partial(click.option, metavar="N", type=click.IntRange(1))
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Show no progress, only the result.")
seed_option = click.option("--seed", metavar="N", type=int, default=1, help="Random seed.")
part_option = click.option("--part", type=OneOf(["test", "train"]), default="test", help="The digits to use.")


def net_argument(function: F) -> F:
    """The file of a trained net."""
    return click.argument("path", metavar="NET.safetensors", type=FILE)(function)


def output_option(default: str) -> Callable[[F], F]:
    """The option for the output file; `default` is its default in words."""
    return click.option("-o", "--output", metavar="FILE", type=FILE, help=f"The file to write.  [default: {default}]")


def known(*names: str) -> Callable[..., Any]:
    """A callback for digits: they must be one of these sets, or a file or folder that exists."""

    def check(ctx: click.Context, parameter: click.Parameter, given: Any) -> Any:
        file = isinstance(given, str) and Path(given).suffix  # the error for such a file that is missing says more
        for value in [given] if isinstance(given, str) else given or ():
            if value not in names and not Path(value).exists() and not file:
                there = f"{value!r} is neither one of {', '.join(names)} nor a file or folder"
                raise click.BadParameter(f"{there}{suggestion(value, names) or '.'}")
        return given

    return check


def data_option(default: str) -> Callable[[F], F]:
    """The option for the digits; `default` is its default in words."""
    return click.option(
        "--data",
        metavar="SET|FOLDER|FILE",
        callback=known(*SETS),
        help=f"The digits: {', '.join(SETS)}, or a folder or file of digits (in the format of MNIST, CSV, LIBSVM, "
        f".npz, .mat or .h5; see sn89 data).  [default: {default}]",
    )


size_option = click.option(
    "--size",
    type=OneOf(["16", "28", "32"]),
    help="Height and width of MNIST's images, in pixels.  [default: 32 for LeNet-5, else 16]",
)


def only(ctx: click.Context, *names: str) -> None:
    """Raise a usage error for any option that is given but is not one of these names; the first one excludes others."""
    for parameter in ctx.command.params:
        given = ctx.get_parameter_source(str(parameter.name)) == click.core.ParameterSource.COMMANDLINE
        if given and parameter.name not in names:
            raise click.UsageError(f"{parameter.opts[-1]} cannot be used together with --{names[0]}.")


def check_output(path: Path, force: bool, option: str = "-o", endings: tuple[str, ...] = (), room: int = ROOM) -> Path:
    """The path of an output file, after a check that it can be written and that nothing would be lost.

    `option` names the file in messages, `endings` are those that suit it, and `room` is the least size in bytes. An
    existing file needs `force`. A known ending of another format is a usage error; anything else is an OSError.
    """
    if str(path) == "-":
        path = Path("/dev/stdout")
    if endings and (ending := promises_else(path, *endings)):
        raise click.UsageError(
            f"this command does not write {ending} files: the name after {option} must end in {endings[0]}."
        )
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: {option} must name the file to write")
    if path.exists() and not force and not is_stream(path):
        raise FileExistsError(f"{path} exists already: --force replaces it, {option} gives another name")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be written, because there is no folder {path.parent}: create it first")
    try:
        check_writable(path, room)
    except OSError as error:
        why = error.strerror or error
        raise type(error)(f"{path} cannot be written: {why} in the folder {path.parent.absolute()}") from None
    return path
