// trainer.js - a training, in slices: it hears what is wanted, and tells how it goes. In a worker, or, where none may be
// started, in the page itself.

import { Net } from "./core.js";
import { drawnDigits } from "./glyphs.js";

const WALL = 60; // test digits whose answers are told while it learns

export class Trainer {
  // slice: milliseconds of work between two looks at what is wanted.
  constructor(tell, slice) { Object.assign(this, { tell, slice, paused: false, singles: 0, stopped: false, wake: null }); }

  hear(message) {
    if (message.do === "start") this.start(message).catch((error) => this.tell({ failed: error.message, ended: true }));
    if (message.do === "pause") this.paused = true;
    if (message.do === "go on") this.paused = false;
    if (message.do === "one") { this.paused = true; this.singles += 1; }
    if (message.do === "stop") this.stopped = true;
    this.wake?.();
  }

  async start({ module, about, glyphs, seed, parameters, rule, passes, sets, count, paused }) {
    this.paused = paused;
    this.rule = rule;
    const net = (this.net = new Net(module, about));
    if (parameters) net.parameters = parameters;
    else net.start(seed);
    const { train, test } = sets || await this.draw(about, glyphs, count, seed);
    if (this.stopped) { this.tell({ ended: true }); return; }
    [this.train, this.test] = [net.patterns(train), net.patterns(test)];
    const shown = Math.min(WALL, test.labels.length), pixels = about.image[0] * about.image[1];
    this.images = train.images;
    this.tell({ wall: { images: test.images.slice(0, shown * pixels), labels: test.labels.slice(0, shown) } });
    this.say({ pass: 0, ...this.errors() });
    for (let pass = 1; pass <= passes; pass++) if (!(await this.pass(pass, passes, pixels))) return;
  }

  // Digits drawn by strokes, so many to learn from and a quarter as many to be measured on.
  async draw(about, glyphs, count, seed) {
    const sets = {}, sizes = { train: count, test: Math.max(10, Math.round(count / 4)) };
    for (const [name, size] of Object.entries(sizes)) {
      const parts = [], step = 50;
      for (let at = 0; at < size && !this.stopped; at += step) {
        parts.push(drawnDigits(about, glyphs, Math.min(step, size - at), (name === "train" ? 1 : 7919) + seed * 31 + at * 65537));
        this.tell({ drawn: at + step, of: size, what: name });
        await this.breath();
      }
      sets[name] = joined(parts);
    }
    return sets;
  }

  // One pass over all patterns; false if it is the last that there will be.
  async pass(pass, passes, pixels) {
    const n = this.train.labels.length;
    for (let first = 0; first < n; ) {
      await this.breath();
      while (this.paused && !this.singles && !this.stopped) await new Promise((wake) => { this.wake = wake; });
      if (this.stopped) { this.say({ pass: pass - 1 + first / n, ended: true }); return false; }
      const single = this.paused && this.singles > 0, until = performance.now() + this.slice;
      let cost = 0;
      const began = first;
      do {
        const count = single ? 1 : Math.min(20, n - first);
        cost = this.net.train(this.train, first, count, this.rule) / count;
        first += count;
        if (!Number.isFinite(cost)) { this.tell({ diverged: true, ended: true }); return false; }
      } while (!single && first < n && performance.now() < until);
      if (single) this.singles -= 1;
      const pattern = single ? { image: this.images.slice(began * pixels, first * pixels), label: this.train.labels[began], number: began } : null;
      if (first < n) this.say({ pass: pass - 1 + first / n, cost, pattern });
    }
    this.say({ pass, ...this.errors(), ended: pass === passes });
    return pass < passes;
  }

  errors() {
    const wrong = (patterns) => this.net.answers(patterns).filter((answer, i) => answer !== patterns.labels[i]).length / patterns.labels.length;
    return { error: wrong(this.test), trainError: wrong(this.train), threshold: this.threshold() };
  }

  // The least difference of the two largest scores that leaves 1 % error on the test digits.
  threshold() {
    const { net, test } = this, all = net.evaluate(test), k = net.outputs;
    const found = [...test.labels].map((label, i) => {
      const { answer, margin } = net.verdict(all.slice(i * k, (i + 1) * k));
      return { margin, wrong: answer !== label };
    }).sort((a, b) => b.margin - a.margin);
    let wrong = 0, least = found[0].margin;
    found.forEach((one, i) => {
      wrong += one.wrong;
      if (wrong <= 0.01 * (i + 1)) least = found[i + 1]?.margin ?? 0;
    });
    return Math.max(0, least);
  }

  // Everything that is worth seeing of the net as it is now.
  say(what) {
    const { net } = this;
    net.derive(this.train, 0);
    this.tell({ ...what, parameters: net.parameters.slice(), gradient: net.gradient.slice(), curvature: net.curvature.slice(),
      guesses: net.answers(this.test, 0, Math.min(WALL, this.test.labels.length)) });
  }

  breath() { return new Promise((wake) => { setTimeout(wake); }); }
}

function joined(parts) {
  const images = new Float32Array(parts.reduce((n, part) => n + part.images.length, 0));
  const labels = new Int32Array(parts.reduce((n, part) => n + part.labels.length, 0));
  let [i, j] = [0, 0];
  for (const part of parts) {
    images.set(part.images, i);
    labels.set(part.labels, j);
    i += part.images.length;
    j += part.labels.length;
  }
  return { images, labels };
}
