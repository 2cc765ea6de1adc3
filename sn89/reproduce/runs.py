"""Many trainings of one recipe, a seed each, on all processors; and what is asked of them afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any, Protocol, TypeVar

import numpy as np

from .. import measure
from ..datasets.digits import Digits, Part
from ..declaration import plain_net
from ..measure import Measurement, Rejection
from ..net import Net
from ..recipes import Recipe
from ..storage import about, load, save
from ..sweep.workers import ends_with, in_threads, processors
from ..training import evaluate
from . import kept

Array = np.ndarray
Result = TypeVar("Result", covariant=True)
HELD_OUT = 5  # one in so many training digits is held out where something is to be chosen


@dataclass(eq=False)
class Outcome:
    """A net that was trained, and how it does."""

    recipe: Recipe
    digits: Digits
    seed: int
    net: Net
    seconds: float

    @cached_property
    def train(self) -> Measurement:
        """On the digits that it learned from."""
        return evaluate(self.net, *self.digits.train)

    @cached_property
    def test(self) -> Measurement:
        """On the others."""
        return evaluate(self.net, *self.digits.test)

    @cached_property
    def scores(self) -> Array:
        """Of the test digits."""
        return self.net.cost.scores(self.net(self.digits.test[0]))

    @cached_property
    def wrong(self) -> Array:
        """Which test digits it gets wrong."""
        wrong: Array = self.scores.argmax(axis=1) != self.digits.test[1]
        return wrong


@dataclass(frozen=True)
class Job:
    """One training to be done."""

    recipe: Recipe
    digits: Digits
    seed: int

    def run(self, stop: Event) -> Outcome:
        """Train, and evaluate, which belongs to the work that threads share; ends after a pass if it is to stop."""
        started = time.perf_counter()
        net, _ = self.recipe.train(self.digits.train, self.seed, callbacks=[ends_with(stop)])
        outcome = Outcome(self.recipe, self.digits, self.seed, net, time.perf_counter() - started)
        _ = outcome.train, outcome.test, outcome.scores
        return outcome

    def told(self) -> dict[str, Any]:
        """All that the outcome comes of, as plain values."""
        recipe, net = self.recipe, self.recipe.net(seed=self.seed)
        return {
            "net": plain_net(net),
            "start": sha256(net.parameters.tobytes()).hexdigest(),
            "training": repr((recipe.rule, recipe.passes, recipe.order, recipe.distortion)),
            "seed": self.seed,
            "digits": kept.digest(self.digits),
        }

    def keep(self, outcome: Outcome, path: Path) -> None:
        """Write the outcome to a file."""
        save(outcome.net, path, provenance={"seconds": outcome.seconds})

    def read(self, path: Path) -> Outcome:
        """The outcome that was kept."""
        seconds = about(path)["provenance"]["seconds"]
        return Outcome(self.recipe, self.digits, self.seed, load(path), seconds)


class Runnable(Protocol[Result]):
    """What can be carried out."""

    def run(self, stop: Event) -> Result:
        """Do it; end early if it is to stop."""
        ...

    def told(self) -> dict[str, Any]:
        """All that its result comes of."""
        ...

    def keep(self, result: Any, path: Path) -> None:
        """Write its result to a file."""
        ...

    def read(self, path: Path) -> Result:
        """The result that was kept."""
        ...


def carried_out(job: Runnable[Result], folder: Path | None, stop: Event) -> Result:
    """The result of a job: what was kept of it in the folder, or what it brings, which is kept there."""
    if folder is None:
        return job.run(stop)
    path = kept.place(folder, job.told())
    if path.exists():
        return job.read(path)
    result = job.run(stop)
    folder.mkdir(parents=True, exist_ok=True)
    job.keep(result, path)
    return result


def run_all(jobs: Sequence[Runnable[Result]], progress: bool | None = None) -> list[Result]:
    """Carry out all jobs, as many at once as there are processors; outcomes in the order of the jobs."""
    from ..notebook import progress_bar

    outcomes: dict[int, Result] = {}
    folder = kept.folder()

    def numbered(number: int, stop: Event) -> tuple[int, Result]:
        return number, carried_out(jobs[number], folder, stop)

    with (
        closing(in_threads(numbered, range(len(jobs)), processors())) as done,
        progress_bar(len(jobs), progress, unit=" trainings") as bar,
    ):
        for number, outcome in done:
            outcomes[number] = outcome
            bar.update()
    return [outcomes[number] for number in range(len(jobs))]


def seeds_of(recipe: Recipe, digits: Digits, seeds: Iterable[int]) -> list[Job]:
    """A job for each seed."""
    return [Job(recipe, digits, seed) for seed in seeds]


def held_out(digits: Digits, share: int = HELD_OUT, which: int = -1) -> Digits:
    """The training digits in two: of `share` runs of neighbours, one is the test set.

    Neighbours were often written by one hand, which should not be on both sides. The test digits are not in it.
    """
    X, y = digits.train
    edges = np.linspace(0, len(X), share + 1).astype(int)
    out = np.zeros(len(X), bool)
    out[edges[which % share] : edges[which % share + 1]] = True
    return Digits(f"{digits.name}, training digits", (X[~out], y[~out]), (X[out], y[out]), digits.source)


def median(outcomes: Sequence[Outcome]) -> Outcome:
    """The one whose test error is in the middle, to compare nets by: neither the luckiest nor the unluckiest."""
    return sorted(outcomes, key=lambda outcome: (outcome.test.wrong, outcome.seed))[(len(outcomes) - 1) // 2]


def rejections(outcomes: Sequence[Outcome], part: Part | None = None, by_three: bool = False) -> list[Rejection]:
    """What each net must reject for 1 % error on the rest, by thresholds found on these digits, as in the papers."""
    find = measure.rejection_by_three if by_three else measure.rejection
    answers = []
    for outcome in outcomes:
        X, y = part or outcome.digits.test
        answers.append(find(outcome.net.cost.scores(outcome.net(X)), y))
    return answers


def honest_rejections(
    outcomes: Sequence[Outcome], on_part: Sequence[Outcome], by_three: bool = False
) -> list[Rejection]:
    """The same with thresholds found on held-out training digits, by a net of the same seed trained on the rest."""
    thresholds = rejections(on_part, by_three=by_three)
    return [
        found.on(outcome.scores, outcome.digits.test[1]) for found, outcome in zip(thresholds, outcomes, strict=True)
    ]
