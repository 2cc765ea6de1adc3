"""Put the files of ``web/`` into one: join the modules, compress the data, fill the template.

In a file opened from disk, or in a sandboxed frame, not every browser lets modules import one another. So the modules
are joined here in the order of their dependencies. Each stays a scope of its own: a function that returns its exports.
"""

import base64
import json
import posixpath
import re
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

_IMPORT = re.compile(r'^import \{ ([\w$, ]+) \} from "(\.[\w./-]+)";$')
_EXPORT = re.compile(r"^export (?:async )?(?:function|class|const) ([\w$]+)")
_PLACE = re.compile(r"\{(\w+)\}")


def web(name: str) -> bytes:
    """A file of ``web/``."""
    return resources.files(__package__).joinpath("web", *name.split("/")).read_bytes()


@cache
def joined(entry: str, name: str | None = None) -> str:
    """A module and everything it imports as one script, which puts the module's exports into ``globalThis[name]``."""
    ordered: dict[str, str] = {}
    _follow(entry, ordered, ())
    known = {path: f"m{number}" for number, path in enumerate(ordered)}
    parts = [f"const {known[path]} = {_scope(path, source, known)};" for path, source in ordered.items()]
    last = f"\nglobalThis.{name} = {{ ...{known[entry]} }};" if name else ""
    return f'(() => {{\n"use strict";\n{chr(10).join(parts)}{last}\n}})();\n'


def _follow(path: str, ordered: dict[str, str], above: tuple[str, ...]) -> None:
    """Add a module after the modules that it imports."""
    if path in above:
        raise ValueError(f"modules import each other in a circle: {' -> '.join((*above, path))}")
    if path in ordered:
        return
    source = script(path)
    for line in source.split("\n"):
        if found := _IMPORT.match(line):
            _follow(_beside(path, found[2]), ordered, (*above, path))
        elif line.startswith("import "):
            raise ValueError(f"{path}: an import must be one line of names, not {line!r}")
    ordered[path] = source


def _beside(path: str, other: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), other))


def _scope(path: str, source: str, known: Mapping[str, str]) -> str:
    lines, exported = [], []
    for line in source.split("\n"):
        if found := _IMPORT.match(line):
            line = f"const {{ {found[1].replace(' as ', ': ')} }} = {known[_beside(path, found[2])]};"
        elif found := _EXPORT.match(line):
            exported.append(found[1])
            line = line.removeprefix("export ")
        elif line.startswith("export "):
            raise ValueError(f"{path}: an export must be a function, a class or a constant, not {line!r}")
        lines.append(line)
    return f"(() => {{\n{chr(10).join(lines)}\nreturn {{ {', '.join(exported)} }};\n}})()"


def script(name: str) -> str:
    """A script without comments and indentation, because nobody reads it in the page."""
    lines = (line.strip() for line in web(name).decode().split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def filled(fields: Mapping[str, str], parts: Sequence[bytes]) -> str:
    """The page with these fields, and the parts as one deflated block in base64.

    The template is read in one pass, so that braces in a field are not replaced.
    """
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = base64.b64encode(deflate.compress(b"".join(parts)) + deflate.flush()).decode()
    known = {
        **fields,
        "style": web("page.css").decode(),
        "boot": script("boot.js"),
        "sizes": json.dumps([len(part) for part in parts]),
        "packed": packed,
    }
    return _PLACE.sub(lambda found: known[found[1]], web("page.html").decode())
