// boot.js - unpacks what the page carries, one deflated block, and starts it.
(async (packed, sizes) => {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const all = new Uint8Array(await new Response(stream).arrayBuffer());
  let at = 0;
  const [core, numbers, pixels, ...texts] = sizes.map((size) => all.slice(at, (at += size)));
  const [told, shared, worker, page] = texts.map((text) => new TextDecoder().decode(text));
  const { about, glyphs, labels } = JSON.parse(told);
  // Of every float its upper three bytes: all first ones, all second ones, all third ones.
  const n = about.parameters, words = new Uint32Array(n);
  for (let i = 0; i < n; i++) words[i] = (numbers[i] << 24) | (numbers[n + i] << 16) | (numbers[2 * n + i] << 8);
  const [low, high] = about.scale, size = about.image[0] * about.image[1];
  const samples = labels.map((label, i) => ({
    label, image: Float32Array.from(pixels.subarray(i * size, (i + 1) * size), (p) => low + ((high - low) * p) / 255),
  }));
  const PAGE = { about, glyphs, core, parameters: new Float32Array(words.buffer), samples, shared, worker };
  new Function("PAGE", `"use strict";\n${shared}\n${page}`)(PAGE);
})
