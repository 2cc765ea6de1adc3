"""History: what happened in a training, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .measure import Measurement
from .rules import Rule, RuleState

if TYPE_CHECKING:
    from pandas import DataFrame

Array = np.ndarray

_MEASURED = ("wrong", "error", "cost", "half_mse")


@dataclass(frozen=True)
class Pass:
    """One pass over the training set.

    Attributes
    ----------
    number : int
        Counted from 1, from the start of this training.
    cost : float
        The mean cost of the patterns, each before its own update.
    seconds : float
        Of learning alone; measuring is not counted.
    train, test : Measurement or None
        Measured after the pass, where asked for.
    """

    number: int
    cost: float
    seconds: float
    train: Measurement | None = None
    test: Measurement | None = None

    def __str__(self) -> str:
        words = [f"pass {self.number:3}: cost {self.cost:.3e}"]
        words += [f"{name} {one}" for name, one in (("train", self.train), ("test", self.test)) if one]
        return "; ".join(words)


def _parts(one: Pass) -> list[tuple[str, Measurement]]:
    """What was measured after a pass."""
    return [(name, done) for name, done in (("train", one.train), ("test", one.test)) if done]


@dataclass(repr=False)
class History:
    """What happened in a training.

    Attributes
    ----------
    rule : Rule
        The learning rule.
    passes : list of Pass
        One for each pass.
    state : RuleState or None
        What the rule remembers at the end: hand it to the next `train` to go on.
    digits : dict
        What was learned from: how many images, their shape, their lowest, highest and mean level, and a digest of their
        labels. By them the digits are known again, see `sn89.save`.
    """

    rule: Rule
    passes: list[Pass] = field(default_factory=list)
    state: RuleState | None = field(default=None, repr=False)
    digits: dict[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        """A line for each pass."""
        return "\n".join([str(self.rule), *map(str, self.passes)])

    def __repr__(self) -> str:
        count = len(self.passes)
        words = [f"{type(self.rule).__name__}, {count} pass{'' if count == 1 else 'es'}"]
        if self.passes:
            last = self.passes[-1]
            words += [f"{name} {one}" for name, one in (("train", last.train), ("test", last.test)) if one]
        return f"<history of {'; '.join(words)}>"

    def _repr_html_(self) -> str:
        """For notebooks: the curves, and a line for each pass."""
        from .html import history_html

        return history_html(self)

    def to_pandas(self) -> DataFrame:
        """The same as a table of pandas, which must be installed: a row for each pass.

        Returns
        -------
        pandas.DataFrame
            Its index is the pass, its columns cost and seconds; and wrong, error, cost and half_mse of "train" and
            "test", as "train_error" and so on, where they were measured.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise ImportError("to_pandas needs pandas: pip install pandas") from None
        table = [
            {"pass": one.number, "cost": one.cost, "seconds": one.seconds}
            | {f"{part}_{name}": getattr(done, name) for part, done in _parts(one) for name in _MEASURED}
            for one in self.passes
        ]
        return pandas.DataFrame(table, columns=None if table else ["pass", "cost", "seconds"]).set_index("pass")

    @property
    def train(self) -> list[Measurement]:
        """The measurements on the training set, pass by pass."""
        return [one.train for one in self.passes if one.train]

    @property
    def test(self) -> list[Measurement]:
        """The measurements on the test set, pass by pass."""
        return [one.test for one in self.passes if one.test]

    @property
    def curvature(self) -> Array | None:
        """The rule's curvature at the end, float32, (free_parameters,)."""
        return self.state.curvature if self.state else None

    @property
    def seconds(self) -> float:
        """Seconds of learning, without measuring."""
        return sum(one.seconds for one in self.passes)
