"""The judge: a simulator in float64 NumPy that shares nothing with the package but the declarations.

A net is written out as the list of its connections, the way SN itself kept it: one after the other, each
to a unit, from a unit of the layer below, with a parameter. Whatever is shared, skipped or past an edge is
in that list; the passes are then one line per equation. Two units below every layer never change: the
background, whose state a connection past the edge reads, and the bias unit, whose state is 1.

Slow on purpose. Notation is that of the papers: a total input, x = f(a) state, y = dC/da, s = d2C/dx2,
h = d2C/da2, d desired output, w parameters, H curvatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray
Shape = tuple[int, ...]
Key = tuple[str | int, ...]  # what a parameter is for
Pattern = tuple[Any, Any]  # image, desired outputs


# ---- comparing -----------------------------------------------------------------------------------------


def same(name: str, actual: Any, expected: Any, *, atol: float = 1e-6, rtol: float = 1e-6) -> None:
    """Fail unless `actual` is `expected`, number by number and place by place.

    Besides ``|actual - expected| <= atol + rtol * |expected|`` everywhere, both must be finite and of one
    shape, with no broadcasting, and the largest difference must be under a tenth of the largest expected
    number: however loose the tolerance, zeros do not pass for small numbers, nor do the same small numbers
    in another order.
    """
    actual, expected = np.asarray(actual, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    assert actual.shape == expected.shape, f"{name}: shape {actual.shape}, expected {expected.shape}"
    assert expected.size > 0, f"{name}: nothing to compare"
    assert np.isfinite(expected).all(), f"{name}: the expected numbers are not finite"
    assert np.isfinite(actual).all(), f"{name}: not finite"
    difference = np.abs(actual - expected)
    excess = difference - (atol + rtol * np.abs(expected))
    worst = np.unravel_index(np.argmax(excess), excess.shape)
    assert excess[worst] <= 0, (
        f"{name}: {np.count_nonzero(excess > 0)} of {excess.size} differ, most at "
        f"{tuple(int(i) for i in worst)}: {actual[worst]!r}, expected {expected[worst]!r}"
    )
    largest = np.abs(expected).max()
    assert largest == 0 or difference.max() <= 0.1 * largest, (
        f"{name}: within the tolerance, but off by {difference.max():.3g} where the largest is {largest:.3g}"
    )


# ---- squashing functions and costs ---------------------------------------------------------------------


def squashed(squash: Any, a: Array) -> tuple[Array, Array, Array]:
    """f(a), f'(a) and f''(a)."""
    if squash.kind == "linear":
        return a, np.ones_like(a), np.zeros_like(a)
    if squash.kind == "relu":
        return np.maximum(a, 0.0), np.where(a > 0, 1.0, 0.0), np.zeros_like(a)
    assert squash.kind == "tanh", squash
    A, S, D = squash.constants
    t = np.tanh(S * a)
    return A * t + D * a, A * S * (1 - t**2) + D, -2 * A * S**2 * t * (1 - t**2)


def log_sum_exp(z: Array) -> float:
    """Logarithm of the sum of exp(z)."""
    return float(z.max() + np.log(np.exp(z - z.max()).sum()))


def costed(cost: Any, x: Array, d: Array) -> tuple[float, Array, Array]:
    """C of the outputs x, its gradient dC/dx, and its whole Hessian (the passes use the diagonal)."""
    if cost.kind == "half-squared":
        return 0.5 * float(((d - x) ** 2).sum()), x - d, np.eye(x.size)
    if cost.kind == "softmax":
        total = log_sum_exp(x)
        p = np.exp(x - total)
        return float((d * (total - x)).sum()), p * d.sum() - d, (np.diag(p) - np.outer(p, p)) * d.sum()
    assert cost.kind == "rbf", cost
    total = log_sum_exp(np.append(-x, -cost.j))
    p = np.exp(-x - total)
    return float((d * x).sum()) + total, d - p, np.diag(p) - np.outer(p, p)


def pulled(cost: Any, x: Array, d: Array) -> Array:
    """Of dC/dx what is positive: of each term by itself, where C is a sum of terms that are linear or log-sum-exp."""
    dx = costed(cost, x, d)[1]
    return np.maximum(dx, 0) if cost.kind == "half-squared" else d if cost.kind == "rbf" else dx + d


