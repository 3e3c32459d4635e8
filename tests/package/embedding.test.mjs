// The package without a bundler: in a page, from another origin, in frames, in an extension. Each under the policy that the
// README names for it, and each with the very probabilities of the raw bindings in Node.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { APP, PACKAGE, POLICY, expected, host, launch, open, outcome } from './pages.mjs';

const FIREFOX = '/usr/bin/firefox-esr';
/** @type {Record<string, () => Promise<import('puppeteer-core').Browser>>} */
const ENGINES = {
  Chromium: () => launch(),
  ...(existsSync(FIREFOX) && { Firefox: () => launch({ browser: 'firefox', executablePath: FIREFOX }) }),
};

const ELEMENT = '<mobilenet-classifier><mobilenet-teacher></mobilenet-teacher></mobilenet-classifier>';
const SHARED = { 'Access-Control-Allow-Origin': '*' };

/**
 * Scripts that import the package's files by their addresses.
 *
 * @param {string} origin '' for the page's own
 */
const scripts = (origin = '') => ({
  'api.js': `
    import { load } from '${origin}/mobilenet-web/engine/page/load.js';
    import { report, sofa } from './report.js';
    report(async () => {
      const classifier = await load();
      const { predictions } = await classifier.classify(await sofa());
      classifier.dispose();
      return { predictions };
    });`,
  'element.js': `
    import { report, sofa, styles } from './report.js';
    report(async () => {
      await customElements.whenDefined('mobilenet-teacher');
      const element = document.querySelector('mobilenet-classifier');
      const { predictions } = await element.classify(await sofa());
      return { predictions, sheets: [await styles(element), await styles(element.firstElementChild)] };
    });`,
  'api.html': page('<script type="module" src="api.js"></script>'),
  'element.html': page(`
    <script type="module" src="${origin}/mobilenet-web/element/define.js"></script>
    <script type="module" src="${origin}/mobilenet-web/teach/define.js"></script>
    <script type="module" src="element.js"></script>${ELEMENT}`),
});

