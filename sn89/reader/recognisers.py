"""Nets to read mail with, and how each is trained: on digits, and on pieces of mail as the reader sees them.

Everything comes of training digits: those of USPS and of MNIST, normalised, and `practice` on pictures of them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import datasets, nets, recipes
from ..arguments import whole
from ..datasets.digits import Part
from ..datasets.files import Folder
from ..datasets.mail import SETTINGS, Envelope, mail
from ..datasets.synthetic import elsewhere
from ..distortions import Distortion
from ..images import size_normalize, within_frame
from ..net import Net
from ..rules import AdamW, LevenbergMarquardt, Rule, StochasticDiagonalLM
from ..training import train
from .form import FRAME_16, MASS_28, Form
from .practice import desired, practice
from .scanning import windows

PICTURES = 200  # of each setting and of each of the two sets of digits
FROM_MNIST = 25_000  # training digits of MNIST that nets learn from, the first ones; pictures to tune with take others
NONE = 0.40  # share of all images that may be no digits: with more, small nets know the digits less well
ELSEWHERE, PRINTED = 5000, 5000  # digits written as elsewhere in the world, and printed
NONDIGITS = 24_000  # images of letters, scribbles, textures and so on
# Of these kinds, each as often as it is named; pieces of digits come of pictures, where it is clear that they are none.
KINDS = (
    *(("signs",) * 5 + ("script",) * 2 + ("scribbles",) * 5 + ("streaks",) * 8 + ("blobs",) * 3),
    *("linked", "noise", "textures", "textures"),
)
HELD_OUT = 5000  # training digits of MNIST, the last ones, that no recogniser learns from: to calibrate on
HELD_OUT_PICTURES = 30  # of each setting, of these digits
HELD_OUT_NONE = 0.1  # share of no digits among what a confidence is calibrated on
SEED = 101  # of the pictures
CALIBRATED_ON = (
    "5,000 training digits of MNIST that were not learned from, by themselves and in pictures of all settings; one "
    "tenth of all are no digits"
)


@dataclass(frozen=True)
class Recogniser:
    """A net that reads, and its training, as in `sn89.recipes.Recipe`.

    ``form`` says how digits are normalised for it, ``none`` whether it also learns from images that show no digit.
    """

    title: str
    net: Callable[..., Net]
    form: Form
    rule: Rule
    passes: int
    distortion: Distortion | None = None
    none: bool = True

    def train(self, part: Part, seed: int = 1, **options: Any) -> Net:
        """Train a net on images of its form, whose labels are -1 where there is no digit."""
        images, labels = part
        kept = (labels >= 0) | self.none
        how = {"distortion": self.distortion, **options}
        return _trained(self.net(seed=seed), images[kept], labels[kept], self.rule, self.passes, seed, how)


def _trained(net: Net, X: Any, y: Any, rule: Rule, passes: int, seed: int, options: dict[str, Any]) -> Net:
    how = {"order": "shuffle", "measure": False, "progress": False, **options}
    train(net, X, desired(y, net.cost), rule=rule, passes=passes, seed=seed, **how)
    return net


_HAND = Distortion(shift=1, scale=0.1, squeeze=0.1, slant=0.2, rotation=10)

#: By the names that the example and the tables have for them.
RECOGNISERS = {
    "zip": Recogniser("zip-code net", nets.zip_code, FRAME_16, LevenbergMarquardt(), 23),
    "lenet1": Recogniser("LeNet-1", nets.lenet1, FRAME_16, LevenbergMarquardt(), 23),
    "lenet5": Recogniser("LeNet-5", nets.lenet5, MASS_28, StochasticDiagonalLM(), 20, none=False),
    "planes": Recogniser(
        "four layers of planes",
        recipes.four_of_planes,
        FRAME_16,
        AdamW(recipes.falling(1e-3, 3e-5, 20)),
        20,
        _HAND,
    ),
}


@dataclass(frozen=True)
class Sweep:
    """How a recogniser goes on to learn the windows that it sees when it is swept over lines.

    ``sure`` is how sure `scan_lines` must then be of a digit, from 0 to 1, chosen on pictures of training digits.
    """

    recogniser: Recogniser
    rule: Rule
    passes: int
    sure: float

    def train(self, net: Net, envelopes: Iterable[Envelope], seed: int = 1, **options: Any) -> Net:
        """Train the net on `windows` of lines, in which a digit has its neighbours beside it."""
        images, labels = windows(envelopes, net, self.recogniser.form)
        return _trained(net, images, labels, self.rule, self.passes, seed, options)


#: Those that can be replicated.
SWEEPS = {
    "lenet1": Sweep(RECOGNISERS["lenet1"], LevenbergMarquardt(), 12, 0.6),
    "lenet5": Sweep(RECOGNISERS["lenet5"], StochasticDiagonalLM(recipes.falling(2e-4, 1e-5, 8)), 8, 0.5),
}


def training_pictures(path: Folder | None = None, pictures: int = PICTURES, seed: int = SEED) -> Iterator[Envelope]:
    """Pictures of training digits, as many of each setting, of USPS and of MNIST."""
    pictures = whole(pictures, "pictures", least=1)
    (X, y), (Xm, ym) = datasets.usps(path).train, datasets.mnist(28, path).train
    for part in ((X, y), (Xm[:FROM_MNIST], ym[:FROM_MNIST])):
        for setting in SETTINGS.values():
            yield from mail(part, pictures, setting, seed=seed)


def training_digits(
    form: Form = FRAME_16,
    path: Folder | None = None,
    pictures: int = PICTURES,
    envelopes: Any = None,
    progress: bool | None = False,
) -> Part:
    """All that a recogniser learns from, well mixed: images of its form, and labels, which are -1 for no digit.

    The pictures to practise on are so many of each setting and set of digits, or `envelopes`. With `progress` None, a
    bar is shown if standard error is a terminal.
    """
    from ..notebook import progress_bar

    (X, y), (Xm, ym) = datasets.usps(path).train, datasets.mnist(28, path).train
    total = 2 * len(SETTINGS) * pictures if envelopes is None else None
    envelopes = training_pictures(path, pictures) if envelopes is None else envelopes
    found = practice(progress_bar(total, progress, iterable=envelopes, unit=" pictures", leave=False), form)
    none = datasets.nondigits((X, y), NONDIGITS, seed=SEED, kinds=KINDS), np.full(NONDIGITS, -1)
    drawn = elsewhere(ELSEWHERE, seed=SEED), datasets.printed(PRINTED, 1, seed=SEED).train
    sets = (Xm[:FROM_MNIST], ym[:FROM_MNIST]), *([(X, y)] if form == FRAME_16 else []), *drawn, none
    parts = [found, *((normalised(some, form), labels) for some, labels in sets)]
    images, labels = (np.concatenate(both) for both in zip(*parts, strict=True))
    order = np.argsort(np.random.PCG64(1989).random_raw(len(images)), kind="stable")
    images, labels = images[order], labels[order]
    kept = labels >= 0
    kept |= np.cumsum(~kept) <= NONE / (1 - NONE) * kept.sum()
    return images[kept], labels[kept]


def held_out_digits(form: Form = FRAME_16, path: Folder | None = None) -> Part:
    """Images to calibrate a confidence on: digits that no recogniser has learned from, and a tenth that is no digit.

    The digits are of MNIST's training set, by themselves and as the reader finds them in pictures of all settings. The
    rest comes of these pictures and of `sn89.datasets.nondigits`, with letters in typefaces that are held out.
    """
    X, y = datasets.mnist(28, path).train
    part = X[-HELD_OUT:], y[-HELD_OUT:]
    pictures = (one for each in SETTINGS.values() for one in mail(part, HELD_OUT_PICTURES, each, seed=SEED + 1))
    images, labels = practice(pictures, form)
    alone, digits = normalised(part[0], form), labels >= 0
    count = int(HELD_OUT_NONE / (1 - HELD_OUT_NONE) * (len(alone) + digits.sum()) / 2)
    made = normalised(datasets.nondigits(part, count, seed=SEED + 2, held_out=True), form)
    none = np.concatenate([images[~digits][:count], made])
    return (
        np.concatenate([alone, images[digits], none]),
        np.concatenate([part[1], labels[digits], np.full(len(none), -1)]),
    )


def normalised(X: np.ndarray, form: Form) -> np.ndarray:
    """Images of a data set, -1 for paper and 1 for ink, in the form that a net wants: float32 (n, size, size)."""
    if form == FRAME_16:
        return X if X.shape[1:] == (16, 16) else np.stack([size_normalize(image, ink="light") for image in X])
    ink = (np.asarray(X, np.float32) + 1) / 2
    return np.stack([form(within_frame(one)) for one in ink])
