"""The arrows between the rooms of the package: imports go one way, and the map names files that are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import sn89

PACKAGE = Path(sn89.__file__).parent
ROOT = Path(__file__).parents[1]
Graph = dict[str, set[str]]
#: Imports for type checkers alone, of a net by what a net is made with.
FOR_TYPES = {("sn89.before", "sn89.net"), ("sn89.confidence", "sn89.net")}


def modules(package: Path) -> dict[str, Path]:
    """The files of a package by the names of their modules."""
    files = {path.relative_to(package.parent): path for path in package.rglob("*.py")}
    return {".".join(one.with_suffix("").parts).removesuffix(".__init__"): path for one, path in files.items()}


def imports(name: str, path: Path) -> Iterator[str]:
    """Every name that a module imports at its top, those for type checkers too; not those inside functions."""
    nodes: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    for node in nodes:
        nodes += [] if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        if isinstance(node, ast.ImportFrom):
            above = name.split(".")[: len(name.split(".")) - node.level + (path.name == "__init__.py")]
            base = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            yield from (f"{base}.{one.name}" for one in node.names)


def arrows(package: Path) -> Graph:
    """The modules that each module imports; with a module come the packages that it is in."""
    files = modules(package)
    graph: Graph = {}
    for name, path in files.items():
        found = set()
        for one in imports(name, path):
            module = one if one in files else one.rpartition(".")[0]
            parents = {module.rsplit(".", i)[0] for i in range(1, module.count("."))}
            found |= {one for one in (module, *parents) if one in files and not f"{name}.".startswith(f"{one}.")}
        graph[name] = {one for one in found if (name, one) not in FOR_TYPES}
    return graph


def cycle(graph: Graph) -> list[str]:
    """The modules of an import cycle, or none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def reached(graph: Graph, start: str) -> set[str]:
    """Everything that comes with a module."""
    found = [start]
    for one in found:
        found += graph[one] - {*found}
    return {*found}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return arrows(PACKAGE)


def test_no_modules_import_each_other(graph: Graph) -> None:
    assert cycle(graph) == []
    assert len(graph) > 150
    assert {"sn89.layers", "sn89._core"} & graph["sn89.net"] == {"sn89.layers"}


def test_a_cycle_is_found_wherever_it_is_hidden(tmp_path: Path) -> None:
    package = tmp_path / "p"
    (package / "q").mkdir(parents=True)
    for path, text in {"__init__": "", "a": "from . import q", "q/__init__": "", "q/b": "import p.a"}.items():
        (package / f"{path}.py").write_text(text)
    assert cycle(arrows(package)) == []
    (package / "q" / "__init__.py").write_text("if TYPE_CHECKING:\n    from .b import c")
    assert set(cycle(arrows(package))) == {"p.a", "p.q", "p.q.b"}


@pytest.mark.parametrize(
    ("below", "above"),
    [
        (("layers", "squash", "costs", "rules", "starts", "distortions"), ("net", "datasets", "training")),
        (("datasets",), ("net", "training", "reader", "plots")),
        (("net", "measure", "history"), ("training", "storage", "plots", "reader", "export", "estimator", "sweep")),
        (("training", "storage", "plots", "reader", "export", "estimator", "sweep", "reproduce"), ("cli",)),
    ],
)
def test_what_lies_below_does_not_import_what_lies_above(graph: Graph, below: tuple, above: tuple) -> None:
    for one in below:
        assert not reached(graph, f"sn89.{one}") & {f"sn89.{other}" for other in above}, one


def test_the_map_of_the_code_names_files_that_are_there() -> None:
    text = (ROOT / "docs" / "code.md").read_text(encoding="utf-8").partition("## Where things are")[2]
    rows = re.findall(r"^\| (.*\?) \| (.*) \|$", text, re.MULTILINE)
    assert len(rows) >= 10
    for question, answer in rows:
        paths = re.findall(r"`([^`]+)`", answer)
        assert paths, question
        assert all((ROOT / path).exists() for path in paths), question