# ---- layers, written out -------------------------------------------------------------------------------


class Connections:
    """Connections of one layer, one by one; parameters are numbered in the order of their first use.

    `below` is the shape of the layer below, whose units are numbered (map, row, column); then come the
    background and the bias unit.
    """

    def __init__(self, below: Shape) -> None:
        self.below = below
        self.background = int(np.prod(below))
        self.bias = self.background + 1
        self.rows: list[tuple[int, int, int]] = []
        self.parameters: dict[Key, int] = {}

    def unit_below(self, k: int, row: int, column: int) -> int:
        """Number of the unit of map k at (row, column), or the background past the edges."""
        _, height, width = self.below
        inside = 0 <= row < height and 0 <= column < width
        return (k * height + row) * width + column if inside else self.background

    def add(self, to: int, source: int, parameter: Key) -> None:
        """One connection; those with an equal `parameter` share it."""
        self.rows.append((to, source, self.parameters.setdefault(parameter, len(self.parameters))))


def write_local(layer: Any, below: Shape) -> tuple[Shape, Connections]:
    """Unit (r, c) of map m reads the kernel's field on every map of its row of the table."""
    (kh, kw), (sh, sw), (ph, pw) = layer.kernel, layer.stride, layer.pad
    sources, rows_below, columns_below = below
    height = (rows_below + 2 * ph - kh) // sh + 1
    width = (columns_below + 2 * pw - kw) // sw + 1
    table = layer.table if layer.table is not None else [range(sources)] * layer.maps
    assert len(table) == layer.maps, layer
    written = Connections(below)
    for m, seen in enumerate(table):
        for slot, k in enumerate(seen):
            for i, j, r, c in product(range(kh), range(kw), range(height), range(width)):
                source = written.unit_below(k, r * sh - ph + i, c * sw - pw + j)
                weight = ("weight", m, slot, i, j) if layer.shared else ("weight", m, slot, i, j, r, c)
                written.add((m * height + r) * width + c, source, weight)
    if layer.bias is not None:
        for m, r, c in product(range(layer.maps), range(height), range(width)):
            bias = ("bias", m) if layer.bias == "map" else ("bias", m, r, c)
            written.add((m * height + r) * width + c, written.bias, bias)
    return (layer.maps, height, width), written


def write_average(layer: Any, below: Shape) -> tuple[Shape, Connections]:
    """Unit (r, c) of map m reads its own block of map m, every unit of it through the map's one weight."""
    bh, bw = layer.size
    maps, height, width = below[0], below[1] // bh, below[2] // bw
    assert (height * bh, width * bw) == below[1:], f"blocks {layer.size} do not tile {below}"
    written = Connections(below)
    for m, r, c in product(range(maps), range(height), range(width)):
        for i, j in product(range(bh), range(bw)):
            source = written.unit_below(m, r * bh + i, c * bw + j)
            written.add((m * height + r) * width + c, source, ("weight", m))
    for m, r, c in product(range(maps), range(height), range(width)):
        written.add((m * height + r) * width + c, written.bias, ("bias", m))
    return (maps, height, width), written


def write_full(layer: Any, below: Shape) -> tuple[Shape, Connections]:
    """Every unit reads every unit below."""
    written = Connections(below)
    for to, source in product(range(layer.units), range(int(np.prod(below)))):
        written.add(to, source, ("weight", to, source))
    for to in range(layer.units):
        written.add(to, written.bias, ("bias", to))
    return (layer.units,), written


WRITE = {"local": write_local, "average": write_average, "full": write_full}


