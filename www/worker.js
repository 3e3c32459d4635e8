// Runs the engine off the main thread. The only script that imports `pkg/`.
//
// It answers one request at a time, in order, and keeps nothing between requests but the open model. A trap inside
// the wasm leaves its memory in an unknown state, so a crashed worker says so and is thrown away by `client.js`.

import init, { Classifier } from './pkg/mobilenet_web.js';

/**
 * @typedef {import('./pkg/mobilenet_web.js').Prediction} Prediction
 * @typedef {import('./pkg/mobilenet_web.js').Info} Info
 * @typedef {import('./pkg/mobilenet_web.js').Profile} Profile
 * @typedef {{ labels: string[], info: Info }} Model
 * @typedef {import('./pkg/mobilenet_web.js').Answer} EngineAnswer
 * @typedef {EngineAnswer & { millis: number }} Answer
 * @typedef {{ loaded: number, total: number | null }} Progress bytes of the engine; total is null where unknown
 *
 * @typedef {{ kind: 'start', module: WebAssembly.Module | null, model: Blob | null }} StartRequest
 * @typedef {{ kind: 'open', model: Blob | null }} OpenRequest null opens the model inside the wasm
 * @typedef {{ kind: 'picture', picture: Blob, topK: number }} PictureRequest
 * @typedef {{ kind: 'frame', frame: ImageBitmap, topK: number }} FrameRequest
 * @typedef {{ kind: 'profile', frames: number }} ProfileRequest
 * @typedef {StartRequest | OpenRequest | PictureRequest | FrameRequest | ProfileRequest} Request
 *
 * @typedef {{ code: string, message: string, crashed: boolean }} Trouble
 * @typedef {{ progress: Progress } | { value: unknown } | { trouble: Trouble }} Reply
 */

const ENGINE = new URL('./pkg/mobilenet_web_bg.wasm', import.meta.url);

// (module (func (result v128) i32.const 0 i8x16.splat)): what a browser without SIMD cannot compile.
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

/** @type {Classifier | null} */
let classifier = null;

// Full resolution and never scaled: the resize that the network was trained with is the engine's.
const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext('2d', { willReadFrequently: true });

/** @param {Reply} reply */
function post(reply) {
  self.postMessage(reply);
}

/**
 * @param {string} code
 * @param {string} message
 */
function trouble(code, message) {
  return Object.assign(new Error(message), { code });
}

self.onmessage = async ({ data }) => {
  try {
    post({ value: await answer(data) });
  } catch (error) {
    post({ trouble: describe(error) });
  }
};

/** @param {Request} request */
function answer(request) {
  switch (request.kind) {
    case 'start':
      return start(request);
    case 'open':
      return open(request.model);
    case 'picture':
      return classifyPicture(request);
    case 'frame':
      return classifyFrame(request);
    case 'profile':
      return opened().profile(request.frames);
  }
}

/** @param {StartRequest} request */
async function start({ module, model }) {
  const compiled = module ?? (await download());
  await init({ module_or_path: compiled });
  return { module: compiled, model: await open(model) };
}

/** Compiles while the bytes arrive, and counts them on the way. */
async function download() {
  const response = await fetch(ENGINE).catch(() => null);
  if (!response?.ok || !response.body) {
    const reason = response ? `the server answered ${response.status}` : 'the network is unreachable';
    throw trouble('load-failed', `The classifier could not be fetched (${reason}). Reload the page to try again.`);
  }
  const total = expectedBytes(response.headers);
  let loaded = 0;
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        loaded += chunk.byteLength;
        post({ progress: { loaded, total } });
        controller.enqueue(chunk);
      },
    }),
  );
  // A response of our own, so that a host which serves wasm under another MIME type works as well.
  const wasm = new Response(counted, { headers: { 'Content-Type': 'application/wasm' } });
  return WebAssembly.compileStreaming(wasm).catch(explainCompile);
}

/**
 * With a content encoding the length counts compressed bytes while the stream yields decoded ones.
 *
 * @param {Headers} headers
 */
function expectedBytes(headers) {
  const length = Number(headers.get('Content-Length'));
  return headers.has('Content-Encoding') || !length ? null : length;
}

/** @returns {never} */
function explainCompile() {
  if (WebAssembly.validate(SIMD_PROBE)) {
    throw trouble('load-failed', 'The classifier did not arrive whole. Reload the page to try again.');
  }
  throw trouble(
    'browser-too-old',
    'This browser cannot run the classifier: it needs WebAssembly with SIMD. Use Chrome 91, Firefox 114, Safari 16.4 or newer.',
  );
}

/**
 * Keeps the model that is open when the new one is refused.
 *
 * @param {Blob | null} model
 * @returns {Promise<Model>}
 */
async function open(model) {
  const fresh = model ? Classifier.fromBytes(await bytesOf(model)) : Classifier.embedded();
  classifier?.free();
  classifier = fresh;
  return { labels: fresh.labels, info: fresh.info };
}

/** @param {Blob} blob */
async function bytesOf(blob) {
  const buffer = await blob.arrayBuffer().catch(() => {
    throw trouble(
      'unreadable-file',
      'the file cannot be read: it may be a folder, or have moved or changed since it was chosen. Choose it again',
    );
  });
  return new Uint8Array(buffer);
}

/**
 * @param {PictureRequest} request
 * @returns {Promise<Answer>}
 */
async function classifyPicture({ picture, topK }) {
  const bytes = await bytesOf(picture);
  return timed((engine) => engine.classifyBytes(bytes, topK));
}

/**
 * @param {FrameRequest} request
 * @returns {Promise<Answer>}
 */
async function classifyFrame({ frame, topK }) {
  return timed((engine) => engine.classifyImageData(pixelsOf(frame), topK));
}

/** @param {ImageBitmap} frame */
function pixelsOf(frame) {
  if (!context) throw trouble('browser-too-old', 'This browser has no canvas in workers. Update it, or choose a picture instead.');
  if (canvas.width !== frame.width) canvas.width = frame.width;
  if (canvas.height !== frame.height) canvas.height = frame.height;
  context.drawImage(frame, 0, 0);
  frame.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/**
 * @param {(engine: Classifier) => EngineAnswer} classify
 * @returns {Answer}
 */
function timed(classify) {
  const engine = opened();
  const begun = performance.now();
  const answer = classify(engine);
  return { ...answer, millis: performance.now() - begun };
}

function opened() {
  if (!classifier) throw trouble('load-failed', 'The classifier is not loaded. Reload the page to try again.');
  return classifier;
}

/**
 * Every refusal has a code; what was thrown without one is a trap.
 *
 * @param {unknown} error
 * @returns {Trouble}
 */
function describe(error) {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return { code, message, crashed: false };
  return { code: 'engine-crashed', message: `the classifier crashed (${message}) and was started again`, crashed: true };
}
