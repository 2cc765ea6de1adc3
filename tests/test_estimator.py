"""The scikit-learn classifier: its own checks in full, and what they do not look at."""

from __future__ import annotations

import pickle
import subprocess
import sys

import joblib
import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut, RandomizedSearchCV, cross_val_score
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


NOT_THE_SAME = {
    "check_sample_weight_equivalence_on_dense_data": "a sample of weight 2 is one large step, and two samples are two"
}


@pytest.mark.usefixtures("array_api")
@pytest.mark.filterwarnings("ignore::sn89.TrainingWarning")  # some of the checks do not scale
@parametrize_with_checks([NetClassifier()], expected_failed_checks=lambda _: NOT_THE_SAME)
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


def test_the_papers_functions_make_nets_too(digits):
    """Without brackets: they ask for nothing but a seed."""
    made = classifier(net=sn89.nets.zip_code, passes=1).fit(*digits.train)
    assert made.net_.layers == sn89.nets.zip_code().layers
    assert made.net_.seed != classifier(net=sn89.nets.zip_code, passes=1, random_state=2).fit(*digits.train).net_.seed


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


# ---- as MLPClassifier is used, on real digits: those of scikit-learn, 8x8, from 0 to 16 ------------------------------

Split = tuple[Array, Array, Array, Array]


@pytest.fixture(scope="module")
def real() -> Split:
    """Digits to learn and to test on, real ones, as images."""
    found = load_digits()
    return found.images[:800], found.target[:800], found.images[800:1300], found.target[800:1300]


def small(**options) -> NetClassifier:
    return NetClassifier(**{"passes": 8, "scale": "auto", "random_state": 1, **options})


def test_partial_fit_over_three_chunks(real):
    X, y, Xt, yt = real
    made, scores = small(), []
    for chunk in np.array_split(np.arange(len(X)), 3):
        made.partial_fit(X[chunk], y[chunk], classes=range(10))
        scores.append(made.score(Xt, yt))
        assert made.n_iter_ == 1
    assert scores[0] < scores[2] > 0.75
    assert len(made.loss_curve_) == 3
    assert made.history_.state.presented == 800
    for _ in range(4):
        made.partial_fit(X, y)
    assert made.score(Xt, yt) > 0.85


def test_partial_fit_is_a_training_that_goes_on(real):
    """Its first pass is that of fit, and so is the second: of the same samples, in a new order."""
    X, y, _, _ = real
    whole, parts = small(passes=2, rule=sn89.AdamW(0.001)).fit(X, y), small(rule=sn89.AdamW(0.001))
    parts.partial_fit(X, y, classes=range(10)).partial_fit(X, y)
    np.testing.assert_array_equal(whole.net_.parameters, parts.net_.parameters)
    assert whole.loss_curve_ == parts.loss_curve_


def test_a_first_chunk_may_lack_classes(real):
    """Of strings, and with a second chunk of one class alone."""
    X, y, _, _ = real
    names = np.array(list("abcdefghij"))
    made = small().partial_fit(X[y < 9], names[y[y < 9]], classes=names)
    made.partial_fit(X[y == 9], names[y[y == 9]])
    np.testing.assert_array_equal(made.classes_, names)
    assert made.predict(X[y == 9][:5]).tolist() == ["j"] * 5  # it is all that it saw for a while
    made.partial_fit(X[:1], names[y[:1]])  # a single sample


def test_partial_fit_goes_on_from_fit(real):
    X, y, _, _ = real
    made = small(passes=3).fit(X, y)
    net, before = made.net_, made.net_.parameters.copy()
    made.partial_fit(X[:100], y[:100])
    assert len(made.loss_curve_) == 4
    assert not np.array_equal(made.net_.parameters, before)
    np.testing.assert_array_equal(net.parameters, before)  # who holds the former net keeps it


