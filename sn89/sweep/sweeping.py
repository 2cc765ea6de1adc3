"""run(): every combination of choices with every seed, each once, even if the sweep is stopped and started again."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import Any

from ..aliases import Place
from ..arguments import check_seed, whole
from ..datasets.digits import Digits
from ..notebook import progress_bar
from ..recipes import Recipe
from .choices import Choices, Random, changed, product_of
from .described import described, digest
from .lines import Lines, Record
from .results import Results
from .work import SHARES, Key, Work, digits_key, killed
from .workers import Ended, check_backend, each

AnyRecipe = Recipe | Callable[..., dict[str, Any]]


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

    Results and their order do not depend on the workers, to the bit, if all processors have FMA or none has.

    Parameters
    ----------
    recipe : Recipe or callable
        A recipe, which is trained and then measured; or a function ``recipe(seed, **choices)`` that returns a
        dictionary of numbers, strings, None, or lists and dictionaries of them. NaN and infinity become None.
    grid : mapping or Random, optional
        Lists of values by name, all combinations of which are tried, or random choices: see `sn89.sweep`.
    seeds : int or iterable of int
        The number of seeds, which then count from 1, or the seeds themselves.
    digits : Digits, optional
        Digits in place of those that the recipe loads. To choose something without the test digits, give
        ``sn89.reproduce.runs.held_out(sn89.datasets.usps())``.
    out : path, optional
        A file of JSON lines. Each run is written when it ends, and is not repeated if the sweep is called again with
        this file; with more choices or seeds only the new ones are trained. Recipes and digits are recognised by their
        values and the names of their functions: after a change of a function, write to another file.
    retry : bool
        Whether to repeat all failed runs of the file. Runs that exited, ended their worker, raised something that
        cannot be printed or returned something that cannot be written are repeated in any case.
    backend : {"threads", "processes", "dask"}
        "threads" of this process; "processes", for functions that hold the GIL or may end their process; or "dask", the
        cluster of the ``dask.distributed.Client`` that was made last, whose workers may be lost or join late. The last
        two need an extra, "sweep" or "dask".
    workers : int, optional
        Number of runs at once; by default the number of processors. A cluster has its own number.
    progress : bool, optional
        Whether to show a progress bar; by default if standard error is a terminal.

    Returns
    -------
    Results

    Raises
    ------
    TypeError, ValueError
        For bad input, or if `out` is a file of another sweep; nothing is trained then, and the file stays as it was.
        Errors of a run are among the results instead.
    OSError, BlockingIOError
        If `out` cannot be written, or another sweep is writing to it.
    ImportError
        If the backend needs an extra that is not installed.
    RuntimeError
        If a worker has another version of sn89.
    KeyboardInterrupt
        On Ctrl-C. Running trainings end after their pass, functions when they return; runs of a cluster's workers
        finish, and their results are lost. The lines of the file stay.

    Examples
    --------
    >>> import sn89
    >>> recipe = sn89.recipes.Recipe("a trial", sn89.nets.zip_code, sn89.datasets.synthetic, sn89.SGD(), 1)
    >>> digits = sn89.datasets.synthetic(200, 50)
    >>> results = sn89.sweep.run(recipe, {"rule.rate": [0.001, 0.002]}, seeds=2, digits=digits)
    >>> [row["runs"] for row in results.mean(by="rule.rate")]
    [2, 2]
    """
    if not isinstance(grid, Mapping | Random | None):
        raise TypeError(f"grid must be a dictionary of lists of values by name, or a Random, not {grid!r:.100}")
    choices = list(grid) if isinstance(grid, Random) else product_of(grid or {})
    wanted = seeds_of(seeds)
    sweep = Sweep(recipe, tuple(choices[0]), digits, out, backend, workers)
    with sweep.lines:
        sweep.run(choices, wanted, retry, progress)
        return sweep.results(choices, wanted)


class Sweep:
    """A sweep to which runs can be added while its `lines` are open. Its arguments are those of `run`."""

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

    def run(self, choices: list[Choices], seeds: list[int], retry: bool = False, progress: bool | None = None) -> None:
        """Carry out the runs that have not finished yet."""
        for one in choices:
            self._check_choices(one)
        runs, known = self._runs(choices, seeds), self.lines.known
        over = {key for key in runs.keys() & known.keys() if not (retry and "failure" in known[key])}
        self._carry_out({key: run for key, run in runs.items() if key not in over}, len(runs), progress)

    def results(self, choices: list[Choices], seeds: list[int]) -> Results:
        """The finished runs with these choices and seeds, in their order."""
        shares = SHARES if isinstance(self.recipe, Recipe) else ()
        return Results(self.names, [self.lines.known[key] for key in self._runs(choices, seeds)], shares)

    def _runs(self, choices: list[Choices], seeds: list[int]) -> dict[str, tuple[Choices, Record]]:
        """The choices of every run and the beginning of its line, by key, so that equal draws are one run."""
        runs: dict[str, tuple[Choices, Record]] = {}
        for one in choices:
            labels = {name: value.label for name, value in one.items()}
            for seed in seeds:
                record = {**labels, "seed": seed}
                runs.setdefault(self.lines.key(record), (one, record))
        return runs

    def _check_choices(self, choices: Choices) -> None:
        """Find the digits, and refuse wrong choices before anything is trained."""
        if not isinstance(self.recipe, Recipe):
            _check_call(self.recipe, choices)
            return
        recipe, key = changed(self.recipe, choices), digits_key(choices)
        if key in self.digits:
            return
        self.digits[key] = digits = recipe.digits()
        if not isinstance(digits, Digits):
            raise TypeError(f"{recipe.digits!r:.100} must return a sn89.datasets.Digits, not {digits!r:.100}")

    def _carry_out(self, runs: dict[str, tuple[Choices, Record]], total: int, progress: bool | None) -> None:
        """Carry out runs; each is written to the file when it ends."""
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
        raise ValueError("digits are for recipes: a function takes its own, for example by functools.partial")
    if chosen := [name for name in names if name.partition(".")[0] == "digits"]:
        raise ValueError(f"digits are given, so {chosen[0]!r} cannot be chosen")


def seeds_of(seeds: int | Iterable[int]) -> list[int]:
    """The seeds from 1 to a number, or the given ones."""
    if not isinstance(seeds, Iterable):
        return list(range(1, whole(seeds, "seeds", least=1) + 1))
    given = [check_seed(seed, "each of the seeds") for seed in seeds]
    if not given or len(set(given)) < len(given):
        raise ValueError(f"seeds must be at least one seed, and all different, not {given!r:.100}")
    return given


def _check_call(recipe: Callable[..., Any], choices: Choices) -> None:
    try:
        signature = inspect.signature(recipe)
    except ValueError:  # a few built-in functions have no signature
        return
    try:
        signature.bind(1, **choices)
    except TypeError as error:
        called = ", ".join(["seed", *(f"{name}=..." for name in choices)])
        raise TypeError(f"the recipe cannot be called with ({called}): {error}") from None
