"""Pictures of how a net learned: errors pass by pass, the curvature, and the rates that come of it."""

from __future__ import annotations

import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

import sn89
from sn89 import plots
from sn89.history import Kept
from sn89.measure import Measurement
from sn89.training import History, Pass

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def drawn(figure) -> None:
    """Render a figure: warnings are errors here."""
    figure.savefig(io.BytesIO(), format="png", dpi=30)


def history(half_mse: float | None = 0.02, more: int = 0, passes: int = 3) -> History:
    found = [
        Pass(
            i,
            0.5 / i,
            1.0,
            Measurement(100, 10 - i + more, 0.4 / i, half_mse),
            Measurement(50, 20 - i + more, 0.6 / i, half_mse),
        )
        for i in range(1, passes + 1)
    ]
    return History(sn89.LevenbergMarquardt(), found)


# -- Learning curves -----------------------------------------------------------------------------------------------


def test_learning_curves_show_errors_and_cost():
    figure = plots.plot_history(history(), title="a net", paper=[Measurement(100, 1, 0.1, 0.01)] * 2).figure
    drawn(figure)
    left, right = figure.axes
    lines = {line.get_label(): line for line in left.lines}
    np.testing.assert_allclose(lines["train"].get_ydata(), [9, 8, 7])
    np.testing.assert_allclose(lines["test"].get_ydata(), [38, 36, 34])
    np.testing.assert_allclose(lines["paper"].get_xydata(), [[3, 1]])
    np.testing.assert_allclose(lines["_paper, train"].get_xydata(), [[3, 1]])
    np.testing.assert_allclose(right.lines[0].get_ydata(), [0.02] * 3)
    assert left.get_yscale() == right.get_yscale() == "log"


@pytest.mark.parametrize(("published", "last"), [(2, 3), (23, 23)])
def test_the_papers_mark_stands_at_the_papers_pass(published, last):
    mark = Measurement(100, 1, 0.1, 0.01)
    figure = plots.plot_history(history(), paper=(mark, mark, published)).figure
    drawn(figure)
    for ax, value in zip(figure.axes, (1, 0.01), strict=True):
        lines = {line.get_label(): line for line in ax.lines}
        np.testing.assert_allclose(lines[f"paper, pass {published}"].get_xydata(), [[published, value]])
        np.testing.assert_allclose(lines["_paper's pass"].get_xydata(), [[published, 0]])  # of the axis
        assert ax.get_xlim() == (0.5, last + 0.5)


@pytest.mark.parametrize(
    ("paper", "error", "said"),
    [
        ([Measurement(9, 1, 0.1, 0.1)], TypeError, "paper must be two Measurements"),
        ([0.1, 0.2], TypeError, "paper must be two Measurements"),
        ((*[Measurement(9, 1, 0.1, 0.1)] * 2, 0), ValueError, "the paper's pass must be at least 1, not 0"),
    ],
)
def test_what_no_paper_has_is_refused(paper, error, said):
    with pytest.raises(error, match=said):
        plots.plot_history(history(), paper=paper)


def test_learning_curves_show_the_cost_where_it_is_no_squared_error():
    right = plots.plot_history(history(half_mse=None)).figure.axes[1]
    np.testing.assert_allclose(right.lines[0].get_ydata(), [0.4, 0.2, 0.4 / 3])
    assert right.get_ylabel() == "mean cost"


def test_several_histories_have_a_line_each_and_one_for_their_mean():
    figure = plots.plot_history([history(), history(more=2)]).figure
    drawn(figure)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    np.testing.assert_allclose(lines["train, mean of 2"].get_ydata(), [10, 9, 8])
    np.testing.assert_allclose(lines["test, mean of 2"].get_ydata(), [40, 38, 36])
    thin = [list(line.get_ydata()) for line in figure.axes[0].lines if line.get_linewidth() < 1]
    np.testing.assert_allclose(thin, [[9, 8, 7], [11, 10, 9], [38, 36, 34], [42, 40, 38]])


