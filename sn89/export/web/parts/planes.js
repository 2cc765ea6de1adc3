// planes.js - every plane of units, alight; which unit is pointed at or kept, and what it sees.

import { $, el, color, number } from "../dom.js";
import { Tiles, largest } from "../tiles.js";
import { fieldAbove, fieldBelow, mapOf, rowOf, columnOf, unitOf } from "../fields.js";

// How a layer's units are laid out: those without a place in space as a bitmap, if what reads them has one.
export function shapeOf(layers, i) {
  const layer = layers[i], bitmap = layers[i + 1]?.bitmap;
  if (bitmap && bitmap[0] * bitmap[1] === layer.units) return [1, ...bitmap];
  return [layer.maps, layer.height, layer.width];
}

// The name of a unit, for people.
export function nameOf(layer, unit) {
  if (layer.flat || layer.height * layer.width === 1) return `${layer.name}, unit ${unit}`;
  const place = `row ${rowOf(layer, unit)}, column ${columnOf(layer, unit)}`;
  return layer.maps > 1 ? `${layer.name}, map ${mapOf(layer, unit)}, ${place}` : `${layer.name}, ${place}`;
}

export function planes(store) {
  let figures = [];
  store.on("about", build);
  store.on("states pinned pointed width silenced", show);

  function build() {
    const { layers } = store.get("about");
    figures = layers.slice(0, -1).map((_, i) => figure(i));
    $("planes").replaceChildren(...figures.map((one) => one.node));
    store.set({ width: NaN }); // NaN is never the same: everything is laid out again
  }

  function figure(i) {
    const { layers } = store.get("about"), layer = layers[i], [maps, h, w] = shapeOf(layers, i);
    const words = layer.height * layer.width === 1 ? `${layer.units} units`
      : `${layer.maps > 1 ? `${layer.maps} maps of ` : ""}${layer.height}×${layer.width}`;
    const canvas = el("canvas", { tabIndex: 0, role: "img" });
    canvas.setAttribute("aria-label", `${layer.name}: ${words}. Arrow keys choose a unit, Escape lets go.`);
    const caption = el("figcaption", {}, el("b", {}, layer.name), ` ${words}`);
    const node = el("figure", {}, caption, canvas);
    const tiles = new Tiles(canvas, maps, h, w);
    if (i && layer.units === maps * h * w && layer.height * layer.width > 1 && layer.maps > 1) caption.append(" ", silencer(i, layer));
    const unitAt = (event) => {
      const box = canvas.getBoundingClientRect();
      const at = tiles.at(event.clientX - box.left - canvas.clientLeft, event.clientY - box.top - canvas.clientTop);
      return at && { layer: i, unit: (at[0] * h + at[1]) * w + at[2] };
    };
    canvas.addEventListener("pointermove", (event) => store.set({ pointed: same(store.get("pointed"), unitAt(event)) }));
    canvas.addEventListener("pointerleave", () => store.set({ pointed: null }));
    canvas.addEventListener("click", (event) => {
      const at = unitAt(event), pinned = store.get("pinned");
      if (silencing.layer === i && at) toggle(i, mapOf(layer, at.unit));
      else store.set({ pinned: at && pinned?.layer === i && pinned.unit === at.unit ? null : at });
    });
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -w, ArrowDown: w }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const pinned = store.get("pinned"), unit = (pinned?.layer === i ? pinned.unit : -step) + step;
      store.set({ pinned: { layer: i, unit: (unit + layer.units) % layer.units } });
    });
    return { node, tiles, canvas };
  }

  // A button that makes clicks silence whole maps of a layer.
  const silencing = { layer: -1 };
  function silencer(i, layer) {
    const button = el("button", { className: "small", type: "button" }, "silence");
    button.setAttribute("aria-pressed", "false");
    button.title = `Clicks silence maps of ${layer.name}`;
    button.onclick = () => {
      silencing.layer = silencing.layer === i ? -1 : i;
      for (const one of document.querySelectorAll("#planes .small")) one.setAttribute("aria-pressed", String(one === button && silencing.layer === i));
      if (silencing.layer < 0) store.set({ silenced: [] });
    };
    return button;
  }
  function toggle(layer, map) {
    const silenced = store.get("silenced"), others = silenced.filter((one) => one.layer !== layer || one.map !== map);
    store.set({ silenced: others.length < silenced.length ? others : [...silenced, { layer, map }] });
  }

  function show() {
    const { layers, limit } = store.get("about"), states = store.get("states"), room = $("planes").clientWidth - 6;
    figures.forEach(({ tiles }, i) => {
      const values = states ? states[i] : new Float32Array(layers[i].units);
      if (tiles.room !== room) tiles.layOut(room);
      tiles.draw(values, layers[i].limit || limit || largest(values));
      if (tiles.maps > 1 && tiles.h > 3 && tiles.w * tiles.px > 27) for (let map = 0; map < tiles.maps; map++) tiles.name(map, String(map));
    });
    for (const { layer, map } of store.get("silenced")) figures[layer]?.tiles.cross(map, color("accent"));
    const chosen = store.get("pinned") || store.get("pointed");
    if (chosen) frames(chosen);
  }

  // Frames around a unit, all that it sees down to the input, and, dashed, the units that read it.
  function frames({ layer, unit }) {
    const { layers } = store.get("about"), one = layers[layer], at = [rowOf(one, unit), columnOf(one, unit)];
    let boxes = new Map([[mapOf(one, unit), [...at, ...at]]]);
    for (let i = layer; i >= 0; i--) {
      for (const [map, box] of boxes) frame(i, map, box, color("accent"));
      if (i > 0) boxes = fieldBelow(layers[i], layers[i - 1], boxes);
    }
    if (layer + 1 < figures.length)
      for (const [map, box] of fieldAbove(layers[layer + 1], one, unit)) frame(layer + 1, map, box, color("feeds"), [3, 2]);
  }

  function frame(i, map, [top, left, bottom, right], ink, dashes) {
    const { layers } = store.get("about"), tiles = figures[i]?.tiles;
    if (!tiles) return; // the outputs are no planes
    if (tiles.maps === layers[i].maps) { tiles.frame(map, [top, left, bottom, right], ink, dashes); return; }
    const unit = unitOf(layers[i], map, top, left); // laid out as a bitmap
    const at = [Math.floor(unit / tiles.w), unit % tiles.w];
    tiles.frame(0, [...at, ...at], ink, dashes);
  }
}

const same = (before, now) => (before && now && before.layer === now.layer && before.unit === now.unit ? before : now);

export const stateOf = (states, { layer, unit }) => (states ? number(states[layer][unit], 3) : "");
