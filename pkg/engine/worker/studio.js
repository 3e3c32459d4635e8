// The studio in the worker: what teaches, exports and makes links is a wasm of its own, which who only classifies never needs.
//
// It can be fetched ahead, so that nothing has to be asked for when it is needed; compiled it is only then. What failed is tried
// again at the next need.

import { ownFile } from '../shared/own-files.js';
import { trouble } from './sources.js';

/**
 * @typedef {import('../../wasm/mobilenet_studio.js').Studio} Studio
 * @typedef {{ glue: typeof import('../../wasm/mobilenet_studio.js'), wasm: ArrayBuffer }} Parts
 */

const wasmAddress = () => ownFile(new URL('../../wasm/mobilenet_studio_bg.wasm', import.meta.url)).href;

/** @type {ArrayBuffer | null} from the worker before this one */
let inherited = null;
/** @type {Promise<Parts> | null} */
let fetched = null;
/** @type {Promise<Studio> | null} */
let opened = null;
let failures = 0;

/** @param {ArrayBuffer | null} wasm that was fetched before */
export function inheritStudio(wasm) {
  inherited = wasm;
}

/** @returns {Promise<Parts>} */
export function fetchStudio() {
  fetched ??= fetchParts().catch((error) => {
    fetched = null;
    throw error;
  });
  return fetched;
}

/** @param {() => Uint8Array} backboneFile what it is to work over */
export function openStudio(backboneFile) {
  opened ??= open(backboneFile).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** @param {() => Uint8Array} backboneFile */
async function open(backboneFile) {
  const { glue, wasm } = await fetchStudio();
  await glue.default({ module_or_path: wasm }).catch(() => {
    fetched = inherited = null;
    throw failure('it did not arrive whole');
  });
  return new glue.Studio(backboneFile());
}

async function fetchParts() {
  const wasm = inherited ?? (await fetchWasm());
  const glue = await importGlue().catch(() => {
    failures++;
    throw failure('the network is unreachable');
  });
  return { glue, wasm };
}

/** @returns {Promise<Parts['glue']>} */
function importGlue() {
  if (!failures) return import('../../wasm/mobilenet_studio.js');
  // A browser may remember that a module failed, but only under the address that it failed under. Bundlers are not to follow this one.
  const again = `${wasmAddress().replace('_bg.wasm', '.js')}?${failures}`;
  return import(/* @vite-ignore */ /* webpackIgnore: true */ again);
}

async function fetchWasm() {
  const response = await fetch(wasmAddress()).catch(() => null);
  if (!response?.ok) throw failure(response ? `the server answered ${response.status}` : 'the network is unreachable');
  return response.arrayBuffer().catch(() => {
    throw failure('it did not arrive whole');
  });
}

/** @param {string} reason */
function failure(reason) {
  return trouble('load-failed', `What teaches and exports could not be fetched (${reason}). Try again, or reload the page.`);
}
