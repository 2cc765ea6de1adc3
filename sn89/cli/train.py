"""``sn89 train``: train a net as its paper did, or otherwise, and write it with its provenance."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import click

from ..atomic import ROOM, is_stream
from ..counted import counted
from ..datasets.digits import Digits
from ..history import History
from ..measure import Measurement
from ..net import Net
from ..record import with_history
from ..rules import SGD, AdamW, LevenbergMarquardt, Newton, Rule, StochasticDiagonalLM, in_words
from ..stopping import Callback, EarlyStopping, KeepBest, On
from ..storage import save
from ..training import train as train_net
from . import options
from .options import OneOf, Share
from .saying import print_json, say
from .script import or_synthetic
from .sources import RECIPES, Source, check_paper, find_digits, named_or_file
from .teach import train_reader

RULES: dict[str, Callable[..., Rule]] = {
    "lm": LevenbergMarquardt,
    "newton": Newton,
    "sgd": SGD,
    "sdlm": StochasticDiagonalLM,
    "adamw": AdamW,
}


def _rates(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[float, ...] | None:
    if value is None:
        return None
    try:
        return tuple(float(one) for one in value.split(","))
    except ValueError:
        raise click.BadParameter(f"{value!r} is neither a number nor several numbers with commas between.") from None


def _on(ctx: click.Context, parameter: click.Parameter, value: str | None) -> On | None:
    if value is None or value in ("test", "train"):
        return value  # type: ignore[return-value]
    try:
        return KeepBest(on=Share().convert(value, parameter, ctx)).on
    except (ValueError, click.BadParameter):
        raise click.BadParameter(
            f"{value!r} is neither test nor train nor a share between 0 and 1, such as 0.1."
        ) from None


def _stops(patience: int | None, keep: Literal["best", "last"] | None, on: On | None) -> list[Callback]:
    """The callbacks that end the training or keep its best pass."""
    if patience:
        return [EarlyStopping(on=on or "test", patience=patience, keep=keep or "best")]
    if keep == "best":
        return [KeepBest(on=on or "test")]
    if on is not None:
        raise click.UsageError("--on needs --patience or --keep best.")
    return []


def make_rule(name: str | None, rates: tuple[float, ...] | None, usual: Rule) -> Rule:
    """The rule with this name or the usual one, with these rates or its own."""
    rule = usual if name is None else RULES[name]()
    return rule if rates is None else replace(rule, rate=rates if len(rates) > 1 else rates[0])  # type: ignore[type-var]


def provenance(source: Source, which: str, digits: Digits, order: str, seed: int) -> dict[str, Any]:
    """The provenance in the file of the net, without the history."""
    (X, _), (Xt, _) = digits
    named = {"set": which, "name": digits.name, "size": int(X.shape[-2]), "train": len(X), "test": len(Xt)}
    about = {"recipe": source.recipe, "digits": named, "order": order, "seed": seed}
    return about | ({"before": source.provenance} if source.provenance else {})


def digits_to_learn(source: Source, data: str | None, size: str | None) -> tuple[str, Digits]:
    """The set's name and digits; synthetic ones if --data is not given and the paper's digits are found nowhere."""
    if data is not None or source.size == 32:
        return find_digits(source, data, size)
    digits = or_synthetic(lambda _: find_digits(source, None, size)[1])
    check_paper(source.net, digits)
    return ("synthetic" if digits.synthetic else str(source.set)), digits


def _checkpoint(path: Path | None, resume: bool, output: Path) -> dict[str, Any]:
    """The arguments of `sn89.train` for a checkpoint."""
    if path is None:
        return {}
    if path.absolute() == output.absolute():
        raise click.UsageError("--checkpoint and --output must name different files.")
    if path.exists() and not resume:
        raise FileExistsError(f"{path} exists already: --resume goes on from it; or remove it")
    return {"checkpoint": path, "resume": resume}


def _learn(net: Net, digits: Digits, how: dict[str, Any]) -> tuple[History, str | None]:
    """Train, and return the history; after Ctrl-C also how far the training came.

    KeyboardInterrupt is raised again if a checkpoint holds the training already, or if nothing was learned.
    """
    test = digits.test if len(digits.test[0]) else None
    try:
        return train_net(net, *digits.train, test=test, **how), None
    except KeyboardInterrupt as stop:
        if "checkpoint" in how:
            raise KeyboardInterrupt(f"interrupted: --resume goes on from {how['checkpoint']}") from None
        history: History | None = getattr(stop, "history", None)
        if history is None or history.state is None or history.state.presented == 0:
            raise KeyboardInterrupt("interrupted: nothing was learned, and nothing was written") from None
        passes = len(history.passes)  # a pass that was presented but not measured yet counts as digits
        rest = history.state.presented - passes * len(digits.train[0])
        return history, f"{counted(passes, 'pass', 'passes')} and {counted(rest, 'digit')}"


def _wrong(measured: Measurement) -> str:
    return f"{measured.cost:.2e}" if measured.error is None else f"{100 * measured.error:.2f} % ({measured.wrong:,})"


def head(net: Net, digits: Digits, rule: Rule, passes: int, order: str, seed: int) -> str:
    """The net, the digits and the training, in three lines."""
    rest = f", {len(digits.test[0]):,} to test on" if len(digits.test[0]) else ""
    return (
        f"{net.name}: {counted(net.free_parameters, 'free parameter')}\n"
        f"{digits.name}: {counted(len(digits.train[0]), 'digit')} to learn from{rest}\n"
        f"{in_words(rule)}; {counted(passes, 'pass', 'passes')}, "
        f"order {'as given' if order == 'given' else 'shuffled'}, seed {seed}"
    )


class PassLines:
    """A callback that prints a line for each pass above the progress bar: the cost, and the errors if measured."""

    def __init__(self, to_stderr: bool) -> None:
        self.to_stderr, self.begun = to_stderr, False

    def __call__(self, net: Net, history: History) -> None:
        last = history.passes[-1]
        measured = [(name, one) for name in ("train", "held_out", "test") if (one := getattr(last, name))]
        if not self.begun:
            self.begun = True
            heads = "".join(f"  {name.replace('_', ' ') + ' wrong':>17}" for name, _ in measured)
            self._write(f"\n{'pass':>4}  {'seconds':>8}  {'cost':>8}{heads}")
        cells = "".join(f"  {_wrong(one):>17}" for _, one in measured)
        self._write(f"{last.number:>4}  {last.seconds:>8.2f}  {last.cost:>8.2e}{cells}")

    def _write(self, line: str) -> None:
        from tqdm import tqdm

        tqdm.write(line, file=sys.stderr if self.to_stderr else sys.stdout)


def outcome(net: Net, history: History, digits: Digits, output: Path) -> str:
    """The final errors, and the file of the net."""
    final = history.final
    measured = (("train", final.train), ("held out", final.held_out), ("test", final.test))
    lines = [*history.ends, *(f"{name:<{8 if final.held_out else 6}} {one}" for name, one in measured if one)]
    if digits.synthetic:
        lines.append("These are synthetic digits: the errors cannot be compared with the paper's.")
    passes = counted(len(history.passes), "pass", "passes")
    return "\n".join([*lines, f"{output}: {net.name}, {passes} in {history.seconds:.1f} s of learning"])


@options.verb()
@click.option(
    "--net",
    "name",
    metavar="NAME|FILE",
    default="zip_code",
    help=f"The net: {', '.join(RECIPES)}; or the file of a net, which then learns further.",
)
@click.option("--recipe", type=OneOf(["reader"]), help="Train the recogniser of sn89 read in place of a net.")
@options.data_option("those of the net's paper")
@options.size_option
@click.option("--rule", "rule_name", type=OneOf(list(RULES)), help="Learning rule (optimizer).  [default: the paper's]")
@click.option(
    "--rate",
    metavar="RATE[,RATE...]",
    callback=_rates,
    help="Learning rate, or a rate for each pass; the last one holds for all further passes.  [default: the rule's]",
)
@options.count_option("--passes", help="Passes (epochs) over the digits.  [default: the paper's]")
@click.option("--order", type=OneOf(["given", "shuffle"]), help="Order of the digits.  [default: the paper's]")
@options.seed_option
@options.count_option("--patience", help="Stop after N passes without an improvement.")
@click.option("--keep", type=OneOf(["best", "last"]), help="The pass to write.  [default: last; with --patience, best]")
@click.option(
    "--on",
    metavar="test|train|SHARE",
    callback=_on,
    help="Digits whose error --patience and --keep compare: test, train, or a share to hold out, such as 0.1.  "
    "[default: test]",
)
@click.option("--class-weight", type=OneOf(["balanced"]), help="Give all classes the same weight.")
@click.option(
    "--no-measure", is_flag=True, help="Do not measure after each pass. This is faster, but there are no curves."
)
@options.file_option(
    "--checkpoint",
    metavar="FILE",
    help="Save the training in this file while it runs and when it ends.",
)
@click.option("--resume", is_flag=True, help="Go on from the checkpoint, if the file exists.")
@options.quiet_option
@options.output_option("NAME.safetensors")
@options.force_option
@options.json_option
@click.pass_context
def train(
    ctx: click.Context,
    name: str,
    recipe: str | None,
    data: str | None,
    size: str | None,
    rule_name: str | None,
    rate: tuple[float, ...] | None,
    passes: int | None,
    order: str | None,
    seed: int,
    patience: int | None,
    keep: Literal["best", "last"] | None,
    on: On | None,
    class_weight: str | None,
    no_measure: bool,
    checkpoint: Path | None,
    resume: bool,
    quiet: bool,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Train a net, and write it to a file.

    The defaults are those of the net's paper. If its digits are neither found nor downloaded, sn89 says so and goes on
    with synthetic ones. It prints the errors after each pass. Ctrl-C ends the training; the net is written as it is.

    sn89 train                                 the zip-code net of 1989, 23 passes
    sn89 train --net lenet5 --passes 3         LeNet-5 on MNIST
    sn89 train --rule sgd --seed 2 -o sgd.safetensors
    sn89 train --rate 0.001,0.0005,0.0002      a rate for each pass
    sn89 train --patience 3 --on 0.1           stop by the error on held-out digits
    sn89 train --checkpoint run.safetensors    stop with Ctrl-C; go on with
    sn89 train --checkpoint run.safetensors --resume
    sn89 train --net zip_code.safetensors --data mine.npz -o mine.safetensors
    sn89 train --recipe reader                 the recogniser of sn89 read
    """
    if recipe:
        options.only(ctx, "recipe", "data", "seed", "quiet", "output", "force", "as_json")
        train_reader(data, seed, quiet, output, force, as_json)
        return
    stops = _stops(patience, keep, on)
    if resume and checkpoint is None:
        raise click.UsageError("--resume needs --checkpoint, the file to go on from.")
    source = named_or_file(name, seed)
    usual, _ = RECIPES[source.recipe]
    rule = make_rule(rule_name, rate, usual.rule)
    passes, order = passes or usual.passes, order or usual.order
    output = output or Path(f"{source.name}.safetensors")
    output = options.check_output(output, force, endings=(".safetensors",), room=source.net.parameters.nbytes + ROOM)
    keeping = _checkpoint(checkpoint, resume, output)
    which, digits = digits_to_learn(source, data, size)
    if not quiet:
        say(head(source.net, digits, rule, passes, order, seed), err=as_json or is_stream(output))
    how = {"rule": rule, "passes": passes, "order": order, "seed": seed, "measure": not no_measure, **keeping}
    how |= {"progress": False} if quiet else {}
    how |= {"callbacks": [*stops, *([] if quiet else [PassLines(as_json)])], "class_weight": class_weight}
    history, interrupted = _learn(source.net, digits, how)
    about = provenance(source, which, digits, order, seed) | ({"interrupted": interrupted} if interrupted else {})
    about |= {"class_weight": class_weight} if class_weight else {}
    save(source.net, output, history=history, provenance=about)
    if interrupted:
        raise KeyboardInterrupt(f"interrupted: {output} holds the net after {interrupted}")
    if as_json:
        print_json({"file": str(output), "net": source.net.name, **with_history(about, history)})
    else:
        say(("" if quiet else "\n") + outcome(source.net, history, digits, output), err=is_stream(output))
