// Where the files of this package are.
//
// Bundlers put something of their own in place of a file's address. That of Next.js passes for a URL but is a path without an
// origin, which a worker that comes from a blob cannot complete. A server may have no address for it at all, so ask where the file
// is needed, never while a module loads.

/**
 * @param {URL} url as the bundler left it
 * @returns {URL} complete
 */
export function ownFile(url) {
  const text = String(url);
  return /^[a-z][a-z\d+.-]*:/i.test(text) ? new URL(text) : new URL(text, self.location.origin);
}
