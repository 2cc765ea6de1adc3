"""The description of a net for the web page: its layers to show, its declaration for the core and for saving."""

import json
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

import numpy as np

from ..confidence import usual
from ..counted import counted
from ..declaration import plain_net
from ..layers import RBF, Average, Dropout, Full, Local
from ..net import Net
from ..netlayer import NetLayer
from ..replicate import strides
from ..squash import ScaledTanh, Squash, Tanh, TanhLinear
from ..storage import FORMAT
from ..version import __version__

LONGEST_NAME = 80  # characters of a name on the page
LINE = 5  # the line of digits is longer than the net's input by so many digits

_KINDS = ("local", "average", "full", "rbf", "dropout")  # in the order of csrc/sn.h
_SQUASHES = ("tanh", "linear", "relu")
_BIASES = (None, "map", "unit")
_COSTS = ("half-squared", "softmax", "rbf")
_STARTS = ("uniform", "fan-in", "sqrt-fan-in")
_BITMAPS = {84: (12, 7)}  # rows and columns of the states that are compared with prototypes

_Counts = tuple[int | None, int | None, int]  # units, connections, free parameters; None if the paper omits them


def _paper(passes: int, train: float, test: float, totals: _Counts, **layers: _Counts) -> dict[str, Any]:
    """Figures that a paper printed: the errors after some passes, and the counts of the net and of its layers."""
    return {"pass": passes, "train": train, "test": test, "totals": totals, "layers": layers}


_ZIP_CODE: dict[str, _Counts] = {
    "H1": (768, 19968, 1068),
    "H2": (192, 38592, 2592),
    "H3": (30, 5790, 5790),
    "output": (10, 310, 310),
}
_LENET5: dict[str, _Counts] = {"C1": (None, 122304, 156), "S2": (None, 5880, 12), "C3": (None, 151600, 1516)}
_LENET5 |= {"S4": (None, 2000, 32), "C5": (None, 48120, 48120), "F6": (None, None, 10164)}
#: The papers' figures by the counts of the net. That of LeNet-1 counts a unit that is always on, and used other digits.
_PAPERS = {
    (1256, 64660, 9760): _paper(23, 0.0014, 0.05, (1256, 64660, 9760), **_ZIP_CODE),
    (4634, 98442, 2578): _paper(30, 0.011, 0.034, (4635, 98442, 2578)),
    (9118, 340908, 60000): _paper(20, 0.0035, 0.0095, (None, 340908, 60000), **_LENET5),
}


