// boot.js - unpacks what the page carries, one deflated block, and starts it; or says in a sentence what stands in the way.
(async () => {
  const stop = (words) => {
    const place = document.getElementById("halt");
    place.textContent = words;
    place.hidden = false;
  };
  if (typeof WebAssembly !== "object" || typeof DecompressionStream !== "function") {
    stop("This page needs a browser with WebAssembly and DecompressionStream: Chrome from 103, Firefox from 113, Safari from 16.4 on.");
    return;
  }
  const packed = document.getElementById("packed"), letters = atob(packed.textContent), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i); // ten times as fast as Uint8Array.from
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const all = new Uint8Array(await new Response(stream).arrayBuffer());
  let at = 0;
  const [core, told, worker, page, numbers, pixels, training] = JSON.parse(packed.dataset.sizes).map((size) => all.slice(at, (at += size)));
  const text = (some) => new TextDecoder().decode(some);
  // Compiled beside the script; a failure is caught where it is waited for.
  const compiling = WebAssembly.compile(core);
  compiling.catch(() => {});
  // As an element, not by eval: a policy that allows this script allows that one.
  const script = document.createElement("script");
  script.textContent = text(page);
  document.head.append(script);
  let module;
  try {
    module = await compiling;
  } catch (error) {
    stop(`WebAssembly may not run here, so that nothing can be computed. If the page is served with a content security policy, its script-src needs 'wasm-unsafe-eval'. (${error.message})`);
    return;
  }
  try {
    await globalThis.sn89.begin({ module, ...JSON.parse(text(told)), worker: text(worker), numbers, pixels, trainingPixels: training });
  } catch (error) {
    stop(`The page could not start: ${error.message}.`);
    throw error;
  }
})();
