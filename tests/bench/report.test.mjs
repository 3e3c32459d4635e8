// What the figures are made with: percentiles, ratios, tables, the drawing, and the check that catches wrong answers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, topLabels } from './answers.mjs';
import { chart } from './chart.mjs';
import { refresh } from './figures.mjs';
import { between, objection, paths, preparation, section } from './report.mjs';
import { percentile, summary } from './statistics.mjs';
import { browserTable, markdown, nativeTable, ratio } from './table.mjs';

const OURS = {
  engine: 'ours',
  threads: 1,
  precision: 'int8',
  lanes: 'relaxed-simd',
  p10_ms: 10,
  median_ms: 11,
  picture_p10_ms: 12,
  cold_ms: 100,
  photos_per_second: 50,
};
const PEER = {
  engine: 'a & b',
  threads: 2,
  precision: 'f32',
  p10_ms: 25,
  median_ms: 26,
  picture_p10_ms: 30,
  cold_ms: null,
  photos_per_second: 20,
};

const PLAIN = { ...OURS, engine: 'ours, plain', lanes: 'simd128', p10_ms: 15 };
const SIZES = [{ size: /** @type {[number, number]} */ ([640, 480]), pixels_p10_ms: 12, file_p10_ms: 25 }];

/** As the browser's half writes them. */
const MEASURED = [
  { ...OURS, sizes: SIZES },
  { ...PLAIN, peak_gops: 91.2, share_of_peak: 0.68 },
  PEER,
].map((row) => ({
  ...row,
  browser: 'Chrome/156',
  runs: 60,
  date: '2026-12-01',
  machine: 'Xeon with AVX-VNNI, 2 cores',
  kind: /** @type {string | null} */ ('with AVX-VNNI'),
  avx_vnni_switched_off: false,
}));
const SWITCHED_OFF = MEASURED.map((row) => ({
  ...row,
  ...(row.engine === 'ours' && { lanes: 'simd128' }),
  kind: 'without AVX-VNNI',
  avx_vnni_switched_off: true,
}));
const NATIVE = [{ ...OURS, engine: 'ours (avx-vnni)', photos: '300 photos' }, PEER];

test('percentiles lie between their neighbours, whatever the order', () => {
  const values = [40, 10, 30, 20, 50];
  assert.deepEqual([0, 0.1, 0.5, 0.9, 1].map((share) => percentile(values, share)), [10, 14, 30, 46, 50]);
  assert.deepEqual(summary([7]), { p10: 7, median: 7, p90: 7 });
  assert.deepEqual(values, [40, 10, 30, 20, 50], 'the caller keeps its order');
  assert.throws(() => percentile([], 0.5));
});

test('a ratio says how many times as long as ours, and nothing where a time is missing', () => {
  assert.equal(ratio(25, 10), '2.50');
  assert.equal(ratio(null, 10), '');
  assert.equal(ratio(25, undefined), '');
  assert.equal(ratio(25, 0), '');
});

test('tables line up and name what is wrong', () => {
  assert.equal(markdown(['x', 'long'], [['ab', '1']]), '| x   | long |\n| --- | ---: |\n| ab  |    1 |');
  const lines = browserTable([OURS, { ...PEER, wrong: ['sofa.jpg'] }]).split('\n');
  const [, , ours, peer] = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  assert.deepEqual(ours?.slice(1, 8), ['ours int8', '10.0', '11.0', '1.00', '12.0', '1.00', '100']);
  assert.deepEqual(peer?.slice(1, 8), ['a & b f32, 2 threads (WRONG ANSWERS)', '25.0', '26.0', '2.50', '30.0', '2.50', '']);
  assert.match(nativeTable([OURS, PEER]), /\| a & b f32, 2 threads \| +25\.0 \| +26\.0 \| +2\.50 \| +20 \| +2\.50 \|/);
});

test('preparation is told as times of the network', () => {
  assert.match(preparation({ p10_ms: 10, sizes: SIZES }), /\| 640 x 480 +\| +12\.0 \| +1\.20 \| +25\.0 \| +2\.50 \|$/);
});

test('the drawing stands alone and says what it shows', () => {
  const drawn = chart([OURS, PEER], 'Time');
  assert.match(drawn, /<title id="title">Time<\/title>/);
  assert.match(drawn, /<desc id="desc">ours int8: 10\.0 ms; a &amp; b f32, 2 threads: 25\.0 ms\.<\/desc>/);
  assert.match(drawn, /25\.0 ms, 2\.50 x/);
  assert.doesNotMatch(drawn, /<script|href|& b/);
  assert.equal(chart([OURS, PLAIN, PEER], 'Time').match(/class="ours"/g)?.length, 2, 'both of ours stand out');
});

test('only what stands between the marks of the README is replaced', () => {
  /** @param {string} kind */
  const marks = (kind) => [`<!-- speed, ${kind}: written by ./build.sh bench --publish -->`, `<!-- speed, ${kind}: end -->`];
  const [[begin, end], [otherBegin, otherEnd]] = [marks('with AVX-VNNI'), marks('without AVX-VNNI')];
  /** @type {(one: string, other: string) => string} */
  const readme = (one, other) => `before\n${begin}\n${one}\n${end}\nbetween\n${otherBegin}\n${other}\n${otherEnd}\nafter`;
  assert.equal(between(readme('old', 'old'), 'new', 'with AVX-VNNI'), readme('new', 'old'));
  assert.equal(between(readme('old', 'old'), 'new', 'without AVX-VNNI'), readme('old', 'new'));
  assert.throws(() => between('no marks', 'new', 'with AVX-VNNI'), /has no place .*speed, with AVX-VNNI: end/);
  assert.throws(() => between(`${begin}\n${end}`, 'new', 'without AVX-VNNI'), /has no place .*speed, without AVX-VNNI: end/);
});

