// tiles.js - planes of units and kernels as gray tiles on a canvas that has a pixel for each unit, which the browser
// enlarges; frames, crosses and numbers stand on a second canvas over it, which changes more seldom.

import { el, sheet } from "./dom.js";

const GAP = 1; // units between two tiles

// How `maps` tiles of h x w are laid out in a given width of the page: pixels for a unit, and tiles in a row.
function layOut(maps, h, w, room, tallest, most) {
  for (let px = most; ; px--) {
    const fit = Math.max(1, Math.min(maps, Math.floor((room + GAP * px) / ((w + GAP) * px))));
    const rows = Math.ceil(maps / fit), columns = Math.ceil(maps / rows);
    if (px === 1 || (rows * (h + GAP) * px <= tallest && w * px <= room)) return { px, columns, rows };
  }
}

export class Tiles {
  constructor(canvas, maps, h, w, tallest = 150, most = 14) {
    Object.assign(this, { canvas, maps, h, w, tallest, most, marks: null });
    canvas.style.imageRendering = "pixelated";
  }

  // Laid out in `room` pixels, or as `fixed`, {px, columns, rows}, says.
  layOut(room, fixed) {
    Object.assign(this, fixed || layOut(this.maps, this.h, this.w, room, this.tallest, this.most));
    const { canvas, columns, rows, h, w, px } = this;
    canvas.width = columns * (w + GAP) - GAP;
    canvas.height = rows * (h + GAP) - GAP;
    canvas.style.width = `${canvas.width * px}px`;
    this.pen = canvas.getContext("2d");
    this.picture = this.pen.createImageData(canvas.width, canvas.height);
    this.words = new Uint32Array(this.picture.data.buffer);
    this.room = room;
    if (this.marks) this.clear();
    return this;
  }

  // values: (maps, h, w); NaN is left blank. limit: what is white, and black with a minus.
  draw(values, limit) {
    const { maps, h, w, columns, words } = this, { width } = this.picture;
    for (let map = 0, i = 0; map < maps; map++) {
      const at = Math.floor(map / columns) * (h + GAP) * width + (map % columns) * (w + GAP);
      for (let row = 0; row < h; row++)
        for (let column = 0, to = at + row * width; column < w; column++, i++, to++) {
          const shade = 127.5 * (1 + Math.max(-1, Math.min(1, values[i] / limit)));
          words[to] = Number.isNaN(shade) ? 0 : 0xff000000 | (Math.round(shade) * 0x010101);
        }
    }
    this.pen.putImageData(this.picture, 0, 0);
  }

  // Without marks. They are on a canvas behind this one in the document, which lies over it if both are in a .stack.
  clear() {
    if (!this.marks) this.canvas.after((this.marks = el("canvas", { className: "marks", "aria-hidden": "true" })));
    return sheet(this.marks, this.canvas.width * this.px, this.canvas.height * this.px);
  }

  get context() {
    if (!this.marks) this.clear();
    return this.marks.getContext("2d");
  }

  // Where a unit of a map is drawn.
  corner(map, row, column) {
    const x = ((map % this.columns) * (this.w + GAP) + column) * this.px;
    return [x, (Math.floor(map / this.columns) * (this.h + GAP) + row) * this.px];
  }

  // [map, row, column] at a place of the canvas, or null between tiles.
  at(x, y) {
    const tileX = Math.floor(x / ((this.w + GAP) * this.px)), tileY = Math.floor(y / ((this.h + GAP) * this.px));
    const column = Math.floor(x / this.px) - tileX * (this.w + GAP), row = Math.floor(y / this.px) - tileY * (this.h + GAP);
    const map = tileY * this.columns + tileX;
    const inside = column >= 0 && column < this.w && row >= 0 && row < this.h;
    return inside && tileX >= 0 && tileY >= 0 && tileX < this.columns && map < this.maps ? [map, row, column] : null;
  }

