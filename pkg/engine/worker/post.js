// What the worker says to the page.

/** @param {import('./worker.js').Reply} reply */
export function post(reply) {
  self.postMessage(reply);
}
