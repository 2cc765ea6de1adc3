"""Watching a net while it learns, as SN's authors did: its errors, its kernels, and its states for one digit."""

from typing import TYPE_CHECKING, Any

from .aliases import Array
from .arguments import whole
from .net import Net
from .notebook import in_notebook
from .plots.drawing import colorbar_beside, figure_title, label_axes, legend, mosaic, show, title
from .plots.figures import Picture, has_window, new_figure, register
from .plots.learning import draw_errors, finish_curves
from .plots.states import draw_states, update_states
from .plots.theme import Axes, Limit, Shades, limit_of, of_axes
from .plots.weights import first_weights
from .training import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Watch:
    """A picture that is redrawn after each pass: ``train(..., callbacks=[Watch(image)])``.

    It shows the errors so far, the first weights that make pictures, and the states of all units for one image. It
    appears in a window or in a notebook, whichever matplotlib draws to. Where there is neither it costs next to
    nothing; `figure` can be saved at any time, and a further callback that saves it makes a film.

    Parameters
    ----------
    image : ndarray of float, shape (height, width), optional
        The image whose states are shown; none by default.
    label : int, optional
        The class of this image.
    every : int
        The number of passes from one picture to the next.
    limit, cmap : optional
        Shades of weights and states, as for `sn89.plots.plot_kernels`.

    Attributes
    ----------
    figure : matplotlib.figure.Figure or None
        None until the first pass is over.
    """

    def __init__(
        self,
        image: Array | None = None,
        label: int | None = None,
        *,
        every: int = 1,
        limit: Limit = None,
        cmap: Shades = None,
    ) -> None:
        self.image = image
        self.label = None if label is None else whole(label, "label", least=0)
        self.every = whole(every, "every", least=1)
        self.limit, self.cmap = limit, cmap
        self.figure: Figure | None = None
        self._net: Net | None = None
        self._shown: Any = None  # what shows the figure: "window", a notebook's display, or nothing

    def __call__(self, net: Net, history: History) -> None:
        # `train` calls this after each pass.
        if len(history.passes) % self.every:
            return
        if net is not self._net:
            self._open(net)
        self._draw(net, history)
        self._show()

    def _open(self, net: Net) -> None:
        """Make a new figure with its panels."""
        if self.label is not None:
            whole(self.label, "label", least=0, most=net.outputs - 1)
        states = None if self.image is None else net.states(self.image)
        self._net, self._shown = net, None
        self.figure = new_figure(11.5 if states else 5.6, 6.2)
        parts = self.figure.subfigures(1, 2 if states else 1, width_ratios=(5, 6) if states else None, squeeze=False)[0]
        self._left, self._states = parts[0], parts[-1]
        found = first_weights(net)
        axes = self._left.subplots(2 if found else 1, 1, height_ratios=(3, 1.6) if found else None, squeeze=False)
        self._curves, self._weights = axes[0, 0], axes[-1, 0]
        if found:
            layer, tiles = found
            shown = show(self._weights, tiles, self.limit, self.cmap, numbered=False)
            colorbar_beside(self._weights, shown, "weight")
            title(self._weights, f"weights of {layer.name}")
        if states:
            draw_states(self._states, net, states, self.label, 8, 4, self.limit, self.cmap)

    def _draw(self, net: Net, history: History) -> None:
        """The present errors, weights and states."""
        assert self.figure is not None
        last = history.passes[-1]
        errors = [f"{name} {on}" for name, on in (("train", last.train), ("test", last.test)) if on]
        figure_title(self.figure, f"{net.name}, pass {last.number}")
        _draw_curves(self._curves, history)
        title(self._curves, "\n".join(errors))
        if found := first_weights(net):
            image, limit = self._weights.images[0], limit_of(self.limit, found[1])
            image.set_data(mosaic(found[1]))
            image.set_clim(-limit, limit)
        if self.image is not None:
            update_states(self._states, net, net.states(self.image), self.label, 8, self.limit)

    def _show(self) -> None:
        """Update the figure where it is seen."""
        if has_window():
            self._show_in_window()
        elif in_notebook():
            self._show_in_notebook()

    def _show_in_notebook(self) -> None:
        """Update one display: in Jupyter, VS Code, Colab, whether pyplot was imported or not."""
        from IPython.display import display

        assert self.figure is not None
        picture = Picture(self.figure, self.figure, own=True)
        if self._shown is None:
            self._shown = display(picture, display_id=True)
        else:
            self._shown.update(picture)

    def _show_in_window(self) -> None:
        """Open a window once; one that was closed stays closed."""
        import matplotlib.pyplot as plt

        assert self.figure is not None
        if self._shown is None:
            self._shown = "window"
            register(self.figure)
            self.figure.show()
        if plt.fignum_exists(self.figure.number):
            self.figure.canvas.draw_idle()
            self.figure.canvas.flush_events()


class Snapshots:
    """Copies of parameters and curvature after passes: ``train(..., callbacks=[Snapshots(net)])``.

    For pictures of how they changed: `sn89.plots.plot_kernel_history` and `sn89.plots.plot_rates`.

    Parameters
    ----------
    net : Net, optional
        The net as it is before it is trained, kept as pass 0; left out by default.
    every : int
        The number of passes from one copy to the next.

    Attributes
    ----------
    parameters, curvature : dict of ndarray by pass, each of shape (free_parameters,)
        Copies; curvature of the passes in which the rule had any.
    """

    def __init__(self, net: Net | None = None, *, every: int = 1) -> None:
        self.every = whole(every, "every", least=1)
        self.parameters: dict[int, Array] = {} if net is None else {0: net.parameters.copy()}
        self.curvature: dict[int, Array] = {}

    def __call__(self, net: Net, history: History) -> None:
        # `train` calls this after each pass.
        number = history.passes[-1].number
        if number % self.every:
            return
        self.parameters[number] = net.parameters.copy()
        if net.curvature.any():
            self.curvature[number] = net.curvature.copy()


def _draw_curves(ax: Axes, history: History) -> None:
    """The errors so far, or, where none were measured, the mean cost of the patterns while they were learned."""
    ax.clear()
    if history.train and history.train[0].error is not None:
        draw_errors(ax, history)
        legend(ax)
        return
    passes, costs = [one.number for one in history.passes], [one.cost for one in history.passes]
    ax.plot(passes, costs, color=of_axes(ax).ink, marker=".")
    finish_curves(ax, history.passes[-1].number)
    label_axes(ax, "passes", "mean cost while learning")
