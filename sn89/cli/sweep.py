"""``sn89 sweep``: a paper's training many times over, with other choices and seeds."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..counted import counted
from ..sweep import Results, run
from .options import FILE, check_output, data_option, json_option, size_option, verb
from .saying import print_json, remark, say
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
    """What a list of words stands for: rules and nets by their names, else numbers, or the words themselves."""
    by_word: dict[str, Callable[[str], Any]]
    by_word = {"rule": lambda word: RULES[word](), "net": lambda word: RECIPES[word][0].net}
    known = by_word.get(name)
    if known is None:
        return [_value(word) for word in words]
    try:
        return {word: known(word) for word in words}
    except KeyError as error:
        there = ", ".join(RULES if name == "rule" else RECIPES)
        raise click.BadParameter(f"{error.args[0]!r} is no {name}: there are {there}.") from None


def _grid(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, Any]:
    grid: dict[str, Any] = {}
    for one in given:
        name, equals, values = one.partition("=")
        words = [word.strip() for word in values.split(",")]
        if not equals or not name or not all(words):
            raise click.BadParameter(f"{one!r} is not NAME=VALUE,VALUE,...")
        if name in grid:
            raise click.BadParameter(f"{name} is varied twice.")
        grid[name] = _named(name, words)
    return grid


def _left(output: Path | None) -> str:
    """What is left of a sweep that was interrupted."""
    if output is None:
        return "nothing is kept; with -o FILE.jsonl a sweep can go on"
    done = sum(1 for line in output.read_bytes().splitlines() if line.strip()) if output.exists() else 0
    return (
        f"{counted(done, 'training')} {'is' if done == 1 else 'are'} in {output}; the same command goes on from there"
    )


def _document(results: Results, output: Path | None) -> dict[str, Any]:
    means = [
        {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in results.mean()
    ]
    return {"file": output and str(output), "means": means, "runs": list(results)}


@verb()
@click.option(
    "--net", "name", type=click.Choice(list(RECIPES)), default="zip_code", show_default=True, help="Whose training."
)
@click.option(
    "--vary",
    "grid",
    metavar="NAME=VALUE[,VALUE...]",
    multiple=True,
    callback=_grid,
    help="What is tried: rule, passes, order, net; or a part, rule.rate, net.start. Several: all combinations.",
)
@click.option("--seeds", metavar="N", type=click.IntRange(1), default=5, show_default=True, help="Trainings of each.")
@data_option("those of the net's paper")
@size_option
@click.option("--workers", metavar="N", type=click.IntRange(1), help="Trainings at once.  [default: processors]")
@click.option("-o", "--output", metavar="FILE.jsonl", type=FILE, help="A line of JSON for each training, as it ends.")
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

    All combinations are trained, as many at once as there are processors. Means over the seeds are printed, with 95 %
    intervals. With a file the sweep can be stopped at any time: called again, it goes on from there, and more choices
    or seeds are added to it.

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
    if as_json:
        print_json(_document(results, output))
    else:
        say(str(results))
    if results.failed:
        remark(f"{len(results.failed)} of {counted(len(results), 'training')} failed")
        raise click.exceptions.Exit(1)


VERBS = (sweep,)
