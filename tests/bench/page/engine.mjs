// One engine, alone in a page for its cold load or in an iframe among others for its times. Everything runs on the page's main
// thread, for every engine alike; those with two threads have a worker besides.

import { memoryBytes } from './memory.mjs';
import { resizer } from '../adapters/input.mjs';

/**
 * @typedef {import('../adapters/input.mjs').NumberType} NumberType
 * @typedef {ArrayLike<number | undefined>} Numbers
 * @typedef {{ url: string, model: () => Promise<Uint8Array>, type: NumberType, threads: number }} Options
 *
 * What an adapter gives.
 * @typedef {object} Engine
 * @property {(input: Uint8Array) => any} prepare 224 x 224 x 3 bytes, as the network takes them
 * @property {(prepared: any) => unknown} infer the network alone
 * @property {(picture: ImageData) => Numbers | Promise<Numbers>} classify a probability a class
 * @property {(file: Uint8Array) => Numbers} [classifyFile] the same from the bytes of a JPEG, where the engine decodes
 * @property {(input: Uint8Array) => Numbers} [answer] a probability a class of an input, where `infer` gives something else
 * @property {string[]} [labels] what the classes are called, where the engine knows
 * @property {string} [lanes] the instructions that it runs on, where it tells
 *
 * @typedef {(options: Options) => Promise<Engine>} Load
 */

const query = new URLSearchParams(location.search);
const { adapter, url, type, threads } = JSON.parse(query.get('engine') ?? '');

/** @param {string} url */
async function decode(url) {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const { width, height } = bitmap;
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext('2d'));
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height);
}

/**
 * @param {ImageData} picture
 * @param {[number, number]} size
 */
async function scale(picture, [width, height]) {
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.drawImage(await createImageBitmap(picture), 0, 0, width, height);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
  return { pixels: context.getImageData(0, 0, width, height), file: new Uint8Array(await blob.arrayBuffer()) };
}

/** @returns {Promise<Engine>} */
async function load() {
  const { load } = /** @type {{ load: Load }} */ (await import(`../adapters/${adapter}.mjs`));
  const model = async () => new Uint8Array(await (await fetch(url)).arrayBuffer());
  return load({ url, model, type, threads });
}

/** @param {Uint8ClampedArray} rgba */
function withoutAlpha(rgba) {
  return Uint8Array.from({ length: (rgba.length / 4) * 3 }, (_, at) => rgba[Math.floor(at / 3) * 4 + (at % 3)] ?? 0);
}

/** The engine at work on a set of pictures. */
class Bench {
  #engine;
  #pictures;
  #inputs;
  #prepared;

  /**
   * @param {Engine} engine
   * @param {ImageData[]} pictures
   * @param {number} coldMillis from navigation to the first answer
   */
  constructor(engine, pictures, coldMillis) {
    this.coldMillis = coldMillis;
    this.#engine = engine;
    this.#pictures = pictures;
    const resize = resizer();
    this.#inputs = pictures.map((picture) => withoutAlpha(resize(picture)));
    this.#prepared = this.#inputs.map(engine.prepare);
  }

  labels() {
    return this.#engine.labels;
  }

  lanes() {
    return this.#engine.lanes;
  }

  /** Probabilities for each picture: by the whole way, and from the input that all engines share. */
  async answers() {
    const { classify, infer, answer } = this.#engine;
    const found = [];
    for (const [at, picture] of this.#pictures.entries()) {
      const input = /** @type {Uint8Array} */ (this.#inputs[at]);
      const shared = answer ? answer(input) : /** @type {Numbers} */ (await infer(this.#prepared[at]));
      found.push({ picture: [...Array.from(await classify(picture))], input: [...Array.from(shared)] });
    }
    return found;
  }

  /**
   * One turn: so many runs of the network, then so many of the whole way, the first ones of each not counted.
   *
   * @param {number} discarded
   * @param {number} timed
   */
  async turn(discarded, timed) {
    const { infer, classify } = this.#engine;
    return {
      network: await times(discarded, timed, this.#prepared, infer),
      picture: await times(discarded, timed, this.#pictures, classify),
    };
  }

  /**
   * Milliseconds of the whole way from a picture of another size: from its pixels, and from a JPEG file of it.
   *
   * @param {[number, number]} size width and height
   * @param {number} discarded
   * @param {number} timed
   */
  async sized(size, discarded, timed) {
    const { classify, classifyFile } = this.#engine;
    const { pixels, file } = await scale(/** @type {ImageData} */ (this.#pictures[0]), size);
    return {
      pixels: await times(discarded, timed, [pixels], classify),
      file: classifyFile ? await times(discarded, timed, [file], classifyFile) : [],
    };
  }

  /**
   * Bytes of wasm memory after so many more frames.
   *
   * @param {number} frames
   */
  async memoryAfter(frames) {
    for (let at = 0; at < frames; at++) await this.#engine.classify(/** @type {ImageData} */ (this.#pictures[at % this.#pictures.length]));
    return memoryBytes();
  }
}

/**
 * Milliseconds of each timed run.
 *
 * @template T
 * @param {number} discarded
 * @param {number} timed
 * @param {T[]} values taken in turn
 * @param {(value: T) => unknown} run
 */
async function times(discarded, timed, values, run) {
  const found = [];
  for (let at = 0; at < discarded + timed; at++) {
    const value = /** @type {T} */ (values[at % values.length]);
    const start = performance.now();
    await run(value);
    if (at >= discarded) found.push(performance.now() - start);
  }
  return found;
}

async function start() {
  const urls = query.getAll('picture');
  const [engine, first] = await Promise.all([load(), decode(/** @type {string} */ (urls[0]))]);
  await engine.classify(first);
  const coldMillis = performance.now();
  const others = await Promise.all(urls.slice(1).map(decode));
  return new Bench(engine, [first, ...others], coldMillis);
}

/** For whoever drives the browser: a promise of the bench. */
Object.assign(globalThis, { started: start() });
