"""The documentation: its code runs, its commands and files are there, and every public name says what it takes."""

from __future__ import annotations

import doctest
import importlib
import inspect
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import matplotlib.pyplot as plt
import numpy as np
import pytest

import sn89
import sn89.recipes  # before `here`: recipes keep the loaders that they find when they are imported
from sn89 import recipes

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted({ROOT / "README.md", *DOCS.rglob("*.md")} - {*DOCS.glob("_build/**/*.md")})
#: Every text of Markdown, those that are not pages of the site too.
TEXTS = sorted({*PAGES, *ROOT.glob("*.md"), *ROOT.glob("tests/*/*.md"), *ROOT.glob(".github/**/*.md")})
GALLERY = DOCS / "gallery.md"  # run as a notebook
NOT_IN_GALLERY = {"plot_report"}  # a large sheet
LONG = {"papers.md"}  # a whole reproduction
USPS = sn89.datasets.usps

spec = importlib.util.spec_from_file_location("pages", DOCS / "pages.py")
pages = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pages)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


# ---- The code of the pages ------------------------------------------------------------------------------------------

#: What would take too long, and what is run in its place, on all pages but those that are run as they stand.
AS_IT_STANDS = {"README.md", "tutorial.md", "declare.md", "class.md", "own_nets.md", "second_order.md"}
SHORTER = [
    (r"passes=\d+", "passes=2"),
    (r"seeds=\d+", "seeds=2"),
    (r"range\(100\)", "range(2)"),
    (r"range\(1, 11\)", "range(1, 4)"),
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder to write to; and USPS's digits, or drawn ones, without a download."""
    monkeypatch.chdir(tmp_path)
    plt.switch_backend("agg")
    monkeypatch.setattr(sn89.datasets, "usps", digits)
    monkeypatch.setattr(sn89.reader, "recogniser", recogniser)
    monkeypatch.setattr(recipes, "ZIP_1989", replace(recipes.ZIP_1989, digits=usps, passes=2))
    yield
    plt.close("all")


@cache
def digits() -> sn89.datasets.Digits:
    """USPS's, read once."""
    try:
        return USPS(download=False)
    except sn89.datasets.DataNotFoundError:
        return sn89.datasets.synthetic()


def recogniser() -> sn89.Net:
    """One that is trained in a second."""
    net = sn89.nets.zip_code(seed=1)
    sn89.train(net, *digits().train, rule=sn89.LevenbergMarquardt(), passes=2, measure=False, progress=False)
    return net


def usps(path: str | None = None) -> sn89.datasets.Digits:
    """The same, as recipes ask for it."""
    return digits()


def run(page: Path, text: str, names: dict | None = None) -> Iterator[tuple[object, str]]:
    """Every block of Python of a page, with what it printed."""
    going = pages.run(page, text, names)
    while True:
        printed = io.StringIO()
        with redirect_stdout(printed):
            block = next(going, None)
        if block is None:
            return
        yield block, printed.getvalue()


def comparable() -> bool:
    """Whether the numbers of the pages must come out: they are those of USPS, where there is a fused multiply-add."""
    return sn89.simd != "portable" and not digits().synthetic


def with_python(page: Path) -> bool:
    return any(block.language == "python" for block in pages.blocks(page.read_text(encoding="utf-8")))


def marked(page: Path) -> object:
    return pytest.param(page, marks=pytest.mark.long) if page.name in LONG else page


@pytest.mark.parametrize("page", [marked(page) for page in PAGES if with_python(page) and page != GALLERY], ids=name)
@pytest.mark.usefixtures("here")
def test_the_code_of_a_page_runs_and_prints_what_the_page_says(page: Path) -> None:
    for module in ("safetensors", "onnx", "onnxruntime", "sklearn"):
        if re.search(rf"\b{module}\b", page.read_text(encoding="utf-8")):
            pytest.importorskip(module)
    if page.name in LONG and digits().synthetic:
        pytest.skip("without USPS nothing can be reproduced")
    text = page.read_text(encoding="utf-8")
    if page.name not in AS_IT_STANDS:
        for long, short in SHORTER:
            text = re.sub(long, short, text)
    for block, printed in run(page, text):
        plt.close("all")
        if block.output is not None and comparable():
            assert printed == block.output, f"{name(page)}, line {block.line}"
    compile_and_run(page, text)


def compile_and_run(page: Path, text: str) -> None:
    """The C of a page, as the page says, in the folder where its Python has run."""
    for block in pages.blocks(text):
        if block.language == "c":
            Path("main.c").write_text(block.code, encoding="utf-8")
        if block.code.startswith("cc ") and shutil.which("cc"):
            done = subprocess.run(["sh", "-c", block.code], check=True, capture_output=True, text=True)
            assert done.stdout == block.output or not comparable(), f"{name(page)}, line {block.line}"


def test_a_page_that_prints_something_else_or_fails_is_found(tmp_path: Path) -> None:
    text = "Words.\n\n```python\na = 1\nprint(a)\n```\n\n```text\n2\n```\n\n```python\na + b\n```\n"
    going = run(tmp_path / "page.md", text)
    block, printed = next(going)
    assert (block.line, block.output, printed) == (4, "2\n", "1\n")
    with pytest.raises(NameError) as failed:
        next(going)
    assert failed.traceback[-1].lineno == 12  # counted from 0: the page's own line 13


@pytest.mark.parametrize("page", [page for page in PAGES if with_python(page)], ids=name)
def test_the_notebook_of_a_page_has_its_words_and_its_code(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    cells = json.loads(pages.notebook(page, text))["cells"]
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    assert code == [block.code.strip() for block in pages.blocks(text) if block.language == "python"]
    words = "".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    assert words.startswith(text.split("\n")[0])
    assert "![" not in words or page.name == "README.md"
    assert not re.search(r"\]\((?!https?:)", words) or page.name == "README.md"


@pytest.mark.thorough
def test_the_gallery_as_a_notebook_shows_every_picture_once(tmp_path: Path) -> None:
    """Run in a kernel, with a shorter training on fewer digits."""
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    text = GALLERY.read_text(encoding="utf-8")
    shorter = [
        *SHORTER,
        (
            r"^try:$",
            "from functools import partial\nsn89.datasets.usps = partial(sn89.datasets.usps, download=False)\ntry:",
        ),
        (r"= digits$", "= digits\nX, y, Xt, yt = X[:600], y[:600], Xt[:400], yt[:400]"),
    ]
    for long, short in shorter:
        text = re.sub(long, short, text, flags=re.MULTILINE)
    notebook = nbformat.reads(pages.notebook(GALLERY, text), as_version=4)
    nbformat.validate(notebook)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's own machinery
        nbclient.NotebookClient(notebook, timeout=None, resources={"metadata": {"path": str(tmp_path)}}).execute()
    drawn = [cell for cell in notebook.cells if cell.cell_type == "code" and "plots.plot_" in cell.source]
    functions = {re.findall(r"plots\.(plot_\w+)", cell.source)[-1] for cell in drawn}
    assert functions >= {one for one in public(sn89.plots) if one[:5] == "plot_"} - NOT_IN_GALLERY
    for cell in drawn:
        kinds = [kind for one in cell.outputs for kind in one.get("data", {}) if kind.startswith("image/")]
        assert kinds == ["image/png"], cell.source


def test_the_gallery_has_every_picture_light_and_dark() -> None:
    """And a thumbnail for each section, which leads there."""
    text = GALLERY.read_text(encoding="utf-8")
    sections = [block.picture for block in pages.blocks(text) if block.picture]
    for picture in sections:
        for style in pages.STYLES:
            assert (DOCS / picture.replace("_light", f"_{style}")).stat().st_size < 200_000
    targets = re.findall(r":link: '#(.*)'", text)
    headings = [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in re.findall(r"^## (.*)$", text, re.M)]
    assert targets == headings[1:]
    assert len(targets) == len(sections)


def test_every_result_of_the_readme_stands_in_the_tables() -> None:
    """In pages that `reproduce` writes, and `papers.md` names its commands."""
    tables = "\n".join(page.read_text(encoding="utf-8") for page in (DOCS / "reproduced").glob("*.md"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"\| ([\d.]+) % \(([\d.]+) to ([\d.]+)\) \|$", readme, re.MULTILINE)
    assert len(rows) >= 7
    for mean, low, high in rows:
        assert re.search(rf"\| {mean} % ± [\d.]+ % +\| {low} % to {high} % ", tables), mean
    (speed,) = re.findall(r"takes ([\d.]+) microseconds", readme)
    assert f"| zip-code net | {speed} (" in (DOCS / "speed.md").read_text(encoding="utf-8")


# ---- Its commands, links and pictures -------------------------------------------------------------------------------


def extras() -> set[str]:
    return set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])


@cache
def sessions() -> set[str]:
    """Those of nox."""
    return set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE))


