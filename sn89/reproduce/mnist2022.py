"""The zip-code net on MNIST: the reproductions of 2022 (PyTorch) and 2026 (Node.js), and the modern steps."""

from collections.abc import Sequence

from ..datasets.files import Folder
from ..recipes import FIRST_2026, OTHER_2022, PRINTED_2022, STEPS_2022
from .report import Report, Table, small
from .runs import FIGURES, Outcome, Paper, add_figures, compared, with_seeds

SEEDS = 10
#: The figures that were printed: for the two runs of one script, the modern steps, and the reproduction of 2026.
PRINTED: Paper = {
    **{"train: MSE": "4.07e-3", "train: misclassified": "0.62 % (45)"},
    **{"test: MSE": "2.84e-2", "test: misclassified": "4.09 % (82)"},
}
OTHER: Paper = {"train: misclassified": "0.86 % (63)", "test: misclassified": "3.74 % (75)"}
STEPS: tuple[Paper, ...] = (
    PRINTED,
    {"train: misclassified": "0 %", "test: misclassified": "4.38 %"},
    {"train: misclassified": "0 %", "test: misclassified": "3.59 %"},
    {"train: misclassified": "1.70 %", "test: misclassified": "2.19 %"},
    {"train: misclassified": "1.47 %", "test: misclassified": "1.59 % (32)"},
)
FIRST: Paper = {
    **{"train: MSE": "4.85e-3", "train: misclassified": "0.86 %"},
    **{"test: MSE": "3.02e-2", "test: misclassified": "4.19 % (84)"},
}
#: The mean squared error by its usual definition, which both programs print.
USUAL = FIGURES | {"train: MSE": (lambda one: one.train.mse, small), "test: MSE": (lambda one: one.test.mse, small)}


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Train each step, ten seeds by default."""
    report, before = Report("mnist2022", "The zip-code net on MNIST, in 2022 and 2026"), None
    for recipe, paper in ((PRINTED_2022, PRINTED), (OTHER_2022, OTHER)):
        outcomes = with_seeds(recipe, recipe.digits(path=data), seeds)
        report.tables.append(compare(outcomes, paper, "PyTorch, seed 1337"))
        report.tables[-1].notes.append(
            "Every run has PyTorch's start of seed 1337, bit by bit; all but the first with some weights off by 1e-7 "
            "of themselves: the range is what roundings alone make of the run"
        )
    digits = STEPS_2022[0].digits(path=data)
    for recipe, paper in zip(STEPS_2022, STEPS, strict=True):
        outcomes = with_seeds(recipe, digits, seeds)
        report.tables.append(compare(outcomes, paper, "PyTorch, 2022"))
        if before:
            report.tables[-1].notes.append(compared(before, outcomes, "the step before first"))
        before = outcomes
    outcomes = with_seeds(FIRST_2026, FIRST_2026.digits(path=data), seeds)
    report.tables.append(compare(outcomes, FIRST, "Node.js, 2026"))
    report.text.append(
        f"Digits: {digits.name}, the test digits drawn first, as in the printed run; in the second table the training "
        "digits are drawn first, as the same script may do, and others who ran it report what stands there. Those of "
        "the last table are the first ones. All but the first two tables have starts of our own. MSE is the mean "
        "squared error, as it was printed there: twice SN's."
    )
    return report


def compare(outcomes: Sequence[Outcome], paper: Paper, whose: str) -> Table:
    """The table of one step."""
    recipe = outcomes[0].recipe
    table = Table(recipe.title, paper=whose)
    add_figures(table, outcomes, {**paper, "wall time of a training": ""}, USUAL)
    rates = recipe.rule.rates
    falling = f", falling to {rates[-1]:g}" if len(rates) > 1 else ""
    table.notes.append(f"{type(recipe.rule).__name__}, rate {rates[0]:g}{falling}; {recipe.passes} passes")
    return table
