// formats.js - what is in files: safetensors of sn89.save, digits as text or as IDX, packed by gzip or not. Nothing here
// touches the page; whatever does not fit ends in an Error whose message says what came and what was expected.

import { maskOf } from "./core.js";
import { normalize, toInk, toStates } from "./ink.js";
import { randomFrom } from "./glyphs.js";

const HEADER = 2 ** 22; // bytes of a safetensors header, as sn89.storage has it
const MOST = 20_000; // digits that are taken of a file

// ---- weights ---------------------------------------------------------------------------------------------------------

// The file that sn89.save would write, which sn89.load reads. words: where the weights come from, or null.
export function safetensors(about, parameters, words) {
  const header = {}, parts = [];
  let at = 0;
  const put = (name, shape, values) => {
    header[name] = { dtype: values instanceof Uint8Array ? "U8" : "F32", shape, data_offsets: [at, (at += values.byteLength)] };
    parts.push(values);
  };
  for (const { name, first, count, shape } of arraysOf(about)) put(name, shape, parameters.slice(first, first + count));
  for (const layer of about.layers)
    if (layer.prototypes) put(`${layer.fullName}.prototypes`, [layer.prototypes.length, layer.prototypes[0].length], Float32Array.from(layer.prototypes.flat()));
  if (about.deleted.length) put("deleted", [about.parameters], maskOf(about));
  // The declaration is kept letter by letter as Python wrote it: 1.0 would become 1 here.
  const told = words ? about.declaration.replace(/}}$/, () => `,"trained":${JSON.stringify(words)}}}`) : about.declaration;
  let text = JSON.stringify({ __metadata__: { sn89: told }, ...header });
  let bytes = new TextEncoder().encode(text);
  text += " ".repeat(-bytes.length & 7);
  bytes = new TextEncoder().encode(text);
  const size = new DataView(new ArrayBuffer(8));
  size.setBigUint64(0, BigInt(bytes.length), true);
  return [size.buffer, bytes, ...parts];
}

// The arrays of a net by name, and where they begin in the parameters.
function arraysOf(about) {
  let end = 0;
  return about.arrays.map(([name, shape]) => {
    const first = end, count = shape.reduce((product, side) => product * side, 1);
    end += count;
    return { name, first, count, shape };
  });
}

export function parametersIn(bytes, about) {
  if (bytes.byteLength < 8) throw new Error("it is not a safetensors file, because it has fewer than 8 bytes");
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  if (length > HEADER || length > bytes.byteLength - 8) throw new Error("it is not a safetensors file, or its header is cut off");
  let header;
  try { header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(bytes, 8, length))); } catch { header = null; }
  if (typeof header !== "object" || !header) throw new Error("it is not a safetensors file, because its header is not JSON");
  checkDeclaration(header.__metadata__?.sn89, about);
  const found = new Float32Array(about.parameters), room = bytes.byteLength - 8 - length;
  for (const { name, first, count, shape } of arraysOf(about)) {
    const told = Object.hasOwn(header, name) ? header[name] : null;
    if (!told) throw new Error(`the array "${name}" is missing in it`);
    const [begin, end] = Array.isArray(told.data_offsets) ? told.data_offsets : [];
    const fits = told.dtype === "F32" && String(told.shape) === String(shape) && Number.isInteger(begin) && end - begin === 4 * count;
    if (!fits) throw new Error(`"${name}" must be float32 of shape ${shape.join("×")}, not ${String(told.dtype).slice(0, 20)} of ${String(told.shape).slice(0, 60)}`);
    if (begin < 0 || end > room) throw new Error(`it is cut off: the array "${name}" should end behind the end of the file`);
    found.set(new Float32Array(bytes.slice(8 + length + begin, 8 + length + end)), first);
  }
  if (!found.every(Number.isFinite)) throw new Error("it has a weight that is not a finite number");
  return found;
}

// A file that says of which net it is must be of this one: the same layers, squashing functions and cost.
function checkDeclaration(text, about) {
  if (typeof text !== "string") return;
  let theirs;
  try { theirs = JSON.parse(text).net; } catch { throw new Error("its description of the net is not JSON"); }
  const ours = JSON.parse(about.declaration).net;
  for (const [key, what] of [["input", "input"], ["layers", "layers"], ["squash", "squashing function"], ["cost", "cost"]])
    if (JSON.stringify(theirs?.[key]) !== JSON.stringify(ours[key])) throw new Error(`it belongs to another net, whose ${what} differs`);
}

// ---- digits ----------------------------------------------------------------------------------------------------------

// What gzip packed, or what came if it did not.
export async function unpacked(bytes, most) {
  const head = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  if (head[0] !== 0x1f || head[1] !== 0x8b) return new Uint8Array(bytes);
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader(), parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => { throw new Error("it is cut off, or it is not a gzip file"); });
    if (done) break;
    size += value.length;
    if (size > most) { reader.cancel(); throw new Error(`it has more than ${most / 1e6} MB when it is unpacked`); }
    parts.push(value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
}