  // A frame around rows top to bottom and columns left to right of a map.
  frame(map, [top, left, bottom, right], color, dashes = []) {
    const [x, y] = this.corner(map, top, left), { context } = this;
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.setLineDash(dashes);
    context.strokeRect(x + 1, y + 1, Math.max(2, (right - left + 1) * this.px - 2), Math.max(2, (bottom - top + 1) * this.px - 2));
    context.setLineDash([]);
  }

  // A map that is silenced is crossed out.
  cross(map, color) {
    const [x, y] = this.corner(map, 0, 0), [right, below] = [x + this.w * this.px, y + this.h * this.px];
    const { context } = this;
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(x, y); context.lineTo(right, below); context.moveTo(right, y); context.lineTo(x, below);
    context.stroke();
  }

  // The number of a map in its corner, if there is room.
  name(map, text) {
    const [x, y] = this.corner(map, 0, 0), { context } = this;
    context.font = "10px system-ui, sans-serif";
    context.lineWidth = 3;
    context.strokeStyle = "#000b";
    context.fillStyle = "#fff";
    context.strokeText(text, x + 3, y + 11);
    context.fillText(text, x + 3, y + 11);
  }
}

export const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 1e-6);

// An image as it is on paper, ink black, a pixel of the canvas for each of its pixels.
export function onPaper(canvas, image, size, [low, high]) {
  if (canvas.width !== size || canvas.height !== size) canvas.width = canvas.height = size;
  const context = canvas.getContext("2d"), picture = context.createImageData(size, size), words = new Uint32Array(picture.data.buffer);
  for (let i = 0; i < words.length; i++) {
    const shade = Math.round(255 * (1 - Math.max(0, Math.min(1, (image[i] - low) / (high - low)))));
    words[i] = 0xff000000 | (shade * 0x010101);
  }
  context.putImageData(picture, 0, 0);
}

// Images as they are on paper, all on one canvas, since each canvas of the page costs the browser time in every frame:
// `side` pixels of the page each, `step` from one to the next, so many in a row; the context, to write on them.
export function album(canvas, images, size, scale, side, step, columns) {
  const rows = Math.ceil(images.length / columns), context = sheet(canvas, columns * step - step + side, rows * step - step + side);
  const one = document.createElement("canvas");
  context.imageSmoothingEnabled = false;
  images.forEach((image, i) => {
    onPaper(one, image, size, scale);
    context.drawImage(one, (i % columns) * step, Math.floor(i / columns) * step, side, side);
  });
  return context;
}

// A canvas with some tiles.
export function tilesIn(parent, { maps, h, w, values }, limit = largest(values), tallest = 110, room = 600, fixed) {
  const canvas = document.createElement("canvas");
  parent.append(canvas);
  new Tiles(canvas, maps, h, w, tallest).layOut(room, fixed).draw(values, limit);
  return canvas;
}

// Numbers on gray, {h, w, values}: a cell for each.
export function numbered(canvas, { h, w, values }, limit, cell) {
  const context = sheet(canvas, w * cell, h * cell);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `${Math.round(cell * 0.36)}px system-ui, sans-serif`;
  values.forEach((value, i) => {
    const x = (i % w) * cell, y = Math.floor(i / w) * cell;
    const shade = Math.round(127.5 * (1 + Math.max(-1, Math.min(1, value / limit))));
    context.fillStyle = `rgb(${shade},${shade},${shade})`;
    context.fillRect(x, y, cell, cell);
    context.fillStyle = shade > 120 ? "#000" : "#fff";
    context.fillText(short(value), x + cell / 2, y + cell / 2 + 1);
  });
}

// Two digits after the point, none of them idle: .45, −1.2, 0.
function short(value) {
  const size = Math.abs(value);
  const text = size < 0.005 ? "0" : size < 1 ? size.toFixed(2).replace(/^0/, "") : size.toFixed(size < 10 ? 1 : 0);
  return value < 0 && text !== "0" ? `−${text}` : text;
}
