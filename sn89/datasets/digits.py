"""The value that every loader returns, and the error for a data set that is not found."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Part: TypeAlias = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Images, float32 (n, height, width), C-contiguous, and their labels, int64 (n,)."""


class DataNotFoundError(FileNotFoundError):
    """The files of a data set are not on this machine and could not be downloaded.

    The message names the folders and files that were tried, and says what to do.
    """


@dataclass(frozen=True, eq=False, repr=False)
class Digits:
    """A training set and a test set of digits.

    It unpacks into its two parts: ``(X, y), (Xt, yt) = digits``.

    Parameters
    ----------
    name : str
        Name for titles and reports, such as ``"USPS"``.
    train, test : tuple of (ndarray, ndarray)
        Images, float32 (n, height, width), C-contiguous, and labels, int64 (n,), from 0 to 9.
    source : str
        Origin of the digits: files, or the program that drew them.
    synthetic : bool
        True if nobody wrote these digits, so that results on them cannot be compared with the papers'.
    notes : tuple of str
        Remarks of `sn89.datasets.load` about the content of the files and its scaling.
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
        """One line with sizes and source, without the pixels."""
        height, width = self.train[0].shape[1:]
        sizes = f"{len(self.train[0])} + {len(self.test[0])} images of {height}x{width}"
        return f"<Digits {self.name!r}: {sizes}; {self.source}>"
