"""Watching a net while it learns: without a window, in one, and in a notebook."""

from __future__ import annotations

import io
import sys
import types

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

import sn89
from sn89.watch import Snapshots, Watch

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def digits(n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(7)
    return generator.uniform(-1, 1, (n, 16, 16)).astype(np.float32), generator.integers(0, 10, n)


def learn(net: sn89.Net, watch: Watch, passes: int = 3, **options) -> sn89.History:
    X, y = digits()
    rule = sn89.LevenbergMarquardt()
    options = {"test": (X[:10], y[:10]), **options}
    return sn89.train(net, X, y, rule=rule, passes=passes, progress=False, callbacks=[watch], **options)


def shades(ax) -> np.ndarray:
    shown = ax.images[0].get_array().filled(np.nan)
    return shown[np.isfinite(shown)]


def test_it_shows_the_net_as_it_is_after_the_last_pass():
    net, (X, y) = sn89.nets.zip_code(seed=1), digits()
    watch = Watch(X[0], int(y[0]))
    assert watch.figure is None
    history = learn(net, watch)
    watch.figure.savefig(io.BytesIO())
    curves, weights, *states = [ax for ax in watch.figure.axes if ax.get_ylabel() != "state"]
    lines = {line.get_label(): line.get_ydata() for line in curves.lines}
    np.testing.assert_allclose(lines["train"], [100 * one.error for one in history.train])
    np.testing.assert_allclose(lines["test"], [100 * one.error for one in history.test])
    assert str(history.train[-1]) in curves.get_title()
    np.testing.assert_array_equal(np.sort(shades(weights)), np.sort(net["H1"].weights.ravel()))
    assert weights.images[0].get_clim()[1] == np.abs(net["H1"].weights).max()
    *planes, outputs = states
    now = net.states(X[0])
    for ax, values in zip(planes, now.values(), strict=False):
        np.testing.assert_array_equal(np.sort(shades(ax)), np.sort(values.ravel()))
    np.testing.assert_allclose([bar.get_height() for bar in outputs.patches], now["output"], rtol=1e-6)
    answer = int(net.predict(X[0]))
    assert outputs.get_title().startswith(f"answer {answer}")
    assert [bar.get_facecolor()[:3] == (0, 0, 0) for bar in outputs.patches].index(True) == answer
    assert watch.figure.get_suptitle() == f"{net.name}, pass 3"


def test_without_a_window_pyplot_keeps_nothing_and_nothing_is_rendered(monkeypatch):
    """Rendering is what costs."""
    net, watch = sn89.nets.zip_code(seed=1), Watch(digits()[0][0])
    rendered = []
    monkeypatch.setattr(matplotlib.figure.Figure, "draw", lambda *_: rendered.append(1))
    learn(net, watch, passes=3)
    assert not plt.get_fignums()
    assert not rendered
    watch.figure.savefig(io.BytesIO())
    assert rendered


@pytest.mark.parametrize(
    "layers",
    [
        (sn89.Full("A", 12), sn89.Full("out", 10)),
        (sn89.Average("S"), sn89.Local("A", 3, 3), sn89.Full("out", 10)),
        (sn89.Average("S"), sn89.Full("out", 10)),
    ],
)
def test_any_net_can_be_watched(layers):
    net, watch = sn89.Net(sn89.Input(16, 16), *layers), Watch()
    learn(net, watch)
    watch.figure.savefig(io.BytesIO())
    if net.layers[-2].name == "A":
        np.testing.assert_array_equal(np.sort(shades(watch.figure.axes[1])), np.sort(net["A"].weights.ravel()))


def test_where_nothing_is_measured_it_shows_the_cost_while_learning():
    net, watch = sn89.nets.zip_code(), Watch()
    history = learn(net, watch, measure=False)
    watch.figure.savefig(io.BytesIO())
    curves = watch.figure.axes[0]
    np.testing.assert_allclose(curves.lines[0].get_ydata(), [one.cost for one in history.passes])
    assert curves.get_ylabel() == "mean cost while learning"


def test_it_draws_after_every_so_many_passes_and_anew_for_another_net():
    watch = Watch(every=2)
    learn(sn89.nets.zip_code(), watch, passes=1)
    assert watch.figure is None
    learn(sn89.nets.zip_code(), watch, passes=3)
    first = watch.figure
    assert first.get_suptitle().endswith("pass 2")
    learn(sn89.nets.fully_connected(), watch, passes=2)
    assert watch.figure is not first


def test_it_changes_nothing_that_is_learned():
    nets = [sn89.nets.zip_code(seed=1) for _ in range(2)]
    learn(nets[0], Watch(digits()[0][0]))
    learn(nets[1], lambda net, history: None)
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


@pytest.mark.parametrize(
    ("options", "said"), [({"every": 0}, "every must be at least 1"), ({"label": -1}, "label must be at least 0")]
)
def test_bad_options_are_named_before_training(options, said):
    with pytest.raises(ValueError, match=said):
        Watch(**options)


@pytest.mark.parametrize("image", [np.zeros((17, 16)), np.zeros((3, 16, 16)), np.zeros((16, 16), int)])
def test_an_image_that_does_not_fit_is_refused(image):
    with pytest.raises((TypeError, ValueError), match="image"):
        learn(sn89.nets.zip_code(), Watch(image))


def test_a_label_that_the_net_does_not_have_is_refused():
    with pytest.raises(ValueError, match="label must be at most 9, not 12"):
        learn(sn89.nets.zip_code(), Watch(digits()[0][0], 12))


def test_in_a_window_it_is_redrawn_until_it_is_closed(monkeypatch):
    shown, flushed = [], []
    monkeypatch.setattr(matplotlib, "get_backend", lambda: "QtAgg")
    monkeypatch.setattr(matplotlib.figure.Figure, "show", lambda figure: shown.append(figure))
    monkeypatch.setattr(matplotlib.backend_bases.FigureCanvasBase, "flush_events", lambda canvas: flushed.append(1))
    watch = Watch()
    net = sn89.nets.zip_code()
    history = learn(net, watch, passes=3)
    assert shown == [watch.figure]
    assert len(flushed) == 3
    assert plt.get_fignums() == [watch.figure.number]
    plt.close(watch.figure)
    watch(net, history)
    assert len(flushed) == 3
    assert not plt.get_fignums()


def test_in_a_notebook_one_display_is_updated(monkeypatch):
    displayed, updated = [], []

    def display(picture, display_id):
        displayed.append((picture.figure, display_id))
        return types.SimpleNamespace(update=lambda picture: updated.append(picture.figure))

    monkeypatch.setattr(matplotlib, "get_backend", lambda: "module://matplotlib_inline.backend_inline")
    package, module = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    package.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    module.display = display
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    watch = Watch()
    learn(sn89.nets.zip_code(), watch, passes=3)
    assert displayed == [(watch.figure, True)]
    assert updated == [watch.figure] * 2
    assert not plt.get_fignums()  # or the notebook would show it once more


def test_snapshots_are_copies_by_pass():
    net = sn89.nets.zip_code(seed=1)
    start, kept = net.parameters.copy(), Snapshots(net, every=2)
    learn(net, kept, passes=4)
    assert list(kept.parameters) == [0, 2, 4]
    assert list(kept.curvature) == [2, 4]
    np.testing.assert_array_equal(kept.parameters[0], start)
    np.testing.assert_array_equal(kept.parameters[4], net.parameters)
    assert not np.array_equal(kept.parameters[2], kept.parameters[4])
    net.parameters[:] = 0
    assert kept.parameters[4].any()
    with pytest.raises(ValueError, match="every must be at least 1"):
        Snapshots(every=0)
