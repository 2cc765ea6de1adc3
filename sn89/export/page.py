"""A net as a web page: one file that draws, thinks, shows every plane, and learns, with the core itself inside."""

from __future__ import annotations

import base64
import html
import json
import os
import zlib
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np

from ..arguments import real, whole
from ..atomic import write_whole
from ..datasets.glyphs import GLYPHS
from ..datasets.mnist import check_scale, ink_of
from ..layers import RBF, Average, Dropout, Full, Local, as_pair
from ..measure import rejection
from ..net import Net
from ..netlayer import NetLayer
from ..squash import ScaledTanh, Squash, Tanh, TanhLinear
from ..training import evaluate

Array = np.ndarray

_KINDS = ("local", "average", "full", "rbf", "dropout")  # in the order of csrc/sn.h
_SQUASHES = ("tanh", "linear", "relu")
_BIASES = (None, "map", "unit")
_COSTS = ("half-squared", "softmax", "rbf")
_STARTS = ("uniform", "fan-in", "sqrt-fan-in")


def page(
    net: Net,
    path: str | os.PathLike[str],
    *,
    samples: tuple[Array, Array] | None = None,
    most: int = 60,
    threshold: float | None = None,
    size: int | None = None,
    scale: tuple[float, float] | None = None,
) -> None:
    """Write a net as one HTML file, which opens from disk, fetches nothing, and needs no server.

    One draws a digit there and sees every plane of units, the kernels, what a unit looks at; and trains the net anew.

    Parameters
    ----------
    net : Net
        With one input plane and ten outputs.
    path : path
        Where to write; the file is there whole or not at all.
    samples : (X, y), optional
        Digits to step through, float (n, size, size), and their labels; those that the net gets wrong come first.
    most : int
        How many of them the page carries.
    threshold : float, optional
        A drawing is rejected unless its two largest scores differ by more than this; by default what leaves 1 % error
        on all the samples, or 0 without samples.
    size : int, optional
        Height and width of the images that the net was trained on; by default that of the samples, or 16. A drawing is
        brought to 16x16 as USPS's digits were, and to 28x28 as MNIST's.
    scale : (float, float), optional
        States of paper and ink in these images; by default the input's background and 1, or LeNet-5's -0.1 and 1.175.

    Raises
    ------
    TypeError, ValueError
        If no page can show the net, or the samples do not fit.
    """
    _check(net)
    most = whole(most, "most", least=0)
    images, labels = _chosen(net, samples, most, size)
    if threshold is None:
        threshold = 0.0 if samples is None else _threshold(net, *samples)
    about = {**_about(net, images.shape[1]), "threshold": real(threshold, "threshold")}
    about["scale"] = _scale(net, scale)
    write_whole(path, _fill(net, about, images, labels).encode())


def _check(net: Net) -> None:
    if not isinstance(net, Net):
        raise TypeError(f"net must be a Net, not {net!r}")
    if net.input.maps != 1 or net.outputs != 10:
        raise ValueError(
            f"a page shows nets with one input plane and ten outputs, not {net.input.maps} and {net.outputs}"
        )


def _chosen(net: Net, samples: tuple[Array, Array] | None, most: int, size: int | None) -> tuple[Array, Array]:
    """The samples that the page carries, mistakes first."""
    if samples is None:
        size = whole(16 if size is None else size, "size", least=4, most=min(net.input.height, net.input.width))
        return np.zeros((0, size, size), np.float32), np.zeros(0, np.int64)
    if not isinstance(samples, Sequence) or len(samples) != 2:
        raise TypeError("samples must be a pair of images and labels, (X, y)")
    X, y = (np.asarray(one) for one in samples)
    evaluate(net, X, y)  # says what is wrong with them
    if X.ndim != 3 or X.shape[1] != X.shape[2] or size not in (None, X.shape[1]):
        raise ValueError(f"samples must be square images of the size of the page, not {X.shape[1:]} and size {size}")
    wrong = net.predict(X) != y
    first = np.argsort(~wrong, kind="stable")[:most]
    return X[first].astype(np.float32), y[first]


def _scale(net: Net, scale: tuple[float, float] | None) -> list[float]:
    paper = net.input.background
    return list(check_scale((paper, ink_of(paper)) if scale is None else scale))


def _threshold(net: Net, X: Array, y: Array) -> float:
    """What the difference of the two largest scores must exceed for 1 % error on the rest."""
    return max(0.0, rejection(net.cost.scores(net(X)), y).difference)


# ---- What the page is told ------------------------------------------------------------------------------------------


def _about(net: Net, size: int) -> dict[str, Any]:
    return {
        "words": _words(net),
        "layers": [_layer(layer) for layer in net],
        "parameters": net.parameters.size,
        "image": [size, size],
        "side": 20 if size == 28 else size,  # MNIST's digits fill 20 of its 28 pixels
        "byMass": size == 28,
        "targets": net.cost.targets(net.outputs).ravel().tolist(),
        "scores": net.cost.kind,
        "limit": _limit(net.squash),
        "outputLimit": _limit(getattr(net.layers[-1], "squash", None) or net.squash),
        "arrays": [[name, array.shape] for name, array in net.arrays().items()],  # one after another
        "start": {"rule": _STARTS.index(net.start.kind), "x": net.start.x},
    }


