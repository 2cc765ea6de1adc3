"""The command sn89: every verb, every exit code, and what is printed where. On USPS where it is at hand."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import sn89
from sn89 import facts, recipes, record
from sn89.datasets import DataNotFoundError, files
from sn89.storage import about
from sn89.sweep.lines import Lines

pytest.importorskip("click", reason="the command needs click")

from click.testing import CliRunner
from PIL import Image

from sn89.cli import sources
from sn89.cli.command import sn89 as command
from sn89.cli.digit_files import like_mnist
from sn89.cli.plot import DRAW
from sn89.cli.predict import prepared

VERBS = list(command.commands)
GIVE = "name the file of a net, which sn89 train and sn89.save write"
TRAIN, TEST = 400, 200


def run(*arguments: object, code: int = 0):
    """What the command gives, in this process, which must end with this exit code."""
    done = CliRunner().invoke(command, [str(one) for one in arguments], prog_name="sn89")
    assert done.exit_code == code, done.output
    return done


def document(*arguments: object) -> dict:
    """The one JSON document that is all of standard output."""
    return json.loads(run(*arguments, "--json").stdout)


def program(*arguments: object, **options) -> subprocess.Popen:
    """The command as a process."""
    words = [sys.executable, "-W", "error", "-m", "sn89", *map(str, arguments)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


@pytest.fixture(scope="module")
def few(tmp_path_factory, digits) -> Path:
    """Some of these digits in a file."""
    path, ((X, y), (Xt, yt)) = tmp_path_factory.mktemp("digits") / "few.npz", digits
    np.savez(path, X=X[:TRAIN], y=y[:TRAIN], Xt=Xt[:TEST], yt=yt[:TEST])
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory, few) -> Path:
    """The zip-code net after four passes over them."""
    path = tmp_path_factory.mktemp("net") / "zip.safetensors"
    run("train", "--data", few, "--passes", 4, "-o", path)
    return path


@pytest.fixture(scope="module")
def lenet5(tmp_path_factory) -> Path:
    """LeNet-5, untrained, in a file without a provenance."""
    path = tmp_path_factory.mktemp("net") / "lenet5.safetensors"
    sn89.save(sn89.nets.lenet5(seed=1), path)
    return path


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """No digits on this machine, and no network."""

    def refuse(url, known_hash):
        raise OSError("no network")

    monkeypatch.delenv("SN89_DATA", raising=False)
    monkeypatch.setattr(files, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(files, "_fetch", refuse)


# ---- the command itself ---------------------------------------------------------------------------------------------


def test_help_lists_every_verb_in_the_order_of_use():
    told = run("--help").stdout
    assert VERBS[:3] == ["train", "eval", "predict"]
    places = [told.index(f"\n  {verb} ") for verb in VERBS]
    assert places == sorted(places)
    assert "..." not in told.split("Commands:")[1]  # every verb is told of in a line that fits
    assert "130 after Ctrl-C" in told


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_teaches_by_examples_that_keep_their_lines(verb):
    told = run(verb, "--help").stdout
    assert told == run(verb, "-h").stdout
    assert "--debug" in told
    assert max(map(len, told.splitlines())) <= 88  # of what is wrapped, 80
    if verb != "bench":  # it has hardly anything to be told
        assert f"\n  sn89 {verb}" in told


def test_the_lists_in_help_keep_their_lines():
    pictures = run("plot", "--help").stdout
    assert "\n      kernels     the kernels" in pictures
    assert re.findall(r"^      (\w+) ", pictures, re.MULTILINE) == list(DRAW)
    assert "\n      tutorial   LeNet-1 beside" in run("reproduce", "--help").stdout


@pytest.mark.parametrize("verb", ["", "train"])
def test_help_is_a_word_too(verb):
    assert run("help", *verb.split()).stdout == run(*verb.split(), "--help").stdout


def test_the_version():
    assert run("--version").stdout == f"sn89 {sn89.__version__}\n"


def test_it_starts_without_what_is_slow_to_import():
    heavy = "matplotlib", "PIL", "torch", "sklearn", "onnx", "pooch", "tqdm", "safetensors"
    lines = f"import sys, sn89.cli.command; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", lines], text=True).strip() == "[]"


def test_without_click_it_says_what_to_install():
    lines = "import sys; sys.modules['click'] = None; from sn89.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == 'sn89: error: the command needs the package click: pip install "sn89[cli]"\n'


def test_nothing_in_the_package_imports_the_command():
    package = Path(sn89.__file__).parent
    others = [path for path in package.rglob("*.py") if path.parent.name != "cli" and path.name != "__main__.py"]
    assert len(others) > 30
    assert not [path for path in others if "cli" in path.read_text("utf-8").split()]
    assert "click" not in (package / "cli" / "script.py").read_text("utf-8").replace("without click", "")


def test_as_a_program_it_prints_and_leaves_as_told(here):
    shown = program("show", "lenet5")
    assert "340,908" in shown.communicate()[0]
    assert shown.returncode == 0
    refused = program("eval", "none.safetensors")
    assert refused.communicate() == (
        "",
        f"sn89: error: there is no file none.safetensors: {GIVE}\n",
    )
    assert refused.returncode == 1
    unknown = program("trian")
    assert "there is no command 'trian'" in unknown.communicate()[1]
    assert unknown.returncode == 2


def test_pictures_are_written_whatever_backend_matplotlib_is_told_of(here):
    """It shows nothing, so it is not concerned that a notebook's backend is unknown where it runs."""
    with program("plot", "lenet5", "--what", "table", env={**os.environ, "MPLBACKEND": "bogus"}) as drawn:
        assert drawn.communicate() == ("lenet5_table.png\n", "")


def test_a_reader_that_goes_away_is_no_traceback():
    with program("show", "--json") as shown:
        shown.stdout.close()
        assert "Traceback" not in shown.stderr.read()
    assert shown.returncode == 1


def test_a_fault_is_one_line_and_with_debug_a_traceback(monkeypatch):
    monkeypatch.setattr("sn89.cli.bench.measure", lambda blocks: {}["no such\nthing"])
    told = run("bench", code=1)
    line = r"sn89: error: KeyError: 'no such\\nthing' \(this is a fault of sn89: (.*) tells where\)\n"
    written = Path(re.fullmatch(line, told.stderr)[1])
    assert "KeyError: 'no such" in written.read_text("utf-8")
    written.unlink()
    for words in (["bench", "--debug"], ["--debug", "bench"]):
        assert isinstance(CliRunner().invoke(command, words).exception, KeyError)


