"""prune(): Optimal Brain Damage, and the two orders of deletion that it is compared with."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Annotated, Any, Literal, Self

import numpy as np

from . import storage
from .aliases import Array, Place
from .arguments import LARGEST_SEED, Checked, check_net, check_seed, instance, real, whole
from .before import all_or_nothing
from .counted import counted
from .declaration import difference, plain, plain_net
from .keywords import PRUNING, in_our_words
from .layers import Average, Dropout, Full, Local
from .measure import Measurement
from .net import Net
from .netlayer import NetLayer
from .record import as_read
from .rules import Diagonal, Rule
from .training import Order, evaluate, train

By = Literal["saliency", "magnitude", "random"]
What = Literal["parameters", "kernels", "maps"]
PruneCallback = Callable[[Net, "Pruning"], Any]


@dataclass(frozen=True)
class Round:
    """One round of a pruning.

    Attributes
    ----------
    number : int
        Number of the round, counted from 1.
    deleted, left : int
        Number of parameters deleted in the round, and of free parameters left.
    predicted : float
        Predicted rise of the mean cost on the training set: the sum of the saliencies of the deleted parameters.
    before, after : float
        That cost before and after the deletion, before any training.
    train, test : Measurement or None
        Results at the end of the round, after retraining; None without a test set.
    """

    number: int
    deleted: int
    left: int
    predicted: float
    before: float
    after: float
    train: Measurement
    test: Measurement | None = None

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """Make a round of what ``dataclasses.asdict`` made of it."""
        measured = {name: plain[name] and Measurement(**plain[name]) for name in ("train", "test")}
        return cls(**{**plain, **measured})

    @property
    def actual(self) -> float:
        """The rise of the mean cost."""
        return self.after - self.before

    def __str__(self) -> str:
        test = "" if self.test is None else f"; {self.test}"
        return f"{self.number:>5} {self.left:>7,} {self.predicted:>10.2e} {self.actual:>10.2e}  {self.train}{test}"


@dataclass
class Pruning:
    """The record of a pruning.

    Attributes
    ----------
    by : {"saliency", "magnitude", "random"}
        The order of deletion.
    rounds : list of Round
    """

    by: By
    rounds: list[Round] = field(default_factory=list)

    def __str__(self) -> str:
        head = f"{'round':>5} {'left':>7} {'predicted':>10} {'actual':>10}  train; test"
        return "\n".join([head, *map(str, self.rounds)])


@in_our_words(PRUNING)
def prune(
    net: Net,
    X: Array,
    y: Array,
    *,
    delete: int | float,
    by: By = "saliency",
    what: What = "parameters",
    rounds: int = 1,
    retrain: int = 0,
    rule: Rule | None = None,
    test: tuple[Array, Array] | None = None,
    diagonal: Diagonal = "levenberg-marquardt",
    order: Order = "given",
    seed: int = 0,
    progress: bool | None = None,
    callbacks: Iterable[PruneCallback] = (),
    checkpoint: Place | None = None,
    resume: bool = False,
) -> Pruning:
    """Delete the parameters that matter least, train the rest, and repeat: Optimal Brain Damage.

    Train the net first, to a minimum of its cost. `sn89.compact` then makes a smaller net without the deleted kernels
    and maps.

    Parameters
    ----------
    net : Net
        Its parameters are deleted and trained in place.
    X : ndarray of float, shape (n, height, width)
        Images of the training set.
    y : ndarray of int, shape (n,), or of float, shape (n, outputs)
        Labels, or desired outputs.
    delete : int or float
        Number of parameters, kernels or maps to delete in each round; or, between 0 and 1, a share of those that are
        left. At least one must be left at the end, and one map in each layer.
    by : {"saliency", "magnitude", "random"}
        Delete those with the least saliency (see `Net.saliencies`), with the least square, or random ones.
    what : {"parameters", "kernels", "maps"}
        Delete single parameters; whole kernels of local connections; or whole maps (and units of full layers) with all
        connections from and to them, except the last map of a layer and the outputs. The saliency or square of a kernel
        or map is the sum over its parameters.
    rounds : int
        Number of rounds of deletion and training.
    retrain : int
        Passes of training after each deletion; 0 for none.
    rule : Rule, optional
        The rule of this training, which starts again in each round. It is needed if `retrain` is not 0.
    test : (X, y), optional
        Another set to measure after every round. Nothing is learned from it.
    diagonal : {"levenberg-marquardt", "newton"}
        The curvature in the saliencies.
    order : {"given", "shuffle"}
        Order of the patterns in training, as for `sn89.train`.
    seed : int
        Seed of random deletions and of the training of each round.
    progress : bool, optional
        Whether to show the progress of training, as for `sn89.train`.
    callbacks : iterable of callable
        Each is called as ``callback(net, pruning)`` after every round.
    checkpoint : path, optional
        A safetensors file that keeps net and rounds, written after every round; `sn89.load` reads it too.
    resume : bool
        Whether to go on after the last round of that file, if it exists.

    Returns
    -------
    Pruning

    Raises
    ------
    TypeError, ValueError
        For bad input, before anything is deleted; or for the checkpoint of another pruning.
    FileExistsError
        If the checkpoint exists and `resume` is False.
    DivergedError
        If training diverges. After any error, and after Ctrl-C, the net is as it was before that round.

    Notes
    -----
    LeCun, Denker and Solla, "Optimal brain damage", NIPS 2, 1989.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> history = sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=3)
    >>> done = sn89.prune(net, X, y, delete=1000, rounds=2, test=(Xt, yt))
    >>> int(net.deleted.sum()), net.free_parameters
    (2000, 7760)
    """
    task = _Task(net, X, y, _share(delete), by, what, retrain, rule, diagonal, order, seed, test)
    rounds, callbacks = whole(rounds, "rounds", least=1), list(callbacks)
    done = Pruning(by)
    if checkpoint is not None and os.path.lexists(checkpoint):
        if not resume:
            raise FileExistsError(f"{checkpoint} is there already: go on from it with resume=True, or remove it")
        done = _read(checkpoint, task, rounds)
    task.check_count(rounds - len(done.rounds))
    for number in range(len(done.rounds) + 1, rounds + 1):
        with all_or_nothing(net):
            done.rounds.append(task.round(number, progress))
        if checkpoint is not None:
            record = {"task": task.plain(), "rounds": [asdict(one) for one in done.rounds]}
            storage.write(checkpoint, net, {"pruning": record})
        for callback in callbacks:
            callback(net, done)
    return done


def _share(delete: float) -> int | float:
    if isinstance(delete, float) and not delete.is_integer():
        share = real(delete, "delete")
        if not 0 < share < 1:
            raise ValueError(f"delete must be a whole number, or a share between 0 and 1, not {share:g}")
        return share
    if isinstance(delete, str):
        raise TypeError(f"delete must be a whole number, or a share such as 0.1, not {delete!r}")
    return whole(delete, "delete", least=1)


@dataclass
class _Task(Checked):
    """The work of each round, checked before anything is deleted."""

    net: Net
    X: Array
    y: Array
    delete: int | float
    by: By
    what: What
    retrain: Annotated[int, partial(whole, least=0)]
    rule: Rule | None
    diagonal: Diagonal
    order: Order
    seed: Annotated[int, check_seed]
    test: tuple[Array, Array] | None

    def __post_init__(self) -> None:
        check_net(self.net)
        super().__post_init__()
        if self.retrain and self.rule is None:
            raise ValueError(f"retrain={self.retrain} needs a rule to train with: rule=sn89.LevenbergMarquardt()")
        if self.rule is not None:
            instance(self.rule, "rule", Rule)
        self._cost()
        self._tested()  # these two refuse wrong patterns
        if not any(True for _ in _groups(self.net, self.what)):
            raise ValueError(f"there are no {self.what} to delete in {self.net.name}")

    def _what(self, field: str) -> str:
        return field

    def check_count(self, rounds: int) -> None:
        """Refuse to delete more than there is in so many rounds."""
        layers = [layer for layer, _ in _groups(self.net, self.what)]
        most = len(layers) - (len(set(layers)) if self.what == "maps" else 1)
        if not isinstance(self.delete, float) and self.delete * rounds > most:
            times = f" in each of {rounds} rounds" if rounds > 1 else ""
            raise ValueError(
                f"delete={self.delete:,} {self.what}{times} are more than there are to delete: {self.net.name} has "
                f"{len(layers):,}, of which {most:,} may go. Give fewer, or a share of those left, such as delete=0.3"
            )

    def round(self, number: int, progress: bool | None) -> Round:
        """Delete, measure, train, measure."""
        before, count = self._cost(), self.net.free_parameters
        saliencies = self.net.saliencies(self.X, self.y, self.diagonal).astype(np.float64)
        which = self._least(saliencies, number)
        predicted = float(saliencies[which].sum())
        self.net.delete(which)
        after = self._cost()
        self._train(progress, number)
        left, learned = self.net.free_parameters, evaluate(self.net, self.X, self.y)
        return Round(number, count - left, left, predicted, before, after, learned, self._tested())

    def _cost(self) -> float:
        return evaluate(self.net, self.X, self.y).cost

    def _tested(self) -> Measurement | None:
        return None if self.test is None else evaluate(self.net, *self.test)

    def _train(self, progress: bool | None, number: int) -> None:
        if self.retrain and self.rule is not None:
            how: dict[str, Any] = {"order": self.order, "seed": (self.seed + number) % LARGEST_SEED}
            how |= {"measure": False, "progress": progress}
            train(self.net, self.X, self.y, rule=self.rule, passes=self.retrain, **how)

    def _least(self, saliencies: Array, number: int) -> Array:
        """The numbers of the parameters to delete."""
        groups = list(_groups(self.net, self.what))
        count = round(self.delete * len(groups)) if isinstance(self.delete, float) else self.delete
        if self.by == "random":
            scores = np.random.PCG64([self.seed, number]).random_raw(len(groups)).astype(np.float64)
        else:
            each = saliencies if self.by == "saliency" else self.net.parameters.astype(np.float64) ** 2
            scores = np.array([each[group].sum() for _, group in groups])
        order = np.argsort(scores, kind="stable").tolist()
        last = {groups[i][0]: i for i in order} if self.what == "maps" else {}  # each layer keeps its best map
        chosen = [groups[i][1] for i in order if last.get(groups[i][0]) != i][:count]
        return np.unique(np.concatenate([*chosen, np.zeros(0, np.int64)]))

    def plain(self) -> dict[str, Any]:
        """The task as plain values, by which a checkpoint is recognised."""
        names = ("delete", "by", "what", "retrain", "diagonal", "order", "seed")
        return {
            **{name: getattr(self, name) for name in names},
            "rule": self.rule and plain(self.rule),
            "patterns": self.net.patterns(self.X, self.y).digest(),
        }


# ---- Kernels and maps as numbers of their parameters ----------------------------------------------------------------


def _groups(net: Net, what: What) -> Iterator[tuple[str, Array]]:
    """The layer of everything that can be deleted, and the numbers of its parameters that are left."""
    deleted = net.deleted
    if what == "parameters":
        yield from (("", np.array([u])) for u in np.flatnonzero(~deleted))
        return
    layers = list(net.layers_of(np.arange(deleted.size)).values())[1:]
    for i, layer in enumerate(layers if what == "kernels" else layers[:-1]):
        kernels: Iterable[Array] = () if layer.kernels is None else layer.kernels.reshape(len(layer.kernels), -1)
        for group in kernels if what == "kernels" else _maps(layers, i):
            left = group[~deleted[group]]
            if left.size:
                yield layer.name, left


def _maps(layers: Sequence[NetLayer], i: int) -> Iterator[Array]:
    """All parameters to and from each map of local connections, or each unit of a full layer."""
    layer = layers[i]
    if isinstance(layer.declaration, (Local, Full)):
        weights = layer.weights
        assert weights is not None
        for m in range(layer.shape[0]):
            bias = np.zeros(0, np.int64) if layer.bias is None else layer.bias[m].ravel()
            yield np.concatenate([weights[m].ravel(), bias, *_above(layers, i, m)])


def _above(layers: Sequence[NetLayer], i: int, m: int) -> Iterator[Array]:
    """All parameters of the connections that read map m of layer i, and of averages of it."""
    layer = layers[i + 1]
    match layer.declaration:
        case Average():
            assert isinstance(layer.weights, np.ndarray)
            assert layer.bias is not None
            yield from (layer.weights[m : m + 1], layer.bias[m : m + 1])
            if i + 2 < len(layers):
                yield from _above(layers, i + 1, m)
        case Dropout() if i + 2 < len(layers):
            yield from _above(layers, i + 1, m)
        case Local():
            assert layer.table is not None
            assert layer.kernels is not None
            sources = np.concatenate([np.array(row) for row in layer.table])
            yield layer.kernels[sources == m].ravel()
        case Full():
            yield np.asarray(layer.weights).reshape(layer.units, layers[i].shape[0], -1)[:, m].ravel()


# ---- The checkpoint -------------------------------------------------------------------------------------------------


def _read(path: Place, task: _Task, rounds: int) -> Pruning:
    """The rounds of a file; the net is set to the last of them."""
    again = "Give the same again to go on, or another file to start again"
    stored = storage.read(path)
    record = stored.about.get("pruning")
    try:
        if not isinstance(record, dict):
            raise ValueError("it has no record of a pruning")
        if other := difference(stored.about["net"], as_read(plain_net(task.net)), "the net"):
            raise ValueError(other)
        was, now = record["task"], as_read(task.plain())
        if was["patterns"] != now["patterns"]:
            raise ValueError(f"the images or labels are other ones, or in another order. {again}")
        if other := difference(was, now, "the pruning"):
            raise ValueError(f"{other}. {again}")
        done = Pruning(task.by, [Round.from_plain(one) for one in record["rounds"]])
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: it is not a checkpoint of this pruning: {error}") from None
    if len(done.rounds) > rounds:
        raise ValueError(f"{path}: it has {counted(len(done.rounds), 'round')} already, more than rounds={rounds}")
    task.net._core.bring(stored.net.parameters, deleted=stored.net.deleted.view(np.uint8))
    return done
