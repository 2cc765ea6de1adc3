// answer.js - what the net says: the answer, its ten outputs, and whether it is sure enough.

import { $, color, el, number, say, seldom, sheet } from "../dom.js";
import { onPaper } from "../tiles.js";

const SCALES = {
  rbf: "Distances from F6 to the ten prototypes: the nearest is the answer. Its lead is how much farther the second is.",
  softmax: "Probabilities: the largest is the answer. Its lead is how far it is above the second.",
  "half-squared": "The strongest output is the answer. Its lead is how far it is above the second.",
};
const ROW = 17; // pixels of an output's bar
const SELDOM = 100; // milliseconds between two numbers in words while one draws: nobody reads faster

export function answer(store) {
  const plain = matchMedia("(forced-colors: active)"), canvas = $("strengths");
  let width = 0, named = -1; // pixels of the bars; the answer whose numbers are shown
  store.on("width scene", () => {
    width = $("answerbox").clientWidth;
    sheet(canvas, width, 10 * ROW);
  });
  store.on("states threshold source drawing about scene width", () => {
    const found = read(store), words = !found ? "" : `${found.sure ? `A ${found.answer}` : `Rejected; perhaps a ${found.answer}`}${judged(store, found)}`;
    say($("verdict"), words || "Draw a digit, or press one of the keys 0 to 9.");
    say($("big"), found ? (found.sure ? found.answer : "?") : "");
    $("big").classList.toggle("unsure", Boolean(found && !found.sure));
    if (!store.get("drawing")) say($("said"), words);
    const shown = barsOf(store, found);
    paint(shown);
    if (!store.get("drawing") || plain.matches || store.get("scene") !== null) write(shown);
    if (store.get("drawing") && found?.answer === named) later(); else numbers();
  });
  const numbers = () => {
    const found = read(store);
    named = found?.answer;
    name(barsOf(store, found));
    say($("margin"), found ? marginOf(store, found) : "");
  };
  const later = seldom(numbers, SELDOM);
  store.on("about", () => say($("scale"), SCALES[store.get("about").scores] || ""));

  // The bars are painted, since elements that change would make the browser lay out the page for every point that is
  // drawn. The same in elements is for readers of the screen, for a lecture, for paper and for forced colours.
  const place = (i) => ROW * i + 8; // the middle of a row, in whole pixels: edges of a fraction would stay behind
  function paint(shown) {
    if (!width) return;
    const context = canvas.getContext("2d"), long = width - 84;
    shown.forEach(({ from, to, answer }, i) => {
      context.fillStyle = color("line");
      context.fillRect(24, place(i) - 5, long, 10);
      context.fillStyle = color(answer ? "accent" : "soft");
      context.fillRect(24 + from * long, place(i) - 5, (to - from) * long, 10);
    });
  }

  // The numbers beside them.
  function name(shown) {
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, 24, 10 * ROW);
    context.clearRect(width - 60, 0, 60, 10 * ROW);
    context.fillStyle = color("ink");
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const bold of [false, true]) { // a font takes longer to set than a row to paint
      context.font = `${bold ? "bold " : ""}14px system-ui, sans-serif`;
      shown.forEach(({ text, answer }, i) => {
        if (Boolean(answer) !== bold) return;
        context.fillText(i, 11, place(i) + 1);
        context.fillText(text, width, place(i) + 1);
      });
    }
  }

  const bars = Array.from({ length: 10 }, (_, i) => {
    const fill = el("b"), value = el("span"), bar = el("div", { className: "bar" }, el("span", {}, String(i)), el("i", {}, fill), value);
    return { bar, fill, value };
  });
  $("outputs").append(...bars.map(({ bar }) => bar));
  function write(shown) {
    shown.forEach(({ from, to, text, answer, second }, i) => {
      const { bar, fill, value } = bars[i];
      fill.style.left = `${100 * from}%`;
      fill.style.width = `${100 * (to - from)}%`;
      say(value, text);
      bar.className = `bar${answer ? " answer" : ""}${second ? " second" : ""}`;
    });
  }

  const least = $("threshold");
  least.oninput = () => store.set({ threshold: Number(least.value) });
  store.on("threshold about", () => {
    const softmax = store.get("about").scores === "softmax", threshold = store.get("threshold");
    least.max = softmax ? 1 : Math.max(2, 4 * store.get("about").threshold, threshold);
    least.step = softmax ? 0.01 : least.max / 200;
    least.value = threshold;
    say($("least"), number(threshold));
  });
  store.on("threshold about weights", () => say($("price"), priceOf(store)));

  store.on("picture about", () => {
    const { image: [size], scale } = store.get("about");
    onPaper($("seen"), store.get("picture") || new Float32Array(size * size).fill(scale[0]), size, scale);
  });
}

