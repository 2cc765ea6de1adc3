// kernels.js - all shared kernels of every layer: their weights, or, while the net learns, gradients, curvatures, rates.

import { $, el } from "../dom.js";
import { kernelsOf } from "../fields.js";
import { largest, Tiles } from "../tiles.js";

export function kernels(store) {
  let figures = [];
  store.on("about", build);
  store.on("weights live width", show);
  $("what").onchange = show;

  function build() {
    const { layers } = store.get("about");
    figures = layers.flatMap((layer, i) => {
      if (layer.kind !== "local" || !layer.shared || layer.height * layer.width === 1) return [];
      const one = layers[i - 1].maps === 1, canvas = el("canvas", { role: "img" });
      const words = `${layer.name}: ${one ? "a kernel for each map" : "a row for each source map, a column for each map"}`;
      canvas.setAttribute("aria-label", words);
      const node = el("figure", {}, el("figcaption", {}, words), canvas);
      return [{ node, canvas, layer, below: layers[i - 1], one }];
    });
    $("kernels").hidden = !figures.length;
    $("grids").replaceChildren(...figures.map(({ node }) => node));
  }

  // The vector that is looked at; curvatures and rates are never negative: black is the least of them, white the largest.
  function vector() {
    const live = store.get("live"), what = $("what").value, { rate, mu, method } = store.get("rule") || {};
    if (what === "weights" || !live) return { values: store.get("weights").values, signed: true };
    if (what === "gradients") return { values: live.gradient, signed: true };
    if (what === "curvature") return { values: live.curvature.map(Math.abs), signed: false };
    const own = (h) => (method === "gradient" ? rate : rate / (mu + Math.abs(h)));
    return { values: live.curvature.map(own), signed: false };
  }

  function show() {
    const { values, signed } = vector(), room = $("kernels").clientWidth - 6;
    for (const option of $("what").options) option.disabled = option.value !== "weights" && !store.get("live");
    for (const { canvas, layer, below, one } of figures) {
      const shown = kernelsOf(layer, below, values), most = largest(shown.values);
      const px = Math.max(1, Math.min(one ? 9 : 4, Math.floor(room / ((shown.w + 1) * layer.maps))));
      const tiles = new Tiles(canvas, shown.maps, shown.h, shown.w).layOut(room, { px, columns: layer.maps, rows: below.maps });
      const least = shown.values.reduce((a, b) => (b < a ? b : a), Infinity);
      tiles.draw(signed ? shown.values : shown.values.map((value) => 2 * (value - least) - (most - least)), signed ? most : most - least || 1);
    }
  }
}
