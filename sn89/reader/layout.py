"""From pieces to lines, from left to right and from above to below."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..ground import weighted_median
from .pieces import TALL, WIDE, Piece, in_order, join, usual_height

FULL = 0.45  # of a digit's height: a lower piece is a fragment, a dash or a dot
TINIEST = 6  # pixels: a lower piece is no digit
OFF = 0.6  # of a digit's height: largest step up or down from one digit to the next
SAME = (0.55, 1.8)  # of the usual height of a picture: lower or higher writing is of another size
LEAST = 0.25  # of that height: anything lower is no writing
SEVERAL = 3  # neighbours that make a size of their own
LIKE = 0.55  # of its neighbour's height: least height of a piece of the same size
APART = 1.5  # of a piece's height: most paper between neighbours
NEIGHBOURS = 9  # pieces, itself among them, that may be beside a piece
NEAR = 0.45  # of a digit's height: largest distance from a fragment to the piece that it belongs to
OVER = 0.6  # of a fragment's width: least part of it above or below the piece that it belongs to
FIELDS = 0.85  # of a digit's height: paper between two fields
CENTRAL = 0.22  # of a digit's height: how far a dash may be from the middle of its line


@dataclass(eq=False)
class Line:
    """The pieces of a line, from left to right, and the usual height of its digits, pixels."""

    pieces: list[Piece]
    height: float

    @property
    def middle(self) -> float:
        """The median of the rows in the middle of its digits."""
        full = [one.middle for one in self.pieces if one.height >= FULL * self.height]
        return float(np.median(full or [one.middle for one in self.pieces]))


def lines_of(pieces: list[Piece]) -> list[Line]:
    """The lines of a picture, from top to bottom. A fragment above or below a piece is joined with it.

    Writing of different sizes, such as print beside a handwritten code, is in different lines.
    """
    lines = [line for mine, height in _by_size(pieces) for line in _lines_of(mine, height)]
    return sorted(lines, key=lambda line: line.middle)


def _by_size(pieces: list[Piece]) -> list[tuple[list[Piece], float]]:
    """Pieces by the size of the writing that they belong to, and its height.

    Neighbours of similar height form a chain, and chains of similar height form a size, wherever they are. Chains that
    are too low or too short for a size of their own have the usual one.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not pieces:
        return []
    usual = usual_height(pieces)
    boxes = np.array([one.box for one in pieces], float)
    links = _links(boxes)
    graph = coo_array((np.ones(len(links)), links.T), shape=(len(pieces),) * 2)
    number, chain = connected_components(graph, directed=False)
    high = boxes[:, 2] - boxes[:, 0]
    heights = np.array([weighted_median(high[chain == i]) for i in range(number)])
    counts = np.bincount(chain, minlength=number)
    own = (heights < SAME[0] * usual) & (heights >= LEAST * usual) & (counts >= SEVERAL)
    own |= (heights > SAME[1] * usual) & (counts >= SEVERAL)
    size = np.full(number, usual)
    order = np.flatnonzero(own)[np.argsort(heights[own], kind="stable")]
    for group in np.split(order, np.flatnonzero(np.diff(heights[order]) > 0.3 * heights[order][:-1]) + 1):
        if len(group):
            size[group] = weighted_median(high[np.isin(chain, group)])
    of = size[chain]
    return [
        ([one for one, mine in zip(pieces, of == height, strict=True) if mine], float(height))
        for height in np.unique(of)
    ]


