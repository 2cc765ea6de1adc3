"""Sweeps: every run once, the same whoever carries it out, and nothing lost however it is stopped."""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import math
import os
import runpy
import signal
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import efficiency
import numpy as np
import pandas as pd
import pytest
from hardening import cluster

import sn89
from sn89 import datasets, nets, sweep
from sn89.recipes import ZIP_1989
from sn89.rules import SGD, LevenbergMarquardt, Newton
from sn89.sweep import Found, OneOf, Random, Real, Results, Whole, workers
from sn89.sweep.choices import changed, product_of
from sn89.sweep.described import described, plain
from sn89.sweep.work import Work

# Dask tries to connect again when a busy machine answers late, and leaves the socket of the first try to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

FEW = partial(datasets.synthetic, train=40, test=20)
RECIPE = replace(ZIP_1989, digits=FEW, passes=1)
RATES = {"rule.rate": [0.001, 0.002]}
run = partial(sweep.run, progress=False)


def search(*arguments, **how):
    """A search, where Optuna is installed."""
    pytest.importorskip("optuna")
    return sweep.search(*arguments, progress=False, **how)


def timeless(records) -> list[dict]:
    """All but the seconds, which are never the same."""
    return [{name: value for name, value in record.items() if name != "seconds"} for record in records]


def line(seed: int, x: int = 0) -> dict[str, float]:
    return {"y": 10 * x + seed}