def unknown(command: str) -> str | None:
    """What of a command is not there, if anything."""
    words = re.sub(r"#.*", "", command).split()
    if not words:
        return None
    program, rest = words[0].replace("python3", "python"), words[1:]
    if program in (".", "cc", "./main"):  # leave the repository alone
        return None
    if program == "pip":
        asked = {one for extra in re.findall(r"\[(.*?)\]", command) for one in extra.split(",")} - {"NAME"}
        return next(iter(asked - extras()), None) or (None if rest[0] == "install" else command)
    if program == "sn89":
        return not_in_the_command(rest)
    if program == "nox":
        return (
            None
            if rest == ["-l"]
            else next((one for one in rest if one != "-s" and one.partition("-")[0] not in sessions()), None)
        )
    paths = [word for word in rest if re.search(r"/|\.(py|md)$", word) and "_build" not in word]
    if program == "python" and rest[0] == "benchmarks":
        paths.append("benchmarks/__main__.py")
    if missing := [path for path in paths if not (ROOT / path).exists()]:
        return missing[0]
    if program == "python" and paths:
        source = (ROOT / paths[-1]).read_text(encoding="utf-8")
        if other := [word for word in rest if word.startswith("--") and f'"{word}"' not in source]:
            return other[0]
    known = {"python", "pytest", "sphinx-build"}
    return None if program in known else program