def test_a_net_without_any_error_has_curves_too():
    done = Pass(1, 0.1, 1.0, Measurement(10, 0, 0.0, 0.0), Measurement(10, 0, 0.0, 0.0))
    drawn(plots.plot_history(History(sn89.SGD(0.1), [done])).figure)
    some = Pass(2, 0.1, 1.0, Measurement(10, 0, 0.1, 0.1), Measurement(10, 1, 0.1, 0.1))
    drawn(plots.plot_history(History(sn89.SGD(0.1), [done, some])).figure)


def test_a_ring_is_around_the_pass_that_was_kept():
    one = history()
    one.kept = Kept(2, "test error 36.00 %")
    left, right = plots.plot_history(one).figure.axes
    rings = [[line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "o"] for ax in (left, right)]
    assert rings[0] == [[[2, 8]], [[2, 36]]]
    assert len(rings[1]) == 2
    assert [words.get_text() for words in left.figure.legends[0].get_texts()] == ["train", "test", "kept, pass 2"]


def test_a_training_that_was_not_measured_has_no_curves():
    with pytest.raises(ValueError, match="this training measured no errors after its passes"):
        plots.plot_history(History(sn89.SGD(0.1), [Pass(1, 0.5, 1.0)]))


@pytest.mark.parametrize(
    ("histories", "error", "said"),
    [
        ([], TypeError, r"not \[\]: sn89.train returns a History"),
        ("abc", TypeError, "history must be a History or a list of them, not 'abc'"),
        ([history(), history(passes=2)], ValueError, r"as many passes each .* not \[2, 3\]"),
    ],
)
def test_what_is_no_history_is_refused(histories, error, said):
    with pytest.raises(error, match=said):
        plots.plot_history(histories)
    assert not plt.get_fignums()


# -- Curvature -----------------------------------------------------------------------------------------------------


def trained(rule: sn89.Rule) -> sn89.Net:
    """A small net after one pass over a few digits."""
    net = sn89.Net(sn89.Input(8, 8), sn89.Local("A", 3, 3), sn89.Average("S"), sn89.Full("out", 4), seed=1)
    generator = np.random.default_rng(1)
    X = generator.uniform(-1, 1, (20, 8, 8)).astype(np.float32)
    sn89.train(net, X, generator.integers(0, 4, 20), rule=rule, passes=1, measure=False, progress=False)
    return net


