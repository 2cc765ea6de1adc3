"""The reader: what it finds in pictures of mail and in pictures of nothing, and what it says of bad ones."""

from __future__ import annotations

import json
import runpy
import struct
import subprocess
import sys
import time
import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import sn89
from sn89 import reader
from sn89.datasets.mail import EASY
from sn89.ink import find_ink, tell_apart
from sn89.measure import Rejection, edits
from sn89.pictures import load
from sn89.reader import lattice
from sn89.reader.form import form_of
from sn89.reader.layout import fields_of, lines_of
from sn89.reader.pieces import Piece, _in_runs, cut, find_pieces, without_rules
from sn89.reader.practice import desired, overlap, practice
from sn89.reader.scanning import windows
from sn89.reader.segment import Group, best_path, groups_of, sure_scores
from sn89.reproduce.mail import at_threshold, code_of, match, measure, rejected_codes, strings_of

pytest.importorskip("skimage")
Image = pytest.importorskip("PIL.Image")

CLEAN = replace(EASY, height=(36.0, 44.0), gap=(0.2, 0.4))


@pytest.fixture(scope="module")
def digits():
    return sn89.datasets.synthetic(2000, 400, seed=1)


@pytest.fixture(scope="module")
def net(digits):
    """A recogniser, trained for a second on drawn digits as they are and as the reader sees them."""
    images, labels = practice(sn89.datasets.mail(digits.train, 60, CLEAN, seed=2))
    net = sn89.nets.zip_code(seed=1)
    X, y = np.concatenate([digits.train[0], images]), np.concatenate([digits.train[1], labels])
    rule = sn89.LevenbergMarquardt()
    sn89.train(net, X, desired(y, net.cost), rule=rule, passes=5, order="shuffle", measure=False, progress=False)
    sn89.calibrate(net, *digits.test)
    return net


@pytest.fixture(scope="module")
def mail(digits):
    return list(sn89.datasets.mail(digits.test, 30, CLEAN, seed=3))


@pytest.fixture(scope="module")
def one(digits):
    """A picture of one code of nine."""
    return next(sn89.datasets.mail(digits.test, 1, CLEAN, seed=6, lengths=[9]))


def found(envelope, reading):
    """For each digit of the truth the one that was read at its place, or None."""
    best = [max(reading.digits, key=lambda d: overlap(d.box, t.box), default=None) for t in envelope.digits]
    return [d if d and overlap(d.box, t.box) > 0.5 else None for d, t in zip(best, envelope.digits, strict=True)]


# ---- What it reads ---------------------------------------------------------------------------------------------------


def test_letters_of_print_are_not_cut(net):
    """In a long line of which nothing is a digit; in a short one, where the net is sure, and if they are so wide that
    they may be linked digits, pieces are cut.
    """

    def cut(bias, pictures, wide=24):
        grey = np.ones((50, 50 * pictures), np.float32)
        for left in range(10, grey.shape[1], 50):
            grey[10:40, left : left + 4] = grey[10:40, left + wide - 4 : left + wide] = 0
            grey[24:26, left : left + wide] = 0
        net.confidence = sn89.Confidence(bias, 0, 0)
        (line,) = lattice.lattices_of(grey, net, form_of(net), "dark", lattice.Clock()).lattices
        return len(line.atoms) > pictures

    kept = net.confidence
    try:
        assert [cut(-9, 14), cut(-9, 4), cut(9, 14), cut(-9, 14, 36)] == [False, True, True, True]
    finally:
        net.confidence = kept


def test_it_finds_and_reads_nearly_all(net, mail):
    truth = found_ones = right = 0
    fields = []
    for envelope in mail:
        reading = reader.read(envelope.image, net)
        pairs = list(zip(envelope.digits, found(envelope, reading), strict=True))
        truth += len(pairs)
        found_ones += sum(d is not None for _, d in pairs)
        right += sum(d is not None and d.label == t.label for t, d in pairs)
        fields.append([len(one) for one in reading.strings] == [len(one) for one in envelope.strings])
    assert found_ones >= 0.98 * truth
    assert right >= 0.90 * truth
    assert np.mean(fields) >= 0.9


def test_digits_are_what_the_net_says_of_their_images(net, one):
    reading = reader.read(one.image, net)
    assert reading.digits
    for digit in reading.digits:
        assert digit.image.shape == (16, 16)
        np.testing.assert_allclose(net(digit.image), digit.outputs, atol=1e-4)
        assert digit.label == digit.outputs.argmax()
        assert digit.confidence == pytest.approx(float(net.confident(digit.image)), abs=1e-4)
        assert digit.accepted == (digit.confidence >= net.confidence.reject) == (digit.reason == "")


def test_digits_are_normalised_as_the_paper_says(net, one):
    """What the net sees of a digit of a clean picture is what `size_normalize` makes of its box."""
    digit = reader.read(one.image, net).digits[0]
    top, left, bottom, right = digit.box
    alone = sn89.size_normalize(np.pad(one.image[top:bottom, left:right], 3, mode="maximum"), ink="dark")
    assert np.corrcoef(alone.ravel(), digit.image.ravel())[0, 1] > 0.95


