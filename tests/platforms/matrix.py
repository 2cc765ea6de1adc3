"""The core on every platform that this machine can compile for and run: builds, warnings, and the same bits.

    python tests/platforms/matrix.py [WORD...]      # only rows with one of the words, such as arm or musl

Each row compiles tests/hardening/bits.c and the core with our warnings, runs it, through an emulator where it must, and
compares what it prints with what this machine's own compiler gives. A Markdown table comes out, for docs/platforms.md;
of a row that could not be tried it says what is missing. Compilers and emulators are Debian's packages; zig is the
package `ziglang`, looked for as `python -m ziglang`. Exit 1 if a row warns or has other bits.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "tests" / "hardening" / "bits.c", *sorted((ROOT / "csrc").glob("*.c"))]
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wno-sign-conversion")
# SN_PLAIN: the loops as they are written, which compile in seconds.
FLAGS = ("-std=c11", "-O1", "-DSN_PLAIN", "-ffp-contract=off", f"-I{ROOT / 'csrc'}", *WARNINGS)
ZIG = (sys.executable, "-m", "ziglang", "cc")
WASI = ("--target=wasm32-wasi", "-mexec-model=command", "-Wl,-z,stack-size=1048576")
NODE = (
    "const {WASI}=require('node:wasi');const [f,...a]=process.argv.slice(1);const w=new WASI({version:'preview1',args:"
)
NODE += "['bits',...a],env:{}});WebAssembly.instantiate(require('fs').readFileSync(f),w.getImportObject())"
NODE += ".then(m=>w.start(m.instance))"
WITH_NODE = ("node", "--no-warnings", "-e", NODE)


@dataclass(frozen=True)
class Row:
    """A platform: how it is compiled for, how its programs are run, and on which tiers."""

    platform: str
    compiler: Sequence[str]
    runner: Sequence[str] = ()
    tiers: Sequence[str] = ("fmaf",)
    flags: Sequence[str] = ()
    needs: str = ""  # what is missing where the compiler or the runner is


def linux(platform: str, triple: str, runner: str, package: str, *flags: str, tiers: Sequence[str] = ("fmaf",)) -> Row:
    """One of Debian's cross compilers, and qemu-user."""
    return Row(platform, (f"{triple}-gcc",), (runner,), tiers, ("-static", *flags), f"{package}, qemu-user")


ROWS = (
    Row("x86-64, Linux, gcc", ("gcc",), tiers=("fmaf", "avx2"), needs="gcc"),
    Row("x86-64, Linux, clang 14", ("clang-14",), tiers=("fmaf", "avx2"), needs="clang-14"),
    Row("x86-64, Linux, clang 19", ("clang-19",), tiers=("fmaf", "avx2"), needs="clang-19"),
    Row("x86-64, musl, zig", ZIG, (), ("fmaf", "avx2"), ("-target", "x86_64-linux-musl"), "ziglang"),
    Row("x86-64, Windows, MinGW, wine", ("x86_64-w64-mingw32-gcc",), ("wine",), needs="gcc-mingw-w64-x86-64, wine"),
    linux("i686, Linux (SSE2)", "i686-linux-gnu", "qemu-i386", "gcc-i686-linux-gnu", "-msse2", "-mfpmath=sse"),
    linux("ARM, 64 bits, Linux", "aarch64-linux-gnu", "qemu-aarch64", "gcc-aarch64-linux-gnu", tiers=("fmaf", "neon")),
    Row(
        *("ARM, 64 bits, musl, zig", ZIG, ("qemu-aarch64",), ("fmaf", "neon"), ("-target", "aarch64-linux-musl")),
        needs="ziglang, qemu-user",
    ),
    linux("ARM, 32 bits, Linux", "arm-linux-gnueabihf", "qemu-arm", "gcc-arm-linux-gnueabihf"),
    linux("RISC-V, 64 bits, Linux", "riscv64-linux-gnu", "qemu-riscv64", "gcc-riscv64-linux-gnu"),
    linux("POWER, little-endian, Linux", "powerpc64le-linux-gnu", "qemu-ppc64le", "gcc-powerpc64le-linux-gnu"),
    linux("POWER, big-endian, Linux", "powerpc64-linux-gnu", "qemu-ppc64", "gcc-powerpc64-linux-gnu"),
    linux(
        "s390x (big-endian), Linux", "s390x-linux-gnu", "qemu-s390x", "gcc-s390x-linux-gnu", "-fexcess-precision=fast"
    ),
    linux("MIPS, 64 bits, Linux", "mips64el-linux-gnuabi64", "qemu-mips64el", "gcc-mips64el-linux-gnuabi64"),
    linux("SPARC, 64 bits (big-endian), Linux", "sparc64-linux-gnu", "qemu-sparc64", "gcc-sparc64-linux-gnu"),
    Row("WebAssembly", ("clang-14",), WITH_NODE, flags=WASI, needs="clang-14, lld, wasi-libc, nodejs"),
    Row("WebAssembly, SIMD", ("clang-14",), WITH_NODE, flags=(*WASI, "-msimd128"), needs="as above"),
)


def there(command: Sequence[str]) -> bool:
    if list(command[1:3]) == ["-m", "ziglang"]:
        return subprocess.run([*command[:3], "version"], capture_output=True).returncode == 0
    return not command or shutil.which(command[0]) is not None


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    quiet = {"WINEPREFIX": str(folder / "wine"), "WINEDEBUG": "-all", "ZIG_GLOBAL_CACHE_DIR": str(folder / "zig")}
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, env=os.environ | quiet)


def build(row: Row, folder: Path) -> tuple[Path | None, str]:
    """The program, if it could be built, and what the compiler said."""
    program = folder / "bits.exe"
    done = run([*row.compiler, *FLAGS, *row.flags, *SOURCES, "-lm", "-o", program], folder)
    return program if done.returncode == 0 else None, done.stderr


def bits(row: Row, program: Path, tier: str, folder: Path) -> list[str] | None:
    """What `bits TIER` prints; None if it fails."""
    done = run([*row.runner, program, tier], folder)
    return done.stdout.splitlines() if done.returncode == 0 else None


def tried(row: Row, right: list[str] | None, folder: Path) -> tuple[str, bool]:
    """A line of the table, and whether all is well. The first row, which has no `right`, is what others are held to."""
    if not there(row.compiler) or not there(row.runner):
        return f"| {row.platform} | not tried: needs {row.needs} | | |", True
    program, said = build(row, folder)
    if program is None:
        return f"| {row.platform} | **no**: {said.strip().splitlines()[-1]} | | |", False
    found = {tier: bits(row, program, tier, folder) for tier in row.tiers}
    right = right or found["fmaf"]
    verdicts = ["**fails**" if one is None else "the same" if one == right else "**others**" for one in found.values()]
    warnings = said.count("warning:")
    words = ", ".join(f"{tier}: {verdict}" for tier, verdict in zip(found, verdicts, strict=True))
    well = set(verdicts) == {"the same"} and not warnings
    return f"| {row.platform} | yes | {warnings or 'none'} | {words} |", well


def main(words: Sequence[str]) -> int:
    print("| platform | builds | warnings | bits |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder, well = Path(name), True
        program, said = build(ROWS[0], folder)
        if program is None:
            sys.exit(f"this machine's own compiler fails:\n{said}")
        right = bits(ROWS[0], program, "fmaf", folder)
        for row in ROWS:
            if not words or any(word.lower() in row.platform.lower() for word in words):
                line, good = tried(row, right, folder)
                print(line, flush=True)
                well &= good
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
