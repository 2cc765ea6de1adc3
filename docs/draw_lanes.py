"""Draws docs/lanes.png: how one map of the zip-code net finds its way into vectors of eight numbers.

    python docs/draw_lanes.py

Everything is computed from the geometry of H2: maps of 8x8 with a border of 2, a kernel of 5x5 and a stride of 2.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

SIDE, BORDER, KERNEL, STRIDE = 8, 2, 5, 2
BORDERED = SIDE + 2 * BORDER
UNITS = (BORDERED - KERNEL) // STRIDE + 1
TAP = (2, 1)  # the row and column of the kernel that is followed through the picture
ROWS = ("#1b6ca8", "#2a9d8f", "#e9a03b", "#c8553d")  # of units
PAPER, INK, FAINT = "#ffffff", "#22303c", "#d9dfe4"


def cell(ax: Axes, x: float, y: float, face: str, text: str = "", edge: str = "#9aa7b1", ink: str = PAPER) -> None:
    """A number in its place."""
    ax.add_patch(Rectangle((x, y), 1, 1, facecolor=face, edgecolor=edge, linewidth=0.6))
    if text:
        ax.text(x + 0.5, y + 0.52, text, ha="center", va="center", fontsize=5.6, color=ink)


def unit_of(row: int, column: int) -> tuple[int, int] | None:
    """The unit that reads this place of the bordered plane through the tap, if one does."""
    r, c = row - TAP[0], column - TAP[1]
    inside = r % STRIDE == 0 and c % STRIDE == 0 and 0 <= r // STRIDE < UNITS and 0 <= c // STRIDE < UNITS
    return (r // STRIDE, c // STRIDE) if inside else None


def bare(ax: Axes, width: float, height: float, title: str, under: str = "") -> None:
    """An empty sheet with a heading."""
    ax.set_xlim(-0.3, width + 0.3)
    ax.set_ylim(height + 0.3, -0.3)
    ax.set_aspect("equal", anchor="NW")
    ax.axis("off")
    ax.set_title(title, fontsize=8.5, color=INK, loc="left", pad=4, fontweight="bold")
    ax.text(0, height + 0.5, under, fontsize=7, color=INK, va="top", ha="left", linespacing=1.35)


def draw_plane(ax: Axes) -> None:
    """The bordered source plane; what the tap reads in colour."""
    bare(
        ax,
        BORDERED,
        BORDERED,
        "1  a source map with its border",
        f"Weight ({TAP[0]}, {TAP[1]}) of the kernel meets these 16 states,\n"
        "one for each unit of a 4x4 map: every second\nrow and column. Each colour is a row of units.",
    )
    for row in range(BORDERED):
        for column in range(BORDERED):
            inner = BORDER <= row < BORDER + SIDE and BORDER <= column < BORDER + SIDE
            unit = unit_of(row, column)
            face = ROWS[unit[0]] if unit else PAPER if inner else FAINT
            cell(ax, column, row, face, f"{unit[0]},{unit[1]}" if unit else "")
    ax.add_patch(Rectangle((0, 0), KERNEL, KERNEL, fill=False, edgecolor=INK, linewidth=1.4))
    ax.text(0.15, 0.55, "kernel of unit 0,0", fontsize=5.6, color=INK, va="center")


def draw_columns(ax: Axes) -> None:
    """The columns of the plane: a copy for every column of the kernel, even rows above, odd rows below."""
    rows = BORDERED // STRIDE
    pitch = UNITS + 1.2
    bare(
        ax,
        KERNEL * pitch - 1.2,
        2 * rows + 2.2,
        "2  its columns",
        "One copy for every column j of the kernel, as wide as the map, even\n"
        "rows and odd rows apart. What a weight reads now lies in one run of 16.",
    )
    for j in range(KERNEL):
        left = j * pitch
        ax.text(left + UNITS / 2, 0.1, f"j = {j}", ha="center", va="center", fontsize=7, color=INK)
        for phase in range(STRIDE):
            for q in range(rows):
                for c in range(UNITS):
                    row, column = STRIDE * q + phase, STRIDE * c + j
                    unit = unit_of(row, column) if j == TAP[1] else None
                    inner = BORDER <= row < BORDER + SIDE and BORDER <= column < BORDER + SIDE
                    face = ROWS[unit[0]] if unit else PAPER if inner else FAINT
                    cell(ax, left + c, 0.8 + phase * (rows + 0.8) + q, face, f"{unit[0]},{unit[1]}" if unit else "")


def draw_vectors(ax: Axes) -> None:
    """The run in two vectors, and the multiply-add."""
    bare(
        ax,
        18.0,
        5.0,
        "3  two vectors of eight lanes: the weight times 16 states, added to 16 sums, in two instructions",
        "A vector that was loaded serves up to six maps, each with its own weight; the sums stay in registers until "
        "all 200 weights of a map have been.",
    )
    for lane in range(16):
        x, row, column = lane + (1.2 if lane >= 8 else 0), lane // UNITS, lane % UNITS
        cell(ax, x, 0.2, INK, "w")
        cell(ax, x, 1.8, ROWS[row], f"{row},{column}")
        cell(ax, x, 3.9, PAPER, f"{row},{column}", edge=ROWS[row], ink=INK)
        ax.text(x + 0.5, 1.5, "x", ha="center", va="center", fontsize=7, color=INK)
        ax.text(x + 0.5, 3.35, "+", ha="center", va="center", fontsize=8, color=INK)
    for x in (0, 9.2):
        ax.add_patch(Rectangle((x - 0.08, 0.1), 8.16, 4.9, fill=False, edgecolor=INK, linewidth=1))


def draw_eight(ax: Axes) -> None:
    """Evaluation: a lane is a pattern."""
    bare(
        ax,
        18.0,
        2.1,
        "4  evaluating many digits: a lane is a digit",
        "The states of eight digits lie side by side, unit after unit. No columns are needed, nothing is wasted at the "
        "edges, and every net fills the lanes.",
    )
    for group, unit in enumerate(("0,0", "0,1")):
        for lane in range(8):
            x = group * 9.2 + lane
            cell(ax, x, 0.9, plt.get_cmap("viridis")(0.08 + lane / 9), f"{lane + 1}")
        ax.text(group * 9.2 + 4, 0.45, f"unit {unit} of digits 1 to 8", ha="center", va="center", fontsize=7, color=INK)
        ax.add_patch(Rectangle((group * 9.2 - 0.08, 0.8), 8.16, 1.2, fill=False, edgecolor=INK, linewidth=1))
    ax.text(17.45, 1.4, "...", fontsize=9, color=INK, va="center")


def main() -> None:
    """Draw all and write the picture beside this file."""
    figure = plt.figure(figsize=(9.6, 9.6), facecolor=PAPER)
    draw_plane(figure.add_axes((0.03, 0.57, 0.36, 0.40)))
    draw_columns(figure.add_axes((0.42, 0.57, 0.56, 0.40)))
    draw_vectors(figure.add_axes((0.03, 0.25, 0.94, 0.26)))
    draw_eight(figure.add_axes((0.03, 0.05, 0.94, 0.13)))
    figure.savefig(Path(__file__).with_name("lanes.png"), dpi=130, metadata={"Software": None})


if __name__ == "__main__":
    main()
