"""Load digits from files of many kinds: find them, pair images with labels, turn them upright, and scale them."""

import math
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import files, formats, mnist, usps
from .digits import Digits
from .formats import finding, folders
from .mnist import SCALES, check_scale, resize

Array = NDArray[Any]
Named = list[tuple[str, Array]]

LABELS = re.compile(r"label|target|gnd|ans(?:wer)?s?$|class|(?:^|[/_])y(?:$|[/_t])|_y$", re.IGNORECASE)
BY_CLASS = re.compile(r"(.*?)_?(\d)", re.DOTALL)  # names of arrays of one class each
INK = (1.0, 16.0, 255.0, 65535.0)  # usual levels of ink if paper is 0
MAPS = 4  # planes of an image, at most


class Found(NamedTuple):
    """Images of any numeric type, (n, height, width), and their labels."""

    images: Array
    labels: NDArray[np.int64]


def load(
    path: files.Folder,
    *,
    size: int | None = None,
    scale: tuple[float, float] | None = None,
    transposed: bool | None = None,
    limit: int = formats.LIMIT,
) -> Digits:
    """Load digits from files of many formats.

    The format is recognised by the content: IDX (MNIST, Fashion-MNIST, KMNIST, EMNIST), text tables with a label and
    grey levels in each line (``zip.train``, CSV from Kaggle and OpenML, ARFF), LIBSVM's format, NumPy's ``.npz``
    (Keras' ``mnist.npz``, or arrays X, y, Xt, yt), MATLAB's ``.mat`` (needs scipy) and HDF5 such as ``usps.h5`` (needs
    h5py). Each may be compressed by gzip, bzip2 or xz, or be in a zip archive. A folder of pictures is read too, with a
    folder for each digit, named 0 to 9, or with a file ``labels.csv``, perhaps within folders ``train`` and ``test``.
    Nothing is downloaded, and nothing in a file is run.

    Parameters
    ----------
    path : path
        A file, whose labels and test digits are found beside it by their names; or a folder with one set in it or in
        folders below it.
    size : {16, 28, 32}, optional
        Height and width to which images of 28x28 are resized, as by `mnist`. Other images are not resized.
    scale : (float, float), optional
        Levels of paper and of ink. The default is (-1, 1), or LeNet-5's (-0.1, 1.175) if `size` is 32.
    transposed : bool, optional
        Whether rows and columns are exchanged in the file, as in EMNIST and in some files of MATLAB. By default this is
        recognised by the ones, which then lie on their sides, or by the name EMNIST.
    limit : int
        Largest size of the images in a file, in bytes.

    Returns
    -------
    Digits
        Images float32 (n, height, width) and labels int64. The test part is empty if the files have no test digits. The
        `notes` say what was found and how it was scaled.

    Raises
    ------
    DataNotFoundError
        If there is no such file, or the folder has no digits.
    ValueError
        If a file is damaged, too large, of an unknown format or does not fit the others, or if the folder has several
        sets.
    ImportError
        If a file needs scipy or h5py, which is not installed.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> import numpy as np
    >>> np.savez("mine.npz", x_train=X, y_train=y, x_test=Xt, y_test=yt)
    >>> digits = sn89.datasets.load("mine.npz")
    >>> len(digits.train[0]), len(digits.test[0])
    (200, 50)
    """
    if size not in (None, *SCALES):
        raise ValueError(f"size must be 28, 16 or 32, not {size!r}")
    low, high = check_scale(SCALES.get(size or 28, SCALES[28]) if scale is None else scale)
    place, notes = Path(path).expanduser(), list[str]()
    paths, arrays = _found(place, limit, notes)
    with formats.naming(paths[0] if len(paths) == 1 else paths[0].parent):
        parts = _parts(arrays, notes)
        parts = _upright(parts, " ".join(one.name for one in paths), transposed, notes)
        parts = _unsmoothed(parts, notes)
        scaled = _scaled([one.images for one in parts], size, low, high, notes)
        labels = _labels([one.labels for one in parts], parts[0].images, notes)
        name = _published(parts, labels) or finding.common_name(paths)
    train, test = ((X, y) for X, y in zip(scaled, labels, strict=True))
    return Digits(name, train, test, files.describe(paths), notes=tuple(notes))


def _found(path: Path, limit: int, notes: list[str]) -> tuple[list[Path], dict[Path, formats.Arrays]]:
    """The files of a set with their arrays, or a folder of pictures with these as arrays."""
    if path.is_dir():
        files = [one for those in finding.sets_in(path).values() for one in those]
        if all(map(finding.is_table, files)) and (pictures := folders.read(path, limit, notes, bool(files))):
            return [path], {path: pictures}
    paths = finding.files_of(path)
    return paths, {one: formats.read(one, formats.Bounds(limit)) for one in paths}


