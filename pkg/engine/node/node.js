// The API in Node: the same `load` and the same classifier, in the process that calls it. A picture takes its thread for as
// long as its answer does; a server that has more to do classifies in a `worker_threads` of its own.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Studio, initSync as initStudio } from '../../wasm/mobilenet_studio.js';
import { Classifier as Backbone, forbidRelaxedSimd, initSync } from '../../wasm/mobilenet_web.js';
import { Classifier as BaseClassifier } from '../shared/classifier.js';
import { MobilenetError } from '../shared/failure.js';
import { OUT_OF_MEMORY, isOutOfMemory } from '../shared/memory.js';
import { answerOf, codeOf, openOver } from '../shared/open-model.js';
import { fetchModel } from '../shared/model-file.js';
import { readOptions } from '../shared/options.js';

export { MobilenetError } from '../shared/failure.js';

/**
 * @typedef {import('../shared/classifier.js').Answer} Answer
 * @typedef {import('../shared/classifier.js').Heatmap} Heatmap
 * @typedef {import('../shared/classifier.js').Prediction} Prediction
 * @typedef {import('../shared/classifier.js').Info} Info
 * @typedef {import('../shared/classifier.js').Epoch} Epoch
 * @typedef {import('../shared/classifier.js').Settings} Settings
 * @typedef {import('../shared/failure.js').Code} Code
 * @typedef {{ data: Uint8Array | Uint8ClampedArray, width: number, height: number }} Pixels RGBA, straight alpha
 * @typedef {string | URL | Blob | ArrayBuffer | Uint8Array} FileSource path, `file:` address or bytes of a file
 * @typedef {FileSource | Pixels} Picture
 * @typedef {import('../shared/classifier.js').Sample<Picture>} Sample
 * @typedef {BaseClassifier<Picture>} Classifier
 * @typedef {FileSource} ModelSource also an address on the web
 * @typedef {ReturnType<typeof openOver>} Open
 */

/** @type {Promise<Backbone> | null} the model inside the wasm, whose backbone all share */
let starting = null;
/** @type {WebAssembly.Memory | null} its own */
let memory = null;
let relaxedSimd = true;
/** @type {Promise<Studio> | null} what fits, over the same backbone */
let studio = null;

/**
 * Opens a model.
 *
 * @param {ModelSource | null} [model] without one the model inside the wasm, which knows furniture
 * @param {{ signal?: AbortSignal, onProgress?: (progress: { loaded: number, total: number | null }) => void }} [options]
 *   onProgress is there for code that pages run as well: nothing is loaded over a network
 * @returns {Promise<Classifier>}
 */
export async function load(model = null, options) {
  const { signal } = readOptions(options);
  signal?.throwIfAborted();
  try {
    const bytes = model === null ? null : await bytesOf(model, 'model-missing', signal);
    const engine = await openEngine(bytes);
    signal?.throwIfAborted();
    return new BaseClassifier(engine, bytes && new Blob([new Uint8Array(bytes)]));
  } catch (error) {
    signal?.throwIfAborted();
    throw MobilenetError.from(error);
  }
}

/**
 * Relaxed SIMD is used where Node means by it what is exact: faster, and the same bits. This is for who wants to see that.
 *
 * @param {boolean} allowed it has to be said before the first model is loaded
 */
export function setRelaxedSimd(allowed) {
  relaxedSimd = allowed;
}

/**
 * @param {Uint8Array | null} bytes
 * @returns {Promise<import('../shared/classifier.js').Engine<Picture>>}
 */
async function openEngine(bytes) {
  const shared = await (starting ??= start());
  const open = guarded(() => (bytes ? openOver(shared, bytes) : { engine: shared, head: shared.ownHead() }));
  return {
    opened: { labels: open.head.labels, info: open.engine.infoWith(open.head) },
    answer: (picture, wishes) => answer(open, picture, wishes),
    teach: (input, onEpoch) => teach(shared, open, input, onEpoch),
    open: async (file) => openEngine(new Uint8Array(await file.arrayBuffer())),
    close: () => close(shared, open),
  };
}

