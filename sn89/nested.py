"""Parameters of parameters, such as ``rule__rate``: the fields of dataclasses and the keywords of functions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, ClassVar


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


class WithParts:
    """A base of estimators in the style of scikit-learn, some of whose parameters have parts."""

    with_parts: ClassVar[tuple[str, ...]] = ()
    elsewhere: ClassVar[Mapping[str, str]] = {}  # parameters of other libraries, each with an answer

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get the parameters.

        Parameters
        ----------
        deep : bool
            Whether to include parts, such as ``rule__rate``.

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
        """Set parameters, and parts of them such as ``rule__rate``, for which the parameter gets a changed copy.

        Parameters
        ----------
        **params : dict of str to object

        Returns
        -------
        estimator
            The estimator itself.

        Raises
        ------
        ValueError
            If there is no such parameter or part; no parameter is set then.
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
        """A parameter; an estimator overrides this to replace None by a default value."""
        return getattr(self, name)
