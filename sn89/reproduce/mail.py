"""The reader's benchmark on composed pictures: digits found and misread, codes read and rejected, time.

The pictures show test digits, which neither the nets nor the reader's constants have seen. Beside them stand the
results of the same net for the same digits given one by one. Thresholds of rejection are found on pictures of training
digits of MNIST that no net has learned from.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, product
from pathlib import Path
from typing import Any

import numpy as np

from .. import datasets
from ..aliases import Array
from ..datasets.digits import Part
from ..datasets.files import Folder
from ..datasets.mail import SETTINGS, Envelope, mail
from ..ink import find_ink
from ..measure import _Cuts
from ..net import Net
from ..pictures import load
from ..reader import Form, Reading, read
from ..reader.layout import FULL, Line, lines_of
from ..reader.pieces import SMALLEST, Piece, find_pieces
from ..reader.practice import overlap
from ..reader.recognisers import FROM_MNIST, KINDS, RECOGNISERS, normalised
from .report import aligned, write
from .report import coarse_percent as percent

FOUND = 0.5  # least overlap of boxes for a digit to count as found
ERROR = 0.01  # the share of accepted codes that may be wrong
SEED = 2007
HELD_OUT_SEED = 7291
PICTURES = {"USPS": 280, "MNIST": 700}  # of about 7 digits: each test digit of USPS about once, half of MNIST's
HELD_OUT = 300  # pictures


@dataclass
class Count:
    """Counts of some pictures, and of the same digits given to the net one by one."""

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
        """The counts as plain values; of the codes their number, errors and rejection."""
        counts = {key: value for key, value in vars(self).items() if key != "failures"}
        for name in ("codes", "segmented_codes"):
            (share, threshold), wrong = rejected_codes(counts[name]), sum(wrong for _, wrong in counts[name])
            counts[name] = {"count": len(counts[name]), "wrong": wrong, "rejected": share, "threshold": threshold}
        return counts


def match(envelope: Envelope, reading: Reading) -> dict[int, int]:
    """For each true digit that was found the number of the digit that was read there; the best overlaps first."""
    both = product(enumerate(envelope.digits), enumerate(reading.digits))
    pairs = ((overlap(truth.box, digit.box), i, j) for (i, truth), (j, digit) in both)
    found: dict[int, int] = {}
    for share, i, j in sorted(pairs, reverse=True):
        if share >= FOUND and i not in found and j not in found.values():
            found[i] = j
    return found


def measure(envelopes: Iterable[Envelope], net: Net, form: Form, part: Part) -> Count:
    """Read pictures of the digits of `part` and compare the readings with the truth."""
    count = Count()
    for envelope in envelopes:
        started = time.process_time()
        reading = read(envelope.image, net, form=form)
        count.seconds += time.process_time() - started
        for step, seconds in reading.seconds.items():
            count.steps[step] = count.steps.get(step, 0.0) + seconds
        found = match(envelope, reading)
        count.digits += len(envelope.digits)
        count.found += len(found)
        count.extra += len(reading.digits) - len(found)
        count.wrong += sum(reading.digits[j].label != envelope.digits[i].label for i, j in found.items())
        count.codes.append(code_of(envelope, reading))
        _count_segmented(count, envelope, net, form, part)
        if strings_of(reading) != envelope.strings:
            count.failures.append((envelope, reading))
    return count


def strings_of(reading: Reading) -> list[str]:
    """The string of each field, whatever is rejected: the thresholds of the tables are found here."""
    return ["".join(str(reading.digits[i].label) for i in one) for one in reading.fields]


def code_of(envelope: Envelope, reading: Reading) -> tuple[float, bool]:
    """The five-digit code of a picture: the confidence of its most doubtful digit, and whether the code is wrong.

    A reading that is not a field of five digits, perhaps with one of four, is rejected: its confidence is minus
    infinity.
    """
    strings = strings_of(reading)
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
    """The share of codes to reject for at most this error among the rest, and the threshold, found on these codes."""
    confidence, wrong = np.array(sorted(codes, reverse=True)).T
    accepted = _Cuts(confidence, wrong > 0, error).best(confidence > -np.inf)[1]
    threshold = np.nextafter(confidence[accepted - 1], -np.inf) if accepted else np.inf
    return (len(codes) - accepted) / len(codes), float(threshold)


def at_threshold(codes: list[tuple[float, bool]], threshold: float) -> tuple[float, float]:
    """The share of codes that a threshold rejects, and the error of the rest."""
    accepted = [wrong for confidence, wrong in codes if confidence > threshold]
    return 1 - len(accepted) / len(codes), sum(accepted) / max(1, len(accepted))


# ---- Pictures that show no digit ------------------------------------------------------------------------------------

PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "coffee", "coins", "brick", "grass", "gravel", "rocket", "moon")


def passing(net: Net, form: Form, data: Folder | None = None, count: int = 1000) -> dict[str, float]:
    """The share of pictures without a digit that pass for one, from 0 to 1, by kind.

    The least confidence that passes is the one at which 5 % of true digits are rejected. True digits are test digits of
    USPS and of MNIST, half of each. Letters are in typefaces that no recogniser has learned from. Photographs are those
    of scikit-image, cut to pieces by the reader. `count` is the largest number of pictures of each kind; digits are
    looked for in the folder `data` only, if it is given.
    """
    usps, mnist = datasets.usps(data).test, datasets.mnist(28, data).test
    digits = np.concatenate([normalised(one[0][: 2 * count], form) for one in (usps, mnist)])
    least = float(np.quantile(net.confident(digits), 0.05))
    kinds = {
        kind: normalised(datasets.nondigits(usps, count, seed=SEED, kinds=[kind], held_out=True), form)
        for kind in sorted(set(KINDS))
    }
    photographs, bars = _photographed(form)
    kinds |= {"photographs": photographs, "photographs, without bars": photographs[~bars]}
    return {kind: float((net.confident(images) >= least).mean()) for kind, images in kinds.items()}


def _photographed(form: Form) -> tuple[Array, Array]:
    """Pieces of photographs, of their quarters and of their ninths, that are as large as digits; and which are bars.

    A bar is more than twice as high as it is wide. It cannot be told from a 1, as the letters I and l cannot.
    """
    import skimage.data

    images, bars = [], []
    for name in PHOTOGRAPHS:
        grey = load(getattr(skimage.data, name)())
        for parts in (1, 2, 3):
            tiles = (np.array_split(rows, parts, axis=1) for rows in np.array_split(grey, parts))
            for inked in filter(None, map(find_ink, chain.from_iterable(tiles))):
                for one in _large(lines_of(find_pieces(inked.mask))):
                    images.append(form(one.ink(inked.strength)))
                    bars.append(one.height > 2 * one.width)
    return np.stack(images), np.array(bars)


def _large(lines: list[Line]) -> list[Piece]:
    return [one for line in lines for one in line.pieces if one.height >= max(SMALLEST, FULL * line.height)]


# ---- The bench ----------------------------------------------------------------------------------------------------

Nets = Mapping[str, tuple[Net, Form]]


@dataclass
class Bench:
    """Counts by setting, digits and recogniser; those of held-out training digits by setting and recogniser."""

    counts: dict[tuple[str, str, str], Count]
    held_out: dict[tuple[str, str], Count]

    def markdown(self) -> str:
        """Three tables."""
        return "\n\n".join(map(aligned, (self._digits(), self._codes(), self._time()))) + "\n"

    def _digits(self) -> list[list[str]]:
        rows = [["", "digits", "recogniser", "found", "extra", "misread, of those found", "given segmented"]]
        for (setting, name, net), one in self.counts.items():
            shares = one.found / one.digits, one.extra / one.digits, one.wrong / max(1, one.found)
            rows.append([setting, name, _title(net), *map(percent, (*shares, one.segmented_wrong / one.digits))])
        return rows

    def _codes(self) -> list[list[str]]:
        head = "|digits|recogniser|five-digit codes wrong or not found|rejected for 1 % error|given segmented"
        rows = [f"{head}|threshold from training digits: rejected|error".split("|")]
        for (setting, name, net), one in self.counts.items():
            wrong = sum(wrong for _, wrong in one.codes) / len(one.codes)
            threshold = rejected_codes(self.held_out[setting, net].codes)[1]
            shares = [rejected_codes(codes)[0] for codes in (one.codes, one.segmented_codes)]
            shares = [wrong, *shares, *at_threshold(one.codes, threshold)]
            rows.append([setting, name, _title(net), *map(percent, shares)])
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
        write(folder, "mail", self.markdown(), self.plain())


def _title(name: str) -> str:
    return RECOGNISERS[name].title if name in RECOGNISERS else name


def bench(
    nets: Nets,
    data: Folder | None = None,
    pictures: Mapping[str, int] = PICTURES,
    held_out: int = HELD_OUT,
    tell: Callable[[str], None] = lambda words: None,
) -> Bench:
    """Read pictures of test digits of every setting with every net.

    `data` is the only folder to look for the digits in; `pictures` are the numbers of pictures of digits of "USPS" and
    of "MNIST", and `held_out` that of held-out training digits, for thresholds. `tell` is called with a line about each
    step.
    """
    usps, mnist = datasets.usps(data), datasets.mnist(28, data)
    tests = {"USPS": usps.test, "MNIST": mnist.test}
    rest = mnist.train[0][FROM_MNIST:], mnist.train[1][FROM_MNIST:]
    found = Bench({}, {})
    for setting in SETTINGS:
        sets: list[tuple[str | None, Part, int, int]] = [
            *((name, part, pictures[name], SEED) for name, part in tests.items()),
            (None, rest, held_out, HELD_OUT_SEED),
        ]
        for name, part, count, seed in sets:
            tell(f"{setting}: {count} pictures of digits of {name or 'the training set'}")
            envelopes = list(mail(part, count, setting, seed=seed))
            for title, (net, form) in nets.items():
                counted = measure(envelopes, net, form, part)
                if name is None:
                    found.held_out[setting, title] = counted
                else:
                    found.counts[setting, name, title] = counted
    return found
