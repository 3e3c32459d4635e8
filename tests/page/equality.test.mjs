// The page and the program give the same probabilities, to the last bit, for pictures of every kind and for real photos.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CLASSES, classified, classify, filesIn, openPage, openSite, shared } from './browser.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = join(ROOT, 'target/release/mobilenet');
const MODEL = join(ROOT, 'src/core/models/furniture.safetensors');
const PICTURE = /\.(jpg|png|webp|gif|bmp)$/;

/**
 * @param {string[]} files
 * @returns {Map<string, Record<string, number | boolean>>} by file: probability by label, and whether it is rejected
 */
function nativeAnswers(files) {
  const { stdout } = spawnSync(PROGRAM, ['classify', MODEL, '--json', '--top-k', '1000', ...files], { encoding: 'utf8' });
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line));
  return new Map(lines.map(({ file, predictions, rejected }) => [file, { rejected, ...byLabel(predictions) }]));
}

/** @param {{ label: string, probability: number }[]} predictions */
function byLabel(predictions) {
  // Both sides hold 32-bit floats; JSON writes the shortest decimal that gives the same 32 bits.
  return Object.fromEntries(predictions.map(({ label, probability }) => [label, Math.fround(probability)]));
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string[]} files
 */
async function compare(t, files) {
  const native = nativeAnswers(files);
  const site = await openSite();
  t.after(site.close);
  const { page } = await openPage(site);
  for (const file of files) {
    const { predictions, rejected } = classified(await classify(page, file));
    assert.equal(predictions.length, CLASSES.length);
    assert.deepEqual({ rejected, ...byLabel(predictions) }, native.get(file), file);
  }
}

test('the same bits for every kind of picture', async (t) => {
  const folder = join(ROOT, 'tests/pictures');
  const files = readdirSync(folder).filter((name) => PICTURE.test(name)).map((name) => join(folder, name));
  assert.ok(files.length > 25, `${files.length} pictures`);
  await compare(t, files);
});

test('the same bits for real photos', async (t) => {
  const [furniture, imagenet] = [shared('data/furniture/val'), shared('data/imagenet_sample')];
  if (!furniture || !imagenet) return t.skip('no photos on this machine');
  const some = CLASSES.flatMap((label) => filesIn(join(furniture, label))).filter((_, at) => at % 2 === 0);
  assert.equal(some.length, 212);
  await compare(t, [...some, ...filesIn(imagenet).filter((name) => PICTURE.test(name)).slice(0, 30)]);
});
