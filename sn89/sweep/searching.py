"""search(): Optuna chooses the next trials by the results so far."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..aliases import Place
from ..arguments import whole
from ..datasets.digits import Digits
from .choices import Choice, Choices, OneOf, Real, Whole, check_distributions
from .results import Record, Results, is_number
from .sweeping import AnyRecipe, Sweep, seeds_of

AT_ONCE = 4


class Found(NamedTuple):
    """The result of a search.

    Attributes
    ----------
    best : dict
        The choices and the means of the best trial, as a row of `Results.mean`.
    results : Results
        All runs.
    study : optuna.Study
        The study, for Optuna's own pictures and statistics.
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
    """Search for the choices with the best mean over the seeds, by a sampler of Optuna.

    Trials are asked for in groups, and the next group when all runs of the last one have finished. So the result does
    not depend on the workers, and a search that was stopped goes on from its file.

    Parameters
    ----------
    recipe : Recipe or callable
        As for `run`.
    distributions : mapping of str to Real, Whole or OneOf
        The range of each choice, by name.
    trials : int
        Number of combinations that are tried.
    seeds : int or iterable of int
        As for `run`: the seeds of each trial.
    objective : str
        The result to minimise. A trial fails if one of its runs failed or has no such number.
    maximize : bool
        Whether to maximise it instead.
    at_once : int
        Number of trials in a group.
    sampler : optuna.samplers.BaseSampler, optional
        ``TPESampler(seed=0)`` by default. A sampler without a seed gives another search each time.
    digits : Digits, optional
        As for `run`. Test digits that have served to choose no longer judge the choice: give held-out digits.
    out, backend, workers, progress : optional
        As for `run`.

    Returns
    -------
    Found

    Raises
    ------
    ImportError
        If Optuna is not installed.
    ValueError
        If all trials failed. All other errors are those of `run`.
    """
    try:
        import optuna
    except ImportError:
        raise ImportError('a search needs Optuna: pip install "sn89[optuna]"') from None
    check_distributions(distributions)
    for name, one in distributions.items():
        if not isinstance(one, Real | OneOf):
            raise TypeError(f"{name!r} must be a Real, Whole or OneOf, not {one!r:.100}")
    seeds = seeds_of(seeds)
    trials, at_once = whole(trials, "trials", least=1), whole(at_once, "at_once", least=1)
    sampler = sampler or optuna.samplers.TPESampler(seed=0)
    if not isinstance(sampler, optuna.samplers.BaseSampler):
        raise TypeError(f"sampler must be one of optuna.samplers, not {sampler!r:.100}")
    study = optuna.create_study(direction="maximize" if maximize else "minimize", sampler=sampler)
    tried: list[Results] = []
    everything: list[Choices] = []
    sweep = Sweep(recipe, tuple(distributions), digits, out, backend, workers)
    with sweep.lines:
        while len(tried) < trials:
            asked = [study.ask() for _ in range(min(at_once, trials - len(tried)))]
            several = [_choices(trial, distributions) for trial in asked]
            everything += several
            sweep.run(several, seeds, progress=progress)
            for trial, choices in zip(asked, several, strict=True):
                tried.append(sweep.results([choices], seeds))
                _tell(study, trial, tried[-1], objective)
    return Found(_best(study, tried, objective), sweep.results(everything, seeds), study)


def _choices(trial: Any, distributions: Mapping[str, Real | Whole | OneOf]) -> Choices:
    """The choices that Optuna suggests."""
    made = {}
    for name, one in distributions.items():
        if isinstance(one, OneOf):
            by_word = {str(value.label): value for value in one.values}
            made[name] = by_word[trial.suggest_categorical(name, list(by_word))]
            continue
        suggest = trial.suggest_int if isinstance(one, Whole) else trial.suggest_float
        drawn = suggest(name, one.low, one.high, log=one.log)
        made[name] = Choice(drawn, drawn)
    return made


def _tell(study: Any, trial: Any, runs: Results, objective: str) -> None:
    """Tell Optuna the result of a trial; a trial without a number has failed."""
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
