"""Pictures of what a net is and has learned: that they show the numbers they claim to show."""

from __future__ import annotations

import io
import subprocess
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

import sn89
from sn89 import plots

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def drawn(figure) -> None:
    """Render a figure: warnings are errors here."""
    figure.savefig(io.BytesIO(), format="png", dpi=30)


def shades(ax) -> np.ndarray:
    """The one image on the axes, NaN where nothing is shown."""
    (image,) = ax.images
    return image.get_array().filled(np.nan)


def digit(net: sn89.Net, seed: int = 1989) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (net.input.height, net.input.width)).astype(np.float32)


def test_matplotlib_is_not_imported_before_it_is_needed():
    program = "import sys, sn89, sn89.plots, sn89.watch, sn89.html; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", program]).returncode == 0


# -- Kernels -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "layer"), [(sn89.nets.zip_code, "H2"), (sn89.nets.lenet1, "H3"), (sn89.nets.lenet5, "C3")]
)
def test_kernels_stand_where_source_and_map_meet(make, layer):
    net = make(seed=1)
    shown = shades(plots.plot_kernels(net, layer).ax)
    kernel = iter(net[layer].kernels)
    for m, row in enumerate(net[layer].table):
        for source in row:
            np.testing.assert_array_equal(shown[6 * source : 6 * source + 5, 6 * m : 6 * m + 5], next(kernel))
    assert np.isfinite(shown).sum() == net[layer].kernels.size


def test_kernels_of_one_source_stand_in_one_row():
    net = sn89.nets.zip_code(seed=1)
    shown = shades(plots.plot_kernels(net).ax)  # of the lowest layer
    assert shown.shape == (5, 12 * 6 - 1)
    np.testing.assert_array_equal(shown[:, 6:11], net["H1"].weights[1, 0])


def test_zero_is_the_middle_gray_and_the_bar_has_a_scale():
    net = sn89.nets.zip_code(seed=1)
    ax = plots.plot_kernels(net, "H1").ax
    drawn(ax.figure)
    low, high = ax.images[0].get_clim()
    assert -low == high == np.abs(net["H1"].weights).max()
    (bar,) = ax.child_axes
    np.testing.assert_allclose(bar.get_yticks(), [low, 0, high], atol=1e-7)


def test_kernels_are_drawn_where_asked():
    figure, ax = plt.subplots()
    assert plots.plot_kernels(sn89.nets.zip_code(), "H1", ax=ax, colorbar=False).ax is ax
    assert figure.axes == [ax]
    assert not ax.child_axes


def test_all_kernels_shows_every_layer_of_planes():
    figure = plots.plot_all_kernels(sn89.nets.lenet5()).figure
    drawn(figure)
    assert [ax.get_title("left").split(":")[0] for ax in figure.axes] == ["C1", "C3"]


def test_kernels_pass_by_pass_are_those_of_the_snapshots_on_one_scale():
    net = sn89.Net(sn89.Input(6, 6, maps=2), sn89.Local("A", 2, 3), sn89.Full("out", 2))
    layer, generator = net["A"], np.random.default_rng(4)
    vectors = {n: generator.normal(size=net.parameters.size).astype(np.float32) * (n + 1) for n in (0, 1, 7)}
    axes = plots.plot_kernel_history(net, "A", vectors, most=3).figure.axes[:3]
    assert [ax.get_ylabel() for ax in axes] == ["start", "pass 1", "pass 7"]
    largest = 0.0
    for ax, vector in zip(axes, vectors.values(), strict=True):
        net.parameters[...] = vector
        for i, kernel in enumerate(layer.kernels[:3]):
            np.testing.assert_array_equal(shades(ax)[:, 4 * i : 4 * i + 3], kernel)
            largest = max(largest, float(np.abs(kernel).max()))
        assert np.isfinite(shades(ax)).sum() == 3 * 9
    for ax in axes:
        np.testing.assert_allclose(ax.images[0].get_clim(), (-largest, largest))
    assert axes[-1].get_xlabel() == "kernel of A, the first 3 of 4"


@pytest.mark.parametrize(
    ("parameters", "error", "said"),
    [
        ({}, TypeError, "parameters must be a dict of vectors by pass"),
        ({2: np.zeros(3)}, ValueError, r"parameters of pass 2 must have shape \(.*\), not \(3,\)"),
    ],
)
def test_snapshots_of_another_net_are_refused(parameters, error, said):
    with pytest.raises(error, match=said):
        plots.plot_kernel_history(sn89.nets.zip_code(), "H1", parameters)


