"""Nets in files: one safetensors file holds the declaration of a net and its arrays.

The arrays are float32 and have the names of `Net.arrays`, such as "H1.weights"; "output.prototypes" are those of an RBF
layer; "deleted", which is there if parameters are deleted, is uint8 with 1 for each deleted parameter. The metadata
have one entry, "sn89". It is JSON with the version of the format, the declaration (see `sn89.declaration`), the
provenance, and the `sn89.Confidence` if the net has one. Any reader of safetensors finds the arrays.

A file is written whole or not at all. A file that is read is not trusted: nothing in it is executed, its sizes are
checked before memory is taken, and content that does not fit is refused.
"""

import json
import math
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from .aliases import Array, Place
from .arguments import check_ending, check_net, whole
from .atomic import write_whole
from .checks import pieces
from .confidence import Confidence
from .declaration import declared, plain_net
from .facts import scale
from .history import History
from .keywords import in_our_words
from .layers import RBF
from .net import Net
from .record import as_json, digits_of, with_history
from .version import __version__

__all__ = ["about", "load", "save"]  # the rest is for sn89.checkpoint


FORMAT = 1
LIMIT = 2**28  # bytes of a file, or of its net in memory, unless the caller sets another limit
HEADER_LIMIT = 2**24  # bytes of names, shapes and metadata: enough for the history of 50,000 passes
PROTOTYPES = 2**24  # bytes of the prototypes of RBF layers, which are read before the size of their net is known
STATE = ("curvature", "momentum")  # further arrays of a checkpoint: one number for each parameter
# The state at the end of training, in a checkpoint whose net is that of an earlier pass.
LAST = tuple(f"last.{name}" for name in ("parameters", *STATE, "deleted"))
HISTORY = ("passes",)  # a float64 array, see sn89.checkpoint
RECORDED = {"rule", "passes", "seconds", "history"}  # entries of a provenance that a history writes
DTYPES = {"float32": "F32", "float64": "F64", "uint8": "U8"}  # their names in a file
DELETED = "deleted"


@in_our_words({})
def save(net: Net, path: Place, *, history: History | None = None, provenance: Mapping[str, Any] | None = None) -> None:
    """Write a net to a safetensors file: its declaration and its parameters.

    Parameters
    ----------
    net : Net
    path : path
        The file, usually with the ending ``.safetensors``. An existing file is replaced.
    history : History, optional
        The value that `train` returned. The file then holds the rule, the passes and facts about the digits, by which
        the command ``sn89`` finds the digits again if they are from `sn89.datasets`.
    provenance : mapping, optional
        Anything else about the origin of the net: strings, numbers, lists and dictionaries. `about` returns it together
        with the history and the version of sn89.

    Raises
    ------
    TypeError, ValueError
        If the net has layers or functions that are not sn89's own, if parameters are NaN or infinite, or if JSON cannot
        hold the provenance.
    OSError
        If the file cannot be written; an existing file then stays as it was.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> sn89.save(net, "zip.safetensors")
    >>> sn89.load("zip.safetensors").free_parameters
    9760
    """
    check_net(net)
    if not isinstance(provenance, Mapping | None):
        raise TypeError(f"provenance must be a dictionary, not {provenance!r}")
    if not isinstance(history, History | None):
        raise TypeError(f"history must be a History, as train returns it, not {history!r:.60}")
    if history and (kept := history.kept) and kept.net and (kept.net.parameters != net.parameters).any():
        history = replace(history, kept=None)  # training was interrupted, so this is the net of another pass
    check_ending(path, "a safetensors file", ".safetensors")
    if history and (both := sorted(RECORDED & (provenance or {}).keys())):
        raise ValueError(f"provenance has the entry {both[0]!r}, which the history writes too: choose another name")
    origin = as_json(with_history(provenance or {}, history), "provenance")
    write(path, net, {"provenance": {"sn89": __version__, **origin}})


