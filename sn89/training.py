"""train(): passes over a training set, measured as they go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

import numpy as np

from .arguments import LARGEST_COUNT, LARGEST_SEED, instance, whole
from .costs import HalfSquaredError
from .distortions import Distortion
from .measure import Measurement
from .net import Net, Patterns
from .rules import AdamW, Rule, RuleState, StochasticDiagonalLM

Array = np.ndarray
Callback = Callable[[Net, "History"], Any]
Order = Literal["given", "shuffle"]


class DivergedError(ArithmeticError):
    """The cost or a parameter became infinite or NaN; the net is as it was before that pass."""


@dataclass(frozen=True)
class Pass:
    """One pass over the training set.

    Attributes
    ----------
    number : int
        Counted from 1, from the start of this training.
    cost : float
        The mean cost of the patterns, each before its own update.
    seconds : float
        Of learning alone; measuring is not counted.
    train, test : Measurement or None
        Measured after the pass, where asked for.
    """

    number: int
    cost: float
    seconds: float
    train: Measurement | None = None
    test: Measurement | None = None


@dataclass
class History:
    """What happened in a training.

    Attributes
    ----------
    rule : Rule
        The learning rule.
    passes : list of Pass
        One for each pass.
    state : RuleState or None
        What the rule remembers at the end: hand it to the next `train` to go on.
    """

    rule: Rule
    passes: list[Pass] = field(default_factory=list)
    state: RuleState | None = field(default=None, repr=False)

    @property
    def train(self) -> list[Measurement]:
        """The measurements on the training set, pass by pass."""
        return [one.train for one in self.passes if one.train]

    @property
    def test(self) -> list[Measurement]:
        """The measurements on the test set, pass by pass."""
        return [one.test for one in self.passes if one.test]

    @property
    def curvature(self) -> Array | None:
        """The rule's curvature at the end, float32, (free_parameters,)."""
        return self.state.curvature if self.state else None

    @property
    def seconds(self) -> float:
        """Seconds of learning, without measuring."""
        return sum(one.seconds for one in self.passes)


def evaluate(net: Net, X: Array, y: Array) -> Measurement:
    """Measure a net on images X with labels y, (n,), or desired outputs, (n, outputs)."""
    _check_net(net)
    return _measure(net, _wanted_patterns(net, X, y), _wanted(y))


def train(
    net: Net,
    X: Array,
    y: Array,
    *,
    rule: Rule,
    passes: int,
    test: tuple[Array, Array] | None = None,
    order: Order = "given",
    seed: int = 0,
    measure: bool = True,
    progress: bool | None = None,
    callbacks: Iterable[Callback] = (),
    distortion: Distortion | None = None,
    state: RuleState | None = None,
) -> History:
    """Train a net, one pattern at a time.

    Training a net again goes on from where it is.

    Parameters
    ----------
    net : Net
        Its parameters are changed in place.
    X : ndarray of float, shape (n, height, width)
        Images.
    y : ndarray of int, shape (n,), or of float, shape (n, outputs)
        Labels, or desired outputs.
    rule : Rule
        How one presentation changes the parameters.
    passes : int
        How many times all patterns are presented.
    test : (X, y), optional
        Another set to measure after every pass. Nothing is learned from it.
    order : {"given", "shuffle"}
        Present the patterns in the order given, every pass the same, as SN did; or in a new random order each pass:
        digits that are sorted by class need it.
    seed : int
        Of what is random: orders, distortions, and what dropout leaves out.
    measure : bool
        Whether to measure the training and test set after every pass.
    progress : bool, optional
        Whether to show a progress bar; by default if standard error is a terminal.
    callbacks : iterable of callable
        Each is called as ``callback(net, history)`` after every pass.
    distortion : Distortion, optional
        What is done to an image each time it is presented, anew. Nothing is distorted that is measured, nor that the
        curvature of `StochasticDiagonalLM` is estimated on.
    state : RuleState, optional
        Where the training goes on, a former ``history.state``: rates, orders and all that is random go on too, so that
        on the same patterns two trainings are the same as one. Otherwise it begins anew.

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        For bad input; the net is left as it was.
    DivergedError
        If the cost or a parameter is no longer finite; the net is left as it was before that pass.
    KeyboardInterrupt
        Within a tenth of a second of Ctrl-C; the net holds what was learned so far.
    """
    _check_net(net)
    instance(rule, Rule, "rule")
    passes, seed = whole(passes, "passes", least=1), whole(seed, "seed", least=0, most=LARGEST_SEED)
    if not isinstance(order, str) or order not in ("given", "shuffle"):
        raise ValueError(f'order must be "given" or "shuffle", not {order!r}')
    callbacks = _check_callbacks(callbacks)
    patterns, tests = _wanted_patterns(net, X, y), _check_test(net, test)
    if not isinstance(distortion, Distortion | None):
        raise TypeError(f"distortion must be a sn89.Distortion, not {distortion!r}")
    presented = _set_state(net, rule, state)
    begun = presented // patterns.count  # passes that were made before
    orders, wanted = islice(_orders(patterns.count, order, seed), begun, None), _wanted(y)
    history = History(rule)
    with _bar(passes * patterns.count, progress) as bar:
        for number in range(1, passes + 1):
            started = time.perf_counter()
            cost = _one_pass(
                net,
                rule,
                begun + number,
                patterns,
                next(orders),
                tick=bar.update,
                distortion=distortion,
                seed=seed,
                presented=presented,
            )
            presented += patterns.count
            seconds = time.perf_counter() - started
            on_train = _measure(net, patterns, wanted) if measure else None
            on_test = _measure(net, *tests) if measure and tests else None
            history.passes.append(Pass(number, cost, seconds, on_train, on_test))
            history.state = RuleState(presented, net.curvature.copy(), net.momentum.copy())
            _say(bar, history.passes[-1])
            for callback in callbacks:
                callback(net, history)
    return history


