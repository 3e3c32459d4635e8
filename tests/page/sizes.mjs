// What a visitor downloads: the wasm and its glue of each package folder named, raw, gzip and brotli, in bytes.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const FILES = ['mobilenet_web_bg.wasm', 'mobilenet_web.js'];

/**
 * @param {string} folder
 * @param {(bytes: Buffer) => number} measure
 */
function total(folder, measure) {
  return FILES.map((file) => measure(readFileSync(join(folder, file)))).reduce((sum, bytes) => sum + bytes);
}

/** @param {string} folder */
export function sizes(folder) {
  return {
    raw: total(folder, (bytes) => bytes.length),
    gzip: total(folder, (bytes) => gzipSync(bytes, { level: 9 }).length),
    brotli: total(folder, (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length),
  };
}

if (process.argv[1] === import.meta.filename) {
  console.table(Object.fromEntries(process.argv.slice(2).map((folder) => [folder, sizes(folder)])));
}
