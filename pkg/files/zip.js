// The ZIP format (PKWARE's APPNOTE 6.3.10; section numbers are with the records below), as far as `archive.js`, which reads it,
// and `archive-writer.js` share it: the records, the limits and the names that are allowed, and how content is summed.
//
// Not zip64: the archives of a page stay below 4 GB.

import { Failure } from '../engine/shared/failure.js';
import { crc32 } from './crc32.js';

const MEGABYTE = 2 ** 20;

/** Also what the format allows without zip64, but for 65,535, with which zip64 is announced. */
export const ENTRY_LIMIT = 65_534;
export const ENTRY_SIZE_LIMIT = 256 * MEGABYTE;
/** Of all entries together, unpacked. Written archives stay below it too, so offsets fit into 32 bits. */
export const TOTAL_SIZE_LIMIT = 4096 * MEGABYTE - 1;
export const DIRECTORY_SIZE_LIMIT = 32 * MEGABYTE;
export const NAME_LIMIT = 1024;

// 4.3.7, 4.3.12, 4.3.16 and 4.3.15: signature and size without what is of variable length.
export const LOCAL = { signature: 0x04034b50, size: 30 };
export const CENTRAL = { signature: 0x02014b50, size: 46 };
export const END = { signature: 0x06054b50, size: 22 };
export const ZIP64_LOCATOR = { signature: 0x07064b50, size: 20 };

// The flag of a name that is UTF-8.
export const UTF8 = 0x0800;
export const [STORED, DEFLATED] = [0, 8];

/**
 * @param {string} name
 * @param {Set<string>} names so far
 */
export function checkName(name, names) {
  const safe = name.split('/').every((part) => !['', '.', '..'].includes(part)) && !/[\\\p{Cc}\p{Cs}]|^[a-z]:/iu.test(name);
  if (!safe || name.length > NAME_LIMIT) {
    throw bad(`The ZIP holds a file with an unsafe name, ${JSON.stringify(name.slice(0, 100))}: do not trust it, or pack it again.`);
  }
  if (names.has(name)) throw bad(`The ZIP holds “${name}” twice: pack it again.`);
  names.add(name);
}

/** @param {Blob} content */
export async function checksum(content) {
  let crc = 0;
  try {
    for await (const chunk of chunksOf(content.stream())) crc = crc32(chunk, crc);
  } catch {
    throw unreadable();
  }
  return crc;
}

/**
 * Streams can be iterated everywhere but in Safari.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 */
export async function* chunksOf(stream) {
  const reader = stream.getReader();
  try {
    for (let { done, value } = await reader.read(); !done && value; { done, value } = await reader.read()) yield value;
  } finally {
    // Whoever stops early also stops what feeds the stream; one that ended or failed does not mind.
    await reader.cancel().catch(() => {});
  }
}

/** @param {Uint8Array} bytes */
export function view(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @param {string} message */
export function bad(message) {
  return new Failure('bad-project', message);
}

export function unreadable() {
  return new Failure('unreadable-file', 'The file cannot be read any more: it was moved, changed or taken away. Choose it again.');
}
