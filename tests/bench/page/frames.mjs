// The page around the engines: adds an iframe for each, and measures what the processor can do at the most.

const STEPS = 400_000;
const OPERATIONS_A_STEP = 160;

/** @param {string} url of engine.html */
function addFrame(url) {
  const frame = Object.assign(document.createElement('iframe'), { src: url });
  return new Promise((loaded) => {
    frame.onload = () => loaded(frame);
    document.body.append(frame);
  });
}

const loading = WebAssembly.instantiateStreaming(fetch('/target/bench/peak.wasm'));

/** Billions of operations a second, for about a millisecond: the best of a few, since nothing makes it too fast. */
async function peak() {
  const dot = /** @type {(steps: number) => number} */ ((await loading).instance.exports.dot);
  const found = Array.from({ length: 5 }, () => {
    const start = performance.now();
    dot(STEPS);
    return (STEPS * OPERATIONS_A_STEP) / (performance.now() - start) / 1e6;
  });
  return Math.max(...found);
}

Object.assign(globalThis, { addFrame, peak });