test('a section names the processor and the path, and its tables have names of their own', () => {
  const text = section(MEASURED, NATIVE, 'with AVX-VNNI');
  assert.match(text, /^\n\*\*With AVX-VNNI\.\*\* Measured on 2026-12-01 with `\.\/build\.sh bench`:\nXeon with AVX-VNNI, 2 cores; headless/);
  assert.match(text, /reaches 91 Gop\/s on registers there; our network runs at 68 % of that without relaxed SIMD\./);
  assert.match(text, /\nThe first row of ours ran on `relaxed-simd`, the second on `simd128`\.\n/);
  assert.match(text, /\(www\/docs\/speed-with-avx-vnni\.svg\)/);
  assert.match(text, /^\| ours, with AVX-VNNI, from a picture of \|/m);
  assert.match(text, /^\| in the terminal, with AVX-VNNI \|/m);
  assert.match(text, /300 photos/);
  assert.match(text, /[^\n]\n$/);
});

test('a section says that something was switched off, and has no figures of the terminal then', () => {
  const text = section(SWITCHED_OFF, NATIVE, 'without AVX-VNNI');
  assert.match(text, /^\n\*\*Without AVX-VNNI\.\*\* .*`\.\/build\.sh bench browser --without-avx-vnni`:\n/);
  assert.match(text, /\nXeon with AVX-VNNI, 2 cores, V8's AVX-VNNI switched off, so that/);
  assert.match(text, /Both rows of ours ran on `simd128`/);
  assert.match(text, /\(www\/docs\/speed-without-avx-vnni\.svg\)/);
  assert.doesNotMatch(text, /\| in the terminal|300 photos/);
  assert.equal(paths([OURS, PEER]), 'The first row of ours ran on `relaxed-simd`.', 'where the other was left out');
});

test('figures are published only whole, right, and of a processor that has a place', () => {
  assert.equal(objection(MEASURED, NATIVE), '');
  assert.equal(objection(SWITCHED_OFF, []), '', 'the terminal has no part in it');
  assert.match(objection([], NATIVE), /run \.\/build\.sh bench/);
  assert.match(objection(MEASURED, []), /run \.\/build\.sh bench/);
  assert.match(objection(MEASURED.map((row) => ({ ...row, kind: null })), NATIVE), /neither: Xeon/);
  assert.match(objection(MEASURED.filter((row) => row.engine !== PLAIN.engine), NATIVE), /left out/);
  assert.match(objection(MEASURED, [{ ...PEER, wrong: ['sofa'] }]), /^a & b gave wrong answers$/);
  assert.equal(objection(SWITCHED_OFF, [{ ...PEER, wrong: ['sofa'] }]), '');
});

test('an engine that answers differently is caught, by either way, and so is one that answers no numbers', () => {
  const sure = { picture: [0.95, 0.05], input: [0.97, 0.03] };
  const unsure = { picture: [0.6, 0.4], input: [0.6, 0.4] };
  const swapped = { picture: [0.05, 0.95], input: [0.03, 0.97] };
  assert.deepEqual(compare([sure, unsure], [sure, unsure]), { wrong: [], difference: 0 });
  assert.deepEqual(compare([sure, unsure], [swapped, unsure]).wrong, [0]);
  assert.deepEqual(compare([sure], [{ ...sure, picture: swapped.picture }]).wrong, [0]);
  assert.deepEqual(compare([unsure], [{ ...unsure, picture: [0.4, 0.6] }]).wrong, [], 'where ours is not sure, resizing may decide');
  assert.deepEqual(compare([sure], [{ ...sure, input: [0.973, 0.027] }]).wrong, [], 'rounding differently');
  assert.deepEqual(compare([sure], [{ ...sure, input: [0.953, 0.047] }]).wrong, [0], 'as far off as half the contrast');
  assert.deepEqual(compare([sure], [{ ...sure, picture: [NaN, 0] }]).wrong, [0]);
  assert.deepEqual(compare([sure], [{ ...sure, input: [NaN, 0.03] }]).wrong, [0]);
  assert.deepEqual(compare([sure], [{ picture: [0.95, 0.05, 0], input: [0.97, 0.03, 0] }]).wrong, [0], 'classes of another model');
  assert.ok(Math.abs(compare([sure], [{ ...sure, input: [0.9, 0.1] }]).difference - 0.07) <= 1e-12);
  assert.deepEqual(topLabels([sure, swapped], ['bed', 'sofa']), ['bed', 'sofa']);
});

test('figures of the README are repeated between marks of the documentation, and nothing else of it changes', () => {
  const readme = '# A\n\n## Speed\n\nIn `ms`, <ours> first:\n\n| engine | ms |\n| --- | ---: |\n| `a` | 1.5 |\n\n## Other\n\nnot this\n';
  const page = 'before\n  <!-- README.md: Speed -->\n  old\n  <!-- end -->\nafter';
  const lines = refresh(page, () => readme).split('\n').map((line) => line.trim());
  assert.deepEqual(lines, [
    'before',
    '<!-- README.md: Speed -->',
    '<p>In <code>ms</code>, &lt;ours> first:</p>',
    '<div class="wide" role="region" tabindex="0" aria-label="Speed: engine"><table>',
    '<thead><tr><th scope="col">engine</th><th scope="col" class="number">ms</th></tr></thead>',
    '<tbody>',
    '<tr><th scope="row"><code>a</code></th><td class="number">1.5</td></tr>',
    '</tbody>',
    '</table></div>',
    '<!-- end -->',
    'after',
  ]);
  assert.throws(() => refresh(page, () => '# A'), /no section "Speed"/);
});
