// Options as callers give them. They may come from anybody's code, so they are read once, here, and what is none is refused.

import { MobilenetError } from './failure.js';

/**
 * @template {object} Options
 * @param {Options} [options]
 * @returns {Options} a copy, for which no code of the caller's answers
 * @throws {MobilenetError} `bad-argument`
 */
export function readOptions(options) {
  if (options !== undefined && (typeof options !== 'object' || options === null)) throw refused(`options are an object, not ${kindOf(options)}`);
  const read = /** @type {any} */ (Object.create(null));
  try {
    for (const name in options) read[name] = options[name];
  } catch {
    throw refused('these options cannot be read: give a plain object');
  }
  if (!isSignal(read.signal)) throw refused('the signal is none: give that of an AbortController');
  return read;
}

/**
 * What a value is, in words that no code of the caller's is asked for.
 *
 * @param {unknown} value
 */
export function kindOf(value) {
  if (value === null || typeof value === 'number') return String(value);
  return `of type ${typeof value}`;
}

/**
 * By what it can do, as that of another frame is one too.
 *
 * @param {any} value
 */
function isSignal(value) {
  try {
    return value === undefined || value === null || typeof value.throwIfAborted === 'function';
  } catch {
    return false;
  }
}

/** @param {string} message */
function refused(message) {
  return new MobilenetError('bad-argument', message);
}
