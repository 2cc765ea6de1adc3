"""Pictures: the one place where they are opened, in any form, and judged before anything is decoded.

Nothing in a file is trusted. Its content tells its kind, which must be one of `FORMATS`, so that no other decoder of
Pillow (PostScript, which starts Ghostscript, is one) ever sees it. Its header tells its size, which is judged first.
Whatever goes wrong is one of `UNREADABLE`.
"""

from __future__ import annotations

import math
import os
import re
import stat
import sys
import warnings
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .aliases import Array, Floats, Place
from .arguments import whole

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["FORMATS", "LIMIT", "UNREADABLE", "Picture", "load", "load_pages", "pages", "picture", "pictures_in"]

Source: TypeAlias = "ArrayLike | Place | bytes | IO[bytes] | Image"

FORMATS = ("PNG", "JPEG", "TIFF", "PPM", "BMP", "GIF", "WEBP")  # Pillow's names; PPM is PGM and PBM too
ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pgm", ".pbm", ".ppm", ".pnm", ".bmp", ".gif", ".webp")
#: Endings of other kinds of picture, which are not opened.
OTHERS = (
    *(".heic", ".heif", ".avif", ".jp2", ".jxl", ".pdf", ".svg", ".eps", ".psd", ".xcf"),
    *(".dng", ".cr2", ".cr3", ".nef", ".arw", ".raw", ".ico", ".tga"),
)
LIMIT = 40_000_000  # pixels, about a sheet of letter paper at 600 dots per inch
BYTES = 2**29  # of a file: LIMIT pixels of 12 bytes, uncompressed
HEAD = 2**14  # bytes of a picture, in which its size stands
_GAP = rb"(?:\s|#[^\r\n]*[\r\n])+"
#: The head of a PGM file and its kin: width and height, and the lightest level where there are more than two.
PNM = re.compile(rb"P(?:[14f](?:%b\d+){2}|[2356](?:%b\d+){3})\s" % (_GAP, _GAP))
PAGES = 1000  # of a file
SCANS = 50  # of a progressive JPEG file: each is a pass over all its pixels; usual ones have ten
STRIP = 2**20  # pixels converted at a time, which bounds the memory used
ORIENTATION = 0x0112  # Exif's tag
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
SAMPLE = 250_000  # pixels, about, that tell in which colour ink is darkest
COLOURFUL = 0.1  # of the whole range: least difference between the colours of some pixel
CLEARER = 2.0  # times the contrast of the luminance: least contrast of ink in one colour for it to be taken

#: The errors that opening a picture may raise: the file cannot be opened, or it is no picture.
UNREADABLE = (OSError, ValueError, TypeError)


@dataclass(frozen=True, eq=False, repr=False)
class Picture:
    """A picture as it was given, upright, in its own depth.

    Parameters
    ----------
    pixels : ndarray, shape (height, width) or (height, width, 3)
        Grey levels, or red, green and blue: uint8 and uint16 over their whole range, or float32 from 0 to 1.
    opacity : ndarray of the same type, shape (height, width), optional
        How opaque each pixel is; None if all are opaque.
    shrunk : float
        The factor by which a JPEG file was shrunk along both sides while it was decoded.
    """

    pixels: Array
    opacity: Array | None = None
    shrunk: float = 1.0

    def __repr__(self) -> str:
        """One line without the pixels."""
        height, width = self.shape
        colours = "grey" if self.pixels.ndim == 2 else "colour"
        return f"<Picture of {height} x {width} {colours} pixels{', partly transparent' * (self.opacity is not None)}>"

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def grey(self, paper: float = 1.0) -> Floats:
        """Grey levels from 0 (black) to 1 (white); the luminance of colours.

        Parameters
        ----------
        paper : float
            The level that is seen where the picture is transparent.

        Returns
        -------
        ndarray of float32, shape (height, width)
        """
        return self._levels(None, paper)

    def channel(self, which: int, paper: float = 1.0) -> Floats:
        """The levels of one colour, from 0 (none) to 1.

        Parameters
        ----------
        which : int
            0 for red, 1 for green, 2 for blue; a grey picture has the same levels in all of them.
        paper : float
            As for `grey`.

        Returns
        -------
        ndarray of float32, shape (height, width)
        """
        return self._levels(whole(which, "which", least=0, most=2), paper)

    def _levels(self, which: int | None, paper: float) -> Floats:
        """The levels, computed in strips, because those of a whole colour picture would take 12 bytes a pixel."""
        levels = np.empty(self.shape, np.float32)
        for rows in _strips(*self.shape):
            strip = self.pixels[rows]
            if strip.ndim == 3 and which is None:
                levels[rows] = _unit(strip) @ LUMINANCE
            else:
                levels[rows] = _unit(strip if strip.ndim == 2 else strip[..., which])
            if self.opacity is not None:
                opacity = _unit(self.opacity[rows])
                levels[rows] = opacity * levels[rows] + (1 - opacity) * np.float32(paper)
        return levels


