// samples.js - real digits to step through, as thumbnails: those read rightly, those that are not, the doubtful ones.

import { $, el, hide, say } from "../dom.js";
import { drawnImage, randomFrom } from "../glyphs.js";
import { album } from "../tiles.js";

const SIDE = 38, STEP = 47, FIRST = 6; // pixels: of a thumbnail's picture, from one to the next, before the first
const TOGETHER = 20; // pictures on a canvas, which browsers let be so wide and no wider

export function samples(store) {
  const all = store.get("samples"), fate = randomFrom(1989), turn = Array(10).fill(-1);
  const index = () => (store.get("source").kind === "sample" ? store.get("source").index : -1);
  let judged = [], pressed = null, reached = null, shown = "";

  const buttons = all.map(({ label }, i) => {
    const button = el("button", { className: "thumb", type: "button" });
    button.setAttribute("aria-pressed", "false");
    button.tabIndex = -1;
    button.onclick = () => show(i);
    button.title = `A ${label}`;
    return button;
  });
  $("thumbs").append(...buttons);
  $("samples").hidden = !all.length;

  // The pictures of some of them, behind their buttons.
  function pictures(some) {
    if (shown === String(some)) return;
    shown = String(some);
    const { image: [size], scale } = store.get("nets")[0].about; // they are made for the first net
    for (const canvas of $("thumbs").querySelectorAll("canvas")) canvas.remove();
    for (let at = 0; at < some.length; at += TOGETHER) {
      const canvas = el("canvas"), images = some.slice(at, at + TOGETHER).map((i) => all[i].image);
      album(canvas, images, size, scale, SIDE, STEP, images.length);
      canvas.style.left = `${FIRST + STEP * at}px`;
      $("thumbs").append(canvas);
    }
  }

  // What the net makes of every sample: told anew when the net is another one.
  store.on("weights about silenced threshold", () => {
    const net = store.get("net");
    judged = all.map(({ label, image }) => {
      const found = net.verdict(net.forward(image));
      return { label, right: found.answer === label, sure: found.margin > store.get("threshold"), answer: found.answer };
    });
    buttons.forEach((button, i) => {
      const { label, right, sure, answer } = judged[i], words = `A ${label}, ${sure ? "read" : "rejected; perhaps"} as a ${answer}`;
      if (button.getAttribute("aria-label") === words) return;
      button.className = `thumb${right ? "" : " wrong"}${sure ? "" : " unsure"}`;
      button.setAttribute("aria-label", words);
    });
    filter();
  });

  const kept = () => all.map((_, i) => i).filter((i) => {
    const wanted = $("filter").value, { right, sure, label } = judged[i];
    return { all: true, right, wrong: !right, rejected: !sure }[wanted] ?? label === Number(wanted);
  });
  function filter() {
    const some = kept(), wanted = new Set(some);
    buttons.forEach((button, i) => hide(button, !wanted.has(i)));
    pictures(some);
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
    pressed = buttons[i];
    pressed?.setAttribute("aria-pressed", "true");
    // All thumbnails are one stop of the Tab key: the one that is shown, or the first.
    if (reached) reached.tabIndex = -1;
    reached = pressed && !pressed.hidden ? pressed : buttons[some[0]];
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
