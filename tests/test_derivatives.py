"""States, costs, gradients and curvatures of the package against the judge, for every kind of layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reference import Reference, costed, same, squashed

import sn89

Array = np.ndarray
DIAGONALS = ("levenberg-marquardt", "newton")

# What one rounding costs at most, relative to its result. A number that comes out of sums over some layers has been
# rounded some hundred times, mostly as a part of something larger than itself. So it may be off by 512 roundings of the
# largest number of its sort. Of 6,000 random nets nine of ten needed no more than 5, and the worst 132; a connection
# that is missing or in a wrong place costs a thousand times more.
EPSILON = 2.0**-24
ROUNDINGS = 512


def near(name: str, actual: Any, expected: Any, least: float = 0.0) -> None:
    """`actual` is `expected`, but for roundings of the largest expected number or, if that is more, of `least`."""
    same(name, actual, expected, atol=ROUNDINGS * EPSILON * max(least, np.abs(expected).max()), rtol=0)


def judge(net: sn89.Net) -> Reference:
    return Reference(net.input, net.layers, net.cost, net.squash)


def spread(net: sn89.Net, reference: Reference, seed: int = 1989) -> None:
    """Random parameters under which total inputs are of order 1: units neither idle nor saturated."""
    random = np.random.default_rng([seed, 1])
    net.parameters[:] = 1.5 * random.uniform(-1, 1, reference.free_parameters) / np.sqrt(reference.fan_in)


def picture(net: sn89.Net, *size: int, seed: int = 1989) -> Array:
    """A random image, of the input's size unless told otherwise."""
    size = size or (net.input.height, net.input.width)
    maps = (net.input.maps,) if net.input.maps > 1 else ()
    return np.random.default_rng([seed, 2]).uniform(-1, 1, (*maps, *size)).astype(np.float32)


def wish(net: sn89.Net, seed: int = 1989) -> Array:
    """Random desired outputs; positive and of sum 1 unless the cost takes any."""
    row = np.random.default_rng([seed, 3]).normal(size=net.outputs)
    if not isinstance(net.cost, sn89.HalfSquaredError):
        row = abs(row) / abs(row).sum()
    return row.astype(np.float32)


def row_of(net: sn89.Net, y: int | Array) -> Array:
    """The desired outputs that y stands for."""
    if not isinstance(y, int):
        return y
    half = isinstance(net.cost, sn89.HalfSquaredError)
    row = np.full(net.outputs, net.cost.low if half else 0.0)
    row[y] = net.cost.high if half else 1.0
    return row


def agree(net: sn89.Net, reference: Reference, image: Array, y: int | Array) -> None:
    """The net and the judge find the same states, cost and derivatives."""
    w, d = net.parameters.astype(np.float64), row_of(net, y)
    states, expected = net.states(image), reference.forward(w, image)
    assert list(states) == list(expected)
    np.testing.assert_array_equal(states["input"], expected["input"].astype(np.float32))
    for name, x in expected.items():
        near(f"states of {name}", states[name], x, least=1.0)
    x = reference.outputs(w, image)
    near("outputs", net(image), x, least=1.0)
    for output in net(np.stack([image, np.zeros_like(image), image]))[::2]:
        near("outputs in a batch", output, x, least=1.0)
    for diagonal in DIAGONALS:
        cost, gradient, curvature = net.derivatives(image, y, diagonal)
        C, g, c = reference.derivatives(w, image, d, newton=diagonal == "newton")
        near("cost", cost, C, least=max(1.0, np.abs(x).max()))
        assert gradient.shape == curvature.shape == g.shape
        assert diagonal == "newton" or curvature.min(initial=0) >= 0
        for layer, part in zip(reference.layers, reference.slices, strict=True):
            if layer.parameters:
                near(f"gradient of {layer.name}", gradient[part], g[part], least=np.abs(g).max())
                near(f"{diagonal} curvature of {layer.name}", curvature[part], c[part], least=np.abs(c).max())
    expected_back = reference.input_gradient(w, image, d)
    back = net.input_gradient(image, y)
    assert back.dtype == np.float32
    near("gradient of the input", back, expected_back[0] if net.input.maps == 1 else expected_back)


def is_alive(reference: Reference, w: Array, image: Array, d: Array) -> bool:
    """Whether something reaches every layer, so that agreeing with the judge says something."""
    g = reference.gradient(w, image, d)
    return all(g[part].any() for part in reference.slices if part.start < part.stop)


