// One headless Chromium with the engines in it: all of them in iframes of one page, or each in a fresh page of its own.

import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import puppeteer from 'puppeteer-core';
import { fileFor } from '../../pkg/build/serve.mjs';

/**
 * @typedef {import('./engines.mjs').Entry} Entry
 * @typedef {{ picture: number[], input: number[] }} Answer probabilities by class, from the picture and from the shared input
 * @typedef {object} Bench see page/engine.mjs
 * @property {number} coldMillis
 * @property {() => string[] | undefined} labels
 * @property {() => string | undefined} lanes
 * @property {() => Promise<Answer[]>} answers
 * @property {(discarded: number, timed: number) => Promise<{ network: number[], picture: number[] }>} turn
 * @property {(size: [number, number], discarded: number, timed: number) => Promise<Record<'pixels' | 'file', number[]>>} sized
 * @property {(frames: number) => Promise<number>} memoryAfter
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
// Without these two a page gets no SharedArrayBuffer, so the peers no threads, and a clock that is coarser.
const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Has V8 compile for every engine as on an x86 processor without AVX-VNNI; the second is a later kind of the same. */
export const WITHOUT_AVX_VNNI = '--js-flags=--no-enable-avx-vnni --no-enable-avx-vnni-int8';

/**
 * @param {string} models folder of model files, below the root of the project
 * @param {string[]} pictures below it too
 * @param {string[]} flags besides the usual ones
 */
export async function open(models, pictures, flags = []) {
  /** @type {Set<string>} */
  const requested = new Set();
  const server = await host((path) => requested.add(path));
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROME ?? '/usr/bin/chromium',
    headless: true,
    args: [...FLAGS, ...flags],
    protocolTimeout: 600_000,
  });

  /** @param {Entry} entry */
  function urlOf(entry) {
    const { adapter, threads, model } = entry;
    const engine = { adapter, threads, type: model?.type, url: model && `/${models}/${model.file}` };
    const query = new URLSearchParams({ engine: JSON.stringify(engine) });
    for (const picture of pictures) query.append('picture', `/${picture}`);
    return `${server.url}/tests/bench/page/engine.html?${query}`;
  }

  return {
    version: await browser.version(),

    /** A page of iframes, one for each entry, loaded one after the other. */
    async together() {
      const page = await browser.newPage();
      await page.goto(`${server.url}/tests/bench/page/frames.html`);
      return {
        /** @param {Entry} entry */
        async add(entry) {
          const element = await page.evaluateHandle((url) => /** @type {any} */ (globalThis).addFrame(url), urlOf(entry));
          const frame = await /** @type {import('puppeteer-core').ElementHandle<HTMLIFrameElement>} */ (element.asElement()).contentFrame();
          return /** @type {Promise<import('puppeteer-core').JSHandle<Bench>>} */ (frame.evaluateHandle(started));
        },
        /** Billions of integer operations a second on registers. */
        peak: () => page.evaluate(() => /** @type {Promise<number>} */ (/** @type {any} */ (globalThis).peak())),
        close: () => page.close(),
      };
    },

    /**
     * A fresh profile without any cache: how long to the first answer, and which files that took.
     *
     * @param {Entry} entry
     */
    async alone(entry) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await page.setCacheEnabled(false);
      requested.clear();
      await page.goto(urlOf(entry));
      const bench = await page.evaluateHandle(started);
      const coldMillis = await bench.evaluate((bench) => bench.coldMillis);
      const files = [...requested].map((path) => fileFor(ROOT, path)).filter((file) => file !== null);
      return { bench, coldMillis, files, close: () => context.close() };
    },

    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/**
 * @param {(path: string) => void} onRequest
 * @returns {Promise<{ url: string, close: () => Promise<unknown> }>}
 */
function host(onRequest) {
  const worker = new Worker(new URL('host.mjs', import.meta.url), { workerData: { root: ROOT, headers: ISOLATED } });
  return new Promise((done, failed) => {
    worker.once('error', failed);
    worker.on('message', ({ url, path }) => (url ? done({ url, close: () => worker.terminate() }) : onRequest(path)));
  });
}

/** Runs in the engine's page. */
function started() {
  return /** @type {Promise<Bench>} */ (/** @type {any} */ (globalThis).started);
}
