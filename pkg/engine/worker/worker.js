// Runs the engine off the main thread: nothing that imports `wasm/` is imported by the page itself.
//
// It answers one request at a time, in order, and keeps nothing between requests but the open heads, by the ids that
// `client.js` gives them. All of them answer over one backbone; only a model file that brings another one gets a
// classifier of its own. A trap inside the wasm leaves its memory in an unknown state, so a crashed worker says so and is
// thrown away by `client.js`.

import { OUT_OF_MEMORY, isOutOfMemory } from '../shared/memory.js';
import { UNNAMED, isOnnx } from '../shared/onnx-file.js';
import { codeOf, openOver } from '../shared/open-model.js';
import { watchRequests } from '../shared/requests.js';
import { answersOf } from './answers.js';
import { builtInBackbone, builtInHead } from './builtin.js';
import { engineMemory, startEngine, started } from './engine.js';
import { post } from './post.js';
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

/** @type {Map<number, Open>} */
const heads = new Map();

/** @type {{ [Kind in Request['kind']]: (request: Extract<Request, { kind: Kind }>) => unknown }} */
const ANSWERS = {
  start,
  open,
  close: ({ head }) => close(head),
  picture: classifyPicture,
  frame: classifyFrame,
  profile: ({ frames }) => started().profile(frames),
  embed: ({ picture }) => embed(picture),
  sample: ({ frame }) => sample(frame),
  teach,
  export: exportModel,
  link: ({ model }) => link(model),
  file: ({ model }) => modelFile(model),
};

/** @param {{ data: any }} event a request, or one to prepare */
async function receive({ data }) {
  // Beside the requests, none of which has to wait for it.
  if (data.kind === 'prepare') return post({ studio: await fetchStudio().then(({ wasm }) => wasm, () => null) });
  try {
    const answer = /** @type {(request: Request) => unknown} */ (ANSWERS[/** @type {Request['kind']} */ (data.kind)]);
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

/** @param {StartRequest} request */
function start({ studio, ...rest }) {
  inheritStudio(studio);
  return startEngine(rest);
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
  if (open && open.engine !== started()) open.engine.free();
}

/**
 * @param {PictureRequest} request
 * @returns {Promise<Answer[]>}
 */
async function classifyPicture({ heads: ids, picture, ...wishes }) {
  const bytes = await bytesOf(picture);
  return answersOf(opened(ids), (engine) => engine.embedBytes(bytes), wishes);
}

/**
 * @param {FrameRequest} request
 * @returns {Answer[]}
 */
function classifyFrame({ heads: ids, frame, ...wishes }) {
  const { pixels, noisy } = pixelsOf(frame);
  const answers = answersOf(opened(ids), (engine) => engine.embedImageData(pixels), wishes);
  return noisy ? answers.map((answer) => ({ ...answer, noisy })) : answers;
}

/** @param {number[]} ids */
function opened(ids) {
  return ids.map((id) => {
    const open = heads.get(id);
    if (!open) throw trouble('load-failed', 'The model is not loaded. Try again, or reload the page.');
    return open;
  });
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
  if (head !== null && opened([head])[0]?.engine !== started()) {
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
  if (isOutOfMemory(error, engineMemory())) return { code: 'out-of-memory', message: OUT_OF_MEMORY, crashed: true };
  const remedy = kind === 'start' ? '. Try again, or reload the page' : ' and was started again';
  return { code: 'engine-crashed', message: `the classifier crashed (${message})${remedy}`, crashed: true };
}
