"""``sn89 sweep``: repeat a paper's training with other choices and seeds."""

import math
from pathlib import Path
from typing import Any

import click

from ..counted import counted
from ..sweep import Results, run
from .options import OneOf, check_output, count_option, data_option, file_option, json_option, size_option, verb
from .saying import remark, result
from .sources import RECIPES, find_digits, papers_net
from .train import RULES


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _named(name: str, words: list[str]) -> Any:
    """The values that words stand for: rules and nets by their names, else numbers, or the words themselves."""
    known: dict[str, Any]
    if name == "rule":
        known = {word: make() for word, make in RULES.items()}
    elif name == "net":
        known = {word: recipe.net for word, (recipe, _) in RECIPES.items()}
    else:
        return [_value(word) for word in words]
    if unknown := [word for word in words if word not in known]:
        raise click.BadParameter(f"there is no {name} {unknown[0]!r}: choose one of {', '.join(known)}.")
    return {word: known[word] for word in words}


def _grid(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, Any]:
    grid: dict[str, Any] = {}
    for one in given:
        name, equals, values = one.partition("=")
        words = [word.strip() for word in values.split(",")]
        if not equals or not name or not all(words):
            raise click.BadParameter(f"{one!r} does not have the form NAME=VALUE,VALUE,...")
        if name in grid:
            raise click.BadParameter(f"{name} is varied twice: give all its values in one --vary.")
        grid[name] = _named(name, words)
    return grid


def _left(output: Path | None) -> str:
    """The end of the message after Ctrl-C: where the finished trainings are, and how to go on."""
    if output is None:
        return "nothing is kept; with -o FILE.jsonl a sweep can go on"
    done = sum(1 for line in output.read_bytes().splitlines() if line.strip()) if output.exists() else 0
    return f"{output} holds {counted(done, 'training')}; the same command goes on from there"


def _document(results: Results, output: Path | None) -> dict[str, Any]:
    means = [
        {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in results.mean()
    ]
    return {"file": output and str(output), "means": means, "runs": list(results)}


@verb()
@click.option("--net", "name", type=OneOf(list(RECIPES)), default="zip_code", help="The net to train.")
@click.option(
    "--vary",
    "grid",
    metavar="NAME=VALUE[,VALUE...]",
    multiple=True,
    callback=_grid,
    help="Values to try for rule, passes, order, net, or a part such as rule.rate or net.start. If --vary is given "
    "several times, all combinations are tried.",
)
@count_option("--seeds", default=5, help="Trainings of each.")
@data_option("those of the net's paper")
@size_option
@count_option("--workers", help="Trainings at once.  [default: the number of processors]")
@file_option("-o", "--output", metavar="FILE.jsonl", help="Write a line of JSON after each training.")
@json_option
def sweep(
    name: str,
    grid: dict[str, Any],
    seeds: int,
    data: str | None,
    size: str | None,
    workers: int | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Train a net with many choices and seeds, at once.

    As many trainings run at once as there are processors. The command prints means over the seeds, with 95 %
    intervals. With -o you can stop the sweep at any time: the same command goes on from there, and you may add choices
    and seeds to it.

    sn89 sweep --vary rule.rate=0.00025,0.0005,0.001 -o rates.jsonl
    sn89 sweep --vary rule=lm,newton,sgd --vary order=given,shuffle --seeds 10
    """
    source = papers_net(name)
    digits = None if data is None else find_digits(source, data, size)[1]
    if output:
        check_output(output, True, endings=(".jsonl", ".json"))
    try:
        results = run(RECIPES[name][0], grid, seeds, digits=digits, out=output, workers=workers)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"interrupted: {_left(output)}") from None
    result(as_json, _document(results, output), results)
    if results.failed:
        remark(f"{len(results.failed)} of {counted(len(results), 'training')} failed")
        raise click.exceptions.Exit(1)
