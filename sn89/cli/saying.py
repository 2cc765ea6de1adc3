"""Output: results on standard output, remarks on standard error, documents as JSON."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
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


def result(as_json: bool, document: dict[str, Any], words: object) -> None:
    """Print the result of a verb, as a JSON document or in words."""
    if as_json:
        print_json(document)
    else:
        say(words)


def suggestion(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the known one that is most like it, if there is one."""
    names = {one.lower(): one for one in known}
    found = get_close_matches(word.lower(), names, 1)
    return f"; did you mean {names[found[0]]}?" if found else ""