def test_several_lines_in_their_order(net, digits):
    (envelope,) = sn89.datasets.mail(digits.test, 1, CLEAN, seed=8, lengths=[5], lines=4)
    reading = reader.read(envelope.image, net)
    assert [len(line) for line in reading.lines] == [1] * 4
    assert [len(one) for one in reading.strings] == [5] * 4
    right = sum(a == b for a, b in zip("".join(reading.strings), "".join(envelope.strings), strict=True))
    assert right >= 16
    assert str(reading) == "\n".join(reading.strings)


def test_light_ink_on_dark_paper(net, one):
    dark, light = (reader.read(picture, net) for picture in (one.image, 255 - one.image))
    assert dark.strings == light.strings
    assert [d.box for d in dark.digits] == [d.box for d in light.digits]
    assert reader.read(255 - one.image, net, ink="light").strings == dark.strings
    assert reader.read(255 - one.image, net, ink="dark").strings != dark.strings


@pytest.mark.parametrize("height", [16, 30, 90, 200])
def test_any_size_of_digits(net, digits, height):
    setting = replace(CLEAN, height=(height, height), noise=0.0)
    (envelope,) = sn89.datasets.mail(digits.test, 1, setting, seed=9, lengths=[5])
    reading = reader.read(envelope.image, net)
    assert sum(d is not None for d in found(envelope, reading)) >= 4


def test_uneven_light_and_shadows(net, digits):
    setting = replace(CLEAN, light=0.5)
    pictures = list(sn89.datasets.mail(digits.test, 6, setting, seed=10))
    pairs = [d for envelope in pictures for d in found(envelope, reader.read(envelope.image, net))]
    assert sum(d is not None for d in pairs) >= 0.95 * len(pairs)


def test_digits_that_touch_are_cut(net, digits):
    pictures = list(sn89.datasets.mail(digits.test, 12, replace(CLEAN, touching=0.3), seed=11))
    pairs = [d for envelope in pictures for d in found(envelope, reader.read(envelope.image, net))]
    assert sum(d is not None for d in pairs) >= 0.85 * len(pairs)


def test_the_broken_five_is_joined(net):
    """A bar that does not touch the rest: the broken 5 of the papers."""
    picture = np.full((70, 110), 255, np.uint8)
    for left in (15, 65):
        picture[12:17, left + 4 : left + 26] = 0  # the bar
        picture[20:36, left : left + 5] = 0
        picture[31:36, left : left + 22] = 0
        picture[31:55, left + 20 : left + 25] = 0
        picture[50:55, left : left + 25] = 0
    reading = reader.read(picture, net)
    assert [digit.box[0] for digit in reading.digits] == [12, 12]
    assert reading.strings == ["55"]


def test_a_ruled_line_is_no_digit(net, one):
    plain = reader.read(one.image, net)
    ruled = one.image.copy()
    ruled[-6:-4] = 40
    reading = reader.read(ruled, net)
    assert [len(text) for text in reading.strings] == [len(text) for text in plain.strings]
    assert all(overlap(a.box, b.box) > 0.8 for a, b in zip(reading.digits, plain.digits, strict=True))


# ---- Where to read, and how many digits ---


def test_a_region_is_read_as_if_it_were_the_picture(net, digits):
    (envelope,) = sn89.datasets.mail(digits.test, 1, CLEAN, seed=8, lengths=[5], lines=3)
    height, width = envelope.image.shape
    middle = [digit.box for digit in envelope.digits if digit.line == 1]
    top, bottom = min(box[0] for box in middle) - 6, max(box[2] for box in middle) + 6
    reading = reader.read(envelope.image, net, 0, region=(0, top, width, bottom - top))
    assert reading.shape == (height, width)
    assert len(reading.lines) == 1
    assert all(overlap(digit.box, box) > 0.7 for digit, box in zip(reading.digits, middle, strict=True))


def test_a_form_has_one_line_for_each_box_even_for_an_empty_one(net, digits):
    (envelope,) = sn89.datasets.mail(digits.test, 1, CLEAN, seed=8, lengths=[5], lines=3)
    sheet = np.pad(envelope.image, ((0, 0), (0, 200)), mode="edge")
    boxes = []
    for line in (2, 0):
        mine = [digit.box for digit in envelope.digits if digit.line == line]
        top = min(box[0] for box in mine) - 6
        boxes.append((0, top, envelope.image.shape[1], max(box[2] for box in mine) + 6 - top))
    boxes.insert(1, (envelope.image.shape[1] + 5, 0, 400, 60))  # beyond the edge on one side, and empty
    reading = reader.read(sheet, net, 0, region=boxes)
    assert [len(line) for line in reading.lines] == [1, 0, 1]
    first, none, last = str(reading).split("\n")
    assert (len(first), none, len(last)) == (5, "", 5)
    assert reading.digits[0].box[0] > reading.digits[-1].box[0]


@pytest.mark.parametrize("wanted", [5, (5, 5), (4, 6)])
def test_so_many_digits_as_are_known_to_be_there(net, digits, wanted):
    pictures = list(sn89.datasets.mail(digits.test, 12, replace(CLEAN, touching=0.5), seed=12, lengths=[5]))
    without = [reader.read(one.image, net, 0) for one in pictures]
    least, most = (wanted, wanted) if isinstance(wanted, int) else wanted
    texts = [text for picture in pictures for text in reader.read(picture.image, net, 0, digits=wanted).strings]
    assert len(texts) > sum([len(text) for text in reading.strings] == [5] for reading in without)
    assert all(least <= len(text) <= most for text in texts)