def test_partial_fit_refuses(real):
    X, y, _, _ = real
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        small().partial_fit(X, y)
    with pytest.raises(ValueError, match="does not support early_stopping=True"):
        small(early_stopping=True).partial_fit(X, y, classes=range(10))
    with pytest.raises(ValueError, match="class_weight='balanced' needs all samples"):
        small(class_weight="balanced").partial_fit(X, y, classes=range(10))
    made = small(passes=1).partial_fit(X, y, classes=range(10))
    with pytest.raises(ValueError, match="are not those of the first call"):
        made.partial_fit(X, y, classes=range(9))
    with pytest.raises(ValueError, match="y has the label 10, but classes are"):
        made.partial_fit(X, y + 1)


def test_a_chunk_that_fails_leaves_the_net(real):
    X, y, _, _ = real
    net = sn89.Net(sn89.Input(8, 8), sn89.Full("output", 10), squash=sn89.Linear())
    made = small(net=net, rule=sn89.SGD((1e-3, 1e9))).partial_fit(X, y, classes=range(10))
    before = made.net_.parameters.copy()
    with pytest.raises(sn89.DivergedError):
        made.partial_fit(X, y)
    np.testing.assert_array_equal(made.net_.parameters, before)


def test_warm_start(real):
    X, y, _, _ = real
    whole, warm = small(passes=4).fit(X, y), small(passes=2, warm_start=True).fit(X, y)
    first = warm.net_.parameters.copy()
    warm.fit(X, y)
    assert not np.array_equal(warm.net_.parameters, first)
    np.testing.assert_array_equal(warm.net_.parameters, whole.net_.parameters)
    assert warm.loss_curve_ == whole.loss_curve_
    assert warm.n_iter_ == 2
    cold = small(passes=2).fit(X, y).fit(X, y)
    np.testing.assert_array_equal(cold.net_.parameters, first)


def test_early_stopping(real):
    X, y, Xt, yt = real
    made = small(passes=60, early_stopping=True, validation_fraction=0.2, n_iter_no_change=4).fit(X, y)
    assert made.n_iter_ == len(made.validation_scores_) == len(made.loss_curve_) < 60
    assert made.best_validation_score_ == max(made.validation_scores_) > 0.9
    assert made.best_loss_ is None
    assert made.history_.kept.number == 1 + int(np.argmax(made.validation_scores_))
    assert made.score(Xt, yt) > 0.85
    plain = small(passes=5).fit(X, y)
    assert (plain.n_iter_, plain.validation_scores_, plain.best_validation_score_) == (5, None, None)
    assert plain.best_loss_ == min(plain.loss_curve_)
    assert plain.loss_ == plain.loss_curve_[-1]


def test_a_search_for_the_rate(real):
    X, y, _, _ = real
    search = GridSearchCV(small(passes=2), {"rule__rate": [1e-6, 5e-4]}, cv=2).fit(X, y)
    assert search.best_params_ == {"rule__rate": 5e-4}
    assert search.best_estimator_.rule == sn89.LevenbergMarquardt(5e-4)
    assert small().rule is None


def test_a_random_search_over_rules_nets_and_distortions(real):
    X, y, _, _ = real
    choices = {
        "rule": [sn89.SGD()],
        "rule__rate": loguniform(1e-3, 1e-1),
        "net__hidden": [5, 30],
        "distortion__shift": [0.25, 0.5],
    }
    classifier = small(net=layered, passes=1, distortion=sn89.Distortion(shift=1))
    search = RandomizedSearchCV(classifier, choices, n_iter=3, cv=2, random_state=1).fit(X, y)
    best = search.best_estimator_
    assert best.net_["hidden"].units == search.best_params_["net__hidden"]
    assert best.rule == sn89.SGD(search.best_params_["rule__rate"])
    assert best.distortion == sn89.Distortion(shift=search.best_params_["distortion__shift"])
    pickle.loads(pickle.dumps(best))


def layered(shape, classes, seed, hidden=10):
    """A net with that many hidden units."""
    return sn89.Net(sn89.Input(*shape), sn89.Full("hidden", hidden), sn89.Full("output", classes), seed=seed)


