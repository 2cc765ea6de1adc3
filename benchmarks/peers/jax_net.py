"""JAX, one thread: compiled by XLA, a whole pass in one call, with kernels applied to columns of states."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np

from sn89 import Net

from . import AMPLITUDE, BACKGROUND, GROUPS, SLOPE, MissingError, flat, parameters

# Before JAX is imported: its threads would only wait for each other on one processor.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

try:
    import jax
    from jax import numpy as jnp
except ImportError:
    jax = None


def squashed(a: jax.Array) -> jax.Array:
    """A tanh(S a)."""
    return AMPLITUDE * jnp.tanh(SLOPE * a)


def columns(x: jax.Array) -> jax.Array:
    """The states that each weight of a 5x5 kernel is multiplied with: maps (m, 2n, 2n) to (25 m, n n)."""
    maps, side = len(x), x.shape[1] // 2
    bordered = jnp.pad(x, ((0, 0), (2, 2), (2, 2)), constant_values=BACKGROUND)
    places = [bordered[:, i : i + 2 * side : 2, j : j + 2 * side : 2] for i in range(5) for j in range(5)]
    return jnp.stack(places, 1).reshape(25 * maps, side * side)


def outputs(p: dict[str, jax.Array], image: jax.Array) -> jax.Array:
    """The net: an image (16, 16) to (10,)."""
    x = squashed(p["H1 weights"].reshape(12, 25) @ columns(image[None]) + p["H1 bias"].reshape(12, 64))
    seen = columns(x.reshape(12, 8, 8)).reshape(12, 25, 16)
    kernels, maps = p["H2 weights"].reshape(12, 200), []
    for group, parts in enumerate(GROUPS):
        source = jnp.concatenate([seen[first:end] for first, end in parts]).reshape(200, 16)
        maps.append(kernels[4 * group : 4 * group + 4] @ source)
    x = squashed(jnp.concatenate(maps) + p["H2 bias"].reshape(12, 16)).ravel()
    x = squashed(p["H3 weights"] @ x + p["H3 bias"])
    return squashed(p["output weights"] @ x + p["output bias"])


def learned(p: dict[str, jax.Array], X: jax.Array, targets: jax.Array, rate: float) -> dict[str, jax.Array]:
    """The parameters after a first-order step for each pattern, one after another."""

    def cost(p: dict[str, jax.Array], image: jax.Array, target: jax.Array) -> jax.Array:
        return 0.5 * ((outputs(p, image) - target) ** 2).sum()

    def step(p: dict[str, jax.Array], pattern: tuple[jax.Array, jax.Array]) -> tuple[dict[str, jax.Array], None]:
        return jax.tree.map(lambda u, g: u - rate * g, p, jax.grad(cost)(p, *pattern)), None

    return jax.lax.scan(step, p, (X, targets))[0]


def require() -> None:
    """Say what to do if JAX is not there."""
    if jax is None:
        raise MissingError("JAX is not installed (pip install jax)")


def trainer(net: Net, X: np.ndarray, targets: np.ndarray, rate: float, nets: int = 1) -> Callable[[], np.ndarray]:
    """A call that presents every pattern once to every net, and returns the parameters of the first net.

    One net learns by a scan over the patterns; several learn side by side, each of them from the same patterns.
    """
    require()
    start = {name: jnp.asarray(value) for name, value in parameters(net).items()}
    one = jax.jit(lambda p: learned(p, X, targets, rate))
    if nets == 1:
        return lambda: flat(one(start))
    several = jax.jit(jax.vmap(lambda p: learned(p, X, targets, rate)))
    starts = {name: jnp.stack([value] * nets) for name, value in start.items()}

    def call() -> np.ndarray:
        return flat({name: value[0] for name, value in several(starts).items()})

    return call


def evaluator(net: Net, X: np.ndarray, batch: int) -> Callable[[], np.ndarray]:
    """A call that gives the outputs for X, so many at a time."""
    require()
    p = {name: jnp.asarray(value) for name, value in parameters(net).items()}
    compiled = jax.jit(jax.vmap(lambda image: outputs(p, image)))
    return lambda: np.concatenate([compiled(X[i : i + batch]) for i in range(0, len(X), batch)])
