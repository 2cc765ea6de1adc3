"""``sn89 train``: a net, trained as its paper did or otherwise, and written with its provenance."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from ..datasets.digits import Digits
from ..declaration import plain
from ..history import History, Pass
from ..measure import Measurement
from ..net import Net
from ..rules import SGD, AdamW, LevenbergMarquardt, Newton, Rule, StochasticDiagonalLM
from ..storage import save
from ..training import train as train_net
from .options import (
    FILE,
    check_output,
    data_option,
    force_option,
    json_option,
    output_option,
    print_json,
    remark,
    size_option,
    verb,
)
from .script import or_synthetic
from .sources import RECIPES, Source, check_paper, find_digits, named_or_file, require_safetensors

RULES: dict[str, Callable[..., Rule]] = {
    "lm": LevenbergMarquardt,
    "newton": Newton,
    "sgd": partial(SGD, 0.01),
    "sdlm": StochasticDiagonalLM,
    "adamw": AdamW,
}


def _rates(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[float, ...] | None:
    if value is None:
        return None
    try:
        return tuple(float(one) for one in value.split(","))
    except ValueError:
        raise click.BadParameter(f"{value!r} is no number, nor numbers with commas between them.") from None


def make_rule(name: str | None, rates: tuple[float, ...] | None, usual: Rule) -> Rule:
    """The rule of that name, or the recipe's; with these rates, or its own."""
    rule = usual if name is None else RULES[name]()
    return rule if rates is None else replace(rule, **{rule._rate: rates if len(rates) > 1 else rates[0]})  # type: ignore[type-var]


def digits_to_learn(source: Source, data: str | None, size: str | None) -> tuple[str, Digits]:
    """The digits; where none were asked for and the net's own cannot be had, synthetic ones, and that is said."""
    if data is not None or source.size == 32:
        return find_digits(source, data, size)
    digits = or_synthetic(lambda _: find_digits(source, None, size)[1])
    check_paper(source.net, digits)
    return ("synthetic" if digits.synthetic else source.set), digits


# ---- What is said -----------------------------------------------------------------------------------------------


def _wrong(measured: Measurement | None) -> str:
    if measured is None:
        return ""
    return f"{measured.cost:.2e}" if measured.error is None else f"{100 * measured.error:.2f} % ({measured.wrong:,})"


def _passes(count: int) -> str:
    return "1 pass" if count == 1 else f"{count} passes"


def _words(rule: Rule) -> str:
    """The rule, its schedule by the first and the last rate."""
    rates = f"{rule.rates[0]:g}" if len(rule.rates) == 1 else f"{rule.rates[0]:g} to {rule.rates[-1]:g}"
    return ", ".join([f"{type(rule).__name__}: rate {rates}", *(f"{k} {v:g}" for k, v in rule.constants.items())])


def _head(net: Net, digits: Digits, rule: Rule, passes: int, order: str, seed: int) -> str:
    """What is to be trained, in three lines."""
    rest = f", {len(digits.test[0]):,} to test on" if len(digits.test[0]) else ""
    return "\n".join(
        [
            f"{net.name}: {net.free_parameters:,} free parameters",
            f"{digits.name}: {len(digits.train[0]):,} digits to learn from{rest}",
            f"{_words(rule)}; {_passes(passes)}, order {'as given' if order == 'given' else 'shuffled'}, seed {seed}",
        ]
    )


class Said:
    """A line for each pass, above the progress bar: errors, or without measuring the mean cost."""

    def __init__(self, to_stderr: bool) -> None:
        self.to_stderr, self.begun = to_stderr, False

    def __call__(self, net: Net, history: History) -> None:
        last = history.passes[-1]
        if not self.begun:
            self.begun = True
            self._write(f"\n{'pass':>4}  {'seconds':>8}  {'cost':>8}" + self._heads(last))
        cells = "".join(f"  {_wrong(one):>17}" for one in (last.train, last.test) if one)
        self._write(f"{last.number:>4}  {last.seconds:>8.2f}  {last.cost:>8.2e}{cells}")

    def _heads(self, last: Pass) -> str:
        named = (("train wrong", last.train), ("test wrong", last.test))
        return "".join(f"  {name:>17}" for name, one in named if one)

    def _write(self, line: str) -> None:
        from tqdm import tqdm

        tqdm.write(line, file=sys.stderr if self.to_stderr else sys.stdout)


# ---- Where the net comes from ---------------------------------------------------------------------------------------


def measured(one: Measurement | None) -> dict[str, Any] | None:
    """A measurement as JSON has it."""
    return one and {**asdict(one), "error": one.error}


def provenance(source: Source, which: str, digits: Digits, history: History, order: str, seed: int) -> dict[str, Any]:
    """What is written with the net: digits, rule, order, seed, and every pass."""
    (X, _), (Xt, _) = digits
    passes = [
        {"cost": one.cost, "seconds": one.seconds, "train": measured(one.train), "test": measured(one.test)}
        for one in history.passes
    ]
    told = {
        "recipe": source.recipe,
        "digits": {"set": which, "name": digits.name, "size": int(X.shape[-2]), "train": len(X), "test": len(Xt)},
        "rule": plain(history.rule),
        "passes": len(passes),
        "order": order,
        "seed": seed,
        "seconds": history.seconds,
        "history": passes,
    }
    return told | ({"before": source.provenance} if source.provenance else {})


