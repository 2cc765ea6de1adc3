"""Measurement: errors, confusion, mean squared error in both conventions, and rejection.

Everything here takes plain arrays. Scores are what :meth:`sn89.Cost.scores` makes of a net's outputs: larger is more
like the class; for a net with squared error they are the outputs themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real

import numpy as np

from .arguments import whole

Array = np.ndarray


@dataclass(frozen=True)
class Measurement:
    """What a net does on one set of patterns.

    Attributes
    ----------
    patterns : int
        How many there are.
    wrong : int or None
        How many of them are misclassified. None if the net has a single output: then there are no classes.
    cost : float
        The mean over the patterns of the net's cost.
    half_mse : float or None
        Half the mean squared error, averaged over patterns and outputs: what SN prints, and so the "MSE" of the 1989
        papers. None if the cost is not a squared error.
    """

    patterns: int
    wrong: int | None
    cost: float
    half_mse: float | None = None

    @property
    def error(self) -> float | None:
        """The share of patterns that are misclassified, 0 to 1."""
        return None if self.wrong is None else self.wrong / self.patterns

    @property
    def mse(self) -> float | None:
        """The mean squared error by its usual definition, averaged over patterns and outputs."""
        return None if self.half_mse is None else 2 * self.half_mse

    def __str__(self) -> str:
        if self.error is None:
            return f"cost {self.cost:.2e}"
        half_mse = "" if self.half_mse is None else f", half MSE {self.half_mse:.2e}"
        return f"{100 * self.error:.2f} % ({self.wrong} of {self.patterns}){half_mse}"


@dataclass(frozen=True)
class Rejection:
    """The smallest rejection that leaves a given error on the rest.

    Attributes
    ----------
    patterns, rejected, wrong : int
        How many there are, how many are rejected, and how many of the others are misclassified.
    difference : float
        A pattern is accepted only if its two largest scores differ by more than this.
    first, second : float
        And only if the largest is above `first` and the second is below `second`; -inf and inf where the criterion does
        not ask.
    """

    patterns: int
    rejected: int
    wrong: int
    difference: float
    first: float = -np.inf
    second: float = np.inf

    @property
    def share(self) -> float:
        """The share of all patterns that are rejected, 0 to 1."""
        return self.rejected / self.patterns

    @property
    def error(self) -> float:
        """The share of the accepted patterns that are misclassified, 0 to 1."""
        return self.wrong / max(1, self.patterns - self.rejected)

    def on(self, scores: Array, labels: Array) -> Rejection:
        """What the same thresholds do on other patterns; arguments as of `rejection`."""
        top, wrong = _ranked(scores, labels, 0)
        first, second = top[:, 0], top[:, 1]
        kept = (first > self.first) & (second < self.second) & (first - second > self.difference)
        rejected, wrongly = int((~kept).sum()), int((wrong & kept).sum())
        return replace(self, patterns=len(wrong), rejected=rejected, wrong=wrongly)


def confusion(labels: Array, predicted: Array, classes: int = 10) -> Array:
    """How often class i was taken for class j: int64, shape (classes, classes), [label, predicted].

    Raises
    ------
    ValueError
        If the two have different lengths, or hold something else than 0 to classes - 1.
    """
    classes = whole(classes, "classes", least=1)
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    if labels.ndim != 1 or labels.shape != predicted.shape:
        raise ValueError(
            f"labels and predictions must be two equally long lists, not {labels.shape} and {predicted.shape}"
        )
    for name, values in (("labels", labels), ("predictions", predicted)):
        if not np.issubdtype(values.dtype, np.integer):
            raise TypeError(f"{name} must be whole numbers, not {values.dtype}")
        if values.size and not 0 <= values.min() <= values.max() < classes:
            raise ValueError(f"{name} must be 0 to {classes - 1}, not {values.min()} to {values.max()}")
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (labels, predicted), 1)
    return table


def rejection(scores: Array, labels: Array, error: float = 0.01) -> Rejection:
    """How many patterns to reject, by the difference of their two largest scores, for at most `error` on the rest.

    The criterion of Neural Computation 1(4), 1989. The threshold is the best one on these very patterns, as in the
    paper: no estimate of what it does on others.

    Parameters
    ----------
    scores : ndarray, shape (n, classes)
        At least two classes.
    labels : ndarray of int, shape (n,)
    error : float
        The share of the accepted patterns that may be wrong, 0 to 1.
    """
    top, wrong = _ranked(scores, labels, error)
    difference = top[:, 0] - top[:, 1]
    threshold, accepted, wrongly = _best_cut(difference, wrong, error)
    return Rejection(len(wrong), len(wrong) - accepted, wrongly, threshold)


def rejection_by_three(scores: Array, labels: Array, error: float = 0.01) -> Rejection:
    """As `rejection`, with the three thresholds of the NIPS paper (1989).

    The largest score must be above one threshold, the second below another, and their difference above a third; the
    best three on these very patterns, as in the paper.
    """
    top, wrong = _ranked(scores, labels, error)
    first, second = top[:, 0], top[:, 1]
    best = Rejection(len(wrong), len(wrong) + 1, 0, np.inf)
    # A threshold that does not reject one more wrong pattern only costs good ones: those of wrong patterns are enough.
    for low in (-np.inf, *np.unique(first[wrong])):
        for high in (*np.unique(second[wrong]), np.inf):
            kept = (first > low) & (second < high)
            if len(wrong) - kept.sum() >= best.rejected:
                continue
            threshold, accepted, wrongly = _best_cut(first[kept] - second[kept], wrong[kept], error)
            if len(wrong) - accepted < best.rejected:
                best = Rejection(len(wrong), len(wrong) - accepted, wrongly, threshold, float(low), float(high))
    return best


def _ranked(scores: Array, labels: Array, error: float) -> tuple[Array, Array]:
    """The two largest scores of each pattern in float64, and whether the class of the largest is wrong."""
    scores, labels = np.asarray(scores), np.asarray(labels)
    if not np.issubdtype(scores.dtype, np.floating) and not np.issubdtype(scores.dtype, np.integer):
        raise TypeError(f"scores must be numbers, not {scores.dtype}")
    if scores.ndim != 2 or scores.shape[1] < 2 or labels.shape != scores.shape[:1] or not len(labels):
        raise ValueError(
            f"scores must have shape (n, classes) with n > 0 and two classes or more, and labels (n,); "
            f"got {scores.shape} and {labels.shape}"
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(f"labels must be whole numbers, not {labels.dtype}")
    if labels.min() < 0 or labels.max() >= scores.shape[1]:
        raise ValueError(f"labels must be 0 to {scores.shape[1] - 1}, not {labels.min()} to {labels.max()}")
    if isinstance(error, bool) or not isinstance(error, Real):
        raise TypeError(f"error must be a number, not {error!r}")
    if not 0 <= error <= 1:
        raise ValueError(f"error must be a share from 0 to 1, not {error}")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite, not NaN or infinite")
    scores = scores.astype(np.float64)
    return -np.sort(-scores, axis=1)[:, :2], scores.argmax(axis=1) != labels


def _best_cut(values: Array, wrong: Array, error: float) -> tuple[float, int, int]:
    """The threshold that accepts most patterns, those with values above it, with at most `error` of them wrong.

    Returns the threshold, the number accepted and the number of those that are wrong. Equal values go together.
    """
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    wrongly = np.concatenate([[0], np.cumsum(wrong[order])])
    accepted = np.arange(len(values) + 1)
    next_value = np.append(ranked, -np.inf)
    between = np.append(np.inf, ranked) > next_value
    # 0.29 * 100 is a little less than 29, and yet 29 of 100 are 29 %
    fine = between & (wrongly <= error * accepted * (1 + 1e-12))
    most = int(np.flatnonzero(fine)[-1])
    return float(next_value[most]), most, int(wrongly[most])
