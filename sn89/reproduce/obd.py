"""NIPS 2, 598-605, 1989: Optimal Brain Damage, on LeNet-1 and the digits of its paper; and on two other nets."""

import copy
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from ..aliases import Array
from ..atomic import write_whole
from ..counted import counted
from ..datasets.digits import Digits, Part
from ..datasets.files import Folder
from ..layers import Average, Full, Input, Local
from ..measure import Measurement
from ..net import Net
from ..prune import By, Pruning, Round, prune
from ..recipes import LENET1_1989, LENET5, ZIP_1989, Recipe
from ..rules import Rule, StochasticDiagonalLM
from ..sweep.workers import ends_with
from ..training import evaluate
from . import runs
from .report import Report, Table, plain, small

SEEDS = 5
ORDERS: tuple[By, ...] = ("saliency", "magnitude", "random")
AT_ONCE = (50, 100, 250, 500, 800, 1000, 1500)  # parameters deleted by one order, without training
ANEW = 50  # after how many saliencies are measured again
ONE_BY_ONE = 20  # parameters of each layer that are deleted alone
SOME = 2000  # training digits on which that is measured
LOOKED_AT = 200  # training digits on which it is judged whether a map is constant
STEADY = 0.05  # a map whose states have a smaller standard deviation over the digits is constant


def ancestor(seed: int = 0) -> Net:
    """A net with four times the parameters of LeNet-1. The paper names such an ancestor, but does not describe it."""
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
    """The pruning of a net, with training in between. The numbers are those of `sn89.prune`."""

    recipe: Recipe  # of the first training
    delete: int | float
    rounds: int
    retrain: int
    orders: tuple[By, ...] = ("saliency", "magnitude")  # of deletion, each of a copy
    again: Rule | None = None  # trains the net again; None: the recipe's rule
    closely: bool = False  # whether deletions without training in between are measured too


LENET1 = Plan(LENET1_1989, 250, 7, 3, ORDERS, closely=True)
ANCESTOR = Plan(Recipe("a larger LeNet-1", ancestor, LENET1_1989.digits, LENET1_1989.rule, 30), 0.16, 8, 3)
ZIP = Plan(ZIP_1989, 1000, 8, 3)
# LeNet-5's rule begins with large rates, which would undo a part of what was learned.
LE_NET5 = Plan(LENET5, 0.2, 8, 1, again=StochasticDiagonalLM(1e-4))


@dataclass
class Damaged:
    """The results of one net."""

    train: Measurement  # of the whole net
    test: Measurement
    parameters: int
    retrained: dict[str, Pruning] = field(default_factory=dict)  # with training in between, by the order of deletion
    # Without training: for each order the rise of the MSE after each of `AT_ONCE` deletions, and the same by name
    # "predicted" (sums of saliencies) and "anew" (saliencies measured again in between).
    at_once: dict[str, list[float]] = field(default_factory=dict)
    # For each layer the rises by single deletions over the saliencies, both summed over some parameters.
    alone: dict[str, float] = field(default_factory=dict)
    steady: int = 0  # number of maps that are saturated and constant over the digits
    # Of the 100 parameters with the least saliency: the rise of the MSE by those that lead to such maps, and by others.
    of_steady: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Job:
    """The training of one net, and all prunings of copies of it."""

    plan: Plan
    digits: Digits
    seed: int

    def run(self, stop: Event) -> Damaged:
        """Train, then prune copies; the work ends after a pass or a round once `stop` is set."""
        plan, digits, look = self.plan, self.digits, ends_with(stop)
        net, _ = plan.recipe.train(digits.train, self.seed, callbacks=[look])
        done = Damaged(evaluate(net, *digits.train), evaluate(net, *digits.test), net.parameters.size)
        how: dict[str, Any] = {"progress": False, "callbacks": [look], "seed": self.seed}
        again = how | {"rule": plan.again or plan.recipe.rule, "order": plan.recipe.order, "test": digits.test}
        again |= {name: getattr(plan, name) for name in ("delete", "rounds", "retrain")}
        for by in plan.orders:
            done.retrained[by] = prune(copy.deepcopy(net), *digits.train, by=by, **again)
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

    def plain(self) -> dict[str, Any]:
        training = runs.Job(self.plan.recipe, self.digits, self.seed).plain()
        return {**training, "plan": repr(replace(self.plan, recipe=None))}  # type: ignore[arg-type]

    def keep(self, done: Damaged, path: Path) -> None:
        write_whole(path, json.dumps(asdict(done)).encode())

    def read(self, path: Path) -> Damaged:
        plain = json.loads(path.read_text(encoding="utf-8"))
        for name in ("train", "test"):
            plain[name] = Measurement(**plain[name])
        for by, one in plain["retrained"].items():
            plain["retrained"][by] = Pruning(by, [Round.from_plain(done) for done in one["rounds"]])
        return Damaged(**{**plain, "of_steady": tuple(plain["of_steady"])})


def _at_once(net: Net, digits: Digits, seed: int) -> dict[str, list[float]]:
    """The rise of the MSE by deletions in one order each, which is found once, for the whole net."""
    saliencies = net.saliencies(*digits.train).astype(np.float64)
    orders = {
        "saliency": np.argsort(saliencies, kind="stable"),
        "magnitude": np.argsort(net.parameters**2, kind="stable"),
        "random": np.random.default_rng(seed).permutation(saliencies.size),
    }
    each = [[order[:count] for count in AT_ONCE] for order in orders.values()]
    rises = [(_rises(net, digits.train, one) / net.outputs).tolist() for one in each]
    predicted = [saliencies[some].sum() / net.outputs for some in each[0]]
    return {"predicted": predicted, **dict(zip(orders, rises, strict=True))}


