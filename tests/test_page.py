"""The web page: what is written, and, in a real browser, what it does.

Without a browser, see ``in_browser.py``, those tests are skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from in_browser import Opened, browser

import sn89
from sn89.datasets import DataNotFoundError
from sn89.export import page
from sn89.export.page_bundle import joined

__all__ = ["browser"]  # a fixture

Array = np.ndarray
WEB = Path(sn89.export.__file__).parent / "web"
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def net(digits):
    net = sn89.nets.zip_code(seed=1)
    sn89.train(net, *digits.train, rule=sn89.LevenbergMarquardt(), passes=10, measure=False, progress=False)
    return net


@pytest.fixture(scope="module")
def written(net, digits, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "zip.html"
    page(net, path, samples=digits.test)
    return path


# ---- written -------------------------------------------------------------------------------------------------------


def test_the_page_is_one_small_file_that_fetches_nothing(written):
    text = written.read_text()
    assert written.stat().st_size <= 250_000
    assert [path.name for path in written.parent.iterdir()] == ["zip.html"]
    assert not re.search(r"https?://|src=|<link|@import|url\(", re.sub(r">[A-Za-z0-9+/=]{1000,}<", "", text))
    assert "zip-code net (1989)" in text


def test_a_title_cannot_break_the_page(net, tmp_path):
    named = sn89.nets.zip_code(name="</title><script>alert(1)</script>{script}")
    page(named, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    assert "<script>alert" not in text
    assert len(re.findall("<script", text)) == 2  # what is packed, and what unpacks it
    assert "{script}" in text
    with pytest.raises(ValueError, match="have at most 1000 characters, not 160,000"):
        sn89.export.page(sn89.nets.zip_code(name="{script}" * 20_000))
    assert len(text) < 250_000


ZIP = sn89.nets.zip_code()
X16, Y16 = np.zeros((4, 16, 16), np.float32), np.zeros(4, int)
BAD = {
    "no net": (lambda path: page("zip", path), TypeError, "net must be a Net, not 'zip'"),
    "five outputs": (
        lambda path: page(sn89.Net(sn89.Input(16, 16), sn89.Full("a", 5)), path),
        ValueError,
        "ten outputs, not 1 and 5",
    ),
    "two input planes": (
        lambda path: page(sn89.Net(sn89.Input(16, 16, maps=2), sn89.Full("a", 10)), path),
        ValueError,
        "one input plane",
    ),
    "samples too large": (
        lambda path: page(ZIP, path, samples=(np.zeros((4, 28, 28)), Y16)),
        ValueError,
        "28",
    ),
    "oblong samples": (
        lambda path: page(ZIP, path, samples=(X16[:, 2:], Y16)),
        ValueError,
        "square.*14, 16",
    ),
    "samples without labels": (lambda path: page(ZIP, path, samples=(X16,)), TypeError, "pair"),
    "fewer labels": (lambda path: page(ZIP, path, samples=(X16, Y16[1:])), ValueError, "label"),
    "negative number of samples": (lambda path: page(ZIP, path, most=-1), ValueError, "most.*-1"),
    "threshold a string": (lambda path: page(ZIP, path, threshold="1"), TypeError, "threshold"),
    "size too large": (lambda path: page(ZIP, path, size=28), ValueError, "size must be at most 16"),
    "scale upside down": (lambda path: page(ZIP, path, scale=(1, -1)), ValueError, "scale"),
}


@pytest.mark.parametrize(("act", "kind", "words"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_shown_is_refused_and_leaves_the_page_before(act, kind, words, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("the page before")
    with pytest.raises(kind, match=words):
        act(path)
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]
    assert path.read_text() == "the page before"


@pytest.mark.thorough
def test_the_core_in_the_page_is_what_its_sources_give(tmp_path):
    """The script and the compiler of Debian 12 make the very bytes; other compilers make others."""
    compiler = shutil.which("clang-14")
    sysroot = Path("/usr/lib/wasm32-wasi/libc.a")
    if not compiler or not shutil.which("wasm-ld") or not sysroot.exists():
        pytest.skip("needs Debian 12's clang, lld, wasi-libc and libclang-rt-14-dev-wasm32")
    subprocess.run(["bash", ROOT / "sn89" / "export" / "web" / "build.sh", tmp_path / "core.wasm"], check=True)
    assert (tmp_path / "core.wasm").read_bytes() == (WEB / "core.wasm").read_bytes()


# ---- in a browser --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(browser, written):
    """One page for all tests that leave no traces which cannot be undone."""
    one = Opened(browser, written)
    yield one
    one.page.close()


@pytest.fixture
def opened(shared):
    shared.reset()
    yield shared
    # A worker's code is an object of the page's own.
    assert [said for said in shared.said if not said.startswith("blob:")] == [shared.url]


def test_the_net_in_the_page_answers_as_the_one_here(opened, net, digits):
    X = digits.test[0][:100]
    np.testing.assert_allclose(opened.outputs(X), net(X), atol=1e-4)
    assert np.abs(net(X)).max() > 0.5


@pytest.mark.parametrize(
    "make", [sn89.nets.lenet1, sn89.nets.lenet5, sn89.nets.fully_connected], ids=["1", "5", "full"]
)
def test_other_nets_answer_alike(browser, make, tmp_path):
    net = make(seed=3, start=sn89.BySqrtFanIn())
    size = 28 if net.input.height == 32 else 16
    page(net, tmp_path / "page.html", size=size)
    opened = Opened(browser, tmp_path / "page.html")
    X = np.random.default_rng(1).uniform(-1, 1, (5, size, size)).astype(np.float32)
    expected = net(X)
    np.testing.assert_allclose(opened.outputs(X), expected, atol=1e-4 * max(1, np.abs(expected).max()))
    scores = opened.page.evaluate("rows => rows.map(row => sn89.net.scores(row))", expected.tolist())
    np.testing.assert_allclose(scores, net.cost.scores(expected), rtol=1e-5, atol=1e-6)
    widths = opened.page.evaluate("[...document.querySelectorAll('.bar b')].map(bar => parseFloat(bar.style.width))")
    assert max(widths) <= 100
    opened.page.wait_for_function("document.querySelector('#verdict').textContent.match(/A \\d|perhaps/)")
    opened.page.close()
    assert opened.said == [opened.url]


# Digits as a hand draws them on the pad of 280x280: strokes of points, by mouse.
STROKES = {
    0: ["140,50 90,80 75,140 90,200 140,230 190,200 205,140 190,80 140,50"],
    1: ["140,45 140,140 140,235"],
    2: ["85,90 110,55 160,50 190,80 180,125 130,175 80,225 140,225 205,225"],
    3: ["85,70 130,48 180,65 180,105 130,132 185,150 192,195 145,230 80,212"],
    4: ["95,50 85,140 200,140", "175,60 170,150 165,235"],
    5: ["190,55 105,55 98,125 150,118 192,150 185,205 135,230 80,212"],
    6: ["165,48 110,100 85,165 105,220 155,230 190,195 175,150 125,145 90,185"],
    7: ["80,60 140,58 200,60 165,140 130,235"],
    8: ["175,70 130,50 95,75 120,120 170,155 185,200 140,232 95,200 115,155 165,115 180,75"],
    9: ["185,85 145,50 100,75 105,125 155,135 185,90 180,160 165,235"],
}


def draw(opened: Opened, strokes: list[str]) -> None:
    """By the mouse, point after point."""
    box = opened.page.locator("#pad").bounding_box()
    scale = box["width"] / 280
    for stroke in strokes:
        points = [tuple(map(float, point.split(","))) for point in stroke.split()]
        for i, (x, y) in enumerate(points):
            opened.page.mouse.move(box["x"] + x * scale, box["y"] + y * scale, steps=4 if i else 1)
            if i == 0:
                opened.page.mouse.down()
        opened.page.mouse.up()
    opened.settle()


def test_confidence_is_that_of_python(browser, digits, tmp_path):
    """Of the net as it came what was fitted to it; once it has learned here what is usual."""
    X = digits.test[0]
    for net in (sn89.nets.zip_code(seed=3), sn89.nets.lenet1_softmax(seed=3), sn89.nets.lenet5(seed=3)):
        size = 28 if net.input.height == 32 else 16
        some = np.resize(X[:30], (30, size, size)).astype(np.float32)
        net.confidence = sn89.Confidence(0.3, 0.2, 0.9)
        page(net, tmp_path / "page.html", size=size)
        opened = Opened(browser, tmp_path / "page.html")
        script = "([rows, key]) => rows.map(row => sn89.net.confidence(row, sn89.store.get('about')[key]))"
        outputs = net(some)
        for key in ("confidence", "usual"):
            told = opened.page.evaluate(script, [outputs.tolist(), key])
            np.testing.assert_allclose(told, net.confident_of(outputs), atol=1e-4)
            net.confidence = None
        assert re.search(r"[\d.]+\s% sure", opened.text("#margin"))
        opened.page.close()


def test_digits_drawn_by_hand_are_read(opened, digits):
    """Nine of ten at least, by the zip-code net as it was trained on real digits."""
    if digits.synthetic:
        pytest.skip("needs USPS in $SN89_DATA")
    read = {}
    for digit, strokes in STROKES.items():
        opened.page.click("#clear")
        draw(opened, strokes)
        read[digit] = int(re.search(r"\d", opened.text("#verdict")).group())
    assert sum(answer == digit for digit, answer in read.items()) >= 9, read


def test_a_frame_changes_canvases_and_no_element(opened):
    """An element that changes makes the browser lay out and paint the page, longer than all arithmetic takes."""
    opened.page.evaluate("document.querySelector('#clear').click()")
    opened.page.evaluate(PEN, ["pointerdown", 130])
    opened.settle()
    opened.page.evaluate("window.seen = new MutationObserver(() => {})")
    opened.page.evaluate(
        "seen.observe(document, { subtree: true, childList: true, characterData: true, attributes: true })"
    )
    before, answer = opened.page.evaluate("sn89.store.get('states').at(-1).join()"), opened.text("#verdict")
    opened.page.evaluate(PEN, ["pointermove", 131])
    opened.settle()
    changed = opened.page.evaluate("seen.takeRecords().map(({ target }) => target.id)")
    opened.page.evaluate("seen.disconnect()")
    opened.page.evaluate(PEN, ["pointerup", 131])
    assert opened.page.evaluate("sn89.store.get('states').at(-1).join()") != before
    assert opened.text("#verdict") == answer
    assert set(changed) <= {"margin"}  # which is said ten times a second
    assert opened.page.locator("canvas").count() < 40  # each of them costs a little in every frame


# The pen does something at a place of the pad.
PEN = """([type, at]) => {
    const pad = document.querySelector("#pad"), box = pad.getBoundingClientRect();
    pad.dispatchEvent(new PointerEvent(type, { pointerId: 1, isPrimary: true, button: 0, bubbles: true,
        clientX: box.left + at * box.width / 280, clientY: box.top + at * box.height / 280 }));
}"""


def test_a_drawing_is_normalized_wherever_and_however_large_it_is(opened):
    seen = []
    for scale, right, down in ((1, 0, 0), (0.55, 90, 10), (0.55, 0, 100)):
        opened.page.click("#clear")
        opened.slide("#brush", 26 * scale)
        moved = [
            " ".join(
                f"{float(x) * scale + right},{float(y) * scale + down}"
                for x, y in (point.split(",") for point in stroke.split())
            )
            for stroke in STROKES[2]
        ]
        draw(opened, moved)
        seen.append(float(opened.page.inner_text(".bar.answer span:last-child")))
        assert "2" in opened.text("#verdict")
    assert max(seen) - min(seen) < 0.5


def test_digits_of_mnist_stay_where_they_are(browser):
    """Their centres of mass lie from 14 to 15 pixels off the edge, and so do those of what is drawn."""
    try:
        X, _ = sn89.datasets.mnist(28, scale=(0, 1), download=False).test
    except DataNotFoundError:
        pytest.skip("needs MNIST in $SN89_DATA")
    normalize = "return images.map(one => [...ink.normalize(one, 28, 28, 28, 20, true)])"
    script = f"images => {{ {joined('ink.js', 'ink')}; {normalize} }}"
    page = browser.new_page()
    drawn = np.array(page.evaluate(script, X[:100].reshape(100, -1).tolist())).reshape(-1, 28, 28)
    page.close()
    for axis in (1, 2):
        centres = [(one.sum(axis=3 - axis) @ np.arange(0.5, 28)) / one.sum(axis=(1, 2)) for one in (X[:100], drawn)]
        assert np.abs(centres[1] - 14.5).max() < 0.1  # the faintest ink is cut off
        assert np.abs(centres[1] - centres[0]).mean() < 0.3


def test_it_opens_with_a_digit_that_is_read_rightly_and_all_planes_alight(browser, written):
    opened = Opened(browser, written)
    assert re.fullmatch(r"A (\d), right", opened.text("#verdict"))
    assert opened.text("#big") == opened.text("#verdict")[2]
    alight = "[...document.querySelectorAll('#planes figure canvas:not(.marks)')].map(one => one.toDataURL())"
    lit = opened.page.evaluate(alight)
    opened.page.keyboard.press("c")
    opened.page.wait_for_selector(".bar.answer", state="detached")
    assert all(now != then for now, then in zip(lit, opened.page.evaluate(alight), strict=True))
    opened.page.close()


def test_half_of_the_samples_are_mistakes_and_the_others_are_of_all_classes(opened, net, digits):
    rightly, wrongly = opened.page.evaluate(
        """() => ["", ".wrong"].map(kind => [...document.querySelectorAll(".thumb" + (kind || ":not(.wrong)"))]
            .map(one => Number(one.getAttribute("aria-label").match(/A (\\d)/)[1])))"""
    )
    assert len(rightly) + len(wrongly) == 60
    assert len(wrongly) == min(30, (net.predict(digits.test[0]) != digits.test[1]).sum()) > 5
    assert np.bincount(rightly, minlength=10).min() >= 2


def test_keys_show_real_digits_clear_and_step(opened, net, digits):
    for key in "07":
        opened.page.keyboard.press(key)
        opened.until(f"document.querySelector('#sample').textContent.endsWith(': a {key}')")
    opened.page.keyboard.press("c")
    opened.page.wait_for_selector(".bar.answer", state="detached")
    assert "Draw a digit" in opened.text("#verdict")
    opened.page.select_option("#filter", "wrong")
    opened.settle()
    X, y = digits.test
    X = np.rint((X + 1) * 127.5).astype(np.float32) / 127.5 - 1  # as the page has them
    wrong = np.flatnonzero(net.predict(X) != y)[:30]
    for n, i in enumerate(wrong[:2], start=1):
        opened.page.keyboard.press("n")
        opened.wait("sample", f"sample {n} of {len(wrong)}")
        assert f": a {y[i]}" in opened.text("#sample")
        assert f"wrong: it is a {y[i]}" in opened.text("#verdict")
    opened.page.keyboard.press("p")
    opened.page.keyboard.press("p")
    opened.wait("sample", f"sample {len(wrong)} of {len(wrong)}")
    opened.page.select_option("#filter", "3")
    opened.settle()
    assert opened.page.locator(".thumb:visible").count() == opened.page.locator('.thumb[title="A 3"]').count() > 0


def test_pointing_at_a_unit_tells_its_state_and_clicking_keeps_it(opened, net, digits):
    canvas = opened.page.locator("#planes canvas[role=img]").nth(2)
    canvas.hover(position={"x": 8, "y": 8})
    opened.wait("about", "H2, map 0, row 0, column 0")
    state = float(re.search(r"state (.[\d.]+)", opened.text("#about")).group(1).replace("\u2212", "-"))
    image = np.array(opened.page.evaluate("[...sn89.store.get('picture')]"), np.float32).reshape(16, 16)
    assert state == pytest.approx(net.states(image)["H2"][0, 0, 0], abs=0.002)
    canvas.click(position={"x": 8, "y": 8})
    opened.page.mouse.move(5, 5)
    opened.wait("about", "kept")
    assert opened.page.locator("#equation .product").count() == 8  # source maps
    canvas.focus()
    opened.page.keyboard.press("ArrowRight")
    opened.wait("about", "H2, map 0, row 0, column 1")
    opened.page.keyboard.press("Escape")
    opened.wait("about", "Point at a unit")


def test_the_sum_of_every_kind_of_unit_gives_its_state(opened, browser, tmp_path):
    """Products, bias and squashing as they are shown, against what the core computed: a unit of each corner."""
    script = """() => {
        const { store, explain, squashed } = sn89, { layers } = store.get("about"), states = store.get("states");
        return layers.slice(1).flatMap((layer, i) => [0, layer.units >> 1, layer.units - 1].map((unit) => {
            const told = explain(layers, states, store.get("weights").values, i + 1, unit);
            return [told.kind === "rbf" ? told.total : squashed(told.squash, told.total), told.state];
        }));
    }"""
    nets = [sn89.nets.lenet1(seed=1), sn89.nets.lenet5(seed=1), _without_shared_weights()]
    for n, net in enumerate(nets):
        page(net, tmp_path / f"{n}.html", size=28 if net.input.height > 28 else 16)
    others = [Opened(browser, tmp_path / f"{n}.html") for n in range(len(nets))]
    for one in (opened, *others):
        shown, states = np.array(one.page.evaluate(script)).T
        np.testing.assert_allclose(shown, states, rtol=1e-4, atol=1e-4)
        assert np.abs(states).max() > 0.01
    for one in others:
        one.page.close()
        assert one.said == [one.url]


def _without_shared_weights() -> sn89.Net:
    return sn89.Net(
        sn89.Input(16, 16),
        sn89.Local("a", maps=2, kernel=(3, 5), stride=2, shared=False, bias="unit"),
        sn89.Local("b", maps=3, kernel=3, table=((0,), (1,), (0, 1)), bias=None, squash=sn89.ReLU()),
        sn89.Dropout("c", rate=0.5),
        sn89.Full("d", 10, squash=sn89.Linear()),
        cost=sn89.SoftmaxCrossEntropy(),
        seed=4,
    )


def test_a_map_that_is_silenced_says_nothing(opened):
    opened.page.evaluate(
        "sn89.store.set({ silenced: [{ layer: 1, map: 3 }, { layer: 2, map: 0 }] }); sn89.store.flush()"
    )
    h1, h2 = opened.page.evaluate("[1, 2].map(i => [...sn89.store.get('states')[i]])")
    assert not any(h1[3 * 64 : 4 * 64])
    assert not any(h2[:16])
    assert all(h1[: 3 * 64])
    opened.page.keyboard.press("Escape")
    opened.until("sn89.store.get('states')[1].every(Boolean)")


def test_the_threshold_decides_what_is_rejected(opened, net, digits):
    """By default it is the one that leaves 1 % error on the samples; and one may choose another."""
    X, y = digits.test
    known = sn89.measure.rejection(net(X), y).difference
    assert float(opened.text("#least")) == pytest.approx(known, abs=0.005)
    opened.page.select_option("#filter", "wrong")
    opened.settle()
    opened.page.keyboard.press("n")
    opened.wait("verdict", "wrong")
    for value, rejected in ((0, False), (2, True), (0, False)):
        opened.slide("#threshold", value)
        assert opened.text("#verdict").startswith("Rejected") == rejected
        assert float(opened.text("#least")) == value


def test_the_page_tells_what_a_least_lead_costs_and_is_good_for(opened, net, digits):
    """Shares of all samples, within what interpolation may miss; nothing is told of a net that learned in the page."""
    X, y = digits.test
    outputs = net(X)
    second, first = np.sort(outputs, axis=1)[:, -2:].T
    for least in (0, 0.3, 0.8):
        opened.slide("#threshold", least)
        rejected, wrong = (float(share) for share in re.findall(r"([\d.]+)\s%", opened.text("#price")))
        kept = first - second > least
        assert rejected == pytest.approx(100 * (1 - kept.mean()), abs=1)
        assert wrong == pytest.approx(100 * (outputs.argmax(axis=1) != y)[kept].mean(), abs=1)
    opened.slide("#threshold", 2)
    opened.train(passes=1, digits=60)
    assert opened.text("#price") == "A digit whose lead is smaller is rejected."


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(browser, written, scheme):
    opened = Opened(browser, written, viewport={"width": 360, "height": 740}, has_touch=True, color_scheme=scheme)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert opened.page.locator("#pad").bounding_box()["width"] >= 240
    paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.search(r"\d+", paper).group()) < 128) == (scheme == "dark")
    opened.page.close()
    assert opened.said == [opened.url]


def test_fingers_find_targets_of_44_pixels(browser, written):
    opened = Opened(browser, written, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    small = opened.page.evaluate(
        """() => [...document.querySelectorAll("button, select, .file, label:has(input[type=checkbox])")]
            .filter((one) => one.offsetParent)
            .map((one) => [one.id || one.textContent, one.getBoundingClientRect()])
            .filter(([, box]) => box.width < 44 || box.height < 44)
            .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
    )
    opened.page.close()
    assert small == []


