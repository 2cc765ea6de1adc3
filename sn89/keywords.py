"""Keywords of other libraries: who brings them is told what they are called here."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C")

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


_LATER = "a function of your own can end a training: one that returns True"

#: What `KeepBest` calls what others call so.
KEEPING = {
    **dict.fromkeys(
        ("monitor", "metric"), 'it is on="test", "train" or a share to hold out, and figure="error" or "cost"'
    ),
    **dict.fromkeys(
        ("patience", "n_iter_no_change", "min_delta", "threshold", "tol", "least"),
        "KeepBest ends nothing: sn89.EarlyStopping(patience=5, least=0.0) does, and keeps the best pass too",
    ),
    **dict.fromkeys(
        ("keep", "restore_best_weights", "load_best", "save_best_only"),
        'KeepBest always keeps the best pass: sn89.EarlyStopping(keep="last") keeps the last',
    ),
    **dict.fromkeys(
        ("filepath", "path", "filename", "save_weights_only", "save_freq"),
        "it writes no file: train(..., checkpoint=path) does, and sn89.save(net, path, history=history)",
    ),
    "mode": "errors and costs are the better the lower they are",
    "verbose": "the history says what was kept and why it ended",
}

#: What `EarlyStopping` calls what others call so.
STOPPING = {
    **KEEPING,
    **dict.fromkeys(("min_delta", "threshold", "tol"), "it is least=, by how much the figure must fall"),
    **dict.fromkeys(("restore_best_weights", "load_best", "save_best_only"), 'it is keep="best", or keep="last"'),
    "n_iter_no_change": "it is patience=, in passes",
    **dict.fromkeys(("baseline", "start_from_epoch", "min_epochs", "stopping_threshold"), _LATER),
}

#: What `evaluate` calls what others call so.
EVALUATING = {
    **dict.fromkeys(("batch_size", "steps", "num_workers"), "all patterns are measured at once, eight at a time"),
    **dict.fromkeys(
        ("verbose", "progress", "callbacks", "metrics", "return_dict"), "it shows nothing and returns errors"
    ),
    **dict.fromkeys(
        ("test", "validation_data", "dataset", "data"), "write sn89.evaluate(net, X, y), images and labels"
    ),
    "sample_weight": "every pattern counts the same; net.outputs_and_costs(net.patterns(X, y)) has each one's cost",
    "model": "write sn89.evaluate(net, X, y), the net first",
}

#: What `prune` calls what others call so.
PRUNING = {
    **dict.fromkeys(
        ("amount", "sparsity", "target_sparsity", "fraction", "share", "n", "number", "count", "pruning_rate"),
        "it is delete=, how many in each round, or a share between 0 and 1 of those that are left",
    ),
    **dict.fromkeys(
        ("method", "criterion", "importance", "pruning_method"), 'it is by=, "saliency", "magnitude" or "random"'
    ),
    **dict.fromkeys(("structured", "granularity", "dim", "name"), 'it is what=, "parameters", "kernels" or "maps"'),
    **dict.fromkeys(("iterations", "steps", "n_rounds", "iterative_steps"), "it is rounds="),
    **dict.fromkeys(
        ("epochs", "passes", "finetune", "fine_tune", "retrain_epochs"), "it is retrain=, in passes per round"
    ),
    **dict.fromkeys(
        ("optimizer", "optim", "lr", "learning_rate"), "it is rule=sn89.LevenbergMarquardt(), to train again"
    ),
    **dict.fromkeys(
        ("validation_data", "val_data", "eval_set"), "it is test=(X, y), a set to measure after every round"
    ),
    **dict.fromkeys(("random_state", "random_seed"), "it is seed="),
    "verbose": "it is progress=True, or progress=False",
    "callback": "it is callbacks=, a list",
}

# What layers call what others call so.
_BELOW = "the layer below says that"
_OF_THE_NET = "the start belongs to the net, sn89.Net(..., start=sn89.ByFanIn())"
_START = dict.fromkeys(("kernel_initializer", "bias_initializer", "init", "initializer", "weights"), _OF_THE_NET)
_INSIDE = dict.fromkeys(("in_channels", "in_features", "input_shape", "input_dim", "input_size"), _BELOW)
_ACTIVATION = dict.fromkeys(
    ("activation", "nonlinearity", "act"), "it is squash=, such as sn89.ScaledTanh() or sn89.ReLU()"
)
_ALL_LAYERS = _START | _INSIDE | {"dtype": "all is float32", "trainable": "all parameters learn"}
LOCAL = {
    **_ALL_LAYERS,
    **_ACTIVATION,
    **dict.fromkeys(("filters", "out_channels", "channels", "features", "n_filters", "planes"), "it is maps="),
    **dict.fromkeys(("kernel_size", "filter_size", "size", "field"), "it is kernel=, one side or (height, width)"),
    "strides": "it is stride=",
    "padding": "it is pad=, in units: pad=2 with kernel=5 keeps the size of the planes below, pad=0 is no padding",
    "padding_mode": "it is background=, the state that connections past the edge read",
    **dict.fromkeys(("use_bias", "biases"), 'it is bias="map", bias="unit" or bias=None'),
    **dict.fromkeys(("groups", "connections", "scheme"), "it is table=, the source maps that each map sees"),
    **dict.fromkeys(("dilation", "dilation_rate"), "fields have no holes"),
    **dict.fromkeys(("data_format", "channels_last"), "maps come first, (maps, height, width)"),
}
AVERAGE = {
    **_ALL_LAYERS,
    **_ACTIVATION,
    **dict.fromkeys(("pool_size", "kernel_size", "kernel", "window"), "it is size=, one side or (height, width)"),
    **dict.fromkeys(("stride", "strides", "pad", "padding"), "blocks tile the planes below, and do not overlap: size="),
}
FULL = {
    **_ALL_LAYERS,
    **_ACTIVATION,
    **dict.fromkeys(("out_features", "output_dim", "output_size", "neurons", "size", "nodes"), "it is units="),
    **dict.fromkeys(("bias", "use_bias"), "every unit has a bias"),
}
DROPOUT = _ALL_LAYERS | dict.fromkeys(("p", "prob", "dropout", "share"), "it is rate=, the share that is left out")
RBF = {
    **_ALL_LAYERS,
    **dict.fromkeys(("centers", "centres", "centroids"), "it is prototypes=, (units, inputs)"),
    **dict.fromkeys(("units", "out_features"), "there are as many units as rows of prototypes="),
    **dict.fromkeys(("gamma", "sigma", "beta"), "the state is the squared distance itself"),
}
INPUT = {
    **dict.fromkeys(("shape", "input_shape", "size"), "write sn89.Input(height, width), and maps= for several planes"),
    **dict.fromkeys(("channels", "planes", "in_channels", "depth"), "it is maps="),
    **dict.fromkeys(
        ("batch_size", "batch_shape", "dtype"), "how many images there will be is open, and all is float32"
    ),
    **dict.fromkeys(("padding_value", "fill"), "it is background=, the state of units that no image covers"),
}

#: What `Distortion` calls what others call so.
DISTORTION = {
    **dict.fromkeys(("rotation_range", "degrees", "rotate", "angle"), "it is rotation=, in degrees"),
    **dict.fromkeys(
        ("translate", "translation", "width_shift_range", "height_shift_range", "padding", "crop"),
        "it is shift=, in pixels",
    ),
    **dict.fromkeys(("zoom_range", "zoom"), "it is scale=, 0.1 for 1/1.1 to 1/0.9 times as large"),
    **dict.fromkeys(("shear", "shear_range"), "it is slant=, 0.2 for 0.2 to the right for each pixel upwards"),
    **dict.fromkeys(("horizontal_flip", "vertical_flip", "flip"), "digits that are mirrored are no digits"),
    **dict.fromkeys(("seed", "random_state"), "chance belongs to the training, train(..., seed=)"),
    **dict.fromkeys(("fill_mode", "fill", "cval"), "what comes in is the background of the net's input"),
}

#: What rules have not that other libraries' optimizers have.
RULE = {
    **dict.fromkeys(
        ("momentum", "nesterov", "dampening", "beta_1", "beta_2"), "of the rules AdamW alone has one, betas="
    ),
    **dict.fromkeys(("weight_decay", "decay", "l2", "alpha"), "of the rules AdamW alone has one, weight_decay="),
    **dict.fromkeys(
        ("scheduler", "lr_scheduler", "schedule", "decay_steps"), "rate= takes a rate for each pass, (1e-3, 5e-4)"
    ),
    **dict.fromkeys(("batch_size",), _BATCH),
    **dict.fromkeys(("params", "parameters"), "train(net, X, y, rule=...) brings rule and net together"),
    **dict.fromkeys(
        ("clipnorm", "clipvalue", "max_grad_norm", "amsgrad", "fused", "foreach"), "there is no such thing here"
    ),
}

_TRAIN = "sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=20) trains a net"
_SAVE = "sn89.save(net, 'net.safetensors') writes it, and sn89.load reads it"
_CALL = "net(X) has the outputs, and net.states(image) those of every layer"
_ON = "all is done on the processor, in float32"
_PROBABILITY = "net.cost.scores(net(X)) has the scores of the classes, net.confident(X) how sure it is of each answer"

#: What others have as methods of a net, and is elsewhere here.
METHODS = {
    **dict.fromkeys(("fit", "compile", "train_on_batch", "backward", "zero_grad", "partial_fit", "train"), _TRAIN),
    **dict.fromkeys(("evaluate", "score", "test", "test_on_batch"), "sn89.evaluate(net, X, y) measures a net"),
    "eval": "a net that is not being trained drops nothing out, and sn89.evaluate(net, X, y) measures it",
    **dict.fromkeys(
        ("summary", "info", "get_config"), "print(net) shows the layers, their units, connections and parameters"
    ),
    **dict.fromkeys(("save", "save_weights", "to_json", "load", "load_weights"), _SAVE),
    **dict.fromkeys(
        ("state_dict", "get_weights", "weights", "named_parameters", "coefs_"), "net.arrays() has them by name"
    ),
    **dict.fromkeys(
        ("load_state_dict", "set_weights"),
        "net.arrays() are live views to write to; sn89.foreign.from_pytorch reads what PyTorch saved",
    ),
    **dict.fromkeys(("count_params", "num_parameters", "trainable_weights"), "net.free_parameters counts them"),
    **dict.fromkeys(("forward", "call", "activations", "transform"), _CALL),
    **dict.fromkeys(("to", "cuda", "cpu", "device", "half", "float", "double"), _ON),
    **dict.fromkeys(("predict_proba", "predict_log_proba", "decision_function", "predict_classes"), _PROBABILITY),
    **dict.fromkeys(
        ("grad", "gradient", "gradients"), "net.derivatives(image, label) has them, net.input_gradient the image's"
    ),
    **dict.fromkeys(("history", "loss_curve_", "losses"), "sn89.train returns the History"),
    **dict.fromkeys(
        ("add", "append"), "layers are given at once, sn89.Net(sn89.Input(16, 16), sn89.Full('output', 10))"
    ),
    "reset_parameters": "it is net.restart()",
    "modules": "it is list(net), and net['H1'] is one layer",
}

#: What others call rules, costs, squashing functions and starts, in small letters, where it is no near word.
VALUES = {
    **dict.fromkeys(("adam", "nadam", "rmsprop", "adagrad"), "AdamW"),
    **dict.fromkeys(("lm", "levenberg", "marquardt", "second", "secondorder", "lbfgs"), "LevenbergMarquardt"),
    **dict.fromkeys(("sdlm", "diagonal", "stochasticlm"), "StochasticDiagonalLM"),
    **dict.fromkeys(("gd", "gradient", "gradientdescent", "backprop"), "SGD"),
    **dict.fromkeys(("mse", "l2", "meansquarederror", "squarederror", "lms", "mseloss"), "HalfSquaredError"),
    **dict.fromkeys(
        ("softmax", "crossentropy", "categoricalcrossentropy", "sparsecategoricalcrossentropy", "nll", "logloss"),
        "SoftmaxCrossEntropy",
    ),
    **dict.fromkeys(("rbf",), "RBFDiscriminative"),
    **dict.fromkeys(("sigmoid", "logistic"), "Tanh"),
    **dict.fromkeys(("none", "identity", "id"), "Linear"),
    **dict.fromkeys(("fanin", "lecun", "lecununiform"), "ByFanIn"),
    **dict.fromkeys(("glorot", "glorotuniform", "xavier", "kaiming", "he"), "BySqrtFanIn"),
}

_ADAM = "one of the rules sn89.SGD, Newton, LevenbergMarquardt, StochasticDiagonalLM and AdamW"
_CALLBACKS = "sn89.EarlyStopping and sn89.KeepBest; any function of net and history is a callback too"
_AVERAGE = "sn89.Average('S2', size=2), which averages; none takes the maximum"

#: What others have as names of the package.
NAMES = {
    **dict.fromkeys(("Sequential", "Model", "Module", "MLPClassifier"), "sn89.Net(sn89.Input(16, 16), layers, ...)"),
    **dict.fromkeys(
        ("Conv2D", "Conv2d", "Conv", "Convolution2D"), "sn89.Local('H1', maps=12, kernel=5, stride=2, pad=2)"
    ),
    **dict.fromkeys(("Dense", "FullyConnected"), "sn89.Full('output', 10)"),
    **dict.fromkeys(("MaxPooling2D", "MaxPool2d", "AveragePooling2D", "AvgPool2d", "Subsampling"), _AVERAGE),
    **dict.fromkeys(("callbacks", "Callback"), _CALLBACKS),
    **dict.fromkeys(("optimizers", "optim"), _ADAM),
    **dict.fromkeys(
        ("losses", "loss"), "sn89.HalfSquaredError, SoftmaxCrossEntropy or RBFDiscriminative, a net's cost="
    ),
    **dict.fromkeys(
        ("models", "keras", "nn"), "sn89.Net(sn89.Input(16, 16), layers, ...), and sn89.nets of the papers"
    ),
    **dict.fromkeys(("utils", "to_categorical", "one_hot"), "nothing: labels are whole numbers from 0"),
    **dict.fromkeys(("manual_seed", "set_seed", "set_random_seed"), "seed= of sn89.Net and of sn89.train"),
    **dict.fromkeys(("device", "cuda", "no_grad", "tensor", "Tensor"), "nothing: arrays of NumPy, on the processor"),
    "Flatten": "nothing: sn89.Full sees every unit of the planes below",
    **dict.fromkeys(("Adam", "RMSprop", "Adagrad", "Optimizer"), _ADAM),
    **dict.fromkeys(("CrossEntropyLoss", "CategoricalCrossentropy", "Softmax"), "cost=sn89.SoftmaxCrossEntropy()"),
    **dict.fromkeys(("MSELoss", "MeanSquaredError"), "cost=sn89.HalfSquaredError()"),
    **dict.fromkeys(
        ("Sigmoid", "Activation", "LeakyReLU"), "squash=, one of sn89.ScaledTanh, TanhLinear, Tanh, Linear, ReLU"
    ),
    "ModelCheckpoint": "train(..., checkpoint='run.safetensors'), or sn89.KeepBest",
    **dict.fromkeys(
        ("ReduceLROnPlateau", "StepLR", "LearningRateScheduler"), "a rate for each pass, rate=(0.001, 0.0005)"
    ),
    **dict.fromkeys(("fit", "compile"), "sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=20)"),
    "predict": "net.predict(X)",
    **dict.fromkeys(("load_model", "from_file"), "sn89.load('net.safetensors')"),
    **dict.fromkeys(("from_pytorch", "from_json"), "sn89.foreign.from_pytorch and sn89.foreign.from_json"),
    **dict.fromkeys(("Trainer", "LightningModule", "Learner"), "sn89.train(net, X, y, rule=..., passes=20)"),
    "NetClassifier": "from sn89.estimator import NetClassifier",
    **dict.fromkeys(("DataLoader", "Dataset"), "arrays: sn89.train(net, X, y, ...)"),
    "usps": "sn89.datasets.usps()",
    "mnist": "sn89.datasets.mnist(size=16)",
    **dict.fromkeys(("zip_code", "lenet1", "lenet5", "fully_connected"), "sn89.nets has the papers' nets"),
}


#: What others have as attributes of what a training returns.
HISTORY = {
    "history": "it is the History itself, with history.passes, history.train and history.test",
    **dict.fromkeys(("loss", "losses", "cost", "costs"), "[one.cost for one in history.passes] are the mean costs"),
    **dict.fromkeys(("val_loss", "validation_loss"), "[one.cost for one in history.test] are those of the test set"),
    **dict.fromkeys(("accuracy", "acc", "metrics"), "1 - history.final.train.error is the accuracy of the net"),
    **dict.fromkeys(("val_accuracy", "val_acc"), "1 - history.final.test.error is the accuracy on the test set"),
    **dict.fromkeys(("error", "errors"), "history.final.test.error, or .train.error, is that of the net"),
    **dict.fromkeys(("epoch", "epochs"), "history.passes has an entry for each pass, or epoch"),
    **dict.fromkeys(("best", "best_epoch", "best_score", "stopped_epoch"), "history.kept and history.ended say it"),
    **dict.fromkeys(("plot", "show"), "sn89.plots.plot_history(history) draws it"),
    **dict.fromkeys(("save", "to_csv"), "sn89.save(net, 'net.safetensors', history=history), or history.to_pandas()"),
    **dict.fromkeys(("net", "model"), "sn89.train changes the net that it is given"),
    **dict.fromkeys(("keys", "items", "values"), "it is no dictionary; history.to_pandas() is a table"),
}
#: And of a measurement.
MEASUREMENT = {
    **dict.fromkeys(("accuracy", "acc", "score"), "it is 1 - measurement.error"),
    **dict.fromkeys(("loss", "losses"), "it is measurement.cost"),
    **dict.fromkeys(("errors", "mistakes"), "it is measurement.wrong, or as a share measurement.error"),
    **dict.fromkeys(("n", "count", "total"), "it is measurement.patterns"),
    "confusion_matrix": "sn89.measure.confusion(labels, net.predict(X), 10) counts what is read as what",
}
#: And of a classifier that was fitted.
FITTED = {
    **dict.fromkeys(("coefs_", "coef_", "intercepts_", "intercept_"), "net_.arrays() has weights and biases by name"),
    **dict.fromkeys(("n_layers_", "n_outputs_", "module_", "model_", "model"), "print(net_) shows the net"),
    **dict.fromkeys(("history", "loss_curve"), "it is history_, and loss_curve_ has the mean cost of each pass"),
    "feature_importances_": "sklearn.inspection.permutation_importance measures them for any classifier",
    "t_": "history_.state.presented counts the samples that were presented",
    **dict.fromkeys(("transform", "fit_transform"), "net_.states(image) has the states of every layer"),
    "best_params_": "a search has them: GridSearchCV(NetClassifier(), {'rule__rate': [0.0005, 0.001]})",
}
#: And of its methods `fit` and `partial_fit`, which take none of the settings.
FITTING = {
    **{name: f"settings belong to NetClassifier(...), and {words}" for name, words in CLASSIFIER.items()},
    **dict.fromkeys(("passes", "rule", "class_weight", "scale"), "settings belong to NetClassifier(...)"),
    **dict.fromkeys(("sample_weights", "weights"), "it is sample_weight=, a number for each sample"),
}
del FITTING["sample_weight"]
#: And of one layer of a net.
LAYER = {
    **dict.fromkeys(("get_weights", "weight", "trainable_weights", "kernel"), "its arrays are weights and bias"),
    "set_weights": "weights and bias are live views to write to: layer.weights[...] = values",
    **dict.fromkeys(("output", "activation", "states"), "net.states(image) has the states of every layer"),
    **dict.fromkeys(("output_shape", "size"), "it is shape, (maps, height, width)"),
    **dict.fromkeys(("count_params", "parameters", "params"), "it is free_parameters"),
    **dict.fromkeys(("stride", "pad", "squash", "table", "maps"), "it is an attribute of layer.declaration"),
}

#: How each is called, for who calls it otherwise.
USAGE = {
    "train": "sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=20)",
    "evaluate": "sn89.evaluate(net, X, y)",
    "prune": "sn89.prune(net, X, y, delete=0.1)",
    "Net": "sn89.Net(sn89.Input(16, 16), sn89.Full('hidden', 40), sn89.Full('output', 10))",
    "Input": "sn89.Input(16, 16), height and width",
    "Local": "sn89.Local('H1', maps=12, kernel=5, stride=2, pad=2)",
    "Average": "sn89.Average('H2', size=2)",
    "Full": "sn89.Full('output', units=10)",
    "RBF": "sn89.RBF('output', prototypes=array)",
    "Dropout": "sn89.Dropout('D', rate=0.5)",
    "Distortion": "sn89.Distortion(shift=1, rotation=10)",
    "EarlyStopping": "sn89.EarlyStopping(patience=5, on=0.1)",
    "KeepBest": "sn89.KeepBest(on=0.1)",
    "NetClassifier": "NetClassifier(net, passes=20)",
    "NetClassifier.fit": "NetClassifier(net, passes=20).fit(X, y)",
    "NetClassifier.partial_fit": "NetClassifier(net).partial_fit(X, y, classes=range(10))",
}


def in_our_words(words: Mapping[str, str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: keywords of others raise a TypeError that says what to write instead.

    Parameters
    ----------
    words : mapping of str to str
        A half sentence for each keyword.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        known = signature.parameters
        owner = function.__qualname__.removesuffix(".__init__")

        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            others = [f"{name!r}: {words[name]}" for name in kwargs if name in words and name not in known]
            if others:
                raise TypeError(f"{owner}() has no keyword {'; nor '.join(others)}")
            try:
                signature.bind(*args, **kwargs)
            except TypeError as error:
                said = _misfit(signature, error, args, kwargs)
                raise TypeError(f"{owner}() {said}: write {USAGE[owner]}") from None
            return function(*args, **kwargs)

        return checked

    return decorate


def _misfit(signature: inspect.Signature, error: TypeError, args: tuple[Any, ...], named: dict[str, Any]) -> str:
    """Why a function cannot be called so."""
    known = signature.parameters
    for name in named:
        if name not in known:
            near = get_close_matches(name, known, 1)
            return f"has no keyword {name!r}{f'; did you mean {near[0]!r}?' if near else ''}"
    try:
        given = signature.bind_partial(*args, **named).arguments
    except TypeError:
        most = [name for name, one in known.items() if one.kind is not one.KEYWORD_ONLY and name != "self"]
        if "multiple values" in str(error):
            return f"is given one argument twice, by its place and by its name ({error})"
        return f"takes {' and '.join(most) or 'nothing'} by place, and all else by name"
    required = [name for name, one in known.items() if one.default is one.empty and one.kind is not one.VAR_POSITIONAL]
    return f"needs {' and '.join(name for name in required if name not in given)} too"


def others_names(words: Mapping[str, str]) -> Callable[[type[C]], type[C]]:
    """A decorator of classes: an attribute that others have raises an AttributeError that says what there is here."""

    def decorate(kind: type[C]) -> type[C]:
        def say(self: C, name: str) -> Any:
            told = f": {words[name]}" if name in words else ""
            raise AttributeError(f"a {kind.__name__} has no {name!r}{told}", name=name, obj=self)

        kind.__getattr__ = say  # type: ignore[attr-defined]
        return kind

    return decorate


def names_in(module: str) -> Callable[[str], Any]:
    """A module's ``__getattr__``, which tells what a name of others is called here."""

    def say(name: str) -> Any:
        here = [one for one in vars(sys.modules[module]) if not one.startswith("_")]
        near = get_close_matches(name, here, 1) or get_close_matches(name.lower(), here, 1)
        likely = f"; here it is {NAMES[name]}" if name in NAMES else f"; did you mean {near[0]}?" if near else ""
        raise AttributeError(f"{module} has no {name!r}{likely}", name=name, obj=sys.modules[module])

    return say


def others_words(words: Mapping[str, str]) -> Callable[[type[C]], type[C]]:
    """A decorator of classes: as `in_our_words`, for what makes one."""

    def decorate(kind: type[C]) -> type[C]:
        kind.__init__ = in_our_words(words)(kind.__init__)  # type: ignore[method-assign]
        return kind

    return decorate
