// planes.js - every plane of units, alight; which unit is pointed at or kept, and what it sees.

import { $, color, el, sheet } from "../dom.js";
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

const NARROW = 760; // pixels across: on a phone the pad is above the planes, and the prototypes below the states
const ROW = 46, LEAST = 36; // pixels: what stands above and below a plane in a lecture, and the least that it is high

export function planes(store) {
  let figures = [], room = 0; // pixels across
  let high = 0, alone = false; // in a lecture, pixels that a plane may be high; whether the layer is shown without the one below
  store.on("about", build);
  store.on("width scene", () => { // asked for once, it makes the browser lay out
    room = $("planes").clientWidth - 6;
    const { scene } = store.values, last = figures.length - 1, phone = innerWidth <= NARROW;
    alone = phone && scene > last;
    const below = phone && scene >= last && figures[last].rivals ? 1 : 0; // the prototypes take a row of their own
    const all = innerHeight - $("lecture").offsetHeight - $("planes").getBoundingClientRect().top - scrollY;
    high = Math.max(LEAST, (all - below * ROW) / (alone ? 1 : 2) - ROW);
  });
  store.on("states width scene about", show);

  function build() {
    const { layers } = store.get("about");
    figures = layers.slice(0, -1).map((_, i) => figure(i));
    $("planes").replaceChildren(...figures.map((one) => one.node), $("links"));
    store.set({ width: NaN }); // NaN is never the same: everything is laid out again
  }

  function figure(i) {
    const { layers } = store.get("about"), layer = layers[i], [maps, h, w] = shapeOf(layers, i);
    const words = layer.height * layer.width === 1 ? `${layer.units} units`
      : `${layer.maps > 1 ? `${layer.maps} maps of ` : ""}${layer.height}×${layer.width}`;
    const canvas = el("canvas", { tabIndex: 0, role: "img" });
    canvas.setAttribute("aria-label", `${layer.name}: ${words}. Arrow keys choose a unit, Escape lets go.`);
    const caption = el("figcaption", {}, el("b", {}, layer.name), ` ${words}`);
    const node = el("figure", {}, caption, el("div", { className: "stack" }, canvas));
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
    return { node, tiles, canvas, ...prototypes(i, node) };
  }

  // The bitmaps that a layer's states are compared with, beside it, in the same form.
  function prototypes(i, node) {
    const { layers } = store.get("about"), { prototypes: all, bitmap } = layers[i + 1];
    if (!all) return {};
    const canvas = el("canvas", { role: "img" });
    canvas.setAttribute("aria-label", "The prototypes of the ten digits; the nearest is framed.");
    node.classList.add("beside");
    node.append(el("div", { className: "stack" }, canvas));
    return { rivals: new Tiles(canvas, all.length, ...bitmap), known: Float32Array.from(all.flat()), nearest: -1 };
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
    const { layers, limit } = store.get("about"), { states, scene } = store.values;
    const at = scene === null ? null : Math.max(1, Math.min(scene, figures.length - 1)); // a lecture shows a layer and what it sees
    figures.forEach(({ node, tiles }, i) => {
      const values = states ? states[i] : new Float32Array(layers[i].units);
      node.hidden = at !== null && i !== at && (alone || i !== at - 1);
      if (node.hidden) return;
      const [tallest, most] = at === null ? [150, 14] : [high, 40];
      if (tiles.room !== room || tiles.tallest !== tallest) Object.assign(tiles, { tallest, most }).layOut(room);
      tiles.draw(values, layers[i].limit || limit || largest(values));
    });
    if (figures.at(-1).rivals) compare(figures.at(-1), states?.at(-1));
  }

  // The prototypes, and which of them is nearest.
  function compare(figure, distances) {
    const { rivals, known, tiles, node } = figure, nearest = distances ? distances.indexOf(Math.min(...distances)) : -1;
    if (node.hidden) return;
    const beside = (room - tiles.w * tiles.px - 32) / ((rivals.w + 1) * rivals.maps); // below it, if there is little room
    const px = Math.max(1, Math.min(tiles.px, Math.floor(beside < 4 ? room / ((rivals.w + 1) * rivals.maps) : beside)));
    const fits = rivals.px === px && rivals.room === room;
    if (!fits) rivals.layOut(room, { px, columns: rivals.maps, rows: 1 }).draw(known, 1.2);
    if (fits && nearest === figure.nearest) return;
    figure.nearest = nearest;
    rivals.clear();
    if (nearest >= 0) rivals.frame(nearest, [0, 0, rivals.h - 1, rivals.w - 1], color("accent"));
  }

  // What stands over the states: the numbers of the maps, what is silenced, and the unit that is looked at.
  function mark() {
    for (const { node, canvas, tiles } of figures) {
      canvas.classList.remove("whole");
      if (node.hidden) continue;
      tiles.clear();
      if (tiles.maps > 1 && tiles.h > 3 && tiles.w * tiles.px > 27) for (let map = 0; map < tiles.maps; map++) tiles.name(map, String(map));
    }
    for (const { layer, map } of store.get("silenced")) if (figures[layer] && !figures[layer].node.hidden) figures[layer].tiles.cross(map, color("accent"));
    const chosen = store.get("pinned") || store.get("pointed");
    $("links").hidden = !chosen;
    if (chosen) frames(chosen);
  }

  // Frames around a unit, all that it sees down to the input, and, dashed, the units that read it.
  function frames({ layer, unit }) {
    const { layers } = store.get("about"), one = layers[layer], at = [rowOf(one, unit), columnOf(one, unit)];
    let boxes = new Map([[mapOf(one, unit), [...at, ...at]]]);
    if (layer > 0 && figures[layer]) links(layer, boxes, fieldBelow(one, layers[layer - 1], boxes));
    else $("links").hidden = true;
    for (let i = layer; i >= 0; i--) {
      const { maps, height, width } = layers[i], whole = (box) => box[2] - box[0] === height - 1 && box[3] - box[1] === width - 1;
      if (boxes.size === maps && maps > 1 && [...boxes.values()].every(whole)) figures[i]?.canvas.classList.add("whole"); // all of it
      else for (const [map, box] of boxes) frame(i, map, box, color("accent"));
      if (i > 0) boxes = fieldBelow(layers[i], layers[i - 1], boxes);
    }
    if (layer + 1 >= figures.length) return;
    if (layers[layer + 1].kind === "full") return; // it feeds them all
    for (const [map, box] of fieldAbove(layers[layer + 1], one, unit)) frame(layer + 1, map, box, color("feeds"), [3, 2]);
  }

  // Lines from what a unit sees down to the unit, over the figures.
  function links(i, [[map, box]], seen) {
    const planes = $("planes").getBoundingClientRect(), context = sheet($("links"), Math.round(planes.width), Math.round(planes.height));
    const rect = (k, which, [top, left, bottom, right]) => {
      const { tiles, canvas, node } = figures[k];
      if (node.hidden || tiles.maps !== store.get("about").layers[k].maps) return null;
      const [x, y] = tiles.corner(which, top, left), edge = canvas.getBoundingClientRect(), by = canvas.clientLeft;
      return { x: edge.left - planes.left + by + x, y: edge.top - planes.top + by + y, w: (right - left + 1) * tiles.px, h: (bottom - top + 1) * tiles.px };
    };
    const unit = rect(i, map, box);
    context.strokeStyle = color("accent");
    context.lineWidth = 1;
    context.globalAlpha = seen.size > 4 ? 0.45 : 0.8;
    for (const [source, field] of seen) {
      const from = rect(i - 1, source, field);
      if (!from || !unit) continue;
      context.beginPath();
      context.moveTo(from.x, from.y + from.h); context.lineTo(unit.x, unit.y);
      context.moveTo(from.x + from.w, from.y + from.h); context.lineTo(unit.x + unit.w, unit.y);
      context.stroke();
    }
  }

  function frame(i, map, [top, left, bottom, right], ink, dashes) {
    const { layers } = store.get("about"), tiles = figures[i]?.tiles;
    if (!tiles || figures[i].node.hidden) return; // the outputs are no planes
    if (tiles.maps === layers[i].maps) { tiles.frame(map, [top, left, bottom, right], ink, dashes); return; }
    const unit = unitOf(layers[i], map, top, left); // laid out as a bitmap
    const at = [Math.floor(unit / tiles.w), unit % tiles.w];
    tiles.frame(0, [...at, ...at], ink, dashes);
  }

  return () => store.on("pinned pointed width silenced scene about", mark); // once the states are seen
}

const same = (before, now) => (before && now && before.layer === now.layer && before.unit === now.unit ? before : now);