def test_parameters_of_parameters():
    made = NetClassifier(layered, distortion=sn89.Distortion(shift=1))
    params = made.get_params()
    assert params["rule__rate"] == sn89.LevenbergMarquardt().rate
    assert params["net__hidden"] == 10
    assert params["distortion__shift"] == 1
    assert "rule__rate" not in made.get_params(deep=False)
    made.set_params(rule__mu=0.1, rule=sn89.Newton(0.001), net__hidden=3)
    assert made.rule == sn89.Newton(0.001, mu=0.1)
    assert made.net((8, 8), 2, 1)["hidden"].units == 3
    assert clone(made).get_params()["net__hidden"] == 3
    for name, words in [
        ("rule__epsilon", "rule__epsilon cannot be set: .* which has rate, mu, gamma"),
        ("net__depth", "net__depth cannot be set"),
        ("epochs", "no parameter 'epochs': it is passes="),
    ]:
        with pytest.raises(ValueError, match=words):
            made.set_params(**{name: 1})
    with pytest.raises(ValueError, match="which has no parts"):
        NetClassifier().set_params(net__hidden=3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rule__lr": 0.1}, "which has rate, mu, gamma; lr is called rule__rate here"),
        ({"learning_rate": 0.1}, "no parameter 'learning_rate': the learning rate belongs to the rule"),
        ({"max_iter": 3}, "NetClassifier has no parameter 'max_iter': it is passes="),
        ({"nonsense": 3}, "Invalid parameter 'nonsense'"),
    ],
)
def test_parameters_of_others_are_told_ours(change, words):
    with pytest.raises(ValueError, match=words):
        NetClassifier().set_params(**change)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("epochs", r"fit\(\) has no keyword 'epochs': settings belong to NetClassifier\(...\), and it is passes="),
        ("passes", r"fit\(\) has no keyword 'passes': settings belong to NetClassifier"),
        ("sample_weights", "it is sample_weight="),
        ("nonsense", r"has no keyword 'nonsense': write NetClassifier\(net, passes=20\).fit\(X, y\)"),
    ],
)
def test_fit_takes_no_settings(option, words):
    with pytest.raises(TypeError, match=words):
        NetClassifier().fit(X8, Y8, **{option: 3})


def test_attributes_of_others_are_told_ours():
    with pytest.raises(AttributeError, match=r"a NetClassifier has no 'coefs_': net_.arrays\(\) has weights"):
        NetClassifier().coefs_  # noqa: B018
    with pytest.raises(TypeError, match=r"net must be a Net, not NetClassifier\(\)$"):
        sn89.save(NetClassifier(), "net.safetensors")
    fitted = NetClassifier(passes=1).fit(*load_iris(return_X_y=True))
    with pytest.raises(TypeError, match=r"net must be a Net, not NetClassifier\(passes=1\); its net is its net_$"):
        sn89.evaluate(fitted, np.zeros((3, 16, 16)), np.arange(3))


def test_boosting_bagging_and_voting(real):
    X, y, Xt, yt = real
    rows, others = X.reshape(len(X), -1), Xt.reshape(len(Xt), -1)
    boosted = AdaBoostClassifier(small(passes=2), n_estimators=4, random_state=1).fit(rows, y)
    assert len(boosted.estimators_) == 4
    assert boosted.score(others, yt) > 0.8
    bagged = BaggingClassifier(small(passes=2), n_estimators=4, random_state=1).fit(rows, y)
    assert bagged.score(others, yt) > 0.8
    vote = VotingClassifier([("a", small(passes=2)), ("b", small(passes=2, random_state=2))], voting="soft")
    assert vote.fit(rows, y).score(others, yt) > 0.75


def test_calibrated_probabilities(real):
    (X, y), (Xt, yt) = ((images[labels < 3], labels[labels < 3]) for images, labels in (real[:2], real[2:]))
    calibrated = CalibratedClassifierCV(small(passes=3), cv=2).fit(X, y)
    assert calibrated.score(Xt, yt) > 0.9
    np.testing.assert_allclose(calibrated.predict_proba(Xt).sum(axis=1), 1)


