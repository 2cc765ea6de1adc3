"""How many of something there are, in words."""

from __future__ import annotations


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its noun: 1 pass, 2 passes.

    Parameters
    ----------
    number : int
    one : str
        The noun for one.
    several : str
        The noun for several; by default the other with an s.

    Returns
    -------
    str
    """
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
