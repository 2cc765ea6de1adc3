"""Declarations that are small to write and would be large, slow or out of range to build: what fuzzing found."""

from __future__ import annotations

import time

import numpy as np
import pytest

import sn89

LARGEST = 2**31 - 1


@pytest.mark.parametrize("stride", [LARGEST, (LARGEST, 1), (1, LARGEST), LARGEST - 1])
def test_strides_as_large_as_an_int_can_be(stride):
    """One unit along, as with any stride that leads past the plane; learning too gives the same."""
    nets = [
        sn89.Net(
            sn89.Input(6, 7),
            sn89.Local("below", 2, 3, pad=1),
            sn89.Local("far", 2, 3, stride, pad=2),
            sn89.Full("output", 2),
            seed=1,
        )
        for stride in (stride, tuple(50 if s >= LARGEST - 1 else s for s in np.broadcast_to(stride, 2).tolist()))
    ]
    X, y = np.random.default_rng(1).uniform(-1, 1, (9, 6, 7)), np.arange(9) % 2
    for net in nets:
        sn89.train(net, X, y, rule=sn89.Newton(0.01), passes=2, measure=False, progress=False)
    np.testing.assert_array_equal(nets[0].parameters, nets[1].parameters)
    np.testing.assert_array_equal(nets[0](X), nets[1](X))


def test_a_kernel_that_would_need_gigabytes_for_few_connections_is_refused():
    """100,000 inputs and two units; the layout would take the square of the kernel's width."""
    with pytest.raises(ValueError, match=r'layer "wide": 1 maps on planes of 1x100000 .* are too large'):
        sn89.Net(sn89.Input(1, 100_000), sn89.Local("wide", 1, (1, 99_999)))


@pytest.mark.parametrize("order", ["ascending", "descending", "shuffled"])
def test_a_long_row_of_a_table_is_judged_in_a_moment(order):
    """200,000 source maps, of which the last comes twice: comparing each with each would take a minute."""
    count = 200_000
    row = np.arange(count)
    row = (
        row
        if order == "ascending"
        else row[::-1]
        if order == "descending"
        else np.random.default_rng(1).permutation(row)
    )
    row = [*row.tolist(), int(row[0])]
    layer = sn89.Local("H1", 1, 1, table=(tuple(row),))
    started = time.process_time()
    with pytest.raises(ValueError, match=rf'layer "H1": table lets map 0 see source map {row[-1]} twice'):
        sn89.Net(sn89.Input(1, 1, maps=count), layer)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("first", [0, 65_535, 65_536, 131_071])
def test_sources_that_come_twice_are_found_in_any_part_of_a_large_table(first):
    rows = ((131_071, 65_536, 65_535, 0), (first, 7, 3, first))
    with pytest.raises(ValueError, match=rf"table lets map 1 see source map {first} twice"):
        sn89.Net(sn89.Input(1, 1, maps=131_072), sn89.Local("H1", 2, 1, table=rows))
