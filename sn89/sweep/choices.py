"""Choices: the values that change from run to run, and how they change a recipe.

Ranges are drawn from here, and not by scikit-learn's ParameterSampler: that draws from lists without repeats, so that a
larger number of draws begins with other ones, where a sweep that grows must keep the runs that it has.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from itertools import product
from typing import Annotated, Any, NamedTuple

import numpy as np

from ..arguments import Checked, Number, Truth, check_seed, whole
from ..recipes import Recipe
from ..rules import ELSEWHERE, Rule
from .described import Plain, described, plain

#: Names that lines and means have for something else, so that no choice and no result may have them.
RESERVED = ("sweep", "seed", "seconds", "failure", "message", "again", "sn89", "runs", "failed")

#: The words of other libraries for parts of a recipe.
_HERE = {
    **dict.fromkeys(("epochs", "epoch", "n_epochs", "num_epochs", "max_iter"), "passes"),
    **dict.fromkeys(("optimizer", "optim", "solver"), "rule"),
    **{"model": "net", "dataset": "digits", "data": "digits", "shuffle": "order"},
    **dict.fromkeys(ELSEWHERE, "rule.rate"),
}


class Choice(NamedTuple):
    """A value with its label, which stands in the line of a run."""

    label: Plain
    value: Any


Choices = dict[str, Choice]
Distribution = Callable[[np.random.Generator], Any]


def choice(value: Any, name: str) -> Choice:
    """A value with its label."""
    if isinstance(value, Choice):
        return value
    if not is_dataclass(value) and not callable(value):
        label = plain(value, f"values of {name!r} without a label, {{label: value}},")
        if isinstance(label, dict):
            raise TypeError(f"{name!r}: a value that is a dictionary needs a label, {{label: value}}: {value!r:.100}")
        if label is None and value is not None:
            raise ValueError(f"values of {name!r} must be finite, not {value!r}")
        return Choice(label, value)
    words = described(value)
    if "<lambda>" in words or "<locals>" in words:
        raise TypeError(f"{name!r}: a function without a name of its own needs a label, {{label: function}}: {words}")
    return Choice(words, value)


def several(values: Any, name: str) -> list[Choice]:
    """The values of a name, from a list of them or a dictionary of them by label."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(f"{name!r} must have a list of values, or a dictionary {{label: value}}, not {values!r:.100}")
    if isinstance(values, Mapping):
        if not all(isinstance(label, str) for label in values):
            raise TypeError(f"{name!r}: labels must be strings, not {list(values)!r:.100}")
        made = [Choice(label, value) for label, value in values.items()]
    else:
        made = [choice(value, name) for value in values]
    if not made:
        raise ValueError(f"{name!r} has no values: give at least one")
    labels = [str(one.label) for one in made]
    if twice := [label for label in labels if labels.count(label) > 1]:
        raise ValueError(f"{name!r} has the value {twice[0]} twice")
    return made


def check_names(names: Iterable[Any]) -> None:
    """Refuse names that are no strings, or that lines have for something else."""
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"names of choices must be strings, not {name!r}")
        if name in RESERVED:
            raise ValueError(f"{name!r} cannot be a choice, because each result has something else of that name")


def product_of(grid: Mapping[str, Any]) -> list[Choices]:
    """All combinations; the last name changes fastest."""
    check_names(grid)
    values = [several(one, name) for name, one in grid.items()]
    return [dict(zip(grid, combination, strict=True)) for combination in product(*values)]