def _check_net(net: object) -> None:
    if not isinstance(net, Net):
        raise TypeError(f"net must be a Net, not {net!r}")


def _check_callbacks(callbacks: Iterable[Callback]) -> list[Callback]:
    try:
        several = list(callbacks)
    except TypeError:
        raise TypeError(f"callbacks must be a list of functions, not {callbacks!r}") from None
    for callback in several:
        if not callable(callback):
            raise TypeError(f"callbacks must be functions, not {callback!r}")
    return several


def _check_test(net: Net, test: tuple[Array, Array] | None) -> tuple[Patterns, Array] | None:
    if test is None:
        return None
    if not isinstance(test, Sequence) or len(test) != 2:
        raise TypeError("test must be a pair of images and labels, (X, y)")
    return _wanted_patterns(net, *test), _wanted(test[1])


def _set_state(net: Net, rule: Rule, state: RuleState | None) -> int:
    """Let the rule go on from a state, or begin; how many presentations there were."""
    if state is None:
        net.set_state(0)
        return 0
    if not isinstance(state, RuleState):
        raise TypeError(f"state must be a RuleState, a former history.state, not {state!r}")
    presented = whole(state.presented, "state.presented", least=0, most=LARGEST_COUNT)
    curvature, momentum = (_vector(getattr(state, name), name, net) for name in ("curvature", "momentum"))
    if isinstance(rule, AdamW) and (curvature < 0).any():
        raise ValueError("state.curvature must not be negative for AdamW: that of Newton cannot be gone on from")
    net.set_state(curvature, momentum)
    return presented


def _vector(values: Array, name: str, net: Net) -> Array:
    """One number for each parameter, finite in float32."""
    vector, shape = np.asarray(values), net.parameters.shape
    if vector.shape != shape or not np.issubdtype(vector.dtype, np.floating):
        raise ValueError(f"state.{name} must be floating point of shape {shape}, not {vector.dtype} {vector.shape}")
    with np.errstate(over="ignore"):
        vector = vector.astype(np.float32)
    if not np.isfinite(vector).all():
        raise ValueError(f"state.{name} must be finite in float32")
    return vector


def _orders(count: int, order: str, seed: int) -> Iterator[Array]:
    """The order of every pass. Sorting raw random bits keeps it the same with every version of NumPy."""
    bits = np.random.PCG64(seed)
    while True:
        given = np.arange(count, dtype=np.int64)
        yield given if order == "given" else np.argsort(bits.random_raw(count), kind="stable").astype(np.int64)


def _one_pass(net: Net, rule: Rule, number: int, patterns: Patterns, order: Array, **how: Any) -> float:
    """Present every pattern once, see `Net.present`; the mean of the costs. If it diverges, puts everything back."""
    vectors = net.parameters, net.curvature, net.momentum
    before = [vector.copy() for vector in vectors]
    if isinstance(rule, StochasticDiagonalLM):
        net.estimate_curvature(rule.diagonal, patterns, order[: rule.samples])
    done, cost = net.present(rule.in_pass(number), patterns, order, **how)
    if done < len(order) or not all(np.isfinite(vector).all() for vector in vectors):
        for vector, old in zip(vectors, before, strict=True):
            vector[:] = old
        last = min(done + 1, len(order))
        raise DivergedError(
            f"training diverged in pass {number}, at presentation {last} of {len(order)}, with {rule}; the net "
            "is as it was before that pass. A smaller learning rate may help"
        )
    return cost / len(order)


def _wanted_patterns(net: Net, X: Array, y: Array) -> Patterns:
    if y is None:
        raise TypeError("there must be a label or a row of desired outputs for every image, not None")
    return net.patterns(X, y)


def _wanted(y: Array) -> Array:
    """The class of each pattern."""
    y = np.asarray(y)
    return y if y.ndim == 1 else y.argmax(axis=1)


def _measure(net: Net, patterns: Patterns, wanted: Array) -> Measurement:
    outputs, costs = net.outputs_and_costs(patterns)
    cost = float(costs.mean(dtype=np.float64))
    return Measurement(
        patterns=patterns.count,
        wrong=int((net.cost.scores(outputs).argmax(axis=1) != wanted).sum()) if net.outputs > 1 else None,
        cost=cost,
        half_mse=cost / net.outputs if isinstance(net.cost, HalfSquaredError) else None,
    )


def _bar(total: int, progress: bool | None) -> Any:
    from tqdm.auto import tqdm

    disable = None if progress is None else not progress
    return tqdm(total=total, disable=disable, unit=" digits", unit_scale=True, dynamic_ncols=True)


def _say(bar: Any, done: Pass) -> None:
    """Puts the last pass's errors on the bar."""
    words = [f"pass {done.number}"]
    for name, measured in (("train", done.train), ("test", done.test)):
        if measured:
            short = f"{measured.cost:.2e}" if measured.error is None else f"{100 * measured.error:.2f} %"
            words.append(f"{name} {short}")
    bar.set_postfix_str(", ".join(words))
