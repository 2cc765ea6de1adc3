"""A copy of a net before a call, so that a failed call changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .net import Net


class Before:
    """Copies of everything that a call may change in a net."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.vectors = net.parameters.copy(), net.curvature.copy(), net.momentum.copy()
        self.deleted = net.deleted.view(np.uint8)
        self.others = net.confidence, net.levels, net.image_shape

    def restore(self) -> None:
        """Put everything back, the vectors in one step, which Ctrl-C cannot divide."""
        self.net._core.bring(*self.vectors, self.deleted)
        self.net.confidence, self.net.levels, self.net.image_shape = self.others


@contextmanager
def all_or_nothing(net: Net) -> Iterator[None]:
    """Keep the net to this thread; after an error in the block, or Ctrl-C, the net is as it was before."""
    with net.at_work():
        before = Before(net)
        try:
            yield
        except BaseException:
            before.restore()
            raise
