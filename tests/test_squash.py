"""The core's own tanh, against NumPy's in float64.

Through the widest of nets: so many units side by side, each with one connection of weight 1 to an input of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from test_denormals import FLUSHES

import sn89

Array = np.ndarray
WIDTH = 2**16


@pytest.fixture(scope="module")
def row() -> sn89.Net:
    net = sn89.Net(sn89.Input(1, WIDTH), sn89.Local("tanh", 1, 1, bias=None), squash=sn89.Tanh())
    net.parameters[:] = 1
    return net


def tanh(row: sn89.Net, x: Array) -> Array:
    """Of a multiple of WIDTH numbers."""
    return row(x.reshape(-1, 1, WIDTH)).ravel()


def floats(first: float, last: float, step: int = 1) -> Iterator[Array]:
    """Every float32, or one of `step`, from the first to the last, both positive; 2^22 at a time, the last repeated."""
    begin, end = (int(np.float32(x).view(np.uint32)) for x in (first, last))
    for bits in range(begin, end + 1, step * 2**22):
        chosen = np.arange(bits, bits + step * 2**22, step, dtype=np.int64)
        yield np.minimum(chosen, end).astype(np.uint32).view(np.float32)


def unit(y: Array) -> Array:
    """A unit in the last place at y; of 1 the one below it, as tanh is never more."""
    return np.spacing(np.minimum(y, 1 - 2.0**-24).astype(np.float32)).astype(np.float64)


LARGEST = float(np.finfo(np.float32).max)
# All numbers where tanh bends. Below it is x, but for x^3 / 3 or 2^-28 of it, and from a number to its double the core
# does the same each time, but for the exponent: there some thousand of them will do.
BENT = (2.0**-13, 9.5, 1)
STRAIGHT = (2.0**-126, 2.0**-13, 2**10)


@pytest.mark.parametrize("reach", [BENT, STRAIGHT], ids=["bent", "straight"])
def test_tanh_is_right_to_4e_7(row, reach):
    """3.2e-7 at worst, 5.4 units in the last place, beyond 5 where tanh is almost 1; up to 0.5 3.7 units."""
    for x in floats(*reach):
        y, expected = tanh(row, x), np.tanh(x.astype(np.float64))
        error = np.abs(y - expected)
        worst = error.argmax()
        assert error[worst] <= 4e-7, f"tanh({x[worst]!r}) is {y[worst]!r}, not {expected[worst]!r}"
        units = (error / unit(expected))[x < 0.5]
        assert units.max(initial=0) <= 4
        assert y.max() <= 1


def test_tanh_of_denormals_is_0_or_what_it_is_of(row):
    """0 where the core flushes them (csrc/denormals.h); the smallest number that is none is what it is."""
    x = np.arange(2**23, dtype=np.uint32).view(np.float32)
    np.testing.assert_array_equal(tanh(row, x), np.zeros_like(x) if FLUSHES else x)
    smallest = np.full(WIDTH, np.finfo(np.float32).smallest_normal)
    np.testing.assert_array_equal(tanh(row, smallest), smallest)


def test_tanh_is_odd(row):
    for x in floats(2.0**-149, LARGEST, step=2**9):
        np.testing.assert_array_equal(tanh(row, -x), -tanh(row, x))


def test_tanh_of_large_numbers_is_1(row):
    """From 8.5 on, where 8.3e-8 are missing, it is 1."""
    for x in floats(8.5, LARGEST, step=2**8):
        assert (tanh(row, x) == 1).all()


@pytest.mark.parametrize(("squash", "most"), [(sn89.Tanh(), 1.0), (sn89.ScaledTanh(), np.float32(1.7159))], ids=str)
def test_tanh_of_infinity_is_1(squash, most):
    """An infinite total input, of a weight and a state that are large but finite."""
    net = sn89.Net(sn89.Input(1, 3), sn89.Local("tanh", 1, 1, bias=None), squash=squash)
    net.parameters[:] = 3e38
    np.testing.assert_array_equal(net(np.array([[10.0, -10.0, 1e-30]])), [most, -most, most])


@pytest.mark.parametrize("squash", [sn89.Tanh(), sn89.ScaledTanh(), sn89.TanhLinear()], ids=str)
def test_tanh_of_what_is_no_number_is_none(squash):
    """The first unit's total input is infinity less infinity, though all parameters are finite."""
    net = sn89.Net(sn89.Input(1, 2), sn89.Full("tanh", 2), squash=squash)
    net.parameters[:] = [3e38, -3e38, 1, 1, 0, 0]
    outputs = net(np.array([[2.0, 2.0]]))
    assert np.isnan(outputs[0])
    assert np.isfinite(outputs[1])


