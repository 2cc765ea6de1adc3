// glyphs.js - digits drawn by strokes, as sn89.datasets.synthetic draws them: to train on where there is no file.

import { brought } from "./ink.js";

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
      for (let step = 0; step <= 12; step++) {
        const t = step / 12;
        dots.push([0, 1].map((k) => p1[k] + (t / 2) * (p2[k] - p0[k] + t * (2 * p0[k] - 5 * p1[k] + 4 * p2[k] - p3[k] +
          t * (3 * (p1[k] - p2[k]) + p3[k] - p0[k])))));
      }
    }
  }
  return dots;
}

// Uniform numbers in [0, 1) from a seed (mulberry32): the same digits on every machine.
export function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// A digit, size x size, ink from 0 to 1: a glyph whose points are shaken, stretched, slanted, turned; `wild` from 0 to 1
// says how much.
export function drawDigit(glyphs, digit, random, size, wild = 1) {
  const between = (low, high) => (low + high) / 2 + (random() - 0.5) * (high - low) * wild;
  const [strokes, points] = glyphs[digit][Math.floor(random() * glyphs[digit].length)];
  const width = between(0.55, 1.05), slant = between(-0.1, 0.35), turn = between(-0.15, 0.15);
  const pen = (size / 16) * between(0.7, 1.4), soft = (size / 16) * between(0.8, 1.5);
  const moved = points.map(([x, y]) => {
    const u = (x + between(-0.08, 0.08)) * width - y * slant, v = y + between(-0.08, 0.08);
    return [u * Math.cos(turn) - v * Math.sin(turn), u * Math.sin(turn) + v * Math.cos(turn)];
  });
  const dots = penPath(strokes, moved), most = (k) => dots.map((dot) => dot[k]);
  const low = [0, 1].map((k) => Math.min(...most(k))), high = [0, 1].map((k) => Math.max(...most(k)));
  // The pen reaches pen + soft / 2 beyond its path; nothing of it is cut off.
  const scale = (size - 2 * pen - soft) / Math.max(high[0] - low[0], high[1] - low[1]);
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

// A drawn digit as a net sees it: made upright, as what one draws on the pad.
export function drawnImage(about, glyphs, digit, random, wild = 1) {
  const fine = 2 * about.side;
  return brought(drawDigit(glyphs, digit, random, fine, wild), fine, fine, true, about);
}

// So many of them with their labels; `told` hears how many there are, now and then.
export function drawnDigits(about, glyphs, count, seed, told = () => {}) {
  const random = randomFrom(seed), pixels = about.image[0] * about.image[1];
  const labels = new Int32Array(count), images = new Float32Array(count * pixels);
  for (let i = 0; i < count; i++) {
    labels[i] = Math.floor(10 * random());
    images.set(drawnImage(about, glyphs, labels[i], random), i * pixels);
    if (i % 100 === 99) told(i + 1);
  }
  return { images, labels };
}
