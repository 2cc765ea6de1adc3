// core.js - the only door to the simulator: a net as JavaScript sees it, in the page and in the worker that trains.

const METHODS = { gradient: [0, 0], newton: [1, 0], levenberg: [1, 1] }; // method and diagonal, as csrc/sn.h counts them

// A byte for each parameter: 1 if it is deleted.
export function maskOf({ parameters, deleted }) {
  const mask = new Uint8Array(parameters);
  for (const i of deleted) mask[i] = 1;
  return mask;
}

export class Net {
  // about: what page_about.py tells; its layers are [{name, units, ...}], the input first.
  constructor(module, about) {
    this.core = new WebAssembly.Instance(module).exports;
    this.about = about;
    this.net = this.core.build(this.put(Int32Array.from(about.words)));
    if (!this.net) throw new Error("there is not enough memory for this net");
    this.count = about.parameters;
    if (about.deleted?.length) this.core.set_deleted(this.net, this.put(maskOf(about)));
    this.outputs = about.layers.at(-1).units;
    this.one = this.room(about.image[0] * about.image[1]);
    this.label = this.room(1);
    this.single = this.core.patterns(this.one, ...about.image, this.put(Float32Array.from(about.targets)), this.label, 1);
    this.buffers = about.layers.map((layer) => this.room(layer.units));
  }

  room(floats) { return this.core.room(4 * floats); }

  // A copy of an array in the core's memory.
  put(array) {
    const at = this.core.room(array.byteLength);
    new array.constructor(this.core.memory.buffer, at, array.length).set(array);
    return at;
  }

  floats(at, length) { return new Float32Array(this.core.memory.buffer, at, length); }

  get parameters() { return this.floats(this.core.parameters(this.net), this.count); }

  set parameters(values) { this.parameters.set(values); }

  get gradient() { return this.floats(this.core.gradient(this.net), this.count); }

  get curvature() { return this.floats(this.core.curvature(this.net), this.count); }

  start(seed) { this.core.start(this.net, this.about.start.rule, this.about.start.x, seed); }

  // The states of all layers for an image, [input, first layer, ..., outputs].
  states(image) {
    this.floats(this.one, image.length).set(image);
    this.core.forward(this.net, this.single, 0);
    return this.buffers.map((at, i) => {
      this.core.states(this.net, i, at);
      return this.floats(at, this.about.layers[i].units).slice();
    });
  }

  // Only the outputs.
  forward(image) {
    this.floats(this.one, image.length).set(image);
    this.core.forward(this.net, this.single, 0);
    const last = this.buffers.length - 1;
    this.core.states(this.net, last, this.buffers[last]);
    return this.floats(this.buffers[last], this.outputs).slice();
  }

  // Images one after another, and labels, to learn from or to be measured on.
  patterns({ images, labels }) {
    const target = this.put(Float32Array.from(this.about.targets));
    const at = this.core.patterns(this.put(images), ...this.about.image, target, this.put(labels), labels.length);
    return { at, labels, outputs: this.room(labels.length * this.outputs), costs: this.room(labels.length) };
  }

  // Learns from `count` patterns by one of SN's rules, {method, rate, mu, gamma}; the sum of their costs.
  train(patterns, first, count, rule) {
    return this.core.train(this.net, patterns.at, first, count, ...METHODS[rule.method], rule.rate, rule.mu, rule.gamma);
  }

  // Sets the gradient of a pattern's cost.
  derive(patterns, p) { return this.core.derive(this.net, patterns.at, p); }

  // The gradient of the cost, if `label` were right, with respect to every pixel of an image.
  inputGradient(image, label) {
    this.floats(this.one, image.length).set(image);
    this.core.want(this.single, label);
    this.core.forward(this.net, this.single, 0);
    this.core.input_gradient(this.net, this.single, 0, this.buffers[0]);
    const { height, width } = this.about.layers[0], [h, w] = this.about.image, all = this.floats(this.buffers[0], height * width);
    const top = Math.floor((height - h) / 2), left = Math.floor((width - w) / 2);
    return Float32Array.from(image, (_, i) => all[(top + Math.floor(i / w)) * width + left + (i % w)]);
  }

  // The outputs for some patterns, one row after another.
  evaluate(patterns, first = 0, count = patterns.labels.length) {
    this.core.evaluate(this.net, patterns.at, first, count, patterns.outputs, 0);
    return this.floats(patterns.outputs, count * this.outputs);
  }

  // The answers to some patterns.
  answers(patterns, first, count) {
    const all = this.evaluate(patterns, first, count), k = this.outputs;
    return Array.from({ length: all.length / k }, (_, i) => this.answer(all.subarray(i * k, (i + 1) * k)));
  }

  // Outputs as scores, as the cost has them (sn89/costs.py): the largest is the answer.
  scores(outputs) {
    if (this.about.scores === "rbf") return outputs.map((x) => -x); // distances
    if (this.about.scores !== "softmax") return outputs;
    const most = Math.max(...outputs), powers = outputs.map((x) => Math.exp(x - most));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  }

  answer(outputs) {
    const scores = this.scores(outputs);
    return scores.indexOf(Math.max(...scores));
  }

  // How probable it is that the answer is right, as sn89.Confidence has it: a logistic function of the evidence.
  confidence(outputs, [bias, first, apart]) {
    const { targets, scores: kind } = this.about, low = Math.min(...targets), high = Math.max(...targets), scores = this.scores(outputs);
    const evidence = Array.from(scores, kind === "softmax" ? Math.log : kind === "rbf" ? (x) => x : (x) => (x - low) / (high - low));
    const [most, next] = evidence.sort((a, b) => b - a);
    return 0.5 * (1 + Math.tanh((bias + first * most + apart * (most - next)) / 2));
  }

  // {answer, second, margin}: what is largest, what comes next, and by how much.
  verdict(outputs) {
    const scores = [...this.scores(outputs)], order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
    return { scores, answer: order[0], second: order[1], margin: scores[order[0]] - scores[order[1]] };
  }
}
