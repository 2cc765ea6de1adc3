"""Checks of numbers, names and values from users: each function returns the normal form or raises.

Every message begins with `what`, the name of the argument.
"""

import math
import numbers
import operator
import os
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

from .aliases import Place
from .keywords import VALUES

_LARGEST = 2**31 - 1  # of an int in C
LARGEST_SEED = 2**64 - 1
LARGEST_COUNT = 2**62  # presentations, more than anybody will make


def whole(value: object, what: str, least: int | None = None, most: int = _LARGEST) -> int:
    """A whole number, no bool, from `least` to `most`."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{what} must be a whole number, not {in_line(value)}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{what} must be a whole number, not {in_line(value)}") from None
    if least is not None and number < least:
        raise ValueError(f"{what} must be at least {least}, not {number}")
    if abs(number) > most:
        raise ValueError(f"{what} must be at most {most}, not {number}")
    return number


def pair(value: object, what: str) -> tuple[int, int]:
    """A (vertical, horizontal) pair of whole numbers, from one number or two."""
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        if len(value) != 2:
            raise ValueError(f"{what} must be one number or (height, width), not {in_line(value)}")
        return whole(value[0], what), whole(value[1], what)
    if isinstance(value, str):
        same = ". A kernel of 5x5 keeps the size of planes with pad=2" if value == "same" else ""
        raise TypeError(f"{what} must be one whole number or (height, width), not {value!r}{same}")
    number = whole(value, what)
    return number, number


def real(value: object, what: str) -> float:
    """A number, no bool, that float32 can hold."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"{what} must be a number, not {in_line(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    with np.errstate(over="ignore", under="ignore"):
        held = np.float32(number)
    if not np.isfinite(held):
        raise ValueError(f"{what} must be finite in float32, not {number:g}")
    if number != 0 and held == 0:
        raise ValueError(f"{what} must not be so small that float32 makes it 0, as {number:g} is")
    return number


def positive(value: object, what: str) -> float:
    """A number above 0 that float32 can hold."""
    number = real(value, what)
    if number <= 0:
        raise ValueError(f"{what} must be positive, not {number:g}")
    return number


def not_negative(value: object, what: str) -> float:
    """A number of at least 0 that float32 can hold."""
    number = real(value, what)
    if number < 0:
        raise ValueError(f"{what} must not be negative, not {number:g}")
    return number


def fraction(value: object, what: str) -> float:
    """A number of at least 0 and less than 1, also in float32."""
    number = real(value, what)
    if not 0 <= number < 1 or np.float32(number) == 1:
        raise ValueError(f"{what} must be at least 0 and less than 1, not {number:g}")
    return number


def truth(value: object, what: str) -> bool:
    """True or False, and nothing that only acts like it."""
    if not isinstance(value, bool):
        raise TypeError(f"{what} must be True or False, not {value!r}")
    return value


Number = Annotated[float, real]
Positive = Annotated[float, positive]
NotNegative = Annotated[float, not_negative]
Fraction = Annotated[float, fraction]
Whole = Annotated[int, whole]
AtLeastOne = Annotated[int, partial(whole, least=1)]
Truth = Annotated[bool, truth]


class Checked:
    """A base of dataclasses whose annotations check their fields when one is made.

    A function in an annotation, such as `real` in ``Annotated[float, real]``, brings the value to its normal form. A
    `Literal` must be one of its words.
    """

    def __post_init__(self) -> None:
        kind: Any = type(self)
        for name, check in _checks_of(kind).items():
            object.__setattr__(self, name, check(getattr(self, name), self._what(name)))

    def _what(self, field: str) -> str:
        """The name of a field in messages."""
        return f"{type(self).__name__}: {field}"


@cache
def _checks_of(kind: type) -> dict[str, Callable[[Any, str], Any]]:
    """The function that checks each field of a class."""
    checks = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if get_origin(hint) is Annotated:
            checks[name] = hint.__metadata__[0]
        elif get_origin(hint) is Literal:
            checks[name] = partial(one_of, allowed=get_args(hint))
    return checks


def check_seed(value: object, what: str = "seed") -> int:
    """A seed: a whole number that an unsigned integer of 64 bits can hold."""
    return whole(value, what, least=0, most=LARGEST_SEED)


def one_of(value: object, what: str, allowed: Sequence[str]) -> str:
    """One of some words."""
    if not isinstance(value, str) or value not in allowed:
        words = [f'"{one}"' for one in allowed]
        raise ValueError(f"{what} must be {', '.join(words[:-1])} or {words[-1]}, not {value!r}")
    return value


def check_net(value: object) -> None:
    """Raise a TypeError if a value is no net, with advice if it is known how to get one."""
    from .net import Net

    if isinstance(value, Net):
        return
    hint = ""
    if isinstance(value, str | os.PathLike):
        hint = "; sn89.load reads the net of a file"
    elif hasattr(value, "net_"):
        hint = "; its net is its net_"
    elif callable(value) and getattr(value, "__module__", "").startswith("sn89."):
        hint = f"; call it: {getattr(value, '__name__', 'it')}()"
    raise TypeError(f"net must be a Net, not {value!r:.80}{hint}")


def instance(value: object, what: str, base: type) -> Any:
    """Check that a value is an instance of a subclass of `base`."""
    if not isinstance(value, base) or type(value) is base:
        kinds = [one for one in _below(base) if one.__module__.startswith("sn89.")]
        names = ", ".join(f"sn89.{one.__name__}" for one in kinds)
        likely = value.__name__ if isinstance(value, type) and value in kinds else _meant(value, kinds)
        meant = f"; did you mean sn89.{likely}()?" if likely else ""
        if base.__name__ == "Squash" and value == "softmax":
            meant = (
                "; a softmax is the cost's: sn89.Net(..., cost=sn89.SoftmaxCrossEntropy()), and this is sn89.Linear()"
            )
        raise TypeError(f"{what} must be a {base.__name__}, one of {names}, not {in_line(value)}{meant}")
    return value


def _below(base: type) -> list[type]:
    """All subclasses of a class, and theirs."""
    kinds: list[type] = base.__subclasses__()
    return [kind for one in kinds for kind in (one, *_below(one))]


def _meant(value: object, kinds: list[type]) -> str | None:
    """The class that a word means, ours or another library's."""
    if not isinstance(value, str):
        return None
    names = {one.__name__.lower(): one.__name__ for one in kinds}
    word = re.sub("[^a-z0-9]", "", value.lower())
    found = get_close_matches(VALUES.get(word, word).lower(), names, 1, 0.7)
    return names[found[0]] if found else None


#: Endings by which programs know the kind of a file.
PROMISES = frozenset(
    """
    bmp c ckpt csv gif h h5 hdf5 htm html joblib jpeg jpg json jsonl keras mat md npy npz onnx parquet pb pdf pickle pkl
    png pt pth py safetensors svg tflite tif tiff txt webp zip
    """.split()  # noqa: SIM905 - a list of them would be longer
)


def promises_else(path: Place, *endings: str) -> str | None:
    """The ending of a file's name if it is known for another kind of file than `endings` (".png"), or None."""
    ending = Path(path).suffix.lower()
    return ending if ending.removeprefix(".") in PROMISES and ending not in endings else None


def check_ending(path: Place, what: str, *endings: str) -> None:
    """Raise a ValueError if a file's name has the ending of another kind of file; `what` has an article."""
    if promises_else(path, *endings):
        raise ValueError(f"{what} is written, so its name must end in {endings[0]}, not {os.fspath(path)!r}")


def in_line(value: object, most: int = 80) -> str:
    """A value for a message: its repr in one line, cut after `most` characters."""
    return " ".join(repr(value).split())[:most]
