"""From a picture of one digit to the image that the nets of 1989 look at."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import whole
from .ground import without_rim
from .ink import INKS, SECOND_TRY, Ink, on_even_paper, smooth, tell_apart

LARGEST = 4096  # side of a result
FAINT = 0.25  # of the strongest ink: weaker ink does not widen the frame, but is drawn if it is inside
PHOTOGRAPH = 24  # pixels: lower and narrower pictures are bitmaps on an even background
LARGE = 48  # pixels: a larger picture may have a rim, a frame or ruled lines, and is a photograph unless it is drawn
DRAWN = 0.15  # of the pixels: fewer pixels of a photograph have exactly the same level of paper
UNEVEN = 0.12  # of the ink's contrast: an uneven background differs by more from side to side
SPECK = 0.05  # of the largest piece of ink: smaller pieces are dust


def size_normalize(image: ArrayLike, size: int = 16, *, ink: Ink = "auto") -> NDArray[np.float32]:
    """Bring a digit to a square image by a linear transformation that keeps its aspect ratio.

    The frame around the ink is centred and scaled, by the same factor in both directions, until its longer side fills
    the square. Every pixel of the result is the mean of the part of the original that it covers, so a binary image gets
    grey levels. These are scaled to the range from -1, the background, to 1 (LeCun et al. 1989, "Preprocessing").

    Parameters
    ----------
    image : array_like of bool, integers or floats, shape (height, width)
        One digit, binary or grey. The border of a small or drawn picture is taken for the background. In a photograph
        the level of the paper is found around each pixel instead, and a table around the paper, frames, ruled lines
        and specks are left out, as in `sn89.reader.read`.
    size : int
        Side of the result, in pixels.
    ink : {"auto", "dark", "light"}
        Whether the digit is darker (smaller numbers) or lighter than its background; "auto" takes the larger
        difference.

    Returns
    -------
    ndarray of float32, shape (size, size)
        From -1 to 1.

    Raises
    ------
    TypeError
        If the image does not hold numbers, or size is no whole number.
    ValueError
        If the image has another shape, is empty, has NaN or infinity or no ink in it, or an argument is out of range.
    ImportError
        If it is a photograph and scikit-image is not installed.

    Examples
    --------
    >>> import numpy as np, sn89
    >>> picture = np.full((60, 90), 255)  # paper
    >>> picture[10:50, 40:48] = 0         # a stroke of ink, 40 pixels high
    >>> image = sn89.size_normalize(picture)
    >>> image.shape, float(image.min()), float(image.max())
    ((16, 16), -1.0, 1.0)
    """
    side = whole(size, "size", least=1, most=LARGEST)
    return _squared(framed(image, ink), side)


def bitmap_normalize(image: ArrayLike, size: int, ink: Ink) -> NDArray[np.float32]:
    """As `size_normalize`, for an image that was drawn by sn89: its border is the background, however large it is."""
    return _squared(within_frame(_ink_of(_plane(image), ink)), size)


def _squared(frame: NDArray[np.float64], side: int) -> NDArray[np.float32]:
    drawn = scaled(frame, (side, side), side / max(frame.shape))
    grey: NDArray[np.float64] = drawn / drawn.max()
    return (2 * grey - 1).astype(np.float32)


def framed(image: ArrayLike, ink: Ink) -> NDArray[np.float64]:
    """The ink of an image within the frame around it, 0 for the background. It raises what `size_normalize` raises."""
    plane = _plane(image)
    large = min(plane.shape) >= LARGE
    if large:
        plane = without_rim(plane)
    strength = _ink_of(plane, ink)
    if _is_drawn(plane):
        strength = _without_frames(strength) if large else strength
    elif large or _is_uneven(plane, float(strength.max())):
        strength = _ink_on_paper(plane, ink)
    return within_frame(strength)


def within_frame(strength: NDArray[Any]) -> NDArray[Any]:
    """The part of an image that holds its ink, without the paper around it."""
    strong = strength > FAINT * strength.max()
    rows, columns = np.flatnonzero(strong.any(axis=1)), np.flatnonzero(strong.any(axis=0))
    return strength[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _is_uneven(plane: NDArray[np.float64], contrast: float) -> bool:
    """Whether the background differs from side to side of a picture that is large enough for a photograph."""
    if min(plane.shape) < PHOTOGRAPH:
        return False
    sides = [part for line in (plane[0], plane[-1], plane[:, 0], plane[:, -1]) for part in np.array_split(line, 3)]
    levels = [float(np.median(part)) for part in sides]
    return max(levels) - min(levels) > UNEVEN * contrast


def _is_drawn(plane: NDArray[np.float64]) -> bool:
    """Whether the background has one level and is seen on every side, as in a bitmap; a digit may touch the border."""
    sides = (plane[0], plane[-1], plane[:, 0], plane[:, -1])
    levels, counts = np.unique(np.concatenate(sides), return_counts=True)
    ground = levels[counts.argmax()]
    return bool((plane == ground).mean() > DRAWN and all((side == ground).any() for side in sides))


def _ink_on_paper(plane: NDArray[np.float64], ink: Ink) -> NDArray[np.float64]:
    """The ink of a photograph, found as `sn89.reader.read` finds it, without specks."""
    try:
        from scipy.ndimage import binary_dilation
    except ImportError:
        raise ImportError('a photograph of a digit needs scikit-image: pip install "sn89[reader]"') from None
    from .reader.layout import is_flat, lines_of
    from .reader.pieces import find_pieces

    relief = on_even_paper((plane - min(0.0, float(plane.min()))).astype(np.float32), ink)
    smoothed = smooth(relief)
    inked = tell_apart(smoothed) or tell_apart(smoothed, SECOND_TRY)
    if inked is None or not inked.mask.any():
        raise ValueError("there is no ink in the image: nothing stands out from its paper")
    found = find_pieces(inked.mask)
    least = SPECK * max((int(one.mask.sum()) for one in found), default=0)
    lines = lines_of([one for one in found if one.mask.sum() >= least])
    pieces = [one for line in lines for one in line.pieces if not is_flat(one, line.height)]  # flat: remains of rules
    mask = np.zeros_like(inked.mask) if pieces else inked.mask  # a bar alone may have been taken for a ruled line
    for one in pieces:
        mask[one.top : one.bottom, one.left : one.right] |= one.mask
    strength: NDArray[np.float64] = binary_dilation(mask, np.ones((3, 3))) * np.maximum(relief, 0).astype(np.float64)
    return strength


def _without_frames(strength: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ink of a drawn picture without boxes and rings around its digit; unchanged if SciPy is not installed."""
    try:
        from .reader.pieces import frames_of
    except ImportError:
        return strength
    return np.where(frames_of(strength > FAINT * strength.max()), 0, strength)