def test_a_fold_that_lacks_a_class(real):
    """Each group is a class: all of it is left out, and so is never right."""
    X, y, _, _ = real
    kept = y < 4
    X, y = X[kept], y[kept]
    spare = sn89.Net(sn89.Input(8, 8), sn89.Full("hidden", 10), sn89.Full("output", 4))
    for classifier in (small(passes=2, classes=range(4)), small(passes=2, net=spare)):
        scores = cross_val_score(classifier, X, y, groups=y, cv=LeaveOneGroupOut(), error_score="raise")
        assert scores.tolist() == [0, 0, 0, 0]
    made = small(passes=5, classes=range(4)).fit(X[y != 0], y[y != 0])
    np.testing.assert_array_equal(made.classes_, range(4))
    assert made.predict_proba(X).shape == (len(X), 4)
    assert made.score(X[y != 0], y[y != 0]) > 0.9
    made = small(passes=5, net=spare).fit(X[y != 0], y[y != 0])
    np.testing.assert_array_equal(made.classes_, [1, 2, 3])
    assert made.decision_function(X).shape == (len(X), 3)
    assert made.score(X[y != 0], y[y != 0]) > 0.9


# ---- weights ---------------------------------------------------------------------------------------------------------


def trained(X: Array, y: Array, **weights) -> Array:
    options = {name: weights.pop(name) for name in ("class_weight", "classes") if name in weights}
    return small(passes=2, scale=(0, 16), **options).fit(X, y, **weights).net_.parameters


def test_only_the_ratios_of_weights_matter(real):
    X, y, _, _ = real
    weights = np.random.default_rng(1).uniform(0.5, 2, len(X))
    np.testing.assert_array_equal(trained(X, y, sample_weight=np.full(len(X), 0.3)), trained(X, y))
    weighed = trained(X, y, sample_weight=weights)
    np.testing.assert_allclose(trained(X, y, sample_weight=8 * weights), weighed, atol=1e-6)
    assert not np.array_equal(weighed, trained(X, y))


def test_what_weighs_nothing_is_not_there(real):
    X, y, _, _ = real
    weights = (np.arange(len(X)) % 3 > 0).astype(float)
    np.testing.assert_array_equal(trained(X, y, sample_weight=weights), trained(X[weights > 0], y[weights > 0]))


def test_weights_of_classes(real):
    X, y, _, _ = real
    y = np.where(y == 3, "three", "other")
    by_hand = np.where(y == "three", 4.0, 1.0)
    expected = trained(X, y, sample_weight=by_hand)
    np.testing.assert_array_equal(trained(X, y, class_weight={"three": 4.0, "other": 1.0}), expected)
    np.testing.assert_array_equal(trained(X, y, class_weight=[1.0, 4.0]), expected)  # in the order of classes_
    np.testing.assert_array_equal(trained(X, y, class_weight={"three": 4.0}), expected)  # the others weigh 1
    rare = {"class_weight": {"four": 4.0, "other": 2.0}}
    lacking = trained(X, y, classes=["four", "other", "three"], **rare)  # no four is in y, as in a fold
    np.testing.assert_array_equal(lacking, trained(X, y, classes=["four", "other", "three"], class_weight=[4, 2, 1]))
    for words in ({"class_weight": {3: 4.0}}, {**rare, "classes": ["other", "three"]}):
        with pytest.raises(ValueError, match=r"class_weight names the class (3|'four'), and classes are"):
            trained(X, y, **words)
    balanced = trained(X, y, class_weight="balanced")
    share = (y == "three").mean()
    by_hand = np.where(y == "three", 0.5 / share, 0.5 / (1 - share))
    np.testing.assert_allclose(balanced, trained(X, y, sample_weight=by_hand), atol=1e-6)


