"""Neural Computation 1(4), 541-551, 1989: the zip-code net, and the fully connected one that it is compared with."""

from __future__ import annotations

from collections.abc import Sequence

from ..datasets.files import Folder
from ..recipes import FULL_1989, ZIP_1989, Recipe
from ..statistics import mcnemar
from .report import Report, Table, coarse_percent, percent, seconds, small
from .runs import Outcome, held_out, honest_rejections, median, rejections, run_all, seeds_of

SEEDS = 30
PAPER = {
    ZIP_1989: ("2.5e-3", "0.14 % (10)", "1.8e-2", "5.0 % (102)", "12.1 %", "3 days"),
    FULL_1989: ("", "1.6 %", "", "8.1 %", "19.4 %", ""),
}
WRONG = {ZIP_1989: (10 / 7291, 102 / 2007), FULL_1989: (0.016, 0.081)}  # of training and test digits, in the paper


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Train both, thirty seeds each by default."""
    report = Report("zip1989", "Backpropagation applied to handwritten zip code recognition (1989)")
    digits = ZIP_1989.digits(path=data)
    part, best = held_out(digits), []
    for recipe in (ZIP_1989, FULL_1989):
        jobs = [*seeds_of(recipe, digits, seeds), *seeds_of(recipe, part, seeds)]
        outcomes = run_all(jobs)
        report.tables.append(compare(recipe, outcomes[: len(seeds)], outcomes[len(seeds) :]))
        best.append(median(outcomes[: len(seeds)]))
    test = mcnemar(best[0].wrong, best[1].wrong)
    report.tables[1].notes.append(f"McNemar's test, the zip-code net first, nets of the median error: {test}")
    report.text.append(
        f"{digits.name}, {len(digits.train[0]):,} + {len(digits.test[0]):,} digits; {ZIP_1989.rule}, "
        f"{ZIP_1989.passes} passes, patterns in the order given. MSE is half the mean squared error over patterns and "
        "outputs, as SN printed it."
    )
    return report


def compare(recipe: Recipe, outcomes: Sequence[Outcome], on_part: Sequence[Outcome]) -> Table:
    """One net's table."""
    mse, wrong, test_mse, test_wrong, rejected, time = PAPER[recipe]
    table = Table(f"{recipe.title}: {outcomes[0].net.connections:,} connections")
    table.add("train: MSE", mse, [one.train.half_mse for one in outcomes], small)
    at_most = WRONG[recipe]
    table.add("train: misclassified", wrong, [one.train.error for one in outcomes], at_most=at_most[0])
    table.add("test: MSE", test_mse, [one.test.half_mse for one in outcomes], small)
    table.add("test: misclassified", test_wrong, [one.test.error for one in outcomes], at_most=at_most[1])
    table.add(
        "rejected for 1 % error on the rest", rejected, [one.share for one in rejections(outcomes)], coarse_percent
    )
    honest = honest_rejections(outcomes, on_part)
    table.add("rejected, threshold from held-out digits", "", [one.share for one in honest], coarse_percent)
    table.add("and error on the rest", "", [one.error for one in honest], percent)
    table.add("wall time of a training", time, [one.seconds for one in outcomes], seconds)
    return table
