"""Start rules: where the parameters of a net begin (SN: *forget*).

Small frozen values; the C core draws the numbers (``csrc/build.c``), the same ones for the same seed on every platform.
F is the number of inputs of the unit that a parameter belongs to, the bias counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .arguments import positive


@dataclass(frozen=True)
class Start:
    """Uniform in [-r, r), with r from `x` and F.

    Parameters
    ----------
    x : float
        Positive.
    """

    kind: ClassVar[str]
    x: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", positive(self.x, f"{type(self).__name__}: x"))


@dataclass(frozen=True)
class ByFanIn(Start):
    """r = x / F, with F the number of inputs of a unit, its bias counted.

    With x = 2.4 the papers' rule (Neural Computation 1989, Proc. IEEE 1998).

    Parameters
    ----------
    x : float
        Positive.
    """

    kind: ClassVar[str] = "fan-in"
    x: float = 2.4


@dataclass(frozen=True)
class BySqrtFanIn(Start):
    """r = x / sqrt(F), with F the number of inputs of a unit, its bias counted.

    With x = 1 SN's *smartforget*, with 2.4 the 2022 reproduction's start.

    Parameters
    ----------
    x : float
        Positive.
    """

    kind: ClassVar[str] = "sqrt-fan-in"
    x: float = 1.0


@dataclass(frozen=True)
class Uniform(Start):
    """r = x, whatever the fan-in.

    Parameters
    ----------
    x : float
        Positive.
    """

    kind: ClassVar[str] = "uniform"
    x: float
