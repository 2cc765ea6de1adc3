"""What every program that trains needs, without click: digits in any case, whole numbers, errors in one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .. import datasets
from ..datasets import DataNotFoundError, Digits
from ..datasets.files import Folder
from ..training import DivergedError

#: What is the user's to mend: said in one line.
EXPECTED = (OSError, ValueError, TypeError, ImportError, DivergedError)


def or_synthetic(find: Callable[[Folder | None], Digits], folder: Folder | None = None) -> Digits:
    """Digits as `find` finds them in a folder, or synthetic ones if no folder was named and none can be had.

    That they are synthetic is said on standard error.

    Raises
    ------
    DataNotFoundError
        If the folder has none.
    """
    try:
        return find(folder)
    except DataNotFoundError as error:
        if folder:
            raise
        print(f"{error}\nGoing on with synthetic digits.\n", file=sys.stderr)
        return datasets.synthetic()


def positive(text: str) -> int:
    """A whole number from 1 on, for argparse.

    Raises
    ------
    argparse.ArgumentTypeError, ValueError
        If it is none.
    """
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {number}")
    return number


@contextmanager
def errors_in_one_line(
    program: str, interrupted: str = "interrupted", also: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """End the program with one line, not a traceback, where it was interrupted or the user can mend it.

    `also` are other errors of that kind.
    """
    expected: tuple[type[Exception], ...] = (*EXPECTED, *also)
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(interrupted)
    except expected as error:
        sys.exit(f"{program}: {error}")
