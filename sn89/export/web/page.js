// page.js - the page: what is drawn, shown, pointed at, trained, saved.

const $ = (id) => document.getElementById(id);
const ABOUT = PAGE.about, { layers, image: [SIZE] } = ABOUT;
const INPUT = layers[0], OUTPUT = layers.length - 1;
const INK = getComputedStyle(document.documentElement);
const accent = () => INK.getPropertyValue("--accent");

let net, module, shipped; // shipped: the parameters that came with the page
let picture = null, states = null, pinned = null, pointed = null, worker = null, course = [], own = null, sample = -1;

// ---- drawing ---------------------------------------------------------------------------------------------------------

const pad = $("pad"), pen = pad.getContext("2d", { willReadFrequently: true });

function clearPad() {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, 280, 280);
  sample = -1;
  $("sample").textContent = SAMPLES.length ? `${SAMPLES.length} samples` : "";
}

function place(event) {
  const box = pad.getBoundingClientRect();
  return [((event.clientX - box.left) * 280) / box.width, ((event.clientY - box.top) * 280) / box.height];
}

function stroke(from, to) {
  pen.strokeStyle = "#000";
  pen.lineCap = pen.lineJoin = "round";
  pen.lineWidth = Number($("brush").value);
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
  later(look);
}

let last = null;
pad.addEventListener("pointerdown", (event) => {
  if (sample >= 0) clearPad();
  pad.setPointerCapture(event.pointerId);
  last = place(event);
  stroke(last, last);
});
pad.addEventListener("pointermove", (event) => {
  if (!last) return;
  for (const one of event.getCoalescedEvents?.() || [event]) { const to = place(one); stroke(last, to); last = to; }
});
for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => { last = null; });

// What is on the pad, as the net is to see it.
function look() {
  const { data } = pen.getImageData(0, 0, 280, 280), ink = new Float32Array(280 * 280);
  for (let i = 0; i < ink.length; i++) ink[i] = 1 - data[4 * i] / 255;
  show(toImage(normalize(ink, 280, 280, SIZE, ABOUT.side, ABOUT.byMass)));
}

// Ink from 0 to 1 as states of input units.
function toImage(ink) {
  const [low, high] = ABOUT.scale;
  return ink && ink.map((value) => low + (high - low) * value);
}

function drawImage(image) {
  const [low, high] = ABOUT.scale, small = new ImageData(SIZE, SIZE);
  for (let i = 0; i < image.length; i++) {
    const shade = 255 * (1 - (image[i] - low) / (high - low));
    small.data.set([shade, shade, shade, 255], 4 * i);
  }
  const canvas = new OffscreenCanvas(SIZE, SIZE);
  canvas.getContext("2d").putImageData(small, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(canvas, 0, 0, 280, 280);
}

// ---- what the net thinks ---------------------------------------------------------------------------------------------

let waiting = null;
function later(act) {
  if (!waiting) requestAnimationFrame(() => { const now = waiting; waiting = null; now(); });
  waiting = act;
}

function show(image) {
  picture = image;
  states = image && net.states(image);
  drawPlanes();
  drawOutputs();
  drawUnit();
}

const figures = layers.slice(0, OUTPUT).map((layer, i) => {
  const figure = document.createElement("figure"), caption = document.createElement("figcaption");
  const canvas = document.createElement("canvas");
  caption.textContent = layer.flat ? `${layer.name}: ${layer.units} units`
    : `${layer.name}: ${layer.maps > 1 ? `${layer.maps} maps of ` : ""}${layer.height}×${layer.width}`;
  canvas.tabIndex = 0;
  canvas.setAttribute("aria-label", `${caption.textContent}. Arrow keys choose a unit.`);
  figure.append(caption, canvas);
  $("planes").append(figure);
  const tiles = new Tiles(canvas, layer.maps, layer.height, layer.width);
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return tiles.unitAt(event.clientX - box.left - canvas.clientLeft, event.clientY - box.top - canvas.clientTop);
  };
  canvas.addEventListener("pointermove", (event) => point(i, at(event)));
  canvas.addEventListener("pointerleave", () => point(i, -1));
  canvas.addEventListener("click", (event) => pin(i, at(event)));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -layer.width, ArrowDown: layer.width }[event.key];
    if (!step) return;
    event.preventDefault();
    const unit = (pinned?.layer === i ? pinned.unit : -step) + step;
    pinned = { layer: i, unit: (unit + layer.units) % layer.units };
    later(redraw);
  });
  return tiles;
});

