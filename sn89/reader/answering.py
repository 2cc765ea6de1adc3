"""From the groups that were found to an answer: digits, doubtful digits, and marks that are no digit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arguments import real, whole
from ..confidence import usual
from ..counted import counted as in_words
from ..ink import Ink
from ..measure import Rejection
from ..net import Net
from ..pictures import LIMIT, Source, load
from .asking import Region, count_of, regions_of
from .counting import with_digits
from .form import Form, checked
from .lattice import Clock, Found, lattices_of
from .layout import FIELDS, fields_of, is_dash
from .reading import Digit, Reading
from .segment import NONE, WORDS, Group, best_path

Reject = float | Rejection | None

NO_DIGIT = "all that was found is more likely no digit"


def read(
    image: Source,
    net: Net,
    reject: Reject = None,
    *,
    ink: Ink = "auto",
    form: Form | None = None,
    region: Region | Sequence[Region] | None = None,
    digits: int | tuple[int, int] | None = None,
    spacing: float = FIELDS,
    limit: int = LIMIT,
) -> Reading:
    """Read the digits of a picture.

    Parameters
    ----------
    image : array_like, path, bytes, file or Pillow image
        Grey or colour, of any depth, or a file of any kind that `sn89.pictures.picture` opens.
    net : Net
        A trained net of ten outputs.
    reject : float or Rejection, optional
        The confidence, from 0 to 1, below which a digit is rejected: 0 rejects none, and 0.99 rejects those that are
        wrong more often than one time in a hundred, whatever the net. By default the net's file says it
        (`sn89.Confidence`), or it is 0.9. A `sn89.measure.Rejection` rejects by thresholds on the scores instead.
    ink : {"auto", "dark", "light"}
        Whether ink is darker or lighter than paper.
    form : Form, optional
        How digits are normalised; by default that of the papers which fits the net (`form_of`).
    region : (int, int, int, int), or several of these, optional
        Where to read, in pixels, as x, y, width, height; the whole picture by default. Several regions are the boxes
        of a form: each is read by itself and is one line of the reading, which is empty if there is no digit in it.
    digits : int or (int, int), optional
        How many digits each line has, or from how many to how many. Each line is then read as so many digits in one
        field, however much paper is between them, and lines that cannot hold so many are left out.
    spacing : float
        How much paper separates two fields of a line, in heights of a digit. Make it larger if digits are written far
        apart, or one in each box of a row.
    limit : int
        Pixels that the picture may have, at most.

    Returns
    -------
    Reading
        If it has no digits, its reason says why.

    Raises
    ------
    TypeError, ValueError
        If it is not a picture, or an argument is wrong.
    OSError
        If the file cannot be opened.
    ImportError
        If scikit-image is not installed.
    """
    form, judge, counted = checked(net, form), judge_of(net, reject), count_of(digits)
    spacing = real(spacing, "spacing")
    if not spacing > 0:
        raise ValueError(f"spacing must be more than 0 heights of a digit, not {spacing:g}")
    clock = Clock()
    with clock("picture"):
        grey = load(image, whole(limit, "limit", least=1, most=10**10))
    answer = Answer(judge, grey.shape, clock.seconds, spacing)
    for left, top, right, bottom in regions_of(region, grey.shape[0], grey.shape[1]):
        found = lattices_of(grey[top:bottom, left:right], net, form, ink, clock)
        if counted and len(lines_in(found, counted)) < len(found.lattices):  # some line seems to hold fewer
            found = lattices_of(grey[top:bottom, left:right], net, form, ink, clock, thorough=True)
        with clock("segmentation"):
            lines = lines_in(found, counted)
            answer.remarks += uncounted(found, counted, answer.judge) if counted else []
        answer.reason = answer.reason or found.reason
        answer.add(lines, (top, left), one_line=region is not None, one_field=counted is not None)
    return answer.reading()


class Judge(NamedTuple):
    """A net, and the rule that says why its answer is rejected, or nothing, by outputs and their confidence."""

    net: Net
    doubt: Callable[[NDArray[np.float32], float], str]

    def digit(self, group: Group, box: tuple[int, int, int, int]) -> Digit:
        """The digit that a group shows."""
        assert group.image is not None
        assert group.outputs is not None
        sure, label = float(self.net.confident_of(group.outputs)), int(self.net.cost.scores(group.outputs).argmax())
        reason = self.doubt(group.outputs, sure)
        return Digit(box, group.image, label, group.outputs, sure, not reason, reason)


def judge_of(net: Net, reject: Reject) -> Judge:
    """The judge that rejects answers of this net as asked."""
    if isinstance(reject, Rejection):
        return Judge(net, lambda outputs, _: _by_scores(net.cost.scores(outputs), reject))
    least = (net.confidence or usual(net.cost)).reject if reject is None else real(reject, "reject")
    if not 0 <= least <= 1:
        raise ValueError(
            f"reject must be a confidence from 0 (rejects nothing) to 1, not {least:g}; "
            "give thresholds on scores as a sn89.measure.Rejection"
        )
    return Judge(net, lambda _, sure: _by_confidence(sure, least))


def _by_confidence(sure: float, least: float) -> str:
    """Why a digit of this confidence is rejected; nothing if it is not."""
    if sure >= least:
        return ""
    return f"{'no digit' if sure < NONE else 'doubtful'}: its confidence is {sure:.2g}, less than {least:g}"


def _by_scores(scores: NDArray[np.float32], thresholds: Rejection) -> str:
    """Why a digit with these scores is rejected; nothing if it is not."""
    second, first = np.sort(scores)[-2:].astype(float).tolist()
    apart = first - second
    if not apart > thresholds.difference:
        return f"doubtful: its two largest scores differ by {apart:.3g}, not by more than {thresholds.difference:.3g}"
    if not first > thresholds.first:
        return f"doubtful: its largest score is {first:.3g}, not above {thresholds.first:.3g}"
    if not second < thresholds.second:
        return f"doubtful: its second score is {second:.3g}, not below {thresholds.second:.3g}"
    return ""


def lines_in(found: Found, counted: tuple[int, int] | None) -> list[tuple[list[Group], float]]:
    """The groups of each line from left to right, digits and others, and the height of the line's digits."""
    if counted is None:
        return [(best_path(one.atoms, one.groups), one.height) for one in found.lattices]
    paths = [(with_digits(one, *counted), one.height) for one in found.lattices]
    return [(path.groups, height) for path, height in paths if path]


