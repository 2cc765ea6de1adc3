"""Distortions: another image of the same digit for each presentation.

A small frozen value; the C core carries it out (``csrc/distort.c``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .arguments import real
from .keywords import DISTORTION, others_words


@others_words(DISTORTION)
@dataclass(frozen=True)
class Distortion:
    """A planar affine transformation, drawn anew for each presentation.

    What each of its parts does is drawn between a bound and its opposite, evenly (of a rotation the tangent of half the
    angle). The image is moved, stretched, slanted
    and turned, in this order, about its own centre. Ink may leave the image's frame for the rest of the input planes;
    what comes in from beyond the frame is the input's background.

    Parameters
    ----------
    shift : float
        Pixels, down and to the right.
    scale : float
        Less than 1. The image is looked at from 1 - scale to 1 + scale times as far: 0.1 makes lengths 1/1.1 to 1/0.9.
    squeeze : float
        Less than 1. The same for the height, and the contrary for the width.
    slant : float
        To the right, for each pixel upwards.
    rotation : float
        Degrees, at most 90.
    whole : bool
        Whether the shift is by whole pixels only, which blurs nothing.

    Notes
    -----
    Proc. IEEE 86(11), 1998, section III: shifts, scaling, squeezing and horizontal shearing made 540,000 more digits to
    train LeNet-5 on. ``Distortion(shift=1, whole=True)`` is the augmentation of the 2022 reproduction of the zip-code
    net.
    """

    shift: float = 0.0
    scale: float = 0.0
    squeeze: float = 0.0
    slant: float = 0.0
    rotation: float = 0.0
    whole: bool = False

    def __post_init__(self) -> None:
        for name, most in (("shift", 1e4), ("scale", 1), ("squeeze", 1), ("slant", 10), ("rotation", 90)):
            what = f"Distortion: {name}"
            bound = real(getattr(self, name), what)
            if not 0 <= bound <= most or np.float32(bound) == most == 1:
                raise ValueError(f"{what} must be from 0 to {most:g}{', less than that' * (most == 1)}, not {bound:g}")
            object.__setattr__(self, name, bound)
        if not isinstance(self.whole, bool):
            raise TypeError(f"Distortion: whole must be True or False, not {self.whole!r}")

    @property
    def constants(self) -> tuple[bool, float, float, float, float, float]:
        """What the core is told; of the rotation the tangent of its half."""
        half_turn = math.tan(math.radians(self.rotation) / 2)
        return (self.whole, self.shift, self.scale, self.squeeze, self.slant, half_turn)