def test_knowing_their_number_helps(net, digits):
    pictures = list(sn89.datasets.mail(digits.test, 30, replace(CLEAN, touching=0.4), seed=13, lengths=[5]))
    right = [
        sum(reader.read(one.image, net, 0, **how).strings == one.strings for one in pictures)
        for how in ({}, {"digits": 5})
    ]
    assert right[1] >= right[0]


def test_a_line_that_cannot_hold_as_many_is_left_out(net, one):
    assert reader.read(one.image, net, digits=40).lines == ()
    assert reader.read(np.full((60, 90), 255, np.uint8), net, digits=5).digits == ()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"digits": 0}, "digits must be at least 1"),
        ({"digits": (5, 4)}, "the least and then the largest number, not 5 and 4"),
        ({"digits": (1, 2, 3)}, "the least and the largest number"),
        ({"digits": "5"}, "digits must be a whole number"),
        ({"region": (0, 0, 5)}, "four whole numbers, x, y, width, height"),
        ({"region": []}, "four whole numbers, x, y, width, height"),
        ({"region": [(0, 0, 5, 5), (1, 2)]}, "four whole numbers, x, y, width, height"),
        ({"region": (0, 0, 0, 5)}, "there is nothing to read in the region x 0, y 0, width 0, height 5"),
        ({"region": (900, 0, 10, 10)}, "the picture is 90 wide and 60 high"),
        ({"region": (0.5, 0, 10, 10)}, "region must be a whole number"),
    ],
)
def test_regions_and_numbers_that_cannot_be(net, options, words):
    with pytest.raises((TypeError, ValueError), match=words):
        reader.read(np.full((60, 90), 255, np.uint8), net, **options)


# ---- Rejection -------------------------------------------------------------------------------------------------------


def test_rejection_by_confidence(net, one):
    plain = reader.read(one.image, net, 0)
    assert all(digit.accepted for digit in plain.digits)
    threshold = float(np.median([digit.confidence for digit in plain.digits]))
    reading = reader.read(one.image, net, threshold)
    for digit, same in zip(reading.digits, plain.digits, strict=True):
        assert digit.accepted == (same.confidence >= threshold)
        assert digit.text == (str(same.label) if digit.accepted else "?")
        assert ("doubtful: its confidence is" in digit.reason) != digit.accepted
    assert "?" in "".join(reading.strings)
    assert len("".join(reading.strings)) == len(reading.digits)


def test_rejection_is_on_unless_it_is_turned_off(net, one):
    usual, told = (reader.read(one.image, net, *some) for some in ((), (net.confidence.reject,)))
    assert usual.strings == told.strings
    strict = replace(net.confidence, reject=1.0)
    kept, net.confidence = net.confidence, strict
    try:
        assert set("".join(reader.read(one.image, net).strings)) == {"?"}
    finally:
        net.confidence = kept


@pytest.mark.parametrize("reject", [-0.1, 1.5, 99])
def test_thresholds_on_scores_are_no_confidences(net, one, reject):
    with pytest.raises(ValueError, match=r"reject must be a confidence .* to 1, not .*; give thresholds on scores"):
        reader.read(one.image, net, reject)


def test_rejection_by_the_difference(net, one):
    reading = reader.read(one.image, net, Rejection(0, 0, 0, 1.9))
    reasons = [digit.reason for digit in reading.digits if not digit.accepted]
    assert reasons
    assert all("doubtful: its two largest scores differ by" in reason for reason in reasons)


def test_rejection_by_three_thresholds(net, one):
    every = reader.read(one.image, net, Rejection(0, 0, 0, -np.inf, first=9.0))
    assert set("".join(every.strings)) == {"?"}
    assert "its largest score is" in every.digits[0].reason
    second = reader.read(one.image, net, Rejection(0, 0, 0, -np.inf, second=-9.0))
    assert "its second score is" in second.digits[0].reason


def test_plain_values_and_the_drawing(net, one, tmp_path):
    reading = reader.read(one.image, net, 1.0)
    plain = json.loads(json.dumps(reading.plain()))
    assert (plain["height"], plain["width"]) == one.image.shape
    assert [field["text"] for field in plain["fields"]] == reading.strings
    assert [digit["label"] for digit in plain["digits"]] == [digit.label for digit in reading.digits]
    assert all(len(digit["outputs"]) == 10 for digit in plain["digits"])
    reader.annotate(one.image, reading, tmp_path / "out.png")
    drawn = np.asarray(Image.open(tmp_path / "out.png"))
    assert drawn.shape == (*one.image.shape, 3)
    colours = {tuple(pixel) for pixel in drawn.reshape(-1, 3).tolist()}
    assert ((0, 90, 200) in colours) == any(digit.accepted for digit in reading.digits)
    assert ((225, 95, 0) in colours) == any(not digit.accepted for digit in reading.digits)
    with pytest.raises(ValueError, match="this reading is of a picture of"):
        reader.annotate(one.image[1:], reading, tmp_path / "other.png")
    assert not (tmp_path / "other.png").exists()


# ---- Kinds of pictures -----------------------------------------------------------------------------------------------


