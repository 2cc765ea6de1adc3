"""The judge is judged: by finite differences, by NumPy that says the same another way, by the papers' tables
and by what the original SN did.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import (
    Reference,
    costed,
    mean_curvature,
    same,
    squashed,
    train_fixed,
    train_running,
    train_sgd,
)

import sn89

SQUASHES = {
    "scaled tanh": sn89.ScaledTanh(),
    "tanh with a linear part": sn89.TanhLinear(0.666, 0.05),
    "tanh": sn89.Tanh(),
    "linear": sn89.Linear(),
    "relu": sn89.ReLU(),
}
COSTS = {
    "half-squared": sn89.HalfSquaredError(),
    "softmax": sn89.SoftmaxCrossEntropy(),
    "rbf": sn89.RBFDiscriminative(0.7),
}
HALF, LINEAR = COSTS["half-squared"], SQUASHES["linear"]
squashes = pytest.mark.parametrize("squash", SQUASHES.values(), ids=SQUASHES.keys())
costs = pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS.keys())


def numbers(*shape: int, seed: int = 1989) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def pattern(net: Reference, seed: int = 1989) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parameters, an image and, positive and of sum one, desired outputs."""
    retina = net.declared_input
    d = np.abs(numbers(net.layers[-1].units, seed=seed + 2))
    image = numbers(retina.maps, retina.height, retina.width, seed=seed + 1)
    return 0.5 * numbers(net.free_parameters, seed=seed), image, d / d.sum()


