"""The words of other libraries, and what to write here instead.

Each table is a phrase book: the words of others, a colon, and half a sentence for the error message.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C")


def phrases(text: str) -> dict[str, str]:
    """A phrase book by word. A line that begins with four spaces continues the line before it."""
    found: dict[str, str] = {}
    for line in text.strip().replace("\n    ", " ").splitlines():
        words, sentence = line.split(": ", 1)
        found |= dict.fromkeys(words.split(), sentence)
    return found


#: Keywords of `train`.
TRAINING = phrases("""
epochs n_epochs num_epochs nb_epoch epoch max_iter max_epochs: it is passes=, how many times all patterns are presented
lr learning_rate learning_rate_init rate eta eta0 epsilon: the learning rate belongs to the rule,
    rule=sn89.LevenbergMarquardt(rate=0.0005)
scheduler lr_scheduler: a rule takes a rate for each pass, rate=(0.001, 0.0005, 0.0002)
batch_size mini_batch_size steps_per_epoch: there are no batches: the net learns from every pattern by itself
optimizer optim solver: it is the learning rule, rule=sn89.LevenbergMarquardt()
loss loss_fn criterion objective cost: the cost belongs to the net, sn89.Net(..., cost=sn89.HalfSquaredError())
activation squash: the activation function belongs to the net, sn89.Net(..., squash=sn89.ScaledTanh())
validation_data valid_data val_data eval_set validation test_data X_test: it is test=(X, y), a set to measure after
    every pass
validation_split validation_fraction: EarlyStopping or KeepBest hold a share out, callbacks=[sn89.EarlyStopping(on=0.1)]
patience early_stopping early_stop: a callback ends the training, callbacks=[sn89.EarlyStopping(patience=5)]
weight_decay momentum betas alpha: it belongs to the rule, rule=sn89.AdamW(weight_decay=0.01)
shuffle: it is order="shuffle", or order="given"
verbose: it is progress=True, or progress=False
metrics: errors and costs are measured after every pass, and train returns them
random_state random_seed: it is seed=
weights: it is sample_weight=, a number for each pattern
augment augmentation transform: it is distortion=sn89.Distortion(shift=1)
initial_epoch: state=, a former history.state, goes on with a training
""")

#: Keywords of `Net`.
NET = phrases("""
activation: it is squash=, such as sn89.ScaledTanh() or sn89.ReLU()
activations: it is squash=, of the net or of a layer
loss loss_fn criterion objective: it is cost=, such as sn89.HalfSquaredError()
optimizer lr learning_rate rule epochs passes batch_size: a net is only declared here; sn89.train(net, X, y,
    rule=sn89.LevenbergMarquardt(), passes=20) trains it
input_shape input_dim inputs shape: a net begins with sn89.Input(height, width)
layers outputs hidden_layer_sizes: layers come one after another, after the Input
random_state random_seed: it is seed=
kernel_initializer init initializer weights: it is start=, such as sn89.ByFanIn()
dropout: it is a layer, sn89.Dropout
metrics: sn89.train and sn89.evaluate measure
""")

#: Keywords of `NetClassifier`.
CLASSIFIER = TRAINING | phrases("""
hidden_layer_sizes module layers model: it is net=, a sn89.Net or a function that makes one
seed random_seed: it is random_state=
loss loss_fn criterion objective cost: it is net=sn89.Net(..., cost=...), the net's
activation squash: it is net=sn89.Net(..., squash=...), the net's
validation_data valid_data val_data eval_set validation test_data X_test test: early_stopping=True holds a share out,
    and score(X, y) measures
validation_split: it is validation_fraction=, with early_stopping=True
patience: it is n_iter_no_change=, with early_stopping=True
verbose progress metrics: nothing is shown; history_ has the results
sample_weight sample_weights weights: fit(X, y, sample_weight=...) takes them
callback callbacks: sn89.train takes callbacks; a classifier has early_stopping=True
initial_epoch state: partial_fit goes on, and so does fit with warm_start=True
""")

#: Keywords of `KeepBest`.
KEEPING = phrases("""
monitor metric: it is on="test", "train" or a share to hold out, and figure="error" or "cost"
patience n_iter_no_change min_delta threshold tol least: KeepBest ends nothing: sn89.EarlyStopping(patience=5,
    least=0.0) does, and keeps the best pass too
