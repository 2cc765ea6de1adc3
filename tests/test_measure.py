"""Measuring: confusion and rejection against brute force, costs and mean squared errors against NumPy."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sn89
from sn89 import RBF, Full, Input, Local, Net
from sn89.measure import Measurement, Rejection, confusion, rejection, rejection_by_three

# ---- confusion ---------------------------------------------------------------------------------------------


@given(st.data(), st.integers(1, 12))
def test_confusion_counts_how_often_one_class_was_taken_for_another(data, classes):
    answers = st.lists(st.tuples(st.integers(0, classes - 1), st.integers(0, classes - 1)), min_size=1, max_size=40)
    pairs = data.draw(answers)
    table = confusion([label for label, _ in pairs], [answer for _, answer in pairs], classes)
    assert table.dtype == np.int64
    assert table.shape == (classes, classes)
    for label, answer in itertools.product(range(classes), repeat=2):
        assert table[label, answer] == pairs.count((label, answer))


def test_confusion_has_the_labels_in_its_rows_and_ten_classes_unless_told():
    table = confusion(np.array([7, 7, 1]), np.array([1, 1, 1]))
    assert table.shape == (10, 10)
    assert (table[7, 1], table[1, 1], table.sum()) == (2, 1, 3)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int64, np.uint64])
def test_confusion_takes_whole_numbers_of_any_kind(kind):
    labels = np.array([0, 3, 3, 2], kind)
    assert (confusion(labels, labels, 4) == np.diag([1, 0, 1, 2])).all()


def test_no_answers_make_an_empty_confusion():
    assert (confusion(np.array([], int), np.array([], int), 3) == np.zeros((3, 3))).all()


FOUR = np.arange(4)

BAD_ANSWERS = {
    "one short": ((FOUR, FOUR[:3]), ValueError, r"\(4,\) and \(3,\)"),
    "two dimensions": ((FOUR[None], FOUR[None]), ValueError, r"\(1, 4\)"),
    "a number": ((3, 3), ValueError, r"\(\) and \(\)"),
    "labels of floats": ((FOUR * 1.0, FOUR), TypeError, "labels must be whole numbers, not float64"),
    "answers of floats": ((FOUR, FOUR * 1.0), TypeError, "predictions must be whole numbers, not float64"),
    "booleans": ((FOUR > 1, FOUR), TypeError, "labels must be whole numbers, not bool"),
    "strings": ((FOUR, FOUR.astype(str)), TypeError, "predictions must be whole numbers, not <U"),
    "negative": ((FOUR - 1, FOUR), ValueError, "labels must be 0 to 9, not -1"),
    "too large": ((FOUR, FOUR + 7), ValueError, "predictions must be 0 to 9, not .*10"),
    "more than classes": ((FOUR, FOUR, 3), ValueError, "labels must be 0 to 2, not .*3"),
    "no classes": ((FOUR, FOUR, 0), ValueError, "classes"),
    "negative classes": ((FOUR[:0], FOUR[:0], -1), ValueError, "classes"),
    "half a class": ((FOUR, FOUR, 4.5), TypeError, "classes"),
    "classes a string": ((FOUR, FOUR, "4"), TypeError, "classes"),
}


@pytest.mark.parametrize(("bad", "kind", "words"), BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_confusion_refuses_what_it_cannot_count(bad, kind, words):
    with pytest.raises(kind, match=words) as caught:
        confusion(*bad)
    assert type(caught.value) is kind


# ---- rejection, by brute force -----------------------------------------------------------------------------

ERRORS = (0, 0.01, 0.1, 0.2, 0.25, 1 / 3, 0.5, 0.9, 1)
CRITERIA = {"difference": rejection, "three": rejection_by_three}
each_criterion = pytest.mark.parametrize("criterion", CRITERIA.values(), ids=CRITERIA.keys())


@st.composite
def answers(draw):
    """Scores and labels of a few patterns, now with many ties and now with none, and an error."""
    n, classes = draw(st.integers(1, 8)), draw(st.integers(2, 4))
    score = draw(st.sampled_from([st.integers(-2, 2), st.floats(-1, 1)]))
    scores = draw(st.lists(st.lists(score, min_size=classes, max_size=classes), min_size=n, max_size=n))
    labels = draw(st.lists(st.integers(0, classes - 1), min_size=n, max_size=n))
    return scores, labels, draw(st.sampled_from(ERRORS))


def judged(scores: list, labels: list) -> list[tuple[float, float, float, bool]]:
    """Of every pattern the largest score, the second, their difference, and whether the answer is wrong."""
    judgements = []
    for row, label in zip(scores, labels, strict=True):
        second, first = sorted(map(float, row))[-2:]
        judgements.append((first, second, first - second, row.index(max(row)) != label))
    return judgements


def accepted(judgements: list, low: float, high: float, least: float) -> list[bool]:
    """For every pattern that these thresholds accept, whether it is wrong."""
    return [wrong for first, second, apart, wrong in judgements if first > low and second < high and apart > least]


def fewest_rejected(judgements: list, error: float, lows=(-math.inf,), highs=(math.inf,)) -> int:
    """Tries all thresholds that make a difference."""
    least = [-math.inf, *(apart for _, _, apart, _ in judgements)]
    every = (accepted(judgements, *thresholds) for thresholds in itertools.product(lows, highs, least))
    fine = [len(kept) for kept in every if not kept or sum(kept) / len(kept) <= error]
    return len(judgements) - max(fine)


def is_what_its_thresholds_do(found: Rejection, judgements: list) -> bool:
    kept = accepted(judgements, found.first, found.second, found.difference)
    return (found.patterns, found.rejected, found.wrong) == (
        len(judgements),
        len(judgements) - len(kept),
        sum(kept),
    )


@given(answers())
def test_no_threshold_of_the_difference_rejects_fewer(drawn):
    scores, labels, error = drawn
    judgements, found = judged(scores, labels), rejection(scores, labels, error)
    assert found.rejected == fewest_rejected(judgements, error)
    assert found.error <= error
    assert (found.first, found.second) == (-math.inf, math.inf)
    assert is_what_its_thresholds_do(found, judgements)


@given(answers())
def test_no_three_thresholds_reject_fewer(drawn):
    scores, labels, error = drawn
    judgements, found = judged(scores, labels), rejection_by_three(scores, labels, error)
    lows, highs = [-math.inf, *(one[0] for one in judgements)], [math.inf, *(one[1] for one in judgements)]
    assert found.rejected == fewest_rejected(judgements, error, lows, highs)
    assert found.error <= error
    assert is_what_its_thresholds_do(found, judgements)
    assert found.rejected <= rejection(scores, labels, error).rejected


# ---- rejection, by hand ------------------------------------------------------------------------------------


def by_difference(*patterns: tuple[float, bool]) -> tuple[np.ndarray, np.ndarray]:
    """Scores of patterns with these differences, and labels that make them right or wrong."""
    scores = np.array([[difference, 0.0] for difference, _ in patterns])
    return scores, np.array([0 if right else 1 for _, right in patterns])


@given(answers())
def test_the_rejection_curve_has_every_threshold(drawn):
    """For each difference that there is: how many have a smaller one, and how many of the others are wrong."""
    scores, labels = np.array(drawn[0], float), np.array(drawn[1])
    top = np.sort(scores, axis=1)
    difference, wrong = top[:, -1] - top[:, -2], scores.argmax(axis=1) != labels
    expected = [((difference < d).mean(), wrong[difference >= d].mean()) for d in np.unique(difference)]
    np.testing.assert_allclose(np.transpose(sn89.measure.rejection_curve(scores, labels)), expected, atol=1e-12)


@given(answers(), answers())
def test_thresholds_of_some_patterns_on_others(drawn, others):
    """Each other pattern is accepted if it passes all three."""
    for criterion in (rejection, rejection_by_three):
        found = criterion(*map(np.array, drawn[:2]), drawn[2])
        scores, labels = np.array(others[0], float), np.array(others[1])
        kept, wrongly = 0, 0
        for row, label in zip(scores, labels, strict=True):
            second, first = sorted(row)[-2:]
            if first > found.first and second < found.second and first - second > found.difference:
                kept += 1
                wrongly += int(np.argmax(row)) != label
        told = found.on(scores, labels)
        assert (told.patterns, told.rejected, told.wrong) == (len(labels), len(labels) - kept, wrongly)
        assert (told.first, told.second, told.difference) == (found.first, found.second, found.difference)
    assert found.on(np.array(drawn[0]), np.array(drawn[1])) == found


def test_rejection_by_hand():
    scores, labels = by_difference((4, True), (3, True), (2, False), (1, True), (0.5, False))
    assert rejection(scores, labels, 0) == Rejection(patterns=5, rejected=3, wrong=0, difference=2)
    assert rejection(scores, labels, 0.25) == Rejection(patterns=5, rejected=1, wrong=1, difference=0.5)
    assert rejection(scores, labels, 0.4) == Rejection(patterns=5, rejected=0, wrong=2, difference=-math.inf)


def test_a_rejection_tells_the_shares():
    found = Rejection(patterns=200, rejected=50, wrong=3, difference=0.5)
    assert (found.share, found.error) == (0.25, 0.02)
    assert Rejection(patterns=200, rejected=200, wrong=0, difference=0.5).error == 0


def test_three_thresholds_do_what_one_cannot():
    """The wrong answer has the largest difference of all, but a small first score."""
    scores, labels = np.array([[1.0, 0.5], [0.9, 0.4], [0.1, -2.0], [0.8, 0.3]]), np.array([0, 0, 1, 0])
    assert rejection(scores, labels, 0).rejected == 4
    found = rejection_by_three(scores, labels, 0)
    assert (found.rejected, found.wrong) == (1, 0)
    assert 0.1 <= found.first < 0.8


def test_the_second_score_can_tell_the_wrong_answer():
    scores, labels = np.array([[9.0, 0.5], [9.0, 0.4], [9.9, 0.9], [1.0, 0.3]]), np.array([0, 0, 1, 0])
    found = rejection_by_three(scores, labels, 0)
    assert (found.rejected, found.wrong) == (1, 0)
    assert 0.5 < found.second <= 0.9
    assert found.first < 1


@each_criterion
def test_equal_patterns_stand_and_fall_together(criterion):
    scores, labels = by_difference((2, True), (1, True), (1, False), (1, True))
    assert criterion(scores, labels, 0).rejected == 3
    assert criterion(scores, labels, 0.25).rejected == 0


@each_criterion
def test_an_undecided_answer_is_the_first_of_the_largest(criterion):
    scores = np.array([[0.0, 1, 1], [0, 1, 1]])
    assert criterion(scores, [1, 1], 0).rejected == 0
    assert criterion(scores, [2, 2], 0).rejected == 2


@each_criterion
@pytest.mark.parametrize("error", ERRORS)
def test_where_all_is_right_nothing_is_rejected(criterion, error):
    scores, labels = by_difference((3, True), (2, True), (0, True))
    assert criterion(scores, labels, error) == Rejection(patterns=3, rejected=0, wrong=0, difference=-math.inf)


@each_criterion
@pytest.mark.parametrize("error", ERRORS[:-1])
def test_where_all_is_wrong_all_is_rejected(criterion, error):
    found = criterion(*by_difference((3, False), (2, False), (1, False)), error)
    assert (found.patterns, found.rejected, found.wrong, found.share, found.error) == (3, 3, 0, 1, 0)


@each_criterion
def test_an_error_of_one_allows_everything(criterion):
    found = criterion(*by_difference((3, False), (2, False), (1, False)), 1)
    assert (found.rejected, found.wrong, found.error) == (0, 3, 1)


@each_criterion
@pytest.mark.parametrize("right", [True, False])
def test_one_pattern_is_enough(criterion, right):
    found = criterion(*by_difference((1, right)), 0)
    assert (found.patterns, found.rejected, found.wrong) == (1, 0 if right else 1, 0)


@each_criterion
@pytest.mark.parametrize("percent", range(1, 100))
def test_an_error_that_is_met_exactly_is_met(criterion, percent):
    """0.29 * 100 is less than 29 in floating point, and yet 29 of 100 are 29 %."""
    scores, labels = by_difference(*[(1, i >= percent) for i in range(100)])
    assert criterion(scores, labels, percent / 100).rejected == 0


@each_criterion
def test_one_per_cent_unless_told(criterion):
    allowed = by_difference((1, False), *[(1, True)] * 99)
    too_many = by_difference((1, False), *[(1, True)] * 98)
    assert criterion(*allowed).rejected == 0
    assert criterion(*too_many).rejected == 99


@each_criterion
def test_rejection_leaves_its_arguments_alone(criterion):
    scores, labels = by_difference((2, True), (1, False), (3, True))
    scores.flags.writeable = labels.flags.writeable = False
    assert criterion(scores, labels, 0).rejected == 1


SCORES = np.random.default_rng(1989).normal(size=(6, 4))
LABELS = np.arange(6) % 4

BAD_SCORES = {
    "one pattern's scores": ((SCORES[0], LABELS), ValueError, r"scores must have shape .*\(4,\)"),
    "one class": ((SCORES[:, :1], LABELS), ValueError, r"two classes or more.*\(6, 1\)"),
    "no patterns": ((SCORES[:0], LABELS[:0]), ValueError, r"n > 0.*\(0, 4\)"),
    "too few labels": ((SCORES, LABELS[:5]), ValueError, r"labels.*\(6, 4\) and \(5,\)"),
    "labels in rows": ((SCORES, SCORES), ValueError, r"labels.*\(6, 4\) and \(6, 4\)"),
    "NaN": ((np.where(SCORES > 1, np.nan, SCORES), LABELS), ValueError, "scores must .*NaN"),
    "all infinite": ((np.full((6, 4), np.inf), LABELS), ValueError, "scores must .*finite"),
    "one infinite": ((np.where(SCORES > 1, np.inf, SCORES), LABELS), ValueError, "scores must .*finite"),
    "complex scores": ((SCORES + 0j, LABELS), TypeError, "scores"),
    "scores of strings": ((SCORES.astype(str), LABELS), TypeError, "scores"),
    "labels of strings": ((SCORES, LABELS.astype(str)), TypeError, "labels"),
    "labels of floats": ((SCORES, LABELS * 1.0), TypeError, "labels"),
    "labels of no class": ((SCORES, LABELS + 1), ValueError, "labels"),
    "labels negative": ((SCORES, LABELS - 1), ValueError, "labels"),
    "error negative": ((SCORES, LABELS, -0.01), ValueError, "error must be a share from 0 to 1, not -0.01"),
    "error in per cent": ((SCORES, LABELS, 5), ValueError, "error must be a share from 0 to 1, not 5"),
    "error NaN": ((SCORES, LABELS, math.nan), ValueError, "error must be a share from 0 to 1, not nan"),
    "error a string": ((SCORES, LABELS, "1 %"), TypeError, "error"),
    "error None": ((SCORES, LABELS, None), TypeError, "error"),
}


@each_criterion
@pytest.mark.parametrize(("bad", "kind", "words"), BAD_SCORES.values(), ids=BAD_SCORES.keys())
def test_rejection_refuses_what_it_cannot_rank(criterion, bad, kind, words):
    with pytest.raises(kind, match=words) as caught:
        criterion(*bad)
    assert type(caught.value) is kind


# ---- measurement and evaluate ------------------------------------------------------------------------------

X = np.random.default_rng(1989).uniform(-1, 1, (50, 8, 8)).astype(np.float32)
Y = np.random.default_rng(1990).integers(0, 4, 50)


def small(*top, **options) -> Net:
    return Net(
        Input(8, 8),
        Local("H1", maps=2, kernel=3, stride=2, pad=1),
        *(top or (Full("output", 4),)),
        start=sn89.Uniform(0.5),
        **options,
    )


def test_a_measurement_tells_both_mean_squared_errors():
    measured = Measurement(patterns=200, wrong=3, cost=0.125, half_mse=0.0125)
    assert (measured.error, measured.half_mse, measured.mse) == (0.015, 0.0125, 0.025)
    assert str(measured) == "1.50 % (3 of 200), half MSE 1.25e-02"


def test_a_measurement_without_a_squared_error_has_none():
    measured = Measurement(patterns=200, wrong=3, cost=0.125)
    assert (measured.half_mse, measured.mse) == (None, None)
    assert str(measured).startswith("1.50 % (3 of 200)")
    assert "MSE" not in str(measured)


def test_a_single_output_has_no_classes_and_so_no_errors():
    net, desired = small(Full("output", 1)), np.random.default_rng(3).uniform(-1, 1, (50, 1))
    measured = sn89.evaluate(net, X, desired)
    assert (measured.wrong, measured.error) == (None, None)
    assert measured.mse == pytest.approx(np.mean((desired - net(X).astype(float)) ** 2), rel=1e-5)
    assert "%" not in str(measured)


@pytest.mark.parametrize(("high", "low"), [(1, -1), (0.8, -0.2)])
def test_the_mean_squared_errors_are_those_of_the_outputs(high, low):
    net = small(cost=sn89.HalfSquaredError(high, low))
    measured, outputs = sn89.evaluate(net, X, Y), net(X).astype(float)
    desired = np.where(np.arange(4) == Y[:, None], high, low)
    assert measured.patterns == 50
    assert measured.wrong == (outputs.argmax(axis=1) != Y).sum()
    assert measured.mse == pytest.approx(np.mean((desired - outputs) ** 2), rel=1e-5)
    assert measured.half_mse == pytest.approx(np.mean((desired - outputs) ** 2) / 2, rel=1e-5)
    assert measured.cost == pytest.approx(np.mean(np.sum((desired - outputs) ** 2, axis=1) / 2), rel=1e-5)


def test_desired_outputs_are_measured_as_they_are():
    net, desired = small(), np.random.default_rng(3).uniform(-1, 1, (50, 4))
    measured, outputs = sn89.evaluate(net, X, desired), net(X).astype(float)
    assert measured.wrong == (outputs.argmax(axis=1) != desired.argmax(axis=1)).sum()
    assert measured.mse == pytest.approx(np.mean((desired - outputs) ** 2), rel=1e-5)


def test_the_cost_of_softmax_is_the_mean_surprise():
    net = small(cost=sn89.SoftmaxCrossEntropy())
    measured, outputs = sn89.evaluate(net, X, Y), net(X).astype(float)
    probabilities = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    assert measured.wrong == (outputs.argmax(axis=1) != Y).sum()
    assert measured.cost == pytest.approx(-np.mean(np.log(probabilities[np.arange(50), Y])), rel=1e-5)
    assert (measured.half_mse, measured.mse) == (None, None)


def test_the_answer_of_prototypes_is_the_nearest():
    prototypes = np.random.default_rng(4).choice([-1.0, 1.0], (4, 32))
    net = small(RBF("output", prototypes), cost=sn89.RBFDiscriminative(2))
    measured, distances = sn89.evaluate(net, X, Y), net(X).astype(float)
    assert measured.wrong == (distances.argmin(axis=1) != Y).sum()
    assert 0 < measured.wrong < 50
    cost = distances[np.arange(50), Y] + np.log(np.exp(-2) + np.exp(-distances).sum(axis=1))
    assert measured.cost == pytest.approx(np.mean(cost), rel=1e-5)
    assert (measured.half_mse, measured.mse) == (None, None)


def test_what_evaluate_finds_wrong_is_what_confusion_has_off_its_diagonal():
    net = small()
    table = confusion(Y, net.predict(X), 4)
    assert sn89.evaluate(net, X, Y).wrong == table.sum() - table.trace() > 0


def test_one_image_can_be_measured():
    net = small()
    alone = [sn89.evaluate(net, image, [label]) for image, label in zip(X, Y, strict=True)]
    together = sn89.evaluate(net, X, Y)
    assert {measured.patterns for measured in alone} == {1}
    assert sum(measured.wrong for measured in alone) == together.wrong
    assert np.mean([measured.cost for measured in alone]) == pytest.approx(together.cost, rel=1e-6)


def test_measuring_changes_nothing():
    net = small()
    net.curvature[:] = 0.25
    before = net.parameters.tobytes(), net.curvature.tobytes()
    assert sn89.evaluate(net, X, Y) == sn89.evaluate(net, X, Y)
    assert (net.parameters.tobytes(), net.curvature.tobytes()) == before