def check(net: sn89.Net, image: Array | None = None, y: int | Array = 1) -> None:
    """`agree`, with the first random parameters under which the pattern says something."""
    reference = judge(net)
    image = picture(net) if image is None else image
    for seed in range(10):
        spread(net, reference, seed)
        if is_alive(reference, net.parameters.astype(np.float64), image, row_of(net, y)):
            return agree(net, reference, image, y)
    pytest.fail("every pattern leaves some layer dead")


# ---- local connections -----------------------------------------------------------------------------------

# On planes of 7 x 9 units.
GEOMETRIES: dict[str, dict[str, Any]] = {
    "square field": {"kernel": 3},
    "one unit": {"kernel": 1},
    "one unit, stride 2": {"kernel": 1, "stride": 2},
    "row": {"kernel": (1, 5)},
    "column": {"kernel": (4, 1), "stride": (1, 2)},
    "the whole plane": {"kernel": (7, 9)},
    "the whole plane and its edge": {"kernel": (9, 13), "pad": (1, 2)},
    "stride 2, as the zip net": {"kernel": 5, "stride": 2, "pad": 2},
    "stride as large as the kernel": {"kernel": (2, 3), "stride": (2, 3)},
    "stride larger than the kernel": {"kernel": 2, "stride": 3},
    "stride larger than the kernel, over the edge": {"kernel": (1, 2), "stride": (3, 4), "pad": (2, 1)},
    "stride across only": {"kernel": (3, 4), "stride": (1, 3)},
    "stride down only": {"kernel": (4, 2), "stride": (3, 1), "pad": (0, 1)},
    "stride that leaves units over": {"kernel": 2, "stride": 4},
    "stride larger than the plane": {"kernel": 3, "stride": 20, "pad": 1},
    "edge": {"kernel": (3, 2), "pad": (2, 1), "background": 0.4},
    "edge without a state": {"kernel": 3, "pad": 2, "background": 0.0},
    "edge wider than the kernel": {"kernel": 2, "pad": (3, 4), "background": -0.3},
}
TABLE = ((2, 0), (1,), (0, 1, 2))


@pytest.mark.parametrize("table", [None, TABLE], ids=["all to all", "table"])
@pytest.mark.parametrize("bias", ["unit", "map", None])
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "not shared"])
@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES.keys())
def test_local_connections(geometry, shared, bias, table):
    """Between layers of which every unit has weights of its own, so that each number that passes is looked at."""
    net = sn89.Net(
        sn89.Input(7, 9, maps=2),
        sn89.Local("below", 3, 1, bias="unit", shared=False),
        sn89.Local("fields", 3, **geometry, bias=bias, table=table, shared=shared),
        sn89.Full("output", 3),
    )
    check(net)


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "not shared"])
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 8), (3, 17), (16, 16), (5, 33)])
def test_local_connections_of_every_width(size, shared):
    """Rows shorter than a vector of the core, as long as one or two, and with something left over."""
    height, width = size
    kernel, stride = (min(3, height), min(5, width)), (1, 2 if width > 8 else 1)
    net = sn89.Net(
        sn89.Input(height, width, maps=3),
        sn89.Local("first", 2, kernel, pad=(0, 2), shared=shared),
        sn89.Local("second", 2, 1, stride, shared=shared, bias="unit"),
        sn89.Full("output", 2),
    )
    check(net)


def test_local_connections_read_the_background_and_not_the_units_beside():
    net = sn89.Net(sn89.Input(2, 3), sn89.Local("a", 1, 3, pad=1, bias=None, background=100.0), squash=sn89.Linear())
    net["a"].kernels[:] = np.arange(9).reshape(1, 3, 3)
    image = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    edge = np.pad(image, 1, constant_values=100.0)
    expected = [[(edge[r : r + 3, c : c + 3] * net["a"].kernels[0]).sum() for c in range(3)] for r in range(2)]
    near("states", net.states(image)["a"], [expected])


# ---- the other kinds of layer, and all together ------------------------------------------------------------

