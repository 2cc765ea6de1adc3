"""Net: a declaration made runnable."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from ._core import Core, Hold, Patterns, Presented, Vector, size
from .aliases import Array, Range
from .arguments import check_seed, instance, one_of, pair, whole
from .before import all_or_nothing
from .checks import check_images, check_numbers, check_targets, check_vector, check_weights, expected, is_single
from .confidence import Confidence, usual
from .costs import Cost, HalfSquaredError
from .counted import counted
from .distortions import Distortion
from .facts import astray
from .keywords import METHODS, NET, in_our_words
from .layers import RBF, Average, Dropout, Full, Input, Layer, Local, flatness, names
from .netlayer import NetLayer
from .printable import one_line
from .replicate import replicated
from .rules import DIAGONALS, Diagonal, Step
from .squash import ScaledTanh, Squash
from .starts import ByFanIn, Start
from .table import table

__all__ = ["Derivatives", "Net", "Patterns", "Presented", "ScaleWarning"]

_CHUNK = 256  # patterns whose curvatures are averaged in float32


class ScaleWarning(UserWarning):
    """Images have another scale than those that the net learned from, so that its answers mean little."""


class Derivatives(NamedTuple):
    """Cost of one pattern, and its first and second derivatives with respect to every parameter.

    Attributes
    ----------
    cost : float
    gradient, curvature : ndarray of float32, shape (parameters,)
        Deleted parameters have derivatives too, as if they were there.
    """

    cost: float
    gradient: Array
    curvature: Array


class Net:
    """A net of planes of units: an input and layers, one above the other.

    Parameters
    ----------
    input : Input
        The input planes.
    *layers : Local, Average, Full, RBF or Dropout
        The layers from the input to the output.
    squash : Squash
        The squashing function (activation) of every layer that does not have its own.
    cost : Cost
        The cost (loss) that learning minimises.
    start : Start
        The start rule (initialisation) of the parameters.
    seed : int
        Seed of the start, 0 <= seed < 2**64; the same seed gives the same start on every platform.
    name : str
        A title for tables and pictures, on one line; "?" replaces characters that cannot be printed.

    Raises
    ------
    TypeError, ValueError
        If such a net is impossible; the message names the layer, what came and what was expected.
    MemoryError
        If there is not enough memory for it.

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> net.predict(Xt).shape, net.confident(Xt).shape  # a label for each image, and how sure it is
    ((50,), (50,))
    >>> {name: state.shape for name, state in net.states(Xt[0]).items()}
    {'input': (1, 16, 16), 'H1': (12, 8, 8), 'H2': (12, 4, 4), 'H3': (30,), 'output': (10,)}
    >>> cost, gradient, curvature = net.derivatives(Xt[0], yt[0])
    >>> gradient.shape, bool((curvature >= 0).all())
    ((9760,), True)
    >>> net.input_gradient(Xt[0], 3).shape  # where more ink would make it less of a 3, or more
    (16, 16)
    >>> net.distorted(X[:3], sn89.Distortion(shift=1, rotation=10)).shape
    (3, 16, 16)
    """

    @in_our_words(NET)
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
        self._build(input, layers, squash, cost, start, seed, name)
        self.restart()

    def _build(
        self, input: Input, layers: tuple[Layer, ...], squash: Squash, cost: Cost, start: Start, seed: int, name: str
    ) -> None:
        """All but the start: parameters are 0."""
        self._squashes = _squashes(input, layers, squash, cost)
        instance(start, "start", Start)
        self.input, self.layers, self.squash = input, layers, squash
        self.cost, self.start, self.seed, self.name = cost, start, check_seed(seed), name
        self._doubted = False
        self._names, self._flat = ["input", *names(layers)], [False, *flatness(layers)]
        self._core = Core(input, layers, self._squashes, cost)
        self._image_shape = (input.height, input.width)

    if not TYPE_CHECKING:  # for a type checker an unknown name stays unknown

        def __getattr__(self, name: str) -> Any:
            layers = [layer.name for layer in self.__dict__.get("layers", ())]
            advice = f": {METHODS[name]}" if name in METHODS else f": it is net[{name!r}]" if name in layers else ""
            raise AttributeError(f"a Net has no {name!r}{advice}", name=name, obj=self)

    @staticmethod
    def size(
        input: Input, *layers: Layer, squash: Squash = ScaledTanh(), cost: Cost = HalfSquaredError()
    ) -> tuple[int, int]:
        """The memory of a net and its number of free parameters, without making it; errors are those of `Net`.

        Parameters
        ----------
        input : Input
        *layers : Local, Average, Full, RBF or Dropout
        squash : Squash
        cost : Cost
            As for `Net`.

        Returns
        -------
        bytes, parameters : int
        """
        return size(input, layers, _squashes(input, layers, squash, cost), cost)

    def restart(self, seed: int | None = None) -> None:
        """Draw all parameters again, by the net's start rule.

        Parameters
        ----------
        seed : int, optional
            The seed of the start; the net's own by default.
        """
        seed = self.seed if seed is None else check_seed(seed)
        self._core.start(self.start.kind, self.start.x, seed)
        self.confidence: Confidence | None = None
        self.levels: Range | None = None

    # -- Declaration -------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """A title for tables and pictures."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"name must be a string, not {name!r}")
        self._name = one_line(name)

    @property
    def options(self) -> dict[str, Any]:
        """The keywords with which the net was declared: squash, cost, start, seed and name."""
        return {name: getattr(self, name) for name in ("squash", "cost", "start", "seed", "name")}

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of the images that it learned from last; before any training, of its input planes.

        It takes smaller and larger images too, up to the size of the input planes. Exported programs take this size.
        """
        return self._image_shape

    @image_shape.setter
    def image_shape(self, shape: Sequence[int]) -> None:
        height, width = pair(shape, "image_shape")
        self._image_shape = (
            whole(height, "image_shape: height", least=1, most=self.input.height),
            whole(width, "image_shape: width", least=1, most=self.input.width),
        )

    @property
    def parameters(self) -> Array:
        """All parameters, deleted ones as 0: a live view, float32, shape (parameters,)."""
        return _floats(self._core.parameters)

    @property
    def deleted(self) -> Array:
        """Whether each parameter is deleted: a copy, bool, shape (parameters,)."""
        deleted: Array = _floats(self._core.kept) == 0
        return deleted

    def delete(self, which: Array | Sequence[int]) -> None:
        """Delete parameters: they are 0 from now on, and no learning rule changes them.

        Parameters that are deleted already stay deleted. `free_parameters` and `connections` count the others. Files,
        checkpoints and pickles keep deletions. `sn89.compact` makes a smaller net if whole kernels are deleted.

        Parameters
        ----------
        which : ndarray of bool, shape (parameters,), or of int
            True for each parameter to delete; or their indices in `parameters`.

        Raises
        ------
        TypeError, ValueError, IndexError
            If `which` is neither; then nothing is deleted.
        """
        self._core.bring(deleted=(self.deleted | self._mask(which)).view(np.uint8))

    def undelete(self, which: Array | Sequence[int] | None = None) -> None:
        """Restore deleted parameters: they are 0, and learn again.

        Parameters
        ----------
        which : ndarray of bool, shape (parameters,), or of int, optional
            As for `delete`; all by default.
        """
        rest = np.zeros_like(self.deleted) if which is None else self.deleted & ~self._mask(which)
        self._core.bring(deleted=rest.view(np.uint8))

    def _mask(self, which: Array | Sequence[int]) -> Array:
        """A mask of the parameters that `delete` is given."""
        given, mask = np.asarray(which), np.zeros(self.parameters.shape, bool)
        if given.dtype == bool and given.shape != mask.shape:
            raise ValueError(f"a mask of parameters must have shape {mask.shape}, not {given.shape}")
        if given.dtype != bool and not np.issubdtype(given.dtype, np.integer) and given.size:
            raise TypeError(f"parameters to delete must be a mask or a list of indices, not {given.dtype}")
        if given.dtype != bool and given.size and not -mask.size <= given.min() <= given.max() < mask.size:
            raise IndexError(f"parameters are 0 to {mask.size - 1}, not {given.min()} to {given.max()}")
        mask[given if given.size else []] = True
        return mask

    @property
    def curvature(self) -> Array:
        """The curvature of a second-order rule after the last presentation: a live view, as `parameters`."""
        return _floats(self._core.curvature)

    @property
    def momentum(self) -> Array:
        """`AdamW`'s mean of the gradients: a live view, as `parameters`."""
        return _floats(self._core.momentum)

    def layers_of(self, vector: Array) -> dict[str, NetLayer]:
        """The layers, by name, with another vector in place of the parameters.

        ``net.layers_of(net.curvature)["H1"].kernels`` is the curvature of the weights in ``net["H1"].kernels``.

        Parameters
        ----------
        vector : ndarray, shape (parameters,)
            A number for each parameter: curvature, saliencies, or anything else.

        Returns
        -------
        dict of str to NetLayer
        """
        if np.shape(vector) != self.parameters.shape:
            raise ValueError(f"the vector must have shape {self.parameters.shape}, not {np.shape(vector)}")
        counts, deleted = self._core.counts, self.deleted
        maps = [0, *(one["shape"]["maps"] for one in counts)]  # of the layer below each
        declared: tuple[Input | Layer, ...] = (self.input, *self.layers)
        return {
            name: NetLayer(name, declared[i], counts[i], maps[i], vector, self._flat[i], deleted)
            for i, name in enumerate(self._names)
        }

    def __getitem__(self, name: str) -> NetLayer:
        """The layer with this name, or the "input"."""
        if name not in self._names:
            raise KeyError(f"no layer {name!r}; there are {', '.join(self._names)}")
        return self.layers_of(self.parameters)[name]

    def __iter__(self) -> Iterator[NetLayer]:
        """The layers, the input first."""
        return iter(self.layers_of(self.parameters).values())

    @property
    def units(self) -> int:
        """Number of units, including those of the input."""
        return sum(layer.units for layer in self)

    @property
    def connections(self) -> int:
        """Number of connections, including biases and those to the background, without those of deleted parameters."""
        return sum(layer.connections for layer in self)

    @property
    def free_parameters(self) -> int:
        """Number of free parameters, without deleted ones."""
        return sum(layer.free_parameters for layer in self)

    @property
    def outputs(self) -> int:
        """Number of output units."""
        return self._core.counts[-1]["units"]

    def arrays(self) -> dict[str, Array]:
        """All weights and biases by name, such as "H1.weights" and "H1.bias".

        If the maps of a layer have different numbers of sources, its flat ``kernels`` are its weights.

        Returns
        -------
        dict of str to ndarray of float32
            Live views.
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
        return f"{self.name}\n{table(list(self))}"

    def __repr__(self) -> str:
        return (
            f"<{self.name}: {counted(self.units, 'unit')}, {counted(self.connections, 'connection')}, "
            f"{counted(self.free_parameters, 'free parameter')}>"
        )

    def _repr_html_(self) -> str:
        from .html import net_html

        return net_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles and copies have the declaration and the parameters."""
        with self._being_copied():
            vectors = (self.parameters.copy(), self.curvature.copy(), self.momentum.copy())
            learned = {name: vars(self)[name] for name in ("confidence", "levels", "_image_shape")}
            return _declared, (self.input, self.layers, self.options), (vectors, np.flatnonzero(self.deleted), learned)

    def __setstate__(self, state: tuple[Sequence[Array], Array, dict[str, Any]]) -> None:
        vectors, deleted, learned = state
        self.delete(deleted)
        self.parameters[:], self.curvature[:], self.momentum[:] = vectors
        vars(self).update(learned)

    # -- Computation --------------------------------------------------------------------------------------------

    def __call__(self, X: Array) -> Array:
        """The outputs of one image or of several.

        Several images are evaluated eight at a time. The outputs of an image do not depend on the others; but for a
        single image sums have another order, so that the last bits of its outputs may differ.

        Parameters
        ----------
        X : ndarray of float, shape (height, width) or (n, height, width)
            With several input planes (maps, height, width) or (n, maps, height, width). Images that are smaller than
            the input planes are centred.

        Returns
        -------
        ndarray of float32, shape (outputs,) or (n, outputs)

        Raises
        ------
        TypeError, ValueError
            If X is not floating point, has another shape, or has NaN or infinity.
        ScaleWarning
            As for `predict`.
        """
        return self._outputs_of(X)

    def _outputs_of(self, X: Array) -> Array:
        outputs = self._core.answer(X, _empty)  # None where X has to be converted, or refused, or is large
        if outputs is None:
            patterns = self.patterns(X)
            outputs = _empty((patterns.count, self.outputs))
            self._core.evaluate(patterns, outputs)
            outputs = outputs[0] if is_single(X, self.input) else outputs
        if outputs.ndim > 1:
            self._doubt(X)
        return outputs

    def predict(self, X: Array) -> Array:
        """The class of each image.

        Parameters
        ----------
        X : ndarray of float
            One image or several, as for calling the net.

        Returns
        -------
        ndarray of int64, shape (n,), or a single number

        Raises
        ------
        ScaleWarning
            Once, for several images that certainly have another scale than the training set.

        Examples
        --------
        >>> import numpy as np, sn89
        >>> sn89.nets.zip_code().predict(np.zeros((3, 16, 16))).shape  # a label for each image
        (3,)
        """
        classes: Array = self.cost.scores(self._outputs_of(X)).argmax(axis=-1)
        return classes

    def confident(self, X: Array) -> Array:
        """The probability that the answer to each image is right, from 0 to 1.

        `confidence` computes it from the outputs; if that is None, a confidence that is usual for nets with this cost.

        Parameters
        ----------
        X : ndarray of float
            As for `predict`.

        Returns
        -------
        ndarray of float64, shape (n,), or a single number
        """
        return self.confident_of(self._outputs_of(X))

    def confident_of(self, outputs: Array) -> Array:
        """The same as `confident`, for outputs.

        Parameters
        ----------
        outputs : ndarray of float, shape (outputs,) or (n, outputs)

        Returns
        -------
        ndarray of float64, shape () or (n,)
        """
        return (self.confidence or usual(self.cost))(self.cost.evidence(outputs))

    def replicate(self, height: int, width: int) -> Self:
        """The net over a larger input, with copies of its parameters: its output is a map of answers.

        Layers of planes stay as they are. Full connections become local ones, with a kernel of the size of the planes
        below. The last entry of ``states(image)`` is the map, (outputs, rows, columns): the answers of the net itself,
        within rounding, for each part of the image that is as large as its input. `sn89.scan` makes scores of them.

        An RBF layer becomes a linear one with the states ``|x|^2 - y``, with the states x below and the distance y.
        `sn89.scan` subtracts ``|x|^2``, which is the same for all outputs of a place.

        Parameters
        ----------
        height, width : int
            Size of the larger input: that of the net plus a multiple of the distance of two answers.

        Returns
        -------
        Net

        Raises
        ------
        ValueError
            If the size is impossible, or if the net's answers would depend on the place: if each unit has its own bias
            or kernel (the zip-code net), or if fields reach past the edge of their plane.

        Notes
        -----
        Proc. IEEE 86(11), 1998, section VII: space displacement neural networks.

        Examples
        --------
        >>> import sn89
        >>> wide = sn89.nets.lenet1(seed=1).replicate(28, 60)
        >>> wide["output"].shape  # ten outputs at nine places
        (10, 1, 9)
        """
        wide: Self = replicated(self, height, width)
        return wide

    def states(self, image: Array) -> dict[str, Array]:
        """The states of all units for one image.

        Parameters
        ----------
        image : ndarray of float, shape (height, width)

        Returns
        -------
        dict of str to ndarray of float32
            The states of each layer, (maps, height, width), or (units,) if it has no maps.
        """
        self._require_single(image)
        states = [np.empty(layer.units, np.float32) for layer in self]
        self._core.states(self.patterns(image), states)
        return {
            layer.name: values if layer.flat else values.reshape(layer.shape)
            for layer, values in zip(self, states, strict=True)
        }

    def derivatives(self, image: Array, y: int | Array, diagonal: Diagonal = "levenberg-marquardt") -> Derivatives:
        """Cost, gradient and instantaneous diagonal curvature of one pattern.

        Parameters
        ----------
        image : ndarray of float, shape (height, width)
            One image.
        y : int or ndarray of float, shape (outputs,)
            The class of the image, or its desired outputs.
        diagonal : {"levenberg-marquardt", "newton"}
            Curvature without the terms in f'', or with them.

        Returns
        -------
        Derivatives
        """
        self._require_single(image)
        one_of(diagonal, "diagonal", DIAGONALS)
        gradient, curvature = np.empty((2, *self.parameters.shape), np.float32)
        cost = self._core.derivatives(self.patterns(image, np.asarray(y)[None]), diagonal, gradient, curvature)
        return Derivatives(cost, gradient, curvature)

    def saliencies(self, X: Array, y: Array, diagonal: Diagonal = "levenberg-marquardt") -> Array:
        """The saliency of every parameter: the rise of the mean cost if it is deleted, to second order.

        It is h u^2 / 2, where h is the mean over the patterns of the diagonal curvature at the parameter u. It leaves
        out the gradient, which is 0 in a minimum, and the cross terms of parameters that are deleted together.

        Parameters
        ----------
        X : ndarray of float, shape (n, height, width)
            Images.
        y : ndarray of int, shape (n,), or of float, shape (n, outputs)
            Labels, or desired outputs.
        diagonal : {"levenberg-marquardt", "newton"}
            Curvature without the terms in f'', which is never negative, or with them.

        Returns
        -------
        ndarray of float32, shape (parameters,)
            In units of the cost; 0 for deleted parameters.

        Notes
        -----
        LeCun, Denker and Solla, "Optimal brain damage", NIPS 2, 1989.

        Examples
        --------
        >>> import sn89
        >>> net, digits = sn89.nets.zip_code(seed=1), sn89.datasets.synthetic(200, 50)
        >>> history = sn89.train(net, *digits.train, rule=sn89.LevenbergMarquardt(), passes=3)
        >>> net.delete(net.saliencies(*digits.train).argsort()[:100])  # the hundred parameters that matter least
        """
        one_of(diagonal, "diagonal", DIAGONALS)
        net = copy(self)  # because the curvature is overwritten
        patterns, sums = net.patterns(X, y), np.zeros(net.parameters.shape)
        for first in range(0, patterns.count, _CHUNK):  # sums of few float32 numbers, and those in float64
            some = np.arange(first, min(first + _CHUNK, patterns.count), dtype=np.int64)
            net.estimate_curvature(diagonal, patterns, some)
            sums += len(some) * net.curvature.astype(np.float64)
        saliencies: Array = (sums / patterns.count * net.parameters.astype(np.float64) ** 2 / 2).astype(np.float32)
        return saliencies

    def input_gradient(self, image: Array, y: int | Array) -> Array:
        """The gradient of the cost with respect to the states of the input.

        A small step against it makes the image more like class `y`. A pixel with a large gradient matters for the
        answer.

        Parameters
        ----------
        image : ndarray of float, shape (height, width)
            One image.
        y : int or ndarray of float, shape (outputs,)
            Any class to compare the image with, or desired outputs.

        Returns
        -------
        ndarray of float32, shape (height, width) of the input planes
            With several input planes (maps, height, width). A smaller image is centred, and the units around it have a
            gradient too.
        """
        self._require_single(image)
        planes = np.empty((self.input.maps, self.input.height, self.input.width), np.float32)
        self._core.input_gradient(self.patterns(image, np.asarray(y)[None]), planes.reshape(-1))
        return planes[0] if self.input.maps == 1 else planes

    def distorted(self, X: Array, distortion: Distortion, seed: int = 0) -> Array:
        """Distorted images: image i as it would be in presentation i of a training with that seed.

        Parameters
        ----------
        X : ndarray of float, shape (height, width) or (n, height, width)
            As for calling the net.
        distortion : Distortion
        seed : int

        Returns
        -------
        ndarray of float32, shape (n, height, width) of the input planes
            Without the n for one image; with several input planes (n, maps, height, width).
        """
        if not isinstance(distortion, Distortion):
            raise TypeError(f"distortion must be a sn89.Distortion, not {distortion!r}")
        seed, patterns = check_seed(seed), self.patterns(X)
        planes = np.empty((patterns.count, self.input.maps, self.input.height, self.input.width), np.float32)
        self._core.distorted(patterns, distortion.constants, seed, planes.reshape(patterns.count, -1))
        planes = planes[:, 0] if self.input.maps == 1 else planes
        return planes[0] if is_single(X, self.input) else planes

    # -- Input -------------------------------------------------------------------------------------------------

    def patterns(self, X: Array, y: Array | None = None, weights: Array | None = None) -> Patterns:
        """Images, labels or desired outputs, and weights, checked and in the form that the core reads."""
        images = check_images(X, self.input)
        if y is None:
            return Patterns(self._core, images)
        targets, target = check_targets(y, len(images), self.outputs, self.cost)
        weighed = None if weights is None else check_weights(weights, len(images))
        return Patterns(self._core, images, targets, target, weighed)

    def _astray(self, X: Array) -> str | None:
        """A sentence if several images certainly have another scale than the training set."""
        if self.levels is None or len(X) < 2 or is_single(X, self.input):
            return None
        return astray(self.levels, self.input.background, np.asarray(X))

    def _doubt(self, X: Array) -> None:
        """Warn about that, once; the warning names the line of the user, which is three calls above."""
        if not self._doubted and (other := self._astray(X)):
            self._doubted = True
            warnings.warn(f"{self.name}: {other}: scale them alike", ScaleWarning, stacklevel=4)

    def _require_single(self, image: Array) -> None:
        if not is_single(image, self.input):
            raise ValueError(f"expected one image of {expected(self.input)}, not an array of shape {np.shape(image)}")

    # -- For training and measurement ---------------------------------------------------------------------------

    def present(
        self,
        step: Step,
        patterns: Patterns,
        order: Array,
        tick: Callable[[int], Any] | None = None,
        *,
        distortion: Distortion | None = None,
        seed: int = 0,
        presented: int = 0,
        so_far: Presented | None = None,
    ) -> Presented:
        """Present the patterns `order` (int64 indices) once each, and learn from each as `Rule.in_pass` says.

        Return the number of presentations and the sum of their costs. If there are fewer than asked for, the cost of
        the next one was not finite. The presentations of `so_far` are counted and not repeated. `tick` is called every
        few milliseconds with the number of new presentations. Random numbers depend on the seed and on the number of
        each presentation, counted from `presented`.
        """
        bounds = None if distortion is None else distortion.constants
        return self._core.train(step, patterns, check_numbers(order), tick, bounds, seed, presented, so_far)

    def estimate_curvature(self, diagonal: Diagonal, patterns: Patterns, order: Array) -> None:
        """Set `curvature` to the mean instantaneous curvature of the patterns `order`, and `momentum` to 0."""
        one_of(diagonal, "diagonal", DIAGONALS)
        with all_or_nothing(self):
            self.set_state(0)
            self._core.add_curvature(diagonal, patterns, check_numbers(order))

    def at_work(self) -> Hold:
        """Keep the net to this thread in a block ``with net.at_work():``; other threads get a RuntimeError.

        Returns
        -------
        Hold
            A context manager.
        """
        return self._core.hold()

    def _being_copied(self) -> Hold:
        """The same for a moment, in which other threads wait."""
        return self._core.hold(reads=True)

    def set_state(self, curvature: Array | float, momentum: Array | float = 0) -> None:
        """Set `curvature` and `momentum`, each to a vector or to one number; after an error both are unchanged."""
        deleted = self.deleted
        vectors = [
            np.where(deleted, np.float32(0), check_vector(one, name, deleted.shape))
            for one, name in ((curvature, "curvature"), (momentum, "momentum"))
        ]
        self._core.bring(curvature=vectors[0], momentum=vectors[1])

    def outputs_and_costs(self, patterns: Patterns) -> tuple[Array, Array]:
        """Outputs (n, outputs) and costs (n,) of patterns with desired outputs; float32."""
        outputs, costs = np.empty((patterns.count, self.outputs), np.float32), np.empty(patterns.count, np.float32)
        self._core.evaluate(patterns, outputs, costs)
        return outputs, costs


