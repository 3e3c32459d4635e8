// Relaxed SIMD: however a browser reads the bytes of its product, and whatever it says of that, the answers are the same bits. Each reading is
// forced in turn: a side module compiled without the relaxed instruction multiplies as the probe claims.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CLASSES, chromiumOnly, classified, classify, filesIn, openPage, openSources, sample, shared } from './browser.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PICTURES = join(ROOT, 'tests/pictures');
const STUB = join(ROOT, 'target/side/exact.wasm');

/**
 * @typedef {'own' | 'none' | 'unsigned' | 'signed' | 'cut'} Claim what the probe is made to say: its own answer, that there is no
 *   relaxed SIMD, or a reading
 * @typedef {{ lanes: string, claimed: boolean, answers: string[] }} Answered claimed: the probe was asked, and said what it was to say
 */

/** @type {Awaited<ReturnType<typeof openSources>>} */
let site;
before(async () => {
  compileStub();
  site = await openSources();
});
after(() => site.close());

/** The loops of the side module with the product by definition, which heeds how the inputs were packed. */
function compileStub() {
  mkdirSync(join(ROOT, 'target/side'), { recursive: true });
  const options = ['opt-level=3', 'panic=abort', 'lto=fat', 'codegen-units=1', 'target-feature=+simd128', 'link-arg=--import-memory', 'link-arg=-zstack-size=0'];
  const settings = ['--crate-name', 'side', '--crate-type', 'cdylib', '--edition', '2024', '--cfg', 'side_module', '--cap-lints', 'allow'];
  const target = ['--target', 'wasm32-unknown-unknown', '-o', STUB, ...options.flatMap((option) => ['-C', option])];
  execFileSync('rustc', ['src/kernel/lib.rs', ...settings, ...target], { cwd: ROOT });
}

/** Photos where there are any, and pictures of every kind. */
function someFiles() {
  const furniture = shared('data/furniture/val');
  const photos = furniture ? CLASSES.flatMap((label) => filesIn(join(furniture, label))).filter((_, at) => at % 2 === 0) : [];
  const pictures = readdirSync(PICTURES).filter((name) => /\.(jpg|png|webp|gif|bmp)$/.test(name));
  return [...photos.slice(0, 200), ...pictures.map((name) => join(PICTURES, name))];
}

/**
 * Starts an engine of its own and has it answer.
 *
 * @param {import('puppeteer-core').Page} page
 * @param {{ claim: Claim, stub: boolean, files: string[], forbid?: boolean }} wishes stub: the loops are those of the stub, not the browser's own
 * @returns {Promise<Answered>}
 */
async function answersOf(page, { claim, stub, files, forbid = false }) {
  const base64 = (/** @type {string} */ path) => readFileSync(path, 'base64');
  const { lanes, claimed } = await page.evaluate(
    async (claim, stub, forbid) => {
      const bytes = stub === null ? null : Uint8Array.from(atob(stub), (letter) => letter.charCodeAt(0));
      const { Instance } = WebAssembly;
      let claimed = false;
      /** The sums that a browser with such a reading would give. */
      const sumsOf = (/** @type {ArrayBuffer} */ memory, /** @type {number} */ operands, /** @type {number} */ rounds) => {
        const weights = new Int8Array(memory, operands, 16);
        const inputs = claim === 'signed' ? new Int8Array(memory, operands + 16, 16) : new Uint8Array(memory, operands + 16, 16);
        const pair = (/** @type {number} */ at) => {
          const sum = (weights[at] ?? 0) * (inputs[at] ?? 0) + (weights[at + 1] ?? 0) * (inputs[at + 1] ?? 0);
          return claim === 'cut' ? Math.max(-32768, Math.min(32767, sum)) : sum;
        };
        return [0, 4, 8, 12].map((at) => Math.imul(pair(at) + pair(at + 2), rounds));
      };
      /** @type {(module: WebAssembly.Module, imports: { env: { memory: WebAssembly.Memory } }) => { exports: WebAssembly.Exports }} */
      const linkAs = function (module, imports) {
        if (claim === 'none') throw new WebAssembly.CompileError('no relaxed SIMD here');
        const { exports } = new Instance(bytes ? new WebAssembly.Module(bytes) : module, imports);
        if (claim === 'own') return { exports };
        /** @type {(flip: number, operands: number, rounds: number, sums: number) => void} */
        const probe = (_, operands, rounds, sums) => {
          const { buffer } = imports.env.memory;
          claimed = true;
          new Int32Array(buffer, sums, 4).set(sumsOf(buffer, operands, rounds));
        };
        return { exports: { ...exports, probe } };
      };
      Object.assign(WebAssembly, { Instance: linkAs });
      // By another address it is another engine.
      const engine = await import(`/pkg/wasm/mobilenet_web.js?${Math.random()}`);
      await engine.default();
      if (forbid) engine.forbidRelaxedSimd();
      Object.assign(self, { raw: engine.Classifier.embedded() });
      Object.assign(WebAssembly, { Instance });
      return { lanes: /** @type {any} */ (self).raw.info.lanes, claimed };
    },
    claim,
    stub ? base64(STUB) : null,
    forbid,
  );
  const answers = [];
  for (const file of files) {
    answers.push(
      await page.evaluate((file) => {
        const { raw } = /** @type {any} */ (self);
        const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
        const embedding = raw.embedBytes(bytes);
        const head = raw.ownHead();
        const { predictions, rejected } = head.answer(embedding, 5);
        head.free();
        return JSON.stringify([predictions, rejected, [...new Uint32Array(embedding.buffer)]]);
      }, base64(file)),
    );
  }
  return { lanes, claimed, answers };
}

