"""Keywords of other libraries get a sentence that names ours."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import sn89
from sn89.estimator import NetClassifier
from sn89.keywords import CLASSIFIER, NET, STOPPING, TRAINING

X, Y = np.zeros((4, 16, 16)), np.arange(4)


@pytest.mark.parametrize(
    ("keyword", "words"),
    [
        ("epochs", "it is passes="),
        ("lr", r"rule=sn89.LevenbergMarquardt\(rate="),
        ("learning_rate", "the learning rate belongs to the rule"),
        ("batch_size", "there are no batches"),
        ("optimizer", "it is the learning rule"),
        ("loss", "the cost belongs to the net"),
        ("validation_data", r"it is test=\(X, y\)"),
        ("validation_split", r"EarlyStopping\(on=0.1\)"),
        ("shuffle", 'order="shuffle"'),
        ("verbose", "progress="),
        ("patience", "EarlyStopping"),
    ],
)
def test_train_names_its_own(keyword, words):
    with pytest.raises(TypeError, match=rf"train\(\) has no keyword '{keyword}': .*{words}"):
        sn89.train(sn89.nets.fully_connected(), X, Y, rule=sn89.SGD(0.01), passes=1, **{keyword: 1})
    with pytest.raises(TypeError, match=words):  # though others are missing
        sn89.train(sn89.nets.fully_connected(), X, Y, **{keyword: 1})


@pytest.mark.parametrize(
    ("keyword", "words"),
    [
        ("activation", "it is squash="),
        ("loss", "it is cost="),
        ("optimizer", r"sn89.train\("),
        ("input_shape", r"begins with sn89.Input\("),
        ("dropout", "sn89.Dropout"),
    ],
)
def test_a_net_names_its_own(keyword, words):
    with pytest.raises(TypeError, match=rf"Net\(\) has no keyword '{keyword}': .*{words}"):
        sn89.Net(sn89.Input(4, 4), sn89.Full("output", 2), **{keyword: 1})


@pytest.mark.parametrize(
    ("keyword", "words"),
    [
        ("hidden_layer_sizes", "it is net="),
        ("max_iter", "it is passes="),
        ("learning_rate_init", "the learning rate belongs to the rule"),
        ("solver", "it is the learning rule"),
        ("seed", "it is random_state="),
        ("activation", "squash="),
        ("validation_split", "it is validation_fraction="),
    ],
)
def test_the_classifier_names_its_own(keyword, words):
    with pytest.raises(TypeError, match=rf"NetClassifier\(\) has no keyword '{keyword}': .*{words}"):
        NetClassifier(**{keyword: 1})


def test_several_are_answered_at_once():
    with pytest.raises(
        TypeError, match=r"no keyword 'epochs': it is passes=.*; nor 'lr': the learning rate belongs to"
    ):
        sn89.train(sn89.nets.fully_connected(), X, Y, epochs=3, lr=0.1)


@pytest.mark.parametrize(("keyword", "words"), [("monitor", "it is on="), ("restore_best_weights", 'keep="best"')])
def test_stopping_names_its_own(keyword, words):
    with pytest.raises(TypeError, match=rf"EarlyStopping\(\) has no keyword '{keyword}': .*{words}"):
        sn89.EarlyStopping(**{keyword: 1})


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
    ],
    ids=["train", "Net", "NetClassifier", "EarlyStopping"],
)
def test_the_sentences_name_keywords_that_there_are(words, owner):
    known = inspect.signature(owner).parameters
    for word, sentence in words.items():
        if word not in known and sentence.startswith("it is "):
            named = sentence.removeprefix("it is ").partition("=")
            assert named[0] in known or "sn89" in sentence, sentence
