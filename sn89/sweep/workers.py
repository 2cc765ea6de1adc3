"""Who carries out runs: threads of this process, which the core lets run side by side, or workers by joblib.

What can go wrong with many workers, and what is done about it:

- Large data sent with every run. What runs have in common is one object. Threads share it; Dask is given it once, and
  copies it to every worker before the first run (scatter); for processes joblib keeps large arrays in one file, which
  all map into memory. A run itself is sent its choices and its seed.
- More threads than processors. A training is one thread. A Dask worker takes as many at once as it has threads.
- Workers that hold the GIL, and so send no sign of life: Dask gives up on those after minutes. The core releases it
  while it trains and measures. A function that holds it that long is better off in processes than in threads.
- Millions of runs queued at once: two for each worker are, and the others wait in an iterator.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import closing
from importlib import import_module
from itertools import islice
from threading import Event
from typing import Any, TypeVar

from ..arguments import whole

A = TypeVar("A")
B = TypeVar("B")
#: Who there is, and the libraries that are needed.
EXTRAS: dict[str, tuple[str, ...]] = {"threads": (), "processes": ("joblib",), "dask": ("joblib", "distributed")}


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ends_with(stop: Event) -> Callable[..., None]:
    """A callback for `sn89.train` that ends the training after a pass if it is to stop."""

    def look(*_: object) -> None:
        if stop.is_set():
            raise CancelledError

    return look


def in_threads(carry_out: Callable[[A, Event], B], items: Iterable[A], workers: int) -> Generator[B, None, None]:
    """What comes of each item, as it comes, and of those that come at once in their order.

    The first that fails ends the rest, as does closing: `stop` is set.
    """
    stop, pool = Event(), ThreadPoolExecutor(workers)
    queued: list[Future[B]] = []
    waiting = iter(items)
    try:
        while True:
            queued += [pool.submit(carry_out, item, stop) for item in islice(waiting, 2 * workers - len(queued))]
            if not queued:
                return
            over = wait(queued, return_when=FIRST_COMPLETED).done
            done, queued = [one for one in queued if one in over], [one for one in queued if one not in over]
            for one in sorted(done, key=lambda one: one.exception() is not None):  # what came out before what failed
                yield one.result()
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


def check_backend(backend: object, workers: object) -> int | None:
    """Whether there is such a backend, and what it needs; how many workers there are to be, or None for all.

    Raises
    ------
    TypeError, ValueError
        If there is none, or not so many.
    ImportError
        If it needs an extra that is not installed.
    """
    if not isinstance(backend, str) or backend not in EXTRAS:
        raise ValueError(f'backend must be "threads", "processes" or "dask", not {backend!r}')
    for library in EXTRAS[backend]:
        _imported(library, backend)
    if backend != "dask":
        return processors() if workers is None else whole(workers, "workers", least=1)
    if workers is not None:
        raise ValueError(f'a cluster says how many workers there are: with backend="dask" give none, not {workers}')
    try:
        _imported("distributed", backend).get_client()
    except ValueError:
        raise ValueError('backend="dask" needs a cluster: make a dask.distributed.Client first') from None
    return None


def _imported(library: str, backend: str) -> Any:
    try:
        return import_module(library)
    except ImportError:
        extra = "dask" if backend == "dask" else "sweep"
        raise ImportError(f"backend={backend!r} needs {library}: pip install 'sn89[{extra}]'") from None


def each(
    work: Callable[..., B], runs: Iterable[tuple[Any, ...]], backend: str, workers: int | None
) -> Generator[tuple[Any, B], None, None]:
    """Of each run, a number and arguments, the number and what `work` makes of the arguments, as it comes."""
    if backend == "threads":
        yield from _closing(in_threads(lambda run, stop: (run[0], work(*run[1:], stop)), runs, workers or 1))
        return
    joblib = _imported("joblib", backend)
    # joblib's own name of the backend, and the work, which is sent once.
    where = {"backend": "dask", "scatter": [work]} if backend == "dask" else {"backend": "loky"}
    with joblib.parallel_config(**where, n_jobs=workers or -1):
        parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
        yield from _closing(parallel(joblib.delayed(_numbered)(work, *run) for run in runs))


def _closing(several: Generator[A, None, None]) -> Generator[A, None, None]:
    """The same, ended at once when this is: a generator that is only forgotten may be ended later."""
    with closing(several):
        yield from several


def _numbered(work: Callable[..., B], number: int, *arguments: Any) -> tuple[int, B]:
    return number, work(*arguments)
