// The site in other engines than the one that all tests run in, for the same helpers of `browser.mjs`: the functions give what
// its `openSite` gives, so `openPage` and everything after it work alike.
//
// - Chromium and Firefox run under puppeteer, with a fake camera of their own.
// - WebKitGTK runs under a small client of the plain WebDriver protocol, on a virtual screen.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CAMERA, CLASSES, SITE, classified, classify, openPage, openSite, sample } from './browser.mjs';
import { EXECUTABLE } from './firefox.mjs';
import { serve } from '../../pkg/build/serve.mjs';

/**
 * @typedef {import('puppeteer-core').Browser} Browser
 * @typedef {import('puppeteer-core').Page} Page
 * @typedef {(...values: any[]) => unknown} InPage
 * @typedef {import('node:child_process').ChildProcess} ChildProcess
 */

const WEBKIT_DRIVER = process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver';
const XVFB = '/usr/bin/Xvfb';
const MINI_BROWSER = process.env.MINI_BROWSER ?? miniBrowser();
/** A camera of a test picture, for whoever asks. */
const MOCK_CAMERA = ['--enable-media-stream=true', '--enable-mock-capture-devices=true', '--features=-MockCaptureDevicesPrompt'];
const PATIENCE_MILLIS = 20_000;
// What WebDriver calls an element in its JSON.
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Why Firefox cannot be tested here; null if it can. */
export const noFirefox = missing({ 'firefox-esr': EXECUTABLE });
/** Why WebKitGTK cannot be tested here; null if it can. */
export const noWebKit = missing({ 'webkit2gtk-driver': WEBKIT_DRIVER, 'its MiniBrowser': MINI_BROWSER, xvfb: XVFB });

/** @param {Record<string, string>} programs */
function missing(programs) {
  const names = Object.entries(programs).filter(([, path]) => !existsSync(path)).map(([name]) => name);
  return names.length ? `not installed: ${names.join(', ')}` : null;
}

function miniBrowser() {
  for (const triple of ['x86_64-linux-gnu', 'aarch64-linux-gnu']) {
    const folder = join('/usr/lib', triple);
    const versions = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('webkit')) : [];
    const found = versions.map((name) => join(folder, name, 'MiniBrowser')).find(existsSync);
    if (found) return found;
  }
  return 'MiniBrowser';
}

/**
 * What the page says about each of the samples, uploaded as files: every bit of it, but not the time that it took.
 *
 * @param {Page} page
 */
export async function answers(page) {
  const all = [];
  for (const label of CLASSES) {
    const { predictions, rejected, name } = classified(await classify(page, sample(label)));
    all.push({ name, rejected, predictions });
  }
  return all;
}

/** The same in Chromium, to compare with. */
export async function chromiumAnswers() {
  const site = await openSite([], SITE, {}, false);
  try {
    return await answers((await openPage(site)).page);
  } finally {
    await site.close();
  }
}

/** @param {string} folder */
async function serveCounted(folder) {
  /** @type {string[]} */
  const requests = [];
  const server = await serve(folder, 0, (path) => requests.push(path));
  return { server, requests, url: server.url };
}

/** @param {string} [folder] */
export function openFirefox(folder = SITE) {
  return openSite(CAMERA, folder, {}, true);
}

/** @param {string} [folder] */
export async function openWebKit(folder = SITE) {
  const served = await serveCounted(folder);
  /** @type {ChildProcess[]} */
  const children = [];
  const stop = async () => {
    for (const child of children.reverse()) await ended(child);
    await served.server.close();
  };
  try {
    const screen = spawn(XVFB, ['-displayfd', '3', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    children.push(screen);
    const env = { ...process.env, DISPLAY: `:${await displayOf(screen)}`, NO_AT_BRIDGE: '1' };
    const port = await freePort();
    children.push(spawn(WEBKIT_DRIVER, [`--port=${port}`], { stdio: 'ignore', env }));
    const session = await Session.open(`http://127.0.0.1:${port}`);
    const close = async () => {
      await session.end();
      await stop();
    };
    // As much of puppeteer's browser as the helpers use.
    const browser = /** @type {Browser} */ (/** @type {unknown} */ ({ newPage: async () => new WebKitPage(session) }));
    // Its pages are too far by the time that a test can take anything from them.
    return { ...served, keeps: true, browser, close };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The number that Xvfb writes once its screen is there.
 *
 * @param {ChildProcess} screen
 * @returns {Promise<number>}
 */
function displayOf(screen) {
  return new Promise((done, failed) => {
    screen.once('error', failed);
    screen.once('exit', (code) => failed(new Error(`Xvfb ended with ${code}`)));
    screen.stdio[3]?.once('data', (word) => done(Number(word)));
  });
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => done(port));
    });
  });
}

