"""Size normalisation: what the paper says of it, whatever the digit's size, place, colours and scale."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sn89 import size_normalize

STROKE = np.array(
    [[0, 0, 1, 1, 0, 0], [0, 1, 0, 0, 1, 0], [0, 0, 0, 1, 0, 0], [0, 0, 1, 0, 0, 0], [0, 1, 1, 1, 1, 0]], dtype=bool
)
# Ink somewhere inside a border that shows the background.
shapes = arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))).filter(lambda a: a.any())


def framed(ink: np.ndarray, *margin: int) -> np.ndarray:
    """The ink in a wider picture."""
    top, bottom, left, right = margin or (2, 2, 2, 2)
    return np.pad(ink, ((top, bottom), (left, right)))


def drawn(ink: np.ndarray, size: int = 16) -> np.ndarray:
    """By counting: every pixel of ink and of the result cut into the same small squares."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    frame = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    long = max(frame.shape)
    fine = np.kron(frame, np.ones((2 * size, 2 * size)))  # the longer side: 2 * size * long squares, `size` pixels
    canvas = np.zeros((2 * size * long, 2 * size * long))
    top, left = ((2 * size * long - side) // 2 for side in fine.shape)
    canvas[top : top + fine.shape[0], left : left + fine.shape[1]] = fine
    means = canvas.reshape(size, 2 * long, size, 2 * long).mean(axis=(1, 3))
    return 2 * means / means.max() - 1


@given(shapes)
def test_every_pixel_is_the_mean_of_what_it_covers(ink):
    np.testing.assert_allclose(size_normalize(framed(ink)), drawn(ink), atol=1e-6)


@given(shapes, st.integers(2, 40))
def test_any_size(ink, size):
    image = size_normalize(framed(ink), size)
    assert image.shape == (size, size)
    assert image.dtype == np.float32
    assert image.min() >= -1
    assert image.max() == 1
    np.testing.assert_allclose(image, drawn(ink, size), atol=1e-6)


@given(shapes, st.tuples(*[st.integers(2, 9)] * 4))
def test_the_place_in_the_picture_does_not_matter(ink, margin):
    np.testing.assert_array_equal(size_normalize(framed(ink, *margin)), size_normalize(framed(ink)))


@given(shapes, st.integers(1, 5))
def test_enlarging_a_picture_does_not_matter(ink, factor):
    larger = np.kron(framed(ink), np.ones((factor, factor)))
    np.testing.assert_allclose(size_normalize(larger), size_normalize(framed(ink)), atol=1e-6)


@given(shapes, st.floats(-1e30, 1e30), st.floats(1e-3, 1e30), st.booleans())
def test_levels_do_not_matter(ink, background, contrast, dark):
    levels = np.float64(background), np.float64(background + (-contrast if dark else contrast))
    if abs(levels[0] - levels[1]) < 1e-9 * abs(background):
        return  # contrast lost in rounding
    image = np.where(framed(ink), levels[1], levels[0])
    np.testing.assert_allclose(size_normalize(image), size_normalize(framed(ink)), atol=1e-5)
    np.testing.assert_array_equal(size_normalize(image, ink="dark" if dark else "light"), size_normalize(image))


@pytest.mark.parametrize(("height", "width", "rows", "columns"), [(16, 4, 16, 4), (8, 16, 8, 16), (30, 15, 16, 8)])
def test_the_aspect_ratio_is_kept_and_the_digit_centred(height, width, rows, columns):
    image = size_normalize(framed(np.ones((height, width), bool)))
    inked = image > -1
    assert (inked.any(axis=1).sum(), inked.any(axis=0).sum()) == (rows, columns)
    np.testing.assert_array_equal(inked, inked[::-1, ::-1])


def test_a_binary_picture_gets_grey_levels():
    image = size_normalize(framed(STROKE))
    assert len(np.unique(image)) > 3


def test_faint_noise_does_not_widen_the_frame_but_is_drawn_inside():
    clean = framed(STROKE.astype(float), 9, 9, 9, 9)
    noisy = clean.copy()
    noisy[1, 1] = 0.2
    np.testing.assert_array_equal(size_normalize(noisy), size_normalize(clean))
    noisy[10, 12] += 0.2
    assert (size_normalize(noisy) != size_normalize(clean)).any()


@given(arrays(np.bool_, st.tuples(st.just(16), st.integers(1, 8).map(lambda half: 2 * half))))
def test_a_digit_that_fills_its_square_stays_as_it_is(ink):
    ink[0, 0] = ink[-1, -1] = True
    left = (16 - ink.shape[1]) // 2
    expected = np.where(np.pad(ink, ((0, 0), (left, left))), 1, -1)
    np.testing.assert_allclose(size_normalize(framed(ink)), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("image", "arguments", "error", "words"),
    [
        (np.zeros((5, 5)), {}, ValueError, "no ink"),
        (framed(STROKE), {"ink": "dark"}, ValueError, "no dark ink"),
        (~framed(STROKE), {"ink": "light"}, ValueError, "no light ink"),
        (np.zeros((0, 5)), {}, ValueError, r"\(0, 5\)"),
        (np.zeros(5), {}, ValueError, r"\(5,\)"),
        (np.zeros((5, 5, 3)), {}, ValueError, r"\(5, 5, 3\)"),
        (np.full((5, 5), np.nan), {}, ValueError, "finite"),
        (np.full((5, 5), np.inf), {}, ValueError, "finite"),
        (np.array([["a"]]), {}, TypeError, "numbers"),
        (np.eye(5) * 1j, {}, TypeError, "numbers"),
        (framed(STROKE), {"ink": "red"}, ValueError, "red"),
        (framed(STROKE), {"size": 0}, ValueError, "at least 1"),
        (framed(STROKE), {"size": 10**9}, ValueError, "at most"),
        (framed(STROKE), {"size": 16.5}, TypeError, "16.5"),
        (framed(STROKE), {"size": True}, TypeError, "True"),
    ],
)
def test_bad_input_is_named(image, arguments, error, words):
    with pytest.raises(error, match=words):
        size_normalize(image, **arguments)


def lit(image, lost):
    """A picture of paper with light that falls off from left to right."""
    width = image.shape[1]
    return np.rint(235 * (1 - 0.8 * image) * (1 - lost * np.linspace(0, 1, width))).astype(np.uint8)


@pytest.mark.parametrize("lost", [0.15, 0.35, 0.6])
@pytest.mark.parametrize("shape", ["stroke", "ring"])
def test_light_from_one_side_does_not_matter(lost, shape):
    pytest.importorskip("skimage")
    y, x = np.mgrid[:90, :70]
    ring = np.abs(np.hypot((y - 45) / 1.3, x - 35) - 18) < 5
    ink = {"stroke": np.kron(framed(STROKE, 3, 3, 3, 3), np.ones((8, 8))), "ring": ring.astype(float)}[shape]
    seen, plain = size_normalize(lit(ink, lost)), size_normalize(lit(ink, 0))
    assert np.abs(seen - plain).mean() < 0.03


def test_uneven_light_needs_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.ndimage", None)
    with pytest.raises(ImportError, match=r'pip install "sn89\[reader\]"'):
        size_normalize(lit(np.kron(framed(STROKE, 3, 3, 3, 3), np.ones((8, 8))), 0.4))


def test_a_bold_digit_that_touches_every_side_is_no_photograph():
    """Where it touches the border the sides differ, but the background is of one level, as no paper is."""
    i = (np.arange(16) - 7.5) / 8
    ring = np.clip(4 * (0.42 - abs(np.hypot(i[:, None], i * 1.25) - 0.62)), 0, 1)
    small = size_normalize(ring)
    large = size_normalize(np.kron((255 * ring).round(), np.ones((5, 5))).astype(np.uint8))
    np.testing.assert_allclose(large, small, atol=0.02)


# ---- Photographs of one digit: what strangers' pictures have around it -----------------------------------------------


def paper_with(ink):
    """A photograph of a digit, 70 pixels high: paper of 120 x 120 pixels, with its grain."""
    grey = np.full((120, 120), 0.93, np.float32)
    grey[25:95, 36:84] -= 0.78 * ink
    return grey


def photographed(grey):
    grain = np.random.Generator(np.random.PCG64(5)).standard_normal(grey.shape)
    return np.rint(255 * np.clip(grey + 0.01 * grain, 0, 1)).astype(np.uint8)


def box(grey):
    grey[8:112, [8, 9, 10, 109, 110, 111]] = grey[[8, 9, 10, 109, 110, 111], 8:112] = 0.15


def rim(grey):
    grey[:7] = grey[-7:] = grey[:, :7] = grey[:, -7:] = 0.1


def table(grey):
    grey[:, :18] = 0.4


def rule(grey):
    grey[93:96] = np.minimum(grey[93:96], 0.4)


def squares(grey):
    grey[5::22] = np.minimum(grey[5::22], 0.7)
    grey[:, 5::22] = np.minimum(grey[:, 5::22], 0.7)


def specks(grey):
    grey[4:7, 40:43] = grey[60:63, 8:11] = grey[112:114, 90:93] = 0.2


def side_light(grey):
    grey *= np.linspace(1, 0.65, 120, dtype=np.float32)


@pytest.mark.parametrize("around", [box, rim, table, rule, squares, specks, side_light])
def test_what_is_around_a_photographed_digit_does_not_matter(around):
    pytest.importorskip("skimage")
    y, x = np.mgrid[:70, :48]
    ring = np.abs(np.hypot((y - 35) / 1.45, x - 24) - 19) < 4.5
    five = np.zeros((70, 48), bool)
    five[:9] = five[30:39] = five[61:] = five[:39, :9] = five[30:, 39:] = True
    for ink in (ring, five):
        plain, grey = paper_with(ink), paper_with(ink)
        around(grey)
        both = [size_normalize(photographed(one)).ravel() for one in (grey, plain)]
        assert np.corrcoef(both)[0, 1] > 0.85


def test_a_drawn_box_is_left_out_too_and_a_drawn_digit_stays():
    pytest.importorskip("skimage")
    drawn = np.kron(framed(STROKE, 5, 5, 5, 5), np.ones((8, 8), bool))
    boxed = drawn.copy()
    boxed[4:-4, [4, 5, -6, -5]] = boxed[[4, 5, -6, -5], 4:-4] = True
    np.testing.assert_allclose(size_normalize(boxed), size_normalize(drawn), atol=1e-6)
