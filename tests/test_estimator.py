"""The scikit-learn classifier: its own checks in full, and what they do not look at."""

from __future__ import annotations

import pickle
import subprocess
import sys

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import sn89
from sn89.estimator import NetClassifier

Array = np.ndarray


@pytest.fixture
def array_api(monkeypatch):
    """Without it one of the checks would be skipped."""
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")


@pytest.mark.usefixtures("array_api")
@parametrize_with_checks([NetClassifier()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


# ---- samples of every shape ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits():
    return sn89.datasets.synthetic(train=600, test=200)


def classifier(**options) -> NetClassifier:
    return NetClassifier(**{"net": sn89.nets.fully_connected(hidden=10), "passes": 5, "random_state": 1, **options})


@pytest.mark.parametrize("net", [sn89.nets.zip_code(), sn89.nets.lenet1(), None], ids=["zip", "LeNet-1", "none"])
def test_digits(net, digits):
    made = classifier(net=net, passes=10).fit(*digits.train)
    assert made.score(*digits.test) > 0.85
    assert made.n_features_in_ == 256
    assert made.image_shape_ == (1, 16, 16)
    np.testing.assert_array_equal(made.classes_, range(10))
    assert len(made.history_.passes) == 10
    assert made.history_.passes[-1].cost < 0.5 * made.history_.passes[0].cost


def test_images_may_come_as_rows(digits):
    (X, y), (Xt, _) = digits
    made = classifier().fit(X, y)
    flat = classifier().fit(X.reshape(-1, 256), y)
    maps = classifier().fit(X[:, None], y)
    expected = made.decision_function(Xt)
    for one in (made, flat, maps):
        assert one.image_shape_ == (1, 16, 16)
        for images in (Xt, Xt.reshape(-1, 256), Xt[:, None], Xt.tolist()):
            np.testing.assert_array_equal(one.decision_function(images), expected)


def test_several_input_planes():
    X = np.random.default_rng(1).normal(size=(60, 3, 4, 5))
    y = (X[:, 1].mean(axis=(1, 2)) > 0).astype(int)
    made = NetClassifier(random_state=1, passes=20).fit(X, y)
    assert made.net_.input == sn89.Input(4, 5, maps=3)
    assert made.score(X.reshape(60, -1), y) == made.score(X, y) > 0.9


def test_the_function_is_told_shape_classes_and_seed(digits):
    told = []

    def make(shape, classes, seed):
        told.append((shape, classes, seed))
        return sn89.nets.fully_connected(hidden=4, seed=seed)

    X, y = digits.train
    made = [NetClassifier(make, passes=1, random_state=state).fit(X, y) for state in (1, 1, 2)]
    NetClassifier(make, passes=1).fit(X.reshape(-1, 256), y)
    assert [one[:2] for one in told] == [((16, 16), 10)] * 3 + [((256,), 10)]
    assert told[0][2] == told[1][2] != told[2][2]
    np.testing.assert_array_equal(made[0].net_.parameters, made[1].net_.parameters)


def test_a_net_is_a_declaration_and_stays_as_it_is(digits):
    net = sn89.nets.lenet1_softmax(seed=3, start=sn89.BySqrtFanIn(1.0), squash=sn89.Tanh(), name="mine")
    before = net.parameters.copy()
    made = classifier(net=net, passes=1).fit(*digits.train)
    assert made.net is net
    np.testing.assert_array_equal(net.parameters, before)
    for name in ("input", "layers", "squash", "cost", "start", "name"):
        assert getattr(made.net_, name) == getattr(net, name)
    assert not np.array_equal(made.net_.parameters, before)


def test_the_answer_is_that_of_the_trained_net(digits):
    made = classifier().fit(*digits.train)
    X = digits.test[0]
    np.testing.assert_array_equal(made.predict(X), made.net_.predict(X))
    np.testing.assert_array_equal(made.decision_function(X), made.net_(X))


def test_a_training_is_one_of_sn89(digits):
    """All that is told is handed on: the rule, the passes, the order, distortions, seeds."""
    net, distortion = sn89.nets.fully_connected(hidden=4), sn89.Distortion(shift=1)
    made = NetClassifier(net, rule=sn89.SGD(0.02), passes=3, order="given", distortion=distortion, random_state=5)
    made.fit(*digits.train)
    start, seed = np.random.RandomState(5).randint(2**31 - 1, size=2).tolist()
    net.restart(start)
    how = {"rule": sn89.SGD(0.02), "passes": 3, "order": "given", "distortion": distortion, "seed": seed}
    sn89.train(net, *digits.train, **how, measure=False, progress=False)
    np.testing.assert_array_equal(made.net_.parameters, net.parameters)


# ---- what is random --------------------------------------------------------------------------------------------------


def parameters(digits, state, **options) -> Array:
    return classifier(random_state=state, **options).fit(*digits.train).net_.parameters


def test_random_states(digits):
    first = parameters(digits, 1)
    np.testing.assert_array_equal(parameters(digits, 1), first)
    np.testing.assert_array_equal(parameters(digits, np.random.RandomState(1)), first)
    shared = np.random.RandomState(1)
    assert not np.array_equal(parameters(digits, shared), parameters(digits, shared))
    assert not np.array_equal(parameters(digits, None), parameters(digits, None))
    assert not np.array_equal(parameters(digits, 1, order="given"), first)


# ---- what probabilities mean -----------------------------------------------------------------------------------------

COSTS = {
    "half squared": (sn89.HalfSquaredError(), sn89.Full("output", 3)),
    "other targets": (sn89.HalfSquaredError(0.7, -0.2), sn89.Full("output", 3)),
    "softmax": (sn89.SoftmaxCrossEntropy(), sn89.Full("output", 3, squash=sn89.Linear())),
    "rbf": (sn89.RBFDiscriminative(5.0), sn89.RBF("output", np.random.default_rng(1).normal(size=(3, 6)))),
}


@pytest.mark.parametrize(("cost", "last"), COSTS.values(), ids=COSTS.keys())
def test_probabilities_are_those_of_the_costs(cost, last):
    """P(k) is exp(-C_k) over its sum, with C_k what the net itself says the cost is if k is the class."""
    X, y = load_iris(return_X_y=True)
    X = MinMaxScaler((-1, 1)).fit_transform(X)
    net = sn89.Net(sn89.Input(1, 4), sn89.Full("hidden", 6), last, cost=cost)
    made = NetClassifier(net, rule=sn89.LevenbergMarquardt(0.002), random_state=1).fit(X, y)
    assert made.score(X, y) > 0.9
    images = X[:, None].astype(np.float32)
    costs = [made.net_.outputs_and_costs(made.net_.patterns(images, np.full(150, k)))[1] for k in range(3)]
    likelihoods = np.exp(-np.stack(costs, axis=1).astype(np.float64))
    probabilities = made.predict_proba(X)
    np.testing.assert_allclose(probabilities, likelihoods / likelihoods.sum(axis=1, keepdims=True), atol=1e-5)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), made.predict(X))
    np.testing.assert_array_equal(made.decision_function(X).argmax(axis=1), made.predict(X))
    np.testing.assert_array_equal(made.predict(X), made.net_.predict(images))
    if isinstance(cost, sn89.SoftmaxCrossEntropy):
        np.testing.assert_allclose(probabilities, cost.scores(made.net_(images)), atol=1e-6)


