"""``sn89 export`` and ``sn89 page``: a trained net, handed on to where it is used."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from .. import export as exports
from ..atomic import write_whole
from ..datasets.digits import Part
from ..net import Net
from .options import check_output, data_option, force_option, net_argument, output_option, size_option, verb
from .sources import Source, find_digits, from_file, part_of

CALIBRATION = 1000  # training digits that ranges of whole numbers are found on


def npz(net: Net, path: Path) -> None:
    """The arrays by name, for NumPy alone."""
    content = io.BytesIO()
    np.savez(content, **net.arrays())
    write_whole(path, content.getvalue())


def formats() -> dict[str, tuple[str, Callable[..., None]]]:
    """The ending of each form and who writes it, as far as they are there."""
    known = {"onnx": ".onnx", "c": ".c", "page": ".html"}
    there = {name: (ending, getattr(exports, name)) for name, ending in known.items() if hasattr(exports, name)}
    return {**there, "npz": (".npz", npz)}


def samples(source: Source, data: str | None, size: str | None) -> Part:
    """Test digits to step through; those of LeNet-5 without their margin, as they are drawn."""
    X, y = part_of(find_digits(source, data, size)[1], "test")
    return (X[:, 2:-2, 2:-2], y) if X.shape[1] == 32 else (X, y)


def write_page(source: Source, output: Path, given: Part | None) -> None:
    """Write the page, with or without samples."""
    smaller = {} if given is not None else {"size": 28 if source.size == 32 else source.size}
    exports.page(source.net, output, samples=given, **smaller)


def _say(output: Path) -> None:
    click.echo(f"{output}: {output.stat().st_size / 1000:,.0f} kB")


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
    output = check_output(output or Path(f"{path.stem}.html"), force)
    source = from_file(path)
    write_page(source, output, None if no_samples else samples(source, data, size))
    _say(output)


@verb()
@net_argument
@click.option("--to", "form", type=click.Choice(list(formats())), required=True, help="The form.")
@click.option("--int8", is_flag=True, help=f"Whole numbers of 8 bits (c), by {CALIBRATION} training digits.")
@data_option("those that the net was trained on, for what needs digits: page, --int8")
@size_option
@output_option("NET, with the ending of the form")
@force_option
def export(
    path: Path, form: str, int8: bool, data: str | None, size: str | None, output: Path | None, force: bool
) -> None:
    """Write a net for other programs, such as ONNX.

    sn89 export zip_code.safetensors --to onnx
    sn89 export zip_code.safetensors --to npz -o weights.npz
    """
    if int8 and form != "c":
        raise click.UsageError("--int8 is for --to c.")
    ending, write = formats()[form]
    output = check_output(output or Path(f"{path.stem}{ending}"), force)
    source = from_file(path)
    if form == "page":
        write_page(source, output, samples(source, data, size))
    else:
        options: dict[str, Any] = {}
        if int8:
            options["int8"] = find_digits(source, data, size)[1].train[0][:CALIBRATION]
        write(source.net, output, **options)
    _say(output)


VERBS = (page, export)
