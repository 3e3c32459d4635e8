// The curves of a fit, drawn while it runs: loss on the samples it learns from and on those it is judged by.

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT] = [320, 120];
// Room for a curve's end to be seen.
const MARGIN = 6;

/** @typedef {{ epoch: number, loss: number, accuracy: number, validation_loss: number, validation_accuracy: number }} Epoch */

/** A figure of two lines that grow. */
export class Curves {
  element = document.createElement('figure');
  #train = line('curve-train');
  #validation = line('curve-validation');
  #caption = document.createElement('figcaption');
  #writer;
  /** @type {Epoch[]} */
  #epochs = [];

  /** @param {import('../words/writer.js').Writer} writer */
  constructor(writer) {
    this.#writer = writer;
    const plot = document.createElementNS(SVG, 'svg');
    plot.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    plot.setAttribute('preserveAspectRatio', 'none');
    // The caption says what there is to know of it.
    plot.setAttribute('aria-hidden', 'true');
    plot.append(this.#train, this.#validation);
    this.element.className = 'curves';
    this.element.append(plot, this.#caption);
    this.clear();
  }

  clear() {
    this.#epochs = [];
    this.#draw();
  }

  /** @param {Epoch} epoch */
  add(epoch) {
    this.#epochs.push(epoch);
    this.#draw();
  }

  #draw() {
    const losses = this.#epochs.map(({ loss }) => loss);
    const judged = this.#epochs.map(({ validation_loss: loss }) => loss);
    const top = Math.max(0, ...losses, ...judged) || 1;
    this.#train.setAttribute('points', points(losses, top));
    this.#validation.setAttribute('points', points(judged, top));
    const last = this.#epochs[this.#epochs.length - 1];
    this.#writer.write(this.#caption, (words) => (last ? captionOf(words, last) : ''));
  }
}

/**
 * @param {import('../words/words.js').Words} words
 * @param {Epoch} epoch
 */
function captionOf(words, { epoch, loss, validation_loss }) {
  const [train = '', validation = ''] = [loss, validation_loss].map((each) => words.number(each, { minimumFractionDigits: 3, maximumFractionDigits: 3 }));
  return words.say('curves.caption', { count: epoch, train, validation });
}

/** @param {string} name */
function line(name) {
  const line = document.createElementNS(SVG, 'polyline');
  line.setAttribute('class', name);
  return line;
}

/**
 * @param {number[]} values
 * @param {number} top of the plot
 */
function points(values, top) {
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, values.length - 1);
  const place = (/** @type {number} */ value, /** @type {number} */ index) =>
    `${(MARGIN + index * step).toFixed(1)},${(HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN)).toFixed(1)}`;
  return values.map(place).join(' ');
}