def not_in_the_command(words: list[str]) -> str | None:
    """The first word of a line of ``sn89`` that is no verb, or no option of its verb."""
    command = pytest.importorskip("sn89.cli.command").sn89
    if not words or words[0].startswith("-"):
        return None
    if (verb := command.commands.get(words[0])) is None:
        return words[0]
    known = {option for one in verb.params for option in (*one.opts, *one.secondary_opts)}
    return next((word for word in words[1:] if word.startswith("-") and word.partition("=")[0] not in known), None)


@pytest.mark.parametrize("page", TEXTS, ids=name)
def test_what_a_page_tells_to_type_is_there(page: Path) -> None:
    for block in pages.blocks(page.read_text(encoding="utf-8")):
        if block.language == "sh":
            for command in re.split(r"&&|\n", block.code):
                assert unknown(command) is None, f"{name(page)}, line {block.line}: {command}"
    for command in re.findall(r"`((?:(?:sn89|python) [a-z/]|nox -)[^`]*)`", prose(page.read_text(encoding="utf-8"))):
        assert unknown(" ".join(command.split())) is None, f"{name(page)}: {command}"
    asked = {
        extra
        for some in re.findall(r"'\.\[([\w,-]+)\]'", page.read_text(encoding="utf-8"))
        for extra in some.split(",")
    }
    assert asked <= extras() | {"NAME"}


def test_a_command_that_is_not_there_is_found() -> None:
    assert unknown("python examples/train_zip.py --seed 1  # five") is None
    assert unknown('pip install ".[test,onnx]"') is None
    assert unknown("python examples/none.py") == "examples/none.py"
    assert unknown('pip install ".[none]"') == "none"
    assert unknown("python examples/train_zip.py --sed 1") == "--sed"
    assert unknown("sn89 trian") == "trian"
    assert unknown("sn89 train --rate 0.1 --epochs 3") == "--epochs"
    assert unknown("sn89 --version") is None
    assert unknown("nox -s lint") is None
    assert unknown("nox -s lnt") == "lnt"
    assert unknown("none --help") == "none"


def broken(page: Path, text: str) -> list[str]:
    """The links of a text that lead to no file here, to no heading or to no public name, or elsewhere without https."""
    found = re.findall(r"\]\(([^)\s]+)\)|^:link: '([^']+)'$|^\[[^\]]+\]: (\S+)$", prose(text), re.MULTILINE)
    return [target for target in map("".join, found) if not leads(page, text, target)]


def leads(page: Path, text: str, target: str) -> bool:
    if re.match(r"\w+:", target):
        return target.startswith(("https://", "http://yann.lecun.com/"))  # which papers and everybody cite so
    path, _, anchor = target.partition("#")
    place = page.parent / path
    if not path and anchor.startswith("sn89."):
        return anchor in documented_names()
    return place.exists() and (not anchor or anchor in anchors(place.read_text(encoding="utf-8") if path else text))


