"""Confidence intervals and McNemar's test: against tables, counting, and chance."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sn89.statistics import McNemar, half_interval, mcnemar


@pytest.mark.parametrize(
    ("n", "t"), [(2, 12.706), (3, 4.303), (5, 2.776), (10, 2.262), (31, 2.042), (32, 2.042), (1000, 2.042)]
)
def test_the_interval_of_a_mean_is_students(n, t):
    """Of values with the standard deviation 1."""
    values = np.random.default_rng(n).normal(size=n)
    values = (values - values.mean()) / values.std(ddof=1) + 3
    assert half_interval(list(values)) == pytest.approx(t / math.sqrt(n), rel=1e-6)


def test_one_value_has_no_interval():
    assert math.isnan(half_interval([0.3]))


def test_the_interval_holds_the_mean_nineteen_times_in_twenty():
    """4,000 samples of five: 200 misses expected, give or take 14; 5 times that is far."""
    samples = np.random.default_rng(1989).normal(size=(4000, 5))
    missed = sum(abs(sample.mean()) > half_interval(sample.tolist()) for sample in samples)
    assert abs(missed - 200) < 70


@given(st.integers(0, 9), st.integers(0, 9))
def test_p_counts_all_ways_that_are_as_uneven(a, b):
    """Each of a + b digits is as likely the first one's as the second one's."""
    n, least = a + b, abs(a - b)
    ways = [sum(way) for way in product((0, 1), repeat=min(n, 12))] if n <= 12 else None
    if ways is None:
        ways = np.random.default_rng(0).binomial(n, 0.5, 200_000)
    expected = np.mean([abs(n - 2 * k) >= least for k in ways])
    assert McNemar(a, b).p == pytest.approx(expected, abs=1e-12 if n <= 12 else 0.006)


def test_only_what_one_of_them_gets_wrong_counts():
    first = np.array([1, 1, 1, 0, 0, 0, 1, 0], bool)
    second = np.array([1, 0, 0, 1, 0, 0, 0, 0], bool)
    test = mcnemar(first, second)
    assert (test.only_first, test.only_second) == (3, 1)
    assert test.p == pytest.approx(10 / 16)
    assert "3 digits wrong in the first alone, 1 in the second alone: p = 0.62" in str(test)
    assert "p < 0.0001" in str(McNemar(40, 2))


@pytest.mark.parametrize(
    ("first", "second", "error", "words"),
    [
        ([1, 0], [0, 1], TypeError, "boolean.*int64"),
        ([True, False], [True], ValueError, r"\(2,\) and \(1,\)"),
        ([[True]], [[True]], ValueError, r"\(1, 1\)"),
    ],
)
def test_what_cannot_be_compared_is_refused(first, second, error, words):
    with pytest.raises(error, match=words):
        mcnemar(np.array(first), np.array(second))
