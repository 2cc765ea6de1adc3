"""Digits drawn by scripted hands, stroke by stroke on the pad of a page, and how many of them a net reads.

    python tests/hands.py [FOLDER]    # the zip-code net, LeNet-1 and LeNet-5, trained as their papers say

Pages that an earlier run has left in FOLDER are used again.

Three hands write each digit in their own way; size, slant, turn, place, brush and the shake of the hand vary.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

PAD = 280  # pixels across

# Of each hand the strokes of the ten digits: points x,y in per cent of the digit's width and height.
HANDS: tuple[dict[int, str], ...] = (
    {  # as one is taught: upright and plain
        0: "50,0 20,10 5,40 5,65 20,92 50,100 80,92 95,65 95,40 80,10 50,0",
        1: "50,0 50,35 50,70 50,100",
        2: "8,24 22,5 50,0 80,8 88,30 70,55 38,78 8,100; 8,100 50,100 95,100",
        3: "10,10 40,0 75,5 85,25 70,42 40,48; 40,48 75,54 92,75 75,95 40,100 8,90",
        4: "62,0 35,35 8,68; 8,68 50,68 96,68; 72,35 72,70 72,100",
        5: "85,0 50,0 20,0; 20,0 16,22 13,44; 13,44 45,36 78,44 92,68 78,92 45,100 8,92",
        6: "72,0 42,22 16,52 8,75 25,96 52,100 80,92 90,72 75,54 48,52 20,66",
        7: "6,0 50,0 95,0; 95,0 70,35 50,68 38,100",
        8: "80,15 50,0 20,14 25,36 50,48 78,62 88,82 65,98 35,98 12,82 22,62 50,48 75,36 80,15",
        9: "88,30 70,48 40,50 15,35 20,10 48,0 78,6 88,30; 88,30 84,65 76,100",
    },
    {  # narrow and round, in one go
        0: "60,2 30,8 8,35 8,70 30,98 60,98 88,72 90,32 66,4 48,6",
        1: "28,22 55,0; 55,0 54,50 52,100",
        2: "12,18 40,0 75,6 84,28 62,54 30,80 12,96; 12,96 45,92 70,98 95,94",
        3: "14,6 50,0 80,14 74,36 45,46 70,50 90,70 78,92 45,100 10,92",
        4: "30,0 22,30 18,55; 18,55 55,56 92,52; 74,20 70,60 66,100",
        5: "88,4 55,3 26,4 22,24 20,42 50,38 82,50 88,76 62,97 30,99 6,90",
        6: "60,0 30,30 12,62 18,90 48,100 78,88 82,66 56,54 28,64 15,80",
        7: "8,6 50,3 92,4 74,36 56,68 46,100",
        8: "72,10 45,0 22,16 34,38 62,56 78,80 52,100 24,84 34,58 60,42 76,22 72,10",
        9: "80,22 55,2 26,14 22,38 48,50 76,36 82,18 78,55 70,80 60,100",
    },
    {  # wide and quick
        0: "45,0 15,20 2,55 20,92 55,100 88,80 98,45 82,12 45,0",
        1: "56,0 52,40 47,75 44,100",
        2: "4,30 20,6 55,0 88,12 90,36 60,66 25,90 4,98 40,90 70,92 98,100",
        3: "6,12 45,0 84,8 86,30 50,44; 50,44 88,56 94,80 60,100 20,98 2,86",
        4: "45,0 22,34 2,62 50,64 98,60; 68,38 64,70 60,100",
        5: "30,2 26,24 22,44 55,38 88,48 94,74 66,97 30,100 4,88; 30,2 60,2 95,0",
        6: "82,2 48,16 16,46 4,74 24,98 60,98 88,82 80,58 46,54 14,72",
        7: "2,8 45,2 96,0 76,32 52,64 34,100",
        8: "86,12 50,0 14,16 22,40 58,52 90,70 80,94 44,100 10,86 18,62 50,50 84,34 86,12",
        9: "92,20 60,0 20,10 8,36 36,52 74,42 92,20 88,55 72,82 48,100",
    },
)


def strokes(number: int) -> tuple[int, list[dict[str, object]]]:
    """Digit `number` of a series: what it is, and its strokes as the page keeps them."""
    random = np.random.default_rng(number)
    digit, hand = number % 10, HANDS[number // 10 % len(HANDS)]
    height = random.uniform(110, 230)
    width = height * random.uniform(0.5, 0.8) * (0.5 if digit == 1 else 1)
    slant, turn = random.uniform(-0.1, 0.3), np.deg2rad(random.uniform(-10, 10))
    brush = random.uniform(14, 34)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array([[1, -slant], [0, 1]])
    parts = [np.array([point.split(",") for point in word.split()], float) / 100 for word in hand[digit].split(";")]
    parts = [((part - 0.5) * (width, height) + random.normal(0, 2.5, part.shape)) @ matrix.T for part in parts]
    every = np.vstack(parts)
    low, high = every.min(axis=0) - brush / 2, every.max(axis=0) + brush / 2
    place = random.uniform(-low, np.maximum(PAD - high, -low + 1))
    smooth = [_smooth(part + place).clip(0, PAD).round(1) for part in parts]
    return digit, [{"width": brush, "points": part.ravel().tolist()} for part in smooth]


def _smooth(points: np.ndarray) -> np.ndarray:
    """A curve through some points (Catmull-Rom), as dense as a pointer's events."""
    if len(points) < 3:
        return np.linspace(points[0], points[-1], 9)
    knots = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, 6, endpoint=False)[:, None]
    pieces = []
    for p0, p1, p2, p3 in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        bend = t * ((p2 - p0) + t * ((2 * p0 - 5 * p1 + 4 * p2 - p3) + t * (3 * (p1 - p2) + p3 - p0)))
        pieces.append(p1 + bend / 2)
    return np.vstack([*pieces, points[-1:]])


