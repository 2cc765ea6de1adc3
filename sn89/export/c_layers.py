"""Layers in C: of each kind one function, which says what stands in its struct and in which tables.

The structs and what is done with them are in ``c_parts``, a file for each kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..layers import Average, Local, as_pair
from ..squash import Linear, ReLU, ScaledTanh, Squash, Tanh, TanhLinear
from .int8 import Quantised
from .steps import Step

Array = np.ndarray

_PER_LINE = 8  # numbers, at most


@dataclass(frozen=True)
class Numbers:
    """What stands in a layer, be it in floats or in whole numbers.

    `squash` is the text of its struct; `tables` are arrays by name, those of the squashing function; `source_map` is
    the type of what a connection table holds.
    """

    source_map: str
    weights: Array
    biases: Array | None
    background: np.float32 | int
    squash: str
    tables: dict[str, Array]


@dataclass(frozen=True)
class Layer:
    """A layer as it is written: its struct, by field, and its tables, by name."""

    kind: str
    identifier: str
    fields: dict[str, str]
    tables: dict[str, Array]

    def struct(self) -> str:
        """The definition of its struct."""
        fields = "".join(f"    .{key} = {value},\n" for key, value in self.fields.items())
        return f"static const struct {self.kind} {self.identifier}_layer = {{\n{fields}}};\n"


# ---- One function for each kind -----------------------------------------------------------------------------------


def write_layer(step: Step, numbers: Numbers) -> Layer:
    """A step of the net, with these numbers in it."""
    return {"local": _local, "average": _average, "full": _full, "rbf": _rbf}[step.kind](step, numbers)


def _local(step: Step, numbers: Numbers) -> Layer:
    local, name = step.geometry, step.identifier
    assert isinstance(local, Local)
    fields = {"below": braces(step.below), "above": braces(step.above)}
    fields |= {"kernel": braces(as_pair(local.kernel)), "stride": braces(as_pair(local.stride))}
    fields |= {"pad": braces(as_pair(local.pad)), "background": literal(numbers.background)}
    tables: dict[str, Array] = {}
    if local.table is not None:
        sources = [source for row in local.table for source in row]
        fans = [len(row) for row in local.table]
        rows = {f"{name}_sources": sources, f"{name}_fans": fans}
        tables = {key: np.array(row, numbers.source_map) for key, row in rows.items()}
        fields |= {"sources": f"{name}_sources", "fans": f"{name}_fans"}
    fields |= {"weights": f"{name}_weights", "shared": str(int(local.shared))}
    if numbers.biases is not None:
        fields |= {"biases": f"{name}_biases", "bias_per_unit": str(int(local.bias == "unit"))}
    return _layer(step, numbers, fields, tables)


def _average(step: Step, numbers: Numbers) -> Layer:
    assert isinstance(step.geometry, Average)
    down, across = map(str, as_pair(step.geometry.size))
    fields = {"above": braces(step.above), "down": down, "across": across}
    fields |= {"weights": f"{step.identifier}_weights", "biases": f"{step.identifier}_biases"}
    return _layer(step, numbers, fields)


def _full(step: Step, numbers: Numbers) -> Layer:
    fields = {"inputs": str(step.inputs), "units": str(step.above[0])}
    fields |= {"weights": f"{step.identifier}_weights", "biases": f"{step.identifier}_biases"}
    return _layer(step, numbers, fields)


def _rbf(step: Step, numbers: Numbers) -> Layer:
    fields = {"inputs": str(step.inputs), "units": str(step.above[0]), "prototypes": f"{step.identifier}_weights"}
    return _layer(step, numbers, fields)


def _layer(step: Step, numbers: Numbers, fields: dict[str, str], tables: dict[str, Array] | None = None) -> Layer:
    tables = {**(tables or {}), f"{step.identifier}_weights": numbers.weights}
    if numbers.biases is not None:
        tables[f"{step.identifier}_biases"] = numbers.biases
    return Layer(step.kind, step.identifier, {**fields, "squash": numbers.squash}, {**tables, **numbers.tables})


def source_type(steps: Iterable[Step]) -> str:
    """The smallest unsigned type that holds the number of a source map, and how many there are."""
    most = 0
    for step in steps:
        rows = step.geometry.table if isinstance(step.geometry, Local) else None
        most = max(most, *(max(len(row), *row) for row in rows or [(0,)]))
    return np.min_scalar_type(most).name


# ---- Their numbers ------------------------------------------------------------------------------------------------


def in_floats(source_map: str, step: Step, squash: str) -> Numbers:
    """As the net has them; `squash` is the name of a function."""
    background = np.float32(step.geometry.background) if isinstance(step.geometry, Local) else np.float32(0)
    return Numbers(source_map, step.weights, step.biases, background, f"{{{squash}}}", {})


def in_whole_numbers(source_map: str, step: Step, quantised: Quantised, fine: str) -> Numbers:
    """Quantised; `fine` is where the states go if they are the outputs, else 0."""
    name = step.identifier
    tables = {f"{name}_factors": quantised.factors, f"{name}_table": quantised.table}
    squash = f"{{{name}_factors, {quantised.shift}, {name}_table, {fine}}}"
    return Numbers(source_map, quantised.weights, quantised.biases, quantised.background, squash, tables)


_SQUASHES = {
    ScaledTanh: "scaled_tanh",
    TanhLinear: "tanh_linear",
    Tanh: "plain_tanh",
    Linear: "linear",
    ReLU: "relu",
}


def write_squashes(squashes: Iterable[Squash]) -> tuple[dict[Squash, str], str]:
    """The name of each squashing function, and the functions."""
    names: dict[Squash, str] = {}
    for squash in squashes:
        name = _SQUASHES[type(squash)]
        alike = sum(type(other) is type(squash) for other in names)
        names.setdefault(squash, f"{name}{alike + 1}" if alike else name)
    return names, "".join(f"static float {names[one]}(float a) {{ return {_formula(one)}; }}\n" for one in names)


def _formula(squash: Squash) -> str:
    match squash:
        case Linear():
            return "a"
        case ReLU():
            return "a < 0 ? 0 : a"
        case Tanh():
            return "tanh_of(a)"
    amplitude, slope, linear = (literal(np.float32(one)) for one in squash.constants)
    return f"{amplitude} * tanh_of({slope} * a)" + (f" + {linear} * a" if squash.constants[2] else "")


# ---- Text ---------------------------------------------------------------------------------------------------------


def literal(number: Any) -> str:
    """A number in C. Of a float the shortest decimal that is it and no other float32: exact, and readable."""
    return f"{number!s}f" if isinstance(number, np.float32) else str(number)


def braces(numbers: Iterable[int]) -> str:
    """As a struct of ints is initialised."""
    return f"{{{', '.join(map(str, numbers))}}}"


def type_name(array: Array) -> str:
    """What C calls the numbers of an array."""
    return "float" if array.dtype == np.float32 else f"{array.dtype.name}_t"


def declare(name: str, array: Array) -> str:
    """A table that comes later in the file."""
    return f"static const {type_name(array)} {name}[{array.size}];\n"


def define(name: str, array: Array) -> str:
    """A table, each row on lines of its own."""
    length = array.shape[-1]
    lines = []
    for row in array.reshape(-1, length) if length > 1 else array.reshape(1, -1):
        for first in range(0, len(row), _PER_LINE):
            lines.append("    " + ", ".join(map(literal, row[first : first + _PER_LINE])) + ",\n")
    head = declare(name, array).removesuffix(";\n")
    return f"{head} = {{\n{''.join(lines)}}};\n"
