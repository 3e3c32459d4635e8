// The answer in words and bars: when it is sure, when it is none, and how many rows there are.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Predictions, SURE, likeliest, summary, verdict } from '../../../pkg/element/predictions.js';
import { ENGLISH, loadWords } from '../../../pkg/words/words.js';
import { Writer } from '../../../pkg/words/writer.js';
import { elements } from './dom.mjs';

/**
 * @param {Record<string, number>} probabilities by label
 * @param {boolean} [rejected]
 */
function answerOf(probabilities, rejected = false) {
  return { predictions: Object.entries(probabilities).map(([label, probability]) => ({ label, probability })), rejected, millis: 1 };
}

/** @param {number} count */
function labels(count) {
  return Array.from({ length: count }, (_, index) => `label ${index}`);
}

/** @param {string[]} known */
function openPanel(known) {
  const parts = elements();
  const writer = new Writer(parts.root);
  const panel = new Predictions(parts, writer);
  panel.setLabels(known);
  /** @returns {string[]} of each row its name, its value, and a star where it has won */
  const rows = () =>
    parts.list.children.map((/** @type {import('./dom.mjs').FakeElement} */ row) => {
      const [name, bar, value] = row.children;
      return [name?.textContent, bar?.getAttribute('aria-valuenow'), value?.textContent, row.hasAttribute('data-best') ? '*' : ''].join(' ').trim();
    });
  return { panel, parts, writer, rows };
}

test('the likeliest is that with the highest probability, wherever it stands; the first of equals', () => {
  assert.equal(likeliest(answerOf({ bed: 0.1, sofa: 0.7, table: 0.2 }).predictions).label, 'sofa');
  assert.equal(likeliest(answerOf({ bed: 0.5, sofa: 0.5 }).predictions).label, 'bed');
});

for (const [what, probability, threshold, sure] of /** @type {[string, number, number, boolean][]} */ ([
  ['just at the threshold', SURE, SURE, true],
  ['just below it', SURE - 1e-9, SURE, false],
  ['certain, below a threshold of one', 0.999, 1, false],
  ['certain, at a threshold of one', 1, 1, true],
  ['whatever, at a threshold of zero', 0.2, 0, true],
])) {
  test(`an answer that is ${what} is ${sure ? '' : 'not '}sure, in the headline and in the table`, () => {
    const answer = answerOf({ sofa: probability, bed: 0 });
    const percent = ENGLISH.percent(probability);
    const unsure = { headline: ENGLISH.say('answer.unsure'), detail: ENGLISH.say('answer.perhaps', { label: 'sofa', percent }) };
    assert.deepEqual(verdict(ENGLISH, answer, threshold), sure ? { headline: 'sofa', detail: percent } : unsure);
    const cells = { answer: sure ? 'sofa' : ENGLISH.say('answer.unsure-perhaps', { label: 'sofa' }), certainty: percent };
    assert.deepEqual(summary(ENGLISH, answer, threshold), cells);
  });
}

test('what is none of the classes has no headline of its own, however likely the nearest is', () => {
  const answer = answerOf({ sofa: 0.99, bed: 0.01 }, true);
  const said = { headline: ENGLISH.say('answer.none'), detail: ENGLISH.say('answer.nearest', { label: 'sofa' }) };
  assert.deepEqual(verdict(ENGLISH, answer, 0), said);
  assert.deepEqual(summary(ENGLISH, answer, 0), { answer: ENGLISH.say('answer.spoken', said), certainty: '–' });
});

for (const [known, wanted, topK] of /** @type {[number, number | null, number][]} */ ([
  [0, null, 0],
  [1, null, 1],
  [10, null, 10],
  [11, null, 5],
  [1000, null, 5],
  [1000, 7, 7],
  [1000, 20, 20],
  [5, 20, 5],
  [8, 3, 3],
])) {
  test(`of ${known} labels ${topK} are asked for where ${wanted ?? 'nobody'} wants ${wanted === null ? 'any number' : 'them'}`, () => {
    const { panel, parts } = openPanel(labels(known));
    panel.setTopK(wanted);
    assert.deepEqual([panel.topK, parts.list.children.length], [topK, topK]);
  });
}

