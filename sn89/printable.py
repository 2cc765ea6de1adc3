"""Text: made safe for a terminal, a title or another file; and tables as text."""

from collections.abc import Sequence


def printable(text: str) -> str:
    """Replace by "?" every character that a terminal would obey or cannot show; ends of lines stay.

    These are control characters, escape sequences, marks for the direction of writing, and lone surrogates.
    """
    return "".join(one if one.isprintable() or one == "\n" else "?" for one in text)


def one_line(text: str) -> str:
    """Make text safe in the same way, and put it on one line."""
    return printable(text.replace("\n", " "))


def columns(rows: Sequence[Sequence[str]], left: int = 1, gap: str = "  ") -> str:
    """A table as text: the first `left` columns are aligned to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    sides = [str.ljust if i < left else str.rjust for i in range(len(widths))]
    cells = ([side(cell, width) for side, cell, width in zip(sides, row, widths, strict=True)] for row in rows)
    return "\n".join(gap.join(row).rstrip() for row in cells)
