// Advice: each kind just on either side of its bound, in words that a person can act on, most important first.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COSINE, advise } from '../../../pkg/teach/advice.js';
import { EMPTY_PROJECT, addClass, addSamples } from '../../../pkg/teach/project.js';

/** @typedef {import('../../../pkg/teach/project.js').Project} Project */

/**
 * A project with so many samples a class, each its own burst; their ids are class and number, as in mug3.
 *
 * @param {Record<string, number>} counts by label
 * @param {number} [burstSize]
 * @returns {Project}
 */
function projectOf(counts, burstSize = 1) {
  return Object.entries(counts).reduce((before, [label, count]) => {
    const project = addClass(before, label);
    const { id } = /** @type {{ id: string }} */ (project.classes.at(-1));
    return Array.from({ length: count }).reduce((/** @type {Project} */ grown, _, index) => {
      const burst = Math.floor(index / burstSize);
      return addSamples(grown, id, burst, [{ id: `${label}${index}`, name: `${label}${index}.jpg` }]);
    }, project);
  }, EMPTY_PROJECT);
}

/**
 * @param {Project} project
 * @param {Parameters<typeof advise>[1]} [known]
 * @returns {string[]} code, labels and text of each piece of advice
 */
function advice(project, known) {
  const labels = new Map(project.classes.map(({ id, label }) => [id, label]));
  return advise(project, known).map(({ code, classIds, text }) => `${code} [${classIds.map((id) => labels.get(id))}] ${text}`);
}

/**
 * @param {Project} project
 * @param {(label: string, index: number) => number[]} embed
 */
function embedded(project, embed) {
  return new Map(project.samples.map(({ id }) => [id, Float32Array.from(embed(id.replace(/\d+/, ''), Number(id.match(/\d+/))))]));
}

test('nothing is said of good samples', () => {
  assert.deepEqual(advice(projectOf({ mug: 10, phone: 40 })), []);
  assert.deepEqual(advice(projectOf({ mug: 20, phone: 20 }, 10)), []);
});

test('less than two classes', () => {
  assert.match(String(advice(EMPTY_PROJECT)), /^too-few-classes \[\] .*at least two: add another/);
  assert.match(String(advice(projectOf({ mug: 30 }))), /^too-few-classes \[mug\]/);
});

test('less than ten samples in a class', () => {
  assert.deepEqual(advice(projectOf({ mug: 9, phone: 10, pen: 0, cup: 10 })), [
    'too-few-samples [mug] “mug” has 9 samples: add some, 10 at the least and better 30.',
    'too-few-samples [pen] “pen” has no samples: add some, 10 at the least and better 30.',
  ]);
  assert.match(String(advice(projectOf({ mug: 1, phone: 4 }))), /“mug” has 1 sample:/);
});

test('a class from one burst', () => {
  assert.deepEqual(advice(projectOf({ mug: 12, phone: 13 }, 12)), [
    'single-burst [mug] All 12 samples of “mug” are from one burst, so its accuracy flatters: capture again from another place.',
  ]);
});

test('more than four times the samples of another class', () => {
  assert.deepEqual(advice(projectOf({ phone: 41, mug: 10, pen: 20 })), [
    'imbalance [phone,mug] “phone” has 41 samples and “mug” only 10, so the model will favour “phone”: add to the small one, or choose balanced class weights.',
  ]);
});

test('classes that validation confuses, the worst first', () => {
  const project = projectOf({ mug: 30, phone: 30, pen: 30, cup: 30 });
  const confusion = [
    [7, 0, 0, 3],
    [0, 8, 2, 0],
    [0, 0, 6, 4],
    [0, 0, 1, 1],
  ];
  assert.deepEqual(advice(project, { validation: { confusion } }), [
    'too-alike [pen,cup] 4 of 10 validation samples of “pen” were taken for “cup”: add samples that show the difference, or make them one class.',
    'too-alike [mug,cup] 3 of 10 validation samples of “mug” were taken for “cup”: add samples that show the difference, or make them one class.',
  ]);
  assert.deepEqual(advice(project, { validation: { confusion: [] } }), []);
});

test('classes whose embeddings are nearly the same, as long as nothing was validated', () => {
  const project = projectOf({ mug: 10, phone: 10, pen: 10 });
  const angle = (/** @type {number} */ cosine) => [cosine, Math.sqrt(1 - cosine * cosine), 0];
  const embed = (/** @type {number} */ cosine) =>
    embedded(project, (label, index) => {
      const base = label === 'mug' ? [1, 0, 0] : label === 'phone' ? angle(cosine) : [0, 0, 1];
      return base.map((value) => value * (index + 1 + Number(label === 'phone') / 2));
    });
  assert.deepEqual(advice(project, { embeddings: embed(COSINE - 0.001) }), []);
  assert.deepEqual(advice(project, { embeddings: embed(0.9765) }), [
    'too-alike [mug,phone] “mug” and “phone” look nearly the same to the network (cosine of their mean embeddings 0.977): add samples that show the difference, or make them one class.',
  ]);
  const confusion = [[2, 0, 0], [0, 2, 0], [0, 0, 2]];
  assert.deepEqual(advice(project, { embeddings: embed(0.99), validation: { confusion } }), []);
  assert.deepEqual(advice(project, { embeddings: embedded(project, () => [0, 0, 0]).set('mug0', Float32Array.of(1, 0, 0)) }).filter((line) => !line.startsWith('same')), []);
});

test('the same picture in two classes, once or often', () => {
  const project = projectOf({ mug: 10, phone: 10, pen: 10 });
  const distinct = () => embedded(project, (label, index) => ['mug', 'phone', 'pen'].map((each) => (each === label ? 1 + index : 0)));
  assert.deepEqual(advice(project, { embeddings: distinct() }), []);

  const within = distinct().set('mug1', Float32Array.of(1, 0, 0));
  assert.deepEqual(advice(project, { embeddings: within }), [], 'twice in one class is no contradiction');

  const once = distinct().set('phone4', Float32Array.of(3, 0, 0));
  assert.deepEqual(advice(project, { embeddings: once }), [
    'same-picture [mug,phone] The same picture is in “mug” and “phone” (the same embedding; mug2.jpg and phone4.jpg), and only one class can be right: remove the others.',
  ]);
  once.set('phone5', Float32Array.of(1, 0, 0)).set('pen0', Float32Array.of(5, 0, 0)).set('phone6', Float32Array.of(5, 0, 0));
  assert.deepEqual(
    advice(project, { embeddings: once }).map((line) => line.split(',  and')[0]),
    [
      'same-picture [mug,phone] 2 pictures are in “mug” and “phone” at once (the same embedding; first mug0.jpg and phone5.jpg), and only one class can be right: remove the others.',
      'same-picture [mug,phone,pen] The same picture is in “mug”, “phone” and “pen” (the same embedding; mug4.jpg, phone6.jpg and pen0.jpg), and only one class can be right: remove the others.',
    ],
  );
});

test('what is most important comes first', () => {
  const project = projectOf({ mug: 50, phone: 4 }, 100);
  const embeddings = embedded(project, () => [1, 1]);
  assert.deepEqual(advise(project, { embeddings }).map(({ code }) => code), ['same-picture', 'too-few-samples', 'too-alike', 'single-burst', 'single-burst', 'imbalance']);
});