class Counted:
    """A recipe that remembers its calls, and fails when told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []
        self.broken: set[int] = set()

    def run(self, seed: int, x: int = 0) -> dict[str, float]:
        self.calls.append((x, seed))
        if seed in self.broken:
            raise OSError(f"seed {seed} is broken")
        return {"y": 10 * x + seed}


# ---- what a name changes ---------------------------------------------------------------------------------------------


def small(seed: int) -> sn89.Net:
    return nets.fully_connected(hidden=4, seed=seed)


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({}, RECIPE),
        ({"rule": SGD(0.01)}, replace(RECIPE, rule=SGD(0.01))),
        ({"rule.rate": 0.002}, replace(RECIPE, rule=LevenbergMarquardt(0.002))),
        ({"rule.rate": (0.002, 0.001)}, replace(RECIPE, rule=LevenbergMarquardt((0.002, 0.001)))),
        ({"rule.mu": 0.1, "rule": Newton()}, replace(RECIPE, rule=Newton(mu=0.1))),
        ({"passes": 2, "order": "shuffle"}, replace(RECIPE, passes=2, order="shuffle")),
        ({"net": small}, replace(RECIPE, net=small)),
        ({"net.squash": sn89.Tanh()}, replace(RECIPE, net=partial(nets.zip_code, squash=sn89.Tanh()))),
        ({"digits.train": 30}, replace(RECIPE, digits=partial(datasets.synthetic, train=30, test=20))),
        ({"distortion": sn89.Distortion(shift=1)}, replace(RECIPE, distortion=sn89.Distortion(shift=1))),
        (
            {"distortion.rotation": 5, "distortion": sn89.Distortion(shift=1)},
            replace(RECIPE, distortion=sn89.Distortion(shift=1, rotation=5)),
        ),
    ],
)
def test_a_choice_changes_what_its_name_says(choices, expected):
    """Compared with a training by hand."""
    record = run(RECIPE, {name: [value] for name, value in choices.items()}, seeds=[3])[0]
    digits = expected.digits()
    net, _ = expected.train(digits.train, seed=3)
    train, test = sn89.evaluate(net, *digits.train), sn89.evaluate(net, *digits.test)
    assert (record["train_error"], record["test_error"]) == (train.error, test.error)
    assert (record["train_cost"], record["test_cost"]) == (train.cost, test.cost)
    assert record["parameters"] == "sha256:" + hashlib.sha256(net.parameters.tobytes()).hexdigest()[:16]
    assert (record["seed"], record["sn89"]) == (3, sn89.__version__)
    assert record["seconds"] > 0


def test_a_grid_is_a_product_whose_last_name_changes_fastest_then_seeds():
    results = run(lambda seed, a, b: {}, {"a": [1, 2], "b": ["x", "y"]}, seeds=2)
    assert [(one["a"], one["b"], one["seed"]) for one in results] == [
        (a, b, seed) for a in (1, 2) for b in "xy" for seed in (1, 2)
    ]


def test_labels_are_plain_and_values_reach_the_recipe():
    seen = []
    values = {"a": [np.float64(0.5), np.int64(3), None, True, "word", (1, 2)], "b": {"nothing": print}, "c": [SGD(0.5)]}
    results = run(lambda seed, **choices: seen.append(choices) or {}, values, workers=1)
    assert [one["a"] for one in results] == [0.5, 3, None, True, "word", [1, 2]]
    assert {(one["b"], one["c"]) for one in results} == {("nothing", "SGD(rate=0.5)")}
    assert [one["a"] for one in seen] == values["a"]
    assert {(one["b"], one["c"]) for one in seen} == {(print, SGD(0.5))}


def test_given_digits_take_the_place_of_the_recipes():
    digits = datasets.synthetic(train=30, test=10)
    found = run(replace(RECIPE, digits=partial(datasets.synthetic, train=30, test=10)))
    assert found[0]["parameters"] == run(RECIPE, digits=digits)[0]["parameters"]


# ---- random choices --------------------------------------------------------------------------------------------------


def test_random_choices_lie_in_their_ranges_and_spread_over_them():
    draws = Random(
        {
            "real": Real(-1, 3),
            "log": Real(1e-4, 1e-2, log=True),
            "whole": Whole(1, 3),
            "wholelog": Whole(1, 99, log=True),
            "one": OneOf({"a": print, "b": len}),
            "own": lambda random: random.normal(),
        },
        2000,
    )
    drawn = {name: [one[name].label for one in draws] for name in draws.distributions}
    assert -1 <= min(drawn["real"]) < -0.98
    assert 2.98 < max(drawn["real"]) <= 3
    assert min(drawn["log"]) >= 1e-4
    assert max(drawn["log"]) <= 1e-2
    assert statistics.median(drawn["log"]) == pytest.approx(1e-3, rel=0.2)
    counts = np.unique(drawn["whole"], return_counts=True)
    assert counts[0].tolist() == [1, 2, 3]
    assert (np.abs(counts[1] - 667) < 100).all()
    assert (min(drawn["wholelog"]), max(drawn["wholelog"])) == (1, 99)
    assert statistics.median(drawn["wholelog"]) == pytest.approx(10, abs=2)
    assert set(drawn["one"]) == {"a", "b"}
    assert np.std(drawn["own"]) == pytest.approx(1, rel=0.1)
    assert np.corrcoef(drawn["real"], drawn["log"])[0, 1] < 0.1


def test_more_draws_begin_with_the_same_another_seed_has_others_and_equal_ones_are_one():
    distributions = {"x": Whole(0, 1000)}
    few, more = (run(line, Random(distributions, n)) for n in (3, 6))
    assert timeless(few) == timeless(more[:3])
    assert timeless(run(line, Random(distributions, 3, seed=1))) != timeless(few)
    assert len(run(line, Random({"x": OneOf([1, 2])}, 50))) == 2


# ---- whoever carries it out ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alone() -> list[dict]:
    return timeless(run(RECIPE, RATES, seeds=3, workers=1))


def test_three_threads_give_the_same_as_one_to_the_bit(alone):
    assert timeless(run(RECIPE, RATES, seeds=3, workers=3)) == alone
    assert len({one["parameters"] for one in alone}) == 6


def test_processes_give_the_same_to_the_bit(alone):
    assert timeless(run(RECIPE, RATES, seeds=3, backend="processes", workers=2)) == alone


@pytest.fixture(scope="module")
def three():
    """A Dask cluster of three worker processes on this machine."""
    pytest.importorskip("distributed")
    from dask.distributed import LocalCluster

    quiet = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
    with LocalCluster(n_workers=3, threads_per_worker=1, **quiet) as cluster:
        yield cluster
    gc.collect()  # such sockets, before a test of another file is blamed for them


@pytest.fixture
def local(three):
    """The same, and a client of it."""
    from dask.distributed import Client

    with Client(three) as client:
        yield three, client


def test_a_dask_cluster_gives_the_same_to_the_bit(alone, local, tmp_path):
    """Digits that are given too: the recipe's own, other ones, are not looked for."""
    digits = FEW()
    results = run(RECIPE, RATES, seeds=3, backend="dask", out=tmp_path / "out")
    again = run(replace(RECIPE, digits=datasets.mnist), RATES, seeds=3, backend="dask", digits=digits)
    failed = run(RECIPE, {"rule.rate": [1e30]}, backend="dask")
    with pytest.raises(ValueError, match='with backend="dask", because the cluster has its own, not 2'):
        run(RECIPE, backend="dask", workers=2)
    assert timeless(results) == alone
    assert sorted(json.loads(one)["parameters"] for one in (tmp_path / "out").read_text().splitlines()) == sorted(
        one["parameters"] for one in alone
    )
    assert [one["parameters"] for one in again] == [one["parameters"] for one in alone]
    assert failed[0]["failure"] == "DivergedError"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_sweep_outlives_two_of_three_workers_and_uses_one_that_joins_late(local, tmp_path):
    assert cluster.check_disturbed(*local, 24, tmp_path / "out") == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("what", "backend", "workers"),
    [
        *((what, "threads", 2) for what in cluster.ODDITIES if what not in cluster.ENDS),
        ("leaves", "processes", 1),
        ("killed", "dask", None),
        ("exits", "dask", None),
        ("long", "dask", None),
    ],
)
def test_a_run_that_exits_kills_or_cannot_be_written_is_one_failed_line_and_tried_once_more(
    request, tmp_path, what, backend, workers
):
    if backend == "dask":
        request.getfixturevalue("local")
    assert cluster.check_odd(what, backend, tmp_path, workers) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("work", "how"),
    [
        (lambda *_: os.kill(os.getpid(), signal.SIGKILL), "by SIGKILL"),
        (lambda *_: os.write(2, b"much\nno \x1b[1m memory\n") and os._exit(3), "with exit code 3: no ?[1m memory"),
        (lambda *_: 1 / 0, "with exit code 1: ZeroDivisionError: division by zero"),
    ],
)
def test_the_line_of_a_run_that_ends_its_process_says_how(work, how):
    message = "it ended the process that carried it out, and then another one that carried out nothing else"
    assert workers._apart(("key", {}, 1), work) == workers.Ended(f"{message}, {how}")


