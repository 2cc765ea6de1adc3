"""Squashing functions f(a): from a unit's total input to its state (SN: *nlf*).

Small frozen values; the C core computes them (``csrc/squash.c``). Each gives its kind there and
the three constants of ``A tanh(S a) + D a``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar


class Squash:
    """A squashing function."""

    kind: ClassVar[str]

    @property
    def constants(self) -> tuple[float, float, float]:
        """Amplitude A, slope S and linear part D, for the kinds that have them."""
        return (1.0, 1.0, 0.0)


def _check(name: str, constants: tuple[float, ...]) -> None:
    for value in constants:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{name}: constants must be numbers, not {value!r}")
        if not math.isfinite(value):
            raise ValueError(f"{name}: constants must be finite, not {value}")


@dataclass(frozen=True)
class ScaledTanh(Squash):
    """f(a) = A tanh(S a), the papers' squashing function.

    Parameters
    ----------
    amplitude, slope : float
        A and S. The defaults make f(1) = 1 and f(-1) = -1 (LeCun 1987; Neural Computation 1989).
    """

    kind: ClassVar[str] = "tanh"
    amplitude: float = 1.7159
    slope: float = 2 / 3

    def __post_init__(self) -> None:
        _check("ScaledTanh", self.constants)
        if self.amplitude <= 0 or self.slope <= 0:
            raise ValueError(f"ScaledTanh: amplitude and slope must be positive, not {self}")

    @property
    def constants(self) -> tuple[float, float, float]:
        return (self.amplitude, self.slope, 0.0)


@dataclass(frozen=True)
class TanhLinear(Squash):
    """f(a) = A tanh(S a) + D a, with A such that f(1) = 1 (SN: ``(nlf-tanh mx dmin)``).

    The linear part keeps learning alive in the flats of the tanh.

    Parameters
    ----------
    slope, linear : float
        S (SN: *mx*) and D (SN: *dmin*), 0 <= D < 1. SN's examples use 0.666 and 0.05.
    """

    kind: ClassVar[str] = "tanh"
    slope: float = 2 / 3
    linear: float = 0.05

    def __post_init__(self) -> None:
        _check("TanhLinear", (self.slope, self.linear))
        if self.slope <= 0 or not 0 <= self.linear < 1:
            raise ValueError(f"TanhLinear: needs slope > 0 and 0 <= linear < 1, not {self}")

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
