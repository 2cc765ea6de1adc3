"""Nets in files: the arrays and the whole declaration in one safetensors file.

The arrays are float32 and have the names of `Net.arrays`, "H1.weights" and so on; the prototypes of an RBF layer are
"output.prototypes"; if parameters are deleted, "deleted" is uint8, 1 for each of them in their order and 0 for others.
The one entry of the metadata, "sn89", is JSON: the version of this form, the declaration (see `sn89.declaration`),
where the net comes from, and its `sn89.Confidence` if it has one. Any reader of safetensors finds the arrays; sn89
makes the net of it.

A file is written whole or not at all. One that is read is trusted in nothing: it is data, of which nothing is executed,
its sizes are judged before memory is taken, and what does not fit is refused.
"""

from __future__ import annotations

import json
import math
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from types import ModuleType
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from .arguments import check_ending, not_a_net, whole
from .atomic import write_whole
from .checks import pieces
from .confidence import Confidence
from .declaration import declared, plain_net
from .facts import scale
from .history import History
from .layers import RBF
from .net import Net
from .record import as_json, digits_of, with_history
from .version import __version__

__all__ = ["about", "load", "save"]  # the rest is for sn89.checkpoint

Array = np.ndarray
Place = str | os.PathLike[str]

FORMAT = 1
LIMIT = 2**28  # bytes that a file, or its net in memory, may have, unless told otherwise
HEADER_LIMIT = 2**24  # bytes of names, shapes and metadata: the history of 50,000 passes
PROTOTYPES = 2**24  # bytes of the prototypes of RBF layers, which are read before the net they belong to is known
STATE = ("curvature", "momentum")  # arrays that a checkpoint has besides the net's: one number for each parameter
LAST = tuple(f"last.{name}" for name in ("parameters", *STATE, "deleted"))  # where training is, if the net is of before
HISTORY = ("passes",)  # and float64 ones, see sn89.checkpoint
RECORDED = {"rule", "passes", "seconds", "history"}  # names that the record of a training has in a provenance
DTYPES = {"float32": "F32", "float64": "F64", "uint8": "U8"}  # as a file calls them
DELETED = "deleted"  # where parameters are deleted: a byte for each of them, 1 or 0


def save(net: Net, path: Place, *, history: History | None = None, provenance: Mapping[str, Any] | None = None) -> None:
    """Write a net to a safetensors file: its declaration and its parameters.

    Parameters
    ----------
    net : Net
    path : path
        Usually ending in ``.safetensors``. A file that is there is replaced, whole or not at all.
    history : History, optional
        What `train` returned: the rule, the passes, and by what the digits are known again are written too. Then the
        command ``sn89`` measures and draws the net on the digits that it learned from, if they are USPS, MNIST, or
        others of `sn89.datasets`.
    provenance : mapping, optional
        What else is to be known of where the net comes from, in strings, numbers, lists and dictionaries. `about` gives
        it back, together with the history. The version of sn89 is added.

    Raises
    ------
    TypeError, ValueError
        If the net has other layers or functions than sn89's own, parameters that are NaN or infinite, or a provenance
        that JSON cannot hold.
    OSError
        If the file cannot be written; a file that was there is as it was.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> sn89.save(net, "zip.safetensors")
    >>> sn89.load("zip.safetensors").free_parameters
    9760
    """
    if not isinstance(provenance, Mapping | None):
        raise TypeError(f"provenance must be a dictionary, not {provenance!r}")
    if not isinstance(history, History | None):
        raise TypeError(f"history must be a History, as train returns it, not {history!r:.60}")
    if history and (kept := history.kept) and kept.net and (kept.net.parameters != net.parameters).any():
        history = replace(history, kept=None)  # it was interrupted: this is the net of another pass
    check_ending(path, "a safetensors file", ".safetensors")
    if history and (both := sorted(RECORDED & (provenance or {}).keys())):
        raise ValueError(f"provenance has {both[0]!r}, which is what the history is written as: call it otherwise")
    told = as_json(with_history(provenance or {}, history), "provenance")
    write(path, net, {"provenance": {"sn89": __version__, **told}})


def load(path: Place, *, limit: int = LIMIT) -> Net:
    """Read a net from a file of `save`, or from a checkpoint.

    Parameters
    ----------
    path : path
    limit : int
        Bytes that the file may have, and the net in memory.

    Returns
    -------
    Net
        With the parameters of the file, and the curvature and momentum of a checkpoint.

    Raises
    ------
    ValueError
        If the file is not a whole net of this kind, or larger than the limit; the message names the file.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> sn89.save(net, "zip.safetensors")
    >>> again = sn89.load("zip.safetensors")
    >>> bool((again(Xt) == net(Xt)).all())
    True
    """
    return read(path, limit).net


