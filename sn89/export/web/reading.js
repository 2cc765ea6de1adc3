// reading.js - a line of digits: brought to what a net sees, cut at its gaps, or read from a net's answers at all places.

import { frameOf, resampled } from "./ink.js";

// The line's ink, h x w, in an image of height x width states: as high as a digit, and all of it in there.
export function lineImage(ink, h, w, height, width, side, [low, high]) {
  const frame = frameOf(ink, h, w);
  if (!frame) return null;
  const [top, left, bottom, right] = frame, room = width - (height - side);
  const scale = Math.min(side / (bottom - top + 1), room / (right - left + 1));
  const y0 = (top + bottom + 1) / 2, x0 = (left + right + 1) / 2, middle = width / 2;
  const found = resampled(ink, w, frame, scale, [y0, x0], height, width, [height / 2, middle]);
  return { states: found.map((value) => low + (high - low) * value), scale, x0, middle, side };
}

// The places of the best reading: no two closer than `apart`, and as sure together as can be; [{column, answer}]. A
// place counts by how much its margin is above the threshold, and by its neighbours', if they say the same.
export function bestReading(places, threshold, apart) {
  const own = (i, answer) => (places[i] && places[i].answer === answer ? Math.max(0, places[i].margin - threshold) : 0);
  const worth = places.map(({ answer }, i) => (own(i, answer) ? own(i, answer) + 0.5 * (own(i - 1, answer) + own(i + 1, answer)) : 0));
  const best = [0], taken = [false]; // of the first i places
  for (let i = 1; i <= places.length; i++) {
    const take = worth[i - 1] + best[Math.max(0, i - apart)];
    taken[i] = worth[i - 1] > 0 && take > best[i - 1];
    best[i] = taken[i] ? take : best[i - 1];
  }
  const read = [];
  for (let i = places.length; i > 0; ) {
    if (taken[i]) { read.unshift({ column: i - 1, answer: places[i - 1].answer }); i -= apart; } else i -= 1;
  }
  return read;
}

// The pieces of a line between columns without ink, but for specks: [{left, right}].
export function cutDigits(ink, h, w) {
  const has = Array.from({ length: w }, (_, column) => {
    for (let row = 0; row < h; row++) if (ink[row * w + column] > 0.25) return true;
    return false;
  });
  const pieces = [];
  has.forEach((some, column) => {
    if (!some) return;
    if (column && has[column - 1]) pieces.at(-1).right = column;
    else pieces.push({ left: column, right: column });
  });
  return pieces.filter(({ left, right }) => {
    let mass = 0;
    for (let row = 0; row < h; row++) for (let column = left; column <= right; column++) mass += ink[row * w + column];
    return mass > 0.02 * h * h;
  });
}
