"""Which learning rate is best for the zip-code net? Every rate is trained with several seeds, on all processors.

    python examples/sweep.py                                   # threads of this process
    python examples/sweep.py --dask                            # a cluster of two workers on this machine
    python examples/sweep.py --dask tcp://scheduler:8786       # a running cluster
    python examples/sweep.py --optuna                          # Optuna chooses the rates

Rates are compared on held-out training digits. Every run becomes a line in --out when it ends; after Ctrl-C the same
command goes on from there. The last two need an extra: pip install "sn89[dask]", "sn89[optuna]".
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import sn89
from sn89.cli.script import errors_in_one_line
from sn89.recipes import ZIP_1989, Recipe
from sn89.reproduce.runs import held_out

RATES = (0.000125, 0.00025, 0.0005, 0.001, 0.002)


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passes", type=int, default=3, help="passes over the training set (%(default)s)")
    parser.add_argument("--seeds", type=int, default=5, help="trainings of each rate (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("sweep.jsonl"), help="file of JSON lines (%(default)s)")
    parser.add_argument("--dask", nargs="?", const="local", metavar="ADDRESS", help="train on a Dask cluster")
    parser.add_argument("--optuna", action="store_true", help="search, instead of trying each of a list")
    return parser.parse_args()


def sweep(options: argparse.Namespace, recipe: Recipe, backend: str = "threads") -> None:
    """Train, and print the means."""
    how = {"digits": held_out(sn89.datasets.usps()), "out": options.out, "backend": backend}
    if options.optuna:
        rates = {"rule.rate": sn89.sweep.Real(0.0001, 0.003, log=True)}
        print(sn89.sweep.search(recipe, rates, trials=12, seeds=options.seeds, **how))
    else:
        print(sn89.sweep.run(recipe, {"rule.rate": RATES}, options.seeds, **how))
    print(f"All runs are in {options.out}: pandas.read_json({str(options.out)!r}, lines=True, precise_float=True)")


def main() -> None:
    """Sweep here, or on a cluster."""
    options = arguments()
    recipe = replace(ZIP_1989, passes=options.passes)
    if not options.dask:
        sweep(options, recipe)
        return
    from dask.distributed import Client

    # A training is one thread, so each worker has one.
    local = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with Client(**local) if options.dask == "local" else Client(options.dask):
        sweep(options, recipe, "dask")


if __name__ == "__main__":
    with errors_in_one_line("sweep.py", "interrupted: the same command goes on from there"):
        main()
