"""Proc. IEEE 86(11), 2278-2324, 1998: LeNet-5 on MNIST, as it is and distorted."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from statistics import correlation

import numpy as np

from .. import nets
from ..costs import RBFDiscriminative
from ..datasets.digits import Digits
from ..datasets.files import Folder
from ..recipes import LENET5, LENET5_DISTORTED, Recipe
from ..rules import StochasticDiagonalLM
from .report import Report, Table, plain
from .runs import Job, Outcome, Paper, add_figures, compared, counts, held_out, run_all, with_seeds

SEEDS = 10
PAPER: dict[Recipe, Paper] = {
    LENET5: {"train: misclassified": "0.35 %", "test: misclassified": ("0.95 %", 0.0095)},
    LENET5_DISTORTED: {"train: misclassified": "", "test: misclassified": ("0.8 %", 0.008)},
}
JS = (1.0, 10.0, 30.0, 100.0)  # of the cost, which the paper does not give
HELD_OUT = 6  # one in so many training digits is held out to choose it
SCREENING_PASSES, SCREENING_SEEDS = 8, (1, 2)
LOOKED_AT = 1000  # training digits of which F6 is looked at


def with_j(recipe: Recipe, j: float) -> Recipe:
    """The recipe with another constant in its cost."""
    return replace(recipe, net=partial(nets.lenet5, cost=RBFDiscriminative(j)))


def screened(recipe: Recipe, digits: Digits) -> dict[float, list[Outcome]]:
    """For each j some shorter trainings on part of the training digits, tested on the rest of them."""
    part = held_out(digits, HELD_OUT)
    shorter = replace(recipe, passes=SCREENING_PASSES, rule=LENET5.rule)
    outcomes = iter(run_all([Job(with_j(shorter, j), part, seed) for j in JS for seed in SCREENING_SEEDS]))
    return {j: [next(outcomes) for _ in SCREENING_SEEDS] for j in JS}


def screening(recipe: Recipe, tried: dict[float, list[Outcome]]) -> Table:
    """The errors on held-out digits with each j."""
    table = Table(f"{recipe.title}: j, chosen on held-out training digits")
    for j, outcomes in tried.items():
        table.add(f"j = {j:g}: misclassified of those held out", "", [one.test.error for one in outcomes])
    table.notes.append(
        f"{SCREENING_PASSES} passes; one training digit in {HELD_OUT} is held out; no test digit is seen"
    )
    return table


def trained(recipe: Recipe, outcomes: Sequence[Outcome], paper: Paper) -> Table:
    """The table of one training."""
    table, rule = Table(f"{recipe.title}: {outcomes[0].net.connections:,} connections"), recipe.rule
    add_figures(table, outcomes, {**paper, "wall time of a training": ""})
    add_bitmaps(table, outcomes)
    assert isinstance(rule, StochasticDiagonalLM)
    table.notes.append(f"{recipe.net().cost}")
    table.notes.append(f"{recipe.passes} passes, mu {rule.mu:g}, curvature of {rule.samples} samples before each")
    if recipe.distortion:
        table.notes.append(f"{recipe.distortion}, drawn again for each presentation")
    return table


def add_bitmaps(table: Table, outcomes: Sequence[Outcome]) -> None:
    """Add lines that tell whether F6 draws the bitmaps of the classes, and whether that goes with the test error."""
    states = [size_of_states(one, "F6") for one in outcomes]
    table.add("F6: squared distance to the bitmap of the class", "", [distance(one) for one in outcomes], plain)
    table.add("F6: root mean square of the states", "", states, plain)
    if len(outcomes) > 2:
        ranks = np.argsort(np.argsort([states, [float(one.wrong.sum()) for one in outcomes]])).tolist()
        table.notes.append(f"rank correlation of F6's states and the test error: {correlation(*ranks):.2f}")


def distance(outcome: Outcome) -> float:
    """The median squared distance of F6's states to the bitmap of the right class, over training digits."""
    X, y = (array[:LOOKED_AT] for array in outcome.digits.train)
    scores = outcome.net.cost.scores(outcome.net(X))  # each is minus a squared distance
    return float(np.median(-scores[np.arange(len(y)), y]))


def size_of_states(outcome: Outcome, layer: str) -> float:
    """The root mean square of the states of a layer, over training digits."""
    states = [outcome.net.states(image)[layer] for image in outcome.digits.train[0][:LOOKED_AT]]
    return float(np.sqrt(np.mean(np.square(states))))


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Train both, ten seeds by default, each with the j that does best on held-out training digits."""
    report = Report("lenet5", "Gradient-based learning applied to document recognition (1998)")
    digits, plain = LENET5.digits(path=data), None
    for declared, paper in PAPER.items():
        tried = screened(declared, digits)
        recipe = with_j(declared, min(JS, key=lambda j: sum(one.test.wrong or 0 for one in tried[j])))
        outcomes = with_seeds(recipe, digits, seeds)
        report.tables += [screening(declared, tried), trained(recipe, outcomes, paper)]
        if plain:
            report.tables[-1].notes.append(compared(plain, outcomes, "undistorted first"))
        plain = outcomes
    report.text.append(f"{counts(digits)}, in a new order each pass; RBF outputs, equation 9.")
    return report
