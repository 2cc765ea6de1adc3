"""Recipes and reproductions: carried out on a few digits; and, if asked for (pytest -m long), on all of them."""

from __future__ import annotations

import importlib
import json
import math
import os
import runpy
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sn89
from sn89 import datasets, nets, recipes
from sn89.recipes import Recipe
from sn89.reproduce import NAMES, kept, reproduce, runs
from sn89.reproduce.report import Report, Row, Table, percent
from sn89.reproduce.runs import held_out, honest_rejections, median, rejections, with_seeds

Array = np.ndarray
usps = importlib.import_module("sn89.datasets.usps")
mnist = importlib.import_module("sn89.datasets.mnist")
best = importlib.import_module("sn89.reproduce.best")
left_open = importlib.import_module("sn89.reproduce.left_open")
obd = importlib.import_module("sn89.reproduce.obd")
nips1989 = importlib.import_module("sn89.reproduce.nips1989")


@pytest.fixture(scope="module")
def sets():
    return datasets.synthetic(400, 200), datasets.printed(300, 40)


@pytest.fixture
def few(monkeypatch, sets):
    """Drawn digits in the place of USPS and MNIST, of which little is learned."""
    drawn, printed = sets
    monkeypatch.setattr(datasets, "printed", lambda: printed)
    monkeypatch.setattr(nips1989, "HANDWRITTEN", 200)
    for plan in ("LENET1", "ANCESTOR", "ZIP", "LE_NET5"):
        monkeypatch.setattr(obd, plan, replace(getattr(obd, plan), rounds=1))
    for name, little in (("AT_ONCE", (50, 100)), ("ONE_BY_ONE", 1), ("SOME", 50), ("LOOKED_AT", 5)):
        monkeypatch.setattr(obd, name, little)
    monkeypatch.setattr(usps.files, "find", lambda name, files, *rest: [Path(file.names[0]) for file in files])
    monkeypatch.setattr(usps, "_load", lambda path, part: drawn.train if part is usps.TRAIN else drawn.test)
    monkeypatch.setattr(mnist, "_load", _mnist)
    learn = Recipe.train

    def learn_little(recipe, part, seed=1, **options):
        X, y = part
        return learn(replace(recipe, passes=1), (X[:60], y[:60]), seed, **options)

    monkeypatch.setattr(Recipe, "train", learn_little)


def _mnist(path: Path, published: mnist.Published) -> Array:
    random, count = np.random.default_rng(1), 300 if "train" in published.name else 200
    random.integers(10, size=count)
    labels = np.arange(count) % 10
    images = np.zeros((count, 28, 28), np.uint8)
    images[np.arange(count), 4 + 2 * labels, 8:20] = 255
    return images if len(published.shape) == 3 else labels.astype(np.uint8)


# ---- every reproduction --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_reproduction_makes_its_tables(few, name, tmp_path):
    report = reproduce(name, seeds=2)
    report.write(tmp_path)
    text, plain = ((tmp_path / f"{name}{end}").read_text("utf-8") for end in (".md", ".json"))
    plain = json.loads(plain)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{name}.json", f"{name}.md"]
    assert text == report.markdown()
    assert text.startswith(f"# {report.title}\n")
    assert plain["seconds"] == report.seconds > 0
    for table, told in zip(report.tables, plain["tables"], strict=True):
        assert f"\n## {table.title}\n" in text
        for row, numbers in zip(table.rows, told["rows"], strict=True):
            assert f"| {row.name} " in text
            assert list(row.values) == numbers["values"]
            assert all(math.isfinite(value) for value in row.values)
            assert all(0 <= value <= 1 for value in row.values if row.form is percent)


def test_the_example_prints_and_writes(tmp_path):
    script = Path(__file__).parents[1] / "examples" / "reproduce.py"
    for arguments, words in (
        (["zip1988"], "invalid choice"),
        (["zip1989", "--seeds", "0"], "must be at least 1"),
        (["zip1989", "--data", str(tmp_path)], f"reproduce.py: USPS not found: looked in {tmp_path}"),
    ):
        done = subprocess.run([sys.executable, script, *arguments], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode != 0
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
    told = subprocess.run([sys.executable, script, "--help"], cwd=tmp_path, capture_output=True, text=True).stdout
    assert all(name in told for name in NAMES)


def test_the_example_writes_what_it_prints(few, tmp_path, monkeypatch, capsys):
    script = Path(__file__).parents[1] / "examples" / "reproduce.py"
    monkeypatch.setattr(sys, "argv", ["reproduce.py", "tutorial", "--seeds", "1", "--output", str(tmp_path / "out")])
    runpy.run_path(str(script), run_name="__main__")
    assert (tmp_path / "out" / "tutorial.md").read_text("utf-8") in capsys.readouterr().out


@pytest.mark.parametrize("bad", [0, -1, 0.0, "3", True])
def test_bad_numbers_of_seeds_are_refused(bad):
    with pytest.raises((TypeError, ValueError), match="seeds must be"):
        reproduce("zip1989", bad)


def test_an_unknown_reproduction_is_answered_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"zip1988.*zip1989"):
        reproduce("zip1988")


