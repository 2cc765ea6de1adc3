"""train(): passes over a training set, measured as they go."""

import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from itertools import islice
from typing import Any, Literal, Self

import numpy as np

from .aliases import Array, Place
from .arguments import LARGEST_COUNT, check_net, check_seed, instance, one_of, whole
from .before import Before, all_or_nothing
from .checkpoint import Checkpoint, Progress, Task, bring, is_finite
from .checks import ClassWeight, check_vector, weights_of
from .costs import HalfSquaredError
from .distortions import Distortion
from .doubts import doubts_after, doubts_before
from .facts import facts, scale
from .history import History, Pass
from .keywords import EVALUATING, TRAINING, in_our_words
from .measure import Measurement
from .net import Net, Patterns, Presented
from .notebook import progress_bar
from .rules import AdamW, Rule, RuleState, StochasticDiagonalLM
from .stopping import Callback, KeepBest, held_out, values_among

__all__ = ["Callback", "DivergedError", "History", "Order", "evaluate", "train"]

_Set = tuple[Patterns, Array]  # images and what is desired for them; the class of each
Order = Literal["given", "shuffle"]
_BY_A_FUNCTION = "a callback ended it"


class DivergedError(ArithmeticError):
    """The cost or a parameter became infinite or NaN; the net is as it was before that pass."""


@in_our_words(EVALUATING)
def evaluate(net: Net, X: Array, y: Array) -> Measurement:
    """Measure a net on a set of patterns.

    Parameters
    ----------
    net : Net
    X : ndarray of float, shape (n, height, width)
        Images.
    y : ndarray of int, shape (n,), or of float, shape (n, outputs)
        Labels, or desired outputs. Rows of whole numbers with one 1 and zeros are labels too.

    Returns
    -------
    Measurement

    Raises
    ------
    ScaleWarning
        Once, for images that certainly have another scale than the training set.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> history = sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=3)
    >>> measured = sn89.evaluate(net, Xt, yt)
    >>> measured.patterns, bool(measured.wrong == (net.predict(Xt) != yt).sum())
    (50, True)
    """
    check_net(net)
    given = _set(net, X, y)
    net._doubt(X)  # `evaluate` is wrapped once
    return _measure(net, *given)


