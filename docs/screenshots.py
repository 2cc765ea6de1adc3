"""The README's pictures of the web page: trains the zip-code net, writes its page, and looks at it with Chromium.

It needs Playwright and Chromium, and writes docs/page_light.png, page_dark.png and page_phone.png.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).parent


def opened(browser: Browser, path: Path, **options: object) -> Page:
    """The page, with the first of its samples and a unit of H2 that is kept."""
    page = browser.new_page(**options)
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]")
    page.keyboard.press("n")
    page.locator("#planes canvas").nth(2).click(position={"x": 80, "y": 20})
    return page


def main() -> None:
    """One page, three pictures."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "zip_code.html"
        subprocess.run([sys.executable, DOCS.parent / "examples" / "make_page.py", "--output", path], check=True)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            wide = opened(browser, path, viewport={"width": 1180, "height": 1000}, color_scheme=scheme)
            if scheme == "dark":
                wide.fill("#passes", "4")
                wide.click("#go")
                wide.wait_for_selector("#stop[disabled]", state="attached", timeout=120_000)
            wide.evaluate("document.querySelector('#draw').style.position = 'static'")
            wide.screenshot(path=DOCS / f"page_{scheme}.png", full_page=True)
        phone = opened(browser, path, viewport={"width": 360, "height": 1250}, has_touch=True)
        phone.evaluate("scrollTo(0, 0)")
        phone.screenshot(path=DOCS / "page_phone.png")
        browser.close()


if __name__ == "__main__":
    main()
