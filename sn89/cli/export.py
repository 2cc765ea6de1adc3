"""``sn89 export`` and ``sn89 page``: write a trained net for other programs, or as a web page."""

import io
from pathlib import Path
from typing import Any

import click
import numpy as np

from .. import export as exports
from ..atomic import is_stream, write_whole
from ..datasets.digits import Part
from .options import OneOf, check_output, data_option, force_option, net_argument, output_option, size_option, verb
from .saying import say
from .sources import Source, find_digits, from_file, part_of

FORMATS = {"onnx": ".onnx", "c": ".c", "page": ".html", "npz": ".npz"}
CALIBRATION = 500  # training digits that set the ranges of 8-bit numbers


def side(source: Source) -> int:
    """Height and width of the digits as they were published: those of LeNet-5 without their margin of 2."""
    return 28 if source.size == 32 else source.size


def samples(source: Source, data: str | None, size: str | None) -> Part:
    """The test digits for a page; those of LeNet-5 without their margin, because the page adds it."""
    X, y = part_of(find_digits(source, data, size)[1], "test")
    return (X[:, 2:-2, 2:-2], y) if X.shape[1] == 32 else (X, y)


def _say(output: Path) -> None:
    if not is_stream(output):  # a stream gets nothing but the content
        say(f"{output}: {output.stat().st_size / 1000:,.0f} kB")


@verb()
@net_argument
@data_option("those that the net was trained on")
@size_option
@click.option(
    "--no-samples", is_flag=True, help="Leave out the test digits to step through; then no digits are needed."
)
@output_option("NET.html")
@force_option
def page(path: Path, data: str | None, size: str | None, no_samples: bool, output: Path | None, force: bool) -> None:
    """Write a net as a web page to draw digits in.

    The page is one file, which a browser opens from disk. It shows every plane of units (feature map).

    sn89 page zip_code.safetensors
    sn89 page lenet5.safetensors --no-samples -o draw.html
    """
    source = from_file(path)
    output = check_output(output or Path(f"{path.stem}.html"), force, endings=(".html", ".htm"))
    if no_samples:
        exports.page(source.net, output, size=side(source))
    else:
        exports.page(source.net, output, samples=samples(source, data, size))
    _say(output)


@verb()
@net_argument
@click.option("--to", "form", type=OneOf(list(FORMATS)), required=True, help="The format.")
@click.option(
    "--int8", is_flag=True, help=f"Compute with 8-bit integers (c), whose ranges {CALIBRATION} training digits set."
)
@data_option("those that the net was trained on; needed for page and --int8")
@size_option
@output_option("NET with the ending of the format")
@force_option
def export(
    path: Path, form: str, int8: bool, data: str | None, size: str | None, output: Path | None, force: bool
) -> None:
    """Write a net for other programs: ONNX, C, NumPy, a page.

    A C file comes with its header. Its functions take images of the size of the digits (28x28 for LeNet-5).

    sn89 export zip_code.safetensors --to onnx
    sn89 export zip_code.safetensors --to c --int8
    sn89 export zip_code.safetensors --to npz -o weights.npz
    """
    if int8 and form != "c":
        raise click.UsageError("--int8 is for --to c.")
    source = from_file(path)
    output = check_output(output or Path(f"{path.stem}{FORMATS[form]}"), force, endings=(FORMATS[form],))
    match form:
        case "page":
            exports.page(source.net, output, samples=samples(source, data, size))
        case "c":
            if output.suffix == ".c":  # exports.c refuses another ending
                check_output(output.with_suffix(".h"), force)
            calibration = find_digits(source, data, size)[1].train[0][:CALIBRATION] if int8 else None
            exports.c(source.net, output, int8=calibration, image=side(source))
            say(f"{output.with_suffix('.h')} tells how to call it")
        case "onnx":
            exports.onnx(source.net, output)
        case "npz":
            content = io.BytesIO()
            arrays: dict[str, Any] = source.net.arrays()  # Any, because a type checker takes one for allow_pickle
            np.savez(content, **arrays)
            write_whole(output, content.getvalue())
    _say(output)