/** @param {ChildProcess} child */
function ended(child) {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done(undefined);
    child.once('exit', done);
    child.kill();
  });
}

/** One browser window under WebDriver. */
class Session {
  #address;

  /** @param {string} address */
  constructor(address) {
    this.#address = address;
  }

  /** @param {string} driver */
  static async open(driver) {
    const options = { binary: MINI_BROWSER, args: ['--automation', ...MOCK_CAMERA] };
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': options } };
    const end = Date.now() + PATIENCE_MILLIS;
    for (;;) {
      try {
        const { sessionId } = await ask('POST', `${driver}/session`, { capabilities });
        return new Session(`${driver}/session/${sessionId}`);
      } catch (error) {
        // Until the driver listens nobody answers, which is how `fetch` fails.
        if (!(error instanceof TypeError) || Date.now() > end) throw error;
        await new Promise((next) => setTimeout(next, 50));
      }
    }
  }

  /**
   * @param {string} command
   * @param {object} body
   */
  post(command, body = {}) {
    return ask('POST', `${this.#address}/${command}`, body);
  }

  end() {
    return ask('DELETE', this.#address);
  }
}

/**
 * @param {string} method
 * @param {string} address
 * @param {object} [body]
 * @returns {Promise<any>}
 */
async function ask(method, address, body) {
  const response = await fetch(address, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = /** @type {any} */ (await response.json());
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/** As much of puppeteer's page as the helpers of `browser.mjs` use. */
class WebKitPage {
  #session;
  /** @type {InPage[]} */
  #first = [];

  /** @param {Session} session */
  constructor(session) {
    this.#session = session;
  }

  /** WebDriver does not tell what the page complains of. */
  on() {}

  /**
   * WebDriver has no way to run something before the page's own scripts; this runs as soon as they have run.
   *
   * @param {InPage} run
   */
  async evaluateOnNewDocument(run) {
    this.#first.push(run);
  }

  /** @param {string} url */
  async goto(url) {
    await this.#session.post('url', { url });
    for (const run of this.#first) await this.evaluate(run);
  }

  async reload() {
    await this.#session.post('refresh');
    for (const run of this.#first) await this.evaluate(run);
  }

  /**
   * @param {InPage} run
   * @param {...unknown} args
   */
  evaluate(run, ...args) {
    return this.#session.post('execute/sync', { script: `return (${run}).apply(null, arguments)`, args });
  }

  /**
   * @param {InPage} run gives an element, or nothing
   * @param {...unknown} args
   */
  async evaluateHandle(run, ...args) {
    const found = await this.evaluate(run, ...args);
    return { asElement: () => found && new WebKitElement(this.#session, this, found) };
  }

  /** @param {string} selector */
  async click(selector) {
    const found = await this.#session.post('element', { using: 'css selector', value: selector });
    await new WebKitElement(this.#session, this, found).click();
  }

  async close() {}
}

/** As much of puppeteer's handle of an element. */
class WebKitElement {
  #session;
  #page;
  #reference;

  /**
   * @param {Session} session
   * @param {WebKitPage} page
   * @param {Record<string, string>} reference
   */
  constructor(session, page, reference) {
    this.#session = session;
    this.#page = page;
    this.#reference = reference;
  }

  get #command() {
    return `element/${this.#reference[ELEMENT]}`;
  }

  /** @param {...string} files */
  uploadFile(...files) {
    return this.#session.post(`${this.#command}/value`, { text: files.join('\n') });
  }

  click() {
    return this.#session.post(`${this.#command}/click`);
  }

  /**
   * @param {InPage} run
   * @param {...unknown} args
   */
  evaluate(run, ...args) {
    return this.#page.evaluate(run, this.#reference, ...args);
  }

  async dispose() {}
}
