"""Workers that carry out runs: threads of this process, processes by joblib, or the workers of a Dask cluster.

Problems with many workers, and their solutions:

- Large data. Everything that runs share is one object. Threads share it; Dask's scheduler gets it once, and workers get
  it from each other; for processes joblib keeps large arrays in one file that all map into memory. With a run go only
  its choices and its seed.
- More threads than processors. A training is one thread. A Dask worker carries out as many runs as it has threads.
- Workers that hold the GIL and give no sign of life, which Dask gives up after minutes. The core releases the GIL while
  it trains and measures. For a function that holds it so long, processes are better than threads.
- Millions of runs. A few are queued, and the others wait in an iterator.
- Workers that are lost or join late. Dask gives the runs of a lost worker, and waiting ones, to others.
- Runs that end their worker. Nobody can tell which of the running ones it was, so each of them is tried once more, in a
  process of its own. Dask and joblib have nothing for this; the functions with `_apart` are for it.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import closing
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from signal import Signals
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from ..arguments import whole
from ..printable import one_line

MESSAGE = 300  # characters of the last line of a process that are kept

A = TypeVar("A")
B = TypeVar("B")
Run = tuple[str, Any, int]  # its key, its choices, its seed


class Ended(NamedTuple):
    """The outcome of a run that ended every process that carried it out."""

    message: str


Outcomes = Generator[tuple[str, B | Ended], None, None]

#: The library and the extra that each other backend needs.
EXTRAS = {"processes": ("joblib", "sweep"), "dask": ("distributed", "dask")}
AHEAD = 1000  # runs that a cluster has at once, so that all its threads are busy


def processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ends_with(stop: Event) -> Callable[..., None]:
    """A callback for `sn89.train` that ends the training after a pass once `stop` is set."""

    def look(*_: object) -> None:
        if stop.is_set():
            raise CancelledError

    return look


def in_threads(carry_out: Callable[[A, Event], B], items: Iterable[A], workers: int) -> Generator[B, None, None]:
    """The result of each item when it is ready; results that are ready at once come in the order of the items.

    The first failure ends the rest, and so does closing the generator: `stop` is set.
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
            for one in sorted(done, key=lambda one: one.exception() is not None):  # results before errors
                yield one.result()
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


def check_backend(backend: object, workers: object) -> int | None:
    """Refuse a backend that does not exist or lacks its library; return the number of workers, None for a cluster."""
    if not isinstance(backend, str) or backend not in ("threads", *EXTRAS):
        raise ValueError(f'backend must be "threads", "processes" or "dask", not {backend!r}')
    library = _library(backend)
    if backend != "dask":
        return processors() if workers is None else whole(workers, "workers", least=1)
    if workers is not None:
        raise ValueError(f'workers must be None with backend="dask", because the cluster has its own, not {workers}')
    try:
        library.get_client()
    except ValueError:
        raise ValueError('backend="dask" needs a cluster: make a dask.distributed.Client first') from None
    return None


def _library(backend: str) -> Any:
    if backend == "threads":
        return None
    library, extra = EXTRAS[backend]
    try:
        return import_module(library)
    except ImportError:
        raise ImportError(f'backend={backend!r} needs {library}: pip install "sn89[{extra}]"') from None


def each(work: Callable[..., B], runs: Iterable[Run], backend: str, workers: int | None) -> Outcomes[B]:
    """The key of each run and its outcome when it is ready, or how it ended its process twice."""
    several: Outcomes[B]
    match backend:
        case "threads":
            several = in_threads(lambda run, stop: (run[0], work(*run[1:], stop)), runs, workers or 1)
        case "processes":
            several = _in_processes(work, runs, workers or 1)
        case _:
            several = _on_cluster(work, runs)
    yield from _closing(several)