@dataclass(frozen=True)
class Real(Checked):
    """A random number between two others.

    Parameters
    ----------
    low, high : float
        The two ends; low must be less than high.
    log : bool
        Whether the logarithm of the number is uniform, instead of the number itself.
    """

    low: Number
    high: Number
    log: Truth = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.low >= self.high:
            raise ValueError(f"{self._what('low')} must be less than high, not {self.low:g} and {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"{self._what('low')} must be positive on a logarithmic scale, not {self.low:g}")

    def __call__(self, random: np.random.Generator) -> float:
        return min(self.high, max(self.low, self._drawn(random, self.high)))

    def _drawn(self, random: np.random.Generator, high: float) -> float:
        low, share = self.low, random.random()
        drawn: float = low * (high / low) ** share if self.log else low + share * (high - low)
        return drawn


@dataclass(frozen=True)
class Whole(Real):
    """A random whole number from `low` to `high`, both included.

    Parameters
    ----------
    low, high : int
    log : bool
        As for `Real`.
    """

    low: Annotated[int, whole]
    high: Annotated[int, whole]

    def __call__(self, random: np.random.Generator) -> int:
        return min(self.high, math.floor(self._drawn(random, self.high + 1)))


@dataclass(frozen=True)
class OneOf:
    """One of several values, all equally likely.

    Parameters
    ----------
    values : list or dict
        The values; or a dictionary of values by the labels that lines have for them.
    """

    values: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(several(self.values, "OneOf")))

    def __call__(self, random: np.random.Generator) -> Choice:
        drawn: Choice = self.values[int(random.random() * len(self.values))]
        return drawn


@dataclass(frozen=True)
class Random:
    """Random choices, to be given instead of a grid.

    Parameters
    ----------
    distributions : mapping of str to callable
        A `Real`, `Whole`, `OneOf`, or a function of a `numpy.random.Generator`, by name.
    draws : int
        Number of combinations. A larger number begins with the same ones. Equal ones are trained once.
    seed : int
        Seed of the draws.
    """

    distributions: Mapping[str, Distribution]
    draws: int
    seed: int = 0

    def __post_init__(self) -> None:
        check_distributions(self.distributions)
        whole(self.draws, "draws", least=1)
        check_seed(self.seed)

    def __iter__(self) -> Iterator[Choices]:
        for number in range(self.draws):
            random = np.random.default_rng([self.seed, number])
            yield {name: choice(draw(random), name) for name, draw in self.distributions.items()}


def check_distributions(distributions: object) -> None:
    """Refuse anything but a dictionary of distributions by name."""
    if not isinstance(distributions, Mapping) or not distributions:
        raise TypeError(f"distributions must be a dictionary, {{name: Real(...)}} for example, not {distributions!r}")
    check_names(distributions)
    for name, draw in distributions.items():
        if not callable(draw):
            raise TypeError(f"{name!r} must be a Real, Whole, OneOf or a function, not {draw!r:.100}")


def changed(recipe: Recipe, choices: Choices) -> Recipe:
    """The recipe with these choices, as `sn89.sweep` says: fields first, then their parts."""
    for name in sorted(choices, key=lambda name: "." in name):
        field, dot, part = name.partition(".")
        _check_field(recipe, field, name)
        value = choices[name].value
        recipe = replace(recipe, **{field: _with_part(getattr(recipe, field), name, part, value) if dot else value})
    return recipe


def _check_field(owner: Any, field: str, name: str) -> None:
    known = [one.name for one in fields(owner)]
    if isinstance(owner, Rule) and field in owner.elsewhere:
        raise ValueError(f"{name!r} changes nothing: {owner._called(field)}")
    if field not in known:
        if isinstance(owner, Recipe) and field in _HERE:
            raise ValueError(f"{name!r} changes nothing: it is called {_HERE[field]!r} here")
        rule = getattr(owner, "rule", None)
        meant = f"; did you mean 'rule.{field}'?" if is_dataclass(rule) and hasattr(rule, field) else ""
        has = ", ".join(known) or "no fields"
        raise ValueError(f"{name!r} changes nothing: a {type(owner).__name__} has {has}{meant}")


def _with_part(owner: Any, name: str, part: str, value: Any) -> Any:
    if is_dataclass(owner):
        _check_field(owner, part, name)
        return replace(owner, **{part: value})  # type: ignore[type-var]  # a class raises here, as it should
    if not callable(owner) or not part.isidentifier():
        raise ValueError(f"{name!r} changes nothing: there is no {part!r} in {owner!r:.100}")
    return partial(owner, **{part: value})
