"""Checkpoints: files from which a training goes on as if it had not been interrupted.

A checkpoint is the file of a net (see `sn89.storage`; `sn89.load` reads it) that also holds the state of the rule, the
progress and history of the training, and a description of the training, so that only the same one goes on. It needs no
state of a random generator, because random numbers depend only on the seed and on the number of the presentation.
"""

import hashlib
import math
import os
import time
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from . import storage
from .aliases import Array, Place
from .arguments import LARGEST_COUNT, not_negative, whole
from .atomic import named, owned
from .declaration import declared_rule, difference, plain, plain_net, todays_rule
from .distortions import Distortion
from .facts import other_digits
from .history import History, Kept, Pass
from .measure import Measurement
from .net import Net, Patterns, Presented
from .record import Plain, as_read, digits_of, ended_of, kept_pass
from .rules import Rule, RuleState
from .version import __version__

LONGEST = 2**18  # passes of a history, at most
_NONE = Measurement(math.nan, math.nan, math.nan, math.nan)  # type: ignore[arg-type]  # for a pass without measurement
_MEASURED = ("train", "test", "held_out")
_COLUMNS = 2 + 4 * len(_MEASURED)


@dataclass
class Progress:
    """The progress of a training."""

    history: History  # of the completed passes
    before: int = 0  # presentations before this training, if it began with a state
    current: int = 1  # number of the pass in `presented`: the next one, or for a moment the last one of the history
    presented: Presented = field(default_factory=Presented)
    seconds: float = 0.0  # time that this pass has taken
    asked: bool = True  # whether the callbacks were called after the last pass of the history

    @property
    def under_way(self) -> bool:
        """Whether the pass in `presented` is not in the history yet."""
        return self.current > len(self.history.passes)

    def all_presented(self, count: int) -> int:
        """The number of all presentations, with `count` patterns in a pass."""
        return self.before + len(self.history.passes) * count + (self.presented.count if self.under_way else 0)

    def next(self) -> None:
        """Turn to the next pass. The order of the steps matters, because Ctrl-C may come between any two."""
        self.presented = Presented()
        self.seconds = 0.0
        self.current += 1


@dataclass(frozen=True)
class Task:
    """A description of a training. Only a training with the same description goes on from a checkpoint."""

    rule: Rule
    patterns: Patterns
    order: str
    seed: int
    distortion: Distortion | None
    held_out: float | None = None  # the share of the digits that is not among the patterns
    weights: Array | None = field(default=None, compare=False)
    digits: dict[str, Any] = field(default_factory=dict, compare=False)  # facts about them, see sn89.facts

    def plain(self) -> dict[str, Any]:
        """The description as JSON values, with the SHA-256 of weights and patterns."""
        weights = None if self.weights is None else np.ascontiguousarray(self.weights, np.float32).tobytes()
        return {
            "rule": plain(self.rule),
            "order": self.order,
            "seed": self.seed,
            "distortion": self.distortion and plain(self.distortion),
            "held_out": self.held_out,
            "weights": weights and hashlib.sha256(weights).hexdigest(),
            "patterns": self.patterns.digest(),
        }


