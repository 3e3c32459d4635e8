// Production builds of Vite and webpack, with no configuration, find worker, wasm and style sheets.

import assert from 'node:assert/strict';
import { mkdir, writeFile, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build, createServer } from 'vite';
import { APP, POLICY, bundle, expected, host, launch, open, outcome } from './pages.mjs';

/** @type {import('puppeteer-core').Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

for (const name of ['api', 'element']) {
  test(`Vite: ${name}`, async (t) => {
    const outDir = join(APP, `vite-${name}`);
    await build({ root: APP, logLevel: 'error', configFile: false, build: { outDir, rollupOptions: { input: join(APP, `${name}.html`) } } });
    await copyFile(join(APP, 'sofa.jpg'), join(outDir, 'sofa.jpg'));
    // Vite makes `data:` addresses of small files, so of small style sheets as well.
    const policy = POLICY.replace("style-src 'self'", "style-src 'self' data:");
    await answersAsExpected(t, await host(t, outDir, { 'Content-Security-Policy': policy }), `/${name}.html`);
  });

  test(`webpack: ${name}`, async (t) => {
    const outDir = join(APP, `webpack-${name}`);
    await mkdir(outDir, { recursive: true });
    await bundle({ context: APP, mode: 'production', entry: `./${name}.js`, output: { path: outDir } });
    await copyFile(join(APP, 'sofa.jpg'), join(outDir, 'sofa.jpg'));
    const body = name === 'api' ? '' : '<mobilenet-classifier><mobilenet-teacher></mobilenet-teacher></mobilenet-classifier>';
    await writeFile(join(outDir, 'index.html'), `<!doctype html><title>webpack</title><script defer src="main.js"></script>${body}`);
    await answersAsExpected(t, await host(t, outDir, { 'Content-Security-Policy': POLICY }), '/');
  });
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string} url
 * @param {string} path
 */
async function answersAsExpected(t, url, path) {
  const { page, complaints } = await open(t, browser, url + path);
  const { error, predictions, sheets = [5, 4] } = await outcome(page);
  assert.deepEqual({ error, complaints, sheets }, { error: undefined, complaints: [], sheets: [5, 4] });
  assert.deepEqual(predictions, await expected());
}

for (const exclude of [[], ['mobilenet-web']]) {
  test(`Vite's development server${exclude.length ? ', without pre-bundling' : ''}`, async (t) => {
    const cacheDir = join(APP, `.vite-${exclude.length}`);
    const server = await createServer({ root: APP, configFile: false, logLevel: 'error', cacheDir, optimizeDeps: { exclude }, server: { port: 0, host: 'localhost', watch: null } });
    await server.listen();
    t.after(() => server.close());
    const url = server.resolvedUrls?.local[0] ?? '';
    for (const name of ['api', 'element']) await answersAsExpected(t, url, `${name}.html`);
  });
}
