"""Parameters of parameters, ``rule__rate``: those of small frozen values, and of functions that make something."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, ClassVar


def parts(value: object) -> dict[str, Any]:
    """What can be set in a value, and what it is now.

    Parameters
    ----------
    value : object
        A dataclass: its fields. A function, or a `functools.partial` of one: its keywords that have a default. Anything
        else has no parts.

    Returns
    -------
    dict of str to object
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in fields(value) if one.init}
    if inspect.isfunction(value) or isinstance(value, functools.partial):
        found = inspect.signature(value).parameters.values()
        return {one.name: one.default for one in found if one.default is not one.empty}
    return {}


def changed(value: Any, changes: dict[str, Any], what: str) -> Any:
    """The value with some of its parts changed.

    Parameters
    ----------
    value : object
    changes : dict of str to object
    what : str
        The value's name, for messages.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If it has no such part.
    """
    known = parts(value)
    for name in changes:
        if name not in known:
            has = f"it has {', '.join(known)}" if known else "nothing can be set in it"
            here = getattr(value, "elsewhere", {}).get(name)
            has += f"; {name} is called {what}__{here} here" if here else ""
            raise ValueError(f"{what}__{name} cannot be set: {what} is {value!r}, and {has}")
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **changes)
    return functools.partial(value, **changes)


class WithParts:
    """An estimator of scikit-learn some of whose parameters have parts, which are set by making another value."""

    with_parts: ClassVar[tuple[str, ...]] = ()
    elsewhere: ClassVar[Mapping[str, str]] = {}  # what others call parameters, and what is said to that

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters.

        Parameters
        ----------
        deep : bool
            Whether to give parts too, such as ``rule__rate``.

        Returns
        -------
        dict of str to object
        """
        params: dict[str, Any] = super().get_params(deep=False)  # type: ignore[misc]
        if deep:
            for name in self.with_parts:
                params |= {f"{name}__{part}": value for part, value in parts(self._default(name)).items()}
        return params

    def set_params(self, **params: Any) -> Any:
        """Set parameters and their parts, such as ``rule__rate``: another value with that part takes the place.

        Parameters
        ----------
        **params : dict of str to object

        Returns
        -------
        estimator
            Itself.

        Raises
        ------
        ValueError
            If there is no such parameter or part; then none is set.
        """
        inner: dict[str, dict[str, Any]] = {}
        for name in list(params):
            owner, _, part = name.partition("__")
            if part and owner in self.with_parts:
                inner.setdefault(owner, {})[part] = params.pop(name)
        if others := [name for name in params if name in self.elsewhere and name not in self.get_params(deep=False)]:
            raise ValueError(f"{type(self).__name__} has no parameter {others[0]!r}: {self.elsewhere[others[0]]}")
        before = vars(self).copy()
        try:
            super().set_params(**params)  # type: ignore[misc]
            for owner, changes in inner.items():
                setattr(self, owner, changed(self._default(owner), changes, owner))
        except BaseException:
            vars(self).update(before)
            raise
        return self

    def _default(self, name: str) -> Any:
        """A parameter, or what None stands for."""
        return getattr(self, name)
