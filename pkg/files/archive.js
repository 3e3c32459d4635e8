// Reads ZIP archives, by the central directory, which alone counts, and trusts them in nothing: an archive may come from
// anywhere. All that can be checked without unpacking is checked when it is opened; an entry is unpacked when it is asked for,
// and no further than to the size that it states.

import {
  CENTRAL,
  DEFLATED,
  DIRECTORY_SIZE_LIMIT,
  END,
  ENTRY_SIZE_LIMIT,
  LOCAL,
  STORED,
  TOTAL_SIZE_LIMIT,
  UTF8,
  ZIP64_LOCATOR,
  bad,
  checkName,
  checksum,
  chunksOf,
  unreadable,
  view,
} from './zip.js';

/**
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

// Encryption is bit 0, strong encryption 6, a masked directory 13.
const ENCRYPTED = 0x2041;
const COMMENT_LIMIT = 0xffff;
const [ZIP64_COUNT, ZIP64_SIZE] = [0xffff, 0xffffffff];

// Deflate makes at most 1032 bytes out of one, so what a browser unpacks at once, before we can count it, stays small.
const INFLATE_STEP = 16_384;

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