# ---- Choosing arrays -------------------------------------------------------------------------------------------------


def _parts(files: dict[Path, formats.Arrays], notes: list[str]) -> list[Found]:
    """The training and the test digits in some files; a part without images or labels is empty."""
    found: dict[tuple[bool, bool], list[tuple[str, Array]]] = {}
    for path, arrays in files.items():
        for inner, array in _together(arrays, notes).items():
            if array.size:
                name = f"{path.name}/{inner}".strip("/")
                test = finding.is_test(inner) or (path.is_file() and finding.is_test(finding.role(path)))
                found.setdefault((test, _is_labels(inner or path.name, array)), []).append((name, array))
    parts = [_part(found.get((test, False), []), found.get((test, True), []), notes) for test in (False, True)]
    if parts[0] is None and parts[1] is not None:
        parts = [parts[1], None]
        notes.append("the only digits are called test digits; they are used for training")
    first = parts[0]
    if first is None:
        names = ", ".join(f"{name} {array.shape}" for those in found.values() for name, array in those[:5])
        raise ValueError(
            f"it has no images with labels but only {names or 'empty arrays'}. A file of labels is found beside the "
            "file of images by its name (X_train.npy and y_train.npy) or by its length"
        )
    return [first, parts[1] or Found(first.images[:0], first.labels[:0])]


def _together(arrays: formats.Arrays, notes: list[str]) -> formats.Arrays:
    """The arrays, those of one class each, such as train0 to train9, joined into images and labels."""
    named = {name: match for name in arrays if (match := BY_CLASS.fullmatch(name))}
    stems = {match[1] for match in named.values()}
    rows = {name: arrays[name] for name in named}
    if len(named) != 10 * len(stems) or len({one.shape[-1] for one in rows.values() if one.ndim == 2}) != 1:
        return arrays
    found = {name: array for name, array in arrays.items() if name not in named}
    for stem in sorted(stems):
        mine = [(int(match[2]), rows[name]) for name, match in named.items() if match[1] == stem]
        labels = np.concatenate([np.full(len(array), label) for label, array in mine])
        turn = np.argsort(np.concatenate([np.arange(len(array)) for _, array in mine]), kind="stable")
        found[f"{stem}images"] = np.concatenate([array for _, array in mine])[turn]
        found[f"{stem}labels"] = labels[turn]
    notes.append("there is an array for each class, and digits are taken from each in turn")
    return found


def _is_labels(name: str, array: Array) -> bool:
    long = sorted(side for side in array.shape if side > 1)
    if len(long) <= 1:
        return True
    return len(long) == 2 and long[0] <= 100 and bool(LABELS.search(name)) and not formats.text.is_square(long[0])


def _part(images: list[tuple[str, Array]], labels: list[tuple[str, Array]], notes: list[str]) -> Found | None:
    """Images and labels that belong together."""
    if not images:
        return None
    images, labels = _paired(images, labels)
    if len(images) > 1 or len(labels) > 1:
        names = ", ".join(f"{name} {array.shape}" for name, array in (images if len(images) > 1 else labels)[:20])
        raise ValueError(
            f"it is not clear which of these arrays belong together: {names}; name them X_train, y_train, X_test and "
            "y_test"
        )
    name, array = images[0]
    if not labels:
        if array.ndim == 3 and array.shape[2] == 10 and formats.text.is_square(array.shape[0]):
            notes.append(f"{name}: {array.shape[1]} digits of each class, one class after the other")
            stacked = array.transpose(2, 1, 0).reshape(-1, array.shape[0])
            return Found(_pictures(stacked, len(stacked), name), np.repeat(np.arange(1, 11), array.shape[1]))
        notes.append(f"{name}: it has no labels and is left out")
        return None
    found = _plain_labels(*labels[0])
    pictures = _pictures(array, len(found), name)
    notes.append(f"{name}: {len(pictures):,} images of {'x'.join(map(str, pictures.shape[1:]))}, {array.dtype}")
    return Found(pictures, found)


def _paired(images: Named, labels: Named) -> tuple[Named, Named]:
    """The images and labels without duplicates in other shapes, and without labels of another count."""
    once = list[tuple[str, Array]]()
    for name, array in images:
        if not any(np.array_equal(array.ravel(), other.ravel()) for _, other in once):
            once.append((name, array))
    if len(labels) > 1 and len(once) == 1:
        labels = [one for one in labels if max(one[1].shape) in once[0][1].shape] or labels
    return once, labels


