"""A net as a scikit-learn classifier. It is imported on demand: ``from sn89.estimator import NetClassifier``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:
    raise ImportError("sn89.estimator needs scikit-learn, 1.6 or newer: pip install 'sn89[sklearn]'") from None

from .costs import HalfSquaredError, RBFDiscriminative, SoftmaxCrossEntropy
from .distortions import Distortion
from .layers import Full, Input
from .net import Net
from .rules import LevenbergMarquardt, Rule
from .training import DivergedError, History, Order, train

Array = np.ndarray
Shape = tuple[int, ...]
MakeNet = Callable[[Shape, int, int], Net]

#: Hidden units of the net that is made by default: as in the one that the zip-code net is compared with.
HIDDEN = 40


class NetClassifier(ClassifierMixin, BaseEstimator):
    """A net of planes of units, trained one pattern at a time, as a scikit-learn classifier.

    Nets want inputs of about -1 to 1, and nothing is scaled here: where X is not so already, put a scaler before it,
    ``make_pipeline(MinMaxScaler((-1, 1)), NetClassifier())``.

    Parameters
    ----------
    net : Net or callable, optional
        What is trained. A net says what is declared, and what is deleted: a new one with other random parameters is
        made for every fit, and the one given is not changed. It must have an output for each class. A function makes it
        for the data, ``net(shape, classes, seed)``, with the shape of one sample of X. By default a small net with one
        hidden layer.
    rule : Rule, optional
        The learning rule; ``LevenbergMarquardt()`` by default.
    passes : int
        How many times all samples are presented.
    order : {"shuffle", "given"}
        In which order; a new random one in each pass, or always the one given.
    distortion : Distortion, optional
        What is done to an image each time it is presented, anew.
    random_state : int, RandomState or None
        Of all that is random: the start, orders, distortions, dropout.

    Attributes
    ----------
    net_ : Net
        The trained net; its output k is that of ``classes_[k]``.
    history_ : History
        What happened in the training: the cost of each pass, and the rule's state.
    classes_ : ndarray, shape (classes,)
        The labels that there are, sorted.
    n_features_in_ : int
        Numbers in one sample.
    image_shape_ : (int, int, int)
        Maps, height and width of a sample as the net sees it.
    feature_names_in_ : ndarray of str
        Names of the columns of X, if it had some.

    Examples
    --------
    The zip-code net of 1989 on its digits, and a search for a rule::

        digits = sn89.datasets.usps()
        classifier = NetClassifier(sn89.nets.zip_code(), passes=23, random_state=1).fit(*digits.train)
        classifier.score(*digits.test)

        rules = [sn89.LevenbergMarquardt(), sn89.LevenbergMarquardt(0.001), sn89.SGD()]
        GridSearchCV(classifier, {"rule": rules}).fit(*digits.train)

    Training and evaluation release the GIL: threads are enough for several at once, ``parallel_config("threading")``.
    """

    def __init__(
        self,
        net: Net | MakeNet | None = None,
        *,
        rule: Rule | None = None,
        passes: int = 100,
        order: Order = "shuffle",
        distortion: Distortion | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.net = net
        self.rule = rule
        self.passes = passes
        self.order = order
        self.distortion = distortion
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> NetClassifier:
        """Train a new net. If that fails, the one before stays, with all that belongs to it.

        Parameters
        ----------
        X : array_like of float, shape (n, features), (n, height, width) or (n, maps, height, width)
            Samples. Rows of features fill the net's input planes; images may be smaller, they are centred.
        y : array_like, shape (n,)
            Labels of any kind.

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
        before = vars(self).copy()
        try:
            return self._fit(X, y)
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def _fit(self, X: Any, y: Any) -> NetClassifier:
        rows, shape = _rows(X)
        rows, y = validate_data(self, rows, y, dtype=(np.float64, np.float32))
        check_classification_targets(y)
        classes, labels = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(
                f"there must be samples of at least two classes, not of one class, {classes.tolist()[0]!r}, only"
            )
        seeds = check_random_state(self.random_state).randint(2**31 - 1, size=2).tolist()
        net = self._make(shape, len(classes), seeds[0])
        image = _image_shape(net, shape)
        history = self._train(net, rows.reshape(-1, *image), labels, seeds[1])
        self.net_, self.history_, self.classes_, self.image_shape_ = net, history, classes, image
        return self

    def _make(self, shape: Shape, classes: int, seed: int) -> Net:
        """A new net for samples of `shape`."""
        given = _fully_connected if self.net is None else self.net
        if isinstance(given, Net):
            kept = {name: getattr(given, name) for name in ("squash", "cost", "start", "name")}
            net = Net(given.input, *given.layers, **kept, seed=seed)
            net.delete(given.deleted)
        elif callable(given):
            net = given(shape, classes, seed)
        else:
            raise TypeError(f"net must be a sn89.Net, a function that makes one, or None, not {given!r}")
        if not isinstance(net, Net):
            raise TypeError(f"net must make a sn89.Net, not {net!r}")
        if net.outputs != classes:
            raise ValueError(f"the net must have one output for each of {classes} classes, not {net.outputs}")
        return net

    def _train(self, net: Net, images: Array, labels: Array, seed: int) -> History:
        try:
            return train(
                net,
                images,
                labels,
                rule=LevenbergMarquardt() if self.rule is None else self.rule,
                passes=self.passes,
                order=self.order,
                seed=seed,
                distortion=self.distortion,
                measure=False,
                progress=False,
            )
        except DivergedError as error:
            raise DivergedError(f"{error}. Are the inputs scaled, to about -1 to 1?") from None

    def decision_function(self, X: Any) -> Array:
        """The net's outputs, the larger the more like the class: negated distances where smaller outputs are nearer.

        Parameters
        ----------
        X : array_like
            As for `fit`.

        Returns
        -------
        ndarray of float64, shape (n, classes)
            With two classes: the second's less the first's, (n,).
        """
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict(self, X: Any) -> Array:
        """The label of each sample: that of the largest output, or of the smallest distance.

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
        """How likely each class is: rows have the sum 1, `predict` says the largest.

        It is exp(-C_k) over its sum, with C_k what the net's cost would be if k were the class. With the softmax cost
        that is the net's own probabilities. With the half squared error it is softmax((high - low) outputs), as if
        outputs were desired ones and a Gaussian noise of variance 1; with LeNet-5's cost softmax(-distances), the term
        in j left out. These two say what is more likely, but not how often that is so: for this, see
        ``sklearn.calibration.CalibratedClassifierCV``.

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

    def _scores(self, X: Any) -> Array:
        """Outputs in float64, (n, classes), the larger the more like the class."""
        check_is_fitted(self, "net_")
        rows, shape = _rows(X)
        if len(shape) > 1 and (1, *shape)[-3:] != self.image_shape_:
            raise ValueError(f"images must be as in fit, {self.image_shape_} (maps, height, width), not {shape}")
        rows = validate_data(self, rows, reset=False, dtype=(np.float64, np.float32))
        images = rows.reshape(-1, *self.image_shape_)
        # One image alone has its sums in another order than among others: here it shall have the same bits.
        outputs = self.net_(np.concatenate([images, images]) if len(images) == 1 else images)[: len(images)]
        outputs = outputs.astype(np.float64)
        return -outputs if isinstance(self.net_.cost, RBFDiscriminative) else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def _fully_connected(shape: Shape, classes: int, seed: int) -> Net:
    """The net that is made by default."""
    maps, height, width = (1, 1, *shape)[-3:]
    return Net(
        Input(height, width, maps=maps),
        Full("hidden", HIDDEN),
        Full("output", classes),
        seed=seed,
        name=f"fully connected, {HIDDEN} hidden units",
    )


def _rows(X: Any) -> tuple[Any, Shape]:
    """Samples, images as rows and all else as it came; and the shape of one."""
    if not hasattr(X, "shape"):
        X = np.asarray(X)
    shape = tuple(X.shape[1:])
    return (np.asarray(X).reshape(len(X), int(np.prod(shape))) if len(shape) in (2, 3) else X), shape


def _image_shape(net: Net, shape: Shape) -> tuple[int, int, int]:
    """Maps, height and width of samples of `shape` for the net."""
    if len(shape) > 1:
        return (1, *shape)[-3:]  # type: ignore[return-value]
    planes = net["input"].shape
    if int(np.prod(planes)) != shape[0]:
        words = " x ".join(map(str, planes))
        raise ValueError(
            f"X has {shape[0]} features, and the net's input {words} units; images, (n, height, width), may be smaller"
        )
    return planes
