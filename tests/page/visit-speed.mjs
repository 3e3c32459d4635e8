// How long a first visit takes to its first answer, over a slow link: from an empty cache to the class of a sample picture.
// No test, since a busy machine would fail it: `./build.sh bench visit` prints the figures.
//
// The link is in the server, so that workers are slowed down as well: all answers share its rate, and each waits for one
// round trip. Files are sent as hosts send them, with brotli.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { brotliCompressSync } from 'node:zlib';
import puppeteer from 'puppeteer-core';
import { CHROMIUM, SITE, until } from './browser.mjs';
import { fileFor, typeOf } from '../../pkg/build/serve.mjs';

const BYTES_PER_MILLI = 10e6 / 8 / 1000;
const ROUND_TRIP_MILLIS = 40;
const CHUNK_BYTES = 16_384;
const VISITS = 7;

/** When the link is free again, in milliseconds since the start of this process. */
let free = 0;
/** @type {Map<string, Buffer>} by path */
const packed = new Map();

/** @param {string} file */
async function pack(file) {
  const known = packed.get(file);
  if (known) return known;
  const content = brotliCompressSync(await readFile(file));
  packed.set(file, content);
  return content;
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(request, response) {
  const file = fileFor(SITE, request.url ?? '/');
  const content = file && (await pack(file).catch(() => null));
  await pause(ROUND_TRIP_MILLIS);
  if (!content) return response.writeHead(404).end();
  response.writeHead(200, { 'Content-Type': typeOf(file), 'Content-Encoding': 'br', 'Content-Length': content.length });
  for (let at = 0; at < content.length; at += CHUNK_BYTES) {
    const chunk = content.subarray(at, at + CHUNK_BYTES);
    free = Math.max(free, performance.now()) + chunk.length / BYTES_PER_MILLI;
    await pause(free - performance.now());
    response.write(chunk);
  }
  return response.end();
}

/** @param {string} url */
async function visit(url) {
  const browser = await puppeteer.launch(CHROMIUM);
  try {
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(() => {
      addEventListener('model-opened', () => {
        /** @type {HTMLElement | null} */ (document.querySelector('#samples button[value="sofa.jpg"]'))?.click();
      });
      addEventListener('classified', () => Object.assign(globalThis, { answered: performance.now() }));
    });
    await page.goto(url);
    await until(page, () => 'answered' in globalThis);
    return await page.evaluate(() => Number(/** @type {any} */ (globalThis).answered));
  } finally {
    await browser.close();
  }
}

const server = createServer(answer).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = /** @type {import('node:net').AddressInfo} */ (server.address());
const times = [];
// The first one fills the store of packed files.
for (let count = 0; count <= VISITS; count++) times.push(await visit(`http://127.0.0.1:${address.port}/`));
const sorted = times.slice(1).sort((a, b) => a - b).map(Math.round);
console.log(`First answer over 10 Mbit/s with round trips of ${ROUND_TRIP_MILLIS} ms, empty cache: median ${sorted[VISITS >> 1]} ms, of ${sorted.join(', ')}`);
server.close();
