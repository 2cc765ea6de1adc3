"""Train a net and write it as a web page: one file in which one draws a digit and sees the states of every plane.

    python examples/make_page.py                # the zip-code net of 1989, on its paper's digits: zip_code.html
    python examples/make_page.py --net lenet5   # LeNet-5 on MNIST: about a minute of training

The digits are looked for in --data, $SN89_DATA and the user's cache, then downloaded; without any the package draws
synthetic ones (for the nets of 1989), and says so.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import sn89
from sn89.cli.script import errors_in_one_line, or_synthetic
from sn89.export import page
from sn89.recipes import LENET1_USPS, LENET5, ZIP_1989

RECIPES = {"zip_code": ZIP_1989, "lenet1": LENET1_USPS, "lenet5": LENET5}


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", choices=RECIPES, default="zip_code", help="which net (%(default)s)")
    parser.add_argument("--data", type=Path, help="folder with the files of USPS and MNIST")
    parser.add_argument("--passes", type=int, help="passes over the training set (as many as its paper's)")
    parser.add_argument("--seed", type=int, default=1, help="of the start (%(default)s)")
    parser.add_argument("--output", type=Path, help="the page (the net's name, .html)")
    options = parser.parse_args()
    options.output = options.output or Path(f"{options.net}.html")
    return options


def main() -> None:
    """Find digits, train, write the page."""
    options = arguments()
    recipe = RECIPES[options.net]
    digits = recipe.digits(path=options.data) if recipe is LENET5 else or_synthetic(recipe.digits, options.data)
    passes = {} if options.passes is None else {"passes": options.passes}
    net, _ = recipe.train(digits.train, options.seed, progress=None, **passes)
    net.name = f"{net.name}, trained on {digits.name}"
    X, y = digits.test
    print(f"{net.name}: {sn89.evaluate(net, X, y)} on the test set")
    learned, labels = digits.train[0][:200], digits.train[1][:200]  # to train on in the page
    if options.net == "lenet5":  # its 28x28 digits come in a plane of 32x32
        X, learned = X[:, 2:-2, 2:-2], learned[:, 2:-2, 2:-2]
    page(net, options.output, samples=(X, y), training=(learned, labels))
    print(f"{options.output} has {options.output.stat().st_size / 1000:.0f} kB: open it in a browser.")


if __name__ == "__main__":
    with errors_in_one_line("make_page.py"):
        main()