@pytest.mark.parametrize("name", ["tutorial", "obd"])
def test_a_reproduction_goes_on_where_it_was_interrupted(few, name, tmp_path, monkeypatch):
    """What was kept is used, to the bit, but neither by other sources nor for other digits."""
    kinds = {"tutorial": runs.Job, "obd": obd.Job}
    carried, run = [], kinds[name].run
    monkeypatch.setattr(kinds[name], "run", lambda job, stop: carried.append(job.seed) or run(job, stop))
    first = reproduce(name, 1, keep=tmp_path)
    done = len(carried)
    again = reproduce(name, 2, keep=tmp_path)
    assert done > 1
    assert carried[done:] == [2] * (len(carried) - done) != []
    for one, other in zip(first.tables, again.tables, strict=True):
        for row, same in zip(one.rows, other.rows, strict=True):
            assert row.values[0] == same.values[0]
    if name == "tutorial":
        monkeypatch.setattr(kept, "_sources", lambda: "another version")
        reproduce(name, 1, keep=tmp_path)
        assert carried[-done:] == [1] * done


def test_all_sources_and_digits_say_what_was_kept(sets, tmp_path):
    drawn, printed = sets
    assert kept.digest(drawn) == kept.digest(drawn) != kept.digest(printed)
    assert kept.place(tmp_path, {"a": 1}) == kept.place(tmp_path, {"a": 1}) != kept.place(tmp_path, {"a": 2})


# ---- what is not to be seen ----------------------------------------------------------------------------------


def test_what_is_chosen_for_best_is_chosen_without_the_test_digits(few, monkeypatch):
    """Every training that is judged learns from training digits, and is tested on others of them."""
    X, y = datasets.usps().train
    mine, seen = {image.tobytes() for image in X}, []
    learn = best.run_all

    def look(jobs):
        seen.extend(jobs)
        return learn(jobs)

    monkeypatch.setattr(best, "run_all", look)
    ranked, together = best.choose("USPS", (X, y))
    assert len(seen) == 5 * len(recipes.CANDIDATES)
    for job in seen:
        learned, judged = ({image.tobytes() for image in part[0]} for part in job.digits)
        assert learned | judged == mine
        assert not learned & judged
    assert [one.wrong for one in ranked] == sorted(one.wrong for one in ranked)
    assert len(together) == len(ranked)
    assert together[0] == ranked[0].wrong
    for one in ranked:
        assert one.probabilities.shape == (len(X), 10)
        np.testing.assert_allclose(one.probabilities.sum(axis=1), 1, atol=1e-5)
        assert (one.probabilities.argmax(axis=1) != y).sum() == one.wrong


@pytest.mark.parametrize("which", range(-1, 5))
def test_held_out_digits_are_a_run_of_neighbours_and_not_learned_from(which):
    X, y = np.arange(23, dtype=np.float32).reshape(23, 1, 1), np.arange(23)
    part = held_out(datasets.Digits("some", (X, y), (X - 100, y), "here"), which=which)
    (learned, _), (judged, labels) = part
    assert sorted(np.concatenate([learned, judged]).ravel()) == list(range(23))
    assert (np.diff(judged.ravel()) == 1).all()
    assert (labels == judged.ravel()).all()
    assert 4 <= len(judged) <= 5


def test_thresholds_from_held_out_digits_do_not_know_the_test_digits(few):
    digits = datasets.usps()
    outcomes = with_seeds(recipes.ZIP_1989, digits, [1, 2])
    on_part = with_seeds(recipes.ZIP_1989, held_out(digits), [1, 2])
    for honest, known, one in zip(honest_rejections(outcomes, on_part), rejections(on_part), outcomes, strict=True):
        assert (honest.difference, honest.patterns) == (known.difference, 200)
        top = np.sort(one.scores.astype(float), axis=1)
        kept = top[:, -1] - top[:, -2] > known.difference
        assert honest.rejected == (~kept).sum()
        assert honest.wrong == (one.wrong & kept).sum()


