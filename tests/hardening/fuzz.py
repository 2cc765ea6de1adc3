"""Fuzzing every reader of files: atheris makes up bytes, by what they reach in the code.

    python tests/hardening/fuzz.py                          # every reader, ten seconds each
    python tests/hardening/fuzz.py --seconds 600 net json   # two of them, ten minutes each

Needs atheris (``pip install atheris``, Python 3.11 to 3.13). It starts from ``corpus/NAME``; what it finds new is
thrown away in the end, what fails is left as ``crash-NAME-...`` and makes the command fail. No input may take more than
a second, nor the whole more than 2 GB.
"""

from __future__ import annotations

import argparse
import importlib
import re
import subprocess
import sys
import tempfile
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import fuzz_files
import fuzz_foreign

CORPUS = Path(__file__).parent / "corpus"
TARGETS = {reader: module for module in (fuzz_files, fuzz_foreign) for reader in module.READERS}


def fuzz(reader: str, options: list[str]) -> None:
    """Fuzz one reader in this process, which libFuzzer ends."""
    import atheris

    target = TARGETS[reader]
    with atheris.instrument_imports(include=list(target.MODULES)):
        for name in target.MODULES:
            importlib.import_module(name)
    atheris.Setup([sys.argv[0], *options], partial(target.one_input, reader=reader))
    atheris.Fuzz()


def run(reader: str, seconds: int) -> bool:
    """Fuzz one reader in a process of its own; whether it found nothing."""
    limits = [f"-max_total_time={seconds}", "-timeout=1", "-rss_limit_mb=2048", f"-artifact_prefix=crash-{reader}-"]
    with tempfile.TemporaryDirectory() as found:
        options = [*limits, "-print_final_stats=1", found, str(CORPUS / reader)]
        command = [sys.executable, __file__, "--one", reader, *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = {
        name: re.search(rf"stat::{name}:\s+(\d+)", done.stderr) for name in ("number_of_executed_units", "peak_rss_mb")
    }
    if done.returncode or not all(told.values()):
        print(f"{reader}: FAILED\n{done.stderr[-3000:]}")
        return False
    inputs, memory = (int(one[1]) for one in told.values())
    print(f"{reader:10} {inputs:>12,} inputs, {memory:,} MB at most, nothing found", flush=True)
    return True


def main() -> int:
    if sys.argv[1:2] == ["--one"]:
        fuzz(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*", choices=[*TARGETS, []], help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=int, default=10, help="for each (%(default)s)")
    given = parser.parse_args()
    if find_spec("atheris") is None:
        sys.exit('fuzz.py needs atheris: pip install "sn89[fuzz]" (Python 3.11 to 3.13, Linux)')
    found = [not run(reader, given.seconds) for reader in given.readers or TARGETS]  # all, whatever is found
    return any(found)


if __name__ == "__main__":
    sys.exit(main())