def variants(grey):
    """The same picture in other depths and colours."""
    rgb = np.repeat(grey[..., None], 3, axis=2)
    opaque = np.full_like(grey, 255)
    return {
        "16 bits": grey.astype(np.uint16) * 257,
        "32 bits": grey.astype(np.int32) * 1000 - 7,
        "floats": grey / 255,
        "float32": (grey / 255).astype(np.float32),
        "large floats": grey * 1e30,
        "one channel": grey[..., None],
        "RGB": rgb,
        "RGBA": np.dstack([rgb, opaque]),
        "grey and alpha": np.dstack([grey, opaque]),
    }


@pytest.mark.parametrize("kind", variants(np.zeros((2, 2), np.uint8)))
def test_arrays_of_any_depth(net, one, kind):
    expected = reader.read(one.image, net)
    reading = reader.read(variants(one.image)[kind], net)
    assert reading.strings == expected.strings


def test_black_and_white(net, one):
    bits = one.image > 128
    assert len(reader.read(bits, net).digits) == len(one.digits)


FILES = {
    "grey.png": {},
    "16.png": {"mode": "I;16"},
    "palette.png": {"mode": "P"},
    "alpha.png": {"mode": "RGBA"},
    "la.png": {"mode": "LA"},
    "colour.jpg": {"mode": "RGB", "quality": 95},
    "cmyk.jpg": {"mode": "CMYK", "quality": 95},
    "grey.tif": {},
    "16.tif": {"mode": "I;16"},
    "float.tif": {"mode": "F"},
    "grey.pgm": {},
    "colour.ppm": {"mode": "RGB"},
}


def write(path, grey, mode="L", **options):
    picture = Image.fromarray(grey)
    if mode == "I;16":
        picture = Image.fromarray(grey.astype(np.uint16) * 257)
    elif mode == "LA":
        picture.putalpha(255)
    elif mode != "L":
        picture = picture.convert(mode)
    picture.save(path, **options)
    return path


@pytest.mark.parametrize("name", FILES)
def test_files_of_any_kind(net, one, name, tmp_path):
    expected = reader.read(one.image, net)
    reading = reader.read(write(tmp_path / name, one.image, **FILES[name]), net)
    assert len(reading.digits) == len(expected.digits)
    assert all(overlap(a.box, b.box) > 0.8 for a, b in zip(reading.digits, expected.digits, strict=True))
    if ".jpg" not in name and "palette" not in name:  # these have other grey levels
        assert reading.strings == expected.strings
    assert reading.shape == one.image.shape


def test_what_is_transparent_is_white():
    picture = np.zeros((8, 8, 2), np.uint8)
    picture[:4, :, 1] = 255
    assert np.array_equal(reader.load(picture), np.repeat([0.0, 1.0], 4)[:, None] * np.ones(8))


def test_light_ink_on_nothing_is_seen(net, one):
    """White writing with a transparent ground, as screens have it, and black writing too."""
    expected = [len(text) for text in reader.read(one.image, net).strings]
    ink = np.clip(1.3 * (1 - one.image / one.image.max()), 0, 1)
    for level in (0, 255):
        picture = np.dstack([np.full((*ink.shape, 3), level, np.uint8), (255 * ink).astype(np.uint8)])
        assert [len(text) for text in reader.read(picture, net).strings] == expected


def test_a_digit_that_fills_a_large_picture(net):
    """A telephone held close: strokes are wider than a shadow's edge may be far away."""
    picture = np.full((2400, 2000), 230, np.uint8)
    y, x = np.mgrid[:2400, :2000]
    picture[np.abs(np.hypot((y - 1200) / 1.4, x - 1000) - 600) < 110] = 40
    (digit,) = reader.read(picture, net, 0.0).digits
    assert overlap(digit.box, (206, 290, 2194, 1710)) > 0.95


def test_why_nothing_was_found(net):
    assert "nothing stands out from the paper" in reader.read(np.full((60, 80), 200, np.uint8), net).reason
    assert "3 x 80 pixels" in reader.read(np.zeros((3, 80), np.uint8), net).reason
    dots = np.full((90, 90), 255, np.uint8)
    dots[40:44, 40:44] = 0
    assert "no piece of it has the size" in reader.read(dots, net).reason


# ---- Nonsense --------------------------------------------------------------------------------------------------------


def letters():
    from PIL import ImageDraw

    picture = Image.new("L", (500, 300), 255)
    for row in range(0, 300, 20):
        ImageDraw.Draw(picture).text((5, row), "The quick brown fox jumps over the lazy dog, again and again.")
    return np.asarray(picture)


