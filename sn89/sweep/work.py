"""One run of a sweep: its choices go in, and its results come out as plain values."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

from ..datasets.digits import Digits
from ..recipes import Recipe
from ..training import evaluate
from ..version import __version__
from .choices import RESERVED, Choices, changed
from .described import digest, plain
from .workers import ends_with

Key = tuple[str, ...]
SHARES = ("train_error", "test_error")  # results of a recipe that are shares
MESSAGE = 2000  # characters of an error message that are kept


def digits_key(choices: Choices) -> Key:
    """The key of the digits of a run: the choices about them, in words."""
    return tuple(f"{name} = {one.label}" for name, one in sorted(choices.items()) if name.partition(".")[0] == "digits")


@dataclass(frozen=True, eq=False)
class Work:
    """Everything that the runs of a sweep share; each worker gets it once."""

    recipe: Recipe | Callable[..., dict[str, Any]]
    digits: dict[Key, Digits]  # of a recipe, by `digits_key`
    version: str = __version__  # that the sweep runs in; a worker must have the same

    def __call__(self, choices: Choices, seed: int, stop: Event | None = None) -> dict[str, Any]:
        """Carry out one run; return its results, or how it failed, and the seconds that it took."""
        if self.version != __version__:
            raise RuntimeError(f"a worker has sn89 {__version__}, but the sweep has {self.version}: install the same")
        started = time.perf_counter()
        try:
            if isinstance(self.recipe, Recipe):
                results = self._train(self.recipe, choices, seed, stop or Event())
            else:
                results = self.recipe(seed, **{name: one.value for name, one in choices.items()})
        except BaseException as error:  # a run that exits ends only itself
            if stop and stop.is_set():  # the sweep was stopped, so the run has not failed
                raise
            outcome = _failure(error, again=not isinstance(error, Exception))
        else:
            outcome = _written(results, choices)
        return {**outcome, "seconds": time.perf_counter() - started}

    def _train(self, recipe: Recipe, choices: Choices, seed: int, stop: Event) -> dict[str, Any]:
        digits = self.digits[digits_key(choices)]
        net, _ = changed(recipe, choices).train(digits.train, seed, callbacks=[ends_with(stop)])
        train, test = evaluate(net, *digits.train), evaluate(net, *digits.test)
        results = {"train_error": train.error, "test_error": test.error, "train_cost": train.cost}
        return {**results, "test_cost": test.cost, "parameters": digest(net.parameters)}


def _written(results: object, choices: Choices) -> dict[str, Any]:
    """Results as a line will have them, or a failure if a line cannot have them."""
    try:
        if not isinstance(results, dict):
            raise TypeError(f"the recipe must return a dictionary of results, not {results!r:.100}")
        made: dict[str, Any] = json.loads(json.dumps(plain(results, "results")))
        if taken := sorted(made.keys() & {*RESERVED, *choices}):
            raise ValueError(f"no result may be called {taken[0]!r}, because each line has something else of that name")
    except Exception as error:
        return _failure(error, again=True)
    return made


def killed(message: str) -> dict[str, Any]:
    """The outcome of a run that ended its worker, and then a process of its own."""
    return {"failure": "KilledWorker", "message": message, "again": True, "seconds": None}


def _failure(error: BaseException, again: bool) -> dict[str, Any]:
    """The outcome of a failed run; `again` repeats it when the sweep is called again."""
    try:
        message = str(error).encode(errors="backslashreplace").decode()[:MESSAGE]
    except BaseException:
        message, again = "the error cannot be printed", True
    return {"failure": type(error).__name__, "message": message} | ({"again": True} if again else {})