@in_our_words(TRAINING)
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
    sample_weight: Array | None = None,
    class_weight: ClassWeight | Literal["balanced"] | None = None,
    state: RuleState | None = None,
    checkpoint: Place | None = None,
    checkpoint_interval: float = 1.0,
    resume: bool = False,
) -> History:
    """Train a net, one pattern at a time. A net that was trained before goes on from its parameters.

    Parameters
    ----------
    net : Net
        Its parameters are changed in place.
    X : ndarray of float, shape (n, height, width)
        Images.
    y : ndarray of int, shape (n,), or of float, shape (n, outputs)
        Labels, or desired outputs. Rows of whole numbers with one 1 and zeros are labels too, so that the cost sets the
        desired outputs. In floating point such rows are desired outputs; if there are many, there is a warning.
    rule : Rule
        The learning rule (optimizer): it changes the parameters after each presentation.
    passes : int
        Number of times that all patterns are presented (epochs).
    test : (X, y), optional
        Another set to measure after every pass. Nothing is learned from it.
    order : {"given", "shuffle"}
        Present the patterns in the given order, the same in every pass, as SN did; or in a new random order in each
        pass, which digits that are sorted by class need.
    seed : int
        Seed of orders, distortions and dropout.
    measure : bool
        Whether to measure the training and test set after every pass.
    progress : bool, optional
        Whether to show a progress bar; by default in a terminal and in a notebook.
    callbacks : iterable of callable
        Each is called as ``callback(net, history)`` after every pass. One that returns True ends the training.
        `EarlyStopping` ends a training that no longer gets better, and `KeepBest` sets the net back to its best pass at
        the end. The figures that they need are measured even without `measure`, and a share of the training set that
        they hold out is not learned from.
    distortion : Distortion, optional
        A random distortion of each image, drawn again for each presentation. Images are not distorted when they are
        measured, or when `StochasticDiagonalLM` estimates the curvature on them.
    sample_weight : ndarray of float, shape (n,), optional
        Weight of each pattern, not negative, 1 by default: it multiplies the pattern's cost, gradient and curvature. A
        pattern of weight 0 teaches nothing, but a running curvature still decays in its presentation, and `AdamW` still
        moves by its momentum. Weights act like a learning rate for each pattern; with a mean of 1 the usual rates fit.
    class_weight : "balanced", mapping of int to float, or sequence of float, optional
        Weight of the patterns of each class, times their own weight; a sequence has a weight for each class.
        "balanced" gives all classes the same total weight, with mean 1. Classes that a mapping leaves out have 1.
    state : RuleState, optional
        The ``history.state`` of an earlier training, to go on from. Rates, orders and random numbers go on too, so that
        two trainings on the same patterns equal one.
    checkpoint : path, optional
        A safetensors file that keeps the training while it goes on and when it ends; `sn89.load` reads it too.
    checkpoint_interval : float
        Seconds between two writes of it, which a killed process loses.
    resume : bool
        Whether to go on from that file, if it exists. The result is the same, to the bit, as without an interruption.
        Net, rule, patterns, weights, order, seed and distortion must be the same; the number of passes may be larger.
        `state` is taken from the file.

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        For bad input, or the checkpoint of another training; the net stays as it was.
    FileExistsError
        If the checkpoint exists and `resume` is False.
    DivergedError
        If the cost or a parameter is no longer finite. The net is as it was before that pass, or in the checkpoint, if
        that was written within the pass.
    RuntimeError
        If another thread is training the net.
    TrainingWarning
        Once, if the training can hardly succeed or has led nowhere; it says why, and what usually helps.
    KeyboardInterrupt
        Within a tenth of a second of Ctrl-C. Net and checkpoint keep what was learned so far, and the error's attribute
        `history` is the history so far, as for any other error after the training has begun.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> history = sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=3, test=(Xt, yt))
    >>> [one.number for one in history.passes]
    [1, 2, 3]
    >>> history.final.train.error < history.passes[0].train.error
    True
    """
    check_net(net)
    instance(rule, "rule", Rule)
    passes, seed = whole(passes, "passes", least=1), check_seed(seed)
    one_of(order, "order", ("given", "shuffle"))
    callbacks = _check_callbacks(callbacks)
    values = values_among(callbacks, net.outputs)
    weights = weights_of(y, net.outputs, sample_weight, class_weight)
    learned, apart = _set(net, X, y, weights), None
    digits = facts(np.asarray(X), learned[1])
    share = next((one.share for one in values if one.share), None)
    if share:
        X, y, weights, apart = _divided(net, X, y, weights, share, seed)
        learned = _set(net, X, y, weights)
    patterns, sets = learned[0], _sets(values, measure, learned, _check_test(net, test), apart)
    if not isinstance(distortion, Distortion | None):
        raise TypeError(f"distortion must be a sn89.Distortion, not {distortion!r}")
    task = Task(rule, patterns, order, seed, distortion, share, weights, digits)
    keeper = None if checkpoint is None else Checkpoint(checkpoint, checkpoint_interval, net, task, resume)
    if resume and not keeper:
        raise ValueError("resume=True needs a checkpoint to go on from")
    doubts_before(net, X, y, scale(digits), test and test[0])
    bar = progress_bar(passes * patterns.count, progress, unit=" digits", unit_scale=True)
    with _HistoryForErrors() as found, net.at_work(), keeper.owned if keeper else nullcontext(), bar:
        before = Before(net)
        with all_or_nothing(net):
            net.image_shape = np.shape(X)[-2:]
            net.levels, net.confidence = scale(digits), None  # it was that of other parameters
            so_far = found.so_far = _begin(net, task, passes, state, keeper)
            net._core.check_finite()
        history, at_start = so_far.history, so_far.all_presented(patterns.count) == so_far.before
        bar.update(so_far.all_presented(patterns.count) - so_far.before)
        try:
            if not _had_ended(net, so_far, callbacks, values):
                _train(net, task, passes, so_far, sets, bar, keeper, callbacks)
        except BaseException as error:
            if not isinstance(error, DivergedError):  # Ctrl-C, or a callback's own
                history.state = _state_of(net, so_far.all_presented(patterns.count))
                if keeper:
                    keeper.write(so_far)
            elif at_start and not history.passes:
                before.restore()  # nothing was learned, so confidence and levels are restored too
            raise
        if keeper:
            keeper.write(so_far)
        if (kept := history.kept) and kept.net is not None and kept.state is not None:
            history.state = kept.state
            bring(net, kept.net.parameters, kept.net.deleted, kept.state)
        doubts_after(net, X, y, weights, history, order)
    return history


