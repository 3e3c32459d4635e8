// The site in a real browser: starting it, and hearing what the page tells. It is Chromium, or with ENGINE=firefox Firefox.

import { mkdir } from 'node:fs/promises';
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import * as firefox from './firefox.mjs';
import { serve } from '../../pkg/build/serve.mjs';

/**
 * @typedef {import('puppeteer-core').Browser} Browser
 * @typedef {import('puppeteer-core').Page} Page
 * @typedef {{ type: 'classified', predictions: { label: string, probability: number }[], rejected: boolean, millis: number, source: string, name: string }} Classified
 * @typedef {{ type: 'classifier-error', code: string, message: string, source: string, name: string }} Refused
 * @typedef {Classified | Refused} Told
 */

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// Absolute, because the browser does not run in this folder.
export const SITE = resolve(process.env.SITE ?? join(ROOT, 'target/site'));
/** The head that is trained on furniture, as a file of its own. */
export const FURNITURE = join(ROOT, 'src/core/models/furniture.safetensors');
export const CLASSES = ['bed', 'chair', 'sofa', 'swivelchair', 'table'];

const SHOTS = join(ROOT, 'target/screenshots');
/** Photos and models that are not part of the project. */
const SHARED = process.env.MOBILENET_SHARED ?? join(ROOT, '../shared');
const PATIENCE_MILLIS = 60_000;

const { ENGINE = 'chromium' } = process.env;
if (!['chromium', 'firefox'].includes(ENGINE)) throw new Error(`ENGINE=${ENGINE}: the tests run in chromium or in firefox`);
export const isFirefox = ENGINE === 'firefox';
/** Why a test is skipped in Firefox; false in Chromium. */
export const chromiumOnly = isFirefox && 'it needs what only Chromium can do';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** How Chromium is started. */
export const CHROMIUM = { executablePath: process.env.CHROME ?? '/usr/bin/chromium', headless: true, args: FLAGS };

/** A camera that shows a pattern, and is given to whoever asks. */
export const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** @param {string} label */
export function sample(label) {
  return join(SITE, 'samples', `${label}.jpg`);
}

/**
 * @param {string} name of a file of the site without the digest in it, as in `wasm/mobilenet_web_bg.wasm`
 * @param {string} [folder]
 * @returns {string} its path below the site
 */
export function placed(name, folder = SITE) {
  const [, start = '', end = ''] = /^(.*?)((?:_bg)?\.\w+)$/.exec(name) ?? [];
  const pattern = new RegExp(`^${basename(start)}-[\\dA-Za-z]{8}${end}$`);
  const found = readdirSync(join(folder, dirname(name))).find((file) => pattern.test(file));
  if (!found) throw new Error(`the site has no ${name}`);
  return `${dirname(name)}/${found}`;
}

/**
 * A file or folder that not every machine has. With `MOBILENET_REQUIRE_PHOTOS=1` every test that needs one fails without it.
 *
 * @param {string} name below the shared folder
 * @returns {string | null}
 */
export function shared(name) {
  const path = join(SHARED, name);
  if (existsSync(path)) return path;
  if (process.env.MOBILENET_REQUIRE_PHOTOS) throw new Error(`${path} does not exist, and MOBILENET_REQUIRE_PHOTOS is set`);
  if (process.env.MOBILENET_SKIPPED) appendFileSync(process.env.MOBILENET_SKIPPED, `tests of the page skipped because ${path} does not exist\n`);
  return null;
}

/** @param {string} folder */
export function filesIn(folder) {
  return readdirSync(folder).sort().map((name) => join(folder, name));
}

/**
 * @param {string[]} flags
 * @param {import('puppeteer-core').LaunchOptions} [options]
 */
function launch(flags, options) {
  return puppeteer.launch({ ...CHROMIUM, args: [...FLAGS, ...flags], ...options });
}

/** @type {Map<string, Promise<Browser>>} what runs, by its flags */
const running = new Map();

/**
 * Starting Chromium costs as much as a visit: all sites of a file of tests share one. It ends with the tests, and does not keep them
 * from ending: a site that is open does.
 *
 * @param {string[]} flags
 */
function sharedBrowser(flags) {
  const key = flags.join(' ');
  const browser = running.get(key) ?? startShared(flags);
  running.set(key, browser);
  return browser;
}

/** @param {string[]} flags */
async function startShared(flags) {
  const browser = await launch(flags, { pipe: true });
  const child = /** @type {import('node:child_process').ChildProcess} */ (browser.process());
  const handles = /** @type {any[]} */ ([child, ...child.stdio.filter((pipe) => pipe)]);
  for (const handle of handles) handle.unref();
  process.once('beforeExit', () => {
    for (const handle of handles) handle.ref();
    browser.close();
  });
  return browser;
}