def _checkpoint(path: Path | None, resume: bool, output: Path) -> dict[str, Any]:
    """What training is told of its checkpoint."""
    if path is None:
        if resume:
            raise click.UsageError("--resume needs the --checkpoint to go on from.")
        return {}
    if path.absolute() == output.absolute():
        raise click.UsageError("--checkpoint and --output must be two files.")
    if path.exists() and not resume:
        raise FileExistsError(f"{path} is there already: --resume goes on from it; or remove it")
    return {"checkpoint": path, "resume": resume}


@verb()
@click.option(
    "--net",
    "name",
    metavar="NAME|FILE",
    default="zip_code",
    show_default=True,
    help=f"{', '.join(RECIPES)}; or a file, whose net goes on from its parameters.",
)
@data_option("those of the net's paper")
@size_option
@click.option("--rule", "rule_name", type=click.Choice(list(RULES)), help="Learning rule.  [default: the paper's]")
@click.option(
    "--rate",
    metavar="RATE[,RATE...]",
    callback=_rates,
    help="Learning rate; or one for each pass, of which the last goes on.  [default: the rule's]",
)
@click.option("--passes", type=click.IntRange(1), help="Passes over the training digits.  [default: the paper's]")
@click.option("--order", type=click.Choice(["given", "shuffle"]), help="Of the digits.  [default: the paper's]")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the start, and of all that is random.")
@click.option(
    "--no-measure", is_flag=True, help="Do not measure after each pass: quicker, but without learning curves."
)
@click.option("--checkpoint", type=FILE, help="A file to keep the training in, as it goes and however it ends.")
@click.option("--resume", is_flag=True, help="Go on from the checkpoint, if it is there, as if nothing had happened.")
@click.option("-q", "--quiet", is_flag=True, help="No progress; only what came out.")
@output_option("NAME.safetensors")
@force_option
@json_option
def train(
    name: str,
    data: str | None,
    size: str | None,
    rule_name: str | None,
    rate: tuple[float, ...] | None,
    passes: int | None,
    order: str | None,
    seed: int,
    no_measure: bool,
    checkpoint: Path | None,
    resume: bool,
    quiet: bool,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Train a net, and write it to a file.

    By default as its paper did. Where its digits can neither be found nor downloaded, it goes on with synthetic ones,
    and says so. Errors are printed after each pass.

    sn89 train                                 the zip-code net of 1989, 23 passes
    sn89 train --net lenet5 --passes 3         LeNet-5 on MNIST
    sn89 train --rule sgd --rate 0.01 --seed 2 -o sgd.safetensors
    sn89 train --rate 0.001,0.0005,0.0002      a rate for each pass
    sn89 train --checkpoint run.safetensors    stop with Ctrl-C; go on with
    sn89 train --checkpoint run.safetensors --resume
    sn89 train --net zip_code.safetensors --data mine.npz -o mine.safetensors
    """
    require_safetensors()
    source = named_or_file(name, seed)
    recipe, _ = RECIPES[source.recipe]
    rule = make_rule(rule_name, rate, recipe.rule)
    passes, order = passes or recipe.passes, order or recipe.order
    output = check_output(output or Path(f"{source.name}.safetensors"), force)
    keeping = _checkpoint(checkpoint, resume, output)
    which, digits = digits_to_learn(source, data, size)
    say = (lambda text: None) if quiet else remark if as_json else click.echo
    say(_head(source.net, digits, rule, passes, order, seed))
    try:
        history = train_net(
            source.net,
            *digits.train,
            rule=rule,
            passes=passes,
            order=order,  # type: ignore[arg-type]
            seed=seed,
            test=digits.test if len(digits.test[0]) else None,
            measure=not no_measure,
            progress=False if quiet else None,
            callbacks=[] if quiet else [Said(as_json)],
            **keeping,
        )
    except KeyboardInterrupt:
        kept = f"--resume goes on from {checkpoint}" if checkpoint else "nothing was written"
        raise KeyboardInterrupt(f"interrupted: {kept}") from None
    told = provenance(source, which, digits, history, order, seed)
    save(source.net, output, provenance=told)
    if as_json:
        print_json({"file": str(output), "net": source.net.name, **told})
    else:
        click.echo(("" if quiet else "\n") + _outcome(source.net, history, digits, output))


def _outcome(net: Net, history: History, digits: Digits, output: Path) -> str:
    """What came out, and where it is."""
    last = history.passes[-1]
    lines = [f"{name:<6} {one}" for name, one in (("train", last.train), ("test", last.test)) if one]
    if digits.synthetic:
        lines.append("Synthetic digits, not the paper's: not comparable with it.")
    last_line = f"{output}: {net.name}, {_passes(len(history.passes))} in {history.seconds:.1f} s of learning"
    return "\n".join([*lines, last_line])


VERBS = (train,)
