// line.js - a line of digits, read at every place at once where the net's answers do not depend on the place: the net
// replicated over the line, in the core. Other nets cut the line into digits, and say why.

import { $, el, color, number, sheet } from "../dom.js";
import { Net } from "../core.js";
import { bestReading, cutDigits, lineImage } from "../reading.js";
import { brought, Sheet } from "../ink.js";
import { Tiles } from "../tiles.js";
import { drawStrokes } from "./pad.js";
import { penOn } from "../pen.js";

const WIDTH = 700, HEIGHT = 140; // of the line, in the units its strokes are kept in
const FINE = 0.5; // pixels of ink for each of them

export function line(store) {
  const canvas = $("linepad"), paper = new Sheet(WIDTH, WIDTH * FINE, HEIGHT * FINE);
  let strokes = [], wide = null, found = null;
  const changed = () => store.set({ line: { strokes } });

  penOn(canvas, WIDTH, {
    begin: (x, y) => { strokes = [...strokes, { width: Number($("linebrush").value), points: [x, y] }]; changed(); },
    go: (x, y) => { strokes.at(-1).points.push(x, y); changed(); },
    end: () => {},
  });
  $("lineclear").onclick = () => { strokes = []; changed(); };
  $("lineundo").onclick = () => { strokes = strokes.slice(0, -1); changed(); };

  store.on("about", () => {
    const { line: told } = store.get("about");
    wide = null;
    $("linewhy").textContent = told.why ? `${told.why}. So the line is cut into digits, one at each gap, and each is read by itself.`
      : "The net is laid over the whole line at once: its planes grow wider, and so do its outputs, a column of ten for each place it can look at.";
  });
  store.on("line", () => { strokes = store.get("line")?.strokes || []; });
  store.on("line weights about threshold deslant", () => {
    const { line: told, side, scale } = store.get("about");
    $("lineundo").disabled = !strokes.length;
    found = null;
    if (strokes.length) {
      const w = WIDTH * FINE, h = HEIGHT * FINE, ink = paper.ink(strokes);
      found = told.why ? cut(ink, h, w) : sweep(told, ink, h, w, side, scale);
    }
    show();
  });

  // The net over the line.
  function sweep(told, ink, h, w, side, scale) {
    const about = store.get("about");
    if (!wide) wide = new Net(store.get("module"), { ...about, ...told, targets: Array(told.layers.at(-1).units).fill(0) });
    wide.parameters.set(store.get("weights").values);
    wide.parameters.set(told.more, about.parameters);
    const image = lineImage(ink, h, w, ...told.image, side, scale);
    if (!image) return null;
    const began = performance.now(), outputs = wide.forward(image.states), took = performance.now() - began;
    store.set({ swept: { image: image.states, outputs } });
    const columns = told.columns, net = store.get("net");
    const [height, width] = told.image, least = (scale[0] + scale[1]) / 2, reach = Math.ceil(side / 8);
    const inked = (column) => { // whether there is ink in the middle of what is seen at a place
      const middle = column * told.stride + (height >> 1);
      for (let row = 0; row < height; row++)
        for (let x = middle - reach; x < middle + reach; x++) if (image.states[row * width + x] > least) return true;
      return false;
    };
    const places = Array.from({ length: columns }, (_, column) => {
      const one = Float32Array.from({ length: 10 }, (_, digit) => outputs[digit * columns + column]);
      const found = { ...net.verdict(told.nearness ? one.map((x) => -x) : one), outputs: one };
      return inked(column) ? found : { ...found, margin: 0 }; // between two digits, and beside them, nothing is read
    });
    const apart = Math.max(1, Math.ceil((0.65 * side) / told.stride)), read = bestReading(places, store.get("threshold"), apart);
    return { places, read, took, image, told };
  }

  // The line cut at its gaps.
  function cut(ink, h, w) {
    const net = store.get("net"), about = store.get("about"), began = performance.now();
    const read = cutDigits(ink, h, w).map((piece) => {
      const width = piece.right - piece.left + 1;
      const one = Float32Array.from({ length: h * width }, (_, i) => ink[Math.floor(i / width) * w + piece.left + (i % width)]);
      const verdict = net.verdict(net.forward(brought(one, h, width, store.get("deslant"), about)));
      return { ...piece, ...verdict, sure: verdict.margin > store.get("threshold") };
    });
    return { read, took: performance.now() - began };
  }

  function show() {
    const context = sheet(canvas, WIDTH, HEIGHT);
    canvas.style.width = "";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, WIDTH, HEIGHT);
    drawStrokes(context, strokes);
    $("strips").hidden = !found?.places;
    $("lineread").textContent = !found ? (strokes.length ? "" : "Write a few digits, a little apart.") : said(found);
    if (!found) return;
    context.font = "bold 20px system-ui, sans-serif";
    context.textAlign = "center";
    context.strokeStyle = context.fillStyle = color("accent");
    context.lineWidth = 1.5;
    for (const one of found.read) {
      const [left, right] = one.left === undefined ? around(found, one.column) : [one.left / FINE, (one.right + 1) / FINE];
      context.setLineDash(one.sure === false ? [4, 4] : []);
      context.strokeRect(left, 4, right - left, HEIGHT - 8);
      context.fillText(one.sure === false ? `${one.answer}?` : one.answer, (left + right) / 2, 24);
    }
    context.setLineDash([]);
    if (found.places) strips(found);
  }

  // Where in the line the net looks for a column of outputs.
  function around({ image, told }, column) {
    const at = (x) => (image.x0 + (x - image.middle) / image.scale) / FINE, left = column * told.stride;
    const inner = (told.image[0] - image.side) / 2;
    return [at(left + inner), at(left + told.image[0] - inner)];
  }

  const tiles = new Tiles($("strips").firstChild, 1, 10, 1);
  function strips(found) {
    const { places, read } = found;
    const values = new Float32Array(10 * places.length), kind = store.get("about").scores, sure = (one) => one.margin > store.get("threshold");
    places.forEach((one, column) => one.scores.forEach((score, digit) => {
      const far = Math.min(...one.scores);
      values[digit * places.length + column] = kind === "rbf" ? (sure(one) ? 1 - (2 * (one.scores[one.answer] - score)) / (one.scores[one.answer] - far || 1) : -0.5)
        : kind === "softmax" ? 2 * score - 1 : score;
    }));
    if (tiles.w !== places.length) Object.assign(tiles, { w: places.length }).layOut(WIDTH, { px: 14, columns: 1, rows: 1 });
    tiles.clear();
    tiles.draw(values, kind === "half-squared" ? store.get("about").outputLimit || 1 : 1);
    places.forEach((one, column) => { if (sure(one)) tiles.frame(0, [one.answer, column, one.answer, column], color("feeds")); });
    for (const { column, answer } of read) tiles.frame(0, [answer, column, answer, column], color("accent"));
    // Each column of outputs stands below the place that it is of.
    const ratio = canvas.clientWidth / WIDTH, [left, right] = around(found, 0), step = (around(found, 1)[0] - left) * ratio;
    Object.assign($("strips").style, { width: `${step * places.length}px`, marginLeft: `${Math.max(0, ((left + right) / 2) * ratio - step / 2)}px` });
  }

  function said({ read, took, places }) {
    const digits = read.map((one) => (one.sure === false ? "?" : one.answer)).join(" ");
    const looks = places ? `${places.length} places` : `${read.length} digits`, per = took > 0.05 ? `, ${Math.round((1000 * (places || read).length) / took).toLocaleString("en")} a second` : "";
    return `${digits || "nothing surely"} — ${looks} in ${number(took, 1)} ms${per}`;
  }
}