def load(image: Source, limit: int = LIMIT) -> Floats:
    """Open a picture as grey levels from 0 (black) to 1 (white).

    Transparent pixels are white, or black if the opaque ones are light ink. Ink that is about as light as its paper,
    but of another colour, is seen in the red, the green or the blue alone.

    Parameters
    ----------
    image : path, bytes, file, Pillow image or array_like
        As for `picture`.
    limit : int
        Pixels that a picture may have, at most.

    Returns
    -------
    ndarray of float32, shape (height, width)
    """
    return _levels_of(picture(image, limit))


def load_pages(image: Source, limit: int = LIMIT) -> Generator[Floats, None, None]:
    """Do as `load` does for every page of a TIFF file, one after another.

    Parameters
    ----------
    image, limit
        As for `load`, for each page.

    Yields
    ------
    ndarray of float32, shape (height, width)
    """
    for page in pages(image, limit):
        yield _levels_of(page)


def picture(image: Source, limit: int = LIMIT) -> Picture:
    """Open a picture, or the first page of several.

    Parameters
    ----------
    image : path, bytes, file, Pillow image or array_like
        The name or content of a PNG, JPEG, TIFF, PGM (PBM, PPM), BMP, GIF or WebP file, or an open one. Or an array
        (height, width), or (height, width, channels) of grey, grey and alpha, RGB, or RGB and alpha. Unsigned integers
        of 8 and 16 bits go from black to white over their whole range, floats from 0 to 1, and other numbers from their
        smallest to their largest. A picture is turned upright as its camera noted.
    limit : int
        Pixels that a picture may have. A larger one is refused by its header, before memory is taken. A baseline JPEG
        file may be larger if it can be decoded at a half, a quarter or an eighth of its size.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If an array does not hold numbers.
    ValueError
        If the picture has more pixels than the limit, none, an unknown shape, or is not finite; if the file is damaged
        or of another kind. The message names the file.
    OSError
        If the file cannot be opened.
    """
    found = pages(image, limit)
    try:
        return next(found)
    finally:
        found.close()


def pages(image: Source, limit: int = LIMIT) -> Generator[Picture, None, None]:
    """Open all pages of a TIFF file, one after another, or the one picture of another source.

    Parameters
    ----------
    image, limit
        As for `picture`, for each page.

    Yields
    ------
    Picture
    """
    limit = whole(limit, "limit", least=1, most=10**10)
    pillow = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(image, pillow.Image):
        yield from _pages(image, "the picture", limit, ours=False)
        return
    if not isinstance(image, (str, os.PathLike, bytes, bytearray, memoryview)) and not hasattr(image, "read"):
        yield _of_array(image, limit)
        return
    with ExitStack() as stack:
        file, name = _file(image, stack)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is odd but can be read; bombs are judged here
            opened = _opened(file, name, limit)
        yield from _pages(opened, name, limit, ours=True)


def pictures_in(*places: Place) -> list[str]:
    """List picture files and the picture files in folders, by name.

    Parameters
    ----------
    *places : path
        Files, which are taken as they are, and folders, of which files with the endings of pictures are taken.

    Returns
    -------
    list of str
    """
    found: list[str] = []
    for place in (os.fspath(one) for one in places):
        if os.path.isdir(place):
            names = sorted(name for name in os.listdir(place) if name.lower().endswith(ENDINGS))
            found += [path for path in (os.path.join(place, name) for name in names) if os.path.isfile(path)]
        elif os.path.exists(place):
            found.append(place)
        else:
            raise FileNotFoundError(f"there is no file or folder {place}")
    return found


def others_in(place: Place) -> list[str]:
    """List the pictures in a folder, by name, whose kind cannot be opened; nothing if it is no folder."""
    if not os.path.isdir(place):
        return []
    return sorted(os.path.join(os.fspath(place), name) for name in os.listdir(place) if name.lower().endswith(OTHERS))