def test_interruption_is_exit_code_130(monkeypatch):
    def interrupt(blocks):
        raise KeyboardInterrupt

    monkeypatch.setattr("sn89.cli.bench.measure", interrupt)
    assert run("bench", code=130).stderr == "sn89: interrupted\n"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("train zip_code", 2, "there is one argument too many, 'zip_code'; did you mean --net zip_code?"),
        ("eval a.safetensors b", 2, "there is one argument too many, 'b'; sn89 eval --help shows its arguments"),
        ("trian", 2, "there is no command 'trian'; did you mean sn89 train?"),
        ("fit", 2, "there is no command 'fit'; did you mean sn89 train?"),
        ("eval x -o y", 2, "sn89 eval writes no file: redirect its output with >"),
        ("prune", 2, "there is no command 'prune'; write it in Python: sn89.prune(net, X, y, delete=0.1)"),
        ("frobnicate", 2, "there is no command 'frobnicate'; the commands are train, eval, predict"),
        ("train --early-stopping 3", 2, "--early-stopping is called --patience here"),
        ("train --gpu", 2, "there is no --gpu: sn89 computes on the processor alone"),
        ("plot mine", 1, "there is no net and no file 'mine': give one of the papers' nets, zip_code, fully_connected"),
        ("plot mine", 1, "or a file; did you mean mine.safetensors?"),
        ("plot min", 1, "did you mean mine.safetensors?"),
        ("eval min.safetensors", 1, "there is no file min.safetensors; did you mean mine.safetensors?"),
        ("eval nowhere", 1, f"there is no file nowhere: {GIVE}"),
        ("plot zip_code", 1, "a paper's net that has not been trained yet; sn89 train --net zip_code trains it"),
        ("eval mine.safetensors --error 200%", 2, "'200%' is not a number from 0 to 100"),
        ("eval mine.safetensors --reject much", 2, "'much' is not a number from 0 to 1"),
        (
            "train --net lenet7",
            1,
            "there is no net and no file 'lenet7': give one of the papers' nets, zip_code",
        ),
        ("train --net none.safetensors", 1, "there is no file none.safetensors: name the file of a net"),
        (
            "train --data nowhere",
            2,
            "'nowhere' is neither one of usps, mnist, printed, usps+printed, synthetic nor",
        ),
        ("train --data none.npz", 1, "none.npz: there is no such file or folder"),
        ("train --data empty", 1, "empty: there are no files of digits in this folder"),
        (
            "train --net lenet5 --data synthetic",
            1,
            "the margin would have the level -0.1, but the paper of the images has",
        ),
        ("train --rate fast", 2, "'fast' is neither a number nor several numbers with commas between"),
        ("train --epochs 3", 2, "--epochs is called --passes here."),
        ("train --batch-size 3", 2, "there are no batches, because a net learns after every image."),
        ("eval lenet5", 1, "lenet5 is a paper's net that has not been trained yet: sn89 train --net lenet5 writes"),
        ("train --net zip_code --data mnist --size 28", 1, "the input of zip-code net (1989) has only 16x16"),
        ("sweep --vary rate=1", 1, "order, distortion; did you mean 'rule.rate'?"),
        ("train --epsilon 0.001", 2, "--epsilon is called --rate here."),
        ("train --rate -1", 1, "rate must be positive, not -1"),
        ("train --seed -1", 1, "seed must be at least 0, not -1"),
        ("train --passes 0", 2, "'--passes': 0 is not in the range"),
        ("train --resume", 2, "--resume needs --checkpoint, the file to go on from"),
        ("train --checkpoint x -o x", 2, "--checkpoint and --output must name different files"),
        ("train --checkpoint there", 1, "there exists already: --resume goes on from it; or remove it"),
        ("train -o there", 1, "there exists already: --force replaces it, -o gives another name"),
        ("train -o empty", 1, "empty is a folder: -o must name the file to write"),
        ("train -o none/x", 1, "none/x cannot be written, because there is no folder none"),
        ("train -o x --net lenet1_softmax --rule sgd --rate 3e38 --data synthetic", 1, "training diverged in pass 1"),
        ("eval there", 1, "there: it is not a safetensors file"),
        ("eval x --reject nan", 2, "'nan' is not a number from 0 to 1"),
        ("eval x --error 101", 2, "'--error': '101' is not a number from 0 to 100"),
        ("predict x --reject inf y.png", 2, "'inf' is not a number from 0 to 1"),
        ("predict x", 2, "Missing argument 'IMAGES...'"),
        ("train --net zip_cod", 1, "or a file; did you mean zip_code?"),
        ("train -o a.png", 2, "this command does not write .png files: the name after -o must end in .safetensors"),
        ("train -o none.html", 2, "does not write .html files"),
        ("sweep --vary passes=1 -o a.csv", 2, "does not write .csv files: the name after -o must end in .jsonl"),
        ("show lenet7", 1, "there is no net and no file 'lenet7'"),
        ("plot lenet5 --what portrait", 2, "'portrait' is not one of"),
        ("plot lenet5 --what tabel", 2, "'mistakes'; did you mean table?"),
        ("plot lenet5 --what kernels --layer c1", 1, "F6, output; did you mean C1?"),
        ("plot lenet5 kernels", 2, "one argument too many, 'kernels'; did you mean --what kernels?"),
        ("export x onnx", 2, "one argument too many, 'onnx'; did you mean --to onnx?"),
        ("train --data usp", 2, "nor a file or folder; did you mean usps?"),
        ("data mnits", 2, "nor a file or folder; did you mean mnist?"),
        ("page lenet5", 1, "lenet5 is a paper's net that has not been trained"),
        ("eval x --reject 0.9 --error 2", 2, "--error and --reject both say what is rejected"),
        ("read x.png --reject 101%", 2, "'--reject': '101%' is not a number from 0 to 1."),
        ("read x.png --spacing nan", 2, "'--spacing': 'nan' is not a finite number"),
        ("teach x.png --truth y --held-out 91%", 2, "'--held-out': '91%' is not a number from 0 to 0.9"),
        ("plot lenet5 --what table --layer C9", 1, "LeNet-5 (1998) has no layer 'C9'; its layers are input, C1, S2"),
        ("plot fully_connected --what table", 1, "fully connected, 40 hidden units has no layer with a table"),
        ("plot lenet5 --what table -o x.gif", 2, "the name after -o must end in .png, .pdf, .svg, not 'x.gif'"),
        (
            "plot lenet5 --what learning",
            1,
            "lenet5 is a paper's net that has not been trained yet; sn89 train --net lenet5",
        ),
        ("plot zip_code --what states --data synthetic --image 9999", 1, "--image must be 0 to 2006, not 9999"),
        ("export x --to onnx --int8", 2, "--int8 is for --to c"),
        ("reproduce zip1988", 2, "'zip1988' is not one of 'zip1989'"),
        ("reproduce zip1989 --data none", 2, "'none' does not exist"),
        ("reproduce zip1989 --data empty", 1, "USPS not found: looked in empty"),
        ("reproduce zip1989 -o there", 1, "there is a file: -o must name the folder for the tables"),
        ("bench --blocks 0", 2, "'--blocks': 0 is not in the range"),
        ("completion tcsh", 2, "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
    ],
)
def test_every_error_is_named_in_few_words(here, words, code, message):
    (here / "empty").mkdir()
    (here / "there").write_text("x" * 100)
    (here / "mine.safetensors").touch()
    told = run(*words.split(), code=code)
    assert told.stdout == "" or words.startswith("train -o x")  # which had begun
    assert message in " ".join(told.stderr.split())
    assert "Traceback" not in told.stderr
    if code == 1:
        assert told.stderr.splitlines()[-1].startswith("sn89: error: ")
    assert sorted(path.name for path in here.iterdir()) == ["empty", "mine.safetensors", "there"]
    assert (here / "there").read_text() == "x" * 100


# ---- train ----------------------------------------------------------------------------------------------------------


def test_train_alone_does_what_the_paper_did(here, digits):
    """One pass of it."""
    data = ["--data", "synthetic"] if digits.synthetic else []
    told = run("train", "--passes", 1, *data).stdout
    net, history = recipes.ZIP_1989.train(digits.train, 1, passes=1, measure=True, test=digits.test)
    made = sn89.load("zip_code.safetensors")
    assert made.parameters.tobytes() == net.parameters.tobytes()
    assert f"test   {history.test[0]}" in told
    assert f"({history.train[0].wrong})" in told
    assert "LevenbergMarquardt: rate 0.0005, mu 0.05, gamma 0.05; 1 pass, order as given, seed 1" in told
    assert ("not comparable" in told) == digits.synthetic
    from_file = about("zip_code.safetensors")["provenance"]
    assert from_file["digits"]["set"] == ("synthetic" if digits.synthetic else "usps")
    assert record.history_of(from_file).test == history.test
    assert str(history.test[0]) in run("eval", "zip_code.safetensors").stdout  # on the same digits, unasked


