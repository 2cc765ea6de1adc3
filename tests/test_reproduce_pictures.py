"""The reader measured on pictures whose truth is known: how it counts."""

from __future__ import annotations

import re

import numpy as np
import pytest

import sn89
from sn89.datasets import worn
from sn89.reader import FRAME_16, read, read_truth, write_png
from sn89.reproduce.pictures import count_string, count_worn, measure_files, measure_worn, table

pytest.importorskip("skimage")


@pytest.fixture(scope="module")
def net():
    return sn89.nets.zip_code(seed=1)


@pytest.fixture(scope="module")
def part():
    return sn89.datasets.synthetic(10, 60, seed=1).test


@pytest.fixture(scope="module")
def reading(part, net):
    (envelope,) = worn(part, "clean", seed=3)
    return envelope, read(envelope.image, net, 0.0)


def test_worn_pictures_are_counted_place_by_place(reading):
    envelope, found = reading
    tally = count_worn(envelope, found)
    right = sum(a.label == b.label for a, b in zip(envelope.digits, found.digits, strict=True))
    assert tally == {"pictures": 1, "digits": 5, "right": right, "extra": 0, "nothing": 0, "whole": tally["whole"]}
    assert tally["whole"] == (found.strings == envelope.strings)


def test_strings_are_counted_in_their_order(reading):
    _, found = reading
    text = "".join(found.strings)
    whole, rest = count_string(text, found), count_string(text[1:], found)
    assert [whole[name] for name in ("whole", "digits", "right", "extra")] == [1, 5, 5, 0]
    assert [rest[name] for name in ("whole", "digits", "right", "extra")] == [0, 4, 4, 1]


def test_pictures_of_a_folder_and_those_that_cannot_be_read(part, net, tmp_path):
    (tmp_path / "letters").mkdir()
    (envelope,) = worn(part, "shadow", seed=3)
    write_png(envelope.image, tmp_path / "letters" / "one.png")
    write_png(np.full((60, 90), 255, np.uint8), tmp_path / "empty.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    truth = tmp_path / "truth.csv"
    truth.write_text("letters/one.png,12345\r\nempty.png,7\r\n\r\nbad.png,8\r\n")
    tallies, failed = measure_files(
        tmp_path, read_truth(truth, list(tmp_path.rglob("*.png"))).written, {"zip": (net, FRAME_16)}
    )
    assert tallies["letters", "zip"]["digits"] == 5
    assert (tallies[".", "zip"]["pictures"], tallies[".", "zip"]["nothing"]) == (1, 1)
    assert len(failed) == 1
    assert "bad.png" in failed[0]
    assert re.search(r"^\| letters +\| zip +\| 1 +\|", table(tallies), re.MULTILINE)


def test_every_kind_of_wear_has_a_row(part, net):
    tallies = measure_worn(part, {"zip": (net, FRAME_16)}, 1, ["clean", "grid"])
    assert [kind for kind, _ in tallies] == ["clean", "grid"]
    assert all(one["digits"] == 5 for one in tallies.values())
