"""What an answer hangs on: the gradient of the cost with respect to the input."""

from __future__ import annotations

import numpy as np

from ..arguments import whole
from ..checks import check_images, is_single
from ..net import Net
from .drawing import bar_beside, headline, name_axes, show, show_image, title
from .figures import Picture, finish, in_figure
from .theme import Array, Limit, Shades, Sheet


def plot_saliency(
    net: Net,
    image: Array,
    label: int,
    *,
    limit: Limit = None,
    cmap: Shades = None,
    figure: Sheet | None = None,
) -> Picture:
    """An image, and beside it the gradient of its cost with respect to every input unit.

    White is where more would raise the cost, black where it would lower it, and gray where nothing depends on it.

    Parameters
    ----------
    net : Net
    image : ndarray of float, shape (height, width)
        One image, or (maps, height, width) where the input has several planes, which stand side by side.
    label : int
        The class that is desired: the cost is that of not answering it.
    limit : float or str, optional
        The gradient that is white, its negative black: a number, or a percentile of the magnitudes such as "99%"; the
        largest magnitude by default.
    cmap : str or matplotlib.colors.Colormap, optional
        Shades of both; gray, or the style's ``image.cmap``, by default.
    figure : matplotlib.figure.Figure or SubFigure, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError, ValueError
        If image or label do not fit the net.

    Notes
    -----
    Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", 2013, draw the same of larger nets.
    """
    if not is_single(image, net.input):
        raise ValueError(f"image must be a single one, not an array of shape {np.shape(image)}")
    check_images(image, net.input)
    label = whole(label, "label", least=0, most=net.outputs - 1)
    plane = net.states(image)["input"]
    gradient = net.input_gradient(image, label)
    tiles = gradient.reshape(1, *plane.shape)
    maps, height, width = plane.shape
    inches = min(5.0, 3.2 * maps)
    picture = in_figure(figure, 2 * inches + 1.2, inches * height / (maps * width) + 1.5)
    left, right = picture.sheet.subplots(1, 2)
    show_image(left, plane, cmap)
    title(left, f"a {label}, read as {int(net.predict(image))}")
    shown = show(right, tiles, limit, cmap, numbered=False)
    title(right, "what its cost hangs on")
    name_axes(right, "white: more would cost more")
    bar_beside(right, shown, "gradient")
    headline(picture.sheet, net.name)
    return finish(picture)
