// CRC-32 as ZIP has it (polynomial 0xEDB88320, reflected), a byte at a time.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/**
 * @param {Uint8Array} bytes
 * @param {number} [before] the checksum of what came before them
 */
export function crc32(bytes, before = 0) {
  let crc = ~before;
  for (let at = 0; at < bytes.length; at++) {
    crc = /** @type {number} */ (TABLE[(crc ^ /** @type {number} */ (bytes[at])) & 255]) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
