"""train(): passes over a training set, measured as they go."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from typing import Any, Literal

import numpy as np

from .arguments import LARGEST_COUNT, LARGEST_SEED, instance, whole
from .checkpoint import Checkpoint, Progress, Task
from .costs import HalfSquaredError
from .distortions import Distortion
from .facts import facts
from .history import History, Pass
from .measure import Measurement
from .net import Net, Patterns
from .rules import AdamW, Rule, RuleState, StochasticDiagonalLM

__all__ = ["Callback", "DivergedError", "History", "Order", "evaluate", "train"]

Array = np.ndarray
_Set = tuple[Patterns, Array]  # images and what is desired for them; the class of each
Callback = Callable[[Net, History], Any]
Order = Literal["given", "shuffle"]


class DivergedError(ArithmeticError):
    """The cost or a parameter became infinite or NaN; the net is as it was before that pass."""


def evaluate(net: Net, X: Array, y: Array) -> Measurement:
    """Measure a net on a set of patterns.

    Parameters
    ----------
    net : Net
    X : ndarray of float, shape (n, height, width)
        Images.
    y : ndarray of int, shape (n,), or of float, shape (n, outputs)
        Labels, or desired outputs.

    Returns
    -------
    Measurement
    """
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
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_interval: float = 1.0,
    resume: bool = False,
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
        Whether to show a progress bar; by default in a terminal and in a notebook.
    callbacks : iterable of callable
        Each is called as ``callback(net, history)`` after every pass.
    distortion : Distortion, optional
        What is done to an image each time it is presented, anew. Nothing is distorted that is measured, nor that the
        curvature of `StochasticDiagonalLM` is estimated on.
    state : RuleState, optional
        Where the training goes on, a former ``history.state``: rates, orders and all that is random go on too, so that
        on the same patterns two trainings are the same as one. Otherwise it begins anew.
    checkpoint : path, optional
        A file to keep the training in, as it goes and however it ends: a safetensors file that `sn89.load` reads too.
    checkpoint_interval : float
        Seconds between two times that it is written: so much is lost if the process is killed.
    resume : bool
        Whether to go on from that file, if there is one: what then comes out is what a training without interruption
        would have brought, to the bit. It must be the same net, rule, patterns, order, seed and distortion; the number
        of passes may be larger. `state` is that of the file.

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        For bad input, or a checkpoint of another training; the net is left as it was.
    FileExistsError
        If there is a checkpoint and `resume` was not asked for.
    DivergedError
        If the cost or a parameter is no longer finite; the net is left as it was before that pass, or in the
        checkpoint, if that was written within the pass.
    RuntimeError
        If another thread is at work on the net.
    KeyboardInterrupt
        Within a tenth of a second of Ctrl-C; net and checkpoint hold what was learned so far.
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
    task = Task(rule, patterns, order, seed, distortion, facts(np.asarray(X), _wanted(y)))
    keeper = None if checkpoint is None else Checkpoint(checkpoint, checkpoint_interval, net, task)
    if resume and not keeper:
        raise ValueError("resume=True needs a checkpoint to go on from")
    sets = (patterns, _wanted(y)) if measure else None, tests if measure else None
    with net.at_work(), keeper or nullcontext(), _bar(passes * patterns.count, progress) as bar:
        net.image_shape = np.shape(X)[-2:]
        net.confidence = None  # it was that of other parameters
        so_far = _begin(net, task, passes, state, keeper, resume)
        bar.update(len(so_far.history.passes) * patterns.count + so_far.presented.count)
        try:
            _train(net, task, passes, so_far, sets, bar, keeper, callbacks)
        except DivergedError:
            raise
        except BaseException:  # Ctrl-C, or a callback's own
            if keeper:
                keeper.write(so_far)
            raise
        if keeper:
            keeper.write(so_far)
    return so_far.history


def _begin(
    net: Net, task: Task, passes: int, state: RuleState | None, keeper: Checkpoint | None, resume: bool
) -> Progress:
    """Where the training begins, or goes on; the net is brought there."""
    if keeper and keeper.exists(resume):
        return keeper.read(passes)
    so_far = Progress(History(task.rule, digits=task.digits), before=_set_state(net, task.rule, state))
    if keeper:
        keeper.write(so_far)  # that it cannot be is to be known now
    return so_far


def _train(
    net: Net,
    task: Task,
    passes: int,
    so_far: Progress,
    sets: tuple[_Set | None, _Set | None],
    bar: Any,
    keeper: Checkpoint | None,
    callbacks: list[Callback],
) -> None:
    """All passes that are still to be made."""
    count, history = task.patterns.count, so_far.history
    begun = so_far.before // count  # passes that were made before
    for order in islice(_orders(task, begun + len(history.passes)), passes - len(history.passes)):
        started = time.perf_counter() - so_far.seconds

        def tick(now: int, started: float = started) -> None:
            so_far.seconds = time.perf_counter() - started
            bar.update(now)
            if keeper:
                keeper.write_if_due(so_far)

        _one_pass(net, task, begun + so_far.current, so_far, order, tick)
        seconds = time.perf_counter() - started
        measured = (_measure(net, *one) if one else None for one in sets)
        history.passes.append(Pass(so_far.current, so_far.presented.cost / count, seconds, *measured))
        so_far.next()
        done = so_far.before + len(history.passes) * count
        history.state = RuleState(done, net.curvature.copy(), net.momentum.copy())
        _say(bar, history.passes[-1])
        for callback in callbacks:
            callback(net, history)


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


def _orders(task: Task, before: int) -> Iterator[Array]:
    """The order of every pass after those before, whose random bits are jumped over.

    Sorting raw random bits keeps the order the same with every version of NumPy.
    """
    count = task.patterns.count
    bits = np.random.PCG64(task.seed)
    bits.advance(before * count)
    while True:
        given = np.arange(count, dtype=np.int64)
        yield given if task.order == "given" else np.argsort(bits.random_raw(count), kind="stable").astype(np.int64)


def _one_pass(net: Net, task: Task, number: int, so_far: Progress, order: Array, tick: Callable[[int], Any]) -> None:
    """Present what is left of the pass, see `Net.present`. If it diverges, puts everything back."""
    vectors = net.parameters, net.curvature, net.momentum
    before, begun = [vector.copy() for vector in vectors], so_far.presented.count
    if isinstance(task.rule, StochasticDiagonalLM) and begun == 0:
        net.estimate_curvature(task.rule.diagonal, task.patterns, order[: task.rule.samples])
    net.present(
        task.rule.in_pass(number),
        task.patterns,
        order,
        tick,
        distortion=task.distortion,
        seed=task.seed,
        presented=so_far.before + len(so_far.history.passes) * len(order),
        so_far=so_far.presented,
    )
    done = so_far.presented.count
    if done < len(order) or not all(np.isfinite(vector).all() for vector in vectors):
        for vector, old in zip(vectors, before, strict=True):
            vector[:] = old
        raise DivergedError(
            f"training diverged in pass {number}, at presentation {min(done + 1, len(order))} of {len(order)}, with "
            f"{task.rule}; the net is as it was {'in the checkpoint' if begun else 'before that pass'}. "
            "A smaller learning rate may help"
        )


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
    from .notebook import progress_bar

    return progress_bar(total, progress, unit=" digits", unit_scale=True)


def _say(bar: Any, done: Pass) -> None:
    """Puts the last pass's errors on the bar."""
    words = [f"pass {done.number}"]
    for name, measured in (("train", done.train), ("test", done.test)):
        if measured:
            short = f"{measured.cost:.2e}" if measured.error is None else f"{100 * measured.error:.2f} %"
            words.append(f"{name} {short}")
    bar.set_postfix_str(", ".join(words))
