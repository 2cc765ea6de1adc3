"""The one opener of pictures: what it opens, what it makes of it, and what it refuses before memory is taken."""

import io
import os
import struct
import threading
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from sn89 import pictures

RANDOM = np.random.default_rng(5)
GREY = np.kron(RANDOM.integers(0, 256, (5, 7)), np.ones((8, 8))).astype(np.uint8)  # blocks, which JPEG keeps
COLOUR = np.dstack([GREY, 255 - GREY, GREY // 2])


def content(array, kind="PNG", mode=None, **options):
    """The bytes of a file."""
    image = Image.fromarray(array)
    file = io.BytesIO()
    (image.convert(mode) if mode else image).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "PPM", "BMP", "GIF", "WEBP"])
def test_every_stated_format(kind):
    options = {"JPEG": {"quality": 98}, "WEBP": {"lossless": True}}.get(kind, {})
    grey = pictures.load(content(GREY, kind, **options))
    assert grey.dtype == np.float32
    assert grey == pytest.approx(GREY / 255, abs=0.02 if kind == "JPEG" else 1e-3)
    colour = pictures.picture(content(COLOUR, kind, **options))
    near = 0.2 if kind in ("JPEG", "GIF") else 0.005  # 256 colours, or coarser ones
    assert colour.grey() == pytest.approx(COLOUR @ [0.299, 0.587, 0.114] / 255, abs=near)
    assert np.abs(colour.channel(1) - COLOUR[..., 1] / 255).mean() < near


@pytest.mark.parametrize("kind", ["PDF", "EPS", "ICO", "PCX", "TGA", "SGI", "JPEG2000", "DDS", "AVIF"])
def test_no_other_format_whatever_the_name(kind, tmp_path):
    """PostScript would start Ghostscript."""
    if kind not in Image.SAVE and (Image.init() or kind not in Image.SAVE):
        pytest.skip(f"this Pillow does not write {kind}")
    (tmp_path / "one.png").write_bytes(content(COLOUR, kind))
    with pytest.raises(ValueError, match=r"one.png: is no picture that can be read: a PNG, JPEG, TIFF, PGM, BMP, GIF"):
        pictures.load(tmp_path / "one.png")


def test_every_source(tmp_path):
    data = content(GREY)
    (tmp_path / "one").write_bytes(data)
    expected = GREY / np.float32(255)
    with open(tmp_path / "one", "rb") as file, Image.open(tmp_path / "one") as image:
        paths = (tmp_path / "one", str(tmp_path / "one"))
        for source in (*paths, data, bytearray(data), memoryview(data), file, io.BytesIO(data), image, GREY):
            assert pictures.load(source) == pytest.approx(expected)
        assert image.getpixel((0, 0)) == GREY[0, 0]  # it is still the caller's
        assert not file.closed


class Pipe(io.RawIOBase):
    """A file that cannot be sought in, as standard input of a pipe."""

    def __init__(self, data):
        self.data = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.data.readinto(buffer)


def test_a_file_that_cannot_be_sought_in():
    assert pictures.load(io.BufferedReader(Pipe(content(GREY)))).shape == GREY.shape


MODES = ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16"]


@pytest.mark.parametrize("mode", MODES)
def test_every_mode(mode):
    image = Image.fromarray(GREY.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(GREY)
    if mode == "PA":
        image = image.convert("P")
    image = image if image.mode == mode else image.convert(mode)
    grey = pictures.load(image)
    if mode == "1":
        assert set(np.unique(grey)) == {0, 1}
    elif mode in ("I", "F"):
        assert grey.argmax() == GREY.argmax()
    else:
        assert grey == pytest.approx(GREY / 255, abs=0.02)


def test_depths_of_files():
    deep = GREY.astype(np.uint16) * 200 + 77
    for kind in ("PNG", "TIFF", "PPM"):
        assert pictures.load(content(deep, kind)) == pytest.approx(deep / 65535, abs=1e-4)
    file = io.BytesIO()
    Image.frombytes("I;16B", GREY.shape[::-1], deep.astype(">u2").tobytes()).save(file, "TIFF")
    assert pictures.load(file.getvalue()) == pytest.approx(deep / 65535, abs=1e-4)
    assert pictures.load(deep.astype(">u2")) == pytest.approx(deep / 65535, abs=1e-4)
    assert pictures.load(content((GREY / 255).astype(np.float32), "TIFF")) == pytest.approx(GREY / 255, abs=1e-4)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_picture_is_upright(orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"JPEG": {"quality": 98}, "WEBP": {"lossless": True}}.get(kind, {})
    data = content(GREY, kind, exif=exif, **options)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("L")) / 255
    assert pictures.load(data) == pytest.approx(expected, abs=0.02)
    assert (pictures.load(data).shape == GREY.shape) == (orientation < 5)


