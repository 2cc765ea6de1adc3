"""Numbers with their nouns."""


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its noun, `one` or `several` (by default `one` with an s): 1 pass, 2 passes."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
