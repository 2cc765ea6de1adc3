"""Train the zip-code net of 1989 on the digits of its paper, and print the paper's table beside the results.

    python examples/train_zip.py                        # the paper: 23 passes, SN's own constants
    python examples/train_zip.py --seed 1 2 3 4 5       # mean and range over five starts
    python examples/train_zip.py --net fully_connected  # the net that it was compared with

Pictures and weights are written to the folder --output. The digits are looked for in --data, $SN89_DATA and the user's
cache, then downloaded; without any the package draws synthetic ones, and says so.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from tqdm import tqdm

import sn89
from sn89 import plots
from sn89.cli.script import errors_in_one_line, or_synthetic, positive
from sn89.datasets import Digits
from sn89.measure import Measurement, Rejection

PASSES = 23
NETS = ("zip_code", "fully_connected", "lenet1", "lenet1_softmax")
RULES = {"lm": sn89.LevenbergMarquardt, "newton": sn89.Newton, "sgd": sn89.SGD}

# Neural Computation 1(4), 1989: results after pass 23, as the paper prints them, and as marks for the learning curve.
ROWS = ("train: MSE", "train: misclassified", "test: MSE", "test: misclassified", "test: rejected for 1 % on the rest")
PAPER = {
    "zip_code": ("2.5e-3", "0.14 % (10)", "1.8e-2", "5.0 % (102)", "12.1 %", "3 days, SUN-4/260"),
    "fully_connected": ("-", "1.6 %", "-", "8.1 %", "19.4 %", "-"),
}
MARKS = {"zip_code": (Measurement(7291, 10, np.nan, 2.5e-3), Measurement(2007, 102, np.nan, 1.8e-2), PASSES)}


@dataclass
class Result:
    """The result of one training."""

    seed: int
    net: sn89.Net
    history: sn89.History
    rejection: Rejection
    seconds: float


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", choices=NETS, default="zip_code", help="which net (%(default)s)")
    parser.add_argument(
        "--data", type=Path, help="folder with zip.train.gz and zip.test.gz, or usps.bz2 and usps.t.bz2"
    )
    parser.add_argument(
        "--synthetic", action="store_true", help="use digits drawn by the package, not those of the paper"
    )
    parser.add_argument("--passes", type=positive, default=PASSES, help="passes over the training set (%(default)s)")
    parser.add_argument(
        "--rule", choices=RULES, default="lm", help="learning rule: Levenberg-Marquardt, Newton, gradient"
    )
    parser.add_argument("--rate", type=float, help="learning rate (0.0005; 0.0015 for sgd)")
    parser.add_argument(
        "--seed", type=int, nargs="+", default=[1], help="of the start; several are trained side by side"
    )
    parser.add_argument("--output", type=Path, help="folder for what is written (the net's name)")
    options = parser.parse_args()
    options.output = options.output or Path(options.net)
    return options


def make_rule(options: argparse.Namespace) -> sn89.Rule:
    """The learning rule, with SN's constants but for the rate, if one was given."""
    kind = RULES[options.rule]
    return kind() if options.rate is None else kind(options.rate)


def say(net: sn89.Net, history: sn89.History) -> None:
    """One line for each pass."""
    last = history.passes[-1]
    tqdm.write(f"pass {last.number:3}   train {last.train}   test {last.test}   {last.seconds:.2f} s")


def run(options: argparse.Namespace, digits: Digits, seed: int, alone: bool) -> Result:
    """One training; its passes are shown if it is the only one."""
    started = time.perf_counter()
    net = getattr(sn89.nets, options.net)(seed=seed)
    history = sn89.train(
        net,
        *digits.train,
        rule=make_rule(options),
        passes=options.passes,
        test=digits.test,
        progress=None if alone else False,
        callbacks=[say] if alone else [],
    )
    seconds = time.perf_counter() - started
    X, y = digits.test
    return Result(seed, net, history, sn89.measure.rejection(net.cost.scores(net(X)), y), seconds)


def run_all(options: argparse.Namespace, digits: Digits) -> list[Result]:
    """A training for each seed, as many at once as there are processors, because the core releases the GIL."""
    if len(options.seed) == 1:
        return [run(options, digits, options.seed[0], alone=True)]
    print(
        f"{len(options.seed)} trainings, as many at once as there are processors: a line for each when it ends",
        flush=True,
    )
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = []
        for result in pool.map(lambda seed: run(options, digits, seed, alone=False), options.seed):
            results.append(result)
            print(f"seed {result.seed}   train {result.history.train[-1]}   test {result.history.test[-1]}", flush=True)
        return results


