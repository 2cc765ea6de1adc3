// answer.js - what the net says: the answer, its ten outputs, and whether it is sure enough.

import { $, el, number } from "../dom.js";
import { Tiles } from "../tiles.js";

const SCALES = {
  rbf: "Distances from F6 to the ten prototypes: the nearest is the answer, the margin is how much farther the next one is.",
  softmax: "Probabilities: the largest is the answer.",
};

export function answer(store) {
  const bars = Array.from({ length: 10 }, (_, i) => {
    const fill = el("b"), value = el("span"), bar = el("div", { className: "bar" }, el("span", {}, String(i)), el("i", {}, fill), value);
    return { bar, fill, value };
  });
  $("outputs").append(...bars.map(({ bar }) => bar));

  store.on("states threshold source deslant drawing about", () => {
    const found = read(store);
    const words = !found ? "" : `${found.sure ? `A ${found.answer}` : `Rejected; perhaps a ${found.answer}`}${judged(store, found)}`;
    $("verdict").textContent = words || "Draw a digit, or press one of the keys 0 to 9.";
    $("big").textContent = found ? (found.sure ? found.answer : "?") : "";
    $("big").classList.toggle("unsure", Boolean(found && !found.sure));
    $("margin").textContent = found ? marginOf(store, found) : "";
    if (!store.get("drawing") && $("said").textContent !== words) $("said").textContent = words;
    show(found);
  });

  function show(found) {
    const { scores: kind, outputLimit } = store.get("about"), outputs = found && store.get("states").at(-1);
    const shown = !found ? null : kind === "softmax" ? found.scores : [...outputs];
    const span = kind === "softmax" ? [0, 1] : kind === "rbf" ? fromNearest(shown)
      : outputLimit ? [-outputLimit, outputLimit] : [Math.min(0, ...(shown || [])), Math.max(1e-6, ...(shown || []))];
    const part = (x) => (100 * Math.max(0, x - span[0])) / (span[1] - span[0]);
    bars.forEach(({ bar, fill, value }, i) => {
      const x = shown ? shown[i] : 0, [from, to] = kind === "rbf" ? [0, part(x)] : [part(Math.min(0, x)), part(Math.max(0, x))];
      fill.style.left = `${from}%`;
      fill.style.width = `${to - from}%`;
      value.textContent = shown ? number(x, kind === "rbf" ? 1 : 2) : "";
      bar.className = `bar${found && i === found.answer ? " answer" : ""}${found && i === found.second ? " second" : ""}`;
    });
    $("scale").textContent = SCALES[kind] || "";
  }

  const least = $("threshold");
  least.oninput = () => store.set({ threshold: Number(least.value) });
  store.on("threshold about", () => {
    const softmax = store.get("about").scores === "softmax", threshold = store.get("threshold");
    least.max = softmax ? 1 : Math.max(2, 4 * store.get("about").threshold, threshold);
    least.step = softmax ? 0.01 : least.max / 200;
    least.value = threshold;
    $("least").textContent = number(threshold);
  });

  const seen = new Tiles($("seen"), 1, 1, 1, 72);
  store.on("picture about", () => {
    const { image: [size], scale: [low, high] } = store.get("about");
    if (seen.h !== size) Object.assign(seen, { h: size, w: size }).layOut(72);
    const values = store.get("picture") || new Float32Array(size * size).fill(low), middle = (low + high) / 2;
    seen.draw(values.map((value) => middle - value), (high - low) / 2);
  });
}

// {answer, second, margin, sure, scores} of what is there; null if nothing is.
export function read(store) {
  const states = store.get("states");
  if (!states) return null;
  const found = store.get("net").verdict(states.at(-1));
  return { ...found, sure: found.margin > store.get("threshold") };
}

// Distances are shown on a scale whose left end is a little nearer than the nearest.
function fromNearest(distances) {
  if (!distances) return [0, 1];
  const [near, far] = [Math.min(...distances), Math.max(...distances)];
  return [near - 0.08 * (far - near || 1), far];
}

function judged(store, found) {
  const { kind, index } = store.get("source");
  if (kind !== "sample") return "";
  const { label } = store.get("samples")[index];
  return label === found.answer ? ", right" : `, wrong: it is a ${label}`;
}

function marginOf(store, found) {
  const what = store.get("about").scores === "rbf" ? "nearer than" : "above";
  return `${number(found.margin)} ${what} the ${found.second}`;
}