def test_more_runs_than_a_cluster_is_told_of_at_once(monkeypatch, local):
    monkeypatch.setattr("sn89.sweep.workers.AHEAD", 2)
    assert [one["bits"] for one in run(cluster.trained, seeds=5, backend="dask")] == [
        cluster.trained(seed)["bits"] for seed in range(1, 6)
    ]


def test_what_is_wrong_with_a_cluster_ends_the_sweep(monkeypatch, local):
    """An error that is none of a run's."""
    monkeypatch.setattr(Work.__init__, "__defaults__", ("0.0",))
    with pytest.raises(RuntimeError, match="a worker has sn89"):
        run(cluster.trained, seeds=3, backend="dask")


def test_results_are_in_order_whoever_finishes_first(tmp_path):
    """Lines are written as runs end, and each says which it is."""
    out = tmp_path / "out"

    def late(seed, x):
        while seed == 1 and out.read_bytes().count(b"\n") < 3:
            time.sleep(0.001)
        return {"y": seed}

    results = run(late, {"x": [1]}, seeds=6, workers=4, out=out)
    written = [json.loads(one)["seed"] for one in out.read_text().splitlines()]
    assert [one["y"] for one in results] == [1, 2, 3, 4, 5, 6]
    assert sorted(written) == [1, 2, 3, 4, 5, 6]
    assert written.index(1) >= 3


def test_what_ends_at_once_is_written_in_the_order_of_the_runs(tmp_path):
    """A single worker's lines are in order, however many runs are over before someone looks."""
    for _ in range(20):
        out = tmp_path / "out"
        run(lambda seed: {}, seeds=40, workers=1, out=out)
        assert [json.loads(one)["seed"] for one in out.read_text().splitlines()] == list(range(1, 41))
        out.unlink()


def test_blank_lines_are_no_error(out):
    """As an editor leaves them at the end."""
    run(line, seeds=2, out=out)
    out.write_bytes(out.read_bytes() + b"\n  \n")
    run(line, seeds=3, out=out)
    lines = [json.loads(one) for one in out.read_text().splitlines() if one.strip()]
    assert [one["seed"] for one in lines] == [1, 2, 3]


def test_errors_of_a_recipe_are_printed_in_percent_and_others_as_they_are():
    rows = [{"a": 1, "seed": seed, "test_error": 0.05 + 0.01 * seed, "y": 0.5} for seed in (1, 2)]
    recipe, function = Results(("a",), rows, ("test_error",)), Results(("a",), rows)
    assert "6.50 % ± 6.35 %" in str(recipe)
    assert "0.065 ± 0.064" in str(function)
    one = Found(recipe.mean()[0], recipe, None)
    assert str(one).splitlines()[-1] == "best: a 1, runs 2, test_error 6.50 % ± 6.35 %, y 0.5 ± 0"
    single = Results(("a",), rows[:1], ("test_error",))
    assert "nan" not in str(Found(single.mean()[0], single, None))


def test_no_more_runs_at_once_than_workers():
    now, most, lock, three = [0], [0], threading.Lock(), threading.Barrier(3)

    def recipe(seed):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        three.wait()  # until there are three at once
        with lock:
            now[0] -= 1
        return {}

    run(recipe, seeds=21, workers=3)
    assert most == [3]


# ---- failures --------------------------------------------------------------------------------------------------------


def test_a_training_that_diverges_is_recorded_and_the_others_go_on(tmp_path):
    results = run(RECIPE, {"rule.rate": [1e30, 0.001]}, seeds=2, out=tmp_path / "out")
    assert [one.get("failure") for one in results] == ["DivergedError", "DivergedError", None, None]
    assert "training diverged in pass 1" in results[0]["message"]
    assert "test_error" not in results[0]
    assert results.failed == results[:2]
    assert "failed: DivergedError: training diverged in pass 1" in str(results)


@pytest.mark.parametrize(
    ("recipe", "kind", "message"),
    [
        (lambda seed: 1 / 0, "ZeroDivisionError", "division by zero"),
        (lambda seed: [1], "TypeError", "the recipe must return a dictionary of results, not [1]"),
        (lambda seed: {"y": {1: 2}}, "TypeError", "results must be numbers, strings, None, or lists and dictionaries"),
        (lambda seed: {"y": np.zeros(3)}, "TypeError", "of them, not array([0., 0., 0.])"),
        (
            lambda seed: {"seed": 1},
            "ValueError",
            "no result may be called 'seed', because each line has something else of that name",
        ),
    ],
)
def test_what_a_recipe_does_wrong_is_recorded(recipe, kind, message):
    record = run(recipe)[0]
    assert record["failure"] == kind
    assert message in record["message"]


