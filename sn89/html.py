"""Nets, layers, measurements and histories as HTML, for notebooks: what print shows, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from .table import HEAD, WORDS, rows

if TYPE_CHECKING:
    from .history import History, Pass
    from .measure import Measurement
    from .net import Net
    from .netlayer import NetLayer

# Colours are the notebook's own, in light and dark: only opacity and the current colour are used.
_TABLE = "border-collapse: collapse; font-variant-numeric: tabular-nums; background: transparent; color: inherit"
_CAPTION = "caption-side: top; text-align: left; font-weight: bold; padding: 0.2em 0; color: inherit"
_CELL = "padding: 0.15em 0.8em 0.15em 0; border: 0; background: transparent; color: inherit; white-space: nowrap"
_LINE = "border-{}: 1px solid currentColor"


_SHOWN = 12  # passes; of more, the first and the last ones


def net_html(net: Net) -> str:
    """The net's table as HTML, legible on light and dark ground."""
    *layers, totals = rows(list(net))
    return _table(net.name, HEAD, layers, totals, words=WORDS)


def layer_html(layer: NetLayer) -> str:
    """The layer's line of that table."""
    return _table(layer.name, HEAD, rows([layer])[:1], words=WORDS)


def measurement_html(one: Measurement) -> str:
    """What a net does on one set of patterns, in a line."""
    return _table("", ("patterns", *_COLUMNS), [(f"{one.patterns:,}", *_cells(one))], words=0)


def history_html(history: History) -> str:
    """A line for each pass, and the learning curves if errors were measured."""
    passes = list(history.passes)
    sets = [name for name in ("train", "held_out", "test") if getattr(history, name)]
    columns = [f"{name.replace('_', ' ')}: {column}" for name in sets for column in _COLUMNS]
    if len(passes) > _SHOWN:
        passes = [*passes[: _SHOWN // 2], *passes[-_SHOWN // 2 :]]
    lines = [_pass_cells(one, sets) for one in passes]
    if len(history.passes) > _SHOWN:
        lines.insert(_SHOWN // 2, ("…",) * len(lines[0]))
    table = _table(str(history.rule), ("pass", "seconds", "cost while learning", *columns), lines, words=0)
    return f"{table}\n{_curves(history)}"


def _curves(history: History) -> str:
    """The learning curves as a picture in the page, or nothing where no errors were measured."""
    if not history.train or history.train[0].error is None:
        return ""
    from base64 import b64encode

    from .plots.figures import new_figure
    from .plots.learning import plot_history

    picture = plot_history(history, figure=new_figure(7, 2.8))
    content = b64encode(picture._content("png")).decode()
    return f'<img alt="errors and cost, pass by pass" src="data:image/png;base64,{content}">'


_COLUMNS = ("wrong", "error", "cost", "half MSE")


def _cells(one: Measurement) -> tuple[str, ...]:
    """The numbers of a measurement, as text."""
    wrong = "-" if one.wrong is None else f"{one.wrong:,}"
    error = "-" if one.error is None else f"{100 * one.error:.2f} %"
    return wrong, error, f"{one.cost:.3e}", "-" if one.half_mse is None else f"{one.half_mse:.2e}"


def _pass_cells(one: Pass, sets: list[str]) -> tuple[str, ...]:
    cells: tuple[str, ...] = (str(one.number), f"{one.seconds:.2f}", f"{one.cost:.3e}")
    for name in sets:
        measured = getattr(one, name)
        cells += _cells(measured) if measured else ("-",) * len(_COLUMNS)
    return cells


def _table(
    caption: str, head: Sequence[str], lines: Sequence[Sequence[str]], foot: Sequence[str] = (), words: int = 0
) -> str:
    """A table whose first columns are words, its colours those of the page."""
    return "\n".join(
        [
            f'<table style="{_TABLE}">',
            *([f'<caption style="{_CAPTION}">{escape(caption)}</caption>'] if caption else []),
            f"<thead>{_line(head, words, 'th', _LINE.format('bottom'))}</thead>",
            "<tbody>",
            *[_line(cells, words) for cells in lines],
            "</tbody>",
            *([f"<tfoot>{_line(foot, words, 'td', _LINE.format('top'))}</tfoot>"] if foot else []),
            "</table>",
        ]
    )


def _line(cells: Sequence[str], words: int, tag: str = "td", more: str = "") -> str:
    """One line: words to the left, numbers to the right."""
    found = []
    for i, cell in enumerate(cells):
        style = "; ".join(filter(None, [_CELL, f"text-align: {'left' if i < words else 'right'}", more]))
        found.append(f'<{tag} style="{style}">{escape(cell)}</{tag}>')
    return f"<tr>{''.join(found)}</tr>"