class Weighted:
    """A layer of weighted sums: connection n takes ``w[parameter[n]] * x[source[n]]`` to unit ``to[n]``.

    Attributes
    ----------
    name, shape
        Name, and shape of the states: (maps, height, width), or (units,) of a full layer.
    units, connections, parameters : int
        How many there are.
    to, source, parameter : ndarray of int, shape (connections,)
        The connections. `source` counts the units below, then the background, then the bias unit.
    fan_in : ndarray of int, shape (parameters,)
        Inputs of a unit that uses the parameter, its bias counted.
    """

    def __init__(self, layer: Any, below: Shape, squash: Any) -> None:
        self.name, self.squash = layer.name, layer.squash if layer.squash is not None else squash
        self.shape, written = WRITE[layer.kind](layer, below)
        self.to, self.source, self.parameter = np.array(written.rows, dtype=np.intp).T
        self.units, self.connections = int(np.prod(self.shape)), len(written.rows)
        self.parameters, self.units_below = len(written.parameters), int(np.prod(below))
        # Only local connections run past an edge; were another layer to read the background, NaN would tell.
        self.background = layer.background if layer.kind == "local" else np.nan
        self.fan_in = np.zeros(self.parameters, dtype=np.intp)
        self.fan_in[self.parameter] = np.bincount(self.to)[self.to]

    def _below(self, x: Array) -> Array:
        """States below, background and bias unit included."""
        return np.concatenate([x, [self.background, 1.0]])

    def total_input(self, w: Array, x: Array) -> Array:
        """a_i = sum of w x."""
        return np.bincount(self.to, w[self.parameter] * self._below(x)[self.source], self.units)

    def gradient(self, x: Array, y: Array) -> Array:
        """g_u = sum of y_i x_j over the connections that share u."""
        return np.bincount(self.parameter, y[self.to] * self._below(x)[self.source], self.parameters)

    def curvature(self, x: Array, h: Array) -> Array:
        """Sum of h_i x_j^2 over the connections that share u; no cross terms."""
        return np.bincount(self.parameter, h[self.to] * self._below(x)[self.source] ** 2, self.parameters)

    def back(self, w: Array, x: Array, y: Array) -> Array:
        """dC/dx_j = sum of w y_i, for the units below."""
        return np.bincount(self.source, w[self.parameter] * y[self.to], x.size + 2)[: x.size]

    def back2(self, w: Array, x: Array, y: Array, h: Array, newton: bool) -> Array:
        """s_j = sum of w^2 h_i, for the units below."""
        return np.bincount(self.source, w[self.parameter] ** 2 * h[self.to], x.size + 2)[: x.size]


class OneToOne:
    """A dropout layer, which leaves nothing out but in learning: a_i = m_i x_i with m_i = 1.

    Attributes as of `Weighted`; `m`, shape (units,), may be set to what a presentation for learning has.
    """

    def __init__(self, layer: Any, below: Shape, squash: Any) -> None:
        self.name, self.squash, self.shape = layer.name, layer.squash, below
        self.units = self.units_below = self.connections = int(np.prod(below))
        self.parameters, self.fan_in = 0, np.zeros(0, dtype=np.intp)
        self.m = np.ones(self.units)

    def total_input(self, w: Array, x: Array) -> Array:
        return self.m * x

    def gradient(self, x: Array, y: Array) -> Array:
        return np.zeros(0)

    def curvature(self, x: Array, h: Array) -> Array:
        return np.zeros(0)

    def back(self, w: Array, x: Array, y: Array) -> Array:
        return self.m * y

    def back2(self, w: Array, x: Array, y: Array, h: Array, newton: bool) -> Array:
        return self.m**2 * h


class Distance:
    """An RBF layer: a_i = sum_j (x_j - w_ij)^2, no free parameter; attributes as of `Weighted`."""

    def __init__(self, layer: Any, below: Shape, squash: Any) -> None:
        self.name, self.squash = layer.name, layer.squash
        self.prototypes = np.asarray(layer.prototypes, dtype=np.float64)
        self.units, self.units_below = self.prototypes.shape
        assert self.units_below == np.prod(below), f"prototypes {self.prototypes.shape} on {below}"
        assert layer.squash.kind == "linear", layer.squash
        self.shape, self.connections, self.parameters = (self.units,), self.prototypes.size, 0
        self.fan_in = np.zeros(0, dtype=np.intp)
        self.pull: Array | None = None  # of the cost, if this is the last layer

    def total_input(self, w: Array, x: Array) -> Array:
        return ((x - self.prototypes) ** 2).sum(axis=1)

    def gradient(self, x: Array, y: Array) -> Array:
        return np.zeros(0)

    def curvature(self, x: Array, h: Array) -> Array:
        return np.zeros(0)

    def back(self, w: Array, x: Array, y: Array) -> Array:
        """dC/dx_j = sum_i y_i 2 (x_j - w_ij)."""
        return y @ (2 * (x - self.prototypes))

    def back2(self, w: Array, x: Array, y: Array, h: Array, newton: bool) -> Array:
        """s_j = sum_i h_i (2 (x_j - w_ij))^2 + 2 y_i, the distance's own curvature; LM: of y_i what is positive."""
        s = h @ (2 * (x - self.prototypes)) ** 2
        positive = np.maximum(y, 0) if self.pull is None else self.pull
        return s + 2 * (y if newton else positive).sum()