def test_a_result_cannot_have_the_name_of_a_choice():
    assert "no result may be called 'x'" in run(lambda seed, x: {"x": 1}, {"x": [1]})[0]["message"]


def test_numbers_that_are_not_finite_become_none_in_the_file_and_outside(tmp_path):
    recipe = partial(numbers_of, [math.nan, np.float32(np.inf), 1.5])
    first, again = (run(recipe, out=tmp_path / "out") for _ in range(2))
    assert first[0]["y"] == [None, None, 1.5]
    assert again.records == first.records


def numbers_of(values: list[float], seed: int) -> dict[str, list[float]]:
    return {"y": values}


def test_a_worker_must_have_the_same_version():
    with pytest.raises(RuntimeError, match=rf"a worker has sn89 {sn89.__version__}, but the sweep has 0\.0: install"):
        Work(line, {}, version="0.0")({}, 1)


# ---- the file --------------------------------------------------------------------------------------------------------


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "runs.jsonl"


def test_pandas_reads_the_lines_in_one_call(out):
    results = run(RECIPE, RATES, seeds=2, out=out, workers=1)
    frame = pd.read_json(out, lines=True, precise_float=True)
    assert frame["rule.rate"].tolist() == [0.001, 0.001, 0.002, 0.002]
    assert frame["test_error"].tolist() == [one["test_error"] for one in results]
    assert set(frame) == {
        *("sweep", "rule.rate", "seed", "train_error", "test_error", "train_cost", "test_cost", "parameters"),
        *("seconds", "sn89"),
    }


def test_lines_are_there_when_a_run_is_over(out):
    seen = []
    run(lambda seed: seen.append(out.read_bytes().count(b"\n")) or {}, seeds=5, workers=1, out=out)
    assert max(n - 1 - count for n, count in enumerate(seen, 1)) <= 1  # the one that is being written
    assert out.read_bytes().count(b"\n") == 5


def test_finished_runs_are_not_repeated_and_new_ones_are_added(out):
    counted = Counted()
    first = run(counted.run, {"x": [1, 2]}, seeds=2, out=out)
    assert sorted(counted.calls) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    again = run(counted.run, {"x": [1, 2]}, seeds=2, out=out)
    assert again.records == first.records
    assert len(counted.calls) == 4
    more = run(counted.run, {"x": [3, 2, 1]}, seeds=[2, 5], out=out)
    assert sorted(counted.calls[4:]) == [(1, 5), (2, 5), (3, 2), (3, 5)]
    assert [(one["x"], one["seed"], one["y"]) for one in more] == [
        (x, seed, 10 * x + seed) for x in (3, 2, 1) for seed in (2, 5)
    ]
    assert len(out.read_text().splitlines()) == 8


def test_failures_are_finished_too_unless_they_are_to_be_tried_again(out):
    counted = Counted()
    counted.broken = {2}
    assert run(counted.run, seeds=3, out=out).failed[0]["message"] == "seed 2 is broken"
    counted.broken = set()
    assert len(run(counted.run, seeds=3, out=out).failed) == 1
    assert len(counted.calls) == 3
    assert not run(counted.run, seeds=3, out=out, retry=True).failed
    assert counted.calls[3:] == [(0, 2)]
    assert not run(counted.run, seeds=3, out=out).failed  # of two lines the later one counts
    assert len(counted.calls) == 4


def test_wherever_the_last_line_was_cut_off_it_is_thrown_away_and_run_again(out):
    counted = Counted()
    whole = run(counted.run, seeds=2, out=out, workers=1)
    content = out.read_bytes()
    first = content.index(b"\n") + 1
    for end in range(len(content)):
        out.write_bytes(content[:end])
        counted.calls.clear()
        assert timeless(run(counted.run, seeds=2, out=out, workers=1)) == timeless(whole)
        assert [seed for _, seed in counted.calls] == ([2] if end >= first else [1, 2])
        assert timeless(map(json.loads, out.read_bytes().splitlines())) == timeless(whole)


