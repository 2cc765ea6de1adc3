"""Learning rules (optimizers): how one presentation changes the parameters.

Small frozen values; the C core applies them (``csrc/learn.c``). In the formulas g_u is the gradient of a pattern's cost
with respect to parameter u, summed over the connections that share it, and H_u its curvature. Costs are not divided by
the number of outputs, and so gradients are not either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, Self, get_args

import numpy as np

from .arguments import AtLeastOne, Checked, NotNegative, Positive, fraction, positive
from .keywords import RULE

Rate = float | Sequence[float]
Method = Literal["first-order", "running", "fixed", "adamw"]
Diagonal = Literal["levenberg-marquardt", "newton"]
DIAGONALS = get_args(Diagonal)

#: Names of the learning rate in SN and in other libraries.
ELSEWHERE = dict.fromkeys(("epsilon", "lr", "learning_rate", "learning_rate_init", "eta"), "rate")

#: The global learning rates of LeNet-5's 20 passes: Proc. IEEE 86(11), 1998, section III.
LENET5_RATES = (0.0005,) * 2 + (0.0002,) * 3 + (0.0001,) * 3 + (0.00005,) * 4 + (0.00001,)


class Step(NamedTuple):
    """The constants of a rule in one pass, under the names that the C core has for them (``csrc/sn.h``)."""

    method: Method
    diagonal: Diagonal
    epsilon: float
    mu: float = 1.0
    gamma: float = 0.0
    beta: float = 0.0
    decay: float = 0.0


@dataclass(frozen=True, eq=False)
class RuleState:
    """The state of a rule between two presentations, besides the parameters.

    Attributes
    ----------
    presented : int
        Number of presentations so far.
    curvature : ndarray of float32, shape (parameters,)
        The curvature that a second-order rule divides by; `AdamW`'s mean of the squared gradient.
    momentum : ndarray of float32, shape (parameters,)
        `AdamW`'s mean of the gradient; 0 for all other rules.
    """

    presented: int
    curvature: np.ndarray
    momentum: np.ndarray


def _rates(given: Any, what: str) -> Rate:
    """One positive number, or one for each pass."""
    given = given.tolist() if isinstance(given, np.ndarray) else given
    if not isinstance(given, Sequence) or isinstance(given, (str, bytes)):
        return positive(given, what)
    if not given:
        raise ValueError(f"{what} must be positive, one number or one for each pass, not {given!r}")
    return tuple(positive(one, what) for one in given)


def _betas(given: Any, what: str) -> tuple[float, float]:
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != 2:
        raise TypeError(f"{what} must be a pair of numbers, not {given!r}")
    return fraction(given[0], what), fraction(given[1], what)


class Rule(Checked):
    """A learning rule (optimizer)."""

    method: ClassVar[Method]
    diagonal: ClassVar[Diagonal] = "levenberg-marquardt"
    elsewhere: ClassVar[Mapping[str, str]] = ELSEWHERE  # names of others, and ours
    rate: Annotated[Rate, _rates]

    if not TYPE_CHECKING:  # for a type checker an unknown name stays unknown

        def __new__(cls, *given: Any, **named: Any) -> Self:
            for name in named.keys() & (cls.elsewhere.keys() | RULE.keys()) - {*getattr(cls, "__match_args__", ())}:
                raise TypeError(cls._called(name))
            return super().__new__(cls)

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(self._called(name))

    @classmethod
    def _called(cls, name: str) -> str:
        """The message about a name that the rule does not have, with our name for it if there is one."""
        if name in cls.elsewhere:
            return f"{cls.__name__}: {name} is called {cls.elsewhere[name]} here"
        if name in RULE:
            return f"{cls.__name__} has no {name}: {RULE[name]}"
        return f"{cls.__name__} has no {name}"

    @property
    def rates(self) -> tuple[float, ...]:
        """The learning rate of each pass; the last one holds for all later passes."""
        return self.rate if isinstance(self.rate, tuple) else (self.rate,)

    @property
    def constants(self) -> dict[str, float]:
        """The other constants, by the names of `Step`."""
        return {name: value for name, value in vars(self).items() if name in Step._fields}

    def in_pass(self, number: int) -> Step:
        """The constants of a pass.

        Parameters
        ----------
        number : int
            Number of the pass, counted from 1.

        Returns
        -------
        Step
        """
        rate = self.rates[min(number, len(self.rates)) - 1]
        return Step(self.method, self.diagonal, rate, **self.constants)


@dataclass(frozen=True)
class SGD(Rule):
    """On-line gradient descent: u <- u - rate * g_u after every pattern.

    Parameters
    ----------
    rate : float or sequence of float
        Learning rate (SN: *epsilon*), or one for each pass; the last holds for all later passes. Gradients are sums
        over the outputs and over all connections that share a weight, so good rates are smaller than for mean costs.

    Notes
    -----
    The default is the best of five for the zip-code net on held-out USPS digits: `sn89 reproduce left_open`.
    """

    method: ClassVar[Method] = "first-order"
    rate: Annotated[Rate, _rates] = 0.0015


@dataclass(frozen=True)
class LevenbergMarquardt(Rule):
    """SN's on-line Levenberg-Marquardt: u <- u - rate * g_u / (mu + H_u) after every pattern.

    H_u is a running average, H <- (1 - gamma) H + gamma * sum of h_i x_j^2 over the connections that share u,
    with h_i = f'(a_i)^2 * sum_k w_ki^2 h_k: the diagonal approximation without the terms in f''.

    Parameters
    ----------
    rate : float or sequence of float
        Learning rate (SN: *epsilon*), or one for each pass; the last holds for all later passes.
    mu : float
        It is added to the curvature, so that a step is at most rate / mu times the gradient.
    gamma : float
        Weight of one pattern in the running average, at most 1.

    Notes
    -----
    The defaults are SN's own constants ("we always use the same values").
    """

    method: ClassVar[Method] = "running"
    rate: Annotated[Rate, _rates] = 0.0005
    mu: Positive = 0.05
    gamma: Positive = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.gamma > 1:
            raise ValueError(f"{type(self).__name__}: gamma must be at most 1, not {self.gamma:g}")


@dataclass(frozen=True)
class Newton(LevenbergMarquardt):
    """SN's on-line Newton: as `LevenbergMarquardt`, with the terms in f'' and ``|H_u|`` in the denominator.

    h_i = f'(a_i)^2 s_i + f''(a_i) dC/dx_i with s_i = sum_k w_ki^2 h_k; negative h_i are kept and passed down.
    This is the "version of Newton's algorithm" of Neural Computation 1(4), 1989.

    Parameters
    ----------
    rate, mu, gamma : float
        As for `LevenbergMarquardt`, with the same defaults.
    """

    diagonal: ClassVar[Diagonal] = "newton"


@dataclass(frozen=True)
class StochasticDiagonalLM(Rule):
    """The rule of 1998: the curvature is estimated on a few patterns before each pass and then stays fixed.

    u <- u - rate * g_u / (mu + H_u), with H_u the mean over the first `samples` patterns of the pass of the
    instantaneous Levenberg-Marquardt curvature.

    Parameters
    ----------
    rate : float or sequence of float
        Global learning rate (SN: *epsilon*) of each pass; the last holds for all later passes. LeNet-5's by default.
    mu : float
        It is added to the curvature, so that a step is at most rate / mu times the gradient.
    samples : int
        Number of patterns that the curvature is estimated on.

    Notes
    -----
    Proc. IEEE 86(11), 1998, section III and appendix C.
    """

    method: ClassVar[Method] = "fixed"
    rate: Annotated[Rate, _rates] = LENET5_RATES
    mu: Positive = 0.02
    samples: AtLeastOne = 500


@dataclass(frozen=True)
class AdamW(Rule):
    """Adam with decoupled weight decay, after every pattern.

    m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2, both from 0; then, with m^ and v^ corrected for
    that start, u <- (1 - rate weight_decay) u - rate m^ / (sqrt(v^) + eps).

    Parameters
    ----------
    rate : float or sequence of float
        Learning rate, or one for each pass; the last holds for all later passes.
    betas : (float, float)
        The share of the mean of the gradients, and of their squares, that stays; both at least 0 and less than 1.
    eps : float
        It is added to the denominator, so that steps stay bounded where the gradient is small.
    weight_decay : float
        In each step parameters shrink by rate times this share; not negative.

    Notes
    -----
    Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019; the names and the defaults, but for the
    rate, are PyTorch's. One of the 2022 reproduction's modern steps.
    """

    method: ClassVar[Method] = "adamw"
    elsewhere: ClassVar[Mapping[str, str]] = ELSEWHERE | {"epsilon": "eps"}  # as Keras has it
    rate: Annotated[Rate, _rates] = 0.0003
    betas: Annotated[tuple[float, float], _betas] = (0.9, 0.999)
    eps: Positive = 1e-8
    weight_decay: NotNegative = 0.01

    @property
    def constants(self) -> dict[str, float]:
        return {"mu": self.eps, "beta": 1 - self.betas[0], "gamma": 1 - self.betas[1], "decay": self.weight_decay}


def in_words(rule: Rule) -> str:
    """A rule with its constants in words; of several rates the first and the last."""
    rates = " to ".join(f"{rate:g}" for rate in dict.fromkeys((rule.rates[0], rule.rates[-1])))
    return f"{type(rule).__name__}: {', '.join([f'rate {rates}', *(f'{k} {v:g}' for k, v in rule.constants.items())])}"
