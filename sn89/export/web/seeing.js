// seeing.js - which net is looked at, and what is shown as a net sees it.

import { deslant, normalize, Sheet, toInk, toStates } from "./ink.js";
import { SIDE } from "./parts/pad.js";

const FINE = 140; // pixels of the pad, as ink is computed
const sheet = new Sheet(SIDE, FINE, FINE);

// Another of the page's nets is looked at.
export function look(store, at) {
  const { about, net, values } = store.get("nets")[at], shipped = { values, from: "shipped", words: "as it came" };
  for (const one of store.get("nets")) one.net.parameters = one.values; // what was trained is left behind
  store.set({ at, about, net, shipped, weights: shipped, threshold: about.threshold, pinned: null, pointed: null, silenced: [],
    live: null, courses: [], wall: null });
}

// What is shown, as a net sees it; null if nothing is.
export function imageOf(store, about) {
  const source = store.get("source"), upright = store.get("deslant"), { image: [size], side, byMass, scale } = about;
  const brought = (ink, h, w) => toStates(normalize(upright ? deslant(ink, h, w) : ink, h, w, size, side, byMass), scale);
  if (source.kind === "strokes") return brought(sheet.ink(source.strokes), FINE, FINE);
  if (source.kind === "ink") return brought(source.ink, source.h, source.w);
  const image = source.kind === "sample" ? store.get("samples")[source.index].image : source.kind === "image" ? source.image : null;
  if (!image) return null;
  const from = source.about || store.get("nets")[0].about; // samples are made for the first net
  const [own] = from.image, same = own === size && String(from.scale) === String(scale);
  if (!same) return brought(toInk(image, from.scale), own, own);
  return upright ? toStates(deslant(toInk(image, scale), size, size), scale) : image;
}
