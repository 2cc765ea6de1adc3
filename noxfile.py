"""What a developer does, by name: `nox -l` lists it, `nox -s lint` does it, each in an environment of its own.

`.ci/run` is what must hold before a change is taken; these sessions are its parts, and more that takes longer.
"""

from pathlib import Path

import nox

nox.options.sessions = ["lint", "test"]
NEWEST = "3.14"
CORE = ["oracle", "derivatives", "training", "rules"]  # what wheels are tested with, and the rules


@nox.session
def test(session: nox.Session) -> None:
    """The whole test suite; words after -- go to pytest."""
    session.install(".[test]")
    session.run("pytest", "-ra", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Formatters, linters and types."""
    session.install("ruff~=0.17.0", "clang-format~=23.1.0", "mypy~=2.4.0", ".[test]")
    session.run("ruff", "check", ".")
    session.run("ruff", "check", "--preview", "--select", "PLW1514", ".")  # text is opened with its encoding named
    session.run("ruff", "format", "--check", ".")
    sources = [str(path) for folder in ("csrc", "tests/hardening") for path in sorted(Path(folder).glob("*.[ch]"))]
    style = "--style=file:csrc/.clang-format"
    session.run("clang-format", style, "--dry-run", "--Werror", *sources, "sn89/export/web/core.c")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, in docs/_build."""
    session.install(".[docs]")
    session.run("sphinx-build", "-W", "-b", "html", "docs", "docs/_build")


@nox.session
def wheels(session: nox.Session) -> None:
    """The source distribution and this machine's wheel, in dist, checked as a release checks them."""
    session.install("build", "twine", "abi3audit", "cibuildwheel")
    session.run("python", "-m", "build")
    packed = [str(path) for path in sorted(Path("dist").glob("sn89-*"))]
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


@nox.session(python=[NEWEST, f"{NEWEST}t", "3.15"])
def newest(session: nox.Session) -> None:
    """The newest interpreters, one of them without a global lock: the core alone, then the tests of its numbers."""
    session.install(".", "pytest>=8", "pytest-xdist>=3.6.1", "hypothesis>=6.100")
    folder = session.run("python", "-P", "-c", "import sn89; print(sn89.__path__[0])", silent=True)
    session.run("python", "-I", "-S", "tests/platforms/bare.py", str(folder).strip())
    session.run("pytest", "-q", *(f"tests/test_{name}.py" for name in CORE))