def _levels_of(found: Picture) -> Floats:
    """The luminance, or the levels of one colour if ink stands out much more in it."""
    from .ink import clearness

    beneath = _beneath(found)
    step = max(1, math.isqrt(found.shape[0] * found.shape[1] // SAMPLE))
    few = Picture(found.pixels[::step, ::step], None if found.opacity is None else found.opacity[::step, ::step])
    if few.pixels.ndim == 2 or float(_unit(few.pixels.max(axis=2) - few.pixels.min(axis=2)).max()) < COLOURFUL:
        return found.grey(beneath)
    clear = [clearness(few.channel(which, beneath)) for which in range(3)]
    best = int(np.argmax(clear))
    if clear[best] > CLEARER * clearness(few.grey(beneath)):
        return found.channel(best, beneath)
    return found.grey(beneath)


def _beneath(found: Picture) -> float:
    """The level of the paper under a transparent picture: white, but black if its opaque pixels are few and light."""
    if found.opacity is None:
        return 1.0
    most = 1 if found.opacity.dtype.kind == "f" else np.iinfo(found.opacity.dtype).max
    opaque = float(found.opacity.mean(dtype=np.float64)) / most
    light = float(found.grey(0.0).mean(dtype=np.float64))  # of what is opaque, times its share
    return 0.0 if 0 < opaque < 0.5 and light > 0.5 * opaque else 1.0


# ---- Files -----------------------------------------------------------------------------------------------------------


def _file(image: Any, stack: ExitStack) -> tuple[IO[bytes], str]:
    """An open file that can be sought in, and its name for messages."""
    if isinstance(image, (bytes, bytearray, memoryview)):
        return BytesIO(image), "the picture"
    if hasattr(image, "read"):
        name = getattr(image, "name", None)
        name = name if isinstance(name, str) else "the picture"
        if image.seekable():
            return image, name
        content = image.read(BYTES + 1)
        if len(content) > BYTES:
            raise ValueError(f"{name}: has more bytes than the limit of {BYTES:,}")
        return BytesIO(content), name
    name = os.fsdecode(image)
    file = stack.enter_context(open(image, "rb", opener=_without_waiting))  # noqa: SIM115
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode):
        raise ValueError(f"{name}: is no regular file: pictures are read from files")
    if found.st_size > BYTES:
        raise ValueError(f"{name}: has {found.st_size:,} bytes, more than the limit of {BYTES:,}")
    return file, name


def _without_waiting(path: str, flags: int) -> int:
    """Open a pipe that nobody writes to at once, so that it can be refused."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _opened(file: IO[bytes], name: str, limit: int) -> Image:
    """A Pillow image whose header has been read."""
    from PIL import Image

    try:
        start = file.tell()
        head = file.read(HEAD)
        height, width = _webp_size(head[:30])
        file.seek(start)
    except Exception as error:
        raise ValueError(f"{name}: cannot be read: {error}") from None
    if head.startswith(b"P") and len(head) == HEAD and head[1] in b"123456f" and not PNM.match(head):
        raise ValueError(f"{name}: is damaged: its size is not among its first {HEAD:,} bytes")  # remarks, by the byte
    if height * width > limit:  # Pillow's decoder takes memory for the whole of it when it opens it
        _judge(height, width, limit, f"{name}: the picture")
    try:
        return Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError:
        raise ValueError(f"{name}: the picture has more pixels than the limit of {limit:,}, far more") from None
    except Exception:  # whatever a damaged header leads to
        ending = os.path.splitext(name)[1]
        other = f": save it as PNG; {ending} is not read, but" if ending.lower() in OTHERS else ":"
        raise ValueError(
            f"{name}: is no picture that can be read{other} a PNG, JPEG, TIFF, PGM, BMP, GIF or WebP file is"
        ) from None


def _webp_size(head: bytes) -> tuple[int, int]:
    """Height and width by the header of a WebP file; 0 for other files."""
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < 30:
        return 0, 0
    if head[12:16] == b"VP8X":
        width, height = (1 + int.from_bytes(head[i : i + 3], "little") for i in (24, 27))
    elif head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        width, height = (int.from_bytes(head[i : i + 2], "little") & 0x3FFF for i in (26, 28))
    return height, width


def _pages(image: Image, name: str, limit: int, ours: bool) -> Iterator[Picture]:
    """Each page of a TIFF file; the first frame of others."""
    for number in range(PAGES):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if number:
                try:
                    image.seek(number)
                except EOFError:
                    return
                except Exception as error:
                    raise ValueError(f"{name}: is damaged: page {number + 1}: {error}") from None
            found = _decoded(image, name, limit, ours)
        yield found
        if not ours or image.format != "TIFF":
            return
    raise ValueError(f"{name}: has more than {PAGES} pages")


def _decoded(image: Image, name: str, limit: int, ours: bool) -> Picture:
    width = image.width
    if ours and image.format in ("JPEG", "MPO"):
        _draft(image, name, limit)
    _judge(image.height, image.width, limit, f"{name}: the picture")
    try:
        drafted = width / image.width
        array = _array(image)
        turned = _upright(array, _orientation(image))
    except Exception as error:  # whatever damaged content leads to
        raise ValueError(f"{name}: is damaged: {error}") from None
    return replace(_of_array(turned, limit, f"{name}: the picture"), shrunk=drafted)


def _draft(image: Any, name: str, limit: int) -> None:
    """Have a JPEG file that is too large decoded at the largest fraction that has no more pixels than the limit."""
    pixels = image.width * image.height
    if image.info.get("progressive") or image.info.get("progression"):
        if pixels > limit:
            return  # a draft would save nothing: all its coefficients are kept
        image.fp.seek(0)
        if sum(part.count(b"\xff\xda") for part in iter(lambda: image.fp.read(STRIP), b"")) > SCANS:
            raise ValueError(f"{name}: is no picture that can be read: it has more than {SCANS} scans")
    for fraction in (2, 4, 8) if pixels > limit else ():
        if math.ceil(image.width / fraction) * math.ceil(image.height / fraction) <= limit:
            image.draft(None, (image.width // fraction, image.height // fraction))
            return


def _array(image: Image) -> Array:
    """The pixels of a Pillow image as an array for `_of_array`, converted in strips."""
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16, copy=False)
    if image.mode == "I":  # 32 bits, of which mostly 16 are used
        wide = np.asarray(image)
        return wide.astype(np.uint16) if wide.min() >= 0 and wide.max() <= 65535 else wide
    if image.mode == "F":
        return np.asarray(image)
    mode = _mode(image)
    image.load()
    channels = len(mode) if len(mode) > 1 else 0
    array = np.empty((image.height, image.width, *([channels] if channels else [])), np.uint8)
    for rows in _strips(image.height, image.width):
        strip = image.crop((0, rows.start, image.width, rows.stop))
        array[rows] = np.asarray(strip if strip.mode == mode else strip.convert(mode))
    return array


def _mode(image: Image) -> str:
    """The mode of Pillow that keeps everything in a picture of bytes."""
    if "transparency" in image.info or image.mode in ("PA", "RGBA", "RGBa"):
        return "RGBA"
    if image.mode in ("LA", "La"):
        return "LA"
    return "L" if image.mode in ("1", "L") else "RGB"


def _orientation(image: Image) -> int:
    """How the camera was held, from 1 to 8 as in Exif; 1, which is upright, if it is not known."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def _upright(array: Array, orientation: int) -> Array:
    """A view of the pixels, turned and mirrored; with 5 to 8 the camera lay on its side."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    return array[:, ::-1] if orientation in (2, 3, 6, 7) else array


# ---- Arrays ----------------------------------------------------------------------------------------------------------


def _judge(height: int, width: int, limit: int, what: str) -> None:
    if height * width > limit:
        raise ValueError(f"{what} has {height} x {width} pixels, more than the limit of {limit:,}")
    if not height * width:
        raise ValueError(f"{what} has no pixels: {height} x {width}")


def _of_array(image: Any, limit: int, what: str = "the picture") -> Picture:
    try:
        array = np.asarray(image)
    except ValueError:
        raise ValueError("a picture must be an array: its rows are not of equal lengths") from None
    if array.dtype.kind not in "buif":
        raise TypeError(f"a picture must hold numbers, not {array.dtype}")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 2, 3, 4)):
        raise ValueError(f"a picture must have the shape (height, width) or (height, width, 1 to 4), not {array.shape}")
    _judge(array.shape[0], array.shape[1], limit, what)
    levels = _native(array)
    if levels.ndim == 2:
        return Picture(levels)
    channels = levels.shape[2]
    opacity = levels[..., -1] if channels in (2, 4) else None
    if opacity is not None and opacity.min() >= (1 if opacity.dtype.kind == "f" else np.iinfo(opacity.dtype).max):
        opacity = None
    return Picture(levels[..., 0] if channels < 3 else levels[..., :3], opacity)


def _native(array: Array) -> Array:
    """Numbers of any kind as uint8, uint16 or, from 0 to 1, float32."""
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return array.astype(np.uint16, copy=False)  # of either order of bytes
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    low, high = float(array.min()), float(array.max())
    if not np.isfinite(low) or not np.isfinite(high):
        raise ValueError("a picture must be finite, not NaN or infinite")
    if array.dtype.kind == "f" and low >= 0 and high <= 1:
        return array.astype(np.float32, copy=False)
    levels, reach = np.zeros(array.shape, np.float32), high / 2 - low / 2
    for rows in _strips(array.shape[0], array[0].size):
        if reach > 0:  # halves: the difference may be too large for a float
            levels[rows] = (array[rows] / 2 - low / 2) / reach
    return levels


def _strips(height: int, width: int) -> Iterator[slice]:
    """Rows of a picture, about `STRIP` pixels at a time."""
    rows = max(1, STRIP // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def _unit(levels: Array) -> Floats:
    """Levels of any depth as float32 from 0 to 1."""
    if levels.dtype.kind == "f":
        return levels
    return levels * np.float32(1 / np.iinfo(levels.dtype).max)
