"""What pictures are drawn with and where they go: the style's colours and sizes, pyplot's windows, notebooks, files."""

from __future__ import annotations

import io
import sys
import threading
import types
import warnings

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

import sn89
from sn89 import plots
from sn89.plots import figures as room_of_figures
from sn89.plots.drawing import literal
from sn89.plots.theme import Theme, contrast, limit_of, of_axes
from sn89.watch import Watch

matplotlib.use("Agg")

NET = sn89.Net(sn89.Input(6, 6), sn89.Local("A", 3, 3), sn89.Full("out", 2), seed=1)
INLINE = "module://matplotlib_inline.backend_inline"


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


# -- Where a picture goes ------------------------------------------------------------------------------------------


def test_pyplot_saves_and_shows_what_was_drawn_last():
    picture = plots.plot_kernels(NET, "A")
    assert plt.gcf() is picture.figure
    assert plt.gca() is picture.ax
    other = plots.plot_history(history())
    assert plt.gcf() is other.figure
    assert len(other.axes) == 2


def history() -> sn89.History:
    one = sn89.measure.Measurement(10, 1, 0.1, 0.1)
    return sn89.History(sn89.SGD(0.1), [sn89.history.Pass(1, 0.1, 1.0, one)])


def test_a_loop_over_many_nets_neither_warns_nor_keeps_its_figures():
    mine = plt.figure()
    before = dict(matplotlib.rcParams)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = [plots.plot_table(NET, "A") for _ in range(25)]
    assert len(plt.get_fignums()) == 1 + room_of_figures.KEPT
    assert plt.fignum_exists(mine.number)
    assert dict(matplotlib.rcParams) == before
    made[0].savefig(content := io.BytesIO(), format="svg")  # one that pyplot has forgotten
    assert b"</svg>" in content.getvalue()


@pytest.mark.parametrize(
    ("draw", "error"),
    [
        (lambda: plots.plot_kernels(NET, "A", cmap="grau"), ValueError),
        (lambda: plots.plot_feature_maps(NET, np.ones((6, 6), np.float32), limit="0%"), ValueError),
        (lambda: plots.plot_table(NET, "A"), RuntimeError),  # in the last step, where words are measured
    ],
)
def test_a_call_that_fails_leaves_no_figure_behind(draw, error, monkeypatch):
    def no_latex(tex, fontsize):
        raise RuntimeError("latex could not be found")

    monkeypatch.setattr("matplotlib.texmanager.TexManager.make_dvi", no_latex)
    with plt.rc_context({"text.usetex": True}), pytest.raises(error):
        draw()
    assert not plt.get_fignums()


def test_in_another_thread_pyplot_is_left_alone():
    made = []
    thread = threading.Thread(target=lambda: made.append(plots.plot_table(NET, "A")))
    thread.start()
    thread.join()
    assert not plt.get_fignums()
    assert made[0]._repr_mimebundle_()[0]["image/png"].startswith(b"\x89PNG")


def test_given_axes_are_drawn_on_and_stay_where_they_are():
    figure, axes = plt.subplots(1, 2, layout="constrained")
    picture = plots.plot_kernels(NET, "A", ax=axes[1])
    assert (picture.ax, picture.axes, picture.figure) == (axes[1], [axes[1]], figure)
    assert plt.get_fignums() == [figure.number]
    inside = plt.figure().subfigures(1, 2)
    picture = plots.plot_history(history(), figure=inside[0])
    assert picture.figure is inside[0].figure
    assert picture.axes == inside[0].axes


@pytest.mark.parametrize(
    ("ax", "error", "said"),
    [
        (lambda: plt.subplots(2)[1], TypeError, "ax must be axes of matplotlib, .* not ndarray of 2"),
        (lambda: plt.figure(), TypeError, "ax must be axes of matplotlib, .* not Figure"),
        (lambda: plt.subplot(projection="polar"), TypeError, "plain axes of two dimensions, not polar ones"),
        (lambda: plt.subplot(projection="3d"), TypeError, "plain axes of two dimensions, not 3d ones"),
    ],
)
def test_what_cannot_be_drawn_on_is_named(ax, error, said):
    given = ax()
    for draw in (
        lambda: plots.plot_kernels(NET, "A", ax=given),
        lambda: plots.plot_table(NET, "A", ax=given),
        lambda: plots.plot_hinton([1.0], ax=given),
        lambda: plots.plot_receptive_field(NET, "out", 0, ax=given),
        lambda: plots.plot_confusion([0, 1], [0, 0], classes=2, ax=given),
        lambda: plots.plot_rejection(np.eye(2), np.array([0, 1]), ax=given),
    ):
        with pytest.raises(error, match=said):
            draw()


