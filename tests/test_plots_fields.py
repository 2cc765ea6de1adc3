"""Receptive fields, held to brute force: change a pixel, and see whether the unit changes."""

from __future__ import annotations

import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

import sn89
from sn89 import plots
from sn89.squash import Linear

matplotlib.use("Agg")

NETS = {
    "strides and padding": (
        sn89.Input(9, 11),
        sn89.Local("A", 2, (3, 4), stride=(2, 3), pad=(1, 2)),
        sn89.Local("B", 2, 2, pad=1),
    ),
    "a stride that leaves the edge unseen": (sn89.Input(8, 8), sn89.Local("A", 2, 3, stride=3)),
    "a kernel smaller than its stride": (sn89.Input(9, 9), sn89.Local("A", 1, 1, stride=2), sn89.Local("B", 1, 2)),
    "tables": (
        sn89.Input(7, 7, maps=3),
        sn89.Local("A", 3, 3, table=[(0,), (0, 2), (1,)]),
        sn89.Local("B", 2, 2, table=[(2,), (0, 1)]),
    ),
    "averages": (sn89.Input(12, 12), sn89.Local("A", 2, 3, pad=1), sn89.Average("S", (2, 3)), sn89.Local("B", 2, 3)),
    "not shared": (sn89.Input(6, 6), sn89.Local("A", 2, 3, shared=False), sn89.Local("B", 1, 2, stride=2)),
    "full": (sn89.Input(5, 5), sn89.Local("A", 2, 3, stride=2), sn89.Full("F", 3), sn89.Full("G", 2)),
    "dropout and distances": (
        sn89.Input(5, 5),
        sn89.Local("A", 1, 2, stride=3),
        sn89.Dropout("D"),
        sn89.RBF("R", np.ones((2, 4))),
    ),
}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def made(name: str) -> sn89.Net:
    """The net, linear, so that no unit is too far out to feel a change."""
    net = sn89.Net(*NETS[name], squash=Linear())
    net.parameters[:] = np.random.default_rng(3).uniform(0.5, 1.5, net.free_parameters)
    return net


def units(net: sn89.Net, layer: str) -> list:
    """Every unit, as one names it."""
    one = net[layer]
    return list(range(one.units)) if one.flat else list(np.ndindex(one.shape))


def states(net: sn89.Net, planes: np.ndarray) -> dict[str, np.ndarray]:
    return net.states(planes if len(planes) > 1 else planes[0])


@pytest.mark.parametrize("name", NETS)
def test_a_unit_sees_a_pixel_if_and_only_if_it_changes_with_it(name):
    net = made(name)
    shape = net["input"].shape
    planes = np.random.default_rng(4).uniform(-1, 1, shape).astype(np.float32)
    before = states(net, planes)
    changes = {layer: np.zeros((values.size, *shape), bool) for layer, values in before.items()}
    for at in np.ndindex(shape):
        other = planes.copy()
        other[at] += 2
        for layer, values in states(net, other).items():
            changes[layer][(slice(None), *at)] = (values != before[layer]).ravel()
    for layer, changed in changes.items():
        for unit, field in zip(units(net, layer), changed, strict=True):
            np.testing.assert_array_equal(plots.receptive_field(net, layer, unit) > 0, field)


@pytest.mark.parametrize("name", sorted(set(NETS) - {"dropout and distances", "averages"}))
def test_it_counts_the_paths(name):
    """With all weights 1 and no bias, a state is linear in a pixel, and the number of paths its slope."""
    net = sn89.Net(*NETS[name], squash=Linear())
    for layer in net:
        if layer.bias is not None:
            layer.bias[:] = 0
        if layer.kernels is not None:
            layer.kernels[:] = 1
        elif layer.free_parameters:
            layer.weights[:] = 1
    planes = np.zeros(net["input"].shape, np.float32)
    last = net.layers[-1].name
    paths = np.stack([plots.receptive_field(net, last, unit) for unit in units(net, last)])
    for at in np.ndindex(planes.shape):
        other = planes.copy()
        other[at] = 1
        slopes = states(net, other)[last] - states(net, planes)[last]
        np.testing.assert_array_equal(paths[(slice(None), *at)], slopes.ravel())


