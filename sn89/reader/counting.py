"""The best path through a line with a known number of digits, and the best path that spells a known string.

As in ``segment``, the value of a path is the ink of its groups, weighted by how well each fits. Here a group may also
be no digit at all: a dash, a sign of money, a stain.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .lattice import Lattice
from .segment import Group

NO_DIGIT = 0.25  # weight of the ink of a group that is as large as a digit and taken for none

Gain = Callable[[Group, int], float]  # how well a group fits as the digit of that number


@dataclass(frozen=True)
class Path:
    """Groups that hold every part of a line once, without outputs where they are no digit; and the path's value."""

    groups: list[Group]
    value: float

    @property
    def digits(self) -> list[Group]:
        """The groups that are taken for digits."""
        return [group for group in self.groups if group.outputs is not None]


def with_digits(lattice: Lattice, least: int, most: int) -> Path | None:
    """The best path with `least` to `most` digits; None if there is none."""
    return _best(lattice, least, most, lambda group, _: group.sure)


def spelling(lattice: Lattice, wanted: str, fits: Callable[[Group], np.ndarray]) -> Path | None:
    """The best path whose digits spell a string; None if there is none.

    ``fits(group)`` says how well a group fits each of the ten digits, from 0 to 1.
    """
    labels = [int(one) for one in wanted]
    return _best(lattice, len(labels), len(labels), lambda group, number: float(fits(group)[labels[number]]))


def _best(lattice: Lattice, least: int, most: int, gain: Gain) -> Path | None:
    """Dynamic programming over how many atoms and how many digits there are so far."""
    atoms, groups, _ = lattice
    ink = np.append(0, np.cumsum([int(atom.mask.sum()) for atom in atoms])).astype(float)
    value = np.full((len(atoms) + 1, most + 1), -np.inf)
    value[0, 0] = 0
    last: dict[tuple[int, int], tuple[Group, bool]] = {}
    for group in sorted(groups, key=lambda one: one.end):
        weight = ink[group.end] - ink[group.first]
        for number in range(most + 1):
            before = value[group.first, number]
            if before == -np.inf:
                continue
            none = before + weight * (group.sure + group.bonus if group.outputs is None else NO_DIGIT)
            if none > value[group.end, number]:
                value[group.end, number], last[group.end, number] = none, (group, False)
            if group.outputs is not None and number < most:
                as_digit = before + weight * (gain(group, number) + group.bonus)
                if as_digit > value[group.end, number + 1]:
                    value[group.end, number + 1], last[group.end, number + 1] = as_digit, (group, True)
    number = least + int(np.argmax(value[-1, least : most + 1]))
    if value[-1, number] == -np.inf:
        return None
    path, end, best = list[Group](), len(atoms), float(value[-1, number] / max(1.0, ink[-1]))
    while end:
        group, is_digit = last[end, number]
        path.append(group if is_digit else replace(group, outputs=None, image=None))
        end, number = group.first, number - is_digit
    return Path(path[::-1], best)