KINDS: dict[str, Any] = {"rbf": Distance, "dropout": OneToOne}


# ---- the net -------------------------------------------------------------------------------------------


class Run(NamedTuple):
    """What a forward pass leaves behind at one layer: states below, total inputs, states."""

    below: Array
    a: Array
    x: Array


class Reference:
    """A declared net, written out connection by connection.

    Parameters
    ----------
    input, layers, cost, squash
        The declarations: `sn89.Input`, layers in order, a cost, and the squashing function of the layers
        that have none of their own. Only their plain attributes are read.

    Attributes
    ----------
    layers : list of Weighted, Distance or OneToOne
        The layers, each with `name`, `shape`, `units`, `connections`, `parameters`.
    slices : list of slice
        Where the parameters of each layer stand in the parameter vector.
    units, connections, free_parameters : int
        Totals; the units include the input's.
    fan_in : ndarray of int, shape (free_parameters,)
        Inputs, bias counted, of a unit that uses the parameter.

    Notes
    -----
    `w` is the parameter vector: layers in order, of each the weights, then the biases. `image` has shape
    (height, width) or (maps, height, width); `d` has as many numbers as there are outputs.
    """

    def __init__(self, input: Any, layers: Sequence[Any], cost: Any, squash: Any) -> None:
        self.declared_input, self.declared_cost = input, cost
        self.layers: list[Weighted | Distance | OneToOne] = []
        below: Shape = (input.maps, input.height, input.width)
        for layer in layers:
            self.layers.append(KINDS.get(layer.kind, Weighted)(layer, below, squash))
            below = self.layers[-1].shape
        ends = np.cumsum([layer.parameters for layer in self.layers])
        self.slices = [
            slice(int(end) - layer.parameters, int(end)) for layer, end in zip(self.layers, ends, strict=True)
        ]
        self.units = self.layers[0].units_below + sum(layer.units for layer in self.layers)
        self.connections = sum(layer.connections for layer in self.layers)
        self.free_parameters = int(ends[-1])
        self.fan_in = np.concatenate([layer.fan_in for layer in self.layers])

    # -- public: one image --

    def forward(self, w: Array, image: Any) -> dict[str, Array]:
        """States of the input (called "input") and of every layer, by name."""
        runs = self._run(w, image)
        states = {"input": self._plane(image)}
        for layer, run in zip(self.layers, runs, strict=True):
            states[layer.name] = run.x.reshape(layer.shape)
        return states

    def outputs(self, w: Array, image: Any) -> Array:
        """States of the last layer, flat."""
        return self._run(w, image)[-1].x

    def cost(self, w: Array, image: Any, d: Any) -> float:
        """C of one pattern."""
        x = self.outputs(w, image)
        return costed(self.declared_cost, x, self._desired(x, d))[0]

    def gradient(self, w: Array, image: Any, d: Any) -> Array:
        """dC/dw."""
        return self.derivatives(w, image, d, newton=False)[1]

    def input_gradient(self, w: Array, image: Any, d: Any) -> Array:
        """dC/dx of the input's units, (maps, height, width)."""
        runs = self._run(w, image)
        x = runs[-1].x
        ys = self._backward(w, runs, costed(self.declared_cost, x, self._desired(x, d))[1])[1]
        below = self.layers[0].back(self._vector(w)[self.slices[0]], runs[0].below, ys[0])
        return below.reshape(self._plane(image).shape)

    def curvature(self, w: Array, image: Any, d: Any, newton: bool) -> Array:
        """The diagonal approximation of d2C/dw2: Newton's, or Levenberg-Marquardt's."""
        return self.derivatives(w, image, d, newton)[2]

    def derivatives(self, w: Array, image: Any, d: Any, newton: bool) -> tuple[float, Array, Array]:
        """C, gradient and curvature of one pattern, in one go: both backward passes see the same weights."""
        runs = self._run(w, image)
        x = runs[-1].x
        C, dx, hessian = costed(self.declared_cost, x, self._desired(x, d))
        g, ys, dxs = self._backward(w, runs, dx)
        self.layers[-1].pull = pulled(self.declared_cost, x, self._desired(x, d))
        return C, g, self._backward2(w, runs, ys, dxs, np.diag(hessian), newton)

    def jacobian(self, w: Array, image: Any) -> Array:
        """dx_k/dw_u of every output k and parameter u, exact, sharing and all."""
        runs = self._run(w, image)
        return np.array([self._backward(w, runs, row)[0] for row in np.eye(self.layers[-1].units)])

    def exact_gauss_newton_diagonal(self, w: Array, image: Any, d: Any) -> Array:
        """Diagonal of J' (d2C/dxdx) J, with nothing dropped.

        Levenberg-Marquardt's curvature equals it where a parameter reaches every output by one path and
        the outputs do not meet in the cost: one hidden layer without sharing, under half squared error.
        """
        x, J = self.outputs(w, image), self.jacobian(w, image)
        hessian = costed(self.declared_cost, x, self._desired(x, d))[2]
        return np.einsum("ku,kl,lu->u", J, hessian, J)

    # -- the passes --

    def _run(self, w: Array, image: Any) -> list[Run]:
        w = self._vector(w)
        x, runs = self._plane(image).ravel(), []
        for layer, part in zip(self.layers, self.slices, strict=True):
            a = layer.total_input(w[part], x)
            runs.append(Run(x, a, squashed(layer.squash, a)[0]))
            x = runs[-1].x
        return runs

    def _backward(self, w: Array, runs: list[Run], dx: Array) -> tuple[Array, list[Array], list[Array]]:
        """Gradient, and of every layer y and dC/dx, from dC/dx of the outputs."""
        w, g = self._vector(w), np.zeros(self.free_parameters)
        ys: list[Array] = []
        dxs: list[Array] = []
        for layer, part, run in self._reversed(runs):
            y = squashed(layer.squash, run.a)[1] * dx
            g[part] = layer.gradient(run.below, y)
            ys.insert(0, y)
            dxs.insert(0, dx)
            dx = layer.back(w[part], run.below, y)
        return g, ys, dxs

    def _backward2(self, w: Array, runs: list[Run], ys: list[Array], dxs: list[Array], s: Array, newton: bool) -> Array:
        """Curvature, from what the first backward pass left and from s of the outputs."""
        w, c = self._vector(w), np.zeros(self.free_parameters)
        firsts = zip(reversed(ys), reversed(dxs), strict=True)
        for (layer, part, run), (y, dx) in zip(self._reversed(runs), firsts, strict=True):
            _, f1, f2 = squashed(layer.squash, run.a)
            h = f1**2 * s + f2 * dx if newton else f1**2 * s
            c[part] = layer.curvature(run.below, h)
            s = layer.back2(w[part], run.below, y, h, newton)
        return c

    # -- checked arguments --

    def _plane(self, image: Any) -> Array:
        """The input planes with `image` in their centre."""
        image = np.asarray(image, dtype=np.float64)
        image = image[np.newaxis] if image.ndim == 2 else image
        declared = self.declared_input
        room = (declared.maps, declared.height, declared.width)
        if image.ndim != 3 or image.shape[0] != room[0] or (np.array(image.shape) > room).any():
            raise ValueError(f"an image of shape {image.shape} on an input of shape {room}")
        plane = np.full(room, float(declared.background))
        _, height, width = image.shape
        top, left = (room[1] - height) // 2, (room[2] - width) // 2
        plane[:, top : top + height, left : left + width] = image
        return plane

    def _vector(self, w: Array) -> Array:
        w = np.asarray(w, dtype=np.float64)
        if w.shape != (self.free_parameters,):
            raise ValueError(f"parameters of shape {w.shape} for a net with {self.free_parameters}")
        return w

    def _desired(self, x: Array, d: Any) -> Array:
        d = np.asarray(d, dtype=np.float64).ravel()
        if d.shape != x.shape:
            raise ValueError(f"{d.size} desired outputs for {x.size} outputs")
        return d

    def _reversed(self, runs: list[Run]) -> Iterable[tuple[Any, slice, Run]]:
        return reversed(list(zip(self.layers, self.slices, runs, strict=True)))