def test_what_has_no_kernels_is_refused():
    net = sn89.Net(sn89.Input(4, 4), sn89.Local("A", 2, 2, shared=False), sn89.Full("out", 2))
    for layer in ("A", "out", "input"):
        with pytest.raises(ValueError, match=f'layer "{layer}" has no kernels to show'):
            plots.plot_kernels(net, layer)
    with pytest.raises(ValueError, match="no layer with shared kernels"):
        plots.plot_all_kernels(net)


# -- Tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "layer", "below", "said"),
    [
        (sn89.nets.zip_code, "H2", "H1", "96 of 144"),
        (sn89.nets.lenet1, "H3", "H2", "20 of 48"),
        (sn89.nets.lenet5, "C3", "S2", "60 of 96"),
    ],
)
def test_a_table_has_a_cross_where_a_map_sees_a_source(make, layer, below, said):
    net = make()
    ax = plots.plot_table(net, layer).ax
    drawn(ax.figure)
    crosses = {(int(x), int(y)) for line in ax.lines for x, y in line.get_xydata()}
    assert crosses == {(m, source) for m, row in enumerate(net[layer].table) for source in row}
    assert ax.get_xlabel() == f"map of {layer}"
    assert ax.get_ylabel() == f"map of {below}"
    assert said in ax.texts[0].get_text()


def test_a_layer_without_table_is_named():
    with pytest.raises(ValueError, match='layer "H3" has no connection table: it must have local connections'):
        plots.plot_table(sn89.nets.zip_code(), "H3")
    with pytest.raises(KeyError, match="no layer 'H9'"):
        plots.plot_table(sn89.nets.zip_code(), "H9")


# -- Hinton diagrams -----------------------------------------------------------------------------------------------


def squares(ax) -> dict[tuple[int, int], float]:
    """Row and column of every square, and its area, negative if it is black."""
    found = {}
    for collection, sign in zip(ax.collections, (1, -1), strict=True):
        for path in collection.get_paths():
            low, high = path.vertices.min(axis=0), path.vertices.max(axis=0)
            column, row = (low + high) / 2
            found[round(row), round(column)] = sign * float(np.prod(high - low))
    return found


def test_the_area_of_a_square_is_the_weight_and_its_colour_the_sign():
    weights = np.random.default_rng(1).normal(size=(3, 7))
    weights[1, 2] = 0
    ax = plots.plot_hinton(weights).ax
    drawn(ax.figure)
    found = squares(ax)
    assert len(found) == weights.size - 1
    full = max(abs(area) for area in found.values())
    assert 0.8 < full < 1  # the largest nearly fills its place
    for at, area in found.items():
        assert area / full == pytest.approx(weights[at] / np.abs(weights).max())
    assert [tuple(one.get_facecolor()[0][:3]) for one in ax.collections] == [(1, 1, 1), (0, 0, 0)]


def test_a_vector_is_one_row_and_zeros_are_nothing():
    assert list(squares(plots.plot_hinton([1, -2]).ax)) == [(0, 0), (0, 1)]
    ax = plots.plot_hinton(np.zeros((2, 2))).ax
    drawn(ax.figure)
    assert not squares(ax)


@pytest.mark.parametrize(
    ("weights", "error", "said"),
    [
        (np.zeros((2, 2, 2)), ValueError, r"\(rows, columns\), not \(2, 2, 2\)"),
        (np.zeros(0), ValueError, r"not \(0,\)"),
        ([np.nan, 1], ValueError, "must be finite"),
        (["a"], TypeError, "must be numbers"),
    ],
)
def test_what_is_no_matrix_of_weights_is_refused(weights, error, said):
    with pytest.raises(error, match=said):
        plots.plot_hinton(weights)


# -- States --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [sn89.nets.zip_code, sn89.nets.lenet1, sn89.nets.lenet1_softmax, sn89.nets.lenet5])
def test_feature_maps_show_the_states_of_every_layer(make):
    net = make(seed=3)
    image = digit(net)
    states = net.states(image)
    figure = plots.plot_feature_maps(net, image, label=7).figure
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
    assert (
        plots.plot_feature_maps(net, image, label=wrong).figure.axes[4].get_title().endswith(f"wrong: it is a {wrong}")
    )


