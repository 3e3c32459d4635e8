// <mobilenet-classifier> as a guest: on a page whose styles, frames and model files are somebody else's.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { emulate } from './acts.mjs';
import { CAMERA, FURNITURE, SITE, after as eventsAfter, chromiumOnly, hidden, openPage, openSite, refused, screenshot, text, told, until } from './browser.mjs';
import { serveFaults } from './faults.mjs';
import { objections } from './inspect.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
/** @type {Awaited<ReturnType<typeof serveFaults>>} */
let server;
before(async () => {
  site = await openSite(CAMERA);
  server = await serveFaults(SITE);
  server.substitutes.set('/own.safetensors', await readFile(FURNITURE));
});
after(() => Promise.all([site.close(), server.close()]));

/**
 * @param {import('node:test').TestContext} t
 * @param {string} body
 * @param {{ style?: string, prepare?: (page: Page) => Promise<unknown> }} [options]
 */
async function open(t, body, { style = '', prepare } = {}) {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>Host</title><style>body { background: Canvas } ${style}</style>`;
  const html = `<!doctype html><html lang="en"><head>${head}<script type="module" src="/element/define.js"></script></head><body><main><h1>Host</h1>${body}</main></body></html>`;
  server.substitutes.set('/host.html', Buffer.from(html));
  const { page } = await openPage({ ...site, url: `${server.url}/host.html` }, { ready: false, prepare });
  t.after(async () => {
    server.faults.clear();
    await page.close();
  });
  return page;
}

/** Runs in the page. */
const ready = () => document.querySelector('mobilenet-classifier')?.hasAttribute('data-ready');

/** Runs in the page: a failure was told, and the element has its style sheets and shows it. */
const failed = () => {
  const { told, find } = /** @type {any} */ (globalThis);
  return told.length > 0 && find('.frame').checkVisibility();
};

/** Runs in the page. */
const state = () => {
  const { find } = /** @type {any} */ (globalThis);
  const shown = (/** @type {string} */ selector) => find(selector).checkVisibility();
  return { progress: shown('#progress'), again: shown('#again'), text: find('#loading').checkVisibility() ? find('#state').textContent : '' };
};

const FAILED = { progress: false, again: true, text: 'The model is not loaded.' };

/** @param {Page} page where the keyboard presses "Try again" */
async function tryAgain(page) {
  await page.evaluate(() => /** @type {any} */ (globalThis).find('#again').focus());
  await page.keyboard.press('Enter');
}

for (const [what, fault, code] of /** @type {[string, import('./faults.mjs').Fault, string][]} */ ([
  ['missing', '404', 'model-missing'],
  ['damaged', 'bytes', 'bad-model'],
])) {
  test(`an element whose head is ${what} says so, and tries again by keyboard`, async (t) => {
    server.faults.set('/own.safetensors', fault);
    const page = await open(t, '<mobilenet-classifier head="/own.safetensors"></mobilenet-classifier>');
    await until(page, failed);
    const [event] = await told(page);
    assert.deepEqual([refused(event).code, refused(event).source], [code, 'model']);
    // Until the rest of the engine is there.
    await new Promise((next) => setTimeout(next, 500));
    assert.deepEqual(await page.evaluate(state), FAILED);
    assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).find('#notice').role), 'alert');
    assert.match(await text(page, '#notice'), /again/);

    const [second] = await eventsAfter(page, () => tryAgain(page));
    assert.equal(refused(second).code, code);
    assert.deepEqual(await page.evaluate(state), FAILED);

    server.faults.clear();
    await tryAgain(page);
    await until(page, ready);
    assert.equal(await hidden(page, '#notice'), true);
    assert.equal(await hidden(page, '#loading'), true);
    await until(page, () => /** @type {any} */ (globalThis).find('#announcer').textContent.startsWith('Model opened: bed'));
    const focused = await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.id);
    assert.equal(focused, 'answer', 'the keyboard goes on where the button was');
  });
}

test('a failure that comes before the engine is not hidden by its progress', async (t) => {
  server.faults.set('/own.safetensors', '404');
  const page = await open(t, '<mobilenet-classifier head="/own.safetensors"></mobilenet-classifier>', {
    // What a slow network does: the worker, which counts the engine, begins late.
    prepare: (opened) =>
      opened.evaluateOnNewDocument(() => {
        const send = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (/** @type {[any, any]} */ ...message) {
          setTimeout(() => send.apply(this, message), 500);
        };
      }),
  });
  await until(page, failed);
  await new Promise((next) => setTimeout(next, 2500));
  assert.deepEqual(await page.evaluate(state), FAILED);
});

test('an address that is none is a missing model', async (t) => {
  const page = await open(t, '<mobilenet-classifier head="https://:"></mobilenet-classifier>');
  await until(page, failed);
  assert.equal(refused((await told(page))[0]).code, 'model-missing');
  assert.deepEqual(await page.evaluate(state), FAILED);
});

test('a head that changes and fails leaves the model before, and can be tried again', async (t) => {
  const page = await open(t, '<mobilenet-classifier></mobilenet-classifier>');
  await until(page, ready);
  server.faults.set('/own.safetensors', '500');
  const [event] = await eventsAfter(page, () => page.$eval('mobilenet-classifier', (element) => element.setAttribute('head', '/own.safetensors')));
  assert.equal(refused(event).code, 'model-missing');
  assert.deepEqual(await page.evaluate(state), { ...FAILED, text: 'The new model is not loaded. The one before is still open.' });
  assert.equal(await page.evaluate(ready), true);
  await screenshot(page, 'guest-kept');
  server.faults.clear();
  await tryAgain(page);
  await until(page, () => /** @type {any} */ (document.querySelector('mobilenet-classifier')).model?.name === 'own.safetensors');
  await until(page, () => !(/** @type {any} */ (globalThis).find('#loading').checkVisibility()));
  assert.equal(await hidden(page, '#notice'), true);
});

for (const scheme of ['light', 'dark']) {
  test(`a head that fails is accessible, narrow and wide, ${scheme}`, async (t) => {
    server.faults.set('/own.safetensors', '404');
    const page = await open(t, '<mobilenet-classifier head="/own.safetensors"></mobilenet-classifier>', { prepare: (opened) => emulate(opened, scheme) });
    await until(page, failed);
    for (const width of [390, 1366]) {
      await page.setViewport({ width, height: 800 });
      await screenshot(page, `guest-failed-${width}-${scheme}`);
      assert.deepEqual(await objections(page), [], `${width}`);
    }
  });
}

// All that is inherited and that a page may have for its own text.
const LOUD = `text-align: center; text-align-last: right; letter-spacing: 0.3em; white-space: pre; text-transform: uppercase; word-spacing: 1em;
  text-indent: 3em; line-height: 3; font-style: italic; font-variant: small-caps; text-shadow: 1px 1px red; word-break: break-all;
  overflow-wrap: anywhere; hyphens: auto; line-break: anywhere;`;

/** Runs in the page: how each piece of text in the element is set, by its id or class. */
const typography = () => {
  const names = ['text-align', 'text-align-last', 'letter-spacing', 'white-space', 'text-transform', 'word-spacing', 'text-indent', 'line-height',
    'font-style', 'font-variant', 'text-shadow', 'word-break', 'overflow-wrap', 'hyphens', 'line-break'];
  const root = document.querySelector('mobilenet-classifier')?.shadowRoot;
  return [...(root?.querySelectorAll('.frame, .frame *') ?? [])].map((element) => {
    const style = getComputedStyle(element);
    return [element.id || element.getAttribute('class') || element.localName, ...names.map((name) => style.getPropertyValue(name))].join(' | ');
  });
};

test('how a page sets its text stops at the element', async (t) => {
  const plain = await open(t, '<mobilenet-classifier></mobilenet-classifier>');
  await until(plain, ready);
  const expected = await plain.evaluate(typography);
  assert.ok(expected.length > 50);
  const page = await open(t, '<mobilenet-classifier></mobilenet-classifier>', { style: `body { ${LOUD} }` });
  await until(page, ready);
  assert.deepEqual(await page.evaluate(typography), expected);
  await screenshot(page, 'guest-loud');
});

test('an element has the font, the language and the colours of its page', async (t) => {
  const style = 'body { font: italic 300 20px/3 monospace; color-scheme: dark; --classifier-ink: rgb(1, 2, 3) } #own { text-align: center }';
  const page = await open(t, '<div lang="ar" dir="rtl"><mobilenet-classifier id="own"><p>Mine</p></mobilenet-classifier></div>', { style });
  await until(page, ready);
  const inside = await page.evaluate(() => {
    const { fontFamily, fontSize, fontWeight, fontStyle, direction, colorScheme, color, textAlign } = getComputedStyle(/** @type {any} */ (globalThis).find('.frame'));
    return { fontFamily, fontSize, fontWeight, fontStyle, direction, colorScheme, color, textAlign };
  });
  assert.deepEqual(inside, {
    fontFamily: 'monospace',
    fontSize: '20px',
    fontWeight: '300',
    fontStyle: 'normal',
    direction: 'rtl',
    colorScheme: 'dark',
    color: 'rgb(1, 2, 3)',
    textAlign: 'center',
  });
});

/**
 * @param {import('node:test').TestContext} t
 * @param {string} attributes of a frame that has the whole page in it, from another origin
 */
async function openFramed(t, attributes) {
  const style = 'iframe { width: 100%; height: 900px }';
  const page = await open(t, `<iframe title="Framed" src="${site.url}/?lang=en" ${attributes}></iframe>`, { style });
  await until(page, () => document.querySelector('iframe') !== null);
  const frame = /** @type {Page} */ (/** @type {unknown} */ (await page.waitForFrame((each) => each.url().startsWith(site.url))));
  await until(frame, ready);
  return { page, frame };
}

/** @param {Page} frame */
async function startCamera(frame) {
  const [event] = await eventsAfter(frame, () => frame.evaluate(() => /** @type {any} */ (globalThis).find('#camera').click()));
  return event;
}

test('a frame that is not allowed the camera says what the page around it has to do', async (t) => {
  const { page, frame } = await openFramed(t, '');
  assert.equal(refused(await startCamera(frame)).code, 'camera-framed');
  assert.match(await text(frame, '#notice'), /No camera in this frame.*allow="camera" on the iframe/s);
  await screenshot(page, 'guest-framed');
});

test('a frame that is allowed the camera has it', async (t) => {
  const { frame } = await openFramed(t, 'allow="camera"');
  assert.equal((await startCamera(frame))?.type, 'classified');
});

test('a person who refuses is not sent to the page around', { skip: chromiumOnly }, async (t) => {
  const { frame } = await openFramed(t, 'allow="camera"');
  await frame.evaluate(() => void (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))));
  assert.equal(refused(await startCamera(frame)).code, 'camera-denied');
});

test('a browser that does not say what a frame may do is asked whether it would ask', { skip: chromiumOnly }, async (t) => {
  const { frame } = await openFramed(t, 'allow="camera"');
  const answers = /** @type {string[]} */ ([]);
  for (const state of ['denied', 'prompt']) {
    await frame.evaluate((answer) => {
      Object.defineProperty(document, 'featurePolicy', { value: undefined, configurable: true });
      navigator.permissions.query = async () => /** @type {any} */ ({ state: answer });
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    }, state);
    answers.push(refused(await startCamera(frame)).code);
  }
  assert.deepEqual(answers, ['camera-framed', 'camera-denied']);
  assert.doesNotMatch(await text(frame, '#notice'), /iframe/);
});
