// ZIP archives, written and read (PKWARE's APPNOTE 6.3.10; the numbers of its sections are with the records below).
//
// - Written without compression: pictures are compressed already. Every entry has the same time, so the same entries give
//   the same bytes. The archive is a Blob made of the entries' Blobs, so it may be larger than memory.
// - Read by the central directory, which alone counts, and trusted in nothing: an archive may come from anywhere. All that
//   can be checked without unpacking is checked when it is opened; an entry is unpacked when it is asked for, and no
//   further than to the size that it states.
// - Not zip64: the archives of a page stay below 4 GB.

import { Failure } from '../engine/failure.js';
import { crc32 } from './crc32.js';

/**
 * @typedef {{ name: string, content: Blob }} Entry
 *
 * What the central directory says of an entry.
 *
 * @typedef {object} Listing
 * @property {string} name
 * @property {number} flags
 * @property {number} method
 * @property {number} crc
 * @property {number} packedSize
 * @property {number} size
 * @property {number} offset of its local header
 * @property {number} end where the next entry, or the central directory, begins
 */

const MEGABYTE = 2 ** 20;
// Chromium stands still for 70 ms to make one blob of 500 pictures: of so many parts it makes one at a time.
const PIECE = 96;

/** Also what the format allows without zip64, but for 65,535, with which zip64 is announced. */
export const ENTRY_LIMIT = 65_534;
export const ENTRY_SIZE_LIMIT = 256 * MEGABYTE;
/** Of all entries together, unpacked. Written archives stay below it too, so offsets fit into 32 bits. */
export const TOTAL_SIZE_LIMIT = 4096 * MEGABYTE - 1;
export const DIRECTORY_SIZE_LIMIT = 32 * MEGABYTE;
export const NAME_LIMIT = 1024;

// 4.3.7, 4.3.12, 4.3.16 and 4.3.15: signature and size without what is of variable length.
const LOCAL = { signature: 0x04034b50, size: 30 };
const CENTRAL = { signature: 0x02014b50, size: 46 };
const END = { signature: 0x06054b50, size: 22 };
const ZIP64_LOCATOR = { signature: 0x07064b50, size: 20 };

const VERSION = 20;
// As if made on Unix, with the attributes of a file there: unzip takes names from elsewhere for those of an old PC.
const MADE_BY = (3 << 8) | VERSION;
const REGULAR_FILE = (0o100644 << 16) >>> 0;
// Encryption is bit 0, strong encryption 6, a masked directory 13.
const ENCRYPTED = 0x2041;
const UTF8 = 0x0800;
const [STORED, DEFLATED] = [0, 8];
// 1 January 1980, midnight: the first day that the format knows.
const DOS_DATE = 0x0021;
const COMMENT_LIMIT = 0xffff;
const [ZIP64_COUNT, ZIP64_SIZE] = [0xffff, 0xffffffff];

// Deflate makes at most 1032 bytes out of one, so what a browser unpacks at once, before we can count it, stays small.
const INFLATE_STEP = 16_384;

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

/** An archive that was opened. */
export class Archive {
  #file;
  #records;

  /**
   * @param {Blob} file
   * @param {Map<string, Listing>} records
   */
  constructor(file, records) {
    this.#file = file;
    this.#records = records;
  }

  /**
   * Reads the central directory and checks it.
   *
   * @param {Blob} file
   * @throws {Failure} `bad-project`
   */
  static async open(file) {
    const { count, size, offset } = await findDirectory(file);
    const bytes = await bytesOf(file, offset, offset + size);
    const records = [...readDirectory(bytes, count)];
    if (records.reduce((sum, record) => sum + record.size, 0) > TOTAL_SIZE_LIMIT) {
      throw bad('The ZIP unpacks to more than 4 GB, which is too much here: make smaller ones of it.');
    }
    checkPlaces(records, offset);
    return new Archive(file, new Map(records.filter(({ name }) => !name.endsWith('/')).map((record) => [record.name, record])));
  }

  /** Names of the files in it, in the order of the directory. */
  get names() {
    return [...this.#records.keys()];
  }

  /** @param {string} name */
  has(name) {
    return this.#records.has(name);
  }

  /**
   * @param {string} name
   * @returns {number} bytes, as the directory states and `read` makes sure
   */
  size(name) {
    return this.#record(name).size;
  }

  /**
   * Unpacks one file and checks it. What is not compressed is not copied.
   *
   * @param {string} name
   * @param {string} [type] of the Blob
   * @returns {Promise<Blob>}
   * @throws {Failure} `bad-project`
   */
  async read(name, type = '') {
    const record = this.#record(name);
    const start = await this.#contentStart(record);
    const packed = this.#file.slice(start, start + record.packedSize, type);
    const content = record.method === STORED ? packed : await inflate(packed, record, type);
    if (content.size !== record.size || (await checksum(content)) !== record.crc) throw damaged(name);
    return content;
  }

  /** @param {string} name */
  #record(name) {
    const record = this.#records.get(name);
    if (!record) throw bad(`“${name}” is missing in the ZIP: save it again where it came from.`);
    return record;
  }

