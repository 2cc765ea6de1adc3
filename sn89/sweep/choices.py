"""Choices: what is changed from run to run, and what a name changes of a recipe."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from ..arguments import LARGEST_SEED, real, whole
from ..recipes import Recipe
from ..rules import ELSEWHERE, Rule
from .described import Plain, described, plain

#: What else stands in a line, or beside means, so that nothing that is chosen and no result may be called so.
RESERVED = ("sweep", "seed", "seconds", "failure", "message", "again", "sn89", "runs", "failed")


#: What other libraries call what is chosen of a recipe.
_HERE = {
    **dict.fromkeys(("epochs", "epoch", "n_epochs", "num_epochs", "max_iter"), "passes"),
    **dict.fromkeys(("optimizer", "optim", "solver"), "rule"),
    **{"model": "net", "dataset": "digits", "data": "digits", "shuffle": "order"},
    **dict.fromkeys(ELSEWHERE, "rule.rate"),
}


class Choice(NamedTuple):
    """A value, and how it is written: the line of a run has the label."""

    label: Plain
    value: Any


Choices = dict[str, Choice]
Distribution = Callable[[np.random.Generator], Any]


def choice(value: Any, name: str) -> Choice:
    """A value with its label."""
    if isinstance(value, Choice):
        return value
    if not is_dataclass(value) and not callable(value):
        label = plain(value, f"values of {name!r} that are not known by words, {{word: value}},")
        if isinstance(label, dict):
            raise TypeError(f"{name!r}: a dictionary is given a word to be known by, {{word: value}}: {value!r:.100}")
        if label is None and value is not None:
            raise ValueError(f"values of {name!r} must be finite, not {value!r}")
        return Choice(label, value)
    words = described(value)
    if "<lambda>" in words or "<locals>" in words:
        raise TypeError(f"{name!r}: a function without a name of its own is given a word, {{word: function}}: {words}")
    return Choice(words, value)


def several(values: Any, name: str) -> list[Choice]:
    """The values of a name, from a list of them or a dictionary from words to them."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(f"{name!r} must have a list of values, or a dictionary from words to them, not {values!r:.100}")
    if isinstance(values, Mapping):
        if not all(isinstance(word, str) for word in values):
            raise TypeError(f"{name!r}: the words that values are known by must be strings, not {list(values)!r:.100}")
        made = [Choice(word, value) for word, value in values.items()]
    else:
        made = [choice(value, name) for value in values]
    if not made:
        raise ValueError(f"{name!r} has no values")
    words = [str(one.label) for one in made]
    if twice := [word for word in words if words.count(word) > 1]:
        raise ValueError(f"{name!r} has {twice[0]} twice")
    return made


def check_names(names: Iterable[Any]) -> None:
    """Names are strings, and none is that of something else in a line."""
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"what is changed must be named by a string, not {name!r}")
        if name in RESERVED:
            raise ValueError(f"{name!r} cannot be chosen: something else has that name in a line")


def product_of(grid: Mapping[str, Any]) -> list[Choices]:
    """All combinations; the last name changes fastest."""
    check_names(grid)
    values = [several(one, name) for name, one in grid.items()]
    return [dict(zip(grid, combination, strict=True)) for combination in product(*values)]


# ---- Random choices ----------------------------------------------------------------------------------------------


def _range(owner: str, low: float, high: float, log: object) -> None:
    if not isinstance(log, bool):
        raise TypeError(f"{owner}: log must be True or False, not {log!r}")
    if low >= high:
        raise ValueError(f"{owner}: low must be less than high, not {low:g} and {high:g}")
    if log and low <= 0:
        raise ValueError(f"{owner}: low must be positive on a logarithmic scale, not {low:g}")