class Checkpoint:
    """The file of a training that is running; it is written at most once in `interval` seconds."""

    def __init__(self, path: Place, interval: float, net: Net, task: Task, resume: bool) -> None:
        self.name, self.path = os.fspath(path), Path(os.path.abspath(path))  # the process may change its folder
        self.interval, self.resume = not_negative(interval, "checkpoint_interval"), resume
        self.net, self.task, self.which = net, task, task.plain()
        self.written = time.monotonic()
        self.table = _table([])  # the passes that the file holds
        self.owned = owned(self.name, "another training")  # with it, no other training writes the file

    def exists(self) -> bool:
        """Whether the file exists; an error if it does and may not be resumed, because it would be lost."""
        there = os.path.lexists(self.path)
        if there and not self.resume:
            raise FileExistsError(f"{self.name} exists already: go on from it with resume=True, or remove it")
        return there

    def write_if_due(self, progress: Progress) -> None:
        """Write the file if `interval` seconds have passed since the last time."""
        if time.monotonic() - self.written >= self.interval:
            self.write(progress)

    def write(self, progress: Progress) -> None:
        """Write the file; keep the last one if the training diverges, that is, if the net is no longer finite."""
        if not is_finite(self.net):
            return
        history, under_way = progress.history, progress.under_way
        training = {
            "before": progress.before,
            "presented": progress.presented.count if under_way else 0,
            "cost": progress.presented.cost if under_way else 0.0,
            "seconds": progress.seconds if under_way else 0.0,
            "asked": progress.asked,
            "ended": history.ended,
            "kept": history.kept and [history.kept.number, history.kept.why],
        }
        self.table = np.concatenate([self.table, _table(history.passes[len(self.table) :])])
        best = (history.kept and history.kept.net) or self.net  # sn89.load returns this net
        others = {"passes": self.table} | {name: getattr(best, name) for name in storage.STATE}
        if best is not self.net:
            others |= {name: getattr(self.net, name.removeprefix("last.")).astype(np.float32) for name in storage.LAST}
        provenance = {"sn89": __version__, "digits": self.task.digits}
        with named(self.name):
            storage.write(self.path, best, {"training": training, "task": self.which, "provenance": provenance}, others)
        self.written = time.monotonic()

    def read(self, passes: int) -> Progress:
        """Set the net to its state in the file, and return the progress of the training, which has `passes` passes.

        If the file belongs to another net or training, a ValueError says so, and the net stays as it was.
        """
        net, metadata, arrays = storage.read(self.name, self._limit(passes))
        self._check_passes(len(arrays.get("passes", ())), passes)
        try:
            if other := difference(metadata["net"], as_read(plain_net(self.net)), "the net"):
                raise ValueError(other)
            for name in ("training", "provenance", "task"):
                if not isinstance(metadata.get(name, {}), dict):
                    raise TypeError(f"its entry {name} must be an object, not {metadata[name]!r:.40}")
            digits = digits_of(metadata.get("provenance", {}))
            if other := _other_task(metadata["task"], self.which, digits, self.task.digits):
                raise ValueError(f"{other}. Use the same as before to go on, or another checkpoint to begin anew")
            so_far = _progress(metadata["training"], arrays["passes"], self.task)
            kept = _kept(metadata["training"], so_far, arrays)
        except KeyError:
            raise ValueError(
                f"{self.name}: it is the file of a net, not a checkpoint from which a training can go on. Name another "
                "file as checkpoint, or train the net that sn89.load reads from this file"
            ) from None
        except (ValueError, TypeError, OverflowError) as error:
            raise ValueError(f"{self.name}: it is not a checkpoint of this training: {error}") from None
        count = self.task.patterns.count
        self._check_passes(so_far.current - 1 + (so_far.presented.count > 0), passes)
        state = RuleState(so_far.before + len(so_far.history.passes) * count, net.curvature.copy(), net.momentum.copy())
        if kept:
            number, why = kept
            kept_state = replace(state, presented=so_far.before + number * count)
            so_far.history.kept = Kept(number, why, net, kept_state)
            parameters, curvature, momentum, deleted = (arrays[name] for name in storage.LAST)
            bring(self.net, parameters, deleted > 0, state := RuleState(state.presented, curvature, momentum))
        else:
            bring(self.net, net.parameters, net.deleted, state)
        so_far.history.state = state
        return so_far

    def _check_passes(self, made: int, passes: int) -> None:
        if made > passes:
            raise ValueError(
                f"{self.name}: this training is already in pass {made}, but passes is {passes}: give more to go on"
            )

    def _limit(self, passes: int) -> int:
        """Largest size of the file in bytes, which allows for the net in memory, however large it is."""
        size, _ = Net.size(self.net.input, *self.net.layers, squash=self.net.squash, cost=self.net.cost)
        return max(storage.LIMIT, 2 * size + storage.HEADER_LIMIT + 8 * _COLUMNS * passes)


