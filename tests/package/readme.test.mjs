// The snippets of the package's README, as they stand there, run.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { APP, PACKAGE, POLICY, host, launch, open, outcome } from './pages.mjs';

const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');

/** @type {import('puppeteer-core').Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

/**
 * The snippets of a language below a heading.
 *
 * @param {string} heading
 * @param {string} language
 */
function snippets(heading, language) {
  const [, section = ''] = readme.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  const found = [...own.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
  assert.ok(found.length, `${heading} has no ${language}`);
  return found;
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string} body
 * @param {string} [script]
 */
async function page(t, body, script = '') {
  const folder = await mkdtemp(join(tmpdir(), 'mobilenet-readme-'));
  t.after(() => rm(folder, { recursive: true }));
  await cp(PACKAGE, join(folder, 'mobilenet-web'), { recursive: true });
  for (const name of ['sofa', 'chair', 'bed']) await copyFile(join(APP, `${name}.jpg`), join(folder, `${name}.jpg`));
  await copyFile(join(APP, 'report.js'), join(folder, 'report.js'));
  await writeFile(join(folder, 'script.js'), script);
  await writeFile(join(folder, 'index.html'), `<!doctype html><html lang="en"><meta charset="utf-8"><title>README</title>${body}</html>`);
  return open(t, browser, await host(t, folder, { 'Content-Security-Policy': POLICY }));
}

/** Runs a module's text with a file, and gives what it logs. */
function logging(/** @type {string} */ text) {
  const entries = /** @type {Record<string, string>} */ ({ 'mobilenet-web': 'engine/page/load.js', 'mobilenet-web/wasm': 'wasm/mobilenet_web.js' });
  const own = text.replaceAll(/from "([^"]+)"/g, (_, name) => `from "./mobilenet-web/${entries[name]}"`);
  const imports = own.match(/^import .*$/gm) ?? [];
  return `
    ${imports.join('\n')}
    import { report } from './report.js';
    const get = async (name) => (await fetch(name + '.jpg')).blob();
    report(async () => {
      const [file, mug, anotherMug, plant, anotherPlant] = await Promise.all(['sofa', 'sofa', 'sofa', 'bed', 'bed'].map(get));
      const logged = [];
      const console = { log: (...words) => logged.push(words.join(' ')) };
      ${own.replaceAll(/^import .*$/gm, '')}
      return { logged, predictions: [] };
    });`;
}

test('the script tag', async (t) => {
  const [html = ''] = snippets('On a page', 'html');
  const script = `
    import { report, sofa } from './report.js';
    report(async () => {
      await customElements.whenDefined('mobilenet-classifier');
      return document.querySelector('mobilenet-classifier').classify(await sofa());
    });`;
  const { page: shown, complaints } = await page(t, `${html}<script type="module" src="script.js"></script>`, script);
  assert.equal((await outcome(shown)).predictions[0].label, 'sofa');
  assert.deepEqual(complaints, []);
});

test('the API, and a fit', async (t) => {
  const [api = '', fit = ''] = snippets('From JavaScript', 'js');
  for (const [text, label] of [[api, 'sofa'], [`import { load } from "mobilenet-web";\nconst classifier = await load();\n${fit}`, 'mug']]) {
    const { page: shown, complaints } = await page(t, '<script type="module" src="script.js"></script>', logging(String(text)));
    assert.deepEqual(await outcome(shown), { logged: [label], predictions: [] });
    assert.deepEqual(complaints, []);
  }
});

test('the raw bindings', async (t) => {
  const [raw = ''] = snippets('Lower down', 'js');
  const { page: shown, complaints } = await page(t, '<script type="module" src="script.js"></script>', logging(raw));
  assert.deepEqual(await outcome(shown), { logged: ['sofa'], predictions: [] });
  assert.deepEqual(complaints, []);
});

test('Node', async () => {
  const [text = ''] = snippets('Node', 'js');
  await writeFile(join(APP, 'readme.mjs'), text);
  assert.match(execFileSync(process.execPath, ['readme.mjs'], { cwd: APP, encoding: 'utf8' }), /^sofa 0\.99/);
});
