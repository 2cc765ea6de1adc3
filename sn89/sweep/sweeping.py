"""run(): every combination of choices with every seed, each once, however often it is stopped."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import Any

from ..arguments import LARGEST_SEED, whole
from ..datasets.digits import Digits
from ..recipes import Recipe
from .choices import Choices, Random, changed, product_of
from .described import described, digest
from .lines import Lines, Record
from .results import Results
from .work import SHARES, Key, Work, digits_key, killed
from .workers import Ended, check_backend, each

AnyRecipe = Recipe | Callable[..., dict[str, Any]]
Place = str | os.PathLike[str]


def run(
    recipe: AnyRecipe,
    grid: Mapping[str, Any] | Random | None = None,
    seeds: int | Iterable[int] = 1,
    *,
    digits: Digits | None = None,
    out: Place | None = None,
    retry: bool = False,
    backend: str = "threads",
    workers: int | None = None,
    progress: bool | None = None,
) -> Results:
    """Train a recipe with every combination of choices and every seed.

    The same results come out to the bit, in the same order, whatever the workers, where processors have FMA alike.

    Parameters
    ----------
    recipe : Recipe or callable
        What is trained and then measured; or ``recipe(seed, **choices)``, which returns a dictionary of numbers,
        strings, None, or lists and dictionaries of them. NaN and infinity become None.
    grid : mapping or Random, optional
        Names to lists of values, all combinations of which are tried, or choices that are drawn: see `sn89.sweep`.
    seeds : int or iterable of int
        How many, from 1 on, or which.
    digits : Digits, optional
        Instead of those that the recipe finds: to choose something,
        ``sn89.reproduce.runs.held_out(sn89.datasets.usps())``, which leaves the test digits alone.
    out : path, optional
        A file of JSON lines. Each run is written when it is over, and is not repeated if the sweep is called again with
        this file; with more choices or seeds only those that are new are trained. Recipes and digits are known by their
        values and the names of their functions: after a function was changed, write to another file.
    retry : bool
        Whether all runs that failed according to the file are tried again. Those that exited, ended their worker,
        raised what cannot be printed or returned what cannot be written are tried once more in any case.
    backend : {"threads", "processes", "dask"}
        Threads of this process; processes, for functions that hold the GIL or may end the process that they run in; or
        the cluster of the ``dask.distributed.Client`` that was made last, whose workers may be lost, or join late. The
        last two need an extra, "sweep" or "dask".
    workers : int, optional
        How many are trained at once: by default as many as there are processors. A cluster knows by itself.
    progress : bool, optional
        Whether to show a progress bar; by default if standard error is a terminal.

    Returns
    -------
    Results

    Raises
    ------
    TypeError, ValueError
        For bad input, or if `out` is a file of another sweep; nothing was trained, and the file is as it was. What a
        run raises is among the results instead.
    OSError
        If `out` cannot be written; the lines that are there stay.
    BlockingIOError
        If another sweep is at work on `out`.
    ImportError
        If the backend needs an extra that is not installed.
    RuntimeError
        If a worker has another version of sn89.
    KeyboardInterrupt
        On Ctrl-C; trainings under way end after their pass, functions when they return, and what a cluster's workers
        have begun goes on to its end, unheard. What is in the file stays.
    """
    if not isinstance(grid, Mapping | Random | None):
        raise TypeError(f"grid must be a dictionary, from names to lists of values, or a Random, not {grid!r:.100}")
    choices = list(grid) if isinstance(grid, Random) else product_of(grid or {})
    wanted = seeds_of(seeds)
    with Sweep(recipe, tuple(choices[0]), digits, out, backend, workers) as sweep:
        sweep.run(choices, wanted, retry, progress)
        return sweep.results(choices, wanted)


class Sweep:
    """A sweep with its file open, to which runs can be added; arguments as of `run`, and the names of the choices."""

    def __init__(
        self,
        recipe: AnyRecipe,
        names: tuple[str, ...],
        digits: Digits | None = None,
        out: Place | None = None,
        backend: str = "threads",
        workers: int | None = None,
    ) -> None:
        _check(recipe, names, digits)
        self.recipe, self.names = recipe, names
        self.backend, self.workers = backend, check_backend(backend, workers)
        self.digits: dict[Key, Digits] = {} if digits is None else {(): digits}
        words = described([recipe, sorted(names), digits])
        self.lines = Lines(out, digest(words.encode()), tuple(sorted(names)))

    def __enter__(self) -> Sweep:
        self.lines.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.lines.__exit__(*error)

    def run(
        self, choices: Sequence[Choices], seeds: Sequence[int], retry: bool = False, progress: bool | None = None
    ) -> None:
        """Carry out what has not been yet."""
        self._try(choices)
        runs = self._runs(choices, seeds)
        self._carry_out({key: run for key, run in runs.items() if not self._is_over(key, retry)}, len(runs), progress)

    def results(self, choices: Sequence[Choices], seeds: Sequence[int]) -> Results:
        """Of what has been carried out, those with these choices, in their order."""
        shares = SHARES if isinstance(self.recipe, Recipe) else ()
        return Results(self.names, [self.lines.known[key] for key in self._runs(choices, seeds)], shares)

    def _runs(self, choices: Sequence[Choices], seeds: Sequence[int]) -> dict[str, tuple[Choices, Record]]:
        """Every combination by its key, so that what was drawn twice is one, and the beginning of its line."""
        runs: dict[str, tuple[Choices, Record]] = {}
        for one in choices:
            labels = {name: value.label for name, value in one.items()}
            for seed in seeds:
                record = {**labels, "seed": seed}
                runs.setdefault(self.lines.key(record), (one, record))
        return runs

    def _try(self, choices: Sequence[Choices]) -> None:
        """What is wrong with a choice is said before anything is trained, and digits are found."""
        for one in choices:
            if isinstance(self.recipe, Recipe):
                made = changed(self.recipe, one)
                if digits_key(one) not in self.digits:
                    self.digits[digits_key(one)] = _found(made)
            else:
                _check_call(self.recipe, one)

    def _is_over(self, key: str, retry: bool) -> bool:
        known = self.lines.known.get(key)
        return known is not None and not (retry and "failure" in known)

    def _carry_out(self, runs: dict[str, tuple[Choices, Record]], total: int, progress: bool | None) -> None:
        """Write each run to the file when it is over."""
        from ..notebook import progress_bar

        if not runs:
            return
        tasks = ((key, choices, record["seed"]) for key, (choices, record) in runs.items())
        failed = 0
        with ExitStack() as stack:
            done = stack.enter_context(closing(each(Work(self.recipe, self.digits), tasks, self.backend, self.workers)))
            bar = stack.enter_context(progress_bar(total, progress, initial=total - len(runs), unit=" runs"))
            for key, result in done:
                outcome = killed(result.message) if isinstance(result, Ended) else result
                self.lines.add(runs[key][1], outcome)
                if "failure" in outcome:
                    failed += 1
                    bar.set_postfix_str(f"{failed} failed", refresh=False)
                bar.update()


def _check(recipe: object, names: Sequence[str], digits: object) -> None:
    if not isinstance(recipe, Recipe) and not callable(recipe):
        raise TypeError(f"recipe must be a sn89.recipes.Recipe or a function (seed, **choices), not {recipe!r:.100}")
    if digits is None:
        return
    if not isinstance(digits, Digits):
        raise TypeError(f"digits must be a sn89.datasets.Digits, not {digits!r:.100}")
    if not isinstance(recipe, Recipe):
        raise ValueError("digits are for recipes: a function is given its own, by functools.partial")
    if chosen := [name for name in names if name.partition(".")[0] == "digits"]:
        raise ValueError(f"digits are given, so {chosen[0]!r} cannot be chosen")


def seeds_of(seeds: int | Iterable[int]) -> list[int]:
    """So many from 1 on, or those that are given."""
    if not isinstance(seeds, Iterable):
        return list(range(1, whole(seeds, "seeds", least=1) + 1))
    given = [whole(seed, "each of the seeds", least=0, most=LARGEST_SEED) for seed in seeds]
    if not given or len(set(given)) < len(given):
        raise ValueError(f"seeds must be at least one, and each given once, not {given!r:.100}")
    return given


def _found(recipe: Recipe) -> Digits:
    digits = recipe.digits()
    if not isinstance(digits, Digits):
        raise TypeError(f"{recipe.digits!r:.100} must return a sn89.datasets.Digits, not {digits!r:.100}")
    return digits


def _check_call(recipe: Callable[..., Any], choices: Choices) -> None:
    try:
        signature = inspect.signature(recipe)
    except ValueError:  # a few built-in functions have none
        return
    try:
        signature.bind(1, **choices)
    except TypeError as error:
        called = ", ".join(["seed", *(f"{name}=..." for name in choices)])
        raise TypeError(f"the recipe cannot be called with ({called}): {error}") from None
