// Where the evidence is: colours over the picture, as `mobilenet explain` lays them over its PNG.

/** @typedef {import('../engine/worker/worker.js').Heatmap} Heatmap */

// Heat has no edges, so few pixels are enough: the browser scales them up as smoothly as they are.
const LONGER_SIDE = 128;

// Up to the first strength heat is not shown, which keeps most of a picture clean; from the second on it is most opaque.
const FAINT = 0.15;
const FULL = 0.75;
const OPACITY = 0.65;

// How dark it is over what the network does not see.
const UNSEEN = 0.69;

// Matplotlib's inferno at nine even steps: stronger is lighter, for colour-blind eyes as well.
const RAMP = /** @type {const} */ ([
  [0, 0, 4],
  [31, 12, 72],
  [87, 16, 110],
  [138, 34, 106],
  [188, 55, 84],
  [227, 89, 51],
  [249, 142, 9],
  [249, 201, 50],
  [252, 255, 164],
]);

// The picture's own light stays in the heat of the terminal's overlay; here, where no pixel is read, its usual share does.
const GLOW = 0.85;

/**
 * A canvas that lies over the picture. It has the picture's own proportions, so that the style sheet's `object-fit` puts
 * it exactly where the picture is displayed, and it never has to be measured.
 */
export class HeatmapLayer {
  #canvas;
  #caption;
  #writer;

  /**
   * @param {{ canvas: HTMLCanvasElement, caption: HTMLElement }} elements
   * @param {import('../words/writer.js').Writer} writer
   */
  constructor({ canvas, caption }, writer) {
    this.#writer = writer;
    this.#canvas = canvas;
    this.#caption = caption;
    this.clear();
  }

  clear() {
    this.#canvas.hidden = true;
    this.#writer.write(this.#caption, () => '');
  }

  /**
   * @param {Heatmap} heatmap
   * @param {{ width: number, height: number, crop: boolean }} picture crop: the network saw the square in its middle
   */
  show({ label, values }, { width, height, crop }) {
    const longer = Math.max(width, height);
    if (!longer) return this.clear();
    const size = [width, height].map((side) => Math.max(1, Math.round((side * LONGER_SIDE) / longer)));
    const [columns = 1, rows = 1] = size;
    const seen = Math.min(columns, rows);
    const [across, down] = crop ? [seen, seen] : [columns, rows];
    this.#canvas.width = columns;
    this.#canvas.height = rows;
    const pixels = new ImageData(columns, rows);
    paint(pixels, upsample(values, { columns, rows, across, down }));
    this.#canvas.getContext('2d')?.putImageData(pixels, 0, 0);
    this.#canvas.hidden = false;
    this.#writer.label(this.#canvas, (words) => words.say('heatmap.description', { label }));
    this.#writer.write(this.#caption, (words) => words.say('heatmap.caption', { label }));
  }
}

/**
 * What speaks for the class at each pixel; NaN where the network does not look.
 *
 * @param {Float32Array} values
 * @param {{ columns: number, rows: number, across: number, down: number }} sizes of the picture, and of what was seen of it
 */
export function upsample(values, { columns, rows, across, down }) {
  const side = Math.sqrt(values.length);
  const horizontal = taps(columns, across, side);
  const vertical = taps(rows, down, side);
  const heat = new Float32Array(columns * rows).fill(NaN);
  vertical.forEach((shares, y) => {
    if (!shares) return;
    const line = mixRows(values, shares);
    horizontal.forEach((share, x) => {
      if (share) heat[y * columns + x] = share.reduce((sum, part, at) => sum + part * (line[at] ?? 0), 0);
    });
  });
  return heat;
}

/**
 * @param {Float32Array} values
 * @param {number[]} shares of the rows
 */
function mixRows(values, shares) {
  const side = shares.length;
  return shares.map((_, column) => shares.reduce((sum, share, row) => sum + share * Math.max(0, values[row * side + column] ?? 0), 0));
}

/**
 * For each pixel along an axis, the shares of the positions that divide the middle part of it.
 *
 * @param {number} pixels
 * @param {number} seen how many of them
 * @param {number} side positions
 */
function taps(pixels, seen, side) {
  const start = (pixels - seen) / 2;
  return Array.from({ length: pixels }, (_, pixel) => {
    const place = (pixel + 0.5 - start) / seen;
    if (place < 0 || place > 1) return null;
    const shares = Array.from({ length: side }, (_, at) => spline(place * side - 0.5 - at));
    const total = shares.reduce((sum, share) => sum + share);
    return shares.map((share) => share / total);
  });
}

/**
 * The cubic B-spline: between positions the heat flows without the edges and stars that straight lines would draw.
 *
 * @param {number} offset
 */
function spline(offset) {
  const distance = Math.abs(offset);
  return distance < 1 ? 2 / 3 - distance ** 2 + distance ** 3 / 2 : Math.max(0, 2 - distance) ** 3 / 6;
}

/**
 * The strongest place has the full colour, however much it says: an overlay tells where, the probability how much.
 *
 * @param {ImageData} pixels
 * @param {Float32Array} heat
 */
function paint({ data }, heat) {
  const strongest = heat.reduce((most, next) => (next > most ? next : most), Number.MIN_VALUE);
  heat.forEach((value, at) => {
    if (Number.isNaN(value)) return void (data[4 * at + 3] = 255 * UNSEEN);
    const strength = value / strongest;
    const share = Math.min(1, Math.max(0, (strength - FAINT) / (FULL - FAINT)));
    data.set(colour(strength), 4 * at);
    data[4 * at + 3] = 255 * OPACITY * share * share * (3 - 2 * share);
  });
}

/**
 * The ramp without its ends, which on a picture would pass for shadows and for lamps.
 *
 * @param {number} strength
 */
function colour(strength) {
  const place = (0.3 + 0.62 * strength) * (RAMP.length - 1);
  const step = Math.min(Math.floor(place), RAMP.length - 2);
  const [from, to] = [RAMP[step] ?? RAMP[0], RAMP[step + 1] ?? RAMP[0]];
  return [0, 1, 2].map((channel) => GLOW * ((from[channel] ?? 0) + (place - step) * ((to[channel] ?? 0) - (from[channel] ?? 0))));
}
