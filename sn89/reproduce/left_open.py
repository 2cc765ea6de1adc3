"""Questions that the 1989 paper leaves open, each a small experiment with the zip-code net and its digits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from .. import nets
from ..costs import HalfSquaredError
from ..datasets.digits import Digits, Part
from ..datasets.files import Folder
from ..history import History
from ..net import Net
from ..recipes import ZIP_1989, Recipe
from ..rules import SGD, LevenbergMarquardt, Newton, RuleState
from ..starts import BySqrtFanIn
from .report import Report, Table
from .runs import Job, held_out, run_all, with_seeds

SEEDS = 30
BELOW, AT_OUTPUT = 0.01, 0.0003  # about the effective rates of the second-order rule in this net
RATES = (0.00075, 0.0015, 0.003, 0.006, 0.012)


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Answer every question with thirty seeds by default."""
    digits = ZIP_1989.digits(path=data)
    report = Report("left_open", "What the paper on zip codes left open")
    report.text.append(
        f"The zip-code net of 1989 on {digits.name}, {ZIP_1989.passes} passes, and one thing changed at a time. The "
        "first lines of each table are the net of the paper as it is declared here."
    )
    known = with_seeds(ZIP_1989, digits, seeds)
    for title, (name, others) in questions(digits).items():
        table = Table(title)
        table.add_errors(name, known)
        for variant, recipe in others.items():
            table.add_errors(variant, with_seeds(recipe, digits, seeds))
        report.tables.append(table)
    return report


def questions(digits: Digits) -> dict[str, tuple[str, dict[str, Recipe]]]:
    """The questions: how the paper does it, and the alternatives by name."""
    return {
        "Start": ("±2.4/F", {"±2.4/√F": with_net(start=BySqrtFanIn(2.4))}),
        "Rule": (
            "Levenberg-Marquardt",
            {
                "Newton": replace(ZIP_1989, rule=Newton()),
                **by_gradient(digits),
                f"gradient, {BELOW:g} below and {AT_OUTPUT:g} at the output": by_two_rates(),
            },
        ),
        "Which maps of H1 a map of H2 sees": (
            "8 of 12, by the table",
            {"8 of 12, drawn": replace(ZIP_1989, net=drawn_table), "all 12": with_net(table=None)},
        ),
        "Targets": ("±1", {f"±{x:g}": with_net(cost=HalfSquaredError(x, -x)) for x in (0.8, 0.6)}),
        "Order": ("constant", {"shuffled in each pass": replace(ZIP_1989, order="shuffle")}),
    }


def with_net(**options: Any) -> Recipe:
    """The recipe with another declaration of the net."""
    return replace(ZIP_1989, net=partial(nets.zip_code, **options))


def drawn_table(seed: int) -> Net:
    """The net with a random table: each map sees 8 of the 12."""
    random = np.random.default_rng(seed)
    return nets.zip_code(table=[sorted(random.permutation(12)[:8].tolist()) for _ in range(12)], seed=seed)


def by_gradient(digits: Digits) -> dict[str, Recipe]:
    """Plain gradient descent with the one of `RATES` that does best on held-out training digits."""
    recipes = [replace(ZIP_1989, rule=SGD(rate)) for rate in RATES]
    tried = run_all([Job(recipe, held_out(digits), seed=1) for recipe in recipes])
    best = min(tried, key=lambda one: (one.test.wrong, one.seed)).recipe
    return {f"gradient, {best.rule.rates[0]:g}": best}


@dataclass(frozen=True)
class TwoRates(Recipe):
    """Plain gradient descent with one rate for the output layer and another for all layers below.

    No rule has two rates. But a second-order rule divides by mu + H; with a gamma of nearly 0 its H stays as it is set,
    which is here to the ratio of the two rates.
    """

    def train(self, part: Part, seed: int = 1, **options: Any) -> tuple[Net, History]:
        """Train as `Recipe.train` does, from that curvature."""
        net = self.net(seed=seed)
        H = np.ones(net.parameters.size, np.float32)
        H[net["output"].first :] = BELOW / AT_OUTPUT
        return super().train(part, seed, state=RuleState(0, H, np.zeros_like(H)), **options)


def by_two_rates() -> Recipe:
    """The recipe with two rates."""
    never = LevenbergMarquardt(BELOW, mu=1e-9, gamma=1e-12)
    return TwoRates(ZIP_1989.title, ZIP_1989.net, ZIP_1989.digits, never, ZIP_1989.passes)
