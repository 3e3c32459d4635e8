// What a visitor of an engine's page downloads: the files that the server was asked for, raw and compressed.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** @typedef {{ raw: number, gzip: number, brotli: number }} Sizes in bytes */

// Brotli at its best takes half a minute for the largest of these files, so what was measured is kept by digest.
const KEPT = 'target/bench/compressed.json';

/**
 * @param {Buffer} bytes
 * @returns {Sizes}
 */
function compress(bytes) {
  const kept = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : {};
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (!kept[digest]) {
    const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } });
    kept[digest] = { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
    writeFileSync(KEPT, JSON.stringify(kept));
  }
  return kept[digest];
}

/**
 * @param {string[]} files
 * @returns {Sizes} of all of them, each compressed for itself as a host does
 */
export function sizes(files) {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    const one = compress(readFileSync(file));
    total.raw += one.raw;
    total.gzip += one.gzip;
    total.brotli += one.brotli;
  }
  return total;
}

/**
 * The engine and its model apart. A model that is compiled into the engine's wasm is taken out of its size.
 *
 * @param {string[]} fetched every file that the page asked for
 * @param {string} models folder of model files
 * @param {string[]} embedded model files that are inside what was fetched
 */
export function download(fetched, models, embedded) {
  const inside = sizes(embedded);
  const model = fetched.filter((file) => file.includes(`/${models}/`));
  const code = fetched.filter((file) => !model.includes(file) && /\.(m?js|wasm|data)$/.test(file));
  const whole = sizes(code.filter((file) => !/\/tests\/bench\/(page|adapters)\//.test(file)));
  return {
    runtime: { raw: whole.raw - inside.raw, gzip: whole.gzip - inside.gzip, brotli: whole.brotli - inside.brotli },
    model: embedded.length > 0 ? inside : sizes(model),
  };
}
