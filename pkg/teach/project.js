// What is being taught: classes, samples and settings, as one value that never changes.
//
// - Every operation returns a new project and leaves the old one as it is, so undo is to keep the old ones, and what is
//   being saved or fitted cannot change meanwhile. An operation that changes nothing returns the very same project.
// - A project holds no bytes of pictures and no embeddings: those never change, and are kept beside it by sample id.
// - Ids are random, not counted: after an undo a counter would give a new sample the id of one that redo still knows.

import { Failure } from '../engine/shared/failure.js';
import { SHARE, check, checkedRecipe } from './recipe.js';

/**
 * @typedef {import('./recipe.js').Recipe} Recipe
 *
 * @typedef {{ readonly id: string, readonly label: string }} Class
 *
 * @typedef {object} Sample
 * @property {string} id
 * @property {string} classId
 * @property {number} burst frames of one hold of the capture button share one; a file is its own
 * @property {string} name
 *
 * @typedef {object} Settings
 * @property {Readonly<Recipe>} recipe
 * @property {number} validation_share of the samples of each class, which are not fitted on
 * @property {number} false_rejections share of good pictures that may be answered with "none of these"
 *
 * @typedef {object} Project
 * @property {readonly Class[]} classes
 * @property {readonly Readonly<Sample>[]} samples in the order they were added
 * @property {Readonly<Settings>} settings
 */

// The limits of `src/core/head/mod.rs`: of a project with longer labels no model could be made.
export const CLASS_LIMIT = 10_000;
export const LABEL_LIMIT = 200;

/** @type {Project} */
export const EMPTY_PROJECT = {
  classes: [],
  samples: [],
  settings: { recipe: { seed: 1 }, validation_share: 0.2, false_rejections: 0.05 },
};

/** An id that nothing else has. */
export function newId() {
  // Not `randomUUID`, which pages without https do not have.
  const words = crypto.getRandomValues(new Uint32Array(4));
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');
}

/**
 * A burst number that no sample has yet.
 *
 * @param {Project} project
 */
export function nextBurst({ samples }) {
  return samples.reduce((next, { burst }) => Math.max(next, burst + 1), 0);
}

/**
 * @param {Project} project
 * @param {string} [label] without it "Class 1" or the next one that is free
 * @returns {Project} the new class is its last
 */
export function addClass(project, label = freeLabel(project)) {
  if (project.classes.length >= CLASS_LIMIT) {
    throw new Failure('too-many-classes', `A model can tell ${CLASS_LIMIT} classes apart, not more: remove one first.`);
  }
  return { ...project, classes: [...project.classes, { id: newId(), label: checkedLabel(project.classes, label) }] };
}

/**
 * @param {Project} project
 * @param {string} classId
 * @param {string} label
 * @returns {Project}
 */
export function renameClass(project, classId, label) {
  const { label: old } = classOf(project, classId);
  const others = project.classes.filter(({ id }) => id !== classId);
  const checked = checkedLabel(others, label);
  if (checked === old) return project;
  return { ...project, classes: project.classes.map((each) => (each.id === classId ? { ...each, label: checked } : each)) };
}

/**
 * Removes a class and its samples.
 *
 * @param {Project} project
 * @param {string} classId
 * @returns {Project}
 */
export function removeClass(project, classId) {
  classOf(project, classId);
  return {
    ...project,
    classes: project.classes.filter(({ id }) => id !== classId),
    samples: project.samples.filter((sample) => sample.classId !== classId),
  };
}

/**
 * @param {Project} project
 * @param {string} classId
 * @param {number} burst
 * @param {readonly { id: string, name: string }[]} samples their ids are from `newId`, so that bytes can be kept under them
 * @returns {Project}
 */
export function addSamples(project, classId, burst, samples) {
  classOf(project, classId);
  if (samples.length === 0) return project;
  return { ...project, samples: [...project.samples, ...samples.map(({ id, name }) => ({ id, classId, burst, name }))] };
}

/**
 * @param {Project} project
 * @param {Iterable<string>} ids
 * @returns {Project}
 */
export function removeSamples(project, ids) {
  const gone = new Set(ids);
  const samples = project.samples.filter(({ id }) => !gone.has(id));
  return samples.length === project.samples.length ? project : { ...project, samples };
}

