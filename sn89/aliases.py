"""Short names of types that many files annotate with."""

import os

import numpy as np
from numpy.typing import NDArray

Array = np.ndarray
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Place = str | os.PathLike[str]
Range = tuple[float, float]  # the lowest and the highest level
