"""Costs: what learning makes small, for one pattern.

Small frozen values; the C core computes them (``csrc/cost.c``). A cost also says what is desired
of the outputs for each class, and how to read the outputs afterwards (`scores`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .arguments import positive, real


class Cost:
    """A cost function of the outputs x and the desired outputs d."""

    kind: ClassVar[str]

    @property
    def constant(self) -> float:
        """The one constant that the core needs, if any."""
        return 0.0

    def targets(self, classes: int) -> np.ndarray:
        """Desired outputs of each class.

        Parameters
        ----------
        classes : int

        Returns
        -------
        ndarray of float32, shape (classes, classes)
            Row k for class k.
        """
        return np.eye(classes, dtype=np.float32)

    def check_targets(self, rows: np.ndarray) -> None:
        """Raise a ValueError if these outputs cannot be desired: here, if they are not probabilities.

        Parameters
        ----------
        rows : ndarray of float, shape (n, outputs)
        """
        if (rows < 0).any() or (abs(rows.sum(axis=1) - 1) > 1e-5).any():
            raise ValueError("desired outputs must be probabilities: not negative, each row with the sum 1")

    def scores(self, outputs: np.ndarray) -> np.ndarray:
        """Outputs as scores: the class with the largest score is the answer.

        Parameters
        ----------
        outputs : ndarray of float, shape (outputs,) or (n, outputs)

        Returns
        -------
        ndarray of float
            Of the same shape.
        """
        return outputs

    def evidence(self, outputs: np.ndarray) -> np.ndarray:
        """Outputs as evidence for each class, in the order of the scores, whose differences do not saturate.

        A `sn89.Confidence` is fitted to it: with squared error the outputs, 1 where high is desired and 0 where low;
        with softmax the logarithms of the probabilities; with distances the scores.

        Parameters
        ----------
        outputs : ndarray of float, shape (outputs,) or (n, outputs)

        Returns
        -------
        ndarray of float64
            Of the same shape.
        """
        return self.scores(outputs).astype(np.float64)


@dataclass(frozen=True)
class HalfSquaredError(Cost):
    """C = 1/2 sum_i (d_i - x_i)^2, summed over the outputs, not divided (SN: *LMS*).

    Parameters
    ----------
    high, low : float
        Desired state of the output of the pattern's class, and of all the others.
    """

    kind: ClassVar[str] = "half-squared"
    high: float = 1.0
    low: float = -1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "high", real(self.high, "HalfSquaredError: high"))
        object.__setattr__(self, "low", real(self.low, "HalfSquaredError: low"))
        if not self.high > self.low:
            raise ValueError(f"HalfSquaredError: needs high > low, not {self.high:g} and {self.low:g}")

    def targets(self, classes: int) -> np.ndarray:
        return np.where(np.eye(classes, dtype=bool), self.high, self.low).astype(np.float32)

    def check_targets(self, rows: np.ndarray) -> None:
        """Anything may be desired.

        Parameters
        ----------
        rows : ndarray of float, shape (n, outputs)
        """

    def evidence(self, outputs: np.ndarray) -> np.ndarray:
        return (np.asarray(outputs, np.float64) - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Cost):
    """C = -sum_i d_i log p_i with p = softmax(x); the last layer's states x are the logits.

    Give that layer ``squash=Linear()``: a squashing function would bound the logits. `scores` are the probabilities p.
    """

    kind: ClassVar[str] = "softmax"

    def scores(self, outputs: np.ndarray) -> np.ndarray:
        powers = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
        shares: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
        return shares

    def evidence(self, outputs: np.ndarray) -> np.ndarray:
        below = np.asarray(outputs, np.float64) - outputs.max(axis=-1, keepdims=True)
        logarithms: np.ndarray = below - np.log(np.exp(below).sum(axis=-1, keepdims=True))
        return logarithms


@dataclass(frozen=True)
class RBFDiscriminative(Cost):
    """LeNet-5's cost: C = y_D + log(exp(-j) + sum_i exp(-y_i)), y the distances of an RBF layer.

    Proc. IEEE 86(11), 1998, equation 9. `scores` are the negated distances.

    Parameters
    ----------
    j : float
        Positive constant that stops distances which are large already from being pushed further.

    Notes
    -----
    The paper does not give j. It reports effective learning rates from 7e-5 on before LeNet-5's first pass, when all
    distances are near 84, and these come of curvatures of p (1 - p) with p = 1/10 at each output: so exp(-j) was small
    beside 10 exp(-84), and j larger than that. Which j does best is another question, and need not have one answer for
    digits as they are and for distorted ones: `sn89.reproduce` chooses it for both on held-out training digits.
    """

    kind: ClassVar[str] = "rbf"
    j: float = 100.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "j", positive(self.j, "RBFDiscriminative: j"))

    @property
    def constant(self) -> float:
        return self.j

    def scores(self, outputs: np.ndarray) -> np.ndarray:
        return -outputs