def test_two_classes_have_one_decision():
    X, y = load_iris(return_X_y=True)
    made = NetClassifier(random_state=1).fit(X[50:], y[50:])
    outputs = made.net_(X[50:, None]).astype(np.float64)
    np.testing.assert_array_equal(made.decision_function(X[50:]), outputs[:, 1] - outputs[:, 0])
    np.testing.assert_array_equal(made.predict(X[50:]), np.where(outputs[:, 1] > outputs[:, 0], 2, 1))


def test_one_sample_has_the_bits_that_it_has_among_others(digits):
    made = classifier(net=sn89.nets.zip_code(), passes=1).fit(*digits.train)
    X = digits.test[0][:20]
    alone = [made.decision_function(X[i : i + 1])[0] for i in range(len(X))]
    np.testing.assert_array_equal(made.decision_function(X), alone)


# ---- in scikit-learn's tools -----------------------------------------------------------------------------------------


def test_a_pipeline_scales():
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(MinMaxScaler((-1, 1)), NetClassifier(random_state=1))
    assert cross_val_score(pipeline, X, y, cv=3).min() > 0.9


def test_grid_search_by_two_threads(digits):
    rules = [sn89.SGD(1e-6), sn89.LevenbergMarquardt()]
    nets = [sn89.nets.fully_connected(hidden=4), sn89.nets.zip_code()]
    with joblib.parallel_config("threading"):
        search = GridSearchCV(classifier(), {"rule": rules, "net": nets}, cv=2, n_jobs=2, error_score="raise")
        search.fit(*digits.train)
    assert search.best_params_["rule"] == sn89.LevenbergMarquardt()
    assert search.best_estimator_.net_.layers == nets[1].layers
    alone = GridSearchCV(classifier(), {"rule": rules, "net": nets}, cv=2).fit(*digits.train)
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"])


