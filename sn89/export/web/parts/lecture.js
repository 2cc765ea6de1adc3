// lecture.js - the net told scene by scene, for a room: large, one layer at a time, with a sentence and its figures.

import { $, el } from "../dom.js";

const many = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
const counts = ({ units, connections, free }) => `${many(units, "unit")}, ${many(connections, "connection")}, ${many(free, "free parameter")}.`;
const size = (layer) => `${layer.height}×${layer.width}`;

export function lecture(store) {
  let known = null, scenes = []; // told when they are asked for: numbers with commas take a browser long, the first time
  const ready = () => {
    if (known === store.get("about")) return;
    known = store.get("about");
    scenes = scenesOf(known);
  };
  store.on("scene about", show);
  store.on("width scene", () => { // what is behind the caption can be scrolled into view
    document.body.style.paddingBottom = store.get("scene") === null ? "" : `${$("lecture").offsetHeight + 16}px`;
  });
  const go = (by) => store.set({ scene: Math.max(0, Math.min(scenes.length - 1, store.get("scene") + by)) });
  const toggle = () => store.set({ scene: store.get("scene") === null ? 0 : null });
  $("lectureon").onclick = toggle;
  $("leave").onclick = toggle;
  $("forward").onclick = () => go(1);
  $("backward").onclick = () => go(-1);

  // True if the key was for the lecture.
  function key(event) {
    if (event.key.toLowerCase() === "l") { toggle(); return true; }
    if (store.get("scene") === null) return false;
    const by = { " ": 1, PageDown: 1, ArrowRight: 1, PageUp: -1, ArrowLeft: -1 }[event.key];
    if (by === undefined || (event.key === " " && event.target.closest("button, input"))) {
      if (event.key !== "Escape") return false;
      toggle();
      return true;
    }
    event.preventDefault();
    go(by);
    return true;
  }

  function show() {
    const at = store.get("scene"), on = at !== null;
    if (on) ready();
    const scene = on ? scenes[Math.min(at, scenes.length - 1)] : null;
    document.body.classList.toggle("lecture", on);
    document.body.dataset.scene = scene?.is || "";
    $("lecture").hidden = !on;
    $("lectureon").setAttribute("aria-pressed", String(on));
    if (scene) {
      $("scenetitle").textContent = scene.title;
      $("caption").replaceChildren(...scene.words.map((words) => el("p", {}, words)), ...(scene.table ? [scene.table()] : []));
      $("scenes").textContent = `${at + 1} of ${scenes.length}`;
      if (scene.layer > 0 && scene.layer < store.get("about").layers.length - 1) store.set({ pinned: strongest(store, scene.layer) });
      else store.set({ pinned: null });
    }
    store.set({ width: NaN });
  }
  return { key };
}

// A unit near the middle of a layer that has much to say.
function strongest(store, layer) {
  const { height, width } = store.get("about").layers[layer], states = store.get("states")?.[layer], near = (i) => Math.abs((i % (height * width)) - (height * width) / 2);
  if (!states) return null;
  let best = 0;
  states.forEach((state, i) => {
    const worth = (unit) => Math.abs(states[unit]) - near(unit) / (height * width);
    if (worth(i) > worth(best)) best = i;
  });
  return { layer, unit: best };
}

function scenesOf(about) {
  const { layers } = about, last = layers.length - 1;
  const hidden = layers.slice(1, last).map((layer, i) => ({ is: "layer", layer: i + 1, title: layer.name, words: [words(layer, layers[i]), counts(layer)] }));
  return [
    { is: "layer", layer: 0, title: "The input", words: [`A digit of ${about.image.join("×")} gray levels comes into ${size(layers[0])} units. Ink is bright, paper is darker.`] },
    ...hidden,
    { is: "answer", layer: last, title: "The answer", words: [answerWords(layers[last], about), counts(layers[last])] },
    { is: "learning", layer: last, title: "Learning", words: [
      "Nobody drew the kernels; the net found them. After every digit each weight is moved a little down the slope of the error, which is passed back from layer to layer. Where the error curves strongly along a weight, the weight's steps are small. Press “Train from the start” and watch the kernels grow out of random numbers."] },
    { is: "table", layer: last, title: about.paper ? "The paper's net and this one" : "The net in figures", words: [], table: () => table(about) },
  ];
}

