// The engine in the worker: its wasm is fetched, compiled and started once, with the model inside it or beside it.

import { ENGINE_BYTES } from '../../wasm/engine-bytes.js';
import init, { forbidRelaxedSimd } from '../../wasm/mobilenet_web.js';
import { ownFile } from '../shared/own-files.js';
import { openBuiltIn } from './builtin.js';
import { post } from './post.js';
import { trouble } from './sources.js';

/**
 * @typedef {import('../../wasm/mobilenet_web.js').Classifier} Classifier
 * @typedef {import('./worker.js').StartRequest} StartRequest
 */

const engine = () => ownFile(new URL('../../wasm/mobilenet_web_bg.wasm', import.meta.url));

// (module (func (result v128) i32.const 0 i8x16.splat)): what a browser without SIMD cannot compile.
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

/** @type {Classifier | null} the built-in model, whose backbone all share */
let builtIn = null;

/** @type {WebAssembly.Memory | null} of the engine */
let memory = null;

/**
 * @param {Omit<StartRequest, 'studio'>} request
 * @returns {Promise<WebAssembly.Module>} for the worker that may have to follow this one
 */
export async function startEngine({ module, relaxedSimd, model }) {
  refuseOldBrowsers();
  const compiled = module ?? (await download());
  ({ memory } = await init({ module_or_path: compiled }));
  if (!relaxedSimd) forbidRelaxedSimd();
  builtIn = await openBuiltIn(model);
  return compiled;
}

/** The built-in model. */
export function started() {
  if (!builtIn) throw trouble('load-failed', 'The classifier is not loaded. Try again, or reload the page.');
  return builtIn;
}

/** The memory of the engine, if there is one yet. */
export function engineMemory() {
  return memory;
}

/** Compiles while the bytes arrive, and counts them on the way. */
async function download() {
  const response = await fetch(engine()).catch(() => null);
  if (!response?.ok || !response.body) {
    const reason = response ? `the server answered ${response.status}` : 'the network is unreachable';
    throw trouble('load-failed', `The classifier could not be fetched (${reason}). Try again, or reload the page.`);
  }
  const total = expectedBytes(response.headers);
  let loaded = 0;
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        loaded += chunk.byteLength;
        // A host may have another engine than the one that was measured.
        post({ progress: { loaded, total: total && Math.max(total, loaded) } });
        controller.enqueue(chunk);
      },
    }),
  );
  // A response of our own, so that a host which serves wasm under another MIME type works as well.
  const wasm = new Response(counted, { headers: { 'Content-Type': 'application/wasm' } });
  return WebAssembly.compileStreaming(wasm).catch(explainCompile);
}

/**
 * With a content encoding the length counts compressed bytes while the stream yields decoded ones; and another origin does not
 * show that there is one.
 *
 * @param {Headers} headers
 * @param {number} [known]
 * @returns {number | null}
 */
function expectedBytes(headers, known = ENGINE_BYTES) {
  if (known) return known;
  const length = Number(headers.get('Content-Length'));
  return headers.has('Content-Encoding') || !length ? null : length;
}

function refuseOldBrowsers() {
  if (typeof WebAssembly === 'undefined') {
    throw trouble(
      'browser-too-old',
      'This browser has no WebAssembly, which the classifier needs. Some have it switched off, as the Lockdown Mode of Apple does: allow it for this page, or use another browser.',
    );
  }
  if (WebAssembly.validate(SIMD_PROBE)) return;
  throw trouble(
    'browser-too-old',
    'This browser cannot run the classifier: it needs WebAssembly with SIMD. Use Chrome 91, Firefox 114, Safari 16.4 or newer.',
  );
}

/** @returns {never} */
function explainCompile() {
  try {
    new WebAssembly.Module(SIMD_PROBE);
  } catch {
    throw trouble('load-failed', "The security policy of this page forbids WebAssembly. It has to allow script-src 'wasm-unsafe-eval'.");
  }
  throw trouble('load-failed', 'The classifier did not arrive whole. Try again, or reload the page.');
}
