"""Pictures of nets, in matplotlib and in gray, as in the papers.

What a net is: `plot_table`, `plot_receptive_field`. What it has learned: `plot_kernels`, `plot_all_kernels`,
`plot_hinton`. What it makes of a digit: `plot_feature_maps`. How it learned: `plot_history`, `plot_curvature`. How well
it does: `plot_confusion`, `plot_rejection`, `plot_mistakes`. All of it on one sheet: `plot_report`.

Every function that draws on one axes takes them, if you have them, and returns them; the others return a figure.
matplotlib is imported only when one is called.
"""

from .curvature import plot_curvature
from .fields import plot_receptive_field, receptive_field
from .gallery import plot_mistakes
from .hinton import plot_hinton
from .kernels import plot_all_kernels, plot_kernels
from .learning import plot_history
from .results import plot_confusion, plot_rejection
from .sheet import plot_report
from .states import plot_feature_maps
from .table import plot_table

__all__ = [
    "plot_all_kernels",
    "plot_confusion",
    "plot_curvature",
    "plot_feature_maps",
    "plot_hinton",
    "plot_history",
    "plot_kernels",
    "plot_mistakes",
    "plot_receptive_field",
    "plot_rejection",
    "plot_report",
    "plot_table",
    "receptive_field",
]