function point(layer, unit) {
  pointed = unit < 0 ? null : { layer, unit };
  later(redraw);
}

function pin(layer, unit) {
  pinned = unit < 0 || (pinned?.layer === layer && pinned.unit === unit) ? null : { layer, unit };
  later(redraw);
}

function redraw() {
  drawPlanes();
  drawUnit();
}

function drawPlanes() {
  const room = $("planes").clientWidth - 6;
  figures.forEach((tiles, i) => {
    const values = states ? states[i] : new Float32Array(layers[i].units);
    const limit = ABOUT.limit || values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
    tiles.draw(values, limit, room);
  });
  const chosen = pinned || pointed;
  if (!chosen) return;
  const { height, width } = layers[chosen.layer], map = Math.floor(chosen.unit / (height * width));
  const row = Math.floor(chosen.unit / width) % height, column = chosen.unit % width;
  let boxes = new Map([[map, [row, column, row, column]]]);
  for (let i = chosen.layer; i >= 0; i--) {
    for (const [m, box] of boxes) figures[i].frame(m, box, accent());
    if (i > 0) boxes = fieldBelow(layers[i], layers[i - 1], boxes);
  }
}

function drawUnit() {
  const chosen = pinned || pointed;
  $("weights").replaceChildren();
  if (!chosen) { $("about").textContent = "Point at a unit to see what it looks at; click to keep it."; return; }
  const layer = layers[chosen.layer], { height, width } = layer, place = chosen.unit % (height * width);
  const where = layer.flat ? `unit ${chosen.unit}`
    : `map ${Math.floor(chosen.unit / (height * width))}, row ${Math.floor(place / width)}, column ${place % width}`;
  const state = states ? `: state ${states[chosen.layer][chosen.unit].toFixed(3)}` : "";
  $("about").textContent = `${layer.name}, ${where}${state}${pinned ? " (kept; click it again to let go)" : ""}`;
  if (chosen.layer > 0) addTiles($("weights"), weightsOf(layer, layers[chosen.layer - 1], net.parameters, chosen.unit), 110);
}

function addTiles(parent, shown, tallest) {
  if (!shown) return;
  const canvas = document.createElement("canvas");
  parent.append(canvas);
  const limit = shown.values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 1e-6);
  new Tiles(canvas, shown.maps, shown.h, shown.w, tallest).draw(shown.values, limit, parent.clientWidth - 6);
}

function drawOutputs() {
  const outputs = states ? [...states[OUTPUT]] : layers[OUTPUT].labels.map(() => 0), scores = net.scores(outputs);
  const ranked = [...scores].sort((a, b) => b - a), answer = scores.indexOf(ranked[0]);
  const span = ABOUT.outputLimit ? [-ABOUT.outputLimit, ABOUT.outputLimit]
    : [Math.min(0, ...outputs), Math.max(1e-6, ...outputs)];
  $("outputs").replaceChildren(...outputs.map((value, i) => {
    const bar = document.createElement("div"), part = (x) => (100 * (x - span[0])) / (span[1] - span[0]);
    const [from, to] = [part(Math.min(0, value)), part(Math.max(0, value))];
    bar.className = states && i === answer ? "bar answer" : "bar";
    bar.innerHTML = `<span>${i}</span><i><b style="left:${from}%;width:${to - from}%"></b></i><span></span>`;
    bar.lastChild.textContent = states ? value.toFixed(2) : "";
    return bar;
  }));
  $("distances").hidden = ABOUT.scores !== "rbf";
  drawSeen();
  if (!states) { $("verdict").textContent = "Draw a digit, or press one of the keys 0 to 9."; return; }
  const sure = ranked[0] - ranked[1] > Number($("threshold").value);
  const label = sample >= 0 && SAMPLES[sample].label;
  const right = sample < 0 ? "" : label === answer ? ", right" : `, wrong: it is a ${label}`;
  $("verdict").textContent = sure ? `A ${answer}${right}` : `Rejected; perhaps a ${answer}${right}`;
}