  /**
   * The local header repeats what the directory says; only how long it is itself is nowhere else.
   *
   * @param {Listing} record
   */
  async #contentStart({ name, offset, packedSize, end }) {
    const header = view(await bytesOf(this.#file, offset, offset + LOCAL.size));
    if (header.getUint32(0, true) !== LOCAL.signature) throw damaged(name);
    if (header.getUint16(6, true) & ENCRYPTED) throw encrypted();
    const start = offset + LOCAL.size + header.getUint16(26, true) + header.getUint16(28, true);
    if (start + packedSize > end) throw damaged(name);
    return start;
  }
}

/**
 * The end record is the last thing in the file, behind it only its comment (4.3.16).
 *
 * @param {Blob} file
 */
async function findDirectory(file) {
  const start = Math.max(0, file.size - END.size - COMMENT_LIMIT);
  const tail = view(await bytesOf(file, start, file.size));
  for (let at = tail.byteLength - END.size; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END.signature) continue;
    if (at + END.size + tail.getUint16(at + 20, true) !== tail.byteLength) continue;
    return readEnd(tail, at, start + at);
  }
  throw bad('This is no ZIP file, or only a part of one: download or save it again.');
}

/**
 * @param {DataView} tail of the file
 * @param {number} at where the record is in it
 * @param {number} position where the record is in the file
 */
function readEnd(tail, at, position) {
  const [disk, firstDisk, countHere, count] = [4, 6, 8, 10].map((field) => tail.getUint16(at + field, true));
  const [size, offset] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  const locator = at - ZIP64_LOCATOR.size;
  const announced = count === ZIP64_COUNT || size === ZIP64_SIZE || offset === ZIP64_SIZE;
  if (announced || (locator >= 0 && tail.getUint32(locator, true) === ZIP64_LOCATOR.signature)) throw zip64();
  if (count === undefined || disk !== 0 || firstDisk !== 0 || countHere !== count) {
    throw bad('The ZIP is one part of several: pack it again as one file.');
  }
  if (offset + size !== position) throw bad('The ZIP is damaged, its directory is not where it should be: download or save it again.');
  if (size > DIRECTORY_SIZE_LIMIT) throw bad('The ZIP holds more files than can be opened here: make smaller ones of it.');
  return { count, size, offset };
}

/**
 * @param {Uint8Array} bytes the central directory
 * @param {number} count
 * @returns {Generator<Listing>}
 */
function* readDirectory(bytes, count) {
  const directory = view(bytes);
  const names = new Set();
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + CENTRAL.size > bytes.length || directory.getUint32(at, true) !== CENTRAL.signature) throw damaged('its directory');
    const [nameSize, extraSize, commentSize, disk] = [28, 30, 32, 34].map((field) => directory.getUint16(at + field, true));
    const nameEnd = at + CENTRAL.size + /** @type {number} */ (nameSize);
    if (nameEnd > bytes.length) throw damaged('its directory');
    const record = {
      flags: directory.getUint16(at + 8, true),
      method: directory.getUint16(at + 10, true),
      crc: directory.getUint32(at + 16, true),
      packedSize: directory.getUint32(at + 20, true),
      size: directory.getUint32(at + 24, true),
      offset: directory.getUint32(at + 42, true),
      end: 0,
    };
    const name = decodeName(bytes.subarray(at + CENTRAL.size, nameEnd), record.flags);
    checkName(name.replace(/\/$/, ''), names);
    checkRecord({ ...record, name }, disk ?? 0);
    yield { ...record, name };
    at = nameEnd + /** @type {number} */ (extraSize) + /** @type {number} */ (commentSize);
  }
  if (at !== bytes.length) throw damaged('its directory');
}

/**
 * @param {Listing} record
 * @param {number} disk
 */
