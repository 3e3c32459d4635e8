// What callers hand over by mistake, or because somebody else made it: every call works or rejects with an error that has a
// code, and nothing of the process is changed by it. `RUNS=100000` tries for longer.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { APP, PACKAGE, sample } from './pages.mjs';

const { MobilenetError, load } = await import(createRequire(join(APP, 'app.js')).resolve('mobilenet-web'));
const RUNS = Number(process.env.RUNS ?? 100);
/** Longer than any call takes, for one that never ends. */
const PATIENCE_MILLIS = 20_000;
const CODES = new Set(readFileSync(join(PACKAGE, 'engine/shared/failure.js'), 'utf8').match(/'[a-z]+(-[a-z]+)*'/g)?.map((code) => code.slice(1, -1)));
const BUILT_IN = [Object, Array, Function, Promise, Map, Error, MobilenetError, Uint8Array, AbortSignal].map(({ prototype }) => prototype);

/** @type {any} */
let classifier;
/** @type {unknown[]} */
const unhandled = [];
const hear = (/** @type {unknown} */ reason) => unhandled.push(reason);
before(async () => {
  classifier = await load();
  process.on('unhandledRejection', hear);
});
after(() => process.off('unhandledRejection', hear));

const refuse = () => {
  throw new RangeError('hands off');
};
const traps = { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse, getOwnPropertyDescriptor: refuse };

/** @param {any} value */
function cycle(value) {
  value.self = value;
  return value;
}

function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** What fast-check must not touch, and calls may change: made anew for each. */
class Later {
  /** @param {() => unknown} make */
  constructor(make) {
    this.make = make;
  }
  [fc.toStringMethod]() {
    return String(this.make);
  }
}

const MONSTERS = [
  () => new Proxy({}, traps),
  () => new Proxy(() => {}, traps),
  revoked,
  () => cycle({}),
  () => cycle([]),
  () => JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'),
  () => ({ get label() { return refuse(); }, get topK() { return refuse(); }, get signal() { return refuse(); }, get source() { return refuse(); } }),
  () => ({ toString: refuse, valueOf: refuse, toJSON: refuse, [Symbol.toPrimitive]: refuse, [Symbol.iterator]: refuse }),
  () => ({ then: (/** @type {unknown} */ _, /** @type {(reason: unknown) => void} */ reject) => reject('no promise') }),
  () => Object.create(null),
  () => Symbol('symbol'),
  () => 2n ** 70n,
  () => refuse,
  () => new Date(NaN),
  () => new WeakMap(),
  () => ({ length: 2 ** 53, 0: 'a' }),
  () => Object.assign([], { length: 2 ** 32 - 1 }),
  () => ({ data: new Uint8Array(4), width: 1, height: 1 }),
  () => ({ data: new Uint8Array(4), width: 2 ** 32 + 1, height: 1 }),
  () => ({ data: new Uint8Array(4), width: NaN, height: -1 }),
  () => ({ data: 'pixels', width: 0.5, height: '2' }),
  () => new Uint8Array(new SharedArrayBuffer(8)),
  () => structuredClone(new ArrayBuffer(8), { transfer: [] }),
].map((make) => new Later(make));

/**
 * @param {any} value
 * @returns {any}
 */
function made(value) {
  if (value instanceof Later) return value.make();
  if (Array.isArray(value)) return value.map(made);
  if (typeof value !== 'object' || value === null || ![null, Object.prototype].includes(Object.getPrototypeOf(value))) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, made(inner)]));
}

const numbers = fc.constantFrom(NaN, Infinity, -Infinity, -0, -1, 0.5, 1, 2, 7, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53, 1e308);
const words = fc.constantFrom('', ' ', 'sofa', 'bed', '__proto__', 'constructor', 'toString', '\ud800', '\0', 'x'.repeat(300));
const anything = fc.oneof(
  numbers,
  words,
  fc.constantFrom(...MONSTERS),
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSet: true, withSparseArray: true, withTypedArray: true, maxDepth: 2 }),
);

/**
 * An object with some of these keys, or no such object at all.
 *
 * @param {Record<string, import('fast-check').Arbitrary<unknown>>} model
 */
function object(model) {
  const keys = Object.fromEntries(Object.entries(model).map(([key, sound]) => [key, fc.oneof({ weight: 3, arbitrary: sound }, { weight: 1, arbitrary: anything })]));
  return fc.oneof({ weight: 8, arbitrary: fc.record(keys, { requiredKeys: [] }) }, { weight: 1, arbitrary: anything });
}

