"""Make text from a file safe for a terminal, a title or another file."""


def printable(text: str) -> str:
    """Replace by "?" every character that a terminal would obey or cannot show; ends of lines stay.

    These are control characters, escape sequences, marks for the direction of writing, and lone surrogates.
    """
    return "".join(one if one.isprintable() or one == "\n" else "?" for one in text)


def one_line(text: str) -> str:
    """Make text safe in the same way, and put it on one line."""
    return printable(text.replace("\n", " "))