def test_the_options_of_train_are_those_of_the_function(here, few):
    words = "--net fully_connected --rule newton --rate 0.001,0.0005 --order shuffle --seed 7 --passes 3 -o n"
    told = document("train", "--data", few, *words.split())
    with np.load(few) as arrays:
        X, y, Xt, yt = (arrays[name] for name in ("X", "y", "Xt", "yt"))
    net, rule = sn89.nets.fully_connected(seed=7), sn89.Newton((0.001, 0.0005))
    history = sn89.train(net, X, y, rule=rule, passes=3, order="shuffle", seed=7, test=(Xt, yt), progress=False)
    assert sn89.load("n").parameters.tobytes() == net.parameters.tobytes()
    assert [one["test"]["wrong"] for one in told["history"]] == [one.wrong for one in history.test]
    assert told["rule"] == {"is": "Newton", "rate": [0.001, 0.0005], "mu": 0.05, "gamma": 0.05}
    assert record.history_of(told).rule == rule
    assert {name: told[name] for name in ("file", "passes", "order", "seed")} == {
        "file": "n",
        "passes": 3,
        "order": "shuffle",
        "seed": 7,
    }


@pytest.mark.parametrize(("name", "rule"), [("sgd", sn89.SGD()), ("sdlm", None), ("adamw", sn89.AdamW())])
def test_every_rule_has_its_own_rate(few, name, rule):
    told = document("train", "--data", few, "--rule", name, "--passes", 1, "--no-measure", "-o", "x")
    assert record.history_of(told).rule == (rule or sn89.StochasticDiagonalLM())
    assert told["history"][0]["test"] is None


def test_json_and_quiet_keep_to_themselves(few):
    told = run("train", "--data", few, "--passes", 2, "--json", "-o", "x")
    assert json.loads(told.stdout)["passes"] == 2
    assert "pass   seconds" in told.stderr
    told = run("train", "--data", few, "--passes", 2, "--quiet", "-o", "y")
    assert told.stderr == ""
    assert told.stdout.splitlines()[-1].startswith("y: zip-code net (1989), 2 passes in ")
    assert len(told.stdout.splitlines()) == 3
    told = run("train", "--data", few, "--passes", 2, "--no-measure", "-o", "z").stdout
    assert "wrong" not in told


def test_train_stops_and_keeps_as_python_does(here, few):
    told = run("train", "--data", few, "--passes", 9, "--rate", 0.01, "--patience", 2, "--on", 0.2, "-o", "n").stdout
    history = sources.from_file(Path("n")).history
    assert (len(history.passes), history.kept.number) == (len(history.train), history.final.number)
    assert history.final.held_out.error == min(one.error for one in history.held_out)
    assert len(history.passes) - history.final.number == 2
    assert f"ended after pass {len(history.passes)}: held-out error" in told
    assert f"kept pass {history.final.number}: held-out error" in told
    assert f"test     {history.final.test}" in told  # of the net that was written
    assert document("eval", "n", "--data", few)["wrong"] == history.final.test.wrong
    shown = run("show", "n").stdout
    assert f"kept pass     pass {history.final.number}, held-out error" in shown
    assert f"test {100 * history.final.test.error:.2f} %" in shown


def test_train_keeps_the_best_pass_and_balances_classes(here, few):
    words = ["train", "--data", few, "--passes", 3, "--keep", "best", "--class-weight", "balanced", "-q", "-o", "n"]
    run(*words)
    digits, net = sn89.datasets.load(few, scale=(-1, 1)), sn89.nets.zip_code(seed=1)
    how = {"test": digits.test, "callbacks": [sn89.KeepBest()], "class_weight": "balanced", "progress": False}
    history = sn89.train(net, *digits.train, rule=sn89.LevenbergMarquardt(), passes=3, **how)
    assert sn89.load("n").parameters.tobytes() == net.parameters.tobytes()
    told = about("n")["provenance"]
    assert [one.get("kept") for one in told["history"]].index(history.kept.why) == history.kept.number - 1
    assert f"pass {history.kept.number}, {history.kept.why}" in run("show", "n").stdout
    assert told["class_weight"] == "balanced"


@pytest.mark.parametrize("on", ["2", "0", "nan", "proof"])
def test_what_cannot_be_looked_at_is_refused(few, on):
    assert (
        "neither test nor train nor a share" in run("train", "--data", few, "--keep", "best", "--on", on, code=2).stderr
    )
    assert "--on needs --patience or --keep best" in run("train", "--data", few, "--on", "test", code=2).stderr


def test_a_net_of_a_file_goes_on_from_its_parameters(trained, few):
    run("train", "--net", trained, "--data", few, "--passes", 1, "-o", "more", "--quiet")
    net = sn89.load(trained)
    with np.load(few) as arrays:
        sn89.train(net, arrays["X"], arrays["y"], rule=sn89.LevenbergMarquardt(), passes=1, seed=1, progress=False)
    assert sn89.load("more").parameters.tobytes() == net.parameters.tobytes()
    assert about("more")["provenance"]["before"] == about(trained)["provenance"]
    Path("more").rename("more.safetensors")
    assert "a former training" in run("show", "more.safetensors").stdout


def test_a_folder_that_cannot_be_written_to_is_found_out_before_training(here, few, monkeypatch):
    def refuse(path, room):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("sn89.cli.options.check_writable", refuse)
    told = run("train", "--data", few, "--passes", 1, "-o", "net.safetensors", code=1)
    assert told.stderr == f"sn89: error: net.safetensors cannot be written: Permission denied in the folder {here}\n"
    assert told.stdout == ""