class _HistoryForErrors:
    """Give the history so far to any exception that ends a training, as its attribute."""

    so_far: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is not None and self.so_far:
            with suppress(AttributeError):  # some exceptions take no attributes
                error.history = self.so_far.history  # type: ignore[attr-defined]


def _begin(net: Net, task: Task, passes: int, state: RuleState | None, keeper: Checkpoint | None) -> Progress:
    """The start of the training, or where it goes on; the net is set to that."""
    if keeper and keeper.exists():
        return keeper.read(passes)
    so_far = Progress(History(task.rule, digits=task.digits), before=_set_state(net, task.rule, state))
    if keeper:
        keeper.write(so_far)  # an error is better now than after a pass
    return so_far


def _train(
    net: Net,
    task: Task,
    passes: int,
    so_far: Progress,
    sets: Sequence[_Set | None],
    bar: Any,
    keeper: Checkpoint | None,
    callbacks: list[Callback],
) -> None:
    """Make all passes that are left, unless a callback ends them."""
    count, history = task.patterns.count, so_far.history
    begun = so_far.before // count  # passes of earlier trainings
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
        so_far.asked = False
        history.passes.append(Pass(so_far.current, so_far.presented.cost / task.patterns.weight, seconds, *measured))
        so_far.next()
        history.state = _state_of(net, so_far.all_presented(count))
        _say(bar, history.passes[-1])
        _ask(net, so_far, callbacks)
        if history.ended:
            break


def _ask(net: Net, so_far: Progress, callbacks: Iterable[Callback]) -> None:
    """Call every callback after a pass; one that returns True ends the training."""
    history = so_far.history
    for callback in callbacks:
        answer = callback(net, history)
        if isinstance(answer, bool | np.bool_) and answer:
            history.ended = history.ended or _BY_A_FUNCTION
    so_far.asked = True


def _had_ended(net: Net, so_far: Progress, callbacks: list[Callback], values: list[KeepBest]) -> bool:
    """Whether a callback had ended the training that is to go on, and would end it again.

    `KeepBest` and `EarlyStopping` are called again, because they may have changed. Functions are not, unless the
    training was interrupted before they were called; if one had ended the training, it stays ended.
    """
    history, ended = so_far.history, so_far.history.ended
    history.ended = None
    if not history.passes or so_far.presented.count:
        return False
    if so_far.asked and ended == _BY_A_FUNCTION and len(callbacks) > len(values):
        history.ended = ended
    _ask(net, so_far, values if so_far.asked else callbacks)
    return history.ended is not None


def _check_callbacks(callbacks: Iterable[Callback]) -> list[Callback]:
    try:
        several = list(callbacks)
    except TypeError:
        raise TypeError(f"callbacks must be a list of functions, callbacks=[...], not {callbacks!r}") from None
    for callback in several:
        if isinstance(callback, type):
            name = callback.__name__
            raise TypeError(f"callbacks must be functions, not the class {name}: write {name}()")
        if not callable(callback):
            raise TypeError(f"callbacks must be functions, not {callback!r}")
        with suppress(ValueError):  # a few that are written in C have no signature
            taken = inspect.signature(callback)
            try:
                taken.bind(None, None)
            except TypeError:
                name = getattr(callback, "__name__", repr(callback))
                raise TypeError(f"{name}{taken} cannot be called as callbacks are, callback(net, history)") from None
    return several


def _check_test(net: Net, test: tuple[Array, Array] | None) -> _Set | None:
    if test is None:
        return None
    if not isinstance(test, Sequence) or len(test) != 2:
        share = "; callbacks=[sn89.KeepBest(on=0.1)] holds a share out" if isinstance(test, float) else ""
        raise TypeError(f"test must be a pair of images and labels, (X, y), not {type(test).__name__}{share}")
    try:
        return _set(net, *test)
    except (TypeError, ValueError) as error:
        raise type(error)(f"test: {error}") from None