keep restore_best_weights load_best save_best_only: KeepBest always keeps the best pass: sn89.EarlyStopping(keep="last")
    keeps the last
filepath path filename save_weights_only save_freq: it writes no file: train(..., checkpoint=path) does, and
    sn89.save(net, path, history=history)
mode: lower errors and costs are better
verbose: the history says what was kept and why it ended
""")

#: Keywords of `EarlyStopping`.
STOPPING = KEEPING | phrases("""
min_delta threshold tol: it is least=, by how much the figure must fall
restore_best_weights load_best save_best_only: it is keep="best", or keep="last"
n_iter_no_change: it is patience=, in passes
baseline start_from_epoch min_epochs stopping_threshold: a function of your own can do that, because a callback that
    returns True ends the training
""")

#: Keywords of `evaluate`.
EVALUATING = phrases("""
batch_size steps num_workers: all patterns are measured at once, eight at a time
verbose progress callbacks metrics return_dict: it shows nothing and returns errors
test validation_data dataset data: write sn89.evaluate(net, X, y), images and labels
sample_weight: every pattern counts the same; net.outputs_and_costs(net.patterns(X, y)) has each one's cost
model: write sn89.evaluate(net, X, y), the net first
""")

#: Keywords of `prune`.
PRUNING = phrases("""
amount sparsity target_sparsity fraction share n number count pruning_rate: it is delete=, how many in each round, or a
    share between 0 and 1 of those that are left
method criterion importance pruning_method: it is by=, "saliency", "magnitude" or "random"
structured granularity dim name: it is what=, "parameters", "kernels" or "maps"
iterations steps n_rounds iterative_steps: it is rounds=
epochs passes finetune fine_tune retrain_epochs: it is retrain=, in passes per round
optimizer optim lr learning_rate: it is rule=sn89.LevenbergMarquardt(), to train again
validation_data val_data eval_set: it is test=(X, y), a set to measure after every round
random_state random_seed: it is seed=
verbose: it is progress=True, or progress=False
""")

# Keywords of layers.
_ALL_LAYERS = phrases("""
kernel_initializer bias_initializer init initializer weights: the start belongs to the net, sn89.Net(...,
    start=sn89.ByFanIn())
in_channels in_features input_shape input_dim input_size: the layer below determines it
dtype: all numbers are float32
trainable: all parameters learn
""")
_WITH_SQUASH = _ALL_LAYERS | phrases("""
activation nonlinearity act: it is squash=, such as sn89.ScaledTanh() or sn89.ReLU()
""")
LOCAL = _WITH_SQUASH | phrases("""
filters out_channels channels features n_filters planes: it is maps=
kernel_size filter_size size field: it is kernel=, one side or (height, width)
strides: it is stride=
padding: it is pad=, in units: pad=2 with kernel=5 keeps the size of the planes below, pad=0 is no padding
padding_mode: it is background=, the state that connections past the edge read
use_bias biases: it is bias="map", bias="unit" or bias=None
groups connections scheme: it is table=, the source maps that each map sees
dilation dilation_rate: kernels cannot be dilated
data_format channels_last: maps come first, (maps, height, width)
""")
AVERAGE = _WITH_SQUASH | phrases("""
pool_size kernel_size kernel window: it is size=, one side or (height, width)
stride strides pad padding: blocks tile the planes below, and do not overlap: size=
""")
FULL = _WITH_SQUASH | phrases("""
out_features output_dim output_size neurons size nodes: it is units=
bias use_bias: every unit has a bias
""")
DROPOUT = _ALL_LAYERS | phrases("""
p prob dropout share: it is rate=, the share that is left out
""")
RBF = _ALL_LAYERS | phrases("""
centers centres centroids: it is prototypes=, (units, inputs)
units out_features: there are as many units as rows of prototypes=
gamma sigma beta: the state is the squared distance itself
""")
INPUT = phrases("""
shape input_shape size: write sn89.Input(height, width), and maps= for several planes
channels planes in_channels depth: it is maps=
batch_size batch_shape dtype: any number of images can come, and all numbers are float32
padding_value fill: it is background=, the state of units that no image covers
""")

#: Keywords of `Distortion`.
DISTORTION = phrases("""
rotation_range degrees rotate angle: it is rotation=, in degrees
translate translation width_shift_range height_shift_range padding crop: it is shift=, in pixels
zoom_range zoom: it is scale=, 0.1 for 1/1.1 to 1/0.9 times as large
shear shear_range: it is slant=, 0.2 for 0.2 to the right for each pixel upwards
horizontal_flip vertical_flip flip: images are not mirrored, because a mirrored digit is no digit
seed random_state: the training has the seed, train(..., seed=)
fill_mode fill cval: the background of the net's input fills the rest
""")

#: Constants of other libraries' optimizers that rules do not have.
RULE = phrases("""
momentum nesterov dampening beta_1 beta_2: only AdamW has it, betas=
weight_decay decay l2 alpha: only AdamW has it, weight_decay=
scheduler lr_scheduler schedule decay_steps: rate= takes a rate for each pass, (1e-3, 5e-4)
batch_size: there are no batches: the net learns from every pattern by itself
params parameters: train(net, X, y, rule=...) brings rule and net together
clipnorm clipvalue max_grad_norm amsgrad fused foreach: no rule has anything like it
""")

#: Methods of a net.
METHODS = phrases("""
fit compile train_on_batch backward zero_grad partial_fit train: sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(),
    passes=20) trains a net