/**
 * Gives samples to another class; their bursts and their order stay.
 *
 * @param {Project} project
 * @param {Iterable<string>} ids
 * @param {string} classId
 * @returns {Project}
 */
export function moveSamples(project, ids, classId) {
  classOf(project, classId);
  const moved = new Set(ids);
  const moves = (/** @type {Readonly<Sample>} */ sample) => moved.has(sample.id) && sample.classId !== classId;
  if (!project.samples.some(moves)) return project;
  return { ...project, samples: project.samples.map((sample) => (moves(sample) ? { ...sample, classId } : sample)) };
}

/**
 * @param {Project} project
 * @param {Partial<Settings>} settings those to change; a recipe replaces the whole recipe
 * @returns {Project}
 * @throws {Failure} `bad-recipe`
 */
export function changeSettings(project, settings) {
  const { recipe, validation_share, false_rejections } = { ...project.settings, ...settings };
  check('The validation share', validation_share, SHARE);
  check('The share of false rejections', false_rejections, SHARE);
  return { ...project, settings: { recipe: checkedRecipe(recipe), validation_share, false_rejections } };
}

/**
 * @param {Project} project
 * @returns {Map<string, number>} samples by class id, for every class
 */
export function countSamples({ classes, samples }) {
  const counts = new Map(classes.map(({ id }) => [id, 0]));
  for (const { classId } of samples) counts.set(classId, (counts.get(classId) ?? 0) + 1);
  return counts;
}

/**
 * What a fit needs beside the embeddings, which are to be in the order of `ids`. Classes without samples are not yet there.
 *
 * @param {Project} project
 * @returns {{ ids: string[], labels: string[], classes: Uint32Array, bursts: Uint32Array, settings: Readonly<Settings> }}
 *   for every sample a burst, and a class as an index into the labels
 */
export function fitInput({ classes, samples, settings }) {
  const begun = begunClasses({ classes, samples });
  const indices = new Map(begun.map(({ id }, index) => [id, index]));
  return {
    ids: samples.map(({ id }) => id),
    labels: begun.map(({ label }) => label),
    classes: Uint32Array.from(samples, ({ classId }) => indices.get(classId) ?? 0),
    bursts: Uint32Array.from(samples, ({ burst }) => burst),
    settings,
  };
}

/**
 * @param {Pick<Project, 'classes' | 'samples'>} project
 * @returns {Class[]} those that have samples
 */
export function begunClasses({ classes, samples }) {
  const begun = new Set(samples.map(({ classId }) => classId));
  return classes.filter(({ id }) => begun.has(id));
}

/**
 * @param {Project} project
 * @param {string} classId
 */
function classOf({ classes }, classId) {
  const found = classes.find(({ id }) => id === classId);
  if (!found) throw new Failure('no-such-class', 'That class is no longer there: choose another one, or undo its removal.');
  return found;
}

/**
 * @param {Project} project
 * @param {(number: number) => string} [name]
 * @returns {string} the first name from the number of classes on that none has
 */
export function freeLabel({ classes }, name = (number) => `Class ${number}`) {
  const taken = new Set(classes.map(({ label }) => label));
  let number = classes.length + 1;
  while (taken.has(name(number))) number++;
  return name(number);
}

/**
 * @param {readonly Class[]} others
 * @param {string} label
 */
function checkedLabel(others, label) {
  // Normalised, because the two ways to write "é" look like the same label twice.
  const trimmed = label.normalize('NFC').trim();
  if (trimmed === '') throw new Failure('bad-label', 'A class needs a name: type one.');
  if (new TextEncoder().encode(trimmed).length > LABEL_LIMIT) {
    throw new Failure('bad-label', `That name is longer than ${LABEL_LIMIT} bytes: shorten it.`);
  }
  // Lists of labels are files with one label a line.
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(trimmed)) {
    throw new Failure('bad-label', 'That name holds a line break or a broken character: take it out.');
  }
  if (others.some((other) => other.label === trimmed)) {
    throw new Failure('duplicate-label', `There is already a class “${trimmed}”: choose another name.`);
  }
  return trimmed;
}