def histogram(patch) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the fullest bin, and edges."""
    heights, edges, base = patch.get_data()
    return heights - base, edges


@pytest.mark.parametrize("rule", [sn89.LevenbergMarquardt(), sn89.Newton(), sn89.StochasticDiagonalLM(samples=10)])
def test_curvature_and_rates_are_shown_layer_by_layer(rule):
    net = trained(rule)
    figure = plots.plot_curvature(net, rule, number=1).figure
    drawn(figure)
    layers = [layer for layer in net if layer.free_parameters]
    first, epsilon = 0, rule.rates[0]
    for i, layer in enumerate(layers):
        of_layer = np.abs(net.curvature[first : first + layer.free_parameters]).astype(float)
        first += layer.free_parameters
        for ax, values in zip(figure.axes, (of_layer, epsilon / (rule.mu + of_layer)), strict=True):
            patch = ax.patches[i]
            assert patch.get_label() == layer.name
            shown, edges = histogram(patch)
            counts = np.histogram(values, edges)[0]
            np.testing.assert_allclose(shown, 0.85 * counts / counts.max())
            assert counts.sum() + (values <= edges[0]).sum() == layer.free_parameters
            medians = [line.get_xdata()[0] for line in ax.lines]
            assert np.isclose(medians, np.median(values)).any()
    left, right = figure.axes
    assert left.lines[-1].get_xdata()[0] == rule.mu
    assert right.lines[-1].get_xdata()[0] == pytest.approx(epsilon / rule.mu)
    assert left.get_yticklabels()[0].get_text() == f"A\n{layers[0].free_parameters}"


def test_the_rate_of_a_schedule_is_that_of_the_pass():
    rule = sn89.StochasticDiagonalLM(rate=(0.1, 0.01), samples=10)
    net = trained(rule)
    largest = [
        plots.plot_curvature(net, rule, number=n).figure.axes[1].lines[-1].get_xdata()[0] for n in (1, 2, 9, None)
    ]
    np.testing.assert_allclose(largest, np.array([0.1, 0.01, 0.01, 0.01]) / rule.mu)


def test_curvatures_of_zero_are_counted():
    net = trained(sn89.LevenbergMarquardt())
    net.curvature[:5] = 0
    figure = plots.plot_curvature(net, sn89.LevenbergMarquardt()).figure
    drawn(figure)
    assert "5 are 0" in "\n".join(text.get_text() for text in figure.axes[0].texts).split("\n")


def test_a_rule_or_net_without_curvature_is_refused():
    net = sn89.nets.zip_code()
    with pytest.raises(TypeError, match="rule must be LevenbergMarquardt, Newton or StochasticDiagonalLM, not SGD"):
        plots.plot_curvature(net, sn89.SGD(0.1))
    with pytest.raises(ValueError, match="no curvature yet: train it with Newton first"):
        plots.plot_curvature(net, sn89.Newton())
    with pytest.raises(ValueError, match="number must be at least 1"):
        plots.plot_curvature(trained(sn89.Newton()), sn89.Newton(), number=0)


# -- Rates pass by pass --------------------------------------------------------------------------------------------


def test_rates_pass_by_pass_are_those_of_the_curvature():
    net = sn89.Net(sn89.Input(8, 8), sn89.Local("A", 3, 3), sn89.Full("out", 4), seed=1)
    rule = sn89.StochasticDiagonalLM(rate=(0.1, 0.01), mu=0.02)
    found = np.abs(np.random.default_rng(3).normal(0, 0.01, (3, net.free_parameters)))
    found[2, : net["A"].free_parameters] = 0  # then all of its steps are as large as mu lets them be
    curvature = dict(zip((9, 1, 2), found[[2, 0, 1]], strict=True))  # in any order
    figure = plots.plot_rates(net, rule, curvature).figure
    drawn(figure)
    left, right = ({line.get_label(): line for line in ax.lines} for ax in figure.axes[:2])
    rates = np.array([[0.1], [0.01], [0.01]]) / (0.02 + found)
    ceilings = np.array([0.1, 0.01, 0.01]) / 0.02
    np.testing.assert_allclose(left["ceiling, rate / mu"].get_xydata(), np.stack([[1, 2, 9], ceilings], axis=1))
    first = 0
    for layer in net:
        if not layer.free_parameters:
            continue
        own = rates[:, first : first + layer.free_parameters]
        first += layer.free_parameters
        np.testing.assert_allclose(left[layer.name].get_xydata(), np.stack([[1, 2, 9], np.median(own, axis=1)], 1))
        shares = 100 * (own >= 0.9 * ceilings[:, None]).mean(axis=1)
        np.testing.assert_allclose(right[layer.name].get_xydata(), np.stack([[1, 2, 9], shares], 1))
    assert right["A"].get_ydata()[2] == 100
    assert 0 < right["A"].get_ydata()[0] < 100


@pytest.mark.parametrize(
    ("rule", "curvature", "error", "said"),
    [
        (sn89.SGD(0.1), {1: np.zeros(9760)}, TypeError, "rule must be LevenbergMarquardt, Newton"),
        (sn89.Newton(), {}, TypeError, "curvature must be a dict of vectors by pass"),
        (sn89.Newton(), {3: np.zeros(4)}, ValueError, r"curvature of pass 3 must have shape \(.*\), not \(4,\)"),
    ],
)
def test_rates_of_what_has_no_curvature_are_refused(rule, curvature, error, said):
    with pytest.raises(error, match=said):
        plots.plot_rates(sn89.nets.zip_code(), rule, curvature)
