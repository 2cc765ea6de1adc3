// worker.js - trains a net beside the page, and tells it how it goes, some ten times a second.

let net, train, test, order, stopped;

onmessage = ({ data }) => {
  if (data.stop) { stopped = true; return; }
  net = new Net(data.module, data.about);
  if (data.parameters) net.parameters = data.parameters; else net.start(data.seed);
  train = net.patterns(data.train.images, data.train.labels);
  test = net.patterns(data.test.images, data.test.labels);
  stopped = false;
  tell({ pass: 0, error: net.error(test), trainError: net.error(train) });
  run(1, 0, data.passes);
};

function tell(what) { postMessage({ ...what, parameters: net.parameters.slice() }); }

// Some patterns, then the messages that have come, then more.
function run(pass, first, passes) {
  const n = train.labels.length, until = performance.now() + 60;
  let cost = 0;
  while (first < n && performance.now() < until) {
    const count = Math.min(50, n - first);
    cost = net.train(train, first, count) / count;
    first += count;
    if (!Number.isFinite(cost)) { tell({ diverged: true }); return; }
  }
  if (stopped) { tell({ ended: true }); return; }
  if (first < n) tell({ pass: pass - 1 + first / n, cost });
  else tell({ pass, cost, error: net.error(test), trainError: net.error(train), ended: pass === passes });
  if (first < n || pass < passes) setTimeout(run, 0, first < n ? pass : pass + 1, first < n ? first : 0, passes);
}
