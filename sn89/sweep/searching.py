"""search(): Optuna chooses what is tried next, after what has come out so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..arguments import whole
from ..datasets.digits import Digits
from .choices import Choice, Choices, OneOf, Real, Whole, check_distributions
from .results import Record, Results, is_number
from .sweeping import AnyRecipe, Place, Sweep, seeds_of

AT_ONCE = 4


class Found(NamedTuple):
    """What a search found.

    Attributes
    ----------
    best : dict
        The choices of the best trial, and their mean as `Results.mean` has it.
    results : Results
        All runs.
    study : optuna.Study
        For Optuna's own pictures and statistics.
    """

    best: Record
    results: Results
    study: Any

    def __str__(self) -> str:
        """All means, and the best of them."""
        return f"{self.results}\nbest: {self.results._in_words(self.best)}"


def search(
    recipe: AnyRecipe,
    distributions: Mapping[str, Real | Whole | OneOf],
    trials: int,
    seeds: int | Iterable[int] = 1,
    *,
    objective: str = "test_error",
    maximize: bool = False,
    at_once: int = AT_ONCE,
    sampler: Any = None,
    digits: Digits | None = None,
    out: Place | None = None,
    backend: str = "threads",
    workers: int | None = None,
    progress: bool | None = None,
) -> Found:
    """Look for the choices with the best mean over the seeds, by a sampler of Optuna.

    Trials are asked for so many at once, and the next ones when all of these are over: so the same search comes out
    whatever the workers, and one that was stopped goes on from its file, from which it takes what it has done.

    Parameters
    ----------
    recipe : Recipe or callable
        As of `run`, and so all others that are not told of here.
    distributions : mapping of str to Real, Whole or OneOf
        What is chosen from.
    trials : int
        How many combinations are tried.
    seeds : int or iterable of int
        Of each trial.
    objective : str
        The result that is to be small; a trial of which a run failed, or has no such number, is a failed one.
    maximize : bool
        Whether it is to be large instead.
    at_once : int
        How many trials are asked for at once.
    sampler : optuna.samplers.BaseSampler, optional
        By default ``TPESampler(seed=0)``. One without a seed chooses anew each time.
    digits : Digits, optional
        Of what is chosen by the test digits those say nothing more: give digits that are held out.
    out : path, optional
        The file of lines.
    backend : {"threads", "processes", "dask"}
        Who trains.
    workers : int, optional
        How many at once.
    progress : bool, optional
        Whether to show a progress bar.

    Returns
    -------
    Found

    Raises
    ------
    ImportError
        If Optuna is not installed.
    ValueError
        If all trials failed.
    TypeError, ValueError, OSError, ...
        As for `run`.
    """
    optuna = _optuna()
    check_distributions(distributions)
    for name, one in distributions.items():
        if not isinstance(one, (Real, Whole, OneOf)):
            raise TypeError(f"{name!r} must be searched in a Real, Whole or OneOf, not {one!r:.100}")
    seeds = seeds_of(seeds)
    trials, at_once = whole(trials, "trials", least=1), whole(at_once, "at_once", least=1)
    sampler = sampler or optuna.samplers.TPESampler(seed=0)
    if not isinstance(sampler, optuna.samplers.BaseSampler):
        raise TypeError(f"sampler must be one of optuna.samplers, not {sampler!r:.100}")
    study = optuna.create_study(direction="maximize" if maximize else "minimize", sampler=sampler)
    tried: list[Results] = []
    everything: list[Choices] = []
    with Sweep(recipe, tuple(distributions), digits, out, backend, workers) as sweep:
        while len(tried) < trials:
            asked = [study.ask() for _ in range(min(at_once, trials - len(tried)))]
            several = [_choices(trial, distributions) for trial in asked]
            everything += several
            sweep.run(several, seeds, progress=progress)
            for trial, choices in zip(asked, several, strict=True):
                tried.append(sweep.results([choices], seeds))
                _tell(study, trial, tried[-1], objective)
    return Found(_best(study, tried, objective), sweep.results(everything, seeds), study)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise ImportError("a search needs Optuna: pip install 'sn89[optuna]'") from None
    return optuna


def _choices(trial: Any, distributions: Mapping[str, Real | Whole | OneOf]) -> Choices:
    """What Optuna suggests."""
    made = {}
    for name, one in distributions.items():
        if isinstance(one, OneOf):
            by_word = {str(value.label): value for value in one.values}
            made[name] = by_word[trial.suggest_categorical(name, list(by_word))]
            continue
        suggest = trial.suggest_float if isinstance(one, Real) else trial.suggest_int
        drawn = suggest(name, one.low, one.high, log=one.log)
        made[name] = Choice(drawn, drawn)
    return made


def _tell(study: Any, trial: Any, runs: Results, objective: str) -> None:
    """Tell Optuna what came out of a trial: without a number that it failed."""
    from optuna.trial import TrialState

    if all(is_number(record.get(objective)) for record in runs):
        study.tell(trial, runs.mean()[0][objective])
    else:
        study.tell(trial, state=TrialState.FAIL)


def _best(study: Any, tried: list[Results], objective: str) -> Record:
    from optuna.trial import TrialState

    if study.get_trials(states=[TrialState.COMPLETE]):
        best: int = study.best_trial.number
        return tried[best].mean()[0]
    record = next((record for record in tried[0] if "failure" in record), tried[0][0])
    why = f"{record['failure']}: {record['message']}" if "failure" in record else f"no number called {objective!r}"
    raise ValueError(f"all trials failed, the first one with {why:.300}")
