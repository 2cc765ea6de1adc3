"""PyTorch, one thread: a module, its automatic gradients, and the optimiser's step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from sn89 import Net

from . import AMPLITUDE, BACKGROUND, GROUPS, SLOPE, MissingError, flat, parameters

try:
    import torch
except ImportError:
    torch = None


def squashed(a: torch.Tensor) -> torch.Tensor:
    """A tanh(S a)."""
    return AMPLITUDE * torch.tanh(SLOPE * a)


def bordered(x: torch.Tensor) -> torch.Tensor:
    """Two rows and columns of background around every plane."""
    return torch.nn.functional.pad(x, (2, 2, 2, 2), value=BACKGROUND)


def build(net: Net) -> torch.nn.Module:
    """The zip-code net as a module, with the parameters of ours."""
    if torch is None:
        raise MissingError("PyTorch is not installed (pip install torch)")
    torch.set_num_threads(1)

    class Zip(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name, value in parameters(net).items():
                self.register_parameter(name.replace(" ", "_"), torch.nn.Parameter(torch.from_numpy(value)))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            """Images (n, 1, 16, 16) to outputs (n, 10)."""
            conv = torch.nn.functional.conv2d
            x = bordered(squashed(conv(bordered(x), self.H1_weights, stride=2) + self.H1_bias))
            maps = []
            for group, parts in enumerate(GROUPS):
                seen = [x[:, first:end] for first, end in parts]
                source = seen[0] if len(seen) == 1 else torch.cat(seen, 1)
                maps.append(conv(source, self.H2_weights[4 * group : 4 * group + 4], stride=2))
            x = squashed(torch.cat(maps, 1) + self.H2_bias).flatten(1)
            x = squashed(x @ self.H3_weights.T + self.H3_bias)
            return squashed(x @ self.output_weights.T + self.output_bias)

    return Zip()


def trainer(
    net: Net, X: np.ndarray, targets: np.ndarray, rate: float, compiled: bool = False
) -> Callable[[], np.ndarray]:
    """A call that presents every pattern once, with a first-order step after each, and returns the parameters."""
    module = build(net)
    forward = torch.compile(module) if compiled else module
    images, wanted = torch.from_numpy(X)[:, None, None], torch.from_numpy(targets)[:, None]
    optimiser = torch.optim.SGD(module.parameters(), rate)

    def call() -> np.ndarray:
        for image, target in zip(images, wanted, strict=True):
            optimiser.zero_grad()
            cost = 0.5 * ((forward(image) - target) ** 2).sum()
            cost.backward()
            optimiser.step()
        return flat({name.replace("_", " "): value.detach() for name, value in module.named_parameters()})

    return call


compiled_trainer = partial(trainer, compiled=True)


def evaluator(net: Net, X: np.ndarray, batch: int) -> Callable[[], np.ndarray]:
    """A call that gives the outputs for X, so many at a time."""
    module, images = build(net), torch.from_numpy(X)[:, None]

    def call() -> np.ndarray:
        with torch.inference_mode():
            return np.concatenate([module(images[i : i + batch]).numpy() for i in range(0, len(images), batch)])

    return call