def test_a_file_of_another_sweep_is_refused_and_left_as_it_is(out):
    run(RECIPE, RATES, out=out)
    before, digits = out.read_bytes(), FEW()
    others = [
        partial(run, replace(RECIPE, passes=2), RATES),
        partial(run, RECIPE, RATES, digits=digits),
        partial(run, RECIPE, {"rule.mu": [0.05]}),
        partial(run, RECIPE, RATES | {"passes": [1]}),
        partial(run, line, {"x": [1]}),
    ]
    for other in others:
        with pytest.raises(ValueError, match=r"runs\.jsonl: line 1 is of another sweep: the recipe, the digits or"):
            other(out=out)
    assert out.read_bytes() == before
    assert len(run(RECIPE, RATES, out=out)) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda text: text.replace(b'"sn89": "', b'"sn89": "9.'),
            f"line 1 was made by sn89 9.{sn89.__version__}, and this is {sn89.__version__}; ",
        ),
        (lambda text: b"# notes\n" + text, "line 1 is not a line of a sweep; the file is left as it is"),
        (lambda text: text + b"[" * 100_000 + b"\n", "line 3 is not a line of a sweep"),
        (lambda text: text + b"\xff\xfe\n", "line 3 is not a line of a sweep"),
        (lambda text: text + b'{"x": 1}\n', "line 3 is not a line of a sweep"),
        (lambda text: text.replace(b'"seed": 2, ', b""), "line 2 is of another sweep"),
        (
            lambda text: text + b"a note without end",
            "line 3 is incomplete and not of this sweep; the file is left as it is",
        ),
        (lambda text: b"a thesis", "line 1 is incomplete and not of this sweep"),
    ],
)
def test_a_file_of_something_else_is_refused_and_left_as_it_is(out, change, message):
    run(line, seeds=2, out=out, workers=1)
    out.write_bytes(content := change(out.read_bytes()))
    with pytest.raises(ValueError, match=r"runs\.jsonl") as error:
        run(line, seeds=2, out=out)
    assert message in str(error.value)
    assert out.read_bytes() == content


def test_a_file_that_another_sweep_is_at_work_on_is_refused(out):
    pytest.importorskip("fcntl")
    errors = []

    def inner(seed):
        try:
            run(line, out=out)
        except BlockingIOError as error:
            errors.append(str(error))
        return {}

    run(inner, out=out)
    assert errors == [f"{out}: another sweep is at work on this file"]


def test_a_file_that_cannot_be_opened_is_an_error_before_anything_is_trained(tmp_path):
    counted = Counted()
    with pytest.raises(FileNotFoundError):
        run(counted.run, out=tmp_path / "no" / "folder")
    assert not counted.calls


STOPPED = """
import signal, sys, threading
import sn89
assert not set("joblib distributed optuna pandas".split()) & set(sys.modules)  # import sn89 is quick
over = threading.Event()
def interrupt(*_):
    over.set()
    raise KeyboardInterrupt
signal.signal(signal.SIGINT, interrupt)
def recipe(seed):
    if seed > {free}:
        over.wait()  # for the signal
    return dict(y=seed * 0.1)
sn89.sweep.run(recipe, seeds={seeds}, out=sys.argv[1], workers=2, progress=False)
"""


def stopped(out: Path, number: signal.Signals) -> tuple[int, str]:
    """Start a sweep, stop it once there are some lines, for which it waits: how it ended, and what it said."""
    command = [sys.executable, "-c", STOPPED.format(seeds=50, free=20), str(out)]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while not out.exists() or out.read_bytes().count(b"\n") < 5:
        assert child.poll() is None
        time.sleep(0.005)
    child.send_signal(number)
    _, told = child.communicate()
    return child.returncode, told


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_after_sigkill_a_sweep_goes_on_from_its_file(out):
    code, _ = stopped(out, signal.SIGKILL)
    assert code == -signal.SIGKILL
    count = out.read_bytes().count(b"\n")
    whole = STOPPED.format(seeds=count + 10, free=count + 10)
    subprocess.run([sys.executable, "-c", whole, str(out)], check=True)
    records = [json.loads(one) for one in out.read_text().splitlines()]
    assert sorted(one["seed"] for one in records) == list(range(1, count + 11))  # each once
    assert all(one["y"] == one["seed"] * 0.1 for one in records)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_stops_a_sweep_and_keeps_what_is_done(out):
    code, told = stopped(out, signal.SIGINT)
    assert code == -signal.SIGINT
    assert told.rstrip().endswith("KeyboardInterrupt")
    content = out.read_bytes()
    assert content.endswith(b"\n")
    assert 5 <= len([json.loads(one) for one in content.splitlines()]) < 50_000


def test_trainings_under_way_end_after_their_pass_when_the_sweep_ends(monkeypatch):
    """Not after a hundred thousand passes."""

    def look(self, choices, outcome):
        raise KeyboardInterrupt

    monkeypatch.setattr("sn89.sweep.lines.Lines.add", look)
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        run(RECIPE, {"passes": [1, 100_000]}, workers=2)
    for thread in set(threading.enumerate()) - before:
        thread.join()
        assert not thread.is_alive()


# ---- search ----------------------------------------------------------------------------------------------------------


def valley(seed: int, x: float, n: int = 1, word: str = "near") -> dict[str, float]:
    return {"test_error": (x - 0.3) ** 2 + abs(n - 4) + (word == "far") + 1e-6 * seed}


VALLEY = {"x": Real(0, 1), "n": Whole(1, 8), "word": OneOf(["near", "far"])}


