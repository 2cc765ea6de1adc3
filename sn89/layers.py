"""The layers of a net, each a small frozen value that declares it.

A layer turns the planes of units below it into planes (feature maps) of its own. These classes only hold the
declaration. The C core checks it, and counts units, connections and free parameters, in one place (``csrc/check.c``)
when a :class:`sn89.Net` is made.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np

from . import keywords
from .arguments import Checked, Fraction, Number, Truth, Whole, instance, pair, whole
from .keywords import in_our_words, names_in
from .squash import Linear, Squash

if not TYPE_CHECKING:
    __getattr__ = names_in(__name__)


Pair = tuple[int, int]
Bias = Literal["unit", "map"] | None


def _name(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a layer's name must be a string, not {value!r}")
    if value == "input":
        raise ValueError('a layer\'s name must not be "input", because the input has that name')
    if not value or not value.isprintable():
        raise ValueError(f"a layer's name must be printable, not {value!r}")
    return value


def _squash(value: object, what: str) -> Any:
    return value if value is None else instance(value, what, Squash)


def _table(value: object, what: str) -> tuple[tuple[int, ...], ...] | None:
    """One tuple of source maps per map; None for all."""
    if value is None:
        return None
    try:
        return tuple(tuple(whole(source, what) for source in row) for row in value)  # type: ignore[attr-defined]
    except TypeError:
        raise TypeError(f"{what} must be one tuple of source maps per map, not {value!r}") from None


def _bias(value: object, what: str) -> Any:
    if not isinstance(value, str | None) or value not in ("unit", "map", None):
        raise ValueError(f'{what} must be "unit", "map" or None, not {value!r}')
    return value


def _prototypes(value: object, what: str) -> np.ndarray:
    """A read-only array of float32."""
    try:
        given = np.asarray(value)
    except ValueError:  # ragged
        raise TypeError(f"{what} must be an array of shape (units, inputs)") from None
    if given.dtype.kind not in "fiu":
        raise TypeError(f"{what} must be numbers of shape (units, inputs), not {given.dtype}")
    with np.errstate(over="ignore"):
        prototypes = np.array(given, dtype=np.float32, order="C")
    if prototypes.ndim != 2:
        raise ValueError(f"{what} must have shape (units, inputs), not {prototypes.shape}")
    if not np.isfinite(prototypes).all():
        raise ValueError(f"{what} must be finite in float32")
    prototypes.flags.writeable = False
    return prototypes


Sides = Annotated[int | Pair, pair]
OwnSquash = Annotated[Squash | None, _squash]


@in_our_words(keywords.INPUT)
@dataclass(frozen=True)
class Input(Checked):
    """The input planes (SN: the *retina*).

    An image smaller than the plane is centred on the background, as LeNet-1's 16x16 digits are in their 28x28 plane.

    Parameters
    ----------
    height, width : int
        Size of the plane in units. A signal is a plane of height 1.
    background : float
        State of the units that the image does not cover.
    maps : int
        Number of planes (channels); 1 by default, for gray images.
    """

    height: Whole
    width: Whole
    background: Number = -1.0
    maps: Whole = 1


@dataclass(frozen=True)
class Layer(Checked):
    """A name and a squashing function, which every layer has; without one of its own it has the net's."""

    kind: ClassVar[str]
    name: Annotated[str, _name]

    def _what(self, field: str) -> str:
        return f'layer "{self.name}": {field}'


@in_our_words(keywords.LOCAL)
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

    Examples
    --------
    >>> import sn89
    >>> layer = sn89.Local("C1", maps=4, kernel=5, stride=2)
    >>> net = sn89.Net(sn89.Input(16, 16), layer, sn89.Full("output", 10))
    >>> net["C1"].shape  # maps, height and width: (16 - 5) // 2 + 1 = 6
    (4, 6, 6)
    """

    kind: ClassVar[str] = "local"
    maps: Whole
    kernel: Sides
    stride: Sides = 1
    pad: Sides = 0
    bias: Annotated[Bias, _bias] = "map"
    table: Annotated[Sequence[Sequence[int]] | None, _table] = None
    shared: Truth = True
    background: Number = -1.0
    squash: OwnSquash = None


@in_our_words(keywords.AVERAGE)
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
    size: Sides = 2
    squash: OwnSquash = None


@in_our_words(keywords.FULL)
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
    units: Whole
    squash: OwnSquash = None


@in_our_words(keywords.RBF)
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
    prototypes: Annotated[np.ndarray, _prototypes] = field(repr=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RBF):
            return NotImplemented
        return self.name == other.name and np.array_equal(self.prototypes, other.prototypes)

    def __hash__(self) -> int:
        return hash((self.name, self.prototypes.tobytes()))


@in_our_words(keywords.DROPOUT)
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
    rate: Fraction = 0.5


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