const SOFA = new Uint8Array(sample('sofa'));
const signals = fc.constantFrom(undefined, new Later(() => new AbortController().signal), new Later(() => AbortSignal.abort()));
const sources = fc.constantFrom(...[() => SOFA, () => SOFA.slice(0, 900), () => new Uint8Array(), () => join(APP, 'sofa.jpg')].map((make) => new Later(make)));

/**
 * Makes one call and checks what has to hold for each.
 *
 * @param {() => unknown} call
 */
async function survive(call) {
  const shapes = BUILT_IN.map((prototype) => Reflect.ownKeys(prototype).length);
  /** @type {NodeJS.Timeout | undefined} */
  let clock;
  const late = new Promise((_, reject) => {
    clock = setTimeout(() => reject(new assert.AssertionError({ message: 'it never ends' })), PATIENCE_MILLIS);
  });
  try {
    await Promise.race([call(), late]);
  } catch (error) {
    check(error);
  } finally {
    clearTimeout(clock);
  }
  assert.deepEqual(BUILT_IN.map((prototype) => Reflect.ownKeys(prototype).length), shapes, 'a prototype was changed');
  assert.equal(/** @type {any} */ ({}).polluted, undefined);
  // What nobody handled is told between two turns.
  await new Promise(setImmediate);
  assert.deepEqual(unhandled, []);
}

/** @param {any} error */
function check(error) {
  if (error instanceof assert.AssertionError) throw error;
  // The reason of a signal.
  if (error instanceof DOMException && error.name === 'AbortError') return;
  assert.ok(error instanceof MobilenetError, `${error?.stack ?? String(error)}`);
  assert.ok(CODES.has(error.code) && !['engine-crashed', 'out-of-memory'].includes(error.code), `${error.code}: ${error.message}`);
}

/**
 * @param {import('fast-check').Arbitrary<unknown[]>} values
 * @param {(...values: any[]) => unknown} call
 * @param {number} [runs]
 */
function tried(values, call, runs = RUNS) {
  return fc.assert(fc.asyncProperty(values, (given) => survive(() => call(...made(given)))), { numRuns: runs, includeErrorInReport: true });
}

test('load survives whatever it is given', () =>
  tried(fc.tuple(fc.oneof(anything, sources), object({ signal: signals })), async (model, options) => (await load(model, options)).dispose()));

test('classify, embed and heatmap survive whatever they are given', () =>
  tried(
    fc.tuple(fc.constantFrom('classify', 'embed', 'heatmap'), fc.oneof(anything, sources), object({ topK: numbers, label: words, signal: signals })),
    async (method, source, options) => {
      const { predictions } = await classifier[method](source, options);
      if (method !== 'embed') assert.equal(predictions.length, Math.min(options?.topK ?? 5, classifier.labels.length));
    },
  ));

const embeddings = fc.constantFrom(0, 0.5, NaN, Infinity).map((number) => new Later(() => new Float32Array(1280).fill(number)));
const samples = fc.oneof(
  { weight: 4, arbitrary: fc.array(object({ label: words, burst: numbers, embedding: embeddings }), { maxLength: 6 }) },
  { weight: 1, arbitrary: fc.array(object({ label: words, source: sources }), { maxLength: 3 }) },
  { weight: 1, arbitrary: anything },
);
const recipe = object({
  features: fc.constantFrom('auto', 'last', 'tail'), seed: numbers, dropout: numbers, learning_rate: numbers, schedule: fc.constantFrom('constant', 'cosine', 'plateau'), weight_decay: numbers,
  label_smoothing: numbers, class_weights: fc.constantFrom('none', 'balanced'), batch: numbers, epochs: fc.constantFrom(1, 2, 3), patience: numbers,
});
const settings = object({ recipe, validation_share: numbers, false_rejections: numbers });

test('fit survives whatever it is given', () =>
  tried(
    fc.tuple(samples, object({ labels: fc.array(words, { maxLength: 4 }), settings, onEpoch: fc.constant(() => {}), signal: signals })),
    async (given, options) => (await classifier.fit(given, options)).dispose(),
  ));

test('what has no end is refused', async () => {
  const endless = function* () {
    for (;;) yield { label: 'a', embedding: new Float32Array() };
  };
  for (const labels of [undefined, new Array(2 ** 32 - 1)]) {
    await assert.rejects(classifier.fit(labels ? [] : endless(), { labels }), { name: 'MobilenetError', code: 'bad-argument', message: /more than/ });
  }
});

test('the classifier answers and fits afterwards as before', async () => {
  const { predictions } = await classifier.classify(SOFA);
  assert.equal(predictions[0].label, 'sofa');
  const rows = [0.1, 0.2].map((number, index) => ({ label: `class ${index}`, embedding: new Float32Array(1280).fill(number) }));
  assert.deepEqual((await classifier.fit(rows)).labels, ['class 0', 'class 1']);
});
