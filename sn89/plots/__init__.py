"""Pictures of nets, in matplotlib and in gray, as in the papers.

What a net is: `plot_table`, `plot_receptive_field`. What it has learned: `plot_kernels`, `plot_all_kernels`,
`plot_kernel_history`, `plot_hinton`, `plot_prototypes`. What it makes of a digit: `plot_feature_maps`, `plot_sweep`,
`plot_saliency`. How it learned: `plot_history`, `plot_curvature`, `plot_rates`. What it can do without:
`plot_saliencies`, `plot_pruning`. How well it does: `plot_confusion`, `plot_rejection`, `plot_mistakes`. All of it on
one sheet: `plot_report`.

Every function returns a `Picture`. Those that draw on one axes take yours as ``ax=``, those that need more take a
figure or a part of one as ``figure=``. Colours and sizes are those of matplotlib's style at the time: of
``plt.style.use``, ``font.size``, ``image.cmap``. matplotlib is imported only when a function is called.
"""

from .curvature import plot_curvature
from .fields import plot_receptive_field, receptive_field
from .figures import Picture
from .gallery import plot_mistakes
from .hinton import plot_hinton
from .kernels import plot_all_kernels, plot_kernel_history, plot_kernels
from .learning import plot_history
from .line import plot_sweep
from .prototypes import plot_prototypes
from .pruning import plot_pruning, plot_saliencies
from .rates import plot_rates
from .results import plot_confusion, plot_rejection
from .saliency import plot_saliency
from .sheet import plot_report
from .states import plot_feature_maps
from .table import plot_table

__all__ = [
    "Picture",
    "plot_all_kernels",
    "plot_confusion",
    "plot_curvature",
    "plot_feature_maps",
    "plot_hinton",
    "plot_history",
    "plot_kernel_history",
    "plot_kernels",
    "plot_mistakes",
    "plot_prototypes",
    "plot_pruning",
    "plot_rates",
    "plot_receptive_field",
    "plot_rejection",
    "plot_report",
    "plot_saliencies",
    "plot_saliency",
    "plot_sweep",
    "plot_table",
    "receptive_field",
]
