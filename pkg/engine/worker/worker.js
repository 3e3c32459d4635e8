// Runs the engine off the main thread: nothing that imports `wasm/` is imported by the page itself.
//
// It answers one request at a time, in order, and keeps nothing between requests but the open heads, by the ids that
// `client.js` gives them. All of them answer over one backbone; only a model file that brings another one gets a
// classifier of its own. A trap inside the wasm leaves its memory in an unknown state, so a crashed worker says so and is
// thrown away by `client.js`.

import { ENGINE_BYTES } from '../../wasm/engine-bytes.js';
import init, { Classifier, forbidRelaxedSimd } from '../../wasm/mobilenet_web.js';
import { builtInBackbone, builtInHead, openBuiltIn } from './builtin.js';
import { OUT_OF_MEMORY, isOutOfMemory } from '../shared/memory.js';
import { UNNAMED, isOnnx } from '../shared/onnx-file.js';
import { answerOf, codeOf, openOver } from '../shared/open-model.js';
import { ownFile } from '../shared/own-files.js';
import { watchRequests } from '../shared/requests.js';
import { bytesOf, pictureOf, pixelsOf, trouble } from './sources.js';
import { fetchStudio, inheritStudio, openStudio } from './studio.js';

/**
 * @typedef {import('../../wasm/mobilenet_web.js').Head} Head
 * @typedef {import('../../wasm/mobilenet_web.js').Prediction} Prediction
 * @typedef {import('../../wasm/mobilenet_web.js').Info} Info
 * @typedef {import('../../wasm/mobilenet_web.js').Profile} Profile
 * @typedef {import('../../wasm/mobilenet_studio.js').Epoch} Epoch
 * @typedef {import('../../wasm/mobilenet_studio.js').Settings} Settings
 * @typedef {import('../../wasm/mobilenet_studio.js').Taught} Taught
 * @typedef {import('../../wasm/mobilenet_studio.js').Exported} Exported
 * @typedef {import('../../wasm/mobilenet_studio.js').Format} Format
 * @typedef {import('../../wasm/mobilenet_studio.js').Precision} Precision
 * @typedef {import('./onnx.js').Onnx} Onnx
 * @typedef {import('../shared/onnx-file.js').OnnxSettings} OnnxSettings
 * @typedef {{ labels: string[], info: Info, onnx?: Onnx, lowered?: Blob }} Model onnx of one that came as an ONNX file; lowered is a
 *   model file that was made of it
 * @typedef {import('../shared/open-model.js').Heatmap} Heatmap
 * @typedef {import('../shared/open-model.js').Engine} Engine
 * @typedef {import('../shared/open-model.js').Open} Open
 * @typedef {import('../shared/open-model.js').Wishes} Wishes
 * @typedef {import('../shared/open-model.js').WishedAnswer & { millis: number, noisy?: true }} Answer noisy: of pixels
 *   that the browser has falsified
 * @typedef {{ loaded: number, total: number | null, stage?: import('./onnx.js').Step['stage'] }} Progress bytes of the engine, total null where
 *   unknown; with a stage, how far an ONNX file has come
 *
 * @typedef {{ kind: 'start', module: WebAssembly.Module | null, studio: ArrayBuffer | null, relaxedSimd: boolean, model: string | null }} StartRequest
 *   with what a worker before had fetched; model is the address of the built-in model, null for the one inside the wasm
 * @typedef {{ kind: 'open', head: number, model: Blob | null, onnx?: OnnxSettings, converter?: string }} OpenRequest null opens the model inside
 *   the wasm; with settings the file is opened as an ONNX file, whatever it looks like; converter is the address of its wasm
 * @typedef {{ kind: 'close', head: number }} CloseRequest
 * @typedef {{ kind: 'picture', heads: number[], picture: Blob } & Wishes} PictureRequest one answer a head
 * @typedef {{ kind: 'frame', heads: number[], frame: ImageBitmap | ImageData } & Wishes} FrameRequest likewise
 * @typedef {{ kind: 'profile', frames: number }} ProfileRequest
 * @typedef {{ kind: 'embed', picture: Blob }} EmbedRequest
 * @typedef {{ kind: 'sample', frame: ImageBitmap }} SampleRequest
 * @typedef {{ embeddings: Float32Array, classes: Uint32Array, bursts: Uint32Array, labels: string[], settings: Settings }} TeachInput
 * @typedef {{ kind: 'teach', head: number | null, input: TeachInput }} TeachRequest embeddings of the head's backbone, or of the shared one
 * @typedef {{ stem: string, format: Format, precision: Precision }} ExportWishes the stem is what the file's name begins with
 * @typedef {{ kind: 'export', model: Blob | null } & ExportWishes} ExportRequest
 * @typedef {{ kind: 'link' | 'file', model: Blob | null }} ShareRequest
 * @typedef {StartRequest | OpenRequest | CloseRequest | PictureRequest | FrameRequest | ProfileRequest | EmbedRequest | SampleRequest | TeachRequest | ExportRequest | ShareRequest} Request
 *
 * @typedef {{ code: string, message: string, crashed: boolean }} Trouble
 * @typedef {{ progress: Progress } | { requests: number[] } | { epoch: Epoch } | { studio: ArrayBuffer | null } | { distrusted: true } | { alive: true } | { value: unknown } | { trouble: Trouble }} Reply
 */

