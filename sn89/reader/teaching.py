"""Teaching a recogniser your own mail, from pictures and the strings that are written in them.

Each string is aligned with its picture: of all ways to group the pieces, the one is taken that the net finds most like
the string. The net then learns the digits with their labels and all other groups as no digit, together with digits that
it knows already, so that it does not forget. Held-out pictures measure it before and after, and calibrate it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import datasets
from ..aliases import Floats
from ..arguments import real, whole
from ..confidence import calibrate, usual
from ..costs import HalfSquaredError, RBFDiscriminative
from ..counted import counted
from ..datasets.digits import DataNotFoundError, Part
from ..datasets.files import Folder
from ..datasets.mail import Envelope, Place
from ..distortions import Distortion
from ..measure import edits
from ..net import Net
from ..pictures import load
from ..recipes import falling
from ..rules import AdamW, LevenbergMarquardt, Rule, StochasticDiagonalLM
from ..training import train
from .answering import read
from .counting import spelling
from .form import Form, checked
from .lattice import Clock, Lattice, tries
from .pieces import Piece
from .practice import desired, practice
from .recognisers import KINDS, SEED, normalised, training_pictures
from .segment import Group
from .truth import Written

__all__ = ["Score", "Taught", "aligned", "teach"]


HELD_OUT = 0.2  # share of the pictures
PASSES = 12  # over the pieces of mail and all that is presented with them:
KNOWN = 5000  # digits that the recogniser knows, half of them of USPS
KNOWN_PICTURES = 20  # pieces of so many pictures of each kind that it has learned from
KNOWN_NONE = 3500  # images that show no digit: about the share of them that recognisers learn from
MOST_OFTEN = 3  # times that the pieces of mail are presented in a pass, at most
LEAST = 20  # digits of held-out pictures that it takes to calibrate a confidence
HAND = Distortion(shift=1, scale=0.1, squeeze=0.1, slant=0.2, rotation=10)


@dataclass
class Score:
    """How well pictures are read.

    Attributes
    ----------
    pictures, whole : int
        Number of pictures, and of those that are read without a mistake.
    digits, wrong : int
        Number of digits in them, and of those that have to be changed, inserted or deleted to correct the reading.
    """

    pictures: int = 0
    whole: int = 0
    digits: int = 0
    wrong: int = 0

    @property
    def tells(self) -> bool:
        """Whether there are enough digits for shares to mean something."""
        return self.digits >= LEAST

    def __str__(self) -> str:
        strings = f"{self.whole} of {counted(self.pictures, 'string')} whole"
        mistakes = "digits wrong, missing or too many"
        if not self.tells:
            return f"{strings}, {self.wrong} {mistakes}, of {self.digits}: too few to tell how well it reads"
        share, rate = self.whole / max(1, self.pictures), self.wrong / self.digits
        return f"{strings} ({100 * share:.1f} %), {100 * rate:.1f} {mistakes} in 100"


@dataclass(eq=False)
class Taught:
    """The result of teaching.

    Attributes
    ----------
    net : Net
        The net that was taught.
    learned, pieces : int
        Number of pictures that it has learned from, and of pieces in them.
    held_out, not_aligned : list of str
        Pictures that it has not learned from, because they were held out or their string was not found in them.
    before, after, accepted : Score
        How the held-out pictures are read before teaching, after it, and after it if a picture counts only where no
        digit is rejected.
    known : bool
        Whether digits of USPS and MNIST were learned along.
    calibrated : bool
        Whether the held-out pictures had enough digits to calibrate the confidence. If not, the net keeps the
        confidence and the threshold of rejection that it had.
    """

    net: Net
    learned: int
    pieces: int
    held_out: list[str]
    not_aligned: list[str]
    before: Score = field(default_factory=Score)
    after: Score = field(default_factory=Score)
    accepted: Score = field(default_factory=Score)
    known: bool = True
    calibrated: bool = True

    @property
    def reject(self) -> float:
        """The confidence below which the net rejects a digit."""
        return (self.net.confidence or usual(self.net.cost)).reject

    def lines(self) -> list[str]:
        """The result in sentences.

        Returns
        -------
        list of str
        """
        told = [
            f"learned from {counted(self.learned, 'picture')}: {counted(self.pieces, 'digit')}, and marks that are none"
        ]
        if self.not_aligned:
            told.append(f"{len(self.not_aligned)} could not be aligned, such as {self.not_aligned[0]}")
        stays = f"the threshold of rejection stays as it was, at a confidence of {self.reject:g}"
        if not self.held_out:
            return [*told, f"no picture was held out: it is not known how well it reads, and {stays}"]
        told += [f"held-out pictures, before: {self.before}", f"held-out pictures, after:  {self.after}"]
        if self.after.tells and self.after.wrong > self.before.wrong:
            told.append("they are read worse than before: go on with the net that you had, or with more pictures")
        if not self.calibrated:
            return [*told, f"fewer than {LEAST} digits were found in them to calibrate the confidence: {stays}"]
        accepted = self.accepted
        return [
            *told,
            f"with digits rejected below a confidence of {self.reject:g}: {accepted.whole} of the {accepted.pictures} "
            "strings whole in which no digit is rejected",
        ]

    def plain(self) -> dict[str, Any]:
        """The result without the net, in plain values for JSON.

        Returns
        -------
        dict
        """
        return {
            "pictures_learned_from": self.learned,
            **{name: getattr(self, name) for name in ("pieces", "held_out", "not_aligned", "reject", "calibrated")},
            **{name: vars(getattr(self, name)) for name in ("before", "after", "accepted")},
        }


def teach(
    net: Net,
    written: Sequence[Written],
    *,
    form: Form | None = None,
    held_out: float = HELD_OUT,
    passes: int = PASSES,
    seed: int = 1,
    data: Folder | None = None,
    progress: bool | None = None,
    tell: Callable[[str], None] = lambda words: None,
) -> Taught:
    """Teach a recogniser your own mail.

    Parameters
    ----------
    net : Net
        The recogniser, such as `recogniser` gives. It is trained on, in place.
    written : sequence of Written
        The strings and their pictures, see `read_truth`.
    form : Form, optional
        How digits are normalised; by default that of the papers which fits the net (`form_of`).
    held_out : float
        The share of pictures, from 0 to 0.9, that nothing is learned from. With 0 it is not known how well the net
        reads, and the threshold of rejection stays as it was.
    passes : int
        Number of passes over everything that is learned.
    seed : int
        Seed of all that is random. Which pictures are held out depends on their names alone.
    data : path, optional
        The only folder to look for USPS and MNIST in, some of which is learned along. Without them the net learns from
        the mail alone.
    progress : bool, optional
        Whether to show progress bars; by default if standard error is a terminal.
    tell : callable
        Called with a sentence about each step.

    Returns
    -------
    Taught

    Raises
    ------
    ValueError
        If there are too few pictures, or no string could be aligned.
    """
    from ..notebook import progress_bar

    form = checked(net, form)
    share, passes = real(held_out, "held_out"), whole(passes, "passes", least=1)
    if not 0 <= share <= 0.9:
        raise ValueError(f"held_out must be a share from 0 to 0.9, not {share:g}")
    learn, judge = _parted(written, share)
    before = _measured(net, judge, form)
    tell(f"aligning {counted(len(learn), 'string')} with their pictures")
    bar = progress_bar(len(learn), progress, iterable=learn, unit=" pictures", leave=False)
    found = [(one.picture, aligned(net, one, form)) for one in bar]
    envelopes = [envelope for _, envelope in found if envelope is not None]
    not_aligned = [picture for picture, envelope in found if envelope is None]
    if not envelopes:
        raise ValueError(
            f"none of {counted(len(learn), 'string')} could be aligned with its picture: are these the right "
            "pictures, and are there digits as large as 8 pixels in them?"
        )
    mail = practice(envelopes, form, thoroughly=True)
    known = _known(form, data)
    if known is None:
        tell("USPS and MNIST are not at hand: it learns from the mail alone, and may forget other handwriting")
    confidence = net.confidence
    tell(
        f"learning from {counted(len(envelopes), 'picture')}: {counted(len(mail[0]), 'digit')}, and marks that are none"
    )
    _learn(net, mail, known, passes, seed, progress)
    taught = Taught(net, len(envelopes), len(mail[0]), sorted({one.picture for one in judge}), not_aligned)
    taught.before, taught.after, taught.known = before, _measured(net, judge, form), known is not None
    reject = (confidence or usual(net.cost)).reject
    taught.calibrated = _calibrate(net, judge, form, reject)
    if not taught.calibrated:
        net.confidence = confidence  # training took it away, and nothing better is known
    if judge:
        taught.accepted = _measured(net, judge, form, reject)
    return taught


def _parted(written: Sequence[Written], share: float) -> tuple[list[Written], list[Written]]:
    """The part to learn from and the part to hold out, by picture, in an order that depends on their names alone."""
    pictures = sorted({one.picture for one in written})
    count = max(1, round(share * len(pictures))) if share else 0
    if len(pictures) - count < 1:
        raise ValueError(
            f"there must be two pictures at least, one to learn from and one to hold out, not {len(pictures)}"
        )

    def order(picture: str) -> bytes:
        return hashlib.sha256(picture.replace("\\", "/").rpartition("/")[2].encode()).digest()

    aside = set(sorted(pictures, key=order)[:count])
    return [one for one in written if one.picture not in aside], [one for one in written if one.picture in aside]


# ---- Alignment ------------------------------------------------------------------------------------------------------


def aligned(net: Net, written: Written, form: Form | None = None) -> Envelope | None:
    """Find the digits of a string in its picture.

    Parameters
    ----------
    net : Net
        The recogniser that judges how much pieces are like the digits.
    written : Written
        The string and its picture.
    form : Form, optional
        As in `teach`.

    Returns
    -------
    Envelope or None
        The picture, or its region, with the box of each digit; None if the string is not found in it.
    """
    grey = load(written.picture)
    if written.region:
        x, y, width, height = written.region
        grey = grey[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)]
    if not grey.size:
        return None
    boxes = written.boxes and [(y, x, y + height, x + width) for x, y, width, height in written.boxes]
    boxes = boxes or _boxes(net, checked(net, form), grey, written.text)
    if boxes is None:
        return None
    places = tuple(Place(box, int(label), 0, 0, 0) for box, label in zip(boxes, written.text, strict=True))
    return Envelope(np.rint(255 * grey).astype(np.uint8), places)


def _boxes(net: Net, form: Form, grey: Floats, text: str) -> list[tuple[int, int, int, int]] | None:
    """The boxes of the digits of a string in a picture."""
    found = []
    for thorough in (False, True):  # where digits touch and were not cut, something else had to stand for one of them
        for one in tries(grey, net, form, "auto", Clock(), thorough):
            lattice = _joined(one.lattices)
            path = lattice and spelling(lattice, text, lambda group: _fits(net, group))
            if path:
                found.append(path)
    best = max(found, key=lambda path: path.value, default=None)
    return None if best is None else [group.piece.box for group in best.digits]


def _joined(lattices: list[Lattice]) -> Lattice | None:
    """All lines in one lattice, one after the other."""
    atoms, groups = list[Piece](), list[Group]()
    for lattice in lattices:
        for group in lattice.groups:
            group.first, group.end = group.first + len(atoms), group.end + len(atoms)
        groups += lattice.groups
        atoms += lattice.atoms
    return Lattice(atoms, groups, max(one.height for one in lattices)) if atoms else None


def _fits(net: Net, group: Group) -> Any:
    """How well a group fits each of the ten digits, from 0 to 1."""
    assert group.outputs is not None
    evidence = net.cost.evidence(group.outputs)
    if isinstance(net.cost, HalfSquaredError):
        return np.clip(evidence, 0, 1)
    powers = np.exp(evidence - evidence.max())
    return powers / powers.sum()


# ---- Learning -------------------------------------------------------------------------------------------------------


def _known(form: Form, data: Folder | None) -> Part | None:
    """Some of the images that a recogniser has learned from; None without USPS and MNIST."""
    try:
        (X, y), (Xm, ym) = datasets.usps(data, download=False).train, datasets.mnist(28, data, download=False).train
    except DataNotFoundError:
        return None
    half = KNOWN // 2
    none = datasets.nondigits((X, y), KNOWN_NONE, seed=SEED + 3, kinds=KINDS)
    pieces = practice(training_pictures(data, KNOWN_PICTURES), form)
    images = [normalised(some, form) for some in (X[:half], Xm[:half], none)]
    labels = [y[:half], ym[:half], np.full(KNOWN_NONE, -1)]
    return np.concatenate([*images, pieces[0]]), np.concatenate([*labels, pieces[1]])


def _rule(net: Net, passes: int) -> Rule:
    """The rule by which a net of this cost goes on, with smaller steps than it began with."""
    if isinstance(net.cost, HalfSquaredError):
        return LevenbergMarquardt(falling(5e-4, 5e-5, passes))
    if isinstance(net.cost, RBFDiscriminative):
        return StochasticDiagonalLM(falling(2e-4, 1e-5, passes))
    return AdamW(falling(3e-4, 3e-5, passes))  # with 1e-3 one of two trainings ended with a net that answered nothing


def _learn(net: Net, mail: Part, known: Part | None, passes: int, seed: int, progress: bool | None) -> None:
    """Train the net on the pieces of mail, which are presented more often where they are few among much."""
    parts = [mail]
    if known is not None:
        parts = [*parts * min(MOST_OFTEN, max(1, round(len(known[0]) / 3 / len(mail[0])))), known]
    images, labels = (np.concatenate(both) for both in zip(*parts, strict=True))
    how: dict[str, Any] = {"order": "shuffle", "distortion": HAND, "measure": False, "seed": seed, "progress": progress}
    train(net, images, desired(labels, net.cost), rule=_rule(net, passes), passes=passes, **how)


# ---- Judging --------------------------------------------------------------------------------------------------------


def _measured(net: Net, judge: Sequence[Written], form: Form, reject: float = 0.0) -> Score:
    """How pictures are read; with a threshold only those count in which no digit is rejected."""
    score = Score()
    for one in judge:
        reading = read(one.picture, net, reject, form=form, region=one.region)
        text = "".join(reading.strings)
        if reject and ("?" in text or not text):
            continue
        score.pictures += 1
        score.whole += text == one.text
        score.digits += len(one.text)
        score.wrong += edits(one.text, text)
    return score


def _calibrate(net: Net, judge: Sequence[Written], form: Form, reject: float) -> bool:
    """Fit the confidence to the digits of held-out pictures; False if there are too few of them."""
    envelopes = [envelope for one in judge if (envelope := aligned(net, one, form)) is not None]
    if not envelopes:
        return False
    images, labels = practice(envelopes, form)
    digits, none = np.flatnonzero(labels >= 0), np.flatnonzero(labels < 0)
    if len(digits) < LEAST:
        return False
    kept = np.concatenate([digits, none[: max(1, len(digits) // 9)]])
    source = f"{len(digits)} digits of held-out pictures of mail"
    calibrate(net, images[kept], labels[kept], reject=reject, source=source)
    return True
