"""Train the zip-code net and write it as C: in floats, and in whole numbers of 8 bits; then compile and compare both.

    python examples/export_c.py                         # 23 passes on the paper's digits: zip.c and zip_int8.c
    python examples/export_c.py --weights weights.npz   # those that train_zip.py wrote, without training

Needs a C compiler (--cc) for the comparison, and Debian's gcc-arm-none-eabi for sizes on a microcontroller. The digits
are looked for in --data, $SN89_DATA and the user's cache, then downloaded; without any the package draws synthetic
ones, and says so.
"""

from __future__ import annotations

import argparse
import ctypes
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import sn89
import sn89.export
from sn89.cli.script import errors_in_one_line, or_synthetic
from sn89.datasets import Digits
from sn89.recipes import ZIP_1989

ARM = "arm-none-eabi-gcc"
CORTEX_M4 = ("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16")
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-ffreestanding")
CALIBRATION = 500  # training digits from which the int8 variant has its ranges


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with the files of USPS")
    parser.add_argument("--synthetic", action="store_true", help="use digits drawn by the package")
    parser.add_argument(
        "--passes", type=int, default=ZIP_1989.passes, help="passes over the training set (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the start (%(default)s)")
    parser.add_argument("--weights", type=Path, help="a file of arrays by name, instead of training")
    parser.add_argument("--cc", default="cc", help="the compiler (%(default)s)")
    parser.add_argument("--output", type=Path, default=Path("."), help="folder for what is written (this one)")
    return parser.parse_args()


def find_net(options: argparse.Namespace, digits: Digits) -> sn89.Net:
    """The net, trained, or with weights from a file."""
    if options.weights is None:
        return ZIP_1989.train(digits.train, options.seed, passes=options.passes, progress=None)[0]
    net = sn89.nets.zip_code()
    with np.load(options.weights) as saved:
        for name, array in net.arrays().items():
            array[...] = saved[name]
    return net


def run(source: Path, name: str, cc: str, net: sn89.Net, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and classes of images, by the compiled file."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "net.so"
        subprocess.run([cc, *STRICT, "-O2", "-shared", "-fPIC", source, "-o", library], check=True)
        compiled = ctypes.CDLL(str(library))
        outputs, classes = np.empty((len(X), net.outputs), np.float32), np.empty(len(X), np.int64)
        for i, image in enumerate(np.ascontiguousarray(X, np.float32)):
            compiled[name](ctypes.c_void_p(image.ctypes.data), ctypes.c_void_p(outputs[i].ctypes.data))
            classes[i] = compiled[f"{name}_classify"](ctypes.c_void_p(image.ctypes.data))
    return outputs, classes


def memory(source: Path) -> str:
    """Flash and RAM on a Cortex-M4, by the compiler for it; without one, by the file's own words."""
    if not shutil.which(ARM) or not shutil.which("arm-none-eabi-size"):
        return re.search(r"Flash: .*", source.read_text(encoding="utf-8"))[0] + f" ({ARM} would say how much code)"
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "net.o"
        subprocess.run([ARM, *CORTEX_M4, *STRICT, "-Os", "-c", source, "-o", built], check=True)
        told = subprocess.run(["arm-none-eabi-size", built], check=True, capture_output=True, text=True).stdout
    text, data, bss = map(int, told.splitlines()[1].split()[:3])
    return f"flash {text + data:,} bytes, RAM {data + bss:,} bytes (Cortex-M4, -Os)"


def wrong(labels: np.ndarray, y: np.ndarray) -> str:
    """The share and the number of misclassified digits."""
    return f"{100 * np.mean(labels != y):.2f} % wrong ({np.sum(labels != y)})"


def main() -> None:
    """Train, write both files, compile them, compare."""
    options = arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    digits = sn89.datasets.synthetic() if options.synthetic else or_synthetic(sn89.datasets.usps, options.data)
    net, (X, y) = find_net(options, digits), digits.test
    floats, whole = options.output / "zip.c", options.output / "zip_int8.c"
    sn89.export.c(net, floats, name="zip_net")
    sn89.export.c(net, whole, name="zip_net", int8=digits.train[0][:CALIBRATION])
    if not shutil.which(options.cc):
        sys.exit(f"export_c.py: {floats} and {whole} are written; there is no compiler {options.cc} to compare them")
    (found, labels), (rough, rough_labels) = (run(one, "zip_net", options.cc, net, X) for one in (floats, whole))
    print(f"{digits.name}, {len(X):,} test digits")
    print(f"sn89    {wrong(net.predict(X), y)}")
    print(f"float   {wrong(labels, y)}; outputs within {abs(found - net(X)).max():.1e} of sn89")
    print(f"        {floats}: {memory(floats)}")
    agreed = f"agrees with float on {100 * np.mean(labels == rough_labels):.2f} %"
    print(f"int8    {wrong(rough_labels, y)}; {agreed}; outputs off by {abs(rough - found).mean():.4f} on average")
    print(f"        {whole}: {memory(whole)}")


if __name__ == "__main__":
    with errors_in_one_line("export_c.py", also=(KeyError, subprocess.CalledProcessError)):
        main()
