"""Many trainings of one recipe, one for each seed, on all processors; and the figures that tables have of them."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any, Protocol, TypeVar

import numpy as np

from .. import measure
from ..aliases import Array
from ..datasets.digits import Digits, Part
from ..declaration import plain_net
from ..measure import Measurement, Rejection
from ..net import Net
from ..notebook import progress_bar
from ..recipes import Recipe
from ..statistics import mcnemar
from ..storage import about, load, save
from ..sweep.workers import ends_with, in_threads, processors
from ..training import evaluate
from . import kept
from .report import Form, Table, percent, seconds, small

Result = TypeVar("Result", covariant=True)
HELD_OUT = 5  # one in so many training digits is held out where something is to be chosen


@dataclass(eq=False)
class Outcome:
    """A trained net, and its results on the training and the test digits."""

    recipe: Recipe
    digits: Digits
    seed: int
    net: Net
    seconds: float

    @cached_property
    def train(self) -> Measurement:
        return evaluate(self.net, *self.digits.train)

    @cached_property
    def test(self) -> Measurement:
        return evaluate(self.net, *self.digits.test)

    @cached_property
    def scores(self) -> Array:
        """The scores of the test digits, shape (n, classes)."""
        return self.net.cost.scores(self.net(self.digits.test[0]))

    @cached_property
    def wrong(self) -> Array:
        """Whether each test digit is misclassified."""
        wrong: Array = self.scores.argmax(axis=1) != self.digits.test[1]
        return wrong


Outcomes = Sequence[Outcome]


class Runnable(Protocol[Result]):
    """A job with a result that can be kept in a file."""

    def run(self, stop: Event) -> Result: ...  # do the work; end early once `stop` is set

    def plain(self) -> dict[str, Any]: ...  # everything that the result depends on, as plain values

    def keep(self, result: Any, path: Path) -> None: ...

    def read(self, path: Path) -> Result: ...


@dataclass(frozen=True)
class Job:
    """One training."""

    recipe: Recipe
    digits: Digits
    seed: int

    def run(self, stop: Event) -> Outcome:
        """Train and evaluate, because threads share both; the training ends after a pass once `stop` is set."""
        started = time.perf_counter()
        net, _ = self.recipe.train(self.digits.train, self.seed, callbacks=[ends_with(stop)])
        outcome = Outcome(self.recipe, self.digits, self.seed, net, time.perf_counter() - started)
        _ = outcome.train, outcome.test, outcome.scores
        return outcome

    def plain(self) -> dict[str, Any]:
        recipe, net = self.recipe, self.recipe.net(seed=self.seed)
        return {
            "net": plain_net(net),
            "start": sha256(net.parameters.tobytes()).hexdigest(),
            "training": repr((recipe.rule, recipe.passes, recipe.order, recipe.distortion)),
            "seed": self.seed,
            "digits": kept.digest(self.digits),
        }

    def keep(self, outcome: Outcome, path: Path) -> None:
        save(outcome.net, path, provenance={"seconds": outcome.seconds})

    def read(self, path: Path) -> Outcome:
        seconds = about(path)["provenance"]["seconds"]
        return Outcome(self.recipe, self.digits, self.seed, load(path), seconds)


def carried_out(job: Runnable[Result], folder: Path | None, stop: Event) -> Result:
    """The result of a job: the one that is kept in the folder, or a new one, which is then kept there."""
    if folder is None:
        return job.run(stop)
    path = kept.place(folder, job.plain())
    if path.exists():
        return job.read(path)
    result = job.run(stop)
    folder.mkdir(parents=True, exist_ok=True)
    job.keep(result, path)
    return result


def run_all(jobs: Sequence[Runnable[Result]], progress: bool | None = None) -> list[Result]:
    """Run all jobs, as many at once as there are processors; results come in the order of the jobs."""
    results: dict[int, Result] = {}
    folder = kept.folder()

    def numbered(number: int, stop: Event) -> tuple[int, Result]:
        return number, carried_out(jobs[number], folder, stop)

    with (
        closing(in_threads(numbered, range(len(jobs)), processors())) as done,
        progress_bar(len(jobs), progress, unit=" trainings") as bar,
    ):
        for number, result in done:
            results[number] = result
            bar.update()
    return [results[number] for number in range(len(jobs))]


def with_seeds(recipe: Recipe, digits: Digits, seeds: Iterable[int], progress: bool | None = None) -> list[Outcome]:
    """A training with each seed."""
    return run_all([Job(recipe, digits, seed) for seed in seeds], progress)


def held_out(digits: Digits, share: int = HELD_OUT, which: int = -1) -> Digits:
    """The training digits in two parts: of `share` runs of neighbours, the one numbered `which` is the test set.

    Neighbours were often written by one hand, which should not be on both sides. The test digits are not in it.
    """
    X, y = digits.train
    edges = np.linspace(0, len(X), share + 1).astype(int)
    out = np.zeros(len(X), bool)
    out[edges[which % share] : edges[which % share + 1]] = True
    return Digits(f"{digits.name}, training digits", (X[~out], y[~out]), (X[out], y[out]), digits.source)


def median(outcomes: Outcomes) -> Outcome:
    """The outcome whose test error is in the middle, which stands for the others where nets are compared."""
    return sorted(outcomes, key=lambda outcome: (outcome.test.wrong, outcome.seed))[(len(outcomes) - 1) // 2]


def rejections(outcomes: Outcomes, part: Part | None = None, by_three: bool = False) -> list[Rejection]:
    """The digits that each net must reject for 1 % error on the rest; thresholds are found on these very digits."""
    find = measure.rejection_by_three if by_three else measure.rejection
    if part is None:
        return [find(outcome.scores, outcome.digits.test[1]) for outcome in outcomes]
    return [find(outcome.net.cost.scores(outcome.net(part[0])), part[1]) for outcome in outcomes]


def honest_rejections(outcomes: Outcomes, on_part: Outcomes, by_three: bool = False) -> list[Rejection]:
    """The same with thresholds found on held-out training digits, by a net of the same seed trained on the rest."""
    thresholds = rejections(on_part, by_three=by_three)
    return [found.on(one.scores, one.digits.test[1]) for found, one in zip(thresholds, outcomes, strict=True)]


Figures = dict[str, tuple[Callable[[Outcome], float | None], Form]]
Paper = Mapping[str, str | tuple[str, float]]

#: The lines that tables of different papers share: what they measure, and how it is printed.
FIGURES: Figures = {
    "train: MSE": (lambda one: one.train.half_mse, small),
    "train: misclassified": (lambda one: one.train.error, percent),
    "test: MSE": (lambda one: one.test.half_mse, small),
    "test: misclassified": (lambda one: one.test.error, percent),
    "wall time of a training": (lambda one: one.seconds, seconds),
}


def add_figures(table: Table, outcomes: Outcomes, paper: Paper, figures: Figures = FIGURES) -> None:
    """Add a line for each name in `paper`, with the paper's figure: text, or text and the number for it."""
    for name, printed in paper.items():
        text, at_most = (printed, None) if isinstance(printed, str) else printed
        figure, form = figures[name]
        table.add(name, text, [figure(one) for one in outcomes], form, at_most)


def compared(one: Outcomes, other: Outcomes, which: str) -> str:
    """McNemar's test of the nets of the median error, as a note; `which` says which of the two comes first."""
    return f"McNemar's test, {which}, nets of the median error: {mcnemar(median(one).wrong, median(other).wrong)}"


def counts(digits: Digits) -> str:
    """The name of the digits, and how many there are."""
    return f"{digits.name}, {len(digits.train[0]):,} + {len(digits.test[0]):,} digits"
