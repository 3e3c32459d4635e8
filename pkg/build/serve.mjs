// A static server for one folder: `node pkg/build/serve.mjs DIR [PORT]`. For the page before the program is built, which serves it too, and for tests.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream';
import { fileURLToPath } from 'node:url';

const TYPES = /** @type {Record<string, string>} */ ({
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
});

/**
 * The file that a request means, or null for one outside the folder.
 *
 * @param {string} root absolute
 * @param {string} url
 */
export function fileFor(root, url) {
  let path;
  try {
    // Not `new URL(url).pathname`: it resolves `..` first, and what is decoded after that could hold new ones.
    path = decodeURIComponent(url.split(/[?#]/)[0] ?? '');
  } catch {
    return null;
  }
  if (path.includes('\0')) return null;
  const file = normalize(join(root, path.endsWith('/') ? `${path}index.html` : path));
  return file.startsWith(root + sep) ? file : null;
}

/** @param {string | null} file */
export function typeOf(file) {
  return TYPES[extname(file ?? '')] ?? 'application/octet-stream';
}

/**
 * @param {string} root
 * @param {Record<string, string>} headers
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(root, headers, request, response) {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', 'no-cache');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
  const file = fileFor(root, request.url ?? '/');
  const found = file === null ? null : await stat(file).catch(() => null);
  if (file === null || !found?.isFile()) return refuse(response, 404);
  // Of a file that is kept already only its name is sent.
  const tag = `"${found.ino}-${found.size}-${found.mtimeMs}"`;
  response.setHeader('ETag', tag);
  if (request.headers['if-none-match'] === tag) return response.writeHead(304).end();
  response.writeHead(200, { 'Content-Type': typeOf(file), 'Content-Length': found.size });
  if (request.method === 'HEAD') response.end();
  // A browser that leaves in the middle is no error.
  else pipeline(createReadStream(file), response, () => {});
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {404 | 405} status
 */
function refuse(response, status) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(status === 404 ? 'Not found\n' : 'Only GET and HEAD\n');
}

/**
 * Serves a folder to this machine only.
 *
 * @param {string} folder
 * @param {number} [port] 0 takes any free one
 * @param {(path: string) => void} [onRequest]
 * @param {Record<string, string>} [headers] sent with every answer
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export function serve(folder, port = 0, onRequest = () => {}, headers = {}) {
  const root = resolve(folder);
  const server = createServer((request, response) => {
    onRequest(request.url ?? '');
    answer(root, headers, request, response);
  });
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, 'localhost', () => {
      const { port: taken } = /** @type {import('node:net').AddressInfo} */ (server.address());
      const close = () => new Promise((closed) => (server.close(() => closed(undefined)), server.closeAllConnections()));
      done({ url: `http://localhost:${taken}`, close: async () => void (await close()) });
    });
  });
}

/** @param {string[]} words after the script's name */
async function main([folder, word = process.env.PORT ?? '8080']) {
  const port = Number(word);
  const index = folder && (await stat(join(folder, 'index.html')).catch(() => null));
  if (!folder || !Number.isInteger(port) || port < 0 || port > 65535) return complain('usage: node pkg/build/serve.mjs DIR [PORT]');
  if (!index) return complain(`${folder} holds no index.html: build the site first, or name its folder`);
  try {
    console.log((await serve(folder, port)).url);
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    const taken = `port ${port} is taken: stop the other server or name another port, as in PORT=${port + 1}`;
    complain(code === 'EADDRINUSE' ? taken : message);
  }
}

/** @param {string} message */
function complain(message) {
  console.error(message);
  process.exitCode = 1;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
