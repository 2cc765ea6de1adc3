"""Confidence: how probable it is that an answer is right, on one scale from 0 to 1 for every net and cost.

The two largest scores of a net tell how sure it is, but their scale depends on the net's cost and training. Platt's
method brings all nets to one scale: a logistic function of these scores is fitted to digits that the net has not
learned from (Platt 1999, "Probabilistic outputs for support vector machines").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .aliases import Array
from .arguments import Checked, NotNegative, Number, check_net, real
from .costs import Cost, HalfSquaredError, RBFDiscriminative, SoftmaxCrossEntropy

if TYPE_CHECKING:
    from .net import Net


REJECT = 0.9  # confidence below which a reader rejects a digit by default
ROUNDS = 50  # of Newton's method, at most; about ten are needed


@dataclass(frozen=True)
class Confidence(Checked):
    """A logistic function that turns a net's scores into a confidence; it rises with both of its arguments.

    confidence = 1 / (1 + exp(-(bias + first * s1 + apart * (s1 - s2)))), where s1 and s2 are the two largest entries
    of `sn89.Cost.evidence`.

    Parameters
    ----------
    bias, first, apart : float
        The coefficients. `first` and `apart` are at least 0.
    reject : float
        The confidence, from 0 to 1, below which a reader rejects a digit by default.
    source : str
        The patterns to which it was fitted, in words.
    """

    bias: Number
    first: NotNegative
    apart: NotNegative
    reject: Number = REJECT
    source: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.reject <= 1:
            raise ValueError(f"Confidence: reject must be from 0 to 1, not {self.reject:g}")
        if not isinstance(self.source, str):
            raise TypeError(f"Confidence: source must be a string, not {self.source!r}")

    def __call__(self, evidence: ArrayLike) -> Array:
        """Compute how probable it is that the class of the largest score is right.

        Parameters
        ----------
        evidence : array_like of float, shape (classes,) or (n, classes)
            The result of `sn89.Cost.evidence`.

        Returns
        -------
        ndarray of float64, shape () or (n,)
            From 0 to 1.
        """
        s1, gap = _two(evidence)
        return _logistic(self.bias + self.first * s1 + self.apart * gap)

    def plain(self) -> dict[str, Any]:
        """The coefficients and their source, for JSON.

        Returns
        -------
        dict
        """
        return {"is": "logistic", **vars(self)}

    @classmethod
    def from_plain(cls, plain: Any) -> Self:
        """Make a confidence from the answer of `plain`, which may come from a file.

        Parameters
        ----------
        plain : dict
            The answer of `plain`.

        Returns
        -------
        Confidence
        """
        names = {"is", "bias", "first", "apart", "reject", "source"}
        if not isinstance(plain, dict) or plain.get("is") != "logistic" or plain.keys() != names:
            raise ValueError(f"a confidence must be a dictionary with {', '.join(sorted(names))}, not {plain!r:.80}")
        return cls(**{name: value for name, value in plain.items() if name != "is"})


def fit(evidence: ArrayLike, labels: ArrayLike, *, reject: float = REJECT, source: str = "") -> Confidence:
    """Fit a confidence to patterns that the net has not learned from, with 20 of them at least.

    `evidence`, (n, classes), is the result of `sn89.Cost.evidence` for the net's outputs. `labels` are the classes of
    the patterns; -1 is for a pattern of no class, where every answer is wrong. `source` describes the patterns.
    """
    values, wanted = np.asarray(evidence, np.float64), np.asarray(labels)
    if values.ndim != 2 or wanted.shape != values.shape[:1] or values.shape[1] < 2:
        raise ValueError(
            f"evidence must have the shape (n, classes) and labels (n,), not {values.shape} and {wanted.shape}"
        )
    if len(values) < 20:
        raise ValueError(f"a confidence must be fitted to 20 patterns at least, not {len(values)}")
    right = values.argmax(axis=1) == wanted
    features = np.stack(_two(values), axis=1)
    both, by_first, by_apart = (_newton(features, right, used) for used in ([0, 1], [0], [1]))
    # With a coefficient below 0, confidence would fall as evidence rises: then one argument is left out.
    usable = [one for one in (both, by_apart, by_first) if min(one[1:]) >= 0]
    bias, first, apart = usable[0] if usable else (float(np.log((right.sum() + 1) / ((~right).sum() + 1))), 0.0, 0.0)
    return Confidence(bias, first, apart, real(reject, "reject"), source)


def calibrate(net: Net, X: Array, y: ArrayLike, *, reject: float = REJECT, source: str = "") -> Confidence:
    """Fit a net's confidence to patterns that it has not learned from. The net and its file keep it.

    Further training removes it from the net.

    Parameters
    ----------
    net : Net
        The net.
    X : ndarray of float, shape (n, height, width)
        Images; the net must not have learned from them.
    y : array_like of int, shape (n,)
        Their classes; -1 for a pattern of no class, where every answer is wrong. The confidence is right for patterns
        among which patterns of no class are equally frequent.
    reject : float
        The confidence, from 0 to 1, below which a reader rejects a digit by default.
    source : str
        The patterns in words; it is kept with the net.

    Returns
    -------
    Confidence
        The new ``net.confidence``.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> history = sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=3)
    >>> _ = sn89.calibrate(net, Xt, yt)
    >>> bool(0 <= net.confident(Xt[0]) <= 1)
    True
    """
    check_net(net)
    with net.at_work():  # because another thread may train it meanwhile
        net.confidence = fit(net.cost.evidence(net(X)), y, reject=reject, source=source)
        return net.confidence


def usual(cost: Cost) -> Confidence:
    """The confidence for a net that has none: that of a net of the papers with the same cost."""
    for kind, coefficients, source in USUAL:
        if isinstance(cost, kind):
            return Confidence(*coefficients, source=f"usual: {source}")
    return Confidence(0.0, 0.0, 1.0, source="usual: nothing is known about this cost")


# Coefficients for nets that have none. Each net was trained on the first part of its training digits, and its
# confidence was fitted to the others.
USUAL: tuple[tuple[type[Cost], tuple[float, float, float], str], ...] = (
    (HalfSquaredError, (-2.024, 3.233, 4.366), "the zip-code net, 1,291 held-out training digits of USPS"),
    (SoftmaxCrossEntropy, (0.2474, 0.7899, 0.5098), "LeNet-1 with softmax, 1,291 held-out training digits of USPS"),
    (RBFDiscriminative, (9.764, 0.1081, 0.6870), "LeNet-5 after 6 passes, 10,000 held-out training digits of MNIST"),
)


def _two(evidence: ArrayLike) -> tuple[Array, Array]:
    """The largest score, and its difference to the second largest."""
    top = np.sort(np.asarray(evidence, np.float64), axis=-1)
    return top[..., -1], top[..., -1] - top[..., -2]


def _logistic(x: Array) -> Array:
    shares: Array = 0.5 * (1 + np.tanh(x / 2))
    return shares


def _newton(features: Array, right: Array, used: list[int]) -> tuple[float, float, float]:
    """Coefficients of the logistic regression on some of the features, the others 0.

    Platt's targets, a little inside 0 and 1, keep them finite if a line separates right answers from wrong ones.
    """
    count = right.sum()
    target = np.where(right, (count + 1) / (count + 2), 1 / (len(right) - count + 2))
    mean, scale = features[:, used].mean(axis=0), features[:, used].std(axis=0) + 1e-9
    x = np.column_stack([np.ones(len(right)), (features[:, used] - mean) / scale])
    w = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        p = _logistic(x @ w)
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-6 * len(right) * np.eye(len(w))
        step = np.linalg.solve(hessian, x.T @ (p - target) + 1e-6 * len(right) * w)
        w -= np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    coefficients = np.zeros(2)
    coefficients[used] = w[1:] / scale
    return float(w[0] - (w[1:] / scale) @ mean), float(coefficients[0]), float(coefficients[1])
