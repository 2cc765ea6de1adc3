"""A net, its digits and its history for ``sn89 plot``, each found when a picture needs it."""

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
from .saying import meant
from .sources import RECIPES, Source, find_digits, part_of

LINE = 8  # digits in a line
PATTERNS = 500  # digits on which curvature is estimated


@dataclass
class Drawing:
    """A net with its digits and history, and the options of the command."""

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
        """The digits."""
        return find_digits(self.source, self.data, self.size)[1]

    @property
    def some(self) -> Part:
        """The training or the test digits, as --part says."""
        return part_of(self.digits, self.part)

    @property
    def one(self) -> tuple[np.ndarray, int]:
        """The image with the number --image, and its label."""
        X, y = self.some
        if self.image >= len(X):
            raise ValueError(f"--image must be 0 to {len(X) - 1}, not {self.image}")
        return X[self.image], int(y[self.image])

    @property
    def rule(self) -> Rule:
        """The rule with which the net was trained, or that of its recipe."""
        return self.source.history.rule if self.source.history else RECIPES[self.source.recipe][0].rule

    @property
    def history(self) -> History:
        """The history of the training."""
        name = self.source.name
        if self.source.history is None and not os.path.lexists(name) and name in RECIPES:
            beside = f"{name}.safetensors"
            there = f"did you mean {beside}?" if os.path.exists(beside) else f"sn89 train --net {name} trains it"
            raise ValueError(f"{name} is a paper's net that has not been trained yet; {there}")
        if self.source.history is None:
            raise ValueError(
                f"{name} holds no history of its training: sn89 train and sn89.save(..., history=...) write one"
            )
        return self.source.history

    def check_layer(self) -> None:
        """Raise a ValueError if the net has no layer with the name --layer."""
        names = [layer.name for layer in self.net]
        if self.layer is not None and self.layer not in names:
            near = meant(self.layer, names)
            raise ValueError(f"{self.net.name} has no layer {self.layer!r}; its layers are {', '.join(names)}{near}")

    def named(self, kind: Callable[[Any], bool], what: str) -> str:
        """The name --layer, or else the first layer of a kind."""
        if self.layer is not None:
            return self.layer
        found = next((layer.name for layer in self.net if kind(layer)), None)
        if found is None:
            raise ValueError(f"{self.net.name} has no layer with {what}")
        return found

    @property
    def line(self) -> tuple[Net, np.ndarray]:
        """The net, and a line of digits that begins with number --image and is at least as high as the net's input."""
        self.one  # noqa: B018  # raises an error if there is no such digit
        plane = self.net.input
        line = np.concatenate(list(self.some[0][self.image : self.image + LINE]), axis=-1)
        above, beside = (
            max(0, side - size) for side, size in zip((plane.height, plane.width), self.some[0].shape[-2:], strict=True)
        )
        ends = ((above // 2, above - above // 2), (beside // 2, beside - beside // 2))
        return self.net, np.pad(line, ends, constant_values=plane.background)

    @cached_property
    def again(self) -> tuple[Net, Snapshots]:
        """A new net like this one, trained in the same way, with copies of its state after each pass."""
        history, recipe = self.source.history, RECIPES[self.source.recipe][0]
        net = copy.deepcopy(self.net)
        net.restart()
        kept = Snapshots(net)
        passes = len(history.passes) if history else recipe.passes
        train(net, *self.digits.train, rule=self.rule, passes=passes, measure=False, callbacks=[kept])
        return net, kept

    def estimate_curvature(self) -> None:
        """Estimate curvature on the first training digits, because the file of a net does not hold it."""
        if not self.net.curvature.any() and isinstance(rule := self.rule, LevenbergMarquardt | StochasticDiagonalLM):
            X, y = self.digits.train
            patterns = self.net.patterns(X[:PATTERNS], y[:PATTERNS])
            self.net.estimate_curvature(rule.diagonal, patterns, np.arange(patterns.count, dtype=np.int64))
