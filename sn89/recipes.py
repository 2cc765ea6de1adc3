"""Recipes: what was trained on what, by which rule, how often: everything that a reproduction needs, as small values.

A recipe is carried out by its `train`; ``sn89.reproduce`` prints what comes out beside what the papers print.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from . import datasets, nets
from .arguments import instance, whole
from .costs import SoftmaxCrossEntropy
from .datasets.digits import Digits, Part
from .datasets.files import Folder
from .distortions import Distortion
from .layers import Dropout, Full, Input, Local
from .net import Net
from .rules import LENET5_RATES, SGD, AdamW, LevenbergMarquardt, Rule, StochasticDiagonalLM
from .squash import Linear, ReLU, ScaledTanh, Squash, Tanh
from .starts import BySqrtFanIn
from .training import History, Order, check_order, train


@dataclass(frozen=True)
class Recipe:
    """A training, declared.

    Parameters
    ----------
    title : str
        For tables.
    net : callable
        Makes the net: ``net(seed=1)``.
    digits : callable
        Finds the digits: ``digits(path=None)``, or a folder.
    rule : Rule
        The learning rule, with a rate for each pass where it decays.
    passes : int
        How often the training set is presented.
    order : {"given", "shuffle"}
        In which order.
    distortion : Distortion, optional
        What is done to each image, anew in each presentation.
    """

    title: str
    net: Callable[..., Net]
    digits: Callable[..., Digits]
    rule: Rule
    passes: int
    order: Order = "given"
    distortion: Distortion | None = None

    def __post_init__(self) -> None:
        """What cannot be is said when it is declared, not in the middle of a sweep."""
        instance(self.rule, Rule, "rule")
        whole(self.passes, "passes", least=1)
        check_order(self.order)

    def train(self, part: Part, seed: int = 1, **options: Any) -> tuple[Net, History]:
        """A new net, trained on a part of the digits.

        Parameters
        ----------
        part : (X, y)
            Images and labels.
        seed : int
            Of the start, and of all that is random in training.
        **options
            Keywords of `sn89.train`, in place of the recipe's own.

        Returns
        -------
        Net, History
        """
        net = self.net(seed=seed)
        how = {"rule": self.rule, "passes": self.passes, "order": self.order, "distortion": self.distortion}
        how |= {"measure": False, "progress": False, "seed": seed}
        return net, train(net, *part, **{**how, **options})


# ---- Digits -----------------------------------------------------------------------------------------------------


def handwritten_and_printed(path: Folder | None = None) -> Digits:
    """The set of the NIPS paper: USPS, and printed digits, those of the test set in other faces.

    See `join`.

    Parameters
    ----------
    path : str or path-like, optional
        The only folder to look for USPS in.

    Returns
    -------
    Digits
    """
    return join(datasets.usps(path), datasets.printed())


def join(written: Digits, printed: Digits) -> Digits:
    """Both as one set.

    The training digits are mixed, once and for all, for their order is constant and the printed ones should not all
    come last. In the test set they do.

    Parameters
    ----------
    written, printed : Digits

    Returns
    -------
    Digits
    """
    (X, y), test = map(_joined, written, printed)
    order = np.argsort(np.random.PCG64(1989).random_raw(len(X)), kind="stable")
    return Digits("USPS and printed digits", (X[order], y[order]), test, source="USPS; matplotlib's fonts")


def _joined(one: Part, other: Part) -> Part:
    """The patterns of both, one after the other."""
    return np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])


def some_of_mnist(
    path: Folder | None = None,
    *,
    train: int = 7291,
    test: int = 2007,
    drawn: bool = True,
    first: Literal["test", "train"] = "test",
) -> Digits:
    """As many digits as there are in USPS, 16x16, of MNIST.

    Parameters
    ----------
    path : str or path-like, optional
        The only folder to look for MNIST in.
    train, test : int
        How many.
    drawn : bool
        Drawn as in 2022, or else the first ones as in 2026.
    first : {"test", "train"}
        Which are drawn first, of one generator. The script of 2022 walks a set of both names, whose order changes from
        one process to the next: of its printed run they were those of the test, and others who ran it report errors
        that go with the other order.

    Returns
    -------
    Digits
    """
    digits, random = datasets.mnist(16, path), np.random.RandomState(1337)
    if not isinstance(first, str) or first not in ("test", "train"):
        raise ValueError(f'first must be "test" or "train", not {first!r}')

    def some(part: Part, count: int) -> Part:
        which = (random.permutation(len(part[0])) if drawn else np.arange(len(part[0])))[:count]
        return part[0][which], part[1][which]

    counts = whole(train, "train", least=1, most=60000), whole(test, "test", least=1, most=10000)
    pairs = list(zip(digits, counts, strict=True))
    parts = [some(*one) for one in (pairs if first == "train" else pairs[::-1])]
    parts = parts if first == "train" else parts[::-1]
    name = f"{train:,} + {test:,} {'drawn from MNIST' if drawn else 'first ones of MNIST'}, 16x16"
    return Digits(name, parts[0], parts[1], source=digits.source)


# ---- The papers ---------------------------------------------------------------------------------------------------

#: The zip-code net (Neural Computation 1(4), 1989).
ZIP_1989 = Recipe("zip-code net", nets.zip_code, datasets.usps, LevenbergMarquardt(), 23)
#: The fully connected net that it is compared with.
FULL_1989 = Recipe("fully connected, 40 units", nets.fully_connected, datasets.usps, LevenbergMarquardt(), 23)

#: LeNet-1 on handwritten and printed digits (NIPS 2, 1989).
LENET1_1989 = Recipe("LeNet-1", nets.lenet1, handwritten_and_printed, LevenbergMarquardt(), 30)

#: LeNet-1 on USPS alone, to set beside `TUTORIAL`.
LENET1_USPS = Recipe("LeNet-1", nets.lenet1, datasets.usps, LevenbergMarquardt(), 30)
#: LeNet-1 as tutorials build it, on the same digits by the same rule.
TUTORIAL = Recipe("LeNet-1, softmax", nets.lenet1_softmax, datasets.usps, LevenbergMarquardt(), 30)
#: The same by plain gradient.
TUTORIAL_GRADIENT = Recipe("LeNet-1, softmax, plain gradient", nets.lenet1_softmax, datasets.usps, SGD(0.01), 30)

#: How many times longer each rate of `LENET5_DISTORTED` lasts than those of `LENET5`.
LONGER = 3
#: LeNet-5 on MNIST (Proc. IEEE 86(11), 1998). The digits are shuffled in each pass: MNIST's are in an order of writers.
LENET5 = Recipe("LeNet-5", nets.lenet5, partial(datasets.mnist, size=32), StochasticDiagonalLM(), 20, "shuffle")
#: The same on distorted digits, for more passes.
LENET5_DISTORTED = Recipe(
    "LeNet-5, distorted digits",
    nets.lenet5,
    partial(datasets.mnist, size=32),
    StochasticDiagonalLM(tuple(np.repeat(LENET5_RATES, LONGER).tolist())),
    LONGER * 20,
    "shuffle",
    Distortion(shift=1, scale=0.08, squeeze=0.05, slant=0.12, rotation=6),
)


# ---- The reproductions of 2022 and 2026 ------------------------------------------------------------------------------


def _without_biases(net: Net) -> Net:
    """The net with every bias at 0."""
    for layer in net:
        if layer.bias is not None:
            layer.bias[...] = 0
    return net


def zip_code_2022(**options: Any) -> Net:
    """The zip-code net of the reproductions: plain tanh, +-2.4/sqrt(F), biases 0, but -1 for the outputs.

    Parameters
    ----------
    **options
        Keywords of `sn89.Net`.

    Returns
    -------
    Net
    """
    net = _without_biases(nets.zip_code(squash=Tanh(), start=BySqrtFanIn(2.4), name="zip-code net (2022)", **options))
    net.arrays()["output.bias"][...] = -1
    return net


def zip_code_1337(seed: int = 1, **options: Any) -> Net:
    """The same net with the start of the printed run: PyTorch's generator with its seed 1337.

    What comes of the run hangs on roundings: a start that is off by one in the last place of some weights ends some
    digits elsewhere. So each seed but 1 rounds some weights up or down.

    Parameters
    ----------
    seed : int
        1: the very start. Others: some weights times 1 + 1e-7 or 1 - 1e-7.
    **options
        Keywords of `sn89.Net`.

    Returns
    -------
    Net
    """
    net, random = zip_code_2022(seed=seed, **options), np.random.RandomState(1337)
    arrays = net.arrays()
    for name, fan_in in (("H1", 25), ("H2", 200), ("H3", 192), ("output", 30)):  # in the order in which they were drawn
        weights = arrays[f"{name}.weights"]
        flat = weights.ndim == 2  # PyTorch's are (inputs, units) there
        drawn = (_torch_rand(random, weights.size) - np.float32(0.5)) * np.float32(2 * 2.4) / np.float32(fan_in**0.5)
        weights[...] = drawn.reshape(weights.shape[::-1]).T if flat else drawn.reshape(weights.shape)
    if seed != 1:
        off = np.random.RandomState(seed).choice([-1e-7, 0, 1e-7], net.parameters.size)
        net.parameters[:] *= (1 + off).astype(np.float32)
    return net


def _torch_rand(random: np.random.RandomState, count: int) -> np.ndarray:
    """What ``torch.rand`` gives on a processor: of each 32 bits of the same generator as NumPy's the lower 24."""
    bits = random.randint(0, 2**32, count, dtype=np.uint32) & np.uint32(2**24 - 1)
    return bits.astype(np.float32) * np.float32(2.0**-24)


