"""Distortions, and dropout: what is random in a presentation, held to a transcription in float64 and to chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import Reference, same

import sn89
from sn89 import Distortion

Array = np.ndarray
MASK = 2**64 - 1

# ---- the judge -------------------------------------------------------------------------------------------


class Splitmix:
    """splitmix64, from its authors' paper."""

    def __init__(self, state: int) -> None:
        self.state = state

    def __call__(self) -> int:
        self.state = self.state + 0x9E3779B97F4A7C15 & MASK
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        return z ^ z >> 31

    def around_0(self) -> float:
        return (self() >> 40) / 2**23 - 1


def branch(seed: int, n: int) -> int:
    """The seed of the n-th of many things."""
    return Splitmix(seed ^ n * 0xD1342543DE82EF95 & MASK)()


def matrix_and_shift(d: Distortion, seed: int) -> tuple[Array, Array]:
    """From the plane to the image, in coordinates (y, x) about its centre."""
    random = Splitmix(seed)
    down, right, scale, squeeze, slant, turn = (random.around_0() for _ in range(6))
    t = np.tan(np.radians(d.rotation) / 2) * turn
    angle = 2 * np.arctan(t)
    scale, squeeze = 1 + d.scale * scale, 1 + d.squeeze * squeeze
    stretched = np.diag([scale * squeeze, scale / squeeze])
    slanted = np.array([[1, 0], [d.slant * slant, 1]])
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    if d.whole:
        most = int(d.shift)
        return stretched @ slanted @ turned, np.array([(2 * most + 1) * (r + 1) // 2 - most for r in (down, right)])
    return stretched @ slanted @ turned, d.shift * np.array([down, right])


def judged(image: Array, plane: tuple[int, int], background: float, d: Distortion, seed: int) -> Array:
    """The image as it lies in the plane, looked at from every place of it."""
    size = np.array(image.shape)
    first = (np.array(plane) - size) // 2
    by, shift = matrix_and_shift(d, seed)
    middle = (size - 1) / 2
    places = np.stack(np.meshgrid(*map(np.arange, plane), indexing="ij"), axis=-1) - first - middle
    y, x = np.moveaxis(places @ by.T + shift + middle, -1, 0)
    around = np.pad(image.astype(np.float64), 2, constant_values=background)
    y, x = (np.clip(v, -2, n) + 2 for v, n in ((y, size[0]), (x, size[1])))
    y0, x0 = np.floor(y).astype(int), np.floor(x).astype(int)
    y0, x0 = np.minimum(y0, size[0] + 2), np.minimum(x0, size[1] + 2)
    v, h = y - y0, x - x0
    upper = (1 - h) * around[y0, x0] + h * around[y0, x0 + 1]
    lower = (1 - h) * around[y0 + 1, x0] + h * around[y0 + 1, x0 + 1]
    return (1 - v) * upper + v * lower


# ---- distortions -----------------------------------------------------------------------------------------

ALL = Distortion(shift=1.5, scale=0.2, squeeze=0.15, slant=0.3, rotation=20)


def retina(height: int = 9, width: int = 11, **options) -> sn89.Net:
    return sn89.Net(sn89.Input(height, width, **options), sn89.Full("output", 2))


def picture(*shape: int, seed: int = 1989) -> Array:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


@settings(max_examples=60, derandomize=True)
@given(
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.tuples(st.integers(0, 5), st.integers(0, 5)),
    st.builds(
        Distortion,
        st.floats(0, 4, width=32, allow_subnormal=False),
        st.floats(0, 0.5, width=16),
        st.floats(0, 0.5, width=16),
        st.floats(0, 1, width=16),
        st.floats(0, 90, width=16),
        st.booleans(),
    ),
    st.integers(0, MASK),
)
def test_an_image_is_looked_at_as_the_judge_does(size, room, distortion, seed):
    net = retina(size[0] + room[0], size[1] + room[1], background=-0.6)
    X = picture(4, *size, seed=seed % 1000)
    actual = net.distorted(X, distortion, seed)
    plane = (net.input.height, net.input.width)
    expected = [judged(image, plane, -0.6, distortion, branch(seed, i)) for i, image in enumerate(X)]
    same("planes", actual, expected, atol=3e-5)  # places of up to 20 pixels, to some roundings of 1e-6


@pytest.mark.parametrize(("size", "maps"), [((9, 11), 1), ((4, 7), 1), ((9, 11), 3), ((3, 2), 2)])
def test_no_distortion_changes_nothing_by_no_bit(size, maps):
    net = retina(maps=maps)
    X = picture(5, *((maps,) if maps > 1 else ()), *size)
    expected = np.stack([net.states(image)["input"] for image in X]).reshape(5, maps, 9, 11)
    assert net.distorted(X, Distortion()).tobytes() == expected.tobytes()
    assert net.distorted(X[0], Distortion()).tobytes() == expected[0].tobytes()


def test_whole_shifts_are_all_as_likely_and_blur_nothing():
    """Nine of them, each in 4,000 times one in nine give or take 20; 5 times that is far."""
    net, image = retina(), picture(7, 9)
    planes = net.distorted(np.repeat(image[None], 4000, axis=0), Distortion(shift=1.9, whole=True))
    centred = np.pad(image, 2, constant_values=-1)
    shifted = {centred[1 + r : 10 + r, 1 + c : 12 + c].tobytes() for r in (-1, 0, 1) for c in (-1, 0, 1)}
    seen, counts = np.unique(planes.reshape(4000, -1), axis=0, return_counts=True)
    assert {one.tobytes() for one in seen} == shifted
    assert np.abs(counts - 4000 / 9).max() < 100


@pytest.mark.parametrize("part", ["shift", "scale", "squeeze", "slant", "rotation"])
def test_each_part_alone_keeps_the_rest(part):
    """A square of ink: how its moments change."""
    bounds = {"shift": 3.0, "scale": 0.3, "squeeze": 0.3, "slant": 0.4, "rotation": 30.0}
    net, square = retina(41, 41, background=0.0), np.ones((13, 13), np.float32)
    planes = net.distorted(np.repeat(square[None], 400, axis=0), Distortion(**{part: bounds[part]})).astype(np.float64)
    mass = planes.sum(axis=(1, 2))
    places = np.arange(41) - 20
    y = (planes.sum(axis=2) @ places) / mass
    x = (planes.sum(axis=1) @ places) / mass
    yy = (planes.sum(axis=2) @ places**2) / mass - y**2
    xx = (planes.sum(axis=1) @ places**2) / mass - x**2
    xy = np.einsum("nij,i,j->n", planes, places, places) / mass - x * y
    moved = np.abs([x, y]).max()
    assert (moved > 2.8) == (part == "shift")
    assert moved < 3.01 if part == "shift" else moved < 1e-4
    assert (np.ptp(mass) > 0.5 * 169) == (part == "scale")
    assert (np.ptp(yy / xx) > 0.5) == (part == "squeeze")
    assert (np.abs(xy / yy).max() > 0.3) == (part == "slant")
    if part == "rotation":
        assert np.ptp(planes[:, 14, 14]) > 0.5  # a corner of the square: sometimes outside
        np.testing.assert_allclose(mass, 169, rtol=2e-3)


def test_presentations_differ_and_come_again_with_their_seed():
    net, X = retina(), np.repeat(picture(1, 9, 11), 50, axis=0)
    planes = net.distorted(X, ALL, seed=3)
    assert len({one.tobytes() for one in planes}) == 50
    assert net.distorted(X, ALL, seed=3).tobytes() == planes.tobytes()
    assert retina().distorted(X[:7], ALL, seed=3).tobytes() == planes[:7].tobytes()
    assert net.distorted(X, ALL, seed=4).tobytes() != planes.tobytes()


def test_what_is_drawn_covers_its_range_evenly():
    """Shifts of one bright pixel, by its centre of mass: uniform, so of variance bound^2 / 3, both ways."""
    net = retina(21, 21, background=0.0)
    planes = net.distorted(np.ones((4000, 1, 1), np.float32), Distortion(shift=6)).astype(np.float64)
    for axis in (1, 2):
        moved = planes.sum(axis=3 - axis) @ (np.arange(21) - 10) / planes.sum(axis=(1, 2))
        assert abs(moved.mean()) < 5 * 6 / np.sqrt(3 * 4000)
        assert abs(moved.var() / 12 - 1) < 0.1
        assert 5.9 < np.abs(moved).max() <= 6.01


# ---- in training -----------------------------------------------------------------------------------------


def net_for(X: Array, seed: int = 1) -> sn89.Net:
    return sn89.Net(sn89.Input(9, 11), sn89.Local("A", 3, 3), sn89.Full("output", 3), seed=seed)


def learn(net: sn89.Net, X: Array, y: Array, **options) -> sn89.History:
    told = {"rule": sn89.SGD(0.05), "passes": 1, "measure": False, "progress": False}
    return sn89.train(net, X, y, **{**told, **options})


RULES = [
    sn89.SGD(0.05),
    sn89.LevenbergMarquardt(0.01),
    sn89.StochasticDiagonalLM(0.01, samples=3),
    sn89.AdamW(0.01),
]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_training_on_distorted_images_is_training_on_those_very_images(rule):
    """Pass by pass: distorted beforehand, with the seed's numbers from where the pass before ended."""
    X, y = picture(11, 8, 11), np.arange(11) % 3
    nets = net_for(X), net_for(X)
    learn(nets[0], X, y, rule=rule, passes=3, distortion=ALL, seed=5)
    planes = nets[1].distorted(np.concatenate([X, X, X]), ALL, seed=5).reshape(3, 11, 9, 11)
    state = None
    for images in planes:
        if isinstance(rule, sn89.StochasticDiagonalLM):  # its curvature is that of the images as they are
            nets[1].estimate_curvature("levenberg-marquardt", nets[1].patterns(X, y), np.arange(3))
            nets[1].present(rule.in_pass(1), nets[1].patterns(images, y), np.arange(11))
        else:
            state = learn(nets[1], images, y, rule=rule, state=state).state
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


@pytest.mark.parametrize("order", ["given", "shuffle"])
@pytest.mark.parametrize("distortion", [None, ALL], ids=str)
def test_the_seed_decides(order, distortion):
    X, y = picture(40, 9, 11), np.arange(40) % 3
    layers = (sn89.Input(9, 11), sn89.Full("A", 8), sn89.Dropout("B", 0.3), sn89.Full("output", 3))
    ends = []
    for seed in (1, 1, 2):
        net = sn89.Net(*layers)
        learn(net, X, y, passes=2, order=order, distortion=distortion, seed=seed)
        ends.append(net.parameters.tobytes())
    assert ends[0] == ends[1] != ends[2]


def test_a_training_in_two_goes_on_with_other_distortions():
    X, y = picture(11, 9, 11), np.arange(11) % 3
    nets = net_for(X), net_for(X)
    learn(nets[0], X, y, passes=4, distortion=ALL)
    state = learn(nets[1], X, y, passes=2, distortion=ALL).state
    assert state.presented == 22
    learn(nets[1], X, y, passes=2, distortion=ALL, state=state)
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


def test_nothing_that_is_measured_is_distorted_or_left_out():
    X, y = picture(16, 9, 11), np.arange(16) % 3
    net = sn89.Net(sn89.Input(9, 11), sn89.Full("A", 8), sn89.Dropout("B", 0.5), sn89.Full("output", 3))
    history = learn(net, X, y, distortion=ALL, measure=True, test=(X, y))
    assert history.train[-1] == history.test[-1] == sn89.evaluate(net, X, y)
    states = net.states(X[0])
    assert states["B"].tobytes() == states["A"].tobytes()


# ---- dropout ---------------------------------------------------------------------------------------------


def masks(seed: int, presentation: int, layer: int, units: int, rate: float) -> Array:
    """0 or 1 / (1 - rate) for every unit: two units share a random number, its lower half first."""
    random = Splitmix(branch(branch(seed, presentation), layer))
    halves = [half for _ in range((units + 1) // 2) for half in (lambda r: (r & 0xFFFFFFFF, r >> 32))(random())]
    return np.array([0 if half < int(rate * 2**32) else 1 / (1 - rate) for half in halves[:units]])


@pytest.mark.parametrize("rule", ["first order", "newton"])
def test_a_presentation_leaves_out_and_learns_as_the_judge_does(rule):
    """Two dropout layers, one between maps and one between dense layers; an odd number of units."""
    layers = (
        sn89.Local("A", 3, (2, 3), bias="unit"),
        sn89.Dropout("B", 0.25),
        sn89.Local("C", 3, 3, 2, pad=1, background=0.2, squash=sn89.ReLU()),
        sn89.Full("D", 9),
        sn89.Dropout("E", 0.5),
        sn89.Full("output", 3),
    )
    net = sn89.Net(sn89.Input(6, 7), *layers, start=sn89.BySqrtFanIn(2.0), seed=4)
    reference = Reference(net.input, layers, net.cost, net.squash)
    X, y, state = picture(12, 6, 7), np.eye(3)[np.arange(12) % 3], None
    w = net.parameters.astype(np.float64)
    left_out = 0
    for i in range(12):
        for number, layer in enumerate(reference.layers, start=1):
            if layer.name in "BE":
                layer.m = masks(9, i, number, layer.units, layers[number - 1].rate)
                left_out += (layer.m == 0).sum()
        _, g, c = reference.derivatives(w, X[i], y[i], newton=True)
        w = w - (0.05 * g if rule == "first order" else 0.01 * g / (0.3 + np.abs(c)))
        told = sn89.SGD(0.05) if rule == "first order" else sn89.Newton(0.01, mu=0.3, gamma=1)
        state = learn(net, X[i : i + 1], y[i : i + 1].astype(np.float32), rule=told, seed=9, state=state).state
        same("w", net.parameters, w, atol=2e-6)
        w = net.parameters.astype(np.float64)
    assert left_out > 100


def test_as_many_are_left_out_as_asked_for():
    """Seen through a layer that adds them up: 20,000 units of state 1, a quarter of them left out."""
    net = sn89.Net(sn89.Input(1, 500), sn89.Dropout("A", 0.25), sn89.Full("output", 1, squash=sn89.Linear()))
    sums = []
    for seed in range(40):
        net.parameters[:] = 0
        net["output"].weights[:] = 1
        cost = learn(net, np.ones((1, 1, 500), np.float32), np.zeros((1, 1), np.float32), seed=seed).passes[0].cost
        sums.append(np.sqrt(2 * cost) * 0.75)
    kept = np.array(sums)
    assert abs(kept.sum() - 15000) < 5 * np.sqrt(20000 * 0.25 * 0.75)
    assert 3 < kept.std() < 20  # 9.7 expected
    np.testing.assert_allclose(kept, np.rint(kept), atol=1e-2)


def test_rate_0_leaves_nothing_out():
    X, y = picture(12, 9, 11), np.arange(12) % 3
    ends = []
    for between in ([], [sn89.Dropout("B", 0.0)]):
        net = sn89.Net(sn89.Input(9, 11), sn89.Full("A", 8), *between, sn89.Full("output", 3))
        learn(net, X, y, passes=2)
        ends.append(net.parameters.tobytes())
    assert ends[0] == ends[1]


def test_dropout_has_no_parameters_and_is_in_the_table():
    net = sn89.Net(sn89.Input(4, 4), sn89.Local("A", 3, 3), sn89.Dropout("B", 0.25), sn89.Full("output", 2))
    layer = net["B"]
    assert (layer.units, layer.connections, layer.free_parameters) == (12, 12, 0)
    assert layer.shape == (3, 2, 2)
    assert layer.weights is None
    assert layer.bias is None
    assert "25% left out" in str(net)
    assert list(net.arrays()) == ["A.weights", "A.bias", "output.weights", "output.bias"]


@pytest.mark.parametrize("bad", [-0.1, 1, 1 - 1e-9, 1.5, np.nan, "half", None, True])
def test_bad_rates_of_dropout_are_refused_by_name(bad):
    with pytest.raises((TypeError, ValueError), match='layer "B": rate'):
        sn89.Dropout("B", bad)


@pytest.mark.parametrize("bad", [None, 1, {"shift": 1}, Distortion])
def test_only_a_distortion_distorts(bad):
    with pytest.raises(TypeError, match="distortion must be"):
        retina().distorted(picture(9, 11), bad)
