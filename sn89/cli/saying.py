"""Output: results on standard output, remarks on standard error, documents as JSON."""

from __future__ import annotations

import json
from typing import Any

import click

from ..printable import printable


def say(text: object, err: bool = False) -> None:
    """Print on standard output, without control characters that came from a file and would command the terminal."""
    click.echo(printable(str(text)), err=err)


def remark(text: str) -> None:
    """Print a line on standard error."""
    say(text, err=True)


def print_json(document: dict[str, Any]) -> None:
    """Print a JSON document on standard output."""
    text = json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False)
    click.echo("".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text))