def test_a_search_finds_the_best_and_is_the_same_whatever_the_workers(out):
    found = search(valley, VALLEY, 40, seeds=2, out=out, workers=1)
    assert len(found.results) == 80
    assert (found.best["n"], found.best["word"], found.best["runs"]) == (4, "near", 2)
    assert found.best["test_error"] == found.study.best_value == min(row["test_error"] for row in found.results.mean())
    other = search(valley, VALLEY, 40, seeds=2, workers=3)
    assert timeless(other.results) == timeless(found.results)
    lines = out.read_bytes()
    again = search(valley, VALLEY, 40, seeds=2, out=out)
    assert again.results.records == found.results.records
    assert out.read_bytes() == lines  # nothing was repeated


def test_a_search_may_maximize_and_failed_trials_are_passed_over():
    def recipe(seed, x):
        if x > 0.5:
            raise ValueError("too large")
        return {"height": x}

    found = search(recipe, {"x": Real(0, 1)}, 24, objective="height", maximize=True)
    assert 0.4 < found.best["x"] <= 0.5
    assert found.results.failed
    assert found.best["height"] == found.best["x"] == max(one.get("height", 0) for one in found.results)


def test_a_search_over_a_recipe():
    found = search(RECIPE, {"rule.rate": Real(1e-4, 1e-2, log=True), "net": OneOf({"small": small})}, 6, iter([4]))
    assert [one["seed"] for one in found.results] == [4] * 6
    assert found.best["net"] == "small"


def test_a_search_tells_equal_values_of_different_kinds_apart():
    found = search(lambda seed, x: {"test_error": float(x is True)}, {"x": OneOf([True, 1, 1.0])}, 20)
    assert sorted(map(repr, (one["x"] for one in found.results))) == ["1", "1.0", "True"]
    assert [trial.value for trial in found.study.trials] == [
        float(trial.params["x"] == "True") for trial in found.study.trials
    ]


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (lambda seed, x: 1 / 0, "all trials failed, the first one with ZeroDivisionError: division by zero"),
        (lambda seed, x: {"loss": 1}, "all trials failed, the first one with no number called 'test_error'"),
    ],
)
def test_a_search_of_which_all_trials_fail_says_why(recipe, message):
    with pytest.raises(ValueError, match=message):
        search(recipe, {"x": Real(0, 1)}, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"distributions": {"x": math.sin}},
            TypeError,
            "'x' must be a Real, Whole or OneOf, not <built-in",
        ),
        (
            {"distributions": {}},
            TypeError,
            "distributions must be a dictionary, {name: Real(...)} for example, not {}",
        ),
        ({"trials": 0}, ValueError, "trials must be at least 1, not 0"),
        ({"at_once": 0}, ValueError, "at_once must be at least 1, not 0"),
        ({"sampler": "tpe"}, TypeError, "sampler must be one of optuna.samplers, not 'tpe'"),
    ],
)
def test_bad_searches(arguments, error, message):
    with pytest.raises(error) as told:
        search(valley, **{"distributions": {"x": Real(0, 1)}, "trials": 1, **arguments})
    assert message in str(told.value)


# ---- bad input -------------------------------------------------------------------------------------------------------


