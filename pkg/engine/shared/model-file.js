// A model file by its address. The same in pages and in Node.

import { MobilenetError } from './failure.js';
import { Patience, SECONDS } from './patience.js';

/**
 * Gives up on a server that sends nothing for half a minute. A slow download takes as long as it takes.
 *
 * @param {URL} address
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
export async function fetchModel(address, signal) {
  const fetching = new AbortController();
  const abort = () => fetching.abort();
  const patience = new Patience();
  let silent = false;
  patience.begin(() => {
    silent = true;
    abort();
  });
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  try {
    const response = await fetch(address, { signal: fetching.signal }).catch(() => null);
    if (silent) throw unanswered(address);
    if (!response?.ok) throw missing(address, response ? `the server answered ${response.status}` : 'the network is unreachable, or the rules of this page forbid it');
    return await heard(response, () => patience.renew()).blob();
  } catch (error) {
    if (error instanceof MobilenetError) throw error;
    throw silent ? unanswered(address) : missing(address, 'it did not arrive whole');
  } finally {
    patience.end();
    signal?.removeEventListener('abort', abort);
  }
}

/**
 * @param {Response} response
 * @param {() => void} onChunk
 */
function heard({ body }, onChunk) {
  return new Response(
    body?.pipeThrough(
      new TransformStream({
        transform(chunk, controller) {
          onChunk();
          controller.enqueue(chunk);
        },
      }),
    ),
  );
}

/**
 * @param {URL} address
 * @param {string} reason
 */
function missing(address, reason) {
  return new MobilenetError('model-missing', `The model ${nameOf(address)} could not be fetched (${reason}). Check its address, then try again.`);
}

/** @param {URL} address */
function unanswered(address) {
  const reason = `the server did not answer: nothing arrived for ${SECONDS} seconds`;
  return new MobilenetError('load-failed', `The model ${nameOf(address)} could not be fetched (${reason}). Try again.`);
}

/** @param {URL} address */
export function nameOf({ pathname }) {
  return pathname.split('/').pop() || 'The model';
}