def test_in_forced_colours_and_on_paper_nothing_is_lost(browser, written):
    opened = Opened(browser, written, viewport={"width": 900, "height": 620}, color_scheme="dark")
    style = "([place, what]) => getComputedStyle(document.querySelector(place))[what]"
    opened.page.emulate_media(forced_colors="active")
    assert "gradient" in opened.page.evaluate(style, ["#legend i", "backgroundImage"])
    assert opened.page.evaluate(style, [".thumb[aria-pressed=true]", "outlineStyle"]) == "solid"
    assert opened.page.evaluate(style, ["#stop", "opacity"]) == "1"
    seen = lambda place: opened.page.locator(place).bounding_box()["height"] > 100  # noqa: E731
    assert seen("#outputs")  # elements have the colours that are forced, a canvas has not
    assert not opened.page.locator("#strengths").is_visible()
    opened.page.emulate_media(forced_colors="none", media="print")
    assert opened.page.evaluate(style, ["body", "backgroundColor"]) == "rgb(255, 255, 255)"  # of a dark page
    assert seen("#outputs")  # a canvas would keep the dark page's ink
    assert opened.page.locator("#planes").is_visible()
    assert not opened.page.locator("#unit").is_visible()  # none is kept
    assert not opened.page.locator("button:visible").count()
    opened.page.close()


