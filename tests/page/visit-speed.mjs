// How long a first visit takes to its first answer, over a slow link: from an empty cache to the class of a sample picture.
// No test, since a busy machine would fail it: `./build.sh bench visit` prints the figures. SITE=DIR measures another build.
//
// The link is in the server, so that workers are slowed down as well: all answers share its rate, and each waits for one
// round trip. Files are sent as hosts send them, with brotli.

import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { brotliCompressSync } from 'node:zlib';
import puppeteer from 'puppeteer-core';
import { CHROMIUM, SITE, until } from './browser.mjs';
import { fileFor, typeOf } from '../../pkg/build/serve.mjs';

/** @typedef {{ megabits: number, roundTrip: number }} Link a second, and in milliseconds */
/** @type {Link[]} what many have at home, and a poor mobile network */
const LINKS = [{ megabits: 10, roundTrip: 40 }, { megabits: 4, roundTrip: 150 }];
const CHUNK_BYTES = 16_384;
const VISITS = 7;

/** @type {Link} */
let link = { megabits: 10, roundTrip: 40 };
/** @type {string[]} what was asked for in this visit */
let asked = [];
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
  if (file) asked.push(file);
  const content = file && (await pack(file).catch(() => null));
  await pause(link.roundTrip);
  if (!content) return response.writeHead(404).end();
  response.writeHead(200, { 'Content-Type': typeOf(file), 'Content-Encoding': 'br', 'Content-Length': content.length });
  for (let at = 0; at < content.length; at += CHUNK_BYTES) {
    const chunk = content.subarray(at, at + CHUNK_BYTES);
    free = Math.max(free, performance.now()) + (chunk.length * 8) / (link.megabits * 1000);
    await pause(free - performance.now());
    response.write(chunk);
  }
  return response.end();
}

/**
 * @param {string} url
 * @returns {Promise<{ millis: number, files: string[] }>} to the first answer, and what was asked for until then
 */
async function visit(url) {
  asked = [];
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
    const files = [...asked];
    return { millis: await page.evaluate(() => Number(/** @type {any} */ (globalThis).answered)), files };
  } finally {
    await browser.close();
  }
}

const server = createServer(answer).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = /** @type {import('node:net').AddressInfo} */ (server.address());
const url = `http://127.0.0.1:${address.port}/`;
// Beforehand, because packing takes long.
for (const name of readdirSync(SITE, { recursive: true, encoding: 'utf8' })) if (/\.(html|js|css|wasm|jpg|svg|webmanifest)$/.test(name) && !/onnx|docs/.test(name)) await pack(join(SITE, name));
const { files } = await visit(url);
const shell = files.filter((file) => /\.(html|js|css|webmanifest)$/.test(file));
const bytes = shell.reduce((sum, file) => sum + (packed.get(file)?.length ?? 0), 0);
console.log(`${files.length} requests to the first answer; page, scripts and styles until then are ${shell.length} files of ${bytes} bytes`);
for (link of LINKS) {
  const times = [];
  for (let count = 0; count < VISITS; count++) times.push(Math.round((await visit(url)).millis));
  times.sort((a, b) => a - b);
  console.log(`First answer over ${link.megabits} Mbit/s with round trips of ${link.roundTrip} ms, empty cache: median ${times[VISITS >> 1]} ms, of ${times.join(', ')}`);
}
server.close();
