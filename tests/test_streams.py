"""What comes out through a terminal: where there is none, where it is poor, and where a file would command it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import sn89
from sn89.cli.command import sn89 as command
from sn89.printable import one_line, printable

EVIL = "a\x1b[31m\u202eb\ud800\nc\x9b$x_$"
CLEAN = "a?[31m?b? c?$x_$"

TRAIN = """
import numpy as np, sn89
net = sn89.nets.fully_connected(seed=1)
X, y = np.zeros((10, 16, 16), np.float32), np.arange(10)
sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=1, progress={progress})
"""
VERB = "import sys\nfrom sn89.cli import main\nsys.argv = ['sn89', {words}]\nmain()\n"
NONE = "import sys\nsys.stdout = sys.stderr = None\n"


def run(code: str, *options: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    there = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        env={name: value for name, value in there.items() if value is not None},
        capture_output=True,
        text=True,
        errors="replace",
    )


def test_without_streams_a_training_trains_and_the_command_does_its_work(tmp_path):
    """As under pythonw, where sys.stdout and sys.stderr are None."""
    code = NONE + TRAIN.format(progress=True) + f"sn89.save(net, {str(tmp_path / 'a.safetensors')!r})\n"
    code += VERB.format(words=f"'show', {str(tmp_path / 'a.safetensors')!r}")
    done = run(code)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "a.safetensors").exists()
    assert run(NONE + VERB.format(words="'show', 'nothing'")).returncode == 1


def test_without_docstrings_everything_works():
    """Python -OO: a training, and the help of every verb."""
    code = TRAIN.format(progress=False) + (
        "from click.testing import CliRunner\nfrom sn89.cli.command import sn89 as command\n"
        "for verb in [*command.commands, '']:\n"
        "    shown = CliRunner().invoke(command, [*verb.split(), '--help'])\n"
        "    if shown.exit_code: sys.exit(verb + str(shown.exception))\n"
    )
    done = run("import sys\n" + code, "-OO")
    assert (done.returncode, done.stderr) == (0, "")


POOR = {
    "ASCII alone": {"PYTHONIOENCODING": "ascii", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "no home, nor room for what is temporary": {"HOME": None, "TMPDIR": "/nowhere", "XDG_CACHE_HOME": "/proc/none"},
    "a home that cannot be written": {"HOME": "/proc/none", "XDG_CACHE_HOME": None},
}


@pytest.mark.parametrize("environment", POOR.values(), ids=POOR.keys())
def test_in_a_poor_environment_a_training_trains_and_what_is_printed_comes_out(environment):
    code = TRAIN.format(progress=False) + "net.name = '1989 \\u2192 \\ud800'\nfrom sn89.cli.saying import say\n"
    code += "import sn89.cli.command as tool\ntool.sn89 = lambda **_: say(net)\n" + VERB.format(words="")
    done = run(code, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1989 ")


def test_an_unknown_tier_is_one_line_that_names_the_others():
    done = run(VERB.format(words="'show', 'zip_code'"), SN89_SIMD="bogus")
    assert done.returncode == 1
    assert done.stderr.startswith("sn89: error: SN89_SIMD must be one of portable, fmaf")
    assert done.stderr.count("\n") == 1


# ---- names -----------------------------------------------------------------------------------------------------------


def named() -> sn89.Net:
    return sn89.Net(sn89.Input(8, 8), sn89.Local("$x_", 2, 3), sn89.Full("$\\frac", 10), name=EVIL)


def test_a_name_says_nothing_to_a_terminal():
    assert printable("H1\n\x07\u2066") == "H1\n??"
    assert one_line(EVIL) == CLEAN
    net = named()
    assert net.name == CLEAN
    net.name = "x\x1b]0;y\x07"
    assert net.name == "x?]0;y?"
    with pytest.raises(TypeError, match="name must be a string"):
        net.name = 3  # type: ignore[assignment]


def _with_name(path: Path, name: str) -> Path:
    """The file of a net that says another name, as no writer of ours would."""
    from safetensors.numpy import save_file

    net = named()
    sn89.save(net, path)
    told = {**sn89.storage.about(path), "provenance": {"from\x1b[2J": "there\u202e"}}
    told["net"]["name"] = name
    save_file({key: np.ascontiguousarray(one) for key, one in net.arrays().items()}, path, {"sn89": json.dumps(told)})
    return path


def test_no_verb_lets_a_file_command_the_terminal(tmp_path):
    path = _with_name(tmp_path / "a\x1b[31m\u202e.safetensors", EVIL)
    assert sn89.load(path).name == CLEAN
    for words in (["show", str(path)], ["show", "--json", str(path)], ["show", str(path) + "\x1b"]):
        shown = CliRunner().invoke(command, words)
        assert shown.output.replace("\n", "").isprintable()
        assert shown.exit_code == ("\x1b" in words[-1][-1:])
    assert json.loads(CliRunner().invoke(command, ["show", "--json", str(path)]).output)["net"] == CLEAN


def test_no_name_breaks_a_picture():
    import io

    net, X = named(), np.zeros((20, 8, 8), np.float32)
    rule = sn89.LevenbergMarquardt()
    sn89.train(net, X, np.arange(20) % 10, rule=rule, passes=1)
    for picture in (
        sn89.plots.plot_all_kernels(net),
        sn89.plots.plot_kernels(net, "$x_"),
        sn89.plots.plot_feature_maps(net, X[0]),
        sn89.plots.plot_curvature(net, rule),
        sn89.plots.plot_table(net, "$x_"),
        sn89.plots.plot_kernel_history(net, "$x_", {0: net.parameters.copy()}),
    ):
        picture.savefig(io.BytesIO(), dpi=20)
