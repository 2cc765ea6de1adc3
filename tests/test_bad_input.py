"""Bad input of every kind: one clear exception, and a net that is as it was and goes on working."""

from __future__ import annotations

import copy
import itertools
import math
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sn89
from sn89 import RBF, SGD, Average, Full, Input, Local, Net, _core
from sn89.checks import check_images, check_targets

LARGEST = 2**31 - 1
SLOWLY = SGD(0.01)
EITHER = (TypeError, ValueError)  # where both would do
X = np.random.default_rng(1989).uniform(-1, 1, (6, 8, 8))
Y = np.arange(6) % 4
PLANE = Input(8, 8)


def small(**options) -> Net:
    made = Net(
        PLANE,
        Local("H1", maps=2, kernel=3, stride=2, pad=1),
        Average("H2", 2),
        Full("output", 4, squash=sn89.Linear()),
        **options,
    )
    made.curvature[:] = 0.25
    return made


@pytest.fixture
def net() -> Net:
    return small()


def state(net: Net) -> tuple[bytes, bytes]:
    return net.parameters.tobytes(), net.curvature.tobytes()


@contextmanager
def complaint(kind: type[Exception] | tuple[type[Exception], ...], *words: object):
    """Expects an exception of exactly this kind, or one of these, whose message has all the words."""
    with pytest.raises(kind) as caught:
        yield
    assert type(caught.value) in (kind if isinstance(kind, tuple) else (kind,))
    message = str(caught.value.args[0])
    for word in words:
        assert str(word) in message


@contextmanager
def refused(net: Net, kind: type[Exception] | tuple[type[Exception], ...], *words: object):
    """A complaint that leaves the net as it was, and at work."""
    before, outputs = state(net), net(X)
    with complaint(kind, *words):
        yield
    assert state(net) == before
    assert net(X).tobytes() == outputs.tobytes()
    sn89.train(net, X, Y, rule=SLOWLY, passes=1)
    assert state(net) != before


def each(cases: dict[str, tuple]):
    """One test for every case: what comes, the kind of the complaint, and its words."""
    return pytest.mark.parametrize(
        ("bad", "kind", "words"), [(bad, kind, words) for bad, kind, *words in cases.values()], ids=cases.keys()
    )


# ---- arrays that lie across the bounds of their numbers ------------------------------------------------------------


def crooked(array: np.ndarray) -> np.ndarray:
    """The same numbers, one byte off: as a record of a file or of another library has them."""
    made = np.frombuffer(b"\0" + array.tobytes(), np.uint8)[1:].view(array.dtype).reshape(array.shape)
    assert not made.flags.aligned
    return made


def test_what_the_core_reads_is_aligned_and_the_same(net):
    images, wanted = X.astype(np.float32), np.eye(4, dtype=np.float32)[Y] * 2 - 1
    given = [check_images(crooked(images), PLANE)[:, 0]]
    given += [check_targets(crooked(wanted), 6, 4, net.cost)[0], check_targets(crooked(Y), 6, 4, net.cost)[1]]
    for made, straight in zip(given, [images, wanted, Y], strict=True):
        assert made.flags.aligned
        assert np.array_equal(made, straight)


FORMS = {
    "doubles": lambda images: images.astype(float),
    "the other byte order": lambda images: images.astype(images.dtype.newbyteorder()),
    "columns first": np.asfortranarray,
    "with gaps": lambda images: np.repeat(images, 2, axis=-1)[..., ::2],
    "lists": np.ndarray.tolist,
    "a byte off": crooked,
}
AS_THEY_ARE = {
    "an array": np.ascontiguousarray,
    "a view": lambda images: np.concatenate([images, images])[: len(images)],
    "a memoryview": memoryview,
    "bytes that cannot be written": lambda images: np.frombuffer(images.tobytes(), np.float32).reshape(images.shape),
}


@pytest.mark.parametrize("form", [*FORMS, *AS_THEY_ARE])
@pytest.mark.parametrize("which", [0, slice(1), slice(3), slice(None)], ids=str)
def test_images_have_the_same_outputs_in_whatever_form_they_come(net, form, which):
    images = X.astype(np.float32)[which]
    given, empty = {**FORMS, **AS_THEY_ARE}[form](images), partial(np.empty, dtype=np.float32)
    assert net(given).tobytes() == net._outputs_of(images).tobytes() == net(images.astype(float)).tobytes()
    assert net.predict(given).tolist() == net(images).argmax(axis=-1).tolist()
    assert (net._core.answer(given, empty) is None) == (form in FORMS)  # the others are read without a copy


def test_no_parameter_that_is_not_finite_is_overlooked_when_one_image_is_evaluated():
    """Whatever squashes it: tanh hides an infinite total input."""
    made = Net(
        Input(8, 8, background=0.0),
        Local("H1", maps=2, kernel=3, stride=2, pad=1, bias="map"),
        Average("H2", size=2),
        Local("H3", maps=2, kernel=2, bias="unit", shared=False),
        Full("output", 3),
    )
    image, start = np.zeros((8, 8), np.float32), made.parameters.copy()
    for u in range(start.size):
        for bad in (np.inf, -np.inf, np.nan):
            made.parameters[u] = bad
            with pytest.raises(ValueError, match=f"parameter {u} of this net is {bad}: parameters must be finite"):
                made(image)
        made.parameters[u] = start[u]
    made.parameters[:] = 3e38  # the sums overflow, and nothing is wrong with the parameters
    assert np.isfinite(made(image + 1)).all()


ORDERS = {
    "empty": ([], ValueError, "order must be a list of pattern numbers, not float64 of shape (0,)"),
    "amounts": ([0.0, 1.0], ValueError, "order must be a list of pattern numbers, not float64"),
    "several rows": ([[0], [1]], ValueError, "order must be a list of pattern numbers, not int64 of shape (2, 1)"),
    "one": (3, ValueError, "order must be a list of pattern numbers, not int64 of shape ()"),
    "one too large": ([0, 6], ValueError, "order names a pattern that is not there"),
}


@each(ORDERS)
def test_orders_that_are_none(net, bad, kind, words):
    patterns = net.patterns(X, Y)
    with refused(net, kind, *words):
        net.estimate_curvature("newton", patterns, bad)
    with refused(net, kind, *words):
        net.present(SLOWLY.in_pass(1), patterns, bad)


@pytest.mark.parametrize("bad", [3, None, "zip", sn89.nets.zip_code, PLANE], ids=lambda bad: type(bad).__name__)
@pytest.mark.parametrize("call", [lambda n: sn89.calibrate(n, X, Y), sn89.compact, lambda n: sn89.scan(n, X[0])])
def test_what_is_no_net(call, bad):
    with complaint(TypeError, "net must be a Net, not"):
        call(bad)


# ---- images ----------------------------------------------------------------------------------------------

IMAGES = {
    "one row": (X[0, 0], ValueError, "8 x 8", "(8,)"),
    "one number": (0.5, ValueError, "8 x 8", "()"),
    "too many dimensions": (X[None, None], ValueError, "8 x 8", "(1, 1, 6, 8, 8)"),
    "too many maps": (np.stack([X, X], 1), ValueError, "8 x 8", "(6, 2, 8, 8)"),
    "too high": (np.zeros((6, 9, 8)), ValueError, "8 x 8", "(6, 9, 8)"),
    "too wide": (np.zeros((6, 8, 9)), ValueError, "8 x 8", "(6, 8, 9)"),
    "no rows": (np.zeros((6, 0, 8)), ValueError, "8 x 8", "(6, 0, 8)"),
    "no columns": (np.zeros((6, 8, 0)), ValueError, "8 x 8", "(6, 8, 0)"),
    "no images": (X[:0], ValueError, "images", "empty"),
    "ragged": ([[1.0], [1.0, 2.0]], ValueError, "images"),
    "integers": (X.astype(int), TypeError, "images", "floating point", "int64"),
    "bytes": (X.astype(np.uint8), TypeError, "images", "floating point", "uint8"),
    "booleans": (X > 0, TypeError, "images", "floating point", "bool"),
    "complex": (X + 0j, TypeError, "images", "floating point", "complex128"),
    "objects": (X.astype(object), TypeError, "images", "floating point", "object"),
    "strings": (X.astype(str), TypeError, "images", "floating point", "<U"),
    "nothing": (None, TypeError, "images", "floating point"),
    "NaN": (np.where(np.arange(6)[:, None, None] == 3, np.nan, X), ValueError, "images", "finite", "3"),
    "infinity": (np.where(np.arange(6)[:, None, None] == 4, -np.inf, X), ValueError, "images", "finite", "4"),
    "beyond float32": (X * 1e300, ValueError, "images", "finite", "float32"),
}


