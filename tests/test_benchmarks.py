"""The benchmark's counts: multiply-adds of a presentation, by hand."""

from __future__ import annotations

import pytest
import work

import sn89


@pytest.mark.parametrize(
    ("make", "evaluation", "first_order", "second_order"),
    [
        (sn89.nets.zip_code, 63_660, 171_780, 279_900),
        (sn89.nets.fully_connected, 10_640, 21_680, 32_720),  # 256 x 40 and 40 x 10; the second has units below to tell
        (sn89.nets.lenet1, 94_592, 226_176, 357_760),  # 98,442 connections less 3,850 biases; 57,600 in H1
    ],
)
def test_multiply_adds_are_connections_without_biases(make, evaluation, first_order, second_order):
    net = make()
    assert work.pass_work(net) == (evaluation, first_order, second_order)
    assert sum(work.forward_work(net)) == evaluation


def test_every_task_can_be_done():
    for name, make in work.NETS.items():
        for task in work.tasks_of(name, make()):
            task.call()
            assert task.count > 0