@dataclass(frozen=True)
class Real:
    """A number between two others.

    Parameters
    ----------
    low, high : float
        The two.
    log : bool
        Whether it is drawn evenly in its logarithm, and not in itself.

    Raises
    ------
    TypeError, ValueError
        If there is no such range.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        _range("Real", real(self.low, "Real: low"), real(self.high, "Real: high"), self.log)

    def __call__(self, random: np.random.Generator) -> float:
        """Draw one.

        Parameters
        ----------
        random : numpy.random.Generator

        Returns
        -------
        float
        """
        share = random.random()
        if not self.log:
            return self.low + share * (self.high - self.low)
        drawn: float = self.low * (self.high / self.low) ** share
        return min(self.high, max(self.low, drawn))


@dataclass(frozen=True)
class Whole:
    """A whole number between two others, or one of them.

    Parameters
    ----------
    low, high : int
        The two.
    log : bool
        Whether it is drawn evenly in its logarithm, and not in itself.

    Raises
    ------
    TypeError, ValueError
        If there is no such range.
    """

    low: int
    high: int
    log: bool = False

    def __post_init__(self) -> None:
        _range("Whole", whole(self.low, "Whole: low"), whole(self.high, "Whole: high"), self.log)

    def __call__(self, random: np.random.Generator) -> int:
        """Draw one.

        Parameters
        ----------
        random : numpy.random.Generator

        Returns
        -------
        int
        """
        low, high = (self.low, self.high + 1)
        share = random.random()
        drawn = low * (high / low) ** share if self.log else low + share * (high - low)
        return min(self.high, math.floor(drawn))


@dataclass(frozen=True)
class OneOf:
    """One of some values, each as often.

    Parameters
    ----------
    values : list or dict
        The values; or words, by which lines know them, and for each its value.

    Raises
    ------
    TypeError, ValueError
        If there are none, or two alike.
    """

    values: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(several(self.values, "OneOf")))

    def __call__(self, random: np.random.Generator) -> Choice:
        """Draw one.

        Parameters
        ----------
        random : numpy.random.Generator

        Returns
        -------
        Choice
        """
        drawn: Choice = self.values[int(random.random() * len(self.values))]
        return drawn


@dataclass(frozen=True)
class Random:
    """Choices that are drawn, to be given instead of a grid.

    Parameters
    ----------
    distributions : mapping of str to callable
        What each name is drawn from: `Real`, `Whole`, `OneOf`, or a function of a `numpy.random.Generator`.
    draws : int
        How many combinations are drawn. More of them begin with the same; those that are drawn twice are one.
    seed : int
        Of the draws.

    Raises
    ------
    TypeError, ValueError
        For anything else.
    """

    distributions: Mapping[str, Distribution]
    draws: int
    seed: int = 0

    def __post_init__(self) -> None:
        check_distributions(self.distributions)
        whole(self.draws, "draws", least=1)
        whole(self.seed, "seed", least=0, most=LARGEST_SEED)

    def __iter__(self) -> Iterator[Choices]:
        for number in range(self.draws):
            random = np.random.default_rng([self.seed, number])
            yield {name: choice(draw(random), name) for name, draw in self.distributions.items()}


def check_distributions(distributions: object) -> None:
    """They are by name, and can be drawn from."""
    if not isinstance(distributions, Mapping) or not distributions:
        raise TypeError(f"distributions must be a dictionary, from names to what is drawn from, not {distributions!r}")
    check_names(distributions)
    for name, draw in distributions.items():
        if not callable(draw):
            raise TypeError(f"{name!r} must be drawn from a Real, Whole, OneOf or a function, not {draw!r:.100}")


# ---- A recipe with choices ------------------------------------------------------------------------------------------


def changed(recipe: Recipe, choices: Choices) -> Recipe:
    """The recipe with these choices, as `sn89.sweep` says: fields first, then what is in them.

    Raises
    ------
    ValueError, TypeError
        If there is nothing of that name, or the value is refused.
    """
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
        return replace(owner, **{part: value})  # type: ignore[type-var]  # of a class it raises, as it should
    if not callable(owner) or not part.isidentifier():
        raise ValueError(f"{name!r} changes nothing: there is no {part!r} in {owner!r:.100}")
    return partial(owner, **{part: value})
