"""The face of the C core's binding, `_core.pyx`, for type checkers; what it does is said there.

Arrays are C-contiguous. The classes cannot be compared and have no more attributes than these.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from .costs import Cost
from .layers import Input, Layer
from .rules import Diagonal, Step
from .squash import Squash

_Floats = NDArray[np.float32]
_Indices = NDArray[np.int64]
_Distortion = tuple[bool, float, float, float, float, float]  # Distortion.constants

class _Shape(TypedDict):
    maps: int
    height: int
    width: int

class _Counts(TypedDict):
    shape: _Shape
    units: int
    connections: int
    first: int
    weights: int
    biases: int

simd: str

def choose_simd(forced: str | None = None) -> str: ...
def size(input: Input, layers: Sequence[Layer], squashes: Sequence[Squash], cost: Cost) -> tuple[int, int]: ...

class Vector:
    def __buffer__(self, flags: int, /) -> memoryview: ...

class Patterns:
    @property
    def count(self) -> int: ...
    @property
    def weight(self) -> float: ...
    def __new__(
        cls,
        core: Core,
        images: _Floats,
        targets: _Floats | None = None,
        target: _Indices | None = None,
        weights: _Floats | None = None,
    ) -> Patterns: ...
    def digest(self) -> str: ...

class Presented:
    @property
    def count(self) -> int: ...
    @property
    def cost(self) -> float: ...
    def __init__(self, count: int = 0, cost: float = 0) -> None: ...

class Hold:
    def __enter__(self) -> None: ...
    def __exit__(self, *exception: object) -> None: ...

class Core:
    def __new__(cls, input: Input, layers: Sequence[Layer], squashes: Sequence[Squash], cost: Cost) -> Core: ...
    @property
    def counts(self) -> list[_Counts]: ...
    @property
    def parameters(self) -> Vector: ...
    @property
    def curvature(self) -> Vector: ...
    @property
    def momentum(self) -> Vector: ...
    @property
    def kept(self) -> Vector: ...
    def bring(
        self,
        parameters: _Floats | None = None,
        curvature: _Floats | None = None,
        momentum: _Floats | None = None,
        deleted: NDArray[np.uint8] | None = None,
    ) -> None: ...
    def check_finite(self) -> None: ...
    def hold(self, reads: bool = False) -> Hold: ...
    def start(self, rule: str, x: float, seed: int) -> None: ...
    def train(
        self,
        step: Step,
        patterns: Patterns,
        order: _Indices,
        tick: Callable[[int], Any] | None = None,
        distortion: _Distortion | None = None,
        seed: int = 0,
        presented: int = 0,
        so_far: Presented | None = None,
    ) -> Presented: ...
    def add_curvature(self, diagonal: Diagonal, patterns: Patterns, order: _Indices) -> None: ...
    def answer(self, X: object, empty: Callable[[int | tuple[int, int]], _Floats]) -> _Floats | None: ...
    def evaluate(self, patterns: Patterns, outputs: _Floats, costs: _Floats | None = None) -> None: ...
    def distorted(self, patterns: Patterns, distortion: _Distortion, seed: int, planes: _Floats) -> None: ...
    def derivatives(self, patterns: Patterns, diagonal: Diagonal, gradient: _Floats, curvature: _Floats) -> float: ...
    def input_gradient(self, patterns: Patterns, gradient: _Floats) -> None: ...
    def states(self, patterns: Patterns, states: list[_Floats]) -> None: ...
