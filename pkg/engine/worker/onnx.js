// ONNX files in the worker. Imported with the first one, and with it the converter, which is a wasm of its own. The page says where that is:
// its glue is in this package, the wasm is in mobilenet-web-onnx.
//
// A MobileNetV2 becomes a model file, which the engine runs as any other. Every other classifier is run in float by the
// converter itself: slower, and without a heatmap. What was converted last is kept, so that labels that are brought
// afterwards need no other conversion.

import { trouble } from './sources.js';

/**
 * @typedef {import('../shared/onnx-file.js').OnnxSettings} OnnxSettings
 * @typedef {typeof import('../../wasm/mobilenet_onnx.js')} Converter
 * @typedef {import('../../wasm/mobilenet_onnx.js').OnnxClassifier} OnnxClassifier
 * @typedef {import('../../wasm/mobilenet_onnx.js').LoweredOnnx} LoweredOnnx
 * @typedef {import('../../wasm/mobilenet_onnx.js').Levels} Levels
 * @typedef {import('./worker.js').Info} Info
 * @typedef {import('./worker.js').Open} Open
 *
 * @typedef {{ stage: 'fetching' | 'reading' | 'converting', loaded: number, total: number }} Step pictures, of the last stage
 *
 * @typedef {object} Onnx what became of the file
 * @property {'int8' | 'float'} kind
 * @property {Levels} levels what its input was taken to expect
 * @property {boolean} guessed whether nobody stated that
 * @property {boolean} named whether somebody brought labels
 * @property {number} [views] how many were compared with the file in float; of int8 alone
 * @property {number} [same] how many of them are of the same class
 * @property {string} [reason] why it is not int8
 */

// Networks that are sound, and have to be run in float.
const FLOAT = ['not-mobilenet', 'gate-failed'];

const NOT_INSTALLED = 'This page has no converter for ONNX files. To open them, install mobilenet-web-onnx and import it once in the page: import "mobilenet-web-onnx".';
const OTHER_VERSION = 'The converter for ONNX files does not fit this version of mobilenet-web. Install mobilenet-web-onnx in the same version.';

/** @type {Promise<Converter> | null} */
let fetched = null;

/** @type {{ key: string, made: LoweredOnnx } | null} */
let kept = null;

/**
 * @param {{ file: Uint8Array<ArrayBuffer>, settings: OnnxSettings, converter?: string }} onnx converter is the address of its wasm
 * @param {{ read: (model: Uint8Array) => Open, onStep: (step: Step) => void }} worker read opens a model file
 * @returns {Promise<Open>}
 */
export async function openOnnx({ file, settings, converter: wasm }, { read, onStep }) {
  if (!wasm) throw trouble('onnx-not-installed', NOT_INSTALLED);
  onStep({ stage: 'fetching', loaded: 0, total: 0 });
  const converter = await fetchConverter(wasm);
  onStep({ stage: 'reading', loaded: 0, total: 0 });
  const about = { guessed: settings.levels === undefined, named: settings.labels !== undefined };
  try {
    const { model, levels, views, same } = await lowered(converter, file, settings, (loaded, total) => onStep({ stage: 'converting', loaded, total }));
    const lower = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (model)]);
    return { ...read(model), lowered: lower, onnx: { kind: 'int8', levels, views, same, ...about } };
  } catch (error) {
    const { code, message } = /** @type {Error & { code?: string }} */ (error);
    if (!code || !FLOAT.includes(code)) throw error;
    const network = new converter.OnnxClassifier(file, settings);
    return { engine: new FloatEngine(network), head: new FloatHead(network), onnx: { kind: 'float', levels: network.info.levels, reason: message, ...about } };
  }
}

/**
 * Again with the next file, where it failed.
 *
 * @param {string} wasm
 */
function fetchConverter(wasm) {
  fetched ??= startConverter(wasm).catch(async (error) => {
    fetched = null;
    throw error instanceof WebAssembly.LinkError ? trouble('onnx-not-installed', OTHER_VERSION) : await whyMissing(wasm);
  });
  return fetched;
}

/** @param {string} wasm */
async function startConverter(wasm) {
  const converter = await import('../../wasm/mobilenet_onnx.js');
  await converter.default({ module_or_path: wasm });
  return converter;
}

/**
 * A site that is served while it is built gets its converter last, and browsers do not ask again for a script that was not there.
 *
 * @param {string} wasm
 */
async function whyMissing(wasm) {
  const response = await fetch(wasm, { method: 'HEAD', cache: 'no-store' }).catch(() => null);
  return response?.status === 404
    ? trouble('converter-missing', `There is no converter for ONNX files at ${wasm}. If ./build.sh is still running, wait until everything is built. Then reload the page.`)
    : trouble('load-failed', 'The converter for ONNX files could not be fetched. Check the network, then bring the file again.');
}

/**
 * @param {Converter} converter
 * @param {Uint8Array<ArrayBuffer>} file
 * @param {OnnxSettings} settings
 * @param {(done: number, total: number) => void} onPicture
 */
async function lowered({ lowerOnnx, nameClasses }, file, settings, onPicture) {
  const key = await keyOf(file, settings);
  if (kept && kept.key === key) {
    const { model, levels } = kept.made;
    return settings.labels ? { ...kept.made, model: nameClasses(model, settings.labels, settings.name, levels) } : kept.made;
  }
  kept = null;
  const made = lowerOnnx(file, settings, onPicture);
  if (key) kept = { key, made };
  return made;
}

/**
 * @param {Uint8Array<ArrayBuffer>} file
 * @param {OnnxSettings} settings
 * @returns {Promise<string>} empty where there is no digest, which an address without TLS does not have
 */
async function keyOf(file, { levels, fit }) {
  const digest = await globalThis.crypto.subtle?.digest('SHA-256', file);
  return digest ? `${new Uint8Array(digest)} ${levels} ${fit}` : '';
}

/** A network in float, called as the engine is: its embedding is what the file gives. It has nothing in between to make a heatmap of. */
class FloatEngine {
  #network;

  /** @param {OnnxClassifier} network */
  constructor(network) {
    this.#network = network;
  }

  /** @param {Uint8Array} file */
  embedBytes(file) {
    return this.#network.outputsOfBytes(file);
  }

  /** @param {ImageData} image */
  embedImageData({ data, width, height }) {
    return this.#network.outputsOfRgba(data, width, height);
  }

  /** @returns {Info} */
  infoWith() {
    return { ...this.#network.info, features: 0, layers: [], backbone: '', lanes: /** @type {const} */ ('simd128') };
  }

  free() {
    this.#network.free();
  }
}

/** Its answers, called as a head is; the network is the engine's to free. */
class FloatHead {
  #network;

  /** @param {OnnxClassifier} network */
  constructor(network) {
    this.#network = network;
    this.labels = network.labels;
  }

  /**
   * @param {Float32Array} outputs
   * @param {number} topK
   */
  answer(outputs, topK) {
    return this.#network.answer(outputs, topK);
  }

  free() {}
}
