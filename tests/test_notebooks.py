"""In a notebook: every picture once, whatever was imported before; progress as text; nets and histories as tables."""

from __future__ import annotations

import sys
import textwrap
import types
import warnings

import numpy as np
import pytest

import sn89
from sn89.history import History, Pass
from sn89.measure import Measurement
from sn89.notebook import in_notebook, progress_bar

#: What strangers type, cell by cell, in one kernel where matplotlib was not imported; and the outputs with pictures.
CELLS = {
    "watching a training": (
        """
        import numpy as np, sn89
        X = np.random.default_rng(1).uniform(-1, 1, (20, 8, 8)).astype(np.float32)
        y = np.arange(20) % 4
        net = sn89.Net(sn89.Input(8, 8), sn89.Local("A", 3, 3), sn89.Full("out", 4), seed=1)
        rule = sn89.LevenbergMarquardt()
        watch = sn89.watch.Watch(X[0], 3)
        history = sn89.train(net, X, y, rule=rule, passes=3, callbacks=[watch])
        """,
        1,
    ),
    "the call last": ("sn89.plots.plot_kernels(net, 'A')", 1),
    "the call last but with a semicolon": ("sn89.plots.plot_kernels(net, 'A');", 1),
    "the call not last": ("sn89.plots.plot_kernels(net, 'A')\nnet.name", 1),
    "a name for it": ("picture = sn89.plots.plot_kernels(net, 'A')", 1),
    "that name, once more": ("picture", 1),
    "in a loop": ("for limit in (0.1, 0.2, 0.3):\n    sn89.plots.plot_kernels(net, 'A', limit=limit)", 3),
    "a loop over more than pyplot likes": ("for _ in range(22):\n    sn89.plots.plot_hinton([1.0])", 22),
    "axes of one's own": (
        "import matplotlib.pyplot as plt\n_, ax = plt.subplots()\nsn89.plots.plot_table(net, 'A', ax=ax)",
        1,
    ),
    "display": ("display(sn89.plots.plot_table(net, 'A'))\nprint('below')", 1),
    "and pyplot's show": ("sn89.plots.plot_table(net, 'A')\nplt.show()", 1),
    "and saved by pyplot": ("sn89.plots.plot_table(net, 'A')\nplt.savefig('table.png')", 1),
    "vectors by the notebook's settings": (
        "%config InlineBackend.figure_formats = ['svg']\nsn89.plots.plot_table(net, 'A')",
        1,
    ),
    "a backend without windows": ("%matplotlib agg\nsn89.plots.plot_table(net, 'A')", 1),
    "tables": ("display(net, net['A'], history.train[-1])\nhistory", 0),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> dict[str, list]:
    """The outputs of every cell."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(code).strip()) for code, _ in CELLS.values()]
    folder = tmp_path_factory.mktemp("notebook")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's own machinery
        notebook = nbformat.v4.new_notebook(cells=cells)
        client = nbclient.NotebookClient(notebook, timeout=None, resources={"metadata": {"path": str(folder)}})
        client.execute()
    assert (folder / "table.png").stat().st_size > 1000
    return dict(zip(CELLS, (cell.outputs for cell in notebook.cells), strict=True))


def said(outputs: list) -> str:
    return "".join(one.get("text", "") for one in outputs)


def pictures(outputs: list) -> list[str]:
    return [kind for one in outputs for kind in one.get("data", {}) if kind.startswith("image/")]


@pytest.mark.parametrize("name", CELLS)
def test_a_picture_is_shown_as_often_as_it_was_drawn(run, name):
    outputs = run[name]
    assert len(pictures(outputs)) == CELLS[name][1]
    assert "arning" not in said(outputs)


def test_the_notebooks_settings_decide_on_the_form(run):
    assert pictures(run["the call last"]) == ["image/png"]
    assert pictures(run["vectors by the notebook's settings"]) == ["image/svg+xml"]


def test_progress_is_text_where_there_are_no_widgets(run):
    if not sn89.notebook.find_spec("ipywidgets"):
        assert "60.0/60" in said(run["watching a training"])


def test_what_has_tables_is_shown_as_tables(run):
    tables = [one["data"]["text/html"] for one in run["tables"]]
    assert [text.count("<table") for text in tables] == [1] * 4
    assert "data:image/png;base64," in tables[-1]
    plain = run["tables"][-1]["data"]["text/plain"]
    assert plain.startswith("<history of LevenbergMarquardt, 3 passes; train ")


# -- Progress --------------------------------------------------------------------------------------------------------


@pytest.fixture
def _in_kernel(monkeypatch):
    module = types.ModuleType("IPython")
    module.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", module)


def test_it_is_no_notebook_by_itself(monkeypatch):
    assert not in_notebook()
    module = types.ModuleType("IPython")
    module.get_ipython = lambda: types.SimpleNamespace()  # IPython in a terminal
    monkeypatch.setitem(sys.modules, "IPython", module)
    assert not in_notebook()


@pytest.mark.usefixtures("_in_kernel")
def test_in_a_notebook_without_widgets_progress_is_text(monkeypatch, capsys):
    monkeypatch.setattr(sn89.notebook, "find_spec", lambda name: None)
    with progress_bar(3, None, unit=" digits") as bar:
        bar.update(3)
    assert "3/3" in capsys.readouterr().err
    with progress_bar(3, False) as bar:
        bar.update(3)
    assert not any(capsys.readouterr())


def test_where_nobody_looks_there_is_no_progress(capsys):
    with progress_bar(3, None) as bar:
        bar.update(3)
    assert not any(capsys.readouterr())
    with progress_bar(3, True) as bar:
        bar.update(3)
    assert "3/3" in capsys.readouterr().err


# -- History ---------------------------------------------------------------------------------------------------------


def history(passes: int = 2, measured: bool = True) -> History:
    def done(wrong: int) -> Measurement | None:
        return Measurement(100, wrong, 0.2, 0.02) if measured else None

    return History(sn89.SGD(0.1), [Pass(i, 0.5 / i, 1.5, done(9 - i), done(19 - i)) for i in range(1, passes + 1)])


def test_a_history_says_what_came_out_in_a_line():
    assert repr(history()) == (
        "<history of SGD, 2 passes; train 7.00 % (7 of 100), half MSE 2.00e-02; "
        "test 17.00 % (17 of 100), half MSE 2.00e-02>"
    )
    assert repr(history(1, measured=False)) == "<history of SGD, 1 pass>"
    assert repr(History(sn89.SGD(0.1))) == "<history of SGD, 0 passes>"


def test_a_history_is_a_table_of_pandas():
    pytest.importorskip("pandas")
    table = history().to_pandas()
    assert list(table.index) == [1, 2]
    assert table.index.name == "pass"
    assert list(table["test_wrong"]) == [18, 17]
    np.testing.assert_allclose(table["train_error"], [0.08, 0.07])
    assert list(history(measured=False).to_pandas().columns) == ["cost", "seconds"]
    assert list(History(sn89.SGD(0.1)).to_pandas().columns) == ["cost", "seconds"]


def test_without_pandas_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="to_pandas needs pandas: pip install pandas"):
        history().to_pandas()


def test_long_histories_show_their_ends():
    text = history(40)._repr_html_()
    assert text.count("<tr>") == 1 + 12 + 1
    assert "…" in text
    assert "<img" not in history(measured=False)._repr_html_()
    assert "<table" in History(sn89.SGD(0.1))._repr_html_()