# ---- runs ------------------------------------------------------------------------------------------------------


def test_trainings_side_by_side_are_the_same_as_one_by_one_and_in_order(few):
    digits = datasets.usps()
    outcomes = with_seeds(recipes.ZIP_1989, digits, [3, 1, 2], progress=False)
    assert [one.seed for one in outcomes] == [3, 1, 2]
    for one in outcomes:
        net, _ = recipes.ZIP_1989.train(digits.train, seed=one.seed)
        assert net.parameters.tobytes() == one.net.parameters.tobytes()
        assert one.test == sn89.evaluate(net, *digits.test)
        assert one.wrong.sum() == one.test.wrong
    assert median(outcomes).test.wrong == sorted(one.test.wrong for one in outcomes)[1]


def test_a_training_that_fails_ends_the_others(few, monkeypatch):
    """Those that wait, and those that are at work, which would take minutes."""
    learn, ended = Recipe.train, []

    def train(recipe, part, seed=1, **options):
        if seed == 1:
            raise sn89.DivergedError("pass 1")
        try:
            learn(replace(recipe, passes=1), part, seed, **options)
            while True:
                options["callbacks"][0](None, None)
                time.sleep(0.01)
        finally:
            ended.append(seed)

    monkeypatch.setattr(Recipe, "train", train)
    with pytest.raises(sn89.DivergedError, match="pass 1"):
        with_seeds(recipes.ZIP_1989, datasets.usps(), [5, 1, *range(6, 30)], progress=False)
    assert len(ended) <= 2 * (os.cpu_count() or 1)


# ---- reports ---------------------------------------------------------------------------------------------------


def test_a_row_tells_mean_interval_and_range():
    assert Row("wrong", "5.0 %", (0.05, 0.06, 0.07)).cells() == [
        "wrong",
        "5.0 %",
        "6.00 % ± 2.48 %",
        "5.00 % to 7.00 %",
        "",
    ]
    assert Row("wrong", "", (0.05,)).cells() == ["wrong", "", "5.00 %", "", ""]
    assert Row("wrong", "", (0.05, 0.05)).cells() == ["wrong", "", "5.00 %", "", ""]
    assert Row("wrong", "6 %", (0.05, 0.06, 0.07), at_most=0.06).cells()[-1] == "2 of 3"


def test_saturated_maps_are_found_with_all_that_leads_to_them(sets):
    net = sn89.nets.lenet1(seed=1)
    numbers = net.layers_of(np.arange(net.parameters.size))
    assert obd._steady(net, sets[0]) == []
    net["H1"].bias[2], net["H2"].weights[2] = 50, 1
    first, second = obd._steady(net, sets[0])
    of_map = {*numbers["H1"].kernels[2].ravel().tolist(), numbers["H1"].bias[2]}
    assert set(first.tolist()) == of_map
    assert set(second.tolist()) == of_map | {numbers["H2"].weights[2], numbers["H2"].bias[2]}


def test_two_rates_are_plain_gradient_with_another_rate_for_the_outputs(sets):
    """Against steps by hand, one digit after the other."""
    (X, y), _ = sets[0]
    recipe = left_open.by_two_rates()
    net, _ = recipe.train((X[:9], y[:9]), seed=2, passes=1)
    by_hand = recipe.net(seed=2)
    rates = np.full(by_hand.parameters.size, left_open.BELOW, np.float32)
    rates[by_hand["output"].first :] = left_open.AT_OUTPUT
    for image, label in zip(X[:9], y[:9], strict=True):
        by_hand.parameters[:] -= rates * by_hand.derivatives(image, label).gradient
    np.testing.assert_allclose(net.parameters, by_hand.parameters, rtol=0, atol=1e-6)
    assert np.abs(net.parameters - recipe.net(seed=2).parameters).max() > 1e-3


def test_a_table_wants_every_value():
    table = Table("Errors")
    with pytest.raises(ValueError, match=r"^test: misclassified: 1 of 3 values are missing$"):
        table.add("test: misclassified", "5.0 %", [0.05, None, 0.06])
    assert table.rows == []


def test_tables_are_markdown_whose_columns_stand_under_each_other():
    table = Table("Errors", paper="1989")
    table.add("test", "5.0 %", [0.05, 0.06])
    table.add("train", "", [0.001, 0.002])
    table.notes.append("measured")
    lines = table.markdown().splitlines()
    assert lines[0] == "## Errors"
    assert len({len(line) for line in lines[2:6]}) == 1
    assert all(line.startswith("|") and line.endswith("|") for line in lines[2:6])
    assert "1989" in lines[2]
    assert lines[-1] == "- measured"
    table.rows = table.rows[1:]
    assert "1989" not in table.markdown()  # a column without figures is left out


