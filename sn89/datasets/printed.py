"""Printed digits in the typefaces that come with matplotlib.

They replace the 3,349 printed digits in 35 fonts of "Handwritten Digit Recognition with a Back-Propagation Network"
(NIPS 2, 1989), which were never published. There are as many digits and faces (typefaces), and test digits have other
faces than training digits. Each digit is printed with more or less ink, slightly askew, scanned in black and white at
some resolution, and normalised to 16x16 grey levels like the papers' digits.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..arguments import whole
from ..images import size_normalize
from .digits import Digits, Part
from .draws import generator, sequence
from .strokes import cropped

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

Floats: TypeAlias = NDArray[np.float64]
Bitmaps: TypeAlias = list[Floats]
"""The digits 0 to 9 of a face, drawn large, with ink from 0 to 1."""


class Face(NamedTuple):
    """Ten digits of one design: a font file, the code point of its 0, and the step from one digit to the next."""

    file: str  # in matplotlib's folder of fonts, or an absolute path
    zero: int = ord("0")
    step: int = 1


SUBSCRIPT = 0x2080  # smaller digits, which in DejaVu have another design, wider and sturdier

# Every design in the files of matplotlib since 3.8 once. Designs that can hardly be told from another one, such as
# DejaVu Sans Mono, are left out; so are double-struck digits, which nobody prints on an envelope.
_SANS, _SERIF = ("Sans", "Sans-Oblique"), ("Serif", "Serif-Italic", "Serif-Bold", "Serif-BoldItalic")
_BOLD = ("Sans-Bold", "Sans-BoldOblique", "SansMono-Bold", "SansMono-BoldOblique")  # the 0 of Mono has a dot
FACES = (
    *(Face(f"DejaVu{design}.ttf") for design in (*_SANS, *_BOLD, *_SERIF)),
    *(Face(f"DejaVu{design}.ttf", SUBSCRIPT) for design in (*_SANS, *_SERIF)),
    *(Face(f"STIXGeneral{design}.ttf") for design in ("", "Italic", "Bol", "BolIta")),
    Face("STIXGeneral.ttf", 0x1D7E2),  # sans serif
    Face("STIXGeneral.ttf", 0x1D7EC),  # and bold
    Face("STIXNonUniIta.ttf", 0xE1B4),  # and italic
    Face("STIXNonUniBolIta.ttf", 0xE1F6),  # and both
    # Old style: 0, 1 and 2 are low, and 3 to 5, 7 and 9 go below the line.
    *(Face(f"STIXNonUni{design}.ttf", 0xE261 + i, 4) for i, design in enumerate(("", "Ita", "Bol", "BolIta"))),
    *(Face(f"{design}10.ttf") for design in ("cmr", "cmb", "cmmi", "cmss", "cmtt")),  # cmmi10 is old style too
    Face("STIXGeneral.ttf", 0x1D7F6),
    Face("STIXNonUniBol.ttf", 0xE3B7),
)

SIZE = 16  # pixels, height and width of an image
PRINT = 96  # pixels, longer side of a face's largest digit as it is drawn, several for a pixel of the scan
REACH = 6  # pixels of the drawing up to which the distance from the outline is known; ink and noise go no farther
SCAN = 52  # pixels, height and width of a scan, with room for paper around the largest and most askew digit

# Values that vary evenly between bounds from digit to digit, no more than from one envelope to the next.
RANGES = np.array(
    [
        (24.0, 40.0),  # resolution: pixels of the scan to the digit's longer side
        (-0.006, 0.024),  # ink spread beyond the outline, of the longer side
        (-0.08, 0.08),  # slant: shift to the right, per unit of height
        (-0.07, 0.07),  # turn, radians
        (-0.50, 0.50),  # pixels of the scan off its centre, to the right
        (-0.50, 0.50),  # and downwards
        (0.00, 0.50),  # roughness: greatest shift of the outline at a pixel of the scan, in such pixels
    ]
)


class Glyph(NamedTuple):
    """A drawn digit of a face, cut out."""

    distance: Floats  # of each pixel from the outline, in pixels, negative inside; with a margin
    side: int  # longer side of the digit's frame, in pixels


def printed(
    train: int = 2549, test: int = 700, *, seed: int = 1989, fonts: Sequence[str | os.PathLike[str]] = ()
) -> Digits:
    """Print digits in 35 typefaces, by default as many as in the NIPS paper of 1989.

    They replace the paper's printed digits, which were never published, so results on them cannot be compared with the
    paper's. The faces (typefaces) come with matplotlib (`FACES`: DejaVu, STIX and Computer Modern, sans serif and
    serif, light and bold, upright and italic, lining and old style, typewriters). One face in five, chosen by the seed,
    is used only in the test set.

    Parameters
    ----------
    train, test : int
        Numbers of digits. A smaller number gives the first digits of a larger one, and neither part depends on the
        other.
    seed : int
        The same seed gives the same digits with the same versions of matplotlib and NumPy. Another matplotlib may
        change about one pixel in a few hundred; another NumPy may draw other random numbers.
    fonts : sequence of str or path-like
        Font files whose digits 0 to 9 are added to the faces. It is not checked that the glyphs are digits.

    Returns
    -------
    Digits
        Images float32 (train, 16, 16) and (test, 16, 16), from -1 (paper) to 1 (ink), in steps of 0.001 as in USPS, and
        labels int64. All digits of all faces of a part are about equally frequent.

    Raises
    ------
    ValueError
        If a font file cannot be read or lacks a digit.

    References
    ----------
    LeCun et al., "Handwritten digit recognition with a back-propagation network", NIPS 2 (1989).
    """
    train, test = whole(train, "train", least=1), whole(test, "test", least=1)
    split, *seeds = sequence(seed).spawn(3)
    faces = [*FACES, *(Face(os.path.abspath(os.path.expanduser(path))) for path in _paths(fonts))]

    import matplotlib

    drawn = [_draw(face) for face in faces]
    tested = generator(split).permutation(len(faces))[: len(faces) // 5]
    sides = [[drawn[i] for i in range(len(faces)) if (i in tested) == testing] for testing in (False, True)]
    source = f"{len(faces)} faces, of matplotlib {matplotlib.__version__}{' and the given fonts' if fonts else ''}"
    return Digits(
        "printed digits",
        _print(train, sides[0], seeds[0]),
        _print(test, sides[1], seeds[1]),
        source=f"printed by sn89 in {source}, seed {seed}; not comparable with the paper",
        synthetic=True,
    )


def _paths(fonts: object) -> list[str]:
    """The paths of font files, checked."""
    if not isinstance(fonts, Sequence) or isinstance(fonts, (str, bytes)):
        raise TypeError(f"fonts must be a sequence of paths of font files, not {fonts!r}")
    for font in fonts:
        if not isinstance(font, (str, os.PathLike)):
            raise TypeError(f"fonts must hold paths of font files, not {font!r}")
    return [str(os.fspath(font)) for font in fonts]


def _print(count: int, drawn: list[Bitmaps], seed: np.random.SeedSequence) -> Part:
    """Print and scan digits of these faces in random order; all come once before any comes again."""
    order, wear = map(generator, seed.spawn(2))
    kinds = 10 * len(drawn)
    rounds = [order.permutation(kinds) for _ in range(0, count, kinds)]
    faces, labels = np.divmod(np.concatenate(rounds)[:count], 10)
    glyph = cache(lambda face, digit: _glyph(drawn[face][digit]))
    images = np.empty((count, SIZE, SIZE), np.float32)
    for i, (face, digit) in enumerate(zip(faces.tolist(), labels.tolist(), strict=True)):
        scan = _scan(glyph(face, digit), wear.random(len(RANGES)), wear.random((SCAN, SCAN)))
        # Rounding to thousandths makes all machines agree.
        images[i] = np.rint(1000 * size_normalize(scan, SIZE, ink="light").astype(float)) / 1000
    return images, labels.astype(np.int64)


def _scan(glyph: Glyph, vary: Floats, noise: Floats) -> NDArray[np.bool_]:
    """Scan a printed glyph: True where there is ink (SCAN, SCAN); `vary` and `noise` go from 0 to 1."""
    low, high = RANGES.T
    resolution, spread, slant, turn, right, down, roughness = low + (high - low) * vary
    pitch = glyph.side / resolution  # of the scan, in the glyph's pixels
    place = pitch * (np.arange(SCAN) - (SCAN - 1) / 2)
    x, y = place - pitch * right, place[:, None] - pitch * down
    x, y = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    distance = _between(glyph.distance, y, x + slant * y)
    ink: NDArray[np.bool_] = distance + pitch * roughness * (2 * noise - 1) < spread * glyph.side
    return ink


def _between(values: Floats, y: Floats, x: Floats) -> Floats:
    """Interpolate values (height, width) linearly at places relative to their centre; borders are extended."""
    height, width = values.shape
    row, column = np.clip(y + (height - 1) / 2, 0, height - 1), np.clip(x + (width - 1) / 2, 0, width - 1)
    top, left = np.minimum(row.astype(int), height - 2), np.minimum(column.astype(int), width - 2)
    down, right = row - top, column - left
    upper = (1 - right) * values[top, left] + right * values[top, left + 1]
    lower = (1 - right) * values[top + 1, left] + right * values[top + 1, left + 1]
    between: Floats = (1 - down) * upper + down * lower
    return between


def _glyph(bitmap: Floats) -> Glyph:
    """Measure a drawn digit."""
    frame = cropped(bitmap) > 0.5
    ink = np.pad(frame, REACH + 1)
    # The outline is half a pixel from the centres of the pixels on both sides.
    return Glyph(np.where(ink, 0.5 - _distance(~ink), _distance(ink) - 0.5), max(frame.shape))


def _distance(ink: NDArray[np.bool_]) -> Floats:
    """The distance from each pixel to the nearest pixel with ink, at most REACH."""
    square = np.where(ink, 0.0, REACH**2)
    for axis in (0, 1):
        # np.roll brings the margin round, which is all ink or all paper.
        square = np.min([np.roll(square, step, axis) + step**2 for step in range(-REACH, REACH + 1)], axis=0)
    distance: Floats = np.sqrt(square)
    return distance


def _draw(face: Face) -> Bitmaps:
    """Draw the ten digits of a face, the largest one PRINT pixels high or wide."""
    import matplotlib
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(str(Path(matplotlib.get_data_path(), "fonts", "ttf", face.file)))
        codes = _codes(font, face)
        trial = _bitmaps(font, codes, 2 * PRINT)
        largest = max(max(cropped(bitmap).shape) for bitmap in trial)
        return _bitmaps(font, codes, 2 * PRINT * PRINT // largest)
    except (OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"the font file {face.file} cannot be used: {error}") from None


def _codes(font: FT2Font, face: Face) -> list[int]:
    """The code points of a face's digits; a ValueError if the font lacks one."""
    codes = [face.zero + face.step * digit for digit in range(10)]
    glyphs = font.get_charmap()
    for digit, code in enumerate(codes):
        if code not in glyphs:
            raise ValueError(f"it has no digit {digit} (U+{code:04X})")
    if len({glyphs[code] for code in codes}) < 10:
        raise ValueError("two of its digits have the same glyph")
    return codes


def _bitmaps(font: FT2Font, codes: list[int], size: int) -> Bitmaps:
    """Draw glyphs at a whole number of pixels per em, because all versions of FreeType then draw the same."""
    from matplotlib import ft2font

    # No hinting, which would fit the outline to the pixels. The flag has another place since matplotlib 3.10.
    new = hasattr(ft2font, "LoadFlags")
    flags = ft2font.LoadFlags.NO_HINTING if new else ft2font.LOAD_NO_HINTING  # type: ignore[attr-defined]
    font.set_size(size, 72)
    bitmaps = []
    for code in codes:
        font.set_text(chr(code), 0, flags)
        font.draw_glyphs_to_bitmap()
        bitmaps.append(np.pad(font.get_image(), 1) / 255)
        if not (bitmaps[-1] > 0.5).any():
            raise ValueError(f"its U+{code:04X} is blank")
    return bitmaps
