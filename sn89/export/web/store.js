// store.js - what the page knows, in one place. The parts of the page set values and listen to them; none calls another.

export class Store {
  constructor(values) { Object.assign(this, { values, listeners: [], waiting: false }); }

  get(key) { return this.values[key]; }

  // Listeners hear of changes together, before the next frame is drawn.
  set(changes) {
    for (const [key, value] of Object.entries(changes)) {
      if (this.values[key] === value) continue; // NaN is never the same: who sets it wants all that depends on it again
      this.values[key] = value;
      for (const one of this.listeners) if (one.keys.includes(key)) one.late = true;
    }
    if (this.waiting || !this.listeners.some((one) => one.late)) return;
    this.waiting = true;
    const tell = () => { if (this.waiting) this.flush(); };
    if (document.hidden) setTimeout(tell); else requestAnimationFrame(tell);
  }

  // keys: "image threshold"; act is called once however many of them have changed, and a first time by the next flush.
  on(keys, act) { this.listeners.push({ keys: keys.split(" "), act, late: true }); }

  // Tells what has changed, and what listeners change in turn, until nothing does. They hear in the order in which they
  // came: one that stands behind all that it depends on is called once. A listener that fails keeps no other one from
  // hearing, nor from hearing of what changes later.
  flush() {
    const failures = [];
    this.waiting = true;
    while (this.listeners.some((one) => one.late))
      for (const one of this.listeners) {
        if (!one.late) continue;
        one.late = false;
        try { one.act(); } catch (error) { failures.push(error); }
      }
    this.waiting = false;
    if (failures.length) throw failures[0];
  }
}