function checkRecord({ name, flags, method, packedSize, size, offset }, disk) {
  if ([packedSize, size, offset].includes(ZIP64_SIZE) || disk === ZIP64_COUNT) throw zip64();
  if (flags & ENCRYPTED) throw encrypted();
  if (method !== STORED && method !== DEFLATED) {
    throw bad(`“${name}” in the ZIP is compressed in an unusual way (method ${method}): pack it again as a plain ZIP.`);
  }
  if (size > ENTRY_SIZE_LIMIT) throw bad(`“${name}” in the ZIP unpacks to more than 256 MB: take it out.`);
  if (method === STORED && size !== packedSize) throw damaged(name);
}

/**
 * Each entry has its own place in the file: entries that share theirs make much out of little.
 *
 * @param {Listing[]} records get their `end`
 * @param {number} directoryOffset
 */
function checkPlaces(records, directoryOffset) {
  const inOrder = [...records].sort((a, b) => a.offset - b.offset);
  for (const [index, record] of inOrder.entries()) {
    record.end = inOrder[index + 1]?.offset ?? directoryOffset;
    if (record.offset + LOCAL.size + record.packedSize > record.end) throw damaged(record.name);
  }
}

/**
 * @param {string} name
 * @param {Set<string>} names so far
 */
function checkName(name, names) {
  const safe = name.split('/').every((part) => !['', '.', '..'].includes(part)) && !/[\\\p{Cc}\p{Cs}]|^[a-z]:/iu.test(name);
  if (!safe || name.length > NAME_LIMIT) {
    throw bad(`The ZIP holds a file with an unsafe name, ${JSON.stringify(name.slice(0, 100))}: do not trust it, or pack it again.`);
  }
  if (names.has(name)) throw bad(`The ZIP holds “${name}” twice: pack it again.`);
  names.add(name);
}

// What IBM's PC printed for bytes from 128 on, and names without the flag for UTF-8 are still written in (appendix D).
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/**
 * @param {Uint8Array} bytes
 * @param {number} flags
 */
function decodeName(bytes, flags) {
  try {
    // Without the flag too: macOS writes UTF-8 and does not say so.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    if (flags & UTF8) throw bad('The ZIP holds a name that is no text: pack it again.');
    return Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : CP437[byte - 128])).join('');
  }
}

/**
 * @param {Blob} packed
 * @param {Listing} record
 * @param {string} type
 */
async function inflate(packed, { name, size }, type) {
  const steps = new TransformStream({ transform: enqueueSteps });
  const inflated = packed.stream().pipeThrough(steps).pipeThrough(new DecompressionStream('deflate-raw'));
  /** @type {BlobPart[]} */
  const parts = [];
  let total = 0;
  try {
    for await (const chunk of chunksOf(inflated)) {
      total += chunk.length;
      if (total > size) throw damaged(name);
      parts.push(chunk);
    }
  } catch (error) {
    // A TypeError is the decompressor's word for data that it cannot unpack; Node has codes of its own.
    throw error instanceof DOMException ? unreadable() : damaged(name);
  }
  return new Blob(parts, { type });
}

/**
 * @param {Uint8Array} chunk
 * @param {TransformStreamDefaultController<Uint8Array<ArrayBuffer>>} controller
 */
function enqueueSteps(chunk, controller) {
  for (let at = 0; at < chunk.length; at += INFLATE_STEP) controller.enqueue(new Uint8Array(chunk.subarray(at, at + INFLATE_STEP)));
}

/** @param {Blob} content */
async function checksum(content) {
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
async function* chunksOf(stream) {
  const reader = stream.getReader();
  try {
    for (let { done, value } = await reader.read(); !done && value; { done, value } = await reader.read()) yield value;
  } finally {
    // Whoever stops early also stops what feeds the stream; one that ended or failed does not mind.
    await reader.cancel().catch(() => {});
  }
}

/**
 * @param {Blob} file
 * @param {number} start
 * @param {number} end
 */
async function bytesOf(file, start, end) {
  try {
    return new Uint8Array(await file.slice(start, end).arrayBuffer());
  } catch {
    throw unreadable();
  }
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

/** @param {Uint8Array} bytes */
function view(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @param {string} message */
function bad(message) {
  return new Failure('bad-project', message);
}

/** @param {string} what */
function damaged(what) {
  return bad(`The ZIP is damaged (${what}): download or save it again.`);
}

function encrypted() {
  return bad('The ZIP is locked with a password: unpack it, and pack it again without one.');
}

function zip64() {
  return bad('The ZIP is in the zip64 format for very large archives, which cannot be opened here: make smaller ones of it.');
}

function unreadable() {
  return new Failure('unreadable-file', 'The file cannot be read any more: it was moved, changed or taken away. Choose it again.');
}