class Nameless:
    """Can be called, but has no name."""

    def __call__(self, seed: int) -> dict[str, float]:
        return {}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"recipe": 3}, TypeError, "recipe must be a sn89.recipes.Recipe or a function (seed, **choices), not 3"),
        ({"recipe": Nameless()}, TypeError, "a file cannot describe <"),
        ({"recipe": line, "digits": FEW()}, ValueError, "digits are for recipes: a function takes its own"),
        (
            {"recipe": line, "grid": {"z": [1]}},
            TypeError,
            "cannot be called with (seed, z=...): got an unexpected keyword",
        ),
        (
            {"recipe": replace(RECIPE, digits=FEW().__iter__)},
            TypeError,
            "must return a sn89.datasets.Digits, not <gener",
        ),
        ({"digits": "usps"}, TypeError, "digits must be a sn89.datasets.Digits, not 'usps'"),
        ({"digits": FEW(), "grid": {"digits.train": [1]}}, ValueError, "digits are given, so 'digits.train' cannot be"),
        ({"grid": [1]}, TypeError, "grid must be a dictionary of lists of values by name, or a Random, not [1]"),
        ({"grid": {1: [1]}}, TypeError, "names of choices must be strings, not 1"),
        (
            {"grid": {"seed": [1]}},
            ValueError,
            "'seed' cannot be a choice, because each result has something else of that name",
        ),
        (
            {"grid": {"order": "given"}},
            TypeError,
            "'order' must have a list of values, or a dictionary {label: value}, not",
        ),
        (
            {"grid": {"passes": 3}},
            TypeError,
            "'passes' must have a list of values, or a dictionary {label: value}, not",
        ),
        ({"grid": {"passes": []}}, ValueError, "'passes' has no values"),
        ({"grid": {"passes": [1, 2, 1]}}, ValueError, "'passes' has the value 1 twice"),
        ({"grid": {"net": [lambda seed: 1]}}, TypeError, "'net': a function without a name of its own needs a label"),
        (
            {"grid": {"net": {1: small}}},
            TypeError,
            "'net': labels must be strings, not [1]",
        ),
        (
            {"grid": {"passes": [{}]}},
            TypeError,
            "a value that is a dictionary needs a label, {label: value}: {}",
        ),
        ({"grid": {"passes": [object()]}}, TypeError, "values of 'passes' without a label, {label: value},"),
        ({"grid": {"rule.mu": [math.nan]}}, ValueError, "values of 'rule.mu' must be finite, not nan"),
        (
            {"grid": {"rul": [1]}},
            ValueError,
            "'rul' changes nothing: a Recipe has title, net, digits, rule, passes, or",
        ),
        (
            {"grid": {"rule.beta": [1]}},
            ValueError,
            "'rule.beta' changes nothing: a LevenbergMarquardt has rate, mu,",
        ),
        (
            {"grid": {"rule.epsilon": [1]}},
            ValueError,
            "'rule.epsilon' changes nothing: LevenbergMarquardt: epsilon is called rate here",
        ),
        ({"grid": {"rule.mu": [-1]}}, ValueError, "LevenbergMarquardt: mu must be positive, not -1"),
        (
            {"grid": {"distortion.shift": [1]}},
            ValueError,
            "'distortion.shift' changes nothing: there is no 'shift' in No",
        ),
        (
            {"grid": {"net.start.scale": [1]}},
            ValueError,
            "'net.start.scale' changes nothing: there is no 'start.scale' in",
        ),
        ({"seeds": 0}, ValueError, "seeds must be at least 1, not 0"),
        ({"seeds": 1.5}, TypeError, "seeds must be a whole number, not 1.5"),
        ({"seeds": [1, -1]}, ValueError, "each of the seeds must be at least 0, not -1"),
        ({"seeds": [1, 1]}, ValueError, "seeds must be at least one seed, and all different, not [1, 1]"),
        ({"seeds": []}, ValueError, "seeds must be at least one seed, and all different, not []"),
        ({"workers": 0}, ValueError, "workers must be at least 1, not 0"),
        ({"backend": "ray"}, ValueError, 'backend must be "threads", "processes" or "dask", not \'ray\''),
    ],
)
def test_bad_input_is_refused_before_anything_is_trained(out, arguments, error, message):
    with pytest.raises(error) as told:
        run(**{"recipe": RECIPE, "out": out, **arguments})
    assert message in str(told.value)
    assert not out.exists() or not out.read_bytes()


def test_without_a_cluster_there_is_no_sweep_over_one():
    pytest.importorskip("distributed")
    with pytest.raises(ValueError, match="needs a cluster: make a dask"):
        run(RECIPE, backend="dask")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Real(1, 1), ValueError, "Real: low must be less than high, not 1 and 1"),
        (lambda: Real(0, 1, log=True), ValueError, "Real: low must be positive on a logarithmic scale, not 0"),
        (lambda: Real("a", 1), TypeError, "Real: low must be a number, not 'a'"),
        (lambda: Real(0, math.inf), ValueError, "Real: high must be finite in float32, not inf"),
        (lambda: Real(0, 1, 2), TypeError, "Real: log must be True or False, not 2"),
        (lambda: Whole(0.5, 1), TypeError, "Whole: low must be a whole number, not 0.5"),
        (lambda: Whole(3, 2), ValueError, "Whole: low must be less than high, not 3 and 2"),
        (lambda: OneOf([]), ValueError, "'OneOf' has no values: give at least one"),
        (lambda: Random({"x": 3}, 1), TypeError, "'x' must be a Real, Whole, OneOf or a function, not 3"),
        (
            lambda: Random([], 1),
            TypeError,
            "distributions must be a dictionary, {name: Real(...)} for example, not []",
        ),
        (lambda: Random({"x": Real(0, 1)}, 0), ValueError, "draws must be at least 1, not 0"),
        (lambda: Random({"x": Real(0, 1)}, 1, -1), ValueError, "seed must be at least 0, not -1"),
    ],
)
def test_bad_distributions(make, error, message):
    with pytest.raises(error) as told:
        make()
    assert str(told.value) == message


@pytest.mark.parametrize(
    ("library", "call", "message"),
    [
        (
            "joblib",
            partial(run, line, backend="processes"),
            r"backend='processes' needs joblib: pip install .sn89\[sweep\].",
        ),
        (
            "distributed",
            partial(run, line, backend="dask"),
            r"backend='dask' needs distributed: pip install .sn89\[dask\].",
        ),
        (
            "optuna",
            partial(sweep.search, valley, VALLEY, 1, progress=False),
            r'a search needs Optuna: pip install "sn89\[optuna\]"',
        ),
    ],
)
def test_an_extra_that_is_missing_is_named(monkeypatch, library, call, message):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=message):
        call()


# ---- words, and results ----------------------------------------------------------------------------------------------


