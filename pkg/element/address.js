// A picture by its address: fetched only because somebody asked for it, and only as far as the page's policy allows.

import { Failure } from '../engine/shared/failure.js';

const REMEDY = 'Save the picture on your device and choose the file';
// A violation is told in a task of its own, which may come after the fetch has failed.
const PATIENCE_MILLIS = 100;

/**
 * @param {string} text
 * @returns {URL | null} where the text is nothing but an address on the web
 */
export function addressIn(text) {
  const trimmed = text.trim();
  return /^https?:\/\/\S+$/i.test(trimmed) ? parsed(trimmed) : null;
}

/**
 * @param {URL | string} address
 * @param {string} base
 */
export function absolute(address, base) {
  const url = parsed(address, base);
  if (url) return url;
  throw new Failure('address-blocked', `that is no address of a picture: ${address}. Check it, then try again`);
}

/**
 * @param {URL | string} address
 * @param {string} [base]
 */
function parsed(address, base) {
  try {
    return new URL(address, base);
  } catch {
    return null;
  }
}

/**
 * Fetches once, however often it is read.
 *
 * @param {URL} address
 * @returns {import('./pictures.js').Found}
 */
export function foundAt(address) {
  /** @type {Promise<File> | null} */
  let known = null;
  const fetchAgain = (/** @type {unknown} */ error) => {
    known = null;
    throw error;
  };
  return { name: nameIn(address), read: (signal) => (known ??= fetchPicture(address, signal).catch(fetchAgain)) };
}

/**
 * @param {URL} address
 * @param {AbortSignal} [signal]
 * @returns {Promise<File>}
 */
export async function fetchPicture(address, signal) {
  const policy = watchPolicy(address);
  try {
    const response = await fetch(address, { signal, referrerPolicy: 'no-referrer' });
    if (!response.ok) throw blocked(`the server of ${address.host} answered ${response.status}`);
    return new File([await response.blob()], nameIn(address));
  } catch (error) {
    if (signal?.aborted) throw new Failure('cancelled', 'stopped before it was fetched');
    if (error instanceof Failure) throw error;
    if (await policy.forbids()) throw blocked(`the security policy of this page forbids to fetch from ${address.host || address.protocol}`);
    throw blocked(`${address.host || 'it'} does not share its pictures with other pages, or cannot be reached`);
  } finally {
    policy.unwatch();
  }
}

/** @param {string} reason */
function blocked(reason) {
  return new Failure('address-blocked', `the picture at that address cannot be fetched: ${reason}. ${REMEDY}`);
}

/** @param {URL} address */
function nameIn({ pathname, host, protocol }) {
  const last = protocol.startsWith('http') ? (pathname.split('/').pop() ?? '') : '';
  try {
    return decodeURIComponent(last) || host;
  } catch {
    return last;
  }
}

/** @param {URL} address */
function watchPolicy(address) {
  let forbidden = false;
  const watch = (/** @type {SecurityPolicyViolationEvent} */ { effectiveDirective, blockedURI }) => {
    // After a redirect only the origin is told.
    forbidden ||= effectiveDirective === 'connect-src' && address.href.startsWith(blockedURI);
  };
  document.addEventListener('securitypolicyviolation', watch);
  return {
    async forbids() {
      if (!forbidden) await new Promise((next) => setTimeout(next, PATIENCE_MILLIS));
      return forbidden;
    },
    unwatch: () => document.removeEventListener('securitypolicyviolation', watch),
  };
}
