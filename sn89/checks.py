"""Images, labels, desired outputs and weights, checked and brought to the form that the core reads."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from .aliases import Array
from .arguments import in_line
from .costs import Cost
from .counted import counted
from .layers import Input

PIECE = 2**20  # numbers that are checked in one step
ClassWeight = Mapping[int, float] | Sequence[float]


def _array(values: object, what: str) -> Array:
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"{what} must form an array, but their lengths differ") from None


def is_single(X: Array, input: Input) -> bool:
    """Whether X is one image and not several."""
    return np.ndim(X) == (2 if input.maps == 1 else 3)


def is_in_colours(shape: tuple[int, ...], input: Input) -> bool:
    """Whether an array for a net of one input plane is a picture with 3 or 4 colours in its last axis.

    It could also be many images of 3 columns, but no digits are so narrow.
    """
    *sides, last = shape
    return input.maps == 1 and len(shape) == 3 and 3 <= last <= 4 < input.width and min(sides) >= 8


def expected(input: Input) -> str:
    """The size of an image, for messages."""
    maps = f"{input.maps} x " if input.maps > 1 else ""
    return f"{maps}{input.height} x {input.width} units or smaller"


def _scaling(X: Array) -> str:
    """Advice for an array that is not floating point."""
    if X.dtype.kind not in "biu":
        return "numbers in an array (sn89.pictures.load reads a file)"
    return "scaled as in training (bytes of light ink: X / 127.5 - 1; any picture of a digit: sn89.size_normalize)"


def check_images(X: Array, input: Input) -> Array:
    """Images as float32 (n, maps, height, width), contiguous."""
    X = _array(X, "images")
    if not np.issubdtype(X.dtype, np.floating):
        raise TypeError(f"images must be floating point, {_scaling(X)}, not {X.dtype}")
    shape = X.shape
    if is_single(X, input):
        X = X[None]
    if input.maps == 1 and X.ndim == 3:
        X = X[:, None]
    fits = X.ndim == 4 and X.shape[1] == input.maps and not is_in_colours(shape, input)
    if not fits or not 0 < X.shape[2] <= input.height or not 0 < X.shape[3] <= input.width:
        raise ValueError(f"images must be {expected(input)}; got an array of shape {shape}{_advice(shape, input)}")
    if len(X) == 0:
        raise ValueError("there are no images: the array is empty")
    as_is = X.dtype == np.float32 and X.flags.c_contiguous and X.flags.aligned
    made = X if as_is else np.empty(X.shape, np.float32)
    for part in pieces(X):
        if made is not X:
            with np.errstate(over="ignore"):
                made[part] = X[part]
        finite = np.isfinite(made[part])
        if not finite.all():
            i = part.start + finite.all(axis=(1, 2, 3)).argmin()
            raise ValueError(f"images must be finite in float32; image {i} is not")
    return made


def pieces(X: Array) -> Iterator[slice]:
    """Parts of an array that take milliseconds each, so that Ctrl-C works between them."""
    rows = max(1, PIECE * len(X) // max(1, X.size))
    return (slice(i, i + rows) for i in range(0, len(X), rows))


def _advice(shape: tuple[int, ...], input: Input) -> str:
    """Advice for an array of another shape, if there is any."""
    plane = (input.maps, input.height, input.width) if input.maps > 1 else (input.height, input.width)
    one, several = math.prod(plane), ", ".join(map(str, plane))
    if shape and shape[-1] == one and len(shape) <= 2:
        return f"; X.reshape(-1, {several}) makes images of its rows"
    if input.height == 1 < input.maps and len(shape) in (2, 3):
        if shape[-2] == input.maps:
            return "; X[..., None, :] gives each signal its one row"
        if shape[-1] == input.maps:
            return "; np.swapaxes(X, -1, -2)[..., None, :] puts the maps first and gives each signal its one row"
    if len(shape) == 4 and shape[-1] == 1 and input.maps == 1:
        return "; X[..., 0] leaves out the channel, which here would come first"
    if len(shape) == 4 and shape[-1] == input.maps > 1:
        return "; X.transpose(0, 3, 1, 2) puts the maps first"
    if len(shape) in (3, 4) and 1 < shape[-1] <= 4 and input.maps == 1:
        return "; a picture in colours is read by sn89.pictures.load, and made an image by sn89.size_normalize"
    if input.maps == 1 and len(shape) in (2, 3) and max(shape[-2:]) > max(input.height, input.width):
        return "; sn89.size_normalize makes one of a picture of a digit, as large as it may be"
    return ""


def check_targets(y: Array, count: int, outputs: int, cost: Cost) -> tuple[Array, Array]:
    """Rows of desired outputs, and the number of the row of each pattern."""
    y = _array(y, "labels or desired outputs")
    if y.dtype == object:
        raise TypeError(f"labels must be whole numbers, not {y.dtype}{_as_labels(y)}")
    if len(y.shape) == 0 or len(y) != count:
        raise ValueError(
            f"there must be one label or row of desired outputs for each of {counted(count, 'image')}, not {y.shape}"
        )
    if y.ndim == 1:
        return cost.targets(outputs), _labels(y, outputs)
    if y.shape[1:] != (outputs,):
        column = "; y.ravel() makes labels of one column" if y.shape == (count, 1) else ""
        raise ValueError(f"desired outputs must have shape ({count}, {outputs}), not {y.shape}{column}")
    if y.dtype.kind in "biu" and are_one_hot(y):  # as floats, 1 and 0 themselves are desired
        return cost.targets(outputs), y.argmax(axis=1)
    if not np.issubdtype(y.dtype, np.floating):
        raise TypeError(f"desired outputs must be floating point, not {y.dtype}: y.astype(float) makes them so")
    with np.errstate(over="ignore"):
        rows = np.require(y, np.float32, ["C", "ALIGNED"])
    if not np.isfinite(rows).all():
        raise ValueError("desired outputs must be finite in float32")
    cost.check_targets(rows)
    return rows, np.arange(count, dtype=np.int64)


def are_one_hot(y: Array) -> bool:
    """Whether these rows are one-hot labels: one 1 in each row, and 0 everywhere else."""
    if y.ndim != 2 or y.shape[1] < 2 or y.dtype.kind not in "biuf" or len(y) == 0:
        return False
    ones = y == 1
    return bool((ones.sum(axis=1) == 1).all() and ((y == 0) | ones).all())


def _labels(y: Array, classes: int) -> Array:
    if not np.issubdtype(y.dtype, np.integer):
        raise TypeError(f"labels must be whole numbers, not {y.dtype}{_as_labels(y)}")
    outside = (y < 0) | (y >= classes)
    if outside.any():
        i = int(outside.argmax())
        hint = ". They begin with 1, so give y - 1" if y.min() == 1 and y.max() == classes else ""
        raise ValueError(f"labels must be 0 to {classes - 1}; label {i} is {y[i]}{hint}")
    return np.require(y, np.int64, ["C", "ALIGNED"])


def _as_labels(y: Array) -> str:
    """Advice for labels of another type."""
    if y.dtype.kind == "f" and np.isfinite(y).all() and (y == np.rint(y)).all():
        return ": y.astype(int) makes them so"
    if y.dtype.kind in "US" or (y.dtype.kind == "O" and y.size and isinstance(y.flat[0], str)):
        return ": np.unique(y, return_inverse=True) numbers them (sn89.estimator.NetClassifier does it for you)"
    return ""


def check_weights(weights: Array, count: int) -> Array:
    """Weights of patterns as float32 (n,)."""
    given = _array(weights, "sample weights")
    if given.dtype.kind not in "biuf":
        raise TypeError(f"sample weights must be numbers, not {given.dtype}")
    if given.shape != (count,):
        raise ValueError(f"there must be one sample weight for each of {counted(count, 'image')}, not {given.shape}")
    with np.errstate(over="ignore"):
        weights = given.astype(np.float32)
    wrong = ~(np.isfinite(weights) & (weights >= 0))
    if wrong.any():
        i = int(wrong.argmax())
        raise ValueError(f"sample weights must be finite in float32 and not negative; weight {i} is {given[i]}")
    if not weights.any():
        raise ValueError("sample weights must not all be zero, because nothing would be learned")
    return weights


def by_label(given: Any, labels: Sequence[Any]) -> Mapping[Any, float] | Literal["balanced"]:
    """Weights of classes by label; a list has one weight for each label, in their order."""
    wanted = f'class_weight must be "balanced", or the weights of the classes, {{label: weight}}, not {in_line(given)}'
    if isinstance(given, str):
        if given != "balanced":
            raise ValueError(wanted)
        return "balanced"
    if isinstance(given, Mapping):
        return given
    if np.ndim(given) != 1:
        raise TypeError(wanted)
    if len(given) != len(labels):
        raise ValueError(f"class_weight must have a weight for each of {len(labels)} classes, not {len(given)}")
    return dict(zip(labels, np.asarray(given).tolist(), strict=True))


def weights_of(y: Array, classes: int, given: Array | None, class_weight: ClassWeight | str | None) -> Array | None:
    """The weight of each pattern, its own times that of its class; None without weights.

    "balanced" gives every class in y the same total weight, and all patterns the mean weight 1.
    """
    if class_weight is None:
        return given
    labels, class_weight = np.asarray(y), by_label(class_weight, range(classes))
    labels = labels.argmax(axis=1) if are_one_hot(labels) else labels
    if labels.ndim != 1:
        raise ValueError("class_weight needs labels, but y has desired outputs: give sample_weight instead")
    if isinstance(class_weight, str):
        _, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
        by_class = (len(labels) / (len(counts) * counts))[inverse]
    else:
        unknown = [name for name in class_weight if name not in range(classes)]
        if unknown:
            raise ValueError(f"class_weight names the class {unknown[0]!r}, and labels are 0 to {classes - 1}")
        by_class = np.array([class_weight.get(label, 1) for label in labels.tolist()])
    return by_class if given is None else by_class * check_weights(given, len(labels))


def check_numbers(order: Array) -> Array:
    """Numbers of patterns, in the order of their presentation, as int64 (n,)."""
    given = _array(order, "order")
    if given.dtype.kind not in "iu" or given.ndim != 1 or not given.size:
        raise ValueError(f"order must be a list of pattern numbers, not {given.dtype} of shape {given.shape}")
    return given.astype(np.int64)


def check_vector(values: Array | float, what: str, shape: tuple[int, ...]) -> Array:
    """A number for each parameter, or one for all, finite in float32."""
    given = np.asarray(values)
    if given.dtype.kind not in "iuf":
        raise TypeError(f"{what} must be numbers, not {given.dtype}")
    if given.shape not in ((), shape):
        raise ValueError(f"{what} must be one number or have shape {shape}, not {given.shape}")
    with np.errstate(over="ignore"):
        vector = np.broadcast_to(given.astype(np.float32), shape)
    if not np.isfinite(vector).all():
        raise ValueError(f"{what} must be finite in float32")
    return vector
