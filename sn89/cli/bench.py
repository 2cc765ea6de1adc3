"""``sn89 bench``: measure in some seconds how fast the papers' nets are here. The folder `benchmarks` measures more."""

import statistics
import time
from collections.abc import Callable

import numpy as np

from .. import _core
from ..printable import columns
from ..rules import SGD, LevenbergMarquardt
from ..version import __version__
from .options import count_option, json_option, verb
from .saying import result
from .sources import RECIPES, papers_net

DIGITS = 1024  # in one measurement
MEASURED = ("first order", "second order", "evaluation")


def calls(name: str) -> list[Callable[[], object]]:
    """A function for each of `MEASURED`, which does it once with all digits, random images of the net's size."""
    source, random = papers_net(name), np.random.default_rng(1989)
    net, side = source.net, 28 if source.size == 32 else source.size
    X = random.uniform(-1, 1, (DIGITS, side, side)).astype(np.float32)
    patterns, order = net.patterns(X, random.integers(0, net.outputs, DIGITS)), np.arange(DIGITS, dtype=np.int64)
    # The rates are so small that the net hardly changes, because infinite states would have another speed.
    first, second = SGD(1e-9).in_pass(1), LevenbergMarquardt(1e-9).in_pass(1)
    return [
        lambda: net.present(first, patterns, order),
        lambda: net.present(second, patterns, order),
        lambda: net(X),
    ]


def medians(blocks: list[Callable[[], object]], times: int) -> list[float]:
    """Median seconds of each function. They take turns, so that a change of the machine's speed meets all of them."""
    seconds: list[list[float]] = [[] for _ in blocks]
    for turn in range(times + 1):
        for block, taken in zip(blocks, seconds, strict=True):
            started = time.perf_counter()
            block()
            if turn:  # the first turn only warms up
                taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in seconds]


def measure(times: int) -> dict[str, dict[str, float]]:
    """Microseconds per digit, by net and by `MEASURED`."""
    found = medians([block for name in RECIPES for block in calls(name)], times)
    per_digit = iter(1e6 * seconds / DIGITS for seconds in found)
    return {name: {what: next(per_digit) for what in MEASURED} for name in RECIPES}


@verb()
@count_option("--blocks", default=7, help="Measurements of each.")
@json_option
def bench(blocks: int, as_json: bool) -> None:
    """Measure how fast the papers' nets are on this machine.

    The table gives microseconds per digit on one core: to learn from one digit by plain gradient (first order), to
    learn from it with curvatures (second order), and to evaluate it among many. Each figure is the median of several
    measurements. The environment variable SN89_SIMD chooses other vector instructions.
    """
    found = measure(blocks)
    document = {"sn89": __version__, "simd": _core.simd, "blocks": blocks, "digits": DIGITS, "microseconds": found}
    rows = [("", *MEASURED), *((name, *(f"{found[name][what]:.2f}" for what in MEASURED)) for name in found)]
    words = f"sn89 {__version__}, {_core.simd}: microseconds per digit, one core\n\n{columns(rows)}"
    result(as_json, document, words)
