"""History: the record of a training in plain numbers."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .aliases import Array
from .counted import counted
from .keywords import HISTORY, others_names
from .measure import Measurement
from .net import Net
from .rules import Rule, RuleState

if TYPE_CHECKING:
    from pandas import DataFrame

_MEASURED = ("wrong", "error", "cost", "half_mse")


@dataclass(frozen=True)
class Pass:
    """One pass over the training set.

    Attributes
    ----------
    number : int
        Number of the pass (epoch), counted from 1 in this training.
    cost : float
        Weighted mean cost of the patterns, each before its own update.
    seconds : float
        Seconds of learning, without measurements.
    train, test, held_out : Measurement or None
        Measurements after the pass, where asked for; `held_out` is on the share of the training set that
        `sn89.EarlyStopping` holds out.
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
        Number of the pass.
    why : str
        The figure that was best, in words.
    net : Net or None
        A copy of the net after that pass; None if the history was read from the file of that net.
    state : RuleState or None
        The state of the rule after that pass; None likewise.
    """

    number: int
    why: str
    net: Net | None = field(default=None, repr=False)
    state: RuleState | None = field(default=None, repr=False)


def _parts(one: Pass) -> list[tuple[str, Measurement]]:
    """The measurements after a pass, by name."""
    measured = {"train": one.train, "held_out": one.held_out, "test": one.test}
    return [(name, done) for name, done in measured.items() if done]


@others_names(HISTORY)
@dataclass(repr=False)
class History:
    """The record of a training.

    Attributes
    ----------
    rule : Rule
        The learning rule (optimizer).
    passes : list of Pass
        One entry for each pass (epoch).
    state : RuleState or None
        The state of the rule at the end, with which another `train` goes on. It belongs to the net as `train` left it:
        if an earlier pass was kept, it is the state after that pass.
    digits : dict
        Facts about the training set, by which it is recognised, see `sn89.save`: number and shape of the images, their
        lowest, highest and mean level, and a digest of the labels.
    kept : Kept or None
        The best pass so far, with a copy of its net, if `sn89.KeepBest` or `sn89.EarlyStopping` keeps one.
    ended : str or None
        The reason why a callback ended the training before its last pass.
    """

    rule: Rule
    passes: list[Pass] = field(default_factory=list)
    state: RuleState | None = field(default=None, repr=False)
    digits: dict[str, Any] = field(default_factory=dict, repr=False)
    kept: Kept | None = None
    ended: str | None = None

    if not TYPE_CHECKING:

        def __getitem__(self, name: object) -> Any:
            advice = f": {HISTORY[name]}" if isinstance(name, str) and name in HISTORY else ""
            raise TypeError(f"a History is no dictionary or list, and has no [{name!r}]{advice}")

    def __str__(self) -> str:
        """A line for each pass, and how it ended."""
        return "\n".join([str(self.rule), *map(str, self.passes), *self.ends])

    @property
    def ends(self) -> list[str]:
        """Lines about an early end and about the kept pass; none if there was neither."""
        lines = [f"ended after pass {len(self.passes)}: {self.ended}"] if self.ended else []
        return lines + ([f"kept pass {self.kept.number}: {self.kept.why}"] if self.kept else [])

    @property
    def final(self) -> Pass:
        """The pass that the trained net is the result of: the kept one, or the last."""
        return self.passes[self.kept.number - 1 if self.kept else -1]

    def __repr__(self) -> str:
        words = [f"{type(self.rule).__name__}, {counted(len(self.passes), 'pass', 'passes')}"]
        if self.passes:
            words += [f"{name.replace('_', ' ')} {one}" for name, one in _parts(self.final)]
        return f"<history of {'; '.join(words)}>"

    def _repr_html_(self) -> str:
        from .html import history_html

        return history_html(self)

    def to_pandas(self) -> "DataFrame":
        """A table of pandas, which must be installed, with a row for each pass.

        Returns
        -------
        pandas.DataFrame
            The index is the pass. Columns are cost and seconds, and, as far as they were measured, wrong, error, cost
            and half_mse of "train", "held_out" and "test", with names such as "train_error".
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
        """The measurements on the training set, one for each pass."""
        return [one.train for one in self.passes if one.train]

    @property
    def test(self) -> list[Measurement]:
        """The measurements on the test set, one for each pass."""
        return [one.test for one in self.passes if one.test]

    @property
    def held_out(self) -> list[Measurement]:
        """The measurements on the held-out share of the training set, one for each pass."""
        return [one.held_out for one in self.passes if one.held_out]

    @property
    def curvature(self) -> Array | None:
        """The rule's curvature at the end, float32, shape (parameters,)."""
        return self.state.curvature if self.state else None

    @property
    def seconds(self) -> float:
        """Seconds of learning, without measurements."""
        return sum(one.seconds for one in self.passes)
