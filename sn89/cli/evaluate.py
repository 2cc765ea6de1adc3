"""``sn89 eval``: measure a net on digits with labels."""

import math
from pathlib import Path
from typing import Any

import click
import numpy as np

from ..measure import Rejection, confusion, rejection
from ..net import Net
from ..printable import columns
from ..record import measured
from ..training import evaluate
from .options import Share, data_option, json_option, net_argument, part_option, size_option, verb
from .saying import result
from .sources import find_digits, from_file, part_of


def _rejected(
    net: Net, outputs: np.ndarray, y: np.ndarray, error: float, confidence: float | None
) -> tuple[dict[str, Any], str]:
    """The rejected answers as a document and in words.

    They are those below a confidence, or else so many that `error` per cent of the rest are wrong.
    """
    scores = net.cost.scores(outputs)
    if confidence is None:
        found = rejection(scores, y, error / 100)
        some = math.isfinite(found.difference)
        by: dict[str, Any] = {"threshold": found.difference if some else None}
    else:
        kept = net.confident_of(outputs) >= confidence
        wrong = int((kept & (scores.argmax(axis=1) != y)).sum())
        found, by = Rejection(len(y), int((~kept).sum()), wrong, math.nan), {"confidence": confidence}
    document = {**by, "rejected": found.rejected, "share": found.share, "wrong": found.wrong, "error": found.error}
    share, rest = f"{100 * found.share:.1f} % ({found.rejected:,})", f"{100 * found.error:.2f} % of the rest wrong"
    if confidence is not None:
        return document, f"rejected below a confidence of {confidence:g}: {share}, {rest}"
    words = f"{share}, by a difference of {found.difference:.3f}" if some else f"none, {rest}"
    return document, f"rejected for {error:g} % error on the rest: {words}"


def _table(counts: np.ndarray) -> str:
    """The confusion matrix: a row for each digit, a column for each answer."""
    head = ("", *map(str, range(len(counts))), "wrong")
    width = len(str(counts.max()))
    rows = [
        (str(label), *(f"{n or '.':>{width}}" for n in row), str(row.sum() - row[label]))
        for label, row in enumerate(counts)
    ]
    return f"a digit (row) read as (column):\n{columns([head, *rows])}"


@verb("eval")
@net_argument
@data_option("those that the net was trained on")
@size_option
@part_option
@click.option("--confusion", "with_confusion", is_flag=True, help="Print how often each digit was read as each other.")
@click.option(
    "--error",
    metavar="PERCENT",
    type=Share(100),
    help="Find the threshold at which so many per cent of the digits that are not rejected are wrong.  [default: 1]",
)
@click.option(
    "--reject",
    metavar="X",
    type=Share(),
    help="Reject answers below this confidence, from 0 to 1, as sn89 predict and sn89 read do, in place of --error.",
)
@json_option
def evaluate_net(
    path: Path,
    data: str | None,
    size: str | None,
    part: str,
    with_confusion: bool,
    error: float | None,
    reject: float | None,
    as_json: bool,
) -> None:
    """Measure a net: errors, confusion, rejection.

    An answer is rejected if its two largest scores differ by less than a threshold. As in the papers, the threshold is
    the best one for these same digits. With --reject it is a confidence, which was calibrated on other digits.

    sn89 eval zip_code.safetensors
    sn89 eval zip_code.safetensors --confusion
    sn89 eval zip_code.safetensors --part train --json
    sn89 eval zip_code.safetensors --data mnist
    """
    if error is not None and reject is not None:
        raise click.UsageError("--error and --reject both say what is rejected: give one of them.")
    error = 1.0 if error is None else error
    source = from_file(path)
    _, digits = find_digits(source, data, size)
    X, y = part_of(digits, part)
    net, errors = source.net, evaluate(source.net, X, y)
    document: dict[str, Any] = {"file": str(path), "net": net.name, "digits": digits.name, "part": part}
    document |= measured(errors) or {}
    lines = [f"{net.name}, {digits.name}, {part}: {errors}"]
    if net.outputs > 1:
        outputs = net(X)
        document["rejection"], words = _rejected(net, outputs, y, error, reject)
        lines.append(words)
        if with_confusion:
            counts = confusion(y, net.cost.scores(outputs).argmax(axis=1), net.outputs)
            document["confusion"] = counts.tolist()
            lines += ["", _table(counts)]
    result(as_json, document, "\n".join(lines))