def test_a_report_that_cannot_be_written_leaves_the_one_before(tmp_path):
    report = Report("some", "Some", text=["old"])
    report.write(tmp_path)
    report.text = ["\ud800"]  # no file can hold it
    with pytest.raises(UnicodeEncodeError):
        report.write(tmp_path)
    assert "old" in (tmp_path / "some.md").read_text("utf-8")


# ---- recipes ---------------------------------------------------------------------------------------------------

ALL = [one for value in vars(recipes).values() for one in (value if isinstance(value, tuple) else (value,))]
ALL = [one for one in ALL if isinstance(one, Recipe)]


@pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: recipe.title)
def test_every_recipe_is_a_value_and_makes_a_net_for_its_digits(few, recipe):
    assert recipe == replace(recipe) != replace(recipe, passes=recipe.passes + 1)
    assert hash(recipe) == hash(replace(recipe))
    digits = recipe.digits()
    net, history = recipe.train(digits.train, seed=2)
    assert net(digits.test[0]).shape == (len(digits.test[0]), 10)
    assert history.rule == recipe.rule
    assert len(history.passes) == 1
    assert len(recipe.rule.rates) <= recipe.passes
    other, _ = recipe.train(digits.train, seed=3)
    assert other.parameters.tobytes() != net.parameters.tobytes()


def test_the_net_of_2022_is_that_of_1989_with_another_start():
    net, known = recipes.zip_code_2022(seed=3), nets.zip_code()
    assert (net.connections, net.free_parameters) == (known.connections, known.free_parameters) == (64660, 9760)
    assert not net["H1"].bias.any()
    assert not net["H3"].bias.any()
    assert (net["output"].bias == -1).all()
    assert net["H2"].weights.max() == pytest.approx(2.4 / math.sqrt(201), rel=0.01)
    assert isinstance(net.squash, sn89.Tanh)


@pytest.mark.parametrize("dropout", [None, 0.25])
def test_the_modern_net_is_no_larger(dropout):
    net = recipes.zip_code_softmax(sn89.ReLU(), dropout, seed=1)
    assert net.free_parameters == 9760
    assert [layer.name for layer in net if layer.kind == "dropout"] == ["dropout"] * (dropout is not None)
    assert not any(layer.bias.any() for layer in net if layer.bias is not None)


def test_rates_fall_from_the_first_to_the_last():
    rates = recipes.decaying(46).rates
    assert (len(rates), rates[0], rates[-1]) == (46, 3e-4, pytest.approx(1e-4))
    np.testing.assert_allclose(np.diff(rates), -2e-4 / 45)
    rates = recipes.falling(1e-3, 1e-5, 3)
    assert rates == pytest.approx((1e-3, 1e-4, 1e-5))
    assert recipes.LENET5_DISTORTED.rule.rates[:7] == (5e-4,) * 6 + (2e-4,)
    assert len(recipes.LENET5_DISTORTED.rule.rates) == 39  # the last one goes on


def test_handwritten_and_printed_digits_are_all_there_and_mixed_in_training_alone(few):
    both, written, printed = recipes.handwritten_and_printed(), datasets.usps(), datasets.printed()
    for part, one, other in zip(both, written, printed, strict=True):
        expected = sorted([image.tobytes() for image in one[0]] + [image.tobytes() for image in other[0]])
        assert sorted(image.tobytes() for image in part[0]) == expected
    assert both.test[0][:200].tobytes() == written.test[0].tobytes()
    assert (both.test[1][200:] == printed.test[1]).all()
    known = {image.tobytes(): label for part in (written, printed) for image, label in zip(*part.train, strict=True)}
    assert all(known[image.tobytes()] == label for image, label in zip(*both.train, strict=True))
    mine = {image.tobytes() for image in written.train[0]}
    assert 130 < sum(image.tobytes() in mine for image in both.train[0][:300]) < 210  # 400 of 700 are


@pytest.mark.parametrize("bad", [{"train": 0}, {"test": -5}, {"train": 60001}, {"test": 10.0}])
def test_bad_numbers_of_mnist_are_refused(few, bad):
    with pytest.raises((TypeError, ValueError), match=f"{next(iter(bad))} must be"):
        recipes.some_of_mnist(**bad)


