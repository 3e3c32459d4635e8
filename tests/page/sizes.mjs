// What a visitor downloads, of each package folder named and raw, gzip and brotli, in bytes: to classify, the engine with its
// glue and the worker that runs it; to teach, export and share, the studio with its glue.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const ENGINE = fileURLToPath(new URL('../../pkg/engine', import.meta.url));

/** @typedef {'mobilenet_web' | 'mobilenet_studio'} Part */
const RUNNERS = /** @type {const} */ ({ mobilenet_web: ['worker/worker.js', 'worker/engine.js', 'worker/answers.js', 'worker/studio.js'], mobilenet_studio: [] });

/**
 * @param {string} folder
 * @param {Part} [part]
 */
export function sizes(folder, part = 'mobilenet_web') {
  const runners = RUNNERS[part].map((name) => join(ENGINE, name));
  const files = [join(folder, `${part}_bg.wasm`), join(folder, `${part}.js`), ...runners].map((file) => readFileSync(file));
  const total = (/** @type {(file: Buffer) => number} */ measure) => files.map(measure).reduce((sum, bytes) => sum + bytes);
  return {
    raw: total((file) => file.length),
    gzip: total((file) => gzipSync(file, { level: 9 }).length),
    brotli: total((file) => brotliCompressSync(file, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length),
  };
}

if (process.argv[1] === import.meta.filename) {
  const parts = process.argv.slice(2).flatMap((folder) => /** @type {Part[]} */ (Object.keys(RUNNERS)).map((part) => ({ folder, part })));
  const built = parts.filter(({ folder, part }) => existsSync(join(folder, `${part}_bg.wasm`)));
  console.table(Object.fromEntries(built.map(({ folder, part }) => [`${folder}/${part}`, sizes(folder, part)])));
}
