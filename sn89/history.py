"""History: what happened in a training, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .counted import counted
from .keywords import HISTORY, others_names
from .measure import Measurement
from .net import Net
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
        The mean cost of the patterns, each before its own update and as it weighs.
    seconds : float
        Of learning alone; measuring is not counted.
    train, test, held_out : Measurement or None
        Measured after the pass, where asked for; `held_out` is on the share of the training set that
        `sn89.EarlyStopping` had held out.
    """

    number: int
    cost: float
    seconds: float
    train: Measurement | None = None
    test: Measurement | None = None
    held_out: Measurement | None = None

    def __str__(self) -> str:
        words = [f"pass {self.number:3}: cost {self.cost:.3e}"]
        words += [f"{name.replace('_', ' ')} {one}" for name, one in _parts(self)]
        return "; ".join(words)


@dataclass(frozen=True, eq=False)
class Kept:
    """The pass that `sn89.KeepBest` or `sn89.EarlyStopping` kept.

    Attributes
    ----------
    number : int
        Of the pass.
    why : str
        What was best about it, in words.
    net : Net or None
        A copy of the net as it was after that pass; None if the history was read from the file of that net.
    state : RuleState or None
        What the rule remembered then; None likewise.
    """

    number: int
    why: str
    net: Net | None = field(default=None, repr=False)
    state: RuleState | None = field(default=None, repr=False)


def _parts(one: Pass) -> list[tuple[str, Measurement]]:
    """What was measured after a pass."""
    measured = {"train": one.train, "held_out": one.held_out, "test": one.test}
    return [(name, done) for name, done in measured.items() if done]


@others_names(HISTORY)
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
        What the rule remembers at the end: hand it to the next `train` to go on. It belongs to the net as `train` left
        it: where an earlier pass was kept, it is that pass's.
    digits : dict
        What was learned from: how many images, their shape, their lowest, highest and mean level, and a digest of their
        labels. By them the digits are known again, see `sn89.save`.
    kept : Kept or None
        The pass that `sn89.KeepBest` or `sn89.EarlyStopping` kept, if one did: the best so far, with a copy of its net.
    ended : str or None
        Why the training ended before its last pass, if a callback ended it.
    """

    rule: Rule
    passes: list[Pass] = field(default_factory=list)
    state: RuleState | None = field(default=None, repr=False)
    digits: dict[str, Any] = field(default_factory=dict, repr=False)
    kept: Kept | None = None
    ended: str | None = None

    if not TYPE_CHECKING:

        def __getitem__(self, name: object) -> Any:
            """It is no dictionary, and says what to write instead."""
            told = f": {HISTORY[name]}" if isinstance(name, str) and name in HISTORY else ""
            raise TypeError(f"a History is no dictionary or list, and has no [{name!r}]{told}")

    def __str__(self) -> str:
        """A line for each pass, and how it ended."""
        return "\n".join([str(self.rule), *map(str, self.passes), *self.ends])

    @property
    def ends(self) -> list[str]:
        """In words, why it ended before its last pass, and which pass was kept; nothing if neither."""
        lines = [f"ended after pass {len(self.passes)}: {self.ended}"] if self.ended else []
        return lines + ([f"kept pass {self.kept.number}: {self.kept.why}"] if self.kept else [])

    @property
    def final(self) -> Pass:
        """The pass that the trained net comes of: the one that was kept, or the last."""
        return self.passes[self.kept.number - 1 if self.kept else -1]

    def __repr__(self) -> str:
        words = [f"{type(self.rule).__name__}, {counted(len(self.passes), 'pass', 'passes')}"]
        if self.passes:
            words += [f"{name.replace('_', ' ')} {one}" for name, one in _parts(self.final)]
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
            Its index is the pass, its columns cost and seconds; and wrong, error, cost and half_mse of "train",
            "held_out" and "test", as "train_error" and so on, where they were measured.

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
    def held_out(self) -> list[Measurement]:
        """The measurements on the share of the training set that was held out, pass by pass."""
        return [one.held_out for one in self.passes if one.held_out]

    @property
    def curvature(self) -> Array | None:
        """The rule's curvature at the end, float32, (free_parameters,)."""
        return self.state.curvature if self.state else None

    @property
    def seconds(self) -> float:
        """Seconds of learning, without measuring."""
        return sum(one.seconds for one in self.passes)
