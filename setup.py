"""The one thing that pyproject.toml cannot say: how the C core becomes sn89._core."""

import sys
from glob import glob

from setuptools import Extension, setup

# The core's promise of the same bits wherever it runs needs plain IEEE arithmetic: no fast-math, no contraction of
# a * b + c by the compiler, no instruction set but the platform's baseline.
FLAGS = (
    ["/std:c11", "/O2", "/fp:precise"]
    if sys.platform == "win32"
    else ["-std=c11", "-O3", "-ffp-contract=off", "-fvisibility=hidden"]
)

setup(
    ext_modules=[
        Extension(
            "sn89._core",
            sources=["sn89/_core.pyx", *sorted(glob("csrc/*.c"))],
            depends=["sn89/_core.pxd", "sn89/_declare.pxi", *sorted(glob("csrc/*.h"))],
            include_dirs=["csrc"],
            extra_compile_args=FLAGS,
            libraries=[] if sys.platform == "win32" else ["m"],
        )
    ]
)
