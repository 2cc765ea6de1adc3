"""Proc. IEEE 86(11), 2278-2324, 1998: LeNet-5 on MNIST, as it is and distorted."""

from __future__ import annotations

from collections.abc import Sequence

from ..datasets.files import Folder
from ..recipes import LENET5, LENET5_DISTORTED
from ..rules import StochasticDiagonalLM
from ..statistics import mcnemar
from .report import Report, Table, seconds
from .runs import median, run_all, seeds_of

SEEDS = 3
PAPER = {LENET5: ("0.35 %", "0.95 %"), LENET5_DISTORTED: ("", "0.8 %")}


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Train both, three seeds by default."""
    report = Report("lenet5", "Gradient-based learning applied to document recognition (1998)")
    digits, best = LENET5.digits(path=data), []
    for recipe in (LENET5, LENET5_DISTORTED):
        outcomes = run_all(seeds_of(recipe, digits, seeds))
        train, test = PAPER[recipe]
        table = Table(f"{recipe.title}: {outcomes[0].net.connections:,} connections")
        table.add("train: misclassified", train, [one.train.error for one in outcomes])
        table.add("test: misclassified", test, [one.test.error for one in outcomes])
        table.add("wall time of a training", "", [one.seconds for one in outcomes], seconds)
        rule = recipe.rule
        assert isinstance(rule, StochasticDiagonalLM)
        table.notes.append(f"{recipe.passes} passes, mu {rule.mu:g}, curvature of {rule.samples} samples before each")
        if recipe.distortion:
            table.notes.append(f"{recipe.distortion}, anew in each presentation")
        best.append(median(outcomes))
        report.tables.append(table)
    compared = mcnemar(*(one.wrong for one in best))
    report.tables[-1].notes.append(f"McNemar's test, undistorted first, nets of the median error: {compared}")
    report.text.append(
        f"{digits.name}, {len(digits.train[0]):,} + {len(digits.test[0]):,} digits, in a new order each pass; RBF "
        "outputs, equation 9."
    )
    return report
