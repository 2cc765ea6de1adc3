"""The zip-code net as a JSON object, for nets that were trained in JavaScript or anywhere else."""

import json
import math
import os
from collections import Counter
from typing import Any, NoReturn

import numpy as np

from .. import nets
from ..net import Net
from ..squash import Tanh
from .filling import Array, Path, check_names, contents, fill, finite, short

_KINDS = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}


def from_json(path: Path) -> Net:
    """Read a zip-code net from a JSON file, which a script for Node.js can write in one line.

    Parameters
    ----------
    path : path
        UTF-8 text with one object. It has an object with ``"weights"`` and ``"bias"`` for each of ``"H1"``, ``"H2"``,
        ``"H3"`` and ``"output"``. These are lists of numbers in row-major order, flat or nested, of the shapes of
        ``net[name].weights`` and ``.bias``:

        ========  ===============  ==========
        layer     weights          bias
        ========  ===============  ==========
        H1        (12, 1, 5, 5)    (12, 8, 8)
        H2        (12, 8, 5, 5)    (12, 4, 4)
        H3        (30, 192)        (30,)
        output    (10, 30)         (10,)
        ========  ===============  ==========

        Kernels are not flipped, and belong to the source maps in the order of `sn89.nets.EIGHT_OF_TWELVE`; H3 reads H2
        as (map, row, column). The object may also have ``"squash": "tanh"``, the squashing (activation) function; no
        other one is known.

    Returns
    -------
    Net
        The net, with plain tanh and half the squared error.

    Raises
    ------
    TypeError
        If `path` is not a path.
    ValueError
        If the file has another form; the message names the file and the entry.
    OSError
        If the file cannot be read.

    Notes
    -----
    This form is sn89's own. It was made for the reproduction of 2026 in Node.js, which does not publish a file format.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(f"path must be a path, not {type(path).__name__}")
    return from_text(contents(path), os.fsdecode(path))


def from_text(text: bytes, what: str) -> Net:
    """The net in the bytes of a JSON file; `what` is the name of the file in messages."""
    net = nets.zip_code(squash=Tanh(), name="zip-code net (2026)")
    layers = {name.partition(".")[0]: None for name in net.arrays()}
    entries = _object(_parsed(text, what), f"{what}: its content")
    if (squash := entries.pop("squash", "tanh")) != "tanh":
        raise ValueError(f'{what}: squash must be "tanh", not {short(squash)}')
    check_names(entries, layers, what)
    for layer in layers:
        check_names(_object(entries[layer], f"{what}: {layer}"), ("weights", "bias"), f"{what}: {layer}")
    arrays = {}
    for name, own in net.arrays().items():
        layer, _, part = name.partition(".")
        numbers = _numbers(entries[layer][part], own.shape, f"{what}: {name}")
        arrays[name] = finite(numbers, own.shape, f"{what}: {name}")
    return fill(net, arrays)


def _parsed(text: bytes, what: str) -> Any:
    try:
        # Every number becomes a float at once, because an int of thousands of digits would take long.
        return json.loads(
            text.decode("utf-8"), parse_int=float, parse_constant=_no_number, object_pairs_hook=_without_repetition
        )
    except ValueError as error:
        raise ValueError(f"{what}: the file cannot be read as JSON: {error}") from None
    except RecursionError:
        raise ValueError(f"{what}: the file cannot be read as JSON: it is nested too deeply") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not allowed in JSON: all numbers must be finite")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"{short(name)} comes twice in one object")
    return entries


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be an object, not {_kind(value)}")
    return value


def _numbers(value: Any, shape: tuple[int, ...], what: str) -> Array:
    """The numbers of a list, flat or nested, as an array of this shape."""
    count, flat = math.prod(shape), isinstance(value, list) and not (value and isinstance(value[0], list))
    if flat and len(value) != count:
        raise ValueError(f"{what} must have {count:,} numbers, flat or nested as {shape}, not {len(value):,}")
    return np.array(_leaves(value, (count,) if flat else shape, what)).reshape(shape)


def _leaves(value: Any, shape: tuple[int, ...], what: str) -> list[float]:
    """All numbers of nested lists of this shape."""
    if not shape:
        if type(value) is not float:
            raise ValueError(f"{what} must be a number, not {_kind(value)}")
        return [value]
    if not isinstance(value, list):
        raise ValueError(f"{what} must be a list of {shape[0]}, not {_kind(value)}")
    if len(value) != shape[0]:
        raise ValueError(f"{what} must be a list of {shape[0]}, not of {len(value)}")
    return [leaf for i, entry in enumerate(value) for leaf in _leaves(entry, shape[1:], f"{what}[{i}]")]


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "a number")
