"""The zip-code net on MNIST: the reproductions of 2022 (PyTorch) and 2026 (Node.js), and the modern steps."""

from __future__ import annotations

from collections.abc import Sequence

from ..datasets.files import Folder
from ..recipes import FIRST_2026, OTHER_2022, PRINTED_2022, STEPS_2022
from ..statistics import mcnemar
from .report import Report, Table, seconds, small
from .runs import Outcome, median, run_all, seeds_of

SEEDS = 10
# For each step: training and test error, as it was found in 2022.
STEPS = (
    ("0.62 % (45)", "4.09 % (82)"),
    ("0 %", "4.38 %"),
    ("0 %", "3.59 %"),
    ("1.70 %", "2.19 %"),
    ("1.47 %", "1.59 % (32)"),
)


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Train each step, ten seeds by default."""
    report = Report("mnist2022", "The zip-code net on MNIST, in 2022 and 2026")
    for recipe, train, test, mse in (
        (PRINTED_2022, "0.62 % (45)", "4.09 % (82)", ("4.07e-3", "2.84e-2")),
        (OTHER_2022, "0.86 % (63)", "3.74 % (75)", None),
    ):
        table = compare(recipe.title, run_all(seeds_of(recipe, recipe.digits(path=data), seeds)), train, test, mse)
        table.paper = "PyTorch, seed 1337"
        table.notes.append(
            "Every run has PyTorch's start of seed 1337, bit by bit; all but the first with some weights off by 1e-7 "
            "of themselves: the range is what roundings alone make of the run"
        )
        report.tables.append(table)
    digits, best = STEPS_2022[0].digits(path=data), []
    for recipe, (train, test) in zip(STEPS_2022, STEPS, strict=True):
        outcomes = run_all(seeds_of(recipe, digits, seeds))
        mse = ("4.07e-3", "2.84e-2") if recipe is STEPS_2022[0] else None
        report.tables.append(compare(recipe.title, outcomes, train, test, mse))
        report.tables[-1].paper = "PyTorch, 2022"
        best.append(median(outcomes))
        if len(best) > 1:
            step = mcnemar(best[-2].wrong, best[-1].wrong)
            report.tables[-1].notes.append(f"McNemar's test, the step before first, nets of the median error: {step}")
    outcomes = run_all(seeds_of(FIRST_2026, FIRST_2026.digits(path=data), seeds))
    table = compare(FIRST_2026.title, outcomes, "0.86 %", "4.19 % (84)", ("4.85e-3", "3.02e-2"))
    table.paper = "Node.js, 2026"
    report.tables.append(table)
    report.text.append(
        f"Digits: {digits.name}, the test digits drawn first, as in the printed run; in the second table the training "
        "digits are drawn first, as the same script may do, and others who ran it report what stands there. Those of "
        "the last table are the first ones. All but the first two tables have starts of our own. MSE is the mean "
        "squared error, as it was printed there: twice SN's."
    )
    return report


def compare(
    title: str, outcomes: Sequence[Outcome], train: str, test: str, mse: tuple[str, str] | None = None
) -> Table:
    """One step."""
    table = Table(title)
    recipe = outcomes[0].recipe
    if mse:
        table.add("train: MSE", mse[0], [one.train.mse for one in outcomes], small)
    table.add("train: misclassified", train, [one.train.error for one in outcomes])
    if mse:
        table.add("test: MSE", mse[1], [one.test.mse for one in outcomes], small)
    table.add("test: misclassified", test, [one.test.error for one in outcomes])
    table.add("wall time of a training", "", [one.seconds for one in outcomes], seconds)
    rates = recipe.rule.rates
    falling = f", falling to {rates[-1]:g}" if len(rates) > 1 else ""
    table.notes.append(f"{type(recipe.rule).__name__}, rate {rates[0]:g}{falling}; {recipe.passes} passes")
    return table