def test_clone(digits):
    made = classifier(rule=sn89.SGD(0.01)).fit(*digits.train)
    twin = clone(made)
    assert not hasattr(twin, "net_")
    assert twin.rule == sn89.SGD(0.01)
    np.testing.assert_array_equal(twin.fit(*digits.train).net_.parameters, made.net_.parameters)


def test_pickle_and_joblib(digits, tmp_path):
    made = classifier().fit(*digits.train)
    joblib.dump(made, tmp_path / "made.joblib")
    for loaded in (pickle.loads(pickle.dumps(made)), joblib.load(tmp_path / "made.joblib")):
        X = digits.test[0]
        np.testing.assert_array_equal(loaded.predict_proba(X), made.predict_proba(X))
        assert [one.cost for one in loaded.history_.passes] == [one.cost for one in made.history_.passes]


@pytest.mark.parametrize(
    "names", [np.array(["cat", "dog", "eel"]), np.array([7.0, -1.0, 100.0]), np.array(["cat", "dog", "eel"], object)]
)
def test_labels_of_any_kind(names):
    X, y = load_iris(return_X_y=True)
    made = NetClassifier(passes=20, random_state=1).fit(X, names[y])
    np.testing.assert_array_equal(made.classes_, np.sort(names))
    assert made.predict(X).dtype == names.dtype
    assert made.score(X, names[y]) > 0.9


def test_a_table_of_pandas_keeps_its_names():
    X, y = load_iris(return_X_y=True, as_frame=True)
    made = NetClassifier(passes=20, random_state=1).fit(X, y)
    assert list(made.feature_names_in_) == list(X.columns)
    assert made.score(X, y) > 0.9


# ---- what cannot be --------------------------------------------------------------------------------------------------

X8, Y8 = np.random.default_rng(1).uniform(-1, 1, (8, 16, 16)), np.arange(8) % 2
BAD = {
    "a word for a net": ({"net": "zip"}, TypeError, "net must be a sn89.Net, a function .* or None, not 'zip'"),
    "a function that makes none": ({"net": lambda *told: 5}, TypeError, "net must make a sn89.Net, not 5"),
    "ten outputs": ({"net": sn89.nets.zip_code()}, ValueError, "one output for each of 2 classes, not 10"),
    "a word for a rule": ({"rule": "sgd"}, TypeError, "rule must be a Rule, such as .*, not 'sgd'"),
    "no passes": ({"passes": 0}, ValueError, "passes must be at least 1, not 0"),
    "half a pass": ({"passes": 0.5}, TypeError, "passes must be a whole number, not 0.5"),
    "another order": ({"order": "sorted"}, ValueError, 'order must be "given" or "shuffle", not \'sorted\''),
    "a word for a distortion": ({"distortion": "no"}, TypeError, "distortion must be a sn89.Distortion, not 'no'"),
    "a word for a seed": ({"random_state": "no"}, ValueError, "'no' cannot be used to seed"),
}


