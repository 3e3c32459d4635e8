// What the engine keeps: little, and nothing of the frames that it has seen. FRAMES=10000 for a run as long as an afternoon's.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, openSite } from './browser.mjs';

const FRAMES = Number(process.env.FRAMES ?? 300);
const MOST = 24_000_000;
// Frames in one call: more would outlast what puppeteer waits for an answer.
const BATCH = 1000;

test(`the wasm takes at most 24 MB, and no more after ${FRAMES} camera frames`, async (t) => {
  const site = await openSite();
  t.after(site.close);
  const { page } = await openPage(site);
  const loaded = await memory(page);
  assert.ok(loaded <= MOST, `${loaded} bytes after loading`);
  assert.equal(await answer(page, 1), 1);
  const first = await memory(page);
  assert.ok(first <= MOST, `${first} bytes after a frame`);
  for (let left = FRAMES - 1; left > 0; left -= BATCH) {
    const count = Math.min(left, BATCH);
    assert.equal(await answer(page, count), count);
  }
  assert.equal(await memory(page), first);
  t.diagnostic(`${loaded} bytes after loading, ${first} after the first frame and after all ${FRAMES}`);
});

/** @param {import('puppeteer-core').Page} page */
function engineOf(page) {
  const [engine] = page.workers();
  assert.ok(engine);
  return engine;
}

/**
 * Bytes of wasm memory.
 *
 * @param {import('puppeteer-core').Page} page
 */
function memory(page) {
  return engineOf(page).evaluate(async () => {
    const { default: init } = await import(new URL('../wasm/mobilenet_web.js', location.href).href);
    return /** @type {number} */ ((await init()).memory.buffer.byteLength);
  });
}

/**
 * Hands the worker frames as the page does, and keeps the answers from the page, which has asked for none.
 *
 * @param {import('puppeteer-core').Page} page
 * @param {number} count
 * @returns {Promise<number>} how many were answered
 */
function answer(page, count) {
  return engineOf(page).evaluate(async (count) => {
    const canvas = new OffscreenCanvas(640, 480);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    let answered = 0;
    self.postMessage = (/** @type {object} */ reply) => void (answered += Number('value' in reply));
    for (let at = 0; at < count; at++) {
      context.fillStyle = `hsl(${at} 50% 50%)`;
      context.fillRect((at * 7) % 640, (at * 5) % 480, 200, 200);
      const frame = canvas.transferToImageBitmap();
      await /** @type {any} */ (self).onmessage({ data: { kind: 'frame', heads: [1], frame, topK: 5, heatmap: false } });
    }
    return answered;
  }, count);
}
