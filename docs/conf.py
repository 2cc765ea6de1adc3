"""The documentation site: Markdown by MyST, and an API reference by numpydoc.

    sphinx-build -W docs docs/_build

Nothing is fetched, neither when it is built nor when it is read: there is no intersphinx, and formulas become MathML.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from numpydoc import xref

import sn89

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))
import pages  # noqa: E402

xref.DEFAULT_LINKS.clear()  # they lead to the sites of Python and NumPy

project = "sn89"
copyright = "the authors of sn89; MIT licence"
version = release = sn89.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
]
source_suffix = {".md": "markdown"}
smartquotes = False
exclude_patterns = ["_build"]
myst_enable_extensions = ["attrs_inline", "colon_fence", "dollarmath"]
copybutton_selector = "div.highlight-python pre, div.highlight-sh pre"  # not what programs print
myst_heading_anchors = 2

# Docstrings: single backticks are names, and types that are ours are links.
default_role = "py:obj"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autosummary_generate = False  # the tables are of what follows them on the page
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
numpydoc_xref_aliases = {name: f"sn89.{name}" for name in sn89.__all__ if name[0].isupper()}
numpydoc_xref_aliases |= {"Digits": "sn89.datasets.Digits", "Rejection": "sn89.measure.Rejection"}
numpydoc_xref_aliases |= {"Picture": "sn89.plots.Picture", "Page": "sn89.export.Page"}
numpydoc_xref_aliases |= {"Recipe": "sn89.recipes.Recipe", "McNemar": "sn89.statistics.McNemar"}

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["sn89.css"]
html_favicon = "_static/favicon.svg"
html_title = f"sn89 {version}"
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False


def inline_math(writer: Any, node: Any) -> None:
    """A formula in a line: MathML, which browsers draw themselves."""
    writer.body.append(convert(node.astext()))
    raise SkipNode


def display_math(writer: Any, node: Any) -> None:
    """A formula on lines of its own."""
    writer.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise SkipNode


def offer_notebook(app: Any, name: str, source: list[str]) -> None:
    """Below the title of a page with Python, a link to the page as a notebook."""
    if "\n```python\n" not in source[0] or app.builder.format != "html":
        return
    path = "../" * name.count("/") + f"notebooks/{name.replace('/', '_')}.ipynb"
    link = f'<p class="notebook"><a href="{path}" download>Download this page as a notebook</a></p>'
    title, rest = source[0].split("\n", 1)
    source[0] = f"{title}\n\n```{{raw}} html\n{link}\n```\n{rest}"


def write_notebooks(app: Any, failure: Exception | None) -> None:
    """The pages with Python as notebooks, beside the site."""
    if not failure and app.builder.format == "html":
        pages.write_notebooks(Path(app.outdir, "notebooks"))


def live_page(app: Any, failed: Exception | None) -> None:
    """The page that the site begins with: a net trained on digits that are drawn here."""
    if failed or app.builder.format != "html":
        return
    digits = sn89.datasets.synthetic(3000, 500)
    net = sn89.nets.zip_code(seed=1)
    sn89.train(net, *digits.train, rule=sn89.LevenbergMarquardt(), passes=8, measure=False, progress=False)
    sn89.export.page(net, Path(app.outdir) / "live.html", samples=digits.test)


def setup(app: Any) -> None:
    """What Sphinx calls."""
    app.connect("source-read", offer_notebook)
    app.connect("build-finished", write_notebooks)
    app.connect("build-finished", live_page)
    app.add_html_math_renderer("mathml", (inline_math, None), (display_math, None))
