// seeing.js - which net is looked at, and what is shown as a net sees it.

import { brought, Sheet, toInk } from "./ink.js";

export const SIDE = 280; // of the pad, in the units that strokes are kept in
const FINE = 140; // pixels of the pad, as ink is computed
const sheet = new Sheet(SIDE, FINE, FINE);

// Another of the page's nets is looked at.
export function look(store, at) {
  const { about, net, values } = store.get("nets")[at], shipped = { values, from: "shipped", words: "as it came" };
  for (const one of store.get("nets")) one.net.parameters = one.values; // what was trained is left behind
  store.set({ at, about, net, shipped, weights: shipped, threshold: about.threshold, pinned: null, pointed: null, silenced: [],
    live: null, courses: [], wall: null });
}

// Which tick decides whether what is shown is made upright: a drawing's, which is set at first, or that of images, which
// are shown as they are at first.
export const uprightKey = (store) => (["strokes", "ink", "blank"].includes(store.get("source").kind) ? "deslant" : "deslantImages");

// What is shown, as a net sees it; null if nothing is.
export function imageOf(store, about) {
  const source = store.get("source"), upright = store.get(uprightKey(store)), { image: [size], scale } = about;
  if (source.kind === "strokes") return brought(sheet.ink(source.strokes), FINE, FINE, upright, about);
  if (source.kind === "ink") return brought(source.ink, source.h, source.w, upright, about);
  const image = source.kind === "sample" ? store.get("samples")[source.index].image : source.kind === "image" ? source.image : null;
  if (!image) return null;
  const from = source.about || store.get("nets")[0].about; // samples are made for the first net
  const [own] = from.image, same = own === size && String(from.scale) === String(scale);
  return same && !upright ? image : brought(toInk(image, from.scale), own, own, upright, about);
}
