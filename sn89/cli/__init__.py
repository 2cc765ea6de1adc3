"""The command ``sn89``: a file for each verb, or for two that belong together. The rest of sn89 does not use it.

`command.py` collects the verbs and turns errors into messages; `options.py` has the options that verbs share;
`sources.py` finds their nets and digits; `script.py`, which needs no click, serves the examples too.
"""

import io
import os
import sys


def main() -> None:
    """Run the command, and leave with its exit code: 0, 1 for an error, 2 for wrong usage, 130 after Ctrl-C."""
    for name in ("stdout", "stderr"):  # pythonw has none
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - open until the process ends
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for letters that its encoding lacks, as standard error does
    os.environ["MPLBACKEND"] = "Agg"  # it opens no window, and matplotlib need not know what notebooks name here
    try:
        try:
            import click  # noqa: F401
        except ImportError:
            sys.exit('sn89: error: the command needs the package click: pip install "sn89[cli]"')
        from .command import sn89

        sn89(prog_name="sn89")
    except KeyboardInterrupt:  # while the verbs are imported
        sys.exit(130)
