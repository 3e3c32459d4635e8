// The table of several files: every file keeps its row, whatever became of it, and all of them can be kept.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure, cancelled } from '../../../pkg/engine/shared/failure.js';
import { ROWS, Results } from '../../../pkg/element/results.js';
import { ENGLISH, loadWords } from '../../../pkg/words/words.js';
import { Writer } from '../../../pkg/words/writer.js';
import { settled, takeClock } from './clock.mjs';
import { FakeElement, catchDownloads, elements } from './dom.mjs';

const ANSWER = { predictions: [{ label: 'sofa', probability: 0.9 }, { label: 'bed', probability: 0.1 }], rejected: false, millis: 5 };
const REFUSAL = new Failure('corrupt-picture', 'it is cut off. Choose another one');

function openTable() {
  const parts = elements();
  const root = new FakeElement();
  root.append(parts.rows, parts.count, parts.more);
  const writer = new Writer(/** @type {any} */ (root));
  const results = new Results(parts, writer);
  results.setLabels(['bed', 'sofa']);
  /** @type {unknown[]} */
  const chosen = [];
  const add = (/** @type {string[]} */ ...names) => names.map((name) => results.add(name, (answer) => chosen.push([name, answer])));
  /** @returns {string[]} of each row its cells, and whether it failed */
  const rows = () => parts.rows.children.map((/** @type {FakeElement} */ row) => `${row.children.map(({ textContent }) => textContent).join(' | ')}${row.hasAttribute('data-failed') ? ' !' : ''}`);
  const button = (/** @type {number} */ index) => parts.rows.children[index].children[0].children[0];
  return { parts, results, writer, add, rows, button, chosen };
}

const WAITING = ENGLISH.say('results.waiting');

test('one file needs no table, two have one', () => {
  const { parts, results, add } = openTable();
  add('a.jpg');
  assert.deepEqual([parts.box.hidden, results.shown], [true, false]);
  add('b.jpg');
  assert.deepEqual([parts.box.hidden, results.shown], [false, true]);
});

test('a file waits in its row, and is answered there', () => {
  const { add, rows } = openTable();
  const [line] = add('a.jpg');
  assert.deepEqual(rows(), [`a.jpg | ${WAITING}`]);
  line?.answer(ANSWER);
  assert.deepEqual(rows(), ['a.jpg | sofa | 90%']);
});

test('rows stay in the order in which the files came, whichever is answered first', () => {
  const { add, rows, results } = openTable();
  const [, second] = add('a.jpg', 'b.jpg');
  second?.answer(ANSWER);
  assert.deepEqual(rows(), [`a.jpg | ${WAITING}`, 'b.jpg | sofa | 90%']);
  assert.deepEqual(results.all.map(({ name }) => name), ['b.jpg']);
});

test('a file that fails says why in its own row, and leaves the others theirs', () => {
  const { add, rows } = openTable();
  const [bad, good] = add('bad.jpg', 'good.jpg');
  bad?.fail(REFUSAL);
  good?.answer(ANSWER);
  assert.deepEqual(rows(), [`bad.jpg | ${ENGLISH.explain(REFUSAL).text} !`, 'good.jpg | sofa | 90%']);
});

test('what became of each file is there for scripts, with codes and without looks', () => {
  const { add, results } = openTable();
  const [bad, good, strange] = add('bad.jpg', 'good.jpg', 'strange.jpg', 'waits.jpg');
  bad?.fail(REFUSAL);
  good?.answer(ANSWER);
  strange?.answer({ ...ANSWER, rejected: true });
  const { predictions } = ANSWER;
  assert.deepEqual(results.all, [
    { name: 'bad.jpg', predictions: [], rejected: false, error: { code: 'corrupt-picture', message: REFUSAL.message } },
    { name: 'good.jpg', predictions, rejected: false, error: null },
    { name: 'strange.jpg', predictions, rejected: true, error: null },
  ]);
});

test('it counts what is done; progress and stop go when all is', async () => {
  const { parts, add } = openTable();
  const lines = add('a', 'b', 'c', 'd');
  await settled();
  const count = (/** @type {number} */ done) => [ENGLISH.say('results.count', { done, all: 4 }), done / 4, done === 4, done === 4];
  const shown = () => [parts.count.textContent, parts.progress.value, parts.progress.hidden, parts.stop.hidden];
  assert.deepEqual(shown(), count(0));
  for (const [index, line] of lines.entries()) {
    if (index % 2) line.fail(REFUSAL);
    else line.answer(ANSWER);
    await settled();
    assert.deepEqual(shown(), count(index + 1));
  }
});

