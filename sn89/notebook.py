"""What is different in a notebook: where it runs, and how progress is shown there."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any


def in_notebook() -> bool:
    """Whether this runs in the kernel of a notebook (Jupyter, VS Code, Colab and the like): it can show pictures."""
    found = sys.modules.get("IPython")
    shell = found.get_ipython() if found and hasattr(found, "get_ipython") else None
    return getattr(shell, "kernel", None) is not None


class _NoBar:
    """What is told of progress that nobody sees. It has none of tqdm's locks, which Ctrl-C may leave locked."""

    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def update(self, n: float = 1) -> None:
        """Nothing."""

    def set_postfix_str(self, s: str, refresh: bool = True) -> None:
        """Nothing."""


def progress_bar(total: int | None, shown: bool | None, **options: Any) -> Any:
    """A bar of tqdm's: a widget in a notebook that has widgets, else text.

    Parameters
    ----------
    total : int or None
        How much there is to do; None if that is not known, or said by the length of an ``iterable`` among the options.
    shown : bool or None
        Whether to show it; None, only where somebody sees it: in a terminal or a notebook.
    **options
        Of tqdm.
    """
    if shown is False and "iterable" not in options:
        return _NoBar()
    if in_notebook() and find_spec("ipywidgets"):
        from tqdm.notebook import tqdm as widget

        return widget(total=total, disable=shown is False, **options)
    from tqdm import tqdm  # which does not warn that there are no widgets, and nowhere asks for any

    disable = (None if not in_notebook() else False) if shown is None else not shown
    if sys.stderr is None:  # a program without a console, as of pythonw
        disable = True
    return tqdm(total=total, disable=disable, dynamic_ncols=not in_notebook(), **options)