function words(layer, below) {
  const from = below.kind === "input" ? "the input" : below.name;
  const field = layer.kernel?.join("×");
  switch (layer.kind) {
    case "local": {
      const fan = layer.table.map((row) => row.length), [few, most] = [Math.min(...fan), Math.max(...fan)];
      const seen = below.maps === 1 ? "" : few === below.maps ? ` in all ${below.maps} maps` : ` in ${few === most ? few : `${few} to ${most}`} of its ${below.maps} maps`;
      if (layer.height * layer.width === 1) return `${layer.maps} units; each looks at the whole of ${from}${seen}.`;
      const thinned = layer.stride[0] > 1 ? ` Neighbours look ${layer.stride[0]} pixels apart, so that the map is smaller than what it sees.` : "";
      const shared = layer.shared ? "All units of a map have the same weights: a map finds one feature, wherever it is." : "Each unit has weights of its own.";
      return `${layer.maps} feature maps of ${size(layer)}. Each unit looks at a field of ${field} in ${from}${seen}. ${shared}${thinned}${layer.bias === "unit" ? " Each unit has a bias of its own." : ""}`;
    }
    case "average": return `Each unit averages a block of ${field} in one map of ${from}, times a coefficient, plus a bias. The feature that was found is kept, but not exactly where it was.`;
    case "full": return `${layer.units} units; each reads all ${below.units.toLocaleString("en")} units of ${from}. Here the features become evidence for whole digits.`;
    case "dropout": return "While the net learns, some of these units are left out at random; now all of them take part.";
    default: return "";
  }
}

function answerWords(layer, about) {
  if (about.scores === "rbf") return "Ten distances: how far the states below are from a bitmap drawn for each digit. The nearest is the answer, if the next one is farther by enough.";
  if (about.scores === "softmax") return "Ten units, made into probabilities that add up to 1. The largest is the answer, if it is above the next one by enough.";
  return "Ten units, one for each digit, taught to say +1 for their own and −1 for the others. The largest is the answer, if it is above the next one by enough; otherwise the digit is rejected.";
}

// What the paper printed beside what this net has.
function table({ layers, paper, measured, parameters }) {
  const cells = (tag, ...texts) => el("tr", {}, ...texts.map((text) => el(tag, {}, text)));
  const n = (value) => (value === undefined || value === null ? "" : value.toLocaleString("en"));
  const total = (key) => (key === "free" ? parameters : layers.reduce((sum, layer) => sum + layer[key], 0));
  // A column for the paper stands beside each of ours that it printed anything of.
  const told = (layer, k) => (layer ? paper?.layers[layer.name]?.[k] : paper?.totals[k]) ?? null;
  const columns = [["units", "units"], ["connections", "connections"], ["free", "free parameters"]]
    .map(([key, text], k) => ({ key, text, k, printed: [...layers, null].some((layer) => told(layer, k) !== null) }));
  const row = (layer) => columns.flatMap(({ key, k, printed }) =>
    [n(layer ? layer[key] : total(key)), ...(printed ? [told(layer, k) === null ? "–" : n(told(layer, k))] : [])]);
  const rows = [...layers.slice(1).map((layer) => [layer.name, ...row(layer)]), ["in all", ...row(null)]];
  const heads = ["", ...columns.flatMap(({ text, printed }) => [text, ...(printed ? ["paper"] : [])])];
  const percent = (share) => `${(100 * share).toFixed(share < 0.01 ? 2 : 1)}\u00a0%`;
  const error = [measured ? `Of ${n(measured.patterns)} digits it misreads ${percent(measured.error)}.` : "", paper ? `The paper: ${percent(paper.test)} on test digits, ${percent(paper.train)} on training digits, after ${paper.pass} passes.` : ""];
  return el("div", {}, el("table", {}, cells("th", ...heads), ...rows.map((row) => cells("td", ...row))), el("p", {}, error.join(" ").trim()));
}