// {images, labels, count, pixels, words}, shuffled; without labels for a file of images alone; `before` is such a file,
// whose labels this one may have.
export function digitsIn(bytes, about, before) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length), magic = bytes.length >= 8 ? view.getInt32(0) : 0;
  if (magic === 0x803) return idxImages(bytes, view, about);
  if (magic === 0x801) return withLabels(before, bytes, view, about);
  return readText(new TextDecoder().decode(bytes), about);
}

function idxImages(bytes, view, about) {
  const [count, h, w] = bytes.length < 16 ? [0, 0, 0] : [4, 8, 12].map((at) => view.getInt32(at));
  if (count < 1 || h < 1 || w < 1 || h > 64 || w > 64 || bytes.length !== 16 + count * h * w)
    throw new Error(`it is not a whole IDX file of images: it should have ${count} of ${h}×${w}, and it has ${bytes.length} bytes`);
  const some = Math.min(count, MOST);
  const rows = Array.from({ length: some }, (_, i) => Float32Array.from(bytes.subarray(16 + i * h * w, 16 + (i + 1) * h * w)));
  return { ...imagesOf(rows, h, w, about), count, labels: null };
}

function withLabels(before, bytes, view, about) {
  const count = view.getInt32(4);
  if (count < 1 || bytes.length !== 8 + count) throw new Error(`it is not a whole IDX file of labels: it should have ${count}, and it has ${bytes.length} bytes`);
  if (!before) throw new Error("it has only labels; open the file of their images first");
  if (before.count !== count) throw new Error(`it has ${count} labels, and the file of images had ${before.count} images`);
  const labels = Int32Array.from(bytes.subarray(8, 8 + before.images.length / before.pixels));
  if (!labels.every((label) => label < 10)) throw new Error("it has a label that is not a digit from 0 to 9");
  return shuffled({ ...before, labels }, about);
}

// Lines with a label and the pixels, as in zip.train.
function readText(text, about) {
  const lines = text.trim().split("\n", MOST), rows = lines.map((line) => line.trim().split(/[\s,]+/).map(Number));
  if (Number.isNaN(rows[0][0]))
    throw new Error("it is neither weights that sn89.save wrote (.safetensors), nor digits as lines of numbers or as IDX, nor a picture that the browser can read");
  const pixels = rows[0].length - 1, side = Math.round(Math.sqrt(pixels)), n = about.image[0] * about.image[1];
  const square = side * side === pixels && side >= 8 && side <= 64 ? pixels : n;
  rows.forEach((row, i) => {
    if (row.length !== square + 1 || !row.every(Number.isFinite) || !Number.isInteger(row[0]) || row[0] < 0 || row[0] > 9)
      throw new Error(`line ${i + 1} must have a label and ${square} pixels`);
  });
  if (rows.length < 2) throw new Error("it must have at least two digits");
  const images = imagesOf(rows.map((row) => Float32Array.from(row.slice(1))), side, side, about);
  return shuffled({ ...images, count: rows.length, labels: Int32Array.from(rows, (row) => row[0]) }, about);
}

// Images as the net's input has them, whatever levels and size they came in; and words that say what was done.
function imagesOf(rows, h, w, { image: [size], scale, side, byMass }) {
  let [least, most] = [Infinity, -Infinity];
  for (const row of rows) for (const value of row) { if (value < least) least = value; if (value > most) most = value; }
  const levels = least < 0 ? [-1, 1] : most > 2 ? [0, 255] : [0, 1];
  const fits = least >= scale[0] - 1e-3 && most <= scale[1] + 1e-3 && least < 0;
  const own = fits ? scale : levels;
  let words = String(own) === String(scale) ? "" : ` Levels ${own[0]} to ${own[1]} were scaled to ${scale[0]} to ${scale[1]}.`;
  const same = h === size && w === size, images = new Float32Array(rows.length * size * size);
  if (!same) words += ` Images of ${h}×${w} were brought to ${size}×${size}.`;
  rows.forEach((row, i) => {
    if (fits && same) { images.set(row, i * size * size); return; }
    const ink = toInk(row, own);
    images.set(toStates(same ? ink : normalize(ink, h, w, size, side, byMass) || new Float32Array(size * size), scale), i * size * size);
  });
  return { images, pixels: size * size, words };
}

// In an order that does not depend on the classes: a file may be sorted.
function shuffled(digits) {
  const { images, labels, pixels } = digits, n = labels.length, random = randomFrom(1), order = [...Array(n).keys()];
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * random());
    [order[i], order[j]] = [order[j], order[i]];
  }
  const sorted = n > 2 && labels.every((label, i) => i === 0 || labels[i - 1] <= label);
  const mixed = new Float32Array(n * pixels);
  order.forEach((from, to) => mixed.set(images.subarray(from * pixels, (from + 1) * pixels), to * pixels));
  return { ...digits, images: mixed, labels: Int32Array.from(order, (i) => labels[i]), words: digits.words + (sorted ? " They came sorted by class, and were shuffled." : "") };
}
