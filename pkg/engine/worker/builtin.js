// The built-in model: the one inside the wasm, or a file that the page names (`engine/page/built-in.js`).

import { Classifier } from '../../wasm/mobilenet_web.js';
import { trouble } from './sources.js';

/** @type {Uint8Array | null} the model's file; null for the model inside the wasm */
let file = null;

/**
 * @param {string | null} address of the model's file
 * @returns {Promise<Classifier>}
 */
export async function openBuiltIn(address) {
  file = address === null ? null : await fetchModel(address);
  return file ? Classifier.fromBytes(file) : Classifier.embedded();
}

/** @param {string} address */
async function fetchModel(address) {
  const response = await fetch(address).catch(() => null);
  if (response?.ok) return new Uint8Array(await new Response(response.body?.pipeThrough(reported())).arrayBuffer());
  const reason = response ? `the server answered ${response.status}` : 'the network is unreachable';
  throw trouble('load-failed', `The model of this page could not be fetched (${reason}). Try again, or reload the page.`);
}

/** The page gives up on a worker that says nothing for half a minute. On a slow network the file may take longer. */
function reported() {
  return new TransformStream({
    transform(chunk, controller) {
      self.postMessage({ alive: true });
      controller.enqueue(chunk);
    },
  });
}

/** @returns {Uint8Array} its model file */
export function builtInHead() {
  return file ?? Classifier.headFile();
}

/**
 * @param {Classifier} builtIn
 * @returns {Uint8Array} a model file with its backbone: its own if that is another than the one inside the wasm
 */
export function builtInBackbone(builtIn) {
  if (!file) return Classifier.backboneFile();
  const embedded = Classifier.embedded();
  const same = embedded.info.backbone === builtIn.info.backbone;
  embedded.free();
  return same ? Classifier.backboneFile() : file;
}
