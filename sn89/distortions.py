"""Distortions: a different image of the same digit for each presentation.

A small frozen value; the C core distorts the images (``csrc/distort.c``).
"""

import math
from dataclasses import dataclass

import numpy as np

from .arguments import real, truth
from .keywords import DISTORTION, in_our_words


@in_our_words(DISTORTION)
@dataclass(frozen=True)
class Distortion:
    """A random planar affine transformation, drawn again for each presentation.

    Each part is uniform between minus and plus its bound (for the rotation, the tangent of half the angle is uniform).
    The image is moved, stretched, slanted and turned, in this order, about its own centre. Ink may leave the image's
    frame for the rest of the input planes; the input's background fills what comes in from beyond the frame.

    Parameters
    ----------
    shift : float
        Largest shift, vertical and horizontal, in pixels.
    scale : float
        Largest change of size, less than 1: with 0.1 lengths are multiplied by 1/1.1 to 1/0.9.
    squeeze : float
        The same for the height and, inversely, for the width; less than 1.
    slant : float
        Largest slant: pixels to the right for each pixel upwards.
    rotation : float
        Largest angle, in degrees, at most 90.
    whole : bool
        Whether to shift by whole pixels only, so that nothing is blurred.

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
        truth(self.whole, "Distortion: whole")

    @property
    def constants(self) -> tuple[bool, float, float, float, float, float]:
        """The bounds for the core; the last is the tangent of half the rotation."""
        half_turn = math.tan(math.radians(self.rotation) / 2)
        return (self.whole, self.shift, self.scale, self.squeeze, self.slant, half_turn)
