// dom.js - elements of the page. Text is only ever set as text: nothing that comes from a net is read as HTML.

export const $ = (id) => document.getElementById(id);

// An element with properties or attributes, and what is in it.
export function el(tag, properties = {}, ...inside) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...inside);
  return node;
}

// A colour of the page's theme, asked for once: to ask makes the browser compute styles.
const theme = new Map(), themes = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
export function color(name) {
  if (!theme.has(name)) theme.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  return theme.get(name);
}

// act is called when the theme is another one.
export function onTheme(act) {
  for (const one of themes) one.addEventListener("change", () => { theme.clear(); act(); });
}

// Texts and what is hidden are set only if they change: what is set makes the browser lay out and paint the page again.
export function say(node, words) { if (node.textContent !== String(words)) node.textContent = words; }
export function hide(node, hidden = true) { if (node.hidden !== hidden) node.hidden = hidden; }

// At most one call in so many milliseconds, the last one certainly.
export function seldom(act, least) {
  let timer = null, last = -Infinity;
  return () => {
    clearTimeout(timer);
    const rest = last + least - performance.now();
    if (rest > 0) { timer = setTimeout(() => { last = performance.now(); act(); }, rest); return; }
    last = performance.now();
    act();
  };
}

// A canvas of so many pixels of the page, sharp on every screen; its context, in these pixels.
export function sheet(canvas, width, height) {
  const ratio = Math.ceil(devicePixelRatio || 1), context = canvas.getContext("2d");
  if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// A number as one reads it aloud: 3 digits, a true minus.
export const number = (x, digits = 2) => x.toFixed(digits).replace("-", "−");

// Offers content as a file.
export function download(name, content, type = "application/octet-stream") {
  const link = el("a", { href: URL.createObjectURL(new Blob([content].flat(), { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
