"""Write a net as C: one file that computes its outputs, and a header. SN's "Generate C Function" did the same."""

import os
import re
from collections.abc import Sequence
from copy import copy
from importlib import resources
from itertools import cycle, repeat
from pathlib import Path
from string import Template

import numpy as np

from ..aliases import Array
from ..arguments import check_net, pair, whole
from ..atomic import write_together
from ..compact import compact
from ..costs import RBFDiscriminative
from ..datasets.mnist import ink_of
from ..keywords import in_our_words
from ..net import Net
from ..printable import printable
from . import c_layers
from .c_layers import Layer, Numbers
from .int8 import quantise
from .steps import steps

#: Keywords of C and C++, and names in the headers of C's standard library that `_LIBRARY` does not match.
_TAKEN = frozenset(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const consteval
    constexpr constinit continue decltype default delete do double dynamic_cast else enum explicit export extern false
    float for friend goto if inline int long main mutable namespace new noexcept not not_eq nullptr operator or or_eq
    private protected public register reinterpret_cast requires restrict return short signed sizeof static
    static_assert static_cast struct switch template this thread_local throw true try typedef typeid typename typeof
    union unsigned using virtual void volatile wchar_t while xor xor_eq
    abort abs acos asin assert atan atan2 atexit atof atoi atol atoll bsearch calloc cbrt ceil clock cos cosh ctime
    difftime div erf errno exit exp exp2 expm1 fabs fdim floor fma fmax fmin fmod fopen fprintf fputs fread free frexp
    fscanf fwrite getc getchar getenv gets gmtime hypot labs ldexp ldiv lgamma linux llabs localtime log log10 log1p
    log2 longjmp malloc mktime modf nan NDEBUG NULL offsetof perror pow printf putc putchar puts qsort raise rand
    realloc remainder remove rename rewind rint round scanf setjmp setlocale signal sin sinh snprintf sprintf sqrt srand
    sscanf stderr stdin stdout system tan tanh tgamma time tmpfile trunc ungetc unix vprintf
    """.split()  # noqa: SIM905 - a list of them would be a page
)
#: Names that C's standard reserves for future headers, and the types of today's headers.
_LIBRARY = re.compile(r"(str|mem|wcs|is|to)[a-z]\w*|(E|SIG|LC_|INT|UINT|FLT_|DBL_|PRI|SCN)[A-Z0-9_]+|u?int\w*_t|\w+_t")

#: A compiler of C++ would have ten complaints about tables that are declared before they are defined.
C_ALONE = """
#ifdef __cplusplus
#error "this file is C: compile it as C; its header can be included from C++"
#endif
"""


@in_our_words({})
def c(
    net: Net,
    path: str | os.PathLike[str],
    *,
    int8: Array | None = None,
    name: str | None = None,
    image: int | Sequence[int] | None = None,
) -> None:
    """Write a net as a C file with a header.

    The file is freestanding C99 with constant tables and static buffers. It uses no library and allocates nothing. A
    comment at the top lists the layers and the memory they need. The functions in ``zip.c`` are ``zip_net(image,
    outputs)`` and ``zip_net_classify(image)``; they compute ``net(image)`` and ``net.predict(image)``.

    Parameters
    ----------
    net : Net
        The net to write.
    path : path
        The file, with the ending ``.c``; the header gets ``.h``. Both files are written whole or not at all.
    int8 : ndarray of float, shape (n, height, width), optional
        Images from which the ranges of states are found, such as 500 training images. If they are given, weights and
        states are int8 and sums int32; only the image and the outputs are float. This needs a third of the memory and
        loses little accuracy (``examples/export_c.py`` measures it). States that are larger than those for these images
        are clipped.
    name : str, optional
        Name of the first function, with which the other names begin. The default is the name of the file with ``_net``.
    image : int or (int, int), optional
        Height and width of the images. The default is the size of the images `int8`, or else `Net.image_shape`, such as
        16x16 for LeNet-1. Images that are smaller than the input planes are centred in them.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, a parameter of the net is not finite, or, with `int8`, a unit has too many inputs for
        an int32 sum.
    OSError
        If the files cannot be written.

    Notes
    -----
    The functions need a compiler whose int has 32 bits. They keep states in static memory, so that one call must end
    before another begins. For processors without floating point the compiler adds its own functions (libgcc).

    Examples
    --------
    >>> import sn89
    >>> (X, y), (Xt, yt) = sn89.datasets.synthetic(200, 50)
    >>> net = sn89.nets.zip_code(seed=1)
    >>> sn89.export.c(net, "zip.c")  # and zip.h; int8=X would write int8 code
    """
    check_net(net)
    target = _checked_path(path)
    name = _checked_name(name, target.stem)
    net = compact(net) if net.deleted.any() else copy(net)  # because another thread may train the original
    size = _image_size(net, image, int8)
    source, header = _File(net, target.stem, name, size, int8).texts()
    write_together({target: source.encode(), target.with_suffix(".h"): header.encode()})


def _checked_path(path: str | os.PathLike[str]) -> Path:
    target = Path(path)
    if target.suffix != ".c":
        also = "; a C++ compiler takes it too" if target.suffix in (".cpp", ".cc", ".cxx", ".C") else ""
        raise ValueError(f"the name of a C file must end in .c, not {str(path)!r}{also}")
    if not target.name.isprintable() or set(target.name) & set('"\\'):
        raise ValueError(f'the name of the file must not contain " or \\, because C includes its header: {str(path)!r}')
    return target


def _checked_name(name: str | None, stem: str) -> str:
    if name is None:
        word = re.sub(r"\W", "_", stem, flags=re.ASCII)
        word = word if word[:1].isalpha() else f"net{word}"
        return word if word.endswith("net") else f"{word}_net"
    if not isinstance(name, str):
        raise TypeError(f"name must be a string, not {name!r}")
    if not re.fullmatch(r"[A-Za-z]\w*", name, flags=re.ASCII) or name in _TAKEN or _LIBRARY.fullmatch(name):
        raise ValueError(
            f"name must be a function name in C and C++ that their library does not use, such as "
            f"{name if name.isidentifier() else 'zip'}_net, not {name!r}"
        )
    return name


def _image_size(net: Net, image: int | Sequence[int] | None, int8: Array | None) -> tuple[int, int]:
    """Height and width that are given, or those of the images `int8`, or of the images that the net learned from."""
    if image is not None:
        height, width = pair(image, "image")
        return whole(height, "image: height", 1, net.input.height), whole(width, "image: width", 1, net.input.width)
    shape = np.shape(int8) if int8 is not None else ()  # they are checked later
    if len(shape) < 2 or not 0 < shape[-2] <= net.input.height or not 0 < shape[-1] <= net.input.width:
        return net.image_shape
    return shape[-2], shape[-1]


class _File:
    """A net as the text of a C file and of its header."""

    def __init__(self, net: Net, stem: str, name: str, image: tuple[int, int], int8: Array | None) -> None:
        self.net, self.stem, self.name, self.image = net, stem, name, (net.input.maps, *image)
        self.steps = steps(net)
        self.source_map = c_layers.source_type(self.steps)
        self.framed = image != (net.input.height, net.input.width)
        self.is_int8 = int8 is not None
        self.counts = (np.float32(0), np.float32(0))  # steps of an int8 in the image, and of an int16 in the outputs
        numbers = self._in_floats() if int8 is None else self._in_whole_numbers(int8)
        self.layers = list(map(c_layers.write_layer, self.steps, numbers, repeat(self.source_map)))
        self.calls, self.buffers = self._calls()

    # -- Layers and calls --------------------------------------------------------------------------------------------

    def _in_floats(self) -> list[Numbers]:
        squashes, self.squash_text = c_layers.write_squashes(step.squash for step in self.steps)
        self.background: np.float32 | int = np.float32(self.net.input.background)
        return [c_layers.in_floats(step, squashes[step.squash]) for step in self.steps]

    def _in_whole_numbers(self, X: Array) -> list[Numbers]:
        count, found = quantise(self.net, self.steps, X, framed=self.framed)
        self.squash_text = ""
        self.background = round(self.net.input.background / count)
        self.counts = np.float32(count), np.float32(found[-1].step / 256)
        fine = ["0"] * (len(found) - 1) + ["answers"]
        return list(map(c_layers.in_whole_numbers, self.steps, found, fine))

    def _calls(self) -> tuple[list[str], dict[str, int]]:
        """A call for each step, and the sizes of the two buffers that the steps write to in turns."""
        walk = [(step.kind, step.identifier, step.above) for step in self.steps]
        if self.framed:
            plane = self.net.input
            walk.insert(0, ("input", "input", (plane.maps, plane.height, plane.width)))
        calls: list[str] = []
        sizes: dict[str, int] = {}
        read = "image"
        for (kind, identifier, shape), write in zip(walk[:-1], cycle(("even", "odd")), strict=False):
            calls.append(f"{kind}(&{identifier}_layer, {read}, {write});")
            sizes[write] = max(sizes.get(write, 0), int(np.prod(shape)))
            read = write
        kind, identifier, _ = walk[-1]
        return [*calls, f"{kind}(&{identifier}_layer, {read}, {'0' if self.is_int8 else 'outputs'});"], sizes

    # -- Texts ------------------------------------------------------------------------------------------------------

    def texts(self) -> tuple[str, str]:
        """The C file and its header."""
        tables = [table for layer in self.layers for table in layer.tables.items()]
        declared = "".join(c_layers.declare(*table) for table in tables)
        declared += f"static int16_t answers[{self.net.outputs}];\n" if self.is_int8 else ""
        declared = f"/* The net. Its tables are at the end of the file. */\n{declared}"
        inside = "\n".join([*self._head(), declared, *self._structs(), self._buffers()])
        functions = "net_int8.c" if self.is_int8 else "net_float.c"
        self._check_name(inside + self._fill(functions, name=""))
        defined = "\n".join(c_layers.define(*table) for table in tables)
        include = "#include <stdint.h>\n" if re.search(r"int\d+_t", inside) else ""
        head = f'#include "{self.stem}.h"\n{include}{C_ALONE}'
        source = [self._about(), head, inside, self._fill(functions), defined]
        return "\n".join(source), self._fill("net.h")

    def _check_name(self, text: str) -> None:
        """Raise a ValueError if the file uses the name for something else."""
        words = re.findall(r"\w+", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
        if same := [word for word in words if word.lower() == self.name.lower()]:
            raise ValueError(f'name must not be "{same[0]}", which the file itself uses: choose another name')

    def _head(self) -> list[str]:
        """Types, squashing functions, and the functions for each kind of layer."""
        kinds = {layer.kind for layer in self.layers}
        parts = ["int8.c"] if self.is_int8 else ["float.c"]
        parts += ["tanh.c"] if "tanh_of" in self.squash_text else []
        texts = [self._types()] + [_part(name) for name in parts] + [self.squash_text] * bool(self.squash_text)
        parts = ["shape.c"] * bool(self.framed or kinds & {"local", "average"}) + ["input.c"] * self.framed
        parts += [f"{kind}.c" for kind in ("local", "average", "full", "rbf") if kind in kinds]
        return texts + [_part(name) for name in parts]

    def _types(self) -> str:
        types = ["typedef float state, weight, bias, total;"]
        if self.is_int8:
            types = ["typedef int8_t state, weight;", "typedef int32_t total;"]
            tables = (table for layer in self.layers for table in layer.tables.items())
            biases = [table for name, table in tables if name.endswith("_biases")]
            types += [f"typedef {c_layers.type_name(biases[0]) if biases else 'int16_t'} bias;"]
        if any(layer.kind == "local" for layer in self.layers):
            types += [f"typedef {self.source_map}_t source_map;"]
        return "\n".join([*types, ""])

    def _structs(self) -> list[str]:
        structs = [layer.struct() for layer in self.layers]
        if self.framed:
            planes = (self.net.input.maps, self.net.input.height, self.net.input.width)
            fields = {"planes": c_layers.braces(planes), "image": c_layers.braces(self.image)}
            fields["background"] = c_layers.literal(self.background)
            structs.insert(0, Layer("input", "input", fields, {}).struct())
        return structs

    def _buffers(self) -> str:
        if not self.buffers:
            return ""
        sizes = ", ".join(f"{name}[{size}]" for name, size in self.buffers.items())
        return f"/* States, of one layer and of the next. */\nstatic state {sizes};\n"

    def _fill(self, part: str, name: str | None = None) -> str:
        name = self.name if name is None else name
        maps, height, width = self.image
        fields = {
            "name": name,
            "NAME": name.upper(),
            "file": _comment(self.stem),
            "title": _comment(self.net.name),
            "background": f"{self.net.input.background:g}",
            "ink": f"{ink_of(self.net.input.background):g}",
            "include": "\n#include <stdint.h>\n" if self.is_int8 else "",
            "maps": maps,
            "height": height,
            "width": width,
            "inputs": maps * height * width,
            "outputs": self.net.outputs,
            "calls": "\n".join(f"    {call}" for call in self.calls),
            "better": "<" if self._smallest() else ">",
            "best": "smallest" if self._smallest() else "largest",
            "image_step": c_layers.literal(self.counts[0]),
            "output_step": c_layers.literal(self.counts[1]),
        }
        whole_numbers = Template(_part("net_int8.h")).substitute(fields) if self.is_int8 else ""
        return Template(_part(part)).substitute(fields, whole=whole_numbers)

    def _smallest(self) -> bool:
        """Whether the smallest output is the answer, because the outputs are distances."""
        return isinstance(self.net.cost, RBFDiscriminative)

    def _about(self) -> str:
        """The comment at the top."""
        flash = sum(array.nbytes for layer in self.layers for array in layer.tables.values())
        maps, height, width = self.image
        planes = f"{maps} planes of {height}x{width}" if maps > 1 else f"{height}x{width}"
        kind = "int8, with sums of int32" if self.is_int8 else "float"
        lines = [
            *_comment(str(self.net)).split("\n"),
            "",
            f"Weights and states are {kind}.",
            f"Flash: {flash:,} bytes of tables, and the code. RAM: {self._ram():,} bytes of static buffers.",
            "",
            f"float image[{maps * height * width}], outputs[{self.net.outputs}];  the image is {planes}, row after row",
            f"{self.name}(image, outputs);  the outputs",
            f"{self.name}_classify(image);  the number of the {'smallest' if self._smallest() else 'largest'} of them",
            "",
            "Written by sn89.",
        ]
        return "/* " + "\n".join(f" * {line}".rstrip() for line in lines)[3:] + "\n */"

    def _ram(self) -> int:
        """Bytes of static buffers: the states, and the outputs as float, or as int16 with the image as int8."""
        states = sum(self.buffers.values())
        if self.is_int8:
            return states + 2 * self.net.outputs + int(np.prod(self.image))
        return 4 * (states + self.net.outputs)


def _part(name: str) -> str:
    return resources.files(__package__).joinpath("c_parts", name).read_text(encoding="utf-8")


def _comment(text: str) -> str:
    """Text that cannot end or begin a comment or a trigraph."""
    return printable(text).replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
