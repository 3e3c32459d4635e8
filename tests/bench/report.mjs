// Prints what was measured last: `node tests/bench/report.mjs [--publish]`. With --publish it also goes into the README, between two
// marks, into a drawing, and into the documentation.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { chart } from './chart.mjs';
import { publishFigures } from './figures.mjs';
import { browserTable, markdown, nativeTable, number, ratio } from './table.mjs';

const README = 'README.md';
const DRAWING = 'www/docs/speed.svg';
const [BEGIN, END] = ['<!-- speed: written by ./build.sh bench --publish -->', '<!-- speed: end -->'];

/**
 * @param {string} text
 * @param {string} section what is to stand between the marks
 */
export function between(text, section) {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${README} has no place for the figures: it needs the lines "${BEGIN}" and "${END}"`);
  return `${text.slice(0, begin + BEGIN.length)}\n${section}\n${text.slice(end)}`;
}

/**
 * @param {string} file
 * @returns {any[]} no rows where nothing was measured
 */
function rowsOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

/** What the processor calls itself, and how many cores there are. */
function machine() {
  const all = cpus();
  return `${all[0]?.model.trim() ?? 'an unknown processor'}, ${all.length} cores`;
}

/**
 * The whole way from pictures of several sizes, as times of the network alone.
 *
 * @param {{ p10_ms: number, sizes: { size: [number, number], pixels_p10_ms: number, file_p10_ms: number }[] }} ours
 */
export function preparation({ p10_ms: network, sizes }) {
  const rows = sizes.map(({ size: [width, height], pixels_p10_ms: pixels, file_p10_ms: file }) => [
    `${width} x ${height}`,
    number(pixels, 1),
    ratio(pixels, network),
    number(file, 1),
    ratio(file, network),
  ]);
  return markdown(['ours, from a picture of', 'pixels ms', 'x network', 'JPEG file ms', 'x network'], rows);
}

/**
 * @param {any[]} browser
 * @param {any[]} native
 */
function section(browser, native) {
  const [{ date, browser: version, runs, peak_gops: peak, share_of_peak: share }] = browser;
  return `
Measured on ${date} with \`./build.sh bench\`: ${machine()}, headless ${version}, ${runs} runs each. Milliseconds are the tenth percentile.
Plain \`simd128\` reaches ${peak.toFixed(0)} Gop/s on registers there; our network runs at ${(share * 100).toFixed(0)} % of that.

![Milliseconds a frame for each engine, as a bar chart](${DRAWING})

${browserTable(browser)}

${preparation(browser[0])}

Photos from file to class, decoded and resized, on all cores: ${native[0].photos}.

${nativeTable(native)}
`;
}

/**
 * @param {any[]} browser
 * @param {any[]} native
 */
function publish(browser, native) {
  if (browser.length === 0 || native.length === 0) throw new Error('not published: run ./build.sh bench for browser and native first');
  const wrong = [...browser, ...native].filter((row) => row.wrong?.length);
  if (wrong.length > 0) throw new Error(`not published: ${wrong.map((row) => row.engine).join(', ')} gave wrong answers`);
  writeFileSync(README, between(readFileSync(README, 'utf8'), section(browser, native)));
  writeFileSync(DRAWING, chart(browser, 'Milliseconds a frame for the network in the browser'));
  publishFigures();
}

function main() {
  const [browser, native] = [rowsOf('target/bench/browser.json'), rowsOf('target/bench/native.json')];
  if (browser.length > 0) console.log(`${browserTable(browser)}\n\n${preparation(browser[0])}\n`);
  if (native.length > 0) console.log(`${nativeTable(native)}\n`);
  if (process.argv.includes('--publish')) publish(browser, native);
}

if (process.argv[1] === import.meta.filename) main();
