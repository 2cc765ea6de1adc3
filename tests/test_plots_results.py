"""Pictures of how well a net does: confusion, rejection, mistakes, and the sheet with all of it."""

from __future__ import annotations

import io
import re

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

import sn89
from sn89 import measure, plots
from sn89.measure import Measurement

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def drawn(figure) -> None:
    """Render a figure: warnings are errors here."""
    figure.savefig(io.BytesIO(), format="png", dpi=30)


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


# -- Confusion -----------------------------------------------------------------------------------------------------


def test_confusion_shows_counts_and_shades_errors_alone():
    generator = np.random.default_rng(1)
    labels, predicted = generator.integers(0, 4, (2, 100))
    counts = measure.confusion(labels, predicted, 4)
    ax = plots.plot_confusion(labels, predicted, classes=4).ax
    drawn(ax.figure)
    cells = {text.get_position(): text.get_text() for text in ax.texts}
    for (row, column), count in np.ndenumerate(counts):
        assert cells[column, row] == str(count)
    shown = np.asarray(ax.images[0].get_array())
    np.testing.assert_array_equal(shown, np.where(np.eye(4, dtype=bool), 0, counts))
    wrong = int((labels != predicted).sum())
    assert ax.get_title() == f"{wrong} of 100 misclassified ({wrong:.2f} %)"
    own = 100 * (1 - counts[2, 2] / counts[2].sum())
    assert cells[3.7, 2] == f"{own:.1f} %"
    assert "wrong" in texts(ax)  # what the figures on the right are


def test_confusion_leaves_empty_what_never_happened():
    ax = plots.plot_confusion([0, 0, 1], [0, 1, 1], classes=3).ax
    drawn(ax.figure)
    assert sorted(texts(ax)) == sorted(["1", "1", "1", "50.0 %", "0.0 %", "none", "wrong"])


@pytest.mark.parametrize(
    ("labels", "predicted", "error", "said"),
    [
        ([0, 1], [0], ValueError, "two equally long lists"),
        ([0, 10], [0, 0], ValueError, "labels must be 0 to 9, not 0 to 10"),
        ([0.5], [0], TypeError, "labels must be whole numbers"),
        (np.zeros(0, int), np.zeros(0, int), ValueError, "labels are empty"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, predicted, error, said):
    with pytest.raises(error, match=said):
        plots.plot_confusion(labels, predicted)
    assert not plt.get_fignums()


# -- Rejection -----------------------------------------------------------------------------------------------------


def scored(n: int = 200, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Scores that are better the surer they are, some of them equal."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 5, n)
    scores = generator.normal(size=(n, 5)).round(1)
    scores[np.arange(n), labels] += 1.5
    return scores, labels


def test_the_curve_is_what_every_threshold_gives():
    scores, labels = scored()
    line = plots.plot_rejection(scores, labels).ax.lines[0]
    top = np.sort(scores, axis=1)
    difference, wrong = top[:, -1] - top[:, -2], scores.argmax(axis=1) != labels
    expected = []
    for threshold in np.unique(difference):
        kept = difference >= threshold
        expected.append((100 * (1 - kept.mean()), 100 * wrong[kept].mean()))
    np.testing.assert_allclose(line.get_xydata(), expected, atol=1e-9)


def test_the_mark_is_where_measure_finds_it_and_the_papers_beside_it():
    scores, labels = scored()
    found = measure.rejection(scores, labels, 0.05)
    ax = plots.plot_rejection(scores, labels, paper=0.121, error=0.05).ax
    drawn(ax.figure)
    lines = {line.get_label(): line for line in ax.lines}
    said = f"{100 * found.share:.1f} % rejected"
    np.testing.assert_allclose(lines["_" + said].get_xydata(), [[100 * found.share, 100 * found.error]])
    np.testing.assert_allclose(lines["paper: 12.1 %"].get_xydata(), [[12.1, 5]])
    assert lines["5 % error"].get_ydata()[0] == 5
    curve = lines[said].get_xydata()
    assert np.isclose(curve, [100 * found.share, 100 * found.error]).all(axis=1).any()  # the mark is on the curve


def test_several_nets_are_told_apart_by_name():
    scores, labels = scored()
    ax = plots.plot_rejection({"one": scores, "other": -scores}, labels).ax
    drawn(ax.figure)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [name.split(":")[0] for name in names] == ["one", "other", "1 % error"]
    assert ax.lines[0].get_color() != ax.lines[2].get_color()


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"scores": {}}, ValueError, "one to 4 nets, not of 0"),
        ({"scores": {str(i): np.zeros((3, 2)) for i in range(5)}}, ValueError, "one to 4 nets, not of 5"),
        ({"scores": np.zeros((3, 1))}, ValueError, "two classes or more"),
        ({"paper": 12.1}, ValueError, "paper must be a share from 0 to 1, not 12.1"),
        ({"paper": "12"}, TypeError, "paper must be a number"),
        ({"error": 2}, ValueError, "error must be a share"),
    ],
)
def test_bad_scores_are_refused(arguments, error, said):
    with pytest.raises(error, match=said):
        plots.plot_rejection(**{"scores": np.eye(3)[:, :2], "labels": np.array([0, 1, 0]), **arguments})
    assert not plt.get_fignums()


