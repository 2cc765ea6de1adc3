"""Net: a declaration made runnable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import _core
from .costs import Cost, HalfSquaredError
from .layers import RBF, Average, Full, Input, Layer, Local, all_to_all, names
from .rules import Diagonal
from .squash import ScaledTanh, Squash
from .starts import ByFanIn, Start

Array = np.ndarray


class Derivatives(NamedTuple):
    """Cost of one pattern, and its first and second derivatives with respect to every parameter."""

    cost: float
    gradient: Array
    curvature: Array


class NetLayer:
    """One layer of a net: its counts, and live views of its parameters.

    Attributes
    ----------
    name, kind : str
        What it is called, and what it is.
    declaration : Layer or Input
        What was declared.
    shape : (int, int, int)
        Maps, height and width.
    units, connections, free_parameters : int
        As the papers count them: biases are connections, and so are inputs from the background.
    """

    def __init__(self, net: Net, name: str, declaration: Input | Layer, counts: dict[str, Any]) -> None:
        self.name = name
        self.kind = getattr(declaration, "kind", "input")
        self.declaration = declaration
        shape = counts["shape"]
        self.shape = (shape["maps"], shape["height"], shape["width"])
        self.units: int = counts["units"]
        self.connections: int = counts["connections"]
        self.free_parameters: int = counts["weights"] + counts["biases"]
        first = counts["first"]
        self._weights = net.parameters[first : first + counts["weights"]]
        self._bias = net.parameters[first + counts["weights"] : first + self.free_parameters]
        self._sources = 0

    @property
    def table(self) -> tuple[tuple[int, ...], ...] | None:
        """For every map the source maps that it sees; None but for local connections."""
        if not isinstance(self.declaration, Local):
            return None
        if self.declaration.table is not None:
            return tuple(tuple(row) for row in self.declaration.table)
        return all_to_all(self._sources, self.shape[0])

    @property
    def kernels(self) -> Array | None:
        """The kernels of local connections, map after map in the order of `table`; None for other kinds.

        A float32 view of shape (kernels, height, width), with the unit's (row, column) as two more
        dimensions if kernels are not shared.
        """
        if not isinstance(self.declaration, Local):
            return None
        size = self.declaration.kernel if self.declaration.shared else (*self.declaration.kernel, *self.shape[1:])
        return self._weights.reshape(-1, *size)

    @property
    def weights(self) -> Array | list[Array] | None:
        """The weights as a live float32 view; None for the input.

        Local connections: (maps, sources, height, width), `kernels` by map; a list of one array per map if the maps
        have unequal numbers of sources. Averages: the coefficients, (maps,). Full connections: (units, inputs). RBF:
        the prototypes, (units, inputs), which cannot be written to.
        """
        match self.declaration:
            case Local():
                return self._kernels_by_map()
            case Full():
                return self._weights.reshape(self.units, -1)
            case Average():
                return self._weights
            case RBF():
                return self.declaration.prototypes
        return None

    def _kernels_by_map(self) -> Array | list[Array]:
        kernels, fans = self.kernels, [len(row) for row in self.table or ()]
        assert kernels is not None
        if len(set(fans)) == 1:
            return kernels.reshape(self.shape[0], fans[0], *kernels.shape[1:])
        return np.split(kernels, np.cumsum(fans)[:-1])

    @property
    def bias(self) -> Array | None:
        """The biases as a live float32 view, (maps,) or (maps, height, width) or (units,); None if there are none."""
        if not self._bias.size:
            return None
        per_unit = isinstance(self.declaration, Local) and self.declaration.bias == "unit"
        return self._bias.reshape(self.shape) if per_unit else self._bias

    def __repr__(self) -> str:
        return (
            f'<layer "{self.name}": {self.units:,} units, {self.connections:,} connections, '
            f"{self.free_parameters:,} free parameters>"
        )


class Net:
    """A net of planes of units: an input and layers, one above the other.

    Parameters
    ----------
    input : Input
        The input planes.
    *layers : Local, Average, Full or RBF
        The layers from the input to the output.
    squash : Squash
        The squashing function of every layer that does not say another.
    cost : Cost
        What learning makes small.
    start : Start
        Where the parameters begin.
    seed : int
        Of the start, 0 <= seed < 2**64; the same seed gives the same start on every platform.
    name : str
        A title for tables and pictures.

    Raises
    ------
    TypeError, ValueError
        If no such net can be; the message names the layer, what came and what was expected.
    MemoryError
        If there is not enough memory for it.
    """

    def __init__(
        self,
        input: Input,
        *layers: Layer,
        squash: Squash = ScaledTanh(),
        cost: Cost = HalfSquaredError(),
        start: Start = ByFanIn(),
        seed: int = 0,
        name: str = "net",
    ) -> None:
        for value, kind in ((input, Input), (squash, Squash), (cost, Cost), (start, Start)):
            if not isinstance(value, kind):
                raise TypeError(f"expected {kind.__name__}, not {value!r}")
        for layer in layers:
            if not isinstance(layer, (Local, Average, Full, RBF)):
                raise TypeError(f"a layer must be Local, Average, Full or RBF, not {layer!r}")
        self.input, self.layers, self.squash = input, layers, squash
        self.cost, self.start, self.seed, self.name = cost, start, _seed(seed), name
        self._names = ["input", *names(layers)]
        squashes = [layer.squash or squash for layer in layers]  # type: ignore[attr-defined]
        self._core = _core.Core(input, layers, squashes, cost)
        self.restart()

    def restart(self, seed: int | None = None) -> None:
        """Draw all parameters anew, by the net's start rule and its own seed or another."""
        self._core.start(self.start.kind, self.start.x, self.seed if seed is None else _seed(seed))

    # -- What it is ---------------------------------------------------------------------------------------------

    @property
    def parameters(self) -> Array:
        """All free parameters: one live float32 vector, shape (free_parameters,)."""
        return np.frombuffer(self._core.parameters, np.float32)

    @property
    def curvature(self) -> Array:
        """What a second-order rule divides by, of the same shape: its state after the last presentation; live."""
        return np.frombuffer(self._core.curvature, np.float32)

    def __getitem__(self, name: str) -> NetLayer:
        try:
            i = self._names.index(name)
        except ValueError:
            raise KeyError(f"no layer {name!r}; there are {', '.join(self._names)}") from None
        layer = NetLayer(self, name, self.layers[i - 1] if i else self.input, self._core.counts[i])
        layer._sources = self._core.counts[max(0, i - 1)]["shape"]["maps"]
        return layer

    def __iter__(self) -> Iterator[NetLayer]:
        """The layers, the input first."""
        return (self[name] for name in self._names)

    @property
    def units(self) -> int:
        """Number of units, those of the input included."""
        return sum(layer.units for layer in self)

    @property
    def connections(self) -> int:
        """Number of connections, biases and those to the background included."""
        return sum(layer.connections for layer in self)

    @property
    def free_parameters(self) -> int:
        """Number of free parameters."""
        return sum(layer.free_parameters for layer in self)

    @property
    def outputs(self) -> int:
        """Number of output units."""
        return self._core.counts[-1]["units"]

    def arrays(self) -> dict[str, Array]:
        """Every trained array by name, "H1.weights", "H1.bias" and so on; live float32 views.

        Where the maps of a layer have unequal numbers of sources, its flat ``kernels`` stand for its weights.
        """
        arrays = {}
        for layer in self:
            weights = layer.kernels if isinstance(layer.weights, list) else layer.weights
            if layer.free_parameters and weights is not None:
                arrays[f"{layer.name}.weights"] = weights
            if layer.bias is not None:
                arrays[f"{layer.name}.bias"] = layer.bias
        return arrays

    def __str__(self) -> str:
        return _table(self)

    def __repr__(self) -> str:
        return (
            f"<{self.name}: {self.units:,} units, {self.connections:,} connections, "
            f"{self.free_parameters:,} free parameters>"
        )

    def __reduce__(self) -> tuple:
        """Pickles and copies take the declaration and the parameters."""
        declaration = (self.input, *self.layers)
        rest = {key: getattr(self, key) for key in ("squash", "cost", "start", "seed", "name")}
        return _rebuild, (declaration, rest, self.parameters.copy(), self.curvature.copy())

    # -- What it does -------------------------------------------------------------------------------------------

    def __call__(self, X: Array) -> Array:
        """The outputs of one image, shape (outputs,), or of several, shape (n, outputs); float32.

        Parameters
        ----------
        X : ndarray of float, shape (height, width) or (n, height, width)
            With more than one input plane: (maps, height, width) or (n, maps, height, width). Images may be smaller
            than the input planes: they are centred.

        Raises
        ------
        TypeError, ValueError
            If X is not floating point, has another shape, or holds NaN or infinity.
        """
        patterns = self.patterns(X)
        outputs = np.empty((patterns.count, self.outputs), np.float32)
        self._core.evaluate(patterns, outputs)
        return outputs[0] if self._is_single(X) else outputs

    def predict(self, X: Array) -> Array:
        """The class of each image: int64, of shape (n,), or a single number."""
        return self.cost.scores(self(X)).argmax(axis=-1)

    def states(self, image: Array) -> dict[str, Array]:
        """The states of all units for one image: (maps, height, width), or (units,) where a layer has no maps."""
        self._require_single(image)
        states = [np.empty(layer.units, np.float32) for layer in self]
        self._core.states(self.patterns(image), states)
        flat = (Full, RBF)
        return {
            layer.name: values if isinstance(layer.declaration, flat) else values.reshape(layer.shape)
            for layer, values in zip(self, states, strict=True)
        }

    def derivatives(self, image: Array, y: int | Array, diagonal: Diagonal = "levenberg-marquardt") -> Derivatives:
        """Cost, gradient and instantaneous diagonal curvature of one pattern.

        Parameters
        ----------
        image : ndarray of float, shape (height, width)
            One image.
        y : int or ndarray of float, shape (outputs,)
            Its class, or its desired outputs.
        diagonal : {"levenberg-marquardt", "newton"}
            Whether the curvature leaves the terms in f'' out or keeps them.
        """
        self._require_single(image)
        if diagonal not in ("levenberg-marquardt", "newton"):
            raise ValueError(f'diagonal must be "levenberg-marquardt" or "newton", not {diagonal!r}')
        gradient, curvature = np.empty((2, self.free_parameters), np.float32)
        cost = self._core.derivatives(self.patterns(image, np.asarray(y)[None]), diagonal, gradient, curvature)
        return Derivatives(cost, gradient, curvature)

    # -- What comes in ------------------------------------------------------------------------------------------

    def patterns(self, X: Array, y: Array | None = None) -> _core.Patterns:
        """Images, and what is desired for them, checked and in the form that the core reads."""
        images = self._images(X)
        if y is None:
            return _core.Patterns(self._core, images)
        targets, target = self._targets(y, len(images))
        return _core.Patterns(self._core, images, targets, target)

    def _is_single(self, X: Array) -> bool:
        return np.ndim(X) == (2 if self.input.maps == 1 else 3)

    def _require_single(self, image: Array) -> None:
        if not self._is_single(image):
            raise ValueError(f"expected one image of {self._expected()}, not an array of shape {np.shape(image)}")

    def _expected(self) -> str:
        maps = f"{self.input.maps} x " if self.input.maps > 1 else ""
        return f"{maps}{self.input.height} x {self.input.width} units or smaller"

    def _images(self, X: Array) -> Array:
        X = np.asarray(X)
        if not np.issubdtype(X.dtype, np.floating):
            raise TypeError(f"images must be floating point, scaled as in training, not {X.dtype}")
        shape = X.shape
        if self._is_single(X):
            X = X[None]
        if self.input.maps == 1 and X.ndim == 3:
            X = X[:, None]
        fits = X.ndim == 4 and X.shape[1] == self.input.maps
        if not fits or not 0 < X.shape[2] <= self.input.height or not 0 < X.shape[3] <= self.input.width:
            raise ValueError(f"images must be {self._expected()}; got an array of shape {shape}")
        if len(X) == 0:
            raise ValueError("there are no images: the array is empty")
        with np.errstate(over="ignore"):
            X = np.ascontiguousarray(X, np.float32)
        finite = np.isfinite(X).all(axis=(1, 2, 3))
        if not finite.all():
            raise ValueError(f"images must be finite in float32; image {finite.argmin()} is not")
        return X

    def _targets(self, y: Array, count: int) -> tuple[Array, Array]:
        """Rows of desired outputs, and which of them each pattern wants."""
        y = np.asarray(y)
        if len(y.shape) == 0 or len(y) != count:
            raise ValueError(
                f"there must be one label or row of desired outputs for each of {count} images, not {y.shape}"
            )
        if y.ndim == 1:
            return self.cost.targets(self.outputs), _labels(y, self.outputs)
        if not np.issubdtype(y.dtype, np.floating):
            raise TypeError(f"desired outputs must be floating point, not {y.dtype}")
        if y.shape[1:] != (self.outputs,):
            raise ValueError(f"desired outputs must have shape ({count}, {self.outputs}), not {y.shape}")
        rows = np.ascontiguousarray(y, np.float32)
        if not np.isfinite(rows).all():
            raise ValueError("desired outputs must be finite")
        self.cost.check_targets(rows)
        return rows, np.arange(count)