@each(IMAGES)
@pytest.mark.parametrize(
    "act",
    [
        lambda net, images: net(images),
        lambda net, images: net.predict(images),
        lambda net, images: sn89.evaluate(net, images, Y),
        lambda net, images: sn89.train(net, images, Y, rule=SLOWLY, passes=1),
        lambda net, images: sn89.train(net, X, Y, rule=SLOWLY, passes=1, test=(images, Y)),
    ],
    ids=["call", "predict", "evaluate", "train", "test set"],
)
def test_bad_images_are_refused(net, act, bad, kind, words):
    with refused(net, kind, *words):
        act(net, bad)


@pytest.mark.parametrize("bad", [X[0], X, X[:, None]], ids=["no maps", "other maps", "one map"])
def test_images_with_the_wrong_number_of_maps_are_refused(bad):
    net = Net(Input(8, 8, maps=2), Full("output", 4))
    with complaint(ValueError, "2 x 8 x 8", bad.shape):
        net(bad)


def test_an_image_at_a_time_means_one(net):
    for act in (net.states, lambda images: net.derivatives(images, Y)):
        with refused(net, ValueError, "one image", "(6, 8, 8)"):
            act(X)


# ---- labels and desired outputs --------------------------------------------------------------------------

ROWS = np.eye(4)[Y]

LABELS = {
    "negative": (Y - 1, ValueError, "labels", "0 to 3", "label 0 is -1"),
    "too large": (Y + 1, ValueError, "labels", "0 to 3", "label 3 is 4"),
    "largest of all": (np.full(6, 2**64 - 1, np.uint64), ValueError, "labels", "0 to 3", 2**64 - 1),
    "floats": (Y.astype(float), TypeError, "labels", "whole numbers", "float64: y.astype(int) makes them so"),
    "booleans": (Y > 0, TypeError, "labels", "whole numbers", "bool"),
    "objects": (Y.astype(object), TypeError, "labels", "whole numbers", "object"),
    "strings of pandas": (Y.astype(str).astype(object), TypeError, "labels", "not object: np.unique(y, return_inverse"),
    "strings": (Y.astype(str), TypeError, "labels", "whole numbers", "<U", "np.unique(y, return_inverse=True)"),
    "too few": (Y[:5], ValueError, "label", "6 images", "(5,)"),
    "too many": (np.append(Y, 0), ValueError, "label", "6 images", "(7,)"),
    "none at all": ([], ValueError, "label", "6 images", "(0,)"),
    "one number": (3, ValueError, "label", "6 images", "()"),
    "nothing": (None, TypeError, "label"),
    "ragged": ([[1], [1, 2]] * 3, ValueError, "label"),
    "rows too short": (ROWS[:, :3], ValueError, "desired outputs", "(6, 4)", "(6, 3)"),
    "rows too few": (ROWS[:5], ValueError, "desired outputs", "6 images", "(5, 4)"),
    "a column": (Y[:, None], ValueError, "desired outputs", "(6, 1); y.ravel() makes labels of one column"),
    "rows of rows": (ROWS[:, :, None], ValueError, "desired outputs", "(6, 4)", "(6, 4, 1)"),
    "rows of integers": (2 * ROWS.astype(int), TypeError, "desired outputs", "floating point", "int64"),
    "rows of complex": (ROWS + 0j, TypeError, "desired outputs", "floating point", "complex128"),
    "rows with NaN": (np.where(ROWS == 1, np.nan, ROWS), ValueError, "desired outputs", "finite"),
    "rows with infinity": (np.where(ROWS == 1, np.inf, ROWS), ValueError, "desired outputs", "finite"),
    "rows beyond float32": (ROWS * 1e300, ValueError, "desired outputs", "finite"),
}


@each(LABELS)
@pytest.mark.parametrize(
    "act",
    [
        lambda net, labels: sn89.evaluate(net, X, labels),
        lambda net, labels: sn89.train(net, X, labels, rule=SLOWLY, passes=1),
        lambda net, labels: sn89.train(net, X, Y, rule=SLOWLY, passes=1, test=(X, labels)),
    ],
    ids=["evaluate", "train", "test set"],
)
def test_bad_labels_and_desired_outputs_are_refused(net, act, bad, kind, words):
    with refused(net, kind, *words):
        act(net, bad)


@pytest.mark.parametrize("kind", [int, bool])
def test_rows_of_whole_numbers_0_and_1_are_labels(net, kind):
    """With squared error that is said, for the outputs are to be 1 and -1 then."""
    rows = np.eye(4, dtype=kind)[Y]
    assert sn89.evaluate(net, X, rows) == sn89.evaluate(net, X, Y)
    nets, how = [copy.copy(net), copy.copy(net)], {"rule": SLOWLY, "passes": 1, "class_weight": [1, 2, 3, 4]}
    with pytest.warns(
        sn89.TrainingWarning, match=r"rows of 0 and 1, which are taken for labels, .* y\.argmax\(axis=1\)"
    ):
        sn89.train(nets[0], X, rows, **how)
    sn89.train(nets[1], X, Y, **how)
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


def test_rows_of_0_and_1_in_floating_point_are_desired_and_many_are_asked_about(net):
    """As Keras' to_categorical gives labels: 0 and 1 are desired, and who has many of them is told."""
    rows = np.eye(4, dtype=np.float32)[Y]
    other = copy.copy(net)
    sn89.train(net, X, rows, rule=SLOWLY, passes=1)
    sn89.train(other, X, Y, rule=SLOWLY, passes=1)
    assert net.parameters.tobytes() != other.parameters.tobytes()
    many = np.tile(X, (100, 1, 1)), np.tile(rows, (100, 1))
    with pytest.warns(
        sn89.TrainingWarning, match=r"these are the desired outputs.* y\.argmax\(axis=1\), so that 1 of the class"
    ):
        sn89.train(net, *many, rule=SLOWLY, passes=1)
    wanted = sn89.Net(net.input, *net.layers, cost=sn89.HalfSquaredError(low=0))
    assert sn89.train(wanted, *many, rule=SLOWLY, passes=1).passes  # who desires 0 and 1 is told nothing


PROBABILITIES = {
    "negative": np.array([1.5, -0.5, 0, 0]),
    "too little": np.array([0.5, 0, 0, 0]),
    "too much": np.array([1.0, 1, 0, 0]),
    "targets of another cost": np.array([1.0, -1, -1, -1]),
}


@pytest.mark.parametrize("cost", [sn89.SoftmaxCrossEntropy(), sn89.RBFDiscriminative()], ids=["softmax", "rbf"])
@pytest.mark.parametrize("bad", PROBABILITIES.values(), ids=PROBABILITIES.keys())
def test_only_probabilities_may_be_desired_of_a_cost_of_probabilities(cost, bad):
    net, rows = small(cost=cost), ROWS.copy()
    rows[3] = bad
    with refused(net, ValueError, "desired outputs", "probabilities"):
        sn89.train(net, X, rows, rule=SLOWLY, passes=1)
    with refused(net, ValueError, "desired outputs", "probabilities"):
        net.derivatives(X[3], bad)


@each(
    {
        "negative": (-1, ValueError, "0 to 3", "-1"),
        "too large": (4, ValueError, "0 to 3", "4"),
        "a float": (1.5, TypeError, "labels", "float64"),
        "a string": ("1", TypeError, "labels", "<U"),
        "nothing": (None, TypeError, "labels", "object"),
        "a list": ([1.0, 0.0], ValueError, "desired outputs", "(1, 2)"),
    }
)
def test_bad_classes_are_refused_by_derivatives(net, bad, kind, words):
    with refused(net, kind, *words):
        net.derivatives(X[0], bad)


@pytest.mark.parametrize("bad", ["gauss-newton", None, 0, True])
def test_unknown_diagonals_are_refused(net, bad):
    with refused(net, ValueError, "diagonal", "levenberg-marquardt", "newton", repr(bad)):
        net.derivatives(X[0], 1, diagonal=bad)