def test_a_disk_without_room_for_the_net_is_found_before_training(here, few):
    """The smallest file that fits is no proof: a net takes more."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        told = run("train", "--data", few, "--passes", 1, "-o", "net.safetensors", code=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told.stdout == ""
    assert told.stderr.startswith("sn89: error: net.safetensors cannot be written: File too large")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"), [((), "nothing is kept; with -o"), (("-o", "s.jsonl"), "s.jsonl holds 2 trainings")]
)
def test_a_sweep_that_is_interrupted_says_how_to_go_on(here, few, monkeypatch, arguments, words):
    real, seen = Lines.add, []

    def add(self, *record):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(record)
        real(self, *record)

    monkeypatch.setattr(Lines, "add", add)
    told = run("sweep", "--data", few, "--vary", "passes=1", "--seeds", 4, *arguments, code=130).stderr
    assert f"sn89: interrupted: {words}" in told


UNSAID = "does not say which digits it learned from: name them with --data usps"


def test_nets_of_python_and_checkpoints_know_their_digits(here, digits, monkeypatch):
    """Which, and how scaled: nobody has to say it again."""
    monkeypatch.setitem(facts.SETS, facts.facts(*digits.train)["labels"], "usps")
    monkeypatch.setitem(sources.SETS, "usps", lambda folder, size: digits)
    net = sn89.nets.zip_code(seed=1)
    how = {"rule": sn89.SGD(), "passes": 1, "progress": False, "checkpoint": "kept.safetensors"}
    history = sn89.train(net, *digits.train, **how)
    sn89.save(net, "net.safetensors", history=history)
    sn89.save(net, "named.safetensors", history=history, provenance={"digits": "mine", "best": np.int64(3)})
    sn89.save(net, "bare.safetensors")
    expected = sn89.evaluate(net, *digits.test)
    for name in ("net", "named", "kept"):
        assert document("eval", f"{name}.safetensors")["wrong"] == expected.wrong
        run("plot", f"{name}.safetensors", "--what", "learning", "--dpi", 20)
        assert "SGD(rate=0.0015)" in run("show", f"{name}.safetensors").stdout
        assert record.history_of(sources.from_file(Path(f"{name}.safetensors")).provenance).passes == history.passes
    assert about("named.safetensors")["provenance"]["best"] == 3
    assert "digits        mine, " in run("show", "named.safetensors").stdout
    for verb in (("eval",), ("page",), ("plot", "--what", "confusion"), ("export", "--to", "c", "--int8")):
        assert UNSAID in run(*verb, "bare.safetensors", code=1).stderr
    assert document("eval", "bare.safetensors", "--data", "usps")["wrong"] == expected.wrong


def test_digits_that_are_not_those_that_a_net_learned_from_are_told_of(here, digits, few, monkeypatch):
    monkeypatch.setitem(facts.SETS, facts.facts(*digits.train)["labels"], "usps")
    (X, y), _ = digits
    net = sn89.nets.zip_code(seed=1)
    history = sn89.train(net, (X + 1) / 2, y, rule=sn89.SGD(), passes=1, measure=False)
    sn89.save(net, "net.safetensors", history=history)
    monkeypatch.setitem(sources.SETS, "usps", lambda folder, size: digits)
    told = run("eval", "net.safetensors", code=1).stderr
    other = "the lowest level of the images was 0.0, but now it is -1"
    assert f"net learned from USPS, but not from these digits: {other}" in told or digits.synthetic
    sn89.save(sn89.Net(sn89.Input(16, 16), sn89.Full("output", 3)), "three.safetensors")
    told = run("eval", "three.safetensors", "--data", "usps", code=1).stderr
    assert f"{digits.name} does not fit net: labels must be 0 to 2" in told
    told = run("eval", "net.safetensors", "--data", few).stderr
    assert told.splitlines()[1:] == [
        "sn89: net: it learned from images with levels from 0 to 1, but these have levels from -1 to 1"
    ]


def test_pictures_are_made_like_the_digits_that_a_net_learned_from_or_that_is_asked(here):
    sn89.save(sn89.nets.zip_code(), "bare.safetensors")
    Image.fromarray(np.uint8(255 * np.eye(20))).save("x.png")
    told = run("predict", "bare.safetensors", "x.png", code=1).stderr
    assert "choose the form of the pictures with --like usps or --like mnist" in told
    assert run("predict", "bare.safetensors", "x.png", "--like", "usps").stdout
    usual = prepared(sources.from_file(Path("bare.safetensors")), Path("x.png"), "usps", "auto")
    told = {"digits": {"lowest": 0.0, "highest": 2.0}}
    sn89.save(sn89.nets.zip_code(), "other.safetensors", provenance=told)
    other = prepared(sources.from_file(Path("other.safetensors")), Path("x.png"), "usps", "auto")
    np.testing.assert_array_equal(other, usual + 1)  # levels as the net's digits had them


def test_every_set_of_the_command_is_known_by_its_labels(digits):
    for name in ("printed", "synthetic", *(() if digits.synthetic else ("usps",))):
        assert facts.known_set(facts.facts(*sources.SETS[name](None, 16).train)) == name


def test_without_digits_training_goes_on_with_drawn_ones_and_says_so(nowhere):
    told = run("train", "--passes", 1, "--no-measure")
    assert "USPS not found" in told.stderr
    assert "Going on with synthetic digits." in told.stderr
    assert "These are synthetic digits: the errors cannot be compared with the paper's." in told.stdout
    assert about("zip_code.safetensors")["provenance"]["digits"]["set"] == "synthetic"
    assert "MNIST not found" in run("train", "--net", "lenet5", code=1).stderr  # whose digits are not drawn
    assert "USPS not found" in run("train", "-f", "--data", "usps", code=1).stderr  # who asked for them gets no others


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": np.zeros((3, 16, 16), np.float32)}, "it has no images with labels but only"),
        ({"X": np.zeros((3, 16, 16)), "y": np.arange(4)}, "there are 3 images, but 4 labels"),
        ({"X": np.zeros((3, 16, 16), np.uint8) + 1, "y": np.arange(3)}, "the images show nothing"),
        ({"X": np.array([None] * 3), "y": np.arange(3)}, "its array holds Python objects, a pickle"),
        (
            {"X": np.eye(16)[None].repeat(3, 0), "y": [0, 1, 12]},
            "does not fit zip-code net (1989): labels must be 0 to",
        ),
    ],
)
def test_digits_of_a_file_are_judged(here, arrays, message):
    np.savez("own.npz", **arrays)
    told = run("train", "--data", "own.npz", "-q", code=1).stderr
    assert message in told
    assert "sn89: error: own.npz" in told
    assert not (here / "zip_code.safetensors").exists()


def test_digits_of_a_file_need_no_test_part(few):
    with np.load(few) as arrays:
        np.savez("own.npz", X=arrays["X"], y=arrays["y"])
    told = document("train", "--data", "own.npz", "--passes", 1, "-o", "x")
    assert told["history"][0]["test"] is None
    named = {"set": "npz", "name": "own.npz", "size": 16, "train": TRAIN, "test": 0}
    assert told["digits"].items() >= {**named, "images": TRAIN, "shape": [16, 16], "lowest": -1.0}.items()
    assert "own.npz has no test digits" in run("eval", "x", "--data", "own.npz", code=1).stderr
    assert document("eval", "x", "--data", "own.npz", "--part", "train")["patterns"] == TRAIN
    assert "x learned from digits in a file: name that file with --data FILE" in run("eval", "x", code=1).stderr


def test_ctrl_c_keeps_the_checkpoint_and_resuming_is_as_if_nothing_had_happened(here, few):
    words = ["train", "--data", few, "--checkpoint", "run.safetensors", "-o", "net", "--no-measure"]
    child = program(*words, "--passes", 100000, cwd=here)
    assert any(line.startswith("   2 ") for line in child.stdout)  # two passes are over
    child.send_signal(signal.SIGINT)
    _, told = child.communicate()
    assert child.returncode == 130
    assert told.splitlines()[-1] == "sn89: interrupted: --resume goes on from run.safetensors"
    assert "Traceback" not in told
    assert not (here / "net").exists()
    passes = len(sn89.storage.read("run.safetensors").arrays["passes"]) + 2
    assert passes >= 4
    run(*words, "--passes", passes, "--resume")
    run("train", "--data", few, "--passes", passes, "--no-measure", "-o", "whole", "-q")
    assert sn89.load("net").parameters.tobytes() == sn89.load("whole").parameters.tobytes()
    assert "is already in pass" in run(*words, "--passes", 1, "--resume", "-f", code=1).stderr


def test_ctrl_c_writes_what_was_learned(here, few):
    child = program("train", "--data", few, "--passes", 100000, "--no-measure", "-o", "net", cwd=here)
    assert any(line.startswith("   2 ") for line in child.stdout)
    child.send_signal(signal.SIGINT)
    said = child.communicate()[1].splitlines()[-1]
    assert child.returncode == 130
    told = sn89.storage.about("net")["provenance"]
    assert said == f"sn89: interrupted: net holds the net after {told['interrupted']}"
    assert told["interrupted"].startswith(f"{told['passes']} passes and ")
    assert told["passes"] == len(told["history"]) >= 2
    assert sn89.load("net").parameters.tobytes() != sn89.nets.zip_code(seed=1).parameters.tobytes()


def test_ctrl_c_before_anything_was_learned_writes_nothing(here, few, monkeypatch):
    def interrupt(*what, **how):
        raise KeyboardInterrupt

    monkeypatch.setattr(sn89.cli.train, "train_net", interrupt)
    said = run("train", "--data", few, "-o", "net", code=130).stderr
    assert said.endswith("sn89: interrupted: nothing was learned, and nothing was written\n")
    assert not list(here.iterdir())


def test_a_training_that_leads_nowhere_is_told_of_in_a_line(here, few):
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        done = run("train", "--data", few, "--rule", "sgd", "--rate", 1, "--passes", 5, "-q", "-o", "x")
    (line,) = done.stderr.splitlines()
    assert line.startswith("sn89: the training has led nowhere: the net gets ")
    assert line.endswith("try a tenth of it")


def test_force_replaces_a_file(trained, few, here):
    (here / "x").write_text("old")
    run("train", "--data", few, "--passes", 1, "-o", "x", "--force", "-q")
    assert sn89.load("x").name == "zip-code net (1989)"


# ---- eval -----------------------------------------------------------------------------------------------------------


def test_eval_measures_as_the_package_does(trained, few):
    with np.load(few) as arrays:
        Xt, yt, X, y = (arrays[name] for name in ("Xt", "yt", "X", "y"))
    net = sn89.load(trained)
    right, found = sn89.evaluate(net, Xt, yt), sn89.measure.rejection(net.cost.scores(net(Xt)), yt)
    told = document("eval", trained, "--data", few, "--confusion")
    assert (told["wrong"], told["patterns"], told["error"]) == (right.wrong, TEST, right.error)
    assert told["half_mse"] == right.half_mse
    assert told["rejection"]["rejected"] == found.rejected
    assert told["rejection"]["threshold"] == found.difference
    assert told["confusion"] == sn89.measure.confusion(yt, net.predict(Xt)).tolist()
    assert document("eval", trained, "--data", few, "--part", "train")["wrong"] == sn89.evaluate(net, X, y).wrong
    text = run("eval", trained, "--data", few, "--confusion").stdout
    assert f"few.npz, test: {right}" in text
    assert f"rejected for 1 % error on the rest: {100 * found.share:.1f} % ({found.rejected})" in text
    rows = [line.split() for line in text.splitlines()[-10:]]
    assert [int(row[-1]) for row in rows] == [sum(row) - row[i] for i, row in enumerate(told["confusion"])]


def test_a_confidence_rejects_what_is_less_sure(trained, few):
    with np.load(few) as arrays:
        Xt, yt = arrays["Xt"], arrays["yt"]
    net = sn89.load(trained)
    kept = net.confident(Xt) >= 0.99
    found = document("eval", trained, "--data", few, "--reject", 0.99)["rejection"]
    assert (found["confidence"], found["rejected"]) == (0.99, int((~kept).sum()))
    assert found["wrong"] == int((net.predict(Xt) != yt)[kept].sum())
    text = run("eval", trained, "--data", few, "--reject", 1).stdout
    assert "rejected below a confidence of 1: 100.0 % (200), 0.00 % of the rest wrong" in text
    told = document("eval", trained, "--data", few, "--error", 100)["rejection"]
    assert (told["rejected"], told["threshold"]) == (0, None)
    for whole in (100, "100%"):
        assert "for 100 % error on the rest: none" in run("eval", trained, "--data", few, "--error", whole).stdout


# ---- predict --------------------------------------------------------------------------------------------------------


def picture(image: np.ndarray) -> Image.Image:
    """Dark ink on white paper."""
    return Image.fromarray(np.uint8(np.rint(127.5 * (1 - image))))


def test_predict_reads_pictures_as_the_net_would_the_digits(here, trained, few):
    with np.load(few) as arrays:
        X = arrays["Xt"][:40]
    (here / "scans").mkdir()
    for i, image in enumerate(X):
        picture(image).resize((80, 80), Image.Resampling.NEAREST).save(f"scans/{i:02}.png")
    (here / "scans" / "notes.txt").write_text("no picture")
    net = sn89.load(trained)
    told = document("predict", trained, "scans", "--reject", 0.97)
    assert [one["file"] for one in told["images"]] == [f"scans/{i:02}.png" for i in range(40)]
    ready = np.stack([sn89.size_normalize(np.asarray(picture(image).resize((80, 80), 0))) for image in X])
    assert [one["label"] for one in told["images"]] == net.predict(ready).tolist()
    for one, sure in zip(told["images"], net.confident(ready), strict=True):
        assert one["confidence"] == pytest.approx(sure, abs=1e-5)
        assert one["rejected"] == (one["confidence"] < 0.97)
    assert len({one["rejected"] for one in told["images"]}) == 2
    lines = run("predict", trained, "scans", "--reject", 0.97).stdout.splitlines()
    assert lines[0].split() == ["file", "label", "confidence"]
    assert sum(line.endswith("rejected") for line in lines) == sum(one["rejected"] for one in told["images"])


def test_every_form_of_picture_is_read_alike(here, trained, few):
    with np.load(few) as arrays:
        drawn = picture(arrays["Xt"][1]).resize((64, 64), Image.Resampling.NEAREST)
    levels = np.asarray(drawn)
    clear = np.zeros((64, 64, 4), np.uint8)
    clear[..., 3] = 255 - levels  # black ink on nothing
    forms = {
        "grey.png": drawn,
        "grey.pgm": drawn,
        "colour.bmp": drawn.convert("RGB"),
        "palette.gif": drawn.convert("P"),
        "clear.png": Image.fromarray(clear),
        "light.png": Image.fromarray(255 - levels),
        "deep.png": Image.fromarray(levels.astype(np.uint16) * 257),
        "float.tif": Image.fromarray(levels.astype(np.float32)),
    }
    for name, image in forms.items():
        image.save(name)
    told = document("predict", trained, *forms)["images"]
    assert {one["label"] for one in told} == {told[0]["label"]}
    assert {round(one["confidence"], 2) for one in told} == {round(told[0]["confidence"], 2)}
    (here / "empty").mkdir()
    assert "empty: there is no picture in this folder" in run("predict", trained, "empty", code=1).stderr


def test_what_cannot_be_read_is_named_left_out_and_makes_exit_code_1(here, trained, few, monkeypatch):
    with np.load(few) as arrays:
        picture(arrays["Xt"][0]).save("good.png")
    Path("broken.png").write_bytes(Path("good.png").read_bytes()[:60])
    Path("text.png").write_text("not a picture", encoding="utf-8")
    Image.new("L", (9, 9), 255).save("blank.png")
    names = ["none.png", "broken.png", "good.png", "text.png", "blank.png"]
    told = run("predict", trained, *names, "--json", code=1)
    found = json.loads(told.stdout)
    assert [one["file"] for one in found["images"]] == ["good.png"]
    assert [one["file"] for one in found["unreadable"]] == ["none.png", "broken.png", "text.png", "blank.png"]
    for line, name in zip(told.stderr.splitlines(), [names[0], names[1], *names[3:]], strict=True):
        assert line.startswith("sn89: left out: ")
        assert name in line
    assert "No such file" in told.stderr.splitlines()[0]
    assert "no ink in the image" in told.stderr.splitlines()[3]
    Image.new("L", (7000, 6000)).save("large.png")
    alone = run("predict", trained, "large.png", code=1)
    words = "large.png: the picture has 6000 x 7000 pixels, more than the limit of 40,000,000"
    assert (alone.stdout, alone.stderr) == ("", f"sn89: left out: {words}\n")


@pytest.mark.parametrize("apart", [12, -4])
def test_several_digits_where_one_is_asked_for(here, trained, few, apart):
    with np.load(few) as arrays:
        sides = [np.asarray(picture(image).resize((64, 64))) for image in arrays["Xt"][:2]]
    sheet = np.full((90, 170), 255, np.uint8)
    sheet[13:77, 10:74] = sides[0]
    sheet[13:77, 74 + apart : 138 + apart] = np.minimum(sheet[13:77, 74 + apart : 138 + apart], sides[1])
    Image.fromarray(sheet).save("two.png")
    for like in ("usps", "mnist"):
        told = run("predict", trained, "two.png", "--like", like, code=1)
        assert told.stdout == ""
        assert "sn89: left out: two.png: the picture seems to show" in told.stderr
        assert "but only one is expected: sn89 read reads several" in told.stderr


def test_a_picture_becomes_what_mnists_digits_are(here, digits):
    """What was brought to 28x28 once stays what it is; the centre of mass lies where MNIST's do."""
    for image in digits.test[0][:20]:
        ready = like_mnist(np.asarray(picture(image)), 28, "auto")
        ink = (ready + 1) / 2
        assert max(np.ptp(np.flatnonzero(ink.any(axis=axis))) + 1 for axis in (0, 1)) == 20
        assert ink.max() == 1
        for axis in (0, 1):
            centre = (ink.sum(axis=axis) * (np.arange(28) + 0.5)).sum() / ink.sum()
            assert 13.99 <= centre <= 15.01
        again = like_mnist(np.rint(255 * ink).astype(np.uint8), 28, "auto")
        assert np.abs(again - ready).mean() < 0.01  # but for faint rows at the edge


