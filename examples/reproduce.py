"""Train the nets of a paper, and print its table beside the results.

    python examples/reproduce.py zip1989            # the usual number of seeds
    python examples/reproduce.py zip1989 --seeds 3  # three, which is quicker
    python examples/reproduce.py all

The same command goes on after an interruption: trained nets are kept in the folder "trained" in --output, and are used
as long as the package is the same.

The tables are printed, and written as Markdown and JSON to the folder --output. The digits are looked for in --data,
$SN89_DATA and the user's cache, then downloaded.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sn89.cli.script import errors_in_one_line, positive
from sn89.reproduce import NAMES, reproduce


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    what = "\n".join(f"  {name:<11} {words}" for name, words in NAMES.items())
    parser = argparse.ArgumentParser(
        description=f"{__doc__}\nreproductions:\n{what}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=[*NAMES, "all"], metavar="what", help="one of those above, or all")
    parser.add_argument("--seeds", type=positive, help="trainings of each kind (5 to 30, by the table)")
    parser.add_argument("--data", type=Path, help="folder with the files of USPS and MNIST")
    parser.add_argument("--output", type=Path, default=Path("reproduced"), help="folder for tables (%(default)s)")
    return parser.parse_args()


def main() -> None:
    """Reproduce, print, write."""
    options = arguments()
    for name in NAMES if options.what == "all" else [options.what]:
        report = reproduce(name, options.seeds, options.data, options.output / "trained")
        report.write(options.output)  # first, because some terminals cannot print all letters
        print(report.markdown(), flush=True)
    print(f"Markdown and JSON are in {options.output}/")


if __name__ == "__main__":
    with errors_in_one_line("reproduce.py"):
        main()
