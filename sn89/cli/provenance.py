"""What ``sn89 train`` writes with a net, and what is made of it again. A file may hold anything: it is not believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..datasets.digits import Digits
from ..declaration import declared_rule, plain
from ..history import History, Pass
from ..measure import Measurement
from ..rules import Rule
from .sources import Source


def measured(one: Measurement | None) -> dict[str, Any] | None:
    """A measurement as JSON has it."""
    return None if one is None else {**asdict(one), "error": one.error}


def provenance(source: Source, which: str, digits: Digits, history: History, order: str, seed: int) -> dict[str, Any]:
    """What is written with the net: digits, rule, order, seed, and every pass."""
    (X, _), (Xt, _) = digits
    passes = [
        {"cost": one.cost, "seconds": one.seconds, "train": measured(one.train), "test": measured(one.test)}
        for one in history.passes
    ]
    told = {
        "recipe": source.recipe,
        "digits": {"set": which, "name": digits.name, "size": int(X.shape[-2]), "train": len(X), "test": len(Xt)},
        "rule": plain(history.rule),
        "passes": len(passes),
        "order": order,
        "seed": seed,
        "seconds": history.seconds,
        "history": passes,
    }
    return told | ({"before": source.provenance} if source.provenance else {})


def rule_of(told: Mapping[str, Any]) -> Rule | None:
    """The rule that a provenance tells of, if it does.

    Raises
    ------
    ValueError, TypeError
        If there is no such rule.
    """
    rule = told.get("rule")
    if not isinstance(rule, dict):
        return None
    try:
        return declared_rule(rule)
    except (ValueError, TypeError) as error:
        raise ValueError(f"its provenance tells of no rule that is known, but of {rule!r:.80}: {error}") from None


def history_of(told: Mapping[str, Any], name: str, rule: Rule) -> History:
    """The history that the provenance of a net tells of.

    Raises
    ------
    ValueError
        If it does not.
    """
    if not told.get("history"):
        raise ValueError(f"nothing is known of the training of {name}: only sn89 train writes that")
    try:
        return History(rule, [_pass(number, one) for number, one in enumerate(told["history"], 1)])
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"the provenance of {name} does not tell of a training: {error}") from None


def _pass(number: int, told: dict[str, Any]) -> Pass:
    return Pass(number, float(told["cost"]), float(told["seconds"]), _measured(told["train"]), _measured(told["test"]))


def _measured(told: dict[str, Any] | None) -> Measurement | None:
    if told is None:
        return None
    patterns, wrong, cost, half_mse = (told[name] for name in ("patterns", "wrong", "cost", "half_mse"))
    wrong = None if wrong is None else int(wrong)
    return Measurement(int(patterns), wrong, float(cost), None if half_mse is None else float(half_mse))
