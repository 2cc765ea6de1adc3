"""The reader on a bench of pictures: digits found and misread, codes read and rejected, time, by difficulty.

Pictures are of test digits, which neither the nets nor the reader's constants have seen; beside them stands what the
same net makes of the same digits given already segmented. Thresholds of rejection are found on pictures of training
digits of MNIST that no net has learned from.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .. import datasets
from ..atomic import write_together
from ..datasets.digits import Part
from ..datasets.files import Folder
from ..datasets.mail import SETTINGS, Envelope, mail
from ..ink import find_ink
from ..net import Net
from ..pictures import load
from ..reader import Form, Reading, read
from ..reader.layout import FULL, lines_of
from ..reader.pieces import SMALLEST, find_pieces
from ..reader.practice import overlap
from ..reader.recognisers import FROM_MNIST, KINDS, RECOGNISERS, normalised

Array = np.ndarray

FOUND = 0.5  # overlap of boxes, at least, for a digit to be found
ERROR = 0.01  # what may be wrong of the codes that are accepted
SEED = 2007
HELD_OUT_SEED = 7291
PICTURES = {"USPS": 280, "MNIST": 700}  # of about 7 digits: each of USPS's test digits about once, half of MNIST's
HELD_OUT = 300  # pictures


@dataclass
class Count:
    """What was read in some pictures, and what the net makes of their digits given one by one."""

    digits: int = 0
    found: int = 0
    extra: int = 0
    wrong: int = 0
    segmented_wrong: int = 0
    seconds: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)
    codes: list[tuple[float, bool]] = field(default_factory=list)  # confidence, and whether it is wrong
    segmented_codes: list[tuple[float, bool]] = field(default_factory=list)
    failures: list[tuple[Envelope, Reading]] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The counts, and what follows of them."""
        lists = ("codes", "segmented_codes", "failures")
        told: dict[str, Any] = {key: value for key, value in vars(self).items() if key not in lists}
        for name, codes in (("codes", self.codes), ("segmented_codes", self.segmented_codes)):
            told[name] = {"count": len(codes), "wrong": sum(wrong for _, wrong in codes)}
            told[name]["rejected"], told[name]["threshold"] = rejected_codes(codes)
        return told


def match(envelope: Envelope, reading: Reading) -> dict[int, int]:
    """Which digit of the reading is at the place of which of the truth; the best overlaps first."""
    pairs = sorted(
        (
            (overlap(truth.box, digit.box), i, j)
            for i, truth in enumerate(envelope.digits)
            for j, digit in enumerate(reading.digits)
        ),
        reverse=True,
    )
    found: dict[int, int] = {}
    for share, i, j in pairs:
        if share >= FOUND and i not in found and j not in found.values():
            found[i] = j
    return found


def measure(envelopes: Iterable[Envelope], net: Net, form: Form, part: Part) -> Count:
    """Read pictures of the digits of `part` and compare with their truth."""
    count = Count()
    for envelope in envelopes:
        started = time.process_time()
        reading = read(envelope.image, net, form=form)
        count.seconds += time.process_time() - started
        for step, seconds in reading.seconds.items():
            count.steps[step] = count.steps.get(step, 0.0) + seconds
        _count_digits(count, envelope, reading)
        count.codes.append(code_of(envelope, reading))
        _count_segmented(count, envelope, net, form, part)
        if reading.strings != envelope.strings:
            count.failures.append((envelope, reading))
    return count


def _count_digits(count: Count, envelope: Envelope, reading: Reading) -> None:
    found = match(envelope, reading)
    count.digits += len(envelope.digits)
    count.found += len(found)
    count.extra += len(reading.digits) - len(found)
    count.wrong += sum(reading.digits[j].label != envelope.digits[i].label for i, j in found.items())


def code_of(envelope: Envelope, reading: Reading) -> tuple[float, bool]:
    """The five-digit code of a picture: how sure its doubtful digit is, and whether the code is wrong.

    A reading that does not have the form of a code, a field of five digits and perhaps one of four, is rejected: its
    confidence is minus infinity.
    """
    strings = reading.strings
    if [len(one) for one in strings] not in ([5], [5, 4]):
        return -np.inf, True
    return min(reading.digits[i].confidence for i in reading.fields[0]), strings[0] != envelope.strings[0]