def differences(f, w: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Central differences of f by each of w; last axis for w."""
    steps = step * np.eye(w.size)
    return np.stack([(f(w + e) - f(w - e)) / (2 * step) for e in steps], axis=-1)


def second_differences(f, w: np.ndarray, step: float = 1e-3) -> np.ndarray:
    """Second derivatives of f by each of w, right to the fourth order of the step."""
    steps = step * np.eye(w.size)
    near = np.array([f(w + e) + f(w - e) for e in steps])
    far = np.array([f(w + 2 * e) + f(w - 2 * e) for e in steps])
    return (16 * near - far - 30 * f(w)) / (12 * step**2)


# ---- the comparison ------------------------------------------------------------------------------------

SOME = numbers(4, 4)


def test_same_accepts_what_is_the_same():
    same("itself", SOME, SOME)
    same("in float32", SOME.astype(np.float32), SOME)
    same("a number", 1.0 + 1e-7, 1.0)
    same("zeros", np.zeros(3), np.zeros(3))
    same("within rtol", [1000.5], [1000.0], rtol=1e-3)


@pytest.mark.parametrize(
    ("actual", "expected", "complaint"),
    [
        (np.zeros((4, 4)), SOME, "differ"),
        (SOME.T, SOME, "differ"),
        (SOME + 1e-3 * (np.arange(16).reshape(4, 4) == 6), SOME, r"1 of 16 differ, most at \(1, 2\)"),
        (-SOME, SOME, "differ"),
        (SOME.ravel(), SOME, "shape"),
        (SOME[:1], SOME, "shape"),
        (1.0, np.ones(3), "shape"),
        (np.where(np.eye(4, dtype=bool), np.nan, SOME), SOME, "not finite"),
        (np.where(np.eye(4, dtype=bool), np.inf, SOME), SOME, "not finite"),
        (SOME, np.where(np.eye(4, dtype=bool), np.nan, SOME), "expected numbers are not finite"),
        (np.zeros(3), np.full(3, 1e-9), "within the tolerance"),
        (1e-7 * SOME.T, 1e-7 * SOME, "within the tolerance"),
        (np.full(3, 1e-3), np.zeros(3), "differ"),
        (np.zeros(0), np.zeros(0), "nothing"),
    ],
)
def test_same_rejects_what_is_not(actual, expected, complaint):
    with pytest.raises(AssertionError, match=f"^that: .*{complaint}"):
        same("that", actual, expected)


# ---- squashing functions and costs ---------------------------------------------------------------------


@squashes
def test_squashing_functions_against_differences(squash):
    a, step = np.array([-2.3, -0.4, 0.3, 1.0, 1.7]), 1e-5
    f = [squashed(squash, a + shift) for shift in (-step, 0, step)]
    same("f'", f[1][1], (f[2][0] - f[0][0]) / (2 * step), atol=1e-9)
    same("f''", f[1][2], (f[2][1] - f[0][1]) / (2 * step), atol=1e-9)


def test_squashing_functions_at_known_points():
    one = np.array([-1.0, 1.0])
    same("1.7159 tanh(2a/3)", squashed(SQUASHES["scaled tanh"], one)[0], one, atol=1e-5)
    same("tanh with a linear part", squashed(SQUASHES["tanh with a linear part"], one)[0], one, atol=1e-15)
    same("its f' far out", squashed(SQUASHES["tanh with a linear part"], np.array([50.0]))[1], [0.05])
    same("tanh", squashed(SQUASHES["tanh"], np.array([0.5]))[0], [0.46211715726])
    same("relu at 0", squashed(SQUASHES["relu"], np.zeros(1)), np.zeros((3, 1)))


@costs
def test_costs_against_differences(cost):
    x, d = numbers(5), np.array([0.1, 0.4, 0.0, 0.3, 0.2])
    _, gradient, hessian = costed(cost, x, d)
    same("gradient", gradient, differences(lambda x: costed(cost, x, d)[0], x), atol=1e-9)
    same("Hessian", hessian, differences(lambda x: costed(cost, x, d)[1], x), atol=1e-9)


def test_costs_at_known_points():
    x, d = np.array([1.0, 2.0, 4.0]), np.array([0.0, 1.0, 0.0])
    e = np.exp
    same("half-squared", costed(HALF, x, d)[0], 0.5 * (1 + 1 + 16))
    same("softmax", costed(COSTS["softmax"], x, d)[0], -np.log(e(2) / (e(1) + e(2) + e(4))))
    same("rbf", costed(COSTS["rbf"], x, d)[0], 2 + np.log(e(-0.7) + e(-1) + e(-2) + e(-4)))
    p = e(-x) / (e(-0.7) + e(-x).sum())
    same("rbf, gradient", costed(COSTS["rbf"], x, d)[1], d - p)
    same("rbf, curvature", np.diag(costed(COSTS["rbf"], x, d)[2]), p * (1 - p))


def test_costs_of_far_outputs_are_finite():
    x, d = np.array([1000.0, 3000.0]), np.array([0.0, 1.0])
    same("softmax", costed(COSTS["softmax"], -x, d)[0], 2000.0)
    same("rbf", costed(COSTS["rbf"], x, d)[0], 3000 - 0.7)


# ---- forward: the same said another way ----------------------------------------------------------------


@st.composite
def geometries(draw):
    """A local layer, and the shape of what it looks at."""
    below = draw(st.tuples(*[st.integers(1, n) for n in (3, 6, 6)]))
    kernel, stride = (draw(st.tuples(st.integers(1, 3), st.integers(1, 3))) for _ in range(2))
    pad = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    kernel = tuple(min(k, n + 2 * p) for k, n, p in zip(kernel, below[1:], pad, strict=True))
    row = st.lists(st.integers(0, below[0] - 1), min_size=1, max_size=3, unique=True)
    table = draw(st.none() | st.lists(row, min_size=1, max_size=3))
    maps = len(table) if table else draw(st.integers(1, 3))
    bias, shared = draw(st.sampled_from(["unit", "map", None])), draw(st.booleans())
    return below, sn89.Local("A", maps, kernel, stride, pad, bias, table, shared, background=0.6)


def windowed(layer, w: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Total inputs of a local layer, from a bordered copy of the planes and views on its windows."""
    (kh, kw), (sh, sw), (ph, pw) = layer.kernel, layer.stride, layer.pad
    bordered = np.pad(x, [(0, 0), (ph, ph), (pw, pw)], constant_values=layer.background)
    windows = np.lib.stride_tricks.sliding_window_view(bordered, (kh, kw), axis=(1, 2))[:, ::sh, ::sw]
    place = windows.shape[1:3]
    a = np.zeros((layer.maps, *place))
    for m in range(layer.maps):
        for k in layer.table[m] if layer.table else range(len(x)):
            if layer.shared:
                kernel, w = w[: kh * kw].reshape(kh, kw), w[kh * kw :]
                a[m] += np.einsum("rcij,ij->rc", windows[k], kernel)
            else:
                n = kh * kw * place[0] * place[1]
                kernels, w = w[:n].reshape(kh, kw, *place), w[n:]
                a[m] += np.einsum("rcij,ijrc->rc", windows[k], kernels)
    if layer.bias is None:
        assert w.size == 0
        return a
    return a + (w.reshape(a.shape) if layer.bias == "unit" else w.reshape(-1, 1, 1))


@settings(max_examples=150, derandomize=True)
@given(geometries())
def test_local_layers_against_windows(geometry):
    (maps, height, width), layer = geometry
    net = Reference(sn89.Input(height, width, maps=maps), [layer], HALF, LINEAR)
    w, image, _ = pattern(net)
    same("states", net.forward(w, image)["A"], windowed(layer, w, image), atol=1e-12)


def test_a_kernel_is_not_flipped():
    net = Reference(sn89.Input(2, 3), [sn89.Local("A", 1, (1, 2), bias=None)], HALF, LINEAR)
    states = net.forward(np.array([1.0, 10.0]), [[1, 2, 3], [4, 5, 6]])
    same("states", states["A"], [[[21, 32], [54, 65]]])


def test_the_zip_net_looks_past_the_edge_by_two():
    net = Reference(sn89.Input(16, 16), [sn89.Local("H1", 1, 5, 2, 2, "unit")], HALF, LINEAR)
    image = numbers(16, 16)
    w = np.zeros(net.free_parameters)
    w[0] = w[24] = 1.0  # the kernel's first and last corner
    states = net.forward(w, image)["H1"][0]
    same("top left", states[0, 0], -1 + image[2, 2])
    same("inside", states[3, 4], image[4, 6] + image[8, 10])
    same("bottom right", states[7, 7], image[12, 12] - 1)


def test_average_layers():
    net = Reference(sn89.Input(4, 6, maps=2), [sn89.Average("A", (2, 3))], HALF, sn89.Tanh())
    w, image, _ = pattern(net)
    blocks = image.reshape(2, 2, 2, 2, 3).sum(axis=(2, 4))
    expected = np.tanh(w[:2, None, None] * blocks + w[2:, None, None])
    same("states", net.forward(w, image)["A"], expected, atol=1e-12)
    with pytest.raises(AssertionError, match="tile"):
        Reference(sn89.Input(5, 6), [sn89.Average("A", 2)], HALF, LINEAR)


def test_full_and_rbf_layers_and_their_squashing_functions():
    layers = [sn89.Full("A", 4), sn89.Full("B", 3, sn89.ReLU()), sn89.RBF("output", numbers(2, 3))]
    net = Reference(sn89.Input(2, 3, maps=2), layers, HALF, sn89.ScaledTanh())
    w, image, _ = pattern(net)
    A = 1.7159 * np.tanh((w[:48].reshape(4, 12) @ image.ravel() + w[48:52]) * 2 / 3)
    B = np.maximum(w[52:64].reshape(3, 4) @ A + w[64:], 0)
    states = net.forward(w, image)
    assert list(states) == ["input", "A", "B", "output"]
    same("A", states["A"], A, atol=1e-12)
    same("B", states["B"], B, atol=1e-12)
    same("output", states["output"], [((B - w) ** 2).sum() for w in layers[-1].prototypes])
    same("outputs", net.outputs(w, image), states["output"])


def test_a_small_image_is_centred_on_the_background():
    net = Reference(sn89.Input(5, 6, background=-0.5), [sn89.Full("output", 1)], HALF, LINEAR)
    image = np.array([[1.0, 2, 3], [4, 5, 6]])
    plane = np.full((1, 5, 6), -0.5)
    plane[0, 1:3, 1:4] = image
    same("input", net.forward(np.zeros(31), image)["input"], plane)


def test_what_does_not_fit_is_refused():
    net = Reference(sn89.Input(2, 2, maps=2), [sn89.Full("output", 3)], HALF, LINEAR)
    w, image, d = pattern(net)
    for wrong in (np.zeros((2, 3, 2)), np.zeros((2, 2, 3)), np.zeros((3, 2, 2)), image[0], image.ravel()):
        with pytest.raises(ValueError, match="image"):
            net.outputs(w, wrong)
    with pytest.raises(ValueError, match="parameters"):
        net.outputs(w[:1], image)
    with pytest.raises(ValueError, match="desired"):
        net.cost(w, image, d[:1])


# ---- gradient ------------------------------------------------------------------------------------------

TABLE = ((2, 0), (1,), (0, 1, 2))
PROTOTYPES = 0.5 * numbers(3, 4, seed=7)


def local(name: str, bias: str | None, shared: bool, **options) -> sn89.Local:
    """Every direction differs, every edge is passed."""
    return sn89.Local(name, 3, (3, 2), (2, 1), (1, 1), bias, shared=shared, background=0.4, **options)


STACKS = {
    "full": [sn89.Full("A", 4), sn89.Full("output", 3)],
    "average": [local("A", "map", True), sn89.Average("B", (1, 5)), sn89.Full("output", 3)],
    "average as output": [local("A", "unit", False), sn89.Average("output", (3, 5))],
    "local as output": [local("A", "unit", True, table=TABLE), local("output", "map", True, table=TABLE)],
    "rbf": [sn89.Full("A", 4), sn89.RBF("output", PROTOTYPES)],
    "deep": [
        local("A", "unit", True, table=TABLE),
        sn89.Average("B", (3, 1)),
        local("C", "map", False, squash=sn89.Tanh()),
        sn89.Full("D", 4),
        sn89.RBF("output", PROTOTYPES),
    ],
} | {
    f"local, {'shared' if shared else 'not shared'}, bias {bias}": [
        local("A", bias, shared, table=table),
        sn89.Full("output", 3),
    ]
    for shared in (True, False)
    for bias, table in (("unit", TABLE), ("map", None), (None, TABLE))
}
stacks = pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS.keys())
RETINA = sn89.Input(5, 4, background=-0.7, maps=3)


