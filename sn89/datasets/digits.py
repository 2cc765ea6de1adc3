"""What every loader returns, and the error when a data set is nowhere to be found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Part: TypeAlias = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Images, float32 (n, height, width), C-contiguous, and their labels, int64 (n,)."""


class DataNotFoundError(FileNotFoundError):
    """The files of a data set are not on this machine, and could not be fetched.

    The message says where was looked, for which file names, and what to do about it.
    """


@dataclass(frozen=True, eq=False, repr=False)
class Digits:
    """A set of digits to train on, and another one to test on.

    Unpacks into its two parts: ``(X, y), (Xt, yt) = digits``.

    Parameters
    ----------
    name : str
        For titles and reports, such as ``"USPS"``.
    train, test : tuple of (ndarray, ndarray)
        Images, float32 (n, height, width), C-contiguous, and labels, int64 (n,), from 0 to 9.
    source : str
        Where the digits came from: files, or the program that drew them.
    synthetic : bool
        True if nobody wrote these digits, so that no result on them compares with the papers'.
    notes : tuple of str
        What `sn89.datasets.load` found in the files, and how it scaled it.
    """

    name: str
    train: Part
    test: Part
    source: str
    synthetic: bool = False
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Part]:
        """Yield the training part, then the test part."""
        yield self.train
        yield self.test

    def __repr__(self) -> str:
        """One line: the pixels would only be in the way."""
        height, width = self.train[0].shape[1:]
        sizes = f"{len(self.train[0])} + {len(self.test[0])} images of {height}x{width}"
        return f"<Digits {self.name!r}: {sizes}; {self.source}>"
