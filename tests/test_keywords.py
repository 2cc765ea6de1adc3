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
from sn89.keywords import CLASSIFIER, EVALUATING, KEEPING, METHODS, NAMES, NET, PRUNING, STOPPING, TRAINING

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
    [("momentum", r"AdamW alone has one, betas="), ("weight_decay", "AdamW"), ("scheduler", "rate= takes")],
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


@pytest.mark.parametrize("words", [METHODS, NAMES])
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


def test_what_nobody_knows_is_pythons_own_error():
    with pytest.raises(TypeError, match="unexpected keyword argument 'pases'"):
        sn89.train(sn89.nets.fully_connected(), X, Y, rule=sn89.SGD(0.01), pases=1)


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
