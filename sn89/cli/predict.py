"""``sn89 predict``: which digits pictures show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from ..datasets.mnist import SCALES
from ..facts import scale
from ..ink import INKS, Ink
from ..net import Net
from ..pictures import UNREADABLE, load
from ..record import digits_of
from .digit_files import files_of, like_mnist, like_usps
from .options import FILE, Share, columns, json_option, net_argument, verb
from .saying import print_json, remark, say
from .sources import Source, from_file

READY = ("usps", "mnist")
LIKE = "say whose the pictures are to be made alike, --like usps or --like mnist"


def prepared(source: Source, path: Path, like: str | None, ink: Ink) -> np.ndarray:
    """A picture as the net's own digits are.

    Raises
    ------
    OSError, ValueError, TypeError
        If the file cannot be read, or shows no ink.
    """
    mnist = source.set == "mnist" if like is None else like == "mnist"
    side = min(source.size, source.net.input.height, source.net.input.width)
    if mnist:
        side = source.size if source.size in SCALES else 16
    image = (like_mnist if mnist else like_usps)(load(path), side, ink)
    (low, high), levels = SCALES[side] if mnist else (-1, 1), scale(digits_of(source.provenance))
    if levels is None or levels == (low, high):
        return image
    return (levels[0] + (image - low) * (levels[1] - levels[0]) / (high - low)).astype(np.float32)


def _check(net: Net) -> None:
    if net.input.maps != 1 or net.outputs < 2:
        raise ValueError(
            f"{net.name} has {net.input.maps} input planes and {net.outputs} outputs: it reads no pictures"
        )


def _answers(net: Net, named: list[tuple[Path, np.ndarray]], threshold: float | None) -> list[dict[str, Any]]:
    """What each is taken for, and how surely."""
    if not named:
        return []
    outputs, answers = net(np.stack([image for _, image in named])), []
    confidences = net.confident_of(outputs).tolist()
    for (path, _), scores, sure in zip(named, net.cost.scores(outputs), confidences, strict=True):
        answer = {"file": str(path), "label": int(scores.argmax()), "confidence": sure}
        rejected = {} if threshold is None else {"rejected": sure < threshold}
        answers.append({**answer, **rejected, "scores": [float(score) for score in scores]})
    return answers


def _table(answers: list[dict[str, Any]]) -> str:
    rows = [("file", "label", "confidence", "")]
    for one in answers:
        word = "rejected" if one.get("rejected") else ""
        rows.append((one["file"], str(one["label"]), f"{one['confidence']:.3f}", word))
    return columns(rows)


@verb()
@net_argument
@click.argument("images", nargs=-1, required=True, type=FILE)
@click.option(
    "--reject",
    metavar="X",
    type=Share(),
    help="Reject an answer whose confidence, from 0 to 1, is less than this.  [default: none is]",
)
@click.option("--ink", type=click.Choice(INKS), default="auto", show_default=True, help="Whether the digit is dark.")
@click.option(
    "--like",
    type=click.Choice(READY),
    help="Whose digits the picture is made alike: USPS's fill the image, MNIST's are centred by their mass with paper "
    "around.  [default: those that the net was trained on]",
)
@json_option
@click.pass_context
def predict(
    ctx: click.Context,
    path: Path,
    images: tuple[Path, ...],
    reject: float | None,
    ink: Ink,
    like: str | None,
    as_json: bool,
) -> None:
    """Read digits from pictures.

    PNG, JPEG, TIFF, PGM, BMP, GIF or WebP, of one digit each, or folders of them. A picture may be of any size, dark on
    light or light on dark: it is brought to the form of the digits that the net was trained on. In photographs the
    table around the paper, frames, ruled lines and specks are left out; a picture of several digits is refused. The
    confidence is how probable it is that the answer is right, from 0 to 1. A file that cannot be read is named and left
    out, and the exit code is 1 then.

    sn89 predict zip_code.safetensors seven.png
    sn89 predict zip_code.safetensors scans/ --reject 0.9
    sn89 predict lenet5.safetensors scans/*.png --json
    """
    source, named, unreadable = from_file(path), [], []
    _check(source.net)
    if like is None and source.set is None:
        raise ValueError(f"{path.stem} does not tell which digits it learned from: {LIKE}")
    for file in files_of(images):
        try:
            named.append((file, prepared(source, file, like, ink)))
        except UNREADABLE as error:
            why = getattr(error, "strerror", None) or " ".join(str(error).split())
            unreadable.append({"file": str(file), "error": why})
            remark(f"sn89: left out: {why if str(file) in why else f'{file}: {why}'}")
    answers = _answers(source.net, named, reject)
    if as_json:
        print_json({"net": source.net.name, "images": answers, "unreadable": unreadable})
    elif answers:
        say(_table(answers))
    ctx.exit(1 if unreadable else 0)


VERBS = (predict,)
