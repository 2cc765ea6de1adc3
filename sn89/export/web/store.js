// store.js - what the page knows, in one place. The parts of the page set values and listen to them; none calls another.

export class Store {
  constructor(values) {
    Object.assign(this, { values, listeners: [], changed: new Set(), waiting: false, fresh: false });
  }

  get(key) { return this.values[key]; }

  // Listeners hear of changes together, before the next frame is drawn.
  set(changes) {
    for (const [key, value] of Object.entries(changes)) {
      if (this.values[key] === value) continue; // NaN is never the same: who sets it wants all that depends on it again
      this.values[key] = value;
      this.changed.add(key);
    }
    if (!this.changed.size || this.waiting) return;
    this.waiting = true;
    const tell = () => { if (this.waiting) this.flush(); };
    if (document.hidden) setTimeout(tell); else requestAnimationFrame(tell);
  }

  // keys: "image threshold"; act is called once however many of them have changed, and a first time by the next flush.
  on(keys, act) {
    this.listeners.push({ keys: keys.split(" "), act, fresh: true });
    this.fresh = true;
  }

  // Tells what has changed; and what listeners change in turn, until nothing does. A listener that fails keeps no other
  // one from hearing, nor from hearing of what changes later.
  flush() {
    const failures = [];
    this.waiting = true;
    while (this.changed.size || this.fresh) {
      const changed = this.changed;
      this.changed = new Set();
      this.fresh = false;
      for (const one of this.listeners) {
        if (!one.fresh && !one.keys.some((key) => changed.has(key))) continue;
        one.fresh = false;
        try { one.act(); } catch (error) { failures.push(error); }
      }
    }
    this.waiting = false;
    if (failures.length) throw failures[0];
  }
}