# ---- learning ------------------------------------------------------------------------------------------


class Trajectory(NamedTuple):
    """What a rule did, presentation by presentation.

    Attributes
    ----------
    w : ndarray, shape (presentations, free_parameters)
        Parameters after each presentation.
    H : ndarray of the same shape
        Curvature that each update divided by; zeros of the first-order rule, which has none.
    costs : ndarray, shape (presentations,)
        Cost of each pattern before its update.
    """

    w: Array
    H: Array
    costs: Array


# `kept` is 1 for a parameter that learns and 0 for one that is deleted: what a rule makes of it is multiplied by it.


def train_sgd(
    net: Reference, w: Array, patterns: Iterable[Pattern], rate: float, kept: Array | float = 1.0
) -> Trajectory:
    """Plain on-line gradient: u <- u - rate g_u."""
    w, history = np.asarray(w, dtype=np.float64), []
    for image, d in patterns:
        C, g, _ = net.derivatives(w, image, d, newton=False)
        w = kept * (w - rate * g)
        history.append((w, np.zeros_like(w), C))
    return Trajectory(*map(np.array, zip(*history, strict=True)))


def train_running(
    net: Reference,
    w: Array,
    patterns: Iterable[Pattern],
    *,
    newton: bool,
    epsilon: float = 0.0005,
    mu: float = 0.05,
    gamma: float = 0.05,
    H: Array | None = None,
    kept: Array | float = 1.0,
) -> Trajectory:
    """SN's rule: H <- (1 - gamma) H + gamma c, then u <- u - epsilon g / (mu + |H|). H starts at 0."""
    w, history = np.asarray(w, dtype=np.float64), []
    H = np.zeros_like(w) if H is None else np.asarray(H, dtype=np.float64)
    for image, d in patterns:
        C, g, c = net.derivatives(w, image, d, newton)
        H = kept * ((1 - gamma) * H + gamma * c)
        w = kept * (w - epsilon * g / (mu + np.abs(H)))
        history.append((w, H, C))
    return Trajectory(*map(np.array, zip(*history, strict=True)))


