"""``sn89 show``: print the layers of a net and its provenance."""

from collections.abc import Callable
from typing import Any

import click

from ..facts import known_set, scale
from ..history import History
from ..net import Net
from ..netlayer import NetLayer
from ..printable import columns, one_line
from .options import json_option, verb
from .saying import result
from .sources import RECIPES, Source, named_or_file


def _counts(what: Net | NetLayer) -> dict[str, int]:
    return {name: getattr(what, name) for name in ("units", "connections", "free_parameters")}


def _rule(recorded: Any) -> str:
    """A recorded rule as Python writes it."""
    if not isinstance(recorded, dict):
        return str(recorded)
    return f"{recorded.get('is')}({', '.join(f'{name}={value}' for name, value in recorded.items() if name != 'is')})"


def _training(history: History | None) -> dict[str, str]:
    """The errors after the net's pass, the reason why the training ended, and the pass that was kept."""
    if history is None or not history.passes:
        return {}
    measured = (("train", history.final.train), ("test", history.final.test))
    errors = [f"{part} {100 * one.error:.2f} % ({one.wrong} of {one.patterns})"
              for part, one in measured if one and one.error is not None]  # fmt: skip
    kept = history.kept and f"pass {history.kept.number}, {history.kept.why}"
    return {"misclassified": ", ".join(errors), "ended": history.ended or "", "kept pass": kept or ""}


def _digits(recorded: Any) -> str:
    if not isinstance(recorded, dict):
        return str(recorded)
    count = f"{recorded['train']} + {recorded.get('test')}" if "train" in recorded else str(recorded.get("images"))
    levels = scale(recorded)
    levels_too = f", from {levels[0]:g} to {levels[1]:g}" if levels else ""
    return f"{recorded.get('name') or known_set(recorded) or 'from an unknown set'}, {count}{levels_too}"


FORMS: dict[str, Callable[[Any], str]] = {
    "digits": _digits,
    "rule": _rule,
    "seconds": lambda recorded: f"{recorded:.1f}" if isinstance(recorded, int | float) else str(recorded),
    "before": lambda recorded: "a former training",
    "history": lambda recorded: "",  # see _training
}


def _lines(provenance: dict[str, Any], history: History | None) -> str:
    """A line for each entry of a provenance, which may hold anything."""
    rows = [(f"  {name}", FORMS.get(name, str)(value)) for name, value in provenance.items()]
    rows += [(f"  {name}", words) for name, words in _training(history).items()]
    return "\n".join(one_line(f"{name:<16.40}{words:.300}") for name, words in rows if words)


def _document(source: Source) -> dict[str, Any]:
    net = source.net
    layers = [{"layer": one.name, "kind": one.kind, "shape": list(one.shape), **_counts(one)} for one in net]
    return {"net": net.name, **_counts(net), "layers": layers, "provenance": source.provenance or None}


@verb()
@click.argument("name", metavar="[NAME|FILE]", required=False)
@json_option
def show(name: str | None, as_json: bool) -> None:
    """Print the layers of a net and its provenance.

    sn89 show                        list the papers' nets
    sn89 show lenet5
    sn89 show zip_code.safetensors
    """
    if name is None:
        sources = {key: named_or_file(key) for key in RECIPES}
        nets = {key: source.net for key, source in sources.items()}
        rows = [(key, net.name, f"{net.connections:,}", f"{net.free_parameters:,}") for key, net in nets.items()]
        table = columns([("net", "", "connections", "free parameters"), *rows], left=2)
        result(as_json, {"nets": {key: _document(one) for key, one in sources.items()}}, table)
        return
    source = named_or_file(name)
    provenance = f"\n\nprovenance\n{_lines(source.provenance, source.history)}" if source.provenance else ""
    result(as_json, _document(source), f"{source.net}{provenance}")
