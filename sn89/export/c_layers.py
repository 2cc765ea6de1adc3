"""Layers in C: the fields of their structs, and their tables. The structs are declared in ``c_parts``, by kind."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..aliases import Array
from ..layers import Average, Local, as_pair
from ..squash import Linear, ReLU, ScaledTanh, Squash, Tanh, TanhLinear
from .int8 import Quantised
from .steps import Step

_PER_LINE = 8  # numbers, at most


@dataclass(frozen=True)
class Numbers:
    """The numbers of a layer, floats or integers."""

    weights: Array
    biases: Array | None
    background: np.float32 | int
    squash: str  # the text of the struct of the squashing function
    tables: dict[str, Array]  # the arrays of the squashing function, by name


@dataclass(frozen=True)
class Layer:
    """The fields of a layer's struct, and its tables by name."""

    kind: str
    identifier: str
    fields: dict[str, str]
    tables: dict[str, Array]

    def struct(self) -> str:
        """The definition of its struct."""
        fields = "".join(f"    .{key} = {value},\n" for key, value in self.fields.items())
        return f"static const struct {self.kind} {self.identifier}_layer = {{\n{fields}}};\n"


def write_layer(step: Step, numbers: Numbers, source_map: str) -> Layer:
    """A step of the net with these numbers; `source_map` is the type of those in a connection table."""
    name = step.identifier
    tables: dict[str, Array] = {}
    match step.geometry:
        case Local() as local:
            fields, tables = _local(step, local, numbers, source_map)
        case Average() as average:
            down, across = map(str, as_pair(average.size))
            fields = {"above": braces(step.above), "down": down, "across": across}
        case None:
            fields = {"inputs": str(step.inputs), "units": str(step.above[0])}
    if step.kind in ("average", "full"):
        fields |= {"weights": f"{name}_weights", "biases": f"{name}_biases"}
    if step.kind == "rbf":
        fields["prototypes"] = f"{name}_weights"
    tables[f"{name}_weights"] = numbers.weights
    if numbers.biases is not None:
        tables[f"{name}_biases"] = numbers.biases
    return Layer(step.kind, name, {**fields, "squash": numbers.squash}, {**tables, **numbers.tables})


def _local(step: Step, local: Local, numbers: Numbers, source_map: str) -> tuple[dict[str, str], dict[str, Array]]:
    """The fields of local connections, and the tables of their connections."""
    name = step.identifier
    fields = {"below": braces(step.below), "above": braces(step.above)}
    fields |= {"kernel": braces(as_pair(local.kernel)), "stride": braces(as_pair(local.stride))}
    fields |= {"pad": braces(as_pair(local.pad)), "background": literal(numbers.background)}
    tables: dict[str, Array] = {}
    if local.table is not None:
        sources = [source for row in local.table for source in row]
        fans = [len(row) for row in local.table]
        rows = {f"{name}_sources": sources, f"{name}_fans": fans}
        tables = {key: np.array(row, source_map) for key, row in rows.items()}
        fields |= {"sources": f"{name}_sources", "fans": f"{name}_fans"}
    fields |= {"weights": f"{name}_weights", "shared": str(int(local.shared))}
    if numbers.biases is not None:
        fields |= {"biases": f"{name}_biases", "bias_per_unit": str(int(local.bias == "unit"))}
    return fields, tables


def source_type(steps: Iterable[Step]) -> str:
    """The smallest unsigned type that holds every number in a connection table, and the length of every row."""
    most = 0
    for step in steps:
        rows = step.geometry.table if isinstance(step.geometry, Local) else None
        most = max(most, *(max(len(row), *row) for row in rows or [(0,)]))
    return np.min_scalar_type(most).name


def in_floats(step: Step, squash: str) -> Numbers:
    """The numbers of the net itself; `squash` is the name of a C function."""
    background = np.float32(step.geometry.background) if isinstance(step.geometry, Local) else np.float32(0)
    return Numbers(step.weights, step.biases, background, f"{{{squash}}}", {})


def in_whole_numbers(step: Step, quantised: Quantised, fine: str) -> Numbers:
    """The quantised numbers; `fine` is the buffer for the states if they are the outputs, else 0."""
    name = step.identifier
    tables = {f"{name}_factors": quantised.factors, f"{name}_table": quantised.table}
    squash = f"{{{name}_factors, {quantised.shift}, {name}_table, {fine}}}"
    return Numbers(quantised.weights, quantised.biases, quantised.background, squash, tables)


_SQUASHES = {ScaledTanh: "scaled_tanh", TanhLinear: "tanh_linear", Tanh: "plain_tanh", Linear: "linear", ReLU: "relu"}


def write_squashes(squashes: Iterable[Squash]) -> tuple[dict[Squash, str], str]:
    """The names of squashing functions, and the functions as C."""
    names: dict[Squash, str] = {}
    for squash in squashes:
        name = _SQUASHES[type(squash)]
        others = sum(type(other) is type(squash) for other in names)
        names.setdefault(squash, f"{name}{others + 1}" if others else name)
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


def literal(number: Any) -> str:
    """A number in C; a float32 as the shortest decimal from which C gets exactly this number."""
    return f"{number!s}f" if isinstance(number, np.float32) else str(number)


def braces(numbers: Iterable[int]) -> str:
    """The initialiser of a struct of ints."""
    return f"{{{', '.join(map(str, numbers))}}}"


def type_name(array: Array) -> str:
    """The C type of an array's numbers."""
    return "float" if array.dtype == np.float32 else f"{array.dtype.name}_t"


def declare(name: str, array: Array) -> str:
    """The declaration of a table that is defined later in the file."""
    return f"static const {type_name(array)} {name}[{array.size}];\n"


def define(name: str, array: Array) -> str:
    """The definition of a table; each row begins a new line."""
    length = array.shape[-1]
    lines = []
    for row in array.reshape(-1, length) if length > 1 else array.reshape(1, -1):
        for first in range(0, len(row), _PER_LINE):
            lines.append("    " + ", ".join(map(literal, row[first : first + _PER_LINE])) + ",\n")
    head = declare(name, array).removesuffix(";\n")
    return f"{head} = {{\n{''.join(lines)}}};\n"
