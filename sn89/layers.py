"""The layers of a net, each a small frozen value that declares it.

A layer turns the planes of units below it into planes (feature maps) of its own. These classes only hold the
declaration. The C core checks it, and counts units, connections and free parameters, in one place (``csrc/check.c``)
when a :class:`sn89.Net` is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from . import keywords
from .arguments import instance, pair, real, whole
from .keywords import names_in, others_words
from .squash import Linear, Squash

if not TYPE_CHECKING:
    __getattr__ = names_in(__name__)


Pair = tuple[int, int]
Bias = Literal["unit", "map"] | None


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a layer's name must be a string, not {value!r}")
    if value == "input":
        raise ValueError('a layer\'s name must not be "input", because the input has that name')
    if not value or not value.isprintable():
        raise ValueError(f"a layer's name must be printable, not {value!r}")
    return value


def _table(value: object, what: str) -> tuple[tuple[int, ...], ...]:
    """One tuple of source maps per map."""
    try:
        return tuple(tuple(whole(source, what) for source in row) for row in value)  # type: ignore[attr-defined]
    except TypeError:
        raise TypeError(f"{what} must be one tuple of source maps per map, not {value!r}") from None


class _Checked:
    """A frozen dataclass that stores its checked fields."""

    def _set(self, **fields: object) -> None:
        for key, value in fields.items():
            object.__setattr__(self, key, value)


@others_words(keywords.INPUT)
@dataclass(frozen=True)
class Input(_Checked):
    """The input planes (SN: the *retina*).

    An image smaller than the plane is centred on the background, as LeNet-1's 16x16 digits are in their 28x28 plane.

    Parameters
    ----------
    height, width : int
        Size of the plane in units.
    background : float
        State of the units that the image does not cover.
    maps : int
        Number of planes (channels); 1 for gray images.
    """

    height: int
    width: int
    background: float = -1.0
    maps: int = 1

    def __post_init__(self) -> None:
        self._set(
            height=whole(self.height, "Input: height"),
            width=whole(self.width, "Input: width"),
            background=real(self.background, "Input: background"),
            maps=whole(self.maps, "Input: maps"),
        )


@dataclass(frozen=True)
class Layer(_Checked):
    """A name and a squashing function, which every layer has; without one of its own it has the net's."""

    kind: ClassVar[str]
    name: str

    def __post_init__(self) -> None:
        self._set(name=_name(self.name))
        squash = getattr(self, "squash", None)
        if squash is not None:
            instance(squash, Squash, self._what("squash"))

    def _what(self, argument: str) -> str:
        return f'layer "{self.name}": {argument}'


@others_words(keywords.LOCAL)
@dataclass(frozen=True)
class Local(Layer):
    """Local connections: each unit sees a small field on some of the maps below (a convolution).

    Unit (r, c) reads rows ``r * stride - pad + i`` and columns ``c * stride - pad + j`` of its source maps, for every
    (i, j) of the kernel; kernels are not flipped. A map has ``(size + 2 * pad - kernel) // stride + 1`` rows and
    columns; if the division has a remainder, the last rows and columns of the source are not seen.

    Parameters
    ----------
    name : str
        Name of the layer in tables and as ``net[name]``.
    maps : int
        Number of feature maps (channels).
    kernel : int or (int, int)
        Height and width of the field, in units.
    stride : int or (int, int)
        Distance between the fields of neighbouring units.
    pad : int or (int, int)
        Units by which fields reach past the edge of their source map.
    bias : {"map", "unit", None}
        One bias per map, one per unit, or none.
    table : sequence of sequences of int, optional
        For every map the source maps that it sees (SN and the papers: *connection scheme*); all of them by default.
    shared : bool
        Whether the units of a map share one kernel per source; otherwise each unit has its own.
    background : float
        The state that a connection past the edge of its source map reads.
    squash : Squash, optional
        The squashing function (activation); the net's by default.

    Notes
    -----
    Neural Computation 1(4), 1989, layers H1 and H2; NIPS 2, 1989, H1 and H3; Proc. IEEE 86(11), 1998, C1, C3 and C5.
    """

    kind: ClassVar[str] = "local"
    maps: int
    kernel: int | Pair
    stride: int | Pair = 1
    pad: int | Pair = 0
    bias: Bias = "map"
    table: Sequence[Sequence[int]] | None = None
    shared: bool = True
    background: float = -1.0
    squash: Squash | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(
            maps=whole(self.maps, self._what("maps")),
            kernel=pair(self.kernel, self._what("kernel")),
            stride=pair(self.stride, self._what("stride")),
            pad=pair(self.pad, self._what("pad")),
            background=real(self.background, self._what("background")),
        )
        if self.table is not None:
            self._set(table=_table(self.table, self._what("table")))
        if not (self.bias is None or isinstance(self.bias, str)) or self.bias not in ("unit", "map", None):
            raise ValueError(f'{self._what("bias")} must be "unit", "map" or None, not {self.bias!r}')
        if not isinstance(self.shared, bool):
            raise TypeError(f"{self._what('shared')} must be True or False, not {self.shared!r}")


