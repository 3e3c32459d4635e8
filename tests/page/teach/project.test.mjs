// The project as a value: every operation gives a new one, and refuses what no model could be made of.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../pkg/teach/history.js';
import { EMPTY_PROJECT, addClass, addSamples, changeSettings, countSamples, fitInput, moveSamples, newId, nextBurst, removeClass, removeSamples, renameClass } from '../../../pkg/teach/project.js';

/** @typedef {import('../../../pkg/teach/project.js').Project} Project */

/**
 * @param {...string} labels
 * @returns {Project}
 */
function withClasses(...labels) {
  return labels.reduce((project, label) => frozen(addClass(project, label)), frozen(EMPTY_PROJECT));
}

/**
 * The same project, in which nothing can be written any more.
 *
 * @param {Project} project
 */
function frozen(project) {
  const freeze = (/** @type {object} */ value) => {
    for (const inner of Object.values(value)) if (typeof inner === 'object' && inner) freeze(inner);
    Object.freeze(value);
  };
  freeze(project);
  return project;
}

/**
 * @param {Project} project
 * @param {number} index of the class
 * @param {number} burst
 * @param {...string} ids
 */
function add(project, index, burst, ...ids) {
  return frozen(addSamples(project, classId(project, index), burst, ids.map((id) => ({ id, name: `${id}.jpg` }))));
}

/**
 * @param {Project} project
 * @param {number} index
 */
function classId({ classes }, index) {
  return String(classes[index]?.id);
}

/** @param {Project} project */
function labels({ classes }) {
  return classes.map(({ label }) => label);
}

/** @param {Project} project */
function ids({ samples }) {
  return samples.map(({ id }) => id).join('');
}

test('ids never repeat, and say nothing', () => {
  const many = Array.from({ length: 1000 }, newId);
  assert.equal(new Set(many).size, 1000);
  assert.ok(many.every((id) => /^[0-9a-f]{32}$/.test(id)));
});

test('classes get free names, and trimmed ones', () => {
  const two = addClass(addClass(EMPTY_PROJECT));
  assert.deepEqual(labels(two), ['Class 1', 'Class 2']);
  assert.deepEqual(labels(addClass(removeClass(two, classId(two, 0)))), ['Class 2', 'Class 3']);
  assert.deepEqual(labels(addClass(EMPTY_PROJECT, '  mug \n')), ['mug']);
  assert.deepEqual(labels(addClass(EMPTY_PROJECT, 'cafe\u0301')), ['caf\u00e9']);
  assert.deepEqual(labels(addClass(EMPTY_PROJECT, 'é'.repeat(100))), ['é'.repeat(100)]);
  assert.deepEqual(EMPTY_PROJECT.classes, []);
});

for (const [what, label, code] of /** @type {const} */ ([
  ['empty', '', 'bad-label'],
  ['only of spaces', ' \t ', 'bad-label'],
  ['over 200 bytes', 'é'.repeat(100) + 'x', 'bad-label'],
  ['of two lines', 'mug\ncup', 'bad-label'],
  ['with half a character', 'mug \ud83d', 'bad-label'],
  ['there already', ' mug', 'duplicate-label'],
  ['there already, written another way', 'cafe\u0301', 'duplicate-label'],
])) {
  test(`a label that is ${what} is refused, for a new class and an old one`, () => {
    const project = withClasses('mug', 'caf\u00e9', 'phone');
    const refusal = { name: 'MobilenetError', code, message: /: (type|shorten|take|choose)/ };
    assert.throws(() => addClass(project, label), refusal);
    assert.throws(() => renameClass(project, classId(project, 2), label), refusal);
  });
}

test('there is an end to classes', () => {
  const classes = Array.from({ length: 10_000 }, (_, index) => ({ id: String(index), label: String(index) }));
  assert.throws(() => addClass({ ...EMPTY_PROJECT, classes }), { code: 'too-many-classes' });
});

test('a class is renamed in its place; to its own name is no change', () => {
  const project = add(withClasses('mug', 'phone'), 0, 0, 'a');
  const renamed = renameClass(project, classId(project, 0), ' cup');
  assert.deepEqual(labels(renamed), ['cup', 'phone']);
  assert.equal(renamed.samples, project.samples);
  assert.equal(renameClass(project, classId(project, 0), 'mug '), project);
});

test('samples are added, counted, moved and removed, in order', () => {
  let project = add(add(add(withClasses('mug', 'phone', 'pen'), 0, 0, 'a', 'b'), 1, 1, 'c'), 0, 2, 'd');
  assert.equal(ids(project), 'abcd');
  assert.deepEqual([...countSamples(project).values()], [3, 1, 0]);
  assert.equal(nextBurst(project), 3);
  assert.equal(nextBurst(EMPTY_PROJECT), 0);

  project = frozen(moveSamples(project, ['a', 'c'], classId(project, 1)));
  assert.equal(ids(project), 'abcd');
  const { classes, bursts, ...rest } = fitInput(project);
  assert.deepEqual([[...classes], [...bursts]], [[1, 0, 1, 0], [0, 0, 1, 2]]);
  assert.deepEqual(rest, { ids: ['a', 'b', 'c', 'd'], labels: ['mug', 'phone'], settings: EMPTY_PROJECT.settings });

  assert.equal(ids(removeSamples(project, new Set(['b', 'd', 'x']))), 'ac');
  assert.equal(ids(removeClass(project, classId(project, 1))), 'bd');
});

test('a fit has the classes that have samples, and no other', () => {
  const project = add(add(withClasses('first', 'mug', 'none', 'phone', 'last'), 3, 0, 'a'), 1, 1, 'b', 'c');
  const { labels, classes } = fitInput(project);
  assert.deepEqual([labels, [...classes]], [['mug', 'phone'], [1, 0, 0]]);
  assert.deepEqual(fitInput(withClasses('mug', 'phone')).labels, []);
});

