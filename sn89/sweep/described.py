"""Values in words: by them a file knows which sweep it is of, and a line which run."""

from __future__ import annotations

import hashlib
import math
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

import numpy as np

DIGITS = 16  # of a digest: enough that two are never the same by chance
DEEP = 50  # lists in each other

Plain = None | bool | int | float | str | list[Any] | dict[str, Any]


def digest(content: bytes | np.ndarray) -> str:
    """The beginning of a SHA-256, after its name: so no reader of JSON lines takes it for a number."""
    found = hashlib.sha256(content)  # type: ignore[arg-type]  # NumPy types an array as a buffer from Python 3.12 on
    return f"sha256:{found.hexdigest()[:DIGITS]}"


def described(value: Any) -> str:
    """A value in words that are the same for equal values, whatever the process.

    Functions are known by their names, arrays by their SHA-256, frozen values and partial functions by their parts.

    Raises
    ------
    TypeError
        If there are no such words for it.
    """
    match value:
        case np.generic():
            return repr(value.item())
        case None | bool() | int() | float() | str():
            return repr(value)
        case list() | tuple():
            return f"[{', '.join(map(described, value))}]"
        case dict():
            return f"{{{', '.join(f'{key!r}: {described(one)}' for key, one in value.items())}}}"
        case np.ndarray() if not value.dtype.hasobject:
            return f"array({value.shape}, {value.dtype}, {digest(np.ascontiguousarray(value))})"
        case partial():
            return _called(described(value.func), value.args, value.keywords)
    if is_dataclass(value) and not isinstance(value, type):
        named = {field.name: getattr(value, field.name) for field in fields(value)}
        return _called(type(value).__name__, (), named)
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    raise TypeError(f"there are no words to tell {value!r:.100} by: give a named function, or a partial one of it")


def _called(name: str, args: tuple[Any, ...], named: dict[str, Any]) -> str:
    words = [*map(described, args), *(f"{key}={described(one)}" for key, one in named.items())]
    return f"{name}({', '.join(words)})"


def plain(value: Any, what: str, deep: int = DEEP) -> Plain:
    """A value as JSON has it: NumPy's numbers become Python's, tuples lists, and NaN and infinity None.

    Raises
    ------
    TypeError
        If JSON has no such value.
    ValueError
        If lists and dictionaries lie in each other so deep that readers of JSON would give up.
    """
    if not deep:
        raise ValueError(f"{what} must be at most {DEEP} lists or dictionaries deep")
    match value:
        case np.generic():
            return plain(value.item(), what)
        case float():
            return float(value) if math.isfinite(value) else None
        case None | bool() | int() | str():
            return value
        case list() | tuple():
            return [plain(one, what, deep - 1) for one in value]
        case dict() if all(isinstance(key, str) for key in value):
            return {key: plain(one, what, deep - 1) for key, one in value.items()}
    raise TypeError(f"{what} must be numbers, strings, None, or lists and dictionaries of them, not {value!r:.100}")
