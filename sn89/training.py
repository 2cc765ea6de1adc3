"""train(): passes over a training set, measured as they go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from .arguments import LARGEST_SEED, instance, whole
from .costs import HalfSquaredError
from .measure import Measurement
from .net import Net, Patterns
from .rules import Rule, StochasticDiagonalLM

Array = np.ndarray
Callback = Callable[[Net, "History"], Any]


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
    curvature : ndarray or None
        The rule's curvature at the end, float32, (free_parameters,): hand it to the next `train` to go on.
    """

    rule: Rule
    passes: list[Pass] = field(default_factory=list)
    curvature: Array | None = field(default=None, repr=False)

    @property
    def train(self) -> list[Measurement]:
        """The measurements on the training set, pass by pass."""
        return [one.train for one in self.passes if one.train]

    @property
    def test(self) -> list[Measurement]:
        """The measurements on the test set, pass by pass."""
        return [one.test for one in self.passes if one.test]

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
    order: Literal["given", "shuffle"] = "given",
    seed: int = 0,
    measure: bool = True,
    progress: bool | None = None,
    callbacks: Iterable[Callback] = (),
    curvature: Array | None = None,
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
        Of the random orders.
    measure : bool
        Whether to measure the training and test set after every pass.
    progress : bool, optional
        Whether to show a progress bar; by default if standard error is a terminal.
    callbacks : iterable of callable
        Each is called as ``callback(net, history)`` after every pass.
    curvature : ndarray of float32, shape (free_parameters,), optional
        Where the running curvature begins, a former ``history.curvature``; 0 by default.

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
    _set_curvature(net, curvature)
    orders, wanted = _orders(patterns.count, order, seed), _wanted(y)
    history = History(rule)
    with _bar(passes * patterns.count, progress) as bar:
        for number in range(1, passes + 1):
            started = time.perf_counter()
            cost = _one_pass(net, rule, number, patterns, next(orders), bar.update)
            seconds = time.perf_counter() - started
            on_train = _measure(net, patterns, wanted) if measure else None
            on_test = _measure(net, *tests) if measure and tests else None
            history.passes.append(Pass(number, cost, seconds, on_train, on_test))
            history.curvature = net.curvature.copy()
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


def _set_curvature(net: Net, curvature: Array | None) -> None:
    if curvature is None:
        net.set_curvature(0)
        return
    curvature = np.asarray(curvature)
    if curvature.shape != net.curvature.shape or not np.issubdtype(curvature.dtype, np.floating):
        raise ValueError(
            f"curvature must be floating point of shape {net.curvature.shape}, not {curvature.dtype} {curvature.shape}"
        )
    with np.errstate(over="ignore"):
        curvature = curvature.astype(np.float32)
    if not np.isfinite(curvature).all():
        raise ValueError("curvature must be finite in float32")
    net.set_curvature(curvature)


def _orders(count: int, order: str, seed: int) -> Iterator[Array]:
    """The order of every pass. Sorting raw random bits keeps it the same with every version of NumPy."""
    bits = np.random.PCG64(seed)
    while True:
        given = np.arange(count, dtype=np.int64)
        yield given if order == "given" else np.argsort(bits.random_raw(count), kind="stable").astype(np.int64)


def _one_pass(net: Net, rule: Rule, number: int, patterns: Patterns, order: Array, tick: Callable) -> float:
    """Present every pattern once; the mean of the costs. If it diverges, puts everything back."""
    before = net.parameters.copy(), net.curvature.copy()
    if isinstance(rule, StochasticDiagonalLM):
        net.estimate_curvature(rule.diagonal, patterns, order[: rule.samples])
    done, cost = net.present(rule.in_pass(number), patterns, order, tick)
    if done < len(order) or not (np.isfinite(net.parameters).all() and np.isfinite(net.curvature).all()):
        net.parameters[:], net.curvature[:] = before
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
