"""Parts of parameters, such as ``rule__rate``: the fields of dataclasses and the keywords of functions."""

import functools
import inspect
from dataclasses import fields, is_dataclass, replace
from typing import Any


def parts(value: object) -> dict[str, Any]:
    """The parts of a value that can be set, with their present values.

    They are the fields of a dataclass, or the keywords with defaults of a function or a `functools.partial` of one. Any
    other value has no parts.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in fields(value) if one.init}
    if inspect.isfunction(value) or isinstance(value, functools.partial):
        found = inspect.signature(value).parameters.values()
        return {one.name: one.default for one in found if one.default is not one.empty}
    return {}


def changed(value: Any, changes: dict[str, Any], what: str) -> Any:
    """A copy of a value with some of its parts changed; `what` is its name in messages."""
    known = parts(value)
    for name in changes:
        if name not in known:
            has = f"which has {', '.join(known)}" if known else "which has no parts"
            here = getattr(value, "elsewhere", {}).get(name)
            has += f"; {name} is called {what}__{here} here" if here else ""
            raise ValueError(f"{what}__{name} cannot be set: {what} is {value!r}, {has}")
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **changes)
    return functools.partial(value, **changes)