async function start() {
  ({ memory } = initSync({ module: await wasmOf(new URL('../../wasm/mobilenet_web_bg.wasm', import.meta.url), 'mobilenet_web_bg.wasm') }));
  if (!relaxedSimd) forbidRelaxedSimd();
  return Backbone.embedded();
}

async function startStudio() {
  initStudio({ module: await wasmOf(new URL('../../wasm/mobilenet_studio_bg.wasm', import.meta.url), 'mobilenet_studio_bg.wasm') });
  return new Studio(Backbone.backboneFile());
}

/**
 * A bundler may put the address that a page would fetch in place of the file's path. The file is still where this module came from.
 *
 * @param {URL} url as the bundler left it
 * @param {string} name
 */
async function wasmOf(url, name) {
  const path = url.protocol === 'file:' ? fileURLToPath(url.href) : '';
  return readFile(existsSync(path) ? path : join(dirname(fileURLToPath(import.meta.url)), '../../wasm', name));
}

/**
 * @param {Open} open
 * @param {Picture} picture
 * @param {import('../shared/open-model.js').Wishes} wishes
 */
async function answer(open, picture, wishes) {
  const pixels = isPixels(picture) ? picture : await bytesOf(picture, 'unreadable-file');
  return guarded(() => {
    const begun = performance.now();
    const { engine } = open;
    const embedding = 'width' in pixels ? engine.embedRgba(pixels.data, pixels.width, pixels.height) : engine.embedBytes(pixels);
    return { ...answerOf(open, embedding, wishes), millis: performance.now() - begun };
  });
}

/**
 * @param {Backbone} shared
 * @param {Open} open
 * @param {import('../worker/worker.js').TeachInput} input
 * @param {(epoch: Epoch) => void} onEpoch
 */
async function teach(shared, { engine }, { embeddings, classes, bursts, labels, settings }, onEpoch) {
  if (engine !== shared) {
    throw new MobilenetError('wrong-backbone', 'this model brings a backbone of its own, which no other head can share. Fit over the built-in model');
  }
  const maker = await (studio ??= startStudio());
  return guarded(() => maker.teach(embeddings, classes, bursts, labels, settings, onEpoch));
}

/**
 * @param {Backbone} shared
 * @param {Open} open
 */
function close(shared, { engine, head }) {
  head.free();
  if (engine !== shared) engine.free();
}

/**
 * Every refusal has a code; what was thrown without one is a trap, after which the memory of the wasm is not to be trusted.
 *
 * @template Value
 * @param {() => Value} work
 */
function guarded(work) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError) || codeOf(error) !== undefined) throw error;
    if (isOutOfMemory(error, memory)) throw new MobilenetError('out-of-memory', OUT_OF_MEMORY);
    throw new MobilenetError('engine-crashed', `the classifier crashed (${error.message}). Start the process anew`);
  }
}

/**
 * @param {Picture} picture
 * @returns {picture is Pixels}
 */
function isPixels(picture) {
  return typeof picture === 'object' && 'width' in picture && 'data' in picture;
}

/**
 * @param {FileSource} source
 * @param {'model-missing' | 'unreadable-file'} code of what cannot be read
 * @param {AbortSignal} [signal]
 * @returns {Promise<Uint8Array>}
 */
async function bytesOf(source, code, signal) {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  const address = String(source);
  if (code === 'model-missing' && /^https?:/i.test(address)) return new Uint8Array(await (await fetchModel(new URL(address), signal)).arrayBuffer());
  const path = address.startsWith('file:') ? fileURLToPath(address) : address;
  return readFile(path).catch((error) => {
    throw new MobilenetError(code, `${path} cannot be read (${error.code}): check its path`);
  });
}
