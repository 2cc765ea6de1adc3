// fields.js - who looks at whom, with which weights, and what comes of it: the arithmetic of one unit, for the eye.

export const mapOf = (layer, unit) => Math.floor(unit / (layer.height * layer.width));
export const rowOf = (layer, unit) => Math.floor(unit / layer.width) % layer.height;
export const columnOf = (layer, unit) => unit % layer.width;
export const unitOf = (layer, map, row, column) => (map * layer.height + row) * layer.width + column;

const isField = (layer) => layer.kind === "local" || layer.kind === "average";

// The source maps of a map.
export function sourcesOf(layer, below, map) {
  if (layer.kind === "local") return layer.table[map];
  return layer.kind === "average" || layer.kind === "dropout" ? [map] : [...Array(below.maps).keys()];
}

// What some units of a layer look at in the layer below: boxes [top, left, bottom, right] by map.
export function fieldBelow(layer, below, boxes) {
  const found = new Map();
  for (const [map, box] of boxes)
    for (const source of sourcesOf(layer, below, map)) {
      const seen = seenBy(layer, below, box), known = found.get(source) || seen;
      found.set(source, [0, 1, 2, 3].map((k) => (k < 2 ? Math.min : Math.max)(seen[k], known[k])));
    }
  return found;
}

function seenBy(layer, below, [top, left, bottom, right]) {
  const last = [below.height - 1, below.width - 1], kept = (v, k) => Math.max(0, Math.min(last[k], v));
  if (layer.kind === "dropout") return [top, left, bottom, right];
  if (!isField(layer)) return [0, 0, ...last];
  const from = (v, k) => kept(v * layer.stride[k] - layer.pad[k], k);
  const to = (v, k) => kept(v * layer.stride[k] - layer.pad[k] + layer.kernel[k] - 1, k);
  return [from(top, 0), from(left, 1), to(bottom, 0), to(right, 1)];
}

// The units of the layer above that read a unit: boxes by map, as fieldBelow gives them.
export function fieldAbove(above, layer, unit) {
  const map = mapOf(layer, unit), found = new Map(), at = [rowOf(layer, unit), columnOf(layer, unit)];
  const size = [above.height, above.width];
  const [first, last] = [0, 1].map((end) => [0, 1].map((k) => {
    if (!isField(above)) return above.kind === "dropout" ? at[k] : end ? size[k] - 1 : 0;
    const place = at[k] + above.pad[k];
    return end ? Math.min(size[k] - 1, Math.floor(place / above.stride[k]))
      : Math.max(0, Math.ceil((place - above.kernel[k] + 1) / above.stride[k]));
  }));
  if (first[0] > last[0] || first[1] > last[1]) return found;
  for (let m = 0; m < above.maps; m++)
    if (sourcesOf(above, layer, m).includes(map)) found.set(m, [...first, ...last]);
  return found;
}

// Where in the net's parameters a local unit's kernel for the i-th of its sources is: a function of the weight's number.
function kernelAt(layer, unit, i) {
  const map = mapOf(layer, unit), [h, w] = layer.kernel;
  const before = layer.table.slice(0, map).reduce((sum, row) => sum + row.length, 0) + i;
  const places = layer.shared ? 1 : layer.height * layer.width, place = layer.shared ? 0 : unit % places;
  return (k) => layer.first + (before * h * w + k) * places + place;
}

function biasOf(layer, parameters, unit) {
  if (!layer.bias) return null;
  return parameters[layer.first + layer.weights + (layer.bias === "unit" ? unit : mapOf(layer, unit))];
}

export function squashed(squash, a) {
  if (squash.kind === "linear") return a;
  if (squash.kind === "relu") return Math.max(0, a);
  const [amplitude, slope, linear] = squash.constants;
  return amplitude * Math.tanh(slope * a) + linear * a;
}

// Everything that makes the state of a unit: what kind of sum it is, its terms, one for each source map or one for all,
// {source, h, w, states, weights, products, sum}, bias, total input and state.
export function explain(layers, states, parameters, at, unit) {
  const layer = layers[at], below = layers[at - 1], seen = states[at - 1];
  const told = { layer, below, unit, kind: layer.kind, squash: layer.squash, state: states[at][unit] };
  const terms = { local: localTerms, average: averageTerms, full: fullTerms, rbf: prototypeTerms, dropout: sameTerms };
  told.terms = terms[layer.kind](layer, below, seen, parameters, unit);
  told.bias = layer.kind === "rbf" || layer.kind === "dropout" ? null : biasOf(layer, parameters, unit);
  told.total = told.terms.reduce((sum, term) => sum + term.sum, told.bias || 0);
  return told;
}