def test_words_tell_what_differs_and_nothing_else():
    a, b = np.zeros(3), np.zeros(3)
    assert described(partial(small, 1, x=a)) == described(partial(small, 1, x=b))
    b[0] = 1
    different = [
        a,
        b,
        a.astype(np.float32),
        a[:2],
        1,
        "1",
        1.0,
        None,
        [1],
        {"a": 1},
        {"b": 1},
        small,
        partial(small, 1),
    ]
    different += [SGD(0.1), SGD(0.2), Newton(), LevenbergMarquardt(), Newton, replace(RECIPE, passes=2), RECIPE]
    assert len({described(one) for one in different}) == len(different)
    assert described((np.float64(1.5), np.int32(2))) == described([1.5, 2])
    with pytest.raises(TypeError, match="a file cannot describe array"):
        described(np.array([small], object))


def test_plain_values_are_such_as_json_has():
    value = {"a": (np.int8(1), np.bool_(True)), "b": [None, "c", -math.inf]}
    assert plain(value, "results") == {"a": [1, True], "b": [None, "c", None]}
    with pytest.raises(
        TypeError, match="results must be numbers, strings, None, or lists and dictionaries of them, not 1j"
    ):
        plain({"a": 1j}, "results")


RESULTS = run(
    lambda seed, a, b: {"y": float(a + seed), "kind": "x", "is": True} if seed < 4 else 1 / 0,
    {"a": [10, 20], "b": ["u", "v"]},
    seeds=4,
)


def test_means_are_over_the_seeds_that_did_not_fail():
    rows = RESULTS.mean()
    assert [(row["a"], row["b"], row["runs"], row["failed"]) for row in rows] == [
        (10, "u", 4, 1), (10, "v", 4, 1), (20, "u", 4, 1), (20, "v", 4, 1)
    ]  # fmt: skip
    assert [row["y"] for row in rows] == [12, 12, 22, 22]
    assert rows[0]["y ±"] == pytest.approx(4.303 / math.sqrt(3))
    assert set(rows[0]) == {"a", "b", "runs", "failed", "y", "y ±", "seconds", "seconds ±"}


def test_means_by_some_choices():
    assert [(row["a"], row["runs"], row["y"]) for row in RESULTS.mean(by="a")] == [(10, 8, 12), (20, 8, 22)]
    assert [row["y"] for row in RESULTS.mean(by=["b"])] == [17, 17]
    assert [row["y"] for row in RESULTS.mean(by=())] == [17]
    with pytest.raises(ValueError, match="there is no choice 'c'; there is a, b"):
        RESULTS.mean(by="c")


def test_results_print_as_a_table():
    table = str(Results(("a", "b"), [one | {"seconds": 0.5} for one in RESULTS]))
    assert table.splitlines() == [
        "a    b   runs   failed   y          seconds",
        "10   u   4      1        12 ± 2.5   0.5 ± 0",
        "10   v   4      1        12 ± 2.5   0.5 ± 0",
        "20   u   4      1        22 ± 2.5   0.5 ± 0",
        "20   v   4      1        22 ± 2.5   0.5 ± 0",
        "failed: ZeroDivisionError: division by zero",
    ]
    assert "failed" not in str(run(line))
    assert str(run(line, {"x": list(range(150))})).endswith("\n... and 50 more")


def test_progress_tells_what_is_done_already_and_what_failed(out, capsys):
    run(line, seeds=3, out=out)
    assert capsys.readouterr().err == ""
    sweep.run(lambda seed: 1 / 0, seeds=3, progress=True)
    assert "3/3" in (told := capsys.readouterr().err)
    assert "3 failed" in told
    sweep.run(line, seeds=5, out=out, progress=True)
    assert " 3/5" in capsys.readouterr().err


# ---- the example and the benchmark -----------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [[], ["--optuna"]], ids=["grid", "Optuna"])
def test_the_example(monkeypatch, capsys, out, more):
    if more:
        pytest.importorskip("optuna")
    monkeypatch.setattr(datasets, "usps", FEW)
    example = Path(__file__).parents[1] / "examples" / "sweep.py"
    monkeypatch.setattr(sys, "argv", [str(example), "--passes", "1", "--seeds", "2", "--out", str(out), *more])
    runpy.run_path(str(example), run_name="__main__")
    told = capsys.readouterr().out
    assert "rule.rate   runs   train_error" in told
    assert len(out.read_text().splitlines()) == (24 if more else 10)


def test_the_benchmark_of_efficiency():
    options = efficiency.argparse.Namespace(runs=2, passes=30)
    seconds, share = efficiency.sweep(options, FEW(), workers=2)
    assert seconds > 0
    assert share is None or 0.1 < share < 1.2
    assert (share is None) == (not os.path.exists("/proc/self/schedstat"))


def test_a_grid_of_a_recipe_changes_nothing_of_the_recipe():
    choices = product_of({"rule": [SGD(0.1)], "passes": [7]})[0]
    assert changed(RECIPE, choices) == replace(RECIPE, rule=SGD(0.1), passes=7)
    assert RECIPE.passes == 1
