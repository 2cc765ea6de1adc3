"""Writes the seeds of declare.c: the papers' nets, small ones of every kind, and hostile ones, as its bytes.

``python tests/hardening/corpus.py`` writes them into corpus/declare; what the fuzzer finds stays where it is.
"""

from __future__ import annotations

import struct
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus" / "declare"
LOCAL, AVERAGE, FULL, RBF, DROPOUT = range(5)
TANH, LINEAR, RELU = range(3)
NO_BIAS, OF_MAP, OF_UNIT = range(3)
SHARED, TABLE = 64, 32
LENET5 = [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5], [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5]]
LENET5 += [[0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5], [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]]
EIGHT = [list(range(8))] * 4 + [list(range(4, 12))] * 4 + [[0, 1, 2, 3, 8, 9, 10, 11]] * 4


def number(n: int) -> bytes:
    """As take_int reads it."""
    return bytes([n + 8]) if -8 <= n < 184 else b"\xff" + struct.pack("<i", n)


def real(x: float) -> bytes:
    """As take_float reads it."""
    return b"\xff" + struct.pack("<f", x)


def layer(kind: int, maps: int = 1, squash: int | None = None, **told: object) -> bytes:
    """As take_layer reads it; without a squash it is the papers' tanh."""
    options = 4 if squash is None else squash << 4
    data = bytes([kind, options]) + (b"" if squash is None else real(1.5) + real(0.5) + real(0.1)) + number(maps)
    for name, usual in (("kernel", (1, 1)), ("stride", (1, 1)), ("pad", (0, 0))):
        data += b"".join(map(number, told.get(name, usual)))
    table = told.get("table")
    flags = told.get("bias", OF_UNIT) + (SHARED if told.get("shared", True) else 0) + (TABLE if table else 0)
    # 128 would read a bias of its own; the flags above it are added to a multiple of 3
    flags += next(extra for extra in (0, 1, 2) if (flags + extra) % 3 == told.get("bias", OF_UNIT))
    data += real(-1) + bytes([flags]) + real(told.get("rate", 0.25))
    if table:
        data += bytes([1]) + b"".join(number(len(row)) for row in table)
        data += b"".join(number(source) for row in table for source in row)
    if kind == RBF:
        data += bytes([1, 1])
    return data


def declaration(shape: tuple[int, int, int], *layers: bytes, cost: int = 0) -> bytes:
    """As take_declaration reads it, before what is done with the net."""
    head = b"".join(map(number, shape)) + real(-1) + bytes([cost]) + real(1.0) + bytes([len(layers)])
    return head + b"".join(layers)


def field(size: int, stride: int = 1, pad: int = 0) -> dict[str, tuple[int, int]]:
    return {"kernel": (size, size), "stride": (stride, stride), "pad": (pad, pad)}


ZIP = declaration(
    (1, 16, 16),
    layer(LOCAL, 12, **field(5, 2, 2)),
    layer(LOCAL, 12, **field(5, 2, 2), table=EIGHT),
    layer(FULL, 30),
    layer(FULL, 10),
)
LENET1 = declaration(
    (1, 28, 28),
    layer(LOCAL, 4, **field(5), bias=OF_MAP),
    layer(AVERAGE, kernel=(2, 2)),
    layer(LOCAL, 12, **field(5), bias=OF_MAP, table=[[0], [0, 1], [1], [2], [2, 3], [3]] * 2),
    layer(AVERAGE, kernel=(2, 2)),
    layer(FULL, 10),
)
LENET = declaration(
    (1, 32, 32),
    layer(LOCAL, 6, **field(5), bias=OF_MAP),
    layer(AVERAGE, kernel=(2, 2)),
    layer(LOCAL, 16, **field(5), bias=OF_MAP, table=LENET5),
    layer(AVERAGE, kernel=(2, 2)),
    layer(FULL, 84),
    layer(RBF, 10, squash=LINEAR),
    cost=2,
)
SMALL = {
    "shared": declaration((2, 9, 9), layer(LOCAL, 3, **field(3, 2, 1), table=[[0], [1, 0], [1]]), layer(FULL, 2)),
    "unshared": declaration((1, 7, 6), layer(LOCAL, 3, **field(3, 1, 1), shared=False, bias=OF_MAP), layer(FULL, 3)),
    "wide": declaration((1, 3, 40), layer(LOCAL, 2, kernel=(2, 5), stride=(1, 3), squash=RELU), layer(FULL, 2)),
    "average": declaration((2, 6, 8), layer(AVERAGE, kernel=(2, 2)), layer(AVERAGE, kernel=(3, 2)), layer(FULL, 2)),
    "rbf": declaration((1, 4, 4), layer(FULL, 5), layer(RBF, 3, squash=LINEAR), cost=2),
    "dropout": declaration(
        (1, 5, 5), layer(DROPOUT, squash=LINEAR), layer(FULL, 4, squash=TANH), layer(FULL, 3), cost=1
    ),
    "all of it": declaration((1, 4, 4), layer(LOCAL, 9, kernel=(4, 4)), layer(LOCAL, 4, squash=LINEAR), cost=1),
}
HOSTILE = {
    "empty": b"",
    "no layers": declaration((1, 4, 4)),
    "negative": declaration((-1, 4, 4), layer(FULL, 2)),
    "largest": declaration((2**31 - 1, 2**31 - 1, 2**31 - 1), layer(FULL, 2**31 - 1)),
    "many units": declaration((1, 16384, 16384), layer(LOCAL, 1)),
    "high plane": declaration((1, 2**24, 1), layer(LOCAL, 1, kernel=(2, 1))),
    "wide kernel": declaration((1, 1, 100000), layer(LOCAL, 1, kernel=(1, 99999))),
    "large pad": declaration((1, 1, 1), layer(LOCAL, 1, stride=(8000, 8000), pad=(8000, 8000))),
    "twice": declaration((3, 4, 4), layer(LOCAL, 2, table=[[0, 2], [2, 1, 2]])),
    "past the end": declaration((3, 4, 4), layer(LOCAL, 2, table=[[0, 3], [-1]])),
    "many prototypes": declaration((1, 4096, 4096), layer(RBF, 2**24, squash=LINEAR)),
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, net in {"zip": ZIP, "lenet1": LENET1, "lenet5": LENET, **SMALL, **HOSTILE}.items():
        # The room for a sentence, the tier, and what is done with the net: one of each rule, with all that there is.
        for i in range(4 if name in SMALL else 1):
            work = (
                bytes([100, i]) + bytes([9, 1, 200, 201, i * 8, 7, 0, 0, 0]) + bytes(range(60)) + bytes([i + 228]) * 20
            )
            (FOLDER / f"{name.replace(' ', '_')}_{i}").write_bytes(net + work)


if __name__ == "__main__":
    main()
