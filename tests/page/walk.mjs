// The walk of a picture: every function of ours that is called from the browser's `drop` event until the answer is on the screen, in
// order, in Chromium. `node tests/page/walk.mjs` prints it; CONTRIBUTING.md has what it printed last.
//
// A hop takes the picture, or its answer, one function further: from hand to hand, into a queue, out of it, or onto the screen. Aside
// from the walk stand, indented and not counted: what a hop has done on the way (ASIDE), and what is drawn within the file that draws.
// Getters give what is there and are no hops; nor are words, nor what happens once the answer is out.

import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { drop } from './acts.mjs';
import { ROOT, openAlone, openPage, sample } from './browser.mjs';

const PACKAGE = process.argv[2] ?? join(ROOT, 'pkg');

/** Files that draw. */
const DISPLAY = /^element\/(announcer|heatmap|loading|notice|predictions|results|stage|stopwatch|view)\.js$/;

/** What clears, counts, times, or looks after others; none of it is given the picture, and none gives it on. */
const ASIDE = [
  'element/element.js onHover', 'element/element.js onBusy', 'element/element.js compares', 'element/intake.js onBusy', 'element/intake.js #begin', 'element/model-slot.js others',
  'element/view.js clearLines', 'element/view.js hideFailure', 'element/results.js clear', 'element/notice.js hide', 'element/heatmap.js clear', 'element/stopwatch.js showPicture',
  'element/live.js stop', 'element/live.js stopCamera', 'element/live.js stopVideo', 'element/camera.js stop', 'element/comparison.js sessions', 'element/comparison.js close',
  'element/batch.js forget', 'element/batch.js #setBusy', 'element/intake.js #isPassedOver', 'engine/shared/failure.js unlessAborted',
  'engine/page/worker-slot.js start', 'engine/page/worker-slot.js chore', 'engine/page/worker-slot.js #open', 'engine/page/pool.js grow', 'engine/page/client.js isOpen', 'engine/page/job-queue.js #end',
  'engine/page/session.js onValue', 'engine/page/client.js #start', 'engine/page/session.js idsOf', 'engine/page/session.js recover', 'engine/page/session.js release',
  'engine/shared/patience.js begin', 'engine/shared/patience.js renew', 'engine/shared/patience.js end', 'engine/worker/worker.js opened', 'engine/worker/answers.js checkWhenHot', 'engine/worker/worker.js checkWhenHot',
];

/** What puts an answer into words. */
const SAYING = /^element\/predictions\.js (verdict|summary|percent)$/;

/** What is done with an answer at last: it is in its row, and the page and the person are told. */
const LAST = /^element\/(announcer\.js say|results\.js answer|events\.js answered|element\.js #emit)$/;

const BODY = '<mobilenet-classifier></mobilenet-classifier>';
const PAGE = `<!doctype html><html lang="en" data-offline="none"><meta charset="utf-8"><title>walk</title><script type="module" src="walk.js"></script><script type="module" src="element/define.js"></script>${BODY}</html>`;
const ENTRY = "addEventListener('drop', () => __walk('element/pictures.js drop'), { capture: true });";

const RECORD = `
function __walk(name) {
  const [, , , by = ''] = String(new Error().stack).split('\\n');
  (globalThis.walked ??= []).push({ at: performance.timeOrigin + performance.now(), name, by });
}`;

/**
 * @param {ts.Node} node
 * @returns {string} empty where it has none
 */
function nameOf(node) {
  if (ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node)) return node.name?.text ?? '';
  if (ts.isMethodDeclaration(node)) return node.name.getText();
  if (!ts.isArrowFunction(node)) return '';
  // A cast stands around it.
  let { parent } = node;
  while (ts.isParenthesizedExpression(parent)) parent = parent.parent;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent) ? parent.name.getText() : '';
}

/**
 * @param {string} source
 * @param {string} file
 */
