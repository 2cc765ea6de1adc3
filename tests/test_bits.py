"""The same bits on every tier, processor, compiler and C library, for every kind of layer, cost and rule; and the
exponentials and the multiply-add that this needs. The programs are those of tests/hardening.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HARDENING = Path(__file__).parent / "hardening"
CSRC = Path(__file__).parent.parent / "csrc"
# SN_PLAIN: the loops as they are written, which compile in seconds.
FLAGS = ["-std=c11", "-O1", "-DSN_PLAIN", "-ffp-contract=off", f"-I{CSRC}"]
NETS, RULES = 5, 5
NOT_ON_THIS_PROCESSOR = 3


def compiled(compiler: str, program: str, folder: Path, *flags: str) -> Path:
    """A program of tests/hardening with the core."""
    if sys.platform == "win32" or not shutil.which(compiler):
        pytest.skip(f"needs the command {compiler}")
    sources = [HARDENING / f"{program}.c", *(sorted(CSRC.glob("*.c")) if program == "bits" else [])]
    made = folder / (f"{program}.exe" if "mingw" in compiler else program)
    subprocess.run([compiler, *FLAGS, *flags, *map(str, sources), "-lm", "-o", str(made)], check=True)
    return made


def lines(*command: str | Path) -> list[str]:
    """What `bits TIER 200` prints: a line for each net and rule, and one for each net's 200 presentations.

    tests/platforms/matrix.py has them learn from 500.
    """
    run = subprocess.run([*map(str, command), "200"], capture_output=True, text=True, check=False)
    if run.returncode == NOT_ON_THIS_PROCESSOR:
        pytest.skip(f"this processor has no {command[-1]}")
    assert run.returncode == 0, run.stderr
    found = run.stdout.splitlines()
    assert len(found) == NETS * (RULES + 1)
    assert "nan" not in run.stdout  # whose bits may differ
    return found


@pytest.fixture(scope="module")
def native(tmp_path_factory) -> Path:
    return compiled("cc", "bits", tmp_path_factory.mktemp("native"))


@pytest.fixture(scope="module")
def fmaf(native) -> list[str]:
    """With C's fmaf, which every processor has."""
    return lines(native, "fmaf")


def test_every_net_and_rule_ends_elsewhere(fmaf):
    """Else the hashes would say nothing. But Newton is Levenberg-Marquardt where no squash bends."""
    parameters = {line.split(":")[0]: line.split("parameters ")[1].split()[0] for line in fmaf}
    assert parameters.pop("dropout, newton") == parameters["dropout, levenberg-marquardt"]
    assert len(set(parameters.values())) == NETS * (RULES + 1) - 1


def test_the_portable_tier_has_other_bits(native, fmaf):
    """So hashes tell one rounding more."""
    assert lines(native, "portable") != fmaf


@pytest.mark.parametrize("tier", ["avx2", "neon"])
def test_a_tier_with_a_fused_multiply_add_has_the_bits_of_fmaf(native, fmaf, tier):
    assert lines(native, tier) == fmaf


@pytest.mark.thorough
def test_neon_has_the_bits_of_fmaf_on_the_other_processor(tmp_path, fmaf):
    """Another processor, compiler and C library, emulated: with Debian's gcc-aarch64-linux-gnu and qemu-user."""
    if not shutil.which("qemu-aarch64"):
        pytest.skip("needs the command qemu-aarch64")
    program = compiled("aarch64-linux-gnu-gcc", "bits", tmp_path, "-static")
    assert lines("qemu-aarch64", program, "neon") == fmaf


# Debian's compilers for other machines, what runs their programs, and the flags that setup.py takes there.
ELSEWHERE = {
    "big-endian": ("s390x-linux-gnu-gcc", "qemu-s390x", ["-fexcess-precision=fast", "-static"]),
    "32 bits": ("i686-linux-gnu-gcc", "qemu-i386", ["-msse2", "-mfpmath=sse", "-static"]),
    "Windows": ("x86_64-w64-mingw32-gcc", "wine", []),
}


@pytest.mark.thorough
@pytest.mark.parametrize("machine", ELSEWHERE)
def test_other_machines_have_the_same_bits(tmp_path, fmaf, machine, monkeypatch):
    compiler, runner, flags = ELSEWHERE[machine]
    if not shutil.which(runner):
        pytest.skip(f"needs the command {runner}")
    monkeypatch.setenv("WINEPREFIX", str(tmp_path / "wine"))
    monkeypatch.setenv("WINEDEBUG", "-all")
    assert lines(runner, compiled(compiler, "bits", tmp_path, *flags), "fmaf") == fmaf


@pytest.mark.parametrize(
    ("compiler", "flags"), [("s390x-linux-gnu-gcc", []), ("i686-linux-gnu-gcc", ["-mno-sse", "-mfpmath=387"])]
)
def test_floats_that_are_computed_wider_are_refused(tmp_path, compiler, flags):
    if not shutil.which(compiler):
        pytest.skip(f"needs the command {compiler}")
    command = [compiler, *FLAGS, *flags, "-fsyntax-only", str(CSRC / "cost.c")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "float is computed wider than float here" in run.stderr


def test_the_multiply_add_is_rounded_once(tmp_path):
    run = subprocess.run([str(compiled("cc", "fused", tmp_path)), "2000000"], capture_output=True, text=True)
    assert run.stdout == "0 of 2000000 differ\n"
    assert run.returncode == 0


def test_exp_and_log_are_right_to_a_unit_in_the_last_place(tmp_path):
    """For one of 499 floats; without a step the program takes all, in some minutes."""
    program = compiled("cc", "exponential", tmp_path)
    run = subprocess.run([str(program), "499"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert run.stdout.startswith("exp within 0.5")