@pytest.mark.parametrize("squash", [sn89.ScaledTanh(), sn89.ScaledTanh(0.7, 1.9), sn89.TanhLinear(2, 0.3)], ids=str)
def test_the_other_squashing_functions_are_made_of_it(squash):
    """But for some roundings, 6e-8 each, of numbers up to 5: of the constants, the products and the sum."""
    a = np.linspace(-12, 12, 4096, dtype=np.float32)
    net = sn89.Net(sn89.Input(1, a.size), sn89.Local("a", 1, 1, bias=None), squash=squash)
    net.parameters[:] = 1
    A, S, D = squash.constants
    np.testing.assert_allclose(net(a[None]), A * np.tanh(S * a.astype(np.float64)) + D * a, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("amplitude", "slope"), [(0.001, 1000), (1, 100), (1000, 7), (1, 1)])
def test_of_steep_curves_only_what_is_tiny_is_lost(amplitude, slope):
    """What is below 2e-20 may be 0, as the first coefficients are small; the rest is right to some roundings."""
    a = np.logspace(-36, -12, 256, dtype=np.float32)
    net = sn89.Net(sn89.Input(1, a.size), sn89.Local("a", 1, 1, bias=None), squash=sn89.ScaledTanh(amplitude, slope))
    net.parameters[:] = 1
    expected = amplitude * np.tanh(slope * a.astype(np.float64))
    np.testing.assert_allclose(net(a[None]), expected, rtol=1e-6, atol=2e-20)


@pytest.mark.parametrize("amplitude", [0.001, 1, 1000])
@pytest.mark.parametrize("slope", [0.001, 0.1, 2 / 3, 10, 1000])
def test_amplitude_and_slope_may_be_anything_of_reason(amplitude, slope):
    """They go into the coefficients: the error is that of tanh and a few roundings, and no state is above A."""
    a = (np.linspace(-12, 12, 4096) / slope).astype(np.float32)
    net = sn89.Net(sn89.Input(1, a.size), sn89.Local("a", 1, 1, bias=None), squash=sn89.ScaledTanh(amplitude, slope))
    net.parameters[:] = 1
    expected = np.tanh(slope * a.astype(np.float64))
    np.testing.assert_allclose(net(a[None]) / amplitude, expected, rtol=0, atol=4e-7)
    assert np.abs(net(a[None])).max() <= np.float32(amplitude)


@pytest.mark.parametrize(
    "squash",
    [
        *(sn89.ScaledTanh(*constants) for constants in [(0.0009, 1), (1001, 1), (1, 0.0009), (1, 1001)]),
        sn89.TanhLinear(0.0005, 0),  # A is 2000
        sn89.TanhLinear(1, 0.9999),  # A is 0.0001
    ],
    ids=str,
)
def test_other_amplitudes_and_slopes_are_refused(squash):
    with pytest.raises(ValueError, match=r'layer "a": squash needs amplitude and slope from 0.001 to 1000, not .*'):
        sn89.Net(sn89.Input(1, 1), sn89.Full("a", 1), squash=squash)


@pytest.mark.parametrize("squash", [sn89.ScaledTanh(), sn89.TanhLinear(), sn89.TanhLinear(0.666, 0.05)], ids=str)
def test_the_papers_squashing_functions_leave_1_where_it_is(squash):
    """Closely: A = 1.7159 is rounded."""
    net = sn89.Net(sn89.Input(1, 2), sn89.Local("a", 1, 1, bias=None), squash=squash)
    net.parameters[:] = 1
    np.testing.assert_allclose(net(np.array([[1.0, -1.0]])), [1, -1], atol=1e-5)
