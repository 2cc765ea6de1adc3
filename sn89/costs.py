"""Costs (losses) of one pattern, which learning minimises.

Small frozen values; the C core computes them (``csrc/cost.c``). A cost also has the desired outputs of each class, and
makes scores of outputs.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .arguments import Checked, Number, Positive


class Cost(Checked):
    """A cost (loss) of the outputs x and the desired outputs d."""

    kind: ClassVar[str]

    @property
    def constant(self) -> float:
        """The constant that the core takes; 0 for costs that have none."""
        return 0.0

    def targets(self, classes: int) -> np.ndarray:
        """The desired outputs of each class.

        Parameters
        ----------
        classes : int
            Number of classes.

        Returns
        -------
        ndarray of float32, shape (classes, classes)
            Row k has the desired outputs of class k.
        """
        return np.eye(classes, dtype=np.float32)

    def check_targets(self, rows: np.ndarray) -> None:
        """Raise a ValueError if these cannot be desired outputs: most costs need probabilities.

        Parameters
        ----------
        rows : ndarray of float, shape (n, outputs)
        """
        if (rows < 0).any() or (abs(rows.sum(axis=1) - 1) > 1e-5).any():
            raise ValueError("desired outputs must be probabilities: not negative, and each row with the sum 1")

    def scores(self, outputs: np.ndarray) -> np.ndarray:
        """The scores of the classes: the class with the largest score is the answer.

        Parameters
        ----------
        outputs : ndarray of float, shape (outputs,) or (n, outputs)

        Returns
        -------
        ndarray of float
            An array of the same shape.
        """
        return outputs

    def evidence(self, outputs: np.ndarray) -> np.ndarray:
        """The evidence for each class: ordered like the scores, but its differences do not saturate.

        A `sn89.Confidence` is fitted to it. With squared error it is the outputs, scaled so that high becomes 1 and low
        becomes 0; with softmax the logarithms of the probabilities; with distances the scores.

        Parameters
        ----------
        outputs : ndarray of float, shape (outputs,) or (n, outputs)

        Returns
        -------
        ndarray of float64
            An array of the same shape.
        """
        return self.scores(outputs).astype(np.float64)


@dataclass(frozen=True)
class HalfSquaredError(Cost):
    """C = 1/2 sum_i (d_i - x_i)^2, summed over the outputs, not divided (SN: *LMS*).

    Parameters
    ----------
    high, low : float
        Desired state of the output of the pattern's class, and of all other outputs.
    """

    kind: ClassVar[str] = "half-squared"
    high: Number = 1.0
    low: Number = -1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.high > self.low:
            raise ValueError(f"HalfSquaredError: high must be greater than low, not {self.high:g} and {self.low:g}")

    def targets(self, classes: int) -> np.ndarray:
        return np.where(np.eye(classes, dtype=bool), self.high, self.low).astype(np.float32)

    def check_targets(self, rows: np.ndarray) -> None:
        pass  # any outputs may be desired

    def evidence(self, outputs: np.ndarray) -> np.ndarray:
        return (np.asarray(outputs, np.float64) - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Cost):
    """C = -sum_i d_i log p_i with p = softmax(x); the states x of the last layer are the logits.

    Give that layer ``squash=Linear()``, because a squashing function would bound the logits. `scores` are the
    probabilities p.
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
        A positive constant; distances much larger than j are not pushed further.

    Notes
    -----
    The paper does not give j. It reports effective learning rates from 7e-5 upwards before LeNet-5's first pass, when
    all distances are near 84. They follow from curvatures of p (1 - p) with p = 1/10 at each output, so exp(-j) was
    small beside 10 exp(-84), and j was larger than 84. The best j may be another one, and may differ between plain and
    distorted digits: `sn89.reproduce` chooses it for both on held-out training digits, 10 for plain and 100 for
    distorted ones.
    """

    kind: ClassVar[str] = "rbf"
    j: Positive = 100.0

    @property
    def constant(self) -> float:
        return self.j

    def scores(self, outputs: np.ndarray) -> np.ndarray:
        return -outputs
