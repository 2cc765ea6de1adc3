"""NIPS 2, 598-605, 1989: Optimal Brain Damage, on LeNet-1 and the digits of its paper; and on two other nets."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from ..atomic import write_whole
from ..datasets.digits import Digits
from ..datasets.files import Folder
from ..layers import Average, Full, Input, Local
from ..measure import Measurement
from ..net import Net
from ..prune import By, Pruning, Round, prune
from ..recipes import LENET1_1989, LENET5, ZIP_1989, Recipe
from ..sweep.workers import ends_with
from ..training import evaluate
from . import runs
from .report import Report, Table, percent, plain, small

Array = np.ndarray

SEEDS = 5
ORDERS: tuple[By, ...] = ("saliency", "magnitude", "random")
AT_ONCE = (50, 100, 250, 500, 800, 1000, 1500)  # parameters deleted by one order, without training
ANEW = 50  # after how many saliencies are measured again
ONE_BY_ONE = 20  # parameters of each layer that are deleted alone
SOME = 2000  # training digits on which that is measured, and on how many of them whether a map ever changes
LOOKED_AT = 200
STEADY = 0.05  # a map whose states differ less than this from digit to digit says the same for all


def ancestor(seed: int = 0) -> Net:
    """A net with four times the parameters of LeNet-1, which might have been its ancestor: the paper does not say."""
    return Net(
        Input(28, 28),
        Local("H1", maps=8, kernel=5),
        Average("H2", 2),
        Local("H3", maps=28, kernel=5),
        Average("H4", 2),
        Full("output", 10),
        seed=seed,
        name="a larger LeNet-1",
    )


@dataclass(frozen=True)
class Plan:
    """How a net is pruned with training in between.

    Attributes
    ----------
    recipe : Recipe
        By which it is trained first; its rule trains it again.
    delete, rounds, retrain
        As of `sn89.prune`.
    orders : tuple of str
        By which orders.
    closely : bool
        Whether it is also looked at without training again.
    """

    recipe: Recipe
    delete: int | float
    rounds: int
    retrain: int
    orders: tuple[By, ...] = ("saliency", "magnitude")
    closely: bool = False


LENET1 = Plan(LENET1_1989, 250, 7, 3, ORDERS, closely=True)
ANCESTOR = Plan(Recipe("a larger LeNet-1", ancestor, LENET1_1989.digits, LENET1_1989.rule, 30), 0.16, 8, 3)
ZIP = Plan(ZIP_1989, 1000, 8, 3)
LE_NET5 = Plan(LENET5, 0.2, 8, 1)


@dataclass
class Damaged:
    """What came of one net.

    Attributes
    ----------
    train, test : Measurement
        Of the whole net.
    parameters : int
        That it has.
    retrained : dict
        Prunings with training in between, by their order.
    at_once : dict
        Without: for each order the rise of the MSE by each of `AT_ONCE`; "predicted" and "anew" beside.
    alone : dict
        For each layer the sum of the rises when parameters are deleted alone over the sum of their saliencies.
    steady : int
        Maps that are saturated and say the same for every digit.
    of_steady : tuple of float
        Rise of the MSE by those of the first 100 parameters by saliency that lead to such maps, and by all others of
        them.
    """

    train: Measurement
    test: Measurement
    parameters: int
    retrained: dict[str, Pruning] = field(default_factory=dict)
    at_once: dict[str, list[float]] = field(default_factory=dict)
    alone: dict[str, float] = field(default_factory=dict)
    steady: int = 0
    of_steady: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Job:
    """The training of one net, and all prunings of it."""

    plan: Plan
    digits: Digits
    seed: int

    def run(self, stop: Event) -> Damaged:
        """Train, then prune copies; ends after a pass or a round if it is to stop."""
        plan, digits, look = self.plan, self.digits, ends_with(stop)
        net, _ = plan.recipe.train(digits.train, self.seed, callbacks=[look])
        done = Damaged(evaluate(net, *digits.train), evaluate(net, *digits.test), net.parameters.size)
        how: dict[str, Any] = {"progress": False, "callbacks": [look], "seed": self.seed}
        for by in plan.orders:
            done.retrained[by] = prune(
                copy.deepcopy(net),
                *digits.train,
                by=by,
                delete=plan.delete,
                rounds=plan.rounds,
                retrain=plan.retrain,
                rule=plan.recipe.rule,
                order=plan.recipe.order,
                test=digits.test,
                **how,
            )
        if plan.closely:
            done.at_once = _at_once(net, digits, self.seed)
            rounds = AT_ONCE[-1] // ANEW
            anew = prune(copy.deepcopy(net), *digits.train, delete=ANEW, rounds=rounds, **how)
            rises = [one.after - done.train.cost for one in anew.rounds]
            done.at_once["anew"] = [rises[count // ANEW - 1] / net.outputs for count in AT_ONCE]
            done.alone = _alone(net, digits, self.seed)
            leading = _steady(net, digits)
            done.steady = len(leading)
            done.of_steady = _of_steady(net, digits, leading)
        return done

    def told(self) -> dict[str, Any]:
        """All that the result comes of."""
        training = runs.Job(self.plan.recipe, self.digits, self.seed).told()
        return {**training, "plan": repr(replace(self.plan, recipe=None))}  # type: ignore[arg-type]

    def keep(self, done: Damaged, path: Path) -> None:
        """Write the result to a file."""
        write_whole(path, json.dumps(asdict(done)).encode())

    def read(self, path: Path) -> Damaged:
        """The result that was kept."""
        plain = json.loads(path.read_text(encoding="utf-8"))
        for name in ("train", "test"):
            plain[name] = Measurement(**plain[name])
        for by, one in plain["retrained"].items():
            plain["retrained"][by] = Pruning(by, [Round.told(done) for done in one["rounds"]])
        return Damaged(**{**plain, "of_steady": tuple(plain["of_steady"])})


def _at_once(net: Net, digits: Digits, seed: int) -> dict[str, list[float]]:
    """By how much the MSE rises, by one order each that is made once, of the whole net."""
    X, y = digits.train
    saliencies = net.saliencies(X, y).astype(np.float64)
    before = evaluate(net, X, y).cost
    orders = {
        "saliency": np.argsort(saliencies, kind="stable"),
        "magnitude": np.argsort(net.parameters**2, kind="stable"),
        "random": np.random.default_rng(seed).permutation(saliencies.size),
    }
    found: dict[str, list[float]] = {"predicted": []}
    for name, order in orders.items():
        found[name] = []
        for count in AT_ONCE:
            damaged = copy.deepcopy(net)
            damaged.delete(order[:count])
            found[name].append((evaluate(damaged, X, y).cost - before) / net.outputs)
    found["predicted"] = [saliencies[orders["saliency"][:count]].sum() / net.outputs for count in AT_ONCE]
    return found


def _alone(net: Net, digits: Digits, seed: int) -> dict[str, float]:
    """By layer: what deleting parameters one at a time costs, over what is predicted for them."""
    X, y = digits.train[0][:SOME], digits.train[1][:SOME]
    before, saliencies, found = evaluate(net, X, y).cost, net.saliencies(X, y).astype(np.float64), {}
    random = np.random.default_rng(seed)
    for name, layer in net.layers_of(np.arange(saliencies.size)).items():
        if layer.parameters.size:
            some, rise = random.permutation(layer.parameters)[:ONE_BY_ONE], 0.0
            for one in some:
                damaged = copy.deepcopy(net)
                damaged.delete([one])
                rise += evaluate(damaged, X, y).cost - before
            found[name] = rise / float(saliencies[some].sum())
    return found


def _steady(net: Net, digits: Digits) -> list[Array]:
    """Maps that are far from 0 and the same for every digit: of each the parameters that lead to it.

    An average reads one map alone: what leads to that leads to it too.
    """
    states = [net.states(image) for image in digits.train[0][:LOOKED_AT]]
    layers, found = list(net.layers_of(np.arange(net.parameters.size)).values()), []
    for layer, below in zip(layers[1:], layers, strict=False):
        values = np.stack([one[layer.name] for one in states]).reshape(len(states), layer.shape[0], -1)
        same = (values.std(axis=0).max(axis=1) < STEADY) & (abs(values).mean(axis=(0, 2)) > 1)
        both = (layer, below) if layer.kind == "average" else (layer,)
        arrays = [array for one in both for array in (one.weights, one.bias) if array is not None]
        found += [np.concatenate([np.ravel(array[m]) for array in arrays]) for m in np.flatnonzero(same)]
    return found


def _of_steady(net: Net, digits: Digits, leading: Sequence[Array]) -> tuple[float, float]:
    """The rise by those of the first 100 that lead to steady maps, and by the others."""
    X, y = digits.train
    first = np.argsort(net.saliencies(X, y), kind="stable")[:100]
    among, before, rises = np.isin(first, np.concatenate([*leading, first[:0]])), evaluate(net, X, y).cost, []
    for some in (first[among], first[~among]):
        damaged = copy.deepcopy(net)
        damaged.delete(some)
        rises.append((evaluate(damaged, X, y).cost - before) / net.outputs)
    return rises[0], rises[1]


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Prune LeNet-1, five seeds by default; the others, of which LeNet-5 is one seed of five."""
    report = Report("obd", "Optimal brain damage (1989)")
    results = {}
    for plan in (LENET1, ANCESTOR, ZIP, LE_NET5):
        digits = plan.recipe.digits(path=data)
        some = seeds[: max(1, len(seeds) // 5)] if plan is LE_NET5 else seeds
        results[plan.recipe.title] = runs.run_all([Job(plan, digits, seed) for seed in some])
    first, second, third, fourth = results.values()
    report.tables = [
        without_training(first),
        why(first),
        with_training(LENET1, first),
        descended(first, second),
        with_training(ZIP, third),
        with_training(LE_NET5, fourth),
    ]
    report.text = [
        "Parameters are deleted by their saliency, h u²/2 with h the Levenberg-Marquardt curvature over the training "
        "set; by their magnitude; and at random. MSE is half the mean squared error over patterns and outputs, as SN "
        "printed it; that of the training set is the objective. LeNet-1 and its digits are those of `nips1989`.",
        "The paper's recipe is: train to a minimum, measure the curvature, delete what has the least saliency, train "
        "again, and so on. It reports that this took a factor of four out of a larger net by hand, and a factor of "
        "more than two out of what was left by itself, with accuracy slightly up.",
    ]
    return report


def without_training(results: Sequence[Damaged]) -> Table:
    """The objective against what is deleted."""
    table = Table("LeNet-1, not trained again: rise of the training set's MSE")
    names = {
        "predicted": "predicted by saliencies",
        "saliency": "by saliency",
        "anew": f"by saliency, measured anew after every {ANEW}",
        "magnitude": "by magnitude",
        "random": "at random",
    }
    for i, count in enumerate(AT_ONCE):
        for key, name in names.items():
            table.add(f"{count:,} deleted, {name}", "", [one.at_once[key][i] for one in results], small)
    return table


def why(results: Sequence[Damaged]) -> Table:
    """What the saliencies leave out."""
    table = Table("LeNet-1: what the prediction leaves out")
    for name in results[0].alone:
        values = [one.alone[name] for one in results]
        table.add(f"{name}: actual over predicted rise, parameters deleted one at a time", "", values, plain)
    table.add("maps that are saturated and say the same for every digit", "", [one.steady for one in results], plain)
    for i, whose in enumerate(("lead to such maps", "do not")):
        name = f"rise of the MSE by those of the first 100, by saliency, that {whose}"
        table.add(name, "", [one.of_steady[i] for one in results], small)
    rises = [one.at_once["saliency"][AT_ONCE.index(100)] for one in results]
    told = ", ".join(f"{small(rise)} with {one.steady}" for rise, one in zip(rises, results, strict=True))
    table.notes.append(f"Rise by the first 100 deleted by saliency, and number of such maps, seed by seed: {told}")
    return table


def with_training(plan: Plan, results: Sequence[Damaged]) -> Table:
    """Train and test errors against what is left, with training in between."""
    table = Table(f"{plan.recipe.title}, trained again for {plan.retrain} passes after each deletion")
    table.add("whole net: train", "", [one.train.error for one in results])
    table.add("whole net: test", "", [one.test.error for one in results])
    for by in plan.orders:
        rounds = [one.retrained[by].rounds for one in results]
        for i in range(plan.rounds):
            words = f"{rounds[0][i].left:,} of {results[0].parameters:,} left, {_words(by)}"
            table.add(f"{words}: train", "", [one[i].train.error for one in rounds])
            table.add(f"{words}: test", "", [_error(one[i].test) for one in rounds], percent)
    return table


def _words(by: By) -> str:
    return "at random" if by == "random" else f"by {by}"


def _error(measured: Measurement | None) -> float | None:
    return None if measured is None else measured.error


def descended(small_ones: Sequence[Damaged], large: Sequence[Damaged]) -> Table:
    """The larger net, brought down to the size of LeNet-1, beside LeNet-1."""
    left = large[0].retrained["saliency"].rounds[-1].left
    table = Table("A net with four times the parameters, pruned down to LeNet-1's number")
    table.add(f"LeNet-1, {small_ones[0].parameters:,} parameters: train", "", [one.train.error for one in small_ones])
    table.add("LeNet-1: test", "", [one.test.error for one in small_ones])
    table.add(f"the larger net, {large[0].parameters:,} parameters: train", "", [one.train.error for one in large])
    table.add("the larger net: test", "", [one.test.error for one in large])
    for by in ANCESTOR.orders:
        last = [one.retrained[by].rounds[-1] for one in large]
        table.add(f"pruned to {left:,} {_words(by)}: train", "", [one.train.error for one in last])
        table.add(f"pruned to {left:,} {_words(by)}: test", "", [_error(one.test) for one in last])
    table.notes.append(
        "The paper says that LeNet-1 came from a net with four times its parameters, but not from which. This one has "
        "8 and 28 maps where LeNet-1 has 4 and 12, and no connection table."
    )
    return table
