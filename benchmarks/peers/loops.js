// The zip-code net in straightforward loops: one pattern at a time, first-order steps, as one would write it first.
// Reads a line of JSON, {parameters, images, targets, rate, blocks}; writes one, {parameters, outputs, training,
// evaluation}, with the parameters and outputs after all presentations of the first block, and microseconds per pattern,
// the medians of the fastest third of the blocks, as nothing here tells which of them were disturbed.
"use strict";

const A = 1.7159, S = 2 / 3, BACKGROUND = -1, GROUPS = [[0, 1, 2, 3, 4, 5, 6, 7], [4, 5, 6, 7, 8, 9, 10, 11],
  [0, 1, 2, 3, 8, 9, 10, 11]];
const squash = a => A * Math.tanh(S * a);
const slope = x => S / A * (A - x) * (A + x);
const floats = n => new Float32Array(n);

// Source planes are copied into borders of background, as one does who wants no test inside the loops.
class Local {
  constructor(size, sources, weights, bias) {
    const side = size / 2, pitch = size + 4, maps = Math.max(...sources.flat()) + 1;
    Object.assign(this, { size, side, pitch, maps, sources, weights, bias });
    this.x = floats(12 * side * side);
    this.y = floats(this.x.length);
    this.back = floats(this.x.length);
    this.g = floats(weights.length);
    this.bordered = floats(maps * pitch * pitch).fill(BACKGROUND);
    this.borderedBack = floats(this.bordered.length);
  }

  forward(x) {
    const { size, side, pitch, maps, sources, weights, bias, bordered } = this;
    for (let map = 0; map < maps; map++)
      for (let r = 0; r < size; r++)
        for (let c = 0; c < size; c++)
          bordered[(map * pitch + r + 2) * pitch + c + 2] = x[(map * size + r) * size + c];
    let first = 0;
    for (let map = 0; map < 12; map++) {
      const seen = sources[map >> 2];
      for (let r = 0; r < side; r++)
        for (let c = 0; c < side; c++) {
          const unit = (map * side + r) * side + c;
          let a = bias[unit];
          for (let k = 0; k < seen.length; k++)
            for (let i = 0; i < 5; i++) {
              const weight = first + (k * 5 + i) * 5, source = (seen[k] * pitch + 2 * r + i) * pitch + 2 * c;
              for (let j = 0; j < 5; j++)
                a += weights[weight + j] * bordered[source + j];
            }
          this.x[unit] = squash(a);
        }
      first += seen.length * 25;
    }
    return this.x;
  }

  backward(x, back, rate) {
    const { size, side, pitch, maps, sources, weights, bias, bordered, borderedBack, y, g } = this;
    for (let i = 0; i < y.length; i++)
      y[i] = slope(this.x[i]) * this.back[i];
    g.fill(0);
    borderedBack.fill(0);
    let first = 0;
    for (let map = 0; map < 12; map++) {
      const seen = sources[map >> 2];
      for (let r = 0; r < side; r++)
        for (let c = 0; c < side; c++) {
          const of = y[(map * side + r) * side + c];
          for (let k = 0; k < seen.length; k++)
            for (let i = 0; i < 5; i++) {
              const weight = first + (k * 5 + i) * 5, source = (seen[k] * pitch + 2 * r + i) * pitch + 2 * c;
              for (let j = 0; j < 5; j++)
                g[weight + j] += of * bordered[source + j];
              if (back)
                for (let j = 0; j < 5; j++)
                  borderedBack[source + j] += of * weights[weight + j];
            }
        }
      first += seen.length * 25;
    }
    for (let map = 0; back && map < maps; map++)
      for (let r = 0; r < size; r++)
        for (let c = 0; c < size; c++)
          back[(map * size + r) * size + c] = borderedBack[(map * pitch + r + 2) * pitch + c + 2];
    for (let i = 0; i < g.length; i++)
      weights[i] -= rate * g[i];
    for (let i = 0; i < y.length; i++)
      bias[i] -= rate * y[i];
  }
}

class Full {
  constructor(weights, bias) {
    Object.assign(this, { weights, bias, x: floats(bias.length), back: floats(bias.length) });
  }

  forward(x) {
    for (let i = 0; i < this.bias.length; i++) {
      let a = this.bias[i];
      for (let j = 0; j < x.length; j++)
        a += this.weights[i * x.length + j] * x[j];
      this.x[i] = squash(a);
    }
    return this.x;
  }

  backward(x, back, rate) {
    back.fill(0);
    for (let i = 0; i < this.bias.length; i++) {
      const y = slope(this.x[i]) * this.back[i];
      for (let j = 0; j < x.length; j++) {
        back[j] += this.weights[i * x.length + j] * y;
        this.weights[i * x.length + j] -= rate * y * x[j];
      }
      this.bias[i] -= rate * y;
    }
  }
}

function build(given) {
  const of = name => Float32Array.from(given[name]);
  return [new Local(16, [[0], [0], [0]], of("H1 weights"), of("H1 bias")),
    new Local(8, GROUPS, of("H2 weights"), of("H2 bias")), new Full(of("H3 weights"), of("H3 bias")),
    new Full(of("output weights"), of("output bias"))];
}

function forward(net, x) {
  for (const layer of net)
    x = layer.forward(x);
  return x;
}

function present(net, image, target, rate) {
  const x = forward(net, image), output = net[net.length - 1];
  for (let i = 0; i < x.length; i++)
    output.back[i] = x[i] - target[i];
  for (let l = net.length - 1; l >= 0; l--)
    net[l].backward(l ? net[l - 1].x : image, l ? net[l - 1].back : null, rate);
}

function medianMicroseconds(blocks, count, work) {
  const taken = [];
  for (let block = 0; block < blocks; block++) {
    const started = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(started);
    taken.push((user + system) / count);
  }
  return taken.sort((a, b) => a - b)[Math.ceil(blocks / 3) >> 1];
}

function main(given) {
  const images = given.images.map(image => Float32Array.from(image)), net = build(given.parameters);
  const pass = () => images.forEach((image, p) => present(net, image, given.targets[p], given.rate));
  pass();
  const parameters = net.flatMap(layer => [...layer.weights, ...layer.bias]);
  const outputs = images.map(image => Array.from(forward(net, image)));
  const training = medianMicroseconds(given.blocks, images.length, pass);
  const evaluation = medianMicroseconds(given.blocks, images.length, () => images.forEach(x => forward(net, x)));
  console.log(JSON.stringify({ parameters, outputs, training, evaluation }));
}

main(JSON.parse(require("fs").readFileSync(0, "utf8")));