def about(path: Place) -> dict[str, Any]:
    """What a file says of its net besides the arrays.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict
        With "format", "net" and "provenance", and with "confidence" if the net has one.

    Raises
    ------
    ValueError, OSError
        As for `load`.

    Examples
    --------
    >>> import sn89
    >>> sn89.save(sn89.nets.zip_code(), "zip.safetensors", provenance={"made for": "an example"})
    >>> sn89.storage.about("zip.safetensors")["provenance"]["made for"]
    'an example'
    """
    with _opened(path, LIMIT) as file:
        return _told(file)


# ---- Both ways, with whatever else a checkpoint has -----------------------------------------------------------------


class Stored(NamedTuple):
    """What was in a file: the net, what else is told of it, and arrays that are not the net's."""

    net: Net
    about: dict[str, Any]
    arrays: dict[str, Array]


def write(path: Place, net: Net, told: Mapping[str, Any], others: Mapping[str, Array] | None = None) -> None:
    """Write a net with what else is told of it, and other arrays."""
    if not isinstance(net, Net):
        raise TypeError(not_a_net(net))
    with net._being_copied():
        if net.confidence is not None:
            told = {**told, "confidence": net.confidence.plain()}
        text = _text({"format": FORMAT, "net": plain_net(net), **told})
        arrays = {**net.arrays(), **_prototypes(net), **_deleted(net), **(others or {})}
        for name, array in arrays.items():
            if name not in HISTORY and not np.isfinite(array).all():
                raise ValueError(f"{name} is not finite; such a net is not written, for it would be refused when read")
        content = _content(arrays, text)
    write_whole(path, content)


def _content(arrays: Mapping[str, Array], text: str) -> memoryview:
    """The bytes that `safetensors.numpy.save` makes of them; but in pieces, between which Ctrl-C is heard, and once."""
    header: dict[str, Any] = {"__metadata__": {"sn89": text}}
    ordered = sorted(arrays.items(), key=lambda named: (-named[1].itemsize, named[0]))
    end = 0
    for name, array in ordered:
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": DTYPES[array.dtype.name], "shape": array.shape, "data_offsets": [begin, end]}
    told = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    told += b" " * (-len(told) % 8)
    if len(told) > HEADER_LIMIT:
        raise ValueError(f"the net's declaration, names and provenance take more than {HEADER_LIMIT} bytes")
    content = BytesIO()
    content.write(len(told).to_bytes(8, "little") + told)
    for _, array in ordered:
        numbers = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(-1)
        for part in pieces(numbers):
            content.write(numbers[part].data)
    return content.getbuffer().toreadonly()


def _text(told: dict[str, Any]) -> str:
    """All that is told of a net as JSON; without the history of its passes if that alone makes it too long."""
    text = json.dumps(told, separators=(",", ":"))
    provenance = told.get("provenance")
    if len(text) > HEADER_LIMIT - 2**20 and isinstance(provenance, Mapping) and "history" in provenance:
        told = {**told, "provenance": {name: one for name, one in provenance.items() if name != "history"}}
        return json.dumps(told, separators=(",", ":"))
    return text


def read(path: Place, limit: int = LIMIT) -> Stored:
    """Read a net, what else is told of it, and the arrays that a checkpoint has besides."""
    limit = whole(limit, "limit", least=1, most=sys.maxsize)
    with _opened(path, limit) as file:
        told, shapes = _told(file), _shapes(file)
        net = _net(file, told, shapes, limit)
        arrays = net.arrays()
        expected = {name: array.shape for name, array in {**arrays, **_prototypes(net)}.items()}
        expected |= {name: net.parameters.shape for name in (*STATE, *LAST, DELETED) if name in shapes}
        _compare(shapes, expected)
        others = {name: file.get_tensor(name) for name in (*STATE, *LAST, *HISTORY) if name in shapes}
        for name, array in arrays.items():
            array[...] = _finite(name, file.get_tensor(name))
        net.set_state(*(_finite(name, others.get(name, np.float32(0))) for name in STATE))
        net.confidence = Confidence.told(told["confidence"]) if "confidence" in told else None
        _tell_images(net, told.get("provenance"))
        if DELETED in shapes:
            net.delete(_mask(file.get_tensor(DELETED)))
    return Stored(net, told, others)


def _tell_images(net: Net, provenance: Any) -> None:
    """Of the digits that it learned from; what a file tells of them is no reason to refuse its net."""
    digits = digits_of(provenance) if isinstance(provenance, dict) else {}
    shape, net.levels = digits.get("shape"), scale(digits)
    with suppress(ValueError, TypeError):
        net.image_shape = shape[-2:] if isinstance(shape, list) else net.image_shape


def _library() -> ModuleType:
    import safetensors.numpy  # here: importing sn89 stays quick

    return safetensors