evaluate score test test_on_batch: sn89.evaluate(net, X, y) measures a net
eval: dropout works in training only, and sn89.evaluate(net, X, y) measures the net
summary info get_config: print(net) shows the layers, their units, connections and parameters
save save_weights to_json load load_weights: sn89.save(net, 'net.safetensors') writes it, and sn89.load reads it
state_dict get_weights weights named_parameters coefs_: net.arrays() has them by name
load_state_dict set_weights: net.arrays() are live views to write to; sn89.foreign.from_pytorch reads what PyTorch saved
count_params num_parameters trainable_weights: net.free_parameters counts them
forward call activations transform: net(X) has the outputs, and net.states(image) those of every layer
to cuda cpu device half float double: all computations are done on the processor, in float32
predict_proba predict_log_proba decision_function predict_classes: net.cost.scores(net(X)) has the scores of the
    classes, net.confident(X) the probability that each answer is right
grad gradient gradients: net.derivatives(image, label) has them, net.input_gradient the image's
history loss_curve_ losses: sn89.train returns the History
add append: layers are given at once, sn89.Net(sn89.Input(16, 16), sn89.Full('output', 10))
reset_parameters: it is net.restart()
modules children get_layer: it is list(net), and net['H1'] is one layer
input_shape inputs: it is net.input, the planes of the images
output_shape: it is net.outputs, the number of outputs
trainable requires_grad_: all parameters learn, except those that net.delete has set to 0
""")

#: Rules, costs, squashing functions and starts, in small letters, where no near word is ours.
VALUES = phrases("""
adam nadam rmsprop adagrad: AdamW
lm levenberg marquardt second secondorder lbfgs: LevenbergMarquardt
sdlm diagonal stochasticlm: StochasticDiagonalLM
gd gradient gradientdescent backprop: SGD
mse l2 meansquarederror squarederror lms mseloss: HalfSquaredError
softmax crossentropy categoricalcrossentropy sparsecategoricalcrossentropy nll logloss: SoftmaxCrossEntropy
rbf: RBFDiscriminative
sigmoid logistic: Tanh
none identity id: Linear
fanin lecun lecununiform: ByFanIn
glorot glorotuniform xavier kaiming he: BySqrtFanIn
""")

#: Names of the package.
NAMES = phrases("""
Sequential Model Module MLPClassifier: sn89.Net(sn89.Input(16, 16), layers, ...)
Conv2D Conv2d Conv Convolution2D: sn89.Local('H1', maps=12, kernel=5, stride=2, pad=2)
Dense FullyConnected: sn89.Full('output', 10)
MaxPooling2D MaxPool2d AveragePooling2D AvgPool2d Subsampling: sn89.Average('S2', size=2), which averages; none takes
    the maximum
