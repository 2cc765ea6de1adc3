"""``sn89 show``: what a net is made of, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ..facts import known_set, scale
from ..net import Net
from .options import columns, json_option, print_json, verb
from .sources import RECIPES, Source, named_or_file


def layers(net: Net) -> list[dict[str, Any]]:
    """What the table has, as values."""
    return [
        {
            "layer": layer.name,
            "kind": layer.kind,
            "shape": list(layer.shape),
            "units": layer.units,
            "connections": layer.connections,
            "free_parameters": layer.free_parameters,
        }
        for layer in net
    ]


def _rule(told: Any) -> str:
    """The rule as Python writes it."""
    if not isinstance(told, dict):
        return str(told)
    return f"{told.get('is')}({', '.join(f'{name}={value}' for name, value in told.items() if name != 'is')})"


def _errors(told: Any, kept: Any = None) -> str:
    """What the last pass measured, or the one that was kept, as far as it can be made out."""
    number = kept.get("pass") if isinstance(kept, dict) else None
    passes = told if isinstance(told, list) else []
    place = number - 1 if isinstance(number, int) and 0 < number <= len(passes) else -1
    last = passes[place] if passes else None
    found = []
    for part in ("train", "test"):
        one = last.get(part) if isinstance(last, dict) else None
        if isinstance(one, dict) and isinstance(one.get("error"), int | float):
            found.append(f"{part} {100 * one['error']:.2f} % ({one.get('wrong')} of {one.get('patterns')})")
    return ", ".join(found)


def _digits(told: Any) -> str:
    if not isinstance(told, dict):
        return str(told)
    count = f"{told['train']} + {told.get('test')}" if "train" in told else str(told.get("images"))
    levels = scale(told)
    levels_too = f", from {levels[0]:g} to {levels[1]:g}" if levels else ""
    return f"{told.get('name') or known_set(told) or 'of no set that is known'}, {count}{levels_too}"


FORMS: dict[str, Callable[[Any], str]] = {
    "digits": _digits,
    "rule": _rule,
    "seconds": lambda told: f"{told:.1f}" if isinstance(told, int | float) else str(told),
    "kept": lambda told: f"pass {told.get('pass')}, {told.get('why')}" if isinstance(told, dict) else str(told),
    "before": lambda told: "a former training",
}


def _told(provenance: dict[str, Any]) -> str:
    """A line for each entry, long ones in words; a file may hold anything, but a terminal is not to obey it."""
    names = {"history": "misclassified"}
    forms = FORMS | {"history": lambda told: _errors(told, provenance.get("kept"))}
    rows = [(f"  {names.get(name, name)}", forms.get(name, str)(value)) for name, value in provenance.items()]
    lines = (f"{name:<16.40}{words:.300}" for name, words in rows if words)
    return "\n".join("".join(one if one.isprintable() else "?" for one in line) for line in lines)


def _document(source: Source) -> dict[str, Any]:
    net = source.net
    counts = {name: getattr(net, name) for name in ("units", "connections", "free_parameters")}
    return {"net": net.name, **counts, "layers": layers(net), "provenance": source.provenance or None}


def _list() -> str:
    """The papers' nets."""
    rows = [("net", "", "connections", "free parameters")]
    for name, (recipe, _) in RECIPES.items():
        net = recipe.net()
        rows.append((name, net.name, f"{net.connections:,}", f"{net.free_parameters:,}"))
    return columns(rows, left=2)


@verb()
@click.argument("name", metavar="[NAME|FILE]", required=False)
@json_option
def show(name: str | None, as_json: bool) -> None:
    """Print a net's table, and where it comes from.

    sn89 show                        the papers' nets
    sn89 show lenet5
    sn89 show zip_code.safetensors
    """
    if name is None:
        if as_json:
            print_json({"nets": {key: _document(named_or_file(key)) for key in RECIPES}})
        else:
            click.echo(_list())
        return
    source = named_or_file(name)
    if as_json:
        print_json(_document(source))
        return
    click.echo(source.net)
    if source.provenance:
        click.echo(f"\nprovenance\n{_told(source.provenance)}")


VERBS = (show,)