def test_axes_of_no_figure_are_named():
    ax = plt.subplot()
    ax.remove()
    with pytest.raises(ValueError, match="ax is in no figure any more"):
        plots.plot_table(NET, "A", ax=ax)


def test_a_figure_that_is_none_or_full_is_refused():
    with pytest.raises(TypeError, match=r"figure must be a figure of matplotlib, .*not Axes"):
        plots.plot_history(history(), figure=plt.subplot())
    with pytest.raises(ValueError, match="figure must be empty, but has 1 axes"):
        plots.plot_history(history(), figure=plt.gcf())


def test_words_that_would_be_cut_off_make_room_once_and_no_layout_stays():
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.set_position((0, 0, 1, 1))
    ax.set_position((0, 0, 1, 1), which="original")
    plots.plot_confusion([0, 1], [1, 1], classes=2, ax=ax)
    assert ax.get_position().x0 > 0.02
    assert figure.get_layout_engine() is None
    plt.tight_layout()  # as people do after; it must not warn that somebody else lays the figure out


# -- Names ---------------------------------------------------------------------------------------------------------


def test_names_are_written_as_they_are():
    """Not as formulas, which two dollars would begin and end, and never left out of a legend."""
    odd = "_costs $5 or $6_{ 50 % of my\\net"
    net = sn89.Net(sn89.Input(6, 6), sn89.Local(odd, 3, 3), sn89.Full("a$", 2), name=odd, seed=1)
    made = [
        plots.plot_all_kernels(net),
        plots.plot_feature_maps(net, np.ones((6, 6), np.float32)),
        plots.plot_saliencies(net, np.ones(net.parameters.size)),
        plots.plot_kernel_history(net, odd, {1: net.parameters}),
    ]
    for picture in made:
        picture.savefig(io.BytesIO(), format="png", dpi=30)
    assert made[2].ax.get_title().replace(r"\$", "$") == f"{odd}: saliencies"
    assert len(made[2].ax.get_legend().get_texts()) == 3
    assert made[0].sheet.get_suptitle().replace(r"\$", "$") == odd


def test_tex_is_given_no_orders():
    with plt.rc_context({"text.usetex": True}):
        assert literal("50 % of $5 & #1_{x}^~\\") == (
            r"50 \% of \$5 \& \#1\_\{x\}\textasciicircum{}\textasciitilde{}\textbackslash{}"
        )


# -- Files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "written", "begins"),
    [
        ("it.png", "it.png", b"\x89PNG"),
        ("it.PDF", "it.PDF", b"%PDF"),
        ("it.svg", "it.svg", b"<?xml"),
        ("a.b/it", "a.b/it.png", b"\x89PNG"),
    ],
)
def test_the_ending_says_the_form_of_the_file(tmp_path, name, written, begins):
    (tmp_path / "a.b").mkdir()
    plots.plot_table(NET, "A").savefig(tmp_path / name, dpi=30, bbox_inches="tight")
    found = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*") if path.is_file()}
    assert list(found) == [written]
    assert found[written].read_bytes().startswith(begins)


def test_a_form_is_asked_for_or_the_styles_own(tmp_path):
    picture = plots.plot_table(NET, "A")
    picture.savefig(str(tmp_path / "it.dat"), format="svg")
    assert b"</svg>" in (tmp_path / "it.dat").read_bytes()
    with plt.rc_context({"savefig.format": "pdf"}):
        picture.savefig(tmp_path / "it")
    assert (tmp_path / "it.pdf").read_bytes().startswith(b"%PDF")


