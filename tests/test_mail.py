"""Pictures of mail: the truth they come with, what the dials do, and arguments that are wrong."""

from __future__ import annotations

import importlib
import sys
from dataclasses import fields, replace

import numpy as np
import pytest

import sn89
from sn89.datasets.mail import EASY, HARD, MEDIUM, SETTINGS, Setting

pytest.importorskip("skimage")

mail = importlib.import_module("sn89.datasets.mail")  # the function hides the module of the same name
strokes = importlib.import_module("sn89.datasets.strokes")
paper = importlib.import_module("sn89.datasets.paper")

PART = sn89.datasets.synthetic(200, 1, seed=3).train


def pictures(count=2, setting="easy", **options):
    return list(sn89.datasets.mail(PART, count, setting, **options))


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_truth_is_where_the_ink_is(setting):
    for envelope in pictures(4, setting):
        grey = envelope.image.astype(float)
        assert envelope.image.dtype == np.uint8
        for digit in envelope.digits:
            top, left, bottom, right = digit.box
            assert 0 <= top < bottom <= grey.shape[0]
            assert 0 <= left < right <= grey.shape[1]
            inside = grey[top:bottom, left:right]
            assert inside.mean() < np.median(grey)  # darker than paper
            assert digit.label == PART[1][digit.index]


def test_boxes_are_tight_on_clean_paper():
    clean = replace(EASY, noise=0.0, texture=0.0, light=0.0, blur=0.0, gap=(0.3, 0.4))
    for envelope in pictures(3, clean, lengths=[5]):
        paper_level = int(np.median(envelope.image))
        ink = envelope.image < paper_level - 60
        boxed = np.zeros_like(ink)
        for top, left, bottom, right in (digit.box for digit in envelope.digits):
            boxed[top:bottom, left:right] = True
            inside = ink[top:bottom, left:right]
            rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
            assert rows[0] <= 1
            assert rows[-1] >= bottom - top - 2
            assert columns[0] <= 1
            assert columns[-1] >= right - left - 2
        assert (ink & boxed).sum() > 0.98 * ink.sum()


def test_codes_of_five_and_of_nine():
    five = pictures(3, lengths=[5])
    assert all([len(one) for one in envelope.strings] == [5] for envelope in five)
    nine = pictures(3, lengths=[9])
    assert all([len(one) for one in envelope.strings] == [5, 4] for envelope in nine)
    both = pictures(20)
    assert {len(envelope.strings) for envelope in both} == {1, 2}
    for envelope in nine:
        assert envelope.strings == [
            "".join(str(digit.label) for digit in envelope.digits if digit.field == field) for field in (0, 1)
        ]


def test_lines_go_down_the_picture():
    (envelope,) = pictures(1, lengths=[5], lines=3)
    assert [digit.line for digit in envelope.digits] == [0] * 5 + [1] * 5 + [2] * 5
    middles = [np.mean([d.box[0] + d.box[2] for d in envelope.digits if d.line == line]) for line in range(3)]
    assert middles[0] < middles[1] < middles[2]
    assert len(envelope.strings) == 3


def test_the_same_seed_gives_the_same_pictures():
    for setting in ("easy", "hard"):
        one, same, other = pictures(2, setting, seed=5), pictures(2, setting, seed=5), pictures(2, setting, seed=6)
        for a, b, c in zip(one, same, other, strict=True):
            assert np.array_equal(a.image, b.image)
            assert a.digits == b.digits
            assert a.digits != c.digits


def test_every_digit_comes_once_before_one_comes_again():
    used = [digit.index for envelope in pictures(40, lengths=[5]) for digit in envelope.digits]
    assert sorted(used) == list(range(200))


def test_difficulty_turns_all_dials_evenly():
    assert Setting.at(0) == EASY == SETTINGS["easy"]
    assert Setting.at(1) == HARD
    for field in fields(Setting):
        low, middle, high = (np.array(getattr(one, field.name), float) for one in (EASY, MEDIUM, HARD))
        assert (np.abs(middle - (low + high) / 2) <= 0.5 * (field.name == "quality") + 1e-9).all()
        assert (low != high).any()


def contrast(envelope):
    return np.percentile(envelope.image, 60) - np.percentile(envelope.image, 2)