@stacks
@squashes
@costs
def test_gradients_against_differences(stack, squash, cost):
    net = Reference(RETINA, stack, cost, squash)
    w, image, d = pattern(net)
    image = image[:, 1:, 1:]
    expected = differences(lambda w: net.cost(w, image, d), w)
    assert all(expected[part].any() for part in net.slices if part.start < part.stop)
    same("gradient", net.gradient(w, image, d), expected, atol=1e-7)


@stacks
@squashes
def test_jacobians_against_differences(stack, squash):
    net = Reference(RETINA, stack, HALF, squash)
    w, image, _ = pattern(net)
    same("J", net.jacobian(w, image), differences(lambda w: net.outputs(w, image), w), atol=1e-7)


# ---- curvature -----------------------------------------------------------------------------------------

# Nets of which the diagonal approximation drops nothing: each parameter enters a unit once and reaches the
# outputs through one unit of each layer but the last, and if it reaches several outputs, these do not meet
# in the cost.
ONE = [sn89.Full("A", 1), sn89.Full("B", 1), sn89.Full("C", 1)]
EXACT = {f"one layer, {name}": ([sn89.Full("output", 3)], cost) for name, cost in COSTS.items()} | {
    "one layer, shared": ([local("output", "map", True, table=TABLE)], HALF),
    "full and full": ([sn89.Full("A", 4), sn89.Full("output", 3)], HALF),
    "not shared and full": ([local("A", "unit", False, table=TABLE), sn89.Full("output", 3)], HALF),
    "not shared and shared": ([local("A", "unit", False), local("output", "map", True)], HALF),
    "full and rbf": ([sn89.Full("A", 4), sn89.RBF("output", PROTOTYPES)], HALF),
    "full and one rbf": ([sn89.Full("A", 4), sn89.RBF("output", PROTOTYPES[:1])], COSTS["rbf"]),
    "rbf in the middle": (
        [sn89.Full("A", 4), sn89.RBF("B", PROTOTYPES[:1]), sn89.Full("output", 2, sn89.TanhLinear())],
        HALF,
    ),
    "units in a chain": ([*ONE, sn89.Full("output", 1)], HALF),
    "units in a chain to rbf": ([*ONE, sn89.RBF("output", [[0.3]])], COSTS["rbf"]),
    "units in a chain to many": ([*ONE, sn89.Full("output", 3)], HALF),
}
exact = pytest.mark.parametrize(("stack", "cost"), EXACT.values(), ids=EXACT.keys())