@contextmanager
def _opened(path: Place, limit: int) -> Iterator[Any]:
    """The file, open, and no larger than the limit. Whatever is wrong with it becomes a ValueError that names it."""
    library = _library()
    with open_net(path) as file:
        size, header = os.fstat(file.fileno()).st_size, int.from_bytes(file.read(8), "little")
    try:
        if size > limit:
            raise ValueError(f"it has {size} bytes, more than the limit of {limit}")
        if header > HEADER_LIMIT or 0 < size < 8:
            raise ValueError("it is not a safetensors file of a net, as sn89 train and sn89.save write it")
        with library.safe_open(path, "np") as file:
            yield file
    except RecursionError:
        raise ValueError(f"{path}: what it tells of the net is nested too deeply") from None
    except library.SafetensorError as error:
        raise ValueError(f"{path}: it is not a whole safetensors file: {error}") from error
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error


def open_net(path: Place) -> BinaryIO:
    """The file of a net, open; where there is none it is said what may have been meant."""
    path = os.fspath(path)
    with suppress(OSError):
        if not stat.S_ISREG(kind := os.stat(path).st_mode) and not stat.S_ISDIR(kind):
            raise ValueError(f"{path}: it is no regular file: nets are read from files")
    try:
        return open(path, "rb")
    except FileNotFoundError:
        beside = f"{path}.safetensors"
        meant = f"; did you mean {beside}?" if os.path.exists(beside) else ""
        raise FileNotFoundError(f"there is no file {path}{meant}") from None
    except IsADirectoryError:
        raise IsADirectoryError(f"{path} is a folder, and not the file of a net") from None


def _told(file: Any) -> dict[str, Any]:
    """The metadata, as far as they are the same in every version: the rest is judged where it is used."""
    text = (file.metadata() or {}).get("sn89")
    if text is None:
        raise ValueError("it holds arrays but no net of sn89's: its metadata have no entry sn89")
    try:
        told = json.loads(text)
    except ValueError as error:
        raise ValueError(f"what it tells of the net is not JSON: {error}") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        version = told.get("format") if isinstance(told, dict) else None
        raise ValueError(
            f"its format must be {FORMAT}, the only one that this version of sn89 knows, not {version!r:.40}"
        )
    return told


def _shapes(file: Any) -> dict[str, tuple[int, ...]]:
    """The shape of every array, none of which is read yet."""
    shapes = {}
    for name in file.keys():  # noqa: SIM118 - it is no dictionary
        array = file.get_slice(name)
        wanted = "F64" if name in HISTORY else "U8" if name == DELETED else "F32"
        if array.get_dtype() != wanted:
            raise ValueError(f"{name!r:.60} must be {wanted}, not {array.get_dtype()}")
        shapes[name] = tuple(array.get_shape())
    return shapes


def _net(file: Any, told: dict[str, Any], shapes: dict[str, tuple[int, ...]], limit: int) -> Net:
    """The net that the file tells of, once it is known to be no larger than file and limit allow."""
    ending = ".prototypes"
    length = sum(4 * math.prod(shape) for name, shape in shapes.items() if name.endswith(ending))
    if length > PROTOTYPES:
        raise ValueError(f"its prototypes take {length} bytes, more than the limit of {PROTOTYPES}")
    prototypes = {name.removesuffix(ending): file.get_tensor(name) for name in shapes if name.endswith(ending)}
    layers, how = declared(told.get("net"), prototypes)
    size, parameters = Net.size(*layers, squash=how["squash"], cost=how["cost"])
    there = sum(math.prod(shape) for name, shape in shapes.items() if name.endswith((".weights", ".bias")))
    if parameters != there:
        raise ValueError(f"the net it tells of has {parameters} parameters, but there are {there} in it")
    if size > limit:
        raise ValueError(f"its net would take {size} bytes of memory, more than the limit of {limit}")
    return Net(*layers, **how)


def _prototypes(net: Net) -> dict[str, Array]:
    return {f"{layer.name}.prototypes": layer.prototypes for layer in net.layers if isinstance(layer, RBF)}


def _deleted(net: Net) -> dict[str, Array]:
    return {DELETED: net.deleted.view(np.uint8)} if net.deleted.any() else {}


def _mask(array: Array) -> Array:
    if array.max(initial=0) > 1:
        raise ValueError(f"{DELETED} must be 1 for each parameter that is deleted and 0 for all others")
    return array.astype(bool)


def _compare(shapes: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse arrays that are missing, of another shape than expected, or not expected."""
    for name, shape in expected.items():
        if shapes.get(name) != shape:
            found = f"not {shapes[name]}" if name in shapes else "but there is none"
            raise ValueError(f"{name} must be an array of shape {shape}, {found}")
    if others := shapes.keys() - expected.keys() - set(HISTORY):
        raise ValueError(f"it has an array {min(others)!r:.60}, which its net has not")


def _finite(name: str, array: Array) -> Array:
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite")
    return array
