"""Declarations as plain values, such as JSON has: dictionaries, lists, strings, numbers.

A frozen value becomes a dictionary of its fields, with its class as ``"is"``. On the way back each class judges its
fields as it judges what a user gives; nothing but the classes that are named here can come out, and no code is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

import numpy as np

from .costs import HalfSquaredError, RBFDiscriminative, SoftmaxCrossEntropy
from .distortions import Distortion
from .layers import RBF, Average, Dropout, Full, Input, Local
from .net import Net
from .rules import SGD, AdamW, LevenbergMarquardt, Newton, Rule, StochasticDiagonalLM
from .squash import Linear, ReLU, ScaledTanh, Tanh, TanhLinear
from .starts import ByFanIn, BySqrtFanIn, Uniform

Plain = dict[str, Any]

_LAYERS = (Local, Average, Full, RBF, Dropout)
_SQUASHES = (ScaledTanh, TanhLinear, Tanh, Linear, ReLU)
_COSTS = (HalfSquaredError, SoftmaxCrossEntropy, RBFDiscriminative)
_STARTS = (ByFanIn, BySqrtFanIn, Uniform)
_RULES = (SGD, LevenbergMarquardt, Newton, StochasticDiagonalLM, AdamW)
_KNOWN = (Input, Distortion, *_LAYERS, *_SQUASHES, *_COSTS, *_STARTS, *_RULES)


def plain(value: Any) -> Plain:
    """A value of the declaration as a dictionary.

    Prototypes of RBF layers are left out: they are arrays.

    Raises
    ------
    TypeError
        If its class is none of sn89's own.
    """
    if type(value) not in _KNOWN:
        raise TypeError(f"only sn89's own layers, functions and rules can be written to a file, not {value!r}")
    named = {field.name: getattr(value, field.name) for field in fields(value) if field.name != "prototypes"}
    return {"is": type(value).__name__} | {
        name: plain(one) if is_dataclass(one) else one for name, one in named.items()
    }


def plain_net(net: Net) -> Plain:
    """The declaration of a net: all that it was made of, but for the prototypes of RBF layers."""
    return {
        "name": net.name,
        "seed": net.seed,
        "input": plain(net.input),
        "layers": [plain(layer) for layer in net.layers],
        "squash": plain(net.squash),
        "cost": plain(net.cost),
        "start": plain(net.start),
    }


def difference(was: Any, now: Any, what: str) -> str | None:
    """The first thing in which two declarations differ, in words; None if they do not.

    Parameters
    ----------
    was, now : Any
        As JSON gives them back.
    what : str
        They are declarations of.
    """
    if was == now:
        return None
    if isinstance(was, dict) and isinstance(now, dict) and was.get("is") == now.get("is"):
        names = [name for name in now if was.get(name) != now[name]] or sorted(was.keys() - now.keys())
        return difference(was.get(names[0]), now.get(names[0]), f"{what}'s {names[0]}")
    if isinstance(was, list) and isinstance(now, list) and _of_kinds(was) and _of_kinds(now):
        if len(was) != len(now):
            return f"{what} were {len(was)}, and are {len(now)}"
        i = next(i for i, pair in enumerate(zip(was, now, strict=True)) if pair[0] != pair[1])
        return difference(was[i], now[i], f"layer {now[i].get('name')!r:.40}")
    return f"{what} was {_in_words(was)}, and is {_in_words(now)}"


def _of_kinds(told: list[Any]) -> bool:
    return bool(told) and all(isinstance(one, dict) for one in told)


def _in_words(told: Any) -> str:
    """As Python writes a value."""
    if isinstance(told, dict) and "is" in told:
        given = ", ".join(f"{name}={_in_words(one)}" for name, one in told.items() if name != "is")
        return f"{told['is']}({given:.100})"
    return "none" if told is None else f"{told!r:.100}"


def declared(told: Any, prototypes: Mapping[str, np.ndarray]) -> tuple[list[Any], dict[str, Any]]:
    """What `Net` is called with to make the net of `plain_net` again; `prototypes` by the names of their layers.

    Raises
    ------
    ValueError, TypeError
        If there is no such net.
    """
    told = _dictionary(told, {"name", "seed", "input", "layers", "squash", "cost", "start"}, "the net")
    if not isinstance(told["layers"], list):
        raise TypeError(f"layers must be a list, not {told['layers']!r:.40}")
    layers = [_layer(one, prototypes) for one in told["layers"]]
    chosen = {"squash": _SQUASHES, "cost": _COSTS, "start": _STARTS}
    how = {name: _value(told[name], classes, name) for name, classes in chosen.items()}
    return [_value(told["input"], (Input,), "input"), *layers], how | {"seed": told["seed"], "name": told["name"]}


def todays_rule(told: Any) -> Any:
    """What a file tells of a rule, in the words of today: older files call the learning rate epsilon."""
    if not isinstance(told, dict):
        return told
    return {"rate" if name == "epsilon" else name: value for name, value in told.items()}


def declared_rule(told: Any) -> Rule:
    """The rule of `plain` again.

    Raises
    ------
    ValueError, TypeError
        If there is no such rule.
    """
    rule: Rule = _value(todays_rule(told), _RULES, "rule")
    return rule


def _layer(told: Any, prototypes: Mapping[str, np.ndarray]) -> Any:
    told = dict(_of_kind(told, "layer"))
    if told["is"] == "RBF":
        if "prototypes" in told or told.get("name") not in prototypes:
            raise ValueError(f"the prototypes of RBF layer {told.get('name')!r:.40} are not among the arrays")
        told["prototypes"] = prototypes[told["name"]]
    if told.get("squash") is not None:
        told["squash"] = _value(told["squash"], _SQUASHES, "squash")
    return _value(told, _LAYERS, "layer")


def _of_kind(told: Any, what: str) -> Plain:
    if not isinstance(told, dict) or not isinstance(told.get("is"), str):
        raise TypeError(f'{what} must be an object that says what it "is", not {told!r:.60}')
    return told


def _value(told: Any, classes: tuple[type, ...], what: str) -> Any:
    """One of `classes` again."""
    told = _of_kind(told, what)
    by_name = {one.__name__: one for one in classes}
    if told["is"] not in by_name:
        raise ValueError(f"{what} must be one of {', '.join(by_name)}, not {told['is']!r:.40}")
    made = by_name[told["is"]]
    names = {field.name for field in fields(made)}
    needed = {field.name for field in fields(made) if field.default is MISSING}
    given = _dictionary({key: value for key, value in told.items() if key != "is"}, names, what, needed)
    return made(**given)


def _dictionary(told: Any, names: set[str], what: str, needed: set[str] | None = None) -> Plain:
    if not isinstance(told, dict):
        raise TypeError(f"{what} must be an object, not {told!r:.40}")
    unknown, missing = told.keys() - names, (names if needed is None else needed) - told.keys()
    if unknown or missing:
        words = f"has no {min(missing)!r}" if missing else f"has an unknown {min(unknown)!r:.40}"
        raise ValueError(f"{what} {words}")
    return told
