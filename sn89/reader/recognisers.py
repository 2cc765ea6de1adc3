"""Nets to read mail with, and how each is trained: on digits, and on pieces of mail as the reader sees them.

Everything comes of training digits: those of USPS and of MNIST, normalised, and `practice` on pictures of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import datasets, nets, recipes
from ..arguments import whole
from ..datasets.digits import Part
from ..datasets.files import Folder
from ..datasets.hands import elsewhere
from ..datasets.mail import SETTINGS, Envelope, mail
from ..distortions import Distortion
from ..images import size_normalize
from ..net import Net
from ..rules import AdamW, LevenbergMarquardt, Rule, StochasticDiagonalLM
from ..training import train
from .form import FRAME_16, MASS_28, Form
from .practice import desired, practice
from .scanning import windows

PICTURES = 200  # of each setting and of each of the two sets of digits
FROM_MNIST = 25_000  # training digits of MNIST that nets learn from, the first ones; pictures to tune with take others
NONE = 0.33  # share of all images that may be no digits: with more, small nets know the digits less well
ELSEWHERE, PRINTED = 5000, 5000  # digits written as elsewhere in the world, and printed
NONDIGITS = 14_000  # images of letters, scribbles, textures and so on
# Of these kinds, each as often as it is named; pieces of digits come of pictures, where it is clear that they are none.
KINDS = (
    ("signs",) * 4 + ("script",) * 2 + ("scribbles",) * 3 + ("blobs",) * 3 + ("linked", "noise", "textures", "textures")
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
    """A net that reads, and its training.

    Parameters
    ----------
    title : str
        For tables.
    net : callable
        Makes the net: ``net(seed=1)``.
    form : Form
        What digits look like to it.
    rule, passes : Rule, int
        How it learns, and how often from everything.
    distortion : Distortion, optional
        What is done to each image, anew in each presentation.
    none : bool
        Whether it learns from pieces that are no digits too.
    """

    title: str
    net: Callable[..., Net]
    form: Form
    rule: Rule
    passes: int
    distortion: Distortion | None = None
    none: bool = True

    def train(self, part: Part, seed: int = 1, **options: Any) -> Net:
        """A net that has learned from these images, of its own form, with labels of which -1 is no digit."""
        images, labels = part
        kept = (labels >= 0) | self.none
        net = self.net(seed=seed)
        how = {"order": "shuffle", "distortion": self.distortion, "measure": False, "progress": False, "seed": seed}
        rows = desired(labels[kept], net.cost)
        train(net, images[kept], rows, rule=self.rule, passes=self.passes, **{**how, **options})
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
        AdamW(recipes.falling(1e-3, 3e-5, 10)),
        10,
        _HAND,
    ),
}


@dataclass(frozen=True)
class Sweep:
    """How a recogniser goes on to learn what it sees when it is swept over lines, and how sure it then must be.

    Parameters
    ----------
    recogniser : Recogniser
        What it is before.
    rule, passes : Rule, int
        How it goes on.
    sure : float
        For `scan_lines`, from 0 to 1; chosen on pictures of training digits.
    """

    recogniser: Recogniser
    rule: Rule
    passes: int
    sure: float

    def train(self, net: Net, envelopes: Iterable[Envelope], seed: int = 1, **options: Any) -> Net:
        """The net, which has learned digits, trained on: on `windows` of lines, with neighbours in sight."""
        images, labels = windows(envelopes, net, self.recogniser.form)
        how = {"order": "shuffle", "measure": False, "progress": False, "seed": seed}
        train(net, images, desired(labels, net.cost), rule=self.rule, passes=self.passes, **{**how, **options})
        return net


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
    """What a recogniser learns from: images of its form, and labels, -1 for pieces that are no digits; well mixed.

    Parameters
    ----------
    form : Form
    path : path, optional
        The only folder to look for the digits in.
    pictures : int
        Of each setting and set of digits.
    envelopes : iterable of Envelope, optional
        To practise on instead of `training_pictures`.
    progress : bool, optional
        Whether to show a progress bar; None if standard error is a terminal.
    """
    from ..notebook import progress_bar

    (X, y), (Xm, ym) = datasets.usps(path).train, datasets.mnist(28, path).train
    total = 2 * len(SETTINGS) * pictures
    shown = progress_bar(
        total if envelopes is None else None,
        progress,
        iterable=training_pictures(path, pictures) if envelopes is None else envelopes,
        unit=" pictures",
        leave=False,
    )
    found = practice(shown, form)
    parts = [found, (normalised(Xm[:FROM_MNIST], form), ym[:FROM_MNIST])]
    if form == FRAME_16:
        parts.append((X, y))
    for drawn, labels in (elsewhere(ELSEWHERE, seed=SEED), datasets.printed(PRINTED, 1, seed=SEED).train):
        parts.append((normalised(drawn, form), labels))
    none = datasets.nondigits((X, y), NONDIGITS, seed=SEED, kinds=KINDS)
    parts.append((normalised(none, form), np.full(len(none), -1)))
    images, labels = (np.concatenate(both) for both in zip(*parts, strict=True))
    order = np.argsort(np.random.PCG64(1989).random_raw(len(images)), kind="stable")
    images, labels = images[order], labels[order]
    kept = labels >= 0
    kept |= np.cumsum(~kept) <= NONE / (1 - NONE) * kept.sum()
    return images[kept], labels[kept]


def held_out_digits(form: Form = FRAME_16, path: Folder | None = None) -> Part:
    """What a confidence is calibrated on: digits that no recogniser has learned from, and a tenth of no digits.

    The digits are of MNIST's training set: by themselves, and as the reader sees them in pictures of all settings. What
    is none comes of these pictures and of `sn89.datasets.nondigits`, with letters in typefaces that are held out.
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
    return np.stack([form(_framed((image + 1) / 2)) for image in np.asarray(X, np.float32)])


def _framed(ink: np.ndarray) -> np.ndarray:
    """The ink without the paper around it."""
    strong = ink > 0.25 * ink.max()
    rows, columns = np.flatnonzero(strong.any(axis=1)), np.flatnonzero(strong.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
