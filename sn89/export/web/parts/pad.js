// pad.js - the paper one draws on: one pen at a time, undo, and a pen that the arrow keys move.

import { $, color, hide, sheet } from "../dom.js";
import { penOn } from "../pen.js";
import { SIDE, uprightKey } from "../seeing.js";
import { onPaper } from "../tiles.js";

export function pad(store) {
  const canvas = $("pad"), small = document.createElement("canvas"), strokes = () => (store.get("source").kind === "strokes" ? store.get("source").strokes : []);
  let keyboard = null; // where the keyboard's pen is

  const draw = (some) => store.set({ source: some.length ? { kind: "strokes", strokes: some } : { kind: "blank" } });
  const begin = (x, y) => draw([...strokes(), { width: Number($("brush").value), points: [x, y] }]);
  const go = (x, y) => {
    const some = strokes();
    some.at(-1).points.push(x, y);
    draw([...some]);
  };
  penOn(canvas, SIDE, {
    begin: (x, y) => { store.set({ drawing: true }); begin(x, y); },
    go: (x, y) => { if (strokes().length) go(x, y); },
    end: () => store.set({ drawing: false }),
  });

  // The keyboard's pen: arrows move it, the space bar puts it down and lifts it.
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] }[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    keyboard ??= { x: SIDE / 2, y: SIDE / 2, down: false };
    if (step) {
      [keyboard.x, keyboard.y] = [keyboard.x + step[0], keyboard.y + step[1]].map((v) => Math.max(0, Math.min(SIDE, v)));
      if (keyboard.down && strokes().length) go(keyboard.x, keyboard.y);
    } else {
      keyboard.down = !keyboard.down;
      if (keyboard.down) begin(keyboard.x, keyboard.y);
      store.set({ drawing: keyboard.down });
    }
    show();
  });
  canvas.addEventListener("blur", () => { keyboard = null; store.set({ drawing: false }); show(); });

  const clear = () => draw([]);
  const undo = () => draw(strokes().slice(0, -1));
  $("clear").onclick = clear;
  $("undo").onclick = undo;
  $("deslant").onchange = () => store.set({ [uprightKey(store)]: $("deslant").checked });

  function show() {
    const context = sheet(canvas, SIDE, SIDE), source = store.get("source");
    canvas.style.width = ""; // as wide as the page lets it be
    context.fillStyle = "#fff";
    context.fillRect(0, 0, SIDE, SIDE);
    if (source.kind === "strokes") drawStrokes(context, source.strokes);
    else if (store.get("picture")) drawPicture(context);
    if (!keyboard) return;
    context.strokeStyle = color("accent");
    context.lineWidth = 2;
    context.strokeRect(keyboard.x - 6, keyboard.y - 6, 12, 12);
  }
  function drawPicture(context) {
    const { image: [size], scale } = store.get("about");
    onPaper(small, store.get("picture"), size, scale);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, SIDE, SIDE);
  }
  store.on("source picture width", show);
  store.on("source", () => {
    $("undo").disabled = !strokes().length;
    hide($("hint"), store.get("source").kind !== "blank");
  });
  store.on("deslant deslantImages source", () => { $("deslant").checked = store.get(uprightKey(store)); });
  return { clear, undo };
}

export function drawStrokes(context, strokes) {
  context.strokeStyle = context.fillStyle = "#000";
  context.lineCap = context.lineJoin = "round";
  for (const { width, points } of strokes) {
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(points[0], points[1]);
    for (let i = 0; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
    context.stroke(); // of one point: a dot
  }
}