// {answer, second, margin, sure, scores} of what is there; null if nothing is.
export function read(store) {
  const states = store.get("states");
  if (!states) return null;
  const found = store.get("net").verdict(states.at(-1));
  return { ...found, sure: found.margin > store.get("threshold") };
}

// Rounded towards doubt: 100 % is never said.
const percent = (share) => `${share < 0.99 ? Math.floor(100 * share) : Math.min(99.9, Math.floor(1000 * share) / 10)}\u00a0%`;

// Of each output where its bar begins and ends, from 0 to 1, and its number: [{from, to, text, answer, second}].
function barsOf(store, found) {
  const { scores: kind, outputLimit } = store.get("about"), nothing = { from: 0, to: 0, text: "" };
  if (!found) return Array(10).fill(nothing);
  const shown = kind === "softmax" ? found.scores : [...store.get("states").at(-1)];
  const [low, high] = kind === "softmax" ? [0, 1] : kind === "rbf" ? fromNearest(shown)
    : outputLimit ? [-outputLimit, outputLimit] : [Math.min(0, ...shown), Math.max(1e-6, ...shown)];
  const part = (x) => Math.max(0, x - low) / (high - low);
  return shown.map((x, i) => {
    const [from, to] = kind === "rbf" ? [0, part(x)] : [part(Math.min(0, x)), part(Math.max(0, x))];
    return { from, to, text: number(x, kind === "rbf" ? 1 : 2), answer: i === found.answer, second: i === found.second };
  });
}

// Distances are shown on a scale whose left end is a little nearer than the nearest.
function fromNearest(distances) {
  const [near, far] = [Math.min(...distances), Math.max(...distances)];
  return [near - 0.08 * (far - near || 1), far];
}

// What the least lead costs and what it is good for: measured on all digits that the page was made with, by the net as
// it came. Between two leads that were tried the counts are interpolated.
const thousands = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ","); // the browser's own way takes long the first time
function priceOf(store) {
  const { about: { measured }, threshold, weights } = store.values, rejecting = measured?.rejecting;
  if (weights.from !== "shipped" || !rejecting) return "A digit whose lead is smaller is rejected.";
  const [leads, read, wrong] = rejecting, next = leads.findIndex((lead) => lead >= threshold);
  const i = next < 0 ? leads.length - 1 : Math.max(1, next);
  const part = next < 0 ? 1 : (threshold - leads[i - 1]) / (leads[i] - leads[i - 1]), at = (counts) => counts[i - 1] + part * (counts[i] - counts[i - 1]);
  const some = at(read), of = (share) => `${(100 * share).toFixed(1)}\u00a0%`;
  const rest = some < 0.5 ? "" : `; of those it reads, ${of(at(wrong) / some)} are wrong`;
  return `Of ${thousands(measured.patterns)} digits the net rejects ${of(1 - some / measured.patterns)}, whose lead is smaller${rest}.`;
}

function judged(store, found) {
  const { kind, index } = store.get("source");
  if (kind !== "sample") return "";
  const { label } = store.get("samples")[index];
  return label === found.answer ? ", right" : `, wrong: it is a ${label}`;
}

function marginOf(store, found) {
  // A net that learned or came from a file is as sure as others of its kind are: nothing was fitted to it.
  const { about, weights } = store.values, outputs = store.get("states").at(-1);
  const sure = store.get("net").confidence(outputs, weights.from === "shipped" ? about.confidence : about.usual);
  return `ahead of the ${found.second} by ${number(found.margin)}, ${percent(sure)} sure`;
}
