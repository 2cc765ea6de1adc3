"""A net as HTML, for notebooks: the table that print(net) shows."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .table import HEAD, WORDS, rows

if TYPE_CHECKING:
    from .net import Net

# Colours are the notebook's own, in light and dark: only opacity and the current colour are used.
_TABLE = "border-collapse: collapse; font-variant-numeric: tabular-nums; background: transparent; color: inherit"
_CAPTION = "caption-side: top; text-align: left; font-weight: bold; padding: 0.2em 0; color: inherit"
_CELL = "padding: 0.15em 0.8em 0.15em 0; border: 0; background: transparent; color: inherit; white-space: nowrap"
_LINE = "border-{}: 1px solid currentColor"


def net_html(net: Net) -> str:
    """The net's table as HTML, legible on light and dark ground."""
    *layers, totals = rows(list(net))
    body = [_line(cells) for cells in layers]
    return "\n".join(
        [
            f'<table style="{_TABLE}">',
            f'<caption style="{_CAPTION}">{escape(net.name)}</caption>',
            f"<thead>{_line(HEAD, 'th', _LINE.format('bottom'))}</thead>",
            "<tbody>",
            *body,
            "</tbody>",
            f"<tfoot>{_line(totals, 'td', _LINE.format('top'))}</tfoot>",
            "</table>",
        ]
    )


def _line(cells: tuple[str, ...], tag: str = "td", more: str = "") -> str:
    """One line: words to the left, numbers to the right."""
    found = []
    for i, cell in enumerate(cells):
        style = "; ".join(filter(None, [_CELL, f"text-align: {'left' if i < WORDS else 'right'}", more]))
        found.append(f'<{tag} style="{style}">{escape(cell)}</{tag}>')
    return f"<tr>{''.join(found)}</tr>"