def _squashes(input: Input, layers: Sequence[Layer], squash: Squash, cost: Cost) -> list[Squash]:
    """The squashing function of every layer, after all arguments are checked."""
    if not isinstance(input, Input):
        several = ": layers come one after another, sn89.Net(*layers)" if isinstance(input, list | tuple) else ""
        raise TypeError(f"a net begins with an Input, not {input!r:.80}{several}")
    for value, base, what in ((squash, Squash, "squash"), (cost, Cost, "cost")):
        instance(value, what, base)
    for layer in layers:
        if not isinstance(layer, (Local, Average, Full, RBF, Dropout)):
            several = ": layers come one after another, *layers" if isinstance(layer, list | tuple) else ""
            raise TypeError(f"a layer must be Local, Average, Full, RBF or Dropout, not {layer!r:.80}{several}")
    names(layers)
    return [layer.squash or squash for layer in layers]  # type: ignore[attr-defined]


def _empty(shape: int | tuple[int, int]) -> Array:
    return np.empty(shape, np.float32)


def _floats(vector: Vector) -> Array:
    """A live array over one of the core's vectors, which keeps the core alive."""
    return np.frombuffer(memoryview(vector), np.float32)


def _declared(input: Input, layers: tuple[Layer, ...], options: dict[str, Any]) -> Net:
    net = Net.__new__(Net)
    net._build(input, layers, **options)
    return net
