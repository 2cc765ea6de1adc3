// nudge.js - back-propagation down to the input: what matters in a digit, and how little makes it another one.

import { $, hide, number, say } from "../dom.js";
import { Tiles, largest } from "../tiles.js";
import { read } from "./answer.js";

const STEP = 0.08; // of the range from paper to ink, for the pixel that changes most
const MOST = 80; // steps
const HIDE = 3; // pixels of the square that hides a part of the digit

export function nudge(store) {
  let timer = null, origin = null, made = null; // origin: the image before it was nudged; made: the last image that was
  $("nudge").hidden = !store.get("nets")[0].net.core.input_gradient;
  const tiles = new Tiles($("nudged"), 1, 1, 1, 170);

  store.on("picture about", () => {
    const picture = store.get("picture");
    for (const id of ["saliency", "occlusion", "make"]) $(id).disabled = !picture;
    if (picture && picture === made) return;
    stop();
    origin = picture;
    away();
  });
  store.on("drawing at weights", () => stop());

  function show(values, words) {
    const [size] = store.get("about").image;
    if (tiles.h !== size) Object.assign(tiles, { h: size, w: size }).layOut(170);
    tiles.draw(values, largest(values));
    $("nudged").hidden = false;
    $("nudgewords").textContent = words;
  }

  $("saliency").onclick = () => {
    const { answer } = read(store);
    const gradient = store.get("net").inputGradient(store.get("picture"), answer);
    show(gradient.map((g) => -g), `White: more ink here would make it more of a ${answer}; black: less of one. It is the gradient of the cost, passed back to the input.`);
  };

  $("occlusion").onclick = () => {
    const net = store.get("net"), { image: [size], scale: [low] } = store.get("about"), picture = store.get("picture"), { answer } = read(store);
    const margin = (image) => { const scores = net.scores(net.forward(image)); return scores[answer] - Math.max(...scores.filter((_, i) => i !== answer)); };
    const whole = margin(picture);
    const values = picture.map((_, at) => {
      const hidden = picture.slice(), row = Math.floor(at / size), column = at % size, reach = HIDE >> 1;
      for (let y = Math.max(0, row - reach); y <= Math.min(size - 1, row + reach); y++) hidden.fill(low, y * size + Math.max(0, column - reach), y * size + Math.min(size - 1, column + reach) + 1);
      return whole - margin(hidden);
    });
    show(values, `White: with ${HIDE}×${HIDE} pixels hidden here it is less surely a ${answer}; black: more surely.`);
  };

  $("make").onclick = () => {
    if (timer) { stop(); return; }
    $("make").textContent = "Stop";
    let steps = 0;
    const target = Number($("wish").value);
    const step = () => {
      const net = store.get("net"), about = store.get("about"), [low, high] = about.scale, image = made || store.get("picture");
      const found = net.verdict(net.forward(image)), done = found.answer === target && found.margin > store.get("threshold");
      const changed = image.map((x, i) => x - origin[i]), most = changed.reduce((sum, d) => sum + Math.abs(d), 0) / (high - low);
      if (done || steps === MOST) {
        stop();
        show(changed, `${done ? `Now it is read as a ${target}` : `It is not read as a ${target} yet,`} after ${steps} small steps: ink worth ${number(most, 1)} pixels has come (white) or gone (black).`);
        return;
      }
      const gradient = net.inputGradient(image, target), scale = (STEP * (high - low)) / largest(gradient);
      made = image.map((x, i) => Math.max(Math.min(low, x), Math.min(Math.max(high, x), x - scale * gradient[i])));
      steps += 1;
      $("unnudge").disabled = false;
      store.set({ source: { kind: "image", image: made, about } });
      show(made.map((x, i) => x - origin[i]), `Step ${steps}: every pixel moves a little down the slope of the cost of a ${target}.`);
      timer = setTimeout(step, 60);
    };
    if (store.get("deslantImages")) store.set({ deslantImages: false }); // the image that is nudged is upright already
    made = null;
    step();
  };
  $("unnudge").onclick = () => {
    stop();
    made = origin; // which is not new
    store.set({ source: { kind: "image", image: origin, about: store.get("about") } });
    away();
  };

  // Nothing is shown that was said of another image.
  function away() {
    $("unnudge").disabled = true;
    hide($("nudged"));
    say($("nudgewords"), "");
  }

  function stop() {
    clearTimeout(timer);
    timer = null;
    say($("make"), "Make it a");
  }
}
