// A bit that flips in a model file, anywhere: every one is refused, in the very wasm of the page.
//
// Quick by default; `FLIPS=10000 node --test faults-flips.test.mjs` flips so many in each file.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WASM = join(ROOT, 'pkg/wasm');
const FLIPS = Number(process.env.FLIPS ?? 60);
const CODES = ['bad-model', 'wrong-backbone', 'self-test-failed'];

const { Classifier, initSync } = await import(pathToFileURL(join(WASM, 'mobilenet_web.js')).href);
const { Studio, initSync: initStudio } = await import(pathToFileURL(join(WASM, 'mobilenet_studio.js')).href);
initSync({ module: await readFile(join(WASM, 'mobilenet_web_bg.wasm')) });
initStudio({ module: await readFile(join(WASM, 'mobilenet_studio_bg.wasm')) });
const shared = Classifier.embedded();
const head = new Uint8Array(await readFile(join(ROOT, 'src/core/models/furniture.safetensors')));
const backbone = new Uint8Array(await readFile(join(ROOT, 'src/core/models/mobilenet_v2_1.0_224.safetensors')));

/**
 * Places for flips: the first ones are spread over the header, which is small and where each byte means something.
 *
 * @param {Uint8Array} bytes
 */
function* places(bytes) {
  const header = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  let seed = 1;
  // An LCG of Knuth's: the same flips on every machine.
  const random = () => (seed = Math.imul(seed, 1664525) + 1013904223) >>> 8;
  for (let count = 0; count < FLIPS; count++) {
    const end = count % 2 ? bytes.length : header;
    yield { at: random() % end, bit: random() % 8 };
  }
}

for (const [name, bytes, open] of /** @type {[string, Uint8Array, (bytes: Uint8Array) => { free: () => void }][]} */ ([
  ['the furniture model', head, (bytes) => shared.openHead(bytes)],
  ['the backbone', backbone, (bytes) => new Studio(bytes)],
  ['both in one file', new Uint8Array(new Studio(backbone).modelFile(head)), (bytes) => Classifier.fromBytes(bytes)],
])) {
  test(`${FLIPS} flips of a bit in ${name} are refused, each with a code`, () => {
    assert.equal(outcome(() => open(bytes)), 'opened');
    const codes = new Map();
    for (const { at, bit } of places(bytes)) {
      const before = bytes[at] ?? 0;
      bytes[at] = before ^ (1 << bit);
      const code = outcome(() => open(bytes));
      codes.set(code, (codes.get(code) ?? 0) + 1);
      assert.ok(CODES.includes(code), `byte ${at}, bit ${bit}: ${code}`);
      bytes[at] = before;
    }
    assert.equal([...codes.values()].reduce((sum, count) => sum + count, 0), FLIPS);
    assert.equal(outcome(() => open(bytes)), 'opened', 'the engine lives on');
  });
}

/** @param {() => { free: () => void }} act */
function outcome(act) {
  try {
    act().free();
    return 'opened';
  } catch (error) {
    return /** @type {any} */ (error).code ?? String(error);
  }
}