def _plain_labels(name: str, array: Array) -> NDArray[np.int64]:
    """Labels as whole numbers; in an array with a number for each class, the place of the largest number."""
    squeezed = array.squeeze()
    if squeezed.ndim == 2:
        rows = squeezed if squeezed.shape[1] < squeezed.shape[0] else squeezed.T
        if len(np.unique(rows[:1000])) == 2 or rows.dtype.kind == "f":
            return np.asarray(rows.argmax(axis=1), np.int64)
        squeezed = rows[:, 0]  # the other columns of QMNIST describe the writer
    squeezed = np.atleast_1d(squeezed)
    wrong = ~(np.isfinite(squeezed) & (squeezed == np.rint(squeezed)) & (np.abs(squeezed) <= 1000))
    if wrong.any():
        raise ValueError(f"{name}: labels must be whole numbers from 0 to 1000, not {squeezed[wrong][0]:g}")
    return squeezed.astype(np.int64)


def _pictures(array: Array, count: int, name: str) -> Array:
    """Images (n, height, width) from an array with another order of axes."""
    shape = array.shape
    if array.ndim in (2, 3) and shape[0] != count and shape[-1] == count:
        array = np.moveaxis(array, -1, 0)
    elif array.ndim == 4 and 1 in (shape[1], shape[3]):
        array = array[:, 0] if shape[1] == 1 else array[..., 0]
    elif array.ndim == 4 and shape[1] <= MAPS < shape[3] and len(array) == count:
        return array  # images of several planes
    if array.ndim == 2 and formats.text.is_square(array.shape[1]):
        side = math.isqrt(array.shape[1])
        array = array.reshape(-1, side, side)
    if array.ndim != 3:
        raise ValueError(
            f"{name}: images must be grey, with shape (n, height, width) or (n, pixels of a square), not {shape}"
        )
    if len(array) != count:
        raise ValueError(f"{name}: there are {len(array):,} images, but {count:,} labels")
    return array


# ---- Orientation and labels ------------------------------------------------------------------------------------------


def _upright(parts: list[Found], name: str, transposed: bool | None, notes: list[str]) -> list[Found]:
    """The images, with rows and columns exchanged if the digits lie on their sides."""
    if transposed is None:
        lying = _ones_lie(parts[0])
        transposed = "emnist" in name.lower().replace("-", "") if lying is None else lying
    if not transposed:
        return parts
    notes.append("rows and columns are exchanged, so that digits are upright")
    return [Found(one.images.swapaxes(-1, -2), one.labels) for one in parts]


def _ones_lie(part: Found) -> bool | None:
    """Whether ones are wider than tall; None if this is not clear."""
    if part.images.ndim != 3 or part.images.shape[1] != part.images.shape[2]:
        return None
    one = 2 if part.labels.min() == 1 and part.labels.max() == 10 and _zero_of(part) == 1 else 1
    ones = part.images[part.labels == one][:1000]
    if len(ones) < 10:
        return None
    ink = np.abs(_ink(ones).mean(axis=0))
    ink = np.maximum(ink - ink.mean(), 0)
    down, across = (_spread(ink.sum(axis=axis)) for axis in (1, 0))
    return None if max(down, across) < 1.4 * min(down, across) else across > down


def _ink(images: Array) -> NDArray[np.float32]:
    """The images minus the level of paper, which is the median of all borders."""
    levels = images.astype(np.float32)
    return np.asarray(levels - np.median(_ends(levels)))


def _spread(profile: NDArray[np.float32]) -> float:
    where = np.arange(len(profile))
    total = float(profile.sum()) or 1.0
    middle = float(where @ profile) / total
    return math.sqrt(float((where - middle) ** 2 @ profile) / total)