def test_a_file_that_cannot_be_written_is_as_it_was(tmp_path, monkeypatch):
    (tmp_path / "it.png").write_bytes(b"what was there")
    picture = plots.plot_table(NET, "A")
    with pytest.raises(ValueError, match=r"it.docx: a picture ends in .*\.png, .*\.svg.*, not in \.docx"):
        picture.savefig(tmp_path / "it.docx")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        picture.savefig(tmp_path / "nowhere" / "it.png")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        picture.savefig(tmp_path / "it.png")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"it.png": b"what was there"}


# -- Notebooks -----------------------------------------------------------------------------------------------------


@pytest.fixture
def _in_kernel(monkeypatch):
    """As in a notebook's kernel whose figures IPython can draw."""

    def draws(figure, include=None, exclude=None):
        assert isinstance(figure, Figure)
        return {"image/png": b"as set", "text/plain": "<Figure>"}, {"image/png": {"width": 3}}

    shell = types.SimpleNamespace(kernel=object(), display_formatter=types.SimpleNamespace(format=draws))
    module = types.ModuleType("IPython")
    module.get_ipython = lambda: shell
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setattr(matplotlib, "get_backend", lambda: INLINE)


@pytest.mark.usefixtures("_in_kernel")
def test_a_notebook_shows_a_result_once_and_by_its_own_settings():
    picture = plots.plot_kernels(NET, "A")
    assert plt.fignum_exists(picture.figure.number)  # were it no result, the end of the cell would show it
    data, told = picture._repr_mimebundle_()
    assert data["image/png"] == b"as set"
    assert told == {"image/png": {"width": 3}}
    assert data["text/plain"] == repr(picture)
    assert not plt.get_fignums()  # now the end of the cell does not


@pytest.mark.usefixtures("_in_kernel")
def test_a_notebook_is_left_to_show_what_was_drawn_on_its_own_axes():
    _, ax = plt.subplots()
    assert plots.plot_kernels(NET, "A", ax=ax)._repr_mimebundle_() == {
        "text/plain": repr(plots.plot_table(NET, "A", ax=ax))
    }
    assert len(plt.get_fignums()) == 1


def test_other_front_ends_get_a_png():
    data, _ = plots.plot_kernels(NET, "A")._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")


def test_where_there_is_a_window_it_is_shown_there(monkeypatch):
    picture = plots.plot_kernels(NET, "A")
    monkeypatch.setattr(matplotlib, "get_backend", lambda: "QtAgg")
    assert picture._repr_mimebundle_() == {"text/plain": repr(picture)}
    assert plt.fignum_exists(picture.figure.number)
    assert "1 axes in a figure of" in repr(picture)


# -- The theme -----------------------------------------------------------------------------------------------------


def theme(**style) -> Theme:
    with plt.rc_context(style):
        one = of_axes(plt.subplot())
        assert one.ink  # read now: it follows the style of the moment
        return one


@pytest.mark.parametrize("style", ["default", "dark_background", "ggplot", "bmh", "Solarize_Light2", "grayscale"])
def test_every_tone_is_told_from_its_paper(style):
    with plt.style.context(style):
        one = of_axes(plt.subplots()[1])
        for color in (one.ink, one.pale, one.accent):
            assert contrast(color, one.paper) >= 3
        assert contrast(one.text, one.ground) >= 4.5
        assert contrast(one.faint, one.paper) < 2 < contrast(one.light, one.paper)


def test_gray_and_vermilion_are_the_default_and_the_style_may_say_otherwise():
    plain = plots.plot_kernels(NET, "A").ax
    assert plain.images[0].get_cmap().name == "gray"
    assert of_axes(plain).accent == "#d55e00"
    with plt.rc_context({"image.cmap": "RdBu", "axes.prop_cycle": matplotlib.cycler(color=["#888888", "#7700aa"])}):
        ax = plots.plot_kernels(NET, "A").ax
        assert ax.images[0].get_cmap().name == "RdBu"
        assert of_axes(ax).accent == "#7700aa"  # the first colour: gray is none
    assert plots.plot_kernels(NET, "A", cmap="PuOr").ax.images[0].get_cmap().name == "PuOr"
    with pytest.raises(
        ValueError, match="cmap must be a colormap of matplotlib or its name, such as 'gray', not 'grau'"
    ):
        plots.plot_kernels(NET, "A", cmap="grau")


