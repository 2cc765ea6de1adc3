// training.js - training that one can watch: its controls, its course, its kernels, and a wall of guesses.

import { $, color, el, hide, number } from "../dom.js";
import { Trainer } from "../trainer.js";
import { CHART, chart } from "../chart.js";
import { album } from "../tiles.js";

const CONSTANTS = { // of each rule: rate, mu, gamma
  levenberg: [0.0005, 0.05, 0.05],
  newton: [0.0005, 0.05, 0.05],
  gradient: [0.005, "", ""],
};

const WALL = { side: 34, step: 38, digit: [13, 13] }; // pixels: of a digit, from one to the next, of what it is read as

export function training(store) {
  let helper = null; // what trains: {send, end}
  let wall = null; // {across, labels, context}
  const say = (words) => store.set({ note: words });

  store.on("note", () => { $("progress").textContent = store.get("note"); });
  store.on("running paused", () => {
    const running = store.get("running"), paused = store.get("paused");
    $("go").disabled = running;
    $("stop").disabled = !running;
    $("pause").disabled = !running || paused;
    $("on").disabled = running && !paused;
  });
  store.on("courses width", () => chart($("curve"), store.get("courses"), store.get("about").paper, $("train").clientWidth));
  store.on("wall about width", hang);
  store.on("wall guesses about width", guess);
  store.on("own about", () => {
    const own = store.get("own"), kept = $("from").value;
    const options = [["drawn", "drawn by the page"]];
    if (store.get("embedded")) options.push(["embedded", `${store.get("embedded").labels.length} real ones in the page`]);
    if (own) options.push(["file", `${own.words}`]);
    $("from").replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
    $("from").value = own ? "file" : options.some(([value]) => value === kept) ? kept : options.at(-1)[0];
    $("from").onchange();
  });
  $("from").onchange = () => { $("digits").disabled = $("from").value !== "drawn"; };
  $("rule").onchange = () => {
    ["rate", "mu", "gamma"].forEach((id, i) => {
      $(id).value = CONSTANTS[$("rule").value][i];
      $(id).disabled = CONSTANTS[$("rule").value][i] === "";
    });
  };
  $("rule").onchange();

  $("go").onclick = () => begin({ anew: true });
  $("on").onclick = () => (helper ? send("go on", { paused: false }) : begin({}));
  $("pause").onclick = () => send("pause", { paused: true });
  $("one").onclick = () => {
    if (!helper && !begin({ paused: true })) return;
    send("one", { paused: true });
  };
  $("stop").onclick = () => send("stop");
  $("back").onclick = () => {
    end();
    const about = store.get("about");
    store.set({ weights: store.get("shipped"), threshold: about.threshold, courses: [], wall: null, note: "The net is as it came.", live: null });
  };
  store.on("at", () => { if (helper) { end(); say("The training ended, because another net is shown now."); } });

  function send(what, changes = {}) {
    helper?.send({ do: what });
    store.set(changes);
  }

  function end() {
    helper?.end();
    helper = null;
    store.set({ running: false, paused: false });
  }

  // What is in the fields, or null: then a sentence says which one is wrong.
  function settings() {
    const found = {};
    for (const id of ["seed", "passes", "digits", "rate", "mu", "gamma"]) {
      const field = $(id), [least, most] = [Number(field.dataset.least), Number(field.dataset.most)], value = Number(field.value);
      if (field.disabled) { found[id] = 0; continue; }
      const whole = "whole" in field.dataset;
      const fits = field.value.trim() !== "" && value >= least && value <= most && (!whole || Number.isInteger(value));
      field.setAttribute("aria-invalid", String(!fits));
      if (!fits) {
        say(`${field.dataset.name} must be a ${whole ? "whole number" : "number"} from ${least} to ${most}, not “${field.value}”.`);
        field.focus();
        return null;
      }
      found[id] = value;
    }
    return found;
  }

  function begin({ anew = false, paused = false }) {
    const told = settings(), from = $("from").value;
    if (!told) return false;
    helper = trainerIn(store, hear);
    const { seed, passes, digits: count, rate, mu, gamma } = told;
    const rule = { method: $("rule").value, rate, mu, gamma };
    const sets = { embedded: store.get("embedded"), file: store.get("own") }[from];
    const parameters = anew ? null : store.get("weights").values;
    helper.send({ do: "start", module: store.get("module"), about: store.get("about"), glyphs: store.get("glyphs"), seed, parameters,
      rule, passes, sets: sets ? divided(sets, store.get("about")) : null, count, paused });
    const words = `${$("rule").selectedOptions[0].textContent}, seed ${seed}`;
    store.set({ running: true, paused, rule, courses: [{ words, points: [] }, ...store.get("courses")].slice(0, 2), note: "" });
    store.flush();
    return true;
  }

  function hear(told) {
    if (told.drawn) { say(`Drawing digits: ${Math.min(told.drawn, told.of)} of ${told.of}.`); return; }
    if (told.wall) { store.set({ wall: told.wall, guesses: null }); return; }
    const [course, ...others] = store.get("courses");
    if (told.failed) say(`The training failed: ${told.failed}.`);
    else if (told.diverged) say("The training diverged: a cost was no longer finite. The net is as it was before; try a smaller rate.");
    if (told.parameters) {
      const changes = { guesses: told.guesses, live: { gradient: told.gradient, curvature: told.curvature },
        weights: { values: told.parameters, from: "trained", words: `trained here, ${number(told.pass, told.pass % 1 ? 1 : 0)} passes` } };
      if (told.error !== undefined) {
        changes.courses = [{ ...course, points: [...course.points, told] }, ...others];
        changes.threshold = told.threshold;
      }
      const last = told.error !== undefined ? told : course.points.at(-1);
      changes.note = `pass ${number(told.pass, 1)}: ${percent(last.trainError)} wrong on training digits, ${percent(last.error)} on others` +
        (told.pattern ? `; pattern ${told.pattern.number + 1}, a ${told.pattern.label}, was presented once` : "");
      if (told.pattern) changes.source = { kind: "image", image: told.pattern.image };
      store.set(changes);
    }
    if (told.ended) end();
  }

  // The wall: the first test digits, and on each what the net takes it for.
  function hang() {
    const shown = store.get("wall"), { image: [size], scale } = store.get("about"), room = $("train").clientWidth;
    hide($("wall"), !shown);
    if (!shown) return;
    const beside = room - CHART - 16, across = Math.max(1, Math.floor(((beside < 260 ? room : beside) + 4) / WALL.step));
    const images = Array.from(shown.labels, (_, i) => shown.images.subarray(i * size * size, (i + 1) * size * size));
    wall = { across, labels: shown.labels, context: album($("wall"), images, size, scale, WALL.side, WALL.step, across) };
  }

  function guess() {
    const guesses = store.get("guesses"), { side, step, digit: [w, h] } = WALL;
    if (!store.get("wall") || !guesses) return;
    const { context, across, labels } = wall;
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "center";
    labels.forEach((label, i) => {
      const x = (i % across) * step + side - w, y = Math.floor(i / across) * step + side - h, wrong = guesses[i] !== label;
      context.fillStyle = color(wrong ? "accent" : "paper");
      context.fillRect(x, y, w, h);
      context.fillStyle = color(wrong ? "paper" : "ink");
      context.fillText(guesses[i], x + w / 2, y + h - 3);
    });
  }

  return { end };
}