def train_adamw(
    net: Reference,
    w: Array,
    patterns: Iterable[Pattern],
    *,
    rate: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
    kept: Array | float = 1.0,
) -> Trajectory:
    """AdamW, as its authors write it; H is the mean square of the gradient."""
    w, history = np.asarray(w, dtype=np.float64), []
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t, (image, d) in enumerate(patterns, start=1):
        C, g, _ = net.derivatives(w, image, d, newton=False)
        m = kept * (betas[0] * m + (1 - betas[0]) * g)
        v = kept * (betas[1] * v + (1 - betas[1]) * g**2)
        step = (m / (1 - betas[0] ** t)) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
        w = kept * (w - rate * (step + weight_decay * w))
        history.append((w, v, C))
    return Trajectory(*map(np.array, zip(*history, strict=True)))


def mean_curvature(net: Reference, w: Array, patterns: Iterable[Pattern], *, newton: bool = False) -> Array:
    """The H of 1998: mean of the curvatures of some patterns."""
    return np.mean([net.curvature(w, image, d, newton) for image, d in patterns], axis=0)


def train_fixed(
    net: Reference,
    w: Array,
    patterns: Iterable[Pattern],
    H: Array,
    *,
    epsilon: float,
    mu: float = 0.02,
    kept: Array | float = 1.0,
) -> Trajectory:
    """The rule of 1998: u <- u - epsilon g / (mu + |H|), with an H that stays."""
    w, H, history = np.asarray(w, dtype=np.float64), np.asarray(H, dtype=np.float64), []
    for image, d in patterns:
        C, g, _ = net.derivatives(w, image, d, newton=False)
        w = kept * (w - epsilon * g / (mu + np.abs(H)))
        history.append((w, H, C))
    return Trajectory(*map(np.array, zip(*history, strict=True)))