def test_type_grows_with_the_style_as_far_as_there_is_room():
    sizes = {}
    for size in (10, 18):
        with plt.rc_context({"font.size": size}):
            for inches in ((3, 2), (12, 8)):
                ax = plots.plot_kernels(NET, "A", ax=plt.subplots(figsize=inches)[1]).ax
                sizes[size, inches[0]] = ax.title.get_size()
    assert sizes[10, 12] == 10
    assert sizes[18, 12] == 18
    assert 8 < sizes[10, 3] <= sizes[18, 3] < 12
    with plt.rc_context({"axes.titlesize": 14}):
        assert plots.plot_kernels(NET, "A", ax=plt.subplots(figsize=(12, 8))[1]).ax.title.get_size() == 14


def test_a_limit_is_a_number_or_a_percentile_and_the_bar_says_that_there_is_more():
    net = sn89.Net(sn89.Input(9, 9), sn89.Local("A", 4, 3), sn89.Full("out", 2), seed=1)
    net["A"].weights[0, 0, 0, 0] = 50
    magnitudes = np.abs(net["A"].weights)
    for limit, expected in ((None, 50), (0.05, 0.05), ("90%", np.percentile(magnitudes, 90))):
        ax = plots.plot_kernels(net, "A", limit=limit).ax
        assert ax.images[0].get_clim() == pytest.approx((-expected, expected))
        assert (ax.images[0].colorbar.extend == "neither") == (limit is None)
    for bad in ("90", "0%", "101%", "much%", 0, -1, np.nan, True):
        with pytest.raises((TypeError, ValueError), match="limit"):
            plots.plot_kernels(net, "A", limit=bad)
    assert limit_of(None, np.zeros(3)) == 1


IMAGE = np.ones((6, 6), np.float32)
RBF = sn89.Net(sn89.Input(6, 6), sn89.Full("A", 6), sn89.RBF("out", np.eye(2, 6)), cost=sn89.RBFDiscriminative())


def watched(**shades) -> plots.Picture:
    watch = Watch(IMAGE, **shades)
    watch(NET, history())
    return plots.Picture(watch.figure, watch.figure, own=True)


@pytest.mark.parametrize(
    ("draw", "pictures"),
    [
        (lambda **shades: plots.plot_kernels(NET, "A", **shades), 1),
        (lambda **shades: plots.plot_all_kernels(NET, **shades), 1),
        (lambda **shades: plots.plot_kernel_history(NET, "A", {1: NET.parameters}, **shades), 1),
        (lambda **shades: plots.plot_feature_maps(NET, IMAGE, **shades), 2),
        (lambda **shades: plots.plot_feature_maps(NET, np.stack([IMAGE] * 3), **shades), 6),
        (lambda **shades: plots.plot_saliency(NET, IMAGE, 0, **shades), 1),
        (lambda **shades: plots.plot_prototypes(RBF, IMAGE, **shades), 3),
        (lambda **shades: plots.plot_sweep(NET, np.ones((6, 9), np.float32), **shades), 1),
        (watched, 3),
    ],
)
def test_weights_and_states_have_the_shades_and_the_limit_that_are_asked_for(draw, pictures):
    images = [ax.images[0] for ax in draw(limit=0.3, cmap="PuOr").axes if ax.images]
    assert {one.get_cmap().name for one in images} == {"PuOr"}
    assert [one.get_clim() for one in images].count((-0.3, 0.3)) == pictures


def test_positive_is_white_in_every_picture_of_weights_and_states():
    kernels = plots.plot_kernels(NET, "A").ax.images[0]
    states = plots.plot_feature_maps(NET, IMAGE).axes[0].images[0]
    outputs = plots.plot_sweep(NET, np.ones((6, 9), np.float32)).axes[1].images[0]
    hinton = plots.plot_hinton([1.0, -1.0]).ax.collections
    for image in (kernels, states, outputs):
        assert image.get_cmap()(1.0)[:3] == (1, 1, 1)
        low, high = image.get_clim()
        assert low == -high
    assert {one.get_label(): tuple(one.get_facecolor()[0][:3]) for one in hinton} == {
        "positive": (1, 1, 1),
        "negative": (0, 0, 0),
    }
