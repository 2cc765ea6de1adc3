"""Squashing functions (activations) f(a): from a unit's total input to its state (SN: *nlf*).

Small frozen values; the C core computes them (``csrc/squash.c``). Each names its kind there and the three constants of
``A tanh(S a) + D a``.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from .arguments import Checked, Fraction, Positive


class Squash(Checked):
    """A squashing function (activation)."""

    kind: ClassVar[str]

    @property
    def constants(self) -> tuple[float, float, float]:
        """Amplitude A, slope S and linear part D; kinds without them ignore them."""
        return (1.0, 1.0, 0.0)


@dataclass(frozen=True)
class ScaledTanh(Squash):
    """f(a) = A tanh(S a), the papers' squashing function.

    Parameters
    ----------
    amplitude, slope : float
        A and S, from 0.001 to 1000. The defaults make f(1) = 1 and f(-1) = -1 (LeCun 1987; Neural Computation 1989).
    """

    kind: ClassVar[str] = "tanh"
    amplitude: Positive = 1.7159
    slope: Positive = 2 / 3

    @property
    def constants(self) -> tuple[float, float, float]:
        return (self.amplitude, self.slope, 0.0)


@dataclass(frozen=True)
class TanhLinear(Squash):
    """f(a) = A tanh(S a) + D a, with A such that f(1) = 1 (SN: ``(nlf-tanh mx dmin)``).

    The linear part keeps the derivative above 0 where the tanh is flat, so that learning goes on there.

    Parameters
    ----------
    slope, linear : float
        S (SN: *mx*) and D (SN: *dmin*), 0 <= D < 1, such that S and A = (1 - D) / tanh(S) are from 0.001 to 1000. SN's
        examples use 0.666 and 0.05.
    """

    kind: ClassVar[str] = "tanh"
    slope: Positive = 2 / 3
    linear: Fraction = 0.05

    @property
    def constants(self) -> tuple[float, float, float]:
        return ((1 - self.linear) / math.tanh(self.slope), self.slope, self.linear)


@dataclass(frozen=True)
class Tanh(Squash):
    """f(a) = tanh(a)."""

    kind: ClassVar[str] = "tanh"


@dataclass(frozen=True)
class Linear(Squash):
    """f(a) = a."""

    kind: ClassVar[str] = "linear"


@dataclass(frozen=True)
class ReLU(Squash):
    """f(a) = max(a, 0); f'(0) = 0."""

    kind: ClassVar[str] = "relu"