def _seed(seed: object) -> int:
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise TypeError(f"seed must be a whole number, not {seed!r}")
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must be in [0, 2**64), not {seed}")
    return int(seed)


def _labels(y: Array, classes: int) -> Array:
    if not np.issubdtype(y.dtype, np.integer):
        raise TypeError(f"labels must be whole numbers, not {y.dtype}")
    outside = (y < 0) | (y >= classes)
    if outside.any():
        i = int(outside.argmax())
        raise ValueError(f"labels must be 0 to {classes - 1}; label {i} is {y[i]}")
    return np.ascontiguousarray(y, np.int64)


def _rebuild(declaration: Sequence[Any], rest: dict[str, Any], parameters: Array, curvature: Array) -> Net:
    net = Net(*declaration, **rest)
    net.parameters[:] = parameters
    net.curvature[:] = curvature
    return net


# -- The table that print(net) shows ----------------------------------------------------------------------------

_HEAD = ("layer", "planes", "size", "a unit's inputs", "bias", "units", "connections", "free parameters")


def _size(pair: Sequence[int]) -> str:
    return "x".join(map(str, pair))


def _inputs(layer: NetLayer) -> tuple[str, str]:
    """What the table says of a unit's inputs, and of biases."""
    match layer.declaration:
        case Local() as told:
            fans = sorted({len(row) for row in layer.table or ()})
            seen = " or ".join(map(str, fans)) if len(fans) < 3 else f"{fans[0]} to {fans[-1]}"
            words = f"{_size(told.kernel)} on {seen} of {layer._sources}"
            words += "" if told.stride == (1, 1) else f", stride {_size(told.stride)}"
            words += "" if told.shared else ", not shared"
            return words, {"unit": "per unit", "map": "per map", None: "none"}[told.bias]
        case Average() as told:
            return f"{_size(told.size)} sum", "per map"
        case Full():
            return "all", "per unit"
        case RBF():
            return "distance to all", "none"
    return "", ""


def _row(layer: NetLayer) -> tuple[str, ...]:
    flat = isinstance(layer.declaration, (Full, RBF))
    planes, size = ("-", str(layer.units)) if flat else (str(layer.shape[0]), _size(layer.shape[1:]))
    counts = (layer.units, layer.connections, layer.free_parameters)
    return (layer.name, planes, size, *_inputs(layer), *(f"{count:,}" if count else "-" for count in counts))


def _table(net: Net) -> str:
    total = ("total", *[""] * 4, *(f"{n:,}" for n in (net.units, net.connections, net.free_parameters)))
    rows = [_HEAD, *(_row(layer) for layer in net), total]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    lines = [
        "  ".join(
            cell.ljust(width) if i < 5 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    rule = "-" * len(lines[0])
    return "\n".join([net.name, lines[0], rule, *lines[1:-1], rule, lines[-1]])