# -- Mistakes ------------------------------------------------------------------------------------------------------


def digits(net: sn89.Net, n: int = 30) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    X = generator.uniform(-1, 1, (n, net.input.height, net.input.width)).astype(np.float32)
    return X, generator.integers(0, 10, n)


@pytest.mark.parametrize("make", [sn89.nets.zip_code, sn89.nets.lenet5])
def test_the_gallery_shows_the_surest_mistakes_first(make):
    net = make(seed=1)
    X, y = digits(net)
    figure = plots.plot_mistakes(net, X, y, most=10).figure
    drawn(figure)
    scores = net.cost.scores(net(X)).astype(float)
    top = np.sort(scores, axis=1)
    wrong = [i for i in np.argsort(top[:, -2] - top[:, -1], kind="stable") if scores[i].argmax() != y[i]]
    assert figure.get_suptitle() == f"{net.name}: {len(wrong)} of 30 misclassified; the 10 surest mistakes"
    shown = [ax for ax in figure.axes if ax.images]
    assert len(shown) == 10
    outputs = net(X)
    for ax, i in zip(shown, wrong, strict=False):
        np.testing.assert_array_equal(ax.images[0].get_array(), X[i])
        first, second = np.argsort(-scores[i])[:2]
        assert ax.get_title() == f"{y[i]} read as {first}"
        below = ax.get_xlabel().replace("\N{MINUS SIGN}", "-")
        said = [(int(a), float(b)) for a, b in re.findall(r"(\d): (-?[\d.]+)", below)]
        expected = [first, second] + [y[i]] * int(y[i] != second)
        assert said == [(k, pytest.approx(outputs[i, k], abs=0.0051)) for k in expected]


def test_signals_among_mistakes_are_high_enough_to_be_seen():
    net = sn89.Net(sn89.Input(1, 64), sn89.Full("output", 2), seed=1)
    X = np.random.default_rng(1).uniform(-1, 1, (9, 1, 64)).astype(np.float32)
    figure = plots.plot_mistakes(net, X, 1 - net.predict(X)).figure
    drawn(figure)
    shown = [ax.get_position().bounds for ax in figure.axes if ax.images]
    width, height = figure.get_size_inches()
    assert len(shown) == 9
    assert all(high * height > 0.2 * wide * width for *_, wide, high in shown)


