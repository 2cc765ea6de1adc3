"""Neural Computation 1(4), 541-551, 1989: the zip-code net, and the fully connected one that it is compared with."""

from collections.abc import Sequence

from ..datasets.files import Folder
from ..recipes import FULL_1989, ZIP_1989, Recipe
from .report import Report, Table, coarse_percent
from .runs import Outcome, Paper, add_figures, compared, counts, held_out, honest_rejections, rejections, with_seeds

SEEDS = 30
#: Errors of the paper as it prints them, and as numbers; then its rejection for 1 % error, and its time.
PAPER: dict[Recipe, Paper] = {
    ZIP_1989: {
        "train: MSE": "2.5e-3",
        "train: misclassified": ("0.14 % (10)", 10 / 7291),
        "test: MSE": "1.8e-2",
        "test: misclassified": ("5.0 % (102)", 102 / 2007),
    },
    FULL_1989: {
        "train: MSE": "",
        "train: misclassified": ("1.6 %", 0.016),
        "test: MSE": "",
        "test: misclassified": ("8.1 %", 0.081),
    },
}
REJECTED = {ZIP_1989: "12.1 %", FULL_1989: "19.4 %"}
TOOK = {ZIP_1989: "3 days", FULL_1989: ""}


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Train both nets, thirty seeds each by default."""
    digits = ZIP_1989.digits(path=data)
    part = held_out(digits)
    trained = {recipe: with_seeds(recipe, digits, seeds) for recipe in PAPER}
    tables = [compare(one, outcomes, with_seeds(one, part, seeds)) for one, outcomes in trained.items()]
    tables[1].notes.append(compared(trained[ZIP_1989], trained[FULL_1989], "the zip-code net first"))
    text = (
        f"{counts(digits)}; {ZIP_1989.rule}, {ZIP_1989.passes} passes, patterns in the order given. MSE is half the "
        "mean squared error over patterns and outputs, as SN printed it."
    )
    return Report("zip1989", "Backpropagation applied to handwritten zip code recognition (1989)", tables, [text])


def compare(recipe: Recipe, outcomes: Sequence[Outcome], on_part: Sequence[Outcome]) -> Table:
    """The table of one net."""
    table = Table(f"{recipe.title}: {outcomes[0].net.connections:,} connections")
    add_figures(table, outcomes, PAPER[recipe])
    rejected, honest = rejections(outcomes), honest_rejections(outcomes, on_part)
    name = "rejected for 1 % error on the rest"
    table.add(name, REJECTED[recipe], [one.share for one in rejected], coarse_percent)
    table.add("rejected, threshold from held-out digits", "", [one.share for one in honest], coarse_percent)
    table.add("and error on the rest", "", [one.error for one in honest])
    add_figures(table, outcomes, {"wall time of a training": TOOK[recipe]})
    return table
