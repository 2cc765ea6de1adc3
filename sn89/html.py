"""Nets, layers, measurements and histories as tables in HTML, for notebooks."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from itertools import chain

from .history import History
from .measure import Measurement
from .net import Net
from .netlayer import NetLayer
from .plots.figures import new_figure
from .plots.learning import plot_history
from .table import HEAD, WORDS, rows

# Colours are the notebook's own, in light and dark.
_TABLE = "border-collapse: collapse; font-variant-numeric: tabular-nums; background: transparent; color: inherit"
_CAPTION = "caption-side: top; text-align: left; font-weight: bold; padding: 0.2em 0; color: inherit"
_CELL = "padding: 0.15em 0.8em 0.15em 0; border: 0; background: transparent; color: inherit; white-space: nowrap"
_LINE = "; border-{}: 1px solid currentColor"

_SHOWN = 12  # passes; of more, the first and the last ones
_COLUMNS = ("wrong", "error", "cost", "half MSE")


def net_html(net: Net) -> str:
    """The net's table, as print shows it."""
    *layers, totals = rows(list(net))
    return _table(net.name, HEAD, layers, totals, words=WORDS)


def layer_html(layer: NetLayer) -> str:
    """The layer's line of that table."""
    return _table(layer.name, HEAD, rows([layer])[:1], words=WORDS)


def measurement_html(one: Measurement) -> str:
    """A measurement of one set of patterns, in a line."""
    return _table("", ("patterns", *_COLUMNS), [(f"{one.patterns:,}", *_cells(one))])


def history_html(history: History) -> str:
    """A line for each pass, and the learning curves if errors were measured."""
    sets = [name for name in ("train", "held_out", "test") if getattr(history, name)]
    columns = [f"{name.replace('_', ' ')}: {column}" for name in sets for column in _COLUMNS]
    lines: list[tuple[str, ...]] = []
    for one in history.passes:
        measured = chain(*(_cells(getattr(one, name)) for name in sets))
        lines.append((str(one.number), f"{one.seconds:.2f}", f"{one.cost:.3e}", *measured))
    if len(lines) > _SHOWN:
        lines[_SHOWN // 2 : -_SHOWN // 2] = [("…",) * len(lines[0])]
    table = _table(str(history.rule), ("pass", "seconds", "cost while learning", *columns), lines)
    return f"{table}\n{_curves(history)}"


def _curves(history: History) -> str:
    """The learning curves as a picture in the page, or nothing where no errors were measured."""
    if not history.train or history.train[0].error is None:
        return ""
    picture = plot_history(history, figure=new_figure(7, 2.8))
    content = b64encode(picture._content("png")).decode()
    return f'<img alt="errors and cost, pass by pass" src="data:image/png;base64,{content}">'


def _cells(one: Measurement | None) -> tuple[str, ...]:
    """The numbers of a measurement, as text; a dash where there is none."""
    if one is None:
        return ("-",) * len(_COLUMNS)
    wrong = "-" if one.wrong is None else f"{one.wrong:,}"
    error = "-" if one.error is None else f"{100 * one.error:.2f} %"
    return wrong, error, f"{one.cost:.3e}", "-" if one.half_mse is None else f"{one.half_mse:.2e}"


def _table(
    caption: str, head: Sequence[str], lines: Sequence[Sequence[str]], foot: Sequence[str] = (), words: int = 0
) -> str:
    """A table in the colours of the page, whose first columns are words."""
    parts = [
        f'<caption style="{_CAPTION}">{escape(caption)}</caption>' if caption else "",
        f"<thead>{_line(head, words, 'th', _LINE.format('bottom'))}</thead>",
        "<tbody>",
        *[_line(cells, words) for cells in lines],
        "</tbody>",
        f"<tfoot>{_line(foot, words, 'td', _LINE.format('top'))}</tfoot>" if foot else "",
    ]
    return "\n".join([f'<table style="{_TABLE}">', *filter(None, parts), "</table>"])


def _line(cells: Sequence[str], words: int, tag: str = "td", more: str = "") -> str:
    """One line: words to the left, numbers to the right."""
    sides = ("left" if i < words else "right" for i in range(len(cells)))
    found = (
        f'<{tag} style="{_CELL}; text-align: {side}{more}">{escape(cell)}</{tag}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(found)}</tr>"