def scaled(frame: NDArray[np.float64], shape: tuple[int, int], scale: float) -> NDArray[np.float64]:
    """A frame scaled and centred in an image of that shape, every pixel the sum of the part that it covers."""
    down, across = (_coverage(*sizes, scale) for sizes in zip(frame.shape, shape, strict=True))
    return down @ frame @ across.T


def _plane(image: ArrayLike) -> NDArray[np.float64]:
    """The image as floats, checked."""
    given = np.asarray(image)
    if given.dtype.kind not in "buif":
        raise TypeError(f"an image must hold numbers, not {given.dtype}")
    if given.ndim != 2 or 0 in given.shape:
        raise ValueError(f"an image must have the shape (height, width), not {given.shape}")
    plane = given.astype(np.float64)
    if not np.isfinite(plane).all():
        raise ValueError("an image must be finite")
    largest = np.abs(plane).max()
    return plane / largest if largest > 0 else plane


def _ink_of(plane: NDArray[np.float64], ink: Ink) -> NDArray[np.float64]:
    """By how much each pixel differs from the background in the direction of the ink."""
    if ink not in INKS:
        raise ValueError(f'ink must be "auto", "dark" or "light", not {ink!r}')
    border = np.concatenate([plane[0], plane[-1], plane[1:-1, 0], plane[1:-1, -1]])
    lighter = plane - np.median(border)
    light = lighter.max() >= -lighter.min() if ink == "auto" else ink == "light"
    strength: NDArray[np.float64] = np.maximum(lighter if light else -lighter, 0)
    if strength.max() <= 0:
        kind = "" if ink == "auto" else f"{ink} "
        raise ValueError(f"there is no {kind}ink in the image: nothing stands out from its border")
    return strength


def _coverage(source: int, size: int, scale: float) -> NDArray[np.float64]:
    """The part of each of `size` pixels that every pixel of the source covers, scaled and centred: (size, source)."""
    edges = (np.arange(source + 1) - source / 2) * scale + size / 2
    pixels = np.arange(size)[:, None]
    overlap = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    covered: NDArray[np.float64] = np.maximum(overlap, 0)
    return covered