def test_nonsense_in_exif_is_no_orientation():
    exif = Image.Exif()
    exif[0x0112] = 77
    assert pictures.load(content(GREY, exif=exif)).shape == GREY.shape
    assert pictures.load(content(GREY, "JPEG", exif=b"Exif\0\0nonsense")).shape == GREY.shape


def test_transparency_of_either_colour():
    ink = np.zeros((8, 8), np.uint8)
    ink[2:6, 3:5] = 255
    for level in (0, 255):
        data = content(np.dstack([np.full_like(ink, level), ink]))
        found = pictures.picture(data)
        assert np.array_equal(found.opacity, ink)
        assert np.array_equal(found.grey(paper=0.5)[ink == 0], np.full((ink == 0).sum(), 0.5))
        assert np.array_equal(found.grey(paper=0.5)[ink > 0], np.full((ink > 0).sum(), level / 255))
    assert pictures.picture(content(np.dstack([GREY, np.full_like(GREY, 255)]))).opacity is None
    one = Image.fromarray(ink).convert("P")
    file = io.BytesIO()
    one.save(file, "GIF", transparency=one.getpixel((0, 0)))
    assert pictures.picture(file.getvalue()).opacity[0, 0] == 0
    for level, paper in ((0, 1), (255, 0)):  # light ink is seen on black
        assert pictures.load(content(np.dstack([np.full_like(ink, level), ink])))[0, 0] == paper


def test_pages():
    file = io.BytesIO()
    others = [Image.fromarray(255 - GREY), Image.fromarray(GREY[:8])]
    Image.fromarray(GREY).save(file, "TIFF", save_all=True, append_images=others)
    found = list(pictures.pages(file.getvalue()))
    assert [one.shape for one in found] == [GREY.shape, GREY.shape, (8, GREY.shape[1])]
    assert np.array_equal(found[1].pixels, 255 - GREY)
    assert np.array_equal(pictures.picture(file.getvalue()).pixels, GREY)
    with pytest.raises(ValueError, match="the picture: the picture has 40 x 56 pixels, more than the limit of 500"):
        list(pictures.pages(file.getvalue(), limit=500))
    file = io.BytesIO()
    Image.fromarray(GREY).save(file, "GIF", save_all=True, append_images=others[:1])  # frames are no pages
    assert len(list(pictures.pages(file.getvalue()))) == 1


def tiff_that_goes_round(pages):
    """A TIFF file of pages of one pixel, the last of which says that the first one comes next."""
    data = b"II*\0" + struct.pack("<I", 10) + b"\0\0"
    tags = [(256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1)]
    for page in range(pages):
        rows = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
        length = 2 + len(rows) + 4
        after = 10 if page == pages - 1 else len(data) + length
        data += struct.pack("<H", len(tags)) + rows + struct.pack("<I", after)
    return data


def test_pages_without_end():
    count = 0
    try:
        for _ in pictures.pages(tiff_that_goes_round(3)):
            count += 1
    except ValueError:
        pass
    assert count <= pictures.PAGES
    with pytest.raises(ValueError, match="the picture: has more than 1000 pages"):
        list(pictures.pages(tiff_that_goes_round(1001)))


def png(width, height, data=b"\0" * 1000):
    """A grey PNG file that claims a size."""

    def chunk(kind, told):
        return struct.pack(">I", len(told)) + kind + told + struct.pack(">I", zlib.crc32(kind + told))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def webp(kind, body):
    return b"RIFF" + struct.pack("<I", 12 + len(body)) + b"WEBP" + kind + struct.pack("<I", len(body)) + body


