"""Pages in a real browser: Chromium, driven by Playwright, the one that ``$CHROMIUM`` names or that is on the path."""

from __future__ import annotations

import base64
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

Array = np.ndarray
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("there is no Chromium here: install Debian's chromium, or name one in $CHROMIUM")
    driver = pytest.importorskip("playwright.sync_api")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Opened:
    """A page in the browser, and what went wrong in it."""

    def __init__(self, browser, path: Path, **options) -> None:
        self.page = browser.new_page(**{"viewport": {"width": 1180, "height": 900}, **options})
        self.page.set_default_timeout(300_000)  # of what never comes, on however busy a machine
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.said.append(request.url))
        self.url = path.as_uri()
        self.page.goto(self.url)
        self.page.wait_for_selector("body[data-ready]")

    def reset(self) -> None:
        """As it was when it opened, but for the page's own drawing of what is shown first."""
        self.page.evaluate(
            """() => {
                const { store } = sn89;
                document.activeElement?.blur(); // keys are a field's own while it has the focus
                document.querySelector("#back").click();
                const fields = { filter: "all", brush: 26, passes: 10, digits: 1500, seed: 1989, rule: "levenberg" };
                for (const [id, value] of Object.entries(fields))
                    document.getElementById(id).value = value;
                document.querySelector("#rule").onchange();
                document.querySelector("#filter").onchange();
                store.set({ deslant: true, deslantImages: false, pinned: null, pointed: null, silenced: [], own: null,
                    note: "", drawing: false, source: { kind: "sample", index: 0 } });
                store.flush();
                scrollTo(0, 0);
            }"""
        )

    def settle(self) -> None:
        """Changes reach the parts of the page with the next frame: let them do so now."""
        self.page.evaluate("typeof sn89 === 'object' && sn89.store?.flush()")

    def text(self, place: str) -> str:
        self.settle()
        return self.page.inner_text(place)

    def until(self, script: str) -> None:
        """Until a script gives true.

        Changes that wait for a frame are told first: otherwise the state before could satisfy the script, and the
        change would come amid what the test does next.
        """
        self.settle()
        self.page.wait_for_function(script)

    def wait(self, place: str, words: str) -> None:
        """Until these words are there."""
        self.until(f"document.querySelector('#{place}').textContent.includes('{words}')")

    def slide(self, place: str, value: float) -> None:
        """As a hand does: the value and its event are one, and no frame comes between them."""
        self.page.eval_on_selector(
            place, f"one => {{ one.value = {value}; one.dispatchEvent(new Event('input', {{ bubbles: true }})); }}"
        )
        self.settle()

    def outputs(self, images: Array) -> Array:
        """Of the net in the page."""
        bits = base64.b64encode(images.astype("<f4").tobytes()).decode()  # a list of so many numbers takes seconds
        script = """([bits, count]) => {
            const all = new Float32Array(Uint8Array.from(atob(bits), one => one.charCodeAt(0)).buffer);
            const size = all.length / count, image = i => all.slice(i * size, (i + 1) * size);
            return Array.from({ length: count }, (_, i) => [...sn89.net.states(image(i)).at(-1)]);
        }"""
        return np.array(self.page.evaluate(script, [bits, len(images)]))

    @property
    def parameters(self) -> Array:
        self.settle()
        return np.array(self.page.evaluate("[...sn89.net.parameters]"), np.float32)

    def train(self, **fields: int) -> None:
        for name, value in fields.items():
            self.page.fill(f"#{name}", str(value))
        self.page.click("#go")
        self.page.wait_for_selector("#stop[disabled]", state="attached", timeout=300_000)