function drawSeen() {
  const [low, high] = ABOUT.scale, values = picture || new Float32Array(SIZE * SIZE).fill(low);
  const middle = (low + high) / 2;
  const tiles = new Tiles($("seen"), 1, SIZE, SIZE, 90);
  tiles.draw(values.map((value) => middle - value), (high - low) / 2, 90);
}

// ---- samples ---------------------------------------------------------------------------------------------------------

let SAMPLES = [];

function step(by) {
  if (!SAMPLES.length) return;
  const next = (sample + by + SAMPLES.length + (sample < 0 && by < 0 ? 1 : 0)) % SAMPLES.length;
  sample = next;
  drawImage(SAMPLES[sample].image);
  $("sample").textContent = `sample ${sample + 1} of ${SAMPLES.length}: a ${SAMPLES[sample].label}`;
  show(SAMPLES[sample].image);
}

const fate = randomFrom(1989);

function example(digit) {
  clearPad();
  const ink = drawDigit(PAGE.glyphs, digit, fate, 200);
  const small = new ImageData(200, 200);
  for (let i = 0; i < ink.length; i++) small.data.set([0, 0, 0, 255 * ink[i]], 4 * i);
  const canvas = new OffscreenCanvas(200, 200);
  canvas.getContext("2d").putImageData(small, 0, 0);
  pen.imageSmoothingEnabled = true;
  pen.drawImage(canvas, 40, 40);
  look();
}

// ---- training --------------------------------------------------------------------------------------------------------

// So many digits drawn by the page, as images and labels.
function drawn(count, seed) {
  const random = randomFrom(seed), labels = new Int32Array(count), images = new Float32Array(count * SIZE * SIZE);
  for (let i = 0; i < count; i++) {
    labels[i] = Math.floor(10 * random());
    const ink = drawDigit(PAGE.glyphs, labels[i], random, ABOUT.side);
    images.set(toImage(normalize(ink, ABOUT.side, ABOUT.side, SIZE, ABOUT.side, ABOUT.byMass)), i * SIZE * SIZE);
  }
  return { images, labels };
}

function startTraining() {
  const count = Math.max(10, Number($("digits").value) || 1500), test = Math.max(10, Math.round(count / 4));
  const seed = Number($("seed").value) || 0;
  const sets = own || { train: drawn(count, seed + 1), test: drawn(test, seed + 7919) };
  const code = `${PAGE.shared}\n${PAGE.worker}`;
  worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  worker.onmessage = ({ data }) => hear(data);
  course = [];
  worker.postMessage({ module, about: ABOUT, seed, passes: Math.max(1, Number($("passes").value) || 10), ...sets });
  running(true);
}

function running(is) {
  $("go").disabled = is;
  $("stop").disabled = !is;
}

function hear(told) {
  net.parameters = told.parameters;
  if (told.error !== undefined) course.push(told);
  const now = course.at(-1);
  $("progress").textContent = told.diverged ? "The training diverged."
    : `pass ${told.pass?.toFixed(1) ?? now.pass}: ${(100 * now.trainError).toFixed(1)} % wrong on training digits, ` +
      `${(100 * now.error).toFixed(1)} % on others`;
  if (told.ended || told.diverged) { worker.terminate(); running(false); }
  later(() => { if (picture) show(picture); drawKernels(); drawCurve(); });
}

