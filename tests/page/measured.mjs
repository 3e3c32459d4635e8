// The site as it is, but for a worker that says how much memory its wasm has; and how much the whole browser has.

import { appendFile, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assemble } from './assemble.mjs';
import { CAMERA, openAlone, openPage } from './browser.mjs';
import { pause, temporary } from './teaching.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/** How often the browser is measured, of which the least counts: what is garbage goes when the browser likes. */
const READINGS = 5;

// The engine's worker is asked over a channel, because no driver reaches into the workers of every browser.
const ANSWER = `
const channel = new BroadcastChannel('wasm-bytes');
channel.onmessage = async ({ data }) => data === 'how many?' && channel.postMessage((await init()).memory.buffer.byteLength);
`;

// A test cannot import what is bundled.
const SHOWN = `
import { load } from '../pkg/engine/page/load.js';
Object.assign(globalThis, { client, load });
`;

/** @param {import('node:test').TestContext} t */
export async function openMeasured(t) {
  const folder = await temporary(t);
  await assemble(join(folder, 'site'), async (sources) => {
    await appendFile(join(sources, 'pkg/engine/worker/engine.js'), ANSWER);
    await appendFile(join(sources, 'www/main.js'), SHOWN);
  });
  const site = { ...(await openAlone(CAMERA, join(folder, 'site'))), keeps: true };
  t.after(site.close);
  const { page, complaints } = await openPage(site);
  return { site, page, complaints };
}

/**
 * @param {Page} page
 * @returns {Promise<number>} bytes of the memory of the engine's wasm
 */
export function wasmBytes(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const channel = new BroadcastChannel('wasm-bytes');
        channel.onmessage = ({ data }) => {
          channel.close();
          resolve(data);
        };
        channel.postMessage('how many?');
      }),
  );
}

/**
 * @param {Page} page
 * @returns {Promise<number | null>} bytes that the scripts of page and worker hold once their garbage is collected; null where the browser does
 *   not tell
 */
export async function heapBytes(page) {
  const [worker] = page.workers();
  // Firefox's driver knows the worker, and nothing of heaps.
  const client = worker && (await page.createCDPSession().catch(() => null));
  if (!client) return null;
  let bytes = 0;
  for (const each of [client, worker.client]) {
    await each.send('HeapProfiler.collectGarbage');
    bytes += (await each.send('Runtime.getHeapUsage')).usedSize;
  }
  return bytes;
}

/**
 * @param {import('puppeteer-core').Browser} browser
 * @returns {Promise<number>} bytes of memory that all its processes have, what they share counted once
 */
export async function browserBytes(browser) {
  const root = browser.process()?.pid;
  let least = Infinity;
  for (let reading = 0; reading < READINGS; reading++) {
    if (reading > 0) await pause(400);
    const sizes = await Promise.all((await descendants(Number(root))).map(proportionalBytes));
    least = Math.min(least, sizes.reduce((sum, size) => sum + size, 0));
  }
  return least;
}

/**
 * @param {number} root
 * @returns {Promise<number[]>} it and all processes that it has started
 */
async function descendants(root) {
  /** @type {Map<number, number>} */
  const parents = new Map();
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : '';
    // The name in parentheses may hold anything.
    if (stat) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const family = [root];
  for (const parent of family) for (const [child, its] of parents) if (its === parent) family.push(child);
  return family;
}

/** @param {number} process */
async function proportionalBytes(process) {
  const rollup = await readFile(`/proc/${process}/smaps_rollup`, 'utf8').catch(() => '');
  return 1024 * Number(/^Pss: +(\d+)/m.exec(rollup)?.[1] ?? 0);
}
