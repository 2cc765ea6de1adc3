"""Docstrings that share an end, which is written once."""

from inspect import cleandoc


def with_end(docstring: str, end: str) -> str:
    """A docstring with more parameters, and sections, after its own parameters and before its examples."""
    text, heading, examples = cleandoc(docstring).partition("\n\nExamples\n")
    text += "" if "\n----------\n" in text else "\n\nParameters\n----------"
    return f"{text}\n{end}{heading}{examples}"
