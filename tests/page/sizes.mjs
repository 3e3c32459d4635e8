// What a visitor downloads to classify: the wasm and the glue of each package folder named, and the worker that runs them,
// raw, gzip and brotli, in bytes.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const WORKER = fileURLToPath(new URL('../../www/engine/worker.js', import.meta.url));

/** @param {string} folder */
export function sizes(folder) {
  const files = [join(folder, 'mobilenet_web_bg.wasm'), join(folder, 'mobilenet_web.js'), WORKER].map((file) => readFileSync(file));
  const total = (/** @type {(file: Buffer) => number} */ measure) => files.map(measure).reduce((sum, bytes) => sum + bytes);
  return {
    raw: total((file) => file.length),
    gzip: total((file) => gzipSync(file, { level: 9 }).length),
    brotli: total((file) => brotliCompressSync(file, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length),
  };
}

if (process.argv[1] === import.meta.filename) {
  console.table(Object.fromEntries(process.argv.slice(2).map((folder) => [folder, sizes(folder)])));
}