# ---- arguments of train ------------------------------------------------------------------------------------


def a_state(**bad: object) -> dict[str, sn89.RuleState]:
    """A state in which one thing is bad."""
    good = {"presented": 5, **{name: np.zeros(small().free_parameters) for name in ("curvature", "momentum")}}
    return {"state": sn89.RuleState(**{**good, **bad})}  # type: ignore[arg-type]


ARGUMENTS = {
    "no passes": ({"passes": 0}, ValueError, "passes", "at least 1", "0"),
    "fewer than no passes": ({"passes": -3}, ValueError, "passes", "at least 1", "-3"),
    "half a pass": ({"passes": 0.5}, TypeError, "passes", "whole number", "0.5"),
    "passes true": ({"passes": True}, TypeError, "passes", "whole number", "True"),
    "passes a string": ({"passes": "3"}, TypeError, "passes", "whole number", "'3'"),
    "passes None": ({"passes": None}, TypeError, "passes", "whole number", "None"),
    "order random": ({"order": "random"}, ValueError, "order", "given", "shuffle", "'random'"),
    "order None": ({"order": None}, ValueError, "order", "given", "shuffle", "None"),
    "order a permutation": ({"order": np.arange(6)}, ValueError, "order", "given", "shuffle"),
    "rule a string": ({"rule": "SGD"}, TypeError, "rule", "'SGD'"),
    "rule a class": ({"rule": sn89.LevenbergMarquardt}, TypeError, "rule", "LevenbergMarquardt"),
    "rule None": ({"rule": None}, TypeError, "rule", "None"),
    "rule of no kind": ({"rule": sn89.Rule()}, TypeError, "rule"),
    "seed negative": ({"seed": -1}, ValueError, "seed", "at least 0", "-1"),
    "seed a float": ({"seed": 1.0}, TypeError, "seed", "whole number", "1.0"),
    "seed None": ({"seed": None}, TypeError, "seed", "whole number", "None"),
    "test a number": ({"test": 5}, EITHER, "test"),
    "test empty": ({"test": ()}, EITHER, "test"),
    "test without labels": ({"test": (X,)}, EITHER, "test"),
    "test with a third": ({"test": (X, Y, Y)}, EITHER, "test"),
    "test only images": ({"test": X}, EITHER, "test"),
    "test the wrong way round": ({"test": (Y, X)}, TypeError, "images", "int64"),
    "callbacks None": ({"callbacks": None}, TypeError, "callbacks"),
    "callbacks a function": ({"callbacks": print}, TypeError, "callbacks"),
    "callbacks no functions": ({"callbacks": [3]}, TypeError, "callbacks", "3"),
    "distortion a number": ({"distortion": 1}, TypeError, "distortion", "Distortion", "1"),
    "distortion a class": ({"distortion": sn89.Distortion}, TypeError, "distortion", "Distortion"),
    "state a curvature": ({"state": np.zeros(small().free_parameters)}, TypeError, "state", "history.state"),
    "state a number": ({"state": 5}, TypeError, "state", "history.state", "5"),
    "state of fewer than no presentations": (a_state(presented=-1), ValueError, "state.presented", "at least 0", "-1"),
    "state of half a presentation": (a_state(presented=0.5), TypeError, "state.presented", "whole number", "0.5"),
    **{
        f"state, {name} {what}": (a_state(**{name: value}), EITHER, f"state.{name}", word)
        for name in ("curvature", "momentum")
        for what, value, word in (
            ("too short", np.zeros(3), "(3,)"),
            ("a number", 0.5, "()"),
            ("of integers", np.ones(small().free_parameters, int), "int64"),
            ("a string", "last", "<U4"),
            ("NaN", np.full(small().free_parameters, np.nan), "finite"),
            ("infinite", np.full(small().free_parameters, np.inf), "finite"),
            ("beyond float32", np.full(small().free_parameters, 1e300), "finite"),
        )
    },
}


@each(ARGUMENTS)
def test_bad_arguments_of_train_are_refused(net, bad, kind, words):
    with refused(net, kind, *words):
        sn89.train(net, X, Y, **{"rule": SLOWLY, "passes": 1, **bad})


def test_train_needs_a_rule_and_a_number_of_passes(net):
    with refused(net, TypeError, "rule"):
        sn89.train(net, X, Y, passes=1)
    with refused(net, TypeError, "passes"):
        sn89.train(net, X, Y, rule=SLOWLY)


@pytest.mark.parametrize("bad", [None, "zip", Net, PLANE])
def test_only_a_net_is_trained_or_evaluated(bad):
    with complaint(TypeError, "Net"):
        sn89.train(bad, X, Y, rule=SLOWLY, passes=1)
    with complaint(TypeError, "Net"):
        sn89.evaluate(bad, X, Y)


@pytest.mark.parametrize("unknown", ["H3", "", 1, -1, None, ("H1",)])
def test_an_unknown_layer_is_answered_with_those_that_there_are(net, unknown):
    with refused(net, KeyError, repr(unknown), "input, H1, H2, output"):
        net[unknown]


@each(
    {
        "negative": (-1, ValueError, "seed", "-1"),
        "too large": (2**64, ValueError, "seed", 2**64),
        "a float": (1.0, TypeError, "seed", "1.0"),
        "a string": ("1", TypeError, "seed", "'1'"),
        "a boolean": (True, TypeError, "seed", "True"),
    }
)
def test_bad_seeds_are_refused(net, bad, kind, words):
    with refused(net, kind, *words):
        net.restart(bad)
    with complaint(kind, *words):
        small(seed=bad)


# ---- what is declared --------------------------------------------------------------------------------------

H1 = 'layer "H1"'
PROTOTYPES = np.zeros((4, 64))


def sizes(argument: str, declare) -> dict[str, tuple]:
    """What no size may be."""
    bad = {
        "a float": (1.5, TypeError, argument, "whole number", "1.5"),
        "a string": ("2", TypeError, argument, "whole number", "'2'"),
        "a boolean": (True, TypeError, argument, "whole number", "True"),
        "None": (None, TypeError, argument, "whole number", "None"),
        "complex": (2j, TypeError, argument, "whole number", "2j"),
        "negative": (-1, ValueError, argument if argument != "Input" else "input", "-1"),
        "the most negative": (-LARGEST, ValueError, "", -LARGEST),
        "past 31 bits": (2**31, ValueError, argument, LARGEST, 2**31),
        "past 64 bits": (2**64, ValueError, argument, LARGEST, 2**64),
        "past all bits": (10**400, ValueError, argument, LARGEST),
        "past all bits below": (-(10**400), ValueError, argument),
    }
    return {
        f"{argument} {name}": (lambda value=value: declare(value), kind, *words)
        for name, (value, kind, *words) in bad.items()
    }


SIZES = {
    **sizes("maps", lambda n: Local("H1", n, 3)),
    **sizes("kernel", lambda n: Local("H1", 2, n)),
    **sizes("stride", lambda n: Local("H1", 2, 3, stride=n)),
    **sizes("pad", lambda n: Local("H1", 2, 3, pad=n)),
    **sizes("size", lambda n: Average("H1", n)),
    **sizes("units", lambda n: Full("H1", n)),
    "no maps": (lambda: Local("H1", 0, 3), ValueError, "maps", "at least 1", "0"),
    "no kernel": (lambda: Local("H1", 2, 0), ValueError, "kernel", "at least 1", "0"),
    "no kernel in one direction": (lambda: Local("H1", 2, (3, 0)), ValueError, "kernel", "at least 1", "0"),
    "no stride": (lambda: Local("H1", 2, 3, stride=0), ValueError, "stride", "at least 1", "0"),
    "no size": (lambda: Average("H1", 0), ValueError, "size", "at least 1", "0x0"),
    "no units": (lambda: Full("H1", 0), ValueError, "units", "at least 1", "0"),
    "kernel of one in a tuple": (lambda: Local("H1", 2, (3,)), ValueError, "kernel", "(height, width)", "(3,)"),
    "kernel of three": (lambda: Local("H1", 2, (3, 3, 3)), ValueError, "kernel", "(height, width)", "(3, 3, 3)"),
    "kernel of strings": (lambda: Local("H1", 2, ("3", "3")), TypeError, "kernel", "whole number", "'3'"),
    "kernel too high": (lambda: Local("H1", 2, (9, 3)), ValueError, "kernel", "9x3", "larger", "8x8"),
    "kernel too wide": (lambda: Local("H1", 2, (3, 9)), ValueError, "kernel", "3x9", "larger", "8x8"),
    "kernel past its padding": (lambda: Local("H1", 2, 13, pad=2), ValueError, "13x13", "8x8", "padding"),
    "blocks that do not tile": (lambda: Average("H1", 3), ValueError, "3x3", "tile", "8x8"),
    "blocks too large": (lambda: Average("H1", 16), ValueError, "16x16", "tile", "8x8"),
    "blocks that tile but one direction": (lambda: Average("H1", (2, 5)), ValueError, "2x5", "tile", "8x8"),
}

