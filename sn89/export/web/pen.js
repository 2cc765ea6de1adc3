// pen.js - one pen on a canvas: the first pointer that comes down draws until it is lifted; others are ignored.

// width: of the canvas in the units that the strokes are kept in. act: {begin(x, y), go(x, y), end()}.
export function penOn(canvas, width, act) {
  let pointer = null;
  const place = (event, box = canvas.getBoundingClientRect()) => {
    const scale = width / box.width;
    return [event.clientX - box.left, event.clientY - box.top].map((v) => Math.round(v * scale * 10) / 10);
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0) return; // a second finger, a palm, the right button
    pointer = event.pointerId;
    try { canvas.setPointerCapture(pointer); } catch { /* it is gone already */ }
    act.begin(...place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const some = event.getCoalescedEvents?.() ?? []; // Firefox for Android gives an empty list
    const box = canvas.getBoundingClientRect();
    for (const one of some.length ? some : [event]) act.go(...place(one, box));
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      act.end();
    });
}
