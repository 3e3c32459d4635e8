// A wasm whose memory cannot grow as it likes, as on a phone that has no more: `memory.grow` fails for real.

const MEMORY_SECTION = 5;

/**
 * @param {Buffer} wasm that declares one memory, without a limit
 * @param {number} pages of 64 KiB that it may grow by
 * @returns {Buffer}
 */
export function limitMemory(wasm, pages) {
  for (let at = 8; at < wasm.length; ) {
    const [size, start] = readLeb(wasm, at + 1);
    if (wasm[at] === MEMORY_SECTION) {
      const [first, end] = readLeb(wasm, start + 2);
      if (wasm[start] !== 1 || wasm[start + 1] !== 0 || end !== start + size) throw new Error('the wasm declares its memory in another way');
      const body = [1, 1, ...leb(first), ...leb(first + pages)];
      return Buffer.concat([wasm.subarray(0, at), Buffer.from([MEMORY_SECTION, ...leb(body.length), ...body]), wasm.subarray(end)]);
    }
    at = start + size;
  }
  throw new Error('the wasm declares no memory');
}

/**
 * @param {Buffer} bytes
 * @param {number} at
 * @returns {[value: number, next: number]}
 */
function readLeb(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

/** @param {number} value */
function leb(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}