test('every reading of the bytes gives the same bits', { skip: chromiumOnly }, async (t) => {
  const files = someFiles();
  const { page } = await openPage(site);
  t.after(() => page.close());
  const expected = await answersOf(page, { claim: 'own', stub: false, files, forbid: true });
  assert.equal(expected.lanes, 'simd128', 'an option has it do without');
  /** @type {[Claim, boolean, string | null][]} */
  const outcomes = [
    ['own', false, null],
    ['unsigned', true, 'relaxed-simd'],
    ['signed', true, 'relaxed-simd'],
    ['cut', true, 'simd128'],
    ['none', true, 'simd128'],
  ];
  for (const [claim, stub, lanes] of outcomes) {
    const found = await answersOf(page, { claim, stub, files });
    t.diagnostic(`${claim}: ${found.lanes}, ${found.answers.length} pictures`);
    if (lanes) assert.deepEqual([found.lanes, found.claimed], [lanes, claim !== 'none'], claim);
    assert.deepEqual(found.answers, expected.answers, claim);
  }
});

test('a browser whose probe is right and whose product is wrong is found out', { skip: chromiumOnly }, async (t) => {
  const files = someFiles().slice(-5);
  // On x86 sums are cut at 16 bits then, and on ARM bytes are read as signed: neither is what is claimed.
  const old = await openSources(['--js-flags=--no-enable-avx-vnni']);
  t.after(old.close);
  const { page } = await openPage(old);
  const expected = await answersOf(page, { claim: 'none', stub: false, files });
  const found = await answersOf(page, { claim: 'unsigned', stub: false, files });
  assert.deepEqual(found.answers, expected.answers);
  assert.ok(found.claimed, 'it is believed at first');
  assert.equal(found.lanes, 'simd128', 'and not after the self-test');
  await page.close();
});

test('a browser that computes otherwise once its code is hot goes on without relaxed SIMD', { skip: chromiumOnly }, async (t) => {
  const { page } = await openPage(site);
  t.after(() => page.close());
  const answers = [];
  for (let at = 0; at < 2; at++) answers.push(classified(await classify(page, sample('bed'))));
  const lanes = () => page.evaluate(async () => (await import(new URL('../pkg/engine/page/load.js', document.baseURI).href)).load().then((/** @type {any} */ { info }) => info.lanes));
  if ((await lanes()) !== 'relaxed-simd') return t.skip('this machine has no exact product of bytes');
  const [worker] = page.workers();
  await worker?.evaluate(async () => {
    const { Classifier } = await import(new URL('../../wasm/mobilenet_web.js', location.href).href);
    Classifier.prototype.checkAgain = () => {
      throw new Error('planted');
    };
  });
  while (page.workers()[0] === worker && answers.length < 120) answers.push(classified(await classify(page, sample('bed'))));
  assert.equal(answers.length, 100, 'the hundredth pass is the one that is checked');
  assert.equal(await lanes(), 'simd128');
  for (const { predictions } of answers) assert.deepEqual(predictions, answers[0]?.predictions);
});

test('without AVX-VNNI the page works as before', { skip: chromiumOnly }, async (t) => {
  const old = await openSources(['--js-flags=--no-enable-avx-vnni']);
  t.after(old.close);
  const files = someFiles().slice(-5);
  const { page } = await openPage(old);
  const [own, without] = [await answersOf(page, { claim: 'own', stub: false, files }), await answersOf(page, { claim: 'none', stub: false, files })];
  if (process.arch === 'x64') assert.equal(own.lanes, 'simd128');
  assert.deepEqual(own.answers, without.answers);
  await page.close();
});
