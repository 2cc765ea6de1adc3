"""sn89: the 1989 Bell Labs neural-network simulator SN, reborn.

Nets are declared as planes of units with shared weights, trained one pattern at a time by a C core, and looked into::

    import sn89

    net = sn89.nets.zip_code(seed=1989)
    (X, y), (Xt, yt) = sn89.datasets.usps()
    history = sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=23, test=(Xt, yt))
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

if find_spec("sn89._core") is None:
    raise ImportError(
        "sn89's C core is not built in this folder, which is the source tree: "
        "work in another one, where the installed sn89 is found, or build the core here with `pip install -e .`"
    )

from . import datasets, export, foreign, measure, nets, pictures, plots, reader, storage, sweep, watch
from ._core import simd
from .compact import compact
from .confidence import Confidence, calibrate
from .costs import Cost, HalfSquaredError, RBFDiscriminative, SoftmaxCrossEntropy
from .distortions import Distortion
from .doubts import TrainingWarning
from .history import History
from .images import size_normalize
from .keywords import names_in
from .layers import RBF, Average, Dropout, Full, Input, Local
from .measure import Measurement
from .net import Net, ScaleWarning
from .prune import Pruning, prune
from .replicate import scan
from .rules import SGD, AdamW, LevenbergMarquardt, Newton, Rule, RuleState, StochasticDiagonalLM
from .squash import Linear, ReLU, ScaledTanh, Squash, Tanh, TanhLinear
from .starts import ByFanIn, BySqrtFanIn, Start, Uniform
from .stopping import EarlyStopping, KeepBest
from .storage import load, save
from .training import DivergedError, evaluate, train
from .version import __version__

if not TYPE_CHECKING:  # for a type checker an unknown name stays unknown
    __getattr__ = names_in(__name__)


__all__ = [
    "RBF",
    "SGD",
    "AdamW",
    "Average",
    "ByFanIn",
    "BySqrtFanIn",
    "Confidence",
    "Cost",
    "Distortion",
    "DivergedError",
    "Dropout",
    "EarlyStopping",
    "Full",
    "HalfSquaredError",
    "History",
    "Input",
    "KeepBest",
    "LevenbergMarquardt",
    "Linear",
    "Local",
    "Measurement",
    "Net",
    "Newton",
    "Pruning",
    "RBFDiscriminative",
    "ReLU",
    "Rule",
    "RuleState",
    "ScaleWarning",
    "ScaledTanh",
    "SoftmaxCrossEntropy",
    "Squash",
    "Start",
    "StochasticDiagonalLM",
    "Tanh",
    "TanhLinear",
    "TrainingWarning",
    "Uniform",
    "__version__",
    "calibrate",
    "compact",
    "datasets",
    "evaluate",
    "export",
    "foreign",
    "load",
    "measure",
    "nets",
    "pictures",
    "plots",
    "prune",
    "reader",
    "save",
    "scan",
    "simd",
    "size_normalize",
    "storage",
    "sweep",
    "train",
    "watch",
]