def zip_code_softmax(squash: Squash = Tanh(), dropout: float | None = None, **options: Any) -> Net:
    """The same net with softmax and cross-entropy, and, with the modern steps, dropout of what H3 sees.

    Parameters
    ----------
    squash : Squash
        Of the hidden layers.
    dropout : float, optional
        Its rate; none by default.
    **options
        Keywords of `sn89.Net`.

    Returns
    -------
    Net
    """
    net = Net(
        Input(16, 16),
        Local("H1", maps=12, kernel=5, stride=2, pad=2, bias="unit"),
        Local("H2", maps=12, kernel=5, stride=2, pad=2, bias="unit", table=nets.EIGHT_OF_TWELVE),
        *([] if dropout is None else [Dropout("dropout", dropout)]),
        Full("H3", 30),
        Full("output", 10, squash=Linear()),
        squash=squash,
        cost=SoftmaxCrossEntropy(),
        start=BySqrtFanIn(2.4),
        name="zip-code net, softmax",
        **options,
    )
    return _without_biases(net)


def decaying(passes: int) -> AdamW:
    """AdamW with a rate that falls evenly from 3e-4 to 1e-4.

    Parameters
    ----------
    passes : int
        How many there are.

    Returns
    -------
    AdamW
    """
    return AdamW(tuple(np.linspace(3e-4, 1e-4, passes).tolist()))


