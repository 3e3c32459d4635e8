// The browser's half: `node tests/bench/browser.mjs [--quick] [--without-avx-vnni] [--models DIR]`, in the root of the project, after
// ./build.sh bench has built what it needs. Writes target/bench/browser.json.
//
// All engines live in iframes of one page and take turns, so that whatever else the machine does falls on all alike. A turn is two
// runs that do not count and five that do, of the network alone and then of the whole way from a picture.

import { rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, topLabels } from './answers.mjs';
import { WITHOUT_AVX_VNNI, open } from './chromium.mjs';
import { download } from './download.mjs';
import { EMBEDDED, ENGINES, SIMD128_ALONE } from './engines.mjs';
import { machine } from './processor.mjs';
import { percentile, summary } from './statistics.mjs';
import { name } from './table.mjs';

/**
 * @typedef {import('./engines.mjs').Entry} Entry
 * @typedef {import('./answers.mjs').Answer} Answer
 * @typedef {Awaited<ReturnType<typeof open>>} Chromium
 * @typedef {Record<'network' | 'picture', number[]>} Times
 */

const FULL = { turns: 12, loads: 5, frames: 1000 };
const QUICK = { turns: 3, loads: 1, frames: 50 };
const [DISCARDED, TIMED] = [2, 5];

// What cameras and phones give: how much of the time is preparation?
const SIZES = /** @type {[number, number][]} */ ([[640, 480], [1920, 1080], [4000, 3000]]);

const PICTURES = ['bed', 'chair', 'sofa', 'swivelchair', 'table'].map((label) => `www/samples/${label}.jpg`);
const OUT = 'target/bench/browser.json';

// Multiply-adds of MobileNetV2 1.0 at 224 pixels without its classifier, as the table of layers gives them.
const MACS = 299_494_272;

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Every engine in its frame. One that does not load is left out, and fails the run in the end.
 *
 * @param {Awaited<ReturnType<Chromium['together']>>} page
 */
async function loadTogether(page) {
  const runners = [];
  for (const entry of ENGINES) {
    say(`loading ${name(entry)}`);
    try {
      const bench = await page.add(entry);
      const [labels, lanes] = [await bench.evaluate((bench) => bench.labels()), await bench.evaluate((bench) => bench.lanes())];
      const answers = await bench.evaluate((bench) => bench.answers());
      runners.push({ entry, bench, labels, lanes, answers, times: /** @type {Times} */ ({ network: [], picture: [] }) });
    } catch (error) {
      say(`LEFT OUT: ${name(entry)} does not load: ${/** @type {Error} */ (error).message.split('\n')[0]}`);
      process.exitCode = 1;
    }
  }
  return runners;
}

/**
 * Ours, which the others are compared with.
 *
 * @param {Awaited<ReturnType<typeof loadTogether>>} runners
 * @param {boolean} withoutAvxVnni
 */
function firstOf([first], withoutAvxVnni) {
  if (first?.entry !== ENGINES[0] || !first?.labels) throw new Error('our own engine does not load: run ./build.sh build');
  const { bench, labels, lanes, answers } = first;
  if (withoutAvxVnni && lanes !== 'simd128') throw new Error(`V8 was told to do without AVX-VNNI, and ours still runs on ${lanes}`);
  return { bench, labels, answers };
}

/**
 * @param {Chromium} chromium
 * @param {number} turns
 * @param {boolean} withoutAvxVnni
 */
async function timeTogether(chromium, turns, withoutAvxVnni) {
  const page = await chromium.together();
  const runners = await loadTogether(page);
  const { bench, ...ours } = firstOf(runners, withoutAvxVnni);
  const peaks = [];
  for (let turn = 1; turn <= turns; turn++) {
    say(`turn ${turn} of ${turns}`);
    for (const { bench, times } of runners) {
      const found = await bench.evaluate((bench, discarded, timed) => bench.turn(discarded, timed), DISCARDED, TIMED);
      times.network.push(...found.network);
      times.picture.push(...found.picture);
      peaks.push(await page.peak());
    }
  }
  const sizes = await timeSizes(bench, turns);
  await page.close();
  return { ours, sizes, runners: runners.map(({ bench: _, ...rest }) => rest), peaks };
}

/**
 * Ours from pictures of other sizes.
 *
 * @param {import('puppeteer-core').JSHandle<import('./chromium.mjs').Bench>} bench
 * @param {number} turns
 */
async function timeSizes(bench, turns) {
  say('pictures of other sizes');
  const rows = [];
  for (const size of SIZES) {
    const found = await bench.evaluate((bench, ...rest) => bench.sized(...rest), size, DISCARDED, TIMED * turns);
    rows.push({ size, pixels_p10_ms: summary(found.pixels).p10, file_p10_ms: summary(found.file).p10 });
  }
  return rows;
}

/**
 * Loads each engine so many times, in turn; the last load stays for as many frames as memory is read after.
 *
 * @param {Chromium} chromium
 * @param {Entry[]} entries
 * @param {{ loads: number, frames: number }} amounts
 * @param {string} models
 */
