"""The PyTorch reproduction of 2022: its parameters, and what they are called here."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..net import Net
from .filling import Array, Path, check_names, contents, empty, fill, finite
from .torchfile import tensors

#: What the arrays of the zip-code net are called in the reproduction.
NAMES = {
    "H1.weights": "H1w",
    "H1.bias": "H1b",
    "H2.weights": "H2w",
    "H2.bias": "H2b",
    "H3.weights": "H3w",
    "H3.bias": "H3b",
    "output.weights": "outw",
    "output.bias": "outb",
}


def from_pytorch(source: Mapping[str, Array] | Path, *, modern: bool = False) -> Net:
    """The zip-code net of the PyTorch reproduction of 2022, as its script saves it.

    Parameters
    ----------
    source : mapping of str to array_like of float, or path
        The state dict, as arrays: ``{name: tensor.numpy() for name, tensor in net.state_dict().items()}``. Or the file
        that ``torch.save(net.state_dict(), path)`` wrote, of float32 tensors on any device; PyTorch is not needed to
        read it, and nothing that stands in it is run.
    modern : bool
        The net of ``modern.py`` in place of that of ``repro.py``: ReLU, dropout of H2's states, and logits for
        softmax and cross-entropy. The parameters are of the same names and shapes, so that the file cannot tell.

    Returns
    -------
    Net
        Of the same outputs: plain tanh and half the squared error, if it is not the modern one.

    Raises
    ------
    TypeError
        If `source` is neither a mapping nor a path.
    ValueError
        If a name is missing or unknown, an array of another shape or not of finite float32 numbers, or the file of
        another form; the message names the file.
    OSError
        If the file cannot be read.

    Notes
    -----
    Karpathy, "Deep Neural Nets: 33 years ago and 33 years from now", 2022; ``repro.py`` and ``modern.py`` of
    lecun1989-repro. The names there are H1w (12, 1, 5, 5), H1b (12, 8, 8), H2w (12, 8, 5, 5), H2b (12, 4, 4), H3w (192,
    30), H3b (30,), outw (30, 10) and outb (10,). Both pad with -1, and their H2 sees the maps of `EIGHT_OF_TWELVE`.
    The steps between the two scripts, such as tanh with softmax, are not known here.
    """
    if isinstance(source, Mapping):
        return _filled(source, "the mapping", modern)
    if not isinstance(source, (str, bytes, os.PathLike)):
        raise TypeError(f"source must be a mapping of names to arrays, or a path, not {type(source).__name__}")
    return from_bytes(contents(source), os.fsdecode(source), modern)


def from_bytes(data: bytes, what: str, modern: bool = False) -> Net:
    """The net of the bytes of a ``.pt`` file that is called `what` in messages."""
    return _filled(tensors(data, what), what, modern)


def _filled(arrays: Mapping[str, Array], what: str, modern: bool) -> Net:
    check_names(arrays, NAMES.values(), what)
    net, checked = _modern() if modern else empty("zip-code net (2022)"), {}
    for name, own in net.arrays().items():
        turned = own.ndim == 2  # theirs is x @ w, of shape (inputs, units)
        shape = own.shape[::-1] if turned else own.shape
        array = finite(arrays[NAMES[name]], shape, f"{what}: {NAMES[name]}")
        checked[name] = array.T if turned else array
    return fill(net, checked)


def _modern() -> Net:
    from ..recipes import zip_code_softmax
    from ..squash import ReLU

    net = zip_code_softmax(ReLU(), dropout=0.25)
    net.name = "zip-code net (2022, modern)"
    return net