def anchors(text: str) -> set[str]:
    """What headings are called, by GitHub and by the site (whose `myst_heading_anchors` is 2)."""
    headings = re.findall(r"^##? (.*)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def prose(text: str) -> str:
    """A text without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", TEXTS, ids=name)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    assert broken(page, page.read_text(encoding="utf-8")) == []


LINKS = {  # of each kind one that leads somewhere, and one that does not
    "a page": ("[a](docs/index.md)", "[a](docs/none.md)"),
    "a heading of a page": ("[a](docs/install.md#extras)", "[a](docs/install.md#extra)"),
    "a heading of its own": ("[a\nb](#here-it-is)", "[a\nb](#there)"),
    "a public name": ("[a](#sn89.plots.plot_report)", "[a](#sn89.plots.report)"),
    "a picture": ("![a](docs/page_light.png)", "![a](docs/page_light.gif)"),
    "a card": (":link: '#here-it-is'", ":link: '#there'"),
    "a link at the foot": ("[a]: LICENSE", "[a]: NONE"),
    "another site": ("[a](https://b.org/#c)", "[a](http://b.org/#c)"),
}


@pytest.mark.parametrize(("good", "bad"), LINKS.values(), ids=LINKS)
@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_a_link_that_leads_nowhere_is_found(page: str, good: str, bad: str) -> None:
    text = "# A page\n\n{}\n\n## `Here`: it is\n\n```\n[an example](none.md)\n```\n"
    assert broken(ROOT / page, text.format(good)) == []
    (found,) = broken(ROOT / page, text.format(bad))
    assert found in bad


# ---- Docstrings -----------------------------------------------------------------------------------------------------

MODULES = (
    "sn89",
    *(f"sn89.{name}" for name in ("datasets", "measure", "nets", "plots", "recipes", "export", "foreign", "storage")),
    *(f"sn89.{name}" for name in ("estimator", "watch", "statistics", "reproduce", "sweep", "reader")),
)
#: What train and measure call of a net: told in prose.
INNER = {f"sn89.Net.{name}" for name in ("patterns", "present", "estimate_curvature", "set_state", "outputs_and_costs")}
#: No docstring; parameters missing, unknown or in another order; without a type; no section Returns.
CODES = {"GL08", "PR01", "PR02", "PR03", "PR04", "RT01"}


def public(module: ModuleType) -> list[str]:
    """The public names of a module: those that it lists, or else all that it defines."""
    if hasattr(module, "__all__"):
        return [one for one in module.__all__ if not isinstance(getattr(module, one), ModuleType)]
    return [one for one, value in vars(module).items() if one[0] != "_" and defines(module, one, value)]


def defines(module: ModuleType, one: str, value: object) -> bool:
    if inspect.isfunction(value) or inspect.isclass(value):
        return value.__module__ == module.__name__
    return one.isupper() and re.search(rf"^{one} = ", inspect.getsource(module), re.MULTILINE) is not None


def members(path: str, owner: type) -> Iterator[str]:
    """The public methods and properties that a class defines."""
    for one, value in vars(owner).items():
        if (one[0] != "_" or one == "__call__") and (inspect.isroutine(value) or isinstance(value, property)):
            yield f"{path}.{one}"


def everything() -> list[str]:
    """Every public function and class, and what public classes have."""
    pytest.importorskip("sklearn")
    found = {}
    for where in MODULES:
        module = importlib.import_module(where)
        for one in public(module):
            value = getattr(module, one)
            if inspect.isfunction(value) or inspect.isclass(value):
                found.setdefault(value, f"{where}.{one}")
    return [path for value, first in found.items() for path in (first, *inherited(first, value))]


def inherited(first: str, value: object) -> list[str]:
    """Methods with a docstring of their own: others are told of by the class that they come from."""
    if not inspect.isclass(value):
        return []
    return [path for path in members(first, value) if documented(value, path.rpartition(".")[2])]


def documented(owner: type, one: str) -> bool:
    own = vars(owner)[one]
    return bool(inspect.unwrap(own).__doc__) or not any(hasattr(base, one) for base in owner.__mro__[1:])


def complaints(path: str) -> list[str]:
    """What numpydoc says against a docstring, but for fields that a result tells of as its attributes."""
    validate = pytest.importorskip("numpydoc.validate")
    listed = attributes(inspect.getdoc(find(path)) or "")
    return [
        f"{path}: {message}"
        for code, message in validate.validate(path)["errors"]
        if code in CODES and not (code == "PR01" and set(re.findall(r"'(\w+)'", message)) <= listed)
    ]


def attributes(docstring: str) -> set[str]:
    from numpydoc.docscrape import NumpyDocString

    return {one.strip() for each in NumpyDocString(docstring)["Attributes"] for one in each.name.split(",")}


def test_every_public_name_says_what_it_takes_and_gives() -> None:
    found = [complaint for path in everything() if path not in INNER for complaint in complaints(path)]
    assert not found, "\n".join(found)


def test_every_public_name_has_its_place_in_the_reference() -> None:
    pytest.importorskip("sklearn")
    told = documented_names()
    objects = {id(find(path)) for path in told}
    names = [f"{where}.{one}" for where in MODULES for one in public(importlib.import_module(where))]
    missing = [path for path in names if path not in told and id(find(path)) not in objects]
    assert missing == ["sn89.__version__"]


@cache
def documented_names() -> set[str]:
    """What the reference tells of."""
    told = set()
    for page in (DOCS / "api").glob("*.md"):
        where = ""
        for kind, path in re.findall(r"^\.\. (currentmodule|auto\w+):: ([\w.]+)", page.read_text(), re.MULTILINE):
            if kind == "currentmodule":
                where = path
            else:
                told.add(f"{where}.{path}")
    return told


def find(path: str) -> object:
    """The object at the end of a path; the module it is in is imported."""
    where, _, one = path.rpartition(".")
    try:
        return getattr(importlib.import_module(where), one)
    except ModuleNotFoundError:
        return getattr(find(where), one)


@pytest.mark.usefixtures("here")
def test_every_example_of_a_docstring_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sn89.datasets, "synthetic", cache(sn89.datasets.synthetic))
    finder, runner, printed = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner(), io.StringIO()
    examples = [test for path in everything() for test in finder.find(find(path), path) if test.examples]
    assert len(examples) >= 25
    for test in examples:
        runner.run(test, out=printed.write)
    assert not runner.failures, printed.getvalue()


def test_a_poor_docstring_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def poor(X: np.ndarray, y: int) -> int:
        """A number.

        Parameters
        ----------
        X : ndarray
        """
        return y

    monkeypatch.setattr(sn89.measure, "poor", poor, raising=False)
    assert [words.partition(": ")[2] for words in complaints("sn89.measure.poor")] == [
        "Parameters {'y'} not documented",
        "No Returns section found",
    ]


# ---- Spelling --------------------------------------------------------------------------------------------------------


def test_no_word_is_misspelt() -> None:
    pytest.importorskip("codespell_lib", reason="spelling is checked by codespell")
    texts = [*ROOT.glob("*.md"), *ROOT.glob("*.py"), ROOT / "CITATION.cff"]
    folders = [ROOT / one for one in ("docs", "examples", "csrc", "benchmarks", ".github", ".ci")]
    command = [sys.executable, "-m", "codespell_lib", *texts, *folders, Path(sn89.__file__).parent]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def riddles(text: str) -> list[str]:
    """Sentences of a text that begin like a question and are none: "What learning makes small is the loss."."""
    return re.findall(r"(?:(?<=[.:;?!|] )|^)(?:What|Which|Who)\b[^.?!|]*[.!|]", " ".join(prose(text).split()))


@pytest.mark.parametrize("page", TEXTS, ids=name)
def test_only_questions_begin_like_questions(page: Path) -> None:
    assert riddles(page.read_text(encoding="utf-8")) == []


def test_a_sentence_that_only_begins_like_a_question_is_found() -> None:
    assert riddles("What is a unit? A number.\n\n| Which one? | What it is |\n") == ["What it is |"]
    assert riddles("It learns. What learning\nmakes small is the loss.") == ["What learning makes small is the loss."]


# ---- The site -------------------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    extensions = ("numpydoc", "furo", "latex2mathml", "sphinx_copybutton", "sphinx_design")
    for module in ("sphinx", "myst_parser", *extensions, "sklearn"):
        pytest.importorskip(module)
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-d", tmp_path / "kept", DOCS, tmp_path / "site"]
    environment = {**os.environ, "PYTHONPATH": str(Path(sn89.__file__).parent.parent)}
    built = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    tutorial = (tmp_path / "site" / "tutorial.html").read_text(encoding="utf-8")
    assert "<math" in tutorial
    assert not re.search(r'<(script|link|img)[^>]+(src|href)="https?:', tutorial)
    assert 'href="notebooks/tutorial.ipynb" download' in tutorial
    assert (tmp_path / "site" / "notebooks" / "tutorial.ipynb").exists()
    assert "favicon.svg" in tutorial
    assert "copybutton.js" in tutorial
    look = (tmp_path / "site" / "api" / "look.html").read_text(encoding="utf-8")
    assert 'class="viewcode-link' in look
    drawn = {one for one in public(sn89.plots) if one[:5] == "plot_"} - NOT_IN_GALLERY
    assert len(set(re.findall(r"gallery_\w+_dark\.svg", look))) == len(drawn)
    assert 'id="sn89.train"' in (tmp_path / "site" / "api" / "train.html").read_text(encoding="utf-8")
