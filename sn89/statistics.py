"""Statistics for tables: confidence intervals of means, and McNemar's test of two nets on the same digits.

They are a table and a sum. SciPy has both, but is not needed for anything else in a plain installation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .aliases import Array
from .counted import counted

# Student's t at 97.5 %, for 1 to 30 degrees of freedom. With more it falls to 1.96; the last value is slightly too
# wide.
_T: tuple[float, ...]
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120)
_T += (2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)


def half_interval(values: Sequence[float]) -> float:
    """Half the width of the 95 % confidence interval of a mean, by Student's t.

    Parameters
    ----------
    values : sequence of float

    Returns
    -------
    float
        NaN for a single value.

    Examples
    --------
    >>> import sn89
    >>> errors = [5.13, 5.23, 5.43, 5.63, 5.18]  # per cent, of five seeds
    >>> round(sn89.statistics.half_interval(errors), 2)
    0.26
    """
    n = len(values)
    if n < 2:
        return math.nan
    return _T[min(n - 1, len(_T)) - 1] * float(np.std(values, ddof=1)) / math.sqrt(n)


@dataclass(frozen=True)
class McNemar:
    """Two classifiers compared on the same patterns.

    Attributes
    ----------
    only_first, only_second : int
        Number of patterns that only the first, and only the second classifier gets wrong.
    """

    only_first: int
    only_second: int

    @property
    def p(self) -> float:
        """The probability of a difference at least as large if both are equally good: exact, two-sided."""
        n, fewer = self.only_first + self.only_second, min(self.only_first, self.only_second)
        return min(1.0, sum(math.comb(n, k) for k in range(fewer + 1)) / 2 ** (n - 1)) if n else 1.0

    def __str__(self) -> str:
        p = f"p = {self.p:.2g}" if self.p >= 1e-4 else "p < 0.0001"
        first = f"{counted(self.only_first, 'digit')} wrong in the first alone"
        return f"{first}, {self.only_second} in the second alone: {p}"


def mcnemar(first: Array, second: Array) -> McNemar:
    """Compare two classifiers by their errors: McNemar's test (Psychometrika 12, 1947).

    Parameters
    ----------
    first, second : ndarray of bool, shape (n,)
        Whether each of the same n patterns is misclassified.

    Returns
    -------
    McNemar

    Examples
    --------
    >>> import numpy as np, sn89
    >>> first = np.arange(100) < 12  # the first has 12 of 100 digits wrong, and the second two of these
    >>> print(sn89.statistics.mcnemar(first, np.arange(100) < 2))
    10 digits wrong in the first alone, 0 in the second alone: p = 0.002
    """
    first, second = np.asarray(first), np.asarray(second)
    for given in (first, second):
        if given.dtype != bool:
            raise TypeError(f"errors must be boolean, True where a pattern is wrong, not {given.dtype}")
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"both must be of shape (n,), for the same n patterns, not {first.shape} and {second.shape}")
    return McNemar(int((first & ~second).sum()), int((second & ~first).sum()))