def test_harder_is_fainter_and_noisier():
    easy, hard = pictures(6, "easy"), pictures(6, "hard")
    assert np.mean([contrast(one) for one in hard]) < np.mean([contrast(one) for one in easy])
    rough = [[np.abs(np.diff(one.image.astype(float))).mean() for one in some] for some in (easy, hard)]
    assert np.mean(rough[1]) > np.mean(rough[0])


def gaps(envelopes):
    """Paper between the boxes of neighbours."""
    return np.array(
        [
            b.box[1] - a.box[3]
            for envelope in envelopes
            for a, b in zip(envelope.digits, envelope.digits[1:], strict=False)
            if a.field == b.field
        ]
    )


def test_digits_touch_if_they_are_told_to():
    apart, touching = (pictures(6, replace(EASY, touching=share, gap=(0.3, 0.4))) for share in (0.0, 1.0))
    assert np.median(gaps(apart)) > 5
    assert np.median(gaps(touching)) <= 0


def test_broken_digits_have_less_ink():
    rng = np.random.Generator(np.random.PCG64(1))
    whole = strokes.write_digit(PART[0][0], 40)
    broken = strokes.broken(whole, rng, 40)
    assert 0 < whole.sum() - broken.sum() < 0.4 * whole.sum()
    assert (broken <= whole).all()


@pytest.mark.parametrize("height", [16, 33, 60])
def test_a_digit_is_as_high_as_asked(height):
    for image in PART[0][:10]:
        ink = strokes.write_digit(image, height)
        assert abs(max(ink.shape) - height) <= 0.15 * height + 2
        assert ink.min() >= 0
        assert ink.max() == 1


def test_a_rule_a_postmark_and_a_tilt():
    line = paper.rule((20, 50), 10, 0.0, 3)
    assert line[10].min() == 1
    assert line[[7, 13]].max() == 0
    mark = paper.postmark((100, 200), (50, 40), 30, 0.0)
    assert mark[50, 70] == 1
    assert mark[50, 45] == 0
    ink = np.zeros((40, 60))
    ink[10:30, 20:40] = 1
    moved, matrix = paper.tilt(ink, np.array([(3, 2)] * 4, float))
    np.testing.assert_allclose(moved[12:32, 23:43], 1, atol=1e-6)
    corner = matrix @ (20, 10, 1)
    np.testing.assert_allclose(corner / corner[2], (23, 12, 1), atol=1e-6)


def test_blank_digits_are_refused():
    with pytest.raises(ValueError, match="the image of a digit has no ink"):
        strokes.write_digit(-np.ones((16, 16)), 40)


@pytest.mark.parametrize(
    ("dial", "value", "words"),
    [
        ("height", 40, "height must be two numbers, the least and the greatest"),
        ("height", (50, 40), "height must be two rising numbers from 8 to 400"),
        ("height", (4, 40), "height must be two rising numbers from 8 to 400"),
        ("touching", 1.5, "touching must be a number from 0 to 1, not 1.5"),
        ("quality", 0, "quality must be a number from 1 to 100"),
        ("quality", 50.5, "quality must be a whole number"),
        ("skew", 0.5, "skew must be a number from 0 to 0.1"),
        ("noise", float("nan"), "noise must be finite"),
        ("noise", "much", "noise must be a number"),
    ],
)
def test_dials_out_of_range(dial, value, words):
    with pytest.raises((TypeError, ValueError), match=words):
        Setting(**{dial: value})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"setting": "harder"}, "setting must be one of easy, medium, hard"),
        ({"setting": 1.5}, "difficulty must be from 0 to 1, not 1.5"),
        ({"setting": None}, "difficulty must be a number"),
        ({"count": 0}, "count must be at least 1"),
        ({"lines": 0}, "lines must be at least 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"lengths": [6]}, r"lengths must be a sequence of 5 and 9, not \[6\]"),
        ({"lengths": []}, "lengths must be a sequence of 5 and 9"),
        ({"part": (PART[0][:0], PART[1][:0])}, "digits must be floats of shape"),
        ({"part": (PART[0], PART[1][:3])}, "digits must be floats of shape"),
        ({"part": (2 * PART[0], PART[1])}, "digits must be from -1"),
        ({"part": (PART[0], PART[1] + 10)}, "labels from 0 to 9"),
    ],
)
def test_arguments_that_are_wrong(options, words):
    with pytest.raises((TypeError, ValueError), match=words):
        sn89.datasets.mail(**{"part": PART, **options})


def test_without_scikit_image(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(ImportError, match=r'pip install "sn89\[reader\]"'):
        sn89.datasets.mail(PART)