RANDOM = np.random.default_rng(1)
NONSENSE = {
    "white": np.full((300, 400), 255, np.uint8),
    "black": np.zeros((300, 400), np.uint8),
    "1x1": np.zeros((1, 1), np.uint8),
    "one row": RANDOM.integers(0, 256, (1, 5000), np.uint8),
    "one column": RANDOM.integers(0, 256, (5000, 1), np.uint8),
    "noise": RANDOM.integers(0, 256, (600, 800), np.uint8),
    "dots": (RANDOM.random((600, 800)) < 0.01).astype(np.uint8) * 255,
    "letters": letters(),
    "a ramp": np.tile(np.arange(0, 256, dtype=np.uint8).repeat(2), (200, 1)),
    "a step": np.repeat(np.uint8([0, 255]), 150)[None] * np.ones((200, 1), np.uint8),
    "a checkerboard": (np.indices((400, 400)).sum(axis=0) // 16 % 2 * 255).astype(np.uint8),
    "stripes": np.tile((np.arange(400) // 4 % 2 * 255).astype(np.uint8), (300, 1)),
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_is_answered_soon(net, kind):
    started = time.process_time()
    reading = reader.read(NONSENSE[kind], net, 1.0)
    assert time.process_time() - started < 5
    assert len(reading.digits) < 1500
    if kind in ("white", "black", "1x1", "one row", "one column", "a ramp"):
        assert reading.digits == ()
        assert reading.strings == []
        assert str(reading) == ""


def test_memory_is_bounded_by_the_pixels(net):
    picture = np.random.default_rng(2).integers(0, 256, (1500, 2000), np.uint8)
    tracemalloc.start()
    try:
        reader.read(picture, net)
        assert tracemalloc.get_traced_memory()[1] < 40 * picture.size
    finally:
        tracemalloc.stop()


def png(width, height, data):
    """A grey PNG file that claims a size."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("side", "words"),
    [
        (20_000, "bomb.png: the picture has more pixels than the limit of 40,000,000, far more"),
        (9_000, "9000 x 9000 pixels, more than the limit"),
    ],
)
def test_bombs_are_refused_before_they_are_decoded(net, side, words, tmp_path):
    (tmp_path / "bomb.png").write_bytes(png(side, side, b"\0" * 1000))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=words):
            reader.read(tmp_path / "bomb.png", net)
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


def test_a_large_array_is_refused_without_a_copy(net):
    huge = np.broadcast_to(np.uint8(0), (20_000, 20_000))
    with pytest.raises(ValueError, match="the picture has 20000 x 20000 pixels, more than the limit of 40,000,000"):
        reader.read(huge, net)
    with pytest.raises(ValueError, match="30 x 40 pixels, more than the limit of 1,000"):
        reader.read(np.zeros((30, 40), np.uint8), net, limit=1000)


@pytest.mark.parametrize("name", ["grey.png", "colour.jpg", "grey.tif", "grey.pgm"])
def test_truncated_files(net, one, name, tmp_path):
    whole = write(tmp_path / name, one.image, **FILES[name]).read_bytes()
    for share in (0.02, 0.3, 0.9):
        (tmp_path / name).write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(ValueError, match=rf"{name}: (is damaged|is no picture)"):
            reader.read(tmp_path / name, net)


def test_damaged_files_never_raise_anything_else(net, one, tmp_path):
    random = np.random.default_rng(3)
    for name in ("palette.png", "colour.jpg", "16.tif", "grey.pgm"):
        whole = bytearray(write(tmp_path / name, one.image, **FILES[name]).read_bytes())
        for _ in range(40):
            damaged = bytearray(whole)
            for where in random.integers(0, min(len(whole), 600), 6):
                damaged[where] = random.integers(256)
            (tmp_path / name).write_bytes(damaged)
            try:
                reader.load(tmp_path / name)
            except ValueError as error:
                assert str(tmp_path / name) in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no picture"),
        (b"hello", "is no picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PNG, JPEG, TIFF, PGM, BMP, GIF or WebP file is"),
    ],
)
def test_other_files(net, content, words, tmp_path):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match=words):
        reader.read(tmp_path / "file", net)
    with pytest.raises(FileNotFoundError):
        reader.read(tmp_path / "none.png", net)
    with pytest.raises(IsADirectoryError):
        reader.read(tmp_path, net)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (np.zeros((0, 5)), "the picture has no pixels: 0 x 5"),
        (np.zeros(5), r"a picture must have the shape .*, not \(5,\)"),
        (np.zeros((5, 5, 7)), r"not \(5, 5, 7\)"),
        (np.full((5, 5), np.nan), "a picture must be finite"),
        (np.full((5, 5), np.inf), "a picture must be finite"),
        (np.zeros((5, 5), complex), "a picture must hold numbers, not complex128"),
        (np.full((5, 5), "a"), "a picture must hold numbers"),
        ([[1, 2], [3]], "its rows are not of equal lengths"),
        (None, "a picture must hold numbers, not object"),
    ],
)
def test_arrays_that_are_no_pictures(net, picture, words):
    with pytest.raises((TypeError, ValueError), match=words):
        reader.read(picture, net)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"net": None}, "net must be a Net, not None"),
        ({"net": sn89.Net(sn89.Input(16, 16), sn89.Full("output", 3))}, "net must have ten outputs, .* not 3"),
        ({"net": sn89.Net(sn89.Input(8, 8), sn89.Full("output", 10))}, "it is not known how a net whose input is"),
        ({"form": "frame"}, "form must be a Form"),
        ({"form": reader.MASS_28}, "digits of 28 x 28 pixels do not fit the net's input"),
        ({"ink": "blue"}, 'ink must be "auto", "dark" or "light"'),
        ({"reject": "no"}, "reject must be a number"),
        ({"limit": 0}, "limit must be at least 1"),
    ],
)
def test_arguments_that_are_wrong(net, options, words):
    with pytest.raises((TypeError, ValueError), match=words):
        reader.read(**{"image": np.zeros((50, 50)), "net": net, **options})


def test_without_scikit_image(net, monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(ImportError, match=r'pip install "sn89\[reader\]"'):
        reader.read(np.zeros((50, 50)), net)


# ---- The steps -------------------------------------------------------------------------------------------------------


def piece(top, left, height, width, whole=True):
    return Piece(top, left, np.ones((height, width), bool), whole)


def test_threshold_by_the_paper_around():
    picture = np.linspace(0.4, 0.9, 200, dtype=np.float32) * np.ones((100, 1), np.float32)
    dark = picture.copy()
    dark[40:60, 20:24] -= 0.2
    dark[40:60, 170:174] -= 0.2
    mask = find_ink(dark).mask
    assert mask[45:55, 21:23].all()
    assert mask[45:55, 171:173].all()
    assert mask.sum() < 250
    assert find_ink(picture) is None


def test_dust_and_what_is_too_large_are_left_out():
    mask = np.zeros((200, 900), bool)
    for left in range(20, 300, 40):
        mask[80:120, left : left + 20] = True
    mask[10:12, 10:13] = True
    mask[5:195, 700:760] = True
    (line,) = lines_of(find_pieces(mask))
    assert line.height == 40
    assert [one.box for one in line.pieces] == [(80, left, 120, left + 20) for left in range(20, 300, 40)]


def test_rules_go_and_strokes_that_cross_them_stay():
    mask = np.zeros((60, 200), bool)
    mask[40:43] = True
    mask[10:50, 90:96] = True
    left = without_rules(mask, 40)
    assert left[10:50, 91:95].all()
    assert left.sum() <= 40 * 6 + 12


def test_long_runs_are_a_binary_opening():
    from scipy.ndimage import binary_opening

    mask = np.random.Generator(np.random.PCG64(1)).random((40, 50)) < 0.8
    for long in (1, 4, 9, 60):
        expected = binary_opening(mask, np.ones((1, long), bool))
        np.testing.assert_array_equal(_in_runs(mask, long), expected)
        assert expected.any() == (long < 60)


def test_a_cut_where_two_rings_touch():
    y, x = np.mgrid[:41, :85]
    ring = (np.abs(np.hypot(y - 20, x - 21) - 18) < 3) | (np.abs(np.hypot(y - 20, x - 62) - 18) < 3)
    parts = cut(Piece(0, 0, ring), 41)
    assert any(abs(one.right - 42) <= 4 for one in parts)
    assert sum(one.mask.sum() for one in parts) == ring.sum()
    assert not any(one.whole for one in parts)


def test_a_cut_in_the_valley_where_two_digits_share_a_stroke():
    """Two towers on one foot: no column has little ink and one stroke, but the ink is lower between them."""
    mask = np.zeros((40, 60), bool)
    mask[4:40, 4:24] = mask[4:40, 36:56] = True
    mask[8:36, 8:20] = mask[8:36, 40:52] = False
    mask[18:40, 20:40] = True
    mask[22:30, 20:40] = False
    parts = cut(Piece(0, 0, mask), 40)
    assert any(24 <= one.right <= 36 for one in parts)
    assert sum(one.mask.sum() for one in parts) == mask.sum()


def test_other_thresholds_are_tried_where_the_net_is_in_doubt(net, one, monkeypatch):
    """Digits in a grey wash: with the lowest threshold all is one blot, with a higher one they are apart."""
    grey = load(one.image)
    washed = grey.copy()
    rows, columns = np.flatnonzero((grey < 0.5).any(axis=1)), np.flatnonzero((grey < 0.5).any(axis=0))
    wash = washed[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    np.minimum(wash, 0.9 - 0.42 * (0.9 - float(grey.min())), out=wash)
    assert edits("".join(one.strings), "".join(reader.read(washed, net, 0).strings)) <= 1
    monkeypatch.setattr(lattice, "TRIES", lattice.TRIES[:1])
    assert edits("".join(one.strings), "".join(reader.read(washed, net, 0).strings)) > 2


def test_one_threshold_will_do_where_the_net_is_sure(net, one, monkeypatch):
    asked = []
    monkeypatch.setattr(lattice, "tell_apart", lambda *given: asked.append(given) or tell_apart(*given))
    monkeypatch.setattr(lattice, "CERTAIN", 0.0)
    reader.read(one.image, net)
    assert len(asked) == 1


def test_lines_and_fields():
    pieces = [piece(10, left, 40, 20) for left in (10, 40, 130)] + [piece(100, left, 40, 20) for left in (5, 35)]
    dash = piece(28, 68, 4, 14)
    lines = lines_of([*pieces, dash])
    assert [[one.left for one in line.pieces] for line in lines] == [[10, 40, 68, 130], [5, 35]]
    assert fields_of(pieces[:3], [], 40) == [[0, 1], [2]]
    near = [piece(10, left, 40, 20) for left in (10, 40, 90)]
    assert fields_of(near, [], 40) == [[0, 1, 2]]
    assert fields_of(near, [piece(28, 68, 4, 14)], 40) == [[0, 1], [2]]


def test_how_far_apart_fields_are_is_a_parameter(net, digits):
    code = next(sn89.datasets.mail(digits.test, 1, CLEAN, seed=6, lengths=[5])).image
    twice = np.hstack([code, code])
    near, usual, far = (len(reader.read(twice, net, 0, spacing=x).strings) for x in (0.01, 0.85, 99))
    assert near > usual > far == 1
    with pytest.raises(ValueError, match="spacing must be more than 0 heights of a digit, not -1"):
        reader.read(code, net, spacing=-1)


def test_a_line_may_go_uphill():
    pieces = [piece(100 - 5 * i, 40 * i, 40, 20) for i in range(12)]
    assert [len(line.pieces) for line in lines_of(pieces)] == [12]


def test_the_path_with_the_most_ink_that_is_sure_wins():
    """Against every path, by brute force."""
    random = np.random.default_rng(4)
    for _ in range(30):
        atoms = [piece(0, 20 * i, 40, int(random.integers(5, 18)), whole=False) for i in range(6)]
        groups = groups_of(atoms, 40)
        for group in groups:
            group.sure = float(random.random())
        ink = [int(atom.mask.sum()) for atom in atoms]

        def value(path, ink=ink):
            return sum(sum(ink[one.first : one.end]) * (one.sure + one.bonus) for one in path)

        def paths(first, groups=groups):
            if first == 6:
                yield []
            for group in groups:
                if group.first == first:
                    yield from ([group, *rest] for rest in paths(group.end))

        best = best_path(atoms, groups)
        assert [one.first for one in best] == [0, *[one.end for one in best[:-1]]]
        assert value(best) == pytest.approx(max(value(path) for path in paths(0)))


def test_sureness_goes_from_0_to_1():
    for make in (sn89.nets.zip_code, sn89.nets.lenet5):
        outputs = np.random.default_rng(5).uniform(-1, 90, (20, 10)).astype(np.float32)
        net = make()
        sure = sure_scores(net, net.cost.scores(outputs))
        assert sure.min() >= 0
        assert sure.max() <= 1
    assert sure_scores(sn89.nets.zip_code(), np.array([[1] + 9 * [-1]], np.float32)) == 1
    assert isinstance(Group(0, 1, piece(0, 0, 5, 5), 0.0).sure, float)


def test_forms():
    assert form_of(sn89.nets.zip_code()) == form_of(sn89.nets.lenet1()) == reader.FRAME_16
    assert form_of(sn89.nets.lenet5()) == reader.MASS_28
    ink = np.random.default_rng(6).random((30, 20)).astype(np.float32)
    np.testing.assert_allclose(reader.FRAME_16(ink), sn89.size_normalize(np.pad(ink, 1), ink="light"), atol=0.15)
    image = reader.MASS_28(ink)
    assert image.shape == (28, 28)
    assert image.min() == np.float32(-0.1)
    assert image.max() == np.float32(1.175)
    mass = image - image.min()
    for axis in (0, 1):
        profile = mass.sum(axis=1 - axis)
        assert abs((profile @ np.arange(28)) / profile.sum() - 13.5) <= 0.6


def test_practice_has_digits_and_what_is_none(digits):
    images, labels = practice(sn89.datasets.mail(digits.train, 12, replace(CLEAN, touching=0.3), seed=12))
    assert images.shape[1:] == (16, 16)
    assert {-1, *range(10)} == set(labels.tolist())
    rows = desired(np.array([3, -1]), sn89.HalfSquaredError())
    assert rows[0, 3] == 1
    assert (rows.sum(axis=1) == (-8, -10)).all()
    assert np.allclose(desired(np.array([-1]), sn89.SoftmaxCrossEntropy()), 0.1)
    with pytest.raises(ValueError, match="there is nothing to practise on"):
        practice([])


def test_practice_at_every_threshold(digits):
    pictures = list(sn89.datasets.mail(digits.train, 3, CLEAN, seed=12))
    once, often = (practice(pictures, thoroughly=thoroughly)[1] for thoroughly in (False, True))
    assert (often >= 0).sum() >= 3 * (once >= 0).sum()


def test_overlaps():
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert overlap((0, 0, 10, 10), (0, 5, 10, 15)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (0, 10, 10, 20)) == 0


# ---- Reading without segmentation ------------------------------------------------------------------------------------


def test_a_swept_net_sees_the_digits_of_a_line(digits):
    """After a second of training: most digits, at their places."""
    net, pictures = sn89.nets.lenet1(seed=1), sn89.datasets.mail(digits.train, 80, CLEAN, seed=13)
    images, labels = windows(pictures, net, reader.FRAME_16)
    assert images.shape[1:] == (28, 28)
    assert {-1, *range(10)} == set(labels.tolist())
    rule = sn89.LevenbergMarquardt()
    rows = desired(labels, net.cost)
    sn89.train(net, images, rows, rule=rule, passes=12, order="shuffle", measure=False, progress=False)
    written = wrong = 0
    for envelope in sn89.datasets.mail(digits.test, 10, CLEAN, seed=14):
        (line,) = reader.scan_lines(envelope.image, net)
        assert [seen.column for seen in line] == sorted(seen.column for seen in line)
        wrong += edits("".join(envelope.strings), "".join(str(seen.label) for seen in line))
        written += len(envelope.digits)
        assert all(0 <= seen.column <= envelope.image.shape[1] for seen in line)
    assert wrong < 0.4 * written
    assert reader.scan_lines(np.zeros((60, 60)), net) == []
    with pytest.raises(ValueError, match="there is nothing to practise on"):
        windows([], net, reader.FRAME_16)


def test_the_zip_code_net_cannot_be_swept(net, one):
    with pytest.raises(ValueError, match="cannot be replicated"):
        reader.scan_lines(one.image, net)


# ---- The bench -------------------------------------------------------------------------------------------------------


def test_the_bench_counts_what_was_read(net, digits):
    envelopes = list(sn89.datasets.mail(digits.test, 8, CLEAN, seed=15))
    count = measure(envelopes, net, reader.FRAME_16, digits.test)
    readings = [reader.read(envelope.image, net) for envelope in envelopes]
    assert count.digits == sum(len(envelope.digits) for envelope in envelopes)
    assert count.found == sum(len(match(*both)) for both in zip(envelopes, readings, strict=True))
    assert count.found + count.extra == sum(len(reading.digits) for reading in readings)
    given = [digit.index for envelope in envelopes for digit in envelope.digits]
    assert count.segmented_wrong == (net.predict(digits.test[0][given]) != digits.test[1][given]).sum()
    assert len(count.codes) == len(count.segmented_codes) == 8
    assert len(count.failures) == sum(a.strings != strings_of(b) for a, b in zip(envelopes, readings, strict=True))
    assert json.dumps(count.plain())


def test_a_code_is_a_field_of_five():
    """Whatever the net's own threshold rejects: the bench finds its thresholds itself."""
    digit = [reader.Digit((0, 0, 1, 1), np.zeros((1, 1)), i, np.zeros(10), 1.0 + i, i > 2) for i in range(9)]
    truth = SimpleNamespace(strings=["01234", "5678"])
    fives = reader.Reading(tuple(digit), ((0, 1, 2, 3, 4), (5, 6, 7, 8)), ((0, 1),), (1, 1))
    assert code_of(truth, fives) == (1.0, False)
    assert code_of(SimpleNamespace(strings=["01235"]), fives) == (1.0, True)
    four = reader.Reading(tuple(digit), ((0, 1, 2, 3),), ((0,),), (1, 1))
    assert code_of(truth, four) == (-np.inf, True)


def test_rejected_codes_against_every_threshold():
    random = np.random.default_rng(7)
    for _ in range(50):
        confidences = random.integers(0, 12, 30) / 2
        codes = [(float(c), bool(random.random() < 0.5 / (1 + c))) for c in confidences] + [(-np.inf, True)]
        share, threshold = rejected_codes(codes, 0.1)
        possible = [1.0]
        for cut_at in {c for c, _ in codes} - {-np.inf}:
            kept = [wrong for c, wrong in codes if c >= cut_at]
            if sum(kept) <= 0.1 * len(kept):
                possible.append(1 - len(kept) / len(codes))
        assert share == pytest.approx(min(possible))
        rejected, error = at_threshold(codes, threshold)
        assert rejected == pytest.approx(share)
        assert error <= 0.1


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("", "", 0), ("12345", "12345", 0), ("12345", "1345", 1), ("123", "321", 2), ("", "7", 1)],
)
def test_edits(one, other, count):
    assert edits(one, other) == edits(other, one) == count


def test_pictures_of_a_folder(tmp_path):
    for name in ("b.png", "a.JPG", "c.txt", "d.tiff"):
        (tmp_path / name).touch()
    names = [str(tmp_path / name) for name in ("a.JPG", "b.png", "d.tiff")]
    assert reader.pictures_in(tmp_path) == names
    assert reader.pictures_in(tmp_path / "c.txt", tmp_path)[0] == str(tmp_path / "c.txt")
    with pytest.raises(FileNotFoundError, match="there is no file or folder none"):
        reader.pictures_in("none")


# ---- The examples ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["read_mail.py", "scan_mail.py"])
def test_the_examples_tell_what_they_can_do(name, tmp_path):
    script = Path(__file__).parents[1] / "examples" / name
    told = subprocess.run([sys.executable, script, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "--net" in told.stdout


def test_the_example_reads_a_folder(net, one, tmp_path, monkeypatch, capsys):
    script = Path(__file__).parents[1] / "examples" / "read_mail.py"
    (tmp_path / "in").mkdir()
    sn89.save(net, tmp_path / "zip.safetensors")
    write(tmp_path / "in" / "one.png", one.image)
    (tmp_path / "in" / "two.png").write_bytes(b"nothing")

    def run(*options):
        monkeypatch.setattr(sys, "argv", ["read_mail.py", *options, "--output", str(tmp_path)])
        runpy.run_path(str(script), run_name="__main__")
        return capsys.readouterr()

    told = run(str(tmp_path / "in"))
    assert f"one.png: {reader.read(one.image, net)}" in told.out
    assert "two.png: is no picture" in told.err
    assert (tmp_path / "one_read.png").exists()
    plain = json.loads(run(str(tmp_path / "in" / "one.png"), "--json").out)
    assert [field["text"] for field in plain["fields"]] == reader.read(one.image, net).strings
    with pytest.raises(SystemExit, match=r"read_mail.py: there is no file or folder nothing.png"):
        run("nothing.png")
