"""The table that print(net) shows, with the columns of the papers' tables."""

from collections.abc import Sequence

from .layers import RBF, Average, Dropout, Full, Local, as_pair
from .netlayer import NetLayer
from .printable import columns

HEAD = ("layer", "planes", "size", "a unit's inputs", "bias", "units", "connections", "free parameters")
WORDS = 5  # the first so many columns are words


def table(layers: Sequence[NetLayer]) -> str:
    """The table as text: words to the left, numbers to the right."""
    head, *lines, totals = columns([HEAD, *rows(layers)], WORDS).split("\n")
    rule = "-" * len(head)
    return "\n".join([head, rule, *lines, rule, totals])


def rows(layers: Sequence[NetLayer]) -> list[tuple[str, ...]]:
    """The lines below `HEAD`: one for each layer, and the totals."""
    totals = (sum(getattr(layer, count) for layer in layers) for count in ("units", "connections", "free_parameters"))
    return [*map(_row, layers), ("total", *[""] * (WORDS - 1), *(f"{total:,}" for total in totals))]


def _row(layer: NetLayer) -> tuple[str, ...]:
    planes, size = ("-", str(layer.units)) if layer.flat else (str(layer.shape[0]), _size(layer.shape[1:]))
    counts = (layer.units, layer.connections, layer.free_parameters)
    return (layer.name, planes, size, *_inputs(layer), *(f"{count:,}" if count else "-" for count in counts))


def _inputs(layer: NetLayer) -> tuple[str, str]:
    """The inputs of a unit, and its bias."""
    match layer.declaration:
        case Local() as local:
            fans = sorted({len(row) for row in layer.table or ()})
            seen = " or ".join(map(str, fans)) if len(fans) < 3 else f"{fans[0]} to {fans[-1]}"
            words = f"{_size(as_pair(local.kernel))} on {seen} of {layer.sources}"
            stride = as_pair(local.stride)
            if stride != (1, 1):
                words += f", stride {stride[0] if len(set(stride)) == 1 else _size(stride)}"
            words += "" if local.shared else ", not shared"
            return words, {"unit": "per unit", "map": "per map", None: "none"}[local.bias]
        case Average() as average:
            return f"{_size(as_pair(average.size))} sum", "per map"
        case Full():
            return "all", "per unit"
        case RBF():
            return "distance to all", "none"
        case Dropout() as dropout:
            return f"its own; {100 * dropout.rate:g}% left out", "none"
    return "", ""


def _size(pair: Sequence[int]) -> str:
    return "x".join(map(str, pair))