def alive(net: Reference) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A pattern under which every unit of a chain is on the right side of a ReLU."""
    w, image, d = pattern(net)
    return (np.abs(w), np.abs(image), d) if net.layers[0].units == 1 else (w, image, d)


@exact
@squashes
def test_newton_against_second_differences(stack, cost, squash):
    net = Reference(RETINA, stack, cost, squash)
    w, image, d = alive(net)
    expected = second_differences(lambda w: net.cost(w, image, d), w)
    same("Newton", net.curvature(w, image, d, newton=True), expected, atol=1e-5, rtol=1e-5)


WITHOUT_RBF = {name: case for name, case in EXACT.items() if "rbf" not in name or "one layer" in name}
WITH_RBF_LAST = {name: case for name, case in EXACT.items() if name.endswith("rbf") and "one layer" not in name}


@pytest.mark.parametrize(("stack", "cost"), WITHOUT_RBF.values(), ids=WITHOUT_RBF.keys())
@squashes
def test_levenberg_marquardt_against_the_exact_gauss_newton(stack, cost, squash):
    net = Reference(RETINA, stack, cost, squash)
    w, image, d = alive(net)
    c = net.curvature(w, image, d, newton=False)
    same("LM", c, net.exact_gauss_newton_diagonal(w, image, d), atol=1e-12, rtol=1e-9)
    assert c.min() >= 0
    assert c.max() > 0


@pytest.mark.parametrize(("stack", "cost"), WITH_RBF_LAST.values(), ids=WITH_RBF_LAST.keys())
@squashes
def test_levenberg_marquardt_keeps_the_positive_curvature_of_distances(stack, cost, squash):
    """On top of Gauss-Newton there is twice what is positive in dC/dy_i: that many times half squared error.

    With equation 9 that is d_i, the term of the sum that attracts; with half squared error max(dC/dy_i, 0).
    """
    net, below = Reference(RETINA, stack, cost, squash), Reference(RETINA, stack[:-1], HALF, squash)
    w, image, d = alive(net)
    _, slopes, _ = costed(cost, net.outputs(w, image), d)
    positive = d.sum() if cost.kind == "rbf" else np.maximum(slopes, 0).sum()
    own = 2 * positive * below.exact_gauss_newton_diagonal(w, image, below.outputs(w, image))
    c = net.curvature(w, image, d, newton=False)
    same("LM", c, net.exact_gauss_newton_diagonal(w, image, d) + own, atol=1e-12, rtol=1e-9)
    assert own.max() > 0


@stacks
@costs
def test_the_exact_gauss_newton_against_differences(stack, cost):
    """Sharing, depth and all: squares of whole sums, cross terms of the outputs included."""
    net = Reference(RETINA, stack, cost, sn89.ScaledTanh())
    w, image, d = pattern(net)
    J = differences(lambda w: net.outputs(w, image), w)
    x = net.outputs(w, image)
    hessian = differences(lambda x: costed(cost, x, d)[1], x)
    exactly = net.exact_gauss_newton_diagonal(w, image, d)
    same("exact", exactly, np.diag(J.T @ hessian @ J), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("newton", [True, False])
def test_curvature_of_deep_nets_against_matrices(newton):
    """Here the approximation does drop terms; the formulas, layer by layer."""
    layers = [sn89.Full("A", 4), sn89.Full("B", 5), sn89.Full("output", 3)]
    net = Reference(sn89.Input(2, 3), layers, COSTS["softmax"], sn89.Tanh())
    w, image, d = pattern(net)
    shapes, split = [(4, 6), (5, 4), (3, 5)], [24, 28, 48, 53, 68]
    parts = np.split(w, split)
    weights = [part.reshape(shape) for part, shape in zip(parts[::2], shapes, strict=True)]
    x = [image.ravel()]
    for W, b in zip(weights, parts[1::2], strict=True):
        x.append(np.tanh(W @ x[-1] + b))
    p = np.exp(x[3]) / np.exp(x[3]).sum()
    dx, s, expected = p - d, p * (1 - p), []
    for W, x_out, x_in in zip(weights[::-1], x[:0:-1], x[-2::-1], strict=True):
        slope = 1 - x_out**2
        h = slope**2 * s + newton * (-2 * x_out * slope) * dx
        expected[:0] = [np.outer(h, x_in**2).ravel(), h]
        dx, s = W.T @ (slope * dx), (W**2).T @ h
    same("curvature", net.curvature(w, image, d, newton), np.concatenate(expected), atol=1e-12)


@pytest.mark.parametrize("newton", [True, False])
@pytest.mark.parametrize("bias", ["unit", "map", None])
def test_a_shared_weight_sums_over_its_units(bias, newton):
    nets = [
        Reference(
            RETINA,
            [local("A", bias, shared, table=TABLE), sn89.Full("B", 4), sn89.Full("output", 3)],
            HALF,
            sn89.ScaledTanh(),
        )
        for shared in (True, False)
    ]
    w, image, d = pattern(nets[0])
    places = nets[0].layers[0].units // 3
    kernels = 6 * 6  # taps, times rows of the table
    alone = np.concatenate([np.repeat(w[:kernels], places), w[kernels:]])
    same("outputs", nets[0].outputs(w, image), nets[1].outputs(alone, image), atol=1e-12)
    _, g, c = nets[0].derivatives(w, image, d, newton)
    _, g1, c1 = nets[1].derivatives(alone, image, d, newton)
    for what, together, apart in (("gradient", g, g1), ("curvature", c, c1)):
        summed = apart[: kernels * places].reshape(kernels, places).sum(axis=1)
        expected = np.concatenate([summed, apart[kernels * places :]])
        same(what, together, expected, atol=1e-12)


@pytest.mark.parametrize("newton", [True, False])
def test_an_average_sums_over_units_and_blocks(newton):
    """As the local layer that it is, with every weight and bias equal in a map and none shared."""
    retina, below = sn89.Input(4, 6, maps=2), local("below", "map", True)  # 3 maps of 2 x 7
    own = ((0,), (1,), (2,))
    apart = sn89.Local("A", 3, (2, 1), (2, 1), 0, "unit", table=own, shared=False)
    tail = [sn89.Full("output", 3)]
    nets = [
        Reference(retina, [below, layer, *tail], HALF, sn89.ScaledTanh())
        for layer in (sn89.Average("A", (2, 1)), apart)
    ]
    w, image, d = pattern(nets[0])
    one, many = nets[0].slices[1], nets[1].slices[1]
    alone = np.concatenate([w[: one.start], np.repeat(w[one][:3], 14), np.repeat(w[one][3:], 7), w[one.stop :]])
    same("outputs", nets[0].outputs(w, image), nets[1].outputs(alone, image), atol=1e-12)
    _, g, c = nets[0].derivatives(w, image, d, newton)
    _, g1, c1 = nets[1].derivatives(alone, image, d, newton)
    for what, together, each in (("gradient", g, g1), ("curvature", c, c1)):
        weights, biases = np.split(each[many], [42])
        sums = [weights.reshape(3, 14).sum(axis=1), biases.reshape(3, 7).sum(axis=1)]
        expected = np.concatenate([each[: many.start], *sums, each[many.stop :]])
        same(what, together, expected, atol=1e-12)


def test_an_average_adds_squares_and_does_not_square_the_sum():
    net = Reference(sn89.Input(2, 2), [sn89.Average("output", 2)], HALF, LINEAR)
    c = net.curvature(np.array([0.5, 0.1]), [[1, 2], [3, -4]], [0.0], newton=False)
    same("curvature", c, [1 + 4 + 9 + 16, 1])


def test_newton_keeps_negative_curvature_and_levenberg_marquardt_has_none():
    layers = [sn89.Full("A", 1), sn89.Full("output", 1, sn89.Linear())]
    net = Reference(sn89.Input(1, 1), layers, HALF, sn89.Tanh())
    w, d = np.array([1.0, 0.0, 2.0, 0.0]), [-9.0]  # x = 1: a = 1, the output is 2 tanh(1), far above d
    x = np.tanh(1.0)
    slope, bend, dx = 1 - x**2, -2 * x * (1 - x**2), 2 * (2 * x + 9)
    h = slope**2 * 4 + bend * dx
    assert h < 0
    same("Newton", net.curvature(w, [[1.0]], d, newton=True), [h, h, x**2, 1])
    same("LM", net.curvature(w, [[1.0]], d, newton=False), [slope**2 * 4, slope**2 * 4, x**2, 1])


# ---- counts --------------------------------------------------------------------------------------------

EIGHT_OF_TWELVE = (
    *[(0, 1, 2, 3, 4, 5, 6, 7)] * 4,
    *[(4, 5, 6, 7, 8, 9, 10, 11)] * 4,
    *[(0, 1, 2, 3, 8, 9, 10, 11)] * 4,
)
ZIP = [
    sn89.Local("H1", 12, kernel=5, stride=2, pad=2, bias="unit"),
    sn89.Local("H2", 12, kernel=5, stride=2, pad=2, bias="unit", table=EIGHT_OF_TWELVE),
    sn89.Full("H3", 30),
    sn89.Full("output", 10),
]
LENET1_TABLE = ((0,), (0, 1), (0, 1), (1,), (0, 1), (0, 1), (2,), (2, 3), (2, 3), (3,), (2, 3), (2, 3))
LENET1 = [
    sn89.Local("H1", 4, 5),
    sn89.Average("H2", 2),
    sn89.Local("H3", 12, 5, table=LENET1_TABLE),
    sn89.Average("H4", 2),
    sn89.Full("output", 10),
]
C3 = "012 123 234 345 045 015 0123 1234 2345 0345 0145 0125 0134 1245 0235 012345"
LENET5 = [
    sn89.Local("C1", 6, 5),
    sn89.Average("S2", 2),
    sn89.Local("C3", 16, 5, table=[[int(k) for k in row] for row in C3.split()]),
    sn89.Average("S4", 2),
    sn89.Local("C5", 120, 5),
    sn89.Full("F6", 84),
    sn89.RBF("output", np.ones((10, 84))),
]
# Of each net units with the input's, connections and free parameters; then the same of each layer and the
# inputs of its units.
PAPERS = {
    "zip": (
        sn89.Input(16, 16),
        ZIP,
        (1256, 64660, 9760),
        {
            "H1": (768, 19968, 1068, {26}),
            "H2": (192, 38592, 2592, {201}),
            "H3": (30, 5790, 5790, {193}),
            "output": (10, 310, 310, {31}),
        },
    ),
    "LeNet-1": (
        sn89.Input(28, 28),
        LENET1,
        (4634, 98442, 2578),  # the paper's 4,635 units count the bias unit
        {
            "H1": (2304, 59904, 104, {26}),
            "H2": (576, 2880, 8, {5}),
            "H3": (768, 32768, 512, {26, 51}),
            "H4": (192, 960, 24, {5}),
            "output": (10, 1930, 1930, {193}),
        },
    ),
    "LeNet-5": (
        sn89.Input(32, 32, background=-0.1),
        LENET5,
        (1024 + 4704 + 1176 + 1600 + 400 + 120 + 84 + 10, 340908, 60000),
        {
            "C1": (6 * 28 * 28, 122304, 156, {26}),
            "S2": (6 * 14 * 14, 5880, 12, {5}),
            "C3": (16 * 10 * 10, 151600, 1516, {76, 101, 151}),
            "S4": (16 * 5 * 5, 2000, 32, {5}),
            "C5": (120, 48120, 48120, {401}),
            "F6": (84, 10164, 10164, {121}),
            "output": (10, 840, 0, set()),
        },
    ),
    "fully connected": (
        sn89.Input(16, 16),
        [sn89.Full("hidden", 40), sn89.Full("output", 10)],
        (306, 10690, 10690),
        {"hidden": (40, 10280, 10280, {257}), "output": (10, 410, 410, {41})},
    ),
}


@pytest.mark.parametrize(("retina", "layers", "totals", "table"), PAPERS.values(), ids=PAPERS.keys())
def test_counts_of_the_papers(retina, layers, totals, table):
    net = Reference(retina, layers, HALF, sn89.ScaledTanh())
    assert (net.units, net.connections, net.free_parameters) == totals
    assert net.fan_in.shape == (net.free_parameters,)
    for layer, part in zip(net.layers, net.slices, strict=True):
        fan_in = set(net.fan_in[part].tolist())
        assert (layer.units, layer.connections, layer.parameters, fan_in) == table[layer.name]


def test_fan_in_goes_by_the_row_of_the_table():
    net = Reference(RETINA, [sn89.Local("A", 3, 2, bias="map", table=TABLE)], HALF, LINEAR)
    same("fan_in", net.fan_in, [9] * 8 + [5] * 4 + [13] * 12 + [9, 5, 13])


# ---- learning ------------------------------------------------------------------------------------------


def one_unit(x: float, w: float, b: float, d: float) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Cost, gradient, Newton and Levenberg-Marquardt curvature of tanh(w x + b), by hand."""
    t = np.tanh(w * x + b)
    slope = 1 - t**2
    y, lm = (t - d) * slope, slope**2
    newton = lm - 2 * t * slope * (t - d)
    return 0.5 * (d - t) ** 2, np.array([y * x, y]), newton * np.array([x**2, 1]), lm * np.array([x**2, 1])