def _links(boxes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Pairs of neighbours in a line that have similar heights: (n, 2)."""
    from scipy.spatial import cKDTree

    top, left, bottom, right = boxes.T
    high = bottom - top
    middles = np.stack([(left + right) / 2, (top + bottom) / 2], axis=1)
    near = cKDTree(middles).query(middles, min(NEIGHBOURS, len(boxes)))[1].reshape(len(boxes), -1)
    one, other = np.repeat(np.arange(len(boxes)), near.shape[1]), near.ravel()
    large, small = np.maximum(high[one], high[other]), np.minimum(high[one], high[other])
    gap = np.maximum(left[one], left[other]) - np.minimum(right[one], right[other])
    off = np.abs(middles[one, 1] - middles[other, 1])
    linked = (one != other) & (small >= LIKE * large) & (gap <= APART * large) & (off <= OFF * large)
    pairs: NDArray[np.int64] = np.stack([one, other], axis=1)[linked]
    return pairs


def _lines_of(pieces: list[Piece], height: float) -> list[Line]:
    """Lines of writing of one size."""
    pieces = [one for one in pieces if one.height <= TALL * height and one.width <= WIDE * height]
    least = max(FULL * height, TINIEST)
    full = [one for one in pieces if one.height >= least]
    fragments = [one for one in pieces if one.height < least]
    full = _with_fragments(full, fragments, height)
    lines: list[list[Piece]] = []
    ends = np.empty((2, len(full)))  # of each line: the middle row of its last piece, and that one's right end
    for piece in in_order(full):
        off = np.abs(ends[0, : len(lines)] - piece.middle)
        # A line that ended far to the left may have gone up or down since, so it counts as farther away.
        off += 0.05 * np.maximum(0, piece.left - ends[1, : len(lines)])
        nearest = int(off.argmin()) if len(off) else 0
        if not len(off) or off[nearest] > OFF * height + 0.05 * max(0, piece.left - ends[1, nearest]):
            nearest = len(lines)
            lines.append([])
        lines[nearest].append(piece)
        ends[:, nearest] = piece.middle, piece.right
    _add_fragments(lines, fragments, height)
    return [Line(in_order(line), _own_height(line, height)) for line in lines]


def _own_height(line: list[Piece], height: float) -> float:
    """The usual height in a line of several digits; in other lines, the usual height of writing of their size."""
    full = [one.height for one in line if one.height >= FULL * height]
    return weighted_median(full) if len(full) >= SEVERAL else height


def _with_fragments(full: list[Piece], fragments: list[Piece], height: float) -> list[Piece]:
    """Full pieces, each joined with the fragments above and below it, which leave the list of fragments."""
    if not full or not fragments:
        return full
    boxes = np.array([one.box for one in full])
    parts: list[list[Piece]] = [[one] for one in full]
    for fragment in list(fragments):
        over = np.minimum(boxes[:, 3], fragment.right) - np.maximum(boxes[:, 1], fragment.left)
        gap = np.maximum(boxes[:, 0], fragment.top) - np.minimum(boxes[:, 2], fragment.bottom)
        below = fragment.top - boxes[:, 2] > 0.06 * height  # a flat fragment there is more likely part of a ruled line
        fits = (over >= OVER * fragment.width) & (gap <= 0.3 * height) & ~(below & is_flat(fragment, height))
        if fits.any():
            parts[int(np.where(fits, over - np.maximum(gap, 0), -np.inf).argmax())].append(fragment)
            fragments.remove(fragment)
    return [join(mine) for mine in parts]


def _add_fragments(lines: list[list[Piece]], fragments: list[Piece], height: float) -> None:
    """Add each fragment to the line of the piece nearest to it, if that is near."""
    if not lines:
        return
    boxes = np.array([one.box for line in lines for one in line])
    which = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    for fragment in fragments:
        across = np.maximum(boxes[:, 1], fragment.left) - np.minimum(boxes[:, 3], fragment.right)
        down = np.maximum(boxes[:, 0], fragment.top) - np.minimum(boxes[:, 2], fragment.bottom)
        away = np.maximum(across, 0) + np.maximum(down, 0)
        if away.min() <= NEAR * height:
            lines[which[away.argmin()]].append(fragment)


def is_flat(piece: Piece, height: float) -> bool:
    """Whether a fragment is low and wide."""
    return piece.height < 0.3 * height and piece.width >= max(0.22 * height, 1.8 * piece.height)


def is_dash(piece: Piece, line: list[Piece], height: float) -> bool:
    """Whether a fragment may be the dash between two fields: flat, and level with the middle of the digits."""
    if not is_flat(piece, height):
        return False
    full = [one for one in line if one.height >= FULL * height]
    beside = sorted(full, key=lambda one: abs(one.left - piece.left))[:3]
    return bool(beside) and abs(float(np.mean([one.middle for one in beside])) - piece.middle) <= CENTRAL * height


def fields_of(boxes: list[Piece], dashes: list[Piece], height: float, spacing: float = FIELDS) -> list[list[int]]:
    """Indices of the digits of a line, from left to right, by field; a dash or much paper is between two fields."""
    fields: list[list[int]] = []
    for i, piece in enumerate(boxes):
        before = boxes[i - 1] if i else None
        dashed = before and any(
            before.left + before.right < one.left + one.right < piece.left + piece.right
            and one.left >= before.right - 0.3 * height
            and one.right <= piece.left + 0.3 * height
            for one in dashes
        )
        if before is None or dashed or piece.left - before.right > spacing * height:
            fields.append([])
        fields[-1].append(i)
    return fields