def _count_segmented(count: Count, envelope: Envelope, net: Net, form: Form, part: Part) -> None:
    images = normalised(part[0][[digit.index for digit in envelope.digits]], form)
    scores = net.cost.scores(net(images))
    wrong = scores.argmax(axis=1) != [digit.label for digit in envelope.digits]
    top = np.sort(scores, axis=1).astype(float)
    count.segmented_wrong += int(wrong.sum())
    count.segmented_codes.append((float((top[:, -1] - top[:, -2])[:5].min()), bool(wrong[:5].any())))


def rejected_codes(codes: list[tuple[float, bool]], error: float = ERROR) -> tuple[float, float]:
    """The share of codes to reject for at most so many errors among the rest, and the threshold; found on these."""
    best = len(codes), np.inf
    ordered = sorted(codes, reverse=True)
    wrong = 0
    for i, (confidence, is_wrong) in enumerate(ordered):
        wrong += is_wrong
        last = i + 1 == len(ordered) or ordered[i + 1][0] < confidence  # equals go together
        if confidence > -np.inf and last and wrong <= error * (i + 1):
            best = len(codes) - i - 1, float(np.nextafter(confidence, -np.inf))
    return best[0] / len(codes), best[1]


def at_threshold(codes: list[tuple[float, bool]], threshold: float) -> tuple[float, float]:
    """The share of codes that a threshold rejects, and the share of errors among the rest."""
    accepted = [wrong for confidence, wrong in codes if confidence > threshold]
    return 1 - len(accepted) / len(codes), sum(accepted) / max(1, len(accepted))


# ---- What is no digit ---------------------------------------------------------------------------------------------

PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "coffee", "coins", "brick", "grass", "gravel", "rocket", "moon")


def passing(net: Net, form: Form, data: Folder | None = None, count: int = 1000) -> dict[str, float]:
    """What passes for a digit at the confidence at which 5 % of true digits are rejected, by kind; shares from 0 to 1.

    True digits are test digits of USPS and of MNIST, half of each. Letters are in typefaces that no recogniser has
    learned from, and photographs, those that come with scikit-image, are cut to pieces by the reader.

    Parameters
    ----------
    net : Net
    form : Form
        What digits look like to it.
    data : path, optional
        The only folder to look for the digits in.
    count : int
        How many of each kind there are at most.
    """
    usps, mnist = datasets.usps(data).test, datasets.mnist(28, data).test
    digits = np.concatenate([normalised(one[0][: 2 * count], form) for one in (usps, mnist)])
    least = float(np.quantile(net.confident(digits), 0.05))
    kinds = {
        kind: normalised(datasets.nondigits(usps, count, seed=SEED, kinds=[kind], held_out=True), form)
        for kind in sorted(set(KINDS))
    }
    kinds["photographs"] = _photographed(form)[:count]
    return {kind: float((net.confident(images) >= least).mean()) for kind, images in kinds.items()}


def _photographed(form: Form) -> Array:
    """Pieces of photographs, their quarters and their ninths that are as large as digits, as the reader sees them."""
    import skimage.data

    images = []
    for name in PHOTOGRAPHS:
        grey = load(getattr(skimage.data, name)())
        for parts in (1, 2, 3):
            for rows in np.array_split(grey, parts):
                for part in np.array_split(rows, parts, axis=1):
                    images += _pieces_of(part, form)
    return np.stack(images)


def _pieces_of(grey: Array, form: Form) -> list[Array]:
    inked = find_ink(grey)
    if inked is None:
        return []
    lines = lines_of(find_pieces(inked.mask))
    large = [one for line in lines for one in line.pieces if one.height >= max(SMALLEST, FULL * line.height)]
    return [form(one.mask * inked.strength[one.top : one.bottom, one.left : one.right]) for one in large]


# ---- The bench ----------------------------------------------------------------------------------------------------

Nets = Mapping[str, tuple[Net, Form]]
Parts = dict[str, Part]