TABLES = {
    "a map that does not exist": (((0,), (2,)), ValueError, "map 1", "source map 2", "0 to 1"),
    "a negative map": (((0,), (-1,)), ValueError, "map 1", "source map -1", "0 to 1"),
    "a map far out": (((0,), (LARGEST,)), ValueError, "map 1", LARGEST, "0 to 1"),
    "a map past 31 bits": (((0,), (2**40,)), ValueError, 2**40),
    "a map twice": (((0, 1), (1, 0, 1)), ValueError, "map 1", "source map 1", "twice"),
    "an empty row": (((0,), ()), ValueError, "map 1", "no source map"),
    "nothing but empty rows": (((), ()), ValueError, "map 0", "no source map"),
    "too few rows": (((0,),), ValueError, "1 row", "2 maps"),
    "too many rows": (((0,),) * 3, ValueError, "3 rows", "2 maps"),
    "no rows": ((), ValueError, "no rows", "2 maps"),
    "a number": (3, TypeError, "source maps", "3"),
    "a flat list": ([0, 1], TypeError, "source maps", "[0, 1]"),
    "a string": ("01", TypeError, "source maps", "'01'"),
    "floats": (((0.0,), (1.0,)), TypeError, "source maps", "0.0"),
    "booleans": (((True,), (False,)), TypeError, "source maps", "True"),
    "an array of floats": (np.zeros((2, 1)), TypeError, "source maps"),
    "an array of one dimension": (np.zeros(2, int), TypeError, "source maps"),
}

LAYERS = {
    "bias unknown": (lambda: Local("H1", 2, 3, bias="none"), ValueError, "bias", "unit", "map", "None", "'none'"),
    "bias a boolean": (lambda: Local("H1", 2, 3, bias=True), ValueError, "bias", "unit", "map", "None", "True"),
    "bias an array": (lambda: Local("H1", 2, 3, bias=np.zeros(2)), ValueError, "bias", "unit", "map", "None"),
    "shared a number": (lambda: Local("H1", 2, 3, shared=1), TypeError, "shared", "True or False", "1"),
    "background a string": (lambda: Local("H1", 2, 3, background="-1"), TypeError, "background", "number"),
    "background None": (lambda: Local("H1", 2, 3, background=None), TypeError, "background", "number"),
    "background a boolean": (lambda: Local("H1", 2, 3, background=True), TypeError, "background", "number", "True"),
    "background NaN": (lambda: Local("H1", 2, 3, background=math.nan), ValueError, "background", "finite", "nan"),
    "background past float32": (lambda: Local("H1", 2, 3, background=1e39), ValueError, "background", "finite"),
    "background past floats": (lambda: Local("H1", 2, 3, background=10**400), ValueError, "background", "finite"),
    "squash a string": (lambda: Full("H1", 2, squash="tanh"), TypeError, "squash", "'tanh'"),
    "squash a class": (lambda: Full("H1", 2, squash=sn89.Tanh), TypeError, "squash", "Tanh"),
    "squash a cost": (lambda: Local("H1", 2, 3, squash=sn89.SoftmaxCrossEntropy()), TypeError, "squash", "Softmax"),
    "squash of an average": (lambda: Average("H1", 2, squash=1), TypeError, "squash", "1"),
    "squash of no kind": (lambda: Full("H1", 2, squash=sn89.Squash()), TypeError, "squash"),
    "prototypes too long": (lambda: RBF("H1", np.zeros((4, 65))), ValueError, "prototypes", "65", "64 units"),
    "prototypes too short": (lambda: RBF("H1", np.zeros((4, 63))), ValueError, "prototypes", "63", "64 units"),
    "prototypes of no length": (lambda: RBF("H1", np.zeros((4, 0))), ValueError, "prototypes", "0", "64 units"),
    "no prototypes": (lambda: RBF("H1", np.zeros((0, 64))), ValueError, "at least one prototype"),
    "a single prototype": (lambda: RBF("H1", np.zeros(64)), ValueError, "prototypes", "(units, inputs)", "(64,)"),
    "prototypes as planes": (lambda: RBF("H1", np.zeros((4, 8, 8))), ValueError, "prototypes", "(4, 8, 8)"),
    "prototypes a number": (lambda: RBF("H1", 1.0), ValueError, "prototypes", "(units, inputs)", "()"),
    "prototypes ragged": (lambda: RBF("H1", [[1, 2], [3]]), TypeError, "prototypes", "(units, inputs)"),
    "prototypes a string": (lambda: RBF("H1", "digits"), TypeError, "prototypes", "numbers"),
    "prototypes None": (lambda: RBF("H1", None), TypeError, "prototypes", "numbers"),
    "prototypes of strings": (lambda: RBF("H1", PROTOTYPES.astype(str)), TypeError, "prototypes", "numbers"),
    "prototypes of complex": (lambda: RBF("H1", PROTOTYPES + 0j), TypeError, "prototypes", "numbers"),
    "prototypes of objects": (lambda: RBF("H1", [[None] * 64]), TypeError, "prototypes", "numbers"),
    "prototypes NaN": (lambda: RBF("H1", PROTOTYPES * np.nan), ValueError, "prototypes", "finite"),
    "prototypes infinite": (lambda: RBF("H1", PROTOTYPES + np.inf), ValueError, "prototypes", "finite"),
    "prototypes past float32": (lambda: RBF("H1", PROTOTYPES + 1e300), ValueError, "prototypes", "finite"),
}


@each({**SIZES, **LAYERS})
def test_bad_layers_are_refused_by_name(bad, kind, words):
    with complaint(kind, H1, *words):
        Net(PLANE, bad())


@each(TABLES)
def test_bad_connection_tables_are_refused_by_name(bad, kind, words):
    with complaint(kind, H1, "table", *words):
        Net(Input(8, 8, maps=2), Local("H1", 2, 3, table=bad))


@pytest.mark.parametrize("below", ["Local", "Average", "Full"])
def test_a_layer_is_judged_by_the_layer_below(below):
    layer = {"Local": Local("below", 3, 5), "Average": Average("below", 2), "Full": Full("below", 12)}[below]
    size = {"Local": "4x4", "Average": "4x4", "Full": "1x1"}[below]
    units = {"Local": 48, "Average": 16, "Full": 12}[below]
    with complaint(ValueError, H1, "5x5", size):
        Net(PLANE, layer, Local("H1", 2, 5))
    with complaint(ValueError, H1, "3x3", "tile", size):
        Net(PLANE, layer, Average("H1", 3))
    with complaint(ValueError, H1, "64", f"{units} units"):
        Net(PLANE, layer, RBF("H1", PROTOTYPES))


NAMES = {
    "a number": (1, TypeError, "1"),
    "None": (None, TypeError, "None"),
    "bytes": (b"H1", TypeError, "b'H1'"),
    "empty": ("", ValueError, "''"),
    "input": ("input", ValueError, '"input"'),
    "two lines": ("H\n1", ValueError, r"H\n1"),
    "a zero": ("H\x001", ValueError, r"H\x001"),
    "half a character": ("\ud800", ValueError, r"\ud800"),
}


@each(NAMES)
@pytest.mark.parametrize(
    "declare",
    [
        lambda name: Local(name, 2, 3),
        lambda name: Average(name, 2),
        lambda name: Full(name, 3),
        lambda name: RBF(name, X[0]),
    ],
    ids=["Local", "Average", "Full", "RBF"],
)
def test_bad_names_of_layers_are_refused(declare, bad, kind, words):
    with complaint(kind, "layer's name", *words):
        declare(bad)