@others_words(keywords.AVERAGE)
@dataclass(frozen=True)
class Average(Layer):
    """Local averaging and subsampling (pooling): each map reduces one source map, by half for example.

    A unit computes ``f(w * (sum of its block) + b)``, with one coefficient w and one bias b for each map. Blocks do not
    overlap and must tile the source map.

    Parameters
    ----------
    name : str
        Name of the layer.
    size : int or (int, int)
        Height and width of the block.
    squash : Squash, optional
        The squashing function (activation); the net's by default.

    Notes
    -----
    NIPS 2, 1989, layers H2 and H4; Proc. IEEE 86(11), 1998, S2 and S4.
    """

    kind: ClassVar[str] = "average"
    size: int | Pair = 2
    squash: Squash | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(size=pair(self.size, self._what("size")))


@others_words(keywords.FULL)
@dataclass(frozen=True)
class Full(Layer):
    """Full connection (a dense layer): each unit sees every unit below, and has a bias.

    Parameters
    ----------
    name : str
        Name of the layer.
    units : int
        Number of units.
    squash : Squash, optional
        The squashing function (activation); the net's by default.
    """

    kind: ClassVar[str] = "full"
    units: int
    squash: Squash | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(units=whole(self.units, self._what("units")))


@others_words(keywords.RBF)
@dataclass(frozen=True, eq=False)
class RBF(Layer):
    """Radial-basis outputs with fixed prototypes: ``y_i = sum_j (x_j - w_ij)**2``, a distance.

    Parameters
    ----------
    name : str
        Name of the layer.
    prototypes : array_like, shape (units, inputs), float32
        One prototype per unit; they are not trained.

    Notes
    -----
    Proc. IEEE 86(11), 1998, equation 7. The state of a unit is the distance itself, so that smaller is nearer. As the
    last layer it needs the cost `RBFDiscriminative`, for which the smallest output is the answer; for other costs the
    largest output is.

    Second derivatives: Newton has that of the distance, 2 for every connection, times dC/dy_i. Levenberg-Marquardt,
    which is never negative, has the positive part of dC/dy_i. With `RBFDiscriminative` that is 1 for the pattern's
    class and 0 for all others, because the term y_D, a parabola in x, has the same curvature everywhere.
    """

    kind: ClassVar[str] = "rbf"
    squash: ClassVar[Squash] = Linear()
    prototypes: np.ndarray = field(repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            given = np.asarray(self.prototypes)
        except ValueError:  # ragged
            raise TypeError(f"{self._what('prototypes')} must be an array of shape (units, inputs)") from None
        if not (np.issubdtype(given.dtype, np.floating) or np.issubdtype(given.dtype, np.integer)):
            raise TypeError(f"{self._what('prototypes')} must be numbers of shape (units, inputs), not {given.dtype}")
        with np.errstate(over="ignore"):
            prototypes = np.array(given, dtype=np.float32, order="C")
        if prototypes.ndim != 2:
            raise ValueError(f"{self._what('prototypes')} must have shape (units, inputs), not {prototypes.shape}")
        if not np.isfinite(prototypes).all():
            raise ValueError(f"{self._what('prototypes')} must be finite in float32")
        prototypes.flags.writeable = False
        self._set(prototypes=prototypes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RBF):
            return NotImplemented
        return self.name == other.name and np.array_equal(self.prototypes, other.prototypes)

    def __hash__(self) -> int:
        return hash((self.name, self.prototypes.tobytes()))


@others_words(keywords.DROPOUT)
@dataclass(frozen=True)
class Dropout(Layer):
    """Dropout: each presentation leaves out a random share of the units below, and scales the others up.

    It has one unit for each unit below. In training its state is the state below times 0 or 1 / (1 - rate); everywhere
    else (evaluation, `states`, `derivatives`, curvature estimates of `StochasticDiagonalLM`) it is the state below.

    Parameters
    ----------
    name : str
        Name of the layer.
    rate : float
        The share of units that is left out, at least 0 and less than 1.

    Notes
    -----
    Srivastava et al., JMLR 15, 2014. One of the 2022 reproduction's modern steps; SN had none.
    """

    kind: ClassVar[str] = "dropout"
    squash: ClassVar[Squash] = Linear()
    rate: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        rate = real(self.rate, self._what("rate"))
        if not 0 <= rate < 1 or np.float32(rate) == 1:
            raise ValueError(f"{self._what('rate')} must be at least 0 and less than 1, not {rate:g}")
        self._set(rate=rate)


def as_pair(size: int | Pair) -> Pair:
    """A kernel, stride, pad or block as the pair that a layer stores."""
    assert isinstance(size, tuple)
    return size


def all_to_all(sources: int, maps: int) -> tuple[tuple[int, ...], ...]:
    """The connection table in which every map sees every source map."""
    return (tuple(range(sources)),) * maps


def flatness(layers: Iterable[Layer]) -> list[bool]:
    """Whether the units of each layer form no planes; those of dropout are as the units below."""
    flat, found = False, []
    for layer in layers:
        flat = isinstance(layer, (Full, RBF)) or (flat and isinstance(layer, Dropout))
        found.append(flat)
    return found


def names(layers: Iterable[Layer]) -> list[str]:
    """The names of the layers; a ValueError if two are the same."""
    seen = [layer.name for layer in layers]
    for name in seen:
        if seen.count(name) > 1:
            raise ValueError(f'two layers are called "{name}"; every layer needs a name of its own')
    return seen
