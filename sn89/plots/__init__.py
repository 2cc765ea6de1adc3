"""Pictures of nets in matplotlib, in gray, as in the papers.

- The net: `plot_table`, `plot_receptive_field`.
- Its weights: `plot_kernels`, `plot_all_kernels`, `plot_kernel_history`, `plot_hinton`, `plot_prototypes`.
- Its states and answers for a digit: `plot_feature_maps`, `plot_sweep`, `plot_saliency`.
- Its training: `plot_history`, `plot_curvature`, `plot_rates`.
- Its pruning: `plot_saliencies`, `plot_pruning`.
- Its results: `plot_confusion`, `plot_rejection`, `plot_mistakes`.
- All of it on one sheet: `plot_report`.

Every function returns a `Picture`. Functions that draw on one axes accept ``ax=``, those that need more accept a figure
or a part of one as ``figure=``. Colours and sizes are those of matplotlib's style when the function is called:
``plt.style.use``, ``font.size``, ``image.cmap``. matplotlib is imported only then.

An argument that does not fit raises a TypeError or a ValueError, or a KeyError for a layer that the net does not have;
no figure is left behind.
"""

from .answers import plot_prototypes, plot_saliency, plot_sweep
from .connections import plot_receptive_field, plot_table, receptive_field
from .curvature import plot_curvature, plot_rates
from .figures import Picture
from .learning import plot_history
from .pruning import plot_pruning, plot_saliencies
from .results import plot_confusion, plot_mistakes, plot_rejection
from .sheet import plot_report
from .states import plot_feature_maps
from .weights import plot_all_kernels, plot_hinton, plot_kernel_history, plot_kernels

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
