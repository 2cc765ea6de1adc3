"""The oldest packages that pyproject.toml allows, with Python 3.11: the package builds with them and its tests pass.

    python tests/platforms/lowest.py [PYTHON]      # which must be the oldest Python that pyproject.toml allows

Every lower bound of the ordinary dependencies, of the build and of the extras below becomes an exact version, in a
virtual environment of its own. What these packages need themselves is the newest that pip finds. Needs a package index;
takes some minutes. Exit 1 if pip finds no such versions or a test fails.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = ("cli", "data", "reader", "sklearn", "sweep", "test")
# Of the extra for tests, what the tests below ask for.
WANTED = ("pytest", "hypothesis", "pandas", "click", "setuptools", "Cython")
TESTS = ("oracle", "derivatives", "rules", "training", "stopping", "storage", "weights", "loading", "estimator", "cli")
TESTS += ("plots_learning", "plots_results", "sweep", "reader")


def numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part]


def lowest() -> list[str]:
    """The lower bounds as exact versions: `numpy==1.26` of `numpy>=1.26`; of two for one package, the higher."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    bounds = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    for extra in EXTRAS:
        found = project["project"]["optional-dependencies"][extra]
        bounds += [one for one in found if extra != "test" or one.startswith(WANTED)]
    exact: dict[str, str] = {}
    for bound in bounds:
        name, _, version = bound.partition(">=")
        exact[name] = max(
            exact.get(name, ""), version, key=lambda text: [int(part) for part in text.split(".") if part]
        )
    return [f"{name}=={version}" for name, version in sorted(exact.items())]


def main(python: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        inside = str(next(Path(folder).glob("[bS]*/python*")))  # bin, or Scripts on Windows
        pip = [inside, "-m", "pip", "install", "--quiet"]
        print("\n".join(lowest()), flush=True)
        for words in (lowest(), ["--no-build-isolation", "--no-deps", str(ROOT)]):
            if subprocess.run([*pip, *words]).returncode:
                return 1
        tests = [f"tests/test_{name}.py" for name in TESTS]
        return subprocess.run([inside, "-m", "pytest", "-q", "-n", "2", *tests], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else sys.executable))