/**
 * Serves the site at an origin of its own, for which a browser keeps nothing yet. Closing closes its pages too.
 *
 * @param {string[]} [flags] more Chromium flags; Firefox knows those of a fake camera
 * @param {string} [folder]
 * @param {Record<string, string>} [headers] sent with every answer
 * @param {boolean} [inFirefox]
 * @returns {ReturnType<typeof served>}
 */
export async function openSite(flags = [], folder = SITE, headers = {}, inFirefox = isFirefox) {
  // Preferences and permissions of Firefox are not those of one origin.
  if (inFirefox) return openAlone(flags, folder, headers, inFirefox);
  const site = await served(await sharedBrowser(flags), folder, headers);
  const open = setInterval(() => {}, 60_000);
  const close = async () => {
    const pages = (await site.browser.pages()).filter((page) => page.url().startsWith(`${site.url}/`));
    await Promise.all(pages.map((page) => page.close()));
    await site.close();
    clearInterval(open);
  };
  return { ...site, close };
}

/**
 * The same in a browser of its own: for pages from the disk, which are all of one origin, for flags of one site alone, and for what is
 * measured of a whole browser.
 *
 * @type {typeof openSite}
 */
export async function openAlone(flags = [], folder = SITE, headers = {}, inFirefox = isFirefox) {
  const browser = await (inFirefox ? firefox.launch(flags) : launch(flags));
  const site = await served(browser, folder, headers);
  const close = async () => {
    await browser.close();
    await site.close();
  };
  return { ...site, close };
}

/**
 * The page as it is in the sources, not bundled, so that a test reaches the modules that it runs: `import('../pkg/engine/page/client.js')`.
 *
 * @param {string[]} [flags]
 * @param {string} [sources] a changed copy
 */
export async function openSources(flags, sources = ROOT) {
  const site = await openSite(flags, sources);
  return { ...site, url: `${site.url}/www/` };
}

/**
 * @param {Browser} browser
 * @param {string} folder
 * @param {Record<string, string>} headers
 */
async function served(browser, folder, headers) {
  /** @type {string[]} */
  const requests = [];
  const server = await serve(folder, 0, (path) => requests.push(path), headers);
  return { url: server.url, browser, requests, server, close: server.close };
}

/**
 * Opens the page and waits until the model is ready, after which nothing is under way. `complaints` collects everything a clean
 * page has none of.
 *
 * A third of what a first visit costs is keeping the site on the device. Only a site that `keeps` has it; what others test is the
 * page of a private window, where there is no service worker.
 *
 * @param {{ url: string, browser: Pick<Browser, 'newPage'>, keeps?: boolean, prepare?: (page: Page) => Promise<unknown> }} site prepare runs before the page loads
 * @param {{ prepare?: (page: Page) => Promise<unknown>, ready?: boolean }} [options]
 */
export async function openPage({ url, browser, keeps = false, prepare: equip }, { prepare, ready = true } = {}) {
  const page = await browser.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  await page.evaluateOnNewDocument(listen);
  if (!keeps) await page.evaluateOnNewDocument(() => void Object.defineProperty(navigator, 'serviceWorker', { value: undefined }));
  await equip?.(page);
  await prepare?.(page);
  // What never comes would keep Firefox from being done with loading.
  await page.goto(url, { waitUntil: ready ? 'load' : 'domcontentloaded' });
  if (!ready) return { page, complaints };
  await settled(page);
  const early = await told(page);
  if (early.length) throw new Error(`the page is not ready: ${JSON.stringify(early)} ${complaints}`);
  return { page, complaints };
}

/**
 * Waits until a page that loads is ready, and kept on the device where it is to be.
 *
 * @param {Page} page
 */
export async function settled(page) {
  await until(page, () => document.querySelector('mobilenet-classifier[data-ready]') !== null || /** @type {any} */ (globalThis).told.length > 0);
  await until(page, () => ![undefined, 'caching'].includes(document.documentElement.dataset.offline) || /** @type {any} */ (globalThis).told.length > 0);
}