function traced(source, file) {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const wasm = file.startsWith('wasm/');
  /** @type {[at: number, text: string][]} */
  const inserts = [];
  const visit = (/** @type {ts.Node} */ node) => {
    const name = nameOf(node);
    const { body } = /** @type {{ body?: ts.Node }} */ (/** @type {unknown} */ (node));
    if (name && body && !(wasm && (!ts.isMethodDeclaration(node) || name.startsWith('__')))) {
      const call = `__walk(${JSON.stringify(`${file} ${name}`)})`;
      if (ts.isBlock(body)) inserts.push([body.getStart() + 1, `${call};`]);
      else inserts.push([body.getStart(), `(${call}, `], [body.getEnd(), ')']);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  inserts.sort(([a], [b]) => b - a);
  return inserts.reduce((text, [at, added]) => text.slice(0, at) + added + text.slice(at), source) + RECORD;
}

/** @param {string} folder gets the package's scripts, which say when they are called */
async function trace(folder) {
  for (const part of ['words', 'files']) await cp(join(PACKAGE, part), join(folder, part), { recursive: true });
  for (const part of ['element', 'engine', 'wasm']) {
    await cp(join(PACKAGE, part), join(folder, part), { recursive: true });
    for (const name of await readdir(join(folder, part), { recursive: true })) {
      const file = `${part}/${name}`;
      if (!file.endsWith('.js') || file.endsWith('engine-bytes.js')) continue;
      const path = join(folder, file);
      await writeFile(path, traced(await readFile(path, 'utf8'), file));
    }
  }
  await writeFile(join(folder, 'walk.html'), PAGE);
  await writeFile(join(folder, 'walk.js'), ENTRY + RECORD);
}

/**
 * @param {{ name: string, by: string }} call
 * @returns {boolean} whether it is drawn there, in its own file or as words
 */
function isDrawing({ name, by }) {
  const [file = ''] = name.split(' ');
  return SAYING.test(name) || DISPLAY.test(file) && (by.includes(`/${file}:`) || by.includes('/words/'));
}

const folder = await mkdtemp(join(tmpdir(), 'mobilenet-walk-'));
await trace(folder);
const site = await openAlone([], folder);
try {
  const { page } = await openPage({ ...site, url: `${site.url}/walk.html` });
  const workers = page.workers();
  const take = () => Promise.all([page, ...workers].map((realm) => realm.evaluate(() => /** @type {any} */ (globalThis).walked?.splice(0) ?? [])));
  const shown = () => page.evaluate(() => /** @type {any} */ (document.querySelector('mobilenet-classifier')).results.length);
  const { x, y } = await page.$eval('mobilenet-classifier', (element) => element.getBoundingClientRect().toJSON());
  // The first picture warms up what is made once.
  for (const label of ['bed', 'sofa']) {
    await take();
    await drop(page, [sample(label)], { x: x + 50, y: y + 50 });
    await new Promise((done) => setTimeout(done, 3000));
    if (!(await shown())) throw new Error('there is no answer');
  }
  const calls = (await take()).flat().sort((a, b) => a.at - b.at);
  const begun = calls.findIndex(({ name }) => name === 'element/pictures.js drop');
  const last = calls.findLastIndex(({ name }) => LAST.test(name));
  const walk = calls.slice(begun, last + 1).filter((call) => !isDrawing(call));
  // The queue is looked at once more when the answer is on its way.
  const seen = /** @type {Set<string>} */ (new Set());
  let hops = 0;
  for (const { name } of walk) {
    const aside = ASIDE.includes(name) || (seen.has(name) && /client\.js (work|#serve|#nextJob)|session\.js next|job-queue\.js (next|#take)/.test(name));
    seen.add(name);
    console.log(aside ? `       ${name}` : `${String(++hops).padStart(4)} ${name}`);
  }
  console.log(`${hops} hops, ${walk.length - hops} calls aside`);
} finally {
  await site.close();
  await rm(folder, { recursive: true });
}
