// main.js - the page begins: the store, what is computed from what, and the parts that show it.

import { $, onTheme } from "./dom.js";
import { Net } from "./core.js";
import { explain, silence, squashed } from "./fields.js";
import { drawnDigits } from "./glyphs.js";
import { imageOf, look } from "./seeing.js";
import { Store } from "./store.js";
import { pad } from "./parts/pad.js";
import { answer } from "./parts/answer.js";
import { planes } from "./parts/planes.js";
import { unit } from "./parts/unit.js";
import { samples, first } from "./parts/samples.js";
import { kernels } from "./parts/kernels.js";
import { training } from "./parts/training.js";
import { files } from "./parts/files.js";
import { line } from "./parts/line.js";
import { compare } from "./parts/compare.js";
import { lecture } from "./parts/lecture.js";
import { nudge } from "./parts/nudge.js";
import { link } from "./parts/link.js";

// The answer comes first; the parts that stand further down follow it, each in a task of its own.
export async function begin(page) {
  const nets = unpack(page), [{ about }] = nets;
  const store = new Store({
    module: page.module, worker: page.worker, glyphs: page.glyphs,
    nets, at: 0, about: null, net: null, shipped: null, weights: null, silenced: [],
    source: { kind: "blank" }, picture: null, states: null, deslant: true, deslantImages: false, drawing: false,
    pinned: null, pointed: null, threshold: about.threshold, width: 0,
    samples: digits(page.pixels, page.labels, about), embedded: page.training ? embedded(page, about) : null, own: null,
    line: null, swept: null, scene: null, only: "", running: false, paused: false, rule: null, courses: [], live: null, wall: null, guesses: null, note: "",
  });
  think(store);
  const mark = planes(store);
  answer(store);
  const parts = { pad: pad(store) };
  look(store, 0);
  store.set({ source: first(store) });
  link(store); // the address may say otherwise
  store.flush();
  performance.mark("answered"); // tests/page_speed.py asks when
  Object.assign(globalThis.sn89, { store, explain, squashed, drawnDigits }); // for those who look inside
  Object.defineProperty(globalThis.sn89, "net", { get: () => store.get("net") });
  await painted();
  mark();
  for (const [name, part] of Object.entries({ samples, lecture, compare, unit, nudge, line, kernels, training, files })) {
    parts[name] = part(store);
    store.flush();
    await new Promise((wake) => { setTimeout(wake); });
  }
  keys(store, parts);
  addEventListener("resize", () => store.set({ width: NaN }));
  onTheme(() => store.set({ width: NaN }));
  document.body.dataset.ready = "yes";
}

// Until a frame is painted; a page that nobody sees has none.
function painted() {
  return new Promise((wake) => {
    requestAnimationFrame(() => setTimeout(wake));
    setTimeout(wake, 200);
  });
}

// ---- what is computed from what ---------------------------------------------------------------------------------------

function think(store) {
  store.on("weights silenced", () => {
    const { layers } = store.get("about");
    store.get("net").parameters = store.get("silenced")
      .reduce((values, { layer, map }) => silence(layers[layer], values, map), store.get("weights").values);
  });
  store.on("source deslant deslantImages about", () => store.set({ picture: imageOf(store, store.get("about")) }));
  store.on("picture weights silenced about", () => {
    const picture = store.get("picture");
    store.set({ states: picture && store.get("net").states(picture) });
  });
  store.on("weights about", () => {
    const { about, weights } = store.values;
    $("counts").textContent = about.counts;
    $("title").textContent = weights.from === "shipped" ? about.title : `${about.title} · ${weights.words}`;
  });
}

// ---- what the page carries ----------------------------------------------------------------------------------------------

// Of every float its upper three bytes: all first ones, all second ones, all third ones; net after net.
function unpack({ module, abouts, numbers }) {
  let at = 0;
  return abouts.map((about) => {
    const n = about.parameters, words = new Uint32Array(n);
    const [first, second, third] = [0, 1, 2].map((k) => numbers.subarray(at + k * n, at + (k + 1) * n));
    for (let i = 0; i < n; i++) words[i] = (first[i] << 24) | (second[i] << 16) | (third[i] << 8);
    at += 3 * n;
    return { about, net: new Net(module, about), values: new Float32Array(words.buffer) };
  });
}

function digits(pixels, labels, { image: [size], scale: [low, high] }) {
  const n = size * size, states = new Float32Array(pixels.length);
  for (let i = 0; i < states.length; i++) states[i] = low + ((high - low) * pixels[i]) / 255;
  return labels.map((label, i) => ({ label, image: states.subarray(i * n, (i + 1) * n) }));
}

function embedded({ trainingPixels, training }, about) {
  const some = digits(trainingPixels, training, about), [size] = about.image, images = new Float32Array(some.length * size * size);
  some.forEach(({ image }, i) => images.set(image, i * size * size));
  return { images, labels: Int32Array.from(training), pixels: size * size };
}

// ---- keys --------------------------------------------------------------------------------------------------------------

function keys(store, { pad, samples, lecture }) {
  addEventListener("keydown", (event) => {
    if (event.target.closest?.("input:not([type=range], [type=checkbox]), select, textarea")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); pad.undo(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || lecture.key(event)) return;
    if (/^[0-9]$/.test(event.key)) { samples.digit(Number(event.key)); return; }
    const act = { c: pad.clear, u: pad.undo, n: () => samples.step(1), p: () => samples.step(-1), t: () => $("go").click(),
      d: () => $("deslant").click(), escape: () => store.set({ pinned: null, silenced: [] }) }[event.key.toLowerCase()];
    if (act) { act(); return; }
    const pinned = store.get("pinned"), step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || !pinned || event.target.tagName === "INPUT") return;
    event.preventDefault();
    const { width, units } = store.get("about").layers[pinned.layer];
    store.set({ pinned: { layer: pinned.layer, unit: (pinned.unit + step[0] * width + step[1] + units) % units } });
  });
}