const engine = () => ownFile(new URL('../../wasm/mobilenet_web_bg.wasm', import.meta.url));

// (module (func (result v128) i32.const 0 i8x16.splat)): what a browser without SIMD cannot compile.
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

/** @type {Classifier | null} the built-in model, whose backbone all share */
let builtIn = null;

/** @type {WebAssembly.Memory | null} of the engine */
let memory = null;

/** @type {Map<number, Open>} */
const heads = new Map();

/** @param {Reply} reply */
function post(reply) {
  self.postMessage(reply);
}

/** @param {MessageEvent} event */
async function receive({ data }) {
  // Beside the requests, none of which has to wait for it.
  if (data.kind === 'prepare') return post({ studio: await fetchStudio().then(({ wasm }) => wasm, () => null) });
  try {
    post({ value: await answer(data) });
  } catch (error) {
    post({ trouble: describe(error, data.kind) });
  }
}

// Imported by a page or a server, this does nothing.
if (typeof document === 'undefined' && typeof self !== 'undefined') {
  watchRequests((requests) => post({ requests }));
  self.onmessage = receive;
}

/** @param {Request} request */
function answer(request) {
  switch (request.kind) {
    case 'start':
      return start(request);
    case 'open':
      return open(request);
    case 'close':
      return close(request.head);
    case 'picture':
      return classifyPicture(request);
    case 'frame':
      return classifyFrame(request);
    case 'profile':
      return started().profile(request.frames);
    case 'embed':
      return embed(request.picture);
    case 'sample':
      return sample(request.frame);
    case 'teach':
      return teach(request);
    case 'export':
      return exportModel(request);
    case 'link':
      return link(request.model);
    case 'file':
      return modelFile(request.model);
  }
}

/**
 * @param {StartRequest} request
 * @returns {Promise<WebAssembly.Module>} for the worker that may have to follow this one
 */
async function start({ module, studio, relaxedSimd, model }) {
  inheritStudio(studio);
  refuseOldBrowsers();
  const compiled = module ?? (await download());
  ({ memory } = await init({ module_or_path: compiled }));
  if (!relaxedSimd) forbidRelaxedSimd();
  builtIn = await openBuiltIn(model);
  return compiled;
}

