// Making things go wrong, for the tests of what the page does then.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { fileFor, typeOf } from '../../pkg/build/serve.mjs';

/** @typedef {import('puppeteer-core').Page} Page */

/**
 * What a server does with a request. `refuse` closes the connection before an answer, `cut` after half of one, `hang` never
 * answers; `mime` names the type wrongly, and `bytes` sends others than there are.
 *
 * @typedef {'refuse' | '404' | '500' | 'cut' | 'hang' | 'mime' | 'bytes'} Fault
 */

/** @type {Fault[]} */
export const FAULTS = ['refuse', '404', '500', 'cut', 'hang', 'mime', 'bytes'];

/**
 * A server of the site that fails as it is told, path by path.
 *
 * @param {string} root
 */
export async function serveFaults(root) {
  /** @type {Map<string, Fault>} by path */
  const faults = new Map();
  /** @type {Map<string, string>} by path, a script to run before the one that is there */
  const preludes = new Map();
  /** @type {Map<string, Buffer>} by path, what is sent in place of the file */
  const substitutes = new Map();
  /** @type {string[]} */
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '/').replace(/[?#].*/, '');
    requests.push(path);
    const file = fileFor(root, path);
    const own = substitutes.get(path) ?? (file && (await readFile(file).catch(() => null)));
    const content = own && Buffer.concat([Buffer.from(preludes.get(path) ?? ''), own]);
    const fault = faults.get(path);
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (fault === 'hang') return;
    if (fault === 'refuse') return request.socket.destroy();
    if (!content || fault === '404' || fault === '500') return response.writeHead(Number(fault ?? 404), { 'Content-Type': 'text/html' }).end('<!doctype html><p>No.');
    response.writeHead(200, { 'Content-Type': fault === 'mime' ? 'text/plain' : typeOf(file), 'Content-Length': content.length });
    if (fault === 'cut') return response.write(content.subarray(0, content.length / 2), () => setTimeout(() => request.socket.destroy(), 50));
    response.end(fault === 'bytes' ? Buffer.alloc(content.length, '<') : content);
  });
  await new Promise((done) => server.listen(0, 'localhost', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const close = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { url: `http://localhost:${port}`, faults, preludes, substitutes, requests, close };
}

/**
 * Makes a page's seconds of waiting short from now on: what it does every second, it does twenty times as often.
 *
 * @param {Page} page
 */
export function hurry(page) {
  return page.evaluate(hasten);
}

/**
 * The same from the beginning.
 *
 * @param {Page} page before it loads
 */
export function beginHurried(page) {
  return page.evaluateOnNewDocument(hasten);
}

/** Runs in the page. */
function hasten() {
  const tick = setInterval;
  Object.assign(globalThis, { setInterval: (/** @type {() => void} */ act, /** @type {number} */ millis) => tick(act, millis / 20) });
}

/**
 * A camera of the page's own: a canvas that is painted over and over. `feed` can be stopped, resized and painted otherwise.
 *
 * @param {Page} page before it loads
 */
export function feedCamera(page) {
  return page.evaluateOnNewDocument(() => {
    const feed = { running: true, width: 640, height: 480, colour: '#a52', streams: /** @type {MediaStream[]} */ ([]), asked: 0, answers: true, ended() {} };
    const open = async () => {
      feed.asked++;
      if (!feed.answers) await new Promise(() => {});
      const canvas = document.createElement('canvas');
      const paint = () => {
        if (!feed.running) return;
        if (canvas.width !== feed.width) Object.assign(canvas, { width: feed.width, height: feed.height });
        const context = canvas.getContext('2d');
        if (!context) return;
        context.fillStyle = feed.colour;
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.fillStyle = '#fff';
        context.fillRect(Math.random() * canvas.width, 0, 9, canvas.height);
      };
      paint();
      setTimeout(function again() {
        paint();
        setTimeout(again, 40);
      });
      const stream = canvas.captureStream(25);
      const [track] = stream.getVideoTracks();
      // Firefox gives its tracks no event that a script has made.
      Object.assign(track ?? {}, { addEventListener: (/** @type {string} */ _type, /** @type {() => void} */ hear) => void (feed.ended = hear) });
      feed.streams.push(stream);
      return stream;
    };
    // Firefox also runs this in a document of its own, which has no cameras.
    if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = open;
    Object.assign(globalThis, { feed });
  });
}

/**
 * The running camera's track ends, as when its plug is pulled or its permission is taken away.
 *
 * @param {Page} page
 */
export function endCamera(page) {
  return page.evaluate(() => {
    const { feed } = /** @type {any} */ (globalThis);
    feed.streams.at(-1).getVideoTracks()[0].stop();
    feed.ended();
  });
}
