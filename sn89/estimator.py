"""A net as a scikit-learn classifier. It is imported on demand: ``from sn89.estimator import NetClassifier``."""

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:
    raise ImportError('sn89.estimator needs scikit-learn, 1.6 or newer: pip install "sn89[sklearn]"') from None

from .aliases import Array
from .arguments import not_negative, real, whole
from .checks import ClassWeight, are_one_hot, by_label, check_weights, weights_of
from .costs import HalfSquaredError, RBFDiscriminative, SoftmaxCrossEntropy
from .distortions import Distortion
from .keywords import CLASSIFIER, FITTED, FITTING, in_our_words, others_names
from .layers import Full, Input
from .nested import changed, parts
from .net import Net
from .rules import LevenbergMarquardt, Rule, RuleState
from .scaling import Scale, range_of, scaled
from .stopping import EarlyStopping
from .training import DivergedError, History, Order, train

Shape = tuple[int, ...]
MakeNet = Callable[[Shape, int, int], Net]

#: Hidden units of the default net, as in the net that the zip-code net is compared with.
HIDDEN = 40
_WITH_PARTS = ("rule", "distortion", "net")  # parameters with parts, such as rule__rate


@others_names(FITTED)
class NetClassifier(ClassifierMixin, BaseEstimator):
    """A net as a scikit-learn classifier, used like scikit-learn's own MLPClassifier.

    Nets learn from inputs of about -1 to 1. `scale` scales images; for tables of numbers put a scaler before,
    ``make_pipeline(MinMaxScaler((-1, 1)), NetClassifier())``.

    Parameters
    ----------
    net : Net or callable, optional
        A net, whose declaration and deleted parameters are used: each fit makes a new one with other random parameters.
        It needs an output for each class, and may have more. Or a function that makes one for the data,
        ``net(shape, classes, seed)``, with the shape of one sample of X; its own keywords can be searched,
        ``net__hidden``. A small net with one hidden layer by default.
    rule : Rule, optional
        The learning rule (optimizer); ``LevenbergMarquardt()`` by default. Its constants can be set and searched,
        ``rule__rate``.
    passes : int
        Number of times that all samples are presented (epochs).
    order : {"shuffle", "given"}
        Order of the samples: a new random one in each pass, or always the given one.
    distortion : Distortion, optional
        A random distortion of each image, drawn again for each presentation.
    classes : array_like, optional
        All possible labels, for folds or chunks of data that may lack some. The labels in y by default.
    class_weight : "balanced", mapping of label to float, or list of float, optional
        Weight of the samples of each class, times their own weight; a list has a weight for each of the sorted classes.
        "balanced" gives all classes the same total weight.
    scale : "auto" or (float, float), optional
        The range of X, (lowest, highest), which is scaled to -1 to 1. "auto" finds it in `fit` and knows 0 to 255, 0 to
        16 (scikit-learn's digits), 0 to 1, and -1 to 1; it refuses others. `predict` scales as `fit` did. By default
        nothing is scaled.
    early_stopping : bool
        Whether to hold out a share of the samples, to stop when they are no longer classified better, and to keep the
        net of the best pass. Otherwise all passes are made.
    validation_fraction : float
        The share of each class that is held out.
    n_iter_no_change : int
        Number of passes in a row without an improvement after which it stops.
    tol : float
        The share of held-out samples that are classified correctly must rise by more than this to improve.
    warm_start : bool
        Whether `fit` goes on from the last net, with the same classes and the rule's state.
    random_state : int, RandomState or None
        Seed of the start, orders, distortions, dropout and held-out samples.

    Attributes
    ----------
    net_ : Net
        The trained net; its output k belongs to ``classes_[k]``.
    history_ : History
        The record of the last training.
    classes_ : ndarray, shape (classes,)
        The labels, sorted.
    n_iter_ : int
        Number of passes of the last training.
    loss_curve_ : list of float
        Mean cost of each pass, over all trainings of this net.
    loss_, best_loss_ : float
        The last and the lowest of them; the lowest is None with `early_stopping`.
    validation_scores_ : list of float or None
        With `early_stopping`: the share of held-out samples that are classified correctly after each pass.
    best_validation_score_ : float or None
        The largest of them, which is that of `net_`.
    scale_ : (float, float) or None
        The range that X is scaled from.
    n_features_in_ : int
        Number of values in one sample.
    image_shape_ : (int, int, int)
        Maps, height and width of a sample for the net.
    feature_names_in_ : ndarray of str
        Names of the columns of X, if it has names.

    Examples
    --------
    >>> import sn89
    >>> from sn89.estimator import NetClassifier
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> classifier = NetClassifier(sn89.nets.zip_code(), passes=10, random_state=1).fit(X, y)
    >>> bool(classifier.score(Xt, yt) > 0.5)
    True

    ``GridSearchCV(classifier, {"rule__rate": [0.0002, 0.0005, 0.001]})`` searches for a rate. Training and evaluation
    release the GIL, so that threads can train several at once, ``parallel_config("threading")``.
    """

    @in_our_words(CLASSIFIER)
    def __init__(
        self,
        net: Net | MakeNet | None = None,
        *,
        rule: Rule | None = None,
        passes: int = 100,
        order: Order = "shuffle",
        distortion: Distortion | None = None,
        classes: Any = None,
        class_weight: Mapping[Any, float] | Sequence[float] | str | None = None,
        scale: Scale = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-4,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.net = net
        self.rule = rule
        self.passes = passes
        self.order = order
        self.distortion = distortion
        self.classes = classes
        self.class_weight = class_weight
        self.scale = scale
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.warm_start = warm_start
        self.random_state = random_state

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        # Unlike scikit-learn's own, with the parts of values that are no estimators.
        params: dict[str, Any] = super().get_params(deep=False)
        for name in _WITH_PARTS if deep else ():
            params |= {f"{name}__{part}": value for part, value in parts(self._default(name)).items()}
        return params

    def set_params(self, **params: Any) -> Self:
        # A parameter of which a part is set gets a changed copy. After an error no parameter is set.
        inner: dict[str, dict[str, Any]] = {}
        for name in list(params):
            owner, _, part = name.partition("__")
            if part and owner in _WITH_PARTS:
                inner.setdefault(owner, {})[part] = params.pop(name)
        if others := [name for name in params if name in CLASSIFIER and name not in self.get_params(deep=False)]:
            raise ValueError(f"NetClassifier has no parameter {others[0]!r}: {CLASSIFIER[others[0]]}")
        before = vars(self).copy()
        try:
            super().set_params(**params)
            for owner, changes in inner.items():
                setattr(self, owner, changed(self._default(owner), changes, owner))
        except BaseException:
            self.__dict__.update(before)
            raise
        return self

    def _default(self, name: str) -> Any:
        """A parameter, or the value that None stands for."""
        return LevenbergMarquardt() if name == "rule" and self.rule is None else getattr(self, name)

    # -- Learning ---------------------------------------------------------------------------------------------------

    @in_our_words(FITTING)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a new net, or go on with `warm_start`. After an error the classifier is as it was before.

        Parameters
        ----------
        X : array_like, shape (n, features), (n, height, width) or (n, maps, height, width)
            Samples. Rows of features fill the net's input planes; images may be smaller, they are centred.
        y : array_like, shape (n,)
            Labels of any type.
        sample_weight : array_like of float, shape (n,), optional
            Weight of each sample; only their ratios matter. A sample of weight 0 is left out.

        Returns
        -------
        NetClassifier
            Itself.

        Raises
        ------
        TypeError, ValueError
            For bad input or parameters.
        DivergedError
            If the cost or a parameter is no longer finite.
        """
        goes_on = bool(self.warm_start) and hasattr(self, "net_")
        return self._or_as_before(X, y, sample_weight, None, goes_on, self.passes)

    @in_our_words(FITTING)
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train one pass over these samples, a chunk of all. The first call makes the net.

        Parameters
        ----------
        X, y : array_like
            As for `fit`.
        classes : array_like, optional
            All possible labels; the first call needs them, unless the classifier has them.
        sample_weight : array_like of float, shape (n,), optional
            As for `fit`.

        Returns
        -------
        NetClassifier
            Itself.
        """
        if self.early_stopping:
            raise ValueError(
                "partial_fit does not support early_stopping=True, because it makes one pass over each chunk"
            )
        if isinstance(self.class_weight, str):
            raise ValueError(f"class_weight={self.class_weight!r} needs all samples: give partial_fit a mapping")
        goes_on = hasattr(self, "net_")
        if goes_on and classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(f"classes={classes!r} are not those of the first call, {self.classes_.tolist()}")
        if not goes_on and classes is None and self.classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit: all possible labels")
        return self._or_as_before(X, y, sample_weight, classes, goes_on, 1)

    def _or_as_before(self, *what: Any) -> Self:
        before, random = vars(self).copy(), self.random_state
        given = random if isinstance(random, np.random.RandomState) else None
        drawn = given and given.get_state()
        try:
            return self._learn(*what)
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            if given and drawn:
                given.set_state(drawn)
            raise

    def _learn(self, X: Any, y: Any, sample_weight: Any, classes: Any, goes_on: bool, passes: int) -> Self:
        rows, shape = _rows(X)
        if are_one_hot(np.asarray(y)):
            raise ValueError("y must have a label for each sample: y.argmax(axis=1) makes labels of rows of 0 and 1")
        _check_kinds(y)
        rows, y = validate_data(self, rows, y, dtype=(np.float64, np.float32), reset=not goes_on)
        check_classification_targets(y)
        if not goes_on:
            self.classes_ = self._all_classes(y, classes)
            self.scale_ = range_of(rows, self.scale)
            seeds = check_random_state(self.random_state).randint(2**31 - 1, size=2).tolist()
            net, self._seed = self._make(shape, len(self.classes_), seeds[0]), seeds[1]
            self.image_shape_ = _image_shape(net, shape)
            self.loss_curve_: list[float] = []
            self.validation_scores_: list[float] | None = None
        else:
            net = copy.copy(self.net_)
        images, labels = self._images(rows, shape), self._labels(y)
        weights = self._weights(labels, sample_weight)
        if weights is not None and not weights.all():
            images, labels, weights = images[weights > 0], labels[weights > 0], weights[weights > 0]
        desired = labels  # rows for a chunk that lacks a class, because its labels may look like labels from 1
        if len(np.unique(labels)) < net.outputs:
            desired = net.cost.targets(net.outputs)[labels]
        state = self.history_.state if goes_on else None
        self._set_results(net, self._train(net, images, desired, weights, passes, state))
        return self

    def _all_classes(self, y: Array, given: Any) -> Array:
        given = self.classes if given is None else given
        if given is not None and np.ndim(given) != 1:
            raise ValueError(f"classes must be a list of all possible labels, such as range(10), not {given!r}")
        classes: Array = np.unique(y if given is None else np.asarray(given))
        if len(classes) < 2:
            only = f", {classes.tolist()[0]!r}, only" if len(classes) else ""
            raise ValueError(f"there must be samples of at least two classes, not of one class{only}")
        return classes

    def _labels(self, y: Array) -> Array:
        """The number of the class of each label."""
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"y has the label {unknown.tolist()[0]!r}, but classes are {self.classes_.tolist()}")
        return np.searchsorted(self.classes_, y)

    def _weights(self, labels: Array, given: Any) -> Array | None:
        """The weight of each sample, with a mean of 1 over positive ones; None if all are equal."""
        if given is None and self.class_weight is None:
            return None
        each: Any = weights_of(labels, len(self.classes_), given, self._weights_by_number())
        weights = check_weights(each, len(labels)).astype(np.float64)
        return None if (weights == weights[0]).all() else weights / weights[weights > 0].mean()

    def _weights_by_number(self) -> ClassWeight | str | None:
        """`class_weight` by the numbers of the classes."""
        if self.class_weight is None:
            return None
        classes = self.classes_.tolist()
        by_class = by_label(self.class_weight, classes)
        if isinstance(by_class, str):
            return by_class
        unknown = [label for label in by_class if label not in classes]
        if unknown and (self.classes is not None or len(unknown) == len(by_class)):  # a fold may lack some of them
            raise ValueError(f"class_weight names the class {unknown[0]!r}, and classes are {classes}")
        return {classes.index(label): weight for label, weight in by_class.items() if label in classes}

    def _make(self, shape: Shape, classes: int, seed: int) -> Net:
        """A new net for samples of `shape`."""
        given = _fully_connected if self.net is None else self.net
        if isinstance(given, Net):
            net = Net(given.input, *given.layers, **given.options | {"seed": seed})
            net.delete(given.deleted)
        elif callable(given):
            net = _made_by(given, shape, classes, seed)
        else:
            raise TypeError(f"net must be a sn89.Net, a function that makes one, or None, not {given!r}")
        if not isinstance(net, Net):
            raise TypeError(f"net must make a sn89.Net, not {net!r}")
        if net.outputs < classes:
            raise ValueError(f"the net must have an output for each of {classes} classes, not {net.outputs}")
        return net

    def _train(
        self, net: Net, images: Array, desired: Array, weights: Array | None, passes: int, state: RuleState | None
    ) -> History:
        stop = None
        if self.early_stopping:
            share = real(self.validation_fraction, "validation_fraction")
            if not 0 < share < 1:
                raise ValueError(f"validation_fraction must be a share between 0 and 1, such as 0.1, not {share:g}")
            patience = whole(self.n_iter_no_change, "n_iter_no_change", least=1)
            stop = EarlyStopping(on=share, patience=patience, least=not_negative(self.tol, "tol"))
        try:
            return train(
                net,
                images,
                desired,
                rule=self._default("rule"),
                passes=passes,
                order=self.order,
                seed=self._seed,
                distortion=self.distortion,
                sample_weight=weights,
                state=state,
                callbacks=[stop] if stop else [],
                measure=False,
                progress=False,
            )
        except DivergedError as error:
            raise DivergedError(f"{error}. Inputs should be about -1 to 1: scale them") from None

    def _set_results(self, net: Net, history: History) -> None:
        """Set the attributes that scikit-learn has after a fit."""
        self.net_, self.history_, self.n_iter_ = net, history, len(history.passes)
        self.loss_curve_ = [*self.loss_curve_, *(one.cost for one in history.passes)]
        self.loss_, best = self.loss_curve_[-1], min(self.loss_curve_)
        scores = [1.0 - (one.error or 0.0) for one in history.held_out]
        self.validation_scores_ = [*(self.validation_scores_ or []), *scores] if scores else None
        self.best_loss_: float | None = None if scores else best
        self.best_validation_score_: float | None = max(scores) if scores else None

    # -- Answering --------------------------------------------------------------------------------------------------

    def decision_function(self, X: Any) -> Array:
        """Scores of the classes: the net's outputs, or negated distances if the outputs are distances.

        Parameters
        ----------
        X : array_like
            As for `fit`.

        Returns
        -------
        ndarray of float64, shape (n, classes)
            With two classes the score of the second minus that of the first, (n,).
        """
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict(self, X: Any) -> Array:
        """The label of each sample, which has the largest score.

        Parameters
        ----------
        X : array_like
            As for `fit`.

        Returns
        -------
        ndarray, shape (n,)
        """
        scores = self._scores(X)
        labels: Array = self.classes_[scores.argmax(axis=1)]
        return labels

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class; each row has the sum 1.

        It is exp(-C_k) over its sum, where C_k is the net's cost if k is the class. With the softmax cost these are the
        net's own probabilities. With the half squared error it is softmax((high - low) outputs), which assumes Gaussian
        noise of variance 1 at the outputs; with LeNet-5's cost it is softmax(-distances), without the term in j. These
        two rank the classes, but are not calibrated: for that see ``sklearn.calibration.CalibratedClassifierCV``.

        Parameters
        ----------
        X : array_like
            As for `fit`.

        Returns
        -------
        ndarray of float64, shape (n, classes)
        """
        scores = self._scores(X)
        cost = self.net_.cost
        steepness = cost.high - cost.low if isinstance(cost, HalfSquaredError) else 1.0
        return SoftmaxCrossEntropy().scores(steepness * scores)

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of `predict_proba`.

        Parameters
        ----------
        X : array_like
            As for `fit`.

        Returns
        -------
        ndarray of float64, shape (n, classes)
        """
        with np.errstate(divide="ignore"):
            logarithms: Array = np.log(self.predict_proba(X))
        return logarithms

    def _images(self, rows: Array, shape: Shape) -> Array:
        """Validated rows as scaled images of the shape that the net was made for."""
        if len(shape) > 1 and (1, *shape)[-3:] != self.image_shape_:
            rows_then = np.prod(shape) == self.n_features_in_
            hint = "; X.reshape(len(X), -1) makes rows of them, as in fit" if rows_then else ""
            raise ValueError(f"images must be as in fit, {self.image_shape_} (maps, height, width), not {shape}{hint}")
        return (rows if self.scale_ is None else scaled(rows, self.scale_)).reshape(-1, *self.image_shape_)

    def _scores(self, X: Any) -> Array:
        """Scores in float64, (n, classes)."""
        check_is_fitted(self, "net_")
        rows, shape = _rows(X)
        one_image = self.image_shape_[self.image_shape_[0] == 1 :]
        if (*rows.shape[:1], *shape) == one_image and shape[-1] != self.n_features_in_:  # else it is a row
            raise ValueError("X is one image, and must be several: X[None] is an array of one image")
        images = self._images(validate_data(self, rows, reset=False, dtype=(np.float64, np.float32)), shape)
        # For a single image sums have another order: two images give the same bits as many.
        outputs = self.net_(np.concatenate([images, images]) if len(images) == 1 else images)[: len(images)]
        outputs = outputs[:, : len(self.classes_)].astype(np.float64)  # without spare ones
        return -outputs if isinstance(self.net_.cost, RBFDiscriminative) else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def _fully_connected(shape: Shape, classes: int, seed: int) -> Net:
    """The default net."""
    maps, height, width = (1, 1, *shape)[-3:]
    return Net(
        Input(height, width, maps=maps),
        Full("hidden", HIDDEN),
        Full("output", classes),
        seed=seed,
        name=f"fully connected, {HIDDEN} hidden units",
    )