def spread(values: list[float | None], form: str) -> str:
    """The one value, or the mean and the range of several."""
    if None in values:
        return "-"
    mean = form.format(sum(values) / len(values))
    return mean if len(values) == 1 else f"{mean} ({form.format(min(values))} to {form.format(max(values))})"


def outcome(results: list[Result]) -> list[str]:
    """The results, for ROWS."""
    cells = []
    for name in ("train", "test"):
        measured = [getattr(result.history, name)[-1] for result in results]
        wrong = f" ({measured[0].wrong})" if len(results) == 1 else ""
        cells += [spread([one.half_mse for one in measured], "{:.2e}")]
        cells += [spread([100 * one.error for one in measured], "{:.2f} %") + wrong]
    return [*cells, spread([100 * result.rejection.share for result in results], "{:.1f} %")]


def is_comparable(options: argparse.Namespace, digits: Digits) -> bool:
    """Whether the paper trained this net, on these digits, for as many passes."""
    return options.net in PAPER and options.passes == PASSES and not digits.synthetic


def table(options: argparse.Namespace, digits: Digits, results: list[Result]) -> str:
    """The paper's table beside the results."""
    wall = spread([result.seconds for result in results], "{:.1f} s")
    here = [*zip(ROWS, outcome(results), strict=True), ("wall time", wall)]
    if is_comparable(options, digits):
        there = ("paper", *PAPER[options.net])
        heading = "here"
    else:
        there = ("",) * (len(here) + 1)
        heading = f"here, on {digits.name}"
    rows = [(name, paper, cell) for paper, (name, cell) in zip(there, [("", heading), *here], strict=True)]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = ["   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    notes = [
        "MSE: half the mean squared error over patterns and outputs, as SN prints it and the paper has it.",
        "Rejection: by the difference of the two largest outputs; threshold found on the test set, as in the paper.",
    ]
    return "\n".join([*lines, "", *notes])


def write_pictures(options: argparse.Namespace, digits: Digits, result: Result, note: str) -> None:
    """Write kernels.png, feature_maps.png and learning_curve.png; their titles name the digits of the training."""
    net, history = result.net, result.history
    net.name = f"{net.name}, {options.passes} passes on {digits.name}"
    X, y = digits.test
    paper = MARKS.get(options.net) if is_comparable(options, digits) else None
    pictures = {
        "feature_maps.png": plots.plot_feature_maps(net, X[3], label=int(y[3])),
        "learning_curve.png": plots.plot_history(history, title=net.name, paper=paper),
    }
    if options.net != "fully_connected":
        pictures["kernels.png"] = plots.plot_all_kernels(net)
    for name, picture in pictures.items():
        if note:
            picture.figure.supxlabel(note, size=8)
        picture.savefig(options.output / name, dpi=120)


def main() -> None:
    """Find digits, train, print the table, write the pictures."""
    options = arguments()
    make_rule(options)  # refuse a wrong option before a download
    for seed in options.seed:
        getattr(sn89.nets, options.net)(seed=seed)
    options.output.mkdir(parents=True, exist_ok=True)
    digits = sn89.datasets.synthetic() if options.synthetic else or_synthetic(sn89.datasets.usps, options.data)
    note = "synthetic digits, not the paper's: not comparable with it" if digits.synthetic else ""
    (X, _), (Xt, _) = digits
    print(getattr(sn89.nets, options.net)(), "\n")
    print(f"{digits.name}: {len(X):,} digits to learn from, {len(Xt):,} to test on ({digits.source})")
    print(f"{make_rule(options)}, {options.passes} passes\n", flush=True)
    results = run_all(options, digits)
    print(f"\n{table(options, digits, results)}")
    write_pictures(options, digits, results[0], note)
    np.savez(options.output / "weights.npz", **results[0].net.arrays())
    print(f"\nPictures and weights (seed {results[0].seed}) are in {options.output}/")
    sn89.save(results[0].net, options.output / "net.safetensors", history=results[0].history)
    print(f"The net for sn89.load and the command sn89 is {options.output}/net.safetensors")
    if note:
        print(f"\nNOTE: {note}.")


if __name__ == "__main__":
    with errors_in_one_line("train_zip.py", "interrupted: nothing was written"):
        main()
