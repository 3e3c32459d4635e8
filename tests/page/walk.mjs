// The walk of a picture: every function of ours that is called from the browser's `drop` event until the answer is on the screen, in
// order, in Chromium. `node tests/page/walk.mjs` prints it; CONTRIBUTING.md has what it printed last.
//
// Counted is each call of a function, method or arrow function with a name, in pkg/element and pkg/engine, and of a method of the wasm.
// Not counted: getters (they give what is there), words, and what a part of the display does within its own file to draw itself.

import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { drop } from './acts.mjs';
import { ROOT, openAlone, openPage, sample } from './browser.mjs';

const PACKAGE = process.argv[2] ?? join(ROOT, 'pkg');

/** Files that draw. */
const DISPLAY = /^element\/(announcer|heatmap|loading|notice|predictions|results|stage|stopwatch|view|answer|frame)\.js$/;

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
 * @returns {boolean}
 */
function counts({ name, by }) {
  const [file = ''] = name.split(' ');
  return !(DISPLAY.test(file) && by.includes(`/${file}:`));
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
  const walk = calls.slice(begun).filter(process.argv.includes('--all') ? () => true : counts);
  walk.forEach(({ name }, index) => console.log(`${String(index + 1).padStart(2)} ${name}`));
  const files = new Set(calls.map(({ name }) => name.split(' ')[0]));
  console.log(`${walk.length} hops in ${files.size} files; ${calls.length} calls in all`);
} finally {
  await site.close();
  await rm(folder, { recursive: true });
}
