"""Random generators for a seed, which draw the same numbers on every machine."""

from collections.abc import Iterator

import numpy as np

from ..arguments import check_seed


def generator(seed: np.random.SeedSequence) -> np.random.Generator:
    """The generator of a seed; it is PCG64 whatever NumPy's default may become."""
    return np.random.Generator(np.random.PCG64(seed))


def sequence(seed: int) -> np.random.SeedSequence:
    """The seed sequence of a seed, which must be a whole number from 0 on."""
    return np.random.SeedSequence(check_seed(seed))


def generators(seed: int, count: int) -> Iterator[np.random.Generator]:
    """Independent generators for a seed."""
    return map(generator, sequence(seed).spawn(count))
