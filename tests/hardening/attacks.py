"""Random attacks on nets and files: arrays, threads, interrupts and mutated files.

    python tests/hardening/attacks.py                     # 10,000 attacks of seed 1
    python tests/hardening/attacks.py --seed 7 --only 42  # one of them again

Every attack is made of the seed and its number alone, but for when threads and signals come. After it the net must be
unchanged if the call failed, and finite if not; what was read beside a training must be of a net before or after that;
an interrupted training must be a state of the undisturbed one; an error must be one that the documentation names, of
one line; and nothing may take more than a second of processor time. Attacks run in processes of some hundreds, so that
one that ends its process, or does not end, is known by its number, and the rest goes on.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import faulthandler
import gzip
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

import sn89

Random = np.random.Generator
CORPUS = Path(__file__).parent / "corpus"
BATCH = 500  # attacks in one process
HANGS = 600  # seconds after which an attack is given up
LEAST, MOST = 3, 12  # images of an attack on arrays
ENOUGH = 10  # answers read beside a training
DOCUMENTED = (ValueError, TypeError, IndexError, RuntimeError, OSError, MemoryError, sn89.DivergedError)
QUIET: dict[str, Any] = {"measure": False, "progress": False}


class BrokenError(Exception):
    """A promise that an attack has broken."""


def small() -> sn89.Net:
    """A net that takes microseconds."""
    return sn89.Net(sn89.Input(6, 6), sn89.Local("H1", maps=2, kernel=3), sn89.Full("output", 3), seed=1)


def digits(count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(count)
    return random.uniform(-1, 1, (count, 6, 6)).astype(np.float32), random.integers(0, 3, count)


def told(net: sn89.Net) -> tuple[Any, ...]:
    """All that a failed call must leave as it was."""
    vectors = net.parameters, net.curvature, net.momentum, net.deleted
    return *(one.tobytes() for one in vectors), net.confidence, net.levels, net.image_shape


def require(holds: object, what: str) -> None:
    if not holds:
        raise BrokenError(what)


def check_error(error: Exception) -> None:
    """An error must be one that is documented, with one line to read."""
    exact = type(error) in DOCUMENTED or isinstance(error, OSError | MemoryError)
    require(exact, f"{type(error).__name__} is not documented: {error}")
    require(str(error) and len(str(error).splitlines()) == 1, f"no message of one line: {error!s:.300}")
    require(len(str(error)) <= 1000, f"a message of {len(str(error))} characters: {error!s:.100}")


def check_finite(net: sn89.Net) -> None:
    for name in ("parameters", "curvature", "momentum"):
        require(np.isfinite(getattr(net, name)).all(), f"{name} are not finite")


# ---- Arrays -----------------------------------------------------------------------------------------------------


class Other(np.ndarray):
    """A subclass of ndarray that knows what it was made of."""

    def __array_finalize__(self, of: object) -> None:
        self.of = of


class Lying:
    """What says that it is an array, and is none."""

    shape, dtype, ndim = (3, 6, 6), np.dtype(np.float32), 3

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return {"shape": (3, 6, 6), "typestr": "<f4", "data": b"", "version": 3}


DTYPES = ["f2", "f8", ">f4", ">f8", "c8", "i1", "u1", "i8", ">i2", "u8", "?", "M8[s]", "m8[s]", "S3", "U3", "O", "V4"]
VALUES = (np.nan, np.inf, -np.inf, 1e38, -3.4e38, 1e-45, 1e300, -1, 2**31, 2**63, 0)
ODD: tuple[Any, ...] = (
    None,
    "digits",
    b"\0" * 144,
    [],
    [[1], [2, 3]],
    {},
    3,
    -1,
    2.5,
    object(),
    Lying(),
    np.float32(1),
)


def _cast(random: Random, one: np.ndarray) -> Any:
    dtype = random.choice(DTYPES)
    return np.zeros(one.shape, dtype) if dtype in ("V4", "M8[s]", "m8[s]") else one.astype(dtype)


def _value(random: Random, one: np.ndarray) -> Any:
    made = one.astype(np.float64 if one.dtype.kind == "f" and random.random() < 0.3 else one.dtype)
    if made.size:
        made.flat[random.integers(made.size)] = VALUES[random.integers(len(VALUES))]
    return made


def _reshaped(random: Random, one: np.ndarray) -> Any:
    shape = list(one.shape)
    for _ in range(random.integers(1, 3)):
        shape.insert(random.integers(len(shape) + 1), random.integers(3))
    return np.resize(one, shape[-int(random.integers(1, 6)) :])


def _strided(random: Random, one: np.ndarray) -> Any:
    made = np.repeat(one, 2, axis=random.integers(one.ndim)) if one.ndim else one
    return made[tuple(slice(None, None, int(random.choice([-2, -1, 1, 2]))) for _ in range(made.ndim))]


def _overlapping(random: Random, one: np.ndarray) -> Any:
    strides = [int(random.choice([0, stride])) for stride in one.strides]
    return as_strided(one, one.shape, strides)


def _read_only(_: Random, one: np.ndarray) -> Any:
    made = one.copy()
    made.flags.writeable = False
    return made


def _unaligned(_: Random, one: np.ndarray) -> Any:
    return np.frombuffer(b"\0" + one.tobytes(), np.uint8)[1:].view(one.dtype).reshape(one.shape)


def _objects(random: Random, one: np.ndarray) -> Any:
    made = one.astype(object)
    if made.size:
        made.flat[random.integers(made.size)] = ODD[random.integers(len(ODD))]
    return made


#: What becomes of an array that a call expects.
MUTATIONS: tuple[Callable[[Random, np.ndarray], Any], ...] = (
    _cast,
    _value,
    _reshaped,
    _strided,
    _overlapping,
    _read_only,
    _unaligned,
    _objects,
    lambda random, one: one.byteswap().view(one.dtype.newbyteorder()),
    lambda random, one: np.ma.masked_array(one, random.random(one.shape) < 0.2),
    lambda random, one: one.view(Other),
    lambda random, one: memoryview(np.ascontiguousarray(one)),
    lambda random, one: one.tolist(),
    lambda random, one: one[:0],
    lambda random, one: one.reshape(-1)[:1].reshape(()),
    lambda random, one: np.asfortranarray(one),
    lambda random, one: np.broadcast_to(one[:1], (2**40, *one.shape[1:])),
    lambda random, one: one[: random.integers(len(one) + 1)],
    lambda random, one: ODD[random.integers(len(ODD))],
)


def mutated(random: Random, one: Any) -> Any:
    """An array after one or two mutations."""
    for _ in range(random.integers(1, 3)):
        if isinstance(one, np.ndarray) and one.ndim and one.size and one.size < 2**20:
            with contextlib.suppress(ValueError, TypeError, OverflowError):  # this cannot be made of that
                one = MUTATIONS[random.integers(len(MUTATIONS))](random, one)
    return one


Call = Callable[[sn89.Net, dict[str, Any]], Any]
#: Calls that leave a net as it was, and those that may change it; each takes what it needs of the arrays.
READING: dict[str, Call] = {
    "call": lambda net, a: net(a["X"]),
    "predict": lambda net, a: net.predict(a["X"]),
    "confident": lambda net, a: net.confident(a["X"]),
    "evaluate": lambda net, a: sn89.evaluate(net, a["X"], a["y"]),
    "states": lambda net, a: net.states(a["image"]),
    "derivatives": lambda net, a: net.derivatives(a["image"], a["label"]),
    "input_gradient": lambda net, a: net.input_gradient(a["image"], a["label"]),
    "saliencies": lambda net, a: net.saliencies(a["X"], a["y"]),
    "distorted": lambda net, a: net.distorted(a["X"], sn89.Distortion(shift=1)),
    "patterns": lambda net, a: net.patterns(a["X"], a["y"], a["weights"]),
    "layers_of": lambda net, a: net.layers_of(a["vector"]),
    "size_normalize": lambda net, a: sn89.size_normalize(a["image"]),
    "picture": lambda net, a: sn89.pictures.load(a["image"]),
}
CHANGING: dict[str, Call] = {
    "train": lambda net, a: sn89.train(net, a["X"], a["y"], rule=sn89.SGD(0.01), passes=1, **QUIET),
    "train weighted": lambda net, a: sn89.train(
        net, a["X"], a["y"], rule=sn89.LevenbergMarquardt(), passes=1, sample_weight=a["weights"], **QUIET
    ),
    "train tested": lambda net, a: sn89.train(
        net, *digits(LEAST), rule=sn89.SGD(0.01), passes=1, test=(a["X"], a["y"]), progress=False
    ),
    "prune": lambda net, a: sn89.prune(net, a["X"], a["y"], delete=3, progress=False),
    "delete": lambda net, a: net.delete(a["vector"]),
    "undelete": lambda net, a: net.undelete(a["vector"]),
    "set_state": lambda net, a: net.set_state(a["vector"], a["vector"]),
    "estimate_curvature": lambda net, a: net.estimate_curvature(
        "levenberg-marquardt", net.patterns(*digits(LEAST)), a["y"]
    ),
    "image_shape": lambda net, a: setattr(net, "image_shape", a["y"]),
    "calibrate": lambda net, a: sn89.calibrate(net, a["X"], a["y"]),
}


def attack_arrays(random: Random, folder: Path) -> str:
    """Call something with one or two arrays that it does not expect."""
    calls = READING | CHANGING
    name = str(random.choice(list(calls)))
    net, (X, y) = small(), digits(int(random.integers(LEAST, MOST)))
    net.delete([1])
    arrays: dict[str, Any] = {"X": X, "y": y, "image": X[0], "label": y[0], "weights": np.ones(len(X), np.float32)}
    arrays["vector"] = net.parameters.copy()
    for which in random.choice(list(arrays), random.integers(3, 6), replace=False):
        arrays[which] = mutated(random, np.asarray(arrays[which]))
    before = told(net)
    try:
        found = calls[name](net, arrays)
    except Exception as error:
        require(told(net) == before, f"{name} failed ({error}) and changed the net")
        check_error(error)
        return "refused"
    require(name in CHANGING or told(net) == before, f"{name} changed the net")
    check_finite(net)
    if name == "call" and arrays["X"] is not None:
        plain = np.array(np.asarray(arrays["X"]), np.float32, order="C")
        require(np.array_equal(found, net(plain)), "other outputs than of a plain copy of the images")
    return "went on"


# ---- Threads ----------------------------------------------------------------------------------------------------

READERS: dict[str, Callable[[sn89.Net, Path], Any]] = {
    "deepcopy": lambda net, _: copy.deepcopy(net).parameters.tobytes(),
    "save": lambda net, path: (sn89.save(net, path), sn89.load(path).parameters.tobytes())[1],
    "call": lambda net, _: net(digits(LEAST)[0]).tobytes(),
    "states": lambda net, _: net.states(digits(1)[0][0])["output"].tobytes(),
    "C": lambda net, path: (sn89.export.c(net, path.with_suffix(".c")), path.with_suffix(".c").read_bytes())[1],
}


def attack_threads(random: Random, folder: Path) -> str:
    """Read a net while another thread trains it: an answer is of a net before or after a training, or it is refused."""
    net, (X, y) = small(), digits(int(random.integers(20, 200)))
    rivals = bool(random.random() < 0.3)  # then several train, and nothing is known but that all is well in the end
    names = [str(one) for one in random.choice(list(READERS), random.integers(1, 4))]
    found: list[tuple[str, Any]] = []
    broken: list[Exception] = []
    states, over, begun = [copy.deepcopy(net)], threading.Event(), threading.Barrier(1 + len(names))

    def train() -> None:
        for _ in range(2):
            sn89.train(net, X, y, rule=sn89.LevenbergMarquardt(), passes=2, **QUIET)
            while not rivals:
                with contextlib.suppress(RuntimeError):  # a reader has the net just now
                    states.append(copy.deepcopy(net))
                    break

    def refused(work: Callable[[], Any]) -> None:
        try:
            work()
        except RuntimeError as error:
            require("thread" in str(error), f"not refused for a thread: {error}")
            check_error(error)

    def read(name: str, path: Path) -> None:
        def work() -> None:
            if rivals:
                train()
            else:
                found.append((name, READERS[name](net, path)))

        begun.wait()
        try:
            while not over.is_set():
                refused(work)
                if len(found) > ENOUGH or rivals:
                    break
        except Exception as error:
            broken.append(error)

    paths = [Path(tempfile.mkdtemp(dir=folder)) / "net.safetensors" for _ in names]  # by one name: it stands in C
    others = [threading.Thread(target=read, args=pair) for pair in zip(names, paths, strict=True)]
    for one in others:
        one.start()
    begun.wait()
    try:
        for _ in range(5):  # a reader may have the net just now
            refused(train)
    finally:
        over.set()
        for one in others:
            one.join()
    if broken:
        raise broken[0]
    check_finite(net)
    for name in {name for name, _ in found}:
        right = {READERS[name](one, folder / "net.safetensors") for one in states}
        require({told for other, told in found if other == name} <= right, f"{name}: neither before nor after")
    return "several trained" if rivals else "read" if found else "refused"


# ---- Interrupts -------------------------------------------------------------------------------------------------

PASSES, MANY = 2, 300


@cache
def trajectory() -> frozenset[bytes]:
    """The parameters before a training, and after each of its presentations."""
    net, (X, y) = small(), digits(MANY)
    found = [net.parameters.tobytes()]
    for i in [*range(MANY)] * PASSES:
        sn89.train(net, X[i : i + 1], y[i : i + 1], rule=sn89.SGD(0.01), passes=1, **QUIET)
        found.append(net.parameters.tobytes())
    return frozenset(found)


INTERRUPTED: dict[str, Callable[[sn89.Net, Path], Any]] = {
    "train": lambda net, _: sn89.train(net, *digits(MANY), rule=sn89.SGD(0.01), passes=PASSES, **QUIET),
    "train with a checkpoint": lambda net, path: sn89.train(
        net, *digits(MANY), rule=sn89.SGD(0.01), passes=PASSES, checkpoint=path, checkpoint_interval=0, **QUIET
    ),
    "train by curvature": lambda net, _: sn89.train(
        net, *digits(MANY), rule=sn89.StochasticDiagonalLM(0.001, samples=50), passes=PASSES, **QUIET
    ),
    "save": lambda net, path: sn89.save(net, path),
    "evaluate": lambda net, _: sn89.evaluate(net, *digits(MANY)),
    "prune": lambda net, _: sn89.prune(net, *digits(MANY), delete=5, rounds=3, progress=False),
    "estimate_curvature": lambda net, _: net.estimate_curvature(
        "levenberg-marquardt", net.patterns(*digits(MANY)), np.arange(MANY)
    ),
}


@contextlib.contextmanager
def sigint_after(seconds: float) -> Iterator[None]:
    """SIGINT once, so many seconds after the block began, unless it is over by then."""
    usual = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, usual)


def attack_interrupts(random: Random, folder: Path) -> str:
    """Ctrl-C somewhere in a call: the net is as before or in a state of the training, and files are whole."""
    name, net, path = str(random.choice(list(INTERRUPTED))), small(), folder / "interrupted.safetensors"
    path.unlink(missing_ok=True)
    before, interrupted = told(net), False
    try:
        with sigint_after(float(random.uniform(1e-5, 1e-2) ** random.uniform(0.8, 1.2))):
            INTERRUPTED[name](net, path)
    except KeyboardInterrupt:
        interrupted = True
    check_finite(net)
    if name in ("save", "evaluate"):
        require(told(net) == before, f"{name} changed the net")
    if name in ("train", "train with a checkpoint"):
        require(net.parameters.tobytes() in trajectory(), f"{name}: parameters that the training never had")
    if name == "prune":
        require(
            not net.parameters[net.deleted].any() and net.deleted.sum() in (0, 5, 10, 15), "half a round of pruning"
        )
    if path.exists():
        require(np.isfinite(sn89.load(path).parameters).all(), f"{name}: a file that is not finite")
    require(not list(folder.glob("*.part*")), f"{name} left {[one.name for one in folder.glob('*.part*')]}")
    return "interrupted" if interrupted else "was over"


# ---- Files ------------------------------------------------------------------------------------------------------


def _trained(path: Path, passes: int) -> sn89.Net:
    net = small()
    how: dict[str, Any] = {"checkpoint": path, "checkpoint_interval": 0, "resume": True, "progress": False}
    sn89.train(net, *digits(20), rule=sn89.LevenbergMarquardt(), passes=passes, test=digits(5), **how)
    return net


def _picture(path: Path) -> object:
    return sn89.size_normalize(sn89.pictures.load(path, limit=2**20))


def _idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


READS: dict[str, Callable[[Path], object]] = {
    "net.safetensors": lambda path: sn89.load(path, limit=2**22),
    "about.safetensors": lambda path: sn89.storage.about(path),
    "checkpoint.safetensors": lambda path: _trained(path, 2),
    "images.idx": lambda path: sn89.datasets.load(path.parent, limit=2**22),
    "digits.npz": lambda path: sn89.datasets.load(path, limit=2**22),
    "digits.csv": lambda path: sn89.datasets.load(path, limit=2**22),
    "digits.csv.gz": lambda path: sn89.datasets.load(path, limit=2**22),
    "grey.pgm": _picture,
    "grey.png": _picture,
    "one.pt": lambda path: sn89.foreign.from_pytorch(path),
    "frame.json": lambda path: sn89.foreign.from_json(path),
}


@cache
def sound_files() -> dict[str, bytes]:
    """The content of each of these files, as it should be."""
    from io import BytesIO

    from PIL import Image

    with tempfile.TemporaryDirectory() as name:
        path, npz, pgm, png = Path(name, "one.safetensors"), BytesIO(), BytesIO(), BytesIO()
        net = _trained(path, 1)
        checkpoint = path.read_bytes()
        sn89.save(net, path)
        saved = path.read_bytes()
    X, y = np.random.default_rng(1).integers(0, 256, (30, 16, 16)).astype(np.uint8), np.arange(30) % 10
    np.savez_compressed(npz, X=X, y=y)
    Image.fromarray(X[0]).save(pgm, "PPM")
    Image.fromarray(X[0]).save(png, "PNG")
    rows = "\n".join(",".join(map(str, [label, *image.ravel()])) for image, label in zip(X, y, strict=True)).encode()
    content = [saved, saved, checkpoint, _idx(X), npz.getvalue(), rows, gzip.compress(rows, mtime=0), pgm.getvalue()]
    corpus = [(CORPUS / one).read_bytes() for one in ("pt/one", "json/frame")]
    return dict(zip(READS, [*content, png.getvalue(), *corpus], strict=True))


def mutated_bytes(random: Random, content: bytes) -> bytes:
    """A file after one to four mutations, most of them in its head, where sizes stand."""
    made = bytearray(content)
    for _ in range(random.integers(1, 5)):
        end = len(made) if random.random() < 0.5 else min(len(made), 400)
        start, stop = sorted(random.integers(0, end + 1, 2).tolist())
        match random.integers(7):
            case 0 if stop < len(made):
                made[stop] ^= 1 << int(random.integers(8))
            case 1:
                del made[start : min(stop, start + 40)]
            case 2:
                made[start:start] = made[start : min(stop, start + 1000)]
            case 3:
                del made[stop:]
            case 4:
                made[start : start + 4] = random.choice([b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"])
            case 5:  # another number where one stands as text
                digit = next((i for i in range(start, len(made)) if 48 <= made[i] < 58), None)
                if digit is not None:
                    made[digit : digit + 1] = random.choice([b"-1", b"9" * 30, b"1e9", b"NaN", b"0", b"99999"])
            case 6:
                made[start : start + 8] = random.bytes(8)
    return bytes(made)


def attack_files(random: Random, folder: Path) -> str:
    """Read a file that was mutated: something finite comes out of it, or an error."""
    name = str(random.choice(list(READS)))
    place = Path(tempfile.mkdtemp(dir=folder))
    content = mutated_bytes(random, sound_files()[name])
    if name == "images.idx":
        (place / "train-labels-idx1-ubyte").write_bytes(_idx(np.arange(30, dtype=np.uint8) % 10))
        (place / "train-images-idx3-ubyte").write_bytes(content)
    (place / name).write_bytes(content) if name != "images.idx" else None
    try:
        found = READS[name](place / name)
    except Exception as error:
        check_error(error)
        return "refused"
    if isinstance(found, sn89.Net):
        check_finite(found)
    return "went on"


# ---- All of them ------------------------------------------------------------------------------------------------

ATTACKS = {"arrays": attack_arrays, "threads": attack_threads, "interrupts": attack_interrupts, "files": attack_files}


def kind_of(number: int) -> str:
    return list(ATTACKS)[number % len(ATTACKS)]


def attack(seed: int, number: int, folder: Path, most: float) -> tuple[str, str | None]:
    """One attack: what became of it, and what was wrong, if anything was."""
    random = np.random.default_rng([seed, number])
    began = time.process_time()
    try:
        with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            became = ATTACKS[kind_of(number)](random, folder)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return "broken", f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"[:600]
    if (took := time.process_time() - began) > most:
        return became, f"{took:.2f} s of processor time"
    return became, None


def carry_out(seed: int, numbers: range, most: float) -> None:
    """Attacks in this process; a line before each and one after."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what is started in the background ignores it
    trajectory(), sound_files()  # whose time belongs to no attack
    with tempfile.TemporaryDirectory() as name:
        sn89.export.c(small(), Path(name, "first.c"))  # nor that of imports
        for number in numbers:
            print(f"begin {number}", flush=True)
            faulthandler.dump_traceback_later(HANGS, exit=True)
            became, wrong = attack(seed, number, Path(name), most)
            faulthandler.cancel_dump_traceback_later()
            print(f"end {became}" if wrong is None else f"wrong {wrong!r}", flush=True)