def _rises(net: Net, part: Part, several: Iterable[Array]) -> Array:
    """By how much the mean cost rises if some parameters are deleted, for each of several choices of them."""
    before, rises = evaluate(net, *part).cost, []
    for some in several:
        damaged = copy.deepcopy(net)
        damaged.delete(some)
        rises.append(evaluate(damaged, *part).cost - before)
    return np.array(rises)


def _alone(net: Net, digits: Digits, seed: int) -> dict[str, float]:
    """For each layer the rise of the cost by deleting parameters one at a time, over the predicted rise."""
    part = digits.train[0][:SOME], digits.train[1][:SOME]
    saliencies, found = net.saliencies(*part).astype(np.float64), {}
    random = np.random.default_rng(seed)
    for name, layer in net.layers_of(np.arange(saliencies.size)).items():
        if layer.parameters.size:
            some = random.permutation(layer.parameters)[:ONE_BY_ONE]
            found[name] = float(_rises(net, part, some[:, None]).sum() / saliencies[some].sum())
    return found


def _steady(net: Net, digits: Digits) -> list[Array]:
    """For each saturated and constant map the parameters that lead to it.

    A map of averages reads one map below, so the parameters of that map lead to it too.
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
    """The rise of the MSE by those of the first 100 that lead to constant maps, and by the others."""
    first = np.argsort(net.saliencies(*digits.train), kind="stable")[:100]
    among = np.isin(first, np.concatenate([*leading, first[:0]]))
    rises = _rises(net, digits.train, (first[among], first[~among])) / net.outputs
    return float(rises[0]), float(rises[1])


def reproduce(seeds: Sequence[int], data: Folder | None = None) -> Report:
    """Prune LeNet-1 and three other nets, five seeds by default."""
    results = []
    for plan in (LENET1, ANCESTOR, ZIP, LE_NET5):
        digits = plan.recipe.digits(path=data)
        results.append(runs.run_all([Job(plan, digits, seed) for seed in seeds]))
    first, second, third, fourth = results
    tables = [
        without_training(first),
        why(first),
        with_training(LENET1, first),
        descended(first, second),
        with_training(ZIP, third),
        with_training(LE_NET5, fourth),
    ]
    text = [
        "Parameters are deleted by their saliency, h u²/2 with h the Levenberg-Marquardt curvature over the training "
        "set; by their magnitude; and at random. MSE is half the mean squared error over patterns and outputs, as SN "
        "printed it; that of the training set is the objective. LeNet-1 and its digits are those of `nips1989`.",
        "The paper's recipe is: train to a minimum, measure the curvature, delete what has the least saliency, train "
        "again, and so on. It reports that this took a factor of four out of a larger net by hand, and a factor of "
        "more than two out of what was left by itself, with accuracy slightly up.",
    ]
    return Report("obd", "Optimal brain damage (1989)", tables, text)


def without_training(results: Sequence[Damaged]) -> Table:
    """The rise of the cost against the number of deleted parameters."""
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
    """Reasons why saliencies predict too little."""
    table = Table("LeNet-1: what the prediction leaves out")
    for name in results[0].alone:
        values = [one.alone[name] for one in results]
        table.add(f"{name}: actual over predicted rise, parameters deleted one at a time", "", values, plain)
    table.add("maps that are saturated and say the same for every digit", "", [one.steady for one in results], plain)
    for i, whose in enumerate(("lead to such maps", "do not")):
        name = f"rise of the MSE by those of the first 100, by saliency, that {whose}"
        table.add(name, "", [one.of_steady[i] for one in results], small)
    rises = [one.at_once["saliency"][AT_ONCE.index(100)] for one in results]
    words = ", ".join(f"{small(rise)} with {one.steady}" for rise, one in zip(rises, results, strict=True))
    table.notes.append(f"Rise by the first 100 deleted by saliency, and number of such maps, seed by seed: {words}")
    return table


def with_training(plan: Plan, results: Sequence[Damaged]) -> Table:
    """Errors against the number of parameters that are left, with training in between."""
    passes = counted(plan.retrain, "pass", "passes")
    table = Table(f"{plan.recipe.title}, trained again for {passes} after each deletion")
    if plan.again:
        table.notes.append(f"trained again by {plan.again}")
    table.add_errors("whole net", results)
    for by in plan.orders:
        for rounds in zip(*(one.retrained[by].rounds for one in results), strict=True):
            table.add_errors(f"{rounds[0].left:,} of {results[0].parameters:,} left, {_words(by)}", rounds)
    return table


def _words(by: By) -> str:
    return "at random" if by == "random" else f"by {by}"


def descended(small_ones: Sequence[Damaged], large: Sequence[Damaged]) -> Table:
    """The larger net, pruned to the size of LeNet-1, beside LeNet-1."""
    table = Table("A net with four times the parameters, pruned down to LeNet-1's number")
    for name, whole in (("LeNet-1", small_ones), ("the larger net", large)):
        table.add_errors(f"{name}, {whole[0].parameters:,} parameters", whole)
    for by in ANCESTOR.orders:
        last = [one.retrained[by].rounds[-1] for one in large]
        table.add_errors(f"pruned to {last[0].left:,} {_words(by)}", last)
    table.notes.append(
        "The paper says that LeNet-1 came from a net with four times its parameters, but not from which. This one has "
        "8 and 28 maps where LeNet-1 has 4 and 12, and no connection table."
    )
    return table
