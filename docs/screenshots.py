"""The pictures of the web page: trains the zip-code net and LeNet-1, writes their pages, looks at them with Chromium.

It needs Playwright and Chromium, and writes docs/page_*.png and docs/pictures/page_*.png.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).parent
PICTURES = DOCS / "pictures"

# Digits of the scripted hands, a little apart, on the line.
WRITE = """series => {
    const strokes = series.flatMap((digit, place) => {
        const xs = digit.flatMap(({ points }) => points.filter((_, i) => i % 2 === 0));
        const ys = digit.flatMap(({ points }) => points.filter((_, i) => i % 2));
        const [left, top, scale] = [Math.min(...xs), Math.min(...ys), 90 / (Math.max(...ys) - Math.min(...ys))];
        return digit.map(({ points }) => ({ width: 12,
            points: points.map((v, i) => (i % 2 ? (v - top) * scale + 25 : (v - left) * scale + 40 + 125 * place)) }));
    });
    sn89.store.set({ line: { strokes } });
}"""


def opened(browser: Browser, path: Path, **options: object) -> Page:
    """The page, with the first of its samples."""
    page = browser.new_page(**{"viewport": {"width": 1180, "height": 900}, **options})
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]")
    return page


def part(page: Page, *ids: str) -> dict[str, float]:
    """Where some parts of the page are, together."""
    boxes = [page.locator(f"#{name}").bounding_box() for name in ids]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right, bottom = max(box["x"] + box["width"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    return {"x": left - 4, "y": top - 4, "width": right - left + 8, "height": bottom - top + 8}


def zip_code(browser: Browser, path: Path) -> None:
    """What opens, a unit, a scene, a training."""
    wide = opened(browser, path)
    wide.screenshot(path=DOCS / "page_light.png")
    wide.evaluate("sn89.store.set({ pinned: { layer: 1, unit: 283 } })")
    wide.wait_for_selector(".product")
    wide.set_viewport_size({"width": 1180, "height": 1200})  # all of its arithmetic
    wide.evaluate("document.querySelector('#planes').scrollIntoView()")
    wide.screenshot(path=PICTURES / "page_unit.png", clip=part(wide, "planes", "unit"))
    wide.set_viewport_size({"width": 1180, "height": 900})
    wide.keyboard.press("Escape")
    wide.fill("#passes", "12")
    wide.click("#go")
    wide.wait_for_selector("#stop[disabled]", state="attached", timeout=240_000)
    wide.evaluate("document.querySelector('#train').scrollIntoView()")
    wide.screenshot(path=PICTURES / "page_training.png", clip=part(wide, "train"))
    wide.click("#back")
    wide.set_viewport_size({"width": 1280, "height": 720})
    wide.evaluate("sn89.store.set({ scene: 2 })")
    wide.wait_for_selector("#lecture:not([hidden])")
    wide.evaluate("scrollTo(0, 0)")
    wide.screenshot(path=PICTURES / "page_lecture.png")
    dark = opened(browser, path, color_scheme="dark")
    dark.evaluate("sn89.store.set({ pinned: { layer: 2, unit: 20 } })")
    dark.wait_for_selector(".product")
    dark.screenshot(path=DOCS / "page_dark.png")
    phone = opened(browser, path, viewport={"width": 390, "height": 1250}, has_touch=True)
    phone.screenshot(path=DOCS / "page_phone.png")


def lenet1(browser: Browser, path: Path) -> None:
    """A line of digits."""
    sys.path.insert(0, str(DOCS.parent / "tests"))
    import hands

    page = opened(browser, path)
    page.evaluate(WRITE, [hands.strokes(number)[1] for number in (12, 5, 0, 3, 8)])
    page.wait_for_selector("#strips:not([hidden])")
    page.evaluate("document.querySelector('#line').scrollIntoView()")
    page.screenshot(path=PICTURES / "page_line.png", clip=part(page, "line"))


def main() -> None:
    """Two pages, seven pictures."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for look, name in ((zip_code, "zip_code"), (lenet1, "lenet1")):
            path = Path(folder) / f"{name}.html"
            script = [sys.executable, DOCS.parent / "examples" / "make_page.py", "--net", name, "--output", path]
            subprocess.run(script, check=True)
            look(browser, path)
        browser.close()


if __name__ == "__main__":
    main()