test('what changes nothing gives the same project, so it is no step to undo', () => {
  const project = add(withClasses('mug'), 0, 0, 'a');
  assert.equal(addSamples(project, classId(project, 0), 1, []), project);
  assert.equal(removeSamples(project, ['x']), project);
  assert.equal(moveSamples(project, ['a', 'x'], classId(project, 0)), project);
});

test('a class that is gone takes nothing', () => {
  const project = withClasses('mug');
  for (const act of [renameClass, removeClass]) assert.throws(() => act(project, 'gone', 'x'), { code: 'no-such-class' });
  assert.throws(() => addSamples(project, 'gone', 0, [{ id: 'a', name: 'a' }]), { code: 'no-such-class' });
  assert.throws(() => moveSamples(project, [], 'gone'), { code: 'no-such-class', message: /undo its removal/ });
});

test('settings change one by one; the recipe as a whole', () => {
  const project = changeSettings(EMPTY_PROJECT, { validation_share: 0.3 });
  assert.deepEqual(project.settings, { recipe: { seed: 1 }, validation_share: 0.3, false_rejections: 0.05 });
  const recipe = /** @type {const} */ ({ features: 'last', dropout: 0, learning_rate: 0.1, schedule: 'cosine', weight_decay: 0.01, label_smoothing: 0.1, class_weights: 'balanced', batch: 8, epochs: 3, patience: 1 });
  assert.deepEqual(changeSettings(project, { recipe }).settings.recipe, recipe);
});

for (const settings of /** @type {any[]} */ ([
  { validation_share: 1 },
  { validation_share: '0.2' },
  { false_rejections: -0.1 },
  { recipe: null },
  { recipe: [] },
  { recipe: { seed: -1 } },
  { recipe: { seed: 2 ** 32 } },
  { recipe: { dropout: 1 } },
  { recipe: { learning_rate: 0 } },
  { recipe: { learning_rate: NaN } },
  { recipe: { schedule: 'step' } },
  { recipe: { features: 'first' } },
  { recipe: { weight_decay: -1 } },
  { recipe: { label_smoothing: 1 } },
  { recipe: { class_weights: true } },
  { recipe: { batch: 1.5 } },
  { recipe: { epochs: 0 } },
  { recipe: { epochs: 10_001 } },
  { recipe: { patience: Infinity } },
  { recipe: { momentum: 0.9 } },
  { recipe: { constructor: 1 } },
])) {
  test(`settings ${JSON.stringify(settings)} are refused`, () => {
    assert.throws(() => changeSettings(EMPTY_PROJECT, settings), { name: 'MobilenetError', code: 'bad-recipe' });
  });
}

test('undo and redo walk over the projects; a change forgets what was undone', () => {
  const [one, two, three] = [withClasses('a'), withClasses('a', 'b'), withClasses('c')];
  const history = new History(one);
  assert.deepEqual([history.canUndo, history.canRedo, history.undo(), history.redo()], [false, false, one, one]);
  history.change(two);
  assert.deepEqual([history.canUndo, history.canRedo], [true, false]);
  assert.equal(history.undo(), one);
  assert.equal(history.redo(), two);
  history.undo();
  history.change(three);
  assert.deepEqual([history.present, history.canRedo, history.redo()], [three, false, three]);
  assert.equal(history.undo(), one);
});

test('a change to the present project is none', () => {
  const history = new History(EMPTY_PROJECT);
  history.change(withClasses('a'));
  const undone = history.undo();
  assert.deepEqual(history.change(undone), []);
  assert.deepEqual([history.canUndo, history.canRedo], [false, true]);
});

test('joined changes are one step, but the first change of all is one', () => {
  const base = withClasses('mug');
  const [one, two] = [add(base, 0, 0, 'a'), add(base, 0, 0, 'a', 'b')];
  const history = new History(base);
  history.change(one, { joined: true });
  assert.deepEqual(history.change(two, { joined: true }), []);
  assert.equal(history.undo(), base);
  assert.equal(history.redo(), two);
});

test('samples that nothing brings back are named, once', () => {
  const base = withClasses('mug');
  const history = new History(base, 2);
  const both = add(base, 0, 0, 'a', 'b');
  assert.deepEqual(history.change(both), []);
  assert.deepEqual(history.change(removeSamples(both, ['a'])), [], 'undo still has it');
  history.undo();
  history.undo();
  assert.deepEqual(history.change(add(base, 0, 1, 'c')).sort(), ['a', 'b'], 'redo had both');

  assert.deepEqual(history.change(removeSamples(history.present, ['c'])), []);
  assert.deepEqual(history.change(add(base, 0, 1, 'd')), []);
  assert.deepEqual(history.change(add(base, 0, 1, 'd', 'e')), ['c'], 'two steps back it was gone');
  assert.equal(ids(history.undo()), 'd');
  assert.equal(ids(history.undo()), '');
  assert.equal(history.canUndo, false);
});

test('a joined change that takes a sample out names it', () => {
  const base = withClasses('mug');
  const history = new History(base);
  history.change(add(base, 0, 0, 'a'));
  assert.deepEqual(history.change(add(base, 0, 0, 'b'), { joined: true }), ['a']);
});

test('history is bounded', () => {
  let project = withClasses('mug');
  const history = new History(project);
  for (let index = 0; index < 3000; index++) {
    project = addSamples(project, classId(project, 0), index, [{ id: String(index), name: '' }]);
    history.change(project);
  }
  let steps = 0;
  while (history.canUndo) steps += Number(Boolean(history.undo()));
  assert.equal(steps, 500);
  assert.equal(history.present.samples.length, 2500);
});