def test_two_layers_of_one_name_are_refused():
    with complaint(ValueError, '"H2"', "name of its own"):
        Net(PLANE, Full("H1", 3), Full("H2", 3), Local("H3", 1, 1), Average("H2", 1))


@pytest.mark.parametrize("length", [1, 100, 300, 3000])
def test_a_complaint_is_whole_however_long_the_name(length):
    name = "é" * length
    with complaint(ValueError, f'layer "{name}"', "units must be at least 1, not 0"):
        Net(PLANE, Full(name, 0))


NETS = {
    "nothing above": (lambda: Net(PLANE), ValueError, "at least one layer"),
    "no input": (lambda: Net(None, Full("H1", 3)), TypeError, "Input", "None"),
    "a shape for an input": (lambda: Net((8, 8), Full("H1", 3)), TypeError, "Input", "(8, 8)"),
    "a layer for an input": (lambda: Net(Full("H1", 3)), TypeError, "Input", "Full"),
    "two inputs": (lambda: Net(PLANE, Input(4, 4), Full("H1", 3)), TypeError, "layer", "Input(height=4"),
    "a class for a layer": (lambda: Net(PLANE, Full), TypeError, "layer", "Full"),
    "layers in a list": (lambda: Net(PLANE, [Full("H1", 3)]), TypeError, "layer", "[Full("),
    "None among the layers": (lambda: Net(PLANE, None), TypeError, "layer", "None"),
    "squash a string": (lambda: small(squash="tanh"), TypeError, "Squash", "'tanh'"),
    "squash None": (lambda: small(squash=None), TypeError, "Squash", "None"),
    "squash of no kind": (lambda: small(squash=sn89.Squash()), TypeError, "Squash"),
    "cost a class": (lambda: small(cost=sn89.SoftmaxCrossEntropy), TypeError, "Cost", "SoftmaxCrossEntropy"),
    "cost a string": (lambda: small(cost="mse"), TypeError, "Cost", "'mse'"),
    "cost of no kind": (lambda: small(cost=sn89.Cost()), TypeError, "Cost"),
    "start a number": (lambda: small(start=2.4), TypeError, "Start", "2.4"),
    "start a squash": (lambda: small(start=sn89.Tanh()), TypeError, "Start", "Tanh()"),
    "start of no kind": (lambda: small(start=sn89.Start(1.0)), TypeError, "Start"),
    "name a number": (lambda: small(name=1989), TypeError, "name", "1989"),
    "no rows": (lambda: Net(Input(0, 8), Full("H1", 3)), ValueError, "input", "at least one unit", "0x8"),
    "no columns": (lambda: Net(Input(8, 0), Full("H1", 3)), ValueError, "input", "at least one unit", "8x0"),
    "no maps": (lambda: Net(Input(8, 8, maps=0), Full("H1", 3)), ValueError, "input", "at least one unit", "0 maps"),
    "negative rows": (lambda: Net(Input(-8, -8), Full("H1", 3)), ValueError, "input", "at least one unit", "-8x-8"),
    "half a row": (lambda: Input(8.5, 8), TypeError, "Input: height", "whole number", "8.5"),
    "columns true": (lambda: Input(8, True), TypeError, "Input: width", "whole number", "True"),
    "maps a string": (lambda: Input(8, 8, maps="1"), TypeError, "Input: maps", "whole number", "'1'"),
    "rows past 31 bits": (lambda: Input(2**31, 8), ValueError, "Input: height", 2**31),
    "background a string": (lambda: Input(8, 8, background="dark"), TypeError, "Input: background", "'dark'"),
    "background digits": (lambda: Input(8, 8, background="-1"), TypeError, "Input: background", "'-1'"),
    "background a boolean": (lambda: Input(8, 8, background=True), TypeError, "Input: background", "True"),
    "background NaN": (lambda: Input(8, 8, background=math.nan), ValueError, "Input: background", "finite"),
    "background past float32": (lambda: Input(8, 8, background=1e39), ValueError, "Input: background", "finite"),
    "background past floats": (lambda: Input(8, 8, background=10**400), ValueError, "Input: background", "finite"),
}


@each(NETS)
def test_bad_nets_are_refused(bad, kind, words):
    with complaint(kind, *words):
        bad()


# ---- constants ---------------------------------------------------------------------------------------------

LENET5 = sn89.StochasticDiagonalLM


def constants(owner: type, argument: str, least: float | None = 0) -> dict[str, tuple]:
    """What no constant may be; `least` is the largest number that is too small."""
    bad = {
        "a string": ("0.1", TypeError, "'0.1'"),
        "a boolean": (True, TypeError, "True"),
        "None": (None, TypeError, "None"),
        "complex": (1j, TypeError, "1j"),
        "a dictionary": ({}, TypeError, "{}"),
        "bytes": (b"1", TypeError, "b'1'"),
        "NaN": (math.nan, ValueError, "nan"),
        "infinite": (math.inf, ValueError, "inf"),
        "minus infinite": (-math.inf, ValueError, "inf"),
        "past floats": (10**400, ValueError, "finite"),
    }
    if least is not None:
        bad |= {
            "too small": (least, ValueError, f"{least:g}"),
            "far too small": (least - 7, ValueError, f"{least - 7:g}"),
        }
    return {
        f"{owner.__name__} {argument} {name}": (
            lambda value=value: owner(**{argument: value}),
            kind,
            owner.__name__,
            words,
        )
        for name, (value, kind, words) in bad.items()
    }


CONSTANTS = {
    **constants(SGD, "rate"),
    **constants(sn89.LevenbergMarquardt, "rate"),
    **constants(sn89.LevenbergMarquardt, "mu"),
    **constants(sn89.LevenbergMarquardt, "gamma"),
    **constants(sn89.Newton, "rate"),
    **constants(sn89.Newton, "mu"),
    **constants(LENET5, "rate"),
    **constants(LENET5, "mu"),
    **constants(sn89.ByFanIn, "x"),
    **constants(sn89.BySqrtFanIn, "x"),
    **constants(sn89.Uniform, "x"),
    **constants(sn89.HalfSquaredError, "high", least=-1),
    **constants(sn89.HalfSquaredError, "low", least=None),
    **constants(sn89.RBFDiscriminative, "j"),
    **constants(sn89.ScaledTanh, "amplitude"),
    **constants(sn89.ScaledTanh, "slope"),
    **constants(sn89.TanhLinear, "slope"),
    **constants(sn89.TanhLinear, "linear", least=-0.1),
    "linear part too large": (
        lambda: sn89.TanhLinear(linear=1),
        ValueError,
        "TanhLinear",
        "linear must be at least 0 and less than 1",
    ),
    "high below low": (
        lambda: sn89.HalfSquaredError(-1, 1),
        ValueError,
        "HalfSquaredError",
        "high must be greater than low",
    ),
    "gamma above 1": (lambda: sn89.LevenbergMarquardt(gamma=1.5), ValueError, "gamma", "at most 1", "1.5"),
    "no rates": (lambda: SGD([]), ValueError, "SGD", "rate"),
    "one rate of many zero": (lambda: LENET5(rate=(0.1, 0)), ValueError, "rate", "positive"),
    "one rate of many NaN": (lambda: SGD([0.1, math.nan]), ValueError, "rate", "finite"),
    "one rate of many a string": (lambda: SGD([0.1, "0.1"]), TypeError, "rate", "'0.1'"),
    "rates of rates": (lambda: SGD([[0.1]]), TypeError, "rate", "[0.1]"),
    "no samples": (lambda: LENET5(samples=0), ValueError, "samples", "at least 1", "0"),
    "negative samples": (lambda: LENET5(samples=-5), ValueError, "samples", "at least 1", "-5"),
    "half a sample": (lambda: LENET5(samples=0.5), TypeError, "samples", "whole number", "0.5"),
    "samples true": (lambda: LENET5(samples=True), TypeError, "samples", "whole number", "True"),
    "samples a string": (lambda: LENET5(samples="5"), TypeError, "samples", "whole number", "'5'"),
    **constants(sn89.AdamW, "rate"),
    **constants(sn89.AdamW, "eps"),
    **constants(sn89.AdamW, "weight_decay", least=-0.1),
    "one beta": (lambda: sn89.AdamW(betas=0.9), TypeError, "AdamW: betas", "pair", "0.9"),
    "three betas": (lambda: sn89.AdamW(betas=(0.9, 0.9, 0.9)), TypeError, "AdamW: betas", "pair"),
    "beta 1": (lambda: sn89.AdamW(betas=(1, 0.999)), ValueError, "AdamW: betas", "less than 1"),
    "beta 1 in float32": (lambda: sn89.AdamW(betas=(0.9, 1 - 1e-9)), ValueError, "AdamW: betas", "less than 1"),
    "beta negative": (lambda: sn89.AdamW(betas=(0.9, -0.1)), ValueError, "AdamW: betas", "at least 0"),
    "beta a string": (lambda: sn89.AdamW(betas=("0.9", 0.9)), TypeError, "AdamW: betas", "'0.9'"),
    **constants(sn89.Distortion, "shift", least=-0.1),
    **constants(sn89.Distortion, "scale", least=-0.1),
    **constants(sn89.Distortion, "squeeze", least=-0.1),
    **constants(sn89.Distortion, "slant", least=-0.1),
    **constants(sn89.Distortion, "rotation", least=-0.1),
    "scale to nothing": (lambda: sn89.Distortion(scale=1), ValueError, "Distortion: scale", "less than"),
    "squeeze to nothing": (lambda: sn89.Distortion(squeeze=1), ValueError, "Distortion: squeeze", "less than"),
    "rotation past 90": (lambda: sn89.Distortion(rotation=91), ValueError, "Distortion: rotation", "90", "91"),
    "whole a number": (lambda: sn89.Distortion(whole=1), TypeError, "Distortion: whole", "True or False", "1"),
    "no constant of the start": (sn89.Uniform, TypeError, "x"),
}


