"""The parts of the build that pyproject.toml cannot say: how the C core becomes sn89._core."""

import sys
import sysconfig
from glob import glob

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# The core's promise of the same bits wherever it runs needs plain IEEE arithmetic: no fast-math, no contraction of
# a * b + c by the compiler, no instruction set but the platform's baseline. Without -g0,
# Python's own flags may ask for notes for debuggers, which make the wheel four times as large.
MICROSOFT = ["/std:c11", "/O2", "/fp:precise"]
OTHERS = ["-std=c11", "-O3", "-ffp-contract=off", "-fvisibility=hidden", "-g0"]

# Where C would keep float results in wider registers, which csrc/exact.h refuses.
NARROW = {"s390x": ["-fexcess-precision=fast"], "i686": ["-msse2", "-mfpmath=sse"], "i386": ["-msse2", "-mfpmath=sse"]}

# One build for every CPython from 3.11 on, which costs training nothing. Without a GIL there is no such interface yet.
ABI3 = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")


class Build(build_ext):
    """The flags are those of the compiler that builds, not of the system: Windows has MinGW too."""

    def build_extensions(self) -> None:
        microsoft = self.compiler.compiler_type == "msvc"
        processor = sysconfig.get_platform().rpartition("-")[2]
        for extension in self.extensions:
            extension.extra_compile_args += MICROSOFT if microsoft else OTHERS + NARROW.get(processor, [])
            extension.libraries += [] if microsoft else ["m"]
        super().build_extensions()


setup(
    cmdclass={"build_ext": Build},
    ext_modules=[
        Extension(
            "sn89._core",
            sources=["sn89/_core.pyx", *sorted(glob("csrc/*.c"))],
            depends=["sn89/_core.pxd", "sn89/_declare.pxi", *sorted(glob("csrc/*.h"))],
            include_dirs=["csrc"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if ABI3 else [],
            py_limited_api=ABI3,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if ABI3 else {},
)