async function loadAlone(chromium, entries, { loads, frames }, models) {
  /** @type {number[][]} */
  const millis = entries.map(() => []);
  const rest = [];
  for (let load = 1; load <= loads; load++) {
    say(`cold load ${load} of ${loads}`);
    for (const [at, entry] of entries.entries()) {
      const page = await chromium.alone(entry);
      millis[at]?.push(page.coldMillis);
      if (load === loads) {
        const memory = await page.bench.evaluate((bench, frames) => bench.memoryAfter(frames), frames);
        rest.push({ memory, ...download(page.files, models, entry.model ? [] : EMBEDDED) });
      }
      await page.close();
    }
  }
  return rest.map((row, at) => ({ ...row, coldMillis: percentile(/** @type {number[]} */ (millis[at]), 0.5) }));
}

/**
 * How much of the peak the network reaches.
 *
 * @param {number} peak billions of operations a second
 * @param {number[]} millis
 */
function shareOf(peak, millis) {
  return (2 * MACS) / (percentile(millis, 0.1) * 1e6) / peak;
}

/**
 * @param {{ entry: Entry, lanes: string | undefined, answers: Answer[], times: Times }} runner
 * @param {Awaited<ReturnType<typeof loadAlone>>[number]} loaded
 * @param {{ answers: Answer[], labels: string[] }} ours
 */
function row({ entry, lanes, answers, times }, loaded, ours) {
  const [network, picture] = [summary(times.network), summary(times.picture)];
  const { wrong, difference } = compare(ours.answers, answers);
  return {
    engine: entry.engine,
    threads: entry.threads,
    precision: entry.precision,
    ...(lanes && { lanes }),
    p10_ms: network.p10,
    median_ms: network.median,
    p90_ms: network.p90,
    picture_p10_ms: picture.p10,
    picture_median_ms: picture.median,
    picture_p90_ms: picture.p90,
    runs: times.network.length,
    cold_ms: loaded.coldMillis,
    runtime_raw_bytes: loaded.runtime.raw,
    runtime_gzip_bytes: loaded.runtime.gzip,
    runtime_brotli_bytes: loaded.runtime.brotli,
    model_brotli_bytes: loaded.model.brotli,
    memory_bytes: loaded.memory,
    answers: Object.fromEntries(topLabels(answers, ours.labels).map((label, at) => [basename(PICTURES[at] ?? ''), label])),
    wrong: wrong.map((at) => basename(PICTURES[at] ?? '')),
    largest_difference: difference,
  };
}

/**
 * The machine that Chromium's engines run on, as the rows tell it.
 *
 * @param {boolean} withoutAvxVnni V8 is told to do as if the processor had none
 */
function machineFor(withoutAvxVnni) {
  const { kind, words } = machine();
  if (withoutAvxVnni && kind !== 'with AVX-VNNI') throw new Error(`no AVX-VNNI to switch off is known of here: ${words}`);
  return { machine: words, kind: withoutAvxVnni ? 'without AVX-VNNI' : kind, avx_vnni_switched_off: withoutAvxVnni };
}

async function main() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      'without-avx-vnni': { type: 'boolean', default: false },
      models: { type: 'string', default: 'target/bench/models' },
    },
  });
  const withoutAvxVnni = values['without-avx-vnni'];
  const amounts = values.quick ? QUICK : FULL;
  const host = machineFor(withoutAvxVnni);
  // Should this fail, what another machine or another switch gave must not be published for it.
  rmSync(OUT, { force: true });
  const chromium = await open(values.models, PICTURES, withoutAvxVnni ? [WITHOUT_AVX_VNNI] : []);
  const { ours, runners, peaks, sizes } = await timeTogether(chromium, amounts.turns, withoutAvxVnni);
  const loaded = await loadAlone(chromium, runners.map(({ entry }) => entry), amounts, values.models);
  await chromium.close();

  // The highest of many short spells: what the registers can do, and never more.
  const peak = percentile(peaks, 0.9);
  const rows = runners.map((runner, at) => ({
    ...row(runner, /** @type {typeof loaded[number]} */ (loaded[at]), ours),
    browser: chromium.version,
    ...host,
    date: new Date().toISOString().slice(0, 10),
    ...(at === 0 && { sizes }),
    // The peak is that of plain `simd128`, so only what runs on nothing else has a share of it.
    ...(runner.entry === SIMD128_ALONE && { peak_gops: peak, share_of_peak: shareOf(peak, runner.times.network) }),
  }));
  writeFileSync(OUT, `${JSON.stringify(rows, null, 2)}\n`);
  const wrong = rows.filter((one) => one.wrong.length > 0);
  for (const one of wrong) {
    const answers = `${JSON.stringify(one.answers)}, probabilities up to ${one.largest_difference} away`;
    say(`WRONG: ${name(one)} differs from ours on ${one.wrong.join(', ')}: ${answers}`);
  }
  if (wrong.length > 0) process.exitCode = 1;
}

await main();
