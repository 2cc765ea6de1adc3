"""What a developer does, by name: `nox -l` lists it, `nox -s lint` does it, each in an environment of its own.

`.ci/run` is what must hold before a change is taken; these sessions are its parts, and more that takes longer.
"""

import filecmp
import shutil
from pathlib import Path

import nox

nox.options.sessions = ["lint", "test"]
OLDEST, NEWEST = "3.11", "3.14"
CORE = ["oracle", "derivatives", "training", "rules"]  # what wheels are tested with, and the rules


@nox.session
def test(session: nox.Session) -> None:
    """The whole test suite and what is thorough; words after -- go to pytest."""
    session.install(".[test-full]")
    session.run("pytest", "-ra", *(session.posargs or ["-m", "not long"]))


@nox.session
def lint(session: nox.Session) -> None:
    """Formatters, linters and types."""
    session.install("ruff~=0.17.0", "clang-format~=23.1.0", "mypy~=2.4.0", "zizmor", ".[test-full]")
    session.run("ruff", "check", ".")
    session.run("ruff", "check", "--preview", "--select", "PLW1514", ".")  # text is opened with its encoding named
    session.run("ruff", "format", "--check", ".")
    sources = [str(path) for folder in ("csrc", "tests/hardening") for path in sorted(Path(folder).glob("*.[ch]"))]
    style = "--style=file:csrc/.clang-format"
    session.run("clang-format", style, "--dry-run", "--Werror", *sources, "sn89/export/web/core.c")
    session.run("mypy")
    session.run("zizmor", "--offline", "--min-severity=medium", ".github")  # what workflows should not do


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, in docs/_build."""
    session.install(".[docs]")
    session.run("sphinx-build", "-W", "-b", "html", "docs", "docs/_build")


@nox.session
def notebooks(session: nox.Session) -> None:
    """Every page that is offered as a notebook, but the long one of papers, executed and judged."""
    session.install(".[test-full]", "nbconvert")
    folder = Path(session.create_tmp(), "notebooks")
    session.run("python", "docs/pages.py", "notebooks", str(folder))
    (folder / "papers.ipynb").unlink()
    paths = [str(path) for path in sorted(folder.glob("*.ipynb"))]
    session.run("jupyter", "nbconvert", "--to", "notebook", "--execute", "--inplace", *paths)
    session.run("python", "tests/notebooks.py", str(folder))


@nox.session
def wheels(session: nox.Session) -> None:
    """The source distribution and this machine's wheel, in dist, checked as a release checks them.

    Both are built twice, each time in another folder, and must be the same to the byte.
    """
    session.install("build", "twine", "abi3audit", "cibuildwheel")
    time = session.run("git", "log", "-1", "--format=%ct", external=True, silent=True)
    folders = [Path(session.create_tmp()), Path("dist")]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        session.run("python", "-m", "build", "--outdir", str(folder), env={"SOURCE_DATE_EPOCH": str(time).strip()})
    packed = [str(path) for path in sorted(folders[-1].iterdir())]
    for path in packed:
        if not filecmp.cmp(folders[0] / Path(path).name, path, shallow=False):
            session.error(f"{path} has other bytes when it is built again")
    session.run("twine", "check", "--strict", *packed)
    if stable := [path for path in packed if "abi3" in path]:
        session.run("abi3audit", "--strict", "--summary", *stable)
    session.run("cibuildwheel", "--print-build-identifiers", "--platform", "linux")


@nox.session
def tables(session: nox.Session) -> None:
    """The papers' tables, trained again: hours. Words after -- go to the program."""
    session.install(".[cli,data,sweep]")
    session.run("python", "examples/reproduce.py", *session.posargs)


@nox.session
def platforms(session: nox.Session) -> None:
    """The core on every platform that this machine can compile for and run; words after -- choose rows."""
    session.install("ziglang")
    session.run("python", "tests/platforms/matrix.py", *session.posargs)


@nox.session
def pyodide(session: nox.Session) -> None:
    """The extension module in Pyodide, by Emscripten and Node.js, which must be there: the bits that it has here."""
    session.install("Cython>=3.1", ".")
    packages = session.create_tmp()
    session.run("npm", "install", "--silent", "--prefix", packages, "pyodide", external=True)
    folder = session.run("python", "-P", "-c", "import sn89; print(sn89.__path__[0])", silent=True)
    session.run("python", "tests/platforms/pyodide.py", packages, str(folder).strip())


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """The oldest packages that pyproject.toml allows, as uv finds them; words after -- go to pytest."""
    session.install("uv")
    exact = f"{session.create_tmp()}/exact.txt"
    words = ["--python-version", OLDEST, "--resolution", "lowest-direct", "--extra", "test"]
    session.run("uv", "pip", "compile", "--quiet", *words, "--output-file", exact, "pyproject.toml")
    session.install("--requirement", exact)
    session.install("--no-deps", "--no-build-isolation", ".")
    # Old packages use what newer ones below them warn of: in the examples that the tests run, too.
    ignored = "ignore::DeprecationWarning"
    session.run("pytest", "-ra", "-W", ignored, *session.posargs, env={"PYTHONWARNINGS": ignored})


@nox.session(python=[NEWEST, f"{NEWEST}t", "3.15"])
def newest(session: nox.Session) -> None:
    """The newest interpreters, one of them without a global lock: the core alone, then the tests of its numbers."""
    session.install(".", "pytest>=8", "pytest-xdist>=3.8", "hypothesis>=6.100")
    folder = session.run("python", "-P", "-c", "import sn89; print(sn89.__path__[0])", silent=True)
    session.run("python", "-I", "-S", "tests/platforms/bare.py", str(folder).strip())
    session.run("pytest", "-q", *(f"tests/test_{name}.py" for name in CORE))
