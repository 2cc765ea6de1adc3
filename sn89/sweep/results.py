"""The results of a sweep: its runs, and their means."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..printable import columns
from ..statistics import half_interval

Record = dict[str, Any]
ROWS = 100  # printed at most
HALF = " ±"


@dataclass(frozen=True, eq=False, repr=False)
class Results(Sequence[Record]):
    """The runs of a sweep, in the order of the choices, and of the seeds for each choice.

    Each run is a dictionary with the content of its line in the file: the choices, "seed", the results, "seconds",
    "sn89" and "sweep". A failed run has "failure", the kind of the error, and "message" instead of results. The results
    of a recipe are "train_error" and "test_error" (shares, 0 to 1), "train_cost" and "test_cost" (means over the
    patterns), and "parameters", the beginning of the SHA-256 of all parameters.

    Attributes
    ----------
    names : tuple of str
        Names of the choices.
    records : list of dict
        The runs, which indexing and iteration give too.
    shares : tuple of str
        Results that are printed in percent.
    """

    names: tuple[str, ...]
    records: list[Record]
    shares: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, which: Any) -> Any:
        return self.records[which]

    @property
    def failed(self) -> list[Record]:
        """The failed runs."""
        return [record for record in self.records if "failure" in record]

    def mean(self, by: str | Iterable[str] | None = None) -> list[Record]:
        """Means over the seeds, and over all choices that are not in `by`.

        Parameters
        ----------
        by : str or iterable of str, optional
            Names of choices; runs with the same values of these form one row. All choices by default.

        Returns
        -------
        list of dict
            For each row the choices, "runs" and "failed" (counts), the mean of each numeric result over the runs that
            did not fail, and under its name with " ±" half the width of the 95 % interval by Student's t, NaN for a
            single run.
        """
        by = self.names if by is None else (by,) if isinstance(by, str) else tuple(by)
        if unknown := [name for name in by if name not in self.names]:
            raise ValueError(f"there is no choice {unknown[0]!r}; there is {', '.join(self.names) or 'none'}")
        groups: dict[str, list[Record]] = {}
        for record in self.records:
            groups.setdefault(json.dumps([record[name] for name in by]), []).append(record)
        return [{name: rows[0][name] for name in by} | _mean(rows, self.names) for rows in groups.values()]

    def __str__(self) -> str:
        rows = self.mean()
        lines = _table([self._cells(row) for row in rows[:ROWS]])
        if len(rows) > ROWS:
            lines.append(f"... and {len(rows) - ROWS:,} more")
        kinds = sorted({f"{record['failure']}: {record['message']}" for record in self.failed})
        return "\n".join([*lines, *(f"failed: {kind:.200}" for kind in kinds[:5])])

    __repr__ = __str__

    def _cells(self, row: Record) -> dict[str, str]:
        """The cells of a row: mean and half interval are in one."""
        cells = {}
        for name, value in row.items():
            if name.endswith(HALF) or (name == "failed" and not self.failed):
                continue
            in_percent, half = name in self.shares, row.get(name + HALF, math.nan)
            number = f"{value:.4g}" if isinstance(value, float) else str(value)
            cells[name] = f"{100 * value:.2f} %" if in_percent else number
            if not math.isnan(half):
                cells[name] += f" ± {100 * half:.2f} %" if in_percent else f" ± {half:.2g}"
        return cells

    def _in_words(self, row: Record) -> str:
        """A row of `mean` as one line of text."""
        return ", ".join(f"{name} {cell}" for name, cell in self._cells(row).items())


def _mean(rows: list[Record], chosen: tuple[str, ...]) -> Record:
    good = [row for row in rows if "failure" not in row]
    made: Record = {"runs": len(rows), "failed": len(rows) - len(good)}
    names = dict.fromkeys(name for row in good for name in row if name not in (*chosen, "seed"))
    for name in names:
        values = [row[name] for row in good if is_number(row.get(name))]
        if values:
            made |= {name: float(np.mean(values)), name + HALF: half_interval(values)}
    return made


def is_number(value: object) -> bool:
    """Whether a mean can be taken of such values."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _table(rows: list[dict[str, str]]) -> list[str]:
    """A table of cells by name, without pandas, which a plain installation lacks; a cell that a row lacks is empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([row.get(name, "") for name in names] for row in rows)]
    return columns(cells, len(names), gap="   ").split("\n")
