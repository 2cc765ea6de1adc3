"""Keywords of other libraries get a sentence that names ours."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sn89
from sn89 import keywords
from sn89.estimator import NetClassifier
from sn89.history import History
from sn89.keywords import (
    CLASSIFIER,
    EVALUATING,
    HISTORY,
    KEEPING,
    LAYER,
    MEASUREMENT,
    METHODS,
    NAMES,
    NET,
    PRUNING,
    STOPPING,
    TRAINING,
    USAGE,
)

X, Y = np.zeros((4, 16, 16)), np.arange(4)


PLAIN = sn89.nets.fully_connected()
#: What is called, by its name, and keywords that it is given: the sentence about each.
CALLS: dict[str, tuple[Callable[..., Any], dict[str, str]]] = {
    "train": (
        lambda **given: sn89.train(PLAIN, X, Y, rule=sn89.SGD(0.01), passes=1, **given),
        {
            "epochs": "it is passes=",
            "lr": r"rule=sn89.LevenbergMarquardt\(rate=",
            "learning_rate": "the learning rate belongs to the rule",
            "batch_size": "there are no batches",
            "optimizer": "it is the learning rule",
            "loss": "the cost belongs to the net",
            "validation_data": r"it is test=\(X, y\)",
            "validation_split": r"EarlyStopping\(on=0.1\)",
            "shuffle": 'order="shuffle"',
            "verbose": "progress=",
            "patience": "EarlyStopping",
        },
    ),
    "evaluate": (lambda **given: sn89.evaluate(PLAIN, X, Y, **given), {"batch_size": "at once", "verbose": "returns"}),
    "prune": (
        lambda **given: sn89.prune(PLAIN, X, Y, delete=1, **given),
        {"amount": "it is delete=", "epochs": "it is retrain=", "method": "it is by="},
    ),
    "Net": (
        lambda **given: sn89.Net(sn89.Input(4, 4), sn89.Full("output", 2), **given),
        {
            "activation": "it is squash=",
            "loss": "it is cost=",
            "optimizer": r"sn89.train\(",
            "input_shape": r"begins with sn89.Input\(",
            "dropout": "sn89.Dropout",
        },
    ),
    "Input": (sn89.Input, {"shape": r"sn89.Input\(height, width\)", "channels": "it is maps="}),
    "Local": (
        sn89.Local,
        {
            "filters": "it is maps=",
            "kernel_size": "it is kernel=",
            "strides": "it is stride=",
            "padding": "it is pad=, in units",
            "activation": "it is squash=",
            "in_channels": "the layer below",
            "kernel_initializer": r"start=sn89.ByFanIn\(\)",
        },
    ),
    "Average": (sn89.Average, {"pool_size": "it is size=", "stride": "do not overlap"}),
    "Full": (sn89.Full, {"out_features": "it is units=", "use_bias": "every unit has", "activation": "it is squash="}),
    "RBF": (sn89.RBF, {"centers": "it is prototypes="}),
    "Dropout": (sn89.Dropout, {"p": "it is rate="}),
    "Distortion": (sn89.Distortion, {"rotation_range": "it is rotation=", "translate": "it is shift="}),
    "NetClassifier": (
        NetClassifier,
        {
            "hidden_layer_sizes": "it is net=",
            "max_iter": "it is passes=",
            "learning_rate_init": "the learning rate belongs to the rule",
            "solver": "it is the learning rule",
            "seed": "it is random_state=",
            "activation": "squash=",
            "validation_split": "it is validation_fraction=",
        },
    ),
    "EarlyStopping": (
        sn89.EarlyStopping,
        {"monitor": "it is on=", "restore_best_weights": 'keep="best"', "min_delta": "it is least="},
    ),
    "KeepBest": (
        sn89.KeepBest,
        {"patience": r"sn89.EarlyStopping\(patience=5", "filepath": "sn89.save", "monitor": "on="},
    ),
}


@pytest.mark.parametrize(("owner", "keyword"), [(owner, one) for owner, (_, told) in CALLS.items() for one in told])
def test_each_names_its_own(owner, keyword):
    call, told = CALLS[owner]
    with pytest.raises(TypeError, match=rf"^{owner}\(\) has no keyword '{keyword}': .*{told[keyword]}"):
        call(**{keyword: 1})


@pytest.mark.parametrize(
    ("keyword", "words"),
    [("momentum", r"only AdamW has it, betas="), ("weight_decay", "AdamW"), ("scheduler", "rate= takes")],
)
@pytest.mark.parametrize("rule", [sn89.SGD, sn89.Newton])
def test_a_rule_says_what_it_has_not(rule, keyword, words):
    with pytest.raises(TypeError, match=rf"^{rule.__name__} has no {keyword}: .*{words}"):
        rule(**{keyword: 0.9})
    assert sn89.AdamW(weight_decay=0.1).weight_decay == 0.1


@pytest.mark.parametrize(
    ("owner", "name", "words"),
    [
        (PLAIN, "fit", r"sn89.train\(net, X, y"),
        (PLAIN, "summary", r"print\(net\)"),
        (PLAIN, "predict_proba", "net.cost.scores"),
        (PLAIN, "state_dict", r"net.arrays\(\)"),
        (PLAIN, "history", "returns the History"),
        (PLAIN, "H1", r"it is net\['H1'\]"),
        (PLAIN["H1"], "get_weights", "its arrays are weights and bias"),
        (History(sn89.SGD()), "val_loss", "one.cost for one in history.test"),
        (sn89.Measurement(4, 1, 0.5), "accuracy", "1 - measurement.error"),
        (sn89.layers, "Conv2D", r"sn89.Local\("),
        (sn89.nets, "LeNet5", "did you mean lenet5"),
        (PLAIN, "get_layer", r"net\['H1'\] is one layer"),
        (sn89, "trian", "did you mean train"),
        (sn89, "EarlyStoping", "did you mean EarlyStopping"),
        (sn89, "callbacks", "sn89.EarlyStopping and sn89.KeepBest"),
        (sn89, "Conv2D", r"sn89.Local\("),
        (sn89, "Adam", "AdamW"),
        (sn89, "NetClassifier", "from sn89.estimator import NetClassifier"),
        (sn89, "fit", r"sn89.train\("),
    ],
)
def test_names_of_others_are_told_ours(owner, name, words):
    with pytest.raises(AttributeError, match=f"has no '{name}'.*{words}"):
        getattr(owner, name)
    with pytest.raises(AttributeError, match=r"has no 'abracadabra'$"):
        owner.abracadabra  # noqa: B018
    assert not hasattr(owner, name)


@pytest.mark.parametrize("words", [METHODS, NAMES, HISTORY, MEASUREMENT, LAYER, USAGE])
def test_what_is_named_is_there(words):
    """Every name of sn89 and every attribute of a net that the sentences speak of."""
    for sentence in words.values():
        for path in re.findall(r"\b(?:sn89|net)(?:\.\w+)+", sentence.replace("'net.safetensors'", "")):
            found: Any = {"sn89": sn89, "net": PLAIN}[path.partition(".")[0]]
            for part in path.split(".")[1:]:
                found = importlib.import_module("sn89.estimator") if part == "estimator" else getattr(found, part)


def test_several_are_answered_at_once():
    with pytest.raises(
        TypeError, match=r"no keyword 'epochs': it is passes=.*; nor 'lr': the learning rate belongs to"
    ):
        sn89.train(sn89.nets.fully_connected(), X, Y, epochs=3, lr=0.1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: sn89.train(PLAIN, X, Y, rule=sn89.SGD(), pases=1),
            r"has no keyword 'pases'; did you mean 'passes'\?: write ",
        ),
        (lambda: sn89.train(PLAIN, X, Y), r"needs rule and passes too: write sn89.train\(net, X, y, rule="),
        (lambda: sn89.train(PLAIN, (X, Y), rule=sn89.SGD(), passes=1), "needs y too: write"),
        (
            lambda: sn89.train(PLAIN, X, Y, sn89.SGD(), 1),
            "takes net and X and y by position, and everything else by name",
        ),
        (lambda: sn89.evaluate(PLAIN, X), r"needs y too: write sn89.evaluate\(net, X, y\)"),
        (lambda: sn89.evaluate(PLAIN, X, Y, net=PLAIN), "got one argument twice"),
        (lambda: sn89.prune(PLAIN, X, Y), "needs delete too"),
        (lambda: sn89.Full(10), r"needs units too: write sn89.Full\('output', units=10\)"),
        (lambda: sn89.Local(12, 5), "needs kernel too"),
        (
            lambda: sn89.Input((16, 16)),
            r"needs width too: write sn89.Input\(16, 16\), .* or sn89.Input\(1, 64\) for a signal",
        ),
        (lambda: sn89.Net(), "needs input too"),
        (lambda: sn89.save(PLAIN), r"needs path too: write sn89.save\(net, 'net.safetensors'\)"),
        (
            lambda: sn89.plots.plot_feature_maps(PLAIN, X, Y),
            r"everything else by name: write sn89.plots.plot_feature_maps\(net, image, label=...\)$",
        ),
        (
            lambda: sn89.plots.plot_report(PLAIN, X, Y, history=None),
            r"one argument twice.*: write sn89.plots.plot_report\(net, history, X, y, image=...\)$",
        ),
        (lambda: sn89.export.c(PLAIN), r"needs path too: write sn89.export.c\(net, path, int8=...\)$"),
        (lambda: sn89.EarlyStopping(3), r"takes nothing by position.*: write sn89.EarlyStopping\(patience=5"),
        (lambda: sn89.Full("output", 10, squash="softmax"), "a softmax is the cost's"),
        (lambda: sn89.Local("H1", 12, 5, pad="same"), "A kernel of 5x5 keeps the size of planes with pad=2"),
        (lambda: train(test=0.1), r"not float; callbacks=\[sn89.KeepBest\(on=0.1\)\] holds a share out"),
        (lambda: train(test=(X, Y.astype(str))), "^test: labels must be whole numbers"),
        (lambda: train(callbacks=[lambda: None]), r"^<lambda>\(\) cannot be called as callbacks are, callback\(net"),
        (lambda: History(sn89.SGD())["loss"], r"no dictionary.*\['loss'\]: \[one.cost for one in history.passes\]"),
        (lambda: History(sn89.SGD())[0], r"no dictionary or list, and has no \[0\]$"),
    ],
)
def test_a_call_that_does_not_fit_is_told_how_it_is_written(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def train(**how: Any) -> History:
    return sn89.train(PLAIN, X, Y, rule=sn89.SGD(), passes=1, progress=False, **how)


@pytest.mark.parametrize(
    ("words", "owner"),
    [
        (TRAINING, sn89.train),
        (NET, sn89.Net.__init__),
        (CLASSIFIER, NetClassifier.__init__),
        (STOPPING, sn89.EarlyStopping.__init__),
        (KEEPING, sn89.KeepBest.__init__),
        (EVALUATING, sn89.evaluate),
        (PRUNING, sn89.prune),
        (keywords.LOCAL, sn89.Local.__init__),
        (keywords.AVERAGE, sn89.Average.__init__),
        (keywords.FULL, sn89.Full.__init__),
        (keywords.DROPOUT, sn89.Dropout.__init__),
        (keywords.RBF, sn89.RBF.__init__),
        (keywords.INPUT, sn89.Input.__init__),
        (keywords.DISTORTION, sn89.Distortion.__init__),
    ],
    ids=lambda one: getattr(one, "__qualname__", ""),
)
def test_the_sentences_name_keywords_that_there_are(words, owner):
    known = inspect.signature(owner).parameters
    for word, sentence in words.items():
        if word not in known and sentence.startswith("it is "):
            named = sentence.removeprefix("it is ").partition("=")
            assert named[0] in known or "sn89" in sentence, sentence
