"""What a reproduction prints: the paper's figures beside ours, as Markdown to read and as values to compute with."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..atomic import write_together
from ..statistics import half_interval

Form = Callable[[float], str]


def percent(share: float) -> str:
    """A share from 0 to 1."""
    return f"{100 * share:.2f} %"


def coarse_percent(share: float) -> str:
    """A share from 0 to 1 of which hundredths mean little."""
    return f"{100 * share:.1f} %"


def small(value: float) -> str:
    """A mean squared error."""
    return f"{value:.2e}".replace("e-0", "e-")


def plain(value: float) -> str:
    """A threshold or a count."""
    return f"{value:.3g}"


def seconds(value: float) -> str:
    """A time."""
    return f"{value:.1f} s" if value < 100 else f"{value / 60:.1f} min"


@dataclass(frozen=True)
class Row:
    """One line of a table: what is measured, the paper's figure, and ours for every seed."""

    name: str
    paper: str
    values: tuple[float, ...]
    form: Form = percent
    at_most: float | None = None

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return sum(self.values) / len(self.values)

    @property
    def reached(self) -> int:
        """How many seeds are at the paper's figure or below, 0 if it is not known in numbers."""
        return 0 if self.at_most is None else sum(value <= self.at_most for value in self.values)

    def cells(self) -> list[str]:
        """What, paper, our mean with its 95 % confidence interval, our range, how many seeds reach the paper."""
        reached = "" if self.at_most is None else f"{self.reached} of {len(self.values)}"
        if len(set(self.values)) == 1:
            return [self.name, self.paper, self.form(self.values[0]), "", reached]
        mean = f"{self.form(self.mean)} ± {self.form(half_interval(self.values))}"
        span = f"{self.form(min(self.values))} to {self.form(max(self.values))}"
        return [self.name, self.paper, mean, span, reached]


@dataclass
class Table:
    """The paper beside ours. Words that are no measurement go to `notes`."""

    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    paper: str = "paper"

    def add(
        self,
        name: str,
        paper: str,
        values: Sequence[float | None],
        form: Form = percent,
        at_most: float | None = None,
    ) -> None:
        """One more line; a ValueError if a value is missing, as errors are of nets with a single output.

        With the paper's figure as a number, `at_most`, there is a column that counts the seeds at it or below.
        """
        there = [float(value) for value in values if value is not None]
        if len(there) < len(values):
            raise ValueError(f"{name}: {len(values) - len(there)} of {len(values)} values are missing")
        self.rows.append(Row(name, paper, tuple(there), form, at_most))

    def markdown(self) -> str:
        """A heading, the table, the notes."""
        several = any(len(row.values) > 1 for row in self.rows)
        middle = ["here: mean ± 95 %", "range over seeds"] if several else ["here", ""]
        head = ["", self.paper, *middle, f"at or below {self.paper}"]
        cells = [head, *(row.cells() for row in self.rows)]
        used = [i for i in range(len(head)) if i == 0 or any(row[i] for row in cells[1:])]
        return "\n".join([f"## {self.title}", "", *_lines([[row[i] for i in used] for row in cells]), *self._notes()])

    def _notes(self) -> list[str]:
        return ["", *(f"- {note}" for note in self.notes)] if self.notes else []

    def plain(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        names = ("name", "paper", "values", "mean", "at_most")
        rows = [{name: getattr(row, name) for name in names} for row in self.rows]
        return {"title": self.title, "rows": rows, "notes": self.notes}


def _lines(rows: list[list[str]]) -> list[str]:
    """A Markdown table whose columns stand under each other."""
    widths = [max(3, *map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


@dataclass
class Report:
    """All tables of a reproduction.

    Attributes
    ----------
    name, title : str
        Of what is reproduced, and the paper's.
    tables : list of Table
    text : list of str
        Paragraphs before the tables.
    seconds : float
        Wall time of all.
    """

    name: str
    title: str
    tables: list[Table] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def markdown(self) -> str:
        """The whole report."""
        parts = [f"# {self.title}", *self.text, *(table.markdown() for table in self.tables)]
        return "\n\n".join([*parts, f"All in all {seconds(self.seconds)}.\n"])

    def plain(self) -> dict[str, Any]:
        """The whole report as plain values."""
        tables = [table.plain() for table in self.tables]
        return {"name": self.name, "title": self.title, "text": self.text, "tables": tables, "seconds": self.seconds}

    def write(self, folder: Path) -> None:
        """Write ``<name>.md`` and ``<name>.json``, both whole or not at all.

        Parameters
        ----------
        folder : pathlib.Path
            Made if it is not there.
        """
        folder.mkdir(parents=True, exist_ok=True)
        texts = {".md": self.markdown(), ".json": json.dumps(self.plain(), indent=1) + "\n"}
        write_together({folder / (self.name + suffix): text.encode() for suffix, text in texts.items()})