_ONE_PIXEL = Distortion(shift=1, whole=True)

#: Each of the modern steps keeps the ones before it. The first one's rate of 0.03 is for the mean over ten outputs of
#: the squared error, a fifth of which is one for the half of their sum.
STEPS_2022 = (
    Recipe("as in 1989, by plain gradient", zip_code_2022, some_of_mnist, SGD(0.03 / 5), 23),
    Recipe("softmax and cross-entropy", zip_code_softmax, some_of_mnist, SGD(0.01), 23),
    Recipe("AdamW, twice the passes", zip_code_softmax, some_of_mnist, decaying(46), 46),
    Recipe(
        "shifts of one pixel",
        zip_code_softmax,
        some_of_mnist,
        decaying(60),
        60,
        distortion=_ONE_PIXEL,
    ),
    Recipe(
        "dropout and ReLU",
        partial(zip_code_softmax, ReLU(), 0.25),
        some_of_mnist,
        decaying(80),
        80,
        distortion=_ONE_PIXEL,
    ),
)

#: The run that was printed in 2022.
PRINTED_2022 = Recipe("the printed run", zip_code_1337, some_of_mnist, SGD(0.03 / 5), 23)
#: The same with the digits that its script draws in the other order.
OTHER_2022 = Recipe(
    "the same script, training digits drawn first",
    zip_code_1337,
    partial(some_of_mnist, first="train"),
    SGD(0.03 / 5),
    23,
)