/** Compiles while the bytes arrive, and counts them on the way. */
async function download() {
  const response = await fetch(engine()).catch(() => null);
  if (!response?.ok || !response.body) {
    const reason = response ? `the server answered ${response.status}` : 'the network is unreachable';
    throw trouble('load-failed', `The classifier could not be fetched (${reason}). Try again, or reload the page.`);
  }
  const total = expectedBytes(response.headers);
  let loaded = 0;
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        loaded += chunk.byteLength;
        // A host may have another engine than the one that was measured.
        post({ progress: { loaded, total: total && Math.max(total, loaded) } });
        controller.enqueue(chunk);
      },
    }),
  );
  // A response of our own, so that a host which serves wasm under another MIME type works as well.
  const wasm = new Response(counted, { headers: { 'Content-Type': 'application/wasm' } });
  return WebAssembly.compileStreaming(wasm).catch(explainCompile);
}

/**
 * With a content encoding the length counts compressed bytes while the stream yields decoded ones; and another origin does not
 * show that there is one.
 *
 * @param {Headers} headers
 * @param {number} [known]
 * @returns {number | null}
 */
function expectedBytes(headers, known = ENGINE_BYTES) {
  if (known) return known;
  const length = Number(headers.get('Content-Length'));
  return headers.has('Content-Encoding') || !length ? null : length;
}

function refuseOldBrowsers() {
  if (typeof WebAssembly === 'undefined') {
    throw trouble(
      'browser-too-old',
      'This browser has no WebAssembly, which the classifier needs. Some have it switched off, as the Lockdown Mode of Apple does: allow it for this page, or use another browser.',
    );
  }
  if (WebAssembly.validate(SIMD_PROBE)) return;
  throw trouble(
    'browser-too-old',
    'This browser cannot run the classifier: it needs WebAssembly with SIMD. Use Chrome 91, Firefox 114, Safari 16.4 or newer.',
  );
}

/** @returns {never} */
function explainCompile() {
  try {
    new WebAssembly.Module(SIMD_PROBE);
  } catch {
    throw trouble('load-failed', "The security policy of this page forbids WebAssembly. It has to allow script-src 'wasm-unsafe-eval'.");
  }
  throw trouble('load-failed', 'The classifier did not arrive whole. Try again, or reload the page.');
}

/**
 * Keeps the head that is open when the new one is refused.
 *
 * @param {OpenRequest} request
 * @returns {Promise<Model>}
 */
async function open({ head: id, model, onnx: settings, converter }) {
  const fresh = model ? await read(await bytesOf(model), settings, converter) : { engine: started(), head: started().ownHead() };
  close(id);
  heads.set(id, fresh);
  const { engine, head, onnx, lowered } = fresh;
  return { labels: head.labels, info: engine.infoWith(/** @type {Head} */ (head)), onnx, lowered };
}

/**
 * @param {Uint8Array<ArrayBuffer>} file
 * @param {OnnxSettings} [settings]
 * @param {string} [converter]
 * @returns {Promise<Open>}
 */
async function read(file, settings, converter) {
  if (!settings && !isOnnx(file)) return openOver(started(), file);
  const { openOnnx } = await import('./onnx.js').catch(() => {
    throw trouble('load-failed', 'A script of the classifier could not be loaded. Try again, or reload the page.');
  });
  return openOnnx({ file, settings: settings ?? { name: UNNAMED }, converter }, { read: (model) => openOver(started(), model), onStep: (progress) => post({ progress }) });
}

/** @param {number} id */
function close(id) {
  const open = heads.get(id);
  heads.delete(id);
  open?.head.free();
  if (open && open.engine !== builtIn) open.engine.free();
}

/**
 * @param {PictureRequest} request
 * @returns {Promise<Answer[]>}
 */
async function classifyPicture({ heads, picture, ...wishes }) {
  const bytes = await bytesOf(picture);
  return answersOf(heads, (engine) => engine.embedBytes(bytes), wishes);
}

/**
 * @param {FrameRequest} request
 * @returns {Answer[]}
 */
function classifyFrame({ heads, frame, ...wishes }) {
  const { pixels, noisy } = pixelsOf(frame);
  const answers = answersOf(heads, (engine) => engine.embedImageData(pixels), wishes);
  return noisy ? answers.map((answer) => ({ ...answer, noisy })) : answers;
}

