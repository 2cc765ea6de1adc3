"""From the groups that were found to an answer: digits, doubtful digits, and marks that are no digit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count, islice
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
    lines: list[list[list[Digit]]] = []  # of fields
    others: list[Digit] = []
    remarks: list[str] = []
    reason = ""
    for left, top, right, bottom in regions_of(region, grey.shape[0], grey.shape[1]):
        found = lattices_of(grey[top:bottom, left:right], net, form, ink, clock)
        if counted and len(lines_in(found, counted)) < len(found.lattices):  # some line seems to hold fewer
            found = lattices_of(grey[top:bottom, left:right], net, form, ink, clock, thorough=True)
        with clock("segmentation"):
            paths = lines_in(found, counted)
            remarks += uncounted(found, counted, judge) if counted else []
        reason = reason or found.reason
        here = [_fields(groups, height, judge, (top, left), None if counted else spacing) for groups, height in paths]
        kept = [[one for one in line if counted or not _is_words(one)] for line in here]
        others += [] if counted else [digit for line in here for one in line if _is_words(one) for digit in one]
        lines += [line for line in kept if line] if region is None else [[one for line in kept for one in line]]
    return _reading(lines, others, remarks, reason, grey.shape, clock.seconds)


def _fields(
    groups: list[Group], height: float, judge: Judge, corner: tuple[int, int], spacing: float | None
) -> list[list[Digit]]:
    """The digits of a line by field, in a region with this top left corner; one field if no spacing is given."""
    found = [group for group in groups if group.outputs is not None]
    pieces = [group.piece for group in found]
    dashes = [group.piece for group in groups if group.outputs is None and is_dash(group.piece, pieces, height)]
    parts = [range(len(found))] if spacing is None else fields_of(pieces, dashes, height, spacing)
    return [[judge.digit(found[i], corner) for i in part] for part in parts]


def _is_words(digits: list[Digit]) -> bool:
    """Whether most of a field is no digit."""
    return bool(np.mean([not one.accepted and one.confidence < NONE for one in digits]) > WORDS)


def _reading(
    lines: list[list[list[Digit]]],
    others: list[Digit],
    remarks: list[str],
    reason: str,
    shape: tuple[int, int],
    seconds: dict[str, float],
) -> Reading:
    """The reading of these lines, each a list of fields; digits and fields are numbered."""
    digits = [digit for line in lines for one in line for digit in one]
    number, place = iter(range(len(digits))), count()
    return Reading(
        tuple(digits),
        tuple(tuple(islice(number, len(one))) for line in lines for one in line),
        tuple(tuple(islice(place, len(line))) for line in lines),
        shape,
        seconds,
        tuple(others),
        "" if digits else "; ".join(remarks) or reason or NO_DIGIT,
        tuple(remarks),
    )


class Judge(NamedTuple):
    """A net, and the rule that says why its answer is rejected, or nothing, by outputs and their confidence."""

    net: Net
    doubt: Callable[[NDArray[np.float32], float], str]

    def digit(self, group: Group, corner: tuple[int, int] = (0, 0)) -> Digit:
        """The digit that a group shows, in a region with this top left corner."""
        assert group.image is not None
        assert group.outputs is not None
        sure, label = float(self.net.confident_of(group.outputs)), int(self.net.cost.scores(group.outputs).argmax())
        reason = self.doubt(group.outputs, sure)
        (top, left), piece = corner, group.piece
        box = piece.top + top, piece.left + left, piece.bottom + top, piece.right + left
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
        sure = sum(judge.digit(group).accepted for group in alone)
        if sure > most:
            remarks.append(f"a line seems to hold {in_words(sure, 'digit')}, and is read as {wanted}")
        elif len(alone) < least and with_digits(lattice, least, most) is None:
            remarks.append(f"a line that holds {in_words(len(alone), 'digit')}, not {wanted}, is left out")
    return remarks