test('files that were cancelled are done as well', async () => {
  const { parts, add } = openTable();
  for (const line of add('a', 'b')) line.fail(cancelled());
  await settled();
  assert.equal(parts.stop.hidden, true);
});

test('a thousand files are counted once, not a thousand times', async () => {
  const { parts, add } = openTable();
  let writes = 0;
  Object.defineProperty(parts.progress, 'value', { set: () => writes++ });
  add(...Array.from({ length: 1000 }, (_, index) => String(index)));
  await settled();
  assert.equal(writes, 1);
});

test('beyond a hundred rows the rest is shown on demand, a hundred at a time', async () => {
  const { parts, add } = openTable();
  add(...Array.from({ length: 2 * ROWS + 50 }, (_, index) => String(index)));
  await settled();
  for (const [shown, rest] of [[100, 150], [200, 50], [250, 0]]) {
    assert.equal(parts.rows.children.length, shown);
    assert.equal(parts.more.hidden, rest === 0);
    if (rest) assert.equal(parts.more.textContent, ENGLISH.say('results.more', { count: Math.min(rest, ROWS), rest }));
    parts.more.click();
    await settled();
  }
});

test('a file that was answered out of sight has its answer once its row is shown', () => {
  const { parts, add, rows } = openTable();
  add(...Array.from({ length: ROWS + 1 }, (_, index) => String(index))).at(-1)?.answer(ANSWER);
  parts.more.click();
  assert.equal(rows().at(-1), `${ROWS} | sofa | 90%`);
});

test('an answered file can be seen again by its name; one that waits or failed cannot', () => {
  const { add, button, chosen } = openTable();
  const [good, bad] = add('good', 'bad', 'waits');
  good?.answer(ANSWER);
  bad?.fail(REFUSAL);
  assert.deepEqual([0, 1, 2].map((index) => button(index).disabled), [false, true, true]);
  for (const index of [0, 1, 2]) button(index).click();
  assert.deepEqual(chosen, [['good', ANSWER]]);
});

test('a table that is cleared has no rows, no results, and is not to be seen', () => {
  const { parts, results, add, rows } = openTable();
  add('a', 'b')[0]?.answer(ANSWER);
  results.clear();
  assert.deepEqual([rows(), results.all, results.shown, parts.box.hidden], [[], [], false, true]);
});

test('a file of a table that was cleared counts in no later one', async () => {
  const { parts, results, add } = openTable();
  const [late] = add('a', 'b');
  results.clear();
  const [c, d] = add('c', 'd');
  late?.fail(cancelled());
  await settled();
  assert.equal(parts.count.textContent, ENGLISH.say('results.count', { done: 0, all: 2 }));
  for (const line of [c, d]) line?.answer(ANSWER);
  await settled();
  assert.equal(parts.stop.hidden, true);
});

test('rows are said anew in another language, also what waits and what failed', async () => {
  const { add, rows, writer } = openTable();
  const [bad] = add('bad.jpg', 'waits.jpg');
  bad?.fail(REFUSAL);
  const german = await loadWords('de');
  writer.setWords(german);
  assert.deepEqual(rows(), [`bad.jpg | ${german.explain(REFUSAL).text} !`, `waits.jpg | ${german.say('results.waiting')}`]);
});

test('all results can be kept, as CSV and as JSON, with the labels in the order of the model', async (t) => {
  takeClock(t);
  const downloads = catchDownloads(t);
  const { parts, add } = openTable();
  const [good, bad] = add('good.jpg', '=bad.jpg');
  good?.answer(ANSWER);
  bad?.fail(REFUSAL);
  parts.csv.click();
  parts.json.click();
  const [csv, json] = await Promise.all(downloads.map(async ({ name, content }) => ({ name, text: await content.text() })));
  assert.deepEqual(csv, {
    name: 'results.csv',
    text: `file,answer,certainty,rejected,error,bed,sofa\r\ngood.jpg,sofa,0.9,false,,0.1,0.9\r\n'=bad.jpg,,,,${REFUSAL.message},,\r\n`,
  });
  assert.equal(json?.name, 'results.json');
  assert.deepEqual(JSON.parse(String(json?.text)).map((/** @type {any} */ { name, error }) => [name, error?.code]), [['good.jpg', undefined], ['=bad.jpg', 'corrupt-picture']]);
});
