"""Worn pictures of mail: their truth stays true, and the reader reads them as it reads clean ones."""

from __future__ import annotations

import numpy as np
import pytest

import sn89
from sn89 import reader
from sn89.datasets import worn
from sn89.datasets.wear import KINDS
from sn89.ground import fill_outside
from sn89.reader.practice import desired, practice
from sn89.reproduce.mail import match

pytest.importorskip("skimage")


@pytest.fixture(scope="module")
def digits():
    return sn89.datasets.synthetic(2000, 200, seed=1)


@pytest.fixture(scope="module")
def net(digits):
    """A recogniser, trained for a second on drawn digits as they are and as the reader sees them."""
    images, labels = practice(sn89.datasets.mail(digits.train, 60, seed=2))
    net = sn89.nets.zip_code(seed=1)
    X, y = np.concatenate([digits.train[0], images]), np.concatenate([digits.train[1], labels])
    rule = sn89.LevenbergMarquardt()
    sn89.train(net, X, desired(y, net.cost), rule=rule, passes=5, order="shuffle", measure=False, progress=False)
    return net


def found(net, envelopes):
    """Shares of digits found and of digits right."""
    total = seen = right = 0
    for envelope in envelopes:
        reading = reader.read(envelope.image, net)
        pairs = match(envelope, reading)
        total += len(envelope.digits)
        seen += len(pairs)
        right += sum(reading.digits[j].label == envelope.digits[i].label for i, j in pairs.items())
    return seen / total, right / total


@pytest.fixture(scope="module")
def clean(digits, net):
    shares = found(net, worn(digits.test, "clean", 10, seed=4))
    assert shares[0] >= 0.97
    return shares


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_is_where_the_ink_is(digits, kind):
    for envelope in worn(digits.test, kind, 2, seed=4):
        assert envelope.image.dtype == np.uint8
        height, width = envelope.image.shape[:2]
        for digit in envelope.digits:
            top, left, bottom, right = digit.box
            assert 0 <= top < bottom <= height
            assert 0 <= left < right <= width
            colours = envelope.image.reshape(height, width, -1)
            darkest = colours[top:bottom, left:right].min(axis=(0, 1))
            around = colours[max(0, top - 3) : bottom + 3, max(0, left - 3) : right + 3]
            assert (darkest < 0.75 * np.percentile(around, 90, axis=(0, 1))).any()  # ink in the light that falls there
            assert digit.label == digits.test[1][digit.index]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "clean"])
def test_worn_pictures_are_read_as_clean_ones(digits, net, clean, kind):
    """Drawn digits, which are simpler than people's; docs/mail.md has those. A picture is a tenth of all."""
    seen, right = found(net, worn(digits.test, kind, 10, seed=4))
    assert seen >= clean[0] - 0.1
    assert right >= clean[1] - 0.1


def test_no_digit_in_the_shadow_is_painted_over_and_the_bed_of_a_scanner_is(digits):
    for kind in ("shadow", "turned page"):
        for envelope in worn(digits.test, kind, 20, seed=4):
            grey = envelope.image.astype(np.float32) / 255
            painted = fill_outside(grey) != grey
            assert not any(
                painted[top:bottom, left:right].any()
                for top, left, bottom, right in (one.box for one in envelope.digits)
            )
            assert kind == "shadow" or painted.mean() > 0.05


def test_the_same_digits_for_every_kind(digits):
    codes = [[one.strings for one in worn(digits.test, kind, 2, seed=7)] for kind in ("clean", "shadow", "grid")]
    assert codes[0] == codes[1] == codes[2]
    assert np.array_equal(*(next(worn(digits.test, "fold", seed=7)).image for _ in range(2)))


def test_arguments_that_are_wrong(digits):
    with pytest.raises(ValueError, match=r"kind must be one of clean, border, .*, not 'soaked'"):
        worn(digits.test, "soaked")
    with pytest.raises(ValueError, match="count must be at least 1"):
        worn(digits.test, "clean", 0)