def test_mnists_own_digits_stay_nearly_what_they_are(here, lenet5):
    try:
        X, _ = sn89.datasets.mnist(32, download=False).test
    except DataNotFoundError as error:
        pytest.skip(str(error))
    levels = np.rint(255 * (X[:200, 2:-2, 2:-2] + 0.1) / 1.275).astype(np.uint8)
    found = np.stack([like_mnist(one, 32, "auto") for one in levels])
    off = np.abs(found - X[:200]).max(axis=(1, 2))  # by faint columns at the edge, and by the darkest level
    assert (off == 0).mean() > 0.4
    assert (off < 0.4).mean() > 0.95
    Image.fromarray(levels[0]).save("seven.png")
    told = document("predict", lenet5, "seven.png", "--like", "mnist")["images"][0]
    net = sn89.load(lenet5)
    assert told["label"] == net.predict(X[0])
    assert told["scores"] == pytest.approx(net.cost.scores(net(found[0])).tolist(), rel=1e-5)


def test_pictures_are_made_alike_to_other_digits_on_demand(here, trained, few):
    with np.load(few) as arrays:
        picture(arrays["Xt"][0]).save("x.png")
    usual, usps, mnist = (
        document("predict", trained, "x.png", *more)["images"][0]["scores"]
        for more in ([], ["--like", "usps"], ["--like", "mnist"])
    )
    assert usual == usps != mnist


