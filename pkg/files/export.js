// Results as files. CSV is that of RFC 4180, in UTF-8 without a byte order mark: the RFC knows none, and programs that do
// not either take it for a part of the first column's name.

/**
 * @typedef {import('../engine/worker/worker.js').Prediction} Prediction
 *
 * @typedef {object} Result what became of a file
 * @property {string} name
 * @property {Prediction[]} predictions none where it failed
 * @property {boolean} rejected
 * @property {{ code: string, message: string } | null} error
 */

// What a spreadsheet takes for the beginning of a formula (OWASP, "CSV injection"), also as wide as an ideograph.
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
// Semicolon and tab are what some spreadsheets part cells by, whatever the RFC says.
const QUOTED = /[",;\t\r\n]/;

/**
 * The columns of labels come last, in the order of the model; a label without a probability was not among the best.
 *
 * @param {Result[]} results
 * @param {string[]} labels of the model
 */
export function csv(results, labels) {
  const seen = new Set(results.flatMap(({ predictions }) => predictions.map(({ label }) => label)));
  const columns = [...new Set([...labels.filter((label) => seen.has(label)), ...seen])];
  const header = ['file', 'answer', 'certainty', 'rejected', 'error', ...columns];
  return [header, ...results.map((result) => cells(result, columns))].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** @param {Result[]} results */
export function json(results) {
  return `${JSON.stringify(results, null, 2)}\n`;
}

/**
 * @param {Result} result
 * @param {string[]} columns
 */
function cells({ name, predictions, rejected, error }, columns) {
  const [best] = predictions;
  const answer = best && !rejected ? [best.label, best.probability] : ['', ''];
  const probabilities = new Map(predictions.map(({ label, probability }) => [label, probability]));
  return [name, ...answer, error ? '' : rejected, error?.message ?? '', ...columns.map((label) => probabilities.get(label) ?? '')];
}

/** @param {string | number | boolean} value */
function cell(value) {
  const text = String(value);
  const harmless = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/**
 * Gives the person a file to keep.
 *
 * @param {string} name of the file among the person's downloads
 * @param {Blob} content
 */
export function save(name, content) {
  const href = URL.createObjectURL(content);
  Object.assign(document.createElement('a'), { href, download: name }).click();
  // Not before the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
