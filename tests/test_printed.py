"""Printed digits: the faces they are set in, some for training and others for testing, and what comes of it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from sn89 import datasets, size_normalize

printed = importlib.import_module("sn89.datasets.printed")  # the function hides the module of the same name

FONTS = Path(matplotlib.get_data_path(), "fonts", "ttf")

# How alike two faces are, measured: 1 if they are the same, 0.96 for DejaVu Sans and DejaVu Sans Mono, 0.91 at most
# among those that are taken, 0.80 to 0.88 for two weights or two widths of a design.
HARD_TO_TELL = 0.93


def likeness(one, other):
    """The correlation of their digits, normalised for size, on the average over the ten."""
    looks = ([size_normalize(bitmap, 32, ink="light").ravel() for bitmap in face] for face in (one, other))
    return np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(*looks, strict=True)])


@pytest.fixture(scope="module")
def digits():
    return datasets.printed()


@pytest.fixture(scope="module")
def drawn():
    return [printed._draw(face) for face in printed.FACES]


def flat(images):
    return images.reshape(len(images), -1).astype(float)


def same(a, b):
    return all(np.array_equal(x, y) for p, q in zip(a, b, strict=True) for x, y in zip(p, q, strict=True))


# ------------------------------------------------------------------------------------------------------ faces


def test_there_are_as_many_faces_as_in_the_paper():
    assert len(set(printed.FACES)) == len(printed.FACES) == 35
    assert all((FONTS / face.file).is_file() for face in printed.FACES)


@pytest.mark.thorough
def test_no_face_is_hard_to_tell_from_another(drawn):
    for (i, one), (j, other) in combinations(enumerate(drawn), 2):
        assert likeness(one, other) < HARD_TO_TELL, (printed.FACES[i], printed.FACES[j])


def test_likeness_finds_what_is_hard_to_tell():
    sans, mono, serif = (printed._draw(printed.Face(f"DejaVu{name}.ttf")) for name in ("Sans", "SansMono", "Serif"))
    assert likeness(sans, sans) == pytest.approx(1)
    assert likeness(sans, mono) > HARD_TO_TELL
    assert 0.8 < likeness(sans, serif) < HARD_TO_TELL
    bold = printed._draw(printed.Face("DejaVuSerif-Bold.ttf"))
    again = printed._draw(printed.Face("DejaVuSerif-Bold.ttf", 0x1D7CE))  # mathematical, the same glyphs
    assert likeness(bold, again) == pytest.approx(1)


def test_every_digit_of_a_face_is_the_one_that_it_is_in_the_other_faces(drawn):
    looks = np.array([[size_normalize(bitmap, 32, ink="light") for bitmap in face] for face in drawn])
    looks = looks.reshape(len(drawn), 10, -1)
    for i, face in enumerate(printed.FACES):
        others = np.delete(looks, i, axis=0).mean(axis=0)
        alike = np.corrcoef(looks[i], others)[:10, 10:]
        kept, exchanged = np.add.outer(alike.diagonal(), alike.diagonal()), alike + alike.T
        assert (kept >= exchanged).all(), face  # no two digits are more like those of other faces the other way round


# ----------------------------------------------------------------------------------------------------- digits


def test_printed_digits_are_as_promised(digits):
    assert (digits.name, digits.synthetic) == ("printed digits", True)
    assert digits.source == (
        f"printed by sn89 in 35 faces, of matplotlib {matplotlib.__version__}, seed 1989; not comparable with the paper"
    )
    for (images, labels), count in zip(digits, (2549, 700), strict=True):
        assert images.shape == (count, 16, 16)
        assert labels.shape == (count,)
        assert (images.dtype, labels.dtype) == (np.float32, np.int64)
        assert images.flags.c_contiguous
        np.testing.assert_array_equal(images.max(axis=(1, 2)), 1)
        np.testing.assert_array_equal(images.min(axis=(1, 2)), -1)
        np.testing.assert_array_equal(images, (np.rint(1000 * images.astype(float)) / 1000).astype(np.float32))
        assert len(np.unique(images, axis=0)) == count
        assert 0.1 < (abs(images) < 0.8).mean() < 0.4  # grey levels


def test_digits_fill_their_square_and_keep_their_proportions(digits):
    X, y = digits.train
    inked = X > -1
    rows, columns = inked.any(axis=2), inked.any(axis=1)
    assert (rows.all(axis=1) | columns.all(axis=1)).all()
    assert rows[y == 1].all()
    zero, one = (np.median(columns[y == digit].sum(axis=1)) for digit in (0, 1))
    assert one <= zero - 2
    np.testing.assert_array_less(abs(columns.argmax(axis=1) - columns[:, ::-1].argmax(axis=1)), 2)  # centred


def test_the_nearest_neighbour_reads_most_of_the_faces_that_it_has_not_seen(digits):
    """Measured with six seeds: at most 0.2 % wrong; the mean of each digit gets 0.4 to 2.2 % wrong."""
    (X, y), (Xt, yt) = digits
    squares, products = (flat(X) ** 2).sum(axis=1), flat(Xt) @ flat(X).T
    assert (y[(squares - 2 * products).argmin(axis=1)] != yt).mean() < 0.01
    means = np.array([flat(X[y == digit]).mean(axis=0) for digit in range(10)])
    nearest = ((means**2).sum(axis=1) - 2 * flat(Xt) @ means.T).argmin(axis=1)
    assert 0 < (nearest != yt).mean() < 0.04


def glyphs_of_both_parts(monkeypatch, seed=1989):
    """How often each glyph of the training and of the test set is scanned, by the pixels that it was drawn with."""
    glyphs, scans = [], Counter()

    def scan(glyph, vary, noise):
        scans[id(glyph)] += 1
        return np.pad([[True]], 1)

    with monkeypatch.context() as patch:
        patch.setattr(printed, "_glyph", lambda bitmap: glyphs.append(printed.Glyph(bitmap, 0)) or glyphs[-1])
        patch.setattr(printed, "_scan", scan)
        digits = datasets.printed(seed=seed)
    parts = [{glyph.distance.tobytes(): scans[id(glyph)] for glyph in part} for part in (glyphs[:280], glyphs[280:])]
    return digits, parts


def test_every_digit_of_every_face_comes_equally_often(monkeypatch):
    ((_, y), (_, yt)), (train, test) = glyphs_of_both_parts(monkeypatch)
    assert (len(train), len(test)) == (280, 70)
    assert (set(train.values()), set(test.values())) == ({9, 10}, {10})
    assert np.bincount(yt).tolist() == [70] * 10
    assert np.bincount(y).min() >= 240
    assert np.bincount(y).max() <= 270


def test_no_face_is_in_both_parts_and_the_seed_draws_which(monkeypatch):
    tested = []
    for seed in (1989, 1, 2):
        _, (train, test) = glyphs_of_both_parts(monkeypatch, seed)
        assert not set(train) & set(test)
        tested.append(set(test))
    assert tested[0] != tested[1] != tested[2]


def test_labels_are_in_random_order(digits):
    for _, labels in digits:
        assert set(labels[:60]) == set(range(10))
        assert 0.05 < (labels[1:] == labels[:-1]).mean() < 0.15


def test_the_largest_and_most_askew_digit_has_paper_around_it(drawn):
    glyphs = [printed._glyph(bitmap) for face in drawn for bitmap in face]
    for signs in ((1, 1), (1, 0), (0, 1), (0, 0)):  # slant and turn
        vary = np.array([1, 1, *signs, 1, 1, 1])
        for glyph in glyphs:
            paper = ~printed._scan(glyph, vary, np.zeros((printed.SCAN, printed.SCAN)))
            assert paper[[0, -1]].all()
            assert paper[:, [0, -1]].all()


def test_distance_is_that_to_the_nearest_ink():
    ink = np.zeros((30, 30), bool)
    ink[10:14, 12] = ink[20, 9:15] = True
    places = np.indices(ink.shape).reshape(2, -1).T
    distance = np.linalg.norm(places[:, None] - places[ink.ravel()], axis=2).min(axis=1).reshape(ink.shape)
    np.testing.assert_allclose(printed._distance(ink), np.minimum(distance, printed.REACH))


# ------------------------------------------------------------------------------------------- seeds and counts


def test_numbers_may_come_from_numpy():
    assert same(datasets.printed(np.int32(20), np.int64(10), seed=np.int64(3)), datasets.printed(20, 10, seed=3))


def test_same_seed_same_digits_and_fewer_are_the_first_of_more(digits):
    few = datasets.printed(30, 301)
    assert same(few, [(images[:count], y[:count]) for (images, y), count in zip(digits, (30, 301), strict=True)])
    assert same(datasets.printed(1, 1), [(images[:1], y[:1]) for images, y in digits])


def test_another_seed_gives_other_digits(digits):
    other = datasets.printed(200, 200, seed=0)
    for (images, labels), (others, other_labels) in zip(digits, other, strict=True):
        assert (labels[:200] != other_labels).any()
        assert (images[:200] != others).any(axis=(1, 2)).all()
    assert "seed 0;" in other.source


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"train": 0}, ValueError, "train must be at least 1, not 0"),
        ({"test": -3}, ValueError, "test must be at least 1, not -3"),
        ({"train": 2.5}, TypeError, r"train must be a whole number, not 2\.5"),
        ({"test": "10"}, TypeError, "test must be a whole number, not '10'"),
        ({"test": True}, TypeError, "test must be a whole number, not True"),
        ({"seed": -1}, ValueError, "seed must be at least 0, not -1"),
        ({"seed": 2**64}, ValueError, f"seed must be at most {2**64 - 1}, not {2**64}"),
        ({"seed": None}, TypeError, "seed must be a whole number, not None"),
        ({"fonts": "cmr10.ttf"}, TypeError, "fonts must be a sequence of paths of font files, not 'cmr10.ttf'"),
        ({"fonts": None}, TypeError, "fonts must be a sequence of paths of font files, not None"),
        ({"fonts": [12]}, TypeError, "fonts must hold paths of font files, not 12"),
        ({"fonts": [b"cmr10.ttf"]}, TypeError, "fonts must hold paths of font files, not b'cmr10.ttf'"),
    ],
)
def test_bad_arguments_are_named(arguments, error, words):
    with pytest.raises(error, match=f"^{words}$"):
        datasets.printed(**{"train": 1, "test": 1} | arguments)


# ------------------------------------------------------------------------------------------- the caller's fonts


def test_given_fonts_are_among_the_faces(monkeypatch, digits, tmp_path):
    for name in ("one", "two", "three", "four", "five"):
        (tmp_path / f"{name}.ttf").write_bytes((FONTS / "DejaVuSansMono.ttf").read_bytes())
    more = datasets.printed(400, 80, fonts=sorted(tmp_path.iterdir()))
    assert "in 40 faces" in more.source
    assert "and the given fonts" in more.source
    assert not same([more.train], [(images[:400], labels[:400]) for images, labels in [digits.train]])


def test_a_font_may_be_at_home(tmp_path, monkeypatch):
    (tmp_path / "mine.ttf").write_bytes((FONTS / "cmtt10.ttf").read_bytes())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert "36 faces" in datasets.printed(1, 1, fonts=["~/mine.ttf"]).source
    monkeypatch.chdir(tmp_path)
    assert "36 faces" in datasets.printed(1, 1, fonts=["mine.ttf"]).source


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere.ttf", None, "cannot be used: .*No such file"),
        ("letter.ttf", b"Dear Sir", "cannot be used: "),
        ("empty.ttf", b"", "cannot be used: "),
        ("sizes.ttf", FONTS / "STIXSizOneSymReg.ttf", r"cannot be used: it has no digit 0 \(U\+0030\)"),
    ],
)
def test_bad_fonts_are_named(tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    with pytest.raises(ValueError, match=f"{name} {words}"):
        datasets.printed(1, 1, fonts=[FONTS / "cmr10.ttf", path])


def test_digits_that_are_blank_or_all_one_glyph_are_refused():
    with pytest.raises(ValueError, match=r"DejaVuSans\.ttf cannot be used: its U\+2000 is blank"):
        printed._draw(printed.Face("DejaVuSans.ttf", 0x2000))  # ten spaces
    with pytest.raises(ValueError, match=r"DejaVuSans\.ttf cannot .*: two of its digits have the same glyph"):
        printed._draw(printed.Face("DejaVuSans.ttf", step=0))


# ----------------------------------------------------------------------------------------------------- import


def test_importing_does_not_import_matplotlib(tmp_path):
    code = "import sys, sn89; print('matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
