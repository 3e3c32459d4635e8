// Links that carry a head, as `mobilenet share` makes them: in the fragment of the address, which no browser sends to a
// server. What is in it is a compressed model file, and the engine trusts it as little as any other.

import { Failure } from '../pkg/engine/shared/failure.js';

const PREFIX = '#head=';

/**
 * The model file in an address's fragment; null when it carries none.
 *
 * @param {string} hash
 */
export function linkedHead(hash) {
  if (!hash.startsWith(PREFIX)) return null;
  try {
    const letters = hash.slice(PREFIX.length).replaceAll('-', '+').replaceAll('_', '/');
    return new Blob([Uint8Array.from(atob(letters), (byte) => byte.charCodeAt(0))]);
  } catch {
    throw new Failure('bad-model', 'The model in the link was cut short or changed: ask for the link again.');
  }
}
