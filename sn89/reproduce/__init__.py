"""The papers' tables, printed beside ours: ``from sn89.reproduce import reproduce; reproduce("zip1989")``."""

import time
from importlib import import_module
from pathlib import Path

from ..aliases import Place
from ..arguments import whole
from ..datasets.files import Folder
from .kept import kept_in
from .report import Report

#: The reproductions, each with its paper.
NAMES = {
    "zip1989": "the zip-code net and a fully connected one (Neural Computation 1989)",
    "nips1989": "LeNet-1 on handwritten and printed digits (NIPS 1989)",
    "tutorial": "LeNet-1 beside the one that tutorials build",
    "mnist2022": "the zip-code net on MNIST, with the modern steps of 2022",
    "lenet5": "LeNet-5 on MNIST, as it is and distorted (Proc. IEEE 1998)",
    "best": "the best single net and the best combination on USPS",
    "obd": "Optimal Brain Damage on LeNet-1 and other nets (NIPS 1989)",
    "left_open": "what the paper of 1989 left open, each question an experiment",
}


def reproduce(
    name: str,
    seeds: int | None = None,
    data: Folder | None = None,
    keep: Place | None = None,
) -> Report:
    """Train the nets of a paper, and print the paper's figures beside ours.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    seeds : int, optional
        Number of trainings of each kind; their seeds count from 1. The default is the module's own `SEEDS`.
    data : path, optional
        The only folder to look for the digits in.
    keep : path, optional
        A folder to keep every trained net in, so that an interrupted reproduction goes on from there. Nets of another
        version of the package, or of other digits, are not used.

    Returns
    -------
    Report
    """
    if not isinstance(name, str) or name not in NAMES:
        raise ValueError(f"there is no reproduction {name!r}; choose one of {', '.join(NAMES)}")
    module = import_module(f".{name}", __name__)
    count = whole(module.SEEDS if seeds is None else seeds, "seeds", least=1)
    started = time.perf_counter()
    with kept_in(None if keep is None else Path(keep)):
        report: Report = module.reproduce(range(1, count + 1), data)
    report.seconds = time.perf_counter() - started
    return report