PROTOTYPES = 0.5 * np.random.default_rng(7).normal(size=(3, 4))
STACKS: dict[str, list[Any]] = {
    "full": [sn89.Full("output", 3)],
    "full and full": [sn89.Full("A", 19), sn89.Full("output", 3)],
    "average": [sn89.Average("output", (6, 5))],
    "averages": [sn89.Average("A", (1, 5)), sn89.Average("B", (3, 2)), sn89.Full("output", 3)],
    "averages of one unit": [sn89.Average("A", 1), sn89.Full("output", 3)],
    "local and average": [sn89.Local("A", 4, (1, 3)), sn89.Average("B", (3, 4)), sn89.Full("output", 3)],
    "local as output": [sn89.Local("A", 3, 3, 2), sn89.Local("output", 3, 2, pad=1, table=TABLE)],
    "local not shared as output": [sn89.Local("A", 3, 3), sn89.Local("output", 1, (4, 7), shared=False)],
    "rbf": [sn89.Full("A", 4), sn89.RBF("output", PROTOTYPES)],
    "rbf in the middle": [sn89.Full("A", 4), sn89.RBF("B", PROTOTYPES), sn89.Full("output", 3)],
    "dropout": [sn89.Dropout("A", 0.4), sn89.Full("output", 3)],
    "dropout over maps, under maps": [
        sn89.Local("A", 3, 3),
        sn89.Dropout("B", 0.4),
        sn89.Local("C", 2, 2, pad=1, background=0.3),
        sn89.Dropout("D", 0.0),
        sn89.Full("output", 3),
    ],
    "dropout as output": [sn89.Full("A", 3), sn89.Dropout("output", 0.3)],
    "deep": [
        sn89.Local("A", 3, (3, 2), (1, 2), 1, "unit", table=TABLE, background=0.4),
        sn89.Average("B", (3, 1)),
        sn89.Local("C", 2, (1, 3), pad=(0, 1), shared=False, squash=sn89.Tanh()),
        sn89.Full("D", 4, squash=sn89.TanhLinear(0.5, 0.1)),
        sn89.RBF("output", PROTOTYPES),
    ],
}
SQUASHES: dict[str, sn89.Squash] = {
    "scaled tanh": sn89.ScaledTanh(),
    "another scaled tanh": sn89.ScaledTanh(0.8, 1.3),
    "tanh with a linear part": sn89.TanhLinear(0.666, 0.05),
    "tanh": sn89.Tanh(),
    "linear": sn89.Linear(),
    "relu": sn89.ReLU(),
}
COSTS: dict[str, sn89.Cost] = {
    "half-squared": sn89.HalfSquaredError(),
    "half-squared, other targets": sn89.HalfSquaredError(0.8, -0.1),
    "softmax": sn89.SoftmaxCrossEntropy(),
    "rbf": sn89.RBFDiscriminative(2.0),
}
stacks = pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS.keys())
RETINA = sn89.Input(6, 10, background=-0.7, maps=3)


@stacks
@pytest.mark.parametrize("squash", SQUASHES.values(), ids=SQUASHES.keys())
@pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS.keys())
def test_every_kind_of_layer_with_every_squashing_function_and_cost(stack, squash, cost):
    net = sn89.Net(RETINA, *stack, squash=squash, cost=cost)
    check(net, y=1)
    check(net, y=wish(net))


@pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS.keys())
def test_a_net_without_parameters(cost):
    net = sn89.Net(sn89.Input(2, 2), sn89.RBF("output", PROTOTYPES), cost=cost)
    assert net.free_parameters == 0
    agree(net, judge(net), picture(net), wish(net))


@pytest.mark.parametrize("kind", ["softmax", "rbf"])
@pytest.mark.parametrize("far", [200.0, -200.0, 1000.0])
def test_costs_of_far_outputs_do_not_overflow(kind, far):
    """exp(89) is more than float32 holds, and exp(-104) less; what counts is how far outputs are from each other."""
    cost = sn89.SoftmaxCrossEntropy() if kind == "softmax" else sn89.RBFDiscriminative(max(0.0, far) + 0.5)
    net = sn89.Net(sn89.Input(1, 3), sn89.Full("output", 3, squash=sn89.Linear()), cost=cost)
    net["output"].weights[:] = np.eye(3)
    net["output"].bias[:] = [far, far + 1, far - 1.5]
    agree(net, judge(net), np.zeros((1, 3), np.float32), 2)