UNIT = Reference(sn89.Input(1, 1), [sn89.Full("output", 1)], HALF, sn89.Tanh())
START = np.array([0.9, 0.4])
PATTERNS = [([[x]], [d]) for x, d in ((1.0, -1.0), (0.5, -0.8), (-0.3, 1.0), (2.0, 0.1))]


def test_plain_gradient_by_hand():
    w, seen = START, []
    for ((x,),), (d,) in PATTERNS:
        C, g, _, _ = one_unit(x, *w, d)
        w = w - 0.3 * g
        seen.append((*w, C))
    trajectory = train_sgd(UNIT, START, PATTERNS, rate=0.3)
    same("w", trajectory.w, np.array(seen)[:, :2], atol=1e-12)
    same("costs", trajectory.costs, np.array(seen)[:, 2], atol=1e-12)
    same("H", trajectory.H, np.zeros((4, 2)))


@pytest.mark.parametrize("newton", [True, False])
def test_running_curvature_by_hand(newton):
    constants = {"epsilon": 0.2, "mu": 0.07, "gamma": 0.3}
    w, H, seen = START, np.zeros(2), []
    for ((x,),), (d,) in PATTERNS:
        C, g, *curvatures = one_unit(x, *w, d)
        H = 0.7 * H + 0.3 * curvatures[0 if newton else 1]
        w = w - 0.2 * g / (0.07 + abs(H))
        seen.append((*w, *H, C))
    expected = np.array(seen)
    trajectory = train_running(UNIT, START, PATTERNS, newton=newton, **constants)
    same("w", trajectory.w, expected[:, :2], atol=1e-12)
    same("H", trajectory.H, expected[:, 2:4], atol=1e-12)
    same("costs", trajectory.costs, expected[:, 4], atol=1e-12)
    assert (trajectory.H.min() < 0) == newton
    first = train_running(UNIT, START, PATTERNS[:2], newton=newton, **constants)
    rest = train_running(UNIT, first.w[-1], PATTERNS[2:], newton=newton, H=first.H[-1], **constants)
    same("w, going on", rest.w, expected[2:, :2], atol=1e-12)