def test_a_net_that_reads_no_pictures_says_so(here):
    sn89.save(sn89.Net(sn89.Input(4, 4), sn89.Full("output", 1)), "one.safetensors")
    assert "has 1 input plane and 1 output" in run("predict", "one.safetensors", "x.png", code=1).stderr
    read_as = run("predict", "one.safetensors", "x.png", code=1)
    assert read_as.stdout == ""


def test_a_photograph_is_turned_as_its_camera_says(here):
    levels = np.full((20, 10), 255, np.uint8)
    levels[2, 1:9] = 0
    turned, exif = Image.fromarray(np.rot90(levels)), Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    turned.save("turned.png", exif=exif)
    assert np.allclose(255 * sn89.pictures.load("turned.png"), levels)


# ---- show -----------------------------------------------------------------------------------------------------------


def test_show_prints_the_papers_tables(lenet5):
    assert run("show", "lenet5").stdout == f"{sn89.nets.lenet5()}\n"
    provenance_of_none = f"\n\nprovenance\n  sn89          {sn89.__version__}\n"
    assert run("show", lenet5).stdout == f"{sn89.nets.lenet5()}{provenance_of_none}"
    listed = run("show").stdout
    assert all(name in listed for name in sources.RECIPES)
    told = document("show", "zip_code")
    assert (told["units"], told["connections"], told["free_parameters"]) == (1256, 64660, 9760)
    assert sum(layer["connections"] for layer in told["layers"]) == 64660
    assert told["provenance"] is None
    assert document("show")["nets"]["lenet1"]["connections"] == 98442


def test_show_tells_where_a_net_comes_from(trained):
    text = run("show", trained).stdout
    assert text.startswith("zip-code net (1989)\nlayer ")
    assert "rule          LevenbergMarquardt(rate=0.0005, mu=0.05, gamma=0.05)" in text
    assert f"digits        few.npz, {TRAIN} + {TEST}" in text
    assert "misclassified train " in text
    assert document("show", trained)["provenance"] == about(trained)["provenance"]


@pytest.mark.parametrize(
    "told",
    [
        {"recipe": ["x"], "digits": "USPS", "rule": 3, "history": "none", "seconds": "long"},
        {"recipe": "lenet7", "digits": {"set": {}, "size": -4}, "rule": {"is": "os.system"}, "history": [3]},
        {"recipe": "zip_code", "digits": {"set": "../x", "size": True}, "history": [{"cost": "x"}], "a\x1b[2J": "\x07"},
    ],
)
def test_a_provenance_is_not_believed(here, told, few):
    sn89.save(sn89.nets.zip_code(), "odd.safetensors", provenance=told)
    text = run("show", "odd.safetensors").stdout
    assert text.replace("\n", "").isprintable()
    assert document("eval", "odd.safetensors", "--data", few)["patterns"] == TEST
    wrong = run("plot", "odd.safetensors", "--what", "learning", "--data", few, code=1).stderr
    assert "odd holds no history of its training: sn89 train and sn89.save(..., history=...) write one" in wrong
    assert "odd does not say which digits it learned from" in run("eval", "odd.safetensors", code=1).stderr
    assert sources.from_file(Path("odd.safetensors")).size == 16


# ---- plot, page, export ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["report", "kernels", "states", "digits", "learning", "curvature", "hinton", "table"])
def test_plot_draws_what_a_net_is(trained, few, what):
    told = run("plot", trained, "--what", what, "--data", few, "--dpi", 20)
    assert told.stdout == f"zip_{what}.png\n"
    with Image.open(f"zip_{what}.png") as image:
        assert np.asarray(image.convert("L")).std() > 5


@pytest.mark.parametrize("what", ["field", "confusion", "rejection", "mistakes"])
def test_plot_draws_what_a_net_does(trained, few, what):
    run("plot", trained, "--what", what, "--data", few, "-o", "x.svg")
    assert "<svg" in Path("x.svg").read_text(encoding="utf-8")
    assert "x.svg exists already" in run("plot", trained, "--what", what, "-o", "x.svg", code=1).stderr


@pytest.mark.parametrize("what", ["rates", "growth", "saliency", "saliencies", "pruning"])
def test_plot_draws_what_becomes_of_a_net_and_leaves_the_file_as_it_was(trained, few, what):
    before = Path(trained).read_bytes()
    run("plot", trained, "--what", what, "--data", few, "-o", "x.svg")
    assert "<svg" in Path("x.svg").read_text(encoding="utf-8")
    assert Path(trained).read_bytes() == before


def test_plot_sweeps_and_compares_nets_that_can_be(trained, few, lenet5):
    run("plot", "lenet1", "--what", "sweep", "--data", few, "-o", "sweep.png", "--dpi", 20)
    told = run("plot", trained, "--what", "sweep", "--data", few, code=1).stderr
    assert 'cannot be replicated, because of layer "H1"' in told
    run("plot", lenet5, "--what", "prototypes", "--data", few, "-o", "prototypes.png", "--dpi", 20)
    told = run("plot", trained, "--what", "prototypes", "--data", few, code=1).stderr
    assert "has no prototypes: its last layer must be RBF" in told


def test_plot_of_a_history_without_a_pass_or_of_one(few):
    net, rule = sn89.nets.zip_code(seed=1), sn89.SGD(0.01)
    measured = sn89.history.Pass(1, 0.1, 1.0, sn89.measure.Measurement(10, 1, 0.1, 0.1))
    for passes in ([], [measured]):
        sn89.save(net, f"{len(passes)}.safetensors", history=sn89.History(rule, passes))
    told = run("plot", "0.safetensors", "--what", "learning", code=1).stderr
    assert "there was no pass of training yet, so there is nothing to draw" in told
    run("plot", "1.safetensors", "--what", "learning", "--dpi", 20)


def test_plot_takes_the_layer_and_the_image_that_are_named(trained, few):
    for name, more in {"H1": ["--layer", "H1"], "H2": ["--layer", "H2"]}.items():
        run("plot", trained, "--what", "kernels", *more, "-o", f"{name}.pdf")
    assert Path("H1.pdf").read_bytes() != Path("H2.pdf").read_bytes()
    for i in (0, 1):
        run("plot", trained, "--what", "states", "--data", few, "--image", i, "-o", f"{i}.png", "--dpi", 20)
    assert Path("0.png").read_bytes() != Path("1.png").read_bytes()
    run("plot", "lenet5", "--what", "table", "-o", "table.png")