def test_relu_is_flat_at_0():
    """Where the total input is exactly 0 as well as below."""
    net = sn89.Net(sn89.Input(1, 1), sn89.Full("output", 3), squash=sn89.ReLU())
    net.parameters[:] = [1, 1, 1, -0.5, 0, -1]  # total inputs of 0.5 - 0.5, 0.5 and 0.5 - 1
    cost, gradient, curvature = net.derivatives(np.array([[0.5]]), np.array([2.0, 2.0, 2.0]))
    assert cost == 0.5 * (2**2 + 1.5**2 + 2**2)
    np.testing.assert_array_equal(gradient, [0, -1.5 * 0.5, 0, 0, -1.5, 0])
    np.testing.assert_array_equal(curvature, [0, 0.5**2, 0, 0, 1, 0])


PAPERS = {
    "zip code": sn89.nets.zip_code,
    "fully connected": sn89.nets.fully_connected,
    "LeNet-1": sn89.nets.lenet1,
    "LeNet-1, softmax": sn89.nets.lenet1_softmax,
    # About as far as the prototypes are: further out, float32 leaves nothing of the curvature p (1 - p).
    "LeNet-5": lambda: sn89.nets.lenet5(cost=sn89.RBFDiscriminative(84.0)),
}


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS.keys())
def test_the_nets_of_the_papers(paper):
    """As they start, which is not far from 0."""
    net = paper()
    image = picture(net, 16, 16)
    agree(net, judge(net), image, 3)
    agree(net, judge(net), image, wish(net))


# ---- maps and sources by fours -------------------------------------------------------------------------------


FIELDS = [  # size of the planes, kernel, stride, pad
    (5, 5, 1, 0),
    (5, 4, 1, 0),
    (6, 5, 1, 0),
    (7, 3, 1, 1),
    (9, 5, 2, 2),
    (8, 3, 2, 0),
    (7, 2, (1, 2), 0),
    (9, 3, 3, 0),
]


@pytest.mark.parametrize("maps", [4, 5, 8, 11])
@pytest.mark.parametrize(("size", "kernel", "stride", "pad"), FIELDS)
def test_maps_and_sources_with_the_same_taps(maps, size, kernel, stride, pad):
    """They are worked four at a time, in whole vectors, which must not reach into the plane of a neighbour."""
    table = [range(maps)] * 4 + [range(maps - 1)] * 5 + [(maps - 1,)]
    net = sn89.Net(
        sn89.Input(size, size),
        sn89.Local("A", maps, 1, bias="unit"),
        sn89.Local("B", len(table), kernel, stride=stride, pad=pad, table=table),
        sn89.Full("output", 3),
        seed=maps,
    )
    check(net, picture(net, size, size))


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "not shared"])
@pytest.mark.parametrize(
    ("width", "kernel", "pad"),
    [
        (width, kernel, pad)
        for width in range(2, 10)
        for kernel in range(1, 8)
        for pad in range(5)
        if kernel <= width + 2 * pad and (width + 2 * pad - kernel) // 2 == 3 and width + pad >= 7
    ],
)
def test_maps_4_units_wide_at_a_stride_of_2(width, kernel, pad, shared, stride):
    """Two rows of them share a vector, where all numbers of a row that units have fit into one."""
    net = sn89.Net(
        sn89.Input(5, width),
        sn89.Local("A", 2, 1, bias="unit"),
        sn89.Local("B", 3, (3, kernel), (stride, 2), (1, pad), shared=shared),
        seed=width,
    )
    check(net, picture(net, 5, width))


@pytest.mark.parametrize("height", range(1, 15))
@pytest.mark.parametrize("width", [1, 2, 3, 9])
@pytest.mark.parametrize("pad", [(1, 0), (3, 0), (0, 1), (2, 3)])
@pytest.mark.parametrize("kernel", [(1, 1), (5, 1)])
def test_narrow_maps_below_a_border(height, width, pad, kernel):
    """Borders by chance as long as what rounds a map up, and rows shorter than a vector."""
    net = sn89.Net(
        sn89.Input(height + kernel[0] - 1, width),
        sn89.Local("A", 2, 1, bias="unit"),
        sn89.Local("B", 3, kernel, bias=None),
        sn89.Local("C", 2, (min(3, height + 2 * pad[0]), min(3, width + 2 * pad[1])), 1, pad, background=0.7),
        seed=height,
    )
    check(net, picture(net, height + kernel[0] - 1, width))


# ---- images smaller than the input -------------------------------------------------------------------------


