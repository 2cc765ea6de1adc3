"""How large and how fast the pages of three nets are: a table, to be made on a machine that does nothing else.

    python tests/page_speed.py [FOLDER]

Pages that an earlier run has left in FOLDER are measured again; others are made there, their nets trained as the papers
say. For each page:

size      of the file, in kB
opening   from navigation to the first answer, the median of nine openings, in ms
frame     from a change of the drawing until the page shows it, all but the numbers beside the bars, which follow ten
          times a second, the median of 120 in ms; and its CPU time on the main thread, layout and painting included
slowed 6x the same median and 95th percentile with the processor slowed, and the share of frames that came in 33 ms
training  the longest task on the main thread while two passes over 300 drawn digits are shown, in ms
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import hands
from in_browser import CHROMIUM
from playwright.sync_api import Browser, Page, sync_playwright

SLOWED = 6
OPENINGS = 9

# The pen comes, goes one point further in each frame, and is lifted, stroke after stroke, as a hand draws: how long the
# page takes for it, and when frames come.
FRAMES = """async (strokes) => {
    const pad = document.getElementById("pad"), box = pad.getBoundingClientRect(), took = [], came = [];
    const all = strokes.flatMap(({ points }) => points.flatMap((x, k) => (k % 2 ? [] : [[
        k === 0 ? "pointerdown" : k === points.length - 2 ? "pointerup" : "pointermove", x, points[k + 1]]])));
    const pen = ([type, x, y]) => pad.dispatchEvent(new PointerEvent(type, { pointerId: 1, isPrimary: true, button: 0,
        bubbles: true, clientX: box.left + (x * box.width) / 280, clientY: box.top + (y * box.height) / 280 }));
    document.getElementById("clear").click();
    for (let i = 0; i < 120; i++) {
        came.push(await new Promise(requestAnimationFrame));
        const began = performance.now();
        if (i % all.length === 0) document.getElementById("clear").click();
        pen(all[i % all.length]);
        sn89.store.flush();
        took.push(performance.now() - began);
    }
    pen(["pointerup", 0, 0]);
    const gaps = came.slice(1).map((at, i) => at - came[i]), sorted = took.toSorted((a, b) => a - b);
    return { median: sorted[60], slowest: sorted[114], inTime: gaps.filter((gap) => gap < 34).length / gaps.length };
}"""

TRAINING = """async () => {
    let longest = 0;
    const see = (list) => { for (const { duration } of list) longest = Math.max(longest, duration); };
    const observer = new PerformanceObserver((list) => see(list.getEntries()));
    observer.observe({ type: "longtask" });
    const $ = (id) => document.getElementById(id);
    for (const [id, value] of [["passes", 2], ["digits", 300]]) $(id).value = value;
    $("from").value = "drawn";
    $("from").onchange();
    $("go").click();
    await new Promise((wake) => sn89.store.on("running", () => { if (!sn89.store.get("running")) wake(); }));
    await new Promise((wake) => setTimeout(wake, 200)); // what is observed comes a little later
    see(observer.takeRecords());
    return longest;
}"""


def opened(browser: Browser, path: Path) -> Page:
    """The page, once it has answered."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]")
    return page


def opening(browser: Browser, path: Path) -> float:
    """Milliseconds from navigation to the first answer."""
    times = []
    for _ in range(OPENINGS):
        page = opened(browser, path)
        times.append(page.evaluate("performance.getEntriesByName('answered')[0].startTime"))
        page.close()
    return median(times)


def frames(page: Page, slowed: int) -> dict[str, Any]:
    """Of 120 frames while a digit is drawn; "task" is the main thread's CPU time of one of them."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    session.send("Emulation.setCPUThrottlingRate", {"rate": slowed})

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(1000 * one["value"] for one in metrics if one["name"] == "TaskDuration")

    page.evaluate(FRAMES, hands.strokes(0)[1])  # once to warm up
    before = busy()
    found = page.evaluate(FRAMES, hands.strokes(0)[1])
    found["task"] = (busy() - before) / 120
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    session.detach()
    return found


def main() -> None:
    """Measure the three pages."""
    print("page              size  opening   frame    CPU  slowed:  median    95 %  in 33 ms  training")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, path in hands.pages(Path(sys.argv[1] if len(sys.argv) > 1 else folder)):
            wait, page = opening(browser, path), opened(browser, path)
            plain, slow = frames(page, 1), frames(page, SLOWED)
            longest = page.evaluate(TRAINING)
            task = f"{longest:.0f} ms" if longest else "< 50 ms"
            size = path.stat().st_size / 1000
            print(f"{name:14}{size:5.0f} kB{wait:6.0f} ms{plain['median']:5.1f} ms{plain['task']:4.1f} ms", end="")
            print(f"          {slow['median']:4.1f} ms{slow['slowest']:5.1f} ms", end="")
            print(f"{100 * slow['inTime']:8.0f} %{task:>10}", flush=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
