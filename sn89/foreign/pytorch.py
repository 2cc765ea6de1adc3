"""The PyTorch reproduction of 2022: its parameters in a net of sn89."""

import os
from collections.abc import Mapping

from .. import nets, recipes
from ..arguments import instance
from ..net import Net
from ..squash import Squash, Tanh
from . import torchfile
from .filling import SIZES, Array, Path, as_float32, check_names, contents, fill, finite, listed, short
from .pickled import WITHIN

#: The names of the zip-code net's arrays in the reproduction.
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
    """Read a zip-code net of the PyTorch reproduction of 2022.

    Parameters
    ----------
    source : mapping of str to array_like of float, or path
        The state dict, or its arrays, ``{name: tensor.numpy() for name, tensor in net.state_dict().items()}``; or the
        path of a file: one that ``torch.save(net.state_dict(), path)`` wrote, or a safetensors file. A checkpoint may
        have the state dict under "state_dict", "model_state_dict" or "model". The tensors may have any floating-point
        type and device. PyTorch is not needed, and nothing in the file is run. A prefix of all names, such as "module."
        or "_orig_mod.", is removed.
    modern : bool
        Whether the net is that of ``modern.py``, with dropout after H2, and logits for softmax and cross-entropy, in
        place of that of ``repro.py``. A file does not show this, because the names and shapes are the same.
    squash : Squash, optional
        The squashing (activation) function of the hidden layers, which a file does not show either. The default is
        `Tanh`, as in ``repro.py``. For a modern net it must be given: `ReLU` for ``modern.py`` itself, another one for
        some forks. A net with GELU cannot be read, because sn89 has no GELU.

    Returns
    -------
    Net
        A net with the same outputs.

    Raises
    ------
    TypeError
        If `source` is neither a mapping nor a path, or `squash` is not a `Squash`.
    ValueError
        If the squashing function of a modern net is not given, a name is missing or unknown, an array has another shape
        or a number that float32 cannot hold, or the file has another form; the message names the file.
    OSError
        If the file cannot be read.

    Notes
    -----
    Karpathy, "Deep Neural Nets: 33 years ago and 33 years from now", 2022; ``repro.py`` and ``modern.py`` of
    lecun1989-repro. The names there are H1w (12, 1, 5, 5), H1b (12, 8, 8), H2w (12, 8, 5, 5), H2b (12, 4, 4), H3w (192,
    30), H3b (30,), outw (30, 10) and outb (10,). Both scripts pad with -1, and their H2 reads the maps of
    `EIGHT_OF_TWELVE`. Nets between the two, such as tanh with softmax, cannot be read.
    """
    squash = _checked_squash(squash, modern)
    if isinstance(source, Mapping):
        within = [source[name] for name in WITHIN if isinstance(source.get(name), Mapping)]
        arrays: Mapping[str, Array] = within[0] if within else source  # type: ignore[assignment]  # of a checkpoint
        return _filled(arrays, "the mapping", modern, squash)
    if not isinstance(source, (str, bytes, os.PathLike)):
        raise TypeError(f"source must be a mapping of names to arrays, or a path, not {type(source).__name__}")
    return from_bytes(contents(source), os.fsdecode(source), modern, squash)


def from_bytes(data: bytes, what: str, modern: bool = False, squash: Squash | None = None) -> Net:
    """The net in the bytes of a file; `what` is the name of the file in messages."""
    read = _tensors if _is_safetensors(data) else torchfile.tensors
    return _filled(read(data, what), what, modern, _checked_squash(squash, modern))


def _checked_squash(squash: object, modern: bool) -> Squash:
    if squash is None and not modern:
        return Tanh()
    if squash is None:
        raise ValueError(
            "the squashing (activation) function of a modern net must be given, because the file does not show it: use "
            "squash=sn89.ReLU() for modern.py itself, or the function of your fork"
        )
    if "gelu" in (squash if isinstance(squash, str) else getattr(squash, "__name__", type(squash).__name__)).lower():
        raise ValueError("a net with GELU cannot be read, because sn89 has no GELU")
    made: Squash = instance(squash, "squash", Squash)
    return made


def _without_prefix(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
    """The arrays by their names without a common prefix that ends with a point."""
    names = list(arrays)
    if not names or not all(isinstance(name, str) for name in names):
        return arrays
    prefix = "".join(names[0].rpartition(".")[:2])
    behind = {name.removeprefix(prefix): array for name, array in arrays.items()}
    return behind if all(name.startswith(prefix) for name in names) and behind.keys() & set(NAMES.values()) else arrays


def _filled(arrays: Mapping[str, Array], what: str, modern: bool, squash: Squash) -> Net:
    arrays = _without_prefix(arrays)
    if {"H1.weights", "output.weights"} <= arrays.keys():
        raise ValueError(f"{what}: this is a net of sn89 itself: read its file with sn89.load")
    if arrays and not arrays.keys() & set(NAMES.values()):
        raise ValueError(
            f"{what}: these are not the arrays of the net of 2022, {', '.join(NAMES.values())}, but "
            f"{listed(arrays)}: declare another net with sn89.Net, and write them into its net.arrays()"
        )
    check_names(arrays, NAMES.values(), what)
    net, checked = recipes.zip_code_softmax(squash, dropout=0.25) if modern else nets.zip_code(squash=squash), {}
    net.name = "zip-code net (2022, modern)" if modern else "zip-code net (2022)"
    for name, own in net.arrays().items():
        turned = own.ndim == 2  # the scripts compute x @ w with w of shape (inputs, units)
        shape = own.shape[::-1] if turned else own.shape
        array = finite(arrays[NAMES[name]], shape, f"{what}: {NAMES[name]}")
        checked[name] = array.T if turned else array
    return fill(net, checked)


def _is_safetensors(data: bytes) -> bool:
    """Whether a file begins with the length of a JSON object and the object, as safetensors files do."""
    return data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data) - 8


def _tensors(data: bytes, what: str) -> dict[str, Array]:
    """All tensors of a file as float32, by name; a ValueError if it is damaged or holds other tensors than floats."""
    import safetensors

    try:
        found = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        raise ValueError(f"{what}: this is not a whole safetensors file: {str(error)[:300]}") from None
    made = {}
    for name, tensor in found:
        if tensor["dtype"] not in SIZES:
            raise ValueError(f"{what}: {short(name)} has the type {tensor['dtype']}; only {', '.join(SIZES)} are read")
        made[name] = as_float32(bytes(tensor["data"]), tensor["dtype"]).reshape(tensor["shape"])
    return made
