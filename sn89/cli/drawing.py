"""What ``sn89 plot`` draws from: a net, its digits, its history, each found when a picture needs it."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..datasets.digits import Digits, Part
from ..history import History
from ..net import Net
from ..rules import LevenbergMarquardt, Rule, StochasticDiagonalLM
from ..training import train
from ..watch import Snapshots
from .sources import RECIPES, Source, find_digits, part_of

LINE = 8  # digits of a line
PATTERNS = 500  # that curvature is estimated on


@dataclass
class Drawing:
    """What there is to draw from: a net, its digits, its history, and what was asked for."""

    source: Source
    data: str | None
    size: str | None
    part: str
    image: int
    layer: str | None

    @property
    def net(self) -> Net:
        """The net."""
        return self.source.net

    @cached_property
    def digits(self) -> Digits:
        """The digits, found when they are needed."""
        return find_digits(self.source, self.data, self.size)[1]

    @property
    def some(self) -> Part:
        """The part that was asked for."""
        return part_of(self.digits, self.part)

    @property
    def one(self) -> tuple[np.ndarray, int]:
        """The image that was asked for, and its label."""
        X, y = self.some
        if self.image >= len(X):
            raise ValueError(f"--image must be 0 to {len(X) - 1}, not {self.image}")
        return X[self.image], int(y[self.image])

    @property
    def rule(self) -> Rule:
        """The rule it was trained with, or that of its recipe."""
        return self.source.history.rule if self.source.history else RECIPES[self.source.recipe][0].rule

    @property
    def history(self) -> History:
        """What was measured in training."""
        if not self.source.history and not os.path.lexists(self.source.name) and self.source.name in RECIPES:
            beside = f"{self.source.name}.safetensors"
            there = (
                f"did you mean {beside}?" if os.path.exists(beside) else f"sn89 train --net {self.source.name} does it"
            )
            raise ValueError(f"{self.source.name} is a paper's net that has not been trained yet; {there}")
        if self.source.history is None:
            raise ValueError(
                f"{self.source.name} does not tell of its training: sn89 train and sn89.save(..., history=...) write it"
            )
        return self.source.history

    def check_layer(self) -> None:
        """Refuse a layer that the net has not."""
        names = [layer.name for layer in self.net]
        if self.layer is not None and self.layer not in names:
            raise ValueError(f"{self.net.name} has no layer {self.layer!r}, but {', '.join(names)}")

    def named(self, kind: Callable[[Any], bool], what: str) -> str:
        """The layer that was asked for, or the first of a kind."""
        if self.layer is not None:
            return self.layer
        found = next((layer.name for layer in self.net if kind(layer)), None)
        if found is None:
            raise ValueError(f"{self.net.name} has no layer with {what}")
        return found

    @property
    def line(self) -> tuple[Net, np.ndarray]:
        """The net, and a line of digits, from the one that was asked for on, as high as its input at least."""
        self.one  # noqa: B018  # is it there?
        plane = self.net.input
        line = np.concatenate(list(self.some[0][self.image : self.image + LINE]), axis=-1)
        above, beside = (
            max(0, side - size) for side, size in zip((plane.height, plane.width), self.some[0].shape[-2:], strict=True)
        )
        ends = ((above // 2, above - above // 2), (beside // 2, beside - beside // 2))
        return self.net, np.pad(line, ends, constant_values=plane.background)

    @cached_property
    def again(self) -> tuple[Net, Snapshots]:
        """A new net like this one, trained as it was, with copies of its state after each pass."""
        history, recipe = self.source.history, RECIPES[self.source.recipe][0]
        net = copy.deepcopy(self.net)
        net.restart()
        kept = Snapshots(net)
        passes = len(history.passes) if history else recipe.passes
        train(net, *self.digits.train, rule=self.rule, passes=passes, measure=False, callbacks=[kept])
        return net, kept

    def estimate_curvature(self) -> None:
        """On the first digits of the training set: a file of a net does not hold it."""
        if not self.net.curvature.any() and isinstance(rule := self.rule, LevenbergMarquardt | StochasticDiagonalLM):
            X, y = self.digits.train
            patterns = self.net.patterns(X[:PATTERNS], y[:PATTERNS])
            self.net.estimate_curvature(rule.diagonal, patterns, np.arange(patterns.count, dtype=np.int64))