def _layer(layer: NetLayer) -> dict[str, Any]:
    maps, height, width = layer.shape
    told: dict[str, Any] = {
        "name": layer.name,
        "kind": layer.kind,
        "maps": maps,
        "height": height,
        "width": width,
        "units": layer.units,
        "flat": layer.flat,
        "first": layer.first,
    }
    match layer.declaration:
        case Local() as local:
            told |= {"kernel": local.kernel, "stride": local.stride, "pad": local.pad}
            told |= {"table": layer.table, "shared": local.shared}
        case Average() as average:
            told |= {"kernel": average.size, "stride": average.size, "pad": (0, 0)}
    if layer.units == 10:
        told["labels"] = list(range(10))
    return told


def _limit(squash: Squash) -> float | None:
    """The largest state, or None if there is none."""
    match squash:
        case ScaledTanh() | Tanh():
            return squash.constants[0]
        case TanhLinear():
            return squash.constants[0] + squash.linear
    return None


def _bits(number: float) -> int:
    return int(np.float32(number).view(np.int32))


def _words(net: Net) -> list[int]:
    """The declaration as ``build`` in core.c reads it."""
    plane, constant = net.input, net.cost.constant
    words = [plane.maps, plane.height, plane.width, _bits(plane.background), _COSTS.index(net.cost.kind)]
    words += [_bits(constant), len(net.layers)]
    for layer in net.layers:
        squash = getattr(layer, "squash", None) or net.squash
        words += [_KINDS.index(layer.kind), _SQUASHES.index(squash.kind), *map(_bits, squash.constants)]
        words += _shape_words(layer)
    return words


def _shape_words(layer: Any) -> list[int]:
    """What comes after the squashing function: see core.c."""
    maps, kernel, stride, pad, background = 0, (0, 0), (0, 0), (0, 0), 0.0
    bias, shared, prototypes, rate = 0, 0, np.zeros((0, 0), np.float32), 0.0
    rows: Sequence[Sequence[int]] = ()
    match layer:
        case Local():
            maps, background = layer.maps, layer.background
            kernel, stride, pad = map(as_pair, (layer.kernel, layer.stride, layer.pad))
            bias, shared, rows = _BIASES.index(layer.bias), int(layer.shared), layer.table or ()
        case Average():
            kernel = as_pair(layer.size)
        case Full():
            maps = layer.units
        case RBF():
            maps, prototypes = len(layer.prototypes), layer.prototypes
        case Dropout():
            rate = layer.rate
    words = [maps, *kernel, *stride, *pad, _bits(background), bias, shared, len(rows)]
    words += [*map(len, rows), *(source for row in rows for source in row)]
    return [*words, prototypes.shape[1], *prototypes.ravel().view(np.int32).tolist(), _bits(rate)]


# ---- The file -------------------------------------------------------------------------------------------------------


def _web(name: str) -> bytes:
    return resources.files(__package__).joinpath("web", name).read_bytes()


def _fill(net: Net, about: dict[str, Any], images: Array, labels: Array) -> str:
    glyphs = [[[one.strokes, one.points.round(2).tolist()] for one in ways] for ways in GLYPHS]
    told = json.dumps({"about": about, "glyphs": glyphs, "labels": labels.tolist()}, separators=(",", ":"))
    low, high = about["scale"]
    pixels = np.rint(255 * (images - low) / (high - low)).clip(0, 255).astype(np.uint8)
    parts = [
        _web("core.wasm"),
        _upper_bytes(net.parameters),
        pixels.tobytes(),
        told.encode(),
        b"\n".join(map(_script, ("core.js", "digits.js", "planes.js"))),
        _script("worker.js"),
        _script("page.js"),
    ]
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = base64.b64encode(deflate.compress(b"".join(parts)) + deflate.flush()).decode()
    boot = _script("boot.js").decode().rstrip().rstrip(";")
    script = f'{boot}("{packed}", {json.dumps([len(part) for part in parts])});'
    words = f"{net.units:,} units, {net.connections:,} connections, {net.free_parameters:,} free parameters."
    fields = {
        "title": html.escape(net.name),
        "about": f"Draw a digit and see every plane of units think: {words}",
        "style": _web("page.css").decode(),
        "script": script,
    }
    text = _web("page.html").decode()
    for name, value in fields.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _script(name: str) -> bytes:
    """A script without its comments and indentation: nobody reads it in the page."""
    lines = (line.strip() for line in _web(name).decode().split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith("//")).encode()


def _upper_bytes(parameters: Array) -> bytes:
    """Of every float its upper three bytes, rounded: all first ones, all second ones, all third ones."""
    words = parameters.view(np.uint32).astype(np.uint64) + 0x80
    return b"".join(((words >> shift) & 0xFF).astype(np.uint8).tobytes() for shift in (24, 16, 8))
