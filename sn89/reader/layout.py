"""From pieces to lines, from left to right and from above to below."""

from __future__ import annotations

import numpy as np

from .pieces import Piece, join

FULL = 0.45  # of a digit's height: what is lower is a fragment of one, a dash or a dot
OFF = 0.6  # of a digit's height: how far the middle of a digit may be off that of the one before it
NEAR = 0.45  # of a digit's height: how far a fragment may be from what it belongs to
OVER = 0.6  # of a fragment's width: how much must be above or below a piece for it to be a part of that


def lines_of(pieces: list[Piece], height: float) -> list[list[Piece]]:
    """Pieces by line, lines by height, each from left to right; fragments are with what they are close to.

    A fragment above or below a piece is joined with it.
    """
    full = [one for one in pieces if one.height >= FULL * height]
    fragments = [one for one in pieces if one.height < FULL * height]
    full = _with_fragments(full, fragments, height)
    lines: list[list[Piece]] = []
    ends = np.empty((2, len(full)))  # of each line: the middle row of its last piece, and that one's right end
    for piece in sorted(full, key=lambda one: one.left + one.right):
        off = np.abs(ends[0, : len(lines)] - piece.middle)
        # A line that ended far to the left may have gone up or down since: it is not as near as it seems.
        off += 0.05 * np.maximum(0, piece.left - ends[1, : len(lines)])
        nearest = int(off.argmin()) if len(off) else 0
        if not len(off) or off[nearest] > OFF * height + 0.05 * max(0, piece.left - ends[1, nearest]):
            nearest = len(lines)
            lines.append([])
        lines[nearest].append(piece)
        ends[:, nearest] = piece.middle, piece.right
    _add_fragments(lines, fragments, height)
    ordered = [sorted(line, key=lambda one: one.left + one.right) for line in lines]
    return sorted(
        ordered, key=lambda line: float(np.median([one.middle for one in line if one.height >= FULL * height]))
    )


def _with_fragments(full: list[Piece], fragments: list[Piece], height: float) -> list[Piece]:
    """Full pieces, each with the fragments above and below it; these are taken from the list of fragments."""
    if not full or not fragments:
        return full
    boxes = np.array([one.box for one in full])
    parts: list[list[Piece]] = [[one] for one in full]
    for fragment in list(fragments):
        over = np.minimum(boxes[:, 3], fragment.right) - np.maximum(boxes[:, 1], fragment.left)
        gap = np.maximum(boxes[:, 0], fragment.top) - np.minimum(boxes[:, 2], fragment.bottom)
        below = fragment.top - boxes[:, 2] > 0.06 * height  # what is flat there is more likely of a ruled line
        fits = (over >= OVER * fragment.width) & (gap <= 0.3 * height) & ~(below & is_flat(fragment, height))
        if fits.any():
            parts[int(np.where(fits, over - np.maximum(gap, 0), -np.inf).argmax())].append(fragment)
            fragments.remove(fragment)
    return [join(mine) for mine in parts]


def _add_fragments(lines: list[list[Piece]], fragments: list[Piece], height: float) -> None:
    """Each fragment to the line of the piece nearest to it, if that is near."""
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


APART = 0.85  # of a digit's height: paper between two fields
CENTRAL = 0.22  # of a digit's height: how far a dash may be from the middle of its line


def is_flat(piece: Piece, height: float) -> bool:
    """Whether a fragment is low and wide."""
    return piece.height < 0.3 * height and piece.width >= max(0.22 * height, 1.8 * piece.height)


def is_dash(piece: Piece, line: list[Piece], height: float) -> bool:
    """Whether a fragment may be the dash between two fields: flat, and at the middle of the digits beside it."""
    if not is_flat(piece, height):
        return False
    beside = sorted((one for one in line if one.height >= FULL * height), key=lambda one: abs(one.left - piece.left))[
        :3
    ]
    return bool(beside) and abs(float(np.mean([one.middle for one in beside])) - piece.middle) <= CENTRAL * height


def fields_of(boxes: list[Piece], dashes: list[Piece], height: float) -> list[list[int]]:
    """Indices of the digits of one line, from left to right, by field: apart by a dash or by room."""
    fields: list[list[int]] = []
    for i, piece in enumerate(boxes):
        before = boxes[i - 1] if i else None
        dashed = before and any(
            before.left + before.right < one.left + one.right < piece.left + piece.right
            and one.left >= before.right - 0.3 * height
            and one.right <= piece.left + 0.3 * height
            for one in dashes
        )
        if before is None or dashed or piece.left - before.right > APART * height:
            fields.append([])
        fields[-1].append(i)
    return fields
