"""NIPS 2, 396-404, 1989: LeNet-1 on handwritten and printed digits."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .. import datasets
from ..datasets.digits import Digits, Part
from ..datasets.files import Folder
from ..measure import Rejection
from ..recipes import LENET1_1989, join
from .report import Report, Table, coarse_percent, seconds, small
from .runs import Outcome, held_out, honest_rejections, median, rejections, run_all, seeds_of

SEEDS = 30
HANDWRITTEN = 2007  # of the test digits: they come first, then the printed ones


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Train LeNet-1, thirty seeds by default."""
    digits = LENET1_1989.digits(path=data)
    outcomes = run_all(seeds_of(LENET1_1989, digits, seeds))
    part = join(held_out(datasets.usps(data)), held_out(datasets.printed()))
    on_part = run_all(seeds_of(LENET1_1989, part, seeds))
    report = Report("nips1989", "Handwritten digit recognition with a back-propagation network (1989)")
    report.tables = [errors(outcomes), rejected(outcomes, on_part)]
    report.text = [
        f"{digits.name}, {len(digits.train[0]):,} + {len(digits.test[0]):,} digits; {LENET1_1989.rule}, "
        f"{LENET1_1989.passes} passes, patterns in one mixed order. The paper's printed digits were never published: "
        "ours are set in the faces that come with matplotlib. MSE is half the mean squared error over patterns and "
        "outputs, as SN printed it."
    ]
    return report


def kinds(digits: Digits) -> tuple[Part, Part]:
    """The test digits that were written, and those that were printed."""
    X, y = digits.test
    return (X[:HANDWRITTEN], y[:HANDWRITTEN]), (X[HANDWRITTEN:], y[HANDWRITTEN:])


def errors(outcomes: Sequence[Outcome]) -> Table:
    """Errors, and on which digits they are."""
    table = Table(f"LeNet-1: {outcomes[0].net.connections:,} connections")
    written, printed = [one.wrong[:HANDWRITTEN] for one in outcomes], [one.wrong[HANDWRITTEN:] for one in outcomes]
    table.add("train: misclassified", "1.1 %", [one.train.error for one in outcomes], at_most=0.011)
    table.add("train: MSE", "0.017", [one.train.half_mse for one in outcomes], small)
    table.add("test: misclassified", "3.4 % (92)", [one.test.error for one in outcomes], at_most=0.034)
    table.add(
        "test: handwritten misclassified", "4.58 % (92)", [one.mean() for one in written], at_most=92 / HANDWRITTEN
    )
    table.add("test: printed misclassified", "0 % (0)", [one.mean() for one in printed])
    table.add("test: MSE", "0.024", [one.test.half_mse for one in outcomes], small)
    table.add("wall time of a training", "3 days", [one.seconds for one in outcomes], seconds)
    return table


def rejected(outcomes: Sequence[Outcome], on_part: Sequence[Outcome]) -> Table:
    """Rejection by three thresholds."""
    table = Table("Rejected for 1 % error on the rest, by three thresholds")
    everything = rejections(outcomes, by_three=True)
    written = rejections(outcomes, kinds(outcomes[0].digits)[0], by_three=True)
    honest = honest_rejections(outcomes, on_part, by_three=True)
    table.add("all", "5.7 %", [one.share for one in everything], coarse_percent)
    table.add("handwritten alone", "9 %", [one.share for one in written], coarse_percent)
    table.notes.append(thresholds(everything[outcomes.index(median(outcomes))]))
    table.add("all, thresholds from held-out digits", "", [one.share for one in honest], coarse_percent)
    table.notes.append("held-out printed digits are of faces that are learned from; those of the test set are not")
    table.add("and error on the rest", "", [one.error for one in honest])
    return table


def thresholds(found: Rejection) -> str:
    """What the three are; one that rejects nothing is left out."""
    told = {
        f"the largest output above {found.first:.3g}": found.first > -math.inf,
        f"the second below {found.second:.3g}": found.second < math.inf,
        f"their difference above {found.difference:.3g}": found.difference > -math.inf,
    }
    asked = ", ".join(one for one, asked in told.items() if asked)
    return f"All digits, the net of the median error, accepted: {asked}"
