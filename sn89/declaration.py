"""Declarations of nets and rules as JSON values: dictionaries, lists, strings, numbers.

A frozen value becomes a dictionary of its fields, with its class as ``"is"``. On the way back each class checks its
fields as it checks those of a user. Only the classes that are named here can be made, and no code is run.
"""

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
    """A layer, function or rule as a dictionary, without the prototypes of an RBF layer, which are an array."""
    if type(value) not in _KNOWN:
        raise TypeError(f"only layers, functions and rules of sn89 itself can be written to a file, not {value!r}")
    named = {field.name: getattr(value, field.name) for field in fields(value) if field.name != "prototypes"}
    made = {name: plain(one) if is_dataclass(one) else one for name, one in named.items()}
    return {"is": type(value).__name__} | made


def plain_net(net: Net) -> Plain:
    """The declaration of a net as a dictionary, without the prototypes of RBF layers."""
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
    """The first difference between two declarations of `what`, as JSON returns them, in words; None if they agree."""
    if was == now:
        return None
    if isinstance(was, dict) and isinstance(now, dict) and was.get("is") == now.get("is"):
        names = [name for name in now if was.get(name) != now[name]] or sorted(was.keys() - now.keys())
        return difference(was.get(names[0]), now.get(names[0]), f"{what}'s {names[0]}")
    if isinstance(was, list) and isinstance(now, list) and _of_kinds(was) and _of_kinds(now):
        if len(was) != len(now):
            return f"{what} were {len(was)}, but now they are {len(now)}"
        i = next(i for i, pair in enumerate(zip(was, now, strict=True)) if pair[0] != pair[1])
        return difference(was[i], now[i], f"layer {now[i].get('name')!r:.40}")
    return f"{what} was {_in_words(was)}, but now it is {_in_words(now)}"


def _of_kinds(data: list[Any]) -> bool:
    return bool(data) and all(isinstance(one, dict) for one in data)


def _in_words(data: Any) -> str:
    """A value as Python writes it."""
    if isinstance(data, dict) and "is" in data:
        given = ", ".join(f"{name}={_in_words(one)}" for name, one in data.items() if name != "is")
        return f"{data['is']}({given:.100})"
    return "none" if data is None else f"{data!r:.100}"


def declared(data: Any, prototypes: Mapping[str, np.ndarray]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of `Net` for a declaration from `plain_net`; `prototypes` stand by the names of their layers."""
    data = _dictionary(data, {"name", "seed", "input", "layers", "squash", "cost", "start"}, "the net")
    if not isinstance(data["layers"], list):
        raise TypeError(f"layers must be a list, not {data['layers']!r:.40}")
    layers = [_layer(one, prototypes) for one in data["layers"]]
    chosen = {"squash": _SQUASHES, "cost": _COSTS, "start": _STARTS}
    how = {name: _value(data[name], classes, name) for name, classes in chosen.items()}
    return [_value(data["input"], (Input,), "input"), *layers], how | {"seed": data["seed"], "name": data["name"]}


def todays_rule(data: Any) -> Any:
    """A rule from a file in today's words: older files call the learning rate epsilon."""
    if not isinstance(data, dict):
        return data
    return {"rate" if name == "epsilon" else name: value for name, value in data.items()}


def declared_rule(data: Any) -> Rule:
    """The rule that `plain` made a dictionary of."""
    rule: Rule = _value(todays_rule(data), _RULES, "rule")
    return rule


def _layer(data: Any, prototypes: Mapping[str, np.ndarray]) -> Any:
    data = dict(_of_kind(data, "layer"))
    if data["is"] == "RBF":
        if "prototypes" in data or data.get("name") not in prototypes:
            raise ValueError(f"the prototypes of RBF layer {data.get('name')!r:.40} are not among the arrays")
        data["prototypes"] = prototypes[data["name"]]
    if data.get("squash") is not None:
        data["squash"] = _value(data["squash"], _SQUASHES, "squash")
    return _value(data, _LAYERS, "layer")


def _of_kind(data: Any, what: str) -> Plain:
    if not isinstance(data, dict) or not isinstance(data.get("is"), str):
        raise TypeError(f'{what} must be an object with an entry "is", not {data!r:.60}')
    return data


def _value(data: Any, classes: tuple[type, ...], what: str) -> Any:
    """A value of one of `classes`, made from its dictionary."""
    data = _of_kind(data, what)
    by_name = {one.__name__: one for one in classes}
    if data["is"] not in by_name:
        raise ValueError(f"{what} must be one of {', '.join(by_name)}, not {data['is']!r:.40}")
    made = by_name[data["is"]]
    names = {field.name for field in fields(made)}
    needed = {field.name for field in fields(made) if field.default is MISSING}
    given = _dictionary({key: value for key, value in data.items() if key != "is"}, names, what, needed)
    return made(**given)


def _dictionary(data: Any, names: set[str], what: str, needed: set[str] | None = None) -> Plain:
    if not isinstance(data, dict):
        raise TypeError(f"{what} must be an object, not {data!r:.40}")
    unknown, missing = data.keys() - names, (names if needed is None else needed) - data.keys()
    if unknown or missing:
        words = f"has no {min(missing)!r}" if missing else f"has an unknown {min(unknown)!r:.40}"
        raise ValueError(f"{what} {words}")
    return data
