"""Pictures of what an answer comes of: prototypes, the gradient of the input, a line of digits."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

import sn89
from sn89 import plots

matplotlib.use("Agg")


def values(ax) -> np.ndarray:
    """The one image on the axes, NaN where nothing is shown."""
    (image,) = ax.images
    return np.ma.filled(image.get_array(), np.nan)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(1989).uniform(-1, 1, shape).astype(np.float32)


# -- Prototypes ----------------------------------------------------------------------------------------------------


@pytest.fixture
def rbf() -> sn89.Net:
    """Three prototypes of six pixels, each of its own."""
    prototypes = np.where(noise(3, 6) > 0, 1.0, -1.0)
    return sn89.Net(
        sn89.Input(4, 4), sn89.Full("F", 6), sn89.RBF("out", prototypes), cost=sn89.RBFDiscriminative(j=1.0), seed=2
    )


def test_prototypes_are_drawn_as_bitmaps_each_with_its_distance(rbf):
    image = noise(4, 4)
    states = rbf.states(image)
    answer, label = int(rbf.predict(image)), (int(rbf.predict(image)) + 1) % 3
    figure = plots.plot_prototypes(rbf, image, label=label, shape=(2, 3)).figure
    first, *others = figure.axes[:4]
    np.testing.assert_array_equal(values(first), states["F"].reshape(2, 3))
    assert first.get_title() == "states of F"
    for i, (ax, prototype) in enumerate(zip(others, rbf.layers[-1].prototypes, strict=True)):
        np.testing.assert_array_equal(values(ax), prototype.reshape(2, 3))
        distance = ((states["F"] - prototype) ** 2).sum()
        assert ax.get_title() == f"{i}: {distance:.1f}"
        assert (ax.title.get_fontweight() == "bold") == (i == answer)
    frames = [ax.spines["left"].get_edgecolor() for ax in others]
    assert frames[label] not in [frame for i, frame in enumerate(frames) if i != label]
    assert len({ax.images[0].get_clim() for ax in figure.axes[:4]}) == 1  # one bar is true of all of them
    assert f"{answer} is nearest" in figure.get_suptitle()


def test_prototypes_without_an_image_stand_alone(rbf):
    axes = plots.plot_prototypes(rbf).figure.axes[:3]
    assert [ax.get_title() for ax in axes] == ["0", "1", "2"]
    for ax, prototype in zip(axes, rbf.layers[-1].prototypes, strict=True):
        np.testing.assert_array_equal(values(ax), prototype.reshape(3, 2))


def test_what_are_no_prototypes_is_refused(rbf):
    with pytest.raises(ValueError, match="its last layer must be RBF, and is Full"):
        plots.plot_prototypes(sn89.Net(sn89.Input(4, 4), sn89.Full("out", 3)))
    with pytest.raises(ValueError, match=r"shape must be \(rows, columns\) whose product is 6, .*, not \(4, 2\)"):
        plots.plot_prototypes(rbf, shape=(4, 2))
    with pytest.raises(ValueError, match="expected one image of 4 x 4 units or smaller"):
        plots.plot_prototypes(rbf, noise(2, 4, 4))


# -- The gradient of the input -------------------------------------------------------------------------------------


@pytest.mark.parametrize("maps", [1, 2])
def test_a_saliency_is_the_gradient_of_the_input(maps):
    net = sn89.Net(sn89.Input(5, 4, maps=maps), sn89.Local("A", 3, 3), sn89.Full("out", 3), seed=1)
    image = noise(maps, 5, 4) if maps > 1 else noise(5, 4)
    gradient = net.input_gradient(image, 2).reshape(maps, 5, 4)
    left, right = plots.plot_saliency(net, image, 2).figure.axes[:2]
    seen = values(right)
    for i, plane in enumerate(gradient):
        columns = slice(5 * i, 5 * i + 4)  # a line of nothing between two planes
        np.testing.assert_array_equal(seen[:, columns], plane)
        np.testing.assert_array_equal(values(left)[:, columns], image.reshape(maps, 5, 4)[i])
    assert np.isfinite(seen).sum() == gradient.size
    np.testing.assert_allclose(right.images[0].get_clim(), np.abs(gradient).max() * np.array([-1, 1]))
    assert left.get_title() == f"a 2, read as {int(net.predict(image))}"


# -- A line of digits ----------------------------------------------------------------------------------------------


@pytest.fixture
def swept() -> sn89.Net:
    return sn89.Net(sn89.Input(6, 6), sn89.Local("A", 3, 3), sn89.Average("S"), sn89.Full("out", 4), seed=5)


def test_a_swept_line_shows_what_the_net_answers_at_every_place(swept):
    line = noise(6, 24)
    picture = plots.plot_sweep(swept, line)
    above, below = picture.figure.axes[:2]
    starts = np.arange(0, 24 - 6 + 1, 2)  # the averages make two columns one
    alone = np.stack([swept.cost.scores(swept.states(line[:, at : at + 6])["out"]) for at in starts], axis=1)
    np.testing.assert_array_equal(values(above), line)
    np.testing.assert_allclose(values(below), alone, atol=1e-5)
    np.testing.assert_allclose(below.images[0].get_extent(), [1.5, starts[-1] + 3.5, 3.5, -0.5])  # middles: start + 2.5
    words = {word.xy[0]: word for word in above.texts}
    assert words
    margins = np.diff(np.sort(alone, axis=0)[-2:], axis=0)[0]
    for at, answer, margin in zip(starts + 2.5, alone.argmax(axis=0), margins, strict=True):
        if at in words:
            assert words[at].get_text() == str(answer)
            assert (words[at].get_fontweight() == "bold") == (margin >= margins.max() / 2)
    assert starts[margins.argmax()] + 2.5 in words  # the surest place has its word


def test_of_a_high_image_the_surest_row_is_shown(swept):
    image = noise(10, 12)
    scores = sn89.scan(swept, image)
    ordered = np.sort(scores, axis=0)
    row = int((ordered[-1] - ordered[-2]).max(axis=1).argmax())
    figure = plots.plot_sweep(swept, image).figure
    np.testing.assert_array_equal(values(figure.axes[1]), scores[:, row])
    assert f"{2 * row} rows from the top" in figure.get_suptitle()


def test_what_cannot_be_swept_is_refused(swept):
    with pytest.raises(ValueError, match="an image to scan must be 6 x 6 or larger"):
        plots.plot_sweep(swept, noise(5, 9))
    with pytest.raises(ValueError, match="has a single output"):
        plots.plot_sweep(sn89.Net(sn89.Input(6, 6), sn89.Full("out", 1)), noise(6, 12))
    with pytest.raises(ValueError, match="cannot be replicated"):
        plots.plot_sweep(sn89.nets.zip_code(), noise(16, 40))
