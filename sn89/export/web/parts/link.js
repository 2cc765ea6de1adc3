// link.js - what is shown, in the address and as a picture: a link to send, a PNG or SVG to keep.

import { $, color, download, el, number } from "../dom.js";
import { look, uprightKey } from "../seeing.js";
import { read } from "./answer.js";

const PARTS = ["pad", "answer", "compare", "samples", "planes", "unit", "nudge", "line", "kernels", "train"];

export function link(store) {
  let timer = null;
  restore();
  embed();
  addEventListener("hashchange", () => { if (`#${told()}` !== location.hash) restore(); });
  store.on("source drawing pinned threshold deslant deslantImages at scene", () => {
    clearTimeout(timer);
    if (!store.get("drawing")) timer = setTimeout(() => {
      try { history.replaceState(null, "", `#${told()}`); } catch { /* a frame without an address of its own */ }
    }, 300);
  });

  // strokes or sample, the unit that is kept, the threshold if it was moved, layout.
  function told() {
    const { source, pinned, threshold, about, at, scene, only } = store.values, parts = [], upright = store.get(uprightKey(store));
    if (source.kind === "strokes") parts.push(`strokes=${packed(source.strokes)}`);
    if (source.kind === "sample") parts.push(`sample=${source.index}`);
    if (pinned) parts.push(`unit=${pinned.layer}.${pinned.unit}`);
    if (threshold !== about.threshold) parts.push(`threshold=${Number(threshold.toFixed(4))}`);
    if (upright !== (uprightKey(store) === "deslant")) parts.push(`deslant=${Number(upright)}`); // not as it is at first
    if (at) parts.push(`net=${at}`);
    if (scene !== null) parts.push(`lecture=${scene}`);
    if (only && new URLSearchParams(location.hash.slice(1)).has("embed")) parts.push(`embed=${only}`);
    return parts.join("&");
  }

  function restore() {
    const given = new URLSearchParams(location.hash.slice(1)), changes = {};
    const count = (key, most) => { const n = Number(given.get(key)); return given.get(key) && Number.isInteger(n) && n >= 0 && n < most ? n : null; };
    const at = count("net", store.get("nets").length);
    if (at !== null && at !== store.get("at")) look(store, at);
    const { layers, scores } = store.get("about"), strokes = unpacked(given.get("strokes") || ""), sample = count("sample", store.get("samples").length);
    if (strokes.length) changes.source = { kind: "strokes", strokes };
    else if (sample !== null) changes.source = { kind: "sample", index: sample };
    const [layer, unit] = (given.get("unit") || "").split(".").map(Number);
    if (Number.isInteger(layer) && layer >= 0 && layer < layers.length && Number.isInteger(unit) && unit >= 0 && unit < layers[layer].units) changes.pinned = { layer, unit };
    const threshold = Number(given.get("threshold"));
    if (given.get("threshold") && threshold >= 0 && threshold < (scores === "softmax" ? 1 : 1e6)) changes.threshold = threshold;
    if (given.has("deslant")) changes[strokes.length ? "deslant" : "deslantImages"] = given.get("deslant") !== "0";
    if (given.has("lecture")) changes.scene = count("lecture", 99) || 0;
    store.set(changes);
  }

  // ?embed=pad,planes or #embed=pad,planes: only these parts.
  function embed() {
    const wanted = new URLSearchParams(location.search).get("embed") || new URLSearchParams(location.hash.slice(1)).get("embed");
    const some = PARTS.filter((part) => (wanted || "").split(",").includes(part));
    if (!some.length) return;
    store.set({ only: some.join(",") });
    document.body.classList.add("embedded");
    for (const part of PARTS) $(part === "pad" ? "padbox" : part === "answer" ? "answerbox" : part).classList.toggle("away", !some.includes(part));
    $("draw").classList.toggle("away", !some.includes("pad") && !some.includes("answer"));
  }

  $("copy").onclick = async () => {
    const url = `${location.href.split("#")[0]}#${told()}`;
    try {
      await navigator.clipboard.writeText(url);
      say("The link is on the clipboard.");
    } catch { // not allowed here: the reader copies it
      const field = el("input", { value: url, readOnly: true });
      field.setAttribute("aria-label", "The link");
      $("offer").replaceChildren(field);
      field.select();
    }
  };
  const say = (words) => { $("offer").textContent = words; };

  $("png").onclick = () => {
    const items = composed(store), [width, height] = items.size, canvas = el("canvas", { width: 2 * width, height: 2 * height });
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    context.imageSmoothingEnabled = false;
    for (const item of items) paint(context, item);
    canvas.toBlob((blob) => download("net.png", blob, "image/png"));
  };
  $("svg").onclick = () => {
    const items = composed(store), [width, height] = items.size;
    const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">`;
    download("net.svg", `${head}${items.map(svg).join("")}</svg>`, "image/svg+xml");
  };
}