@pytest.mark.parametrize(("options", "kind", "words"), BAD.values(), ids=BAD.keys())
def test_bad_parameters_are_stored_and_refused_by_fit(options, kind, words):
    made = NetClassifier(**options)
    for name, value in options.items():
        assert getattr(made, name) is value
    with pytest.raises(kind, match=words):
        made.fit(X8, Y8)
    with pytest.raises(NotFittedError):
        made.predict(X8)


TWO = sn89.Net(sn89.Input(16, 16), sn89.Full("output", 2))
MISFITS = {
    "one class": (X8, [3] * 8, "at least two classes, not of one class, 3, only"),
    "64 features": (X8.reshape(32, 64), np.arange(32) % 2, "X has 64 features, and the net's input 1 x 16 x 16 units"),
    "images too large": (np.zeros((8, 17, 16)), Y8, "images must be 16 x 16 units or smaller"),
    "too large for float32": (1e39 * X8, Y8, "finite in float32"),
    "five dimensions": (X8[None, None], [0], "dim 5"),
    "fewer labels": (X8, Y8[1:], "inconsistent numbers of samples"),
    "no samples": (X8[:0], Y8[:0], "0 sample"),
    "amounts for labels": (X8, np.linspace(0, 1, 8), "continuous"),
}


@pytest.mark.parametrize(("X", "y", "words"), MISFITS.values(), ids=MISFITS.keys())
def test_samples_that_do_not_fit_are_refused(X, y, words):
    with pytest.raises(ValueError, match=words):
        NetClassifier(TWO).fit(X, y)


def test_images_of_another_shape_than_in_fit_are_refused():
    made = NetClassifier(TWO, passes=1).fit(X8, Y8)
    with pytest.raises(ValueError, match=r"images must be as in fit, \(1, 16, 16\) .*, not \(8, 32\)"):
        made.predict(X8.reshape(8, 8, 32))


def test_a_fit_that_fails_leaves_the_one_before():
    made = NetClassifier(TWO, passes=1).fit(X8, Y8)
    before = vars(made).copy()
    for X, y, words in MISFITS.values():
        with pytest.raises(ValueError, match=words):
            made.fit(X, y)
        assert vars(made) == before
    made.predict(X8)


@pytest.mark.parametrize("answer", ["predict", "predict_proba", "decision_function"])
def test_a_net_must_be_trained_before_it_answers(answer):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(NetClassifier(), answer)(X8)


def test_a_training_that_diverges_says_so():
    net = sn89.Net(sn89.Input(16, 16), sn89.Full("output", 2), squash=sn89.Linear())
    made = NetClassifier(net, rule=sn89.SGD(1.0))
    with pytest.raises(sn89.DivergedError, match=r"diverged in pass 1, .*\. Are the inputs scaled, to about -1 to 1\?"):
        made.fit(100 * X8, Y8)
    assert not hasattr(made, "net_")


# ---- an extra --------------------------------------------------------------------------------------------------------


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_importing_the_package_leaves_scikit_learn_alone():
    assert run("import sys, sn89; print('sklearn' in sys.modules)") == "False\n"


def test_without_scikit_learn_one_error_names_the_extra():
    said = run("import sys; sys.modules['sklearn'] = None; import sn89.estimator")
    assert said.count("Traceback") == 1
    assert said.endswith("ImportError: sn89.estimator needs scikit-learn, 1.6 or newer: pip install 'sn89[sklearn]'\n")
