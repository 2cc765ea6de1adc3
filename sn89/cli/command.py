"""The command, and what happens to its errors."""

from __future__ import annotations

import errno
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import click

from ..doubts import TrainingWarning
from ..version import __version__
from . import bench, completion, data, evaluate, export, plot, predict, read, reproduce, show, sweep, teach, train
from .options import DEBUG, as_written, debug_option
from .saying import remark
from .script import EXPECTED

#: What other programs call a verb.
MEANT = {
    **dict.fromkeys(("fit", "learn", "training", "run", "retrain", "resume"), "train"),
    **dict.fromkeys(("evaluate", "test", "measure", "score", "validate"), "eval"),
    **dict.fromkeys(("classify", "infer", "inference", "recognize", "recognise"), "predict"),
    **dict.fromkeys(("summary", "info", "describe", "list", "nets", "models"), "show"),
    **dict.fromkeys(("draw", "visualize", "visualise", "picture", "report"), "plot"),
    **dict.fromkeys(("convert", "onnx", "save"), "export"),
    **dict.fromkeys(("demo", "web", "html", "serve"), "page"),
    **dict.fromkeys(("search", "grid", "tune"), "sweep"),
    **dict.fromkeys(("ocr", "scan"), "read"),
    **dict.fromkeys(("download", "datasets", "dataset", "digits"), "data"),
    **dict.fromkeys(("benchmark", "speed"), "bench"),
}
#: What can be done in Python alone.
ELSEWHERE = {
    **dict.fromkeys(("prune", "obd"), "Python has it: sn89.prune(net, X, y, delete=0.1)."),
    "version": "sn89 --version says it.",
}


class Failure(click.ClickException):
    """An error, said in one line on standard error; exit code 1."""

    def show(self, file: Any = None) -> None:
        remark(f"sn89: error: {self.message}")


class Tool(click.Group):
    """The command with its verbs: what they raise becomes one line and an exit code, or with --debug a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they are needed, not by the alphabet."""
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As ever; ``sn89 help`` and ``sn89 help train`` are help too."""
        return super().parse_args(ctx, [*args[1:2], "--help"] if args[:1] == ["help"] else args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As ever; who writes a word that is no verb is told the one that may be meant."""
        word = args[0]
        if not word.startswith("-") and word not in self.commands:
            near = MEANT.get(word) or next(iter(get_close_matches(word, self.commands, 1)), None)
            verb = f"did you mean sn89 {near}?" if near else f"they are {', '.join(self.commands)}."
            raise click.UsageError(f"there is no command {word!r}; {ELSEWHERE.get(word, verb)}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _warnings_in_a_line():
                return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            remark(f"sn89: {str(stop) or 'interrupted'}")
            raise click.exceptions.Exit(130) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if ctx.meta.get(DEBUG) or getattr(error, "errno", None) == errno.EPIPE:  # of which click takes care
                raise
            raise Failure(_line(error, traceback.format_exc())) from None


@contextmanager
def _warnings_in_a_line() -> Iterator[None]:
    """What is to be said of a training is said as all else is, without the place in the program."""
    shown = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any, **how: Any) -> None:
        if issubclass(category, TrainingWarning):
            remark(f"sn89: {message}")
        else:
            shown(message, category, *where, **how)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = shown


def _line(error: Exception, where: str) -> str:
    """One line for an error; an unexpected one is a fault of the program, said to be, with a file that tells where."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    words = " ".join(str(error).split())
    if isinstance(error, EXPECTED):
        return words or type(error).__name__
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="sn89-", suffix=".txt", delete=False, errors="replace"
        ) as file:
            file.write(f"sn89 {__version__}\n{where}")
        told = f"{file.name} tells where"
    except OSError:
        told = "--debug shows where"
    return f"{type(error).__name__}: {words} (a fault of sn89: {told})"


HELP = """Train the first convolutional nets as in 1989, and look into them.

    sn89 train                           the zip-code net, as its paper: seconds
    sn89 eval zip_code.safetensors       its errors on the test digits
    sn89 predict zip_code.safetensors *.png
    sn89 page zip_code.safetensors       a web page to draw digits in
    sn89 COMMAND --help                  more of each, with examples

    Results go to standard output (with --json as one document), progress and remarks to standard error. A file that is
    there is replaced only with --force. Exit codes: 0, 1 for an error, 2 for wrong usage, 130 after Ctrl-C.
"""
VERBS = [
    verb
    for module in (train, evaluate, predict, read, teach, show, plot, export, reproduce, sweep, bench, data, completion)
    for verb in module.VERBS
]


@click.group(cls=Tool, help=as_written(HELP), context_settings={"help_option_names": ["-h", "--help"]}, commands=VERBS)
@click.version_option(__version__, prog_name="sn89", message="%(prog)s %(version)s")
@debug_option
def sn89() -> None:
    """All verbs; the help is above."""
