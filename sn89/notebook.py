"""Notebooks: whether this is one, and how progress is shown in it."""

import sys
from importlib.util import find_spec
from typing import Any, Self


def in_notebook() -> bool:
    """Whether this runs in the kernel of a notebook, which shows pictures: Jupyter, VS Code, Colab and the like."""
    found = sys.modules.get("IPython")
    shell = found.get_ipython() if found and hasattr(found, "get_ipython") else None
    return getattr(shell, "kernel", None) is not None


class _NoBar:
    """A bar that is not shown. It has none of tqdm's locks, which Ctrl-C may leave locked."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def update(self, n: float = 1) -> None:
        pass

    def set_postfix_str(self, s: str, refresh: bool = True) -> None:
        pass


def progress_bar(total: int | None, shown: bool | None, **options: Any) -> Any:
    """A progress bar of tqdm, with its options: a widget in a notebook that has widgets, else text.

    `total` is the number of steps; None if it is unknown, or the length of an ``iterable`` among the options. Without
    `shown` the bar is shown in a terminal or a notebook only.
    """
    if shown is False and "iterable" not in options:
        return _NoBar()
    notebook = in_notebook()
    if notebook and find_spec("ipywidgets"):
        from tqdm.notebook import tqdm as widget

        return widget(total=total, disable=shown is False, **options)
    from tqdm import tqdm  # tqdm.auto would warn of missing widgets

    disable = (None if not notebook else False) if shown is None else not shown  # None: tqdm looks for a terminal
    if sys.stderr is None:  # a program without a console, such as pythonw
        disable = True
    return tqdm(total=total, disable=disable, dynamic_ncols=not notebook, **options)