const percent = (share) => `${number(100 * share, 1)} %`;

// Four fifths of some digits to learn from, the rest to be measured on.
function divided({ images, labels }, { image: [h, w] }) {
  const cut = Math.floor(0.8 * labels.length), pixels = h * w;
  return { train: { images: images.slice(0, cut * pixels), labels: labels.slice(0, cut) },
    test: { images: images.slice(cut * pixels), labels: labels.slice(cut) } };
}

// A trainer in a worker; in the page, in short slices, where a policy forbids workers.
function trainerIn(store, hear) {
  let alive = true;
  const told = (what) => { if (alive) hear(what); };
  const here = () => {
    const trainer = new Trainer((what) => setTimeout(told, 0, what), 20);
    return { send: (message) => trainer.hear(message), end: () => { alive = false; trainer.hear({ do: "stop" }); } };
  };
  try {
    const url = URL.createObjectURL(new Blob([store.get("worker")], { type: "text/javascript" })), sent = [];
    const worker = new Worker(url);
    let other = null;
    worker.onmessage = ({ data }) => told(data);
    worker.onerror = (event) => { // forbidden, or broken: then the page itself does it
      event.preventDefault();
      if (!other) { other = here(); sent.forEach((message) => other.send(message)); }
    };
    return {
      send: (message) => { if (other) other.send(message); else { sent.push(message); worker.postMessage(message); } },
      end: () => { alive = false; worker.terminate(); other?.end(); URL.revokeObjectURL(url); },
    };
  } catch {
    return here();
  }
}
