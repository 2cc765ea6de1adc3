"""NetLayer: one layer of a net, with its counts and live views of its parameters."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .aliases import Array
from .counted import counted
from .keywords import LAYER, others_names
from .layers import RBF, Average, Full, Input, Layer, Local, all_to_all, as_pair


@others_names(LAYER)
class NetLayer:
    """One layer of a net: its counts, and live views of its parameters.

    Attributes
    ----------
    name, kind : str
        Its name, and its kind: "input", "local", "average", "full", "rbf" or "dropout".
    declaration : Layer or Input
        Its declaration.
    shape : (int, int, int)
        Maps, height and width.
    sources : int
        Number of maps below; 0 for the input.
    flat : bool
        Whether its units form no planes; their states have shape (units,) then.
    units, connections, free_parameters : int
        Counted as in the papers: biases are connections, and so are inputs from the background. Deleted parameters and
        their connections are not counted.
    deleted : NetLayer
        The same layer with the mask of deleted parameters: ``net["H1"].deleted.weights`` are True where
        ``net["H1"].weights`` are deleted.
    """

    def __init__(
        self,
        name: str,
        declaration: Input | Layer,
        counts: Mapping[str, Any],
        sources: int,
        parameters: Array,
        flat: bool = False,
        deleted: Array | None = None,
    ) -> None:
        self.name = name
        self.kind = getattr(declaration, "kind", "input")
        self.declaration = declaration
        shape = counts["shape"]
        self.shape = (shape["maps"], shape["height"], shape["width"])
        self.units: int = counts["units"]
        self.sources = sources
        self.flat = flat
        self.first: int = counts["first"]
        middle, end = self.first + counts["weights"], self.first + counts["weights"] + counts["biases"]
        self.parameters = parameters[self.first : end]  # weights first, then biases
        self._weights, self._bias = parameters[self.first : middle], parameters[middle:end]
        gone = (0, 0) if deleted is None else (int(deleted[self.first : middle].sum()), int(deleted[middle:end].sum()))
        self.free_parameters: int = end - self.first - sum(gone)
        self.connections: int = counts["connections"] - _connections(counts, *gone)
        self.deleted = self if deleted is None else NetLayer(name, declaration, counts, sources, deleted, flat)

    @property
    def table(self) -> tuple[tuple[int, ...], ...] | None:
        """The source maps that each map sees; None for all but local connections."""
        if not isinstance(self.declaration, Local):
            return None
        if self.declaration.table is not None:
            return tuple(tuple(row) for row in self.declaration.table)
        return all_to_all(self.sources, self.shape[0])

    @property
    def kernels(self) -> Array | None:
        """The kernels of local connections, map after map in the order of `table`; None for other kinds.

        A float32 view of shape (kernels, height, width), with the unit's (row, column) as two more dimensions if
        kernels are not shared.
        """
        if not isinstance(self.declaration, Local):
            return None
        unit = () if self.declaration.shared else self.shape[1:]
        return self._weights.reshape(-1, *as_pair(self.declaration.kernel), *unit)

    @property
    def weights(self) -> Array | list[Array] | None:
        """The weights as a live float32 view; None for the input.

        Local connections: `kernels` by map, (maps, sources, height, width), or a list of one array per map if maps have
        different numbers of sources. Averages: the coefficients, (maps,). Full connections: (units, inputs). RBF: the
        prototypes, (units, inputs), which are read-only.
        """
        match self.declaration:
            case Local():
                kernels = self.kernels
                assert kernels is not None
                fans = [len(row) for row in self.table or ()]
                if len(set(fans)) == 1:
                    return kernels.reshape(self.shape[0], fans[0], *kernels.shape[1:])
                return np.split(kernels, np.cumsum(fans)[:-1])
            case Full():
                return self._weights.reshape(self.units, -1)
            case Average():
                return self._weights
            case RBF():
                return self.declaration.prototypes
        return None

    @property
    def bias(self) -> Array | None:
        """The biases as a live float32 view, (maps,) or (maps, height, width) or (units,); None if there are none."""
        if not self._bias.size:
            return None
        per_unit = isinstance(self.declaration, Local) and self.declaration.bias == "unit"
        return self._bias.reshape(self.shape) if per_unit else self._bias

    def _repr_html_(self) -> str:
        from .html import layer_html

        return layer_html(self)

    def __repr__(self) -> str:
        return (
            f'<layer "{self.name}": {counted(self.units, "unit")}, {counted(self.connections, "connection")}, '
            f"{counted(self.free_parameters, 'free parameter')}>"
        )


def _connections(counts: Mapping[str, Any], weights: int, biases: int) -> int:
    """The number of connections that some weights and biases have; all weights of a layer have equally many."""
    units = counts["units"] if counts["biases"] else 0
    each = (counts["connections"] - units) // max(1, counts["weights"])
    return int(weights * each + biases * (units // max(1, counts["biases"])))
