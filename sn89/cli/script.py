"""Help for every program that trains, without click: digits in any case, whole numbers, errors in one line."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .. import datasets
from ..datasets import DataNotFoundError, Digits
from ..datasets.files import Folder
from ..training import DivergedError

#: Errors that the user can mend; each is printed in one line.
EXPECTED = (OSError, ValueError, TypeError, ImportError, DivergedError)


def or_synthetic(find: Callable[[Folder | None], Digits], folder: Folder | None = None) -> Digits:
    """The digits that `find` finds, or synthetic ones if none are found and no folder was named.

    A line on standard error says that they are synthetic.
    """
    try:
        return find(folder)
    except DataNotFoundError as error:
        if folder:
            raise
        print(f"{error}\nGoing on with synthetic digits.\n", file=sys.stderr)
        return datasets.synthetic()


def positive(text: str) -> int:
    """A whole number from 1 on, as a type for argparse."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {number}")
    return number


@contextmanager
def errors_in_one_line(
    program: str, interrupted: str = "interrupted", also: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """End the program with one line in place of a traceback after Ctrl-C or an error of `EXPECTED` or `also`."""
    expected: tuple[type[Exception], ...] = (*EXPECTED, *also)
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(interrupted)
    except expected as error:
        sys.exit(f"{program}: {error}")
