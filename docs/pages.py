"""The code of the pages: what the tests run, and what the tutorial's pictures are drawn by.

    python docs/pages.py

draws the pictures tutorial_*.png and distorted.png anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

DOCS = Path(__file__).resolve().parent
DRAWN = ("tutorial.md", "howto/distortions.md")
_PARTS = re.compile(r"^```(\w+)\n(.*?)^```$|^!\[[^\]]*\]\(([^)]*)\)", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block of code, the output that the page shows below it, and the picture that comes next.

    Attributes
    ----------
    language : str
    line : int
        Where its first line is.
    code : str
    output : str or None
    picture : str or None
        As the page links it.
    """

    language: str
    line: int
    code: str
    output: str | None = None
    picture: str | None = None


def blocks(text: str) -> list[Block]:
    """All blocks of a page but those of output, in their order."""
    found: list[Block] = []
    for part in _PARTS.finditer(text):
        language, code, picture = part.groups()
        if picture and found and found[-1].picture is None:
            found[-1] = found[-1]._replace(picture=picture)
        elif language == "text" and found:
            found[-1] = found[-1]._replace(output=code)
        elif language:
            found.append(Block(language, text.count("\n", 0, part.start()) + 2, code))
    return found


def run(page: Path, text: str, names: dict[str, Any] | None = None) -> Iterator[Block]:
    """Run the Python blocks of a page in one namespace, and yield each when it is done.

    Lines are numbered as in the page, so that an error points there.
    """
    names = {"__name__": page.stem, **(names or {})}
    for block in blocks(text):
        if block.language == "python":
            code = compile("\n" * (block.line - 1) + block.code, str(page), "exec")
            exec(code, names)
            yield block


def main() -> None:
    """Run the pages with pictures of their own, and save what each block has drawn last."""
    import os
    from tempfile import TemporaryDirectory

    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with TemporaryDirectory() as folder:
        os.chdir(folder)
        for page in (DOCS / name for name in DRAWN):
            for block in run(page, page.read_text(encoding="utf-8")):
                if block.picture and Path(block.picture).name.startswith(("tutorial", "distorted")):
                    path = (page.parent / block.picture).resolve()
                    plt.gcf().savefig(path, dpi=110)
                    print(path.relative_to(DOCS))
            plt.close("all")


if __name__ == "__main__":
    main()
