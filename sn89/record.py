"""The record of a training, its History and facts about its digits, as JSON in the file of a net.

A file may hold anything, so every value that is read back is checked, and values that cannot be are refused.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from .arguments import whole
from .declaration import declared_rule, plain
from .history import History, Kept, Pass
from .measure import Measurement

Plain = dict[str, Any]


def recorded(history: History) -> Plain:
    """A history as entries of a provenance: rule, digits, seconds, and every pass."""
    record: Plain = {"rule": plain(history.rule), "passes": len(history.passes), "seconds": history.seconds}
    if history.digits:
        record["digits"] = dict(history.digits)
    passes = [
        {name: measured(value) if isinstance(value, Measurement) else value for name, value in vars(one).items()}
        for one in history.passes
    ]
    for one in passes:
        del one["number"]  # which follows from its place
    if history.kept:
        passes[history.kept.number - 1]["kept"] = history.kept.why
    if history.ended and passes:
        passes[-1]["ended"] = history.ended
    return record | {"history": passes}


def with_history(provenance: Mapping[str, Any], history: History | None) -> Plain:
    """A provenance together with the record of a history. The facts that both hold about the digits are merged."""
    record = {} if history is None else recorded(history)
    digits, given = record.get("digits"), provenance.get("digits")
    record |= provenance
    if digits and given is not None:
        record["digits"] = digits | (dict(given) if isinstance(given, Mapping) else {"name": given})
    return record


def as_json(value: Mapping[str, Any], what: str) -> Plain:
    """A dictionary with the values that JSON would return; numbers of NumPy become numbers of Python."""
    try:
        made: Plain = json.loads(json.dumps(dict(value), allow_nan=False, default=_number))
    except (TypeError, ValueError, RecursionError) as error:
        words = "must hold only numbers, strings, lists and dictionaries, as JSON does"
        raise type(error)(f"{what} {words}: {error}") from None
    return made


def _number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"it holds {value!r:.60}, a {type(value).__name__}")


def as_read(value: Any) -> Any:
    """A value as JSON returns it, with lists in place of tuples."""
    return json.loads(json.dumps(value))


def measured(one: Measurement | None) -> Plain | None:
    """A measurement as JSON values."""
    return None if one is None else {**asdict(one), "error": one.error}


def history_of(provenance: Mapping[str, Any]) -> History | None:
    """The history in a provenance, or None if it has none; a ValueError if the history is invalid."""
    rule, history = provenance.get("rule"), provenance.get("history")
    if not isinstance(rule, dict):
        return None
    try:
        known = declared_rule(rule)
    except (ValueError, TypeError) as error:
        raise ValueError(f"the rule in its provenance is not known, {rule!r:.80}: {error}") from None
    if history is None:
        return None
    try:
        passes = [_pass(number, one) for number, one in enumerate(history, 1)]
        kept = [Kept(*kept_pass(len(passes), i, one["kept"])) for i, one in enumerate(history, 1) if "kept" in one]
        ended = ended_of(history[-1]) if history else None
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise ValueError(f"the history in its provenance is invalid: {error}") from None
    return History(known, passes, digits=digits_of(provenance), kept=kept[0] if kept else None, ended=ended)


def kept_pass(passes: int, number: Any, why: Any) -> tuple[int, str]:
    """The number of the pass that was kept, of so many passes, and the reason, both checked."""
    if not isinstance(why, str):
        raise TypeError(f"the reason why a pass was kept must be text, not {why!r:.40}")
    return whole(number, "kept", least=1, most=passes), why


def ended_of(record: Mapping[str, Any]) -> str | None:
    """The reason why a training ended early, checked; None if it did not."""
    ended = record.get("ended")
    if not isinstance(ended, str | None):
        raise TypeError(f"the reason why the training ended must be text, not {ended!r:.40}")
    return ended


def digits_of(provenance: Mapping[str, Any]) -> Plain:
    """The facts about the digits in a provenance, or an empty dictionary."""
    digits = provenance.get("digits")
    return dict(digits) if isinstance(digits, dict) else {}


def _pass(number: int, record: Mapping[str, Any]) -> Pass:
    """A pass from its JSON values; missing values have their defaults."""
    given = {field.name: _value(record[field.name]) for field in fields(Pass) if field.name in record}
    return Pass(**{**given, "number": number, "cost": float(record["cost"]), "seconds": float(record["seconds"])})


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        wrong, half_mse = value["wrong"], value["half_mse"]
        wrong, half_mse = wrong if wrong is None else int(wrong), half_mse if half_mse is None else float(half_mse)
        return Measurement(int(value["patterns"]), wrong, float(value["cost"]), half_mse)
    if not isinstance(value, int | float | None):
        raise TypeError(f"a pass holds {value!r:.40}, not a number or a measurement")
    return value