def test_the_field_of_the_zip_nets_units_is_the_papers():
    net = sn89.nets.zip_code()
    assert (plots.receptive_field(net, "H1", (3, 4, 4)) > 0).sum() == 25
    rows, columns = np.nonzero(plots.receptive_field(net, "H2", (0, 2, 2))[0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 14, 2, 14)
    assert (plots.receptive_field(net, "output", 7) > 0).all()


def outline(ax) -> set[tuple[tuple[float, float], ...]]:
    """The pieces of the line around the field."""
    (lines,) = ax.collections
    return {tuple(sorted(map(tuple, piece))) for piece in np.round(lines.get_segments(), 6)}


def test_the_outline_runs_around_the_field():
    net = sn89.Net(sn89.Input(6, 6), sn89.Local("A", 1, (2, 3)))
    ax = plots.plot_receptive_field(net, "A", (0, 1, 2)).ax  # rows 1 and 2, columns 2 to 4
    ax.figure.savefig(io.BytesIO())
    across = {((c - 0.5, r), (c + 0.5, r)) for c in (2, 3, 4) for r in (0.5, 2.5)}
    down = {((c, r - 0.5), (c, r + 0.5)) for r in (1, 2) for c in (1.5, 4.5)}
    assert outline(ax) == across | down
    assert ax.get_title().replace("\n", " ") == "A, unit (0, 1, 2): paths to 6 of 36 inputs"


def test_without_an_image_shades_are_the_number_of_paths():
    net = sn89.nets.zip_code()
    (image,) = plots.plot_receptive_field(net, "H2", (0, 1, 1)).ax.images
    paths = plots.receptive_field(net, "H2", (0, 1, 1))[0]
    np.testing.assert_array_equal(image.get_array().filled(0), paths)


def test_an_image_is_shown_where_the_net_has_it():
    net = sn89.nets.lenet1()
    digit = np.random.default_rng(0).uniform(-1, 1, (16, 16)).astype(np.float32)
    ax = plots.plot_receptive_field(net, "H1", (0, 0, 0), image=digit, ax=plt.subplots()[1]).ax
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), net.states(digit)["input"][0])
    assert "sees 25 of 784" in ax.get_title()


@pytest.mark.parametrize(
    ("layer", "unit", "error", "said"),
    [
        ("H9", (0, 0, 0), KeyError, "no layer 'H9'"),
        ("H1", 3, ValueError, r'unit of layer "H1" must be \(map, row, column\), not 3'),
        ("H1", (0, 0), ValueError, r"unit must be \(map, row, column\), not \(0, 0\)"),
        ("H1", (0, 8, 0), ValueError, "unit: row must be at most 7, not 8"),
        ("H1", (0, 0, -1), ValueError, "unit: column must be at least 0"),
        ("H3", 30, ValueError, "unit must be at most 29, not 30"),
        ("H3", True, TypeError, "unit must be a whole number"),
        ("H1", "a", ValueError, r"must be \(map, row, column\)"),
        ("H3", None, TypeError, "unit must be a whole number"),
    ],
)
def test_a_unit_that_is_not_there_is_named(layer, unit, error, said):
    with pytest.raises(error, match=said):
        plots.plot_receptive_field(sn89.nets.zip_code(), layer, unit)


@pytest.mark.parametrize("image", [np.zeros((2, 16, 16)), np.zeros((17, 16))])
def test_an_image_that_does_not_fit_is_refused(image):
    with pytest.raises(ValueError, match="image"):
        plots.plot_receptive_field(sn89.nets.zip_code(), "H1", (0, 0, 0), image=image)
    assert not plt.get_fignums()
