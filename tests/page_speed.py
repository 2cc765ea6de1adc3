"""How large and how fast the pages of three nets are: a table.

    python tests/page_speed.py [FOLDER]

Pages that an earlier run has left in FOLDER are measured again; others are made there, their nets trained as the papers
say. For each page:

size      of the file, in kB
opening   from navigation to the first answer, the median of nine openings, in ms, and the main thread's part of it
frame     the main thread's part of a frame while one draws, all included: script, style, layout, painting; the median
          and the 95th percentile of 120, in ms; how many of them take less than 33 ms if each takes six times as long
slowed    how many of 120 frames came within 33 ms with the processor slowed six times by the browser
training  the longest task on the main thread while two passes over 300 drawn digits are shown, in ms

What the main thread takes is processor time, which other programs on the machine hardly change. The opening as a whole
and the slowed frames are times of the clock: they mean something only on a machine that does nothing else. There the
browser also makes every picture of the screen with the processor, if it has no graphics card to do it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import hands
from in_browser import CHROMIUM
from playwright.sync_api import Browser, Page, sync_playwright

SLOWED = 6
IN_TIME = 33  # milliseconds of a frame
OPENINGS = 9

# The pen comes, goes one point further in each frame, and is lifted, stroke after stroke, as a hand draws: the share of
# frames that came in time. What is traced begins with the second half, when the browser has compiled all of it.
FRAMES = """async (strokes) => {
    const pad = document.getElementById("pad"), box = pad.getBoundingClientRect(), came = [];
    const all = strokes.flatMap(({ points }) => points.flatMap((x, k) => (k % 2 ? [] : [[
        k === 0 ? "pointerdown" : k === points.length - 2 ? "pointerup" : "pointermove", x, points[k + 1]]])));
    const pen = ([type, x, y]) => pad.dispatchEvent(new PointerEvent(type, { pointerId: 1, isPrimary: true, button: 0,
        bubbles: true, clientX: box.left + (x * box.width) / 280, clientY: box.top + (y * box.height) / 280 }));
    for (let i = 0; i < 240; i++) {
        came.push(await new Promise(requestAnimationFrame));
        if (i === 120) performance.mark("measured");
        if (i % all.length === 0) document.getElementById("clear").click();
        pen(all[i % all.length]);
        sn89.store.flush();
    }
    pen(["pointerup", 0, 0]);
    const gaps = came.slice(1).map((at, i) => at - came[i]).slice(120);
    return gaps.filter((gap) => gap < 34).length / gaps.length;
}"""

TRAINING = """async () => {
    performance.mark("measured");
    const $ = (id) => document.getElementById(id);
    for (const [id, value] of [["passes", 2], ["digits", 300]]) $(id).value = value;
    $("from").value = "drawn";
    $("from").onchange();
    $("go").click();
    await new Promise((wake) => sn89.store.on("running", () => { if (!sn89.store.get("running")) wake(); }));
}"""


def traced(browser: Browser, page: Page, act: Callable[[], Any], mark: str) -> tuple[Any, list[dict[str, Any]]]:
    """What happens on the page's main thread meanwhile, in order; and a mark that was set there."""
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline", "blink.user_timing"])
    act()
    events = json.loads(browser.stop_tracing())["traceEvents"]
    found = next(one for one in events if one["name"] == mark)
    same = (one for one in events if (one["pid"], one["tid"]) == (found["pid"], found["tid"]) and "tts" in one)
    return found, sorted(same, key=lambda one: one["ts"])


def tasks(events: list[dict[str, Any]], mark: dict[str, Any]) -> list[dict[str, Any]]:
    """The tasks that began behind the mark."""
    return [one for one in events if one["name"].endswith("RunTask") and "tdur" in one and one["ts"] > mark["ts"]]


def opening(browser: Browser, path: Path) -> tuple[float, float]:
    """Milliseconds from navigation to the first answer, and the main thread's part of them."""
    times, parts = [], []
    for _ in range(OPENINGS):
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        answered, events = traced(browser, page, lambda page=page: _open(page, path), "answered")  # type: ignore[misc]
        times.append(page.evaluate("performance.getEntriesByName('answered')[0].startTime"))
        began = answered["ts"] - 1000 * times[-1]
        parts.append((answered["tts"] - next(one["tts"] for one in events if one["ts"] >= began)) / 1000)
        page.close()
    return median(times), median(parts)


def _open(page: Page, path: Path) -> None:
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]")


def frames(browser: Browser, page: Page) -> list[float]:
    """The main thread's part of each frame while a digit is drawn, in ms, the least first."""
    strokes = hands.strokes(0)[1]
    mark, events = traced(browser, page, lambda: page.evaluate(FRAMES, strokes), "measured")
    begins = [one["ts"] for one in events if one["name"] == "FireAnimationFrame" and one["ts"] > mark["ts"]]
    took: list[float] = []
    for task in tasks(events, mark):
        if begins and task["ts"] <= begins[0] <= task["ts"] + task["dur"]:
            took.append(0)  # it draws the next frame
        begins = [begin for begin in begins if begin > task["ts"] + task["dur"]]
        if took:
            took[-1] += task["tdur"] / 1000
    return sorted(took)


def slowed(page: Page) -> float:
    """How many frames come in time while the browser slows the processor."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    share: float = page.evaluate(FRAMES, hands.strokes(0)[1])
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    session.detach()
    return share


def training(browser: Browser, page: Page) -> float:
    """The longest task on the main thread while a net is trained, in ms."""
    mark, events = traced(browser, page, lambda: page.evaluate(TRAINING), "measured")
    return max(task["tdur"] for task in tasks(events, mark)) / 1000


def main() -> None:
    """Measure the three pages."""
    print("page              size       opening  its CPU  frame: median     95 %  x 6 in time   slowed  training")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, path in hands.pages(Path(sys.argv[1] if len(sys.argv) > 1 else folder)):
            wait, part = opening(browser, path)
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            _open(page, path)
            took = frames(browser, page)
            share = sum(SLOWED * one < IN_TIME for one in took) / len(took)
            in_time = slowed(page)
            longest = training(browser, page)
            size = path.stat().st_size / 1000
            print(f"{name:14}{size:5.0f} kB{wait:11.0f} ms{part:6.0f} ms{median(took):12.1f} ms", end="")
            print(f"{took[int(0.95 * len(took))]:6.1f} ms{100 * share:11.0f} %{100 * in_time:7.0f} %", end="")
            print(f"{longest:7.0f} ms", flush=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
