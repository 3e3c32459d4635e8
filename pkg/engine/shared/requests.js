// Counts the requests that leave the device, as the browser itself lists them (Resource Timing).
//
// A page and each of its workers have lists of their own: `watchRequests` runs in either and hears of its own. Seen are
// fetches, images, styles, scripts, frames and beacons, whether they succeed or fail (WebKit lists no failed ones). Not
// counted is what the device answered itself: `blob:` and `data:` addresses, and what came out of its caches. Not seen are
// WebSockets and WebRTC (nothing here uses either, and the security policy allows only our own host as a WebSocket's other
// end), what another worker asks for, and what the browser asks for on its own: the manifest with its icons, and the service
// worker that keeps this site on the device, with its updates. A request is seen when it ends, so one under way is not
// counted yet.

/**
 * @param {(moments: number[]) => void} onRequests when each new request began, in milliseconds since 1970
 */
export function watchRequests(onRequests) {
  if (!globalThis.PerformanceObserver?.supportedEntryTypes.includes('resource')) return;
  const observer = new PerformanceObserver((list) => {
    const entries = /** @type {PerformanceResourceTiming[]} */ (list.getEntries());
    const moments = entries.filter(left).map(({ startTime }) => performance.timeOrigin + startTime);
    if (moments.length) onRequests(moments);
  });
  observer.observe({ type: 'resource', buffered: true });
}

/**
 * Whether a request left the device. Only our own origin says what it took; for any other we assume that it did.
 *
 * @param {PerformanceResourceTiming} entry
 */
function left({ name, initiatorType, transferSize, responseStatus }) {
  const { protocol, origin, pathname } = new URL(name, location.href);
  if (!protocol.startsWith('http')) return false;
  // WebKit lists the keeping among the page's requests, which the others do not.
  if (initiatorType === 'other' && origin === location.origin && pathname.endsWith('/sw.js')) return false;
  // A failure took nothing either, and has the status 0; an engine without statuses lists no failures.
  const kept = origin === location.origin && transferSize === 0 && responseStatus !== 0;
  return !kept;
}

/** Of the requests that it is told about, counts those that began after the page had loaded. */
export class RequestCounter {
  #onCount;
  #since = Infinity;
  /** @type {number[]} */
  #moments = [];

  /** @param {{ onCount: (count: number) => void }} listeners */
  constructor({ onCount }) {
    this.#onCount = onCount;
  }

  /** Everything that the page needs is there. */
  start() {
    this.#since = performance.timeOrigin + performance.now();
    this.add([]);
  }

  /** @param {number[]} moments */
  add(moments) {
    this.#moments.push(...moments);
    if (this.#since !== Infinity) this.#onCount(this.#moments.filter((moment) => moment > this.#since).length);
  }
}
