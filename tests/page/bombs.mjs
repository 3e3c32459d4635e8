// Pictures that are small files and claim to be, or are, a great deal.

import { deflateSync } from 'node:zlib';

const SIDE = 60_000;

/** @param {number} value */
const big32 = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; };

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  // Decoders look at the header before its checksum; a wrong one would be another fault.
  let crc = 0xffffffff;
  for (const byte of Buffer.concat([Buffer.from(type), data])) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return Buffer.concat([big32(data.length), Buffer.from(type), data, big32((crc ^ 0xffffffff) >>> 0)]);
}

/**
 * @param {number} side
 * @param {number} bytes of its rows, all black; three a pixel and one a row make it whole
 */
export function png(side, bytes) {
  const header = Buffer.concat([big32(side), big32(side), Buffer.from([8, 2, 0, 0, 0])]);
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(bytes))), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks]);
}

/** Small files that claim to be of 3,600 million pixels. */
export const BOMBS = {
  'bomb.png': png(SIDE, 1_000_000),
  'bomb.gif': Buffer.concat([Buffer.from('GIF89a'), u16(SIDE), u16(SIDE), Buffer.from('800000000000ffffff2c00000000', 'hex'), u16(SIDE), u16(SIDE), Buffer.from('000202440100', 'hex'), Buffer.from(';')]),
  'bomb.bmp': bmp(),
  'bomb.webp': webp(),
  'bomb.jpg': Buffer.concat([Buffer.from('ffd8ffc0000b08ea60ea6001011100', 'hex'), Buffer.from('ffda0008010100003f00', 'hex'), Buffer.alloc(64), Buffer.from('ffd9', 'hex')]),
};

/** @param {number} value */
function u16(value) {
  return Buffer.from([value & 255, value >> 8]);
}

function bmp() {
  const file = Buffer.alloc(54 + 64);
  file.write('BM');
  [[2, file.length], [10, 54], [14, 40], [18, SIDE], [22, SIDE], [34, 0]].forEach(([at = 0, value = 0]) => file.writeUInt32LE(value, at));
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  return file;
}

function webp() {
  // VP8L has 14 bits a side, so that this one is of the greatest size there is.
  const bits = Buffer.from([0x2f, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bits.length);
  const riff = Buffer.alloc(4);
  riff.writeUInt32LE(4 + 8 + bits.length);
  return Buffer.concat([Buffer.from('RIFF'), riff, Buffer.from('WEBPVP8L'), size, bits]);
}