def test_page_is_one_file_with_or_without_digits(trained, few, lenet5):
    assert run("page", trained, "--data", few).stdout.startswith("zip.html: ")
    run("page", trained, "--no-samples", "-o", "bare.html")
    sizes = [Path(name).stat().st_size for name in ("zip.html", "bare.html")]
    assert sizes[0] > sizes[1] > 50000
    run("page", lenet5, "--no-samples")
    assert "LeNet-5 (1998)" in Path("lenet5.html").read_text("utf-8")
    assert "zip.html exists already" in run("page", trained, "--data", few, code=1).stderr


def test_export_writes_every_form(trained, few):
    net = sn89.load(trained)
    run("export", trained, "--to", "npz")
    with np.load("zip.npz") as arrays:
        assert {name: one.tobytes() for name, one in arrays.items()} == {
            name: one.tobytes() for name, one in net.arrays().items()
        }
    run("export", trained, "--to", "page", "--data", few)
    assert Path("zip.html").exists()
    run("export", trained, "--to", "c")
    sn89.export.c(net, "own.c", name="zip_net", image=16)
    assert Path("zip.c").read_text(encoding="utf-8") == Path("own.c").read_text(encoding="utf-8").replace(
        "own.h", "zip.h"
    )
    run("export", trained, "--to", "c", "--int8", "--data", few, "-o", "small.c")
    assert "int8_t" in Path("small.c").read_text(encoding="utf-8")
    Path("zip.c").unlink()
    assert "zip.h exists already" in run("export", trained, "--to", "c", code=1).stderr
    assert not Path("zip.c").exists()
    told = run("export", trained, "--to", "c", "-o", "x.cpp", code=1).stderr
    assert "the name of a C file must end in .c, not 'x.cpp'; a C++ compiler takes it too" in told


def test_export_to_onnx(trained):
    pytest.importorskip("onnx")
    run("export", trained, "--to", "onnx")
    sn89.export.onnx(sn89.load(trained), "own.onnx")
    assert Path("zip.onnx").read_bytes() == Path("own.onnx").read_bytes()


# ---- the rest -------------------------------------------------------------------------------------------------------


def test_reproduce_prints_and_writes_each_table_once(here, monkeypatch):
    drawn, learn = sn89.datasets.synthetic(100, 60), recipes.Recipe.train
    monkeypatch.setattr(sn89.datasets.usps.__globals__["files"], "find", lambda *given: [Path("a"), Path("b")])
    monkeypatch.setitem(sn89.datasets.usps.__globals__, "_load", lambda path, part: drawn.test)
    monkeypatch.setattr(recipes.Recipe, "train", lambda *given, **how: learn(*given, **{**how, "passes": 1}))
    told = run("reproduce", "tutorial", "tutorial", "--seeds", 1, "-o", "tables")
    text = (here / "tables" / "tutorial.md").read_text("utf-8")
    assert told.stdout == f"{text}\n"
    assert told.stderr.splitlines()[-1] == "Markdown and JSON are in tables/"
    refused = run("reproduce", "all", "-o", "tables", code=1)
    assert "tables/tutorial.md exists already: --force replaces it, -o gives another folder" in refused.stderr
    run("reproduce", "tutorial", "--seeds", 1, "-o", "tables", "--force")


def test_bench_measures_every_net():
    told = document("bench", "--blocks", 1)
    assert list(told["microseconds"]) == list(sources.RECIPES)
    assert all(time > 0 for one in told["microseconds"].values() for time in one.values())
    assert told["simd"] == sn89.simd


def test_bench_prints_a_table(monkeypatch):
    what = {"first order": 1.0, "second order": 2.0, "evaluation": 0.5}
    monkeypatch.setattr("sn89.cli.bench.measure", lambda blocks: {"zip_code": what})
    lines = run("bench").stdout.splitlines()
    assert lines[2:] == [
        "          first order  second order  evaluation",
        "zip_code         1.00          2.00        0.50",
    ]


def test_data_tells_where_the_digits_are(here, nowhere, monkeypatch):
    told = document("data")
    assert told["SN89_DATA"] is None
    assert [one["found"] for one in told["sets"].values()] == [False, False, True, True]
    assert "usps       not here: sn89 data usps --fetch downloads it" in run("data").stdout
    failed = run("data", "--fetch", code=1).stderr
    assert "USPS not found" in failed
    assert "The download from" in failed
    for folder in ("cache", "own"):
        (here / folder).mkdir()
    (here / "cache" / "zip.train.gz").touch()
    monkeypatch.setenv("SN89_DATA", str(here / "own"))
    assert not document("data", "usps")["sets"]["usps"]["found"]
    (here / "own" / "zip.test").touch()
    found = document("data", "usps")["sets"]["usps"]
    assert found["where"] == "SN89_DATA and cache"
    assert found["files"] == [str(here / "cache" / "zip.train.gz"), str(here / "own" / "zip.test")]
    assert run("data").stdout.splitlines()[0] == f"usps       {here}/cache, {here}/own (SN89_DATA and cache)"


def test_fetch_downloads_what_is_missing(here, nowhere, monkeypatch):
    fetched = []

    def fetch(url, known_hash):
        fetched.append(url.rpartition("/")[2])
        path = here / "cache" / fetched[-1]
        path.parent.mkdir(exist_ok=True)
        path.touch()
        return path

    monkeypatch.setattr(files, "_fetch", fetch)
    assert document("data", "usps", "--fetch")["sets"]["usps"]["where"] == "cache"
    assert fetched == ["zip.train.gz", "zip.test.gz"]
    run("data", "usps", "--fetch")
    assert fetched[2:] == fetched[:2]  # those that are there now are empty, and so damaged
    monkeypatch.setattr(files, "_is_as_downloaded", lambda place, file: True)
    run("data", "usps", "--fetch")
    assert len(fetched) == 4  # and now there is nothing to download


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_what_the_shell_reads(shell):
    told = run("completion", shell).stdout
    assert "_SN89_COMPLETE=" in told
    assert "sn89" in told


def test_completion_completes_verbs_and_choices():
    def complete(line: str) -> list[str]:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1), "_SN89_COMPLETE": "bash_complete"}
        out, _ = program(env={**os.environ, **words}).communicate()
        return [one.split(",")[1] for one in out.splitlines()]

    assert complete("sn89 tr") == ["train"]
    assert complete("sn89 train --rule ad") == ["adamw"]


# ---- sweep -----------------------------------------------------------------------------------------------------------