@pytest.mark.parametrize(
    ("weights", "words"),
    [([-1.0] * 800, "not negative"), ([np.nan] * 800, "weight 0 is nan"), ([1.0], "one sample weight for each of 800")],
    ids=["negative", "NaN", "one"],
)
def test_weights_that_cannot_be_are_refused(real, weights, words):
    with pytest.raises(ValueError, match=words):
        small().fit(real[0], real[1], sample_weight=weights)


# ---- ranges ----------------------------------------------------------------------------------------------------------

RANGES = {
    "0 to 16": (lambda X: X, (0, 16)),
    "whole numbers": (lambda X: X.astype(int), (0, 16)),
    "0 to 1": (lambda X: X / 16, (0, 1)),
    "-1 to 1": (lambda X: (X / 8 - 1).astype(np.float32), (-1, 1)),
    "bytes": (lambda X: (X * 15.9).astype(np.uint8), (0, 255)),
    "0 to 255": (lambda X: X * 15.9375, (0, 255)),
}


@pytest.mark.parametrize(("change", "expected"), RANGES.values(), ids=RANGES.keys())
def test_a_range_is_found_in_fit_and_used_in_predict(real, change, expected):
    X, y, Xt, yt = real
    made = small(passes=3).fit(change(X), y)
    assert made.scale_ == expected
    assert made.score(change(Xt), yt) > 0.75
    one = change(Xt)[:1]
    low, high = expected
    by_hand = (one.astype(float) - low) * 2 / (high - low) - 1
    np.testing.assert_allclose(made.decision_function(one), made.net_(by_hand), atol=1e-5)


def test_lists_of_bytes_and_pipelines_are_scaled_too(real):
    X, y, Xt, yt = real
    made = small(passes=3).fit(X.astype(int).tolist(), y.tolist())
    assert made.scale_ == (0, 16)
    pipeline = make_pipeline(PCA(20, random_state=1), MinMaxScaler((-1, 1)), small(scale=None, passes=3))
    assert pipeline.fit(X.reshape(800, -1), y).score(Xt.reshape(500, -1), yt) > 0.75


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda X: X - 8, "does not know the range of X, which goes from -8 to 8"),
        (lambda X: X * 2, "which goes from 0 to 32"),
        (lambda X: (X * 3).astype(np.uint8), "which goes from 0 to 48"),
        (lambda X: X * 100, "which goes from 0 to 1600"),
        (lambda X: X * 0.9, "which goes from 0 to 14.4"),
    ],
    ids=["both signs", "0 to 32", "dim bytes", "0 to 1600", "no whole numbers"],
)
def test_a_range_that_cannot_be_told_is_refused(real, change, words):
    with pytest.raises(ValueError, match=words):
        small().fit(change(real[0]), real[1])


def test_another_range_than_that_of_fit_is_refused(real):
    X, y, Xt, _ = real
    made = small(passes=1).fit(X / 16, y)
    with pytest.raises(ValueError, match="X goes from 0 to 16, and the scale in use is that of 0 to 1"):
        made.predict(Xt)
    made = small(passes=1).fit(X, y)
    with pytest.raises(ValueError, match="X goes from 0 to 1, and the scale in use is that of 0 to 16"):
        made.predict(Xt / 16)
    made.predict(np.zeros((2, 8, 8)))  # nothing but paper


# ---- what cannot be --------------------------------------------------------------------------------------------------

