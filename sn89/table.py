"""The table that print(net) shows, as the papers have it."""

from __future__ import annotations

from collections.abc import Sequence

from .layers import RBF, Average, Dropout, Full, Local, as_pair
from .netlayer import NetLayer

HEAD = ("layer", "planes", "size", "a unit's inputs", "bias", "units", "connections", "free parameters")
WORDS = 5  # how many of these columns are words


def _size(pair: Sequence[int]) -> str:
    return "x".join(map(str, pair))


def _inputs(layer: NetLayer) -> tuple[str, str]:
    """What the table says of a unit's inputs, and of biases."""
    match layer.declaration:
        case Local() as told:
            fans = sorted({len(row) for row in layer.table or ()})
            seen = " or ".join(map(str, fans)) if len(fans) < 3 else f"{fans[0]} to {fans[-1]}"
            words = f"{_size(as_pair(told.kernel))} on {seen} of {layer.sources}"
            stride = as_pair(told.stride)
            if stride != (1, 1):
                words += f", stride {stride[0] if len(set(stride)) == 1 else _size(stride)}"
            words += "" if told.shared else ", not shared"
            return words, {"unit": "per unit", "map": "per map", None: "none"}[told.bias]
        case Average() as told:
            return f"{_size(as_pair(told.size))} sum", "per map"
        case Full():
            return "all", "per unit"
        case RBF():
            return "distance to all", "none"
        case Dropout() as told:
            return f"its own; {100 * told.rate:g}% left out", "none"
    return "", ""


def _row(layer: NetLayer) -> tuple[str, ...]:
    planes, size = ("-", str(layer.units)) if layer.flat else (str(layer.shape[0]), _size(layer.shape[1:]))
    counts = (layer.units, layer.connections, layer.free_parameters)
    return (layer.name, planes, size, *_inputs(layer), *(f"{count:,}" if count else "-" for count in counts))


def rows(layers: Sequence[NetLayer]) -> list[tuple[str, ...]]:
    """What stands below `HEAD`: a line for each layer, and the totals."""
    totals = (sum(getattr(layer, count) for layer in layers) for count in ("units", "connections", "free_parameters"))
    return [*map(_row, layers), ("total", *[""] * (WORDS - 1), *(f"{total:,}" for total in totals))]


def table(layers: Sequence[NetLayer]) -> str:
    """All of it as text."""
    cells = [HEAD, *rows(layers)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEAD))]
    lines = ["  ".join(map(_align, row, widths, range(len(HEAD)))) for row in cells]
    rule = "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def _align(cell: str, width: int, column: int) -> str:
    """Words to the left, numbers to the right."""
    return cell.ljust(width) if column < WORDS else cell.rjust(width)