def test_running_curvature_has_the_constants_of_sn():
    given = train_running(UNIT, START, PATTERNS, newton=False, epsilon=0.0005, mu=0.05, gamma=0.05)
    same("w", train_running(UNIT, START, PATTERNS, newton=False).w, given.w, atol=0, rtol=0)


def test_fixed_curvature_by_hand():
    hand = [one_unit(x, *START, d) for ((x,),), (d,) in PATTERNS]
    H = mean_curvature(UNIT, START, PATTERNS)
    same("LM", H, np.mean([curvature for _, _, _, curvature in hand], axis=0), atol=1e-12)
    newton = mean_curvature(UNIT, START, PATTERNS, newton=True)
    same("Newton", newton, np.mean([curvature for _, _, curvature, _ in hand], axis=0), atol=1e-12)
    w, seen = START, []
    for ((x,),), (d,) in PATTERNS:
        C, g, _, _ = one_unit(x, *w, d)
        w = w - 0.1 * g / (0.02 + abs(newton))
        seen.append((*w, C))
    assert newton.min() < 0
    trajectory = train_fixed(UNIT, START, PATTERNS, newton, epsilon=0.1)
    same("w", trajectory.w, np.array(seen)[:, :2], atol=1e-12)
    same("H", trajectory.H, [newton] * 4)
    same("costs", trajectory.costs, np.array(seen)[:, 2], atol=1e-12)


