"""The extension module in Pyodide, the CPython of web pages, run in Node.js: the bits of every other platform.

    npm install --prefix FOLDER pyodide
    python tests/platforms/pyodide.py FOLDER [FOLDER OF _core]

Emscripten (Debian's package `emscripten`) compiles the core and what Cython makes of _core.pyx into a side module, with
this Python's headers and its stable interface, which the newer Python of Pyodide takes. tests/platforms/bare.py runs on
it there and here; exit 1 if they print different numbers. NumPy is not needed, nor anything else from a network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BARE = ROOT / "tests" / "platforms" / "bare.py"
FLAGS = ("-std=c11", "-O2", "-DSN_PLAIN", "-ffp-contract=off", "-fPIC", "-DPy_LIMITED_API=0x030B0000", "-Wno-unused")
# What Python.h asks a platform: sizes in bytes, of WebAssembly with 32-bit addresses.
SIZES = {"INT": 4, "LONG": 4, "LONG_LONG": 8, "SIZE_T": 4, "VOID_P": 4, "WCHAR_T": 4, "TIME_T": 8, "SHORT": 2}
SIZES |= {"PTHREAD_T": 4, "FLOAT": 4, "DOUBLE": 8, "OFF_T": 8, "PID_T": 4, "FPOS_T": 16, "UINTPTR_T": 4}
HAS = ("STDINT_H", "INTTYPES_H", "UNISTD_H", "SYS_TIME_H", "SYS_TYPES_H", "SYS_STAT_H", "WCHAR_H", "STD_ATOMIC")
NODE = """
import {loadPyodide} from PYODIDE;
const python = await loadPyodide({env: {HOME: "/home", SN89_SIMD: "fmaf"}});
python.FS.mkdir("/built");
python.FS.mount(python.FS.filesystems.NODEFS, {root: process.argv[2]}, "/built");
python.runPython("import sys, runpy; sys.argv[1:] = ['/built']; runpy.run_path('/built/bare.py', {}, '__main__')");
"""


def run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=os.environ | environment)
    if done.returncode:
        sys.exit(f"{command[0]} fails:\n{done.stdout}{done.stderr}")
    return done.stdout


def headers(folder: Path) -> Path:
    """The headers of this Python, with the sizes of WebAssembly."""
    told = [f"#define SIZEOF_{name} {size}" for name, size in SIZES.items()]
    told += [f"#define HAVE_{name} 1" for name in HAS]
    place = folder / "include"
    shutil.copytree(sysconfig.get_path("include"), place)
    (place / "pyconfig.h").write_text("\n".join(told) + "\n", "utf-8")
    return place


def build(folder: Path) -> None:
    """_core.so in `folder`."""
    source = folder / "_core.c"
    run(sys.executable, "-m", "cython", "-3", ROOT / "sn89" / "_core.pyx", "-o", source)
    includes = [f"-I{headers(folder)}", f"-I{ROOT / 'csrc'}"]
    objects = []
    for path in (source, *sorted((ROOT / "csrc").glob("*.c"))):
        objects.append(folder / f"{path.stem}.o")
        run("emcc", *FLAGS, *includes, "-c", path, "-o", objects[-1])
    run("emcc", "-O2", "-sSIDE_MODULE=2", "-sEXPORTED_FUNCTIONS=_PyInit__core", *objects, "-o", folder / "_core.so")


def main(packages: Path, *core: str) -> int:
    module = packages.resolve() / "node_modules" / "pyodide" / "pyodide.mjs"
    if not module.is_file():
        sys.exit(f"there is no {module}: npm install --prefix {packages} pyodide")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder)
        shutil.copy(BARE, folder)
        script = folder / "run.mjs"
        script.write_text(NODE.replace("PYODIDE", repr(module.as_posix())), "utf-8")
        there = run("node", script, folder)
    here = run(sys.executable, BARE, *core, SN89_SIMD="fmaf")
    print(f"Pyodide:\n{there}here:\n{here}{'the same' if there == here else 'OTHERS'}")
    return there != here


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]) if len(sys.argv) > 1 else __doc__)
