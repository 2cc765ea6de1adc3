"""What is no digit: of every kind, the same for the same seed, in the form of digits."""

from __future__ import annotations

import numpy as np
import pytest

import sn89
from sn89.datasets.synthetic import elsewhere

pytest.importorskip("scipy")


def test_nondigits_are_of_every_kind_in_the_form_of_digits():
    part = sn89.datasets.synthetic(50, 1).train
    X = sn89.datasets.nondigits(part, 70, seed=1)
    assert (X.shape, X.dtype) == ((70, 16, 16), np.float32)
    assert X.min() >= -1
    assert X.max() <= 1
    assert (X.max(axis=(1, 2)) > 0).all()  # there is ink in each
    assert len(np.unique(X.reshape(70, -1), axis=0)) == 70
    assert np.array_equal(X[:7], sn89.datasets.nondigits(part, 7, seed=1))
    assert not np.array_equal(X, sn89.datasets.nondigits(part, 70, seed=2))
    letters = sn89.datasets.nondigits(part, 5, kinds=["signs"])
    assert not np.array_equal(letters, sn89.datasets.nondigits(part, 5, kinds=["noise"]))


@pytest.mark.parametrize("kinds", [[], ["letters"], ["signs", "hats"]])
def test_unknown_kinds_of_nondigits(kinds):
    with pytest.raises(ValueError, match="kinds must be some of signs, script, scribbles"):
        sn89.datasets.nondigits(sn89.datasets.synthetic(5, 1).train, 3, kinds=kinds)


def test_digits_as_they_are_written_elsewhere():
    X, y = elsewhere(44, seed=3)
    assert (X.shape, X.dtype, y.dtype) == ((44, 16, 16), np.float32, np.int64)
    assert set(y.tolist()) == set(range(10))
    assert np.array_equal(X, elsewhere(44, seed=3)[0])
    assert not np.array_equal(X, elsewhere(44, seed=4)[0])
    ones, sevens = X[y == 1] > 0, X[y == 7] > 0
    assert (ones.any(axis=1).sum(axis=1) >= 4).mean() > 0.9  # with an upstroke: wider than a stroke
    middle = sevens[:, 6:12].sum(axis=2).max(axis=1)
    assert (middle >= 5).mean() > 0.9  # with a bar
    with pytest.raises(ValueError, match="count"):
        elsewhere(0)


def test_no_kind_depends_on_how_photographs_are_read():
    """What is drawn here is on an even background, whatever is at its border: none of it can be without ink."""
    part = sn89.datasets.synthetic(50, 1).train
    assert np.isfinite(sn89.datasets.nondigits(part, 400, seed=4321, kinds=["textures", "noise", "streaks"])).all()
