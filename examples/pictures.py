"""Train the zip-code net of 1989 and draw all pictures of it.

    python examples/pictures.py                    # 23 passes, as the paper; a few seconds
    python examples/pictures.py --output pictures  # where to write them

The digits are looked for in --data, $SN89_DATA and the user's cache, then downloaded; without any the package draws
synthetic ones, and says so. LeNet-1 is trained too, for its kernels; of LeNet-5 only the connection table is drawn.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import sn89
from sn89 import plots
from sn89.cli.script import errors_in_one_line, or_synthetic, positive
from sn89.datasets import Digits
from sn89.measure import Measurement
from sn89.watch import Watch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sn89.plots import Picture

PASSES = 23
DPI = 110
SHEET_DPI = 80  # for the report, which is large

# Neural Computation 1(4), 1989: after pass 23 on training and test set, and what is rejected for 1 % error on the rest.
PAPER = (Measurement(7291, 10, np.nan, 2.5e-3), Measurement(2007, 102, np.nan, 1.8e-2), PASSES)
REJECTED = 0.121


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with zip.train.gz and zip.test.gz")
    parser.add_argument("--synthetic", action="store_true", help="use digits drawn by the package")
    parser.add_argument("--output", type=Path, default=Path("pictures"), help="folder for the pictures (%(default)s)")
    parser.add_argument("--passes", type=positive, default=PASSES, help="over the training set (%(default)s)")
    return parser.parse_args()


def train(net: sn89.Net, digits: Digits, passes: int, watch: Watch | None = None) -> sn89.History:
    """Train a net as the paper did, with SN's constants."""
    callbacks = [watch] if watch else []
    rule = sn89.LevenbergMarquardt()
    return sn89.train(net, *digits.train, rule=rule, passes=passes, test=digits.test, callbacks=callbacks)


def one_of_each(y: np.ndarray) -> list[int]:
    """The index of the fourth digit of each class."""
    return [int(np.flatnonzero(y == digit)[3]) for digit in range(10)]


def of_the_zip_net(digits: Digits, passes: int, comparable: bool) -> Iterator[tuple[str, Picture | Figure]]:
    """Every picture of the zip-code net."""
    X, y = digits.test
    paper, rejected = (PAPER, REJECTED) if comparable else (None, None)
    net, watch = sn89.nets.zip_code(seed=1), Watch(X[3], int(y[3]))
    net.name = f"{net.name}, on {digits.name}"
    history = train(net, digits, passes, watch)
    others = [train(sn89.nets.zip_code(seed=seed), digits, passes) for seed in (2, 3)]
    scores, rule = net.cost.scores(net(X)), sn89.LevenbergMarquardt()
    yield "report", plots.plot_report(net, history, X, y, image=3, paper=paper, rejected=rejected)
    yield "watch", watch.figure
    yield "learning", plots.plot_history([history, *others], title=f"{net.name}: three seeds", paper=paper)
    yield "kernels", plots.plot_all_kernels(net)
    each = one_of_each(y)
    yield "digits", plots.plot_feature_maps(net, X[each], label=y[each])
    yield "digit", plots.plot_feature_maps(net, X[3], label=int(y[3]))
    yield "curvature", plots.plot_curvature(net, rule)
    yield "hinton", plots.plot_hinton(net["output"].weights)
    yield "mistakes", plots.plot_mistakes(net, X, y)
    yield "confusion", plots.plot_confusion(y, scores.argmax(axis=1))
    yield "rejection", plots.plot_rejection(scores, y, paper=rejected)
    yield "fields", fields(net, X[3])


def fields(net: sn89.Net, image: np.ndarray) -> Figure:
    """The receptive fields of a unit of H1 and of H2: outlined, and by the number of paths."""
    figure, axes = plt.subplots(1, 3, figsize=(9.4, 3.4), layout="constrained")
    plots.plot_receptive_field(net, "H1", (0, 4, 4), image=image, ax=axes[0])
    plots.plot_receptive_field(net, "H2", (0, 2, 2), image=image, ax=axes[1])
    plots.plot_receptive_field(net, "H2", (0, 2, 2), ax=axes[2])
    return figure


def of_the_lenets(digits: Digits, passes: int) -> Iterator[tuple[str, Picture | Figure]]:
    """LeNet-1's kernels, and the papers' connection tables."""
    net = sn89.nets.lenet1(seed=1)
    net.name = f"{net.name}, on {digits.name}"
    train(net, digits, passes)
    yield "lenet1_kernels", plots.plot_all_kernels(net)
    yield "lenet1_table", plots.plot_table(net, "H3")
    yield "lenet5_table", plots.plot_table(sn89.nets.lenet5(), "C3")
    yield "zip_table", plots.plot_table(sn89.nets.zip_code(), "H2")


def main() -> None:
    """Find digits, train, draw."""
    options = arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    digits = sn89.datasets.synthetic() if options.synthetic else or_synthetic(sn89.datasets.usps, options.data)
    comparable = not digits.synthetic and options.passes == PASSES
    pictures = chain(of_the_zip_net(digits, options.passes, comparable), of_the_lenets(digits, options.passes))
    for name, picture in pictures:
        path = options.output / f"{name}.png"
        picture.savefig(path, dpi=SHEET_DPI if name == "report" else DPI)
        print(path)
    if digits.synthetic:
        print("\nNOTE: synthetic digits, not the paper's: not comparable with it.")


if __name__ == "__main__":
    with errors_in_one_line("pictures.py"):
        main()