def _made_by(make: MakeNet, shape: Shape, classes: int, seed: int) -> Any:
    """The net of a function for the data, or of one of the papers' functions, which need only a seed."""
    try:
        asked = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):  # some functions written in C have no signature
        return make(shape, classes, seed)
    needed = [one for one in asked if one.kind <= one.POSITIONAL_OR_KEYWORD]
    if any(one.kind == one.VAR_POSITIONAL for one in asked) or len(needed) >= 3:
        return make(shape, classes, seed)
    if all(one.default is not one.empty for one in needed) and any(
        one.name == "seed" or one.kind == one.VAR_KEYWORD for one in asked
    ):
        return make(seed=seed)  # type: ignore[call-arg]
    raise TypeError(
        "net must be a function of the shape of a sample, the number of classes and a seed, net(shape, classes, seed), "
        f"not {getattr(make, '__name__', repr(make))}{inspect.signature(make)}"
    )


def _rows(X: Any) -> tuple[Any, Shape]:
    """Samples, images as rows and anything else unchanged; and the shape of one sample."""
    X = X if hasattr(X, "shape") else np.asarray(X)
    shape = tuple(X.shape[1:])
    return (np.asarray(X).reshape(len(X), int(np.prod(shape))) if len(shape) in (2, 3) else X), shape


def _check_kinds(y: Any) -> None:
    """Raise a ValueError if labels are not all strings or all numbers, so that nothing can sort them."""
    if (labels := np.asarray(y)).dtype != object:
        return
    try:
        np.unique(labels)
    except TypeError:
        kinds = " and ".join(sorted({type(one).__name__ for one in labels.flat}))
        raise ValueError(f"labels must be all strings or all numbers, and none may be missing, not {kinds}") from None


def _image_shape(net: Net, shape: Shape) -> tuple[int, int, int]:
    """Maps, height and width of samples of `shape` in the net."""
    if len(shape) > 1:
        return (1, *shape)[-3:]  # type: ignore[return-value]
    planes = net["input"].shape
    if int(np.prod(planes)) != shape[0]:
        words = " x ".join(map(str, planes))
        raise ValueError(
            f"X has {shape[0]} features, but the net's input {words} units; images, (n, height, width), may be smaller"
        )
    return planes