def test_a_net_without_mistakes_is_said_to_make_none():
    net = sn89.nets.zip_code(seed=1)
    X, _ = digits(net)
    figure = plots.plot_mistakes(net, X, net.predict(X)).figure
    drawn(figure)
    assert " ".join(figure.get_suptitle().split()).endswith("none of 30 misclassified")
    assert not any(ax.images for ax in figure.axes)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"X": np.zeros((16, 16), np.float32)}, ValueError, "several images and one label for each"),
        ({"y": np.zeros(3, int)}, ValueError, "for each of 30 images"),
        ({"y": np.full(30, 10)}, ValueError, "labels must be 0 to 9"),
        ({"most": 0}, ValueError, "most must be at least 1"),
    ],
)
def test_images_without_fitting_labels_have_no_gallery(change, error, said):
    net = sn89.nets.zip_code()
    X, y = digits(net)
    with pytest.raises(error, match=said):
        plots.plot_mistakes(net, **{"X": X, "y": y, **change})
    assert not plt.get_fignums()


def test_a_net_with_one_output_makes_no_mistakes_of_class():
    net = sn89.Net(sn89.Input(4, 4), sn89.Full("out", 1))
    with pytest.raises(ValueError, match="has a single output"):
        plots.plot_mistakes(net, np.zeros((2, 4, 4), np.float32), np.zeros(2, int))


# -- The sheet -----------------------------------------------------------------------------------------------------

NETS = {
    "kernels": (sn89.Local("A", 4, 3, stride=2), sn89.Local("B", 4, 3), sn89.Full("out", 10)),
    "averages": (sn89.Local("A", 2, 3, pad=1), sn89.Average("S"), sn89.Full("out", 10)),
    "full": (sn89.Full("A", 7), sn89.Full("out", 10)),
    "no pictures of weights": (sn89.Average("S"), sn89.Full("out", 10)),
}


@pytest.mark.parametrize("name", NETS)
def test_the_sheet_has_all_panels(name):
    net = sn89.Net(sn89.Input(16, 16), *NETS[name], name=name)
    X, y = digits(net, 60)
    rule = sn89.LevenbergMarquardt() if name != "full" else sn89.SGD(0.01)
    history = sn89.train(net, X, y, rule=rule, passes=2, test=(X[:20], y[:20]), progress=False)
    mark = Measurement(60, 3, 0.1, 0.01)
    figure = plots.plot_report(net, history, X, y, image=2, paper=(mark, mark), rejected=0.1).figure
    if name in ("kernels", "full"):  # an A3 sheet takes a second
        drawn(figure)
    titles = {part.get_suptitle() for part in subfigures(figure)}
    assert {name, "The net", "Learning", "Confusion", "Rejection"} <= titles
    assert f"Image 2, a {y[2]}, on its way" in titles
    assert ("Its kernels" in titles) == (name in ("kernels", "averages"))
    assert ("Weights from the input to A" in titles) == (name == "full")
    assert "Its learning rates" not in titles or name != "full"
    head = " ".join(text.get_text() for text in figure.subfigs[0].texts)
    assert f"test: {sn89.evaluate(net, X, y)}" in head
    assert "2 passes" in head
    assert type(rule).__name__ in head
    table = next(ax for ax in figure.axes if "connections" in texts(ax))
    assert f"{net.connections:,}" in texts(table)
    wrong = int((net.predict(X) != y).sum())
    assert any(ax.get_title().startswith(f"{wrong} of 60 misclassified") for ax in figure.axes)


def subfigures(figure) -> list:
    return [figure, *(below for part in figure.subfigs for below in subfigures(part))]


def test_the_sheet_needs_errors_and_an_image_that_is_there():
    net = sn89.Net(sn89.Input(16, 16), sn89.Full("out", 10))
    X, y = digits(net)
    silent = sn89.train(net, X, y, rule=sn89.SGD(0.01), passes=1, measure=False, progress=False)
    with pytest.raises(ValueError, match="this training measured no errors after its passes"):
        plots.plot_report(net, silent, X, y)
    history = sn89.train(net, X, y, rule=sn89.SGD(0.01), passes=1, progress=False)
    with pytest.raises(ValueError, match="image must be at most 29, not 30"):
        plots.plot_report(net, history, X, y, image=30)
    with pytest.raises(TypeError, match="history must be a History"):
        plots.plot_report(net, [history], X, y)
    assert not plt.get_fignums()
