// The browser's half: `node tests/bench/browser.mjs [--quick] [--models DIR]`, in the root of the project, after ./build.sh bench has
// built what it needs. Writes target/bench/browser.json.
//
// All engines live in iframes of one page and take turns, so that whatever else the machine does falls on all alike. A turn is two
// runs that do not count and five that do, of the network alone and then of the whole way from a picture.

import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, topLabels } from './answers.mjs';
import { open } from './chromium.mjs';
import { download } from './download.mjs';
import { EMBEDDED, ENGINES } from './engines.mjs';
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
      const [labels, answers] = [await bench.evaluate((bench) => bench.labels()), await bench.evaluate((bench) => bench.answers())];
      runners.push({ entry, bench, labels, answers, times: /** @type {Times} */ ({ network: [], picture: [] }) });
    } catch (error) {
      say(`LEFT OUT: ${name(entry)} does not load: ${/** @type {Error} */ (error).message.split('\n')[0]}`);
      process.exitCode = 1;
    }
  }
  return runners;
}

/**
 * @param {Chromium} chromium
 * @param {number} turns
 */
async function timeTogether(chromium, turns) {
  const page = await chromium.together();
  const runners = await loadTogether(page);
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
  const sizes = runners[0] ? await timeSizes(runners[0].bench, turns) : [];
  await page.close();
  return { sizes, runners: runners.map(({ bench: _, ...rest }) => rest), peaks };
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
 * @param {{ entry: Entry, answers: Answer[], times: Times }} runner
 * @param {Awaited<ReturnType<typeof loadAlone>>[number]} loaded
 * @param {Answer[]} ours
 * @param {string[]} labels
 */
function row({ entry, answers, times }, loaded, ours, labels) {
  const [network, picture] = [summary(times.network), summary(times.picture)];
  const { wrong, difference } = compare(ours, answers);
  return {
    engine: entry.engine,
    threads: entry.threads,
    precision: entry.precision,
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
    answers: Object.fromEntries(topLabels(answers, labels).map((label, at) => [basename(PICTURES[at] ?? ''), label])),
    wrong: wrong.map((at) => basename(PICTURES[at] ?? '')),
    largest_difference: difference,
  };
}

async function main() {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, models: { type: 'string', default: 'target/bench/models' } } });
  const amounts = values.quick ? QUICK : FULL;
  const chromium = await open(values.models, PICTURES);
  const { runners, peaks, sizes } = await timeTogether(chromium, amounts.turns);
  const loaded = await loadAlone(chromium, runners.map(({ entry }) => entry), amounts, values.models);
  await chromium.close();

  const [first] = runners;
  if (!first?.labels) throw new Error('our own engine does not load: run ./build.sh build');
  const { answers: ours, labels } = first;
  // The highest of many short spells: what the registers can do, and never more.
  const peak = percentile(peaks, 0.9);
  const rows = runners.map((runner, at) => ({
    ...row(runner, /** @type {typeof loaded[number]} */ (loaded[at]), ours, labels),
    browser: chromium.version,
    date: new Date().toISOString().slice(0, 10),
    ...(at === 0 && { sizes, peak_gops: peak, share_of_peak: (2 * MACS) / (percentile(runner.times.network, 0.1) * 1e6) / peak }),
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
