"""LeNet-1 as tutorials build it, with softmax and a hidden layer, beside LeNet-1, on the same digits."""

from collections.abc import Sequence

from ..datasets.files import Folder
from ..recipes import LENET1_USPS, TUTORIAL, TUTORIAL_GRADIENT
from .report import Report, Table
from .runs import add_figures, compared, counts, with_seeds

SEEDS = 5


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Train each net, five seeds by default."""
    digits = LENET1_USPS.digits(path=data)
    report = Report("tutorial", "LeNet-1, and the LeNet-1 of tutorials")
    report.text.append(f"{counts(digits)}, in the order given.")
    names, first = ("train: misclassified", "test: misclassified", "wall time of a training"), None
    for recipe in (LENET1_USPS, TUTORIAL, TUTORIAL_GRADIENT):
        outcomes = with_seeds(recipe, digits, seeds)
        table = Table(f"{recipe.title}: {outcomes[0].net.free_parameters:,} free parameters")
        add_figures(table, outcomes, dict.fromkeys(names, ""))
        table.notes.append(f"{recipe.rule}, {recipe.passes} passes")
        if first:
            table.notes.append(compared(first, outcomes, "LeNet-1 of 1989 first"))
        first = first or outcomes
        report.tables.append(table)
    return report
