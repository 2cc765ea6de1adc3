"""The form in which a net wants a digit, and the normalisation that brings one to it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..aliases import Floats
from ..arguments import check_net
from ..images import _coverage
from ..net import Net

Centred = Literal["frame", "mass"]


@dataclass(frozen=True)
class Form:
    """How digits are normalised.

    Parameters
    ----------
    side : int
        Length of the longer side of a digit's frame, pixels.
    size : int
        Height and width of the image, pixels.
    centred : {"frame", "mass"}
        Whether the middle of the frame or the centre of mass, to the nearest pixel, is in the middle of the image.
    paper, ink : float
        Values of a pixel without ink, and of the pixel with the most of it.
    """

    side: int
    size: int
    centred: Centred
    paper: float
    ink: float

    def __call__(self, strength: Floats) -> Floats:
        """Normalise a digit.

        Every pixel is the mean of the part of the digit that it covers, as in `sn89.size_normalize`.

        Parameters
        ----------
        strength : ndarray of float32, shape (height, width)
            How much ink each pixel has, at least 0. Every row and column at the edge has some.

        Returns
        -------
        ndarray of float32, shape (size, size)
        """
        drawn = _place(strength, self, 0) @ strength @ _place(strength, self, 1).T
        image: Floats = self.paper + (self.ink - self.paper) / drawn.max() * drawn
        return image


def _place(strength: Floats, form: Form, axis: int) -> Floats:
    """How much of each pixel of the image every row (axis 0) or column of the digit covers."""
    length, scale = strength.shape[axis], form.side / max(strength.shape)
    if form.centred == "frame":
        return _coverage(length, form.size, scale).astype(np.float32)
    profile = strength.sum(axis=1 - axis)
    mass = float(profile @ (np.arange(length) + 0.5)) / float(profile.sum())
    shift = round((length / 2 - mass) * scale)  # whole pixels, as MNIST's digits were moved
    reach = abs(shift)
    wide = _coverage(length, form.size + 2 * reach, scale).astype(np.float32)
    return wide[reach - shift : reach - shift + form.size]


#: The form of the paper of 1989 and of the USPS digits: the frame fills 16 pixels.
FRAME_16 = Form(16, 16, "frame", -1.0, 1.0)

#: The form of MNIST and LeNet-5: the frame fills 20 pixels, the centre of mass is in the middle of 28.
MASS_28 = Form(20, 28, "mass", -0.1, 1.175)


def form_of(net: Net) -> Form:
    """The form of the papers that fits a net's input: that of LeNet-5 for a background of -0.1, that of 1989 for -1.

    Parameters
    ----------
    net : Net
        The net that is to read.

    Returns
    -------
    Form

    Raises
    ------
    ValueError
        If neither fits.
    """
    if net.input.maps == 1 and min(net.input.height, net.input.width) >= 28 and net.input.background == -0.1:
        return MASS_28
    if net.input.maps == 1 and min(net.input.height, net.input.width) >= 16 and net.input.background == -1:
        return FRAME_16
    raise ValueError(
        f"it is not known how a net whose input is {net.input} wants its digits: "
        "give a form, such as sn89.reader.FRAME_16"
    )


def checked(net: Net, form: Form | None) -> Form:
    """The form of this net's digits, by default that of the papers, after a check that the net can read."""
    try:
        import skimage  # noqa: F401
    except ImportError:
        raise ImportError('reading pictures needs scikit-image: pip install "sn89[reader]"') from None
    check_net(net)
    if net.outputs != 10:
        raise ValueError(f"net must have ten outputs, one for each digit, not {net.outputs}")
    if not isinstance(form, Form | None):
        raise TypeError(f"form must be a Form, such as sn89.reader.FRAME_16, not {form!r}")
    form = form_of(net) if form is None else form
    if form.size > min(net.input.height, net.input.width):
        raise ValueError(f"digits of {form.size} x {form.size} pixels do not fit the net's input, {net.input}")
    return form