@each(CONSTANTS)
def test_bad_constants_are_refused(bad, kind, words):
    with complaint(kind, *words):
        bad()


USES = {
    "SGD rate": lambda x: {"rule": SGD(x)},
    "rate": lambda x: {"rule": sn89.LevenbergMarquardt(x)},
    "mu": lambda x: {"rule": sn89.LevenbergMarquardt(mu=x)},
    "a rate of many": lambda x: {"rule": LENET5((0.1, x))},
    "start": lambda x: {"start": sn89.ByFanIn(x)},
    "j": lambda x: {"cost": sn89.RBFDiscriminative(x)},
    "high and low": lambda x: {"cost": sn89.HalfSquaredError(max(x, 1 / x), x)},
    "amplitude": lambda x: {"squash": sn89.ScaledTanh(amplitude=x)},
    "slope": lambda x: {"squash": sn89.ScaledTanh(slope=x)},
    "slope of the sum": lambda x: {"squash": sn89.TanhLinear(slope=x)},
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
@pytest.mark.parametrize("x", [1e39, 1e300, 1e-60], ids=str)
def test_constants_that_float32_cannot_hold_are_refused_when_used_at_the_latest(use, x):
    with complaint(ValueError):
        options = use(x)
        rule = options.pop("rule", SLOWLY)
        sn89.train(small(**options), X, Y, rule=rule, passes=1)


def test_a_number_of_numpy_is_a_number():
    one = np.float32(1)
    assert SGD(one) == SGD(1)
    assert sn89.LevenbergMarquardt(gamma=one) == sn89.LevenbergMarquardt(gamma=1)
    assert LENET5(samples=np.int64(7)) == LENET5(samples=7)
    assert sn89.ByFanIn(one) == sn89.ByFanIn(1)
    assert sn89.HalfSquaredError(high=one) == sn89.HalfSquaredError(high=1)
    assert sn89.RBFDiscriminative(one) == sn89.RBFDiscriminative(1)
    assert sn89.ScaledTanh(one, one) == sn89.ScaledTanh(1, 1)
    assert Full("H1", np.int16(7)) == Full("H1", 7)
    assert Input(np.uint8(8), np.int64(8), background=one) == Input(8, 8, background=1)


# ---- sizes beyond all bounds: only ever refused, never allocated ------------------------------------------------

HUGE = (46_341, 2**16, 2**24, 2**30, LARGEST)  # the square of each has more than 31 bits
WIDEST = Input(16_383, 16_383)  # as large as a plane can be
pairs = pytest.mark.parametrize(("a", "b"), list(itertools.product(HUGE, HUGE)))


@pairs
def test_planes_with_too_many_units_are_refused(a, b):
    for plane in (Input(a, b), Input(a, 8, maps=b), Input(8, a, maps=b), Input(a, b, maps=a)):
        with complaint(ValueError, "input", f"{plane.maps} maps of {plane.height}x{plane.width}", "units"):
            Net(plane, Full("H1", 1))


@pytest.mark.parametrize("a", HUGE)
@pytest.mark.parametrize(
    "declare",
    [
        lambda a: Full("H1", a),
        lambda a: Local("H1", a, 5),
        lambda a: Local("H1", a, 5, stride=5),
        lambda a: Local("H1", a, 16_383),
        lambda a: Local("H1", a, 5, shared=False),
        lambda a: Local("H1", 1, 5, pad=a),
        lambda a: Local("H1", 1, 5, pad=(a, 0)),
        lambda a: Local("H1", a, 5, stride=LARGEST, pad=(0, a)),
        lambda a: Local("H1", a, 16_383, stride=LARGEST, bias="unit"),
    ],
)
def test_layers_with_too_much_of_anything_are_refused_by_name(a, declare):
    with complaint(ValueError, H1):
        Net(WIDEST, declare(a))


@pairs
def test_huge_paddings_kernels_and_strides_are_refused_by_name(a, b):
    for layer in (
        Local("H1", 1, 3, pad=(a, b)),
        Local("H1", 1, 3, pad=(a, b), stride=(b, a)),
        Local("H1", 1, (a, b), pad=(a, b)),
        Local("H1", 1, (a, b), pad=(a, b), stride=(a, b)),
        Local("H1", 1, (1, a), pad=(b, a), stride=(1, a)),
        Local("H1", a, 1, pad=b),
        Local("H1", a, 3, pad=(0, b), shared=False, bias="unit"),
    ):
        with complaint(ValueError, H1):
            Net(PLANE, layer)


@pytest.mark.parametrize("units", [LARGEST // 8, LARGEST // 64, LARGEST // 65 + 1])
def test_a_layer_with_too_many_connections_or_parameters_is_refused_by_name(units):
    with complaint(ValueError, H1, "more than", LARGEST):
        Net(PLANE, Full("H1", units))


def test_a_net_with_too_many_connections_in_all_is_refused():
    layers = [Full(f"H{i}", 30_000) for i in range(4)]
    with complaint(ValueError, "net", "more than", LARGEST):
        Net(PLANE, *layers)


@pytest.mark.parametrize("stride", [9, 2**20, 2**30, LARGEST])
def test_a_stride_past_the_plane_leaves_one_unit(stride):
    net = Net(PLANE, Local("H1", 2, 3, stride=stride))
    assert net["H1"].shape == (2, 1, 1)
    near = Net(PLANE, Local("H1", 2, 3, stride=6))
    near.parameters[:] = net.parameters
    np.testing.assert_array_equal(net(X), near(X))


# ---- garbage -----------------------------------------------------------------------------------------------


class Expected(NamedTuple):
    """What an independent count makes of a net."""

    shapes: list[tuple[int, int, int]]
    connections: int
    parameters: int
    floats: int  # what it takes in memory, about


class NoNetError(Exception):
    """No such net can be."""


def pair(size: object) -> tuple:
    both = size if isinstance(size, tuple) else (size, size)
    if len(both) != 2:
        raise NoNetError
    return both


def whole(*numbers: object) -> None:
    if not all(type(number) is int and abs(number) <= LARGEST for number in numbers):
        raise NoNetError


def count_local(below, maps, kernel, stride, pad, bias, shared, table):
    kernel, stride, pad = pair(kernel), pair(stride), pair(pad)
    whole(maps, *kernel, *stride, *pad)
    bordered = tuple(n + 2 * p for n, p in zip(below[1:], pad, strict=True))
    fine = maps >= 1 and min(kernel + stride) >= 1 and min(pad) >= 0
    if not fine or any(k > n for k, n in zip(kernel, bordered, strict=True)):
        raise NoNetError
    if table is not None and (len(table) != maps or not all(is_row(row, below[0]) for row in table)):
        raise NoNetError
    shape = (maps, *((n - k) // s + 1 for n, k, s in zip(bordered, kernel, stride, strict=True)))
    kernels = maps * below[0] if table is None else sum(map(len, table))
    taps, places = kernels * math.prod(kernel), shape[1] * shape[2]
    biases = {"unit": maps * places, "map": maps, None: 0}[bias]
    connections = taps * places + (maps * places if bias else 0)
    weights = taps if shared else taps * places
    return shape, connections, weights + biases, 8 * math.prod(bordered) * (below[0] + maps) + 8 * taps


def is_row(row: tuple, sources: int) -> bool:
    return len(set(row)) == len(row) > 0 and 0 <= min(row) <= max(row) < sources


def count_average(below, size):
    size = pair(size)
    whole(*size)
    if min(size) < 1 or below[1] % size[0] or below[2] % size[1]:
        raise NoNetError
    shape = (below[0], below[1] // size[0], below[2] // size[1])
    return shape, math.prod(below) + math.prod(shape), 2 * below[0], math.prod(below)


def count_full(below, units):
    whole(units)
    if units < 1:
        raise NoNetError
    connections = units * (math.prod(below) + 1)
    return (units, 1, 1), connections, connections, units


COUNTS = {Local: count_local, Average: count_average, Full: count_full}


def expect(plane: dict, layers: list[tuple[type, dict]]) -> Expected:
    shape = (plane["maps"], plane["height"], plane["width"])
    whole(*shape)
    if min(shape) < 1:
        raise NoNetError
    shapes, connections, parameters, floats = [shape], 0, 0, 8 * math.prod(shape)
    for kind, told in layers:
        shape, of_layer, free, memory = COUNTS[kind](shape, **told)
        shapes.append(shape)
        connections += of_layer
        parameters += free
        floats += 8 * math.prod(shape) + 8 * free + memory
    return Expected(shapes, connections, parameters, floats)


def declare(plane: dict, layers: list[tuple[type, dict]]) -> Net:
    return Net(Input(**plane), *(kind(f"H{i}", **told) for i, (kind, told) in enumerate(layers)))


EXTREMES = (-LARGEST, LARGEST, LARGEST - 1, 2**30, 2**31, -(2**31), 2**32, 2**63, 2**64 + 1, 10**30)
RUBBISH = (None, True, 2.0, math.nan, "3", (), (2,), (1, 2, 3), b"2", 1j, np.zeros(2))


def size(most: int):
    """Mostly what may be, now and then what may not."""
    usual, odd = st.integers(1, most), st.sampled_from((0, -1, *HUGE, *EXTREMES))
    return st.integers(0, 59).flatmap(lambda i: odd if i == 0 else st.sampled_from(RUBBISH) if i == 1 else usual)


def size_or_pair(most: int):
    return size(most) | st.tuples(size(most), size(most))


planes = st.fixed_dictionaries({"maps": size(3), "height": size(40), "width": size(40)})
rows = st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True) | st.lists(st.integers(-1, 3), max_size=3)
fields = st.fixed_dictionaries(
    {
        "maps": size(4),
        "kernel": size_or_pair(5),
        "stride": size_or_pair(3),
        "pad": size_or_pair(3) | st.just(0),
        "bias": st.sampled_from(("unit", "map", None)),
        "shared": st.booleans(),
    }
)


@st.composite
def locals_(draw) -> dict:
    """Local connections to all maps, or by a table with a row for each map, or with some rows."""
    told = draw(fields)
    maps = told["maps"]
    count = maps if type(maps) is int and 1 <= maps <= 4 else 1
    table = st.lists(rows, min_size=count, max_size=count) | st.lists(rows, max_size=3)
    return {**told, "table": draw(st.none() | table.map(lambda table: tuple(map(tuple, table))))}


layers_ = st.lists(
    st.tuples(st.just(Local), locals_())
    | st.tuples(st.just(Average), st.fixed_dictionaries({"size": size_or_pair(3)}))
    | st.tuples(st.just(Full), st.fixed_dictionaries({"units": size(20)})),
    min_size=1,
    max_size=4,
)


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(planes, layers_)
def test_a_declaration_is_a_net_as_counted_or_is_refused(plane, layers):
    try:
        expected = expect(plane, layers)
    except NoNetError:
        with pytest.raises((TypeError, ValueError)) as caught:
            declare(plane, layers)
        assert type(caught.value) in (TypeError, ValueError)
        assert "H" in str(caught.value) or "nput" in str(caught.value) or "net" in str(caught.value)
        return
    if max(map(math.prod, expected.shapes)) > LARGEST // 8 or max(expected.connections, expected.parameters) > LARGEST:
        with complaint(ValueError):
            declare(plane, layers)
    elif 4 * expected.floats < 50e6:  # bytes; what is larger may well be a net, and is not asked for
        net = declare(plane, layers)
        assert [layer.shape for layer in net] == expected.shapes
        assert (net.connections, net.free_parameters) == (expected.connections, expected.parameters)
        assert np.isfinite(net(np.zeros(expected.shapes[0]))).all()


# ---- the binding, to which sn89.net gives only what it has checked ------------------------------------------------

PIXELS = np.zeros((6, 1, 8, 8), np.float32)
TARGETS = np.zeros((4, 4), np.float32)
TARGET = np.zeros(6, np.int64)
ORDER = np.arange(6, dtype=np.int64)
RULE = ("first-order", "newton", 0.01, 1.0, 0.0, 0.0, 0.0)

BUFFERS = {
    "images of doubles": (PIXELS.astype(float), TARGETS, TARGET),
    "images of three dimensions": (PIXELS[0], TARGETS, TARGET),
    "images with gaps": (PIXELS[..., ::2], TARGETS, TARGET),
    "images too large": (np.zeros((6, 1, 9, 8), np.float32), TARGETS, TARGET),
    "images of two maps": (np.zeros((6, 2, 8, 8), np.float32), TARGETS, TARGET),
    "no images": (PIXELS[:0], TARGETS, TARGET[:0]),
    "images None": (None, TARGETS, TARGET),
    "images a string": ("images", TARGETS, TARGET),
    "targets of doubles": (PIXELS, TARGETS.astype(float), TARGET),
    "targets too short": (PIXELS, np.zeros((4, 3), np.float32), TARGET),
    "no targets": (PIXELS, TARGETS[:0], TARGET),
    "target None": (PIXELS, TARGETS, None),
    "target of 32 bits": (PIXELS, TARGETS, TARGET.astype(np.int32)),
    "too few targets": (PIXELS, TARGETS, TARGET[:5]),
    "a target that is not there": (PIXELS, TARGETS, TARGET + 4),
    "a negative target": (PIXELS, TARGETS, TARGET - 1),
    "too few weights": (PIXELS, TARGETS, TARGET, np.ones(5, np.float32)),
    "weights of doubles": (PIXELS, TARGETS, TARGET, np.ones(6)),
}


@pytest.mark.parametrize("buffers", BUFFERS.values(), ids=BUFFERS.keys())
def test_the_core_takes_no_patterns_of_a_wrong_kind(net, buffers):
    with pytest.raises((TypeError, ValueError)):
        _core.Patterns(net._core, *buffers)


OUTPUTS = np.zeros((6, 4), np.float32)
VECTOR = np.zeros(small().free_parameters, np.float32)
STATES = [np.zeros(layer.units, np.float32) for layer in small()]

CALLS = {
    "a rule of strings": lambda core, patterns: core.train(("SGD",) * 7, patterns, ORDER),
    "no rule": lambda core, patterns: core.train(None, patterns, ORDER),
    "an order of doubles": lambda core, patterns: core.train(RULE, patterns, ORDER.astype(float)),
    "an order past the end": lambda core, patterns: core.train(RULE, patterns, ORDER + 1),
    "an order before the start": lambda core, patterns: core.train(RULE, patterns, ORDER - 1),
    "images for patterns": lambda core, patterns: core.train(RULE, PIXELS, ORDER),
    "nothing desired to learn": lambda core, patterns: core.train(RULE, _core.Patterns(core, PIXELS), ORDER),
    "nothing desired to bend": lambda core, patterns: core.add_curvature("newton", _core.Patterns(core, PIXELS), ORDER),
    "nothing desired to derive": lambda core, patterns: core.derivatives(
        _core.Patterns(core, PIXELS), "newton", VECTOR, VECTOR
    ),
    "nothing desired to cost": lambda core, patterns: core.evaluate(_core.Patterns(core, PIXELS), OUTPUTS, VECTOR[:6]),
    "curvature past the end": lambda core, patterns: core.add_curvature("newton", patterns, ORDER + 1),
    "curvature of no kind": lambda core, patterns: core.add_curvature("none", patterns, ORDER),
    "outputs of doubles": lambda core, patterns: core.evaluate(patterns, OUTPUTS.astype(float)),
    "outputs with gaps": lambda core, patterns: core.evaluate(patterns, OUTPUTS.T),
    "too few outputs": lambda core, patterns: core.evaluate(patterns, OUTPUTS[:5]),
    "outputs that cannot be written": lambda core, patterns: core.evaluate(patterns, bytes(96)),
    "too few answers": lambda core, patterns: core.answer(PIXELS[:, 0], lambda shape: OUTPUTS[:5]),
    "answers that cannot be written": lambda core, patterns: core.answer(PIXELS[:, 0], lambda shape: bytes(96)),
    "no answers": lambda core, patterns: core.answer(PIXELS[:, 0], lambda shape: None),
    "too few costs": lambda core, patterns: core.evaluate(patterns, OUTPUTS, VECTOR[:5]),
    "gradient too short": lambda core, patterns: core.derivatives(patterns, "newton", VECTOR[1:], VECTOR),
    "curvature too short": lambda core, patterns: core.derivatives(patterns, "newton", VECTOR, VECTOR[1:]),
    "gradient None": lambda core, patterns: core.derivatives(patterns, "newton", None, VECTOR),
    "too few states": lambda core, patterns: core.states(patterns, STATES[:-1]),
    "states too short": lambda core, patterns: core.states(patterns, [one[1:] for one in STATES]),
    "states of doubles": lambda core, patterns: core.states(patterns, [one.astype(float) for one in STATES]),
    "states None": lambda core, patterns: core.states(patterns, None),
    "start of no kind": lambda core, patterns: core.start("random", 1.0, 1),
    "start of a string": lambda core, patterns: core.start("uniform", "1", 1),
    "no layers": lambda core, patterns: _core.Core(PLANE, None, [], sn89.HalfSquaredError()),
    "no squashes": lambda core, patterns: _core.Core(PLANE, [Full("H1", 3)], [], sn89.HalfSquaredError()),
    "nothing declared": lambda core, patterns: _core.Core(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_the_core_refuses_buffers_of_a_wrong_kind(net, call):
    patterns, before = net.patterns(X, Y), state(net)
    with pytest.raises((TypeError, ValueError, LookupError, BufferError)):
        call(net._core, patterns)
    assert state(net) == before
    assert np.isfinite(net(X)).all()


CHILD = """
import numpy as np, sn89
from sn89._core import Patterns
net = sn89.Net(sn89.Input(8, 8), sn89.Full("output", 4))
other = sn89.Net(sn89.Input(64, 64), sn89.Full("output", 40))
theirs = other.patterns(np.zeros((6, 64, 64)), np.full(6, 39))
core, order, rule = net._core, np.arange(6, dtype=np.int64), ("first-order", "newton", 0.01, 1.0, 0.0, 0.0, 0.0)
outputs, vector = np.zeros((6, 4), np.float32), np.zeros(net.free_parameters, np.float32)
states = [np.zeros(layer.units, np.float32) for layer in net]
try:
    {call}
except (TypeError, ValueError):
    print("refused")
"""


@pytest.mark.parametrize("patterns", ["None", "theirs"])
@pytest.mark.parametrize(
    "call",
    [
        "core.train(rule, {}, order)",
        "core.add_curvature('newton', {}, order)",
        "core.evaluate({}, outputs)",
        "core.derivatives({}, 'newton', vector, vector)",
        "core.states({}, states)",
    ],
)
def test_the_core_refuses_patterns_made_for_another_net(call, patterns):
    assert said_by_child(call.format(patterns)) == "refused"


def test_the_core_refuses_patterns_made_for_no_net():
    assert said_by_child("Patterns(None, np.zeros((6, 1, 8, 8), np.float32))") == "refused"


def said_by_child(call: str) -> str:
    """What a process of its own says, for it may crash."""
    child = subprocess.run(
        [sys.executable, "-P", "-c", CHILD.format(call=call)], capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stderr
    return child.stdout.strip()


HINTS = {
    "bytes": (np.zeros((8, 8), np.uint8), TypeError, "any picture of a digit: sn89.size_normalize), not uint8"),
    "a path": ("three.png", TypeError, "numbers in an array (sn89.pictures.load reads a file)"),
    "a large picture": (np.zeros((120, 90)), ValueError, "sn89.size_normalize makes one of a picture of a digit"),
}


@pytest.mark.parametrize(("given", "kind", "words"), HINTS.values(), ids=HINTS)
def test_who_brings_a_picture_is_told_what_makes_an_image_of_it(net, given, kind, words):
    with complaint(kind, words):
        net.predict(given)


def test_a_file_in_no_folder_is_named(net, tmp_path):
    path = tmp_path / "nowhere" / "net.safetensors"
    with complaint(FileNotFoundError, f"{path} cannot be written: there is no folder {path.parent}"):
        sn89.save(net, path)


SHAPES = {
    "rows": ((5, 256), "X.reshape(-1, 16, 16) makes images of its rows"),
    "a row": ((256,), "X.reshape(-1, 16, 16) makes images of its rows"),
    "a last channel": ((5, 16, 16, 1), "X[..., 0] leaves out the channel, which here would come first"),
    "colours": ((40, 40, 3), "a picture in colours is read by sn89.pictures.load"),
    "colours, as small as an image": ((16, 16, 3), "a picture in colours is read by sn89.pictures.load"),
    "several in colours": ((5, 16, 16, 3), "a picture in colours is read by sn89.pictures.load"),
    "a scan": ((40, 40), "sn89.size_normalize makes one of a picture of a digit"),
}


@pytest.mark.parametrize(("shape", "advice"), SHAPES.values(), ids=SHAPES)
def test_the_advice_for_images_of_another_shape_helps(shape, advice):
    net = sn89.nets.zip_code()
    with pytest.raises(ValueError, match="images must be 16 x 16") as caught:
        net(np.zeros(shape, np.float32))  # which the core could read as it is, if it fitted
    assert f"got an array of shape {shape}; {advice}" in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "advice"),
    [((5, 2, 9), "X[..., None, :]"), ((9, 2), "np.swapaxes(X, -1, -2)[..., None, :]")],
)
def test_the_advice_for_signals_without_rows_helps(shape, advice):
    net = sn89.Net(sn89.Input(1, 9, maps=2), sn89.Full("output", 2))
    X = np.zeros(shape)
    with pytest.raises(ValueError, match="images must be 2 x 1 x 9") as caught:
        net(X)
    assert f"of shape {shape}; {advice} " in str(caught.value)
    assert net(eval(advice)).shape[-1] == 2


def test_a_kernel_of_several_rows_on_a_signal_is_told_of_its_row():
    with complaint(
        ValueError, "kernel of 5x5 is larger than its source plane of 1x9; a plane of one row needs a kernel"
    ):
        sn89.Net(sn89.Input(1, 9), sn89.Local("C1", maps=2, kernel=5))


def test_who_gives_a_class_or_a_word_for_a_rule_is_told_of_the_rules():
    with pytest.raises(TypeError, match=r"one of sn89\.SGD, .*; did you mean sn89\.SGD\(\)\?"):
        sn89.train(small(), X, Y, rule=SGD, passes=1)
    words = {"adam": "AdamW", "lm": "LevenbergMarquardt", "Newton": "Newton", "sgd": "SGD", "momentum": None}
    for word, rule in words.items():
        meant = rf"'{word}'; did you mean sn89\.{rule}\(\)\?$" if rule else f"'{word}'$"
        with pytest.raises(TypeError, match=rf"rule must be a Rule, one of sn89\.SGD, .*sn89\.Newton, .*, not {meant}"):
            sn89.train(small(), X, Y, rule=word, passes=1)
    for cost, squash, meant in (("mse", sn89.Tanh(), "HalfSquaredError"), (sn89.HalfSquaredError(), "relu", "ReLU")):
        with pytest.raises(TypeError, match=f"did you mean sn89.{meant}"):
            sn89.Net(sn89.Input(4, 4), sn89.Full("output", 2), cost=cost, squash=squash)
