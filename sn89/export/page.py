"""Write a net as a web page: one file, with the core inside, in which one draws digits, sees all states, and trains."""

import json
import os
from collections.abc import Sequence
from copy import copy
from html import escape
from typing import Any, cast

import numpy as np

from ..aliases import Array
from ..arguments import check_ending, check_net, real, whole
from ..atomic import write_whole
from ..datasets.glyphs import GLYPHS
from ..datasets.mnist import check_scale, ink_of
from ..keywords import in_our_words
from ..measure import rejection
from ..net import Net
from ..training import evaluate
from .page_about import about
from .page_bundle import filled, joined, web

MOST_NETS = 6  # nets side by side
NAME = 1000  # characters of a net's or a layer's name
TRIED = 50  # thresholds between which the page interpolates
MOST_TRAINING = 500  # training digits in a page
STRANGE_GLYPHS = {(7, 1), (9, 2)}  # a 7 with a bar, a 9 with a curved tail: nets that learned from USPS misread them


class Page:
    """A web page that is not in a file yet. As the last value of a notebook's cell it shows itself.

    Attributes
    ----------
    html : str
        The whole page.
    """

    def __init__(self, html: str) -> None:
        self.html = html

    def __repr__(self) -> str:
        return f"Page({len(self.html) / 1000:.0f} kB; write it with .save(path))"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, whole or not at all.

        Parameters
        ----------
        path : path
            The file.
        """
        check_ending(path, "a web page", ".html", ".htm")
        write_whole(path, self.html.encode())

    def frame(self, height: int = 660) -> str:
        """Put the page into an iframe, which isolates it from the page around it.

        Parameters
        ----------
        height : int
            Height of the frame, in pixels.

        Returns
        -------
        str
            A piece of HTML.
        """
        height = whole(height, "height", least=100)
        style = f"width: 100%; height: {height}px; border: 1px solid #8888"
        allowed = 'sandbox="allow-scripts allow-downloads" allow="clipboard-write"'
        return f'<iframe title="A net to draw in" {allowed} style="{style}" srcdoc="{escape(self.html)}"></iframe>'

    def _repr_html_(self) -> str:
        return self.frame()


@in_our_words({})
def page(
    net: Net | Sequence[Net],
    path: str | os.PathLike[str] | None = None,
    *,
    samples: tuple[Array, Array] | None = None,
    most: int = 60,
    training: tuple[Array, Array] | None = None,
    threshold: float | None = None,
    size: int | None = None,
    scale: tuple[float, float] | None = None,
) -> Page | None:
    """Write a net as one HTML file, which opens from disk and needs no server and no network.

    On the page one draws a digit and sees the states of all units, the kernels, and the receptive field of each unit.
    One can also train the net anew.

    Parameters
    ----------
    net : Net, or several
        A net with one input plane and ten outputs. Several nets answer side by side to one drawing; samples, threshold,
        size and scale are those of the first, and all must have images of the same size.
    path : path, optional
        The file, which is written whole or not at all. Without a path the page is returned.
    samples : (X, y), optional
        Digits to step through, float (n, size, size), and their labels. Half of the digits on the page are mistakes of
        the net, as far as there are so many; the others are read correctly, with all classes in equal numbers.
    most : int
        Largest number of samples on the page.
    training : (X, y), optional
        From 10 to 500 digits of the same form on which the net can be trained on the page. Without them the page draws
        digits to train on.
    threshold : float, optional
        A drawing is rejected unless its two largest scores differ by more than this. The default leaves 1 % error on
        all the samples; it is 0 without samples.
    size : int, optional
        Height and width of the images on which the net was trained; by default that of the samples, or 16. A drawing is
        brought to 16x16 in the same way as USPS's digits, and to 28x28 as MNIST's.
    scale : (float, float), optional
        Levels of paper and ink in these images. The default is the input's background and 1, or -0.1 and 1.175 for
        LeNet-5.

    Returns
    -------
    Page or None
        The page, if there is no path.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> _ = sn89.export.page(net, "zip.html", samples=(Xt, yt))  # open it in a browser
    """
    nets: list[Net] = list(net) if isinstance(net, (list, tuple)) else [cast(Net, net)]
    _check(nets)
    if path is not None:
        check_ending(path, "a web page", ".html", ".htm")
    nets = [copy(one) for one in nets]  # because another thread may train the originals
    net = nets[0]
    for one in nets:
        one._core.check_finite()
    most = whole(most, "most", least=0)
    scale = _scale(net, scale)
    chosen = _chosen(net, samples, most, size, scale)
    size = chosen[0].shape[1]
    others = _training(net, training, size)
    abouts = [_about(net, size, scale, samples, threshold)]
    abouts += [_about(one, size, _scale(one, None), samples, None) for one in nets[1:]]
    made = Page(_page(nets, abouts, chosen, others))
    if path is None:
        return made
    made.save(path)
    return None


def _check(nets: Sequence[Net]) -> None:
    if not nets:
        raise ValueError("there must be at least one net")
    if len(nets) > MOST_NETS:
        raise ValueError(f"there must be at most {MOST_NETS} nets, not {len(nets)}, because the page holds them all")
    for net in nets:
        check_net(net)
        if (longest := max(len(net.name), *(len(layer.name) for layer in net))) > NAME:
            raise ValueError(f"names of nets and layers on a page have at most {NAME} characters, not {longest:,}")
        if net.input.maps != 1 or net.outputs != 10:
            raise ValueError(
                f"a net on a page must have one input plane and ten outputs, not {net.input.maps} and {net.outputs}"
            )


def _about(
    net: Net, size: int, scale: tuple[float, float], samples: tuple[Array, Array] | None, threshold: float | None
) -> dict[str, Any]:
    """The description of a net; without a threshold, with the one that leaves 1 % error on the samples."""
    least = min(net.input.height, net.input.width)
    if least < size:
        raise ValueError(
            f"{net.name} takes images of {least} pixels, but those of the first net have {size}: nets side by side "
            "must take the same images"
        )
    if threshold is None and samples is not None:
        threshold = max(0.0, rejection(net.cost.scores(net(samples[0])), samples[1]).difference)
    threshold = real(threshold or 0.0, "threshold")
    return about(net, size, scale, threshold, _measured(net, samples, threshold))


def _digits(net: Net, given: tuple[Array, Array], what: str, size: int | None) -> tuple[Array, Array]:
    """Square images and their labels, checked."""
    if not isinstance(given, Sequence) or len(given) != 2:
        raise TypeError(f"{what} must be a pair of images and labels, (X, y)")
    X, y = (np.asarray(one) for one in given)
    evaluate(net, X, y)  # raises an error if they do not fit the net
    if X.ndim != 3 or X.shape[1] != X.shape[2] or size not in (None, X.shape[1]):
        raise ValueError(f"{what} must be square images of the size of the page, not {X.shape[1:]} with size {size}")
    return X.astype(np.float32), y


def _chosen(
    net: Net, samples: tuple[Array, Array] | None, most: int, size: int | None, scale: tuple[float, float]
) -> tuple[Array, Array]:
    """The samples on the page: half of them that the net reads correctly, by class in turn, then mistakes."""
    if samples is None:
        size = whole(16 if size is None else size, "size", least=4, most=min(net.input.height, net.input.width))
        return np.zeros((0, size, size), np.float32), np.zeros(0, np.int64)
    X, y = _digits(net, samples, "samples", size)
    low, high = scale
    right = net.predict(low + (high - low) * _levels(X, scale).astype(np.float32) / 255) == y  # with the page's levels
    wrong = np.flatnonzero(~right)
    rightly = np.flatnonzero(right)
    number = np.cumsum(np.eye(10, dtype=int)[y[rightly]], axis=0)  # of the digits of each class up to this one
    rightly = rightly[np.lexsort((y[rightly], number[np.arange(len(rightly)), y[rightly]]))]
    fewer = max(most - min(len(wrong), most // 2), 0)
    first = np.concatenate([rightly[:fewer], wrong])[:most]
    return X[first], y[first]


def _training(net: Net, training: tuple[Array, Array] | None, size: int) -> tuple[Array, Array]:
    """The training digits on the page, perhaps none."""
    if training is None:
        return np.zeros((0, size, size), np.float32), np.zeros(0, np.int64)
    X, y = _digits(net, training, "training", size)
    if not 10 <= len(X) <= MOST_TRAINING:
        raise ValueError(
            f"training must be 10 to {MOST_TRAINING} digits, not {len(X)}, because the page holds them all"
        )
    return X, y


def _scale(net: Net, scale: tuple[float, float] | None) -> tuple[float, float]:
    paper = net.input.background
    return check_scale((paper, ink_of(paper)) if scale is None else scale)


def _measured(net: Net, samples: tuple[Array, Array] | None, threshold: float) -> dict[str, Any] | None:
    """The error on all samples, and the numbers of answers and of wrong answers that some thresholds leave."""
    if samples is None:
        return None
    X, y = samples
    error = float(evaluate(net, X, y).error or 0)
    scores = net.cost.scores(net(X))
    second, first = np.sort(scores, axis=1)[:, -2:].T
    lead, wrong = first - second, scores.argmax(axis=1) != np.asarray(y)
    tried = np.unique([0, threshold, *np.quantile(lead, np.linspace(0, 1, TRIED))])
    left = [[int((lead[which] > one).sum()) for one in tried] for which in (slice(None), wrong)]
    return {"error": error, "patterns": len(y), "rejecting": [[round(float(one), 4) for one in tried], *left]}


def _page(nets: list[Net], abouts: list[dict[str, Any]], *sets: tuple[Array, Array]) -> str:
    glyphs = [
        [[one.strokes, one.points.round(2).tolist()] for i, one in enumerate(ways) if (digit, i) not in STRANGE_GLYPHS]
        for digit, ways in enumerate(GLYPHS)
    ]
    (_, labels), (_, training) = sets
    data = {"abouts": abouts, "glyphs": glyphs, "labels": labels.tolist(), "training": training.tolist() or None}
    parts = [
        web("core.wasm"),
        json.dumps(data, separators=(",", ":")).encode(),
        joined("worker.js").encode(),
        joined("main.js", "sn89").encode(),
        b"".join(_upper_bytes(net.parameters) for net in nets),
        *(_levels(images, abouts[0]["scale"]).tobytes() for images, _ in sets),
    ]
    return filled({"title": escape(abouts[0]["title"]), "about": abouts[0]["counts"]}, parts)


def _levels(images: Array, scale: Sequence[float]) -> Array:
    """Levels from paper to ink as bytes from 0 to 255."""
    low, high = scale
    return np.rint(255 * (images - low) / (high - low)).clip(0, 255).astype(np.uint8)


def _upper_bytes(parameters: Array) -> bytes:
    """The upper three bytes of every float, rounded: first all first bytes, then all second, then all third ones."""
    words = parameters.view(np.uint32).astype(np.uint64) + 0x80
    return np.stack([words >> shift & 0xFF for shift in (24, 16, 8)]).astype(np.uint8).tobytes()