def test_it_learns_beside_the_page_and_the_error_falls(opened):
    opened.train(passes=2, digits=500, seed=5)
    errors = [float(one) for one in re.findall(r"([\d.]+) %", opened.text("#progress"))]
    assert max(errors) < 60  # by chance it were 90
    assert "pass 2.0" in opened.text("#progress")
    assert opened.page.locator("#curve").is_visible()


def test_the_same_seed_gives_the_same_net_again_and_another_one_another(opened, net):
    ends = []
    for seed in (7, 7, 8):
        opened.train(passes=1, digits=60, seed=seed)
        ends.append(opened.parameters)
    assert ends[0].tobytes() == ends[1].tobytes() != ends[2].tobytes()
    opened.page.click("#back")
    np.testing.assert_allclose(opened.parameters, net.parameters, rtol=2**-16)


def test_a_training_can_be_stopped(opened):
    opened.page.fill("#passes", "1000")
    opened.page.click("#go")
    opened.wait("progress", "pass")
    opened.page.click("#stop")
    opened.page.wait_for_selector("#stop[disabled]", state="attached")
    assert np.isfinite(opened.parameters).all()


def test_weights_are_saved_and_opened_again(opened, tmp_path):
    opened.train(passes=1, digits=60)
    trained = opened.parameters
    with opened.page.expect_download() as download:
        opened.page.click("#save")
    path = tmp_path / "weights.safetensors"
    download.value.save_as(path)
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    assert np.frombuffer(content[8 + length :], "<f4").tobytes() == trained.tobytes()
    assert b'"H1.bias":{"dtype":"F32","shape":[12,8,8]' in content[8 : 8 + length]
    opened.page.click("#back")
    assert opened.parameters.tobytes() != trained.tobytes()
    opened.page.set_input_files("#open", path)
    opened.wait("progress", "are in the net")
    assert opened.parameters.tobytes() == trained.tobytes()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("w.safetensors", b"", "cannot be used"),
        ("w.safetensors", (10**9).to_bytes(8, "little") + b"{}", "header is cut off"),
        ("w.safetensors", (2).to_bytes(8, "little") + b"{}", 'array "H1.weights" is missing'),
        ("d.pdf", b"%PDF-1.4\n", "neither weights that sn89.save wrote"),
        ("model.h5", b"\x89HDF\r\n\x1a\n" + bytes(99), "neither weights that sn89.save wrote"),
        ("d.txt", b"3 0 0 0", "line 1 must have a label and 256 pixels"),
        ("d.txt", b"12 " + b"0 " * 256, "line 1 must have a label and 256 pixels"),
        ("d.txt", b"3 " + b"0 " * 256, "at least two digits"),
    ],
)
def test_files_that_do_not_fit_are_refused_in_words_and_change_nothing(opened, name, content, words, tmp_path):
    before = opened.parameters
    (tmp_path / name).write_bytes(content)
    opened.page.set_input_files("#open", tmp_path / name)
    opened.wait("progress", "cannot be used")
    assert words in opened.text("#progress")
    assert opened.parameters.tobytes() == before.tobytes()


