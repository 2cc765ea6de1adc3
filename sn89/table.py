"""The table that print(net) shows, as the papers have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .layers import RBF, Average, Full, Local

if TYPE_CHECKING:
    from .net import Net, NetLayer

_HEAD = ("layer", "planes", "size", "a unit's inputs", "bias", "units", "connections", "free parameters")


def _size(pair: Sequence[int]) -> str:
    return "x".join(map(str, pair))


def _inputs(layer: NetLayer) -> tuple[str, str]:
    """What the table says of a unit's inputs, and of biases."""
    match layer.declaration:
        case Local() as told:
            fans = sorted({len(row) for row in layer.table or ()})
            seen = " or ".join(map(str, fans)) if len(fans) < 3 else f"{fans[0]} to {fans[-1]}"
            words = f"{_size(told.kernel)} on {seen} of {layer._sources}"
            words += "" if told.stride == (1, 1) else f", stride {_size(told.stride)}"
            words += "" if told.shared else ", not shared"
            return words, {"unit": "per unit", "map": "per map", None: "none"}[told.bias]
        case Average() as told:
            return f"{_size(told.size)} sum", "per map"
        case Full():
            return "all", "per unit"
        case RBF():
            return "distance to all", "none"
    return "", ""


def _row(layer: NetLayer) -> tuple[str, ...]:
    flat = isinstance(layer.declaration, (Full, RBF))
    planes, size = ("-", str(layer.units)) if flat else (str(layer.shape[0]), _size(layer.shape[1:]))
    counts = (layer.units, layer.connections, layer.free_parameters)
    return (layer.name, planes, size, *_inputs(layer), *(f"{count:,}" if count else "-" for count in counts))


def table(net: Net) -> str:
    """The paper's table of a net: one line for each layer, and the totals."""
    total = ("total", *[""] * 4, *(f"{n:,}" for n in (net.units, net.connections, net.free_parameters)))
    rows = [_HEAD, *(_row(layer) for layer in net), total]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    lines = [
        "  ".join(
            cell.ljust(width) if i < 5 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    rule = "-" * len(lines[0])
    return "\n".join([net.name, lines[0], rule, *lines[1:-1], rule, lines[-1]])