SIDE = 16000
BOMBS = {
    "png": png(9000, 9000),
    "large png": png(60000, 60000),
    "gif": b"GIF89a" + struct.pack("<HH", SIDE, SIDE) + b"\xf7\0\0" + bytes(768) + b",\0\0\0\0" + bytes(40),
    "bmp": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 80, 0, 0, 54, 40, SIDE, SIDE, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(30),
    "pgm": b"P5 16000 16000 255\n" + bytes(100),
    "jpeg": content(GREY, "JPEG").replace(struct.pack(">HH", *GREY.shape), struct.pack(">HH", 65000, 65000)),
    "webp": webp(b"VP8X", bytes(4) + (SIDE - 1).to_bytes(3, "little") * 2) + bytes(100),
    "lossless webp": webp(b"VP8L", b"\x2f" + (16382 | 16382 << 14).to_bytes(4, "little") + bytes(60)),
    "lossy webp": webp(b"VP8 ", b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", 16383, 16383) + bytes(60)),
    "progressive": content(GREY, "JPEG", progressive=True).replace(
        struct.pack(">HH", *GREY.shape), struct.pack(">HH", 10000, 10000)
    ),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs_are_refused_by_their_header(kind, tmp_path):
    (tmp_path / "bomb.png").write_bytes(BOMBS[kind])
    tracemalloc.start()
    try:
        with pytest.raises(
            ValueError, match=r"bomb.png: the picture has .*more (pixels )?than the limit of 40,000,000"
        ):
            pictures.load(tmp_path / "bomb.png")
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()


def test_a_progressive_file_of_many_scans():
    data = content(GREY, "JPEG", progressive=True)
    with pytest.raises(ValueError, match="it has more than 50 scans"):
        pictures.load(data[:-2] + data[data.index(b"\xff\xda") : -2] * 60 + data[-2:])


def test_a_large_jpeg_costs_little():
    """Only what is wanted of it is decoded, though it has more pixels than the limit."""
    large = np.kron(GREY, np.ones((20, 20), np.uint8))
    data = content(large, "JPEG", quality=90)
    with pytest.raises(ValueError, match=r"800 x 1120 pixels, more than the limit of 10,000"):
        pictures.picture(data, limit=10_000)  # an eighth is still too large
    found = pictures.picture(data, limit=60_000)
    assert (found.shape, found.shrunk) == ((200, 280), 4)
    assert (pictures.picture(data).shape, pictures.picture(data).shrunk) == (large.shape, 1)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_ink_as_light_as_its_paper_is_seen_in_one_colour(kind):
    """Yellow on pink, of which nothing is left in shades of grey. For black ink and for none the luminance is taken."""
    most = 1 if kind == np.float32 else np.iinfo(kind).max
    pink, yellow = (np.array(one) / 255 for one in ((245, 190, 215), (250, 200, 60)))
    sheet = np.full((60, 200, 3), pink)
    bare = np.array(most * sheet, kind)
    sheet[20:40, 20:180:12] = yellow
    pen = np.array(most * sheet, kind)
    sheet[20:40, 20:180:12] = 0.1
    black = np.array(most * sheet, kind)
    assert pictures.load(pen) == pytest.approx(pictures.picture(pen).channel(2))
    for one in (bare, black):
        assert pictures.load(one) == pytest.approx(pictures.picture(one).grey())


def test_an_object_of_the_callers_stays_as_it_was():
    image = Image.open(io.BytesIO(content(np.kron(GREY, np.ones((4, 4), np.uint8)), "JPEG")))
    assert pictures.picture(image).shape == (160, 224)
    assert image.size == (224, 160)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_that_nobody_writes_to_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    found = []

    def look():
        try:
            pictures.load(tmp_path / "pipe")
        except ValueError as error:
            found.append(str(error))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join()
    assert found == [f"{tmp_path / 'pipe'}: is no regular file: pictures are read from files"]


def test_files_that_cannot_be_opened(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError):
        pictures.load(tmp_path / "none.png")
    with pytest.raises(IsADirectoryError):
        pictures.load(tmp_path)
    (tmp_path / "one.png").write_bytes(content(GREY))
    monkeypatch.setattr(pictures, "BYTES", 100)
    with pytest.raises(ValueError, match=r"one.png: has \d+ bytes, more than the limit of 100"):
        pictures.load(tmp_path / "one.png")
    with pytest.raises(ValueError, match="the picture: has more bytes than the limit of 100"):
        pictures.load(io.BufferedReader(Pipe(content(GREY))))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "PPM", "BMP", "GIF", "WEBP"])
def test_damaged_files_raise_what_is_stated(kind):
    whole = content(COLOUR, kind)
    random = np.random.default_rng(3)
    for _ in range(60):
        damaged = bytearray(whole[: random.integers(1, len(whole) + 1)])
        for where in random.integers(0, min(len(damaged), 600), random.integers(0, 6)):
            damaged[where] = random.integers(256)
        try:
            pictures.load(bytes(damaged), limit=10**6)
        except ValueError as error:
            assert "the picture" in str(error)  # noqa: PT017
