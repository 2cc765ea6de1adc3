"""The command ``sn89``: one file for each verb, or two that belong together; nothing else in sn89 knows of it.

`command.py` is the whole of it and says what happens to errors; `options.py` has what verbs share on the command line,
`sources.py` what they read: nets, and digits by name. `script.py` needs no click: examples use it too.
"""

from __future__ import annotations

import io
import os
import sys


def main() -> None:
    """Run the command, and leave with its exit code: 0, 1 for an error, 2 for wrong usage, 130 after Ctrl-C."""
    for name in ("stdout", "stderr"):  # pythonw has none
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for as long as the process lives
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what its encoding lacks, as on standard error
    try:
        try:
            import click  # noqa: F401 - to say what is missing, if it is
        except ImportError:
            sys.exit("sn89: error: the command needs the package click: pip install 'sn89[cli]'")
        from .command import sn89

        sn89(prog_name="sn89")
    except KeyboardInterrupt:  # before there was anything to interrupt
        sys.exit(130)