@pytest.mark.parametrize("maps", [1, 2])
@pytest.mark.parametrize("image", [(1, 1), (3, 4), (4, 3), (5, 6), (6, 8), (7, 1), (7, 7), (7, 8)])
def test_images_are_centred_on_the_background(image, maps):
    """The odd row or column of background lies below or to the right."""
    net = sn89.Net(
        sn89.Input(7, 8, background=-0.6, maps=maps),
        sn89.Local("A", 2, (3, 2), pad=1, background=0.5),
        sn89.Full("output", 2),
    )
    X = picture(net, *image)
    top, left = (7 - image[0]) // 2, (8 - image[1]) // 2
    plane = np.full((maps, 7, 8), -0.6, np.float32)
    plane[:, top : top + image[0], left : left + image[1]] = X
    np.testing.assert_array_equal(net.states(X)["input"], plane)
    check(net, X)


# ---- nothing is left over ----------------------------------------------------------------------------------


def looked_at(net: sn89.Net, image: Array, y: int | Array) -> list[bytes]:
    """All that one pattern gives, to the bit."""
    told = [net.derivatives(image, y, diagonal) for diagonal in DIAGONALS]
    numbers = [*net.states(image).values(), net(image), *(part for one in told for part in one)]
    return [np.asarray(one).tobytes() for one in numbers]


@stacks
@pytest.mark.parametrize("sizes", [((6, 10), (6, 10)), ((4, 3), (6, 10)), ((6, 10), (1, 2))])
def test_nothing_is_left_over_from_other_patterns(stack, sizes):
    """A, then B, then A again; also where B covers less of the input, or more."""
    net = sn89.Net(RETINA, *stack)
    spread(net, judge(net))
    a, b = (picture(net, *size, seed=i) for i, size in enumerate(sizes))
    first = looked_at(net, a, 0)
    assert looked_at(net, b, 1) != first
    assert looked_at(net, a, 0) == first


def test_a_distorted_image_leaves_nothing_around_the_next_one():
    net = sn89.Net(sn89.Input(9, 10, background=-0.6), sn89.Full("output", 2))
    small, large = picture(net, 3, 4), picture(net, 9, 10)
    expected = net.states(small)["input"]
    patterns, rule = net.patterns(small[None], np.zeros(1, int)), sn89.SGD(1e-9).in_pass(1)
    for before in (small, large):
        net.states(before)
        net.present(rule, patterns, np.zeros(1, np.int64), distortion=sn89.Distortion(shift=3), seed=1)
        assert net.states(small)["input"].tobytes() == expected.tobytes()
        batch = net(np.stack([small] * 9))
        net(np.stack([large] * 9))
        assert net(np.stack([small] * 9)).tobytes() == batch.tobytes()


@stacks
def test_nothing_is_left_over_from_learning(stack):
    net = sn89.Net(RETINA, *stack)
    spread(net, judge(net))
    image, start = picture(net), net.parameters.copy()
    first = looked_at(net, image, 0)
    X = np.stack([picture(net, seed=i) for i in range(5)])
    sn89.train(net, X, np.zeros(5, int), rule=sn89.Newton(rate=0.01), passes=2, progress=False)
    assert looked_at(net, image, 0) != first
    net.parameters[:] = start
    assert looked_at(net, image, 0) == first


@stacks
def test_a_batch_gives_each_image_its_own_outputs(stack):
    """More images than two vectors hold, and an odd number of them. One alone has its sums in another order."""
    net = sn89.Net(RETINA, *stack)
    spread(net, judge(net))
    X = np.stack([picture(net, seed=i) for i in range(19)])
    for image, output in zip(X, net(X), strict=True):
        near("outputs", output, net(image), least=1.0)


@stacks
def test_outputs_do_not_depend_on_the_rest_of_the_batch(stack):
    """Not by a bit: neither on its size, nor on an image's place, nor on what lies beside it."""
    net = sn89.Net(RETINA, *stack)
    spread(net, judge(net))
    X = np.stack([picture(net, seed=i) for i in range(19)])
    outputs = net(X)
    assert net(X[::-1])[::-1].tobytes() == outputs.tobytes()
    for i, image in enumerate(X):
        assert net(np.stack([image, X[0]]))[0].tobytes() == outputs[i].tobytes()
    for count in range(2, 9):  # a few go one after another
        assert net(X[-count:]).tobytes() == outputs[-count:].tobytes()


# ---- nets at random ----------------------------------------------------------------------------------------

