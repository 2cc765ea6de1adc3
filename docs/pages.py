"""The code of the pages: what the tests run, what pictures are drawn by, and what notebooks are made of.

    python docs/pages.py            # all of it, in half a minute
    python docs/pages.py gallery    # the gallery alone

draws the pictures tutorial_*.png, distorted.png and gallery_*.svg anew, those of the gallery light and dark.

    python docs/pages.py notebooks FOLDER

writes every page with Python as a notebook.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

DOCS = Path(__file__).resolve().parent
DRAWN = ("tutorial.md", "howto/distortions.md")
STYLES = {"light": "default", "dark": "dark_background"}
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


def notebook(page: Path, text: str) -> str:
    """The page as a notebook: its words, its Python, and none of its output."""
    cells, end = [], 0
    for part in re.finditer(r"^```python\n(.*?)^```\n(?:\n```text\n.*?^```\n)?", text, re.MULTILINE | re.DOTALL):
        cells += [("markdown", text[end : part.start()]), ("code", part.group(1))]
        end = part.end()
    cells.append(("markdown", text[end:]))
    content = [_cell(i, kind, _plain(words) if kind == "markdown" else words) for i, (kind, words) in enumerate(cells)]
    return json.dumps(
        {
            "cells": [one for one in content if one["source"]],
            "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        indent=1,
    )


def write_notebooks(folder: Path) -> None:
    """Every page with Python as a notebook, named by its path."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        if "_build" not in page.parts and "\n```python\n" in text:
            name = "_".join(page.relative_to(DOCS).with_suffix(".ipynb").parts)
            (folder / name).write_text(notebook(page, text), encoding="utf-8")


def _cell(number: int, kind: str, words: str) -> dict[str, Any]:
    more = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": words.strip(), **more}


def _plain(words: str) -> str:
    """Markdown that a notebook understands: without pictures, which it draws itself, cards, and links between pages."""
    words = re.sub(r"^:{3,}.*?^:{4,}$", "", words, flags=re.MULTILINE | re.DOTALL)
    words = re.sub(r"^!\[[^\]]*\]\([^)]*\)(?:\{[^}]*\})?$", "", words, flags=re.MULTILINE)
    words = re.sub(r"\[([^\]]*)\]\((?!https?:)[^)]*\)", r"\1", words)
    return re.sub(r"\n{3,}", "\n\n", words)


def draw(page: Path) -> None:
    """Run a page with pictures of its own, and save what each block has drawn last."""
    import matplotlib.pyplot as plt

    for block in run(page, page.read_text(encoding="utf-8")):
        if block.picture and Path(block.picture).name.startswith(("tutorial", "distorted")):
            path = (page.parent / block.picture).resolve()
            plt.gcf().savefig(path, dpi=110)
            print(path.relative_to(DOCS))
    plt.close("all")


def draw_gallery() -> None:
    """Every picture of the gallery, light and dark, as SVG: the same bytes whenever it is drawn."""
    import matplotlib
    import matplotlib.pyplot as plt

    page = DOCS / "gallery.md"
    for name, style in STYLES.items():
        with plt.style.context([style, {"svg.hashsalt": "sn89", "svg.fonttype": "path"}]):
            for block in run(page, page.read_text(encoding="utf-8")):
                if block.picture:
                    path = page.parent / block.picture.replace("_light", f"_{name}")
                    plt.gcf().savefig(path, metadata={"Date": None, "Creator": f"matplotlib {matplotlib.__version__}"})
                    print(path.relative_to(DOCS))
                    plt.close("all")


def main() -> None:
    """Draw or write what is asked for."""
    import os
    from tempfile import TemporaryDirectory

    import matplotlib

    if sys.argv[1:2] == ["notebooks"]:
        write_notebooks(Path(sys.argv[2]))
        return
    matplotlib.use("Agg")
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        draw_gallery()
        for page in () if sys.argv[1:] == ["gallery"] else DRAWN:
            draw(DOCS / page)


if __name__ == "__main__":
    main()