def test_sweep_prints_means_and_writes_a_line_for_each_training(few):
    arguments = ("sweep", "--data", few, "--vary", "rule.rate=0.0005,0.001", "--vary", "passes=1", "--seeds", 2)
    told = run(*arguments, "-o", "rates.jsonl").stdout.splitlines()
    assert told[0].split()[:3] == ["rule.rate", "passes", "runs"]
    assert [line.split()[:3] for line in told[1:]] == [["0.0005", "1", "2"], ["0.001", "1", "2"]]
    lines = Path("rates.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    more = document(*arguments[:-1], 3, "-o", "rates.jsonl")
    assert Path("rates.jsonl").read_text(encoding="utf-8").splitlines()[:4] == lines  # two more, and none again
    assert len(more["runs"]) == 6
    assert more["means"][0]["runs"] == 3
    assert more["file"] == "rates.jsonl"


def test_sweep_knows_rules_and_nets_by_their_names(few):
    arguments = ("sweep", "--data", few, "--vary", "passes=1", "--vary", "rule=lm,sgd", "--seeds", 1)
    told = document(*arguments, "--vary", "net=zip_code,fully_connected")
    assert [(one["rule"], one["net"]) for one in told["runs"]] == [
        ("lm", "zip_code"),
        ("lm", "fully_connected"),
        ("sgd", "zip_code"),
        ("sgd", "fully_connected"),
    ]
    assert told["means"][0]["test_error ±"] is None  # of a single training
    assert len({one["parameters"] for one in told["runs"]}) == 4


BAD_SWEEPS = {
    "no values": (["--vary", "passes"], 2, "'passes' does not have the form NAME=VALUE,VALUE,..."),
    "an empty value": (["--vary", "passes=1,,2"], 2, "does not have the form NAME=VALUE"),
    "twice": (["--vary", "passes=1", "--vary", "passes=2"], 2, "passes is varied twice"),
    "no rule": (["--vary", "rule=adam"], 2, "there is no rule 'adam': choose one of lm, newton, sgd, sdlm, adamw"),
    "no net": (["--vary", "net=lenet"], 2, "there is no net 'lenet': choose one of zip_code"),
    "no such part": (["--vary", "rule.beta=1"], 1, "'rule.beta' changes nothing: a LevenbergMarquardt has rate, mu"),
    "another word": (["--vary", "epochs=3"], 1, "'epochs' changes nothing: it is called 'passes' here"),
    "another name": (["--vary", "optimizer=adam"], 1, "'optimizer' changes nothing: it is called 'rule' here"),
    "another rate": (["--vary", "lr=1"], 1, "'lr' changes nothing: it is called 'rule.rate' here"),
    "the old word": (["--vary", "rule.epsilon=1"], 1, "'rule.epsilon' changes nothing: LevenbergMarquardt: epsilon is"),
    "a file of something else": (["--vary", "passes=1", "-o", "other"], 1, "other"),
}


@pytest.mark.parametrize(("arguments", "code", "words"), BAD_SWEEPS.values(), ids=BAD_SWEEPS)
def test_sweeps_that_cannot_be(few, arguments, code, words):
    Path("other").write_text("not a sweep\n", encoding="utf-8")
    assert words in run("sweep", "--data", few, "--seeds", 1, *arguments, code=code).stderr
    assert Path("other").read_text(encoding="utf-8") == "not a sweep\n"


def test_a_sweep_in_which_trainings_fail_ends_with_an_error(few):
    words = ["--data", few, "--vary", "rule=lm,sgd", "--vary", "rule.rate=0.0005,1e20", "--vary", "passes=1"]
    done = run("sweep", *words, "--seeds", 1, code=1)
    assert "1 of 4 trainings failed" in done.stderr
    assert "failed: DivergedError: training diverged in pass 1" in done.stdout


def test_what_cannot_be_trained_fails_at_once(here, few):
    done = run("sweep", "--data", few, "--vary", "passes=1,0", "-o", "runs.jsonl", code=1)
    assert done.stderr.splitlines()[1:] == ["sn89: error: passes must be at least 1, not 0"]
    assert not (here / "runs.jsonl").exists() or not (here / "runs.jsonl").read_bytes()
    assert 'order must be "given" or "shuffle"' in run("sweep", "--data", few, "--vary", "order=up", code=1).stderr


@pytest.mark.parametrize(
    ("layer", "words"), [("C3", "maps with different numbers of source maps"), ("input", "no weights")]
)
def test_weights_that_are_no_matrix_are_not_drawn_as_squares(lenet5, layer, words):
    told = run("plot", lenet5, "--what", "hinton", "--layer", layer, "-o", "x.png", code=1).stderr
    assert f'sn89: error: layer "{layer}" has {words}' in told


# ---- read ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def scans(here, digits) -> Path:
    """Two pictures of codes in a folder."""
    pytest.importorskip("skimage", reason="reading pictures needs scikit-image")
    (here / "scans").mkdir()
    for i, one in enumerate(sn89.datasets.mail(digits.test, 2, "easy", seed=3, lengths=(5,))):
        Image.fromarray(one.image).save(here / "scans" / f"{i}.png")
    return here / "scans"


def test_read_prints_the_strings_of_each_picture(trained, scans):
    told = run("read", scans, "--net", trained).stdout.splitlines()
    assert [line.split(":")[0] for line in told] == [str(scans / "0.png"), str(scans / "1.png")]
    one = run("read", scans / "0.png", "--net", trained).stdout
    assert one == told[0].split(": ")[1] + "\n"
    assert 4 <= len(one.replace(" ", "").strip()) <= 6
    assert set(run("read", scans / "0.png", "--net", trained, "--reject", 1).stdout.strip()) == {"?"}
    assert "'99' is not a number from 0 to 1" in run("read", scans, "--net", trained, "--reject", 99, code=2).stderr


def test_read_says_what_it_leaves_out(trained, scans, here, few):
    """Digits beyond the number that was asked for, pictures of other kinds; and it opens before it trains."""
    picture = scans / "0.png"
    count = len(run("read", picture, "--net", trained, "--reject", 0).stdout.split()[0])
    told = run("read", picture, "--net", trained, "--reject", 0, "--digits", count - 1)
    assert f"a line seems to hold {count} digits, and is read as {count - 1}" in told.stderr
    (scans / "a.heic").write_bytes(b"....ftypheic")
    assert (
        "a.heic, because sn89 does not read this format: save it as PNG" in run("read", scans, "--net", trained).stderr
    )
    assert ".heic is not read" in run("read", scans / "a.heic", code=1).stderr  # without a net: none is trained
    assert (
        "nor a range of them, such as 4-6" in run("read", picture, "--net", trained, "--digits", "7-3", code=2).stderr
    )
    several = run("read", scans, "--net", trained, "--annotate", here / "out.png", code=2).stderr
    assert "--annotate must name a folder for several pictures" in several
    (here / "bad.csv").write_text("1,2,3\n")
    both = run("data", few, here / "bad.csv", code=1)
    assert "images of 16x16" in both.stdout
    assert "bad.csv" in both.stdout
    assert "--size resizes images of 28x28" in run("eval", trained, "--data", few, "--size", 28, code=1).stderr


def test_read_writes_pictures_with_boxes_and_one_document(trained, scans, here):
    told = document("read", scans, "--net", trained, "--annotate", "out")
    assert sorted(os.listdir("out")) == ["0.png", "1.png"]
    with Image.open("out/0.png") as drawn, Image.open(scans / "0.png") as scan:
        assert drawn.size == scan.size
    assert told["failed"] == 0
    assert [Path(one["file"]).name for one in told["pictures"]] == ["0.png", "1.png"]
    assert all(set(one) >= {"box", "label", "confidence"} for one in told["pictures"][0]["digits"])
    assert "exists already" in run("read", scans / "0.png", "--net", trained, "--annotate", "out/0.png", code=1).stderr


def test_read_names_what_it_cannot_read_and_goes_on(trained, scans, here):
    (scans / "2.png").write_bytes((scans / "0.png").read_bytes()[:100])
    Image.new("L", (40, 30), 255).save(scans / "3.png")
    done = run("read", scans, "--net", trained, code=1)
    assert "2.png" in done.stderr
    assert done.stdout.splitlines()[-1] == f"{scans / '3.png'}: nothing"
    assert "there is no file or folder nowhere" in run("read", "nowhere", "--net", trained, code=1).stderr
    (here / "empty").mkdir()
    assert "there is no picture in empty" in run("read", "empty", "--net", trained, code=1).stderr


@pytest.mark.skipif(sys.platform == "win32", reason="standard output has no name there")
def test_what_is_written_may_go_to_standard_output_or_to_a_device(here, trained):
    """And a device stays one, whoever writes to it."""
    started = subprocess.run(
        [sys.executable, "-m", "sn89", "export", trained, "--to", "npz", "-o", "-"], capture_output=True, check=True
    )
    with np.load(io.BytesIO(started.stdout)) as arrays:
        assert arrays["H1.weights"].shape == (12, 1, 5, 5)
    assert started.stderr == b""
    assert run("export", trained, "--to", "npz", "-o", "/dev/null", "-f").stdout == ""
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
