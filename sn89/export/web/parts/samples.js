// samples.js - real digits to step through, as thumbnails: those read rightly, those that are not, the doubtful ones.

import { $, el, say } from "../dom.js";
import { drawnImage, randomFrom } from "../glyphs.js";
import { onPaper } from "../tiles.js";

export function samples(store) {
  const all = store.get("samples"), fate = randomFrom(1989), turn = Array(10).fill(-1);
  const index = () => (store.get("source").kind === "sample" ? store.get("source").index : -1);
  let judged = [], pressed = null, reached = null;

  const buttons = all.map(({ label }, i) => {
    const canvas = el("canvas"), button = el("button", { className: "thumb", type: "button" }, canvas);
    button.setAttribute("aria-pressed", "false");
    button.tabIndex = -1;
    button.onclick = () => show(i);
    button.title = `A ${label}`;
    return { button, canvas };
  });
  const { image: [size], scale } = store.get("nets")[0].about; // they are made for the first net
  buttons.forEach(({ canvas }, i) => onPaper(canvas, all[i].image, size, scale));
  $("thumbs").append(...buttons.map(({ button }) => button));
  $("samples").hidden = !all.length;

  // What the net makes of every sample: told anew when the net is another one.
  store.on("weights about silenced threshold", () => {
    const net = store.get("net");
    judged = all.map(({ label, image }) => {
      const found = net.verdict(net.forward(image));
      return { label, right: found.answer === label, sure: found.margin > store.get("threshold"), answer: found.answer };
    });
    buttons.forEach(({ button }, i) => {
      const { label, right, sure, answer } = judged[i];
      button.className = `thumb${right ? "" : " wrong"}${sure ? "" : " unsure"}`;
      button.setAttribute("aria-label", `A ${label}, ${sure ? "read" : "rejected; perhaps"} as a ${answer}`);
    });
    filter();
  });

  const kept = () => all.map((_, i) => i).filter((i) => {
    const wanted = $("filter").value, { right, sure, label } = judged[i];
    return { all: true, right, wrong: !right, rejected: !sure }[wanted] ?? label === Number(wanted);
  });
  function filter() {
    const some = new Set(kept());
    buttons.forEach(({ button }, i) => { button.hidden = !some.has(i); });
    tell();
  }
  $("filter").onchange = () => {
    filter();
    $("filter").blur(); // so that N and P step again
  };

  function show(i) { store.set({ source: { kind: "sample", index: i } }); }
  function step(by) {
    const some = kept();
    if (!some.length) return;
    const at = some.indexOf(index());
    show(some[at < 0 ? (by < 0 ? some.length - 1 : 0) : (at + by + some.length) % some.length]);
  }
  // A digit of a class: the next real one, or, without any, one that the page draws, which the net reads if it can.
  function digit(label) {
    const some = all.map((_, i) => i).filter((i) => all[i].label === label);
    if (some.length) show(some[(turn[label] = (turn[label] + 1) % some.length)]);
    else store.set({ source: { kind: "image", image: glyph(store, label, fate) } });
  }
  function tell() {
    const i = index(), some = kept(), at = some.indexOf(i);
    pressed?.setAttribute("aria-pressed", "false");
    pressed = buttons[i]?.button;
    pressed?.setAttribute("aria-pressed", "true");
    // All thumbnails are one stop of the Tab key: the one that is shown, or the first.
    if (reached) reached.tabIndex = -1;
    reached = pressed && !pressed.hidden ? pressed : buttons[some[0]]?.button;
    if (reached) reached.tabIndex = 0;
    say($("sample"), at >= 0 ? `sample ${at + 1} of ${some.length}: a ${all[i].label}` : `${some.length} samples`);
  }
  store.on("source", tell);
  $("thumbs").addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    step(by);
    store.flush();
    reached.focus();
  });
  $("before").onclick = () => step(-1);
  $("after").onclick = () => step(1);
  return { step, digit };
}

// The page opens with a digit that is read rightly and surely.
export function first(store) {
  const net = store.get("net"), all = store.get("samples");
  const found = all.findIndex(({ image, label }) => {
    const { answer, margin } = net.verdict(net.forward(image));
    return answer === label && margin > store.get("threshold");
  });
  if (all.length) return { kind: "sample", index: Math.max(0, found) };
  return { kind: "image", image: glyph(store, 3, randomFrom(1989)) };
}

function glyph(store, label, random) {
  const net = store.get("net");
  for (let i = 0; ; i++) {
    const image = drawnImage(store.get("about"), store.get("glyphs"), label, random, 0.3);
    if (i === 20 || net.answer(net.forward(image)) === label) return image;
  }
}