def history_in(stored: storage.Stored) -> History | None:
    """The history in a checkpoint, or None if the file is not one; a ValueError or TypeError if it is invalid."""
    task, table = stored.about.get("task"), stored.arrays.get("passes")
    if not isinstance(task, dict) or table is None:
        return None
    training, passes = stored.about.get("training"), _passes(table)
    training = training if isinstance(training, dict) else {}
    kept = None if training.get("kept") is None else Kept(*kept_pass(len(passes), *training["kept"]))
    return History(declared_rule(task.get("rule")), passes, kept=kept, ended=ended_of(training))


def is_finite(net: Net) -> bool:
    """Whether parameters, curvature and momentum are finite everywhere."""
    return all(np.isfinite(vector).all() for vector in (net.parameters, net.curvature, net.momentum))


def bring(net: Net, parameters: Array, deleted: Array, state: RuleState) -> None:
    """Set all state of a net."""
    vectors = [np.ascontiguousarray(one, np.float32) for one in (parameters, state.curvature, state.momentum)]
    net._core.bring(vectors[0], vectors[1], vectors[2], np.asarray(deleted, bool).view(np.uint8))


def _other_task(recorded: Plain, expected: Plain, were: Plain, are: Plain) -> str | None:
    """The first difference between the training in a file and this one, in words; None if they are the same."""
    recorded, expected = {**recorded, "rule": todays_rule(recorded["rule"])}, as_read(expected)
    for name in ("rule", "order", "seed", "distortion"):
        if other := difference(recorded.get(name), expected[name], f"the {name}"):
            return other
    if recorded["patterns"] == expected["patterns"]:
        return None
    if other := other_digits(were, are):
        return other
    if other := difference(recorded.get("held_out"), expected["held_out"], "the share that is held out"):
        return other
    if recorded.get("weights") != expected["weights"]:
        return "the weights of the images are different"
    return "the images are different, or in another order"


def _progress(training: dict[str, Any], table: Array, task: Task) -> Progress:
    history = History(task.rule, _passes(table), digits=task.digits, ended=ended_of(training))
    before = whole(training["before"], "before", least=0, most=LARGEST_COUNT)
    presented = whole(training["presented"], "presented", least=0, most=task.patterns.count)
    so_far = Progress(history, before, len(history.passes) + 1, Presented(presented, training["cost"]))
    so_far.seconds, so_far.asked = float(training["seconds"]), bool(training.get("asked", True))
    return so_far


def _kept(training: dict[str, Any], so_far: Progress, arrays: Mapping[str, Array]) -> tuple[int, str] | None:
    """The number of the pass that was kept, and the reason; the file then holds the net of the last pass too."""
    if training.get("kept") is None:
        return None
    for name in storage.LAST:
        if not np.isfinite(arrays[name]).all():  # a KeyError if it is missing
            raise ValueError(f"{name} must be finite")
    return kept_pass(len(so_far.history.passes), *training["kept"])


def _table(passes: list[Pass]) -> Array:
    """Cost, seconds and measurements of each pass, float64 (passes, 14); NaN stands for a missing value."""
    rows = [
        (one.cost, one.seconds, *chain.from_iterable(astuple(getattr(one, name) or _NONE) for name in _MEASURED))
        for one in passes
    ]
    return np.array(rows, float).reshape(-1, _COLUMNS)


def _passes(table: Array) -> list[Pass]:
    if len(table) > LONGEST:
        raise ValueError(f"it has {len(table)} passes, more than the limit of {LONGEST}")
    if table.ndim != 2 or table.shape[1] not in (_COLUMNS, _COLUMNS - 4):  # older files have no held-out digits
        raise ValueError(f"its passes must be an array of {_COLUMNS} columns, not of shape {table.shape}")
    return [
        Pass(number, row[0], row[1], *(_measurement(row[i : i + 4]) for i in range(2, len(row), 4)))
        for number, row in enumerate(table.tolist(), 1)
    ]


def _measurement(row: list[float]) -> Measurement | None:
    patterns, wrong, cost, half_mse = row
    if math.isnan(patterns):
        return None
    half = None if math.isnan(half_mse) else half_mse
    return Measurement(int(patterns), None if math.isnan(wrong) else int(wrong), cost, half)