def _divided(
    net: Net, X: Array, y: Array, weights: Array | None, share: float, seed: int
) -> tuple[Array, Array, Array | None, _Set]:
    """The patterns to learn from, and the share that is held out."""
    X, y = np.asarray(X), np.asarray(y)
    apart = held_out(_classes(y), share, seed)
    kept = None if weights is None else np.asarray(weights)[~apart]
    return X[~apart], y[~apart], kept, _set(net, X[apart], y[apart])


def _sets(keep: list[KeepBest], measure: bool, train: _Set, test: _Set | None, apart: _Set | None) -> list[_Set | None]:
    """The sets to measure, for `train`, `test` and `held_out` of a `Pass`: those asked for, and callbacks' own."""
    looked_at = {one.where for one in keep}
    if "test" in looked_at and test is None:
        who = next(type(one).__name__ for one in keep if one.where == "test")
        raise ValueError(
            f'{who}(on="test") needs the test set, train(..., test=(X, y)); on=0.1 holds out a tenth of (X, y)'
        )
    both = (("train", train), ("test", test))
    return [*(one if measure or name in looked_at else None for name, one in both), apart]


def _state_of(net: Net, presented: int) -> RuleState:
    return RuleState(presented, net.curvature.copy(), net.momentum.copy())


def _set_state(net: Net, rule: Rule, state: RuleState | None) -> int:
    """Set the rule to a state, or to its start; return the number of earlier presentations."""
    if state is None:
        net.set_state(0)
        return 0
    if not isinstance(state, RuleState):
        raise TypeError(f"state must be a RuleState, the history.state of an earlier training, not {state!r}")
    presented = whole(state.presented, "state.presented", least=0, most=LARGEST_COUNT)
    names, shape = ("curvature", "momentum"), net.parameters.shape
    for name, given in ((name, np.asarray(getattr(state, name))) for name in names):
        if given.shape != shape or given.dtype.kind != "f":
            raise ValueError(f"state.{name} must be floating point of shape {shape}, not {given.dtype} {given.shape}")
    curvature, momentum = (check_vector(getattr(state, name), f"state.{name}", shape) for name in names)
    if isinstance(rule, AdamW) and (curvature < 0).any():
        raise ValueError("state.curvature must not be negative for AdamW, which cannot go on from that of Newton")
    net.set_state(curvature, momentum)
    return presented


def _orders(task: Task, before: int) -> Iterator[Array]:
    """The order of every pass after `before` passes, whose random bits are skipped.

    The order is that of sorted raw random bits, which is the same with every version of NumPy.
    """
    count = task.patterns.count
    bits = np.random.PCG64(task.seed)
    bits.advance(before * count)
    while True:
        given = np.arange(count, dtype=np.int64)
        yield given if task.order == "given" else np.argsort(bits.random_raw(count), kind="stable").astype(np.int64)


def _one_pass(net: Net, task: Task, number: int, so_far: Progress, order: Array, tick: Callable[[int], Any]) -> None:
    """Present the rest of a pass, see `Net.present`. If it diverges, everything is put back."""
    before, begun = Before(net), (so_far.presented.count, so_far.presented.cost)
    try:
        if isinstance(task.rule, StochasticDiagonalLM) and begun[0] == 0:
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
    except BaseException:
        if not is_finite(net):  # Ctrl-C, for example, in a pass that was diverging
            before.restore()
            so_far.presented = Presented(*begun)
        raise
    done = so_far.presented.count
    if done < len(order) or not is_finite(net):
        before.restore()
        raise DivergedError(
            f"training diverged in pass {number}, at presentation {min(done + 1, len(order))} of {len(order)}, with "
            f"{task.rule}; the net is as it was {'in the checkpoint' if begun[0] else 'before that pass'}. "
            "A smaller learning rate may help"
        )


def _set(net: Net, X: Array, y: Array, weights: Array | None = None) -> _Set:
    if y is None:
        raise TypeError("y must have a label or a row of desired outputs for every image, not None")
    return net.patterns(X, y, weights), _classes(y)


def _classes(y: Array) -> Array:
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


def _say(bar: Any, done: Pass) -> None:
    """Show the errors of the last pass on the bar."""
    words = [f"pass {done.number}"]
    for name, measured in (("train", done.train), ("held out", done.held_out), ("test", done.test)):
        if measured:
            short = f"{measured.cost:.2e}" if measured.error is None else f"{100 * measured.error:.2f} %"
            words.append(f"{name} {short}")
    bar.set_postfix_str(", ".join(words))
