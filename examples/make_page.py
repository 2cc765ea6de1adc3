"""Train a net and write it as a web page: one file to open from disk, to draw a digit in and see every plane think.

    python examples/make_page.py                # the zip-code net of 1989, on its paper's digits: zip_code.html
    python examples/make_page.py --net lenet5   # LeNet-5 on MNIST: about a minute of training

The digits are looked for in --data, $SN89_DATA and the user's cache, then downloaded; without any the package draws
synthetic ones (for the nets of 1989), and says so.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import sn89
from sn89.datasets import DataNotFoundError, Digits
from sn89.export import page
from sn89.recipes import LENET1_USPS, LENET5, ZIP_1989, Recipe

RECIPES = {"zip_code": ZIP_1989, "lenet1": LENET1_USPS, "lenet5": LENET5}


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", choices=RECIPES, default="zip_code", help="which net (%(default)s)")
    parser.add_argument("--data", type=Path, help="folder with the files of USPS and MNIST")
    parser.add_argument("--passes", type=int, help="passes over the training set (as many as its paper's)")
    parser.add_argument("--seed", type=int, default=1, help="of the start (%(default)s)")
    parser.add_argument("--output", type=Path, help="the page (the net's name, .html)")
    options = parser.parse_args()
    options.output = options.output or Path(f"{options.net}.html")
    return options


def find_digits(recipe: Recipe, options: argparse.Namespace) -> Digits:
    """The paper's digits, or synthetic ones if none can be had."""
    try:
        return recipe.digits(path=options.data)
    except DataNotFoundError as error:
        if options.data or recipe is LENET5:
            raise
        print(f"{error}\nGoing on with synthetic digits.\n", file=sys.stderr)
        return sn89.datasets.synthetic()


def main() -> None:
    """Find digits, train, write the page."""
    options = arguments()
    recipe = RECIPES[options.net]
    digits = find_digits(recipe, options)
    passes = {} if options.passes is None else {"passes": options.passes}
    net, _ = recipe.train(digits.train, options.seed, progress=None, **passes)
    net.name = f"{net.name}, trained on {digits.name}"
    X, y = digits.test
    print(f"{net.name}: {sn89.evaluate(net, X, y)} on the test set")
    if options.net == "lenet5":  # its 28x28 digits come in a plane of 32x32
        X = X[:, 2:-2, 2:-2]
    page(net, options.output, samples=(X, y))
    print(f"{options.output} has {options.output.stat().st_size / 1000:.0f} kB: open it in a browser.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted")
    except (OSError, ValueError, TypeError, sn89.DivergedError) as error:
        sys.exit(f"make_page.py: {error}")
