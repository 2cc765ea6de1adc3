// ink.js - from what a hand draws to what a net sees: ink in a frame, cropped, scaled, centred; no canvas, no page.

// The ink of strokes, [{width, points: [x, y, x, y, ...]}] on a sheet of some width, on w x h pixels, 0 to 1: a pixel has
// as much ink as the distance of its centre from the pen's path leaves it. Drawn here and not by the canvas, every
// machine gives the net the same image.
export function inkOf(strokes, sheet, w, h) { return new Sheet(sheet, w, h).ink(strokes); }

// A sheet whose strokes grow: only what has come since is drawn. The array that `ink` gives is the sheet's own.
export class Sheet {
  constructor(sheet, w, h) { Object.assign(this, { w, h, scale: w / sheet, drawn: [], pixels: new Float32Array(w * h) }); }

  ink(strokes) {
    const same = ({ stroke, length }, i) => stroke === strokes[i] && length <= stroke.points.length;
    if (!this.drawn.every(same)) {
      this.drawn = [];
      this.pixels.fill(0);
    }
    strokes.forEach((stroke, i) => {
      this.more(stroke, this.drawn[i]?.length ?? 0);
      this.drawn[i] = { stroke, length: stroke.points.length };
    });
    return this.pixels;
  }

  // A stroke from its `drawn`-th number on; a stroke of one point is a dot.
  more({ width, points }, drawn) {
    const { pixels, w, h, scale } = this, radius = (width * scale) / 2;
    for (let i = drawn; i < points.length; i += 2) {
      const from = Math.max(0, i - 2);
      segment(pixels, w, h, radius, points[from] * scale, points[from + 1] * scale, points[i] * scale, points[i + 1] * scale);
    }
  }
}

function segment(ink, w, h, radius, x0, y0, x1, y1) {
  const kept = (v, most) => Math.max(0, Math.min(most - 1, v)), reach = radius + 1;
  const [left, right] = [kept(Math.floor(Math.min(x0, x1) - reach), w), kept(Math.ceil(Math.max(x0, x1) + reach), w)];
  const [top, bottom] = [kept(Math.floor(Math.min(y0, y1) - reach), h), kept(Math.ceil(Math.max(y0, y1) + reach), h)];
  const dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) {
      const x = column + 0.5 - x0, y = row + 0.5 - y0;
      const t = length ? Math.max(0, Math.min(1, (x * dx + y * dy) / length)) : 0;
      const u = x - t * dx, v = y - t * dy, found = radius + 0.5 - Math.sqrt(u * u + v * v), at = row * w + column;
      if (found > ink[at]) ink[at] = Math.min(1, found);
    }
}

// The frame of the ink that is at least a quarter as strong as the strongest: [top, left, bottom, right]; null if empty.
export function frameOf(ink, height, width) {
  const least = 0.25 * largest(ink);
  let top = height, bottom = -1, left = width, right = -1;
  for (let row = 0, i = 0; row < height; row++)
    for (let column = 0; column < width; column++, i++)
      if (ink[i] > least) {
        if (row < top) top = row;
        bottom = row;
        if (column < left) left = column;
        if (column > right) right = column;
      }
  return bottom < 0 ? null : [top, left, bottom, right];
}

// Ink (0 to 1) in a frame of its own brought to size x size: cropped, its longer side scaled to `side`, every pixel the
// mean of what it covers; centred by its frame, or by its centre of mass, which of MNIST's digits lies 14 to 15 pixels off
// the edges. Null if there is no ink.
export function normalize(ink, height, width, size, side, byMass) {
  const frame = frameOf(ink, height, width);
  if (!frame) return null;
  const [top, left, bottom, right] = frame, scale = side / Math.max(bottom - top + 1, right - left + 1);
  let [y0, x0, middle] = [(top + bottom + 1) / 2, (left + right + 1) / 2, size / 2];
  if (byMass) {
    ({ x0, y0 } = momentsOf(ink, height, width));
    middle += 0.5;
  }
  return resampled(ink, width, frame, scale, [y0, x0], size, size, [middle, middle]);
}

// The ink in a frame, brought to h x w pixels: enlarged by `scale`, (y0, x0) comes to (y1, x1), every pixel is the mean of
// what it covers; then the strongest ink is made 1. First the rows are brought together, then the columns.
export function resampled(ink, width, [top, left, bottom, right], scale, [y0, x0], h, w, [y1, x1]) {
  const rows = new Float64Array(h * width), result = new Float32Array(h * w);
  for (const [row, y, share] of cover(top, bottom, y0, scale, h, y1))
    for (let column = left, to = y * width + left, from = row * width + left; column <= right; column++, to++, from++)
      rows[to] += share * ink[from];
  for (const [column, x, share] of cover(left, right, x0, scale, w, x1))
    for (let y = 0; y < h; y++) result[y * w + x] += share * rows[y * width + column];
  const most = largest(result);
  return result.map((value) => value / most);
}