@in_our_words({})
def load(path: Place, *, limit: int = LIMIT) -> Net:
    """Read a net from a file that `save` wrote, or from a checkpoint.

    Parameters
    ----------
    path : path
        The file.
    limit : int
        Largest size of the file, and of the net in memory, in bytes.

    Returns
    -------
    Net
        The net with its parameters; from a checkpoint also with curvature and momentum.

    Raises
    ------
    ValueError
        If the file is damaged, holds no net of sn89, or is larger than the limit; the message names the file.
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
    """Read the metadata of a net's file, without its arrays.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    dict
        The entries "format", "net" (the declaration) and "provenance", and "confidence" if the net has one.

    Examples
    --------
    >>> import sn89
    >>> sn89.save(sn89.nets.zip_code(), "zip.safetensors", provenance={"made for": "an example"})
    >>> sn89.storage.about("zip.safetensors")["provenance"]["made for"]
    'an example'
    """
    with _opened(path, LIMIT) as file:
        return _metadata(file)


# ---- Writing and reading, with the further arrays of a checkpoint ---------------------------------------------------


class Stored(NamedTuple):
    """The content of a file: the net, the metadata, and the further arrays of a checkpoint."""

    net: Net
    about: dict[str, Any]
    arrays: dict[str, Array]


def write(path: Place, net: Net, metadata: Mapping[str, Any], others: Mapping[str, Array] | None = None) -> None:
    """Write a net with these metadata and the further arrays `others`."""
    check_net(net)
    with net._being_copied():
        if net.confidence is not None:
            metadata = {**metadata, "confidence": net.confidence.plain()}
        text = _text({"format": FORMAT, "net": plain_net(net), **metadata})
        deleted = {DELETED: net.deleted.view(np.uint8)} if net.deleted.any() else {}
        arrays = {**net.arrays(), **_prototypes(net), **deleted, **(others or {})}
        for name, array in arrays.items():
            if name not in HISTORY and not np.isfinite(array).all():
                raise ValueError(f"{name} is NaN or infinite somewhere: such a net cannot be written")
        content = _content(arrays, text)
    write_whole(path, content)


def _content(arrays: Mapping[str, Array], text: str) -> memoryview:
    """The same bytes as from `safetensors.numpy.save`, which would copy them twice and not react to Ctrl-C."""
    header: dict[str, Any] = {"__metadata__": {"sn89": text}}
    ordered = sorted(arrays.items(), key=lambda named: (-named[1].itemsize, named[0]))
    end = 0
    for name, array in ordered:
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": DTYPES[array.dtype.name], "shape": array.shape, "data_offsets": [begin, end]}
    head = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    head += b" " * (-len(head) % 8)
    if len(head) > HEADER_LIMIT:
        raise ValueError(f"the net's declaration, names and provenance take more than {HEADER_LIMIT} bytes")
    content = BytesIO()
    content.write(len(head).to_bytes(8, "little") + head)
    for _, array in ordered:
        numbers = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(-1)
        for part in pieces(numbers):
            content.write(numbers[part].data)
    return content.getbuffer().toreadonly()


def _text(metadata: dict[str, Any]) -> str:
    """The metadata as JSON; the history of the passes is left out if it makes them too long."""
    text = json.dumps(metadata, separators=(",", ":"))
    provenance = metadata.get("provenance")
    if len(text) > HEADER_LIMIT - 2**20 and isinstance(provenance, Mapping) and "history" in provenance:
        shorter = {name: one for name, one in provenance.items() if name != "history"}
        return json.dumps({**metadata, "provenance": shorter}, separators=(",", ":"))
    return text


def read(path: Place, limit: int = LIMIT) -> Stored:
    """Read a net with its metadata and the further arrays of a checkpoint."""
    limit = whole(limit, "limit", least=1, most=sys.maxsize)
    with _opened(path, limit) as file:
        metadata, shapes = _metadata(file), _shapes(file)
        net = _net(file, metadata, shapes, limit)
        arrays = net.arrays()
        expected = {name: array.shape for name, array in {**arrays, **_prototypes(net)}.items()}
        expected |= {name: net.parameters.shape for name in (*STATE, *LAST, DELETED) if name in shapes}
        for name, shape in expected.items():
            if shapes.get(name) != shape:
                found = f"not {shapes[name]}" if name in shapes else "but there is none"
                raise ValueError(f"{name} must be an array of shape {shape}, {found}")
        if unknown := shapes.keys() - expected.keys() - set(HISTORY):
            raise ValueError(f"it holds an array {min(unknown)!r:.60} that does not belong to its net")
        others = {name: file.get_tensor(name) for name in (*STATE, *LAST, *HISTORY) if name in shapes}
        for name, array in arrays.items():
            array[...] = _finite(name, file.get_tensor(name))
        net.set_state(*(_finite(name, others.get(name, np.float32(0))) for name in STATE))
        net.confidence = Confidence.from_plain(metadata["confidence"]) if "confidence" in metadata else None
        _set_images(net, metadata.get("provenance"))
        if DELETED in shapes:
            mask = file.get_tensor(DELETED)
            if mask.max(initial=0) > 1:
                raise ValueError(f"{DELETED} must be 1 for each deleted parameter and 0 for all others")
            net.delete(mask.astype(bool))
    return Stored(net, metadata, others)


def _set_images(net: Net, provenance: Any) -> None:
    """Set the shape and levels of the images that the net learned from; facts that cannot be true are ignored."""
    digits = digits_of(provenance) if isinstance(provenance, dict) else {}
    shape, net.levels = digits.get("shape"), scale(digits)
    with suppress(ValueError, TypeError):
        net.image_shape = shape[-2:] if isinstance(shape, list) else net.image_shape


@contextmanager
def _opened(path: Place, limit: int) -> Iterator[Any]:
    """Open a file no larger than the limit. Any fault of the file becomes a ValueError that names it."""
    import safetensors

    with open_net(path) as file:
        size, header = os.fstat(file.fileno()).st_size, int.from_bytes(file.read(8), "little")
    try:
        if size > limit:
            raise ValueError(f"it has {size} bytes, more than the limit of {limit}")
        if header > HEADER_LIMIT or 0 < size < 8:
            raise ValueError("it is not a safetensors file of a net; sn89 train and sn89.save write such files")
        with safetensors.safe_open(path, "np") as file:
            yield file
    except RecursionError:
        raise ValueError(f"{path}: the declaration of the net is nested too deeply") from None
    except safetensors.SafetensorError as error:
        raise ValueError(f"{path}: it is not a whole safetensors file: {error}") from error
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error


def open_net(path: Place) -> BinaryIO:
    """Open the file of a net; if there is none, the message names the file that may be meant."""
    path = os.fspath(path)
    with suppress(OSError):
        if not stat.S_ISREG(kind := os.stat(path).st_mode) and not stat.S_ISDIR(kind):
            raise ValueError(f"{path}: it is not a regular file: nets are read from files")
    try:
        return open(path, "rb")
    except FileNotFoundError:
        near = near_net(path)
        meant = f"; did you mean {near}?" if near else ": name the file of a net, which sn89 train and sn89.save write"
        raise FileNotFoundError(f"there is no file {path}{meant}") from None
    except IsADirectoryError:
        raise IsADirectoryError(f"{path} is a folder, not the file of a net") from None


def near_net(path: Place) -> Path | None:
    """The file of a net in the same folder with a similar name, or None."""
    place = Path(path)
    with suppress(OSError):
        there = [one.stem for one in place.parent.iterdir() if one.suffix == ".safetensors"]
        found = get_close_matches(place.name.removesuffix(".safetensors"), there, 1)
        return place.with_name(f"{found[0]}.safetensors") if found else None
    return None


def _metadata(file: Any) -> dict[str, Any]:
    """The metadata as a dictionary of the known format; its entries are checked where they are used."""
    text = (file.metadata() or {}).get("sn89")
    if text is None:
        raise ValueError("it holds arrays but no net of sn89: its metadata have no entry sn89")
    try:
        metadata = json.loads(text)
    except ValueError as error:
        raise ValueError(f"the declaration of the net is not JSON: {error}") from None
    version = metadata.get("format") if isinstance(metadata, dict) else None
    if version != FORMAT:
        raise ValueError(f"this version of sn89 reads only the format {FORMAT}, not {version!r:.40}")
    return dict(metadata)


def _shapes(file: Any) -> dict[str, tuple[int, ...]]:
    """The shape of every array, without reading the arrays."""
    shapes = {}
    for name in file.keys():  # noqa: SIM118 - file is not a dictionary
        array = file.get_slice(name)
        wanted = "F64" if name in HISTORY else "U8" if name == DELETED else "F32"
        if array.get_dtype() != wanted:
            raise ValueError(f"{name!r:.60} must be {wanted}, not {array.get_dtype()}")
        shapes[name] = tuple(array.get_shape())
    return shapes


def _net(file: Any, metadata: dict[str, Any], shapes: dict[str, tuple[int, ...]], limit: int) -> Net:
    """Build the declared net, after a check that it is no larger than the file and the limit allow."""
    ending = ".prototypes"
    length = sum(4 * math.prod(shape) for name, shape in shapes.items() if name.endswith(ending))
    if length > PROTOTYPES:
        raise ValueError(f"its prototypes take {length} bytes, more than the limit of {PROTOTYPES}")
    prototypes = {name.removesuffix(ending): file.get_tensor(name) for name in shapes if name.endswith(ending)}
    layers, how = declared(metadata.get("net"), prototypes)
    size, parameters = Net.size(*layers, squash=how["squash"], cost=how["cost"])
    there = sum(math.prod(shape) for name, shape in shapes.items() if name.endswith((".weights", ".bias")))
    if parameters != there:
        raise ValueError(f"the declared net has {parameters} parameters, but there are {there} in the file")
    if size > limit:
        raise ValueError(f"its net would take {size} bytes of memory, more than the limit of {limit}")
    return Net(*layers, **how)


def _prototypes(net: Net) -> dict[str, Array]:
    return {f"{layer.name}.prototypes": layer.prototypes for layer in net.layers if isinstance(layer, RBF)}


def _finite(name: str, array: Array) -> Array:
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite")
    return array
