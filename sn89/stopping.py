"""Callbacks for `train` that end a training early or keep its best pass.

They have no state of their own and look at the history only. So one value serves many trainings, and a training that
goes on from a checkpoint ends at the same pass as an uninterrupted one.
"""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np

from .aliases import Array
from .arguments import AtLeastOne, Checked, NotNegative, real
from .counted import counted
from .history import History, Kept, Pass
from .keywords import KEEPING, STOPPING, in_our_words
from .measure import Measurement
from .net import Net

On = Literal["test", "train"] | float
Figure = Literal["error", "cost"]
Callback = Callable[[Net, History], Any]


def _on(value: Any, what: str) -> str | float:
    if isinstance(value, str) and value not in ("test", "train"):
        raise ValueError(f'{what} must be "test", "train" or a share of the training set, such as 0.1, not {value!r}')
    if not isinstance(value, str) and not 0 < real(value, f'{what} (if it is not "test" or "train")') < 1:
        raise ValueError(f"{what} must be a share between 0 and 1 of the patterns, such as 0.1, not {value:g}")
    return value if isinstance(value, str) else float(value)


@in_our_words(KEEPING)
@dataclass(frozen=True, kw_only=True)
class KeepBest(Checked):
    """A callback for `train` that keeps the parameters of the best pass.

    At the end of the training the net and ``history.state`` are set back to the pass with the lowest figure, the first
    one if several are equal. ``history.passes`` has all passes; ``history.kept`` says which one was kept and why, and
    ``history.final`` is that pass.

    Parameters
    ----------
    on : "test", "train" or float
        The set that the figure is measured on: the test set of `train`, the training set, or a share of the training
        set between 0 and 1. Such a share is held out, so that nothing is learned from it; it is drawn by the seed of
        the training and has about the same share of each class. If the test error chooses the net, it no longer judges
        it, so hold out a share for that.
    figure : {"error", "cost"}
        The share of misclassified patterns, or the mean cost (loss).
    """

    on: Annotated[On, _on] = "test"
    figure: Figure = "error"

    def __call__(self, net: Net, history: History) -> bool:
        # `train` calls this after each pass; False lets the training go on.
        figures = self.figures(history)
        if figures.index(min(figures)) == len(figures) - 1 and history.state is not None:
            history.kept = Kept(len(figures), self._said(figures[-1]), copy.copy(net), history.state)
        return False

    @property
    def share(self) -> float | None:
        """The share of the training set that is held out, or None."""
        return None if isinstance(self.on, str) else self.on

    @property
    def where(self) -> str:
        """The measurement of a `Pass` that is used: "train", "test" or "held_out"."""
        return self.on if isinstance(self.on, str) else "held_out"

    def figures(self, history: History) -> list[float]:
        """The figure after each pass.

        Parameters
        ----------
        history : History

        Returns
        -------
        list of float
        """
        return [self._figure(one) for one in history.passes]

    def _figure(self, one: Pass) -> float:
        measured: Measurement | None = getattr(one, self.where)
        if measured is None:  # the training began without this callback
            raise ValueError(f"{type(self).__name__} needs the {self._name}, which pass {one.number} does not have")
        value: float = getattr(measured, self.figure)
        return value

    @property
    def _name(self) -> str:
        return f"{self.where.replace('_', '-')} {self.figure}"

    def _said(self, value: float) -> str:
        return f"{self._name} {value:.3e}" if self.figure == "cost" else f"{self._name} {100 * value:.2f} %"


@in_our_words(STOPPING)
@dataclass(frozen=True, kw_only=True)
class EarlyStopping(KeepBest):
    """A callback for `train` that ends a training which no longer gets better.

    Parameters
    ----------
    on, figure : str or float
        As for `KeepBest`.
    patience : int
        Number of passes in a row without an improvement after which the training ends.
    least : float
        The figure must fall by more than this below its value at the last improvement to improve; 0.001 is 0.1 % of
        error.
    keep : {"best", "last"}
        Whether the net is set back to its best pass, as `KeepBest` does, or stays as after the last pass.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> stop = sn89.EarlyStopping(patience=3, on=0.1)
    >>> history = sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=100, callbacks=[stop])
    >>> len(history.passes) - history.final.number  # it made three passes after the best one
    3
    """

    patience: AtLeastOne = 5
    least: NotNegative = 0.0
    keep: Literal["best", "last"] = "best"

    def __call__(self, net: Net, history: History) -> bool:
        # True ends the training.
        if self.keep == "best":
            super().__call__(net, history)
        figures = self.figures(history)
        improved, lowest = 0, figures[0]  # at the last improvement
        for i, value in enumerate(figures):
            if value < lowest - self.least:
                improved, lowest = i, value
        waited = len(figures) - 1 - improved
        if waited < self.patience:
            return False
        by = f" by {self.least:g}" if self.least else ""
        passes = counted(waited, "pass", "passes")
        history.ended = f"{self._said(lowest)} of pass {improved + 1} was not improved{by} in {passes}"
        return True


def values_among(callbacks: Iterable[Callback], outputs: int) -> list[KeepBest]:
    """The callbacks that are of this file; a ValueError if they contradict each other."""
    values = [one for one in callbacks if isinstance(one, KeepBest)]
    if len([one for one in values if getattr(one, "keep", "best") == "best"]) > 1:
        raise ValueError('only one callback may keep the best pass: give the other EarlyStopping keep="last"')
    if len({one.share for one in values} - {None}) > 1:
        raise ValueError("callbacks must hold out the same share of the training set")
    if outputs == 1 and any(one.figure == "error" for one in values):
        raise ValueError('a net with one output has no classes, and so no error: give the callback figure="cost"')
    return values


def held_out(classes: Array, share: float, seed: int) -> Array:
    """Whether each pattern is held out, bool (n,): `share` of all, rounded, and about that share of each class.

    Every class keeps a pattern to learn from. The same seed draws the same patterns with every version of NumPy.
    """
    labels, inverse, counts = np.unique(classes, return_inverse=True, return_counts=True)
    taken = np.floor(share * counts).astype(int)
    by_remainder = np.argsort(taken - share * counts, kind="stable")
    able = by_remainder[taken[by_remainder] < counts[by_remainder] - 1]
    taken[able[: round(share * len(classes)) - int(taken.sum())]] += 1
    if not taken.any():
        raise ValueError(f"{len(classes)} patterns are too few to hold out a share of {share:g} of each class")
    chance = np.argsort(np.random.PCG64([seed, 1]).random_raw(len(classes)), kind="stable")
    mask = np.zeros(len(classes), bool)
    for k in range(len(labels)):
        mask[chance[inverse[chance] == k][: taken[k]]] = True
    return mask