/** @param {string} body */
function page(body) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title>${body}</html>`;
}

/**
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} files
 * @param {{ hosted?: boolean }} [options] hosted: with the package beside them
 */
async function folder(t, files, { hosted = true } = {}) {
  const path = await mkdtemp(join(tmpdir(), 'mobilenet-pages-'));
  t.after(() => rm(path, { recursive: true }));
  if (hosted) await cp(PACKAGE, join(path, 'mobilenet-web'), { recursive: true });
  for (const name of ['sofa.jpg', 'report.js']) await cp(join(APP, name), join(path, name));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return path;
}

/**
 * @param {import('puppeteer-core').Page} page
 * @param {string[]} complaints
 */
async function answersAsExpected(page, complaints) {
  const { error, predictions, sheets = [5, 4] } = await outcome(page);
  assert.deepEqual({ error, complaints, sheets }, { error: undefined, complaints: [], sheets: [5, 4] });
  assert.deepEqual(predictions, await expected());
}

/** Where the package is of another origin than the page. */
function foreignPolicy(/** @type {string} */ origin) {
  return `default-src 'none'; script-src 'self' ${origin} 'wasm-unsafe-eval'; worker-src blob: ${origin}; style-src ${origin}; img-src 'self' blob:; connect-src 'self' ${origin}`;
}

for (const [engine, start] of Object.entries(ENGINES)) {
  /** @type {import('puppeteer-core').Browser} */
  let browser;
  before(async () => void (browser = await start()));
  after(() => browser.close());

  // What differs in Firefox is how workers start, which is the same for the element.
  for (const name of engine === 'Chromium' ? ['api', 'element'] : ['api']) {
    test(`${engine}: plain modules: ${name}`, async (t) => {
      const url = await host(t, await folder(t, scripts()), { 'Content-Security-Policy': POLICY });
      const { page, complaints } = await open(t, browser, `${url}/${name}.html`);
      await answersAsExpected(page, complaints);
    });

    test(`${engine}: scripts of another origin: ${name}`, async (t) => {
      const origin = await host(t, await folder(t, {}), SHARED);
      const url = await host(t, await folder(t, scripts(origin), { hosted: false }), { 'Content-Security-Policy': foreignPolicy(origin) });
      const { page, complaints } = await open(t, browser, `${url}/${name}.html`);
      await answersAsExpected(page, complaints);
    });

    test(`${engine}: a frame: ${name}`, async (t) => {
      const files = { ...scripts(), 'outer.html': page(`<iframe src="${name}.html" title="Classifier" width="800" height="600"></iframe>`) };
      const url = await host(t, await folder(t, files), { 'Content-Security-Policy': `${POLICY}; frame-src 'self'` });
      const { page: outer, complaints } = await open(t, browser, `${url}/outer.html`);
      await answersAsExpected(outer, complaints);
    });

    test(`${engine}: a sandboxed frame, which has no origin: ${name}`, async (t) => {
      const files = { ...scripts(), 'outer.html': page(`<iframe sandbox="allow-scripts" src="${name}.html" title="Classifier" width="800" height="600"></iframe>`) };
      const policy = POLICY.replace("worker-src 'self'", "worker-src 'self' data:");
      const url = await host(t, await folder(t, files), { ...SHARED, 'Content-Security-Policy': `${policy}; frame-src 'self'` });
      const { page: outer, complaints } = await open(t, browser, `${url}/outer.html`);
      await answersAsExpected(outer, complaints);
    });
  }

  test(`${engine}: a policy that forbids the worker of another origin is told, with a remedy`, async (t) => {
    const origin = await host(t, await folder(t, {}), SHARED);
    const policy = foreignPolicy(origin).replace('worker-src blob:', 'worker-src');
    const url = await host(t, await folder(t, scripts(origin), { hosted: false }), { 'Content-Security-Policy': policy });
    const { page } = await open(t, browser, `${url}/api.html`);
    const { error } = await outcome(page);
    assert.equal(error.code, 'worker-blocked');
    assert.match(error.message, /worker-src blob:/);
  });

  for (const [what, allowed, forbidden] of [
    ['any worker', "worker-src 'self'", "worker-src 'none'"],
    ['WebAssembly', "script-src 'self' 'wasm-unsafe-eval'", "script-src 'self'"],
  ]) {
    test(`${engine}: a policy that forbids ${what} is told, with a remedy`, async (t) => {
      const url = await host(t, await folder(t, scripts()), { 'Content-Security-Policy': POLICY.replace(String(allowed), String(forbidden)) });
      const { page } = await open(t, browser, `${url}/api.html`);
      const { error } = await outcome(page);
      assert.equal(error.code, 'load-failed');
      assert.match(error.message, /has to allow (worker-src 'self'|script-src 'wasm-unsafe-eval')\.$/);
    });
  }

  test(`${engine}: a sandboxed frame says that it cannot keep what is taught, and the rest works`, async (t) => {
    const files = {
      ...scripts(),
      'element.js': `
        import { report, sofa } from './report.js';
        report(async () => {
          await customElements.whenDefined('mobilenet-teacher');
          const element = document.querySelector('mobilenet-classifier');
          const told = new Promise((resolve) => element.addEventListener('classifier-error', ({ detail }) => resolve(detail.code)));
          element.firstElementChild.open = true;
          const code = await told;
          const { predictions } = await element.classify(await sofa());
          return { code, predictions };
        });`,
      'outer.html': page('<iframe sandbox="allow-scripts" src="element.html" title="Classifier" width="800" height="600"></iframe>'),
    };
    const url = await host(t, await folder(t, files), SHARED);
    const { page: outer, complaints } = await open(t, browser, `${url}/outer.html`);
    const { code, predictions } = await outcome(outer);
    assert.deepEqual({ code, complaints }, { code: 'storage-unavailable', complaints: [] });
    assert.deepEqual(predictions, await expected());
  });
}

test('a browser extension', async (t) => {
  const manifest = {
    manifest_version: 3,
    name: 'Classifier',
    version: '1.0',
    content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" },
  };
  const path = await folder(t, { ...scripts(), 'manifest.json': JSON.stringify(manifest) });
  const own = await launch({ enableExtensions: true, pipe: true });
  t.after(() => own.close());
  const id = await own.installExtension(path);
  for (const name of ['api', 'element']) {
    const { page, complaints } = await open(t, own, `chrome-extension://${id}/${name}.html`);
    await answersAsExpected(page, complaints);
  }
});