def test_it_learns_from_digits_that_are_dropped_on_it(opened, digits, tmp_path):
    X, y = digits.train
    lines = [
        " ".join([str(label), *(f"{pixel:.3f}" for pixel in image.ravel())])
        for image, label in zip(X[:300], y, strict=False)
    ]
    (tmp_path / "digits.txt").write_text("\n".join(lines))
    opened.page.set_input_files("#open", tmp_path / "digits.txt")
    opened.wait("progress", "240 digits")
    opened.train(passes=1)
    assert "pass 1.0" in opened.text("#progress")


def test_a_forward_pass_takes_no_time_that_one_would_see(opened):
    """The median of 200; measured: some hundredths of a millisecond, where one would see twenty."""
    script = """() => { const image = new Float32Array(256), times = [];
        for (let i = 0; i < 200; i++) {
            const t = performance.now(); sn89.net.states(image); times.push(performance.now() - t); }
        return times.sort((a, b) => a - b)[100]; }"""
    assert opened.page.evaluate(script) < 20


# ---- the example ---------------------------------------------------------------------------------------------------


def test_the_example_writes_a_page(tmp_path):
    script = ROOT / "examples" / "make_page.py"
    environment = {**os.environ, "SN89_DATA": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    environment |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, script, "--passes", "1"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "synthetic digits" in done.stderr
    assert "trained on synthetic digits" in (tmp_path / "zip_code.html").read_text()
    refused = subprocess.run(
        [sys.executable, script, "--data", "nowhere"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert refused.returncode != 0
    assert "USPS not found" in refused.stderr
    assert "Traceback" not in refused.stderr
