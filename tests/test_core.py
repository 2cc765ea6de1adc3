"""The C core as a whole: what it shows to the outside, what it keeps, what it needs; and what `import sn89` brings."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sn89
from sn89._core import Presented

CSRC = Path(__file__).parent.parent / "csrc"
SOURCES, HEADERS = sorted(CSRC.glob("*.c")), sorted(CSRC.glob("*.h"))
FILES = pytest.mark.parametrize("file", [*SOURCES, *HEADERS], ids=lambda file: file.name)


# ---- compiled ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def symbols(tmp_path_factory) -> list[tuple[str, str, str]]:
    """(object, type, name) of every symbol of the core, by the letters of `nm`."""
    if sys.platform != "linux" or not shutil.which("cc") or not shutil.which("nm"):
        pytest.skip("needs Linux with the commands cc and nm")
    folder = tmp_path_factory.mktemp("objects")
    # Position-independent code would put constant tables of pointers among the data that the loader writes to.
    flags = ["-std=c11", "-O0", "-DSN_PLAIN", "-U_FORTIFY_SOURCE", "-fno-pic", "-fno-pie"]
    subprocess.run(["cc", *flags, "-c", *map(str, SOURCES)], cwd=folder, check=True)
    found = []
    for file in sorted(folder.glob("*.o")):
        listing = subprocess.run(["nm", "-P", str(file)], capture_output=True, text=True, check=True).stdout
        found += [(file.name, *reversed(line.split()[:2])) for line in listing.splitlines()]
    assert {name for name, _, _ in found} == {f"{source.stem}.o" for source in SOURCES}
    return found


def test_every_symbol_shown_to_others_begins_with_sn(symbols):
    shown = [symbol for symbol in symbols if symbol[1].isupper() and symbol[1] != "U"]
    assert "sn_build" in {name for _, _, name in shown}
    assert [symbol for symbol in shown if not symbol[2].startswith("sn_")] == []


def test_there_is_no_variable_that_outlives_a_call(symbols):
    """Only code, constants and what other objects define; local or not, common or weak."""
    assert [symbol for symbol in symbols if symbol[1].upper() not in "TRU"] == []
    assert any(kind == "R" for _, kind, _ in symbols)  # the table of kinds of layers


def test_every_function_of_sn_h_is_defined_and_all_else_is_hidden_or_inner(symbols):
    """What other objects may call is declared in sn.h, or in layer.h for the core itself."""
    declared = set(re.findall(r"\b(sn_\w+)\(", (CSRC / "sn.h").read_text()))
    defined = {name for _, kind, name in symbols if kind == "T"}
    assert len(declared) > 10
    assert declared - defined == set()
    inner = "".join(header.read_text() for header in HEADERS)
    assert [name for name in defined if not re.search(rf"\b{name}\(", inner)] == []


def test_the_core_prints_nothing_and_exits_nowhere(symbols):
    needed = {name for _, kind, name in symbols if kind == "U"}
    assert "calloc" in needed
    assert not needed & {"printf", "puts", "putchar", "fprintf", "fputs", "fwrite", "perror", "stdout", "stderr"}
    assert not needed & {"exit", "_Exit", "abort", "__assert_fail", "raise", "signal", "longjmp"}


def test_only_building_a_net_takes_memory(symbols):
    taking = {"malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign", "strdup", "alloca"}
    assert len({file for file, kind, name in symbols if kind == "U" and name in taking}) == 1


# ---- as written --------------------------------------------------------------------------------------------

LIBC = {"errno", "float", "limits", "math", "stdarg", "stdbool", "stddef", "stdint", "stdio", "stdlib", "string"}
KNOWING = ("vec8.h", "tier.c", "denormals.h")
VECTORS = r"vector_size|ext_vector_type|\bvec4|__m\d+|_mm\d*_|mmintrin|arm_neon|\w+32x\dx?\d*_t|__builtin_"


def included(file: Path) -> list[str]:
    """Names between the marks of every `#include`."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if re.match(r"\s*#\s*include", line)]
    found = [re.fullmatch(r'#include (<[\w/]+\.h>|"\w+\.h")', line) for line in lines]
    assert None not in found, lines
    return [match[1] for match in found if match]