def uncounted(found: Found, counted: tuple[int, int], judge: Judge) -> list[str]:
    """A sentence for each line that seems to hold another number of digits than was asked for."""
    least, most = counted
    wanted = f"{least}" if least == most else f"{least} to {most}"
    remarks = []
    for lattice in found.lattices:
        alone = [group for group in best_path(lattice.atoms, lattice.groups) if group.outputs is not None]
        sure = sum(judge.digit(group, group.piece.box).accepted for group in alone)
        if sure > most:
            remarks.append(f"a line seems to hold {in_words(sure, 'digit')}, and is read as {wanted}")
        elif len(alone) < least and with_digits(lattice, least, most) is None:
            remarks.append(f"a line that holds {in_words(len(alone), 'digit')}, not {wanted}, is left out")
    return remarks


@dataclass
class Answer:
    """A reading that is put together region by region."""

    judge: Judge
    shape: tuple[int, int]
    seconds: dict[str, float]
    spacing: float
    digits: list[Digit] = field(default_factory=list)
    fields: list[tuple[int, ...]] = field(default_factory=list)
    lines: list[tuple[int, ...]] = field(default_factory=list)
    others: list[Digit] = field(default_factory=list)
    reason: str = ""
    remarks: list[str] = field(default_factory=list)

    def add(
        self, lines: list[tuple[list[Group], float]], corner: tuple[int, int], one_line: bool, one_field: bool
    ) -> None:
        """Add the lines of a region, whose top left corner this is."""
        begun = len(self.fields)
        for line, height in lines:
            before = len(self.fields)
            self._add_line(line, height, corner, one_field)
            if len(self.fields) > before and not one_line:
                self.lines.append(tuple(range(before, len(self.fields))))
        if one_line:
            self.lines.append(tuple(range(begun, len(self.fields))))

    def _add_line(self, line: list[Group], height: float, corner: tuple[int, int], one_field: bool) -> None:
        found = [group for group in line if group.outputs is not None]
        pieces = [group.piece for group in found]
        others = [group.piece for group in line if group.outputs is None]
        dashes = [one for one in others if is_dash(one, pieces, height)]
        parts = [list(range(len(found)))] if one_field else fields_of(pieces, dashes, height, self.spacing)
        for part in parts:
            digits = [self.judge.digit(found[i], _moved(found[i].piece.box, corner)) for i in part]
            none = [not one.accepted and one.confidence < NONE for one in digits]
            if not one_field and np.mean(none) > WORDS:
                self.others += digits
                continue
            self.fields.append(tuple(range(len(self.digits), len(self.digits) + len(digits))))
            self.digits += digits

    def reading(self) -> Reading:
        """The reading."""
        return Reading(
            *(tuple(self.digits), tuple(self.fields), tuple(self.lines), self.shape, self.seconds, tuple(self.others)),
            reason="" if self.digits else "; ".join(self.remarks) or self.reason or NO_DIGIT,
            remarks=tuple(self.remarks),
        )


def _moved(box: tuple[int, int, int, int], corner: tuple[int, int]) -> tuple[int, int, int, int]:
    top, left = corner
    return box[0] + top, box[1] + left, box[2] + top, box[3] + left