# ---- the original SN -----------------------------------------------------------------------------------

RULES = ("sgd", "newtonx", "lm")


class Oracle:
    """What SN did with a net ("zip" or "autoenc") under a rule, and the same net written out here."""

    def __init__(self, net: str, rule: str) -> None:
        data = os.environ.get("SN89_DATA")
        path = Path(data).parent / "oracle" / f"{net}_{rule}.npz" if data else None
        if path is None or not path.exists():
            pytest.skip("no oracle beside $SN89_DATA")
        with np.load(path) as file:
            self.file = dict(file)
        f = sn89.ScaledTanh(float(self.file["f_A"]), float(self.file["f_B"]))
        if net == "zip":
            self.names = ["H1w", "H1b", "H2w", "H2b", "H3w", "H3b", "Ow", "Ob"]
            images = self.file["patterns"].reshape(-1, 20, 20)[:, 2:18, 2:18]
            retina, layers = sn89.Input(16, 16), ZIP
        else:
            self.names = ["Hw", "Hb", "Ow", "Ob"]
            images = self.file["patterns"].reshape(-1, 1, 4)
            retina, layers = sn89.Input(1, 4), [sn89.Full("H", 2), sn89.Full("output", 4)]
        self.rule, self.reference = rule, Reference(retina, layers, HALF, f)
        self.patterns = list(zip(images, self.file["targets"], strict=True))
        self.start = self.vector("init")

    def vector(self, key: str) -> np.ndarray:
        """The arrays `key`_* as one parameter vector."""
        return np.concatenate([self.file[f"{key}_{name}"].ravel() for name in self.names]).astype(np.float64)

    def train(self):
        if self.rule == "sgd":
            return train_sgd(self.reference, self.start, self.patterns, float(self.file["epsilon"]))
        constants = {key: float(self.file[key]) for key in ("epsilon", "mu", "gamma")}
        newton = self.rule == "newtonx"
        return train_running(self.reference, self.start, self.patterns, newton=newton, **constants)


