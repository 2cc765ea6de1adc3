"""Values in words, by which a file is known to belong to a sweep, and a line to a run."""

import hashlib
import math
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

import numpy as np

DIGITS = 16  # hexadecimal digits of a digest, enough that no two are the same by chance
DEEP = 50  # nested lists

Plain = None | bool | int | float | str | list[Any] | dict[str, Any]


def digest(content: bytes | np.ndarray) -> str:
    """The beginning of a SHA-256. It begins with "sha256:", so that no reader of JSON takes it for a number."""
    found = hashlib.sha256(content)  # type: ignore[arg-type]  # NumPy types an array as a buffer from Python 3.12 on
    return f"sha256:{found.hexdigest()[:DIGITS]}"


def described(value: Any) -> str:
    """A value in words that are the same in every process, and the same for equal values only.

    Functions have their names, arrays their SHA-256, frozen values and partial functions their parts. Anything else
    raises a TypeError.
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
    raise TypeError(f"a file cannot describe {value!r:.100}: give a named function, or a functools.partial of one")


def _called(name: str, args: tuple[Any, ...], named: dict[str, Any]) -> str:
    words = [*map(described, args), *(f"{key}={described(one)}" for key, one in named.items())]
    return f"{name}({', '.join(words)})"


def plain(value: Any, what: str, deep: int = DEEP) -> Plain:
    """A value for JSON: NumPy's numbers become Python's, tuples become lists, NaN and infinity become None.

    A value that JSON does not have raises a TypeError; lists that are nested too deep for readers of JSON raise a
    ValueError.
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
