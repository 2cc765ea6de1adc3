"""The PyTorch reproduction of 2022: its parameters, and what they are called here."""

from __future__ import annotations

import os
from collections.abc import Mapping

from .. import nets
from ..arguments import instance
from ..net import Net
from ..squash import Squash, Tanh
from . import safefile, torchfile
from .filling import Array, Path, check_names, contents, fill, finite

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


def from_pytorch(source: Mapping[str, Array] | Path, *, modern: bool = False, squash: Squash | None = None) -> Net:
    """The zip-code net of the PyTorch reproduction of 2022, as its script saves it.

    Parameters
    ----------
    source : mapping of str to array_like of float, or path
        The state dict, as arrays: ``{name: tensor.numpy() for name, tensor in net.state_dict().items()}``. Or a file:
        what ``torch.save(net.state_dict(), path)`` wrote, a training's checkpoint with the state dict under
        "state_dict", "model_state_dict" or "model", or a file of safetensors; of tensors of any floating point, on any
        device. PyTorch is not needed to read it, and nothing that stands in it is run. What wrappers put before all
        names, such as "module." or "_orig_mod.", is left out.
    modern : bool
        The net of ``modern.py`` in place of that of ``repro.py``: dropout of H2's states, and logits for softmax and
        cross-entropy. The parameters are of the same names and shapes, so that the file cannot tell.
    squash : Squash, optional
        The squashing (activation) function of its hidden layers, which the file does not tell either. That of
        ``repro.py`` is `Tanh`, the default there. A modern net must be given its own: `ReLU` for ``modern.py`` itself;
        forks of it have others. There is no GELU here: such a net cannot be brought in.

    Returns
    -------
    Net
        Of the same outputs.

    Raises
    ------
    TypeError
        If `source` is neither a mapping nor a path, or `squash` none of sn89's functions.
    ValueError
        If the squashing function of a modern net is not given, a name is missing or unknown, an array of another shape
        or not of finite float32 numbers, or the file of another form; the message names the file.
    OSError
        If the file cannot be read.

    Notes
    -----
    Karpathy, "Deep Neural Nets: 33 years ago and 33 years from now", 2022; ``repro.py`` and ``modern.py`` of
    lecun1989-repro. The names there are H1w (12, 1, 5, 5), H1b (12, 8, 8), H2w (12, 8, 5, 5), H2b (12, 4, 4), H3w (192,
    30), H3b (30,), outw (30, 10) and outb (10,). Both pad with -1, and their H2 sees the maps of `EIGHT_OF_TWELVE`.
    The steps between the two scripts, such as tanh with softmax, are not known here.
    """
    squash = _checked_squash(squash, modern)
    if isinstance(source, Mapping):
        return _filled(source, "the mapping", modern, squash)
    if not isinstance(source, (str, bytes, os.PathLike)):
        raise TypeError(f"source must be a mapping of names to arrays, or a path, not {type(source).__name__}")
    return from_bytes(contents(source), os.fsdecode(source), modern, squash)


def from_bytes(data: bytes, what: str, modern: bool = False, squash: Squash | None = None) -> Net:
    """The net of the bytes of a file that is called `what` in messages."""
    read = safefile.tensors if safefile.is_safetensors(data) else torchfile.tensors
    return _filled(read(data, what), what, modern, _checked_squash(squash, modern))


def _checked_squash(squash: object, modern: bool) -> Squash:
    if squash is None and not modern:
        return Tanh()
    if squash is None:
        raise ValueError(
            "a modern net's squashing (activation) function must be given, for the file does not tell it: "
            "squash=sn89.ReLU() for modern.py itself, another one for a fork that has another"
        )
    if "gelu" in (squash if isinstance(squash, str) else getattr(squash, "__name__", type(squash).__name__)).lower():
        raise ValueError("there is no GELU among sn89's squashing functions: such a net cannot be brought in")
    made: Squash = instance(squash, Squash, "squash")
    return made


def _without_prefix(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
    """The arrays by the names behind what all of them begin with, if that ends with a point."""
    names = list(arrays)
    if not names or not all(isinstance(name, str) for name in names):
        return arrays
    prefix = "".join(names[0].rpartition(".")[:2])
    behind = {name.removeprefix(prefix): array for name, array in arrays.items()}
    return behind if all(name.startswith(prefix) for name in names) and behind.keys() & set(NAMES.values()) else arrays


def _filled(arrays: Mapping[str, Array], what: str, modern: bool, squash: Squash) -> Net:
    arrays = _without_prefix(arrays)
    if {"H1.weights", "output.weights"} <= arrays.keys():
        raise ValueError(f"{what}: its names are those of a net of sn89's own: sn89.load reads its file")
    check_names(arrays, NAMES.values(), what)
    net, checked = _modern(squash) if modern else nets.zip_code(squash=squash, name="zip-code net (2022)"), {}
    for name, own in net.arrays().items():
        turned = own.ndim == 2  # theirs is x @ w, of shape (inputs, units)
        shape = own.shape[::-1] if turned else own.shape
        array = finite(arrays[NAMES[name]], shape, f"{what}: {NAMES[name]}")
        checked[name] = array.T if turned else array
    return fill(net, checked)


def _modern(squash: Squash) -> Net:
    from ..recipes import zip_code_softmax

    net = zip_code_softmax(squash, dropout=0.25)
    net.name = "zip-code net (2022, modern)"
    return net