def read(page: object, count: int = 300) -> list[tuple[int, int]]:
    """What a page that is open in a browser reads: pairs of what was written and the answer."""
    series = [strokes(number) for number in range(count)]
    answers = page.evaluate(  # type: ignore[attr-defined]
        """series => series.map(strokes => {
            sn89.store.set({ source: { kind: "strokes", strokes } });
            sn89.store.flush();
            return sn89.net.answer(sn89.store.get("states").at(-1));
        })""",
        [some for _, some in series],
    )
    return [(digit, answer) for (digit, _), answer in zip(series, answers, strict=True)]


def read_glyphs(page: object, count: int = 300) -> list[tuple[int, int]]:
    """What it reads of digits that the page itself draws, as those that it trains on without a file: such pairs."""
    return page.evaluate(  # type: ignore[attr-defined]
        """count => {
            const { images, labels } = sn89.drawnDigits(sn89.store.get("about"), sn89.store.get("glyphs"), count, 1);
            const pixels = images.length / count, { net } = sn89;
            const read = (i) => net.answer(net.forward(images.slice(i * pixels, (i + 1) * pixels)));
            return [...labels].map((label, i) => [label, read(i)]);
        }""",
        count,
    )


def pages(folder: Path) -> Iterator[tuple[str, Path]]:
    """The pages of three nets, trained as their papers say: those that are in the folder, and others made there."""
    import sn89
    from sn89.recipes import LENET1_USPS, LENET5, ZIP_1989

    folder.mkdir(parents=True, exist_ok=True)
    for name, recipe in (("zip-code net", ZIP_1989), ("LeNet-1", LENET1_USPS), ("LeNet-5", LENET5)):
        path = folder / f"{name}.html"
        if not path.exists():
            digits = recipe.digits()
            net, _ = recipe.train(digits.train, 1, progress=None)
            X, y = digits.test
            X = X[:, 2:-2, 2:-2] if recipe is LENET5 else X  # 28x28 digits in a plane of 32x32
            sn89.export.page(net, path, samples=(X, y))
        yield name, path


def main() -> None:
    """Let the hands draw on the three pages."""
    from in_browser import CHROMIUM
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, path in pages(Path(sys.argv[1] if len(sys.argv) > 1 else folder)):
            page = browser.new_page()
            page.goto(path.as_uri())
            page.wait_for_selector("body[data-ready]")
            for what, pairs in (("by hands", read(page)), ("by the page", read_glyphs(page))):
                right = sum(digit == answer for digit, answer in pairs)
                print(f"{name}: {right} of {len(pairs)} digits drawn {what} read", flush=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