@dataclass
class Bench:
    """All counts by setting, digits and recogniser; those of held-out training digits by setting and recogniser."""

    counts: dict[tuple[str, str, str], Count]
    held_out: dict[tuple[str, str], Count]

    def markdown(self) -> str:
        """Three tables."""
        return "\n\n".join(["\n".join(_lines(table)) for table in (self._digits(), self._codes(), self._time())]) + "\n"

    def _digits(self) -> list[list[str]]:
        rows = [["", "digits", "recogniser", "found", "extra", "misread, of those found", "given segmented"]]
        for (setting, name, net), one in self.counts.items():
            shares = one.found / one.digits, one.extra / one.digits, one.wrong / max(1, one.found)
            rows.append([setting, name, _title(net), *map(percent, (*shares, one.segmented_wrong / one.digits))])
        return rows

    def _codes(self) -> list[list[str]]:
        rows = [["", "digits", "recogniser", "five-digit codes wrong or not found"]]
        rows[0] += ["rejected for 1 % error", "given segmented", "threshold from training digits: rejected", "error"]
        for (setting, name, net), one in self.counts.items():
            wrong = sum(wrong for _, wrong in one.codes) / len(one.codes)
            threshold = rejected_codes(self.held_out[setting, net].codes)[1]
            shares = [rejected_codes(codes)[0] for codes in (one.codes, one.segmented_codes)]
            rows.append(
                [setting, name, _title(net), *map(percent, (wrong, *shares, *at_threshold(one.codes, threshold)))]
            )
        return rows

    def _time(self) -> list[list[str]]:
        steps = list(next(iter(self.counts.values())).steps)
        rows = [["", "recogniser", "digits a second", "without image work", *(f"{step}, µs a digit" for step in steps)]]
        for setting, net in self.held_out:
            mine = [one for (a, _, c), one in self.counts.items() if (a, c) == (setting, net)]
            found, seconds = sum(one.found + one.extra for one in mine), sum(one.seconds for one in mine)
            wall = {step: sum(one.steps.get(step, 0.0) for one in mine) for step in steps}
            share = seconds / sum(wall.values())  # the clock of the processor, where others work on it too
            net_only = found / (share * (wall["normalisation"] + wall["classification"]))
            split = [f"{1e6 * share * wall[step] / found:.0f}" for step in steps]
            rows.append([setting, _title(net), f"{found / seconds:,.0f}", f"{net_only:,.0f}", *split])
        return rows

    def plain(self) -> dict[str, Any]:
        """All counts as plain values."""
        return {
            "counts": {" ".join(key): one.plain() for key, one in self.counts.items()},
            "held_out": {" ".join(key): one.plain() for key, one in self.held_out.items()},
        }

    def write(self, folder: Path) -> None:
        """Write ``mail.md`` and ``mail.json``, both or none."""
        folder.mkdir(parents=True, exist_ok=True)
        told = json.dumps(self.plain(), indent=1).replace("-Infinity", "null").replace("Infinity", "null")
        contents = {folder / "mail.md": self.markdown(), folder / "mail.json": told + "\n"}
        write_together({path: text.encode() for path, text in contents.items()})


def percent(share: float) -> str:
    """A share from 0 to 1."""
    return f"{100 * share:.1f} %"


def _title(name: str) -> str:
    return RECOGNISERS[name].title if name in RECOGNISERS else name


def _lines(rows: list[list[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (rows[0], ["---"] * len(rows[0]), *rows[1:])]


def bench(
    nets: Nets,
    data: Folder | None = None,
    pictures: Mapping[str, int] = PICTURES,
    held_out: int = HELD_OUT,
    tell: Callable[[str], None] = lambda words: None,
) -> Bench:
    """Read pictures of test digits of every setting with every net.

    Parameters
    ----------
    nets : mapping of str to (Net, Form)
        By name.
    data : path, optional
        The only folder to look for the digits in.
    pictures : mapping of str to int
        How many of digits of "USPS" and of "MNIST".
    held_out : int
        How many of held-out training digits, for thresholds.
    tell : callable
        Is told what is being done.
    """
    usps, mnist = datasets.usps(data), datasets.mnist(28, data)
    tests = {"USPS": usps.test, "MNIST": mnist.test}
    rest = mnist.train[0][FROM_MNIST:], mnist.train[1][FROM_MNIST:]
    found = Bench({}, {})
    for setting in SETTINGS:
        for name, part, count, seed in _sets(tests, rest, pictures, held_out):
            tell(f"{setting}: {count} pictures of digits of {name or 'the training set'}")
            envelopes = list(mail(part, count, setting, seed=seed))
            for title, (net, form) in nets.items():
                counted = measure(envelopes, net, form, part)
                if name is None:
                    found.held_out[setting, title] = counted
                else:
                    found.counts[setting, name, title] = counted
    return found


def _sets(
    tests: Parts, rest: Part, pictures: Mapping[str, int], held_out: int
) -> Iterator[tuple[str | None, Part, int, int]]:
    for name, part in tests.items():
        yield name, part, pictures[name], SEED
    yield None, rest, held_out, HELD_OUT_SEED
