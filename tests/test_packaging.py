"""What is packed: the packages, the extras and the version as pyproject.toml has them, and the source distribution.

``tests/hardening/wheel`` builds all of it, installs it where there is no compiler, and tries it there.
"""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from setuptools import find_packages

import sn89

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
SETUPTOOLS = PROJECT["tool"]["setuptools"]
PYTHON = sorted((ROOT / "sn89").rglob("*.py"))
NOT_PACKED = {".git", ".github", "build", "dist", "sn89.egg-info", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


def test_every_folder_of_python_is_a_package_that_is_installed():
    folders = {".".join(file.parent.relative_to(ROOT).parts) for file in PYTHON}
    assert folders == set(find_packages(str(ROOT), **SETUPTOOLS["packages"]["find"]))


def test_every_extra_that_an_error_names_exists():
    named = {extra for file in PYTHON for extra in re.findall(r"sn89\[(\w+)\]", file.read_text("utf-8"))}
    assert {"cli", "onnx", "sklearn"} <= named <= set(EXTRAS)


def test_the_extras_for_tests_have_all_that_others_need():
    some, rest = (re.match(r"sn89\[([\w,]+)\]$", EXTRAS[name][0]) for name in ("test", "test-full"))
    assert some is not None
    assert rest is not None
    inside = {*some[1].split(","), *rest[1].split(",")}
    assert inside == set(EXTRAS) - {"test-full", "benchmarks", "fuzz"}


def test_versions_agree():
    kept = re.search(r'__version__ = "(.+)"', (ROOT / "sn89" / "version.py").read_text("utf-8"))
    assert kept is not None
    assert kept[1] == sn89.__version__
    assert f"\nversion: {kept[1]}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert SETUPTOOLS["dynamic"]["version"] == {"attr": "sn89.version.__version__"}
    least = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert PROJECT["tool"]["mypy"]["python_version"] == least
    major, minor = map(int, least.split("."))
    script = (ROOT / "setup.py").read_text("utf-8")
    assert re.findall(r"0x03\w{6}", script) == [f"0x{major:02X}{minor:02X}0000"]
    assert re.findall(r"cp3\d+", script) == [f"cp{major}{minor}"]


# ---- The source distribution ------------------------------------------------------------------------------------


def copied(out):
    """These sources, copied anew, with other times and the permissions that the umask says."""
    copy = out / "copy" / "sn89"
    junk = shutil.ignore_patterns("__pycache__", ".hypothesis")
    shutil.copytree(
        ROOT,
        copy,
        copy_function=shutil.copyfile,
        ignore=lambda at, names: {*junk(at, names), *(NOT_PACKED & set(names))},
    )
    return copy


def built(what, out, copy, **environment):
    """What setuptools builds of a copy, an `sdist` or a `wheel`."""
    build = f"from setuptools.build_meta import build_{what}; print(build_{what}({str(out)!r}))"
    known = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"} | environment
    done = subprocess.run([sys.executable, "-c", build], cwd=copy, capture_output=True, text=True, env=known)
    assert done.returncode == 0, done.stderr
    return out / done.stdout.split()[-1]


def build_sdist(out):
    copy = copied(out)
    (copy / "sn89" / "_core.c").touch()  # what a build leaves must not go with it
    (copy / "sn89" / "_core.abi3.so").touch()
    return built("sdist", out, copy)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    pytest.importorskip("setuptools", minversion="77")
    pytest.importorskip("Cython", minversion="3.1")
    return build_sdist(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def packed(archive):
    """The names of the files in the source distribution."""
    with tarfile.open(archive) as files:
        return {one.name.partition("/")[2] for one in files if one.isfile()}


@pytest.mark.thorough
def test_the_source_distribution_is_the_same_to_the_byte_whenever_it_is_made(archive, tmp_path):
    """Files copied anew have other times; the umask of whoever packs them may be another too."""
    mask = os.umask(0o077)
    try:
        again = build_sdist(tmp_path)
    finally:
        os.umask(mask)
    assert again.read_bytes() == archive.read_bytes()


def with_a_short_core(out):
    """A copy with a core of one line, which is compiled in a moment."""
    copy = copied(out)
    for path in [*copy.glob("csrc/*.c"), *copy.glob("sn89/_core*")]:
        path.unlink()
    (copy / "sn89" / "_core.pyx").write_text("simd = 'fmaf'\n", "utf-8")
    return copy


def build_wheel(out):
    return built("wheel", out, with_a_short_core(out), SOURCE_DATE_EPOCH="1234567890")


@pytest.mark.skipif(sys.platform == "win32", reason="Microsoft's compiler is looked for by setuptools, which says so")
def test_a_build_without_a_compiler_says_what_is_missing(tmp_path):
    words = [sys.executable, "setup.py", "build_ext"]
    environment = os.environ | {"CC": "no-such-compiler"}
    done = subprocess.run(words, cwd=with_a_short_core(tmp_path), capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert "needs a C compiler, and the command no-such-compiler was not found: docs/install.md" in done.stderr
    assert "Traceback" not in done.stderr
    assert "which takes up to a minute" in done.stdout


@pytest.mark.thorough
def test_the_wheel_is_the_same_to_the_byte_wherever_and_whenever_it_is_made(tmp_path):
    """`nox -s wheels` compares wheels with the whole core."""
    (tmp_path / "one").mkdir()
    (tmp_path / "another folder").mkdir()
    first = build_wheel(tmp_path / "one")
    mask = os.umask(0o077)
    try:
        again = build_wheel(tmp_path / "another folder")
    finally:
        os.umask(mask)
    assert again.name == first.name
    assert again.read_bytes() == first.read_bytes()
    with zipfile.ZipFile(first) as wheel:
        assert {one.date_time for one in wheel.infolist()} == {(2009, 2, 13, 23, 31, 30)}


def metadata(folder, **environment):
    """The package's metadata, as a build there would write it."""
    ask = "from setuptools.build_meta import prepare_metadata_for_build_wheel as p; import sys; print(p(sys.argv[1]))"
    known = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    words = [sys.executable, "-c", ask, str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, env=known | environment)
    assert done.returncode == 0, done.stderr
    return email.message_from_string((folder / done.stdout.split()[-1] / "METADATA").read_text("utf-8"))


def test_the_page_of_a_release_has_links_that_lead_somewhere(tmp_path):
    home = {"GITHUB_SERVER_URL": "https://example.org", "GITHUB_REPOSITORY": "bell/sn89", "GITHUB_SHA": "abc"}
    told = metadata(tmp_path, **home)
    assert "Source, https://example.org/bell/sn89" in told.get_all("Project-URL")
    links = re.findall(r"\]\(([^)\s]+)", told.get_payload())
    assert any(link.startswith("https://example.org/bell/sn89/raw/abc/docs/pictures/") for link in links)
    assert [link for link in links if not link.startswith(("https://", "#"))] == []


def test_a_build_without_cython_says_what_is_missing(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'Cython' else find(name, *rest)\n"
    )
    words = [sys.executable, "setup.py", "--version"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert "needs Cython" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_metadata_are_complete(tmp_path):
    told = metadata(tmp_path)
    for name in ("Author", "Keywords", "License-Expression", "Requires-Python", "Summary"):
        assert told[name], name
    assert told["Description-Content-Type"] == "text/markdown"
    assert told.get_payload() == (ROOT / "README.md").read_text("utf-8")
    assert any(one.startswith("Development Status") for one in told.get_all("Classifier"))


def tracked(*patterns):
    return {file.relative_to(ROOT).as_posix() for pattern in patterns for file in ROOT.glob(pattern)}


def test_the_source_distribution_has_what_is_built_tested_and_shown(packed):
    wanted = tracked(
        "csrc/*.[ch]",
        "sn89/**/*.py",
        "sn89/export/web/**/*.*",
        "examples/*.py",
        "tests/*.py",
        "tests/golden/*",
        "docs/**/*.png",
        "*.md",
        "CITATION.cff",
    )
    wanted |= {"sn89/_core.pyx", "sn89/_core.pxd", "sn89/_declare.pxi", "sn89/_owner.pxi", "sn89/_patterns.pxi"}
    wanted |= {"sn89/_core.pyi", "sn89/py.typed"}
    wanted |= {
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "setup.py",
        "docs/sn.md",
        "docs/_static/sn89.css",
        "benchmarks/work.py",
        ".ci/run",
    }
    assert wanted - packed == set()


def test_every_system_can_unpack_the_sources(archive):
    """Windows reserves names, and like macOS does not tell Zip from zip; symbolic links need rights there."""
    with tarfile.open(archive) as files:
        members = files.getmembers()
    assert all(one.isfile() or one.isdir() for one in members)
    names = [one.name for one in members]
    assert len({name.casefold() for name in names}) == len(names)
    parts = {part for name in names for part in name.split("/")}
    reserved = re.compile(r"(con|prn|aux|nul|(com|lpt)\d)(\..*)?", re.IGNORECASE)
    assert [part for part in parts if reserved.fullmatch(part) or re.search(r'[<>:"|?*\\]|[. ]$', part)] == []
    assert max(map(len, names)) < 160  # of the 260 characters that Windows allows with the folder


def test_what_tasks_name_exists():
    """Files and extras that noxfile.py speaks of."""
    said = (ROOT / "noxfile.py").read_text("utf-8")
    named = set(re.findall(r'"((?:tests|examples|sn89)/[\w/]+\.\w+)"', said))
    assert len(named) >= 4
    assert [name for name in named if not (ROOT / name).is_file()] == []
    extras = {extra for words in re.findall(r'"\.\[([\w,-]+)\]"', said) for extra in words.split(",")}
    assert {"test-full", "docs"} <= extras <= set(EXTRAS)
    tests = re.search(r"CORE = \[(.*)\]", said)
    assert all((ROOT / "tests" / f"test_{name}.py").is_file() for name in re.findall(r"\w+", tests[1]))


def test_formatters_have_one_version_everywhere():
    places = [".pre-commit-config.yaml", "noxfile.py", ".ci/run"]
    named = [re.findall(r"(ruff|clang-format|mypy)(~=[\d.]+)", (ROOT / place).read_text("utf-8")) for place in places]
    assert all({"ruff", "clang-format"} <= {tool for tool, _ in found} for found in named)
    assert len({one for found in named for one in found}) == 3


def test_the_formatter_of_c_formats_the_same_files_at_a_commit_as_everywhere():
    chosen = re.search(r"^ +files: (.+)$", (ROOT / ".pre-commit-config.yaml").read_text("utf-8"), re.MULTILINE)
    patterns = re.search(r"clang-format .*--Werror (.+)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    sources = {one.relative_to(ROOT).as_posix() for one in [*ROOT.glob("*/**/*.c"), *ROOT.glob("*/**/*.h")]}
    wanted = {one.relative_to(ROOT).as_posix() for pattern in patterns[1].split() for one in ROOT.glob(pattern)}
    assert {one for one in sources if re.search(chosen[1], one)} == wanted
    assert len(wanted) > 20


def test_unpacked_sources_test_what_is_installed(archive, tmp_path):
    """`python -m pytest` puts the folder on the path, where sn89 has no core."""
    with tarfile.open(archive) as files:
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Python 3.11.4
        files.extractall(tmp_path, **safely)
    (folder,) = tmp_path.iterdir()
    (folder / "tests" / "test_it.py").write_text(
        f"import sn89\n\ndef test_it():\n    assert sn89.__file__ == {sn89.__file__!r}\n", "utf-8"
    )
    words = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-q", "tests/test_it.py"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_source_distribution_has_nothing_that_was_built_nor_data(packed):
    assert [name for name in packed if re.search(r"(^|/)_core\.c$|\.so$|\.pyc$|\.gz$|\.egg-info/.*\.so", name)] == []


@pytest.mark.parametrize(
    ("package", "name"), [("sn89", "py.typed"), ("sn89", "_core.pyi"), ("sn89.export", "web/core.wasm")]
)
def test_files_that_are_no_python_are_installed_too(package, name):
    assert ROOT.joinpath(*package.split("."), name).is_file()
    assert any(Path(name).match(pattern) for pattern in SETUPTOOLS["package-data"][package])
    assert SETUPTOOLS["include-package-data"] is False  # or the C source of the page would be, too