#: What the reproduction of 2026 trained.
FIRST_2026 = Recipe("the first images of MNIST", zip_code_2022, partial(some_of_mnist, drawn=False), SGD(0.03 / 5), 23)


# ---- The best that planes can do ---------------------------------------------------------------------------------


_TODAY = {"squash": ReLU(), "cost": SoftmaxCrossEntropy(), "start": BySqrtFanIn(2.0)}


def four_of_planes(
    maps: int = 16, hidden: int = 64, kernel: int = 3, dropout: float | None = None, **options: Any
) -> Net:
    """Four layers of small kernels, of which the second and the fourth halve the planes, and two dense ones.

    Parameters
    ----------
    maps : int
        Of the first two layers of kernels; the other two have twice as many.
    hidden : int
        Units of the first dense layer.
    kernel : int
        Of the first and the third layer; the others have 3.
    dropout : float, optional
        Rate for what the first dense layer sees; none by default.
    **options
        Keywords of `sn89.Net`.

    Returns
    -------
    Net
    """
    thinned = [] if dropout is None else [Dropout("dropout", dropout)]
    return Net(
        Input(16, 16),
        Local("C1", maps=maps, kernel=kernel, pad=kernel // 2),
        Local("C2", maps=maps, kernel=3, stride=2, pad=1),
        Local("C3", maps=2 * maps, kernel=kernel, pad=kernel // 2),
        Local("C4", maps=2 * maps, kernel=3, stride=2, pad=1),
        *thinned,
        Full("F5", hidden),
        Full("output", 10, squash=Linear()),
        **{"name": f"four layers of planes, {maps} and {2 * maps} maps", **_TODAY, **options},
    )


def like_zip_code(maps: int = 16, hidden: int = 64, **options: Any) -> Net:
    """The zip-code net with more maps, all connected, and with today's units and cost.

    Parameters
    ----------
    maps : int
        Of H1; H2 has twice as many.
    hidden : int
        Units of H3.
    **options
        Keywords of `sn89.Net`.

    Returns
    -------
    Net
    """
    return Net(
        Input(16, 16),
        Local("H1", maps=maps, kernel=5, stride=2, pad=2),
        Local("H2", maps=2 * maps, kernel=5, stride=2, pad=2),
        Full("H3", hidden),
        Full("output", 10, squash=Linear()),
        **{"name": f"like the zip-code net, {maps} and {2 * maps} maps", **_TODAY, **options},
    )


def falling(first: float, last: float, passes: int) -> tuple[float, ...]:
    """A rate for each pass, each the same share of the one before.

    Parameters
    ----------
    first, last : float
    passes : int

    Returns
    -------
    tuple of float
    """
    return tuple(np.geomspace(first, last, passes).tolist())


_HAND = Distortion(shift=1, scale=0.1, squeeze=0.1, slant=0.2, rotation=10)
_DISTORTED: dict[str, Any] = {"digits": datasets.usps, "order": "shuffle", "distortion": _HAND}
_ADAMW: dict[str, Any] = {"rule": AdamW(falling(1e-3, 3e-5, 60)), "passes": 60, **_DISTORTED}

#: Recipes among which the best net for USPS is chosen, on held-out training digits.
CANDIDATES = (
    Recipe(
        "zip-code net, distorted digits",
        nets.zip_code,
        rule=LevenbergMarquardt(falling(5e-4, 5e-5, 40)),
        passes=40,
        **_DISTORTED,
    ),
    Recipe("like the zip-code net, 16 and 32 maps", like_zip_code, **_ADAMW),
    Recipe("four layers of planes, tanh", partial(four_of_planes, squash=ScaledTanh()), **_ADAMW),
    Recipe("four layers of planes", four_of_planes, **_ADAMW),
    Recipe("four layers of planes, dropout", partial(four_of_planes, dropout=0.1), **_ADAMW),
    Recipe("four layers of planes, wider kernels", partial(four_of_planes, kernel=5), **_ADAMW),
)
