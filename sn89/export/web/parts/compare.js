// compare.js - one drawing, several nets: their answers and times; and a net before it was trained here.

import { $, el, number } from "../dom.js";
import { Net } from "../core.js";
import { imageOf, look } from "../seeing.js";

export function compare(store) {
  let rows = [], before = null; // before: the net that is looked at as it came, once it is another one

  store.on("weights about", () => {
    const { nets, at, weights, about, shipped, module } = store.values;
    if (weights.from === "shipped") before = null;
    else if (before?.shipped !== shipped) {
      before = { shipped, about, net: new Net(module, about), title: `${about.title}, ${shipped.words}` };
      before.net.parameters = shipped.values;
    }
    const all = [...nets.map((one, i) => ({ ...one, title: i === at ? $("title").textContent : one.about.title, i })), ...(before ? [before] : [])];
    $("compare").hidden = all.length < 2;
    rows = all.map((one) => {
      const row = { ...one, answer: el("b"), detail: el("span"), time: el("span") };
      row.node = el("button", { type: "button" }, row.answer, el("span", {}, one.title), row.detail, row.time);
      row.node.setAttribute("aria-pressed", String(one.i === at));
      if (one.i === undefined) row.node.disabled = true;
      else row.node.onclick = () => { if (one.i !== store.get("at")) look(store, one.i); };
      return row;
    });
    $("rivals").replaceChildren(...rows.map(({ node }) => node));
  });

  store.on("picture weights about threshold drawing silenced", () => {
    if (rows.length < 2) return;
    for (const row of rows) {
      const image = imageOf(store, row.about);
      if (!image) { row.answer.textContent = row.detail.textContent = row.time.textContent = ""; continue; }
      const found = row.net.verdict(row.net.forward(image)), own = row.i === store.get("at");
      const sure = found.margin > (own ? store.get("threshold") : row.about.threshold);
      row.answer.textContent = sure ? found.answer : `${found.answer}?`;
      row.detail.textContent = `ahead of the ${found.second} by ${number(found.margin)}`;
      if (!store.get("drawing")) row.time.textContent = `${number(timed(() => row.net.forward(image)), 3)} ms`;
    }
  });
}

// Milliseconds of one call, of some that take two milliseconds together or were 20.
function timed(act) {
  const began = performance.now();
  let calls = 0, took = 0;
  while (took < 2 && calls < 20) { act(); calls++; took = performance.now() - began; }
  return took / calls;
}
