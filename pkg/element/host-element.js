// What the elements extend. A page that is rendered on a server imports them there too, and so may a worker. Neither has elements,
// so there it is an empty class of which nothing is ever made.

export const HostElement = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (/** @type {unknown} */ (class {}));
