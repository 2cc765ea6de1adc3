"""The reader on pictures whose truth is known: worn ones made of test digits, and any that somebody has.

Both give the same counts: a worn picture's digits are compared place by place, others by their order.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from ..datasets.digits import Part
from ..datasets.mail import Envelope
from ..datasets.wear import KINDS, worn
from ..net import Net
from ..pictures import UNREADABLE
from ..reader import Form, Reading, read
from .mail import SEED, match, percent

LINES = 100_000  # of a file of truths


@dataclass
class Tally:
    """What was read in some pictures: strings that are whole, digits right or too many, pictures without a digit."""

    pictures: int = 0
    whole: int = 0
    digits: int = 0
    right: int = 0
    extra: int = 0
    nothing: int = 0

    def add_worn(self, envelope: Envelope, reading: Reading) -> None:
        """Count a picture whose digits have places: those at them are compared, and its strings with those read."""
        pairs = match(envelope, reading)
        right = sum(reading.digits[j].label == envelope.digits[i].label for i, j in pairs.items())
        whole = set(envelope.strings) <= set(reading.strings)
        self._add(len(envelope.digits), right, len(reading.digits), len(reading.digits) - len(pairs), whole)

    def add_string(self, written: str, reading: Reading) -> None:
        """Count a picture of which it is known what is written: digits that can be aligned with it, in order."""
        found = "".join(reading.strings)
        blocks = SequenceMatcher(None, written, found, autojunk=False).get_matching_blocks()
        extra = max(0, len(found) - len(written))
        self._add(len(written), sum(block.size for block in blocks), len(found), extra, found == written)

    def _add(self, digits: int, right: int, found: int, extra: int, whole: bool) -> None:
        self.pictures += 1
        self.whole += whole
        self.digits += digits
        self.right += right
        self.extra += extra
        self.nothing += not found


Nets = Mapping[str, tuple[Net, Form]]


def read_truth(path: Path) -> dict[str, str]:
    """What is written in pictures, by their names.

    Parameters
    ----------
    path : Path
        A file of lines "picture,digits", or with a tab between them.

    Returns
    -------
    dict of str to str

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If a line is of another kind.
    """
    found: dict[str, str] = {}
    with open(path, newline="", encoding="utf-8-sig") as file:
        first = file.readline()
        file.seek(0)
        for number, row in enumerate(csv.reader(file, delimiter="\t" if "\t" in first else ","), 1):
            if number > LINES:
                raise ValueError(f"{path}: has more than {LINES:,} lines")
            if not row or row == [""]:
                continue
            if len(row) != 2 or not (row[1].isascii() and row[1].isdigit()):
                raise ValueError(
                    f"{path}, line {number}: must be a picture and the digits in it, not {','.join(row)!r}"
                )
            found[row[0]] = row[1]
    return found


def measure_files(folder: Path, truth: Mapping[str, str], nets: Nets) -> tuple[dict[tuple[str, str], Tally], list[str]]:
    """Read pictures of which it is known what is written.

    Parameters
    ----------
    folder : Path
        Where they are.
    truth : mapping of str to str
        What is written in each; their names begin at the folder. Those of a folder in it are counted together.
    nets : mapping of str to (Net, Form)
        By name.

    Returns
    -------
    (dict of (str, str) to Tally, list of str)
        By folder and net; and what could not be read, a sentence each.
    """
    tallies: dict[tuple[str, str], Tally] = {}
    failed: list[str] = []
    for name, written in truth.items():
        for title, (net, form) in nets.items():
            tally = tallies.setdefault((str(Path(name).parent), title), Tally())
            try:
                tally.add_string(written, read(folder / name, net, 0.0, form=form))
            except UNREADABLE as error:
                failed.append(f"{name}: {error}")
    return tallies, failed


def measure_worn(
    part: Part, nets: Nets, count: int, kinds: Iterable[str] = KINDS, seed: int = SEED
) -> dict[tuple[str, str], Tally]:
    """Read worn pictures of these digits, so many of each kind; by kind and net."""
    tallies: dict[tuple[str, str], Tally] = {}
    for kind in kinds:
        for envelope in worn(part, kind, count, seed=seed):
            for title, (net, form) in nets.items():
                tally = tallies.setdefault((kind, title), Tally())
                tally.add_worn(envelope, read(envelope.image, net, 0.0, form=form))
    return tallies


def table(tallies: Mapping[tuple[str, str], Tally]) -> str:
    """The counts as a table in Markdown."""
    rows = ["|  | recogniser | pictures | strings whole | digits | right | too many | nothing found |"]
    rows.append("| --- " * 8 + "|")
    for (kind, title), one in tallies.items():
        shares = percent(one.whole / max(1, one.pictures)), percent(one.right / max(1, one.digits))
        cells = kind, title, one.pictures, shares[0], one.digits, shares[1], one.extra, one.nothing
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(rows)