function drawCurve() {
  $("curve").hidden = course.length < 1;
  if (course.length < 1) return;
  const canvas = $("curve"), ratio = Math.ceil(devicePixelRatio || 1), width = Math.min(520, $("train").clientWidth), height = 170;
  canvas.width = width * ratio; canvas.height = height * ratio;
  canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d"), passes = Math.max(1, course.at(-1).pass);
  context.scale(ratio, ratio);
  const x = (pass) => 40 + ((width - 120) * pass) / passes, y = (error) => 10 + (height - 34) * (1 - error);
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = context.strokeStyle = INK.getPropertyValue("--soft");
  context.lineWidth = 0.5;
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    context.fillText(`${100 * share} %`, 0, y(share) + 4);
    context.beginPath(); context.moveTo(40, y(share)); context.lineTo(width - 80, y(share)); context.stroke();
  }
  context.fillText("passes", width - 120, height - 4);
  context.fillText("0", 38, height - 4);
  for (const [name, color, key] of [["training", INK.getPropertyValue("--soft"), "trainError"], ["others", accent(), "error"]]) {
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = 2;
    context.beginPath();
    course.forEach((one, i) => context[i ? "lineTo" : "moveTo"](x(one.pass), y(one[key])));
    context.stroke();
    context.fillText(name, width - 74, y(course.at(-1)[key]) + (key === "error" ? -6 : 12));
  }
}

function drawKernels() {
  for (const canvas of document.querySelectorAll("#kernels figure")) canvas.remove();
  layers.forEach((layer, i) => {
    if (layer.kind !== "local" || !layer.shared || layer.height * layer.width === 1) return;
    const figure = document.createElement("figure"), caption = document.createElement("figcaption");
    const one = layers[i - 1].maps === 1;
    caption.textContent = `${layer.name}: ${one ? "a kernel for each map" : "a row for each source map, a column for each map"}`;
    figure.append(caption);
    $("kernels").append(figure);
    const shown = kernelsOf(layer, layers[i - 1], net.parameters);
    const canvas = document.createElement("canvas");
    figure.append(canvas);
    const tiles = new Tiles(canvas, shown.maps, shown.h, shown.w, 1e9);
    const room = $("kernels").clientWidth - 6, limit = shown.values.reduce((most, v) => Math.max(most, Math.abs(v) || 0), 1e-6);
    const px = Math.max(1, Math.min(one ? 9 : 4, Math.floor(room / ((shown.w + GAP) * layer.maps))));
    tiles.draw(shown.values, limit, room, { px, columns: layer.maps, rows: layers[i - 1].maps });
  });
}

// ---- files -----------------------------------------------------------------------------------------------------------

// The arrays of the net by name, and where they begin in the parameters.
function arrays() {
  let end = 0;
  return ABOUT.arrays.map(([name, shape]) => {
    const first = end, count = shape.reduce((product, side) => product * side, 1);
    end += count;
    return { name, first, count, shape };
  });
}

function saveWeights() {
  const header = {}, data = new Float32Array(ABOUT.parameters);
  data.set(net.parameters);
  for (const { name, first, count, shape } of arrays())
    header[name] = { dtype: "F32", shape, data_offsets: [4 * first, 4 * (first + count)] };
  let text = JSON.stringify(header);
  text += " ".repeat(-text.length & 7);
  const size = new DataView(new ArrayBuffer(8));
  size.setBigUint64(0, BigInt(text.length), true);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([size.buffer, text, data.buffer]));
  link.download = "weights.safetensors";
  link.click();
}