backgrounds = st.sampled_from([-1.0, 0.0, 0.6])
some_squash = st.none() | st.sampled_from(list(SQUASHES.values()))


@st.composite
def locals_on(draw, shape: tuple[int, ...], name: str) -> sn89.Local:
    pad = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    kernel = tuple(draw(st.integers(1, min(4, n + 2 * p))) for n, p in zip(shape[1:], pad, strict=True))
    row = st.lists(st.integers(0, shape[0] - 1), min_size=1, max_size=3, unique=True)
    table = draw(st.none() | st.lists(row, min_size=1, max_size=3))
    return sn89.Local(
        name,
        maps=len(table) if table else draw(st.integers(1, 3)),
        kernel=kernel,
        stride=draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        pad=pad,
        bias=draw(st.sampled_from(["unit", "map", None])),
        table=table,
        shared=draw(st.booleans()),
        background=draw(backgrounds),
        squash=draw(some_squash),
    )


@st.composite
def averages_on(draw, shape: tuple[int, ...], name: str) -> sn89.Average:
    size = (draw(st.sampled_from([k for k in range(1, n + 1) if n % k == 0])) for n in shape[1:])
    return sn89.Average(name, tuple(size), draw(some_squash))


@st.composite
def rbfs_on(draw, shape: tuple[int, ...], name: str) -> sn89.RBF:
    """Prototypes close enough together for none to be the nearest by far."""
    random, inputs = np.random.default_rng(draw(st.integers(0, 99))), int(np.prod(shape))
    return sn89.RBF(name, random.normal(size=(draw(st.integers(1, 4)), inputs)) / np.sqrt(inputs))


def fulls_on(shape: tuple[int, ...], name: str) -> st.SearchStrategy:
    return st.builds(sn89.Full, st.just(name), st.integers(1, 5), some_squash)


@st.composite
def nets(draw) -> sn89.Net:
    """One to three layers, each of any kind that fits the one below."""
    retina = sn89.Input(draw(st.integers(1, 6)), draw(st.integers(1, 19)), draw(backgrounds), draw(st.integers(1, 3)))
    layers: list[Any] = []
    shape: tuple[int, ...] = (retina.maps, retina.height, retina.width)
    for name in "ABC"[: draw(st.integers(1, 3))]:
        kinds = [fulls_on] if len(shape) == 1 else [locals_on, locals_on, averages_on, fulls_on]
        layers.append(draw(draw(st.sampled_from(kinds))(shape, name)))
        shape = Reference(retina, layers, sn89.HalfSquaredError(), sn89.Tanh()).layers[-1].shape
    if np.prod(shape) <= 6 and draw(st.booleans()):
        layers.append(draw(rbfs_on(shape, "D")))
        shape = (len(layers[-1].prototypes),)
    few = 2 <= np.prod(shape) <= 8
    cost = draw(st.sampled_from(list(COSTS.values()))) if few else sn89.HalfSquaredError()
    return sn89.Net(retina, *layers, squash=draw(st.sampled_from(list(SQUASHES.values()))), cost=cost)


def is_steep(reference: Reference, w: Array, image: Array, d: Array) -> bool:
    """Whether every layer, the cost and some parameter respond to a change.

    Where all is flat, f' = A S (1 - t^2), p - d and p (1 - p) are small differences of numbers of order 1, of which
    float32 leaves little.
    """
    runs = reference._run(w, image)
    slopes = [squashed(layer.squash, run.a)[1] for layer, run in zip(reference.layers, runs, strict=True)]
    _, slope, hessian = costed(reference.declared_cost, runs[-1].x, d)
    derivatives = [one for newton in (True, False) for one in reference.derivatives(w, image, d, newton)[1:]]
    return min(np.abs(one).max() for one in (*slopes, slope, np.diag(hessian), *derivatives)) > 0.2


@settings(max_examples=200, derandomize=True)
@given(nets(), st.integers(0, 2**32 - 1), st.data())
def test_nets_at_random(net, seed, data):
    reference = judge(net)
    spread(net, reference, seed)
    size = (data.draw(st.integers(1, n)) for n in (net.input.height, net.input.width))
    image = picture(net, *size, seed=seed)
    y = wish(net, seed) if data.draw(st.booleans()) else data.draw(st.integers(0, net.outputs - 1))
    w, d = net.parameters.astype(np.float64), row_of(net, y)
    assume(is_steep(reference, w, image, d))
    agree(net, reference, image, y)