/** Runs in the page, before its own scripts. */
function listen() {
  const told = /** @type {object[]} */ ([]);
  const taught = /** @type {object[]} */ ([]);
  // On the page, or else in the shadow of its classifier or its teacher.
  const find = (/** @type {string} */ selector) =>
    document.querySelector(selector) ??
    document.querySelector('mobilenet-classifier')?.shadowRoot?.querySelector(selector) ??
    document.querySelector('mobilenet-teacher')?.shadowRoot?.querySelector(selector) ??
    null;
  const paste = (/** @type {DataTransfer} */ clipboardData, /** @type {Element} */ target = document.body) => {
    // Given at once, Firefox would leave the files out.
    const event = new ClipboardEvent('paste', { bubbles: true, composed: true, cancelable: true });
    target.dispatchEvent(Object.defineProperty(event, 'clipboardData', { value: clipboardData }));
  };
  Object.assign(globalThis, { told, taught, find, paste, violations: [] });
  document.addEventListener('taught', (event) => taught.push(/** @type {CustomEvent} */ (event).detail));
  for (const type of ['classified', 'classifier-error']) {
    document.addEventListener(type, (event) => told.push({ type, ...(/** @type {CustomEvent} */ (event).detail) }));
  }
  document.addEventListener('securitypolicyviolation', (event) => {
    /** @type {any} */ (globalThis).violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
  });
}

/**
 * @param {Page} page
 * @param {number} [first] of a thousand classes and hundreds of pictures, those before it take long to bring here
 * @returns {Promise<Told[]>} every event so far
 */
export function told(page, first = 0) {
  return page.evaluate((from) => /** @type {any} */ (globalThis).told.slice(from), first);
}

/**
 * Polls from here: the page's security policy forbids the `eval` that puppeteer's own waiting is made of. A page that
 * reloads meanwhile, and may have no document for a moment, loses a question: it is asked again.
 *
 * @param {Page} page
 * @param {(...values: any[]) => unknown} condition runs in the page
 * @param {...unknown} values
 */
export async function until(page, condition, ...values) {
  const end = Date.now() + PATIENCE_MILLIS;
  let cause;
  const lost = (/** @type {unknown} */ error) => void (cause = error);
  while (!(await page.evaluate(condition, ...values).catch(lost))) {
    if (Date.now() > end) throw new Error(`not within ${PATIENCE_MILLIS} ms: ${condition}`, { cause });
    await new Promise((next) => setTimeout(next, 20));
  }
}

/**
 * The events that an action causes.
 *
 * @param {Page} page
 * @param {() => Promise<unknown>} act
 * @param {number} [count] how many to wait for
 */
export async function after(page, act, count = 1) {
  const before = await page.evaluate(() => /** @type {any} */ (globalThis).told.length);
  await act();
  await until(page, (least) => /** @type {any} */ (globalThis).told.length >= least, before + count);
  return told(page, before);
}

/**
 * @param {Page} page
 * @param {string[]} files
 * @param {string} [input]
 */
export async function upload(page, files, input = '#pictures') {
  const found = await find(page, input);
  await /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (found).uploadFile(...files);
  await found.dispose();
}

/**
 * @param {Page} page
 * @param {string} file
 * @returns {Promise<Told>} what the page says about one uploaded file
 */
export async function classify(page, file) {
  const [event] = await after(page, () => upload(page, [file]));
  return /** @type {Told} */ (event);
}

/**
 * @param {Told | undefined} event
 * @returns {Classified}
 */
export function classified(event) {
  if (event?.type !== 'classified') throw new Error(`expected a classified event, got ${JSON.stringify(event)}`);
  return event;
}

/**
 * @param {Told | undefined} event
 * @returns {Refused}
 */
export function refused(event) {
  if (event?.type !== 'classifier-error') throw new Error(`expected a classifier-error event, got ${JSON.stringify(event)}`);
  return event;
}

/** @param {Told | undefined} event */
export function topLabel(event) {
  return classified(event).predictions[0]?.label;
}

/**
 * An element of the page, or of the shadow root of its classifier.
 *
 * @param {Page} page
 * @param {string} selector
 */
export async function find(page, selector) {
  const handle = await page.evaluateHandle((wanted) => /** @type {any} */ (globalThis).find(wanted), selector);
  const found = handle.asElement();
  if (!found) throw new Error(`there is no ${selector}`);
  return /** @type {import('puppeteer-core').ElementHandle<HTMLElement>} */ (found);
}

/**
 * @param {Page} page
 * @param {string} selector
 */
export async function click(page, selector) {
  await (await find(page, selector)).click();
}

/**
 * @param {Page} page
 * @param {string} selector
 */
export async function text(page, selector) {
  return (await find(page, selector)).evaluate((element) => element.textContent ?? '');
}

/**
 * @param {Page} page
 * @param {string} selector
 */
export async function hidden(page, selector) {
  return (await find(page, selector)).evaluate((element) => !element.checkVisibility());
}

/**
 * @param {Page} page
 * @param {string} name
 */
export async function screenshot(page, name) {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: `${join(SHOTS, name)}.png`, fullPage: true });
}
