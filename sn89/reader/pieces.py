"""Connected pieces of ink: they are found, filtered by size, freed of ruled lines, and cut where digits may touch."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from ..aliases import Mask
from ..ground import weighted_median

SPECK = 9  # pixels: smaller pieces are dust
SMALLEST, LARGEST = 8, 20_000  # pixels: heights of digits
TALL, WIDE = 2.2, 8.0  # heights of a digit: a taller or wider piece holds no digits
MOST = 20_000  # pieces: of more, the largest are kept
RULE = 2.6  # heights (or widths) of a piece itself, and heights of a digit: linked digits have no longer straight runs
CROSSING = 0.9  # of the picture's width: a straight run that is so long is a ruled line
LEAN = 20  # widths of a stroke: digits have no longer straight runs
THINNEST = 2.0  # pixels: the width of a stroke counts as so many at least
HELD = 2  # a frame holds more pieces than that
HOLLOW, HELD_HEIGHT = 0.2, 0.25  # of a frame's box: width of its rim; of its height: least height of a piece inside
SLOPES = np.linspace(-0.3, 0.3, 61)  # of ruled lines
POINTS = 20_000  # pixels of ink that tell the slope
LONG = 1.4  # heights of a digit: least length of a straight run that belongs to a ruled line
THIN = 0.16  # of a digit's height: greatest thickness of a ruled line


@dataclass(eq=False)
class Piece:
    """Connected ink, or several pieces that belong together: the corner of its box, and which pixels of it are ink.

    ``whole`` is False for a part that was cut off a larger piece.
    """

    top: int
    left: int
    mask: Mask
    whole: bool = True

    @property
    def height(self) -> int:
        """Height of the box, pixels."""
        return int(self.mask.shape[0])

    @property
    def width(self) -> int:
        """Width of the box, pixels."""
        return int(self.mask.shape[1])

    @property
    def bottom(self) -> int:
        """The row below the box."""
        return self.top + int(self.mask.shape[0])

    @property
    def right(self) -> int:
        """The column to the right of the box."""
        return self.left + int(self.mask.shape[1])

    @property
    def middle(self) -> float:
        """The row in the middle of the box."""
        return (self.top + self.bottom) / 2

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Top, left, bottom and right; the last two are outside."""
        return self.top, self.left, self.bottom, self.right

    def ink(self, strength: NDArray[np.float32]) -> NDArray[np.float32]:
        """The ink of this piece alone, (height, width), in a picture with so much ink."""
        return self.mask * strength[self.top : self.bottom, self.left : self.right]