@pytest.mark.parametrize("make", [sn89.nets.zip_code, sn89.nets.lenet1, sn89.nets.lenet5, sn89.nets.fully_connected])
def test_several_digits_have_a_column_each(make):
    net = make(seed=2)
    images = np.stack([digit(net, seed) for seed in range(3)])
    answers = net.predict(images)
    labels = [int(answers[0]), int(answers[1] + 1) % 10, int(answers[2])]
    figure = plots.plot_feature_maps(net, images, label=labels).figure
    drawn(figure)
    layers = len(net.layers) + 1
    axes = np.array(figure.axes[: 3 * layers]).reshape(layers, 3)
    for i, image in enumerate(images):
        states = net.states(image)
        for ax, values in zip(axes[:-1, i], states.values(), strict=False):
            seen = shades(ax)
            np.testing.assert_array_equal(np.sort(seen[np.isfinite(seen)]), np.sort(values.ravel()))
        heights = [bar.get_height() for bar in axes[-1, i].patches]
        np.testing.assert_allclose(heights, states[net.layers[-1].name], rtol=1e-6)
        assert axes[0, i].get_title() == str(labels[i])
        assert axes[-1, i].get_xlabel() == str(net.predict(image))
    colors = [ax.xaxis.label.get_color() for ax in axes[-1]]
    assert colors[0] == colors[2] != colors[1]  # the wrong answer stands out
    assert len({ax.get_ylim() for ax in axes[-1]}) == 1


def test_an_input_of_several_planes_is_shown_plane_by_plane():
    net = sn89.Net(sn89.Input(4, 4, maps=2), sn89.Local("A", 3, 3), sn89.Full("out", 2))
    images = np.random.default_rng(0).uniform(-1, 1, (2, 2, 4, 4)).astype(np.float32)
    figure = plots.plot_feature_maps(net, images[0]).figure
    drawn(figure)
    np.testing.assert_array_equal(shades(figure.axes[0])[:, 5:], images[0, 1])
    drawn(plots.plot_feature_maps(net, images).figure)


def test_a_net_on_a_wide_image_shows_its_planes_of_answers():
    net = sn89.Net(sn89.Input(6, 6), sn89.Local("A", 3, 3), sn89.Average("S"), sn89.Full("out", 4), seed=5)
    wide = net.replicate(6, 20)
    image = digit(wide)
    states = wide.states(image)
    figure = plots.plot_feature_maps(wide, image).figure
    drawn(figure)
    planes = [ax for ax in figure.axes if ax.get_ylabel() and ax.get_ylabel() != "state"]
    assert [ax.get_ylabel().split("\n")[0] for ax in planes] == list(states)  # answers at 8 places are a plane too
    for ax, values in zip(planes, states.values(), strict=True):
        seen = shades(ax)
        np.testing.assert_array_equal(np.sort(seen[np.isfinite(seen)]), np.sort(values.ravel()))
    assert states["out"].shape == (4, 1, 8)
    np.testing.assert_array_equal(shades(planes[-1])[0, :8], states["out"][0, 0])
    with pytest.raises(ValueError, match="answer at many places: show it one image at a time"):
        plots.plot_feature_maps(wide, np.stack([image] * 2))


@pytest.mark.parametrize(
    ("images", "label", "error", "said"),
    [
        (np.zeros((17, 16, 16)), None, ValueError, "at most 16 images can be shown side by side, not 17"),
        (np.zeros((2, 16, 16)), [1], ValueError, r"one label for each of 2 images, not \(1,\)"),
        (np.zeros((2, 16, 16)), [1, 10], ValueError, "label must be at most 9, not 10"),
        (np.zeros((2, 17, 16)), None, ValueError, "images must be 16 x 16 units or smaller"),
        (np.zeros((16, 16), int), None, TypeError, "images must be floating point"),
        (np.zeros((16, 16)), -1, ValueError, "label must be at least 0"),
    ],
)
def test_images_that_cannot_be_shown_are_refused(images, label, error, said):
    with pytest.raises(error, match=said):
        plots.plot_feature_maps(sn89.nets.zip_code(), images, label=label)
