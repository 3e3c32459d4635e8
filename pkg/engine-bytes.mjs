// Writes into a copy of the sources how long the engine is: node pkg/engine-bytes.mjs FOLDER
//
// A server that compresses says how many bytes it sends, and a browser counts those that come out. So without this nobody would
// know how much is still to come.

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const UNKNOWN = 'const ENGINE_BYTES = 0;';

/** @param {string} folder with the scripts in `engine/`, and the wasm in `wasm/`; without one of them nothing is written */
export function writeEngineBytes(folder) {
  const [script, wasm] = [join(folder, 'engine/worker.js'), join(folder, 'wasm/mobilenet_web_bg.wasm')];
  if (!existsSync(script) || !existsSync(wasm)) return;
  const source = readFileSync(script, 'utf8');
  if (!source.includes(UNKNOWN)) throw new Error(`${script} has no line "${UNKNOWN}"`);
  writeFileSync(script, source.replace(UNKNOWN, `const ENGINE_BYTES = ${statSync(wasm).size};`));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv;
  if (!folder) throw new Error('usage: node pkg/engine-bytes.mjs FOLDER');
  writeEngineBytes(folder);
}