def numbered_as_sn(net: Reference, retina: int) -> set[tuple[int, int, int]]:
    """(from, to, parameter) of every connection: the bias unit 0, the retina from 1 on, then the layers.

    All states that never change but the bias unit's have the number -1.
    """
    connections, first_below, first = set(), 1, 1 + retina
    for layer, part in zip(net.layers, net.slices, strict=True):
        constant = np.array([-1, 0])  # background, bias unit
        below = np.concatenate([first_below + np.arange(layer.units_below), constant])
        rows = below[layer.source], first + layer.to, part.start + layer.parameter
        connections |= set(zip(*(column.tolist() for column in rows), strict=True))
        first_below, first = first, first + layer.units
    return connections


@pytest.mark.parametrize("rule", RULES)
def test_connections_of_the_autoencoder_are_those_of_sn(rule):
    oracle = Oracle("autoenc", rule)
    assert len(oracle.file["conn"]) == oracle.reference.connections == 22
    assert numbered_as_sn(oracle.reference, 4) == set(map(tuple, oracle.file["conn"].tolist()))


@pytest.mark.parametrize("rule", RULES)
def test_connections_of_the_zip_net_are_those_of_sn(rule):
    """SN's retina is 20 x 20 with the border in it; the border of H1 has the numbers past the last unit."""
    oracle = Oracle("zip", rule)
    assert list(map(list, EIGHT_OF_TWELVE)) == oracle.file["H2src"].tolist()
    retina = np.pad(1 + np.arange(256).reshape(16, 16), 2, constant_values=-1).ravel()
    units = 257 + np.arange(1000)  # H1 to output
    number = np.concatenate([[0], retina, units, np.full(960, -1)])
    source, to, parameter = oracle.file["conn"].T
    theirs = set(zip(number[source].tolist(), number[to].tolist(), parameter.tolist(), strict=True))
    assert oracle.file["conn"].shape == (oracle.reference.connections, 3) == (64660, 3)
    assert numbered_as_sn(oracle.reference, 256) == theirs


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("net", ["zip", "autoenc"])
def test_trajectories_are_those_of_sn(net, rule):
    oracle = Oracle(net, rule)
    w, H, costs = oracle.train()
    assert len(w) == 50
    before = np.vstack([oracle.start, w[:-1]])
    for t in (1, 10, 50):
        same(f"w after {t}", w[t - 1], oracle.vector(f"w{t}"), atol=1e-6, rtol=0)
        same(f"change {t}", w[t - 1] - before[t - 1], oracle.vector(f"delta{t}"), atol=1e-7, rtol=0)
        if rule != "sgd":
            same(f"H at {t}", H[t - 1], oracle.vector(f"hess{t}"), atol=1e-5, rtol=0)
    same("costs", costs, oracle.file["costs"], atol=1e-5, rtol=0)
    outputs = [oracle.reference.outputs(w, image) for w, (image, _) in zip(before, oracle.patterns, strict=True)]
    same("outputs", outputs, oracle.file["outs"], atol=1e-6, rtol=0)


@pytest.mark.parametrize("net", ["zip", "autoenc"])
def test_states_before_learning_are_those_of_sn(net):
    oracle = Oracle(net, "lm")
    outputs = [oracle.reference.outputs(oracle.start, image) for image, _ in oracle.patterns]
    costs = [oracle.reference.cost(oracle.start, image, d) for image, d in oracle.patterns]
    same("outputs", outputs, oracle.file["init_outputs"], atol=1e-6, rtol=0)
    same("costs", costs, oracle.file["init_costs"], atol=1e-5, rtol=0)
