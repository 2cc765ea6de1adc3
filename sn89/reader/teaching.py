"""Teaching a recogniser one's own mail, from pictures and what is written in them.

Strings are aligned with the pieces of the picture: of all ways to group these, that one is taken which the net finds
most like the string. All that might be a digit there is then learned, the digits by their labels, the rest as none,
together with some of the digits that the recogniser knows, so that it does not forget. Some pictures are held out; they
say how well it reads before and after, and how sure it must be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import datasets
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

Floats = NDArray[np.float32]

HELD_OUT = 0.2  # share of the pictures
PASSES = 12  # over the pieces of mail
KNOWN = 5000  # digits that the recogniser knows, half of them of USPS, are presented along
KNOWN_PICTURES = 20  # and the pieces of so many pictures of each kind that it has learned from
KNOWN_NONE = 1500  # and images of what is no digit
MOST_OFTEN = 3  # times that the pieces of mail are presented in a pass
LEAST = 20  # digits of held-out pictures without which no confidence is calibrated on them
HAND = Distortion(shift=1, scale=0.1, squeeze=0.1, slant=0.2, rotation=10)


@dataclass
class Score:
    """How well pictures are read.

    Attributes
    ----------
    pictures, whole : int
        How many there are, and how many are read without any mistake.
    digits, wrong : int
        How many digits are written in them, and how many of these have to be changed, put in or taken out.
    """

    pictures: int = 0
    whole: int = 0
    digits: int = 0
    wrong: int = 0

    @property
    def tells(self) -> bool:
        """Whether there are enough digits to speak of shares."""
        return self.digits >= LEAST

    def __str__(self) -> str:
        strings, mistakes = (
            f"{self.whole} of {counted(self.pictures, 'string')} whole",
            "digits wrong, missing or too many",
        )
        if not self.tells:
            return f"{strings}, {self.wrong} {mistakes}, of {self.digits}: too few to tell how well it reads"
        share, rate = self.whole / max(1, self.pictures), self.wrong / self.digits
        return f"{strings} ({100 * share:.1f} %), {100 * rate:.1f} {mistakes} in 100"


@dataclass(eq=False)
class Taught:
    """What came of teaching.

    Attributes
    ----------
    net : Net
        What was taught.
    learned, pieces : int
        How many pictures it has learned from, and how many pieces of them.
    held_out, not_aligned : list of str
        Pictures that it has not learned from: those that were set aside, and those whose string was not found in them.
    before, after, accepted : Score
        How the held-out pictures are read: as it was, as it is, and as it is those in which no digit is rejected.
    known : bool
        Whether digits of USPS and MNIST were presented along.
    calibrated : bool
        Whether there were enough digits in held-out pictures to say how sure it must be. If not, its confidence and the
        threshold of rejection are those that the net had before.
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

    def lines(self) -> list[str]:
        """What came of it, in words.

        Returns
        -------
        list of str
        """
        told = [
            f"learned from {counted(self.learned, 'picture')}: {counted(self.pieces, 'digit')}, and marks that are none"
        ]
        if self.not_aligned:
            told.append(f"{len(self.not_aligned)} could not be aligned, such as {self.not_aligned[0]}")
        reject = (self.net.confidence or usual(self.net.cost)).reject
        stays = f"the threshold of rejection stays as it was, at a confidence of {reject:g}"
        if not self.held_out:
            return [*told, f"no picture was held out: nothing is known of how well it reads, and {stays}"]
        told += [f"held-out pictures, before: {self.before}", f"held-out pictures, after:  {self.after}"]
        if not self.calibrated:
            return [*told, f"fewer than {LEAST} digits were found in them to say how sure it must be: {stays}"]
        accepted = self.accepted
        return [
            *told,
            f"with digits rejected below a confidence of {reject:g}: {accepted.whole} of the {accepted.pictures} "
            "strings whole in which no digit is rejected",
        ]

    def plain(self) -> dict[str, Any]:
        """All but the net, in plain values, for JSON.

        Returns
        -------
        dict
        """
        names = ("before", "after", "accepted")
        return {
            "pictures_learned_from": self.learned,
            "pieces": self.pieces,
            "held_out": self.held_out,
            "not_aligned": self.not_aligned,
            "reject": (self.net.confidence or usual(self.net.cost)).reject,
            "calibrated": self.calibrated,
            **{name: vars(getattr(self, name)) for name in names},
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
    """Teach a recogniser one's own mail.

    Parameters
    ----------
    net : Net
        Such as `recogniser` gives; it is trained on, in place.
    written : sequence of Written
        What is written in which pictures, see `read_truth`.
    form : Form, optional
        How digits are normalised; by default that of the papers which fits the net (`form_of`).
    held_out : float
        The share of pictures, from 0 to 0.9, that nothing is learned from. With 0 nothing is known of how well it
        reads, and the threshold of rejection stays as it was.
    passes : int
        Over all that is learned.
    seed : int
        Of what is random. Which pictures are held out depends on their names alone.
    data : path, optional
        The only folder to look for USPS and MNIST in, some of which is presented along. Without them the net learns
        from the mail alone.
    progress : bool, optional
        Whether to show progress bars; by default if standard error is a terminal.
    tell : callable
        Is told what is being done.

    Returns
    -------
    Taught

    Raises
    ------
    ValueError
        If there are too few pictures, or no string could be aligned.
    """
    form = checked(net, form)
    share, passes = real(held_out, "held_out"), whole(passes, "passes", least=1)
    if not 0 <= share <= 0.9:
        raise ValueError(f"held_out must be a share from 0 to 0.9, not {share:g}")
    learn, judge = _parted(written, share)
    before = _measured(net, judge, form)
    tell(f"aligning {counted(len(learn), 'string')} with their pictures")
    envelopes, not_aligned = _envelopes(net, learn, form, progress)
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
    """What to learn from and what to hold out: by picture, in an order that comes of their names and contents alone."""
    pictures = sorted({one.picture for one in written})
    count = round(share * len(pictures)) if share else 0
    count = max(1, count) if share else 0
    if len(pictures) - count < 1:
        raise ValueError(
            f"there must be two pictures at least, one to learn from and one to hold out, not {len(pictures)}"
        )
    ordered = sorted(
        pictures, key=lambda one: hashlib.sha256(one.replace("\\", "/").rpartition("/")[2].encode()).digest()
    )
    aside = set(ordered[:count])
    return [one for one in written if one.picture not in aside], [one for one in written if one.picture in aside]


# ---- Alignment ------------------------------------------------------------------------------------------------------


def aligned(net: Net, written: Written, form: Form | None = None) -> Envelope | None:
    """A picture, or the region of it that is told of, with the box of each digit; None if they cannot be aligned.

    Parameters
    ----------
    net : Net
        Says which pieces are how much like which digit.
    written : Written
    form : Form, optional
        As of `teach`.

    Returns
    -------
    Envelope or None
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
    """All lines as one, one after the other."""
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


def _envelopes(
    net: Net, written: Sequence[Written], form: Form, progress: bool | None
) -> tuple[list[Envelope], list[str]]:
    from ..notebook import progress_bar

    found, lost = [], []
    for one in progress_bar(len(written), progress, iterable=written, unit=" pictures", leave=False):
        envelope = aligned(net, one, form)
        if envelope is None:
            lost.append(one.picture)
        else:
            found.append(envelope)
    return found, lost


# ---- Learning -------------------------------------------------------------------------------------------------------


def _known(form: Form, data: Folder | None) -> Part | None:
    """Some of what a recogniser has learned from: digits of USPS and MNIST, and what is no digit."""
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
    """How a net of this cost goes on: more gently than it began."""
    if isinstance(net.cost, HalfSquaredError):
        return LevenbergMarquardt(falling(5e-4, 5e-5, passes))
    if isinstance(net.cost, RBFDiscriminative):
        return StochasticDiagonalLM(falling(2e-4, 1e-5, passes))
    return AdamW(falling(1e-3, 3e-5, passes))


def _often(mail: Part, known: Part) -> int:
    """How often in a pass the pieces of mail are presented, where few of them are among much that is known."""
    return min(MOST_OFTEN, max(1, round(len(known[0]) / 3 / len(mail[0]))))


def _learn(net: Net, mail: Part, known: Part | None, passes: int, seed: int, progress: bool | None) -> None:
    parts = [mail] if known is None else [*[mail] * _often(mail, known), known]
    images, labels = (np.concatenate(both) for both in zip(*parts, strict=True))
    train(
        *(net, images, desired(labels, net.cost)),
        rule=_rule(net, passes),
        passes=passes,
        order="shuffle",
        distortion=HAND,
        measure=False,
        seed=seed,
        progress=progress,
    )


# ---- Judging --------------------------------------------------------------------------------------------------------


def _measured(net: Net, judge: Sequence[Written], form: Form, reject: float = 0.0) -> Score:
    """How the held-out pictures are read; with a threshold, only those of which no digit is rejected count."""
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
    digits = labels >= 0
    none = np.flatnonzero(~digits)[: max(1, int(digits.sum()) // 9)]
    kept = np.concatenate([np.flatnonzero(digits), none])
    if digits.sum() < LEAST:
        return False
    calibrate(
        net, images[kept], labels[kept], reject=reject, source=f"{digits.sum()} digits of held-out pictures of mail"
    )
    return True