function term(source, h, w, states, weights, product = (x, y) => x * y) {
  const products = states.map((x, k) => product(x, weights[k]));
  return { source, h, w, states, weights, products, sum: products.reduce((a, b) => a + b, 0) };
}

// The states of a field, row after row; outside of the plane lies the background.
function patch(layer, below, seen, source, unit) {
  const [h, w] = layer.kernel, top = rowOf(layer, unit) * layer.stride[0] - layer.pad[0];
  const left = columnOf(layer, unit) * layer.stride[1] - layer.pad[1];
  return Float32Array.from({ length: h * w }, (_, k) => {
    const row = top + Math.floor(k / w), column = left + (k % w);
    const inside = row >= 0 && column >= 0 && row < below.height && column < below.width;
    return inside ? seen[unitOf(below, source, row, column)] : layer.background;
  });
}

function localTerms(layer, below, seen, parameters, unit) {
  const [h, w] = layer.kernel;
  return sourcesOf(layer, below, mapOf(layer, unit)).map((source, i) => {
    const place = kernelAt(layer, unit, i);
    const weights = Float32Array.from({ length: h * w }, (_, k) => parameters[place(k)]);
    return term(source, h, w, patch(layer, below, seen, source, unit), weights);
  });
}

function averageTerms(layer, below, seen, parameters, unit) {
  const [h, w] = layer.kernel, source = mapOf(layer, unit), states = patch(layer, below, seen, source, unit);
  return [term(source, h, w, states, new Float32Array(h * w).fill(parameters[layer.first + source]))];
}

function fullTerms(layer, below, seen, parameters, unit) {
  const n = below.units, size = below.height * below.width, at = layer.first + unit * n;
  if (below.flat || size === 1) return [term(0, 1, n, seen, parameters.slice(at, at + n))];
  return Array.from({ length: below.maps }, (_, map) => {
    const some = [map * size, (map + 1) * size];
    return term(map, below.height, below.width, seen.slice(...some), parameters.slice(at + some[0], at + some[1]));
  });
}

function prototypeTerms(layer, below, seen, _, unit) {
  const [h, w] = layer.bitmap;
  return [term(unit, h, w, seen, Float32Array.from(layer.prototypes[unit]), (x, y) => (x - y) ** 2)];
}

function sameTerms(layer, below, seen, _, unit) { return [term(0, 1, 1, seen.slice(unit, unit + 1), new Float32Array([1]))]; }

// All shared kernels of a layer, of any vector that has the parameters' shape: a row of tiles for each source, a column
// for each map, NaN where there is none.
export function kernelsOf(layer, below, parameters) {
  const [h, w] = layer.kernel, values = new Float32Array(below.maps * layer.maps * h * w).fill(NaN);
  let at = layer.first;
  layer.table.forEach((row, map) => {
    for (const source of row) {
      values.set(parameters.subarray(at, at + h * w), (source * layer.maps + map) * h * w);
      at += h * w;
    }
  });
  return { maps: below.maps * layer.maps, h, w, values };
}

// Parameters with a map's own ones 0: its states are f(0) everywhere, and it has nothing to say.
export function silence(layer, parameters, map) {
  const result = parameters.slice();
  const clear = (from, count) => result.fill(0, from, from + count);
  const each = (layer.bias === "unit" ? layer.height * layer.width : 1), count = layer.bias ? each : 0;
  if (layer.kind === "local") {
    const [h, w] = layer.kernel, size = h * w * (layer.shared ? 1 : layer.height * layer.width);
    const before = layer.table.slice(0, map).reduce((sum, row) => sum + row.length, 0);
    clear(layer.first + before * size, layer.table[map].length * size);
  } else clear(layer.first + map * (layer.weights / layer.maps), layer.weights / layer.maps);
  clear(layer.first + layer.weights + map * count, count);
  return result;
}
