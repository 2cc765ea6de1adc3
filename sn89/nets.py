"""The papers' nets, each a function that reads like the paper's table.

Every function passes its keywords (``seed``, ``start``, ``cost``, ``squash``, ``name``) on to :class:`sn89.Net`.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .costs import RBFDiscriminative, SoftmaxCrossEntropy
from .docstrings import with_end
from .keywords import names_in
from .layers import RBF, Average, Full, Input, Local
from .net import Net
from .squash import Linear
from .starts import BySqrtFanIn

if not TYPE_CHECKING:
    __getattr__ = names_in(__name__)


Table = Sequence[Sequence[int]]
Make = TypeVar("Make", bound=Callable[..., Net])
_OPTIONS = """**options
    Keywords of `sn89.Net`: ``seed``, ``start``, ``cost``, ``squash``, ``name``.

Returns
-------
Net"""


def _takes_options(make: Make) -> Make:
    """Add to a docstring what all these functions share: their options, and that they return a net."""
    if make.__doc__:  # python -OO removes it
        make.__doc__ = with_end(make.__doc__, _OPTIONS)
    return make


#: The 8 of the 12 H1 maps that each H2 map of the zip-code net sees. The paper does not print its scheme ("will not be
#: described here"); this is the one of the best-known reproduction.
EIGHT_OF_TWELVE = (
    *[(0, 1, 2, 3, 4, 5, 6, 7)] * 4,
    *[(4, 5, 6, 7, 8, 9, 10, 11)] * 4,
    *[(0, 1, 2, 3, 8, 9, 10, 11)] * 4,
)

#: Table 1 of the NIPS paper: the H2 maps that each H3 map of LeNet-1 sees.
LENET1_TABLE = ((0,), (0, 1), (0, 1), (1,), (0, 1), (0, 1), (2,), (2, 3), (2, 3), (3,), (2, 3), (2, 3))

#: Table I of the 1998 paper: the S2 maps that each C3 map of LeNet-5 sees.
LENET5_TABLE = (
    *[(0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)],
    *[(0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)],
    *[(0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)],
    (0, 1, 2, 3, 4, 5),
)

#: The digits as 7x12 bitmaps, drawn for this package in the manner of figure 3 of the 1998 paper. The outputs of
#: LeNet-5 are the distances of F6 from them.
_BITMAPS = """
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
..###..  ...#...  .#####.  .#####.  ....##.  #######  ..####.  #######  .#####.  .#####.
.#...#.  ..##...  #.....#  #.....#  ...#.#.  #......  .#.....  ......#  #.....#  #.....#
#.....#  .#.#...  ......#  ......#  ..#..#.  #......  #......  .....#.  #.....#  #.....#
#.....#  ...#...  ......#  ......#  ..#..#.  #......  #......  .....#.  #.....#  #.....#
#.....#  ...#...  .....#.  ..####.  .#...#.  ######.  #.####.  ....#..  .#####.  #.....#
#.....#  ...#...  ....#..  ......#  .#...#.  ......#  ##....#  ....#..  #.....#  .######
#.....#  ...#...  ...#...  ......#  #....#.  ......#  #.....#  ...#...  #.....#  ......#
#.....#  ...#...  ..#....  ......#  #######  ......#  #.....#  ...#...  #.....#  ......#
.#...#.  ...#...  .#.....  #.....#  .....#.  #.....#  #.....#  ..#....  #.....#  .....#.
..###..  .#####.  #######  .#####.  .....#.  .#####.  .#####.  ..#....  .#####.  .####..
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
"""


def digit_bitmaps() -> np.ndarray:
    """The ten digits as 7x12 bitmaps, +1 for ink and -1 for paper.

    Returns
    -------
    ndarray of float32, shape (10, 12, 7)
    """
    rows = [line.split() for line in _BITMAPS.split("\n") if line]
    bitmaps = [[[+1 if dot == "#" else -1 for dot in row[digit]] for row in rows] for digit in range(10)]
    return np.array(bitmaps, np.float32)


@_takes_options
def zip_code(table: Table | None = EIGHT_OF_TWELVE, **options: Any) -> Net:
    """The zip-code net: LeCun et al., Neural Computation 1(4), 541-551, 1989.

    Parameters
    ----------
    table : sequence of sequences of int, optional
        For each of the twelve maps of H2 the maps of H1 that it sees; None means all of them.

    Examples
    --------
    >>> import sn89
    >>> sn89.nets.zip_code()
    <zip-code net (1989): 1,256 units, 64,660 connections, 9,760 free parameters>
    """
    return Net(
        Input(16, 16),
        Local("H1", maps=12, kernel=5, stride=2, pad=2, bias="unit"),
        Local("H2", maps=12, kernel=5, stride=2, pad=2, bias="unit", table=table),
        Full("H3", 30),
        Full("output", 10),
        **{"name": "zip-code net (1989)", **options},
    )


@_takes_options
def fully_connected(hidden: int = 40, **options: Any) -> Net:
    """The net with one hidden layer that the zip-code net is compared with, in the same paper.

    Parameters
    ----------
    hidden : int
        Number of hidden units.

    Examples
    --------
    >>> import sn89
    >>> sn89.nets.fully_connected()
    <fully connected, 40 hidden units: 306 units, 10,690 connections, 10,690 free parameters>
    """
    return Net(
        Input(16, 16),
        Full("H1", hidden),
        Full("output", 10),
        **{"name": f"fully connected, {hidden} hidden units", **options},
    )


@_takes_options
def lenet1(**options: Any) -> Net:
    """LeNet-1: LeCun et al., NIPS 2, 396-404, 1989, which counts the bias unit too.

    A 16x16 image lies in the centre of the 28x28 input, so that no field meets an edge.

    Examples
    --------
    >>> import sn89
    >>> sn89.nets.lenet1()
    <LeNet-1 (1989): 4,634 units, 98,442 connections, 2,578 free parameters>
    """
    net = Net(
        Input(28, 28),
        Local("H1", maps=4, kernel=5),
        Average("H2", 2),
        Local("H3", maps=12, kernel=5, table=LENET1_TABLE),
        Average("H4", 2),
        Full("output", 10),
        **{"name": "LeNet-1 (1989)", **options},
    )
    net.image_shape = (16, 16)
    return net


@_takes_options
def lenet1_softmax(**options: Any) -> Net:
    """LeNet-1 as tutorials build it: padded 16x16 input, all maps to all, a hidden layer, softmax and cross-entropy."""
    return Net(
        Input(16, 16),
        Local("H1", maps=4, kernel=5, pad=2),
        Average("H2", 2),
        Local("H3", maps=12, kernel=5),
        Average("H4", 2),
        Full("H5", 30),
        Full("output", 10, squash=Linear()),
        **{"cost": SoftmaxCrossEntropy(), "name": "LeNet-1, softmax", **options},
    )


@_takes_options
def lenet5(**options: Any) -> Net:
    """LeNet-5, for ``datasets.mnist(size=32)``: LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86(11), 2278-2324, 1998.

    The start is ±1.5/√F, where the paper prints 2.4/F. From 2.4/F all states are nearly 0 when the 1998 rule first
    measures the curvature, so its rates are 0.025 nearly everywhere, and the net diverges in its first pass. From 1/√F
    half of the seeds still diverge in the second pass; from 1.25/√F and above none of those tried does.

    Examples
    --------
    >>> import sn89
    >>> sn89.nets.lenet5()
    <LeNet-5 (1998): 9,118 units, 340,908 connections, 60,000 free parameters>
    """
    return Net(
        Input(32, 32, background=-0.1),
        Local("C1", maps=6, kernel=5),
        Average("S2", 2),
        Local("C3", maps=16, kernel=5, table=LENET5_TABLE),
        Average("S4", 2),
        Local("C5", maps=120, kernel=5),
        Full("F6", 84),
        RBF("output", digit_bitmaps().reshape(10, 84)),
        **{"cost": RBFDiscriminative(), "start": BySqrtFanIn(1.5), "name": "LeNet-5 (1998)", **options},
    )
