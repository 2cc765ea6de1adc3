"""The best single net and the best combination on USPS, chosen on training digits and tested once.

The protocol. The training digits are cut into five runs of neighbours. Every candidate is trained five times, each
time on four of the runs, and judged on the fifth: so every training digit is judged once, by a net that has not seen
it. The candidate with the fewest errors is the best single net. For the combination the probabilities of candidates are
averaged, those of the best two, the best three, and so on, and the number with the fewest errors is taken. Only then
are the chosen nets trained on all training digits, and the test digits are used for the first time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..aliases import Array
from ..costs import SoftmaxCrossEntropy
from ..datasets.digits import Digits, Part
from ..datasets.files import Folder
from ..recipes import CANDIDATES, Recipe
from ..statistics import mcnemar
from .report import Report, Table, plain
from .runs import HELD_OUT, Job, Outcome, add_figures, held_out, median, rejections, run_all, with_seeds

SEEDS = 5


@dataclass(frozen=True)
class Judged:
    """A candidate, its probabilities for every training digit, and their errors."""

    recipe: Recipe
    probabilities: Array
    wrong: int


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Choose, train five nets of each kind by default, and test once."""
    digits = CANDIDATES[0].digits(path=data)
    ranked, together = choose(digits.name, digits.train)
    chosen = ranked[: int(np.argmin(together)) + 1]
    outcomes = [with_seeds(one.recipe, digits, seeds) for one in chosen]
    tables = [choosing(ranked, together, len(digits.train[1])), final(outcomes)]
    protocol = (__doc__ or "").partition("\n\n")[2].replace("\n", " ").strip()
    return Report("best", "The best of planes on USPS", tables, [protocol])


def choose(name: str, train: Part) -> tuple[list[Judged], list[int]]:
    """The candidates, the best first, and the errors of the first one, two, three and so on together.

    The test digits are not given, so that no choice can depend on them.
    """
    X, y = train
    digits = Digits(name, train, (X[:0], y[:0]), source="training digits alone")
    ranked = sorted((judge(recipe, digits) for recipe in CANDIDATES), key=lambda one: one.wrong)
    together = [int((combined(ranked[: n + 1]).argmax(axis=1) != y).sum()) for n in range(len(ranked))]
    return ranked, together


def judge(recipe: Recipe, digits: Digits) -> Judged:
    """Train on four fifths, judge on the fifth, five times."""
    jobs = [Job(recipe, held_out(digits, which=fold), seed=fold) for fold in range(HELD_OUT)]
    probabilities = np.concatenate([as_probabilities(one) for one in run_all(jobs)])
    return Judged(recipe, probabilities, int((probabilities.argmax(axis=1) != digits.train[1]).sum()))


def as_probabilities(outcome: Outcome) -> Array:
    """Probabilities of the test digits: the scores of a softmax cost, and a softmax of all others."""
    scores, softmax = outcome.scores.astype(np.float64), SoftmaxCrossEntropy()
    return scores if outcome.net.cost == softmax else softmax.scores(scores)


def combined(several: Sequence[Judged]) -> Array:
    """Their mean probabilities."""
    mean: Array = np.mean([one.probabilities for one in several], axis=0)
    return mean


def choosing(ranked: Sequence[Judged], together: Sequence[int], count: int) -> Table:
    """The errors that the choice was made by."""
    table = Table(f"Errors on {count:,} held-out training digits")
    for n, (one, wrong) in enumerate(zip(ranked, together, strict=True), start=1):
        table.add(one.recipe.title, "", [one.wrong], plain)
        if n > 1:
            table.add(f"... combined with the {n - 1} above", "", [wrong], plain)
    return table


def final(outcomes: Sequence[Sequence[Outcome]]) -> Table:
    """The results on the test set."""
    single, everything = outcomes[0], [one for several in outcomes for one in several]
    labels = single[0].digits.test[1]
    wrong = np.mean([as_probabilities(one) for one in everything], axis=0).argmax(axis=1) != labels
    table = Table(f"Test set: {single[0].recipe.title}, and all {len(everything)} nets combined")
    table.add("single net: misclassified", "5.0 % (1989)", [one.test.error for one in single])
    rejected = [one.share for one in rejections(single)]
    table.add("single net: rejected for 1 % error on the rest", "12.1 % (1989)", rejected)
    table.add("combination: misclassified", "2.5 % (a person)", [wrong.mean()])
    add_figures(table, single, {"wall time of a training": "3 days"})
    test = mcnemar(median(single).wrong, wrong)
    kinds = "1 kind of net" if len(outcomes) == 1 else f"{len(outcomes)} kinds of nets"
    table.notes.append(f"combination: {int(wrong.sum())} of {len(wrong)} wrong, with {kinds}")
    table.notes.append(f"McNemar's test, a single net of the median error first, the combination second: {test}")
    return table
