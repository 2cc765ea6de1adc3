"""``sn89 export`` and ``sn89 page``: a trained net, handed on to where it is used."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import click
import numpy as np

from .. import export as exports
from ..atomic import is_stream, write_whole
from ..datasets.digits import Part
from ..net import Net
from .options import check_output, data_option, force_option, net_argument, output_option, size_option, verb
from .saying import say
from .sources import Source, find_digits, from_file, part_of

FORMATS = {"onnx": ".onnx", "c": ".c", "page": ".html", "npz": ".npz"}
CALIBRATION = 500  # training digits that ranges of whole numbers are found on


def npz(net: Net, path: Path) -> None:
    """The arrays by name, for NumPy alone."""
    content = io.BytesIO()
    arrays: dict[str, Any] = net.arrays()  # Any: a checker takes one of them for savez's allow_pickle, a bool
    np.savez(content, **arrays)
    write_whole(path, content.getvalue())


def side(source: Source) -> int:
    """Height and width of the digits as they are published: those of LeNet-5 without their margin."""
    return 28 if source.size == 32 else source.size


def samples(source: Source, data: str | None, size: str | None) -> Part:
    """Test digits to step through; those of LeNet-5 without their margin, as they are drawn."""
    X, y = part_of(find_digits(source, data, size)[1], "test")
    return (X[:, 2:-2, 2:-2], y) if X.shape[1] == 32 else (X, y)


def write_page(source: Source, output: Path, given: Part | None) -> None:
    """Write the page, with or without samples."""
    exports.page(source.net, output, samples=given, size=side(source) if given is None else None)


def write_c(source: Source, output: Path, calibration: np.ndarray | None, force: bool) -> None:
    """Write the C file and its header."""
    if output.suffix == ".c":  # another one is refused below
        check_output(output.with_suffix(".h"), force)
    exports.c(source.net, output, int8=calibration, image=side(source))


def _say(output: Path) -> None:
    if is_stream(output):
        return  # nothing but the content goes there
    say(f"{output}: {output.stat().st_size / 1000:,.0f} kB")


@verb()
@net_argument
@data_option("those that the net was trained on")
@size_option
@click.option("--no-samples", is_flag=True, help="Without test digits to step through: needs no digits.")
@output_option("NET.html")
@force_option
def page(path: Path, data: str | None, size: str | None, no_samples: bool, output: Path | None, force: bool) -> None:
    """Write a net as a web page to draw digits in.

    One file, which opens from disk and shows every plane of units.

    sn89 page zip_code.safetensors
    sn89 page lenet5.safetensors --no-samples -o draw.html
    """
    output = check_output(output or Path(f"{path.stem}.html"), force, endings=(".html", ".htm"))
    source = from_file(path)
    write_page(source, output, None if no_samples else samples(source, data, size))
    _say(output)


@verb()
@net_argument
@click.option("--to", "form", type=click.Choice(list(FORMATS)), required=True, help="The form.")
@click.option("--int8", is_flag=True, help=f"Whole numbers of 8 bits (c), by {CALIBRATION} training digits.")
@data_option("those that the net was trained on, for what needs digits: page, --int8")
@size_option
@output_option("NET, with the ending of the form")
@force_option
def export(
    path: Path, form: str, int8: bool, data: str | None, size: str | None, output: Path | None, force: bool
) -> None:
    """Write a net for other programs: ONNX, C, NumPy, a page.

    C comes with its header, and takes images as large as the digits (of LeNet-5, 28x28).

    sn89 export zip_code.safetensors --to onnx
    sn89 export zip_code.safetensors --to c --int8
    sn89 export zip_code.safetensors --to npz -o weights.npz
    """
    if int8 and form != "c":
        raise click.UsageError("--int8 is for --to c.")
    output = check_output(output or Path(f"{path.stem}{FORMATS[form]}"), force, endings=(FORMATS[form],))
    source = from_file(path)
    match form:
        case "page":
            write_page(source, output, samples(source, data, size))
        case "c":
            write_c(source, output, find_digits(source, data, size)[1].train[0][:CALIBRATION] if int8 else None, force)
            say(f"{output.with_suffix('.h')} tells how to call it")
        case "onnx":
            exports.onnx(source.net, output)
        case "npz":
            npz(source.net, output)
    _say(output)


VERBS = (page, export)
