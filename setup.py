"""The parts of the build that pyproject.toml cannot say: how the C core becomes sn89._core."""

import gzip
import importlib.util
import io
import itertools
import logging
import os
import re
import shutil
import sys
import sysconfig
import tarfile
from concurrent.futures import ThreadPoolExecutor
from glob import glob
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

# The core's promise of the same bits wherever it runs needs plain IEEE arithmetic: no fast-math, no contraction of
# a * b + c by the compiler, no instruction set but the platform's baseline. Without -g0,
# Python's own flags may ask for notes for debuggers, which make the wheel four times as large.
MICROSOFT = ["/std:c11", "/O2", "/fp:precise"]
OTHERS = ["-std=c11", "-O3", "-ffp-contract=off", "-fvisibility=hidden", "-g0"]

# Where C would keep float results in wider registers, which csrc/exact.h refuses.
NARROW = {"s390x": ["-fexcess-precision=fast"], "i686": ["-msse2", "-mfpmath=sse"], "i386": ["-msse2", "-mfpmath=sse"]}

# One build for every CPython from 3.11 on, which costs training nothing. Without a GIL there is no such interface yet.
ABI3 = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")


# The page of a release shows README.md, whose links and pictures are relative to the repository. Only the service that
# builds the release knows where that is.
REPOSITORY = "/".join(os.environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY")).strip("/")
REVISION = os.environ.get("GITHUB_SHA", "HEAD")


def readme() -> str:
    """README.md, with absolute links if the repository is known."""
    text = Path("README.md").read_text("utf-8")
    if not REPOSITORY:
        return text
    text = re.sub(r"(!\[[^\]]*\]\()(?!https?:)", rf"\g<1>{REPOSITORY}/raw/{REVISION}/", text)
    return re.sub(r"(\]\()(?!https?:|#)", rf"\g<1>{REPOSITORY}/blob/{REVISION}/", text)


# Without Cython setuptools would look for the C that Cython makes of _core.pyx, and miss that file.
if importlib.util.find_spec("Cython") is None:
    sys.exit(
        "building sn89 needs Cython, which is not installed here: leave out --no-build-isolation, so that pip brings "
        "it, or install it first: pip install 'Cython>=3.1'"
    )


# Files in what is packed have the time of the commit, where whoever builds tells it, or one that is always the same.
os.environ.setdefault("SOURCE_DATE_EPOCH", "315532800")


def side_by_side(compile_files):
    """compile_files(sources, ...), but with all processors busy: setuptools compiles one file after another."""

    def compiled(sources, *arguments, **options):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            objects = pool.map(lambda source: compile_files([source], *arguments, **options), sources)
            return list(itertools.chain.from_iterable(objects))

    return compiled


class Build(build_ext):
    """The flags are those of the compiler that builds, not of the system: Windows has MinGW too."""

    def build_extensions(self) -> None:
        microsoft = self.compiler.compiler_type == "msvc"
        processor = sysconfig.get_platform().rpartition("-")[2]
        for extension in self.extensions:
            extension.extra_compile_args += MICROSOFT if microsoft else OTHERS + NARROW.get(processor, [])
            extension.libraries += [] if microsoft else ["m"]
        if not microsoft:  # whose compile() sets itself up when it is first called
            self.compiler.compile = side_by_side(self.compiler.compile)
        files = sum(len(extension.sources) for extension in self.extensions)
        self.announce(f"compiling {files} files of C, which takes up to a minute", logging.INFO)
        try:
            super().build_extensions()
        except Exception:
            if microsoft or shutil.which(self.compiler.compiler_so[0]):
                raise
            sys.exit(
                f"building sn89 needs a C compiler, and the command {self.compiler.compiler_so[0]} was not found: "
                "docs/install.md says what to install (on Debian and Ubuntu: apt install gcc python3-dev)"
            )


class Wheel(bdist_wheel):
    """The same bytes whenever it is built by the same compiler: files have the same permissions whatever the umask."""

    def write_wheelfile(self, *arguments, **options) -> None:
        super().write_wheelfile(*arguments, **options)
        for path in Path(self.bdist_dir).rglob("*"):
            path.chmod(0o755 if path.is_dir() or path.suffix == ".so" else 0o644)


class SourceDistribution(sdist):
    """The same bytes whoever packs the same files, and whenever: no names, and one time."""

    def make_archive(self, *arguments, **options) -> str:
        path = super().make_archive(*arguments, **options)
        if not path.endswith(".tar.gz"):
            return path
        with tarfile.open(path) as archive:
            members = sorted(archive.getmembers(), key=lambda member: member.name)
            contents = [archive.extractfile(member) if member.isfile() else None for member in members]
            data = [content.read() if content else b"" for content in contents]
        with (
            Path(path).open("wb") as file,
            gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for member, content in zip(members, data, strict=True):
                member.mtime = int(os.environ["SOURCE_DATE_EPOCH"])
                member.uid = member.gid = 0
                member.uname = member.gname = ""
                member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
                member.pax_headers = {}
                archive.addfile(member, io.BytesIO(content))
        return path


setup(
    long_description=readme(),
    long_description_content_type="text/markdown",
    project_urls={"Source": REPOSITORY, "Changes": f"{REPOSITORY}/blob/HEAD/CHANGELOG.md"} if REPOSITORY else {},
    cmdclass={"build_ext": Build, "bdist_wheel": Wheel, "sdist": SourceDistribution},
    ext_modules=[
        Extension(
            "sn89._core",
            sources=["sn89/_core.pyx", *sorted(glob("csrc/*.c"))],
            depends=[*glob("sn89/_*.px[di]"), *sorted(glob("csrc/*.h"))],
            include_dirs=["csrc"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if ABI3 else [],
            py_limited_api=ABI3,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if ABI3 else {},
)
