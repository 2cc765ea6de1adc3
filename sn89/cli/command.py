"""The command with its verbs. An error becomes one line on standard error and an exit code."""

import errno
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import click
from click.shell_completion import get_completion_class

from ..doubts import TrainingWarning
from ..keywords import phrases
from ..version import __version__
from .bench import bench
from .data import data
from .evaluate import evaluate_net
from .export import export, page
from .options import DEBUG, OneOf, as_written, debug_option, verb
from .plot import plot
from .predict import predict
from .read import read
from .reproduce import reproduce
from .saying import remark
from .script import EXPECTED
from .show import show
from .sweep import sweep
from .teach import teach_net
from .train import train

#: Words of other programs, and the verb that each stands for.
MEANT = phrases("""
fit learn training run retrain resume: train
evaluate test measure score validate: eval
classify infer inference recognize recognise: predict
summary info describe list nets models: show
draw visualize visualise picture report: plot
convert onnx save: export
demo web html serve: page
search grid tune: sweep
ocr scan: read
download datasets dataset digits: data
benchmark speed: bench
""")
#: Words that no verb stands for, and where they are found instead.
ELSEWHERE = phrases("""
prune obd: write it in Python: sn89.prune(net, X, y, delete=0.1).
version: sn89 --version prints it.
""")


class Failure(click.ClickException):
    """An error that is printed in one line on standard error; the exit code is 1."""

    def show(self, file: Any = None) -> None:
        remark(f"sn89: error: {self.message}")


class Tool(click.Group):
    """The command with its verbs. An exception becomes one line and an exit code, or with --debug a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order in which they are needed, not in that of the alphabet."""
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does, and take ``sn89 help`` and ``sn89 help train`` as requests for help."""
        return super().parse_args(ctx, [*args[1:2], "--help"] if args[:1] == ["help"] else args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb as click does; the error for an unknown word names the verb that may be meant."""
        word = args[0]
        if not word.startswith("-") and word not in self.commands:
            near = MEANT.get(word) or next(iter(get_close_matches(word, self.commands, 1)), None)
            verb = f"did you mean sn89 {near}?" if near else f"the commands are {', '.join(self.commands)}."
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
            if ctx.meta.get(DEBUG) or getattr(error, "errno", None) == errno.EPIPE:  # click handles a broken pipe
                raise
            raise Failure(_line(error, traceback.format_exc())) from None


@contextmanager
def _warnings_in_a_line() -> Iterator[None]:
    """Print a warning about a training in one line, without the place in the program."""
    shown = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any, **how: Any) -> None:
        if issubclass(category, TrainingWarning):
            remark(f"sn89: {message}")
        else:
            shown(message, category, *where, **how)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def _line(error: Exception, where: str) -> str:
    """One line for an error. An unexpected one is a fault of sn89; the line names a file with its traceback."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    words = " ".join(str(error).split())
    if isinstance(error, EXPECTED):
        return words or type(error).__name__
    try:
        handle, report = tempfile.mkstemp(".txt", "sn89-")
        with open(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(f"sn89 {__version__}\n{where}")
    except OSError:
        return f"{type(error).__name__}: {words} (this is a fault of sn89: --debug shows where)"
    return f"{type(error).__name__}: {words} (this is a fault of sn89: {report} tells where)"


@verb()
@click.argument("shell", metavar="bash|zsh|fish", type=OneOf(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script with which a shell completes verbs and options.

    sn89 completion bash > ~/.local/share/bash-completion/completions/sn89
    sn89 completion zsh > ~/.zfunc/_sn89        (a folder of $fpath)
    sn89 completion fish > ~/.config/fish/completions/sn89.fish
    """
    made = get_completion_class(shell)
    click.echo(made(ctx.find_root().command, {}, "sn89", "_SN89_COMPLETE").source())  # type: ignore[misc]


HELP = """Train the first convolutional nets as in 1989, and look into them.

    sn89 train                           train the zip-code net as its paper did: seconds
    sn89 eval zip_code.safetensors       measure its errors on the test digits
    sn89 predict zip_code.safetensors *.png
    sn89 page zip_code.safetensors       write a web page to draw digits in
    sn89 COMMAND --help                  explain one command, with examples

    Results go to standard output (with --json as one document), progress and remarks to standard error. An existing
    file is replaced only with --force. Exit codes: 0, 1 for an error, 2 for wrong usage, 130 after Ctrl-C.
"""
VERBS = [
    *(train, evaluate_net, predict, read, teach_net, show, plot, page, export),
    *(reproduce, sweep, bench, data, completion),
]


@click.group(cls=Tool, help=as_written(HELP), context_settings={"help_option_names": ["-h", "--help"]}, commands=VERBS)
@click.version_option(__version__, prog_name="sn89", message="%(prog)s %(version)s")
@debug_option
def sn89() -> None:
    """Run a verb. `HELP` is the help."""
