"""LeNet-1 as tutorials build it, with softmax and a hidden layer, beside LeNet-1, on the same digits."""

from __future__ import annotations

from collections.abc import Sequence

from ..datasets.files import Folder
from ..recipes import LENET1_USPS, TUTORIAL, TUTORIAL_GRADIENT
from ..statistics import mcnemar
from .report import Report, Table, seconds
from .runs import median, run_all, seeds_of

SEEDS = 5


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Train each, five seeds by default."""
    report = Report("tutorial", "LeNet-1, and the LeNet-1 of tutorials")
    digits, best = LENET1_USPS.digits(path=data), []
    for recipe in (LENET1_USPS, TUTORIAL, TUTORIAL_GRADIENT):
        outcomes = run_all(seeds_of(recipe, digits, seeds))
        table = Table(f"{recipe.title}: {outcomes[0].net.free_parameters:,} free parameters")
        table.add("train: misclassified", "", [one.train.error for one in outcomes])
        table.add("test: misclassified", "", [one.test.error for one in outcomes])
        table.add("wall time of a training", "", [one.seconds for one in outcomes], seconds)
        table.notes.append(f"{recipe.rule}, {recipe.passes} passes")
        best.append(median(outcomes))
        if len(best) > 1:
            test = mcnemar(best[0].wrong, best[-1].wrong)
            table.notes.append(f"McNemar's test, LeNet-1 of 1989 first, nets of the median error: {test}")
        report.tables.append(table)
    report.text.append(f"{digits.name}, {len(digits.train[0]):,} + {len(digits.test[0]):,} digits, in the order given.")
    return report