X8, Y8 = np.random.default_rng(1).uniform(-1, 1, (8, 16, 16)), np.arange(8) % 2
BAD = {
    "a word for a net": ({"net": "zip"}, TypeError, "net must be a sn89.Net, a function .* or None, not 'zip'"),
    "a function that makes none": ({"net": lambda *told: 5}, TypeError, "net must make a sn89.Net, not 5"),
    "a function of nothing": ({"net": lambda: TWO}, TypeError, r"net\(shape, classes, seed\), not <lambda>\(\)"),
    "a function of the samples": ({"net": lambda X, y: TWO}, TypeError, r"net\(shape, classes, seed\), not <lambda>"),
    "one output": (
        {"net": sn89.Net(sn89.Input(16, 16), sn89.Full("output", 1))},
        ValueError,
        "an output for each of 2 classes, not 1",
    ),
    "classes of others": ({"classes": [3, 4]}, ValueError, r"y has the label 0, but classes are \[3, 4\]"),
    "one class": ({"classes": [3]}, ValueError, "at least two classes, not of one class, 3, only"),
    "a number of classes": ({"classes": 10}, ValueError, r"classes must be a list of .* as range\(10\), not 10"),
    "a word for a scale": ({"scale": "bytes"}, ValueError, r'scale must be "auto", \(lowest, highest\) or None'),
    "a scale upside down": ({"scale": (1, 0)}, ValueError, r"scale must be \(lowest, highest\), not \(1, 0\)"),
    "no patience": ({"early_stopping": True, "n_iter_no_change": 0}, ValueError, "n_iter_no_change must"),
    "all held out": (
        {"early_stopping": True, "validation_fraction": 1},
        ValueError,
        "validation_fraction must be a share",
    ),
    "a fall of less": ({"early_stopping": True, "tol": -1}, ValueError, "tol must not be negative"),
    "few weights": ({"class_weight": [1, 2, 3]}, ValueError, "a weight for each of 2 classes, not 3"),
    "a word for weights": ({"class_weight": "even"}, ValueError, "class_weight"),
    "a word for a rule": ({"rule": "sgd"}, TypeError, "rule must be a Rule, one of .*, not 'sgd'"),
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
    "64 features": (X8.reshape(32, 64), np.arange(32) % 2, "X has 64 features, but the net's input 1 x 16 x 16 units"),
    "images too large": (np.zeros((8, 17, 16)), Y8, "images must be 16 x 16 units or smaller"),
    "too large for float32": (1e39 * X8, Y8, "finite in float32"),
    "five dimensions": (X8[None, None], [0], "dim 5"),
    "fewer labels": (X8, Y8[1:], "inconsistent numbers of samples"),
    "no samples": (X8[:0], Y8[:0], "0 sample"),
    "rows for labels": (X8, np.eye(2)[Y8], r"y.argmax\(axis=1\) makes labels of rows of 0 and 1"),
    "words and numbers for labels": (X8, np.array([*"abc", *range(5)], object), "all strings .*, not int and str"),
    "a label that is missing": (X8, np.array([*"abcdefg", None], object), "none may be missing, not NoneType and str"),
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
    with pytest.raises(ValueError, match=r"X is one image, and must be several: X\[None\]"):
        made.predict(X8[0])


def test_a_fit_that_fails_leaves_the_one_before_and_the_generator_that_is_given():
    random = np.random.RandomState(1)
    made = NetClassifier(TWO, passes=1, random_state=random).fit(X8, Y8)
    before, drawn = vars(made).copy(), pickle.dumps(random)
    for X, y, words in MISFITS.values():
        with pytest.raises(ValueError, match=words):
            made.fit(X, y)
        assert vars(made) == before
        assert pickle.dumps(random) == drawn
    made.predict(X8)
    made.fit(X8, Y8)
    assert pickle.dumps(random) != drawn


@pytest.mark.parametrize("answer", ["predict", "predict_proba", "decision_function"])
def test_a_net_must_be_trained_before_it_answers(answer):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(NetClassifier(), answer)(X8)


@pytest.mark.filterwarnings("ignore:inputs go from:sn89.TrainingWarning")
def test_a_training_that_diverges_says_so():
    net = sn89.Net(sn89.Input(16, 16), sn89.Full("output", 2), squash=sn89.Linear())
    made = NetClassifier(net, rule=sn89.SGD(1.0))
    with pytest.raises(sn89.DivergedError, match=r"diverged in pass 1, .*\. Inputs should be about -1 to 1"):
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
    assert said.endswith('ImportError: sn89.estimator needs scikit-learn, 1.6 or newer: pip install "sn89[sklearn]"\n')
