"""``sn89 eval``: how well a net does on digits that have labels."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from ..measure import Rejection, confusion, rejection
from ..training import evaluate
from .options import columns, data_option, json_option, net_argument, print_json, size_option, verb
from .provenance import measured
from .sources import find_digits, from_file, part_of

SHARE = click.FloatRange(0, 100)


def _reject(scores: np.ndarray, y: np.ndarray, error: float, threshold: float | None) -> Rejection:
    """What must be rejected for so much error on the rest; or what this threshold rejects."""
    found = rejection(scores, y, error / 100)
    return found if threshold is None else replace(found, difference=threshold).on(scores, y)


def _as_json(found: Rejection) -> dict[str, Any]:
    """A threshold that rejects nothing is none."""
    threshold = found.difference if math.isfinite(found.difference) else None
    counts = {"rejected": found.rejected, "share": found.share, "wrong": found.wrong, "error": found.error}
    return {"threshold": threshold, **counts}


def _said(found: Rejection, error: float, given: bool) -> str:
    share = f"{100 * found.share:.1f} % ({found.rejected:,})"
    rest = f"{100 * found.error:.2f} % of the rest wrong"
    if given:
        return f"rejected by a difference of {found.difference:g}: {share}, {rest}"
    if not math.isfinite(found.difference):
        return f"rejected for {error:g} % error on the rest: none, {rest}"
    return f"rejected for {error:g} % error on the rest: {share}, by a difference of {found.difference:.3f}"


def _table(counts: np.ndarray) -> str:
    """The confusion matrix: a row for what digits are, a column for what they are read as."""
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
@click.option("--part", type=click.Choice(["test", "train"]), default="test", show_default=True, help="Which digits.")
@click.option("--confusion", "with_confusion", is_flag=True, help="Which digits were read as which.")
@click.option(
    "--error",
    metavar="PERCENT",
    type=SHARE,
    default=1.0,
    show_default=True,
    help="Percent that may be wrong of what is not rejected.",
)
@click.option(
    "--reject",
    metavar="THRESHOLD",
    type=float,
    help="Reject by this difference of the two largest scores, not the best one for --error.",
)
@json_option
def evaluate_net(
    path: Path,
    data: str | None,
    size: str | None,
    part: str,
    with_confusion: bool,
    error: float,
    reject: float | None,
    as_json: bool,
) -> None:
    """Measure a net: errors, confusion, rejection.

    The threshold of rejection is the best one on these very digits, as in the papers; one found on other digits comes
    by --reject.

    sn89 eval zip_code.safetensors
    sn89 eval zip_code.safetensors --confusion
    sn89 eval zip_code.safetensors --part train --json
    sn89 eval zip_code.safetensors --data mnist
    """
    if reject is not None and not math.isfinite(reject):
        raise click.UsageError("--reject must be finite.")
    source = from_file(path)
    _, digits = find_digits(source, data, size)
    X, y = part_of(digits, part)
    net, result = source.net, evaluate(source.net, X, y)
    document: dict[str, Any] = {"file": str(path), "net": net.name, "digits": digits.name, "part": part}
    document |= measured(result) or {}
    lines = [f"{net.name}, {digits.name}, {part}: {result}"]
    if net.outputs > 1:
        scores = net.cost.scores(net(X))
        found = _reject(scores, y, error, reject)
        document["rejection"] = _as_json(found)
        lines.append(_said(found, error, reject is not None))
        if with_confusion:
            counts = confusion(y, scores.argmax(axis=1), net.outputs)
            document["confusion"] = counts.tolist()
            lines += ["", _table(counts)]
    if as_json:
        print_json(document)
    else:
        click.echo("\n".join(lines))


VERBS = (evaluate_net,)
