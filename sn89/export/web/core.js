// core.js - the simulator, as JavaScript sees it: used by the page and by the worker that trains.

class Net {
  // words: what core.c's build() is told; layers: [{name, units, ...}], the input first.
  constructor(module, about) {
    this.core = new WebAssembly.Instance(module).exports;
    this.about = about;
    this.net = this.core.build(this.put(Int32Array.from(about.words)));
    if (!this.net) throw new Error("not enough memory for this net");
    this.count = about.parameters;
    this.outputs = about.layers.at(-1).units;
    this.one = this.room(about.image[0] * about.image[1]);
    this.single = this.core.patterns(this.one, ...about.image, 0, this.room(1), 1);
    this.buffers = about.layers.map((layer) => this.room(layer.units));
  }

  room(floats) { return this.core.room(4 * floats); }

  // A copy of an array in the core's memory.
  put(array) {
    const at = this.room(array.length);
    new array.constructor(this.core.memory.buffer, at, array.length).set(array);
    return at;
  }

  floats(at, length) { return new Float32Array(this.core.memory.buffer, at, length); }

  get parameters() { return this.floats(this.core.parameters(this.net), this.count); }

  set parameters(values) { this.parameters.set(values); }

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

  // Images one after another, and labels, to learn from or to be measured on.
  patterns(images, labels) {
    const target = new Float32Array(this.about.targets);
    const at = this.core.patterns(this.put(images), ...this.about.image, this.put(target), this.put(labels), labels.length);
    return { at, labels, outputs: this.room(labels.length * this.outputs), costs: this.room(labels.length) };
  }

  // Learns from `count` patterns by SN's rule; the sum of their costs.
  train(patterns, first, count) { return this.core.train(this.net, patterns.at, first, count, 0.0005, 0.05, 0.05); }

  // The share of patterns that are misclassified.
  error(patterns) {
    const n = patterns.labels.length, k = this.outputs;
    this.core.evaluate(this.net, patterns.at, 0, n, patterns.outputs, 0);
    const all = this.floats(patterns.outputs, n * k);
    let wrong = 0;
    for (let i = 0; i < n; i++) wrong += this.answer(all.subarray(i * k, (i + 1) * k)) !== patterns.labels[i];
    return wrong / n;
  }

  // Outputs as scores, as the cost has them (sn89/costs.py): the largest is the answer.
  scores(outputs) {
    if (this.about.scores === "rbf") return outputs.map((x) => -x); // distances
    if (this.about.scores !== "softmax") return outputs;
    const most = Math.max(...outputs), powers = outputs.map((x) => Math.exp(x - most));
    return powers.map((power) => power / powers.reduce((a, b) => a + b));
  }

  answer(outputs) {
    const scores = this.scores(outputs);
    return scores.indexOf(Math.max(...scores));
  }
}