@pytest.mark.parametrize("drawn", [True, False])
def test_some_of_mnist(few, drawn):
    digits, whole = recipes.some_of_mnist(train=50, test=20, drawn=drawn), datasets.mnist(16)
    for (X, y), (Xall, yall), count in zip(digits, whole, (50, 20), strict=True):
        assert X.shape == (count, 16, 16)
        assert ((y == yall[:count]).all() and X.tobytes() == Xall[:count].tobytes()) != drawn
    again = recipes.some_of_mnist(train=50, test=20, drawn=drawn)
    assert again.train[0].tobytes() == digits.train[0].tobytes()


def test_which_digits_of_mnist_are_drawn_first_is_told(few):
    """Both orders, of one generator."""
    (X, _), (Xt, _) = datasets.mnist(16)
    for first in ("test", "train"):
        digits, random = recipes.some_of_mnist(train=50, test=20, first=first), np.random.RandomState(1337)
        order = {"test": Xt, "train": X}
        drawn = {
            one: order[one][random.permutation(len(order[one]))] for one in sorted(order, key=lambda x: x != first)
        }
        np.testing.assert_array_equal(digits.train[0], drawn["train"][:50])
        np.testing.assert_array_equal(digits.test[0], drawn["test"][:20])
    with pytest.raises(ValueError, match='first must be "test" or "train"'):
        recipes.some_of_mnist(first="both")


def test_the_start_of_2022_is_that_of_pytorchs_generator():
    """Which the file of a net that PyTorch made has for another seed; the other weights follow in the same stream."""
    with zipfile.ZipFile(Path(__file__).parent / "golden" / "torch2022.pt") as file:
        first = next(name for name in sorted(file.namelist()) if name.endswith("/data/0"))
        golden = np.frombuffer(file.read(first), np.float32)
    drawn = recipes._torch_rand(np.random.RandomState(1989), 300)
    np.testing.assert_array_equal((drawn - np.float32(0.5)) * 2 * np.float32(2.4 / 5), golden)
    net, other = recipes.zip_code_1337(), recipes.zip_code_1337(seed=2)
    assert 0 < np.abs(net.parameters - other.parameters).max() < 1e-6
    assert np.abs(net["output"].bias + 1).max() == np.abs(net["H1"].bias).max() == 0


# ---- on all digits ---------------------------------------------------------------------------------------------


WRONG, F6 = "test: misclassified", "F6: squared distance to the bitmap of the class"
BOUNDS = {  # of each reproduction: the table, its line, and where the mean over the seeds lies
    "zip1989": [
        (0, WRONG, 0.047, 0.056),
        (0, "rejected for 1 % error on the rest", 0.11, 0.155),
        (0, "train: misclassified", 0, 0.003),
        (0, "train: MSE", 0.002, 0.0035),
        (0, "test: MSE", 0.017, 0.021),
        (1, WRONG, 0.06, 0.095),
    ],
    "nips1989": [
        (0, WRONG, 0.029, 0.04),
        (0, "test: handwritten misclassified", 0.042, 0.052),
        (0, "test: printed misclassified", 0, 0.005),
        (1, "all", 0, 0.075),
        (1, "handwritten alone", 0, 0.11),
    ],
    "mnist2022": [(0, WRONG, 0.035, 0.047), (6, WRONG, 0.0159, 0.022)],  # the printed 1.59 % is one lucky start
    "lenet5": [(1, WRONG, 0.009, 0.01), (1, F6, 0, 4), (3, WRONG, 0.007, 0.009), (3, F6, 70, 90)],
    "best": [(1, "single net: misclassified", 0, 0.03), (1, "combination: misclassified", 0, 0.025)],
}


def outside(name: str, tables: list[dict]) -> list[str]:
    """The lines whose means lie elsewhere."""
    means = [{row["name"]: row["mean"] for row in table["rows"]} for table in tables]
    return [f"{row}: {means[i][row]}" for i, row, low, high in BOUNDS[name] if not low <= means[i][row] <= high]


@pytest.mark.parametrize("name", BOUNDS)
def test_the_tables_of_the_documentation_are_near_the_papers(name):
    kept = Path(__file__).parent.parent / "docs" / "reproduced" / f"{name}.json"
    assert outside(name, json.loads(kept.read_text(encoding="utf-8"))["tables"]) == []


@pytest.mark.long
@pytest.mark.parametrize("name", BOUNDS)
def test_all_digits_give_tables_near_the_papers(name):
    try:
        assert outside(name, reproduce(name).plain()["tables"]) == []
    except datasets.DataNotFoundError as error:
        pytest.skip(str(error))
