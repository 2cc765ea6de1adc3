"""Pictures of deleted parameters: saliencies, what is left, kernels struck out."""

from __future__ import annotations

import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

import sn89
from sn89 import plots
from sn89.measure import Measurement
from sn89.prune import Pruning, Round

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def pruning(by: str = "saliency", test: bool = True) -> Pruning:
    rounds = [
        Round(i, 10, 100 - 10 * i, 0.1 * i, 1.0, 1.5 * i, Measurement(50, i, 0.9 * i), Measurement(50, 2 * i, i))
        for i in (1, 2, 3)
    ]
    rounds = rounds if test else [Round(*list(vars(one).values())[:-1]) for one in rounds]
    return Pruning(by, rounds)  # type: ignore[arg-type]


def test_prunings_are_drawn_against_what_is_left():
    picture = plots.plot_pruning([pruning(), pruning("random", test=False)])
    picture.savefig(io.BytesIO(), format="png")
    left, right = picture.axes
    lines = {line.get_label(): line for line in (*left.lines, *right.lines)}
    assert lines["by saliency, just deleted"].get_xydata().tolist() == [[90, 1.5], [80, 3], [70, 4.5]]
    np.testing.assert_allclose(lines["at random, end of round"].get_ydata(), [0.9, 1.8, 2.7])
    np.testing.assert_allclose(lines["by saliency, predicted"].get_ydata(), [1.1, 1.2, 1.3])
    np.testing.assert_allclose(lines["by saliency, test"].get_ydata(), [4, 8, 12])
    assert "at random, test" not in lines
    assert left.get_xlim()[0] > left.get_xlim()[1]  # as one deletes
    below, colors = picture.figure.legends[0], [ax.get_legend() for ax in (left, right)]
    assert [words.get_text() for words in below.get_texts()] == ["by saliency", "at random"]
    assert [[words.get_text() for words in one.get_texts()] for one in colors] == [
        ["just deleted", "end of round", "predicted"],
        ["train", "test"],
    ]


@pytest.mark.parametrize("bad", [None, [], [1], Pruning("random")])
def test_what_is_no_pruning(bad):
    with pytest.raises((TypeError, ValueError), match="pruning"):
        plots.plot_pruning(bad)


def test_saliencies_are_drawn_in_their_order_with_their_sum():
    net = sn89.nets.lenet1(seed=1)
    saliencies = np.linspace(-1, 1, net.parameters.size)
    picture = plots.plot_saliencies(net, saliencies)
    picture.savefig(io.BytesIO(), format="png")
    lines = {line.get_label(): line.get_ydata() for line in picture.ax.lines}
    positive = np.sort(saliencies[saliencies > 0])
    np.testing.assert_allclose(lines["sum of the least"], np.cumsum(positive))
    of_output = net.layers_of(saliencies)["output"].parameters
    np.testing.assert_allclose(lines["output"], of_output[of_output > 0])
    for bad in (saliencies[1:], -abs(saliencies)):
        with pytest.raises(ValueError, match=r"must have shape|no saliency"):
            plots.plot_saliencies(net, bad)


@pytest.mark.parametrize("layer", ["H1", "H3"])
def test_deleted_weights_are_struck_out(layer):
    net = sn89.nets.lenet1(seed=1)
    assert not plots.plot_kernels(net, layer).ax.collections
    numbers = net.layers_of(np.arange(net.parameters.size))[layer].kernels
    net.delete([numbers[1, 0, 0], numbers[2, 4, 3]])
    picture = plots.plot_kernels(net, layer)
    picture.savefig(io.BytesIO(), format="png")
    (strokes,) = picture.ax.collections
    middles = np.mean(strokes.get_segments(), axis=1)
    maps = [m for m, row in enumerate(net[layer].table) for _ in row]
    sources = [source for row in net[layer].table for source in row]
    expected = [[6 * maps[1], 6 * sources[1]], [6 * maps[2] + 3, 6 * sources[2] + 4]]
    assert sorted(map(tuple, middles.round(3).tolist())) == sorted(map(tuple, np.array(expected, float).tolist()))
    image = picture.ax.images[0].get_array()
    assert all(image[int(y), int(x)] == 0 for x, y in middles)
