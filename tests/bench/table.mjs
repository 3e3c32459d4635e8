// The measured rows as tables that read the same in a terminal and in the README. Ours is the first row; ratios are to it.

/**
 * @typedef {object} Row of target/bench/*.json; what does not apply is null
 * @property {string} engine
 * @property {number} threads
 * @property {string} precision
 * @property {string} [lanes] the instructions that ours ran on; others have none
 * @property {number | null} [p10_ms]
 * @property {number | null} [median_ms]
 * @property {number | null} [picture_p10_ms]
 * @property {number | null} [cold_ms]
 * @property {number | null} [runtime_brotli_bytes]
 * @property {number | null} [model_brotli_bytes]
 * @property {number | null} [memory_bytes]
 * @property {number | null} [photos_per_second]
 * @property {string[]} [wrong]
 */

/**
 * @param {number | null | undefined} value
 * @param {number} digits
 */
export function number(value, digits) {
  return typeof value === 'number' && Number.isFinite(value) ? value.toFixed(digits) : '';
}

/**
 * How many times as long as ours.
 *
 * @param {number | null | undefined} value
 * @param {number | null | undefined} ours
 */
export function ratio(value, ours) {
  return typeof value === 'number' && typeof ours === 'number' ? number(value / ours, 2) : '';
}

/**
 * Markdown, its columns padded so that it also reads as text.
 *
 * @param {string[]} head
 * @param {string[][]} rows the first column is text, the others are numbers
 */
export function markdown(head, rows) {
  const widths = head.map((word, at) => Math.max(3, ...[word, ...rows.map((row) => row[at] ?? '')].map((cell) => cell.length)));
  /** @param {string[]} cells */
  const line = ([first = '', ...numbers]) => {
    const padded = numbers.map((cell, at) => cell.padStart(widths[at + 1] ?? 0));
    return `| ${[first.padEnd(widths[0] ?? 0), ...padded].join(' | ')} |`;
  };
  const rule = line(widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** @param {Row} row */
export function name({ engine, precision, threads, wrong }) {
  return `${engine} ${precision}${threads > 1 ? `, ${threads} threads` : ''}${wrong?.length ? ' (WRONG ANSWERS)' : ''}`;
}

/**
 * The first words of a table. They are its name, too, for those who hear the page, so tables of two kinds differ in them.
 *
 * @param {string} words
 * @param {string | null | undefined} kind
 */
export function about(words, kind) {
  return kind ? `${words}, ${kind}` : words;
}

/** @param {number | null | undefined} bytes */
function megabytes(bytes) {
  return number(typeof bytes === 'number' ? bytes / 1e6 : null, 2);
}

/**
 * @param {Row[]} rows ours first
 * @param {string | null} [kind] of processor, where there is a table for each
 */
export function browserTable(rows, kind) {
  const [ours] = rows;
  const times = ['network ms', 'median', 'x ours', 'picture ms', 'x ours', 'cold ms'];
  return markdown(
    [about('in the browser', kind), ...times, 'engine MB', 'model MB', 'memory MB'],
    rows.map((row) => [
      name(row),
      number(row.p10_ms, 1),
      number(row.median_ms, 1),
      ratio(row.p10_ms, ours?.p10_ms),
      number(row.picture_p10_ms, 1),
      ratio(row.picture_p10_ms, ours?.picture_p10_ms),
      number(row.cold_ms, 0),
      megabytes(row.runtime_brotli_bytes),
      megabytes(row.model_brotli_bytes),
      number(row.memory_bytes == null ? null : row.memory_bytes / 1e6, 0),
    ]),
  );
}

/**
 * @param {Row[]} rows ours first
 * @param {string | null} [kind] of processor, where there is a table for each
 */
export function nativeTable(rows, kind) {
  const [ours] = rows;
  return markdown(
    [about('in the terminal', kind), 'network ms', 'median', 'x ours', 'photos/s', 'ours is x faster'],
    rows.map((row) => [
      name(row),
      number(row.p10_ms, 1),
      number(row.median_ms, 1),
      ratio(row.p10_ms, ours?.p10_ms),
      number(row.photos_per_second, 0),
      ratio(ours?.photos_per_second, row.photos_per_second),
    ]),
  );
}
