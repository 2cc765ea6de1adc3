"""Facts about the digits that a net learned from: a few numbers that identify them later."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from .aliases import Array, Range
from .checks import pieces

Facts = dict[str, Any]

FAR = 0.25  # share of the range of levels: a level so far outside is not noise
OUTSIDE = 0.1  # share of all pixels that must lie so far outside
SHADE = 1e-3  # share of the range within which two levels count as the same
PLAIN = 0.1  # at least this share of the pixels of digits is exactly paper
RANGES = ((0.0, 1.0), (-0.1, 1.175), (-1.0, 1.0), (0.0, 16.0), (0.0, 255.0))  # usual ranges, from paper to ink
_AS_FLOATS = {*RANGES, *((float(np.float32(low)), float(np.float32(high))) for low, high in RANGES)}

#: The sets that sn89 can find or make, by a digest of the labels of their training digits in order.
SETS = {
    "sha256:d2205a402e10ef97": "usps",
    "sha256:e474323ac02fc156": "mnist",
    "sha256:41a260ec2227558d": "printed",
    "sha256:d9ee5d407d3386d8": "usps+printed",
    "sha256:23a3fb8fbde7d93a": "synthetic",
}


def facts(images: Array, labels: Array) -> Facts:
    """The number and shape of images, their lowest, highest and mean level, and a digest of their labels, int (n,)."""
    digest = hashlib.sha256(np.ascontiguousarray(labels, np.int64).tobytes()).hexdigest()
    lowest, highest = _ends(images)
    total = sum(float(images[part].sum(dtype=np.float64)) for part in pieces(images))
    return {
        "images": len(images),
        "shape": list(images.shape[1:]),
        "lowest": lowest,
        "highest": highest,
        "mean": round(total / images.size, 6),
        "labels": f"sha256:{digest[:16]}",
    }


def _ends(images: Array) -> Range:
    """The lowest and the highest level."""
    ends = [(images[part].min(), images[part].max()) for part in pieces(images)]
    return float(min(low for low, _ in ends)), float(max(high for _, high in ends))


def known_set(recorded: Mapping[str, Any]) -> str | None:
    """The name of the set of sn89 that these facts describe, or None; facts from a file may be anything."""
    labels = recorded.get("labels")
    return SETS.get(labels) if isinstance(labels, str) else None


def scale(recorded: Mapping[str, Any]) -> Range | None:
    """The lowest and the highest level among these facts, or None if they are missing or invalid."""
    levels = [recorded.get(name) for name in ("lowest", "highest")]
    low, high = (one if isinstance(one, int | float) and np.isfinite(one) else None for one in levels)
    return None if low is None or high is None or not low < high else (float(low), float(high))


def otherwise_scaled(recorded: Mapping[str, Any], found: Facts) -> str | None:
    """A sentence if the levels of the images found differ from the recorded ones, or None."""
    there, here = scale(recorded), scale(found)
    if there is None or here is None or np.allclose(there, here, atol=SHADE * (there[1] - there[0])):
        return None
    if (known := _range(there)) and known == _range(here):
        return None  # a few of the same digits, without the darkest ink
    return (
        f"it learned from images with levels from {there[0]:g} to {there[1]:g}, but these have levels from "
        f"{here[0]:g} to {here[1]:g}"
    )


def _range(levels: Range) -> Range | None:
    """The usual range of levels whose lower end is paper, with the darkest ink in its upper half, or None."""
    low, high = levels
    near = (one for one in RANGES if abs(low - one[0]) <= SHADE * (one[1] - one[0]))
    return next((one for one in near if (one[0] + one[1]) / 2 < high <= one[1] + SHADE * (one[1] - one[0])), None)


def astray(there: Range, paper: float, X: Array) -> str | None:
    """A sentence if the images `X` certainly have another scale than those that a net learned from, or None.

    That is certain if one end of the range `there` (lowest, highest) is `paper`, the background of the input, and no
    pixel is near it; if a tenth of the pixels lies far outside the range; or if the images have exactly another usual
    range, and many of their pixels are its paper. Dark, pale and noisy images, or a single one, are not reported.
    """
    low, high = there
    (lowest, highest), far = _ends(X), FAR * (high - low)
    near = SHADE * (high - low)  # if neither end is paper, as in standardised features, missing paper means nothing
    bare = (abs(paper - low) <= near and lowest > low + far) or (abs(paper - high) <= near and highest < high - far)
    outside = lowest < low - far or highest > high + far
    off = (((low - far > X[part]) | (high + far < X[part])).sum() for part in pieces(X))
    far_off = outside and sum(map(int, off)) > OUTSIDE * X.size
    if not bare and not far_off and not _is_another(there, paper, X, (lowest, highest)):
        return None
    return otherwise_scaled({"lowest": low, "highest": high}, {"lowest": lowest, "highest": highest})


def other_digits(were: Mapping[str, Any], are: Facts) -> str | None:
    """The first difference between recorded digits and these, in words, or None."""
    name = next((name for name in are if name in were and were[name] != are[name]), None)
    if name is None:
        return None
    if name == "images":
        return f"it learned from {were[name]!r:.20} images, but now there are {are[name]}"
    if name == "shape" and isinstance(were[name], list):
        before, now = ("x".join(map(str, one[name])) for one in (were, are))
        return f"it learned from images of {before}, but now they have {now}"
    if name == "labels":
        return "the labels are different, or in another order"
    return f"the {name} level of the images was {were[name]!r:.20}, but now it is {are[name]:g}"


def _is_another(there: Range, paper: float, X: Array, here: Range) -> bool:
    """Whether the images have exactly another usual range than those that the net learned from."""
    if abs(paper - there[0]) > SHADE * (there[1] - there[0]) or not _range(there) or here not in _AS_FLOATS:
        return False
    return _range(there) != _range(here) and float(np.mean(here[0] == X)) >= PLAIN


def paper_elsewhere(background: float, X: Array) -> str | None:
    """A sentence if images have another usual range than a net expects whose background is neither -1 nor 0."""
    wanted = next((one for one in RANGES if one[0] == background and background not in (-1, 0)), None)
    here = (float(X.min()), float(X.max()))
    if wanted is None or here not in _AS_FLOATS or here[0] == np.float32(background):
        return None
    times = (wanted[1] - wanted[0]) / (here[1] - here[0])
    plus = wanted[0] - here[0] * times
    return (
        f"the images have levels from {here[0]:g} to {here[1]:g}, but this net expects {wanted[0]:g} (paper) to "
        f"{wanted[1]:g} (ink): use X * {times:.6g} {'+-'[plus < 0]} {abs(plus):.6g}"
    )


def others(recorded: Mapping[str, Any], found: Facts) -> str | None:
    """As `other_digits`, but levels may differ by a shade, because the digits may have been scaled in another way."""

    def close(name: str) -> bool:
        level = name in ("lowest", "highest", "mean") and isinstance(recorded.get(name), int | float)
        return level and abs(recorded[name] - found[name]) <= SHADE

    return other_digits(recorded, {name: value for name, value in found.items() if not close(name)})
