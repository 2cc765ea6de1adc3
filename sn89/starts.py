"""Start rules: the initial parameters of a net (SN: *forget*).

Small frozen values; the C core draws the numbers (``csrc/build.c``), the same ones for the same seed on every platform.
F is the number of inputs of the unit that a parameter belongs to, its bias included.
"""

from dataclasses import dataclass
from typing import ClassVar

from .arguments import Checked, Positive


@dataclass(frozen=True)
class Start(Checked):
    """Parameters uniform in [-r, r); a subclass says how r comes from `x` and F.

    Parameters
    ----------
    x : float
        A positive number.
    """

    kind: ClassVar[str]
    x: Positive


@dataclass(frozen=True)
class ByFanIn(Start):
    """r = x / F, where F counts a unit's inputs and its bias: the papers' rule (Neural Computation 1989, IEEE 1998).

    Parameters
    ----------
    x : float
        A positive number; 2.4 in the papers.
    """

    kind: ClassVar[str] = "fan-in"
    x: Positive = 2.4


@dataclass(frozen=True)
class BySqrtFanIn(Start):
    """r = x / sqrt(F), where F counts a unit's inputs and its bias.

    Parameters
    ----------
    x : float
        A positive number: 1 for SN's *smartforget*, 2.4 for the 2022 reproduction's start.
    """

    kind: ClassVar[str] = "sqrt-fan-in"
    x: Positive = 1.0


@dataclass(frozen=True)
class Uniform(Start):
    """r = x for all parameters.

    Parameters
    ----------
    x : float
        A positive number.
    """

    kind: ClassVar[str] = "uniform"
