"""Measurement: errors, confusion, mean squared error in both conventions, and rejection.

The functions take plain arrays. Scores come from a net's outputs by :meth:`sn89.Cost.scores`: the largest is the
answer; with squared error they are the outputs themselves.
"""

from dataclasses import dataclass, replace
from numbers import Real
from typing import Self

import numpy as np

from .aliases import Array
from .arguments import whole
from .keywords import MEASUREMENT, others_names


@others_names(MEASUREMENT)
@dataclass(frozen=True)
class Measurement:
    """The results of a net on one set of patterns.

    Attributes
    ----------
    patterns : int
        Number of patterns.
    wrong : int or None
        Number of misclassified patterns. None if the net has a single output, because then there are no classes.
    cost : float
        Mean cost (loss) of the patterns.
    half_mse : float or None
        Half the mean squared error over patterns and outputs, which SN prints and the 1989 papers call MSE. None if the
        cost is not a squared error.
    """

    patterns: int
    wrong: int | None
    cost: float
    half_mse: float | None = None

    @property
    def error(self) -> float | None:
        """The share of misclassified patterns, from 0 to 1."""
        return None if self.wrong is None else self.wrong / self.patterns

    @property
    def mse(self) -> float | None:
        """The mean squared error by its usual definition, over patterns and outputs."""
        return None if self.half_mse is None else 2 * self.half_mse

    def _repr_html_(self) -> str:
        from .html import measurement_html

        return measurement_html(self)

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
        Number of patterns, of rejected ones, and of misclassified ones among the others.
    difference : float
        A pattern is accepted only if its two largest scores differ by more than this,
    first, second : float
        and if the largest is above `first` and the second below `second`; -inf and inf if there are no such thresholds.
    """

    patterns: int
    rejected: int
    wrong: int
    difference: float
    first: float = -np.inf
    second: float = np.inf

    @property
    def share(self) -> float:
        """The share of rejected patterns, from 0 to 1."""
        return self.rejected / self.patterns

    @property
    def error(self) -> float:
        """The share of misclassified patterns among the accepted ones, from 0 to 1."""
        return self.wrong / max(1, self.patterns - self.rejected)

    def on(self, scores: Array, labels: Array) -> Self:
        """Apply the same thresholds to other patterns.

        Parameters
        ----------
        scores : ndarray, shape (n, classes)
        labels : ndarray of int, shape (n,)

        Returns
        -------
        Rejection
        """
        top, wrong = _ranked(scores, labels, 0)
        first, second = top[:, 0], top[:, 1]
        kept = (first > self.first) & (second < self.second) & (first - second > self.difference)
        rejected, wrongly = int((~kept).sum()), int((wrong & kept).sum())
        return replace(self, patterns=len(wrong), rejected=rejected, wrong=wrongly)


def confusion(labels: Array, predicted: Array, classes: int = 10) -> Array:
    """Count how often each class was taken for each other class.

    Parameters
    ----------
    labels, predicted : ndarray of int, shape (n,)
    classes : int
        Number of classes.

    Returns
    -------
    ndarray of int64, shape (classes, classes)
        Counts by [label, predicted].

    Examples
    --------
    >>> import numpy as np, sn89
    >>> sn89.measure.confusion(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]), classes=3)
    array([[1, 0, 0],
           [0, 1, 1],
           [0, 0, 1]])
    """
    classes = whole(classes, "classes", least=1)
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    if labels.ndim != 1 or labels.shape != predicted.shape:
        shapes = f"{labels.shape} and {predicted.shape}"
        raise ValueError(f"labels and predictions must be two equally long lists, not of shapes {shapes}")
    _check_labels(labels, "labels", classes)
    _check_labels(predicted, "predictions", classes)
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (labels, predicted), 1)
    return table


def _check_labels(labels: Array, what: str, classes: int) -> None:
    if not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(f"{what} must be whole numbers, not {labels.dtype}")
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"{what} must be 0 to {classes - 1}, not {labels.min()} to {labels.max()}")


def edits(written: str, found: str) -> int:
    """The number of characters to change, insert or delete to turn one string into the other (Levenshtein).

    Parameters
    ----------
    written, found : str

    Returns
    -------
    int

    Examples
    --------
    >>> import sn89
    >>> sn89.measure.edits("14607", "1467")
    1
    """
    row = list(range(len(found) + 1))
    for i, a in enumerate(written, 1):
        before, row = row, [i]
        for j, b in enumerate(found, 1):
            row.append(min(before[j - 1] + (a != b), before[j] + 1, row[j - 1] + 1))
    return row[-1]


def rejection(scores: Array, labels: Array, error: float = 0.01) -> Rejection:
    """Find the smallest rejection, by the difference of the two largest scores, for at most `error` on the rest.

    The criterion of Neural Computation 1(4), 1989. The threshold is the best one for these very patterns, as in the
    paper, so its result does not tell how well it works on others.

    Parameters
    ----------
    scores : ndarray, shape (n, classes)
        At least two classes.
    labels : ndarray of int, shape (n,)
    error : float
        The share of accepted patterns that may be wrong, from 0 to 1.

    Returns
    -------
    Rejection

    Examples
    --------
    >>> import numpy as np, sn89
    >>> scores = np.array([[0.9, -1.0], [0.2, 0.1], [-0.8, 1.0]])
    >>> found = sn89.measure.rejection(scores, np.array([0, 1, 1]), error=0.01)
    >>> round(found.share, 2), found.error  # the second is doubtful, and wrong
    (0.33, 0.0)
    """
    top, wrong = _ranked(scores, labels, error)
    difference = top[:, 0] - top[:, 1]
    order = np.argsort(-difference, kind="stable")
    threshold, accepted, wrongly = _Cuts(difference[order], wrong[order], error).best(np.ones(len(wrong), bool))
    return Rejection(len(wrong), len(wrong) - accepted, wrongly, threshold)


def rejection_by_three(scores: Array, labels: Array, error: float = 0.01) -> Rejection:
    """Find the smallest rejection by the three thresholds of the NIPS paper (1989).

    The largest score must be above one threshold, the second below another, and their difference above a third. The
    three are the best ones for these very patterns, as in the paper.

    Parameters
    ----------
    scores : ndarray, shape (n, classes)
    labels : ndarray of int, shape (n,)
    error : float
        As for `rejection`.

    Returns
    -------
    Rejection
    """
    top, wrong = _ranked(scores, labels, error)
    order = np.argsort(top[:, 1] - top[:, 0], kind="stable")
    (first, second), wrong = top[order].T, wrong[order]
    cuts = _Cuts(first - second, wrong, error)
    best, thresholds = (-1, 0), (np.inf, -np.inf, np.inf)
    # A stricter threshold helps only if it rejects one more wrong pattern, so the scores of wrong patterns are enough.
    # Stricter thresholds keep fewer patterns: once there are fewer than with the best ones, the search can stop.
    for low in (-np.inf, *np.unique(first[wrong])):
        above = first > low
        if above.sum() <= best[0]:
            break
        for high in (np.inf, *np.unique(second[wrong])[::-1]):
            kept = above & (second < high)
            if kept.sum() <= best[0]:
                break
            difference, *found = cuts.best(kept)
            if found[0] > best[0]:
                best, thresholds = (found[0], found[1]), (difference, float(low), float(high))
    return Rejection(len(wrong), len(wrong) - best[0], best[1], *thresholds)


def rejection_curve(scores: Array, labels: Array) -> tuple[Array, Array]:
    """The share of rejected patterns, and the error of the accepted ones, for every threshold.

    The threshold is one on the difference of the two largest scores, as for `rejection`; equal differences go together.

    Parameters
    ----------
    scores : ndarray, shape (n, classes)
    labels : ndarray of int, shape (n,)
        As for `rejection`.

    Returns
    -------
    rejected, error : ndarray of float64, shape (thresholds,)
        Shares from 0 to 1.
    """
    top, wrong = _ranked(scores, labels, 0)
    difference = top[:, 0] - top[:, 1]
    order = np.argsort(-difference, kind="stable")
    last = np.append(np.diff(difference[order]) != 0, True)  # whether it is the last of equal ones
    accepted = np.flatnonzero(last)[::-1] + 1
    return 1 - accepted / len(wrong), np.cumsum(wrong[order])[accepted - 1] / accepted


def _ranked(scores: Array, labels: Array, error: float) -> tuple[Array, Array]:
    """The two largest scores of each pattern in float64, and whether the pattern is misclassified."""
    scores, labels = np.asarray(scores), np.asarray(labels)
    if not np.issubdtype(scores.dtype, np.floating) and not np.issubdtype(scores.dtype, np.integer):
        raise TypeError(f"scores must be numbers, not {scores.dtype}")
    if scores.ndim != 2 or scores.shape[1] < 2 or labels.shape != scores.shape[:1] or not len(labels):
        wanted = "scores must have shape (n, classes) with n > 0 and two classes or more, and labels (n,)"
        raise ValueError(f"{wanted}; got {scores.shape} and {labels.shape}")
    _check_labels(labels, "labels", scores.shape[1])
    if isinstance(error, bool) or not isinstance(error, Real):
        raise TypeError(f"error must be a number, not {error!r}")
    if not 0 <= error <= 1:
        raise ValueError(f"error must be a share from 0 to 1, not {error}")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite, not NaN or infinite")
    scores = scores.astype(np.float64)
    return -np.sort(-scores, axis=1)[:, :2], scores.argmax(axis=1) != labels


class _Cuts:
    """Thresholds on falling `values` that leave at most `error` above them. Equal values go together.

    The error has a relative tolerance of 1e-12, because 0.29 * 100 is a little less than 29.
    """

    def __init__(self, values: Array, wrong: Array, error: float) -> None:
        self.thresholds = np.append(values, -np.inf)
        self.wrong, self.error = wrong, error * (1 + 1e-12)
        self.between = np.append(np.inf, values) > self.thresholds

    def best(self, kept: Array) -> tuple[float, int, int]:
        """The threshold that accepts most of the kept patterns, their number, and the number of wrong ones."""
        accepted, wrongly = (np.append(0, np.cumsum(counted)) for counted in (kept, kept & self.wrong))
        most = int(np.flatnonzero(self.between & (wrongly <= self.error * accepted))[-1])
        return float(self.thresholds[most]), int(accepted[most]), int(wrongly[most])
