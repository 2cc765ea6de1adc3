"""``sn89 bench``: how fast the papers' nets are on this machine, in some seconds. `benchmarks/` measures more."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import click
import numpy as np

from .. import _core
from ..rules import SGD, LevenbergMarquardt
from ..version import __version__
from .options import columns, json_option, verb
from .saying import print_json, say
from .sources import RECIPES, papers_net

DIGITS = 1024  # of a block
WHAT = ("first order", "second order", "evaluation")


def calls(name: str) -> list[Callable[[], object]]:
    """A block of each thing that a net does, on images of its size; what they show does not matter."""
    source, random = papers_net(name), np.random.default_rng(1989)
    net, side = source.net, 28 if source.size == 32 else source.size
    X = random.uniform(-1, 1, (DIGITS, side, side)).astype(np.float32)
    patterns, order = net.patterns(X, random.integers(0, net.outputs, DIGITS)), np.arange(DIGITS, dtype=np.int64)
    # Rates so small that the net stays what it is: states that blow up would time other things.
    first, second = SGD(1e-9).in_pass(1), LevenbergMarquardt(1e-9).in_pass(1)
    return [
        lambda: net.present(first, patterns, order),
        lambda: net.present(second, patterns, order),
        lambda: net(X),
    ]


def medians(blocks: list[Callable[[], object]], times: int) -> list[float]:
    """Median seconds of each; they take turns, so that a change of the machine's speed meets all of them."""
    seconds: list[list[float]] = [[] for _ in blocks]
    for turn in range(times + 1):
        for block, taken in zip(blocks, seconds, strict=True):
            started = time.perf_counter()
            block()
            if turn:  # the first warms up
                taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in seconds]


def measure(times: int) -> dict[str, dict[str, float]]:
    """Microseconds per digit of everything, by net."""
    found = medians([block for name in RECIPES for block in calls(name)], times)
    per_digit = iter(1e6 * seconds / DIGITS for seconds in found)
    return {name: {what: next(per_digit) for what in WHAT} for name in RECIPES}


@verb()
@click.option(
    "--blocks", metavar="N", type=click.IntRange(1), default=7, show_default=True, help="Measurements of each."
)
@json_option
def bench(blocks: int, as_json: bool) -> None:
    """Measure how fast the papers' nets are on this machine.

    Microseconds per digit, on one core. A presentation teaches one digit: by plain gradient (first order) or with
    curvatures (second order). Evaluation is that of many digits at once. Medians of blocks that take turns; SN89_SIMD
    in the environment forces another kind of loops.
    """
    found = measure(blocks)
    if as_json:
        digits: dict[str, Any] = {"sn89": __version__, "simd": _core.simd, "blocks": blocks, "digits": DIGITS}
        print_json({**digits, "microseconds": found})
        return
    rows = [("", *WHAT), *((name, *(f"{found[name][what]:.2f}" for what in WHAT)) for name in found)]
    say(f"sn89 {__version__}, {_core.simd}: microseconds per digit, one core\n\n{columns(rows)}")


VERBS = (bench,)
