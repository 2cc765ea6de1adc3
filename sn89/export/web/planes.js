// planes.js - planes of units, and kernels, as gray tiles on a canvas; and which units a unit looks at.

const GAP = 1; // units between two tiles

// How `maps` tiles of h x w are laid out in a given width of the page: pixels for a unit, and tiles in a row.
function layOut(maps, h, w, room, tallest) {
  for (let px = 12; ; px--) {
    const most = Math.max(1, Math.min(maps, Math.floor(room / ((w + GAP) * px))));
    const rows = Math.ceil(maps / most), columns = Math.ceil(maps / rows);
    if (px === 2 || (rows * (h + GAP) * px <= tallest && (w + GAP) * px <= room)) return { px, columns, rows };
  }
}

class Tiles {
  constructor(canvas, maps, h, w, tallest = 170) { Object.assign(this, { canvas, maps, h, w, tallest }); }

  // values: (maps, h, w); NaN is left blank. limit: what is white, and black with a minus. Laid out in `room` pixels, or
  // as `fixed` says.
  draw(values, limit, room, fixed) {
    const { maps, h, w, canvas } = this, ratio = Math.ceil(devicePixelRatio || 1);
    Object.assign(this, fixed || layOut(maps, h, w, room, this.tallest));
    const width = (this.columns * (w + GAP) - GAP) * this.px, height = (this.rows * (h + GAP) - GAP) * this.px;
    canvas.width = width * ratio; canvas.height = height * ratio;
    canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) continue;
      const [x, y] = this.corner(i), shade = Math.round(127.5 * (1 + Math.max(-1, Math.min(1, values[i] / limit))));
      context.fillStyle = `rgb(${shade},${shade},${shade})`;
      context.fillRect(x, y, this.px, this.px);
    }
  }

  // Where unit i is drawn.
  corner(i) {
    const map = Math.floor(i / (this.h * this.w)), row = Math.floor(i / this.w) % this.h, column = i % this.w;
    return [
      ((map % this.columns) * (this.w + GAP) + column) * this.px,
      (Math.floor(map / this.columns) * (this.h + GAP) + row) * this.px,
    ];
  }

  // The unit at a place of the canvas, or -1 between tiles.
  unitAt(x, y) {
    const tileX = Math.floor(x / ((this.w + GAP) * this.px)), tileY = Math.floor(y / ((this.h + GAP) * this.px));
    const column = Math.floor(x / this.px) - tileX * (this.w + GAP), row = Math.floor(y / this.px) - tileY * (this.h + GAP);
    const map = tileY * this.columns + tileX;
    const inside = column >= 0 && column < this.w && row >= 0 && row < this.h && tileX < this.columns && map < this.maps;
    return inside ? (map * this.h + row) * this.w + column : -1;
  }

  // A frame around rows top to bottom and columns left to right of a map.
  frame(map, [top, left, bottom, right], color) {
    const [x, y] = this.corner((map * this.h + top) * this.w + left), context = this.canvas.getContext("2d");
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.strokeRect(x, y, (right - left + 1) * this.px, (bottom - top + 1) * this.px);
  }
}

// What some units of a layer look at in the layer below: boxes [top, left, bottom, right] by map.
function fieldBelow(layer, below, boxes) {
  const found = new Map();
  for (const [map, box] of boxes) {
    const sources = { local: () => layer.table[map], average: () => [map], dropout: () => [map] }[layer.kind];
    for (const source of sources ? sources() : Array(below.maps).keys()) {
      const seen = seenBy(layer, below, box), known = found.get(source) || seen;
      found.set(source, [0, 1, 2, 3].map((k) => (k < 2 ? Math.min : Math.max)(seen[k], known[k])));
    }
  }
  return found;
}

function seenBy(layer, below, [top, left, bottom, right]) {
  const last = [below.height - 1, below.width - 1], kept = (v, k) => Math.max(0, Math.min(last[k], v));
  if (layer.kind === "dropout") return [top, left, bottom, right];
  if (layer.kind !== "local" && layer.kind !== "average") return [0, 0, ...last];
  const from = (v, k) => kept(v * layer.stride[k] - layer.pad[k], k);
  const to = (v, k) => kept(v * layer.stride[k] - layer.pad[k] + layer.kernel[k] - 1, k);
  return [from(top, 0), from(left, 1), to(bottom, 0), to(right, 1)];
}

// The weights of one unit: tiles to show, {maps, h, w, values}; null if there are none.
function weightsOf(layer, below, parameters, unit) {
  const at = layer.first, map = Math.floor(unit / (layer.height * layer.width));
  if (layer.kind === "full") {
    const n = below.units;
    return { maps: below.maps, h: below.height, w: below.width, values: parameters.slice(at + unit * n, at + (unit + 1) * n) };
  }
  if (layer.kind !== "local") return null;
  const [h, w] = layer.kernel, before = layer.table.slice(0, map).reduce((sum, row) => sum + row.length, 0);
  const places = layer.shared ? 1 : layer.height * layer.width, place = layer.shared ? 0 : unit % places;
  const values = new Float32Array(layer.table[map].length * h * w);
  for (let i = 0; i < values.length; i++) values[i] = parameters[at + (before * h * w + i) * places + place];
  return { maps: layer.table[map].length, h, w, values };
}

// All shared kernels of a layer: a row of tiles for each source, a column for each map, NaN where there is none.
function kernelsOf(layer, below, parameters) {
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