function largest(ink) {
  let most = 0;
  for (let i = 0; i < ink.length; i++) if (ink[i] > most) most = ink[i];
  return most;
}

// [source, pixel, share] wherever a row or column of the source covers a pixel of the result.
function cover(first, last, centre, scale, size, middle) {
  const found = [];
  for (let i = first; i <= last; i++) {
    const begin = (i - centre) * scale + middle, end = begin + scale;
    for (let pixel = Math.max(0, Math.floor(begin)); pixel < Math.min(size, end); pixel++)
      found.push([i, pixel, Math.min(end, pixel + 1) - Math.max(begin, pixel)]);
  }
  return found;
}

// The centre of mass, and of each row its mass and its moment across.
function momentsOf(ink, height, width) {
  const mass = new Float64Array(height), moment = new Float64Array(height), sum = (each) => mass.reduce((all, _, row) => all + each(row), 0);
  for (let row = 0, i = 0; row < height; row++)
    for (let column = 0; column < width; column++, i++) {
      mass[row] += ink[i];
      moment[row] += ink[i] * (column + 0.5);
    }
  const all = sum((row) => mass[row]);
  return { mass, moment, sum, x0: sum((row) => moment[row]) / all, y0: sum((row) => mass[row] * (row + 0.5)) / all };
}

// The ink of a photograph in gray levels from 0 to 1, dark on light or light on dark, on paper that lies a little in the
// shade; null if there is none. The paper is a slope between the medians of opposite edges.
export function inkIn(gray, h, w) {
  const median = (some) => some.sort((a, b) => a - b)[some.length >> 1];
  const row = (y) => median(Array.from({ length: w }, (_, x) => gray[y * w + x]));
  const column = (x) => median(Array.from({ length: h }, (_, y) => gray[y * w + x]));
  const [top, bottom, left, right] = [row(0), row(h - 1), column(0), column(w - 1)], paper = (top + bottom + left + right) / 4;
  const ink = gray.map((value, i) => {
    const x = (i % w) / Math.max(1, w - 1) - 0.5, y = Math.floor(i / w) / Math.max(1, h - 1) - 0.5;
    return Math.abs(value - paper - (right - left) * x - (bottom - top) * y);
  });
  const most = largest(ink);
  // What is fainter than a quarter of the strongest ink is paper.
  return most < 0.1 ? null : ink.map((value) => Math.max(0, (value / most - 0.25) / 0.75));
}

// Ink made upright: its rows are shifted until the covariance of rows and columns, its slant, is gone; {ink, width}, wide
// enough for all of it. No more than 45 degrees are taken out: what slants more is no upright stroke, but a dash.
export function deslant(ink, height, width) {
  const { mass, moment, sum, x0, y0 } = momentsOf(ink, height, width);
  const across = sum((row) => (moment[row] - x0 * mass[row]) * (row + 0.5 - y0)), down = sum((row) => mass[row] * (row + 0.5 - y0) ** 2);
  const slant = down ? Math.max(-1, Math.min(1, across / down)) : 0;
  const reach = Math.ceil(Math.abs(slant) * height) + 1, wide = width + 2 * reach, result = new Float32Array(height * wide);
  for (let row = 0; row < height; row++) {
    if (!mass[row]) continue;
    const shift = slant * (row + 0.5 - y0), whole = Math.floor(shift), part = shift - whole;
    for (let column = 0, from = row * width, to = row * wide + reach - whole; column < width; column++, from++, to++) {
      result[to] += (1 - part) * ink[from];
      result[to - 1] += part * ink[from];
    }
  }
  return { ink: result, width: wide };
}

// What is drawn, as a net sees it: made upright if that is wanted, brought to the size of its images, in its states.
export function brought(ink, height, width, upright, { image: [size], side, byMass, scale }) {
  const one = upright ? deslant(ink, height, width) : { ink, width };
  return toStates(normalize(one.ink, height, one.width, size, side, byMass), scale);
}

// Ink as states of input units, from those of paper to those of ink.
export function toStates(ink, [low, high]) { return ink && ink.map((value) => low + (high - low) * value); }

export function toInk(states, [low, high]) {
  return Float32Array.from(states, (value) => Math.max(0, Math.min(1, (value - low) / (high - low))));
}
