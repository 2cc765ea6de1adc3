"""A recogniser out of the box: found in the user's cache, or trained once and kept there."""

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..atomic import lock
from ..datasets.files import Folder, cache_folder
from ..declaration import plain, plain_net
from ..net import Net
from ..storage import load, save
from ..version import __version__
from . import recognisers

__all__ = ["READER", "place_of", "recogniser", "train_recogniser"]

READER = "planes"  # of `recognisers.RECOGNISERS`: the one that reads best
SEED = 1

#: The modules that decide what recognisers learn from, beyond the numbers of `_recipe`.
SOURCES = (
    *(f"{name}.py" for name in ("ink", "ground", "images", "distortions")),
    *(f"reader/{name}.py" for name in ("form", "layout", "pieces", "practice", "recognisers", "segment")),
    *(f"datasets/{name}.py" for name in ("dials", "glyphs", "mail", "nondigits", "paper")),
    *(f"datasets/{name}.py" for name in ("printed", "strokes", "synthetic")),
)


def recogniser(
    name: str = READER, *, data: Folder | None = None, cache: Folder | None = None, progress: bool | None = None
) -> Net:
    """A net that reads mail, ready for `read`. It comes from the cache, or it is trained for some minutes and kept.

    It learns from the training digits of USPS and MNIST, from pictures of them, and from letters, scribbles and
    textures, for which no output is desired. Its confidence is calibrated on digits that it has not learned from. If
    two processes want it at once, one trains it and the other waits. A version of sn89 that trains it in another way
    trains its own.

    Parameters
    ----------
    name : {"planes", "zip", "lenet1", "lenet5"}
        The recogniser: four layers of planes, which reads best, the zip-code net of 1989, LeNet-1 or LeNet-5.
    data : path, optional
        The only folder to look for the digits in.
    cache : path, optional
        The folder in which it is kept. By default it is the one into which `sn89.datasets` downloads.
    progress : bool, optional
        Whether to report on standard error, with progress bars. By default it reports if the net has to be trained.

    Returns
    -------
    Net

    Raises
    ------
    ValueError
        If there is no such recogniser.
    DataNotFoundError
        If it has to be trained, and USPS or MNIST is neither on this machine nor can be downloaded.
    ImportError
        If scikit-image or safetensors is not installed.
    """
    path = place_of(name, cache)
    if (found := _kept(path, progress)) is not None:
        return found
    with _alone(path.with_suffix(".lock"), progress):
        if (found := _kept(path, progress)) is not None:  # another process has just trained it
            return found
        if progress is not False:
            title = _known(name).title
            _say(f"training the recogniser ({title}) once, for three or four minutes; it will be kept as {path}")
        net = train_recogniser(name, data=data, progress=progress)
        try:
            save(net, path, provenance=provenance(name, SEED))
        except OSError as error:  # there is no such folder, it may not be written, or the disk is full
            _say(
                f"the recogniser could not be kept in {path.parent} ({error.strerror or error}): the next time it is "
                "trained again"
            )
        return net


def train_recogniser(
    name: str = READER, *, seed: int = SEED, data: Folder | None = None, progress: bool | None = None
) -> Net:
    """Train a recogniser anew, and calibrate its confidence.

    Parameters
    ----------
    name : {"planes", "zip", "lenet1", "lenet5"}
        The recogniser, as in `recogniser`.
    seed : int
        Seed of the initial parameters and of all that is random in training.
    data : path, optional
        The only folder to look for the digits in.
    progress : bool, optional
        Whether to show progress bars; by default if standard error is a terminal.

    Returns
    -------
    Net

    Raises
    ------
    ValueError, DataNotFoundError, ImportError
        As `recogniser` does.
    """
    from ..confidence import calibrate

    one = _known(name)
    net = one.train(recognisers.training_digits(one.form, data, progress=progress), seed, progress=progress)
    calibrate(net, *recognisers.held_out_digits(one.form, data), source=recognisers.CALIBRATED_ON)
    return net


def provenance(name: str, seed: int) -> dict[str, Any]:
    """The provenance that is written into the file of a recogniser."""
    return {"recogniser": name, "recipe": _recipe(name), "seed": seed, "sn89": __version__}


def place_of(name: str, cache: Folder | None = None) -> Path:
    """The file in which a recogniser is kept; its name depends on the recipe by which it was trained."""
    text = json.dumps(_recipe(name), sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    folder = cache_folder() / "recognisers" if cache is None else Path(cache).expanduser()
    return folder / f"{name}-{digest}.safetensors"


def _known(name: str) -> recognisers.Recogniser:
    if name not in recognisers.RECOGNISERS:
        raise ValueError(f"there is no recogniser {name!r:.40}: name one of {', '.join(recognisers.RECOGNISERS)}")
    return recognisers.RECOGNISERS[name]


def _recipe(name: str) -> dict[str, Any]:
    """All that decides what a recogniser becomes, in plain values."""
    one = _known(name)
    numbers = "PICTURES", "FROM_MNIST", "NONE", "NONDIGITS", "ELSEWHERE", "PRINTED", "HELD_OUT"
    return {
        "net": plain_net(one.net(seed=SEED)),
        "rule": plain(one.rule),
        "passes": one.passes,
        "distortion": one.distortion and plain(one.distortion),
        "none": one.none,
        **{number: getattr(recognisers, number) for number in (*numbers, "HELD_OUT_PICTURES", "SEED")},
        "sources": _sources(),
    }


@cache
def _sources() -> str:
    """A digest of the code that finds ink and makes what is learned: other code needs another recogniser."""
    root, digest = files(__package__.partition(".")[0]), hashlib.sha256()
    for name in SOURCES:
        digest.update(root.joinpath(*name.split("/")).read_bytes())
    return digest.hexdigest()[:12]


def _kept(path: Path, progress: bool | None) -> Net | None:
    """The net of that file, if there is one that is whole."""
    if not path.exists():
        return None
    try:
        return load(path)
    except ValueError as error:
        if progress is not False:
            _say(f"the recogniser is trained again, because what was kept is damaged: {error}")
        return None


def _say(words: str) -> None:
    print(f"sn89: {words}", file=sys.stderr, flush=True)


@contextmanager
def _alone(path: Path, progress: bool | None) -> Iterator[None]:
    """Hold a lock, which the system releases if the process dies.

    In a folder that cannot be written and on some network drives there is none. Then several processes may train, and
    the file, which is written whole or not at all, is that of the last.
    """
    with ExitStack() as held:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            file = held.enter_context(open(path, "ab"))
            if not lock(file):
                if progress is not False:
                    _say("waiting for another process, which is training the recogniser")
                while not lock(file):
                    time.sleep(0.2)
        yield
