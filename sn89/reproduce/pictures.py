"""The reader measured on pictures whose digits are known: worn pictures of test digits, and pictures of anybody's.

Both give the same counts. The digits of worn pictures are compared place by place, those of others by their order.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from pathlib import Path

from ..datasets.digits import Part
from ..datasets.mail import Envelope
from ..datasets.wear import KINDS, worn
from ..pictures import UNREADABLE
from ..reader import Reading, Written, read
from .mail import SEED, Nets, match
from .report import aligned, coarse_percent

Tally = Counter[str]


def count_worn(envelope: Envelope, reading: Reading) -> Tally:
    """The counts of a picture whose digits have known places."""
    pairs = match(envelope, reading)
    right = sum(reading.digits[j].label == envelope.digits[i].label for i, j in pairs.items())
    extra, whole = len(reading.digits) - len(pairs), set(envelope.strings) <= set(reading.strings)
    return _counts(len(envelope.digits), right, len(reading.digits), extra, whole)


def count_string(written: str, reading: Reading) -> Tally:
    """The counts of a picture whose digits are known by their order: right are those that can be aligned with it."""
    found = "".join(reading.strings)
    blocks = SequenceMatcher(None, written, found, autojunk=False).get_matching_blocks()
    right = sum(block.size for block in blocks)
    return _counts(len(written), right, len(found), max(0, len(found) - len(written)), found == written)


def _counts(digits: int, right: int, found: int, extra: int, whole: bool) -> Tally:
    """Strings read whole, digits right and too many, and whether no digit was found in the picture."""
    return Counter(pictures=1, whole=whole, digits=digits, right=right, extra=extra, nothing=not found)


Tallies = dict[tuple[str, str], Tally]


def measure_files(folder: Path, written: Iterable[Written], nets: Nets) -> tuple[Tallies, list[str]]:
    """Read pictures whose digits are known: the counts by folder and net, and a sentence for each unreadable picture.

    The pictures are in `folder`, or in folders below it, and those of one folder are counted together. `written` has
    the digits of each, as `sn89.reader.read_truth` finds them.
    """
    tallies: Tallies = {}
    failed: list[str] = []
    for one in written:
        for title, (net, form) in nets.items():
            tally = tallies.setdefault((str(Path(one.picture).parent.relative_to(folder)), title), Counter())
            try:
                tally.update(count_string(one.text, read(one.picture, net, 0.0, form=form, region=one.region)))
            except UNREADABLE as error:
                failed.append(str(error) if one.picture in str(error) else f"{one.picture}: {error}")
    return tallies, failed


def measure_worn(part: Part, nets: Nets, count: int, kinds: Iterable[str] = KINDS, seed: int = SEED) -> Tallies:
    """Read `count` worn pictures of each kind, made of these digits; the counts by kind and net."""
    tallies: Tallies = {}
    for kind in kinds:
        for envelope in worn(part, kind, count, seed=seed):
            for title, (net, form) in nets.items():
                tally = tallies.setdefault((kind, title), Counter())
                tally.update(count_worn(envelope, read(envelope.image, net, 0.0, form=form)))
    return tallies


def table(tallies: Mapping[tuple[str, str], Tally]) -> str:
    """The counts as a table in Markdown."""
    rows = [["", "recogniser", "pictures", "strings whole", "digits", "right", "too many", "nothing found"]]
    for (kind, title), one in tallies.items():
        whole = coarse_percent(one["whole"] / max(1, one["pictures"]))
        right = coarse_percent(one["right"] / max(1, one["digits"]))
        counts = (one["pictures"], whole, one["digits"], right, one["extra"], one["nothing"])
        rows.append([kind, title, *map(str, counts)])
    return aligned(rows)
