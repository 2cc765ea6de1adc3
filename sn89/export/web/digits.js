// digits.js - digits drawn by strokes, as sn89.datasets.synthetic draws them; and a drawing brought to what the net sees.

// The dots of a glyph's strokes, smooth curves (Catmull-Rom) through the points that its letters name.
function penPath(strokes, points) {
  const dots = [];
  for (const word of strokes.split(" ")) {
    let knots = [...word].map((letter) => points[letter.charCodeAt(0) - 97]);
    const mirror = (a, b) => [2 * a[0] - b[0], 2 * a[1] - b[1]];
    const closed = word[0] === word.at(-1);
    knots = [closed ? knots.at(-2) : mirror(knots[0], knots[1]), ...knots,
      closed ? knots[1] : mirror(knots.at(-1), knots.at(-2))];
    for (let i = 1; i + 2 < knots.length; i++) {
      const [p0, p1, p2, p3] = knots.slice(i - 1, i + 3);
      for (let step = 0; step <= 16; step++) {
        const t = step / 16;
        dots.push([0, 1].map((k) => p1[k] + (t / 2) * (p2[k] - p0[k] + t * (2 * p0[k] - 5 * p1[k] + 4 * p2[k] - p3[k] +
          t * (3 * (p1[k] - p2[k]) + p3[k] - p0[k])))));
      }
    }
  }
  return dots;
}

// Uniform numbers in [0, 1) from a seed (mulberry32): the same digits on every machine.
function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// A digit, size x size, ink from 0 to 1: a glyph whose points are shaken, stretched, slanted, turned.
function drawDigit(glyphs, digit, random, size) {
  const between = (low, high) => low + (high - low) * random();
  const [strokes, points] = glyphs[digit][Math.floor(random() * glyphs[digit].length)];
  const width = between(0.55, 1.05), slant = between(-0.1, 0.35), turn = between(-0.15, 0.15);
  const pen = (size / 16) * between(0.7, 1.4), soft = (size / 16) * between(0.8, 1.5);
  const moved = points.map(([x, y]) => {
    const u = (x + between(-0.08, 0.08)) * width - y * slant, v = y + between(-0.08, 0.08);
    return [u * Math.cos(turn) - v * Math.sin(turn), u * Math.sin(turn) + v * Math.cos(turn)];
  });
  const dots = penPath(strokes, moved);
  const low = [0, 1].map((k) => Math.min(...dots.map((dot) => dot[k])));
  const high = [0, 1].map((k) => Math.max(...dots.map((dot) => dot[k])));
  const scale = (size - 2 * pen) / Math.max(high[0] - low[0], high[1] - low[1]);
  const placed = dots.map((dot) => dot.map((x, k) => (x - (low[k] + high[k]) / 2) * scale + size / 2));
  const ink = new Float32Array(size * size);
  for (let i = 0; i < ink.length; i++) {
    const x = (i % size) + 0.5, y = Math.floor(i / size) + 0.5;
    let nearest = Infinity;
    for (const [u, v] of placed) nearest = Math.min(nearest, (u - x) ** 2 + (v - y) ** 2);
    ink[i] = Math.min(1, Math.max(0, 0.5 - (Math.sqrt(nearest) - pen) / soft));
  }
  return ink;
}

// Ink (0 to 1) in a frame of its own brought to size x size: cropped, its longer side scaled to `side`, every pixel the
// mean of what it covers; centred by its frame, or by its centre of mass, which of MNIST's digits lies 14 to 15 pixels off
// the edges. Null if there is no ink.
function normalize(ink, height, width, size, side, byMass) {
  const strongest = ink.reduce((a, b) => Math.max(a, b), 0);
  let top = height, bottom = -1, left = width, right = -1;
  for (let i = 0; i < ink.length; i++)
    if (ink[i] > 0.25 * strongest) {
      const row = Math.floor(i / width), column = i % width;
      top = Math.min(top, row); bottom = Math.max(bottom, row);
      left = Math.min(left, column); right = Math.max(right, column);
    }
  if (bottom < 0) return null;
  const scale = side / Math.max(bottom - top + 1, right - left + 1);
  let y0 = (top + bottom + 1) / 2, x0 = (left + right + 1) / 2, middle = size / 2;
  if (byMass) {
    let mass = 0, my = 0, mx = 0;
    for (let i = 0; i < ink.length; i++) {
      mass += ink[i]; my += ink[i] * (Math.floor(i / width) + 0.5); mx += ink[i] * ((i % width) + 0.5);
    }
    y0 = my / mass; x0 = mx / mass; middle += 0.5;
  }
  const down = cover(top, bottom, y0, scale, size, middle), across = cover(left, right, x0, scale, size, middle);
  const result = new Float32Array(size * size);
  for (const [row, y, h] of down)
    for (const [column, x, w] of across) result[y * size + x] += h * w * ink[row * width + column];
  const most = result.reduce((a, b) => Math.max(a, b), 0);
  return result.map((value) => value / most);
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
