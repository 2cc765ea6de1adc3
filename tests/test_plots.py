"""Pictures: that they show the numbers they claim to show."""

from __future__ import annotations

import io

import matplotlib
import numpy as np
import pytest

import sn89
from sn89 import plots
from sn89.measure import Measurement
from sn89.training import History, Pass

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    matplotlib.pyplot.close("all")


def drawn(figure) -> None:
    """Render a figure: warnings are errors here."""
    figure.savefig(io.BytesIO(), format="png")


def shades(ax) -> np.ndarray:
    """The one image on the axes, NaN where nothing is shown."""
    (image,) = ax.images
    return image.get_array().filled(np.nan)


def digit(net: sn89.Net) -> np.ndarray:
    return np.random.default_rng(1989).uniform(-1, 1, (net.input.height, net.input.width)).astype(np.float32)


@pytest.mark.parametrize(
    ("make", "layer"), [(sn89.nets.zip_code, "H2"), (sn89.nets.lenet1, "H3"), (sn89.nets.lenet5, "C3")]
)
def test_kernels_stand_where_source_and_map_meet(make, layer):
    net = make(seed=1)
    shown = shades(plots.plot_kernels(net, layer))
    kernel = iter(net[layer].kernels)
    for m, row in enumerate(net[layer].table):
        for source in row:
            np.testing.assert_array_equal(shown[6 * source : 6 * source + 5, 6 * m : 6 * m + 5], next(kernel))
    assert np.isfinite(shown).sum() == net[layer].kernels.size


def test_kernels_of_one_source_stand_in_one_row():
    net = sn89.nets.zip_code(seed=1)
    shown = shades(plots.plot_kernels(net, "H1"))
    assert shown.shape == (5, 12 * 6 - 1)
    np.testing.assert_array_equal(shown[:, 6:11], net["H1"].weights[1, 0])


def test_zero_is_the_middle_gray_and_the_bar_has_a_scale():
    net = sn89.nets.zip_code(seed=1)
    ax = plots.plot_kernels(net, "H1")
    low, high = ax.images[0].get_clim()
    assert -low == high == np.abs(net["H1"].weights).max()
    assert len(ax.figure.axes) == 2


def test_kernels_are_drawn_where_asked():
    figure, ax = matplotlib.pyplot.subplots()
    assert plots.plot_kernels(sn89.nets.zip_code(), "H1", ax=ax, colorbar=False) is ax
    assert figure.axes == [ax]


def test_all_kernels_shows_every_layer_of_planes():
    figure = plots.plot_all_kernels(sn89.nets.lenet5())
    drawn(figure)
    assert [ax.get_title().split(":")[0] for ax in figure.axes if ax.get_title()] == ["C1", "C3"]


def test_what_has_no_kernels_is_refused():
    net = sn89.Net(sn89.Input(4, 4), sn89.Local("A", 2, 2, shared=False), sn89.Full("out", 2))
    for layer in ("A", "out", "input"):
        with pytest.raises(ValueError, match=f'layer "{layer}" has no kernels to show'):
            plots.plot_kernels(net, layer)
    with pytest.raises(ValueError, match="no layer with shared kernels"):
        plots.plot_all_kernels(net)


@pytest.mark.parametrize("make", [sn89.nets.zip_code, sn89.nets.lenet1, sn89.nets.lenet1_softmax, sn89.nets.lenet5])
def test_feature_maps_show_the_states_of_every_layer(make):
    net = make(seed=3)
    image = digit(net)
    states = net.states(image)
    figure = plots.plot_feature_maps(net, image, label=7)
    drawn(figure)
    *planes, outputs = [ax for ax in figure.axes if ax.get_ylabel() and ax.get_ylabel() != "state"]
    assert [ax.get_ylabel().split("\n")[0] for ax in (*planes, outputs)] == list(states)
    for ax, values in zip(planes, states.values(), strict=False):
        seen = shades(ax)
        np.testing.assert_array_equal(np.sort(seen[np.isfinite(seen)]), np.sort(values.ravel()))
        height, width = values.shape[1:] if values.ndim == 3 and values.shape[1] > 1 else (1, values.size)
        np.testing.assert_array_equal(seen[:height, :width], values.reshape(-1, height, width)[0])
    np.testing.assert_allclose([bar.get_height() for bar in outputs.patches], states[net.layers[-1].name], rtol=1e-6)
    assert outputs.get_title().startswith(f"answer {net.predict(image)}")


def test_a_wrong_answer_is_called_wrong():
    net = sn89.nets.zip_code()
    image = digit(net)
    wrong = (int(net.predict(image)) + 1) % 10
    assert plots.plot_feature_maps(net, image, label=wrong).axes[4].get_title().endswith(f"wrong: it is a {wrong}")


def history(half_mse: float | None = 0.02) -> History:
    passes = [
        Pass(i, 0.5 / i, 1.0, Measurement(100, 10 - i, 0.4 / i, half_mse), Measurement(50, 20 - i, 0.6 / i, half_mse))
        for i in (1, 2, 3)
    ]
    return History(sn89.LevenbergMarquardt(), passes)


def test_learning_curves_show_errors_and_cost():
    figure = plots.plot_history(history(), title="a net", paper=[Measurement(100, 1, 0.1, 0.01)] * 2)
    drawn(figure)
    left, right = figure.axes
    lines = {line.get_label(): line for line in left.lines}
    np.testing.assert_allclose(lines["train"].get_ydata(), [9, 8, 7])
    np.testing.assert_allclose(lines["test"].get_ydata(), [38, 36, 34])
    np.testing.assert_allclose(lines["paper, test"].get_xydata(), [[3, 1]])
    np.testing.assert_allclose(right.lines[0].get_ydata(), [0.02] * 3)


def test_learning_curves_show_the_cost_where_it_is_no_squared_error():
    right = plots.plot_history(history(half_mse=None)).axes[1]
    np.testing.assert_allclose(right.lines[0].get_ydata(), [0.4, 0.2, 0.4 / 3])
    assert right.get_ylabel() == "mean cost"


def test_a_training_that_was_not_measured_has_no_curves():
    with pytest.raises(ValueError, match="no errors were measured"):
        plots.plot_history(History(sn89.SGD(0.1), [Pass(1, 0.5, 1.0)]))
