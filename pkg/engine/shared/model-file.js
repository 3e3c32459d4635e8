// A model file by its address. The same in pages and in Node.

import { MobilenetError } from './failure.js';

/**
 * @param {URL} address
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
export async function fetchModel(address, signal) {
  const response = await fetch(address, { signal }).catch(() => null);
  if (response?.ok) return response.blob();
  const reason = response ? `the server answered ${response.status}` : 'the network is unreachable, or the rules of this page forbid it';
  throw new MobilenetError('model-missing', `The model ${nameOf(address)} could not be fetched (${reason}). Check its address, then try again.`);
}

/** @param {URL} address */
export function nameOf({ pathname }) {
  return pathname.split('/').pop() || 'The model';
}
