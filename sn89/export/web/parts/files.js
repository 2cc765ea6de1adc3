// files.js - weights and digits from files and back: by button, by dropping, by pasting. What does not fit is refused.

import { $, download } from "../dom.js";
import { digitsIn, parametersIn, safetensors, unpacked } from "../formats.js";
import { inkIn } from "../ink.js";

const LARGEST = 128e6; // bytes of a file

export function files(store) {
  let waiting = null; // images of an IDX file whose labels have not come yet

  $("save").onclick = () => {
    const { values, from, words } = store.get("weights");
    const bytes = safetensors(store.get("about"), values, from === "shipped" ? null : words);
    download("weights.safetensors", bytes);
  };
  $("open").onchange = (event) => {
    take([...event.target.files]);
    event.target.value = "";
  };
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) take([...event.clipboardData.files]);
  });

  async function take(some) { for (const file of some) await open(file); }

  async function open(file) {
    const name = file.name.length > 60 ? `${file.name.slice(0, 57)}…` : file.name;
    try {
      if (file.size > LARGEST) throw new Error(`it has ${Math.round(file.size / 1e6)} MB, and a file may have at most ${LARGEST / 1e6} MB`);
      if (file.type.startsWith("image/")) await picture(file);
      else if (/\.safetensors$/i.test(file.name)) weights(await file.arrayBuffer(), name);
      else await digits(await unpacked(await file.arrayBuffer(), LARGEST), name);
    } catch (error) {
      store.set({ note: `${name} cannot be used: ${error.message}. The net is as it was.` });
    }
  }

  function weights(bytes, name) {
    const values = parametersIn(bytes, store.get("about"));
    store.set({ weights: { values, from: "file", words: `weights of ${name}` }, threshold: 0, courses: [], live: null, wall: null,
      note: `The weights of ${name} are in the net; nothing is rejected until you set the threshold.` });
  }

  async function digits(bytes, name) {
    const found = digitsIn(bytes, store.get("about"), waiting);
    waiting = found.images && !found.labels ? found : null;
    if (waiting) {
      store.set({ source: { kind: "image", image: found.images.slice(0, found.pixels) },
        note: `${found.count} images of ${name}: the first is on the pad. Open their labels too, to learn from them.` });
      return;
    }
    const cut = Math.floor(0.8 * found.labels.length);
    store.set({ own: { ...found, words: `${found.labels.length} of ${name}` }, source: { kind: "image", image: found.images.slice(0, found.pixels) },
      note: `${cut} digits of ${name} to learn from, ${found.labels.length - cut} to be measured on.${found.words}` });
  }

  // A picture of one digit: dark on light or light on dark.
  async function picture(file) {
    const bitmap = await createImageBitmap(file).catch(() => { throw new Error("it is not a picture that the browser can read"); });
    const scale = 200 / Math.max(bitmap.width, bitmap.height), w = Math.max(1, Math.round(bitmap.width * scale)), h = Math.max(1, Math.round(bitmap.height * scale));
    const canvas = Object.assign(document.createElement("canvas"), { width: w, height: h }), context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, w, h);
    context.drawImage(bitmap, 0, 0, w, h);
    const { data } = context.getImageData(0, 0, w, h), gray = new Float32Array(w * h);
    for (let i = 0; i < gray.length; i++) gray[i] = (0.3 * data[4 * i] + 0.59 * data[4 * i + 1] + 0.11 * data[4 * i + 2]) / 255;
    const ink = inkIn(gray, h, w);
    if (!ink) throw new Error("there is no ink in it");
    store.set({ source: { kind: "ink", ink, h, w }, note: `${file.name} is on the pad.` });
  }
  return { open };
}