def _zero_of(part: Found) -> int:
    """The label of the digit 0, 1 or 10: that of the digits with less ink in the middle."""
    size = part.images.shape[1]
    middle = slice(size // 2 - size // 8, size // 2 + size // 8)
    ink = [np.abs(_ink(part.images[part.labels == label][:1000])).mean(axis=0) for label in (1, 10)]
    hollow = [float(one[middle, middle].mean() / max(float(one.mean()), 1e-9)) for one in ink]
    return 1 if hollow[0] < hollow[1] else 10


def _labels(labels: list[NDArray[np.int64]], images: Array, notes: list[str]) -> list[NDArray[np.int64]]:
    """Labels from 0 on. If they go from 1 to 10, either all are too large by one, or 10 stands for 0."""
    everything = np.concatenate(labels)
    if everything.min() < 0:
        raise ValueError(f"labels must be 0 or more, not {everything.min()}")
    if (everything.min(), everything.max()) != (1, 10):
        return labels
    if _zero_of(Found(images, labels[0])) == 1:
        notes.append("labels 1 to 10 are the digits 0 to 9, as the images show")
        return [np.subtract(one, 1) for one in labels]
    notes.append("label 10 is the digit 0, as the images show")
    return [one % 10 for one in labels]


def _unsmoothed(parts: list[Found], notes: list[str]) -> list[Found]:
    """The images, restored if they are USPS's and LIBSVM has smoothed them."""
    images = np.concatenate([one.images for one in parts]) if parts[0].images.shape[1:] == (16, 16) else None
    if images is None or images.dtype.kind != "f" or not -1 <= images.min() < 0 or images.max() > 1:
        return parts
    if np.abs(images - np.round(images, 3)).max() <= 1e-5:
        return parts
    try:
        original = usps.restored(images.astype(np.float32))
    except ValueError:
        return parts
    if np.abs(usps.smoothed(original) - images).max() > 1e-5:
        return parts
    notes.append("the smoothing of LIBSVM's USPS was undone")
    split = len(parts[0].images)
    return [parts[0]._replace(images=original[:split]), parts[1]._replace(images=original[split:])]


def _published(parts: list[Found], labels: list[NDArray[np.int64]]) -> str | None:
    """The name of the published set with exactly these digits, or None."""
    (X, _), (Xt, _) = parts
    y, yt = labels
    if X.dtype == np.uint8 and mnist.are_published([X, y.astype(np.uint8), Xt, yt.astype(np.uint8)]):
        return "MNIST"
    if X.dtype.kind == "f" and len(Xt) and usps.are_published([(X, y), (Xt, yt)]):
        return "USPS"
    return None


# ---- Levels ----------------------------------------------------------------------------------------------------------


def _scaled(
    images: list[Array], size: int | None, low: float, high: float, notes: list[str]
) -> list[NDArray[np.float32]]:
    """The images with paper at the level `low` and ink at `high`."""
    ends = [(float(one.min()), float(one.max())) for one in images if one.size]
    least, most = min(end[0] for end in ends), max(end[1] for end in ends)
    if not math.isfinite(least) or not math.isfinite(most):
        raise ValueError("images must be finite, not NaN or infinite")
    if most <= least:
        raise ValueError(f"the images show nothing, because every pixel is {least:g}")
    paper, ink = _range(least, most)
    dark = float(np.median(_ends(images[0]))) > paper + 0.75 * (ink - paper)
    if dark:
        paper, ink = ink, paper
    words = f"levels from {paper:g} (paper) to {ink:g} (ink) became {low:g} to {high:g}"
    notes.append(words if (paper, ink) != (low, high) else f"levels go from {low:g} (paper) to {high:g} (ink)")
    if size not in (None, 28) and images[0].shape[1:] == (28, 28):
        notes.append(f"images of 28x28 were resized to {size}x{size}")
        return [resize(_bytes(one, paper, ink), int(size or 28), low, high) for one in images]
    if size not in (None, *images[0].shape[1:]):
        shape = "x".join(map(str, images[0].shape[1:]))
        notes.append(f"images of {shape} were not resized, because only images of 28x28 are")
    return [_between(one, paper, ink, low, high) for one in images]


def _range(least: float, most: float) -> tuple[float, float]:
    """The usual range of levels to which images were scaled, or else that from the least to the greatest level."""
    if -1.001 <= least < 0 and most <= 1.001:
        return -1.0, 1.0
    if least < 0:
        return least, most
    return 0.0, next((ink for ink in INK if most <= ink), most)


def _ends(images: Array) -> Array:
    """The pixels of the four borders of some images."""
    some = images[:1000]
    return np.concatenate([one.ravel() for one in (some[..., 0, :], some[..., -1, :], some[..., 0], some[..., -1])])


def _between(images: Array, paper: float, ink: float, low: float, high: float) -> NDArray[np.float32]:
    if (paper, ink) == (low, high):
        return np.ascontiguousarray(images, np.float32)
    if images.dtype == np.uint8 and {paper, ink} == {0.0, 255.0}:  # from a table, so that rounding stays in the range
        steps = np.linspace(low, high, 256).astype(np.float32)
        return np.ascontiguousarray((steps if ink > paper else steps[::-1])[images])
    scaled = np.empty(images.shape, np.float32)
    for i in range(0, len(images), 4096):
        share = (images[i : i + 4096].astype(np.float64) - paper) / (ink - paper)
        scaled[i : i + 4096] = low + (high - low) * share
    return scaled


def _bytes(images: Array, paper: float, ink: float) -> NDArray[np.uint8]:
    """Levels as bytes, the form in which images of 28x28 were published."""
    if images.dtype == np.uint8 and (paper, ink) == (0.0, 255.0):
        return np.ascontiguousarray(images)
    return np.asarray(np.rint(255 * (images.astype(np.float32) - paper) / (ink - paper)), np.uint8)
