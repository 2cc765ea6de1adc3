"""NIPS 2, 396-404, 1989: LeNet-1 on handwritten and printed digits."""

import math
from collections.abc import Sequence

from .. import datasets
from ..datasets.files import Folder
from ..measure import Rejection
from ..recipes import LENET1_1989, join
from .report import Report, Table, coarse_percent
from .runs import Outcome, add_figures, counts, held_out, honest_rejections, median, rejections, with_seeds

SEEDS = 30
HANDWRITTEN = 2007  # test digits, which come first; the printed ones follow


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Train LeNet-1, thirty seeds by default."""
    digits = LENET1_1989.digits(path=data)
    outcomes = with_seeds(LENET1_1989, digits, seeds)
    part = join(held_out(datasets.usps(data)), held_out(datasets.printed()))
    tables = [errors(outcomes), rejected(outcomes, with_seeds(LENET1_1989, part, seeds))]
    text = (
        f"{counts(digits)}; {LENET1_1989.rule}, {LENET1_1989.passes} passes, patterns in one mixed order. The paper's "
        "printed digits were never published: ours are set in the faces that come with matplotlib. MSE is half the "
        "mean squared error over patterns and outputs, as SN printed it."
    )
    return Report("nips1989", "Handwritten digit recognition with a back-propagation network (1989)", tables, [text])


def errors(outcomes: Sequence[Outcome]) -> Table:
    """Errors on all digits, on handwritten ones and on printed ones."""
    table = Table(f"LeNet-1: {outcomes[0].net.connections:,} connections")
    add_figures(table, outcomes, {"train: misclassified": ("1.1 %", 0.011), "train: MSE": "0.017"})
    add_figures(table, outcomes, {"test: misclassified": ("3.4 % (92)", 0.034)})
    written = [one.wrong[:HANDWRITTEN].mean() for one in outcomes]
    table.add("test: handwritten misclassified", "4.58 % (92)", written, at_most=92 / HANDWRITTEN)
    table.add("test: printed misclassified", "0 % (0)", [one.wrong[HANDWRITTEN:].mean() for one in outcomes])
    add_figures(table, outcomes, {"test: MSE": "0.024", "wall time of a training": "3 days"})
    return table


def rejected(outcomes: Sequence[Outcome], on_part: Sequence[Outcome]) -> Table:
    """Rejection by three thresholds."""
    table = Table("Rejected for 1 % error on the rest, by three thresholds")
    X, y = outcomes[0].digits.test
    everything = rejections(outcomes, by_three=True)
    written = rejections(outcomes, (X[:HANDWRITTEN], y[:HANDWRITTEN]), by_three=True)
    honest = honest_rejections(outcomes, on_part, by_three=True)
    table.add("all", "5.7 %", [one.share for one in everything], coarse_percent)
    table.add("handwritten alone", "9 %", [one.share for one in written], coarse_percent)
    table.notes.append(thresholds(everything[outcomes.index(median(outcomes))]))
    table.add("all, thresholds from held-out digits", "", [one.share for one in honest], coarse_percent)
    table.notes.append("held-out printed digits are of faces that are learned from; those of the test set are not")
    table.add("and error on the rest", "", [one.error for one in honest])
    return table


def thresholds(found: Rejection) -> str:
    """The three thresholds in words; one that rejects nothing is left out."""
    named = {
        "the largest output above": found.first,
        "the second below": found.second,
        "their difference above": found.difference,
    }
    asked = ", ".join(f"{name} {value:.3g}" for name, value in named.items() if math.isfinite(value))
    return f"All digits, the net of the median error, accepted: {asked}"