def _on_cluster(work: Callable[..., B], runs: Iterable[Run]) -> Outcomes[B]:
    """A future for each run: the scheduler gives it to a worker, and to another if that is lost."""
    from dask import config

    distributed = _library("dask")
    client, waiting = distributed.get_client(), iter(runs)
    with config.set({"distributed.admin.large-graph-warning-threshold": "1 PB"}):
        # A task instead of scattered data: if all workers that have it are lost, the scheduler makes it again.
        common = client.submit(lambda work: work, work, pure=False)

    def submitted(count: int) -> dict[Any, str]:
        more = islice(waiting, count)
        return {client.submit(partial(_on_worker, run, uuid4().hex), common, pure=False): run[0] for run in more}

    under_way = submitted(AHEAD)
    done = distributed.as_completed(under_way, with_results=True, raise_errors=False)
    try:
        for future, result in done:
            key = under_way.pop(future)
            error = result[1] if future.status == "error" else result  # beside its type and traceback
            if isinstance(error, distributed.KilledWorker):
                result = Ended("the workers of the cluster that carried it out were lost, one after another")
            elif isinstance(error, BaseException):  # also if the cluster was closed, or started again
                raise error
            more = submitted(1)
            under_way |= more
            done.update(more)
            yield key, result
    finally:
        client.cancel(list(under_way))


def _on_worker(run: Run, mark: str, work: Callable[..., B]) -> B | Ended:
    """Carry out a run on a worker of a cluster; in a process of its own if it was running when a worker was lost."""
    begun = _library("dask").Event(mark)
    if begun.is_set():
        return _apart(run, work)
    begun.set()
    outcome = work(*run[1:])
    begun.clear()
    return outcome


def _in_processes(work: Callable[..., B], runs: Iterable[Run], workers: int) -> Outcomes[B]:
    """Processes of this machine. When one is lost, joblib ends all of them, and new ones go on."""
    joblib = _library("processes")
    waiting, broken = iter(runs), True
    while broken:
        under_way: dict[str, Run] = {}

        def queued(under_way: dict[str, Run] = under_way) -> Iterator[Any]:
            for run in waiting:
                under_way[run[0]] = run
                yield joblib.delayed(lambda run, work: (run[0], work(*run[1:])))(run, work)

        # At least two processes, of which one may wait, because joblib runs a single one in this process.
        how = {"return_as": "generator_unordered", "batch_size": 1, "pre_dispatch": workers}
        parallel = joblib.Parallel(max(2, workers), backend="loky", **how)
        try:
            for key, outcome in _closing(parallel(queued())):
                del under_way[key]
                yield key, outcome
            broken = False
        except BrokenExecutor:
            yield from ((key, _apart(run, work)) for key, run in under_way.items())


#: A program that carries out the call in one file, and writes its result to another, whole or not at all.
APART = """
import os, pickle, sys
with open(sys.argv[1], "rb") as file:
    call = pickle.load(file)
outcome = call()
with open(sys.argv[2] + ".part", "wb") as file:
    pickle.dump(outcome, file)
os.replace(sys.argv[2] + ".part", sys.argv[2])
"""


def _apart(run: Run, work: Callable[..., B]) -> B | Ended:
    """Carry out a run in a process of its own; return its outcome, or how it ended that process."""
    cloudpickle = import_module("cloudpickle")
    with TemporaryDirectory() as folder:
        call, outcome, said = Path(folder, "call"), Path(folder, "outcome"), Path(folder, "said")
        call.write_bytes(cloudpickle.dumps(partial(work, *run[1:])))
        paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with said.open("wb") as errors:
            arguments = [sys.executable, "-c", APART, str(call), str(outcome)]
            code = subprocess.run(arguments, env=paths, stderr=errors, check=False).returncode
        if outcome.exists():
            made: B = pickle.loads(outcome.read_bytes())
            return made
        another = "it ended the process that carried it out, and then another one that carried out nothing else"
        return Ended(f"{another}, {_how(code, said)}")


def _how(code: int, said: Path) -> str:
    """The end of a process in words, "by SIGKILL" or "with exit code 3: MemoryError", with its last line of errors."""
    with said.open("rb") as file:
        file.seek(max(0, said.stat().st_size - 4 * MESSAGE))
        lines = file.read().decode(errors="replace").strip().splitlines()
    try:
        words = f"by {Signals(-code).name}"
    except ValueError:
        words = f"with exit code {code}"
    return f"{words}: {one_line(lines[-1])[:MESSAGE]}" if lines else words


def _closing(several: Generator[A, None, None]) -> Generator[A, None, None]:
    """The same generator, closed as soon as this one is; otherwise it would be closed at some later time."""
    with closing(several):
        yield from several
