"""The file of a sweep: one JSON object a line, for each run that is over, from which a sweep goes on."""

from __future__ import annotations

import json
import os
from types import TracebackType
from typing import Any, BinaryIO

from ..atomic import check_regular, lock
from ..version import __version__

Record = dict[str, Any]


class Lines:
    """Runs that are over, in memory and, if there is a path, in a file: a line each, written at once.

    What did not end by itself, or with what cannot be written, is not over for whoever opens the file again.

    A line begins with the sweep's own mark, so that even one that was cut off can be told from another file's.

    Parameters
    ----------
    path : path or None
    sweep : str
        A digest of what is the same for all its runs.
    names : tuple of str
        Of what is chosen.
    """

    def __init__(self, path: str | os.PathLike[str] | None, sweep: str, names: tuple[str, ...]) -> None:
        self.path, self.sweep, self.names = path, sweep, names
        self.known: dict[str, Record] = {}
        self._file: BinaryIO | None = None

    def __enter__(self) -> Lines:
        """Open the file, read what is there, and mend it.

        Raises
        ------
        ValueError
            If the file is not of this sweep; it is as it was.
        BlockingIOError
            If another sweep is at work on it.
        OSError
            If it cannot be opened or read.
        """
        if self.path is not None:
            check_regular(self.path)
            self._file = open(self.path, "a+b")
            try:
                self._lock(self._file)
                self._read(self._file)
            except BaseException:
                self._file.close()
                raise
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file:
            self._file.close()

    def key(self, record: Record) -> str:
        """Which run of the sweep it is: its choices and its seed."""
        return json.dumps([*(record[name] for name in self.names), record["seed"]])

    def add(self, choices: Record, outcome: Record) -> None:
        """Keep a run that is over; it is with the operating system when this returns."""
        record = {"sweep": self.sweep, **choices, **outcome, "sn89": __version__}
        text = json.dumps(record, allow_nan=False)
        if self._file:
            self._file.write(text.encode() + b"\n")
            self._file.flush()
        self.known[self.key(record)] = json.loads(text)  # as it will be read

    def _lock(self, file: BinaryIO) -> None:
        if not lock(file):
            raise BlockingIOError(f"{self.path}: another sweep is at work on this file")

    def _read(self, file: BinaryIO) -> None:
        file.seek(0)
        whole = 0  # bytes of lines that are
        for number, line in enumerate(file, 1):
            if not line.strip():  # as an editor leaves it
                whole += len(line)
                continue
            if not line.endswith(b"\n"):
                self._check_rest(line, number)
                break
            record = self._record(line, number)
            self.known[self.key(record)] = record
            whole += len(line)
        file.truncate(whole)
        self.known = {key: record for key, record in self.known.items() if not record.get("again")}

    def _record(self, line: bytes, number: int) -> Record:
        """A line of this sweep."""
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict) or "sweep" not in record:
            raise ValueError(f"{self.path}: line {number} is not of a sweep; nothing is written to this file")
        if record.get("sn89") != __version__:
            made = f"line {number} was made by sn89 {record.get('sn89')}, and this is {__version__}"
            raise ValueError(f"{self.path}: {made}: {ELSEWHERE}")
        if record["sweep"] != self.sweep or not {*self.names, "seed", "seconds"} <= record.keys():
            raise ValueError(
                f"{self.path}: line {number} is of another sweep, with another recipe, other digits, "
                f"or other names of what is chosen: {ELSEWHERE}"
            )
        return record

    def _check_rest(self, rest: bytes, number: int) -> None:
        """What is left of a line that was cut off is thrown away, but only if it is ours."""
        begins = json.dumps({"sweep": self.sweep})[:-1].encode()
        if not rest.startswith(begins) and not begins.startswith(rest):
            raise ValueError(
                f"{self.path}: line {number} has no end and is not of this sweep; nothing is written to this file"
            )


ELSEWHERE = "write to another file"