def batch(seed: int, numbers: range, most: float) -> tuple[dict[str, int], list[str]]:
    """Attacks in processes of their own: how many of each kind became what, and what was wrong."""
    counts: dict[str, int] = {}
    wrong: list[str] = []
    while numbers:
        told = ["--seed", seed, "--seconds", most, "--batch", numbers.start, numbers.stop]
        done = subprocess.run([sys.executable, __file__, *map(str, told)], capture_output=True, text=True, check=False)
        number = numbers.start - 1
        for line in done.stdout.splitlines():
            word, _, rest = line.partition(" ")
            number = int(rest) if word == "begin" else number
            if word == "wrong":
                wrong.append(f"{number} ({kind_of(number)}): {rest}")
            if word == "end":
                counts[f"{kind_of(number)} {rest}"] = counts.get(f"{kind_of(number)} {rest}", 0) + 1
        if done.returncode:
            wrong.append(f"{number} ended the process ({done.returncode}): {done.stderr[-2000:]}")
        if done.returncode and number < numbers.start:
            break  # no attack has begun
        numbers = range(number + 1, numbers.stop)
    return counts, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000, help="of attacks (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="that they are made of (%(default)s)")
    parser.add_argument("--only", type=int, metavar="K", help="attack number K alone")
    parser.add_argument("--seconds", type=float, default=1, help="of processor time for each (%(default)s)")
    parser.add_argument("--batch", type=int, nargs=2, metavar=("FROM", "TO"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.batch:
        carry_out(given.seed, range(*given.batch), given.seconds)
        return 0
    numbers = range(given.count) if given.only is None else range(given.only, given.only + 1)
    counts: dict[str, int] = {}
    wrong: list[str] = []
    for start in range(numbers.start, numbers.stop, BATCH):
        some, others = batch(given.seed, range(start, min(start + BATCH, numbers.stop)), given.seconds)
        wrong += others
        for one in others:
            print(one, flush=True)
        for what, count in some.items():
            counts[what] = counts.get(what, 0) + count
    for what, count in sorted(counts.items()):
        print(f"{what:26} {count:6,}")
    print(f"{len(numbers):,} attacks of seed {given.seed}: {len(wrong) or 'nothing'} broken")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
