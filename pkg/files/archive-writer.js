// Writes ZIP archives, without compression: pictures are compressed already. Every entry has the same time, so the same entries
// give the same bytes. The archive is a Blob made of the entries' Blobs, so it may be larger than memory.

import { CENTRAL, END, ENTRY_LIMIT, ENTRY_SIZE_LIMIT, LOCAL, STORED, TOTAL_SIZE_LIMIT, UTF8, bad, checkName, checksum, view } from './zip.js';

/** @typedef {{ name: string, content: Blob }} Entry */

// Chromium stands still for 70 ms to make one blob of 500 pictures: of so many parts it makes one at a time.
const PIECE = 96;

const VERSION = 20;
// As if made on Unix, with the attributes of a file there: unzip takes names from elsewhere for those of an old PC.
const MADE_BY = (3 << 8) | VERSION;
const REGULAR_FILE = (0o100644 << 16) >>> 0;
// 1 January 1980, midnight: the first day that the format knows.
const DOS_DATE = 0x0021;

/**
 * @param {Iterable<Entry> | AsyncIterable<Entry>} entries
 * @returns {Promise<Blob>}
 */
export async function writeArchive(entries) {
  const pieces = /** @type {Blob[]} */ ([]);
  const locals = /** @type {BlobPart[]} */ ([]);
  const centrals = /** @type {BlobPart[]} */ ([]);
  const names = new Set();
  let offset = 0;
  let directorySize = 0;
  for await (const { name, content } of entries) {
    checkName(name, names);
    const encoded = new TextEncoder().encode(name);
    const facts = [VERSION, UTF8, STORED, 0, DOS_DATE, await checksum(content), content.size, content.size, encoded.length, 0];
    const local = packRecord(LOCAL.size, LOCAL.signature, 'SSSSSLLLSS', facts);
    const central = packRecord(CENTRAL.size, CENTRAL.signature, 'SSSSSSLLLSSSSSLL', [MADE_BY, ...facts, 0, 0, 0, REGULAR_FILE, offset]);
    locals.push(local, encoded, content);
    if (locals.length >= PIECE) pieces.push(new Blob(locals.splice(0)));
    centrals.push(central, encoded);
    offset += local.length + encoded.length + content.size;
    directorySize += central.length + encoded.length;
    if (names.size > ENTRY_LIMIT || content.size > ENTRY_SIZE_LIMIT || offset + directorySize > TOTAL_SIZE_LIMIT) {
      throw bad('This is too much for one file (65,534 entries, 4 GB, 256 MB an entry): make two smaller projects of it.');
    }
  }
  const end = packRecord(END.size, END.signature, 'SSSSLLS', [0, 0, names.size, names.size, directorySize, offset, 0]);
  return new Blob([...pieces, ...locals, ...centrals, end], { type: 'application/zip' });
}

/**
 * A record of numbers in little-endian order.
 *
 * @param {number} size
 * @param {number} signature
 * @param {string} fields a letter each: S is short, 16 bits, and L long, 32 bits
 * @param {number[]} values
 */
function packRecord(size, signature, fields, values) {
  const bytes = new Uint8Array(size);
  const writer = view(bytes);
  writer.setUint32(0, signature, true);
  let at = 4;
  for (const [index, field] of [...fields].entries()) {
    const value = values[index] ?? 0;
    if (field === 'S') writer.setUint16(at, value, true);
    else writer.setUint32(at, value, true);
    at += field === 'S' ? 2 : 4;
  }
  return bytes;
}
