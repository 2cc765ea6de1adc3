"""Every picture is legible: under dark and gridded styles, in large type, on small axes, for odd nets.

`legible` asks the renderer where each word came to stand, and what colour it has there: no word may be cut off, stand
on another, or have the colour of its ground; nor may data. ``python tests/legible.py judge`` judges the product of all
pictures, styles and sizes; here is a part of it, in which each function meets each style and each size that it can be
given, and each net meets a function.
"""

from __future__ import annotations

from itertools import product

import matplotlib
import matplotlib.pyplot as plt
import pytest
from legible import FUNCTIONS, NETS, SIZES, STYLES, complaints, made, sizes

from sn89 import plots

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def sample() -> list[tuple[str, str, str, str]]:
    """Function, picture, style and size: each function twice, each time of a net that was not met yet, if it draws one.

    Styles and sizes take turns, so that each style meets each size.
    """
    chosen: list[tuple[str, str, str, str]] = []
    for _, function in product(range(2), FUNCTIONS):
        number = len(chosen)
        style, size = list(STYLES)[number % len(STYLES)], sizes(function)[number % len(sizes(function))]
        names = list(FUNCTIONS[function])
        names = names[number % len(names) :] + names[: number % len(names)]
        met = " ".join(what for _, what, _, _ in chosen)
        new = [name for name in names if any(kind in name and kind not in met for kind in NETS)]
        chosen.append((function, (new or names)[0], style, size))
    return chosen


@pytest.mark.parametrize(("function", "what", "style", "size"), sample())
def test_a_picture_is_legible(function, what, style, size):
    with made(function, what, style, size) as picture:
        assert not complaints(picture.figure)


def test_no_function_net_style_or_size_is_left_out():
    assert set(FUNCTIONS) == {name for name in plots.__all__ if name.startswith("plot_")}
    drawn = sample()
    assert {function for function, *_ in drawn} == set(FUNCTIONS)
    assert {(style, size) for _, _, style, size in drawn} == set(product(STYLES, SIZES))
    words = " ".join(what for _, what, _, _ in drawn)
    assert [kind for kind in NETS if kind not in words] == []


def test_what_cannot_be_read_is_found():
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.set(xticks=[], yticks=[])
    ax.plot([0, 1], color="0.9", label="pale")
    ax.text(0.2, 0.2, "yellow", color="yellow")
    ax.text(0.5, 0.5, "one")
    ax.text(0.5, 0.5, "other")
    ax.text(0.9, 0.9, "a word that goes on and on")
    ax.bar([0], [1], color="0.95")
    found = complaints(figure)
    assert [one.split(":")[0].split(" Rect")[0] for one in found if "over data" not in one] == [
        "cut off",
        "'one' stands on 'other'",
        "hardly seen",
        "data like their ground",
        "data like their ground",
    ]


def test_words_over_data_are_found():
    figure, axes = plt.subplots(1, 4, figsize=(12, 3))
    for ax in axes[:2]:
        ax.set(xlim=(0, 9), ylim=(0, 9))
    axes[0].step([1, 5], [1, 8], where="post", label="a step")
    axes[0].text(4.5, 4, "on")
    axes[0].text(2, 4, "off")
    axes[1].plot([4], [4], "o", label="a mark")
    axes[1].text(3, 3.6, "below it")
    axes[2].bar([0], [1])
    axes[2].text(0, 0.5, "in a bar", color="white")
    axes[3].plot([0, 1], label="a line")
    axes[3].legend(loc="center")
    found = [one for one in complaints(figure) if "over data" in one]
    assert [one.split("'")[1] for one in found] == ["on", "below it", "in a bar", "a line", "a legend"]