function readWeights(bytes) {
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  if (length > bytes.byteLength - 8) throw new Error("it is no safetensors file: its header is cut off");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length))), found = new Float32Array(ABOUT.parameters);
  for (const { name, first, count } of arrays()) {
    const told = header[name];
    if (!told) throw new Error(`it has no array "${name}"`);
    const [begin, end] = told.data_offsets;
    if (told.dtype !== "F32" || end - begin !== 4 * count)
      throw new Error(`"${name}" must be ${count} numbers of 32 bits, not ${told.dtype} ${told.shape}`);
    found.set(new Float32Array(bytes.slice(8 + length + begin, 8 + length + end)), first);
  }
  if (!found.every(Number.isFinite)) throw new Error("a weight is not finite");
  return found;
}

// Lines with a label and the pixels, as in zip.train; four fifths to learn from.
function readDigits(text) {
  const rows = text.trim().split("\n").map((line) => line.trim().split(/[\s,]+/).map(Number)), n = SIZE * SIZE;
  rows.forEach((row, i) => {
    if (row.length !== n + 1 || !row.every(Number.isFinite) || !(row[0] in layers[OUTPUT].labels))
      throw new Error(`line ${i + 1} must be a label and ${n} pixels`);
  });
  const part = (some) => ({ labels: Int32Array.from(some, (row) => row[0]), images: Float32Array.from(some.flatMap((row) => row.slice(1))) });
  const cut = Math.floor(0.8 * rows.length);
  if (cut < 1 || cut === rows.length) throw new Error("there must be at least two digits");
  return { train: part(rows.slice(0, cut)), test: part(rows.slice(cut)) };
}

async function open(file) {
  try {
    if (/\.safetensors$/.test(file.name)) {
      net.parameters = readWeights(await file.arrayBuffer());
      refresh();
      $("progress").textContent = `The weights of ${file.name} are in the net.`;
    } else {
      own = readDigits(await file.text());
      $("progress").textContent = `${own.train.labels.length} digits of ${file.name} to learn from, ${own.test.labels.length} to be measured on.`;
    }
  } catch (error) {
    $("progress").textContent = `${file.name} cannot be used: ${error.message}.`;
  }
}

// ---- beginning -------------------------------------------------------------------------------------------------------

function refresh() {
  if (picture) show(picture); else { drawPlanes(); drawOutputs(); }
  drawKernels();
  drawCurve();
}

function listen() {
  $("threshold").oninput = () => { $("least").textContent = Number($("threshold").value).toFixed(2); drawOutputs(); };
  $("clear").onclick = () => { clearPad(); show(null); };
  $("before").onclick = () => step(-1);
  $("after").onclick = () => step(1);
  $("go").onclick = startTraining;
  $("stop").onclick = () => worker.postMessage({ stop: true });
  $("back").onclick = () => { if (worker) worker.terminate(); running(false); net.parameters = shipped; refresh(); };
  $("save").onclick = saveWeights;
  $("open").onchange = (event) => { if (event.target.files[0]) open(event.target.files[0]); event.target.value = ""; };
  addEventListener("resize", () => later(refresh));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => { event.preventDefault(); if (event.dataTransfer.files[0]) open(event.dataTransfer.files[0]); });
  addEventListener("keydown", (event) => {
    if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key)) example(Number(event.key));
    else ({ c: () => $("clear").click(), n: () => step(1), p: () => step(-1), t: () => $("go").click() })[event.key.toLowerCase()]?.();
  });
}

function begin() {
  module = new WebAssembly.Module(PAGE.core);
  net = new Net(module, ABOUT);
  net.parameters = shipped = PAGE.parameters;
  SAMPLES = PAGE.samples;
  $("samples").hidden = !SAMPLES.length;
  $("threshold").max = Math.max(2, 4 * ABOUT.threshold);
  $("threshold").value = ABOUT.threshold;
  $("least").textContent = ABOUT.threshold.toFixed(2);
  clearPad();
  listen();
  refresh();
  window.sn89 = { net, show, about: ABOUT }; // for those who look inside
  document.body.dataset.ready = "yes";
}

begin();
