"""``sn89 predict``: read single digits from pictures."""

from pathlib import Path
from typing import Any

import click
import numpy as np

from ..counted import counted
from ..datasets.mnist import SCALES
from ..facts import scale
from ..ink import INKS, Ink
from ..net import Net
from ..pictures import UNREADABLE, load
from ..printable import columns
from ..record import digits_of
from .digit_files import files_of, like_mnist, like_usps
from .options import FILE, OneOf, Share, json_option, net_argument, verb
from .saying import print_json, remark, say
from .sources import Source, from_file


def prepared(source: Source, path: Path, like: str | None, ink: Ink) -> np.ndarray:
    """The picture of a file in the form of the digits that the net learned from; one of `UNREADABLE` if it has none."""
    mnist = source.set == "mnist" if like is None else like == "mnist"
    side = min(source.size, source.net.input.height, source.net.input.width)
    if mnist:
        side = source.size if source.size in SCALES else 16
    image = (like_mnist if mnist else like_usps)(load(path), side, ink)
    (low, high), levels = SCALES[side] if mnist else (-1, 1), scale(digits_of(source.provenance))
    if levels is None or levels == (low, high):
        return image
    return (levels[0] + (image - low) * (levels[1] - levels[0]) / (high - low)).astype(np.float32)


def _check(source: Source, like: str | None) -> None:
    net = source.net
    if net.input.maps != 1 or net.outputs < 2:
        raise ValueError(
            f"{net.name} has {counted(net.input.maps, 'input plane')} and {counted(net.outputs, 'output')}: predict "
            "needs a net with one input plane and at least two outputs"
        )
    if like is None and source.set is None:
        raise ValueError(
            f"{source.name} does not say which digits it learned from: choose the form of the pictures with "
            "--like usps or --like mnist"
        )


def _answers(net: Net, named: list[tuple[Path, np.ndarray]], threshold: float | None) -> list[dict[str, Any]]:
    """The label, confidence and scores for each image, as documents."""
    if not named:
        return []
    outputs, answers = net(np.stack([image for _, image in named])), []
    confidences = net.confident_of(outputs).tolist()
    for (path, _), scores, sure in zip(named, net.cost.scores(outputs), confidences, strict=True):
        answer = {"file": str(path), "label": int(scores.argmax()), "confidence": sure}
        rejected = {} if threshold is None else {"rejected": sure < threshold}
        answers.append({**answer, **rejected, "scores": [float(score) for score in scores]})
    return answers


@verb()
@net_argument
@click.argument("images", nargs=-1, required=True, type=FILE)
@click.option(
    "--reject",
    metavar="X",
    type=Share(),
    help="Reject answers whose confidence, from 0 to 1, is less than this.  [default: reject none]",
)
@click.option("--ink", type=OneOf(INKS), default="auto", help="Dark or light digits.")
@click.option(
    "--like",
    type=OneOf(["usps", "mnist"]),
    help="Bring pictures to the form of these digits: in USPS they fill the image, in MNIST their centre of mass is in "
    "the middle, with paper around.  [default: the digits that the net was trained on]",
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

    Give PNG, JPEG, TIFF, PGM, BMP, GIF or WebP files of one digit each, or folders of them. A picture may have any size
    and be dark on light or light on dark: sn89 brings it to the form of the digits that the net was trained on. In
    photographs it ignores the table around the paper, frames, ruled lines and specks. The confidence, from 0 to 1, is
    the probability that the answer is right. A file that cannot be read, or shows several digits, is named and left
    out; the exit code is 1 then.

    sn89 predict zip_code.safetensors seven.png
    sn89 predict zip_code.safetensors scans/ --reject 0.9
    sn89 predict lenet5.safetensors scans/*.png --json
    """
    source, named, unreadable = from_file(path), [], []
    _check(source, like)
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
        rows = [(one["file"], str(one["label"]), f"{one['confidence']:.3f}", "rejected" * one.get("rejected", False))
                for one in answers]  # fmt: skip
        say(columns([("file", "label", "confidence", ""), *rows]))
    ctx.exit(1 if unreadable else 0)
