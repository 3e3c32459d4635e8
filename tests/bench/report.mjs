// Prints what was measured last: `node tests/bench/report.mjs [--publish]`. With --publish it also goes into the README, between two
// marks, into a drawing, and into the documentation. Processors with AVX-VNNI and those without have a place each, since engines differ
// most there; what was measured on one kind leaves the other's figures as they are.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { chart } from './chart.mjs';
import { publishFigures } from './figures.mjs';
import { about, browserTable, markdown, nativeTable, number, ratio } from './table.mjs';

/** @typedef {import('./processor.mjs').Kind} Kind */

const README = 'README.md';

/** @param {Kind} kind */
function drawingOf(kind) {
  return `www/docs/speed-${kind.toLowerCase().replaceAll(' ', '-')}.svg`;
}

/**
 * @param {string} text
 * @param {string} section what is to stand between the marks
 * @param {Kind} kind whose marks
 */
export function between(text, section, kind) {
  const [first, last] = [`<!-- speed, ${kind}: written by ./build.sh bench --publish -->`, `<!-- speed, ${kind}: end -->`];
  const [begin, end] = [text.indexOf(first), text.indexOf(last)];
  if (begin < 0 || end < begin) throw new Error(`${README} has no place for the figures: it needs the lines "${first}" and "${last}"`);
  return `${text.slice(0, begin + first.length)}\n${section}\n${text.slice(end)}`;
}

/**
 * @param {string} file
 * @returns {any[]} no rows where nothing was measured
 */
function rowsOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

/**
 * The whole way from pictures of several sizes, as times of the network alone.
 *
 * @param {{ p10_ms: number, sizes: { size: [number, number], pixels_p10_ms: number, file_p10_ms: number }[] }} ours
 * @param {Kind | null} [kind]
 */
export function preparation({ p10_ms: network, sizes }, kind) {
  const rows = sizes.map(({ size: [width, height], pixels_p10_ms: pixels, file_p10_ms: file }) => [
    `${width} x ${height}`,
    number(pixels, 1),
    ratio(pixels, network),
    number(file, 1),
    ratio(file, network),
  ]);
  return markdown([`${about('ours', kind)}, from a picture of`, 'pixels ms', 'x network', 'JPEG file ms', 'x network'], rows);
}

/**
 * Which instructions ours ran on.
 *
 * @param {any[]} browser
 */
export function paths(browser) {
  const [first, second] = browser.filter((row) => row.lanes).map((row) => `\`${row.lanes}\``);
  if (first === second) return `Both rows of ours ran on ${first}: what they differ by is chance.`;
  return `The first row of ours ran on ${first}${second ? `, the second on ${second}` : ''}.`;
}

/**
 * Where it was measured.
 *
 * @param {any} row
 */
function place({ machine, avx_vnni_switched_off: off }) {
  return off ? `${machine}, V8's AVX-VNNI switched off, so that all engines run as on an x86 processor without it` : machine;
}

/**
 * @param {any[]} native
 * @param {Kind} kind
 */
function terminal(native, kind) {
  return `Photos from file to class, decoded and resized, on all cores: ${native[0].photos}.

${nativeTable(native, kind)}`;
}

/**
 * @param {any[]} browser
 * @param {any[]} native
 * @param {Kind} kind
 */
export function section(browser, native, kind) {
  const [first] = browser;
  const { date, avx_vnni_switched_off: off, browser: version, runs } = first;
  const { peak_gops: peak, share_of_peak: share } = browser.find((row) => row.share_of_peak);
  const percent = (share * 100).toFixed(0);
  const command = off ? './build.sh bench browser --without-avx-vnni' : './build.sh bench';
  return `
**${kind[0]?.toUpperCase()}${kind.slice(1)}.** Measured on ${date} with \`${command}\`:
${place(first)}; headless ${version}, ${runs} runs each. Milliseconds are the tenth percentile.
Plain \`simd128\` reaches ${peak.toFixed(0)} Gop/s on registers there; our network runs at ${percent} % of that without relaxed SIMD.

![Milliseconds a frame for each engine ${kind}, as a bar chart](${drawingOf(kind)})

${browserTable(browser, kind)}

${paths(browser)}

${preparation(first, kind)}

${off ? 'The switch is of the browser alone, so there are no figures of the terminal here.' : terminal(native, kind)}
`;
}

/**
 * Why these figures are not to be published; empty where they may be.
 *
 * @param {any[]} browser
 * @param {any[]} native not asked for where a switch of V8's makes it another machine than the terminal's
 */
export function objection(browser, native) {
  const [first] = browser;
  const off = first?.avx_vnni_switched_off;
  if (!first || (native.length === 0 && !off)) return 'run ./build.sh bench for browser and native first';
  if (!first.kind) return `${README} has figures of x86 processors with AVX-VNNI and without, and this is neither: ${first.machine}`;
  if (!browser.some((row) => row.share_of_peak)) return 'ours without relaxed SIMD was left out';
  const wrong = [...browser, ...(off ? [] : native)].filter((row) => row.wrong?.length);
  return wrong.length > 0 ? `${wrong.map((row) => row.engine).join(', ')} gave wrong answers` : '';
}

/**
 * @param {any[]} browser
 * @param {any[]} native
 */
function publish(browser, native) {
  const reason = objection(browser, native);
  if (reason) throw new Error(`not published: ${reason}`);
  const [{ kind }] = browser;
  writeFileSync(README, between(readFileSync(README, 'utf8'), section(browser, native, kind), kind));
  writeFileSync(drawingOf(kind), chart(browser, `Milliseconds a frame for the network in the browser, ${kind}`));
  publishFigures();
}

function main() {
  const [browser, native] = [rowsOf('target/bench/browser.json'), rowsOf('target/bench/native.json')];
  if (browser.length > 0) {
    const [first] = browser;
    console.log(`${place(first)}\n\n${browserTable(browser)}\n\n${paths(browser)}\n\n${preparation(first)}\n`);
  }
  if (native.length > 0) console.log(`${nativeTable(native)}\n`);
  if (process.argv.includes('--publish')) publish(browser, native);
}

if (process.argv[1] === import.meta.filename) main();
