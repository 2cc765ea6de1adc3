"""Names that a file may have written, before they reach a terminal, a title or another file."""

from __future__ import annotations


def printable(text: str) -> str:
    """Text with "?" for whatever a terminal would obey or cannot show: control characters and escape sequences, marks
    that turn the direction of writing, lone surrogates. Ends of lines stay.
    """
    return "".join(one if one.isprintable() or one == "\n" else "?" for one in text)


def one_line(text: str) -> str:
    """A name: the same, on one line."""
    return printable(text.replace("\n", " "))
