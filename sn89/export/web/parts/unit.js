// unit.js - one unit, step by step: what it reads, times its weights, summed, squashed; and who reads it in turn.

import { $, el, number, say, seldom } from "../dom.js";
import { explain, fieldAbove } from "../fields.js";
import { largest, numbered, tilesIn } from "../tiles.js";
import { nameOf } from "./planes.js";

const STEP = 700; // milliseconds between two places while it plays
const SELDOM = 100; // between two sums while one draws or the net learns: nobody reads faster

export function unit(store) {
  let playing = null;
  const chosen = () => store.get("pinned") || store.get("pointed");

  const later = seldom(show, SELDOM);
  store.on("pinned pointed states weights about drawing", () => { if (store.get("drawing") || store.get("running")) later(); else show(); });
  store.on("pinned about", () => {
    for (const id of ["stepback", "step", "play", "letgo"]) $(id).disabled = !store.get("pinned");
    if (!store.get("pinned")) stop();
  });
  const step = (by) => {
    const { layer, unit } = store.get("pinned"), { units } = store.get("about").layers[layer];
    store.set({ pinned: { layer, unit: (unit + by + units) % units } });
  };
  const stop = () => { clearInterval(playing); playing = null; $("play").textContent = "Play"; };
  $("step").onclick = () => step(1);
  $("stepback").onclick = () => step(-1);
  $("letgo").onclick = () => store.set({ pinned: null });
  $("play").onclick = () => {
    if (playing) { stop(); return; }
    $("play").textContent = "Pause";
    step(1);
    playing = setInterval(() => step(1), STEP);
  };

  function show() {
    const at = chosen(), { layers } = store.get("about"), states = store.get("states");
    $("equation").replaceChildren();
    if (!at) say($("feeds"), "");
    if (!at) { say($("about"), "Point at a unit to see what it looks at; click to keep it and step through its sum."); return; }
    const layer = layers[at.layer], state = states ? `: state ${number(states[at.layer][at.unit], 3)}` : "";
    say($("about"), `${nameOf(layer, at.unit)}${state}${store.get("pinned") ? " (kept; Esc lets go)" : ""}`);
    say($("feeds"), feeds(layers, at));
    if (!states || at.layer === 0) return;
    const told = explain(layers, states, store.get("weights").values, at.layer, at.unit);
    $("equation").append(...(SHOWN[layer.kind] || SHOWN.local)(told), sum(told));
  }
}

// Which units of the layer above read this one.
function feeds(layers, { layer, unit }) {
  const above = layers[layer + 1];
  if (!above) return "Its state is one of the ten outputs.";
  const boxes = fieldAbove(above, layers[layer], unit);
  const count = [...boxes.values()].reduce((n, [top, left, bottom, right]) => n + (bottom - top + 1) * (right - left + 1), 0);
  if (!count) return `No unit of ${above.name} reads it.`;
  const maps = [...boxes.keys()], which = above.height * above.width > 1 ? ` in maps ${maps.join(", ")}` : "";
  return `It feeds ${count} unit${count > 1 ? "s" : ""} of ${above.name}${which}.`;
}

function caption(text, node) { return el("figure", {}, el("figcaption", {}, text), node); }

function grid(values, { h, w }, limit, cell) {
  const canvas = el("canvas");
  numbered(canvas, { h, w, values }, limit, cell);
  return canvas;
}

const SHOWN = {
  // A field for every source map: states times weights make products.
  local(told) {
    const few = told.terms.length <= 2, cell = few ? 34 : 25, size = told.terms[0].h * told.terms[0].w;
    if (size > 64 || told.terms.length > 24) return SHOWN.full(told);
    const limits = ["states", "weights", "products"].map((key) => Math.max(...told.terms.map((term) => largest(term[key]))));
    const parts = told.kind === "average" ? ["states", "coefficient", "products"] : ["states", "kernel", "products"];
    return told.terms.map((term) => {
      const name = told.below.maps > 1 ? `${told.below.name}, map ${term.source}: ` : `${told.below.name}: `;
      return el("div", { className: few ? "product wide" : "product" },
        caption(name + parts[0], grid(term.states, term, limits[0], cell)), el("span", {}, "×"),
        caption(parts[1], grid(term.weights, term, limits[1], cell)), el("span", {}, "="),
        caption(parts[2], grid(term.products, term, limits[2], cell)), el("span", {}, `sum ${number(term.sum)}`));
    });
  },
  // Products as tiles in the shape of the layer below, and the largest of them in words.
  full(told) {
    const { below } = told, shape = told.terms.length > 1 || !below.flat ? told.terms[0] : { h: 1, w: below.units };
    const join = (key) => Float32Array.from(told.terms.flatMap((term) => [...term[key]]));
    const tiles = (text, values) => {
      const figure = caption(text, "");
      const wide = shape.h === 1 && shape.w > 12; // units without a place: in rows of a dozen
      tilesIn(figure, wide ? { maps: shape.w, h: 1, w: 1, values } : { maps: told.terms.length, ...pick(shape), values }, largest(values), 120, 330);
      return figure;
    };
    const products = join("products"), order = [...products.keys()].sort((a, b) => Math.abs(products[b]) - Math.abs(products[a]));
    const most = order.slice(0, 10).map((i) => el("li", {}, `${nameOf(below, i)}: ${number(join("states")[i])} × ${number(join("weights")[i])} = ${number(products[i])}`));
    return [el("div", { className: "product wide" }, tiles("states", join("states")), el("span", {}, "×"), tiles("weights", join("weights")),
      el("span", {}, "="), tiles("products", products)),
    el("p", {}, "The largest products:"), el("ol", { className: "largest" }, ...most)];
  },
  // F6's states beside the prototype, and the squares of their differences.
  rbf(told) {
    const [term] = told.terms, limit = 1.2;
    const tiles = (text, values, most) => {
      const figure = caption(text, "");
      tilesIn(figure, { maps: 1, h: term.h, w: term.w, values }, most, 150, 200);
      return figure;
    };
    return [el("div", { className: "product" }, el("span", {}, "("), tiles(`${told.below.name}'s states`, term.states, limit), el("span", {}, "−"),
      tiles(`prototype of the ${told.unit}`, term.weights, limit), el("span", {}, ")² ="), tiles("squared differences", term.products, 4))];
  },
};

const pick = ({ h, w }) => ({ h, w });

// The last lines of the sum: bias, total input, squashing, state.
function sum(told) {
  const { squash, total, bias, state, terms } = told;
  if (told.kind === "rbf") return el("p", { className: "sum" }, `They add up to the distance ${number(state, 2)}.`);
  if (told.kind === "dropout") return el("p", { className: "sum" }, "Dropout leaves a state as it is once the net has learned.");
  const several = terms.length > 1 ? `Σ of ${terms.length} sums ${number(total - (bias || 0))}` : `sum ${number(terms[0].sum)}`;
  const [amplitude, slope, linear] = squash.constants.map((x) => String(Number(x.toFixed(4))));
  const f = squash.kind === "linear" ? "" : squash.kind === "relu" ? "max(0, a) = "
    : `${amplitude === "1" ? "" : amplitude} tanh(${slope === "0.6667" ? "2a/3" : slope === "1" ? "a" : `${slope} a`})${Number(linear) ? ` + ${linear} a` : ""} = `;
  const b = bias === null ? "" : ` + bias ${number(bias)}`;
  return el("p", { className: "sum" }, `${several}${b} = total input a = ${number(total, 3)};  state = ${f}`, el("b", {}, number(state, 3)));
}