test('a short list keeps each label in its place, whatever the answer', () => {
  const { panel, rows } = openPanel(['bed', 'sofa', 'table']);
  assert.deepEqual(rows().map((row) => row.split(' ')[0]), ['bed', 'sofa', 'table']);
  panel.show(answerOf({ table: 0.7, bed: 0.2, sofa: 0.1 }), SURE);
  assert.deepEqual(rows(), ['bed 20 20%', 'sofa 10 10%', 'table 70 70% *']);
});

test('a long list is best first', () => {
  const { panel, rows } = openPanel(labels(11));
  panel.show(answerOf({ 'label 7': 0.6, 'label 2': 0.3, 'label 9': 0.1 }), SURE);
  assert.deepEqual(rows().slice(0, 3), ['label 7 60 60% *', 'label 2 30 30%', 'label 9 10 10%']);
});

test('what is none of the classes wins no bar', () => {
  const { panel, rows } = openPanel(['bed', 'sofa']);
  panel.show(answerOf({ bed: 0.9, sofa: 0.1 }, true), SURE);
  assert.deepEqual(rows(), ['bed 90 90%', 'sofa 10 10%']);
});

test('each answer takes the place of the one before', () => {
  const { panel, parts, rows } = openPanel(['bed', 'sofa']);
  panel.show(answerOf({ bed: 0.9, sofa: 0.1 }), SURE);
  panel.show(answerOf({ bed: 0.3, sofa: 0.7 }), SURE);
  assert.deepEqual(rows(), ['bed 30 30%', 'sofa 70 70% *']);
  assert.equal(parts.headline.textContent, 'sofa');
});

test('the headline says so where it is unsure', () => {
  const { panel, parts } = openPanel(['bed', 'sofa']);
  panel.show(answerOf({ bed: 0.55, sofa: 0.45 }), SURE);
  assert.deepEqual([parts.headline.textContent, parts.headline.hasAttribute('data-unsure')], [ENGLISH.say('answer.unsure'), true]);
  panel.show(answerOf({ bed: 0.95, sofa: 0.05 }), SURE);
  assert.deepEqual([parts.headline.textContent, parts.headline.hasAttribute('data-unsure')], ['bed', false]);
});

test('a headline that is a label is in the language of the labels, our own words in ours', () => {
  const { panel, parts } = openPanel(['Bett', 'Sofa']);
  panel.setLang('de');
  panel.show(answerOf({ Bett: 0.95, Sofa: 0.05 }), SURE);
  assert.equal(parts.headline.getAttribute('lang'), 'de');
  panel.show(answerOf({ Bett: 0.5, Sofa: 0.5 }), SURE);
  assert.equal(parts.headline.getAttribute('lang'), 'en');
  assert.equal(parts.list.lang, 'de');
});

test('cleared, it claims nothing', () => {
  const { panel, parts, rows } = openPanel(['bed', 'sofa']);
  panel.show(answerOf({ bed: 0.9, sofa: 0.1 }), SURE);
  panel.clear();
  assert.deepEqual([parts.headline.textContent, parts.detail.textContent], ['', '']);
  assert.equal(rows().some((row) => row.includes('*') || row.includes('%')), false);
});

test('another model has rows of its own', () => {
  const { panel, rows } = openPanel(['bed', 'sofa']);
  panel.show(answerOf({ bed: 0.9, sofa: 0.1 }), SURE);
  panel.setLabels(['mug', 'phone', 'pen']);
  assert.deepEqual(rows().map((row) => row.split(' ')[0]), ['mug', 'phone', 'pen']);
});

test('percents and verdicts are those of the language', async () => {
  const german = await loadWords('de');
  const answer = answerOf({ sofa: 0.876, bed: 0.124 });
  assert.deepEqual(verdict(german, answer, SURE), { headline: 'sofa', detail: '88\u00a0%' });
  assert.equal(verdict(german, answerOf({ sofa: 0.4, bed: 0.3 }), SURE).headline, german.say('answer.unsure'));
});