// Strokes as letters: two of base 36 for every number, "-" between strokes. Points that hardly differ are left out.
export function packed(strokes) {
  const code = (v) => Math.max(0, Math.min(1295, Math.round(v))).toString(36).padStart(2, "0");
  return strokes.map(({ width, points }) => {
    let text = code(width), last = null;
    for (let i = 0; i < points.length; i += 2) {
      const far = !last || Math.hypot(points[i] - last[0], points[i + 1] - last[1]) >= 2;
      if (!far && i + 2 < points.length) continue;
      last = [points[i], points[i + 1]];
      text += code(points[i]) + code(points[i + 1]);
    }
    return text;
  }).join("-");
}

export function unpacked(text) {
  return text.slice(0, 40_000).split("-").filter((word) => /^[0-9a-z]+$/.test(word) && word.length >= 6 && word.length % 4 === 2).map((word) => {
    const [width, ...points] = word.match(/../g).map((pair) => Math.min(280, parseInt(pair, 36)));
    return { width: Math.max(1, Math.min(60, width)), points };
  });
}

// ---- a picture of what is shown: a list of images, rectangles and texts, painted in two ways -------------------------

function composed(store) {
  const items = [], figures = [...document.querySelectorAll("#planes figure")], found = read(store);
  const text = (words, x, y, size = 13, weight = 400, ink = color("ink")) => items.push({ words, x, y, size, weight, ink });
  const image = (canvas, x, y) => {
    const box = canvas.getBoundingClientRect(), w = Math.round(box.width), h = Math.round(box.height);
    items.push({ canvas, x, y, w, h });
    return h;
  };
  const left = 20, right = 300;
  text($("title").textContent, left, 30, 17, 700);
  items.push({ canvas: $("pad"), x: left, y: 46, w: 220, h: 220 });
  if (found) text(found.sure ? String(found.answer) : `? (${found.answer})`, left, 318, 44, 700, color("accent"));
  [...document.querySelectorAll(".bar")].forEach((bar, i) => {
    const y = 336 + 17 * i, fill = bar.querySelector("b"), from = parseFloat(fill.style.left) || 0, part = parseFloat(fill.style.width) || 0;
    text(String(i), left, y + 9, 12);
    items.push({ x: left + 16, y, w: 150, h: 9, ink: color("line") });
    items.push({ x: left + 16 + 1.5 * from, y, w: 1.5 * part, h: 9, ink: i === found?.answer ? color("accent") : color("soft") });
    text(bar.lastChild.textContent, left + 176, y + 9, 12);
  });
  let y = 46, width = right;
  for (const figure of figures) {
    let x = right, high = 0;
    text(figure.querySelector("canvas").getAttribute("aria-label").split(". ")[0], x, y + 10, 12, 400, color("soft"));
    for (const { children: [canvas, marks] } of figure.querySelectorAll(".stack")) { // the states; prototypes beside them
      high = Math.max(high, image(canvas, x, y + 16));
      if (marks) image(marks, x, y + 16);
      x += canvas.getBoundingClientRect().width + 24;
    }
    y += 16 + high + 10;
    width = Math.max(width, x - 24);
  }
  const size = [Math.round(width) + 20, Math.max(y, 336 + 170) + 16];
  items.unshift({ x: 0, y: 0, w: size[0], h: size[1], ink: color("paper") });
  return Object.assign(items, { size });
}

function paint(context, { canvas, words, x, y, w, h, size, weight, ink }) {
  if (canvas) { context.drawImage(canvas, x, y, w, h); return; }
  context.fillStyle = ink;
  if (words === undefined) { context.fillRect(x, y, w, h); return; }
  context.font = `${weight} ${size}px system-ui, sans-serif`;
  context.fillText(words, x, y);
}

const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

function svg({ canvas, words, x, y, w, h, size, weight, ink }) {
  if (canvas) return `<image x="${x}" y="${y}" width="${w}" height="${h}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${canvas.toDataURL()}"/>`;
  if (words === undefined) return `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${ink}"/>`;
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${ink}">${escaped(words)}</text>`;
}
