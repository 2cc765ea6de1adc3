"""The web page in Firefox and in WebKit: opened, drawn on, read, looked into, trained, saved and loaded.

Firefox is driven by WebDriver BiDi over its own socket, WebKitGTK by the WebDriver that Debian ships with it
(webkit2gtk-driver). Where they are not installed the tests are skipped.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request

import pytest

import sn89
from sn89.export import page

# All of it in one function: it ends when everything has happened, and tells what it saw.
SMOKE = """
const $ = (id) => document.getElementById(id);
const wait = async (ready) => { while (!ready()) await new Promise((wake) => setTimeout(wake, 20)); };
await wait(() => document.body.dataset.ready || !$("halt").hidden);
if (!$("halt").hidden) return [$("halt").textContent];
const pad = $("pad"), box = pad.getBoundingClientRect();
const point = (type, x, y) => pad.dispatchEvent(new PointerEvent(type, { pointerId: 1, isPrimary: true, button: 0,
    bubbles: true, clientX: box.left + x * box.width, clientY: box.top + y * box.height }));
$("clear").click();
await wait(() => $("verdict").textContent.startsWith("Draw"));
point("pointerdown", 0.5, 0.15);
for (let y = 0.2; y < 0.85; y += 0.05) point("pointermove", 0.5, y);
point("pointerup", 0.5, 0.85);
await wait(() => !$("verdict").textContent.startsWith("Draw"));
const told = [$("verdict").textContent];
sn89.store.set({ pinned: { layer: 1, unit: 9 } });
await wait(() => $("equation").children.length > 1);
told.push($("about").textContent);
$("passes").value = "1";
$("digits").value = "20";
$("go").click();
await wait(() => /^pass 1.0/.test($("progress").textContent));
told.push($("title").textContent);
const trained = sn89.net.parameters.slice(), create = URL.createObjectURL;
let saved = null;
URL.createObjectURL = (blob) => { saved = blob; return create.call(URL, blob); };
$("save").click();
URL.createObjectURL = create;
$("back").click();
await wait(() => sn89.net.parameters.some((value, i) => value !== trained[i]));
const held = new DataTransfer();
held.items.add(new File([saved], "weights.safetensors"));
dispatchEvent(new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true }));
await wait(() => /are in the net/.test($("progress").textContent));
await wait(() => sn89.net.parameters.every((value, i) => value === trained[i]));
return told;
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("elsewhere") / "page.html"
    page(sn89.nets.zip_code(seed=1), path)
    return path


def judge(told):
    assert len(told) == 3, told
    assert re.search(r"A \d|perhaps a \d", told[0])
    assert told[1].startswith("H1, map 0, row 1, column 1: state")
    assert "trained here, 1 passes" in told[2]


# ---- Firefox -------------------------------------------------------------------------------------------------------


def test_firefox(written):
    firefox = shutil.which("firefox-esr") or shutil.which("firefox")
    if not firefox:
        pytest.skip("there is no Firefox here: install Debian's firefox-esr")
    pytest.importorskip("tornado", reason="BiDi is spoken over tornado's sockets, which come with sn89[dask]")
    with tempfile.TemporaryDirectory() as profile:
        command = [firefox, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        home = {**os.environ, "HOME": profile, "MOZ_CRASHREPORTER_DISABLE": "1"}
        pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True}
        process = subprocess.Popen(command, env=home, **pipes)
        try:
            for line in process.stderr:
                if found := re.search(r"BiDi listening on (ws://\S+)", line):
                    break
            else:
                pytest.skip("this Firefox has no WebDriver BiDi")
            judge(asyncio.run(_by_bidi(found[1], written.as_uri())))
        finally:
            process.kill()
            process.communicate()


async def _by_bidi(address: str, url: str) -> list[str]:
    from tornado.websocket import websocket_connect

    connection = await websocket_connect(f"{address}/session")
    number = 0

    async def ask(method, **given):
        nonlocal number
        number += 1
        await connection.write_message(json.dumps({"id": number, "method": method, "params": given}))
        while True:
            told = json.loads(await connection.read_message())
            if told.get("id") == number:
                assert told["type"] == "success", told
                return told["result"]

    await ask("session.new", capabilities={})
    context = (await ask("browsingContext.getTree"))["contexts"][0]["context"]
    await ask("browsingContext.navigate", context=context, url=url, wait="complete")
    told = await ask(
        "script.evaluate",
        expression=f"(async () => {{ {SMOKE} }})()",
        target={"context": context},
        awaitPromise=True,
    )
    connection.close()
    assert told["type"] == "success", told
    return [one["value"] for one in told["result"]["value"]]


# ---- WebKit --------------------------------------------------------------------------------------------------------


def test_webkit(written):
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("xvfb-run")
    if not driver or not screen:
        pytest.skip("there is no WebKitGTK here: install Debian's webkit2gtk-driver and xvfb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [screen, "-a", driver, f"--port={port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        _listening(port, process)
        judge(_by_webdriver(f"http://127.0.0.1:{port}", written.as_uri()))
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # its own group: the driver, the screen and the browser
        process.wait()


def _listening(port: int, process: subprocess.Popen) -> None:
    """Until the driver takes connections."""
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
    pytest.skip("WebKitWebDriver does not start here")


def _by_webdriver(driver: str, url: str) -> list[str]:
    def ask(path, **given):
        request = urllib.request.Request(
            f"{driver}/{path}", json.dumps(given).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=900) as answer:
            return json.load(answer)["value"]

    session = f"session/{ask('session', capabilities={})['sessionId']}"
    ask(f"{session}/timeouts", script=600_000)
    ask(f"{session}/url", url=url)
    script = f"const done = arguments[0]; (async () => {{ {SMOKE} }})().then(done, (error) => done([String(error)]));"
    told = ask(f"{session}/execute/async", script=script, args=[])
    urllib.request.urlopen(urllib.request.Request(f"{driver}/{session}", method="DELETE"), timeout=900).close()
    return told
