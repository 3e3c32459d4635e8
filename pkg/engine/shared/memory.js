// Whether a trap was one for want of memory.
//
// Rust aborts where an allocation fails, and of that trap nothing is known but that there was one. So afterwards the memory is
// asked for as much as the largest picture takes: what cannot have it has run out. It is thrown away in either case.

export const OUT_OF_MEMORY = 'there is not enough memory for the classifier. Close other tabs and programs, then try again';

// `PIXEL_LIMIT` of src/core/picture/decode.rs, in pixels of four bytes and pages of 64 KiB.
const LARGEST_PICTURE = Math.ceil((64_000_000 * 4) / 65_536);

/**
 * @param {unknown} error without a code
 * @param {WebAssembly.Memory | null} memory of the wasm, if there is one yet
 */
export function isOutOfMemory(error, memory) {
  // A browser that finds no room says it before there is a memory, and when it makes a buffer.
  if (error instanceof RangeError && /memory|allocation/i.test(error.message)) return true;
  if (!(error instanceof WebAssembly.RuntimeError) || !memory) return false;
  try {
    memory.grow(LARGEST_PICTURE);
    return false;
  } catch {
    return true;
  }
}
