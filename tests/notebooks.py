"""What is wrong with notebooks that were executed: errors, warnings, pictures that are shown twice or in no form.

python docs/pages.py notebooks FOLDER
jupyter nbconvert --to notebook --execute --inplace FOLDER/*.ipynb
python tests/notebooks.py FOLDER
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def complaints(notebook: dict[str, Any]) -> Iterator[str]:
    """What a reader of the notebook would stumble over, cell by cell."""
    seen: set[str] = set()
    for cell in (one for one in notebook["cells"] if one["cell_type"] == "code"):
        where = "".join(cell["source"]).split("\n")[0]
        if cell["execution_count"] is None:
            yield f"not executed: {where}"
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                yield f"{output['ename']}: {output['evalue']}: {where}"
            pictures = [(kind, "".join(one)) for kind, one in output.get("data", {}).items() if kind[:6] == "image/"]
            text = "".join(output.get("text", "")) + "".join(output.get("data", {}).get("text/plain", ""))
            if "Warning: " in text or ("<Figure size" in text and not pictures):
                yield f"{text.strip()[:200]}: {where}"
            if len(pictures) > 1 or any(kind != "image/png" for kind, _ in pictures):
                yield f"{[kind for kind, _ in pictures]} in place of one PNG: {where}"
            if any(content in seen for _, content in pictures):
                yield f"a picture a second time: {where}"
            seen.update(content for _, content in pictures)


def main() -> None:
    """Judge the notebooks of a folder."""
    paths = sorted(Path(sys.argv[1]).glob("*.ipynb"))
    wrong = [
        f"{path.name}: {one}" for path in paths for one in complaints(json.loads(path.read_text(encoding="utf-8")))
    ]
    print(*wrong, f"{len(paths)} notebooks, {len(wrong)} complaints", sep="\n")
    sys.exit(bool(wrong) or not paths)


if __name__ == "__main__":
    main()