/**
 * The heads over one backbone share one pass of the network.
 *
 * @param {number[]} ids
 * @param {(engine: Engine) => Float32Array} pass
 * @param {Wishes} wishes
 * @returns {Answer[]}
 */
function answersOf(ids, pass, wishes) {
  /** @type {Map<Engine, { embedding: Float32Array, millis: number }>} */
  const passes = new Map();
  return ids.map((id) => {
    const open = opened(id);
    const { embedding, millis } = passes.get(open.engine) ?? timed(open.engine, pass);
    passes.set(open.engine, { embedding, millis });
    return { ...answerOf(open, embedding, wishes), millis };
  });
}

/** Passes of the network after which what runs often has been compiled anew. */
const HOT = 100;
let passCount = 0;

/**
 * The instructions of relaxed SIMD mean one thing in one browser, says the specification. Browsers have several compilers, so it is asked
 * once more when the last of them has had its turn.
 */
function checkWhenHot() {
  if (++passCount !== HOT || started().info.lanes !== 'relaxed-simd') return;
  try {
    started().checkAgain();
  } catch (error) {
    post({ distrusted: true });
    // A crash, after which a fresh worker answers.
    throw new Error(`relaxed SIMD computes otherwise once it is compiled anew: ${error}`);
  }
}

/**
 * @param {Engine} engine
 * @param {(engine: Engine) => Float32Array} pass
 */
function timed(engine, pass) {
  checkWhenHot();
  const begun = performance.now();
  const embedding = pass(engine);
  return { embedding, millis: performance.now() - begun };
}

/** @param {Blob} picture */
async function embed(picture) {
  return started().embedBytes(await bytesOf(picture));
}

/** @param {ImageBitmap} frame */
async function sample(frame) {
  const picture = await pictureOf(frame);
  return { picture, embedding: await embed(picture) };
}

/** @param {TeachRequest} request */
async function teach({ head, input: { embeddings, classes, bursts, labels, settings } }) {
  if (head !== null && opened(head).engine !== started()) {
    throw trouble('wrong-backbone', 'this model brings a backbone of its own, which no other head can share. Fit over the built-in model');
  }
  return (await studio()).teach(embeddings, classes, bursts, labels, settings, (epoch) => post({ epoch }));
}

/**
 * @param {ExportRequest} request
 * @returns {Promise<Exported>}
 */
async function exportModel({ model, stem, format, precision }) {
  return (await studio()).export(await fileOf(model), stem, format, precision);
}

/** @param {Blob | null} model */
async function link(model) {
  return (await studio()).link(await fileOf(model));
}

/** @param {Blob | null} model */
async function modelFile(model) {
  return (await studio()).modelFile(await fileOf(model));
}

/** @param {Blob | null} model null is the built-in one */
async function fileOf(model) {
  return model ? bytesOf(model) : builtInHead();
}

function studio() {
  return openStudio(() => builtInBackbone(started()));
}

function started() {
  if (!builtIn) throw trouble('load-failed', 'The classifier is not loaded. Try again, or reload the page.');
  return builtIn;
}

/** @param {number} id */
function opened(id) {
  const open = heads.get(id);
  if (!open) throw trouble('load-failed', 'The model is not loaded. Try again, or reload the page.');
  return open;
}

/**
 * Every refusal has a code; what was thrown without one is a trap.
 *
 * @param {unknown} error
 * @param {Request['kind']} kind of what was asked
 * @returns {Trouble}
 */
function describe(error, kind) {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (typeof code === 'string') return { code, message, crashed: false };
  if (isOutOfMemory(error, memory)) return { code: 'out-of-memory', message: OUT_OF_MEMORY, crashed: true };
  const remedy = kind === 'start' ? '. Try again, or reload the page' : ' and was started again';
  return { code: 'engine-crashed', message: `the classifier crashed (${message})${remedy}`, crashed: true };
}
