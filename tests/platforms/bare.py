"""The core alone, for interpreters and machines that have no NumPy.

It declares the zip-code net, draws its start, trains it on 500 patterns drawn here by each kind of rule, and prints a
hash of its parameters: the same on every platform with a fused multiply-add, which SN89_SIMD=fmaf has everywhere.

    python tests/platforms/bare.py [FOLDER OF _core]

Only the extension module is imported, not the package around it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
import sys
from array import array
from pathlib import Path
from types import SimpleNamespace

PATTERNS, SIDE, CLASSES = 500, 16, 10
RULES = {  # method, diagonal, learning rate, mu, gamma, beta, decay
    "gradient": ("first-order", "levenberg-marquardt", 0.0015, 1.0, 0.0, 0.0, 0.0),
    "Levenberg-Marquardt": ("running", "levenberg-marquardt", 0.0005, 0.05, 0.05, 0.0, 0.0),
    "Newton": ("running", "newton", 0.0005, 0.05, 0.05, 0.0, 0.0),
}


def load(folder: Path):
    """The extension module `_core`, wherever it was built."""
    found = sorted([*folder.glob("_core.*.so"), *folder.glob("_core*.pyd"), *folder.glob("_core.so")])
    if not found:
        sys.exit(f"there is no _core in {folder}: build it first, python setup.py build_ext --inplace")
    spec = importlib.util.spec_from_file_location("sn89._core", found[0])
    core = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(core)
    return core


def zip_code(core):
    def local(name, table):
        given = {"maps": 12, "kernel": (5, 5), "stride": (2, 2), "pad": (2, 2), "bias": "unit", "shared": True}
        return SimpleNamespace(kind="local", name=name, background=-1.0, table=table, **given)

    sources = [list(range(8)), list(range(4, 12)), [*range(4), *range(8, 12)]]
    layers = [local("H1", None), local("H2", [row for row in sources for _ in range(4)])]
    layers += [
        SimpleNamespace(kind="full", name=name, units=units) for name, units in (("H3", 30), ("output", CLASSES))
    ]
    squash = SimpleNamespace(kind="tanh", constants=(1.7159, 2 / 3, 0.0))
    plane = SimpleNamespace(maps=1, height=SIDE, width=SIDE, background=-1.0)
    return core.Core(plane, layers, [squash] * 4, SimpleNamespace(kind="half-squared", constant=0.0))


def view(values, code, *shape):
    return memoryview(array(code, values)).cast("B").cast(code, shape)


def drawn(count):
    """Numbers from -1 to 1 by a generator of a line, exact in float32."""
    state = 1989
    for _ in range(count):
        state = (1103515245 * state + 12345) % 2**31
        yield (state >> 15) / 32768 - 1


def main(folder: Path) -> None:
    core = load(folder)
    images = view(drawn(PATTERNS * SIDE * SIDE), "f", PATTERNS, 1, SIDE, SIDE)
    targets = view([1 if i == k else -1 for k in range(CLASSES) for i in range(CLASSES)], "f", CLASSES, CLASSES)
    labels, order = array("q", (p % CLASSES for p in range(PATTERNS))), array("q", range(PATTERNS))
    for name, rule in RULES.items():
        net = zip_code(core)
        net.start("fan-in", 2.4, 1)
        presented = net.train(rule, core.Patterns(net, images, targets, labels), order)
        parameters = memoryview(net.parameters).cast("B").cast("f").tolist()
        digest = hashlib.sha256(struct.pack(f"<{len(parameters)}f", *parameters)).hexdigest()
        print(f"{name}: {presented.count} presentations, {len(parameters)} parameters, {digest[:16]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "sn89")