def in_order(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces from left to right, by their middles."""
    return sorted(pieces, key=lambda one: one.left + one.right)


def join(pieces: list[Piece]) -> Piece:
    """Several pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    top, left = min(one.top for one in pieces), min(one.left for one in pieces)
    mask = np.zeros((max(one.bottom for one in pieces) - top, max(one.right for one in pieces) - left), bool)
    for one in pieces:
        mask[one.top - top : one.bottom - top, one.left - left : one.right - left] |= one.mask
    return Piece(top, left, mask, all(one.whole for one in pieces))


def find_pieces(mask: Mask) -> list[Piece]:
    """All connected pieces that may be digits or parts of digits, freed of ruled lines, boxes and grids."""
    pieces = _components(mask)
    pieces = [one for one, framed in zip(pieces, _are_frames(pieces), strict=True) if not framed]
    lined = _are_ruled(pieces, mask.shape[1])
    freed = [one for one, ruled in zip(pieces, lined, strict=True) if not ruled]
    height = usual_height(freed)
    for one in (one for one, ruled in zip(pieces, lined, strict=True) if ruled):
        rough = _components(_without_longest(one.mask), one.top, one.left)
        mine = usual_height(rough) if any(is_high(piece) for piece in rough) else height
        freed += _components(without_rules(one.mask, mine), one.top, one.left)
    return [one for one in freed if not _at_edge(one, mask.shape)]


def _are_ruled(pieces: list[Piece], width: int) -> list[bool]:
    """Which pieces are ruled lines, boxes or grids, with the ink that hangs on them.

    Several others are in their box, or they have a straight run of ink that is much longer than the piece is wide the
    other way, or than a stroke is thick, or that crosses the picture.
    """
    if not pieces:
        return []
    top, left, bottom, right = np.array([one.box for one in pieces]).T
    high, wide = bottom - top, right - left
    down, across = (top + bottom) / 2, (left + right) / 2
    usual = usual_height(pieces)
    ruled = [False] * len(pieces)
    for i in np.flatnonzero(np.maximum(high, wide) >= LEAN * THINNEST).tolist():
        inside = (down > top[i]) & (down < bottom[i]) & (across > left[i]) & (across < right[i])
        held = np.count_nonzero(inside & (high >= SMALLEST) & (high < 0.7 * high[i]))
        alike = np.count_nonzero((high > 0.7 * high[i]) & (high < 1.4 * high[i])) > HELD
        lean = LEAN * max(THINNEST, stroke_width(pieces[i].mask))
        level = _longest(pieces[i].mask)
        upright = 0 if alike else _longest(pieces[i].mask.T)
        ruled[i] = bool(
            held > HELD
            or level > RULE * max(high[i], usual)
            or level > lean
            or level > max(CROSSING * width, LONG * high[i])
            or upright > max(lean, 0.6 * high[i], TALL * usual if wide[i] < usual else 0)
        )
    return ruled


def frames_of(mask: Mask) -> Mask:
    """The ink of boxes and rings that are drawn around other ink."""
    found = np.zeros_like(mask)
    pieces = _components(mask)
    for one in (one for one, framed in zip(pieces, _are_frames(pieces), strict=True) if framed):
        found[one.top : one.bottom, one.left : one.right] |= one.mask
    return found


def _are_frames(pieces: list[Piece]) -> list[bool]:
    """Which pieces are a box or a ring around another one: hollow, with a piece inside that may be a digit."""
    if not pieces:
        return []
    top, left, bottom, right = np.array([one.box for one in pieces]).T
    frames = [False] * len(pieces)
    for i, one in enumerate(pieces):
        if min(one.mask.shape) < 2 * SMALLEST or not _is_hollow(one.mask):
            continue
        inside = (top > top[i]) & (bottom < bottom[i]) & (left > left[i]) & (right < right[i])
        frames[i] = bool((inside & (bottom - top >= max(SMALLEST, HELD_HEIGHT * one.height))).any())
    return frames


def _is_hollow(mask: Mask) -> bool:
    down, across = (round(HOLLOW * side) for side in mask.shape)
    return not mask[down : mask.shape[0] - down, across : mask.shape[1] - across].any()


def is_high(piece: Piece) -> bool:
    """Whether a piece may be a digit, by its height."""
    return SMALLEST <= piece.height <= LARGEST and piece.width < 3 * piece.height


def _longest(mask: Mask) -> int:
    """The length of the longest nearly level run of ink, pixels. Rows count with their neighbours: it may slope."""
    thick = mask.copy()
    thick[1:] |= mask[:-1]
    thick[:-1] |= mask[1:]
    padded = np.pad(thick, ((0, 0), (1, 1))).ravel()
    ends = np.flatnonzero(np.diff(padded.astype(np.int8)))
    return int((ends[1::2] - ends[::2]).max())


def _without_longest(mask: Mask) -> Mask:
    """Ink without its longest runs, level and upright, by its own size: the rest tells how high digits are."""
    level = _rules(mask, 0.4 * mask.shape[1])
    upright = _rules(mask.T, 0.6 * mask.shape[0]).T
    left: Mask = mask & ~level & ~upright
    return left


def _at_edge(piece: Piece, shape: tuple[int, int]) -> bool:
    """Whether a piece is thin and lies along the edge of the picture, which cuts off something larger."""
    top, left, bottom, right = piece.box
    upright = piece.height > 4 * piece.width and _lies_along(piece.mask.T, left == 0, right == shape[1])
    level = piece.width > 2 * piece.height and _lies_along(piece.mask, top == 0, bottom == shape[0])
    return upright or level


def _lies_along(mask: Mask, first: bool, last: bool) -> bool:
    """Whether the first or the last row is mostly ink, if it is at the edge of the picture."""
    return bool((first and mask[0].mean() > 0.5) or (last and mask[-1].mean() > 0.5))


def _components(mask: Mask, top: int = 0, left: int = 0) -> list[Piece]:
    from scipy.ndimage import find_objects, label

    labels, count = label(mask, np.ones((3, 3)))
    if not count:
        return []
    areas = np.bincount(labels[mask], minlength=count + 1)  # of ink alone: a page is mostly paper
    kept = np.flatnonzero(areas >= SPECK)
    if len(kept) > MOST:
        kept = np.sort(kept[np.argsort(-areas[kept], kind="stable")[:MOST]])
    if len(kept) < count // 4:  # mostly dust, which the list of boxes need not hold
        numbers = np.zeros(count + 1, labels.dtype)
        numbers[kept] = np.arange(1, len(kept) + 1)
        labels, kept = numbers[labels], np.arange(1, len(kept) + 1)
    boxes = find_objects(labels)
    return [
        Piece(boxes[i - 1][0].start + top, boxes[i - 1][1].start + left, labels[boxes[i - 1]] == i)
        for i in kept.tolist()
    ]


def usual_height(pieces: list[Piece]) -> float:
    """The median height of pieces that might be digits, each weighted by its height."""
    return weighted_median([one.height for one in pieces if is_high(one)]) or float(SMALLEST)


def without_rules(mask: Mask, height: float) -> Mask:
    """Ink without ruled lines, level and upright, which are long runs; strokes that cross them stay."""
    level, upright = _rules(mask, LONG * height), _rules(mask.T, LONG * height).T
    strokes = mask & ~level & ~upright
    thick = max(3, round(THIN * height) + 1)
    down = _in_runs((mask & ~upright).T, thick).T
    across = _in_runs(mask & ~level, thick)
    left: Mask = strokes | level & down & ~upright | upright & across & ~level
    return left


def _rules(mask: Mask, length: float) -> Mask:
    """Pixels in runs of that length along the nearly level direction in which most ink is in line."""
    long = max(3, round(length))
    if mask.shape[1] < long:
        return np.zeros_like(mask)
    moves = np.rint(_slope(mask) * np.arange(mask.shape[1])).astype(int)
    moves -= moves.min()
    down = int(moves.max()) - moves
    sheared = np.zeros((mask.shape[0] + int(down.max()), mask.shape[1]), bool)
    level = np.flatnonzero(np.diff(down, prepend=-1))  # first columns of the blocks that move by the same amount
    blocks = list(zip(down[level].tolist(), level.tolist(), [*level[1:].tolist(), len(down)], strict=True))
    for move, first, end in blocks:
        sheared[move : move + mask.shape[0], first:end] = mask[:, first:end]
    runs = _in_runs(sheared, long)
    edged = runs.copy()  # the blurred edge of the line goes with it
    edged[1:] |= runs[:-1]
    edged[:-1] |= runs[1:]
    found = np.empty_like(mask)
    for move, first, end in blocks:
        found[:, first:end] = edged[move : move + mask.shape[0], first:end]
    found &= mask
    return found


def _in_runs(mask: Mask, long: int) -> Mask:
    """Pixels in runs along the rows that are so long. The time of a binary opening would grow with the length."""
    padded = np.pad(mask, ((0, 0), (1, 1))).ravel().astype(np.int8)
    steps = np.diff(padded, append=np.int8(0))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    short = ends - starts < long
    steps[starts[short]] = steps[ends[short]] = 0
    inside = np.cumsum(steps, dtype=np.int8).reshape(mask.shape[0], -1)
    found: Mask = inside[:, : mask.shape[1]] > 0
    return found


def _slope(mask: Mask) -> float:
    """The slope, down to the right, along which most ink is in line."""
    places = np.flatnonzero(mask)
    rows, columns = np.divmod(places[:: max(1, len(places) // POINTS)], mask.shape[1])
    del places
    above = int(np.ceil(max(SLOPES) * mask.shape[1]))  # so that no row is below 0

    def in_line(slope: float) -> float:
        found = np.bincount(np.rint(rows - slope * columns).astype(int) + above).astype(float)
        return float((found**2).sum()) - abs(slope)

    return float(max(SLOPES.tolist(), key=in_line))


# ---- Cuts ---------------------------------------------------------------------------------------------------------

SLANTS = (-0.35, 0.0, 0.35)  # shift to the right per unit of height, upwards: directions of cuts
CUTS = 4  # at most, in one piece
VALLEY = 0.2  # of a digit's height: how much lower the ink is, from its top to its bottom, where two digits meet
STROKES = 3.0  # widths of a stroke: most ink in the way of a cut
RUNS = 1  # strokes that a cut may meet: with two, rings would be cut in half


def cut(piece: Piece, height: float, runs: int = RUNS) -> list[Piece]:
    """The parts of a piece, from left to right, cut where digits may touch: where a slanted line meets little ink.

    A cut meets at most `runs` strokes.
    """
    cuts = _best_cuts(piece.mask, height, runs)
    if not cuts:
        return [piece]
    rows, columns = np.nonzero(piece.mask)
    part = np.zeros(len(rows), int)
    for place, slant in cuts:
        part += columns > place + slant * (piece.height / 2 - rows)
    return in_order(_part(piece, rows[part == i], columns[part == i]) for i in np.unique(part))


def cut_wide(pieces: list[Piece], widest: float, height: float, runs: int = RUNS) -> list[Piece]:
    """The pieces from left to right, of which those that are wider than so many heights are cut."""
    parts = (cut(one, height, runs) if one.width > widest * height else [one] for one in pieces)
    return in_order(chain.from_iterable(parts))


def _part(piece: Piece, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Piece:
    top, left = int(rows.min()), int(columns.min())
    mask = np.zeros((int(rows.max()) - top + 1, int(columns.max()) - left + 1), bool)
    mask[rows - top, columns - left] = True
    return Piece(piece.top + top, piece.left + left, mask, whole=False)


def _best_cuts(mask: Mask, height: float, most: int) -> list[tuple[float, float]]:
    """Columns at half height and slants of the cheapest cuts that are close neither to each other nor to the ends."""
    height = min(height, mask.shape[0])
    stroke = stroke_width(mask)
    found = []
    for slant in SLANTS:
        sheared, shift = _shear(mask, slant)
        ink = np.count_nonzero(sheared, axis=0)
        runs = sheared[0] + np.count_nonzero(sheared[1:] > sheared[:-1], axis=0)
        depth = _valleys(sheared, height)
        few = (ink <= STROKES * stroke) & (runs <= most)
        for column in np.flatnonzero((ink > 0) & (few | (depth >= VALLEY * height))).tolist():
            cost = float(ink[column]) + 2 * abs(slant) - float(depth[column])
            found.append((cost, float(column - shift), slant))
    margin, apart = 0.12 * height, 0.22 * height
    chosen: list[tuple[float, float]] = []
    for _, place, slant in sorted(found):
        inside = margin < place < mask.shape[1] - margin
        if inside and all(abs(place - other) > apart for other, _ in chosen):
            chosen.append((place, slant))
        if len(chosen) == max(CUTS, round(1.5 * mask.shape[1] / height)):
            break
    return chosen if _ordered(chosen, mask.shape[0]) else [one for one in chosen if one[1] == chosen[0][1]]


def _valleys(mask: Mask, height: float) -> NDArray[np.float64]:
    """By how much the ink of each column, from its top to its bottom, is lower than on both sides; 0 if it is not.

    It is lower where one digit ends in the next, even if they share a stroke.
    """
    from scipy.ndimage import maximum_filter1d

    reach = np.where(mask.any(axis=0), mask.shape[0] - mask.argmax(axis=0) - mask[::-1].argmax(axis=0), 0).astype(float)
    near = 2 * round(0.35 * height) + 1
    highest = np.pad(maximum_filter1d(reach, near), near // 2 + 1)
    left, right = highest[: len(reach)], highest[-len(reach) :]
    depth: NDArray[np.float64] = np.maximum(np.minimum(left, right) - reach, 0)
    return depth


def _ordered(cuts: list[tuple[float, float]], height: int) -> bool:
    """Whether no cut crosses another inside the piece."""
    ends = sorted((place + slant * height / 2, place - slant * height / 2) for place, slant in cuts)
    return all(a[1] < b[1] for a, b in pairwise(ends))


def _shear(mask: Mask, slant: float) -> tuple[Mask, int]:
    """The mask sheared so that lines of this slant are upright, and the move of its columns at half height."""
    height, width = mask.shape
    moves = np.rint(slant * (np.arange(height) - height / 2)).astype(int)
    shift = -int(moves.min())
    sheared = np.zeros((height, width + int(moves.max()) + shift), bool)
    for row, move in enumerate((moves + shift).tolist()):
        sheared[row, move : move + width] = mask[row]
    return sheared, shift


def stroke_width(mask: Mask) -> float:
    """The usual width of strokes, pixels: twice the ink divided by its outline."""
    padded = np.pad(mask, 1)
    inner = padded[1:-1, 1:-1] & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return 2 * float(mask.sum()) / max(1, int(mask.sum() - inner.sum()))
