"""The record of a training: its History, and what it learned from, as JSON in the file of a net, and back.

A file may hold anything: what is read is judged, value by value, and what does not fit is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from .arguments import whole
from .declaration import declared_rule, plain
from .history import History, Kept, Pass
from .measure import Measurement
from .rules import Rule

Plain = dict[str, Any]


def recorded(history: History) -> Plain:
    """A history by the names that it has in the provenance of a net: rule, digits, seconds, and every pass."""
    told: Plain = {"rule": plain(history.rule), "passes": len(history.passes), "seconds": history.seconds}
    if history.digits:
        told["digits"] = dict(history.digits)
    passes = [_plain_pass(one) for one in history.passes]
    if history.kept:
        passes[history.kept.number - 1]["kept"] = history.kept.why
    if history.ended and passes:
        passes[-1]["ended"] = history.ended
    return told | {"history": passes}


def with_history(provenance: Mapping[str, Any], history: History | None) -> Plain:
    """A provenance with the record of a history before it; what both say of the digits is put together."""
    told = {} if history is None else recorded(history)
    digits, given = told.get("digits"), provenance.get("digits")
    told |= provenance
    if digits and given is not None:
        told["digits"] = digits | (dict(given) if isinstance(given, Mapping) else {"name": given})
    return told


def as_json(value: Mapping[str, Any], what: str) -> Plain:
    """A dictionary as JSON gives it back: NumPy's numbers become Python's.

    Raises
    ------
    TypeError, ValueError
        If JSON has no such value.
    """
    try:
        made: Plain = json.loads(json.dumps(dict(value), allow_nan=False, default=_number))
    except (TypeError, ValueError, RecursionError) as error:
        raise type(error)(
            f"{what} must be what JSON can hold, numbers, strings, lists, dictionaries: {error}"
        ) from None
    return made


def _number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"there is {value!r:.60} in it, a {type(value).__name__}")


def as_read(value: Any) -> Any:
    """As JSON gives a value back: lists for tuples."""
    return json.loads(json.dumps(value))


def measured(one: Measurement | None) -> Plain | None:
    """A measurement as JSON has it."""
    return None if one is None else {**asdict(one), "error": one.error}


def _plain_pass(one: Pass) -> Plain:
    """All that is known of a pass, but for its number, which is its place."""
    named = {field.name: getattr(one, field.name) for field in fields(one) if field.name != "number"}
    return {name: measured(value) if isinstance(value, Measurement) else value for name, value in named.items()}


# ---- and back -------------------------------------------------------------------------------------------------------


def rule_of(provenance: Mapping[str, Any]) -> Rule | None:
    """The rule that a provenance tells of, if it does.

    Raises
    ------
    ValueError
        If there is no such rule.
    """
    rule = provenance.get("rule")
    if not isinstance(rule, dict):
        return None
    try:
        return declared_rule(rule)
    except (ValueError, TypeError) as error:
        raise ValueError(f"its provenance tells of no rule that is known, but of {rule!r:.80}: {error}") from None


def history_of(provenance: Mapping[str, Any]) -> History | None:
    """The history that a provenance tells of, if it does.

    Raises
    ------
    ValueError
        If it tells of one that cannot be.
    """
    rule, told = rule_of(provenance), provenance.get("history")
    if rule is None or told is None:
        return None
    try:
        passes = [_pass(number, one) for number, one in enumerate(told, 1)]
        kept = [Kept(*kept_pass(len(passes), i, one["kept"])) for i, one in enumerate(told, 1) if "kept" in one]
        ended = ended_of(told[-1]) if told else None
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise ValueError(f"its provenance does not tell of a training: {error}") from None
    return History(rule, passes, digits=digits_of(provenance), kept=kept[0] if kept else None, ended=ended)


def kept_pass(passes: int, number: Any, why: Any) -> tuple[int, str]:
    """Of so many passes the number of the one that was kept, and why; an error if that cannot be."""
    if not isinstance(why, str):
        raise TypeError(f"why a pass was kept must be text, not {why!r:.40}")
    return whole(number, "kept", least=1, most=passes), why


def ended_of(told: Mapping[str, Any]) -> str | None:
    """Why a training ended early, if it did; an error if that is no text."""
    ended = told.get("ended")
    if not isinstance(ended, str | None):
        raise TypeError(f"why it ended must be text, not {ended!r:.40}")
    return ended


def digits_of(provenance: Mapping[str, Any]) -> Plain:
    """What a provenance tells of the digits; nothing if it is not told as it should be."""
    digits = provenance.get("digits")
    return dict(digits) if isinstance(digits, dict) else {}


def _pass(number: int, told: Mapping[str, Any]) -> Pass:
    """A pass again; what it does not tell of is as by default."""
    given = {field.name: _value(told[field.name]) for field in fields(Pass) if field.name in told}
    return Pass(**{**given, "number": number, "cost": float(told["cost"]), "seconds": float(told["seconds"])})


def _value(told: Any) -> Any:
    if isinstance(told, dict):
        return _measured(told)
    if not isinstance(told, int | float | None):
        raise TypeError(f"a pass tells of {told!r:.40}")
    return told


def _measured(told: Plain) -> Measurement:
    patterns, wrong, cost, half_mse = (told[name] for name in ("patterns", "wrong", "cost", "half_mse"))
    wrong = None if wrong is None else int(wrong)
    return Measurement(int(patterns), wrong, float(cost), None if half_mse is None else float(half_mse))
