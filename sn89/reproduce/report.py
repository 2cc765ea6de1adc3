"""A report of a reproduction: the paper's figures beside ours, as Markdown to read and as values to compute with."""

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
    """A share from 0 to 1 that is known to a tenth of a percent."""
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
    """One line of a table: a name, the paper's figure, and ours for every seed."""

    name: str
    paper: str
    values: tuple[float, ...]
    form: Form = percent
    at_most: float | None = None

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return sum(self.values) / len(self.values)

    def cells(self) -> list[str]:
        """Name, paper, our mean with its 95 % confidence interval, our range, how many seeds reach the paper."""
        count = ""
        if self.at_most is not None:
            count = f"{sum(value <= self.at_most for value in self.values)} of {len(self.values)}"
        if len(set(self.values)) == 1:
            return [self.name, self.paper, self.form(self.values[0]), "", count]
        mean = f"{self.form(self.mean)} ± {self.form(half_interval(self.values))}"
        span = f"{self.form(min(self.values))} to {self.form(max(self.values))}"
        return [self.name, self.paper, mean, span, count]


@dataclass
class Table:
    """The paper's figures beside ours; sentences that belong to them are in `notes`."""

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
        """Add a line. A value of None, such as the error of a net with a single output, raises a ValueError.

        `at_most` is the paper's figure as a number: a column then counts the seeds that are at it or below.
        """
        there = [float(value) for value in values if value is not None]
        if len(there) < len(values):
            raise ValueError(f"{name}: {len(values) - len(there)} of {len(values)} values are missing")
        self.rows.append(Row(name, paper, tuple(there), form, at_most))

    def add_errors(self, name: str, measured: Sequence[Any]) -> None:
        """Add two lines: the errors on the training and on the test set of things that have `train` and `test`."""
        for part in ("train", "test"):
            self.add(f"{name}: {part}", "", [(one := getattr(done, part)) and one.error for done in measured])

    def markdown(self) -> str:
        """A heading, the table, the notes."""
        several = any(len(row.values) > 1 for row in self.rows)
        middle = ["here: mean ± 95 %", "range over seeds"] if several else ["here", ""]
        head = ["", self.paper, *middle, f"at or below {self.paper}"]
        cells = [head, *(row.cells() for row in self.rows)]
        used = [i for i in range(len(head)) if i == 0 or any(row[i] for row in cells[1:])]
        notes = ["", *(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n".join([f"## {self.title}", "", aligned([[row[i] for i in used] for row in cells]), *notes])

    def plain(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        names = ("name", "paper", "values", "mean", "at_most")
        rows = [{name: getattr(row, name) for name in names} for row in self.rows]
        return {"title": self.title, "rows": rows, "notes": self.notes}


def aligned(rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table, its first row the head, whose columns stand under each other."""
    cells = [list(map(str, row)) for row in rows]
    widths = [max(3, *map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


@dataclass
class Report:
    """All tables of a reproduction.

    Attributes
    ----------
    name, title : str
        The name of the reproduction, and the title of the paper.
    tables : list of Table
    text : list of str
        Paragraphs before the tables.
    seconds : float
        Wall time of the whole reproduction.
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
        return {**vars(self), "tables": [table.plain() for table in self.tables]}

    def write(self, folder: Path) -> None:
        """Write ``<name>.md`` and ``<name>.json``, both whole or not at all. The folder is made if it is not there."""
        write(folder, self.name, self.markdown(), self.plain())


def write(folder: Path, name: str, markdown: str, values: dict[str, Any]) -> None:
    """Write a report as Markdown and as JSON, both whole or not at all. Infinity becomes null."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = json.dumps(values, indent=1).replace("-Infinity", "null").replace("Infinity", "null")
    texts = {".md": markdown, ".json": plain + "\n"}
    write_together({folder / (name + suffix): text.encode() for suffix, text in texts.items()})
