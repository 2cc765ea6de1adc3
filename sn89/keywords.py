"""Keywords of other libraries: who brings them is told what they are called here."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_RATE = "the learning rate belongs to the rule, rule=sn89.LevenbergMarquardt(rate=0.0005)"
_RULE = "it is the learning rule, rule=sn89.LevenbergMarquardt()"
_BATCH = "there are no batches: the net learns from every pattern by itself"
_COST = "the cost belongs to the net, sn89.Net(..., cost=sn89.HalfSquaredError())"
_SQUASH = "the activation function belongs to the net, sn89.Net(..., squash=sn89.ScaledTanh())"
_STOP = "a callback ends the training, callbacks=[sn89.EarlyStopping(patience=5)]"
_DECAY = "it belongs to the rule, rule=sn89.AdamW(weight_decay=0.01)"
_PASSES = "it is passes=, how many times all patterns are presented"

#: What `train` calls what others call so.
TRAINING = {
    **dict.fromkeys(("epochs", "n_epochs", "num_epochs", "nb_epoch", "epoch", "max_iter", "max_epochs"), _PASSES),
    **dict.fromkeys(("lr", "learning_rate", "learning_rate_init", "rate", "eta", "eta0", "epsilon"), _RATE),
    **dict.fromkeys(("scheduler", "lr_scheduler"), "a rule takes a rate for each pass, rate=(0.001, 0.0005, 0.0002)"),
    **dict.fromkeys(("batch_size", "mini_batch_size", "steps_per_epoch"), _BATCH),
    **dict.fromkeys(("optimizer", "optim", "solver"), _RULE),
    **dict.fromkeys(("loss", "loss_fn", "criterion", "objective", "cost"), _COST),
    **dict.fromkeys(("activation", "squash"), _SQUASH),
    **dict.fromkeys(
        ("validation_data", "valid_data", "val_data", "eval_set", "validation", "test_data", "X_test"),
        "it is test=(X, y), a set to measure after every pass",
    ),
    **dict.fromkeys(
        ("validation_split", "validation_fraction"),
        "EarlyStopping or KeepBest hold a share out, callbacks=[sn89.EarlyStopping(on=0.1)]",
    ),
    **dict.fromkeys(("patience", "early_stopping", "early_stop"), _STOP),
    **dict.fromkeys(("weight_decay", "momentum", "betas", "alpha"), _DECAY),
    "shuffle": 'it is order="shuffle", or order="given"',
    "verbose": "it is progress=True, or progress=False",
    "metrics": "errors and costs are measured after every pass, and are in what train returns",
    **dict.fromkeys(("random_state", "random_seed"), "it is seed="),
    **dict.fromkeys(("sample_weights", "weights"), "it is sample_weight=, a number for each pattern"),
    **dict.fromkeys(("class_weights",), "it is class_weight="),
    **dict.fromkeys(("callback",), "it is callbacks=, a list"),
    **dict.fromkeys(("augment", "augmentation", "transform"), "it is distortion=sn89.Distortion(shift=1)"),
    "initial_epoch": "state=, a former history.state, goes on with a training",
}

#: What `Net` calls what others call so.
NET = {
    "activation": "it is squash=, such as sn89.ScaledTanh() or sn89.ReLU()",
    "activations": "it is squash=, of the net or of a layer",
    **dict.fromkeys(("loss", "loss_fn", "criterion", "objective"), "it is cost=, such as sn89.HalfSquaredError()"),
    **dict.fromkeys(
        ("optimizer", "lr", "learning_rate", "rule", "epochs", "passes", "batch_size"),
        "a net is only declared here; sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=20) trains it",
    ),
    **dict.fromkeys(("input_shape", "input_dim", "inputs", "shape"), "a net begins with sn89.Input(height, width)"),
    **dict.fromkeys(("layers", "outputs", "hidden_layer_sizes"), "layers come one after another, after the Input"),
    **dict.fromkeys(("random_state", "random_seed"), "it is seed="),
    **dict.fromkeys(("kernel_initializer", "init", "initializer", "weights"), "it is start=, such as sn89.ByFanIn()"),
    "dropout": "it is a layer, sn89.Dropout",
    "metrics": "sn89.train and sn89.evaluate measure",
}

#: What `NetClassifier` calls what others call so.
CLASSIFIER = {
    **TRAINING,
    **dict.fromkeys(("hidden_layer_sizes", "module", "layers", "model"), "it is net=, a sn89.Net or what makes one"),
    **dict.fromkeys(("seed", "random_seed"), "it is random_state="),
    **dict.fromkeys(
        ("loss", "loss_fn", "criterion", "objective", "cost"), "it is net=sn89.Net(..., cost=...), the net's"
    ),
    **dict.fromkeys(("activation", "squash"), "it is net=sn89.Net(..., squash=...), the net's"),
    **dict.fromkeys(
        ("validation_data", "valid_data", "val_data", "eval_set", "validation", "test_data", "X_test", "test"),
        "early_stopping=True holds a share out, and score(X, y) measures",
    ),
    "validation_split": "it is validation_fraction=, with early_stopping=True",
    "patience": "it is n_iter_no_change=, with early_stopping=True",
    "early_stop": "it is early_stopping=True",
    **dict.fromkeys(("verbose", "progress", "metrics"), "nothing is shown, and history_ has what happened"),
    **dict.fromkeys(("sample_weight", "sample_weights", "weights"), "fit(X, y, sample_weight=...) takes them"),
    "class_weights": "it is class_weight=",
    **dict.fromkeys(("callback", "callbacks"), "sn89.train takes callbacks, and here is early_stopping=True"),
    **dict.fromkeys(("initial_epoch", "state"), "partial_fit goes on, and so does fit with warm_start=True"),
}


#: What `EarlyStopping` and `KeepBest` call what others call so.
STOPPING = {
    **dict.fromkeys(
        ("monitor", "metric"), 'it is on="test", "train" or a share to hold out, and figure="error" or "cost"'
    ),
    **dict.fromkeys(("min_delta", "threshold", "tol"), "it is least=, by how much the figure must fall"),
    **dict.fromkeys(("restore_best_weights", "load_best", "save_best_only"), 'it is keep="best", or keep="last"'),
    "n_iter_no_change": "it is patience=, in passes",
    "mode": "errors and costs are the better the lower they are",
    "verbose": "the history says what was kept and why it ended",
    "baseline": "a function of your own can end a training: one that returns True",
    "start_from_epoch": "a function of your own can end a training: one that returns True",
}


def in_our_words(words: Mapping[str, str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: keywords of others raise a TypeError that says what to write instead.

    Parameters
    ----------
    words : mapping of str to str
        A half sentence for each keyword.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        known = inspect.signature(function).parameters
        owner = function.__qualname__.removesuffix(".__init__")

        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            others = [f"{name!r}: {words[name]}" for name in kwargs if name in words and name not in known]
            if others:
                raise TypeError(f"{owner}() has no keyword {'; nor '.join(others)}")
            return function(*args, **kwargs)

        return checked

    return decorate