callbacks Callback: sn89.EarlyStopping and sn89.KeepBest; any function of net and history is a callback too
optimizers optim: one of the rules sn89.SGD, Newton, LevenbergMarquardt, StochasticDiagonalLM and AdamW
losses loss: sn89.HalfSquaredError, SoftmaxCrossEntropy or RBFDiscriminative, a net's cost=
models keras nn: sn89.Net(sn89.Input(16, 16), layers, ...), and sn89.nets of the papers
utils to_categorical one_hot: nothing: labels are whole numbers from 0
manual_seed set_seed set_random_seed: seed= of sn89.Net and of sn89.train
device cuda no_grad tensor Tensor: nothing: arrays of NumPy, on the processor
Flatten: nothing: sn89.Full sees every unit of the planes below
Adam RMSprop Adagrad Optimizer: one of the rules sn89.SGD, Newton, LevenbergMarquardt, StochasticDiagonalLM and AdamW
CrossEntropyLoss CategoricalCrossentropy Softmax: cost=sn89.SoftmaxCrossEntropy()
MSELoss MeanSquaredError: cost=sn89.HalfSquaredError()
Sigmoid Activation LeakyReLU: squash=, one of sn89.ScaledTanh, TanhLinear, Tanh, Linear, ReLU
ModelCheckpoint: train(..., checkpoint='run.safetensors'), or sn89.KeepBest
ReduceLROnPlateau StepLR LearningRateScheduler: a rate for each pass, rate=(0.001, 0.0005)
fit compile: sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=20)
predict: net.predict(X)
load_model from_file: sn89.load('net.safetensors')
from_pytorch from_json: sn89.foreign.from_pytorch and sn89.foreign.from_json
Trainer LightningModule Learner: sn89.train(net, X, y, rule=..., passes=20)
NetClassifier: from sn89.estimator import NetClassifier
DataLoader Dataset: arrays: sn89.train(net, X, y, ...)
usps: sn89.datasets.usps()
mnist: sn89.datasets.mnist(size=16)
zip_code lenet1 lenet5 fully_connected: sn89.nets has the papers' nets
BatchNormalization BatchNorm2d LayerNorm: nothing: the nets of the papers have no such layer
""")

#: Attributes of what a training returns.
HISTORY = phrases("""
history: it is the History itself, with history.passes, history.train and history.test
loss losses cost costs: [one.cost for one in history.passes] are the mean costs
val_loss validation_loss: [one.cost for one in history.test] are those of the test set
accuracy acc metrics: 1 - history.final.train.error is the accuracy of the net
val_accuracy val_acc: 1 - history.final.test.error is the accuracy on the test set
error errors: history.final.test.error, or .train.error, is that of the net
epoch epochs: history.passes has an entry for each pass, or epoch
best best_epoch best_score stopped_epoch: history.kept and history.ended say it
plot show: sn89.plots.plot_history(history) draws it
save to_csv: sn89.save(net, 'net.safetensors', history=history), or history.to_pandas()
net model: sn89.train changes the net that you give it
keys items values: a History is no dictionary; history.to_pandas() is a table
""")
#: Attributes of a measurement.
MEASUREMENT = phrases("""
accuracy acc score: it is 1 - measurement.error
loss losses: it is measurement.cost
errors mistakes: it is measurement.wrong, or as a share measurement.error
n count total: it is measurement.patterns
confusion_matrix: sn89.measure.confusion(labels, net.predict(X), 10) counts each confusion
""")
#: Attributes of a fitted classifier.
FITTED = phrases("""
coefs_ coef_ intercepts_ intercept_: net_.arrays() has weights and biases by name
n_layers_ n_outputs_ module_ model_ model: print(net_) shows the net
history loss_curve: it is history_, and loss_curve_ has the mean cost of each pass
feature_importances_: sklearn.inspection.permutation_importance measures them for any classifier
t_: history_.state.presented counts the samples that were presented
transform fit_transform: net_.states(image) has the states of every layer
best_params_: a search has them: GridSearchCV(NetClassifier(), {'rule__rate': [0.0005, 0.001]})
""")
#: Keywords of its methods `fit` and `partial_fit`, which take no settings.
_SETTINGS = {name: f"settings belong to NetClassifier(...), and {words}" for name, words in CLASSIFIER.items()}
FITTING = _SETTINGS | phrases("""
passes rule class_weight scale: settings belong to NetClassifier(...)
sample_weights weights: it is sample_weight=, a number for each sample
""")
del FITTING["sample_weight"]
#: Attributes of a layer of a net.
LAYER = phrases("""
get_weights weight trainable_weights kernel: its arrays are weights and bias
set_weights: weights and bias are live views to write to: layer.weights[...] = values
output activation states: net.states(image) has the states of every layer
output_shape size: it is shape, (maps, height, width)
count_params parameters params: it is free_parameters
stride pad squash table maps: it is an attribute of layer.declaration
""")

#: A right call of each function and class, for the message about a wrong one.
USAGE = {
    "train": "sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=20)",
    "evaluate": "sn89.evaluate(net, X, y)",
    "save": "sn89.save(net, 'net.safetensors')",
    "load": "sn89.load('net.safetensors')",
    "prune": "sn89.prune(net, X, y, delete=0.1)",
    "Net": "sn89.Net(sn89.Input(16, 16), sn89.Full('hidden', 40), sn89.Full('output', 10))",
    "Input": "sn89.Input(16, 16), height and width, or sn89.Input(1, 64) for a signal of 64 numbers",
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


def in_our_words(words: Mapping[str, str]) -> Callable[[F], F]:
    """A decorator of functions and classes: a wrong call raises a TypeError that says what to write.

    `words` is the phrase book of keywords.
    """

    def decorate(called: F) -> F:
        function = called.__init__ if isinstance(called, type) else called  # type: ignore[misc]
        signature = inspect.signature(function)
        known = signature.parameters
        owner = called.__qualname__.removesuffix(".__init__")
        usage = USAGE.get(owner) or _usage(called, signature)

        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            others = [f"{name!r}: {words[name]}" for name in kwargs if name in words and name not in known]
            if others:
                raise TypeError(f"{owner}() has no keyword {'; nor '.join(others)}")
            try:
                signature.bind(*args, **kwargs)
            except TypeError as error:
                reason = _misfit(signature, error, args, kwargs)
                raise TypeError(f"{owner}() {reason}: write {usage}") from None
            return function(*args, **kwargs)

        if not isinstance(called, type):
            return checked  # type: ignore[return-value]
        called.__init__ = checked  # type: ignore[misc]
        return called

    return decorate


def _usage(function: Any, signature: inspect.Signature) -> str:
    """How a function is called: with what it needs, and the first of what it takes by name."""
    needed = [name for name, one in signature.parameters.items() if one.default is one.empty]
    named = [f"{name}=..." for name, one in signature.parameters.items() if one.kind is one.KEYWORD_ONLY]
    return f"{'.'.join(function.__module__.split('.')[:2])}.{function.__name__}({', '.join(needed + named[:1])})"


def _misfit(signature: inspect.Signature, error: TypeError, args: tuple[Any, ...], named: dict[str, Any]) -> str:
    """The reason why a function cannot be called so."""
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
            return f"got one argument twice, by position and by name ({error})"
        return f"takes {' and '.join(most) or 'nothing'} by position, and everything else by name"
    required = [name for name, one in known.items() if one.default is one.empty and one.kind is not one.VAR_POSITIONAL]
    return f"needs {' and '.join(name for name in required if name not in given)} too"


def others_names(words: Mapping[str, str]) -> Callable[[type[C]], type[C]]:
    """A decorator of classes: an unknown attribute raises an AttributeError that says what to write instead."""

    def decorate(kind: type[C]) -> type[C]:
        def say(self: C, name: str) -> Any:
            advice = f": {words[name]}" if name in words else ""
            raise AttributeError(f"a {kind.__name__} has no {name!r}{advice}", name=name, obj=self)

        kind.__getattr__ = say  # type: ignore[attr-defined]
        return kind

    return decorate


def names_in(module: str) -> Callable[[str], Any]:
    """A module's ``__getattr__``: an unknown name raises an AttributeError that says what to write instead."""

    def say(name: str) -> Any:
        there = vars(sys.modules[module])
        here = there.get("__all__") or [one for one in there if not one.startswith("_")]
        near = get_close_matches(name, here, 1) or get_close_matches(name.lower(), here, 1)
        likely = f"; here it is {NAMES[name]}" if name in NAMES else f"; did you mean {near[0]}?" if near else ""
        raise AttributeError(f"{module} has no {name!r}{likely}", name=name, obj=sys.modules[module])

    return say