@FILES
def test_only_libc_and_headers_of_its_own_are_included(file):
    own = {f'"{header.name}"' for header in HEADERS}
    machine = {"<immintrin.h>", "<arm_neon.h>", "<intrin.h>", "<cpuid.h>"} if file.name in KNOWING else set()
    machine |= {"<sanitizer/asan_interface.h>"} if file.name == "build.c" else set()
    assert set(included(file)) <= {f"<{name}.h>" for name in LIBC} | own | machine


def test_sn_h_stands_alone_and_is_read_on_five_screens():
    assert len((CSRC / "sn.h").read_text().splitlines()) <= 250
    assert all(name.startswith("<") for name in included(CSRC / "sn.h"))


@FILES
def test_only_vec8_h_knows_how_a_machine_holds_a_vector(file):
    """tier.c asks what the machine can do, denormals.h sets how it rounds and input.c asks for memory ahead of its use,
    for which compilers have intrinsics.
    """
    if file.name not in ("tier.c", "denormals.h", "input.c"):
        assert bool(re.search(VECTORS, file.read_text())) == (file.name == "vec8.h")


def test_learning_knows_no_layers_and_layers_no_rules():
    """The arrows go one way: learn.c sees nothing but the public face, and the loops over vectors of parameters; and it
    sets how the processor takes denormals.
    """
    assert [name for name in included(CSRC / "learn.c") if name.startswith('"')] == ['"kernels.h"', '"denormals.h"']
    for kind in ("local", "average", "full", "rbf", "dropout"):
        assert not re.search(r"sn_rule|sn_method|epsilon|gamma", (CSRC / f"{kind}.c").read_text())


# ---- imported ----------------------------------------------------------------------------------------------

IMPORT = """
import sys
heard = []
sys.addaudithook(lambda event, arguments: heard.append(event))
import sn89
assert "import" in heard
print(*sorted({name.partition(".")[0] for name in sys.modules}))
print(*sorted({event for event in heard if event.startswith(("socket.", "urllib.", "http.", "ftplib."))}))
"""


def test_importing_brings_no_heavy_modules_and_opens_no_connection():
    run = subprocess.run([sys.executable, "-P", "-c", IMPORT], capture_output=True, text=True, check=True)
    modules, connections = run.stdout.split("\n")[:2]
    assert {"sn89", "numpy"} <= set(modules.split())
    assert not {"matplotlib", "pooch", "tqdm", "requests", "PIL"} & set(modules.split())
    assert connections == ""


def test_in_the_source_tree_it_says_that_it_is_not_built(tmp_path):
    built = shutil.ignore_patterns("_core.*", "__pycache__")
    shutil.copytree(Path(sn89.__file__).parent, tmp_path / "sn89", ignore=built)
    command = [sys.executable, "-S", "-c", "import sn89"]  # -S: without whatever else may be installed
    there = {**os.environ, "PYTHONSAFEPATH": ""}
    run = subprocess.run(command, cwd=tmp_path, env=there, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.strip().split("\n")[-1].startswith("ImportError: sn89's C core is not built in this folder")


# ---- called --------------------------------------------------------------------------------------------------


def test_one_count_for_two_trainings_makes_neither_read_past_its_patterns():
    """What was counted by another training in the meantime, here in a tick, moves no pattern of this one."""
    X, y = np.random.default_rng(1).uniform(-1, 1, (40, 2, 2)).astype(np.float32), np.arange(40) % 2
    order, half = np.arange(40), np.arange(20)

    def new():
        return sn89.Net(sn89.Input(2, 2), sn89.Full("output", 2), seed=1)

    alone, one, other = new(), new(), new()
    step, counted, inner = sn89.SGD(0.01).in_pass(1), Presented(), []

    def tick(count):
        if not inner:
            inner.append(other.present(step, other.patterns(X, y), half, so_far=counted).count)

    alone.present(step, alone.patterns(X, y), order)
    one.present(step, one.patterns(X, y), order, tick, so_far=counted)
    assert inner == [20]  # one of them by the first net
    assert counted.count == 40 + 19
    np.testing.assert_array_equal(one.parameters, alone.parameters)
