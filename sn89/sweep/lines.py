"""The file of a sweep: a line of JSON for each finished run, from which the sweep goes on."""

import json
from types import TracebackType
from typing import Any, BinaryIO, Self

from ..aliases import Place
from ..atomic import check_regular, lock
from ..version import __version__

Record = dict[str, Any]
ELSEWHERE = "the file is left as it is, write to another one"


class Lines:
    """The finished runs, in memory and, if there is a path, in a file: each is written at once as one line.

    A line with "again", of a run that was killed or whose result could not be written, does not count as finished when
    the file is opened again. A line begins with a digest of everything that the runs of the sweep share, so that even
    an incomplete line is known.
    """

    def __init__(self, path: Place | None, sweep: str, names: tuple[str, ...]) -> None:
        self.path, self.sweep, self.names = path, sweep, names  # the digest; names of the choices
        self.known: dict[str, Record] = {}
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Open the file, read its lines, and cut off an incomplete last line.

        A file of another sweep raises a ValueError and stays as it was; one that another sweep is writing to raises a
        BlockingIOError.
        """
        if self.path is not None:
            check_regular(self.path)
            self._file = open(self.path, "a+b")
            try:
                if not lock(self._file):
                    raise BlockingIOError(f"{self.path}: another sweep is at work on this file")
                self._read(self._file)
            except BaseException:
                self._file.close()
                raise
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file:
            self._file.close()

    def key(self, record: Record) -> str:
        """The key of a run: its choices and its seed."""
        return json.dumps([*(record[name] for name in self.names), record["seed"]])

    def add(self, choices: Record, outcome: Record) -> None:
        """Keep a finished run; the operating system has its line when this returns."""
        record = {"sweep": self.sweep, **choices, **outcome, "sn89": __version__}
        text = json.dumps(record, allow_nan=False)
        if self._file:
            self._file.write(text.encode() + b"\n")
            self._file.flush()
        self.known[self.key(record)] = json.loads(text)  # as it will be read

    def _read(self, file: BinaryIO) -> None:
        file.seek(0)
        whole = 0  # bytes of whole lines
        for number, line in enumerate(file, 1):
            if not line.strip():  # an editor may leave an empty line
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
        """The record of a line of this sweep."""
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict) or "sweep" not in record:
            raise ValueError(f"{self.path}: line {number} is not a line of a sweep; {ELSEWHERE}")
        if record.get("sn89") != __version__:
            made = f"line {number} was made by sn89 {record.get('sn89')}, and this is {__version__}"
            raise ValueError(f"{self.path}: {made}; {ELSEWHERE}")
        if record["sweep"] != self.sweep or not {*self.names, "seed", "seconds"} <= record.keys():
            other = "is of another sweep: the recipe, the digits or the names of the choices differ"
            raise ValueError(f"{self.path}: line {number} {other}; {ELSEWHERE}")
        return record

    def _check_rest(self, rest: bytes, number: int) -> None:
        """Refuse an incomplete last line that is not of this sweep; one of this sweep will be cut off."""
        begins = json.dumps({"sweep": self.sweep})[:-1].encode()
        if not rest.startswith(begins) and not begins.startswith(rest):
            raise ValueError(f"{self.path}: line {number} is incomplete and not of this sweep; {ELSEWHERE}")