def shown_name(name: str) -> str:
    """A name, shortened if it is long."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def about(
    net: Net, size: int, scale: Sequence[float], threshold: float, measured: dict[str, Any] | None
) -> dict[str, Any]:
    """The description of a net without its parameters, as JSON values."""
    paper = _PAPERS.get((net.units, net.connections, net.free_parameters))
    return {
        "title": shown_name(net.name),
        "counts": f"{counted(net.units, 'unit')}, {counted(net.connections, 'connection')}, "
        f"{counted(net.free_parameters, 'free parameter')}.",
        "words": _words(net),
        "layers": [_layer(*one) for one in zip(net, [net.squash, *net._squashes], strict=True)],
        "parameters": net.parameters.size,
        "deleted": np.flatnonzero(net.deleted).tolist(),
        "image": [size, size],
        "side": 20 if size == 28 else size,  # MNIST's digits fill 20 of its 28 pixels
        "byMass": size == 28,
        "scale": list(scale),
        "threshold": threshold,
        "measured": measured,
        "confidence": astuple(net.confidence or usual(net.cost))[:3],
        "usual": astuple(usual(net.cost))[:3],
        "targets": net.cost.targets(net.outputs).ravel().tolist(),
        "scores": net.cost.kind,
        "limit": _limit(net.squash),
        "outputLimit": _limit(net._squashes[-1]),
        "arrays": [[name, array.shape] for name, array in net.arrays().items()],  # in the order of the parameters
        "start": {"rule": _STARTS.index(net.start.kind), "x": net.start.x},
        "paper": paper,
        "line": _line(net, size),
        "declaration": json.dumps({"format": FORMAT, "net": plain_net(net), "provenance": {"sn89": __version__}}),
    }


def _line(net: Net, size: int) -> dict[str, Any]:
    """The net extended over a line of digits, as a declaration for the core; or the reason why this is not possible."""
    height, width = net.input.height, net.input.width
    _, columns = strides(net)
    try:
        wide = net.replicate(height, width + round(LINE * size / columns) * columns)
    except ValueError as error:
        return {"why": str(error)}
    more = wide.parameters[net.parameters.size :]  # weights and biases in place of prototypes
    return {
        "image": [height, wide.input.width],
        "words": _words(wide),
        "layers": [{"units": layer.units} for layer in wide],
        "parameters": wide.parameters.size,
        "deleted": np.flatnonzero(wide.deleted).tolist(),
        "columns": list(wide)[-1].shape[2],
        "stride": columns,
        "nearness": len(more) > 0,
        "more": more.tolist(),
    }


def _layer(layer: NetLayer, squash: Squash) -> dict[str, Any]:
    maps, height, width = layer.shape
    shown: dict[str, Any] = {
        "name": shown_name(layer.name),
        "fullName": layer.name,
        "kind": layer.kind,
        "maps": maps,
        "height": height,
        "width": width,
        "units": layer.units,
        "flat": layer.flat,
        "first": layer.first,
        "connections": layer.connections,
        "free": layer.free_parameters,
        "limit": _limit(squash),
        "squash": {"kind": squash.kind, "constants": squash.constants},
        "bias": "unit" if isinstance(layer.declaration, Full) else "map",
    }
    match layer.declaration:
        case Local() as local:
            shown |= {"kernel": local.kernel, "stride": local.stride, "pad": local.pad, "background": local.background}
            shown |= {"table": layer.table, "shared": local.shared, "bias": local.bias}
        case Average() as average:
            shown |= {"kernel": average.size, "stride": average.size, "pad": (0, 0)}
        case RBF() as rbf:
            shown |= {"prototypes": rbf.prototypes.tolist(), "bias": None}
            shown["bitmap"] = _BITMAPS.get(rbf.prototypes.shape[1], (1, rbf.prototypes.shape[1]))
        case Dropout():
            shown["bias"] = None
    shown["weights"] = layer.parameters.size - (0 if layer.bias is None else layer.bias.size)
    return shown


def _limit(squash: Squash) -> float | None:
    """The largest state, or None if states are not bounded."""
    match squash:
        case ScaledTanh() | Tanh():
            return squash.constants[0]
        case TanhLinear():
            return squash.constants[0] + squash.linear
    return None


def _bits(number: float) -> int:
    return int(np.float32(number).view(np.int32))


def _words(net: Net) -> list[int]:
    """The declaration as 32-bit words, in the order in which ``build`` in core.c reads them."""
    plane, constant = net.input, net.cost.constant
    words = [plane.maps, plane.height, plane.width, _bits(plane.background), _COSTS.index(net.cost.kind)]
    words += [_bits(constant), len(net.layers)]
    for layer, squash in zip(net.layers, net._squashes, strict=True):
        words += [_KINDS.index(layer.kind), _SQUASHES.index(squash.kind), *map(_bits, squash.constants)]
        words += _shape_words(layer)
    return words


def _shape_words(layer: Any) -> list[int]:
    """The words of a layer after its squashing function, see core.c; 0 for everything that its kind does not have."""
    prototypes = getattr(layer, "prototypes", np.zeros((0, 0), np.float32))
    rows = getattr(layer, "table", None) or ()
    words = [getattr(layer, "maps", getattr(layer, "units", len(prototypes)))]
    words += [*getattr(layer, "kernel", getattr(layer, "size", (0, 0)))]
    words += [*getattr(layer, "stride", (0, 0)), *getattr(layer, "pad", (0, 0)), _bits(getattr(layer, "background", 0))]
    words += [_BIASES.index(getattr(layer, "bias", None)), int(getattr(layer, "shared", False)), len(rows)]
    words += [*map(len, rows), *(source for row in rows for source in row), prototypes.shape[1]]
    return [*words, *prototypes.ravel().view(np.int32).tolist(), _bits(getattr(layer, "rate", 0))]
