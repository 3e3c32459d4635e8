// The same bits in Chromium, Firefox, WebKitGTK and the terminal, by the API of the package: embeddings, probabilities and heatmaps.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CLASSES, FURNITURE, filesIn, openPage, openSite, shared, until } from './browser.mjs';
import { noFirefox, noWebKit, openFirefox, openWebKit } from './engines.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = join(ROOT, 'target/release/mobilenet');
const PICTURE = /\.(jpg|png|webp|gif|bmp)$/;
const COUNT = 100;
const PAGE = `<!doctype html>
<title>Somebody's page</title>
<script type="module">
  import { load } from './engine/page/load.js';
  globalThis.classifier = load();
</script>`;

const run = promisify(execFile);
const openChromium = (/** @type {string} */ folder) => openSite([], folder, {}, false);

const ofEveryKind = filesIn(join(ROOT, 'tests/pictures')).filter((name) => PICTURE.test(name));
const photos = realPhotos(COUNT - ofEveryKind.length);
/** @type {string} a site with the pictures in it */
let folder;
/** @type {Map<string, ReturnType<typeof bits>>} what the terminal says, by file */
const expected = new Map();
/** @type {Buffer} what the terminal writes, in which embeddings are as they are in memory */
let embeddings;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mobilenet-engines-'));
  for (const part of ['engine', 'wasm']) await symlink(join(ROOT, 'pkg', part), join(folder, part));
  await writeFile(join(folder, 'index.html'), PAGE);
  await mkdir(join(folder, 'pictures/all'), { recursive: true });
  const files = [...ofEveryKind, ...photos];
  for (const file of files) await cp(file, join(folder, path(file)));
  const out = join(folder, 'embeddings.parquet');
  await run(PROGRAM, ['embed', join(folder, 'pictures'), '--out', out, '--cache', join(folder, 'cache')]);
  embeddings = await readFile(out);
  await native(files);
});
after(() => rm(folder, { recursive: true }));

/** @param {number} count half of it furniture; none where one of both is missing */
function realPhotos(count) {
  const [furniture, imagenet] = [shared('data/furniture/val'), shared('data/imagenet_sample')];
  if (!furniture || !imagenet) return [];
  const half = Math.floor(count / 2);
  const each = CLASSES.map((label) => filesIn(join(furniture, label)));
  const some = Array.from({ length: half }, (_, at) => each[at % each.length]?.[Math.floor(at / each.length)] ?? '');
  return [...some, ...filesIn(imagenet).filter((name) => PICTURE.test(name)).slice(0, count - half)];
}

/**
 * Where a picture is in the site: of two folders, files may have the same name.
 *
 * @param {string} file
 */
function path(file) {
  return `pictures/all/${basename(dirname(file))}-${basename(file)}`;
}

/**
 * Runs in the page.
 *
 * @param {string} path
 */
async function ask(path) {
  const classifier = await /** @type {any} */ (globalThis).classifier;
  const picture = await (await fetch(path)).blob();
  const bits = (/** @type {Float32Array} */ floats) => btoa(String.fromCharCode(...new Uint8Array(floats.slice().buffer)));
  const { predictions, rejected, values } = await classifier.heatmap(picture, { topK: 1000 });
  return { predictions, rejected, heatmap: [...values], embedding: bits(await classifier.embed(picture)) };
}

/**
 * What the terminal says.
 *
 * @param {string[]} files
 */
async function native(files) {
  const { stdout } = await run(PROGRAM, ['classify', FURNITURE, '--json', '--top-k', '1000', ...files], { maxBuffer: 1e8 });
  for (const line of stdout.trim().split('\n')) {
    const { file, predictions, rejected } = JSON.parse(line);
    const explained = await run(PROGRAM, ['explain', FURNITURE, '--json', file]);
    expected.set(file, bits({ predictions, rejected, heatmap: JSON.parse(explained.stdout).heatmap.flat() }));
  }
}

/**
 * Numbers as they are in memory: JSON writes the shortest decimals that give the same 32 bits.
 *
 * @param {{ predictions: { label: string, probability: number }[], rejected: boolean, heatmap: number[] }} answer
 */
function bits({ predictions, rejected, heatmap }) {
  return { rejected, heatmap: Float32Array.from(heatmap), labels: predictions.map(({ label }) => label), probabilities: Float32Array.from(predictions, ({ probability }) => probability) };
}

/**
 * @param {Page} page
 * @param {string[]} files
 */
async function compare(page, files) {
  for (const file of files) {
    const { embedding, ...answer } = await page.evaluate(ask, path(file));
    assert.equal(answer.predictions.length, CLASSES.length);
    assert.deepEqual(bits(answer), expected.get(file), file);
    assert.ok(embeddings.includes(Buffer.from(embedding, 'base64')), `the embedding of ${file}`);
  }
}

for (const [name, open, missing] of /** @type {const} */ ([['Chromium', openChromium, null], ['Firefox', openFirefox, noFirefox], ['WebKitGTK', openWebKit, noWebKit]])) {
  test(`${name} gives the bits of the terminal`, { skip: missing ?? false }, async (t) => {
    const site = await open(folder);
    t.after(site.close);
    const { page } = await openPage(site, { ready: false });
    await until(page, () => 'classifier' in globalThis);
    await t.test(`for ${ofEveryKind.length} pictures of every kind`, () => compare(page, ofEveryKind));
    await t.test(`for ${photos.length} photos`, { skip: photos.length === 0 && 'no photos on this machine' }, () => compare(page, photos));
  });
}
