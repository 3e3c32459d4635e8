// The worker of a page that is one file: first it is given what the page carries, then it is the worker of `pkg/engine`.

import { keep } from './carried.js';

self.onmessage = async ({ data }) => {
  keep(data);
  // It takes the next message already: there is nothing to wait for but what is in this script.
  await import('../../engine/worker/worker.js');
  const answer = self.onmessage;
  self.onmessage = ({ data }) => answer?.call(self, new MessageEvent('message', { data: withBlobs(data) }));
};

/**
 * A request as it was before `blocks.js` took the bytes out of its blobs. A new blob of them would not do: in Safari a worker that
 * comes out of a file can read none.
 *
 * @param {Record<string, unknown>} request
 */
function withBlobs(request) {
  const blob = (/** @type {unknown} */ value) => (value instanceof ArrayBuffer ? Object.assign(new Blob(), { arrayBuffer: async () => value }) : value);
  return Object.fromEntries(Object.entries(request).map(([name, value]) => [name, blob(value)]));
}
